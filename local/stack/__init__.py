"""Weir on one machine: the MiniStack emulator, the real `sam deploy`, and a little glue."""
