"""Rules: the saved queries look for what is logged."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from json import loads

from tests.support.template import FUNCTIONS
from tests.template import source
from tests.template.deployment import Deployment
from tests.template.rules import rule
from tests.template.rules_code import code_of

# What Powertools, Lambda and Logs Insights put into a line.
LIBRARY_FIELDS = {
    "@log", "@message", "@timestamp", "level", "message", "service", "errorType", "errorMessage",
    "requestId", "type", "ERROR", "CRITICAL", "ok", "platform.report", "*",
}  # fmt: skip


QUERY_WORDS = {
    "fields", "filter", "sort", "limit", "stats", "count", "min", "max", "sum", "pct", "by",
    "bin", "as", "in", "or", "and", "like", "desc", "asc", "ispresent", "m", "parse", "display",
}  # fmt: skip


@rule
def queries_look_for_what_is_logged(deployment: Deployment) -> Iterator[str]:
    """A saved query's log groups, messages and fields exist."""
    by_log_group = {
        f"{name.removesuffix('Function')}LogGroup": source.texts(code_of(deployment, name))
        for name in FUNCTIONS
    }
    access_log = loads(
        deployment.properties("HttpApiApiGatewayDefaultStage")["AccessLogSettings"]["Format"]
    )
    by_log_group["ApiLogGroup"] = set(access_log)
    found = deployment.of_type("AWS::Logs::QueryDefinition")
    if len(found) < 8:
        yield "saved queries are missing"
    for name, query in found.items():
        properties = query["Properties"]
        groups = properties["LogGroupNames"]
        if unknown := set(groups) - by_log_group.keys():
            yield f"{name}: {unknown} are no log groups"
            continue
        logged = set().union(*(by_log_group[group] for group in groups)) | LIBRARY_FIELDS
        text = properties["QueryString"]
        for message in source.quoted(text):
            if message not in logged:
                yield f"{name}: nothing logs {message!r}"
        if lists := re.findall(r"\w+\.\d+", text):
            yield f"{name} reads one value of each list: {lists}"
        for field in _fields(text):
            if field not in logged:
                yield f"{name}: nothing logs the field {field}"


def _fields(query: str) -> set[str]:
    """Return the names in a Logs Insights query that are neither its own words nor its results."""
    text = re.sub(r'"[^"]*"|/[^/]*/', "", query)
    made = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"@?[a-zA-Z_]\w*", text))
    return words - made - QUERY_WORDS
