"""What holds messages: queues, bucket and backups."""

from tests.template.closed import (
    Between,
    Decided,
    HeldBy,
    Matching,
    Maybe,
    Policy,
    Statement,
    When,
)

KEY = (When("KmsKeyArn", "${KmsKeyArn}"), "the user's key, wherever messages are")
SQS_KEY = (When("KmsKeyArn", Maybe(False), True), "AWS's own key, without the user's")


def only_tls(actions: str, on: str) -> Statement:
    """Return what refuses plain HTTP."""
    return Statement(
        actions, on, by="*", effect="Deny", when={"Bool": {"aws:SecureTransport": "false"}}
    )


def queue_policy(queue: str) -> Decided:
    """Return the policy of *queue*: it lets nobody in from outside, and nobody without TLS."""
    return Decided(
        "AWS::SQS::QueuePolicy",
        {
            "Queues": ([queue], "it belongs to this queue"),
            "PolicyDocument": (Policy(only_tls("sqs:*", f"${{{queue}.Arn}}")), "TLS alone"),
        },
    )


OBJECTS = (
    "${MessageBucket.Arn}/messages/* ${MessageBucket.Arn}/batches/* "
    "${MessageBucket.Arn}/quarantine/*"
)
ON = "Enabled"
EVENTS = {"EventBridgeConfiguration": {"EventBridgeEnabled": True}}

