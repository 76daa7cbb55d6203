"""What stands between an account and a working stack: `make doctor`.

It only reads, with the caller's own credentials; a test alarm, on request, is the one thing that it
writes. `place` is where it looks and with which parameters, `answer` what a check may say.
`account` asks what the account allows, `targets` what the probe's targets need, `pipeline` whether
GitHub's role fits the repository, `stack` what a deployed stack still lacks. `__main__` puts the
checks in order, prints a line for each as it comes, and ends with what is left to do.
"""
