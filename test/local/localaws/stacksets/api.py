"""The stack set operations of CloudFormation's API."""

from typing import Any

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.organizations.models import organizations_backends

from ..stacks.api import CloudFormation
from ..stacks.changesets import ChangeSets
from ..stacks.service import Stacks
from . import organization
from .sets import SERVICE_MANAGED, Instance, Operation, StackSet, StackSets


class StackSetApi(CloudFormation):
    sets: StackSets

    def create_stack_set(self) -> ActionResult:
        made = self.sets.create(self.current_account, self.region, self.params, self._body())
        return ActionResult({"StackSetId": made.id})

    def update_stack_set(self) -> ActionResult:
        given = self._get_param("TemplateBody") or self._get_param("TemplateURL")
        return _started(self.sets.update(self._set(), self.params, self._body() if given else None))

    def delete_stack_set(self) -> ActionResult:
        self.sets.delete(self._set())
        return EmptyResult()

    def describe_stack_set(self) -> ActionResult:
        return ActionResult({"StackSet": _describe(self._set())})

    def create_stack_instances(self) -> ActionResult:
        return _started(self.sets.create_instances(self._set(), self.params))

    def update_stack_instances(self) -> ActionResult:
        return _started(self.sets.update_instances(self._set(), self.params))

    def delete_stack_instances(self) -> ActionResult:
        return _started(self.sets.delete_instances(self._set(), self.params))

    def list_stack_instances(self) -> ActionResult:
        owned = self._set()
        account, region = self._get_param("StackInstanceAccount"), self._get_param("StackInstanceRegion")
        found = [
            _instance(owned, instance)
            for key, instance in owned.instances.items()
            if account in (None, key[0]) and region in (None, key[1])
        ]
        return self._page("Summaries", found)

    def describe_stack_set_operation(self) -> ActionResult:
        owned = self._set()
        operation = self.sets.operation(owned, self._get_param("OperationId"))
        return ActionResult({"StackSetOperation": _operation(owned, operation)})

    def list_stack_set_operation_results(self) -> ActionResult:
        return self._page("Summaries", self.sets.operation(self._set(), self._get_param("OperationId")).results)

    def activate_organizations_access(self) -> ActionResult:
        backend = organizations_backends[self.current_account]["aws"]
        backend.enable_aws_service_access(ServicePrincipal=organization.SERVICE)
        return EmptyResult()

    def _set(self) -> StackSet:
        name = self._get_param("StackSetName")
        return self.sets.get(self.current_account, self.region, name, self._get_param("CallAs"))


def _started(operation: Operation) -> ActionResult:
    return ActionResult({"OperationId": operation.id})


def _summary(owned: StackSet) -> dict[str, Any]:
    return {
        "StackSetName": owned.name,
        "StackSetId": owned.id,
        "Description": owned.description,
        "Status": "ACTIVE",
        "PermissionModel": SERVICE_MANAGED,
        "ManagedExecution": owned.managed_execution or {"Active": False},
        "AutoDeployment": owned.automatic or {"Enabled": False},
    }


def _describe(owned: StackSet) -> dict[str, Any]:
    return {
        **_summary(owned),
        "StackSetARN": owned.arn,
        "TemplateBody": owned.text,
        "Parameters": owned.parameters,
        "Capabilities": owned.capabilities,
        "Tags": owned.tags,
        "OrganizationalUnitIds": sorted({unit for unit, _ in owned.units}),
        "Regions": sorted({region for _, region in owned.instances}),
    }


def _instance(owned: StackSet, instance: Instance) -> dict[str, Any]:
    return {
        "StackSetId": owned.id,
        "Account": instance.target.account,
        "Region": instance.target.region,
        "StackId": instance.stack.id if instance.stack else None,
        "ParameterOverrides": instance.overrides,
        "Status": instance.status,
        "StackInstanceStatus": {"DetailedStatus": instance.detail},
        "StatusReason": instance.reason,
        "OrganizationalUnitId": instance.target.unit,
    }


def _operation(owned: StackSet, operation: Operation) -> dict[str, Any]:
    return {
        "OperationId": operation.id,
        "StackSetId": owned.id,
        "Action": operation.action,
        "Status": operation.status,
        "CreationTimestamp": operation.created,
        "EndTimestamp": operation.ended,
    }


def install(of_stacks: Stacks, of_change_sets: ChangeSets, of_sets: StackSets) -> None:
    """Takes CloudFormation's requests from moto."""

    class Api(StackSetApi):
        stacks, change_sets, sets = of_stacks, of_change_sets, of_sets

    CloudFormationResponse.dispatch = Api.dispatch  # type: ignore[method-assign]
