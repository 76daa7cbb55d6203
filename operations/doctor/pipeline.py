"""Whether the role that GitHub's jobs take is that of this repository."""

import json
import re
import subprocess
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from ..project import ROOT
from .answer import CouldNotLookError, ToDoError
from .place import AbsentError, Place

PROVIDER = "token.actions.githubusercontent.com"
SECONDS = 10
# What a remote of GitHub looks like: https, ssh, or git's own short form.
REMOTE = re.compile(r"github\.com[:/](?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?/?$")
SUBJECT = re.compile(
    r"repo:(?P<owner>[\w.-]+)(?:@\d+)?/(?P<name>[\w.-]+)(?:@\d+)?:environment:(?P<environment>[\w-]+)"
)

type Run = Callable[[list[str]], str]


def run(command: list[str]) -> str:
    """Return what *command* prints; raise `CouldNotLookError` if it fails, is slow or not there."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise CouldNotLookError(" ".join(command), type(error).__name__) from None
    return done.stdout.strip()


def subjects(document: Any) -> list[str]:
    """Return the subjects that a trust policy lets in, as text or as boto3 decoded it."""
    policy = json.loads(unquote(document)) if isinstance(document, str) else document
    found: list[str] = []
    for statement in policy.get("Statement", []):
        allowed = statement.get("Condition", {}).get("StringEquals", {}).get(f"{PROVIDER}:sub", [])
        found += [allowed] if isinstance(allowed, str) else allowed
    return found


def subject(place: Place, run: Run = run) -> str:
    """Look whether the deploy role of this stage lets this repository's jobs in."""
    pipeline = f"weir-pipeline-{place.stage}"
    try:
        role_name = place.physical("PipelineRole", pipeline)
    except AbsentError:
        return f"no GitHub pipeline here (there is no stack {pipeline})"
    role = place.ask("iam", "get_role", RoleName=role_name)["Role"]
    let_in = " and ".join(subjects(role["AssumeRolePolicyDocument"]))
    providers = place.ask("iam", "list_open_id_connect_providers")["OpenIDConnectProviderList"]
    if not any(each["Arn"].endswith(f"/{PROVIDER}") for each in providers):
        raise ToDoError(
            f"the account has no identity provider {PROVIDER}, so no job gets credentials: deploy"
            f" .github/deploy-role.yaml to {pipeline} again, without OidcProviderArn"
        )
    remote = REMOTE.search(run(["git", "remote", "get-url", "origin"]))
    if not remote:
        return f"{role_name} lets {let_in} in; the remote origin is not at GitHub"
    repository = f"{remote['owner']}/{remote['name']}"
    parts = SUBJECT.fullmatch(let_in)
    if (
        not parts
        or f"{parts['owner']}/{parts['name']}".lower() != repository.lower()
        or parts["environment"] != place.stage
    ):
        raise ToDoError(
            f"{role_name} lets {let_in or 'nobody'} in, and not {repository} in environment"
            f" {place.stage}: deploy .github/deploy-role.yaml to {pipeline} again with the"
            " Repository that docs/deployment.md says how to read"
        )
    return f"{role_name} lets {let_in} in{_as_github_says(repository, let_in, run)}"


def _as_github_says(repository: str, let_in: str, run: Run) -> str:
    """Compare ids with what GitHub itself names the repository, where its command line is."""
    path = f"repos/{repository}/actions/oidc/customization/sub"
    try:
        prefix = run(["gh", "api", path, "--jq", ".sub_claim_prefix"])
    except CouldNotLookError:
        return f" (whether GitHub adds ids, only it knows: gh api {path})"
    if prefix and not let_in.startswith(f"{prefix}:"):
        raise ToDoError(
            f"GitHub names this repository {prefix}, and the role lets {let_in} in: deploy"
            f" .github/deploy-role.yaml again with Repository={prefix.removeprefix('repo:')}"
        )
    return ""
