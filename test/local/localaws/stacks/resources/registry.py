"""The resource types by name."""

from ..errors import ValidationError
from . import cloudformation, cloudwatch, ecr, events, iam, kms, lambda_, logs, s3, sqs, ssm
from .custom import CustomResource
from .kind import Kind, Nothing

_KINDS: dict[str, Kind] = {
    **{name: Nothing() for name in Nothing.TYPES},
    **cloudformation.KINDS,
    **cloudwatch.KINDS,
    **ecr.KINDS,
    **events.KINDS,
    **iam.KINDS,
    **kms.KINDS,
    **lambda_.KINDS,
    **logs.KINDS,
    **s3.KINDS,
    **sqs.KINDS,
    **ssm.KINDS,
}


def kind(name: str) -> Kind:
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        return CustomResource()
    made = _KINDS.get(name)
    if made is None:
        raise ValidationError(f"Template format error: Unrecognized resource types: [{name}]")
    return made
