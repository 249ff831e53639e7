"""Resource types. Each is made and changed through the service's API, in the stack's account."""

from functools import cache

from ..errors import ValidationError
from .kind import Kind, Nothing


@cache
def _kinds() -> dict[str, Kind]:
    from . import cloudformation, cloudwatch, ecr, iam, kms, lambda_, logs, s3, sns, sqs, ssm

    found: dict[str, Kind] = {name: Nothing() for name in Nothing.TYPES}
    for module in (cloudformation, cloudwatch, ecr, iam, kms, lambda_, logs, s3, sns, sqs, ssm):
        found.update(module.KINDS)
    return found


def kind(name: str) -> Kind:
    if name.startswith("Custom::") or name == "AWS::CloudFormation::CustomResource":
        from ..custom import CustomResource

        return CustomResource()
    if name in _kinds():
        return _kinds()[name]
    from .moto import of_moto

    made = of_moto(name)
    if made is None:
        raise ValidationError(f"Template format error: Unrecognized resource types: [{name}]")
    return made
