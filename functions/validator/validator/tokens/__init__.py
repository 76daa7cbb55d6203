"""Tokens: who is calling, by the tokens that SSM keeps."""
