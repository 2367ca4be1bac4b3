"""The data check, from a file's bytes to findings."""
