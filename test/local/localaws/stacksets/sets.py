"""Stack sets: one template as stacks of many accounts.

All are service-managed ones, which follow the organization: their targets are organizational units, and with automatic
deployment an account gets its stacks when it joins one and loses them when it leaves.
"""

import datetime
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.utilities.utils import get_partition

from ..errors import ServiceError
from ..stacks import resolution, template
from ..stacks.errors import ValidationError
from ..stacks.model import Stack, now
from ..stacks.service import Stacks
from . import organization

# The API shows of these the fields that have its names.


@dataclass
class StackInstance:
    stack_set_id: str
    account: str
    region: str
    organizational_unit_id: str  # which it is there for
    parameter_overrides: list[dict[str, Any]]
    status: str = "OUTDATED"
    status_reason: str | None = None
    outcome: str = "PENDING"
    stack: Stack | None = None

    @property
    def stack_id(self) -> str | None:
        return self.stack.id if self.stack else None

    @property
    def stack_instance_status(self) -> dict[str, str]:
        return {"DetailedStatus": self.outcome}

    def becomes(self, status: str, outcome: str, reason: str | None = None) -> None:
        self.status, self.outcome, self.status_reason = status, outcome, reason


@dataclass
class Operation:
    operation_id: str
    stack_set_id: str
    action: str
    status: str = "RUNNING"
    creation_timestamp: datetime.datetime = field(default_factory=now)
    end_timestamp: datetime.datetime | None = None
    results: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class StackSet:
    name: str
    owner: str  # the management account, also when a delegated administrator made it
    region: str
    id: str
    template_body: str = ""
    parameters: list[dict[str, Any]] = field(default_factory=list)
    tags: list[dict[str, Any]] = field(default_factory=list)
    capabilities: list[str] = field(default_factory=list)
    description: str | None = None
    auto_deployment: dict[str, Any] = field(default_factory=dict)
    managed_execution: dict[str, Any] = field(default_factory=dict)
    status: str = "ACTIVE"
    permission_model: str = "SERVICE_MANAGED"
    instances: dict[tuple[str, str], StackInstance] = field(default_factory=dict)
    units: set[tuple[str, str]] = field(default_factory=set)  # and Regions: where automatic deployment goes
    operations: dict[str, Operation] = field(default_factory=dict)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def arn(self) -> str:
        return f"arn:{get_partition(self.region)}:cloudformation:{self.region}:{self.owner}:stackset/{self.id}"

    def operation(self, operation_id: str) -> Operation:
        if operation_id not in self.operations:
            raise ServiceError("OperationNotFoundException", f"Operation {operation_id} not found")
        return self.operations[operation_id]

    def define(self, request: dict[str, Any], body: str | None) -> None:
        if body:
            template.parse(body)
            self.template_body = body
        old = {parameter["ParameterKey"]: parameter for parameter in self.parameters}
        if request.get("Parameters") is not None:
            self.parameters = [
                old.get(parameter["ParameterKey"], parameter) if parameter.get("UsePreviousValue") else parameter
                for parameter in request["Parameters"]
            ]
        for name in ("tags", "capabilities", "description", "auto_deployment", "managed_execution"):
            of_api = name.title().replace("_", "")
            if request.get(of_api) is not None:
                setattr(self, name, request[of_api])

    def automatically(self, setting: str) -> bool:
        return str(self.auto_deployment.get(setting)).lower() == "true"


