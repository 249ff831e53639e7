"""CloudFormation's API over the stacks, in place of moto's."""

import re
from typing import Any
from urllib.parse import unquote, urlparse

from moto.core.responses import ActionResult, BaseResponse, EmptyResult

from .. import internal
from ..errors import ServiceError
from . import changesets, template
from .changesets import ChangeSet
from .errors import ValidationError
from .model import Resource, Stack
from .service import Stacks

_PAGE = 100


class CloudFormation(BaseResponse):
    """One request; every method is an operation."""

    stacks: Stacks

    def __init__(self) -> None:
        super().__init__(service_name="cloudformation")
        self.automated_parameter_parsing = True

    # Stacks.

    def create_stack(self) -> ActionResult:
        stack = self.stacks.create(self.current_account, self.region, self.params, self._body())
        return ActionResult({"StackId": stack.id})

    def update_stack(self) -> ActionResult:
        stack = self._stack()
        self.stacks.update(stack, self.params, self._body(stack))
        return ActionResult({"StackId": stack.id})

    def delete_stack(self) -> ActionResult:
        stack = self.stacks.book.find(self.current_account, self.region, self._get_param("StackName"))
        if stack:
            retain = self._get_param("RetainResources") or []
            self.stacks.delete(stack, retain=retain, token=self._get_param("ClientRequestToken"))
        return EmptyResult()

    def continue_update_rollback(self) -> ActionResult:
        self.stacks.continue_rollback(self._stack(), self._get_param("ClientRequestToken"))
        return EmptyResult()

    def describe_stacks(self) -> ActionResult:
        if self._get_param("StackName"):
            return ActionResult({"Stacks": [_describe(self._stack())]})
        there = reversed(self.stacks.book.all(self.current_account, self.region))
        return self._page("Stacks", [_describe(stack) for stack in there if stack.exists])

    def describe_stack_events(self) -> ActionResult:
        stack = self._stack()
        return self._page("StackEvents", stack.events[::-1])

    def describe_events(self) -> ActionResult:
        """The newer form of DescribeStackEvents, for one operation."""
        wanted = "_FAILED" if (self._get_param("Filters") or {}).get("FailedEvents") else ""
        events = self._stack().events[::-1]
        return self._page("OperationEvents", [one for one in events if one["ResourceStatus"].endswith(wanted)])

    def describe_stack_resource(self) -> ActionResult:
        stack, name = self._stack(), self._get_param("LogicalResourceId")
        if name not in stack.resources:
            raise ValidationError(f"Resource {name} does not exist for stack {stack.name}")
        return ActionResult({"StackResourceDetail": _resource(stack, stack.resources[name])})

    def describe_stack_resources(self) -> ActionResult:
        """Of the stack that a physical id is of: the same id cannot be of two."""
        physical_id = self._get_param("PhysicalResourceId")
        there = [stack for stack in self.stacks.book.all(self.current_account, self.region) if stack.exists]
        for stack in there if physical_id else [self._stack()]:
            resources = list(stack.resources.values())
            if not physical_id or any(resource.physical_id == physical_id for resource in resources):
                return ActionResult({"StackResources": [_resource(stack, resource) for resource in resources]})
        raise ValidationError(f"Stack for {physical_id} does not exist")

    # Templates.

    def get_template(self) -> ActionResult:
        if self._get_param("ChangeSetName"):
            body = self._change_set().target.text
        else:
            stack = self._stack()
            body = stack.deployed.text if stack.deployed else "{}"
        return ActionResult({"TemplateBody": body, "StagesAvailable": ["Original", "Processed"]})

    def get_template_summary(self) -> ActionResult:
        stack = self._stack() if self._get_param("StackName") else None
        body = stack.deployed.text if stack and stack.deployed else self._body()
        return ActionResult(_template_summary(template.parse(body)))

    # Change sets.

    def create_change_set(self) -> ActionResult:
        stack = self.stacks.book.find(self.current_account, self.region, self._get_param("StackName"))
        made = changesets.create(self.stacks, self.current_account, self.region, self.params, self._body(stack))
        return ActionResult({"Id": made.change_set_id, "StackId": made.stack.id})

    def describe_change_set(self) -> ActionResult:
        return ActionResult(self._change_set().describe())

    def execute_change_set(self) -> ActionResult:
        changesets.execute(self.stacks, self._change_set(), self.params)
        return EmptyResult()

    def delete_change_set(self) -> ActionResult:
        # Also of one that does not exist: tools delete before they create.
        if found := self._find_change_set():
            changesets.delete(found)
        return EmptyResult()

    # Helpers.

    def _stack(self) -> Stack:
        return self.stacks.book.get(self.current_account, self.region, self._get_param("StackName"))

    def _find_change_set(self) -> ChangeSet | None:
        name, stack = self._get_param("ChangeSetName"), self._get_param("StackName")
        return changesets.find(self.stacks.book, self.current_account, self.region, name, stack)

    def _change_set(self) -> ChangeSet:
        found = self._find_change_set()
        if found is None:
            name = self._get_param("ChangeSetName")
            raise ServiceError("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")
        return found

    def _page(self, key: str, items: list[Any]) -> ActionResult:
        start = int(self._get_param("NextToken") or 0)
        following = str(start + _PAGE) if len(items) > start + _PAGE else None
        return ActionResult({key: items[start : start + _PAGE], "NextToken": following})

    def _body(self, stack: Stack | None = None) -> str:
        """The template: given, in S3, or the stack's own."""
        if self._get_bool_param("UsePreviousTemplate") and stack and stack.deployed:
            return stack.deployed.text
        if body := self._get_param("TemplateBody"):
            return body
        if url := self._get_param("TemplateURL"):
            return self._from_s3(url)
        raise ValidationError("Either Template URL or Template Body must be specified.")

    def _from_s3(self, url: str) -> str:
        parsed = urlparse(url)
        host, path = parsed.hostname or "", unquote(parsed.path.lstrip("/"))
        # bucket.s3.region.amazonaws.com/key and bucket.localhost/key, or the path style of both.
        virtual = re.match(r"(.+?)\.(?:s3[.-]|localhost$)", host)
        bucket, key = (virtual[1], path) if virtual else path.split("/", 1)
        s3 = internal.Client("s3", self.current_account, self.region)
        try:
            return s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        except Exception as error:
            raise ValidationError(f"S3 error: {error}") from None


