"""Name what stands between an account and a working stack, before it is deployed and after.

    python -m operations.doctor --stage dev [--stack-name weir-dev] [--test-alarm]

It reads with your own credentials and changes nothing; a test alarm is all that it ever writes.
Each line says that something is fine, what to do, or which call was not answered. The exit status
is 0 if all is fine, 1 if there is something to do, and 2 if only some call was not answered.
"""

import argparse
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import boto3
from botocore.exceptions import NoCredentialsError, NoRegionError

from ..deployed import on_this_machine
from ..stages import LOCAL, check_place, stack_name
from ..told import sentence, told
from . import account, pipeline, stack, targets
from .answer import Answer, CouldNotLookError, ToDoError, Verdict
from .place import AbsentError, Place, given

type Check = Callable[[Place], str]

CHECKS: dict[str, Check] = {
    "account": account.identity,
    "stack": account.stack,
    "zones": account.zones,
    "target type": targets.offered,
    "plan": targets.plan,
    "target vCPUs": targets.vcpus,
    "target image": targets.image,
    "executions": account.executions,
    "service-linked roles": account.roles,
    "budget": account.budget,
    "deploy role": pipeline.subject,
    "alarms": stack.alarms,
    "clients": stack.clients,
    "cost": stack.cost,
}
FIRST = "account"  # without an answer to it there is nobody to ask anything else
TEST = {"test alarm": stack.ring}


def examine(place: Place, checks: dict[str, Check] = CHECKS) -> Iterator[Answer]:
    """Yield an answer for each check, as it comes; only one if the account cannot be asked."""
    for name, check in checks.items():
        with _progress(name):
            answer = _look(name, check, place)
        yield answer
        if name == FIRST and answer.verdict is Verdict.UNSEEN:
            return


@contextmanager
def _progress(name: str) -> Iterator[None]:
    """Show on a terminal what is looked at, as a call may take seconds; then take it back."""
    if not sys.stderr.isatty():
        yield
        return
    print(f"looking at {name} ...", end="", file=sys.stderr, flush=True)
    try:
        yield
    finally:
        print("\r\033[K", end="", file=sys.stderr, flush=True)


def _look(name: str, check: Check, place: Place) -> Answer:
    try:
        return Answer(name, Verdict.FINE, check(place))
    except ToDoError as error:
        return Answer(name, Verdict.TO_DO, str(error))
    except (CouldNotLookError, AbsentError) as error:
        return Answer(name, Verdict.UNSEEN, str(error))


def place_of(stage: str, name: str) -> Place:
    """Return where to look: what the shell leads to, or the one-machine stack for stage local."""
    if stage == LOCAL and "AWS_ENDPOINT_URL" not in os.environ:
        found = on_this_machine()
        return Place(stage, name or found.stack_name, found.session, found.endpoint_url)
    check_place(stage, os.environ)
    session = boto3.Session()
    if not session.region_name:
        raise SystemExit(sentence(NoRegionError()))
    if not session.get_credentials():
        raise SystemExit(sentence(NoCredentialsError()))
    return Place(stage, name or stack_name(stage), session, wanted=given(stage))


def status(answers: list[Answer]) -> int:
    """Return the exit status: something to do counts more than something unseen."""
    verdicts = {answer.verdict for answer in answers}
    if Verdict.TO_DO in verdicts:
        return 1
    return 2 if Verdict.UNSEEN in verdicts else 0


def main() -> None:
    """Print a line for each check, and what is left to do."""
    parser = argparse.ArgumentParser(
        prog="doctor", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--stage", required=True, help="a stage of samconfig.toml, or local")
    parser.add_argument("--stack-name", default="", help="a stack of any other name")
    parser.add_argument("--test-alarm", action="store_true", help="ring an alarm, to see it arrive")
    arguments = parser.parse_args()
    with told():
        place = place_of(arguments.stage, arguments.stack_name)
        checks = CHECKS | (TEST if arguments.test_alarm else {})
        answers = []
        for answer in examine(place, checks):
            print(answer, flush=True)
            answers.append(answer)
    counts = {each: sum(answer.verdict is each for answer in answers) for each in Verdict}
    print(f"\n{', '.join(f'{count} {verdict}' for verdict, count in counts.items())}")
    sys.exit(status(answers))


if __name__ == "__main__":
    main()