# What every bucket is.
PRIVATE = {
    "BucketEncryption": (
        {
            "ServerSideEncryptionConfiguration": [
                {
                    "ServerSideEncryptionByDefault": {
                        "SSEAlgorithm": When("KmsKeyArn", "aws:kms", "AES256"),
                        "KMSMasterKeyID": When("KmsKeyArn", "${KmsKeyArn}"),
                    },
                    # One call to KMS for many objects.
                    "BucketKeyEnabled": When("KmsKeyArn", True),
                }
            ]
        },
        "at rest with AWS's key, or with the user's",
    ),
    "PublicAccessBlockConfiguration": (
        {
            "BlockPublicAcls": True,
            "BlockPublicPolicy": True,
            "IgnorePublicAcls": True,
            "RestrictPublicBuckets": True,
        },
        "no object can be made public",
    ),
    "OwnershipControls": (
        {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
        "the account owns every object, and no access list counts",
    ),
}

RESOURCES = {
    "MessageQueue": Decided(
        "AWS::SQS::Queue",
        {
            "VisibilityTimeout": (
                Between(380, 600),
                "six times the uploader's time-out and the window; longer, a crash costs minutes",
            ),
            "MessageRetentionPeriod": (Between(7 * 86400, 11 * 86400), "longer than an outage"),
            "SqsManagedSseEnabled": SQS_KEY,
            "KmsMasterKeyId": KEY,
            "RedrivePolicy": (
                {
                    "deadLetterTargetArn": "DeadLetterQueue.Arn",
                    "maxReceiveCount": Between(300, 1000),
                },
                "nothing is dropped, and no outage of a day uses the receives up",
            ),
        },
        kept=True,
    ),
    "DeadLetterQueue": Decided(
        "AWS::SQS::Queue",
        {
            "MessageRetentionPeriod": (1209600, "the longest; it counts from the first enqueue"),
            "SqsManagedSseEnabled": SQS_KEY,
            "KmsMasterKeyId": KEY,
        },
        kept=True,
    ),
    "MessageQueuePolicy": queue_policy("MessageQueue"),
    "DeadLetterQueuePolicy": queue_policy("DeadLetterQueue"),
    "MessageBucket": Decided(
        "AWS::S3::Bucket",
        {
            **PRIVATE,
            "VersioningConfiguration": ({"Status": ON}, "a deleted object can be had back"),
            "NotificationConfiguration": (
                When("StoredEvents", EVENTS, When("BackupRetentionInDays", EVENTS)),
                "EventBridge bills each event; AWS Backup follows the bucket by them",
            ),
            "LifecycleConfiguration": (
                {
                    # Objects below 128 kB would cost more in Glacier than they save.
                    "TransitionDefaultMinimumObjectSize": "all_storage_classes_128K",
                    "Rules": [
                        When(
                            "ArchiveAfterInDays",
                            {
                                "Id": "archive",
                                "Status": ON,
                                "Transitions": [
                                    {
                                        "StorageClass": "GLACIER_IR",
                                        "TransitionInDays": "${ArchiveAfterInDays}",
                                    }
                                ],
                            },
                        ),
                        When(
                            "ExpireAfterInDays",
                            {
                                "Id": "expire",
                                "Status": ON,
                                "ExpirationInDays": "${ExpireAfterInDays}",
                            },
                        ),
                        {
                            "Id": "forget-the-canary",
                            "Status": ON,
                            "Prefix": "messages/contract=canary/",
                            "ExpirationInDays": Between(1, 7),
                            "NoncurrentVersionExpiration": {"NoncurrentDays": Between(1, 7)},
                        },
                        {
                            "Id": "forget-deleted-objects",
                            "Status": ON,
                            # A month to regret a deletion.
                            "NoncurrentVersionExpiration": {"NoncurrentDays": Between(30, 90)},
                        },
                        {
                            "Id": "forget-idempotency-keys",
                            "Status": ON,
                            "Prefix": "idempotency/",
                            "ExpirationInDays": 2,  # a key is good for 24 hours
                            "NoncurrentVersionExpiration": {"NoncurrentDays": Between(1, 7)},
                        },
                        {
                            "Id": "abort-incomplete-uploads",
                            "Status": ON,
                            "AbortIncompleteMultipartUpload": {
                                "DaysAfterInitiation": Between(1, 7)
                            },
                        },
                    ],
                },
                "only what the user asks for deletes or moves a message",
            ),
        },
        kept=True,
    ),
    "MessageBucketPolicy": Decided(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": ("MessageBucket", "it belongs to this bucket"),
            "PolicyDocument": (
                Policy(
                    only_tls("s3:*", "${MessageBucket.Arn} ${MessageBucket.Arn}/*"),
                    Statement(
                        "s3:PutObject",
                        OBJECTS,
                        by="*",
                        effect="Deny",
                        when={
                            "Null": {"s3:if-none-match": "true"},
                            "Bool": {"s3:ObjectCreationOperation": "true"},
                        },
                    ),
                ),
                "TLS alone, each object once, and nobody let in from outside",
            ),
        },
    ),
    "IdempotencyKeyBucket": Decided(
        "AWS::S3::Bucket",
        {
            **PRIVATE,
            "LifecycleConfiguration": (
                {
                    "Rules": [
                        {"Id": "forget-idempotency-keys", "Status": ON, "ExpirationInDays": 5},
                        {
                            "Id": "abort-incomplete-uploads",
                            "Status": ON,
                            "AbortIncompleteMultipartUpload": {
                                "DaysAfterInitiation": Between(1, 7)
                            },
                        },
                    ]
                },
                "no key is good for more than four days, and no version of one is kept",
            ),
        },
        kept=True,
    ),
    "IdempotencyKeyBucketPolicy": Decided(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": ("IdempotencyKeyBucket", "it belongs to this bucket"),
            "PolicyDocument": (
                Policy(
                    only_tls("s3:*", "${IdempotencyKeyBucket.Arn} ${IdempotencyKeyBucket.Arn}/*")
                ),
                "TLS alone, and nobody let in from outside",
            ),
        },
    ),
    "BackupVault": Decided(
        "AWS::Backup::BackupVault",
        {
            "BackupVaultName": (HeldBy("vaults_never_share_a_name"), "a kept vault keeps its name"),
            "EncryptionKeyArn": KEY,
        },
        given="BackupRetentionInDays",
        kept=True,
    ),
    "BackupPlan": Decided(
        "AWS::Backup::BackupPlan",
        {
            "BackupPlan": (
                {
                    "BackupPlanName": "${AWS::StackName}-messages",
                    "BackupPlanRule": [
                        {
                            "RuleName": "daily",
                            "TargetBackupVault": "BackupVault",
                            "ScheduleExpression": Matching(r"cron\(\d+ \d+ \* \* \? \*\)"),
                            "Lifecycle": {"DeleteAfterDays": "${BackupRetentionInDays}"},
                        },
                        {
                            "RuleName": "point-in-time",
                            "TargetBackupVault": "BackupVault",
                            "EnableContinuousBackup": True,
                            "Lifecycle": {"DeleteAfterDays": Between(7, 35)},  # AWS keeps no more
                        },
                    ],
                },
                "daily for as long as asked, and to any second of the last week",
            )
        },
        given="BackupRetentionInDays",
    ),
    "BackupSelection": Decided(
        "AWS::Backup::BackupSelection",
        {
            "BackupPlanId": ("BackupPlan", "the only plan"),
            "BackupSelection": (
                {
                    "SelectionName": "messages",
                    "IamRoleArn": "BackupRole.Arn",
                    "Resources": ["MessageBucket.Arn"],
                },
                "the bucket, and nothing else of the account",
            ),
        },
        given="BackupRetentionInDays",
    ),
    "BackupRole": Decided(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": (
                Policy(Statement("sts:AssumeRole", by="Service:backup.amazonaws.com")),
                "AWS Backup alone takes it, from any plan of the account",
            ),
            "ManagedPolicyArns": (
                ["arn:${AWS::Partition}:iam::aws:policy/AWSBackupServiceRolePolicyForS3Backup"],
                "it backs up and does not restore",
            ),
        },
        given="BackupRetentionInDays",
        kept=True,  # AWS Backup takes it to delete expired backups, which outlive the stack
    ),
}
