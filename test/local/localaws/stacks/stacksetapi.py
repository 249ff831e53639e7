"""The stack set operations of CloudFormation's API."""

from typing import TYPE_CHECKING, Any

from moto.core.responses import ActionResult, EmptyResult
from moto.organizations.models import organizations_backends

from . import organization
from .api import CloudFormation
from .stacksets import SERVICE_MANAGED, Instance, Operation, StackSet

if TYPE_CHECKING:
    from ..server import LocalAWS


class StackSetApi(CloudFormation):
    def create_stack_set(self) -> ActionResult:
        made = self.service.sets.create(self.current_account, self.region, self.params, self._body())
        return ActionResult({"StackSetId": made.id})

    def update_stack_set(self) -> ActionResult:
        given = self._get_param("TemplateBody") or self._get_param("TemplateURL")
        return _started(self.service.sets.update(self._set(), self.params, self._body() if given else None))

    def delete_stack_set(self) -> ActionResult:
        self.service.sets.delete(self._set())
        return EmptyResult()

    def describe_stack_set(self) -> ActionResult:
        return ActionResult({"StackSet": _describe(self._set())})

    def list_stack_sets(self) -> ActionResult:
        found = self.service.sets.of(self.current_account, self.region, self._get_param("CallAs"))
        wanted = self._get_param("Status")
        return self._page("Summaries", [_summary(owned) for owned in found] if wanted in (None, "ACTIVE") else [])

    def create_stack_instances(self) -> ActionResult:
        return _started(self.service.sets.create_instances(self._set(), self.params))

    def update_stack_instances(self) -> ActionResult:
        return _started(self.service.sets.update_instances(self._set(), self.params))

    def delete_stack_instances(self) -> ActionResult:
        return _started(self.service.sets.delete_instances(self._set(), self.params))

    def describe_stack_instance(self) -> ActionResult:
        account, region = self._get_param("StackInstanceAccount"), self._get_param("StackInstanceRegion")
        owned = self._set()
        return ActionResult({"StackInstance": _instance(owned, self.service.sets.instance(owned, account, region))})

    def list_stack_instances(self) -> ActionResult:
        owned = self._set()
        account, region = self._get_param("StackInstanceAccount"), self._get_param("StackInstanceRegion")
        found = [
            _instance(owned, instance)
            for key, instance in owned.instances.items()
            if account in (None, key[0]) and region in (None, key[1])
        ]
        return self._page("Summaries", found)

    def list_stack_set_auto_deployment_targets(self) -> ActionResult:
        units: dict[str, list[str]] = {}
        for unit, region in self._set().units:
            units.setdefault(unit, []).append(region)
        return self._page("Summaries", [{"OrganizationalUnitId": unit, "Regions": units[unit]} for unit in units])

    def describe_stack_set_operation(self) -> ActionResult:
        owned = self._set()
        operation = self.service.sets.operation(owned, self._get_param("OperationId"))
        return ActionResult({"StackSetOperation": _operation(owned, operation)})

    def list_stack_set_operations(self) -> ActionResult:
        owned = self._set()
        return self._page("Summaries", [_operation(owned, operation) for operation in owned.operations])

    def list_stack_set_operation_results(self) -> ActionResult:
        return self._page("Summaries", self.service.sets.operation(self._set(), self._get_param("OperationId")).results)

    def activate_organizations_access(self) -> ActionResult:
        backend = organizations_backends[self.current_account]["aws"]
        backend.enable_aws_service_access(ServicePrincipal=organization.SERVICE)
        return EmptyResult()

    def deactivate_organizations_access(self) -> ActionResult:
        backend = organizations_backends[self.current_account]["aws"]
        backend.disable_aws_service_access(ServicePrincipal=organization.SERVICE)
        return EmptyResult()

    def describe_organizations_access(self) -> ActionResult:
        management = organization.acting_for(self.current_account, self._get_param("CallAs"))
        services = organizations_backends[management]["aws"].services
        enabled = any(service["ServicePrincipal"] == organization.SERVICE for service in services)
        return ActionResult({"Status": "ENABLED" if enabled else "DISABLED"})

    def _set(self) -> StackSet:
        name = self._get_param("StackSetName")
        return self.service.sets.get(self.current_account, self.region, name, self._get_param("CallAs"))


def _started(operation: Operation) -> ActionResult:
    return ActionResult({"OperationId": operation.id})


def _summary(owned: StackSet) -> dict[str, Any]:
    described: dict[str, Any] = {
        "StackSetName": owned.name,
        "StackSetId": owned.id,
        "Description": owned.description,
        "Status": "ACTIVE",
        "PermissionModel": owned.model,
        "ManagedExecution": owned.managed_execution or {"Active": False},
    }
    if owned.model == SERVICE_MANAGED:
        described["AutoDeployment"] = owned.automatic or {"Enabled": False}
    return described


def _describe(owned: StackSet) -> dict[str, Any]:
    return {
        **_summary(owned),
        "StackSetARN": owned.arn,
        "TemplateBody": owned.text,
        "Parameters": owned.parameters,
        "Capabilities": owned.capabilities,
        "Tags": owned.tags,
        "AdministrationRoleARN": owned.administration_role,
        "ExecutionRoleName": owned.execution_role,
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
        "AdministrationRoleARN": owned.administration_role,
        "ExecutionRoleName": owned.execution_role,
    }


def install(aws: "LocalAWS") -> None:
    """Takes CloudFormation's requests from moto."""
    from moto.cloudformation.responses import CloudFormationResponse

    class Api(StackSetApi):
        service = aws.stacks

    CloudFormationResponse.dispatch = Api.dispatch  # type: ignore[method-assign]