def _describe(stack: Stack) -> dict[str, Any]:
    return {**(stack.deployed.describe() if stack.deployed else {}), **vars(stack)}


def _resource(stack: Stack, resource: Resource) -> dict[str, Any]:
    return {
        "StackName": stack.name,
        "StackId": stack.id,
        "LogicalResourceId": resource.logical_id,
        "PhysicalResourceId": resource.physical_id or None,
        "ResourceType": resource.type,
        "Timestamp": resource.updated,
        "LastUpdatedTimestamp": resource.updated,
        "ResourceStatus": resource.status,
        "ResourceStatusReason": resource.reason,
    }


def _template_summary(parsed: dict[str, Any]) -> dict[str, Any]:
    types = sorted({resource["Type"] for resource in parsed["Resources"].values()})
    parameters = []
    for name, declared in parsed.get("Parameters", {}).items():
        described = {
            "ParameterKey": name,
            "ParameterType": declared.get("Type", "String"),
            "NoEcho": str(declared.get("NoEcho", "")).lower() == "true",
            "Description": declared.get("Description"),
            "ParameterConstraints": {"AllowedValues": [str(value) for value in declared.get("AllowedValues", [])]},
        }
        if "Default" in declared:
            described["DefaultValue"] = str(declared["Default"])
        parameters.append(described)
    return {
        "Parameters": parameters,
        "Description": parsed.get("Description"),
        "Capabilities": ["CAPABILITY_NAMED_IAM"] if any(kind.startswith("AWS::IAM::") for kind in types) else [],
        "ResourceTypes": types,
        "Version": str(parsed.get("AWSTemplateFormatVersion", "2010-09-09")),
        "Metadata": None,
    }
