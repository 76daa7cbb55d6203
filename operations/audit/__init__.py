"""Names each accepted message that is not stored, queued or quarantined."""
