"""Makes, rotates, limits, suspends, lists and removes clients and their tokens.

`__main__` is the command line, `entry` what is written about a client, `clients` where it is
written.
"""
