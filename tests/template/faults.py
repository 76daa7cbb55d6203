"""Single faults that someone could put into the template; each has to make a test fail."""
# ruff: noqa: E501  # a table

from typing import NamedTuple


class Fault(NamedTuple):
    """A fault: its *old* text occurs in the template, and *new* takes its first occurrence."""

    name: str
    old: str
    new: str
    after: str = ""  # look for *old* behind this text, as the same line occurs elsewhere


FAULTS = [
    # ---- permissions --------------------------------------------------------------------------
    Fault("uploader may not write", "Action: s3:PutObject", "Action: s3:GetObject"),
    Fault(
        "uploader may not acknowledge",
        "[sqs:ReceiveMessage, sqs:DeleteMessage, ",
        "[sqs:ReceiveMessage, ",
    ),
    Fault(
        "uploader may not push a retry back", ", sqs:ChangeMessageVisibility]", "]", "TakeMessages"
    ),
    Fault("validator may not enqueue", "Action: sqs:SendMessage", "Action: sqs:GetQueueUrl"),
    Fault(
        "validator may read messages",
        "${MessageBucket.Arn}/idempotency/*",
        "${MessageBucket.Arn}/*",
    ),
    Fault("validator may list all", "                Condition: {StringLike: {s3:prefix: messages/*}}\n", "", "FindMessages"),
    Fault("action of all S3", "Action: s3:PutObject", "Action: s3:*"),
    Fault("write to any bucket", "- !Sub ${MessageBucket.Arn}/messages/*", '- "*"'),
    Fault("wrong queue", "Resource: !GetAtt MessageQueue.Arn", "Resource: !GetAtt DeadLetterQueue.Arn", "EnqueueMessages"),
    Fault("tokens of every stage", "parameter/weir/${Stage}/tokens", "parameter/weir/*"),
    Fault("one role for two", "Role: !GetAtt AuthorizerRole.Arn", "Role: !GetAtt ValidatorRole.Arn"),
    Fault("role for anyone", "Principal: {Service: lambda.amazonaws.com}", 'Principal: {AWS: "*"}'),
    Fault("an unused permission", "Action: sqs:SendMessage", "Action: [sqs:SendMessage, sqs:PurgeQueue]"),
    Fault("logs of another function", "Resource: !GetAtt UploaderLogGroup.Arn", "Resource: !GetAtt ValidatorLogGroup.Arn"),
    Fault("key without its grant", "Action: [kms:Decrypt, kms:GenerateDataKey]", "Action: kms:Decrypt"),
    Fault("permission by denial", "Sid: EnqueueMessages\n                Effect: Allow", "Sid: EnqueueMessages\n                Effect: Deny"),
    Fault("a role that nobody needs", "  AlarmTopic:\n", "  SpareRole:\n    Type: AWS::IAM::Role\n    Properties:\n      AssumeRolePolicyDocument: *LambdaAssumesRole\n\n  AlarmTopic:\n"),
    # ---- data ---------------------------------------------------------------------------------
    Fault("public bucket", "BlockPublicPolicy: true", "BlockPublicPolicy: false"),
    Fault("bucket by access list", "ObjectOwnership: BucketOwnerEnforced", "ObjectOwnership: ObjectWriter"),
    Fault("bucket deleted with the stack", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete", "  MessageBucket:\n"),
    Fault("queue replaced with its messages", "UpdateReplacePolicy: Retain", "UpdateReplacePolicy: Delete", "  MessageQueue:\n"),
    Fault("vault in the way of the next try", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Retain", "  BackupVault:\n"),
    Fault("backups that cannot expire", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Delete", "  BackupRole:\n"),
    Fault("one vault for two keys", '!Select [1, !Split [/, !Sub "${KmsKeyArn}/"]]', "messages"),
    Fault("no versions", "VersioningConfiguration: {Status: Enabled}", "VersioningConfiguration: {Status: Suspended}"),
    Fault("messages expire", "Prefix: idempotency/", "Prefix: messages/"),
    Fault("bucket takes plain HTTP", "Action: s3:*\n            Resource: [!GetAtt MessageBucket.Arn, ", "Action: s3:*\n            Resource: ["),
    Fault("queue takes plain HTTP", 'aws:SecureTransport: "false"', 'aws:SecureTransport: "true"'),
    Fault("queue in the clear", "SqsManagedSseEnabled: !If [HasKey, !Ref AWS::NoValue, true]", "SqsManagedSseEnabled: false"),
    Fault("key not used", "KmsMasterKeyId: !If [HasKey, !Ref KmsKeyArn, !Ref AWS::NoValue]\n      RedrivePolicy", "RedrivePolicy"),
    Fault("no backup of the bucket", "Resources: [!GetAtt MessageBucket.Arn]", "Resources: [!GetAtt MessageQueue.Arn]"),
    Fault("no point-in-time recovery", "EnableContinuousBackup: true", "EnableContinuousBackup: false"),
    Fault("logs for ever", "    Properties:\n      RetentionInDays: !Ref LogRetentionInDays\n", "", "  UploaderLogGroup:\n"),
    Fault("metrics that never come out", "    Properties:\n", "    Properties:\n      LogGroupClass: INFREQUENT_ACCESS\n", "  ValidatorLogGroup:\n"),
    Fault("a secret in the template", "TOKEN_PARAMETER_PATH: !Sub /weir/${Stage}/tokens", "TOKEN: s3cr3t-t0ken"),
    # ---- flow ---------------------------------------------------------------------------------
    Fault("whole batches retried", "            FunctionResponseTypes: [ReportBatchItemFailures]\n", ""),
    Fault("first try that leaves its queue", "DeletionPolicy: RetainExceptOnCreate", "DeletionPolicy: Retain", "  DeadLetterQueue:\n"),
    Fault("logs gone with the stack", "    DeletionPolicy: RetainExceptOnCreate\n", "", "  UploaderLogGroup:\n"),
    Fault("a window longer than the queue's patience", "MaxValue: 20 #", "MaxValue: 120 #"),
    Fault("short visibility", "VisibilityTimeout: 380", "VisibilityTimeout: 60"),
    Fault("no dead-letter queue", "deadLetterTargetArn: !GetAtt DeadLetterQueue.Arn", "deadLetterTargetArn: !GetAtt MessageQueue.Arn"),
    Fault("few retries", "maxReceiveCount: 100", "maxReceiveCount: 5"),
    Fault("dead letters die first", "MessageRetentionPeriod: 1209600", "MessageRetentionPeriod: 345600"),
    Fault("reserved concurrency", "      Timeout: 60\n", "      Timeout: 60\n      ReservedConcurrentExecutions: 5\n"),
    Fault("concurrency not capped", "            ScalingConfig: {MaximumConcurrency: !Ref UploaderConcurrency}", "            #"),
    Fault("validator outlives the API", "Timeout: 15 ", "Timeout: 60 "),
    Fault("authorizer outlives the API's patience", "Timeout: 10 ", "Timeout: 25 "),
    Fault("probe every hour", "rate(1 minute)", "rate(1 hour)"),
    Fault("measurement for everybody", "            Auth: {Authorizer: TokenAuthorizer}\n", ""),
    Fault("authorizer answers IAM policies", "EnableSimpleResponses: true", "EnableSimpleResponses: false"),
    Fault("no route for the rest", "Path: $default", "Path: /default"),
    Fault("no throttling", "ThrottlingRateLimit: !Ref RequestsPerSecond", "ThrottlingRateLimit: 100000"),
    Fault("tokens in the access log", '"source_ip":"$context.identity.sourceIp"', '"header":"$request.header.Authorization"'),
    # ---- code ---------------------------------------------------------------------------------
    Fault("handler misspelt", "Handler: uploader.handler.lambda_handler", "Handler: uploader.handler.handler"),
    Fault("variable missing", "          STORAGE_LAYOUT: !Ref StorageLayout\n", "", "POWERTOOLS_SERVICE_NAME: uploader"),
    Fault("variable misspelt", "PROBE_SAMPLE_COUNT:", "PROBE_SAMPLES:"),
    Fault("variable for nobody", "          DEFAULT_CONTRACT:", "          COLOUR: blue\n          DEFAULT_CONTRACT:"),
    Fault("dead letters as queue", "MESSAGE_QUEUE_URL: !Ref MessageQueue", "MESSAGE_QUEUE_URL: !Ref DeadLetterQueue"),
    Fault("settings that stay behind", "      AutoPublishAliasAllProperties: true", "      AutoPublishAliasAllProperties: false", "Handler: uploader"),
    Fault("parameter that stays behind", "!Sub ${Architecture} ${Tracing} ${StorageLayout} ${AwsEndpointUrl}", "!Sub ${Architecture} ${Tracing} ${AwsEndpointUrl}"),
    Fault("another runtime", "Runtime: python3.13", "Runtime: python3.12"),
    Fault("an old runtime", "Runtime: python3.13", "Runtime: python3.8"),
    Fault("old versions pile up", "VersionDeletionPolicy: Delete", "VersionDeletionPolicy: Retain"),
    # ---- network ------------------------------------------------------------------------------
    Fault("open security group", "SourceSecurityGroupId: !Ref ProbeSecurityGroup", "CidrIp: 0.0.0.0/0"),
    Fault("public addresses", "MapPublicIpOnLaunch: false", "MapPublicIpOnLaunch: true"),
    Fault("old metadata service", "HttpTokens: required", "HttpTokens: optional"),
    Fault("a way in by SSH", "      InstanceType: !Ref TargetInstanceType\n", "      InstanceType: !Ref TargetInstanceType\n      KeyName: mine\n"),
    Fault("both targets in one zone", "SubnetId: !Ref OtherZoneSubnet", "SubnetId: !Ref ProbeSubnet"),
    Fault("a port that needs a hand", "      LaunchTemplate: *TargetVersion\n", ""),
    Fault("both targets replaced at once", "    DependsOn: SameZoneTarget # replaced", "    # replaced"),
    Fault("a zone that is not asked", "!If [HasZones, !Ref OtherZone, ", "!If [HasZones, !Ref ProbeZone, "),
    Fault("an image of another processor", "InstanceType: !Ref TargetInstanceType", "InstanceType: t4g.nanoo"),
    Fault("a target asked at another port", "${SameZoneTarget.PrivateIp}:${TargetPort}", "${SameZoneTarget.PrivateIp}:80"),
    Fault("probe in the other zone", "SubnetIds: !If [MakeNetwork, [!Ref ProbeSubnet], ", "SubnetIds: !If [MakeNetwork, [!Ref OtherZoneSubnet], "),
    # ---- observation --------------------------------------------------------------------------
    Fault("alarm on a misspelt metric", "MetricName: TimeToStore", "MetricName: TimeToStored"),
    Fault("alarm on the wrong service", "Dimensions: [{Name: service, Value: uploader}]", "Dimensions: [{Name: service, Value: upload}]"),
    Fault("alarm on a statistic without sense", "Statistic: Average\n", "Statistic: SampleCount\n"),
    Fault("alarm the wrong way round", "ComparisonOperator: LessThanThreshold", "ComparisonOperator: GreaterThanThreshold"),
    Fault("alarm that nobody hears", "      AlarmActions: *Notify\n", "", "  DeadLettersAlarm:\n"),
    Fault("silence is well", "TreatMissingData: breaching", "TreatMissingData: notBreaching"),
    Fault("alarm on the other queue", "Value: !GetAtt DeadLetterQueue.QueueName", "Value: !GetAtt MessageQueue.QueueName", "  DeadLettersAlarm:\n"),
    Fault("alarm on messages that are stored already", "MetricName: MessagesRetried", "MetricName: MessagesDuplicate"),
    Fault("alarm on any retry", "Statistic: Minimum", "Statistic: Sum", "  StoreRetriesAlarm:\n"),
    Fault("alarm shorter than the back-off", "Period: 900", "Period: 60", "  StoreRetriesAlarm:\n"),
    Fault("alarm on a hiccup", "      DatapointsToAlarm: 3", "      DatapointsToAlarm: 1", "  StoreRetriesAlarm:\n"),
    Fault("canary judged by the old version", "        - {Name: ExecutedVersion, Value: !GetAtt UploaderFunction.Version.Version}\n", ""),
    Fault("canary judged by nothing", "        Alarms: [!Ref UploaderCanaryAlarm]\n", ""),
    Fault("widget on a missing metric", '"MessagesStored"', '"MessagesSaved"'),
    Fault("widget on a missing dimension", '"service","validator",{"id":"accepted"', '"client","validator",{"id":"accepted"'),
    Fault("dashboard that is no JSON", '{"start":"-PT3H"', '{"start":-PT3H'),
    Fault("query for the first value of a list", "max(slowest_ms)", "max(TimeToStore.0)"),
    Fault("query for what nobody logs", 'message = "message quarantined"', 'message = "message in quarantine"'),
    Fault("parameter that takes anything", '    AllowedPattern: "[a-z][a-z0-9-]{0,15}"\n', ""),
    Fault("output without a word", "    Description: Quote this release when you report a fault.\n", ""),
    Fault("domain that leads nowhere", "!Sub \"https://${DomainName}\"", "!Sub \"https://www.${DomainName}\""),
    Fault("endpoint that moves with the domain", "Value: !Sub https://${HttpApi}.execute-api", "Value: !Sub https://${DomainName}.execute-api"),
    Fault("schedule of every stack's name", "            Name: !Sub ${AWS::StackName}-every-minute", "            Name: every-minute"),
    Fault("dashboard of every region's name", "DashboardName: !Sub ${AWS::StackName}-${AWS::Region}", "DashboardName: !Sub ${AWS::StackName}-dashboard"),
    Fault("backups that fail in silence", "Value: !Ref BackupVault}", "Value: messages}"),
    Fault("fields that are not discovered", "        | parse @message '\"route\":\"*\"' as route\n", ""),
    Fault("a query for two classes at once", "LogGroupNames: [!Ref AccessLogGroup]", "LogGroupNames: [!Ref AccessLogGroup, !Ref ValidatorLogGroup]"),
    # ---- CloudFormation -----------------------------------------------------------------------
    Fault("property misspelt", "MessageRetentionPeriod: 864000", "MessageRetention: 864000"),
    Fault("reference to nothing", "Value: !Ref DeadLetterQueue", "Value: !Ref DeadQueue"),
    Fault("condition misspelt", "Condition: MakeTargets", "Condition: MakeTarget"),
]  # fmt: skip
