"""Measure the round trip to network targets as exactly as the kernel can, without privileges.

The way of a schedule, file by file:

1. `handler` reads `settings` once per execution environment, and logs what `host` finds out.
2. `measurement` measures all targets side by side. For each: `target` is the host and port,
   `resolution` finds the address, `sampling` spaces the probes, `summary` sums up the replies.
3. `probes/` sends one probe: `methods` chooses `tcp` or `icmp`, `reply` is the result, and
   `failure` turns an error number into a reply.
4. `figures` is the table of all numbers: a new one is one row there.
5. `history` compares the round trip with the target's last hours.
6. `telemetry` writes the figures as metrics and the log lines.

The way of a GET /metrics: `handler` asks `render/negotiation` for the form, takes the newest
measurement from `cache` (or does steps 2 to 4), and `render/as_json` or `render/as_prometheus`
writes the answer. On the command line, `__main__` does steps 2 to 4 and prints a table or JSON.
"""
