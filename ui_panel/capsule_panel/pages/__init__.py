"""What a person opens: the list, a capsule, a trial."""
