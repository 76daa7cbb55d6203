"""What a person runs against any stack, on one machine or in production.

Before a deployment: `plan` shows what would change, `previous` keeps the way back.
After it: `token` makes a client's token, `smoke` sends one message and sees it stored.
When something went wrong: `replay` puts messages back. To know the limits: `load` sends many.
Below these: `project` (the repository), `stages` (samconfig.toml), `deployed` (a stack by name).
"""
