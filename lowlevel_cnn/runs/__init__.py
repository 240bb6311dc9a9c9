"""What a run directory holds: the record, rows of metrics, the lock, event files."""
