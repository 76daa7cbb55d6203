"""Rules: the bucket in SQL, what a query may cost, and what a reader may do."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator

from tests.template.deployment import PSEUDO_PARAMETERS, Deployment, listed, walk
from tests.template.rules import rule

PREFIXES = {"raw_messages": "messages", "raw_batches": "batches", "raw_quarantine": "quarantine"}
# What a reader does, and each thing that it is done to.
_ARN = "arn:aws:{}:eu-central-1:123456789012:{}"
_GLUE = {
    _ARN.format("glue", "catalog"),
    _ARN.format("glue", "database/Database"),
    _ARN.format("glue", "table/Database/*"),
}
_WORKGROUP = {_ARN.format("athena", "workgroup/QueryWorkGroup")}
_OBJECTS = {f"MessageBucket.Arn/{prefix}/*" for prefix in PREFIXES.values()}
READERS = {
    **dict.fromkeys(
        (
            "athena:BatchGetNamedQuery",
            "athena:BatchGetQueryExecution",
            "athena:GetNamedQuery",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetQueryResultsStream",
            "athena:GetWorkGroup",
            "athena:ListNamedQueries",
            "athena:ListQueryExecutions",
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
        ),
        frozenset(_WORKGROUP),
    ),
    **dict.fromkeys(
        ("glue:GetDatabase", "glue:GetPartitions", "glue:GetTable", "glue:GetTables"),
        frozenset(_GLUE),
    ),
    "cloudformation:DescribeStacks": frozenset({PSEUDO_PARAMETERS["AWS::StackId"]}),
    "s3:ListBucket": frozenset({"MessageBucket.Arn"}),
    "s3:GetBucketLocation": frozenset({"MessageBucket.Arn"}),
    "s3:GetObject": frozenset(_OBJECTS),
}
WITH_KEY = ("kms:Decrypt", "kms:GenerateDataKey")


@rule
def tables_read_lines_of_the_bucket(deployment: Deployment) -> Iterator[str]:
    """Each table reads a prefix of the message bucket as lines of text, by projected partitions."""
    found = {}
    for name, table in deployment.of_type("AWS::Glue::Table").items():
        properties = table["Properties"]["TableInput"]
        storage, parameters = properties["StorageDescriptor"], properties["Parameters"]
        found[properties["Name"]] = storage["Location"]
        template = parameters.get("storage.location.template", "")
        keys = [key["Name"] for key in properties["PartitionKeys"]]
        if not template.startswith(storage["Location"]):
            yield f"{name} looks for partitions outside of its location"
        if template.removeprefix(storage["Location"]) != "".join(
            f"{key}=${{!{key}}}/" for key in keys
        ):
            yield f"{name} has a template that its keys do not fill"
        if parameters.get("projection.enabled") != "true":
            yield f"{name} knows no partition until somebody adds it"
        if {part for part in parameters if part.endswith(".type")} != {
            f"projection.{key}.type" for key in keys
        }:
            yield f"{name} does not project each of its keys"
        if storage["Columns"] != [{"Name": "line", "Type": "string"}]:
            yield f"{name} is not the line as text: Athena would round numbers"
        if not storage["SerdeInfo"]["SerializationLibrary"].endswith(".LazySimpleSerDe"):
            yield f"{name} parses the line"
        if table["Properties"]["DatabaseName"] != "Database":
            yield f"{name} is in another database"
    if found != {name: f"s3://MessageBucket/{prefix}/" for name, prefix in PREFIXES.items()}:
        yield f"the tables are {found}"


@rule
def the_database_needs_no_quotes(deployment: Deployment) -> Iterator[str]:
    """Its name follows from the stack's, so that stacks do not collide, without a hyphen."""
    name = deployment.properties("Database").get("DatabaseInput", {}).get("Name")
    if name != deployment_name():
        yield f"the database is named {name!r}"


def deployment_name() -> str:
    """Return the database's name for the stack of the tests."""
    return PSEUDO_PARAMETERS["AWS::StackName"].replace("-", "_")


@rule
def queries_are_bounded_and_leave_nothing_behind(deployment: Deployment) -> Iterator[str]:
    """A query costs so much at most; its result is kept by Athena, encrypted, for a day."""
    group = deployment.properties("QueryWorkGroup")
    settings = group.get("WorkGroupConfiguration", {})
    if settings.get("BytesScannedCutoffPerQuery") != deployment.parameters["QueryLimitInBytes"]:
        yield "a query may read more than QueryLimitInBytes"
    if settings.get("EnforceWorkGroupConfiguration") is not True:
        yield "a reader may send results elsewhere"
    managed = settings.get("ManagedQueryResultsConfiguration", {})
    if managed.get("Enabled") is not True:
        yield "results need a bucket that is not there"
    if "ResultConfiguration" in settings:
        yield "Athena refuses a location beside managed results"
    key = deployment.parameters["KmsKeyArn"]
    if managed.get("EncryptionConfiguration", {}).get("KmsKey", "") != key:
        yield "results are not encrypted with the key of the messages"
    if group.get("RecursiveDeleteOption") is not True:
        yield "the stack cannot be deleted once somebody has asked"


@rule
def saved_queries_are_in_the_readers_workgroup(deployment: Deployment) -> Iterator[str]:
    """A query that is saved elsewhere is not seen, and not bounded."""
    found = deployment.of_type("AWS::Athena::NamedQuery")
    for name, query in found.items():
        properties = query["Properties"]
        if (properties["WorkGroup"], properties["Database"]) != ("QueryWorkGroup", "Database"):
            yield f"{name} is elsewhere"
        if len(properties.get("Description", "").split()) < 5:
            yield f"{name} does not say what it shows"
    names = {query["Properties"]["Name"] for query in found.values()}
    if names != {"newest", "counts", "message", "quarantine"}:
        yield f"the saved queries are {sorted(names)}"


@rule
def readers_read_and_nothing_else(deployment: Deployment) -> Iterator[str]:
    """Who has the policy asks, and reads the objects; nobody has it unless someone attaches it."""
    policy = deployment.properties("ReaderPolicy")
    wanted = dict(READERS)
    if key := deployment.parameters["KmsKeyArn"]:
        wanted |= dict.fromkeys(WITH_KEY, frozenset({key}))
    found: dict[str, frozenset[str]] = {}
    for statement in policy.get("PolicyDocument", {}).get("Statement", []):
        if statement["Effect"] != "Allow":
            yield f"{statement['Sid']} allows nothing"
        for action in listed(statement["Action"]):
            found[action] = frozenset(listed(statement["Resource"]))
        if listed(statement["Action"]) == ["s3:ListBucket"] and statement.get("Condition") != {
            "StringLike": {"s3:prefix": [f"{prefix}/*" for prefix in PREFIXES.values()]}
        }:
            yield "a reader may list more than what is stored"
    for action in found.keys() ^ wanted.keys():
        yield f"{action} is {'not needed' if action in found else 'missing'}"
    for action in found.keys() & wanted.keys():
        if found[action] != wanted[action]:
            yield f"{action} on {sorted(found[action])}"
    for key_ in ("Users", "Groups", "Roles"):
        if key_ in policy:
            yield f"the policy is attached to {policy[key_]}"
    for name, resource in deployment.resources.items():
        if name != "ReaderPolicy" and any(
            node == "ReaderPolicy" for _, node in walk(resource.get("Properties", {}))
        ):
            yield f"{name} has the readers' policy"
