"""Makes a client's token: a SecureString in SSM, printed once.

    python -m operations.token --client acme --stage dev

The AWS account, region and endpoint are those of the caller's environment, as for the AWS CLI.
"""

import argparse
import re
import secrets
import sys

import boto3
from botocore.exceptions import BotoCoreError, ClientError

_CLIENT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_STAGE = re.compile(r"[a-z][a-z0-9-]{0,15}")


def parameter_name(client: str, stage: str) -> str:
    """Return the name of the SSM parameter that holds the token of *client*."""
    if not _CLIENT.fullmatch(client):
        sys.exit("A client is named with 1 to 63 of a-z, 0-9 and -, and begins with no hyphen.")
    if not _STAGE.fullmatch(stage):
        sys.exit("A stage is named with 1 to 16 of a-z, 0-9 and -, and begins with a letter.")
    return f"/weir/{stage}/tokens/{client}"


def make_token(client: str, stage: str, *, replace: bool = False) -> str:
    """Put a new random token of *client* into SSM and return it."""
    token = secrets.token_urlsafe(32)
    name = parameter_name(client, stage)
    try:
        boto3.client("ssm").put_parameter(
            Name=name,
            Value=token,
            Type="SecureString",
            Overwrite=replace,
            Description=f"Weir: the token of the client {client}",
        )
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "ParameterAlreadyExists":
            sys.exit(
                f"{client} has a token already. To rotate without downtime make one for"
                f" {client}-2, move the sender, then delete {name}; --replace changes it at once."
            )
        sys.exit(f"SSM refused: {error}")
    except BotoCoreError as error:
        sys.exit(f"SSM could not be reached: {error}")
    return token


def main() -> None:
    """Make the token that the command line asks for."""
    parser = argparse.ArgumentParser(prog="make_token", description="Make a client's token.")
    parser.add_argument("--client", required=True, help="the sender's name: a-z, 0-9 and -")
    parser.add_argument("--stage", default="dev", help="the stack's Stage parameter (dev)")
    parser.add_argument(
        "--replace", action="store_true", help="replace a token; the old one ends in five minutes"
    )
    arguments = parser.parse_args()
    print(make_token(arguments.client, arguments.stage, replace=arguments.replace))


if __name__ == "__main__":
    main()
