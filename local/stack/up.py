"""`make up` and `make down`: the steps, each shown with its seconds."""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import time

import boto3

from local.sam_local import environment
from operations.stages import stack_name

from . import deployment, emulator
from .glue.refused_types import LEFT_OUT
from .machine import CLIENT, REGION, Keys, Machine, StackError
from .ports import check_ports
from .processes import Service
from .progress import step
from .tour import tour


def services(machine: Machine) -> list[Service]:
    """Return the processes that a running stack has, in the order in which they end."""
    return [Service(name, machine.folder) for name in ("gateway", "emulator")]


def up(machine: Machine) -> None:
    """Start the stack, or bring the running one up to date, and show that it works."""
    started = time.monotonic()
    summary = machine.read_summary() if all(s.alive for s in services(machine)) else {}
    if not summary:
        print("Starting Weir on this machine")
        try:
            start_anew(machine)
        except BaseException:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not end the ending
            stop(machine)
            print("Nothing was left running.", file=sys.stderr)
            raise
    elif summary["endpoint_url"] != machine.endpoint_url:
        raise StackError(
            f"Weir already runs at {summary['endpoint_url']}; end that first: make down"
        )
    else:
        print("Weir already runs on this machine: deploying what has changed")
        deploy(machine, Keys(summary["access_key_id"], summary["secret_access_key"]))
        tour(machine)
    print(f"\nUp after {time.monotonic() - started:.0f} s, until `make down`.")


def down(machine: Machine) -> None:
    """End the stack; its data are gone with it, its logs stay."""
    ran = any(service.alive for service in services(machine))
    stop(machine)
    print(f"Weir is down. Its logs stay in {machine.logs}." if ran else "Weir was not running.")


def stop(machine: Machine) -> None:
    """End every process of the stack, also of one that was started by half, and drop its data."""
    machine.summary.unlink(missing_ok=True)
    for name in ("sam-build", "sam-deploy"):  # of a command that was killed
        Service(name, machine.folder).stop()
    for service in services(machine):
        service.stop()
    shutil.rmtree(machine.folder / "emulator", ignore_errors=True)


def start_anew(machine: Machine) -> None:
    """Start emulator and gateway, deploy, and show that it works."""
    stop(machine)
    check_ports(machine.port)
    keys = Keys(f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))
    gateway, emulator_service = services(machine)
    with step("starting the emulator"):
        emulator.start(machine, emulator_service, keys)
        gateway.start(
            [
                *(str(emulator.PYTHON), "-m", "local.stack.gateway"),
                *("--folder", str(machine.folder), "--port", str(machine.port)),
            ],
            machine.sealed_environment(keys),
        )
    deploy(machine, keys)
    tour(machine)


def deploy(machine: Machine, keys: Keys) -> None:
    """Build and deploy the template as it is now, and write down where everything is."""
    with step("sam build"):
        built = deployment.build(machine)
    # From here on this process speaks to the emulator, and to nobody else.
    os.environ.clear()
    os.environ.update(machine.sealed_environment(keys))
    template, left_out = deployment.prepare(built)
    with step("sam deploy"):
        deployment.deploy(machine, template)
    for resource_type in sorted(set(left_out.values())):
        names = ", ".join(name for name, one in left_out.items() if one == resource_type)
        print(f"    left out, as {LEFT_OUT[resource_type]}: {resource_type} ({names})")
    with step("making routes, and what else the emulator lacks"):
        name = stack_name(deployment.STAGE)
        described = deployment.complete(name)
        variables = environment.variables_of_functions(
            boto3.client("cloudformation"), boto3.client("lambda"), name
        )
        environment.write(machine.folder / "env.json", variables)  # for `sam local --env-vars`
    with step("making a token"):
        token = ensure_token(f"{described.pop('token_parameter_path')}/{CLIENT}")
    machine.write_summary(
        {
            "api_url": machine.api_url,
            "page_url": machine.page_url,
            "client": CLIENT,
            "token": token,
            "endpoint_url": machine.endpoint_url,
            "region": REGION,
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            **described,
        }
    )


def ensure_token(name: str) -> str:
    """Return the token in the parameter *name*, made at the first deployment."""
    ssm = boto3.client("ssm")
    with contextlib.suppress(ssm.exceptions.ParameterNotFound):
        return ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    token = secrets.token_urlsafe(32)
    ssm.put_parameter(Name=name, Value=token, Type="SecureString")
    return token
