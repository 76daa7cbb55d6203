"""Rules: data are kept, encrypted and private."""
# ruff: noqa: D401  # a rule's docstring states the promise

from collections.abc import Iterator

from tests.support.template import FUNCTIONS
from tests.template.deployment import Deployment, listed
from tests.template.rules import rule

BUCKETS = ("MessageBucket", "IdempotencyKeyBucket")
# Every object below these is written once.
WRITTEN_ONCE = ("messages", "batches", "quarantine")


@rule
def data_outlive_the_stack(deployment: Deployment) -> Iterator[str]:
    """Deleting the stack, or replacing a resource, deletes no message and no log line.

    A first deployment that fails takes back what it made, or its remains would pile up.
    """
    names = [*BUCKETS, "MessageQueue", "DeadLetterQueue", "BackupVault", "BackupRole"]
    for name in [*names, *deployment.of_type("AWS::Logs::LogGroup")]:
        resource = deployment.resources.get(name)
        for policy, value in {
            "DeletionPolicy": "RetainExceptOnCreate",
            "UpdateReplacePolicy": "Retain",
        }.items():
            if resource and resource.get(policy) != value:
                yield f"{name}: {policy} is {resource.get(policy)}"


@rule
def bucket_is_private(deployment: Deployment) -> Iterator[str]:
    """No object can be made public, by list or by policy, and the account owns them all."""
    for bucket in map(deployment.properties, BUCKETS):
        access = bucket.get("PublicAccessBlockConfiguration", {})
        for name in (
            "BlockPublicAcls",
            "BlockPublicPolicy",
            "IgnorePublicAcls",
            "RestrictPublicBuckets",
        ):
            if access.get(name) is not True:
                yield f"the bucket has {name} off"
        rules = bucket.get("OwnershipControls", {}).get("Rules", [])
        if rules != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield "objects may belong to somebody else"
        if "WebsiteConfiguration" in bucket or "AccessControl" in bucket:
            yield "the bucket is opened"


@rule
def data_are_encrypted(deployment: Deployment) -> Iterator[str]:
    """At rest with AWS's keys, or with the user's wherever messages are."""
    key = deployment.parameters["KmsKeyArn"]
    for name in ("MessageQueue", "DeadLetterQueue"):
        queue = deployment.properties(name)
        if queue.get("KmsMasterKeyId", "") != key or queue.get("SqsManagedSseEnabled") is not (
            None if key else True
        ):
            yield f"{name} is not encrypted as asked"
    for bucket in BUCKETS:
        encryption = deployment.properties(bucket).get("BucketEncryption", {})
        [default] = encryption.get("ServerSideEncryptionConfiguration") or [{}]
        algorithm = default.get("ServerSideEncryptionByDefault", {})
        wanted = (
            {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
            if key
            else {"SSEAlgorithm": "AES256"}
        )
        if algorithm != wanted:
            yield f"{bucket}'s encryption is {algorithm}"
        if key and default.get("BucketKeyEnabled") is not True:
            yield "each object would be a call to KMS"
    vault = deployment.resources.get("BackupVault")
    if key and vault and vault["Properties"].get("EncryptionKeyArn") != key:
        yield "backups are not encrypted with the user's key"
    if key and vault and key.split("/")[1] not in vault["Properties"]["BackupVaultName"]:
        yield "another key would need a vault whose name is taken"


@rule
def plain_http_is_refused(deployment: Deployment) -> Iterator[str]:
    """Bucket, queues and topic take TLS alone."""
    covered = {
        "MessageQueuePolicy": ("sqs:*", {"MessageQueue.Arn"}),
        "DeadLetterQueuePolicy": ("sqs:*", {"DeadLetterQueue.Arn"}),
        "MessageBucketPolicy": ("s3:*", {"MessageBucket.Arn", "MessageBucket.Arn/*"}),
        "IdempotencyKeyBucketPolicy": (
            "s3:*",
            {"IdempotencyKeyBucket.Arn", "IdempotencyKeyBucket.Arn/*"},
        ),
        "AlarmTopicPolicy": ("sns:Publish", {"AlarmTopic"}),
    }
    for name, (action, resources) in covered.items():
        document = deployment.properties(name).get("PolicyDocument", {})
        if not any(
            statement.get("Effect") == "Deny"
            and statement.get("Principal") == "*"
            and listed(statement.get("Action")) == [action]
            and set(listed(statement.get("Resource"))) == resources
            and statement.get("Condition") == {"Bool": {"aws:SecureTransport": "false"}}
            for statement in document.get("Statement", [])
        ):
            yield f"{name} lets plain HTTP through"
    attached = {
        "MessageQueuePolicy": ("Queues", ["MessageQueue"]),
        "DeadLetterQueuePolicy": ("Queues", ["DeadLetterQueue"]),
        "MessageBucketPolicy": ("Bucket", "MessageBucket"),
        "IdempotencyKeyBucketPolicy": ("Bucket", "IdempotencyKeyBucket"),
        "AlarmTopicPolicy": ("Topics", ["AlarmTopic"]),
    }
    for name, (key, value) in attached.items():
        if deployment.properties(name).get(key) != value:
            yield f"{name} is not attached to {value}"


@rule
def stored_objects_are_never_overwritten(deployment: Deployment) -> Iterator[str]:
    """Every write that creates an object says that there must be none, or is denied, to anybody.

    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes-enforce.html: without
    s3:ObjectCreationOperation the parts of a multipart upload, which take no such header, would be
    denied too.
    """
    document = deployment.properties("MessageBucketPolicy").get("PolicyDocument", {})
    denied = {
        resource
        for statement in document.get("Statement", [])
        if statement.get("Effect") == "Deny"
        and statement.get("Principal") == "*"
        and listed(statement.get("Action")) == ["s3:PutObject"]
        and statement.get("Condition")
        == {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}}
        for resource in listed(statement.get("Resource"))
    }
    for missing in {f"MessageBucket.Arn/{prefix}/*" for prefix in WRITTEN_ONCE} ^ denied:
        yield f"overwriting is decided otherwise for {missing}"


