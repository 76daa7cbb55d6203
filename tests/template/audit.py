"""Audit an expanded template for the tests, in the environment of the auditors.

`audit.py cdk-nag FILE` or `audit.py checkov FILE` prints a JSON list of [check, resource].
"""

import json
import os
import sys
from collections.abc import Iterator


def cdk_nag(path: str) -> Iterator[tuple[str, str]]:
    """Yield what the packs AwsSolutions and Serverless of cdk-nag find; needs Node."""
    os.environ["JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION"] = "1"
    import aws_cdk
    from aws_cdk.cloudformation_include import CfnInclude
    from cdk_nag import AwsSolutionsChecks, ServerlessChecks

    stack = aws_cdk.Stack()
    CfnInclude(stack, "Template", template_file=path)
    for pack in (AwsSolutionsChecks(), ServerlessChecks()):
        for violation in pack.validate_scope(stack).violations:
            for resource in violation.violating_resources or []:
                yield violation.rule_name, resource.construct_path.rsplit("/", 1)[-1]


def checkov(path: str) -> Iterator[tuple[str, str]]:
    """Yield what checkov finds; its runner alone, since its command line calls home."""
    from checkov.cloudformation.runner import Runner
    from checkov.runner_filter import RunnerFilter

    report = Runner().run(root_folder=None, files=[path], runner_filter=RunnerFilter())
    if report.parsing_errors:
        raise ValueError(report.parsing_errors)
    for record in report.failed_checks:
        yield record.check_id, record.resource.rsplit(".", 1)[-1]


if __name__ == "__main__":
    auditor = {"cdk-nag": cdk_nag, "checkov": checkov}[sys.argv[1]]
    answer = json.dumps(sorted(set(auditor(sys.argv[2]))))
    sys.stdout.write(f"\n{answer}\n")  # a line of its own, after what the libraries may print
