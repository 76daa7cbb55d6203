"""The validator checks token and contract of a message, queues it and answers with a receipt.

A POST: `handler` (routes, all parts), `http/request` (the event), `tokens/access`, `store`,
`parameters`, `signature` (who sends it), `http/submission`, `http/cloudevents` (its items),
`contracts/registry`, `intake/intake` (each item: `json_text`, `contracts/faults`, `message_id`,
`context`, `message`; all: `idempotency`, `queue`), `telemetry` (log, metrics), `http/answers`.

A look-up: `handler`, `http/request`, `tokens/access`, `contracts/registry`, `receipts`.
A request for the latency: `authorizer`, `tokens/access`.

`problems` holds every refusal, `aws` the clients, their connections and time limits, `deadline` the
time that a request has left. Imports go one way: handler and authorizer, then http, telemetry and
receipts, then intake, then contracts and tokens, then deadline, aws and problems.
"""
