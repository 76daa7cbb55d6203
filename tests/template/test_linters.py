"""What public linters find, against the list of what is kept for a reason."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from operations.project import ROOT
from tests.template.deployment import Deployment
from tests.template.exceptions import CDK_NAG, CFN_LINT, CHECKOV, DEPLOY_ROLE, Exceptions
from tests.template.translator import TEMPLATE, Translator

DEPLOY_ROLE_TEMPLATE = ROOT / ".github" / "deploy-role.yaml"
AUDITORS = ROOT / ".venv-audit/bin/python"

needs_auditors = pytest.mark.skipif(
    not AUDITORS.exists(), reason="the auditors are not installed: make .venv-audit/.ready"
)


def listed(exceptions: Exceptions) -> set[tuple[str, str]]:
    """Return the pairs of check and resource in *exceptions*."""
    return {(check, name) for check, (names, _) in exceptions.items() for name in names}


def audit(auditor: str, deployment: Deployment, folder: Path) -> set[tuple[str, str]]:
    """Return what *auditor* finds in *deployment*."""
    expanded = folder / "expanded.json"
    expanded.write_text(json.dumps(deployment.template))
    result = subprocess.run(
        [AUDITORS, Path(__file__).with_name("audit.py"), auditor, expanded],
        capture_output=True,
        text=True,
        check=True,
    )
    return {(check, name) for check, name in json.loads(result.stdout.splitlines()[-1])}


def test_cfn_lint_is_content_with_source_and_expansion(translator: Translator) -> None:
    """CloudFormation's own schemas find what a reader does not see."""
    findings = {
        tuple(finding.split(":", 1)[0].split(" ", 1))
        for finding in translator.lint(TEMPLATE.read_text())
    }

    assert findings == listed(CFN_LINT)


@needs_auditors
@pytest.mark.skipif(not shutil.which("node"), reason="cdk-nag needs Node, which is not installed")
def test_cdk_nag_finds_what_is_kept_for_a_reason_and_no_more(
    deployments: dict[str, Deployment], tmp_path: Path
) -> None:
    """AWS's own advice for solutions and for serverless is taken or answered."""
    findings = audit("cdk-nag", deployments["prod"], tmp_path)

    assert findings == listed(CDK_NAG)


@needs_auditors
def test_checkov_finds_what_is_kept_for_a_reason_and_no_more(
    deployments: dict[str, Deployment], tmp_path: Path
) -> None:
    """Security policies that others check for are met or answered."""
    findings = audit("checkov", deployments["prod"], tmp_path)

    assert findings == listed(CHECKOV)


@needs_auditors
@pytest.mark.skipif(not shutil.which("node"), reason="cdk-nag needs Node, which is not installed")
def test_auditors_find_in_the_deploy_role_what_is_kept_for_a_reason(
    translator: Translator, tmp_path: Path
) -> None:
    """Whoever takes the pipeline's role deploys to production."""
    role = translator.parsed(DEPLOY_ROLE_TEMPLATE.read_text(), {})
    findings = audit("cdk-nag", role, tmp_path) | audit("checkov", role, tmp_path)

    assert {(check.partition("[")[0], name) for check, name in findings} == listed(DEPLOY_ROLE)
