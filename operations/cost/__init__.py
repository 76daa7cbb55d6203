"""The bill before it comes: `make cost`.

`prices` reads the one data file of dated prices, `prices.toml`, and what was measured.
`rest` is the bill of a month without a message, `million` that of a million messages, `extras` what
options and queries add, `neighbours` what AWS's own ways cost instead, and `month` one month at a
rate. `report` prints all of it, and docs/costs.md holds what it prints.
"""
