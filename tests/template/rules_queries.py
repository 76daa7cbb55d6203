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
    by_log_group["AccessLogGroup"] = set(access_log)
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


@rule
def fields_of_cheap_log_groups_are_parsed(deployment: Deployment) -> Iterator[str]:
    """Logs Insights discovers the fields of a line in groups of the standard class alone."""
    for name, query in deployment.of_type("AWS::Logs::QueryDefinition").items():
        text, groups = query["Properties"]["QueryString"], query["Properties"]["LogGroupNames"]
        classes = {deployment.properties(group).get("LogGroupClass") for group in groups}
        if classes == {None}:
            continue
        if classes != {"INFREQUENT_ACCESS"}:
            yield f"{name} looks into groups of two classes at once"
        parsed = dict(re.findall(r"parse @message '\"(\w+)\":\"\*\"' as (\w+)", text))
        if any(key != field for key, field in parsed.items()):
            yield f"{name} parses {parsed}"
        for field in _fields(re.sub(r"parse @message '[^']*' as \w+", "", text)) - parsed.keys():
            if not field.startswith("@"):
                yield f"{name}: {field} is not parsed"


def _fields(query: str) -> set[str]:
    """Return the names in a Logs Insights query that are neither its own words nor its results."""
    text = re.sub(r'"[^"]*"|/[^/]*/', "", query)
    made = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"@?[a-zA-Z_]\w*", text))
    return words - made - QUERY_WORDS
