"""The ways to send one probe, and the reply that every way returns."""
