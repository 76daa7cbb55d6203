"""The secrets of clients that sign webhooks: made here, or given by whoever sends."""

import base64
import getpass
import secrets
import sys

from validator.tokens.signature import SCHEMES, Signing

# Stripe makes its secrets itself, so there is none to be made here.
MADE_BY_THE_SENDER = {"stripe"}

__all__ = ["SCHEMES"]


def new_secret(scheme: str, *, given: bool) -> str:
    """Return a secret for *scheme*: made now, or read from standard input if it is *given*."""
    if scheme not in SCHEMES:
        sys.exit(f"SCHEME is one of {', '.join(SCHEMES)}.")
    if given or scheme in MADE_BY_THE_SENDER:
        return _given(scheme)
    if scheme == "standard-webhooks":
        return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
    return secrets.token_urlsafe(32)


def _given(scheme: str) -> str:
    prompt = f"The secret that the sender shows ({scheme}): "
    secret = (getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline()).strip()
    try:
        Signing.from_entry(scheme=scheme, secrets=[secret])
    except ValueError as error:
        sys.exit(f"Nothing was written, as {scheme} has other secrets: {error}")
    return secret
