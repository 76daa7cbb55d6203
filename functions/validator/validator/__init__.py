"""The validator checks token and contract of a message, queues it and answers with a receipt.

A POST: `handler` (routes; puts all parts together), `http/request` (the event), `tokens/access`,
`store`, `parameters` (who sends it), `http/submission` (its items), `contracts/registry`,
`intake/intake` (each item: `json_text`, `contracts/faults`, `message_id`, `message`; all together:
`idempotency`, `queue`), `telemetry` (log and metrics), `http/answers`.

A look-up: `handler`, `http/request`, `tokens/access`, `contracts/registry`, `receipts`.
A request for the latency: `authorizer`, `tokens/access`.

`problems` holds every refusal, `aws` the clients, their connections and time limits, `deadline` the
time that a request has left. Imports go one way: handler and authorizer, then http, telemetry and
receipts, then intake, then contracts and tokens, then deadline, aws and problems.
"""