class StackSets:
    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        self._sets: dict[tuple[str, str, str], StackSet] = {}
        self._lock = threading.RLock()

    def reset(self) -> None:
        with self._lock:
            self._sets.clear()

    def get(self, account: str, region: str, name: str, call_as: str | None) -> StackSet:
        owner = organization.acting_for(account, call_as)
        with self._lock:
            for found in self._sets.values():
                if (found.owner, found.region) == (owner, region) and name in (found.name, found.id, found.arn):
                    return found
        raise ServiceError("StackSetNotFoundException", f"StackSet {name} not found")

    def create(self, account: str, region: str, request: dict[str, Any], body: str) -> StackSet:
        name, owner = request["StackSetName"], organization.acting_for(account, request.get("CallAs"))
        made = StackSet(name, owner, region, id=f"{name}:{uuid.uuid4()}")
        if request.get("PermissionModel") != made.permission_model:
            raise ValidationError(
                f"the local AWS only knows stack sets with the PermissionModel {made.permission_model}"
            )
        organization.check_may_manage(owner)
        made.define(request, body)
        with self._lock:
            if (owner, region, name) in self._sets:
                raise ServiceError("NameAlreadyExistsException", f"StackSet {name} already exists")
            self._sets[owner, region, name] = made
        return made

    def update(self, owned: StackSet, request: dict[str, Any], body: str | None) -> Operation:
        owned.define(request, body)
        return self._operate(owned, "UPDATE", list(owned.instances.values()), request)

    def delete(self, owned: StackSet) -> None:
        if owned.instances:
            raise ServiceError("StackSetNotEmptyException", "StackSet is not empty")
        with self._lock:
            self._sets.pop((owned.owner, owned.region, owned.name), None)

    def create_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        wanted, places = _targets(owned, request)
        owned.units |= places
        for (account, region), unit in wanted.items():
            new = StackInstance(owned.id, account, region, unit, [])
            instance = owned.instances.setdefault((account, region), new)
            instance.parameter_overrides = request.get("ParameterOverrides") or []
        return self._operate(owned, "CREATE", [owned.instances[key] for key in wanted], request)

    def update_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        wanted, _ = _targets(owned, request)
        return self._operate(owned, "UPDATE", [one for key, one in owned.instances.items() if key in wanted], request)

    def delete_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        wanted, places = _targets(owned, request)
        owned.units -= places
        doomed = [owned.instances[key] for key in wanted if key in owned.instances]
        return self._operate(owned, "DELETE", doomed, request)

    def organization_changed(self, management: str) -> None:
        """Automatic deployment: brings every stack set with it to the accounts that are in its units now."""
        with self._lock:
            left = [one for one in self._sets.values() if one.owner == management and one.automatically("Enabled")]
        unsuccessful: set[str] = set()
        while left:
            # What a stack set depends on comes first, and only after its success the stack set itself: the same order
            # for accounts that leave.
            arns = {owned.arn for owned in left}
            owned = next((one for one in left if not arns & set(one.auto_deployment.get("DependsOn") or [])), left[0])
            left.remove(owned)
            if unsuccessful & set(owned.auto_deployment.get("DependsOn") or []) or not self._follow(owned):
                unsuccessful.add(owned.arn)

    def _follow(self, owned: StackSet) -> bool:
        """Deploys to accounts that are new in the stack set's units, removes it from those that left."""
        wanted: dict[tuple[str, str], str] = {}
        for unit, region in sorted(owned.units):
            for account in organization.members(owned.owner, unit):
                wanted.setdefault((account, region), unit)
        gone = [instance for key, instance in owned.instances.items() if key not in wanted]
        # With the stack set's own parameters: overrides are for the instances they were given to.
        new = {
            key: StackInstance(owned.id, *key, unit, []) for key, unit in wanted.items() if key not in owned.instances
        }
        owned.instances |= new
        retain = {"RetainStacks": owned.automatically("RetainStacksOnAccountRemoval")}
        operations = [self._operate(owned, "DELETE", gone, retain)] if gone else []
        operations += [self._operate(owned, "CREATE", list(new.values()), {})] if new else []
        return all(operation.status == "SUCCEEDED" for operation in operations)

    def _operate(
        self, owned: StackSet, action: str, instances: list[StackInstance], request: dict[str, Any]
    ) -> Operation:
        """Carries an operation out; AWS would answer before it is over."""
        operation = Operation(request.get("OperationId") or str(uuid.uuid4()), owned.id, action)
        owned.operations[operation.operation_id] = operation
        tolerance, failures = _tolerance(request.get("OperationPreferences") or {}, len(instances)), 0
        with owned.lock:
            for instance in instances:
                if failures > tolerance:
                    instance.becomes("OUTDATED", "CANCELLED", "Cancelled since failure tolerance has exceeded")
                elif action == "DELETE":
                    self._remove(owned, instance, bool(request.get("RetainStacks")))
                else:
                    self._deploy(owned, instance)
                failures += instance.outcome == "FAILED"
                operation.results.append({**vars(instance), "Status": instance.outcome})
        operation.status = "FAILED" if failures > tolerance else "SUCCEEDED"
        operation.end_timestamp = now()
        return operation

    def _deploy(self, owned: StackSet, instance: StackInstance) -> None:
        given = {one["ParameterKey"]: one for one in owned.parameters + instance.parameter_overrides}
        request = {"Parameters": list(given.values()), "Capabilities": owned.capabilities, "Tags": owned.tags}
        try:
            stack = self._deploy_stack(f"StackSet-{owned.name}-{uuid.uuid4()}"[:128], instance, owned, request)
        except ValidationError as error:
            return instance.becomes("OUTDATED", "FAILED", str(error.message))
        if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return instance.becomes("CURRENT", "SUCCEEDED")
        failed = [event for event in stack.events if event["ResourceStatus"].endswith("_FAILED")]
        reason = failed[0]["ResourceStatusReason"] if failed else stack.status_reason
        return instance.becomes("OUTDATED", "FAILED", reason)

    def _deploy_stack(self, name: str, instance: StackInstance, owned: StackSet, request: dict[str, Any]) -> Stack:
        stack = instance.stack
        if stack and stack.status == "ROLLBACK_COMPLETE":
            # A first deployment that failed cannot be updated: it is made again.
            self._stacks.delete(stack)
            stack.await_end()
        stack = stack if stack and stack.exists else None
        wanted = resolution.target(instance.account, instance.region, owned.template_body, request, stack)
        stack = instance.stack = stack or self._stacks.book.new(instance.account, instance.region, name)
        self._stacks.deploy(stack, wanted)
        stack.await_end()
        return stack

    def _remove(self, owned: StackSet, instance: StackInstance, retain: bool) -> None:
        stack = instance.stack
        if stack and not retain and stack.exists:
            self._stacks.delete(stack)
            stack.await_end()
            if stack.exists:
                return instance.becomes("INOPERABLE", "FAILED", stack.status_reason)
        instance.becomes(instance.status, "SUCCEEDED")
        del owned.instances[instance.account, instance.region]
        return None


def _targets(owned: StackSet, request: dict[str, Any]) -> tuple[dict[tuple[str, str], str], set[tuple[str, str]]]:
    """Accounts and Regions with the unit that they are there for, and the units with their Regions."""
    targets, regions = request.get("DeploymentTargets") or {}, request["Regions"]
    units = targets.get("OrganizationalUnitIds")
    if request.get("Accounts") or not units:
        raise ValidationError(
            "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target"
        )
    found = {account: unit for unit in reversed(units) for account in organization.members(owned.owner, unit)}
    if targets.get("AccountFilterType") == "INTERSECTION":
        found = {account: unit for account, unit in found.items() if account in targets["Accounts"]}
    wanted = {(account, region): unit for region in regions for account, unit in found.items()}
    return wanted, {(unit, region) for unit in units for region in regions}


def _tolerance(preferences: dict[str, Any], targets: int) -> int:
    if preferences.get("FailureTolerancePercentage") is not None:
        return int(preferences["FailureTolerancePercentage"]) * targets // 100
    return int(preferences.get("FailureToleranceCount") or 0)
