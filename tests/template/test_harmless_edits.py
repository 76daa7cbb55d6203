"""Edits that change nothing for a user pass: rules hold what was decided, not how it is written."""
# ruff: noqa: E501  # a table

import re
from collections.abc import Iterator

from tests.template.rules import RULES, Rule
from tests.template.rules_dashboard import dashboard_is_what_its_source_says
from tests.template.test_promises import MODULES
from tests.template.translator import DEPLOYMENTS, TEMPLATE, Translator

assert MODULES  # registering the rules is what they are imported for

# What is found (a regular expression, in its first place) and what takes its place.
EDITS = {
    "a tag": (r"(  MessageQueue:\n(?:.*\n)*?    Properties:\n)", r"\1      Tags: [{Key: team, Value: data}]\n"),
    "a function's tag": (r"(  UploaderFunction:\n(?:.*\n)*?    Properties:\n)", r"\1      Tags: {team: data}\n"),
    "a description": (r"Description: Checks token and contract of each", "Description: Looks at each"),
    "a role's description": (r"What the uploader may do\.", "Rights of the uploader."),
    "an alarm's words": (r"The authorizer crashed; readers", "The function that checks tokens crashed; readers"),
    "a parameter's words": (r"Processor of the functions;", "Kind of processor of all functions;"),
    "a statement's name": (r"Sid: EnqueueMessages", "Sid: PutMessagesIntoTheQueue"),
    "no name of a statement": (r"- Sid: StoreMessages\n +Effect", "- Effect"),
    "another order of actions": (r"\[s3:GetObject, s3:PutObject\]", "[s3:PutObject, s3:GetObject]"),
    "two statements for one": (
        r"( +)- Sid: TakeMessages\n +Effect: Allow\n +Action: \[sqs:ReceiveMessage, (.*)\]\n( +Resource: .*\n)",
        r"\1- {Sid: Receive, Effect: Allow, Action: sqs:ReceiveMessage, Resource: !GetAtt MessageQueue.Arn}\n\1- Effect: Allow\n\1  Action: [\2]\n\3",
    ),
    "a list of one action": (r"Action: sqs:SendMessage\n", "Action: [sqs:SendMessage]\n"),
    "a list of one principal": (r"Principal: \{Service: backup.amazonaws.com\}", "Principal: {Service: [backup.amazonaws.com]}"),
    "another name of a policy": (r"PolicyName: uploader", "PolicyName: store"),
    "a text for a number": (r"MemorySize: 1769", 'MemorySize: "1769"'),
    "a text for a truth": (r"BlockPublicAcls: true", 'BlockPublicAcls: "true"'),
    "an attribute in one text": (r"Role: !GetAtt ValidatorRole.Arn", 'Role: !Sub "${ValidatorRole.Arn}"'),
    "a join for a substitution": (r"DashboardName: !Sub \$\{AWS::StackName\}-\$\{AWS::Region\}", 'DashboardName: !Join ["-", [!Ref AWS::StackName, !Ref AWS::Region]]'),
    "an attribute in the long form": (r"Role: !GetAtt AuthorizerRole.Arn", "Role: {Fn::GetAtt: [AuthorizerRole, Arn]}"),
    "AWS's default, said": (r"(  TargetUnreachableAlarm:\n(?:.*\n)*?    Properties:\n)", r"\1      ActionsEnabled: true\n      DatapointsToAlarm: 3\n"),
    "a threshold, tuned": (r"Threshold: 100\n", "Threshold: 150\n"),
    "the other order of dimensions": (r"\{Name: service, Value: api\}, (\{Name: stage, Value: !Ref Stage\})", r"\1, {Name: service, Value: api}"),
    "the other order of lifecycle rules": (
        r"( +- Id: forget-deleted-objects\n(?:.*\n){2})((?:.*\n){5})",
        r"\2\1",
    ),
    "more memory": (r"MemorySize: 256 #", "MemorySize: 320 #"),
    "a condition the other way round": (r"HasKey: !Not \[!Equals \[!Ref KmsKeyArn, \"\"\]\]", 'HasKey: !Not [!Equals ["", !Ref KmsKeyArn]]'),
    "an output's words": (r"POST messages here\.", "This is where messages are posted."),
    "a note for a linter": (r"(  AlarmTopic:\n)", r"\1    Metadata: {cfn-lint: {config: {ignore_checks: [W9999]}}}\n"),
    "a wait that was there anyhow": (r"(  UploaderErrorsAlarm:\n    Type: .*\n)", r"\1    DependsOn: UploaderFunction\n"),
    "another hour of backups": (r"cron\(0 3 \* \* \? \*\)", "cron(30 2 * * ? *)"),
    "a comment": (r"Resources:\n", "Resources: # all of them\n"),
    "a network named": (r"Value: !Ref AWS::StackName\}\]\n", 'Value: !Sub "${AWS::StackName} probe"}]\n'),
}  # fmt: skip


def complaints(text: str, translator: Translator, rules: list[Rule]) -> Iterator[str]:
    """Yield what *rules* say against the template *text*."""
    for name in DEPLOYMENTS:
        deployment = translator.deployment(text, name)
        for rule in rules:
            yield from rule(deployment)


def test_edits_that_do_no_harm_pass(translator: Translator) -> None:
    """A rule that fails for one would be switched off by the second person that it stops."""
    text = TEMPLATE.read_text()
    for name, (old, new) in EDITS.items():
        text, count = re.subn(old, new, text, count=1)
        assert count == 1, name

    assert list(complaints(text, translator, RULES)) == []


def test_renamed_alarm_passes(translator: Translator) -> None:
    """What an alarm is called is for the runbook; what it watches is for the rules.

    The dashboard's source names alarms too, so it is renamed there and here, or not at all.
    """
    text = TEMPLATE.read_text()
    renamed = re.sub(r"^  (Packet)(LossAlarm:)", r"  Lost\1s\2", text, flags=re.M)
    renamed = renamed.replace("${PacketLossAlarm.Arn}", "${LostPacketsLossAlarm.Arn}")
    rules = [rule for rule in RULES if rule is not dashboard_is_what_its_source_says]

    found = list(complaints(renamed, translator, rules))

    assert renamed.count("LostPackets") == 2
    assert found == []
