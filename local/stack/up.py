"""`make up` and `make down`: the steps, each shown with its seconds."""

import contextlib
import os
import secrets
import shutil
import signal
import sys
import time
from collections.abc import Mapping

import boto3

from local.sam_local import environment
from operations.deployed import shown_token
from operations.stages import stack_name

from . import deployment, emulator
from .demo import addresses, demo
from .glue.refused_types import LEFT_OUT
from .local_stack import CLIENT, REGION, Keys, LocalStack, StackError
from .parameters import declarations, kept
from .ports import check_ports
from .processes import Service
from .progress import step


def services(stack: LocalStack) -> list[Service]:
    """Return the processes that a running stack has, in the order in which they end."""
    return [Service(name, stack.folder) for name in ("sidecar", "emulator")]


def up(stack: LocalStack, given: Mapping[str, str]) -> None:
    """Start the stack, or bring the running one up to date, and show that it works.

    *given* are parameters of the template, beside those that the stack has already.
    """
    started = time.monotonic()
    summary = stack.read_summary()
    sidecar, emulator_service = services(stack)
    parameters = kept(summary.get("parameters", {}), given, declarations())
    if not (summary and emulator_service.alive):
        if summary:
            print(
                f"The stack that ran here has ended, and its data with it ({stack.logs} says why)."
            )
        print("Starting Weir on this machine")
        try:
            start_empty(stack, parameters)
        except BaseException:
            signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C must not end the ending
            stop(stack)
            print("Nothing was left running.", file=sys.stderr)
            raise
    elif summary["endpoint_url"] != stack.endpoint_url:
        raise StackError(
            f"Weir already runs at {summary['endpoint_url']}: `make up` alone deploys to it."
            " For other ports end it first, with its data: make down"
        )
    else:
        print("Weir already runs on this machine: deploying what has changed")
        keys = Keys(summary["access_key_id"], summary["secret_access_key"])
        try:
            if not sidecar.alive:
                with step("starting the sidecar again, which had ended"):
                    start_sidecar(stack, sidecar, keys)
            deploy(stack, keys, parameters)
            demo(stack)
        except BaseException:
            print(f"\nThe stack still runs, with its data.\n{addresses(stack)}", file=sys.stderr)
            raise
    print(f"\nUp after {time.monotonic() - started:.0f} s, until `make down`.")


def down(stack: LocalStack) -> None:
    """End the stack; its data are gone with it, its logs stay."""
    ran = any(service.alive for service in services(stack))
    stop(stack)
    print(f"Weir is down. Its logs stay in {stack.logs}." if ran else "Weir was not running.")


def stop(stack: LocalStack) -> None:
    """End every process of the stack, also of one that was started by half, and drop its data."""
    stack.summary.unlink(missing_ok=True)
    for name in ("sam-build", "sam-deploy"):  # of a command that was killed
        Service(name, stack.folder).stop()
    for service in services(stack):
        service.stop()
    shutil.rmtree(stack.folder / "emulator", ignore_errors=True)


def start_empty(stack: LocalStack, parameters: Mapping[str, str]) -> None:
    """Start emulator and sidecar, deploy, and show that it works."""
    stop(stack)
    check_ports(stack.port)
    keys = Keys(f"AKIA{secrets.token_hex(8).upper()}", secrets.token_urlsafe(30))
    sidecar, emulator_service = services(stack)
    with step("starting the emulator"):
        emulator.start(stack, emulator_service, keys)
        start_sidecar(stack, sidecar, keys)
    deploy(stack, keys, parameters)
    demo(stack)


def start_sidecar(stack: LocalStack, sidecar: Service, keys: Keys) -> None:
    """Start the process that stands before the emulator."""
    sidecar.start(
        [
            *(str(emulator.PYTHON), "-m", "local.stack.sidecar"),
            *("--folder", str(stack.folder), "--port", str(stack.port)),
        ],
        stack.sealed_environment(keys),
    )


def deploy(stack: LocalStack, keys: Keys, parameters: Mapping[str, str]) -> None:
    """Build and deploy the template as it is now, and write down where everything is."""
    with step("sam build"):
        built = deployment.build(stack)
    # From here on this process speaks to the emulator, and to nobody else.
    os.environ.clear()
    os.environ.update(stack.sealed_environment(keys))
    template, left_out = deployment.prepare(built)
    with step("sam deploy"):
        deployment.deploy(stack, template, parameters)
    for resource_type in sorted(set(left_out.values())):
        names = ", ".join(name for name, one in left_out.items() if one == resource_type)
        print(f"    left out, as {LEFT_OUT[resource_type]}: {resource_type} ({names})")
    with step("making routes, and what else the emulator lacks"):
        name = stack_name(deployment.STAGE)
        described = deployment.complete(name)
        variables = environment.variables_of_functions(
            boto3.client("cloudformation"), boto3.client("lambda"), name
        )
        environment.write(stack.folder / "env.json", variables)  # for `sam local --env-vars`
    if synced := described.pop("synced"):
        print(f"    put back what is deployed, in place of synced code: {', '.join(synced)}")
    with step("making a token"):
        token = ensure_token(f"{described['token_parameter_path']}/{CLIENT}")
    stack.write_summary(
        {
            "api_url": stack.api_url,
            "page_url": stack.page_url,
            "client": CLIENT,
            "token": token,
            "endpoint_url": stack.endpoint_url,
            "region": REGION,
            "access_key_id": keys.access_key_id,
            "secret_access_key": keys.secret_access_key,
            "parameters": dict(parameters),
            **described,
        }
    )


def ensure_token(name: str) -> str:
    """Return the token in the parameter *name*, made at the first deployment."""
    ssm = boto3.client("ssm")
    with contextlib.suppress(ssm.exceptions.ParameterNotFound):
        found = ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]
        return shown_token(found["Value"])
    token = secrets.token_urlsafe(32)
    ssm.put_parameter(Name=name, Value=token, Type="SecureString")
    return token
