"""The resource types by name."""

from ..errors import ValidationError
from . import cloudformation, ecr, events, iam, kms, lambda_, s3, sqs, table
from .custom import CustomResource
from .kind import Kind

_MODULES = (cloudformation, ecr, events, iam, kms, lambda_, s3, sqs, table)
_KINDS: dict[str, Kind] = {name: kind for module in _MODULES for name, kind in module.KINDS.items()}


def kind(name: str) -> Kind:
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        return CustomResource()
    made = _KINDS.get(name)
    if made is None:
        raise ValidationError(f"Template format error: Unrecognized resource types: [{name}]")
    return made
