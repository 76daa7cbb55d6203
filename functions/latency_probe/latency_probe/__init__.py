"""Measures the round trip to network targets as exactly as the kernel can, without privileges."""
