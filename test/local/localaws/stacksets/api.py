"""The stack set operations of CloudFormation's API."""

from moto.cloudformation.responses import CloudFormationResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.organizations.models import organizations_backends

from ..stacks.api import CloudFormation
from ..stacks.service import Stacks
from . import organization
from .sets import Operation, StackSet, StackSets


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
        return ActionResult({"StackSet": self._set()})

    def create_stack_instances(self) -> ActionResult:
        return _started(self.sets.create_instances(self._set(), self.params))

    def update_stack_instances(self) -> ActionResult:
        return _started(self.sets.update_instances(self._set(), self.params))

    def delete_stack_instances(self) -> ActionResult:
        return _started(self.sets.delete_instances(self._set(), self.params))

    def list_stack_instances(self) -> ActionResult:
        account, region = self._get_param("StackInstanceAccount"), self._get_param("StackInstanceRegion")
        there = list(self._set().instances.values())
        return self._page(
            "Summaries", [one for one in there if account in (None, one.account) and region in (None, one.region)]
        )

    def describe_stack_set_operation(self) -> ActionResult:
        return ActionResult({"StackSetOperation": self._operation()})

    def list_stack_set_operation_results(self) -> ActionResult:
        return self._page("Summaries", self._operation().results)

    def activate_organizations_access(self) -> ActionResult:
        backend = organizations_backends[self.current_account]["aws"]
        backend.enable_aws_service_access(ServicePrincipal=organization.SERVICE)
        return EmptyResult()

    def _set(self) -> StackSet:
        name = self._get_param("StackSetName")
        return self.sets.get(self.current_account, self.region, name, self._get_param("CallAs"))

    def _operation(self) -> Operation:
        return self._set().operation(self._get_param("OperationId"))


def _started(operation: Operation) -> ActionResult:
    return ActionResult({"OperationId": operation.operation_id})


def install(of_stacks: Stacks, of_sets: StackSets) -> None:
    """Takes CloudFormation's requests from moto."""

    class Api(StackSetApi):
        stacks, sets = of_stacks, of_sets

    CloudFormationResponse.dispatch = Api.dispatch  # type: ignore[method-assign]
