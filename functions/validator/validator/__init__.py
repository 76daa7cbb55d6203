"""Weir's validator: checks token and contract of a message, queues it, answers with a receipt."""
