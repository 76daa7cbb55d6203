"""What one environment of GitHub Actions may do: the roles of .github/deploy-role.yaml."""

from tests.template.closed import Between, Decided, HeldBy, Policy, Statement
from tests.template.decided.messages import PRIVATE, only_tls

GITHUB = "token.actions.githubusercontent.com"
STACK = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:${AWS::AccountId}:stack/${StackName}/*"
SAM = "arn:${AWS::Partition}:cloudformation:${AWS::Region}:aws:transform/Serverless-2016-10-31"
OF_THE_STACK = "${AWS::Region}:${AWS::AccountId}:"
IMAGES = "arn:${AWS::Partition}:ssm:${AWS::Region}::parameter/aws/service/ami-amazon-linux-latest/*"
QUEUES = f"arn:${{AWS::Partition}}:sqs:{OF_THE_STACK}${{StackName}}-*"

RESOURCES = {
    "OidcProvider": Decided(
        "AWS::IAM::OIDCProvider",
        {
            "Url": (f"https://{GITHUB}", "GitHub's, and no other"),
            "ClientIdList": (["sts.amazonaws.com"], "tokens that are made for AWS"),
        },
        without=("OidcProviderArn",),
    ),
    "ArtifactBucket": Decided(
        "AWS::S3::Bucket",
        {
            **PRIVATE,
            "BucketEncryption": (
                {
                    "ServerSideEncryptionConfiguration": [
                        {"ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
                    ]
                },
                "packages of open code, with AWS's own key",
            ),
            "VersioningConfiguration": ({"Status": "Enabled"}, "a package can be had back"),
            "LifecycleConfiguration": (
                {
                    "Rules": [
                        {
                            "Id": "forget-what-was-deleted",
                            "Status": "Enabled",
                            "NoncurrentVersionExpiration": {"NoncurrentDays": Between(90, 365)},
                            "AbortIncompleteMultipartUpload": {
                                "DaysAfterInitiation": Between(1, 7)
                            },
                        }
                    ]
                },
                "what the running stack was made of never expires",
            ),
        },
    ),
    "ArtifactBucketPolicy": Decided(
        "AWS::S3::BucketPolicy",
        {
            "Bucket": ("ArtifactBucket", "it belongs to this bucket"),
            "PolicyDocument": (
                Policy(only_tls("s3:*", "${ArtifactBucket.Arn} ${ArtifactBucket.Arn}/*")),
                "TLS alone, and nobody let in from outside",
            ),
        },
    ),
    "PipelineRole": Decided(
        "AWS::IAM::Role",
        {
            "MaxSessionDuration": (3600, "a token that leaks is worth an hour"),
            "AssumeRolePolicyDocument": (
                Policy(
                    Statement(
                        "sts:AssumeRoleWithWebIdentity",
                        by="Federated:${OidcProviderArn}",
                        given="OidcProviderArn",
                        when={
                            "StringEquals": {
                                f"{GITHUB}:aud": "sts.amazonaws.com",
                                f"{GITHUB}:sub": "repo:${Repository}:environment:${Environment}",
                            }
                        },
                    )
                ),
                "jobs of this repository and environment, and no wildcard",
            ),
            "Policies": (
                Policy(
                    Statement(
                        "cloudformation:CreateChangeSet cloudformation:DeleteChangeSet "
                        "cloudformation:DescribeChangeSet cloudformation:DescribeStackEvents "
                        "cloudformation:DescribeStacks cloudformation:GetTemplate "
                        "cloudformation:ListChangeSets cloudformation:ListStackResources "
                        "cloudformation:TagResource",
                        f"{STACK} {SAM}",
                    ),
                    Statement("cloudformation:GetTemplateSummary", "*"),
                    Statement("ssm:GetParameters", IMAGES),
                    Statement(
                        "ssm:GetParameters",
                        "${TargetImageParameterArn}",
                        given="TargetImageParameterArn",
                    ),
                    Statement("s3:GetObject s3:PutObject", "${ArtifactBucket.Arn}/*"),
                    Statement("s3:GetBucketLocation s3:ListBucket", "${ArtifactBucket.Arn}"),
                ),
                "plans, and cannot execute what it planned",
            ),
        },
    ),
    "DeployPolicy": Decided(
        "AWS::IAM::RolePolicy",
        {
            "RoleName": ("PipelineRole", "the role above"),
            "PolicyName": ("deploy-and-test", "the role's second policy"),
            "PolicyDocument": (
                Policy(
                    Statement("cloudformation:ExecuteChangeSet", STACK),
                    Statement(
                        "iam:PassRole",
                        "${CloudFormationRole.Arn}",
                        when={
                            "StringEquals": {"iam:PassedToService": "cloudformation.amazonaws.com"}
                        },
                    ),
                    Statement(
                        "ssm:GetParameter",
                        f"arn:${{AWS::Partition}}:ssm:{OF_THE_STACK}"
                        "parameter/weir/${Environment}/tokens/smoke",
                    ),
                    Statement(
                        "s3:GetObject s3:ListBucket", "arn:${AWS::Partition}:s3:::${StackName}-*"
                    ),
                    Statement("sqs:GetQueueAttributes", QUEUES),
                    Statement("sqs:ChangeMessageVisibility sqs:ReceiveMessage", QUEUES),
                    Statement(
                        "logs:FilterLogEvents",
                        f"arn:${{AWS::Partition}}:logs:{OF_THE_STACK}log-group:${{StackName}}-*",
                    ),
                    Statement(
                        "cloudwatch:GetDashboard cloudwatch:GetMetricStatistics "
                        "cloudwatch:ListDashboards cloudwatch:ListMetrics",
                        "*",
                    ),
                    Statement("kms:Decrypt", "${KmsKeyArn}", given="KmsKeyArn"),
                ),
                "hands over to CloudFormation, tests and audits",
            ),
        },
    ),
    "CloudFormationRole": Decided(
        "AWS::IAM::Role",
        {
            "AssumeRolePolicyDocument": (
                Policy(
                    Statement(
                        "sts:AssumeRole",
                        by="Service:cloudformation.amazonaws.com",
                        when={"StringEquals": {"aws:SourceAccount": "${AWS::AccountId}"}},
                    )
                ),
                "CloudFormation takes it, for this account alone",
            ),
            "Policies": (HeldBy("test_deploy_role"), "what AWS's handlers call, on what is named"),
        },
    ),
}

# Services that CloudFormation may hand a role of the stack to, and services whose own role it may
# have made.
PASSED_TO = {
    "backup.amazonaws.com",
    "codedeploy.amazonaws.com",
    "lambda.amazonaws.com",
    "scheduler.amazonaws.com",
}
SERVICE_LINKED = {"backup.amazonaws.com", "ops.apigateway.amazonaws.com"}

# What CloudFormation may do to things that get an id only when they are made, and so have no name
# to hold them by.
EVERYWHERE = {
    "an API, its domain and its tags": (
        "apigateway:DELETE apigateway:GET apigateway:PATCH apigateway:POST apigateway:PUT "
        "apigateway:TagResource apigateway:UntagResource apigateway:AddCertificateToDomain "
        "apigateway:RemoveCertificateFromDomain"
    ),
    "a deployment that is under way": "codedeploy:StopDeployment",
    "the network and the targets": (
        "ec2:*SecurityGroup* ec2:*Subnet* ec2:*Tags ec2:*Vpc* ec2:*LaunchTemplate* ec2:Describe* "
        "ec2:ModifyInstanceAttribute ec2:ModifyInstanceMetadataOptions ec2:RunInstances "
        "ec2:StartInstances ec2:StopInstances ec2:TerminateInstances"
    ),
    "the mapping between queue and function": "lambda:*EventSourceMapping*",
    "queries, log deliveries and what is listed": (
        "logs:*IndexPolicy logs:*QueryDefinition* logs:*LogDelivery logs:ListLogDeliveries "
        "logs:Describe* logs:*ResourcePolic*"
    ),
    "subscriptions, of which AWS's references differ": (
        "sns:GetSubscriptionAttributes sns:SetSubscriptionAttributes sns:Unsubscribe"
    ),
    "the account's view of its bill, for a budget": "billing:GetBillingViewData",
    "backups: plans and selections": "backup:* backup-storage:MountCapsule",
}
# Resources of others that CloudFormation needs to deploy, beside what the stack's name begins.
OF_OTHERS = (
    "arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentconfig:*",
    "arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:event-source-mapping:*",
    "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/*",
    SAM,
    IMAGES,
    "${TargetImageParameterArn}",
    "${KmsKeyArn}",
    "${ArtifactBucket.Arn}/*",
)
