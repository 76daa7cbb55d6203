"""The bucket in SQL: tables, what a query may cost, and what a reader may do."""

from typing import Any

from tests.template.closed import Decided, HeldBy, Policy, Statement, When, Words
from tests.template.decided.messages import OBJECTS

MEMBER = "org.apache.hadoop.{}"
GLUE = "arn:${AWS::Partition}:glue:${AWS::Region}:${AWS::AccountId}:"


def table(name: str, prefix: str, keys: tuple[str, ...]) -> Decided:
    """Return the table *name*: lines of text below *prefix*, in partitions by *keys*."""
    hours = {"type": "integer", "range": "0,23", "digits": "2"} if "hour" in keys else {}
    return Decided(
        "AWS::Glue::Table",
        {
            "CatalogId": ("${AWS::AccountId}", "the account's own catalogue"),
            "DatabaseName": ("Database", "the stack's own database"),
            "TableInput": (
                {
                    "Name": name,
                    "Description": Words(),
                    "TableType": "EXTERNAL_TABLE",
                    "PartitionKeys": [{"Name": key, "Type": "string"} for key in keys],
                    "Parameters": {
                        "EXTERNAL": "TRUE",
                        "projection.enabled": "true",  # no partition that somebody has to add
                        f"projection.{keys[0]}.type": "enum",
                        f"projection.{keys[0]}.values": HeldBy("values_are_what_the_code_writes"),
                        "projection.dt.type": "date",
                        "projection.dt.format": "yyyy-MM-dd",
                        "projection.dt.range": "2026-01-01,NOW",
                        **{f"projection.hour.{key}": value for key, value in hours.items()},
                        "storage.location.template": HeldBy("tables_read_lines_of_the_bucket"),
                    },
                    "StorageDescriptor": {
                        "Columns": [{"Name": "line", "Type": "string"}],  # Athena rounds numbers
                        "Location": f"s3://MessageBucket/{prefix}/",
                        "InputFormat": MEMBER.format("mapred.TextInputFormat"),
                        "OutputFormat": MEMBER.format("hive.ql.io.HiveIgnoreKeyTextOutputFormat"),
                        "SerdeInfo": {
                            "SerializationLibrary": MEMBER.format(
                                "hive.serde2.lazy.LazySimpleSerDe"
                            ),
                            "Parameters": {"serialization.format": "1"},
                        },
                    },
                },
                "the line as text, in partitions that follow from its key",
            ),
        },
    )


def saved(name: str) -> Decided:
    """Return the saved query *name*."""
    return Decided(
        "AWS::Athena::NamedQuery",
        {
            "Name": (name, "make query NAME= runs it"),
            "Description": (Words(), "says what it shows"),
            "Database": ("Database", "the stack's own tables"),
            "WorkGroup": ("QueryWorkGroup", "elsewhere it is not seen, and not bounded"),
            "QueryString": (HeldBy("saved_queries_are_whole"), "SQL, which its own tests run"),
        },
    )


PARTITIONS = ("contract", "dt", "hour")
KEY: Any = {"KmsKey": "${KmsKeyArn}"}

RESOURCES = {
    "Database": Decided(
        "AWS::Glue::Database",
        {
            "CatalogId": ("${AWS::AccountId}", "the account's own catalogue"),
            "DatabaseInput": (
                {"Name": HeldBy("the_database_needs_no_quotes"), "Description": Words()},
                "a name of the stack's own, without a hyphen",
            ),
        },
    ),
    "MessagesTable": table("raw_messages", "messages", PARTITIONS),
    "BatchesTable": table("raw_batches", "batches", PARTITIONS),
    "QuarantineTable": table("raw_quarantine", "quarantine", ("reason", "dt")),
    "QueryWorkGroup": Decided(
        "AWS::Athena::WorkGroup",
        {
            "Name": ("${AWS::StackName}-readers", "two stacks of an account do not collide"),
            "RecursiveDeleteOption": (True, "the stack can be deleted once somebody has asked"),
            "WorkGroupConfiguration": (
                {
                    # Or a reader could send results to any bucket.
                    "EnforceWorkGroupConfiguration": True,
                    "EngineVersion": {"SelectedEngineVersion": "Athena engine version 3"},
                    "BytesScannedCutoffPerQuery": "${QueryLimitInBytes}",
                    "PublishCloudWatchMetricsEnabled": False,
                    "ManagedQueryResultsConfiguration": {
                        "Enabled": True,
                        "EncryptionConfiguration": When("KmsKeyArn", KEY),
                    },
                },
                "a query costs so much at most, and Athena keeps its result for a day, encrypted",
            ),
        },
    ),
    "ReaderPolicy": Decided(
        "AWS::IAM::ManagedPolicy",
        {
            "PolicyDocument": (
                Policy(
                    Statement(
                        "athena:BatchGetNamedQuery athena:BatchGetQueryExecution "
                        "athena:GetNamedQuery athena:GetQueryExecution athena:GetQueryResults "
                        "athena:GetQueryResultsStream athena:GetWorkGroup athena:ListNamedQueries "
                        "athena:ListQueryExecutions athena:StartQueryExecution "
                        "athena:StopQueryExecution",
                        "arn:${AWS::Partition}:athena:${AWS::Region}:${AWS::AccountId}"
                        ":workgroup/${QueryWorkGroup}",
                    ),
                    Statement(
                        "glue:GetDatabase glue:GetPartitions glue:GetTable glue:GetTables",
                        f"{GLUE}catalog {GLUE}database/${{Database}} {GLUE}table/${{Database}}/*",
                    ),
                    Statement("cloudformation:DescribeStacks", "${AWS::StackId}"),
                    Statement(
                        "s3:ListBucket",
                        "${MessageBucket.Arn}",
                        when={
                            "StringLike": {
                                "s3:prefix": ["messages/*", "batches/*", "quarantine/*"],
                            }
                        },
                    ),
                    Statement("s3:GetBucketLocation", "${MessageBucket.Arn}"),
                    Statement("s3:GetObject", OBJECTS),
                    Statement("kms:Decrypt kms:GenerateDataKey", "${KmsKeyArn}", given="KmsKeyArn"),
                ),
                "a reader asks and reads; nobody has it unless someone attaches it",
            )
        },
    ),
    "NewestSavedQuery": saved("newest"),
    "CountsSavedQuery": saved("counts"),
    "MessageSavedQuery": saved("message"),
    "QuarantineSavedQuery": saved("quarantine"),
}
