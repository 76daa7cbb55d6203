"""The canary: sends one message each minute, as any client does, and checks that it was stored.

A minute: `handler` sends a message and looks up the earlier ones (`api`), and publishes how
`message` judges them.

A pre-traffic check: `validator_check` or `uploader_check` invokes a version that has no traffic
yet, and looks for the object; `release` reports to CodeDeploy. `make smoke` uses `api` and
`message`. Imports run one way: the three handlers, then release and api, then message.
"""
