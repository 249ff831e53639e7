"""Templates in the light of a stack: what their functions yield, and what a request asks a stack to be."""

import re
from typing import Any

from ..errors import ServiceError
from . import parameters, template
from .errors import ResourceFailed, ValidationError
from .model import Deployed, Stack
from .resources import table
from .template import Resolver

_IAM = re.compile(r"AWS::IAM::(Role|User|Group|ManagedPolicy|Policy|InstanceProfile|UserToGroupAddition)")
_NAMES = ("RoleName", "UserName", "GroupName", "ManagedPolicyName")


def resolver(stack: Stack, target: Deployed) -> Resolver:
    values: dict[str, Any] = {name: parameter.value for name, parameter in target.parameters.items()}
    values |= {
        "AWS::AccountId": stack.account,
        "AWS::NotificationARNs": target.notification_arns,
        "AWS::Partition": stack.partition,
        "AWS::Region": stack.region,
        "AWS::StackId": stack.id,
        "AWS::StackName": stack.name,
        "AWS::URLSuffix": "amazonaws.com.cn" if stack.partition == "aws-cn" else "amazonaws.com",
    }

    def ref(name: str) -> str:
        return _existing(stack, name).physical_id

    def attribute(name: str, attribute: str) -> Any:
        resource = _existing(stack, name)
        return table.kind(resource.type).attribute(stack, resource, attribute)

    return Resolver(target.template, values, ref=ref, attribute=attribute)


def outputs(stack: Stack) -> list[dict[str, Any]]:
    assert stack.deployed is not None
    resolved, found = resolver(stack, stack.deployed), []
    for name, output in stack.deployed.template.get("Outputs", {}).items():
        if "Condition" in output and not resolved.condition(output["Condition"]):
            continue
        described = {"OutputKey": name, "OutputValue": template.text(resolved.resolve(output["Value"]))}
        if "Description" in output:
            described["Description"] = output["Description"]
        found.append(described)
    return found


def target(account: str, region: str, body: str, request: dict[str, Any], stack: Stack | None) -> Deployed:
    """What a request asks a stack to be, all of it checked."""
    parsed = template.parse(body)
    previous = stack.deployed if stack else None
    capabilities = list(request.get("Capabilities") or [])
    _check_capabilities(parsed, capabilities)
    for resource in parsed["Resources"].values():
        table.kind(resource["Type"])
    tags = request.get("Tags")
    wanted = Deployed(
        text=body,
        template=parsed,
        parameters=parameters.resolve(
            parsed.get("Parameters", {}),
            request.get("Parameters") or [],
            previous.parameters if previous else {},
            account,
            region,
        ),
        tags={tag["Key"]: tag["Value"] for tag in tags} if tags is not None else (previous.tags if previous else {}),
        capabilities=capabilities,
        role_arn=request.get("RoleARN") or (previous.role_arn if previous else None),
        notification_arns=list(request.get("NotificationARNs") or []),
    )
    _check_rules(parsed, {name: parameter.value for name, parameter in wanted.parameters.items()})
    return wanted


def _check_rules(parsed: dict[str, Any], values: dict[str, Any]) -> None:
    """What a template says of its parameters holds, before anything is made.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/rules-section-structure.html
    """
    resolved = Resolver(parsed, values, ref=values.__getitem__, attribute=lambda *_: None)
    for name, rule in parsed.get("Rules", {}).items():
        applies = "RuleCondition" not in rule or resolved.condition(rule["RuleCondition"])
        for one in rule["Assertions"] if applies else []:
            if not resolved.condition(one["Assert"]):
                raise ValidationError(f"Template error: rule {name} does not hold: {one.get('AssertDescription')}")


def _existing(stack: Stack, name: str) -> Any:
    resource = stack.resources.get(name)
    if resource is None or not resource.physical_id:
        raise ResourceFailed(f"Unresolved resource dependencies [{name}]")
    return resource


def _check_capabilities(parsed: dict[str, Any], given: list[str]) -> None:
    identities = [resource for resource in parsed["Resources"].values() if _IAM.fullmatch(resource["Type"])]
    named = any(name in resource.get("Properties", {}) for resource in identities for name in _NAMES)
    if named and "CAPABILITY_NAMED_IAM" not in given:
        raise ServiceError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_NAMED_IAM]")
    if identities and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given):
        raise ServiceError("InsufficientCapabilitiesException", "Requires capabilities : [CAPABILITY_IAM]")
