"""Run `sam local` against the stack that `make up` started.

    python -m local.sam_local invoke UploaderFunction --event events/uploader/batch.json
    python -m local.sam_local start-api

What follows the module's name goes to `sam local` as it is. The command is shown before it runs.
"""

import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from operations.deployed import STACK_FILE, on_this_machine, read_stack
from operations.project import ROOT, SAM

from .environment import MACHINE, variables_of_functions, write
from .port_forwarding import bridge_address, reachable_from_containers

FOLDER = STACK_FILE.parent
ENV_FILE = FOLDER / "env.json"
TEMPLATE = FOLDER / "build" / "template.yaml"


def main() -> int:
    """Run `sam local` with the arguments of the command line; return its exit status."""
    deployed, stack = on_this_machine(), read_stack()
    formation = deployed.client("cloudformation")
    functions = variables_of_functions(formation, deployed.client("lambda"), stack["stack_name"])
    write(ENV_FILE, functions)
    described = formation.describe_stacks(StackName=stack["stack_name"])["Stacks"][0]
    parameters = {each["ParameterKey"]: each["ParameterValue"] for each in described["Parameters"]}
    command = sam_command(sys.argv[1:], parameters["Architecture"], TEMPLATE, ENV_FILE)
    print(f"$ {shlex.join(command)}", file=sys.stderr)
    ports = {int(port) for port in re.findall(rf"{MACHINE}:(\d+)", ENV_FILE.read_text())}
    with reachable_from_containers(bridge_address(), ports):
        sam = subprocess.Popen(command, cwd=ROOT, env=environment(stack))
        # SAM ends its containers before itself, at Ctrl-C (which it gets as well) and at SIGTERM.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: sam.terminate())
        return sam.wait()


def sam_command(arguments: list[str], architecture: str, template: Path, env: Path) -> list[str]:
    """Return the `sam local` command for *arguments*."""
    return [
        *(*SAM, "local", *arguments, "--template", str(template), "--env-vars", str(env)),
        *("--parameter-overrides", f"Architecture={architecture}"),
        *("--add-host", f"{MACHINE}:host-gateway"),
    ]


def environment(stack: dict[str, str]) -> dict[str, str]:
    """Return the user's environment, with the stack's AWS settings in place of the user's.

    A variable that the template declares would come from here, were it not in the env file.
    """
    user = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return user | {
        "AWS_ACCESS_KEY_ID": stack["access_key_id"],
        "AWS_SECRET_ACCESS_KEY": stack["secret_access_key"],
        "AWS_DEFAULT_REGION": stack["region"],
        "SAM_CLI_TELEMETRY": "0",
    }


if __name__ == "__main__":
    sys.exit(main())
