"""What the emulator lacks, put beside it by public AWS API calls alone.

Each module has one thing: `refused_types` leaves out of the built template what the emulator would
refuse, `routes` makes the HTTP API answer, `permissions` says them as the emulator asks for them,
`numbers` mends a number that is taken for text, `embedded_metrics` takes metrics out of log lines,
and `service_metrics` gives those that AWS's own services would. docs/local.md lists what cannot be
shown at all.
"""
