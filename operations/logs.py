"""What the functions log, as lines for a person.

python -m operations.logs [--function uploader] [--follow] [--minutes 10] [--stack-name NAME]
"""

import argparse
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from .deployed import find
from .told import told

if TYPE_CHECKING:
    from mypy_boto3_cloudformation import CloudFormationClient
    from mypy_boto3_lambda import LambdaClient
    from mypy_boto3_logs import CloudWatchLogsClient

PAUSE_SECONDS = 2.0
# A line may be found a little after lines that are younger.
OVERLAP_MILLISECONDS = 10_000
# Said at the head of a line, or of no use to a person.
LEFT_OUT = {
    *("level", "message", "timestamp", "service", "location", "function_arn", "function_name"),
    *("function_memory_size", "cold_start", "xray_trace_id", "_aws", "exception", "stack_trace"),
}
OF_THE_PLATFORM = ("START RequestId", "END RequestId", "REPORT RequestId", "INIT_START")


def log_groups(
    formation: "CloudFormationClient", functions: "LambdaClient", stack_name: str
) -> dict[str, str]:
    """Return the log group of each function of the stack, by what the function is called here."""
    found = {}
    for page in formation.get_paginator("list_stack_resources").paginate(StackName=stack_name):
        for resource in page["StackResourceSummaries"]:
            if resource["ResourceType"] == "AWS::Lambda::Function":
                name = resource["PhysicalResourceId"]
                configuration = functions.get_function_configuration(FunctionName=name)
                short = resource["LogicalResourceId"].removesuffix("Function").lower()
                found[short] = configuration["LoggingConfig"]["LogGroup"]
    return found


def chosen(groups: Mapping[str, str], function: str) -> dict[str, str]:
    """Return the groups of the functions that *function* begins to name; all when it is empty."""
    wanted = function.lower().replace("_", "").replace("-", "").removesuffix("function")
    found = {name: group for name, group in groups.items() if name.startswith(wanted)}
    if not found:
        raise SystemExit(f"FUNCTION={function} is none of {', '.join(sorted(groups))}.")
    return found


def events(
    logs: "CloudWatchLogsClient", groups: Mapping[str, str], since: int
) -> list[tuple[int, str, str, str]]:
    """Return time, function, identity and text of each event since *since*, in order of time."""
    found = []
    for name, group in groups.items():
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, startTime=since
        )
        for page in pages:
            for event in page["events"]:
                text = event["message"].rstrip("\n")
                # The emulator's events have no id.
                identity = event.get("eventId") or f"{event['logStreamName']} {text}"
                found.append((event["timestamp"], name, identity, text))
    return sorted(found)


def as_line(moment: int, function: str, text: str) -> str | None:
    """Return an event as a line; nothing for what the platform or only a machine says."""
    if text.startswith(OF_THE_PLATFORM):
        return None
    clock = f"{datetime.fromtimestamp(moment / 1000, UTC):%H:%M:%S}"
    try:
        entry: Any = json.loads(text)
    except ValueError:
        return f"{clock} {function:<12} {text}" if text.strip() else None
    if not isinstance(entry, dict) or "message" not in entry:
        return None  # metrics, which the dashboard shows
    level = "" if entry.get("level") == "INFO" else f"{entry.get('level', '')} "
    known = (f"{key}={plain(value)}" for key, value in entry.items() if key not in LEFT_OUT)
    line = f"{clock} {function:<12} {level}{plain(entry['message'])}  {' '.join(known)}".rstrip()
    return "\n".join([line, *str(entry.get("exception", "")).splitlines()])


def plain(value: Any) -> str:
    """Return a logged *value* as a word or two."""
    return value if isinstance(value, str) else json.dumps(value)


def show(
    logs: "CloudWatchLogsClient", groups: Mapping[str, str], since: int, *, follow: bool
) -> Iterator[str]:
    """Yield the lines since *since*; when they are to be followed, without an end."""
    seen: set[tuple[int, str, str]] = set()
    while True:
        for moment, function, identity, text in events(logs, groups, since):
            if (key := (moment, function, identity)) not in seen:
                seen.add(key)
                if line := as_line(moment, function, text):
                    yield line
                since = max(since, moment - OVERLAP_MILLISECONDS)
        if not follow:
            return
        seen = {key for key in seen if key[0] >= since}
        time.sleep(PAUSE_SECONDS)


def main() -> None:
    """Print the lines."""
    parser = argparse.ArgumentParser(prog="logs", description=__doc__.split("\n\n")[0])
    parser.add_argument("--function", default="", help="validator, uploader, ...; else all")
    parser.add_argument("--follow", action="store_true", help="go on until Ctrl-C")
    parser.add_argument("--minutes", type=float, default=10, help="how far back (%(default)s)")
    parser.add_argument("--stack-name", default="", help="a deployed stack; else make up's")
    arguments = parser.parse_args()
    with told():
        deployed = find(arguments.stack_name)
        formation, functions = deployed.client("cloudformation"), deployed.client("lambda")
        groups = chosen(log_groups(formation, functions, deployed.stack_name), arguments.function)
        since = int((time.time() - arguments.minutes * 60) * 1000)
        lines = 0
        for line in show(deployed.client("logs"), groups, since, follow=arguments.follow):
            print(line, flush=True)
            lines += 1
        if not lines:
            print(
                f"Nothing in the last {arguments.minutes:g} minutes; MINUTES=... goes further back."
            )


if __name__ == "__main__":
    main()
