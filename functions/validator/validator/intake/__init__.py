"""Intake: the way of each item from JSON text to a message that SQS has confirmed."""
