"""The command line: `python -m local.stack up [NAME=value ...]`, `... down` and `... sync`.

NAME is a parameter of the template; the stack keeps it until it is down. WEIR_PORT names the first
of the stack's ports (those that it has, else 4566; 0 finds some), WEIR_FOLDER where it keeps
everything (.local in the project).
"""

import argparse
import os
import signal
import sys
from pathlib import Path
from urllib.parse import urlsplit

from botocore.exceptions import BotoCoreError, ClientError

from operations.project import ROOT

from . import parameters
from .local_stack import PORTS, LocalStack, StackError
from .ports import free_ports
from .processes import locked
from .sync import sync
from .up import down, services, up

LAST_PORT = 65_536 - PORTS
USUAL_PORT = 4566


def main() -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="local.stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down", "sync"])
    parser.add_argument("parameters", nargs="*", metavar="NAME=value", help="for up")
    arguments = parser.parse_args()
    # So that an ending by SIGTERM cleans up as one by Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        folder = Path(os.environ.get("WEIR_FOLDER", ROOT / ".local")).resolve()
        stack = LocalStack(folder, port_of(os.environ.get("WEIR_PORT", ""), folder))
        given = parameters.parse(arguments.parameters, parameters.declarations())
        stack.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.logs.mkdir(exist_ok=True)
        if arguments.command == "sync":
            with locked(stack.folder / "sync.lock"):
                sync(stack)
            return 0
        with locked(stack.folder / "command.lock"):
            if arguments.command == "up":
                up(stack, given)
            else:
                down(stack)
    except BlockingIOError:
        print("Another make up, down or sync is at work in this folder.", file=sys.stderr)
    except StackError as error:
        print(error, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"The emulator did not do as it was asked: {error}", file=sys.stderr)
        print(f"Its log is in {stack.logs}.", file=sys.stderr)
    except KeyboardInterrupt:
        print("Interrupted.", file=sys.stderr)
    else:
        return 0
    return 1


def port_of(text: str, folder: Path) -> int:
    """Return the first port of the stack in *folder*.

    Without a number it is the one that a running stack has, else the usual one; 0 is any.
    """
    if text and (not text.isdecimal() or int(text) > LAST_PORT):
        raise StackError(f"WEIR_PORT must be a number up to {LAST_PORT}, and is {text!r}.")
    if port := int(text or 0):
        return port
    stack = LocalStack(folder, 0)
    running = stack.read_summary()
    if running and any(service.alive for service in services(stack)):
        found: int = urlsplit(running["endpoint_url"]).port
        return found
    return free_ports() if text else USUAL_PORT


if __name__ == "__main__":
    sys.exit(main())
