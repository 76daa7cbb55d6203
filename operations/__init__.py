"""What a person runs against any stack, on one machine or in production.

Before a deployment: `doctor` names what is in its way, `cost` prints the bill, `plan` shows what
would change, `previous` keeps the way back.
After it: `token` makes a client's token, `smoke` sends one message and sees it stored.
Every day: `send` sends one message, `show` lists what a stack holds, `logs` what its functions say,
and `env` gives a shell the variables that lead to it.
To ask the stored messages in SQL: `query`. To measure a round trip by hand: `measure`.
When something went wrong: `replay` puts messages back. To know the limits: `load` sends many.
Below these: `project` (the repository), `stages` (samconfig.toml), `deployed` (a stack by name),
`stored` (messages in the bucket), `told` (AWS's errors in plain words).
"""
