"""Contracts: what a message must satisfy; `models` is the file to add one to."""
