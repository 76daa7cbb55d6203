"""Weir on one machine: the MiniStack emulator, the real `sam deploy`, and a little glue.

`make up`, file by file: `__main__` reads the settings, `up` goes through the steps, `emulator` and
`sidecar` are the two processes (`processes`) that stay, `deployment` runs SAM and applies `glue`,
and `demo` sends the first messages. `parameters` checks what was given, `synced_code` replaces what
`make sync` (`sync`) has left, and `local_stack` says where all of it is.
"""
