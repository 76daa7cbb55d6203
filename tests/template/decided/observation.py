"""What shows and tells: topic, dashboard and saved queries."""

from typing import NamedTuple

from tests.template.closed import Decided, HeldBy, Policy, Statement
from tests.template.decided.messages import only_tls

RESOURCES = {
    "AlarmTopic": Decided("AWS::SNS::Topic", {}),  # an alarm's text holds no data
    "AlarmTopicPolicy": Decided(
        "AWS::SNS::TopicPolicy",
        {
            "Topics": (["AlarmTopic"], "it belongs to this topic"),
            "PolicyDocument": (
                Policy(
                    Statement(
                        "sns:Publish",
                        "${AlarmTopic}",
                        by="Service:cloudwatch.amazonaws.com",
                        when={"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
                    ),
                    Statement(
                        "sns:Publish",
                        "${AlarmTopic}",
                        by="Service:budgets.amazonaws.com",
                        when={"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
                        given="MonthlyBudget",
                    ),
                    only_tls("sns:Publish", "${AlarmTopic}"),
                ),
                "this account's alarms and budget publish, over TLS, and nobody else",
            ),
        },
    ),
    "AlarmSubscription": Decided(
        "AWS::SNS::Subscription",
        {
            "TopicArn": ("AlarmTopic", "the only topic"),
            "Protocol": ("email", "AlarmEmail is an e-mail address"),
            "Endpoint": ("${AlarmEmail}", "the user's"),
        },
        given="AlarmEmail",
    ),
    "Budget": Decided(
        "AWS::Budgets::Budget",
        {
            "Budget": (
                {
                    "BudgetName": "${AWS::StackName}-${AWS::Region}",
                    "BudgetType": "COST",
                    "TimeUnit": "MONTHLY",
                    "BudgetLimit": {"Amount": "${MonthlyBudget}", "Unit": "USD"},
                },
                "all that the account costs in a month; all regions share the names of budgets",
            ),
            "NotificationsWithSubscribers": (
                [
                    {
                        "Notification": {
                            "NotificationType": "ACTUAL",
                            "ComparisonOperator": "GREATER_THAN",
                            "Threshold": percent,
                            "ThresholdType": "PERCENTAGE",
                        },
                        "Subscribers": [{"SubscriptionType": "SNS", "Address": "AlarmTopic"}],
                    }
                    for percent in (50, 80, 100)
                ],
                "the topic hears of half, four fifths and all of it",
            ),
        },
        given="MonthlyBudget",
        after=("AlarmTopicPolicy",),  # AWS Budgets tries the topic when it is named
    ),
    "Dashboard": Decided(
        "AWS::CloudWatch::Dashboard",
        {
            "DashboardName": (
                "${AWS::StackName}-${AWS::Region}",
                "an account's dashboards are one list, whatever their region",
            ),
            "DashboardBody": (
                HeldBy("dashboard_is_what_its_source_says"),
                "made of docs/dashboard.yaml",
            ),
        },
    ),
}


class Query(NamedTuple):
    """A saved query: where it looks, and what has to be in it for its name to be true."""

    groups: str
    asks: tuple[str, ...]


FUNCTIONS = "ValidatorLogGroup AuthorizerLogGroup UploaderLogGroup LatencyProbeLogGroup"

# By name, behind the stack's and a slash. Each one has its reader in docs/runbook.md.
QUERIES = {
    "failed requests": Query("ApiLogGroup", ("status like /^5/", "integration_error")),
    "throttled senders": Query("ApiLogGroup", ("status like /429/", "by source_ip, route")),
    "errors": Query(
        FUNCTIONS,
        ('level in ["ERROR", "CRITICAL"]', 'type = "platform.report"', "like /Task timed out/"),
    ),
    "refused tokens": Query(
        "ValidatorLogGroup AuthorizerLogGroup",
        ('message = "token refused"', "reason like /token/", "by service, source_ip"),
    ),
    "refused messages": Query(
        "ValidatorLogGroup",
        ('message in ["messages refused", "request refused"]', "sum(count)", "reason"),
    ),
    "clients and when each was last seen": Query(
        "ValidatorLogGroup AuthorizerLogGroup",
        ("ispresent(token_hash)", "max(@timestamp) as last_seen", "by client, token_hash"),
    ),
    "delayed messages": Query(
        "UploaderLogGroup",
        ('message in ["message delayed", "batch failed", "visibility not changed"]', "message_id"),
    ),
    "quarantined messages": Query(
        "UploaderLogGroup", ('message = "message quarantined"', "reason", "object_key")
    ),
    "slowest minutes from receipt to bucket": Query(
        "UploaderLogGroup",
        ('message in ["batch stored", "batch failed"]', "max(slowest_ms)", "by bin(1m)"),
    ),
    "why the canary was late": Query(
        "CanaryLogGroup", ('message in ["canary late", "canary has no token"]', "reason")
    ),
    "refused releases": Query(
        "ValidatorCheckLogGroup UploaderCheckLogGroup",
        (
            'message in ["release refused", "canary has no token"]',
            "like /Traceback|Task timed out/",
        ),
    ),
    "targets that did not answer well": Query(
        "LatencyProbeLogGroup",
        ('message = "target measured"', 'status != "ok"', "loss_percent > 0"),
    ),
}
