"""`make load`: many messages through a deployed stack, and a verdict on what was lost."""
