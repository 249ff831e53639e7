"""The resource types by name."""

from ..errors import ValidationError
from .custom import CustomResource
from .kind import Kind
from .row import Row
from .special import Bucket, Function, ManagedPolicy, Policy, Queue, QueuePolicy, Role, Rule, StackSet

_EVENTS = "put_function_event_invoke_config put_function_event_invoke_config delete_function_event_invoke_config"

# Types that mean something to CloudFormation or to tools only.
_NOTHING = Row("", "- - -")

_KINDS: dict[str, Kind] = {
    "AWS::CDK::Metadata": _NOTHING,
    "AWS::CloudFormation::CustomResource": CustomResource(),
    "AWS::CloudFormation::StackSet": StackSet(
        "cloudformation",
        "create_stack_set - delete_stack_set",
        "StackSetName",
        longest=128,
        id="{answer[StackSetId]}",
        attributes={"StackSetId": "{id}"},
        fixed=("PermissionModel",),
    ),
    "AWS::CloudFormation::WaitConditionHandle": _NOTHING,
    "AWS::CloudWatch::Alarm": Row(
        "cloudwatch", "put_metric_alarm put_metric_alarm delete_alarms", "AlarmName", longest=255, arn="alarm:{id}"
    ),
    "AWS::CloudWatch::Dashboard": Row(
        "cloudwatch", "put_dashboard put_dashboard delete_dashboards", "DashboardName", longest=255
    ),
    "AWS::ECR::Repository": Row(
        "ecr",
        "create_repository - delete_repository",
        "RepositoryName",
        small=True,
        words={"RepositoryPolicyText": "PolicyText"},
        parts={"RepositoryPolicyText": "set_repository_policy"},
        also={"Force": True},
        arn="repository/{id}",
        attributes={"RepositoryUri": "{account}.dkr.ecr.{region}.amazonaws.com/{id}"},
        fixed=("EncryptionConfiguration",),
    ),
    "AWS::Events::Rule": Rule("events", "put_rule put_rule delete_rule", "Name", arn="rule/{id}"),
    "AWS::IAM::ManagedPolicy": ManagedPolicy(
        "iam",
        "create_policy create_policy_version delete_policy",
        "ManagedPolicyName",
        longest=128,
        ids=("PolicyName", "PolicyArn"),
        id="{answer[Policy][Arn]}",
        also={"SetAsDefault": True},
        attributes={"PolicyArn": "{id}"},
        fixed=("Path", "Description"),
    ),
    "AWS::IAM::Policy": Policy("iam", "- - -", fixed=("PolicyName",)),
    "AWS::IAM::Role": Role(
        "iam",
        "create_role update_role delete_role",
        "RoleName",
        also={"Description": "", "MaxSessionDuration": 3600},
        attributes={"Arn": "{answer[Role][Arn]}", "RoleId": "{answer[Role][RoleId]}"},
        fixed=("Path", "PermissionsBoundary"),
    ),
    "AWS::KMS::Alias": Row("kms", "create_alias update_alias delete_alias", "AliasName"),
    "AWS::KMS::Key": Row(
        "kms",
        "create_key - schedule_key_deletion",
        ids=("KeyId",),
        id="{answer[KeyMetadata][KeyId]}",
        words={"KeyPolicy": "Policy"},
        parts={
            "KeyPolicy": "put_key_policy",
            "EnableKeyRotation": "enable_key_rotation",
            "Description": "update_key_description",
        },
        also={"PendingWindowInDays": 30},
        arn="key/{id}",
        attributes={"KeyId": "{id}"},
    ),
    "AWS::Lambda::EventInvokeConfig": Row("lambda", _EVENTS, "FunctionName"),
    "AWS::Lambda::Function": Function(
        "lambda",
        "create_function update_function_configuration delete_function",
        "FunctionName",
        # What an update goes back to when the template does not say it any more.
        also={
            "DeadLetterConfig": {},
            "Description": "",
            "Environment": {"Variables": {}},
            "LoggingConfig": {},
            "MemorySize": 128,
            "Timeout": 3,
        },
        arn="function:{id}",
        fixed=("PackageType",),
    ),
    "AWS::Lambda::Permission": Row(
        "lambda",
        "add_permission - remove_permission",
        ids=("StatementId",),
        attributes={"Id": "{id}"},
        fixed=("Action", "FunctionName", "Principal", "PrincipalOrgID", "SourceAccount", "SourceArn"),
    ),
    "AWS::Logs::LogGroup": Row(
        "logs",
        "create_log_group - delete_log_group",
        "LogGroupName",
        longest=512,
        parts={"RetentionInDays": "put_retention_policy"},
        arn="log-group:{id}:*",
    ),
    "AWS::S3::Bucket": Bucket(
        "s3",
        "create_bucket - delete_bucket",
        "BucketName",
        longest=63,
        small=True,
        ids=("Bucket",),
        words={
            "BucketEncryption": "ServerSideEncryptionConfiguration",
            "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
            "ServerSideEncryptionConfiguration": "Rules",
        },
        parts={
            "PublicAccessBlockConfiguration": "put_public_access_block",
            "OwnershipControls": "put_bucket_ownership_controls",
            "BucketEncryption": "put_bucket_encryption",
            "VersioningConfiguration": "put_bucket_versioning",
            "LifecycleConfiguration": "put_bucket_lifecycle_configuration",
            "Tags": "put_bucket_tagging",
        },
        attributes={
            "Arn": "arn:{partition}:s3:::{id}",
            "DomainName": "{id}.s3.amazonaws.com",
            "RegionalDomainName": "{id}.s3.{region}.amazonaws.com",
        },
        fixed=("ObjectLockEnabled",),
    ),
    "AWS::S3::BucketPolicy": Row(
        "s3", "put_bucket_policy put_bucket_policy delete_bucket_policy", "Bucket", words={"PolicyDocument": "Policy"}
    ),
    "AWS::SQS::Queue": Queue(
        "sqs",
        "create_queue set_queue_attributes delete_queue",
        "QueueName",
        longest=75,
        id="{answer[QueueUrl]}",
        ids=("QueueUrl",),
        attributes={"Arn": "arn:{partition}:sqs:{region}:{account}:{name}", "QueueName": "{name}", "QueueUrl": "{id}"},
        fixed=("FifoQueue",),
    ),
    "AWS::SQS::QueuePolicy": QueuePolicy("sqs", "- - -"),
    "AWS::SSM::Parameter": Row(
        "ssm", "put_parameter put_parameter delete_parameter", "Name", longest=1011, also={"Overwrite": True}
    ),
}


def kind(name: str) -> Kind:
    made = _KINDS.get("AWS::CloudFormation::CustomResource" if name.startswith("Custom::") else name)
    if made is None:
        raise ValidationError(f"Template format error: Unrecognized resource types: [{name}]")
    return made
