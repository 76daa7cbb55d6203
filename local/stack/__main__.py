"""The command line: `python -m local.stack up` and `python -m local.stack down`.

WEIR_PORT names the first of the stack's ports (4566; 0 finds some), WEIR_FOLDER where it keeps
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

from .local_stack import PORTS, LocalStack, StackError
from .ports import free_ports
from .processes import locked
from .up import down, up

LAST_PORT = 65_536 - PORTS


def main() -> int:
    """Run the command; return the exit status."""
    parser = argparse.ArgumentParser(prog="local.stack", description=__doc__)
    parser.add_argument("command", choices=["up", "down"])
    command = {"up": up, "down": down}[parser.parse_args().command]
    # So that an ending by SIGTERM cleans up as one by Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        folder = Path(os.environ.get("WEIR_FOLDER", ROOT / ".local")).resolve()
        stack = LocalStack(folder, port_of(os.environ.get("WEIR_PORT", "4566"), folder))
        stack.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        stack.logs.mkdir(exist_ok=True)
        with locked(stack.folder / "command.lock"):
            command(stack)
    except BlockingIOError:
        print("Another make up or make down is at work in this folder.", file=sys.stderr)
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
    """Return the first port of the stack in *folder*; 0 stands for the one it has, or any."""
    if not text.isdecimal() or int(text) > LAST_PORT:
        raise StackError(f"WEIR_PORT must be a number up to {LAST_PORT}, and is {text!r}.")
    if port := int(text):
        return port
    running = LocalStack(folder, 0).read_summary()
    return urlsplit(running["endpoint_url"]).port if running else free_ports()


if __name__ == "__main__":
    sys.exit(main())
