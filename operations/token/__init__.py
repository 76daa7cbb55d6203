"""Makes, rotates, limits, suspends, lists and removes clients and their tokens.

`__main__` is the command line, `entry` what is written about a client, `signing` the secrets of
clients that sign webhooks, `clients` where all of it is written.
"""
