"""The stages that samconfig.toml knows, the options that deploy them, and where each belongs."""

import os
import sys
import tomllib
from collections.abc import Mapping
from urllib.parse import urlsplit

from .project import ROOT


def stack_name(stage: str) -> str:
    """Return the name of the stack of *stage*."""
    stages = tomllib.loads((ROOT / "samconfig.toml").read_text())
    try:
        return str(stages[stage]["deploy"]["parameters"]["stack_name"])
    except (KeyError, TypeError):
        raise SystemExit(f"samconfig.toml deploys no stage {stage!r}") from None


def of_stage(stage: str) -> list[str]:
    """Return the options by which `sam` finds *stage*, wherever its template is."""
    return ["--config-file", str(ROOT / "samconfig.toml"), "--config-env", stage]


LOCAL = "local"
ON_THIS_MACHINE = {"127.0.0.1", "localhost", "::1"}


def check_place(stage: str, environment: Mapping[str, str]) -> None:
    """End the program where *stage* and the AWS endpoint of *environment* do not fit together.

    A shell that was led to the one-machine stack would deploy there what is meant for an account,
    and the other way round.
    """
    names = [name for name in environment if name.startswith("AWS_ENDPOINT_URL")]
    local = [name for name in names if urlsplit(environment[name]).hostname in ON_THIS_MACHINE]
    if local and stage != LOCAL:
        raise SystemExit(
            f"{local[0]} leads to this machine ({environment[local[0]]}), and stage {stage} belongs"
            ' in an account. First: eval "$(make -s env UNSET=1)", or open a new shell.'
        )
    if stage == LOCAL and not local:
        raise SystemExit(
            "Stage local is the one-machine stack's, and no AWS_ENDPOINT_URL leads there:"
            ' `make up` deploys it, and eval "$(make -s env)" leads this shell to it.'
        )


if __name__ == "__main__":
    check_place(sys.argv[1], os.environ)
