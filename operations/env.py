"""The environment of a shell that speaks to a stack: eval "$(make -s env)".

    python -m operations.env [--stack-name weir-dev]

API_URL and TOKEN are for senders. For the one-machine stack there are also the variables by which
the AWS command line and boto3 reach its emulator. Type `exit` when it was a shell of its own, or
`eval "$(make -s env UNSET=1)"`, before you speak to a real account again.
"""

import argparse
import shlex
from collections.abc import Iterator

from .deployed import Deployed, find
from .told import told

AWS_NAMES = (
    *("AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"),
    *("AWS_REGION", "AWS_PROFILE", "AWS_SESSION_TOKEN"),
)
NAMES = ("API_URL", "TOKEN", "BUCKET", "QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "STACK")


def variables(deployed: Deployed) -> dict[str, str]:
    """Return the variables that lead to the stack."""
    found = {
        "API_URL": deployed.api_url,
        "TOKEN": deployed.token,
        "BUCKET": deployed.bucket,
        "QUEUE_URL": deployed.queue_url,
        "DEAD_LETTER_QUEUE_URL": deployed.dead_letter_queue_url,
        "STACK": deployed.stack_name,
    }
    if deployed.endpoint_url:
        keys = deployed.session.get_credentials()
        assert keys  # noqa: S101 (the one-machine stack's are in its file)
        found |= {
            "AWS_ENDPOINT_URL": deployed.endpoint_url,
            "AWS_ACCESS_KEY_ID": keys.access_key,
            "AWS_SECRET_ACCESS_KEY": keys.secret_key,
            "AWS_DEFAULT_REGION": deployed.session.region_name,
        }
    return found


def lines(deployed: Deployed) -> Iterator[str]:
    """Yield what a shell is to evaluate; what would lead elsewhere is taken away."""
    found = variables(deployed)
    if deployed.endpoint_url:
        yield "unset " + " ".join(name for name in AWS_NAMES if name not in found)
    for name, value in found.items():
        yield f"export {name}={shlex.quote(value)}"


def main() -> None:
    """Print the lines, or those that take them back."""
    parser = argparse.ArgumentParser(prog="env", description=__doc__.split("\n\n")[0])
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    parser.add_argument("--unset", action="store_true", help="take the variables back")
    arguments = parser.parse_args()
    if arguments.unset:
        print("unset " + " ".join([*NAMES, *AWS_NAMES]))
        return
    with told():
        print("\n".join(lines(find(arguments.stack_name))))


if __name__ == "__main__":
    main()
