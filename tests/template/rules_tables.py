"""Rules: the bucket in SQL. What each table holds is decided in `decided/tables.py`."""

import re
from collections.abc import Iterator

from uploader.failures import Reason
from validator.contracts.registry import CONTRACTS

from tests.template.deployment import Deployment, walk
from tests.template.rules import rule

PREFIXES = {"raw_messages": "messages", "raw_batches": "batches", "raw_quarantine": "quarantine"}
# What each saved query has to say for its name to be true.
SAVED = {
    "newest": ("raw_messages UNION ALL", "raw_batches )", "ORDER BY message_id DESC LIMIT 20"),
    "counts": (
        "raw_messages UNION ALL",
        "raw_batches )",
        "count(*) AS messages",
        "ORDER BY dt DESC",
    ),
    "message": ("WHERE contract = ? AND dt = ? AND message_id = ?", "GROUP BY contract, dt"),
    "quarantine": ("count(DISTINCT", "INTERVAL '7' DAY", "GROUP BY reason, dt", "ORDER BY dt DESC"),
}
SQL = {
    "WITH", "AS", "SELECT", "FROM", "UNION", "ALL", "WHERE", "AND", "GROUP", "BY", "ORDER", "DESC",
    "LIMIT", "CAST", "NULL", "INTERVAL", "DAY", "DISTINCT", "count", "max", "regexp_extract",
    "current_date", "varchar",
}  # fmt: skip
COLUMNS = {
    "stored", "contract", "dt", "hour", "line", "client", "message_id", "messages", "reason",
    "records", "newest", "path", *PREFIXES,
}  # fmt: skip


@rule
def tables_read_lines_of_the_bucket(deployment: Deployment) -> Iterator[str]:
    """Each table's partitions lie where its keys say, below its own prefix."""
    for name, table in deployment.of_type("AWS::Glue::Table").items():
        properties = table["Properties"]["TableInput"]
        prefix = PREFIXES.get(properties["Name"])
        keys = "".join(f"{key['Name']}=${{!{key['Name']}}}/" for key in properties["PartitionKeys"])
        template = properties["Parameters"].get("storage.location.template", "")
        if template != f"s3://MessageBucket/{prefix}/{keys}":
            yield f"{name} looks for partitions in {template}"


@rule
def values_are_what_the_code_writes(deployment: Deployment) -> Iterator[str]:
    """Athena looks only where the projection says: what lies elsewhere is never seen."""
    written = {
        "contract": ",".join(sorted(CONTRACTS)),
        "reason": ",".join(reason.value for reason in Reason),
    }
    for name, table in deployment.of_type("AWS::Glue::Table").items():
        parameters = table["Properties"]["TableInput"]["Parameters"]
        for key, values in written.items():
            if parameters.get(f"projection.{key}.values", values) != values:
                yield f"{name} knows other values of {key}: make generated"


@rule
def the_database_needs_no_quotes(deployment: Deployment) -> Iterator[str]:
    """Its name follows from the stack's, so that stacks do not collide, without a hyphen."""
    name = deployment.properties("Database").get("DatabaseInput", {}).get("Name")
    if name != deployment.pseudo["AWS::StackName"].replace("-", "_"):
        yield f"the database is named {name!r}"


@rule
def saved_queries_are_whole(deployment: Deployment) -> Iterator[str]:
    """Each says what its name says, of columns that there are; its own tests run it."""
    found = {
        query["Properties"]["Name"]: " ".join(query["Properties"]["QueryString"].split())
        for query in deployment.of_type("AWS::Athena::NamedQuery").values()
    }
    if found.keys() != SAVED.keys():
        yield f"the saved queries are {sorted(found)}"
    for name, sql in found.items():
        for asked in SAVED.get(name, ()):
            if asked not in sql:
                yield f"{name} does not ask {asked!r}"
        words = set(re.findall(r"[A-Za-z_]+", re.sub(r"'[^']*'", "", sql)))
        if unknown := words - SQL - COLUMNS:
            yield f"{name} asks for {sorted(unknown)}"
        if sql.count("(") != sql.count(")"):
            yield f"{name} has a parenthesis too many"


@rule
def nobody_has_the_readers_policy(deployment: Deployment) -> Iterator[str]:
    """Whoever owns the account attaches it; nothing of the stack reads what it stored."""
    for name, resource in deployment.resources.items():
        if name != "ReaderPolicy" and any(
            node == "ReaderPolicy" for _, node in walk(resource.get("Properties", {}))
        ):
            yield f"{name} has the readers' policy"
