"""AWS's errors, told to a person: what is wrong, and what to do about it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    NoCredentialsError,
    NoRegionError,
)


@contextmanager
def told() -> Iterator[None]:
    """End the program with a sentence where AWS cannot be asked, refuses, or Ctrl-C is typed."""
    try:
        yield
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
        raise SystemExit(130) from None
    except (BotoCoreError, ClientError) as error:
        raise SystemExit(sentence(error)) from None


def sentence(error: Exception) -> str:
    """Return what *error* means, and what helps."""
    match error:
        case NoRegionError():
            return "AWS needs a region: export AWS_DEFAULT_REGION=eu-central-1 (or yours)."
        case NoCredentialsError():
            return "AWS needs credentials: sign in first (aws sso login, or AWS_PROFILE=...)."
        case EndpointConnectionError():
            return f"{error} Where AWS_ENDPOINT_URL leads to a stack that is down: make up."
        case ClientError() if "does not exist" in error.response["Error"].get("Message", ""):
            return (
                f"{error.response['Error']['Message']}. STACK_NAME=... names a stack of the"
                " account and region that AWS_PROFILE and AWS_DEFAULT_REGION choose."
            )
    return f"AWS refused: {error}"
