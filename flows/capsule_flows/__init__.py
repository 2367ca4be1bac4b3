"""What happens to a trial: read, check, seal, submit, settle, judge, replay."""
