"""Rules: what is kept can be made again. The rest is decided in `decided/messages.py`."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator

from tests.template.deployment import Deployment
from tests.template.rules import rule


@rule
def vaults_never_share_a_name(deployment: Deployment) -> Iterator[str]:
    """A retained vault keeps its name, and a vault never changes its key.

    So the next stack of the same name, and the next key, need another name.
    """
    vault = deployment.properties("BackupVault")
    if not vault:
        return
    name = vault.get("BackupVaultName", "")
    stack = deployment.pseudo["AWS::StackId"].rpartition("/")[2]
    key = str(deployment.parameters["KmsKeyArn"]).rpartition("/")[2]
    wanted = f"weir-{stack.partition('-')[0]}-{key}" if key else f"weir-{stack}"
    if name != wanted or not re.fullmatch(r"[A-Za-z0-9_-]{2,50}", name):
        yield f"the vault is named {name}, not {wanted}"
