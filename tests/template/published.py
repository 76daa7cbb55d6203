"""Which metrics there are to look at: names, dimensions and the statistics that mean something."""

import re

from tests.support import template
from tests.template import metrics

# What AWS publishes: the dimensions that name a resource, by logical id or attribute.
FUNCTIONS = set(template.FUNCTIONS)
APIS = {"HttpApi"}
EVENT_SOURCES = {"UploaderFunctionMessages"}
QUEUES = {"MessageQueue.QueueName"}
DEAD_LETTERS = {"DeadLetterQueue.QueueName"}
PERCENTILES = r"p(50|9[059]|99\.9)"
PUBLISHED_BY_AWS: dict[tuple[str, str], tuple[str, set[str], str]] = {
    ("AWS/Backup", "NumberOfBackupJobsFailed"): ("BackupVaultName", {"BackupVault"}, "Sum"),
    ("AWS/ApiGateway", "Count"): ("ApiId", APIS, "Sum|SampleCount"),
    ("AWS/ApiGateway", "4xx"): ("ApiId", APIS, "Sum|Average"),
    ("AWS/ApiGateway", "5xx"): ("ApiId", APIS, "Sum|Average"),
    ("AWS/ApiGateway", "Latency"): ("ApiId", APIS, f"Average|Maximum|{PERCENTILES}"),
    ("AWS/Lambda", "Errors"): ("FunctionName", FUNCTIONS, "Sum"),
    ("AWS/Lambda", "Throttles"): ("FunctionName", FUNCTIONS, "Sum"),
    ("AWS/Lambda", "Duration"): ("FunctionName", FUNCTIONS, f"Average|Maximum|{PERCENTILES}"),
    ("AWS/Lambda", "DeletedEventCount"): ("EventSourceMappingUUID", EVENT_SOURCES, "Sum"),
    ("AWS/SQS", "ApproximateAgeOfOldestMessage"): ("QueueName", QUEUES, "Maximum"),
    ("AWS/SQS", "ApproximateNumberOfMessagesVisible"): (
        "QueueName",
        QUEUES | DEAD_LETTERS,
        "Maximum|Average",
    ),
    ("AWS/SQS", "ApproximateNumberOfMessagesNotVisible"): ("QueueName", QUEUES, "Maximum|Average"),
}
# What the functions publish: a count is summed, a time is looked at by percentile.
STATISTICS = {
    "CanaryLate": "Average|Maximum|Sum|SampleCount",  # one value a minute: the last is the minutes
    "ClientsUnreadable": "Maximum",  # each environment reads them all
    "EnqueueTime": f"Maximum|{PERCENTILES}",
    "Freshness": f"Maximum|{PERCENTILES}",
    "MessagesAccepted": "Sum",
    "MessagesDuplicate": "Sum",
    "MessagesQuarantined": "Sum",
    "MessagesRefused": "Sum",
    "MessagesRetried": "Sum|Minimum",  # the least of a batch: above 0 if none went well
    "MessagesStored": "Sum",
    "MessagesUnconfirmed": "Sum",
    "Jitter": "Average|Maximum",
    "PacketLoss": "Average|Maximum",
    "ProbeOverhead": "Average|Maximum",
    "RequestsThrottled": "Sum",
    "RoundTripChange": "Maximum",
    "RoundTripTime": f"Maximum|p(5|25|75)|{PERCENTILES}",
    "StoreTime": f"Maximum|{PERCENTILES}",
    "StoredSize": "Sum",
    "TargetReachable": "Minimum",
    "TimeToStore": f"Maximum|{PERCENTILES}",
    "TokensExpiring": "Maximum",
    "TokensRefused": "Sum",
    "WebhooksUnkeyed": "Sum",
}


def unknown_metric(
    namespace: str, name: str, dimensions: dict[str, str], statistic: str
) -> str | None:
    """Say what is wrong with a metric that somebody looks at, if anything is."""
    if namespace == "Weir":
        found = (dimensions.get("service", ""), name, frozenset(dimensions))
        if found not in metrics.metrics_published():
            return f"nobody publishes {name} with {dimensions}"
        allowed = STATISTICS[name]
    elif (namespace, name) in PUBLISHED_BY_AWS:
        dimension, values, allowed = PUBLISHED_BY_AWS[namespace, name]
        if dimensions.keys() != {dimension} or dimensions[dimension] not in values:
            return f"{name} has no {dimensions}"
    else:
        return f"nobody publishes {namespace} {name}"
    if not re.fullmatch(allowed, statistic):
        return f"{statistic} of {name} means nothing"
    return None
