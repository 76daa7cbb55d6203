"""Puts messages back into the queue: from the dead-letter queue and from quarantine."""
