"""What the emulator lacks, put beside it by public AWS API calls alone.

At a deployment: `refused_types` leaves out of the built template what the emulator would refuse,
`routes` makes the HTTP API answer, `permissions` grants actions by the names that the emulator
checks, and `event_sources` sets a number that it keeps as text.
All the time: `metric_relay` publishes metrics, which `embedded_metrics` and `service_metrics` take
from `log_lines`, queues and requests, and `observations` puts into few calls.
docs/local.md lists what cannot be shown at all.
"""