@rule
def idempotency_keys_are_forgotten(deployment: Deployment) -> Iterator[str]:
    """A key is good for at most four days: no version of one is kept, and none is in a backup."""
    bucket = deployment.properties("IdempotencyKeyBucket")
    if "VersioningConfiguration" in bucket:
        yield "keys that are over are kept as versions"
    rules = {rule["Id"]: rule for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])}
    forgetting = rules.get("forget-idempotency-keys", {})
    if forgetting != {
        "Id": "forget-idempotency-keys",
        "Status": "Enabled",
        "ExpirationInDays": 5,
    }:
        yield f"keys are forgotten otherwise: {forgetting}"


@rule
def keys_are_found_by_the_release_before(deployment: Deployment) -> Iterator[str]:
    """Whoever upgrades without reading has no key that stands for two messages."""
    if deployment.template["Parameters"]["KeysAlsoInMessageBucket"]["Default"] != "true":
        yield "0.1.0 would not find a key that this release has claimed"


@rule
def deleted_objects_can_be_had_back(deployment: Deployment) -> Iterator[str]:
    """Versioning is on, and lifecycle deletes only what it is told to."""
    bucket = deployment.properties("MessageBucket")
    if bucket.get("VersioningConfiguration") != {"Status": "Enabled"}:
        yield "a deleted object is gone"
    rules = {rule["Id"]: rule for rule in bucket.get("LifecycleConfiguration", {}).get("Rules", [])}
    wanted = {"forget-idempotency-keys", "forget-deleted-objects", "abort-incomplete-uploads"}
    wanted |= {"forget-the-canary"}
    wanted |= {"archive"} if deployment.parameters["ArchiveAfterInDays"] else set()
    wanted |= {"expire"} if deployment.parameters["ExpireAfterInDays"] else set()
    if rules.keys() != wanted:
        yield f"lifecycle rules: {sorted(rules)}"
    for name, settings in rules.items():
        if settings.get("Status") != "Enabled":
            yield f"lifecycle rule {name} is off"
        scope = (settings.get("Prefix"), settings.get("ExpirationInDays", 2))
        passing = {("idempotency/", 2), ("messages/contract=canary/", 1)}
        if "ExpirationInDays" in settings and name != "expire" and scope not in passing:
            yield f"lifecycle rule {name} deletes data"
        if settings.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 30) < 30 and (
            settings.get("Prefix") not in dict(passing)
        ):
            yield f"lifecycle rule {name} forgets deletions too soon"
    expired = rules.get("expire", {}).get("ExpirationInDays")
    if expired != (deployment.parameters["ExpireAfterInDays"] or None):
        yield f"objects expire after {expired} days"


@rule
def backups_are_made_as_asked(deployment: Deployment) -> Iterator[str]:
    """Daily for as long as the user says, and to any second of the last week."""
    days = deployment.parameters["BackupRetentionInDays"]
    if not days:
        return
    plan = deployment.properties("BackupPlan").get("BackupPlan", {})
    rules = {rule["RuleName"]: rule for rule in plan.get("BackupPlanRule", [])}
    if rules.get("daily", {}).get("Lifecycle") != {"DeleteAfterDays": days}:
        yield "daily backups are not kept as long as asked"
    if not rules.get("point-in-time", {}).get("EnableContinuousBackup"):
        yield "there is no point-in-time recovery"
    if {rule.get("TargetBackupVault") for rule in rules.values()} != {"BackupVault"}:
        yield "backups go elsewhere"
    selection = deployment.properties("BackupSelection").get("BackupSelection", {})
    if selection.get("Resources") != ["MessageBucket.Arn"]:
        yield "the bucket is not backed up"


@rule
def logs_are_kept_as_long_as_asked(deployment: Deployment) -> Iterator[str]:
    """No log group lives for ever, and every function writes JSON to its own."""
    for name, group in deployment.of_type("AWS::Logs::LogGroup").items():
        if (
            group["Properties"].get("RetentionInDays")
            != deployment.parameters["LogRetentionInDays"]
        ):
            yield f"{name} has no retention"
        if "LogGroupClass" in group["Properties"]:
            yield f"{name}: metrics come out of the standard class alone"
    for name in FUNCTIONS:
        if deployment.properties(name).get("LoggingConfig") != {
            "LogFormat": "JSON",
            "LogGroup": name.replace("Function", "LogGroup"),
            "ApplicationLogLevel": "INFO",
            "SystemLogLevel": "WARN",
        }:
            yield f"{name} logs elsewhere or otherwise"
