"""Rules: the saved queries look for what is logged."""
# ruff: noqa: D401  # a rule's docstring states the promise

import re
from collections.abc import Iterator
from json import loads

from tests.support.template import FUNCTIONS
from tests.template import source
from tests.template.decided.observation import QUERIES
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

COMMANDS = {"display", "fields", "filter", "limit", "sort", "stats"}


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
def queries_are_those_decided_on(deployment: Deployment) -> Iterator[str]:
    """A saved query looks where its name says, for what its name says."""
    stack = deployment.pseudo["AWS::StackName"]
    found = {
        query["Properties"].get("Name", "").removeprefix(f"{stack}/"): query["Properties"]
        for query in deployment.of_type("AWS::Logs::QueryDefinition").values()
    }
    if len(found) != len(deployment.of_type("AWS::Logs::QueryDefinition")):
        yield "two saved queries have one name"
    for name in sorted(QUERIES.keys() ^ found.keys()):
        yield f"{name}: {'decide on it in QUERIES' if name in found else 'is missing'}"
    for name in sorted(QUERIES.keys() & found.keys()):
        query, decided = found[name], QUERIES[name]
        if sorted(query["LogGroupNames"]) != sorted(decided.groups.split()):
            yield f"{name} looks into {query['LogGroupNames']}"
        if unknown := query.keys() - {"Name", "LogGroupNames", "QueryString"}:
            yield f"{name}: nobody decided on {sorted(unknown)}"
        text = " ".join(query["QueryString"].split())
        for asked in decided.asks:
            if asked not in text:
                yield f"{name} does not ask {asked!r}"
        if " sort " not in text:
            yield f"{name} does not say what comes first"
        for clause in text.split(" | "):
            if clause.split()[0] not in COMMANDS:
                yield f"{name}: {clause!r} is not a command of Logs Insights"


def _fields(query: str) -> set[str]:
    """Return the names in a Logs Insights query that are neither its own words nor its results."""
    text = re.sub(r'"[^"]*"|/[^/]*/', "", query)
    made = set(re.findall(r"\bas (\w+)", text))
    words = set(re.findall(r"@?[a-zA-Z_]\w*", text))
    return words - made - QUERY_WORDS
