"""The stages that samconfig.toml knows, and the options that deploy them."""

import tomllib

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
