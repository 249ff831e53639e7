"""Stack sets: one template as stacks of many accounts.

All are service-managed ones, which follow the organization: their targets are organizational units, and with automatic
deployment an account gets its stacks when it joins one and loses them when it leaves.
"""

import datetime
import threading
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from moto.utilities.utils import get_partition

from ..stacks import resolution, template
from ..stacks.errors import NameAlreadyExists, OperationNotFound, StackSetNotEmpty, StackSetNotFound, ValidationError
from ..stacks.model import Stack, now
from ..stacks.service import Stacks
from . import organization

SERVICE_MANAGED = "SERVICE_MANAGED"


@dataclass(frozen=True)
class Target:
    """Where an instance goes; ``unit`` is the organizational unit that it goes there for."""

    account: str
    region: str
    unit: str | None = None


@dataclass
class Instance:
    target: Target
    overrides: list[dict[str, Any]]
    status: str = "OUTDATED"
    detail: str = "PENDING"
    reason: str | None = None
    stack: Stack | None = None


@dataclass
class Operation:
    id: str
    action: str
    status: str = "RUNNING"
    created: datetime.datetime = field(default_factory=now)
    ended: datetime.datetime | None = None
    results: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class StackSet:
    name: str
    owner: str  # the management account, also when a delegated administrator made it
    region: str
    text: str
    parameters: list[dict[str, Any]]
    tags: list[dict[str, Any]]
    capabilities: list[str]
    description: str | None = None
    automatic: dict[str, Any] = field(default_factory=dict)
    managed_execution: dict[str, Any] = field(default_factory=dict)
    id: str = ""
    instances: dict[tuple[str, str], Instance] = field(default_factory=dict)
    units: list[tuple[str, str]] = field(default_factory=list)  # (unit, region): where automatic deployment goes
    operations: list[Operation] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def arn(self) -> str:
        partition = get_partition(self.region)
        return f"arn:{partition}:cloudformation:{self.region}:{self.owner}:stackset/{self.id}"


class StackSets:
    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        self._sets: dict[tuple[str, str, str], StackSet] = {}
        self._lock = threading.RLock()

    def reset(self) -> None:
        with self._lock:
            self._sets.clear()

    # Finding.

    def of(self, account: str, region: str, call_as: str | None) -> list[StackSet]:
        owner = organization.acting_for(account, call_as)
        with self._lock:
            return [found for (holder, where, _), found in self._sets.items() if (holder, where) == (owner, region)]

    def get(self, account: str, region: str, name: str, call_as: str | None) -> StackSet:
        for found in self.of(account, region, call_as):
            if name in (found.name, found.id, found.arn):
                return found
        raise StackSetNotFound(f"StackSet {name} not found")

    def operation(self, owned: StackSet, operation_id: str) -> Operation:
        for operation in owned.operations:
            if operation.id == operation_id:
                return operation
        raise OperationNotFound(f"Operation {operation_id} not found")

    # Doing.

    def create(self, account: str, region: str, request: dict[str, Any], body: str) -> StackSet:
        name, call_as = request["StackSetName"], request.get("CallAs")
        owner = organization.acting_for(account, call_as)
        if request.get("PermissionModel") != SERVICE_MANAGED:
            raise ValidationError("the local AWS only knows stack sets with the PermissionModel SERVICE_MANAGED")
        organization.check_may_manage(account, call_as)
        template.parse(body)
        with self._lock:
            if (owner, region, name) in self._sets:
                raise NameAlreadyExists(f"StackSet {name} already exists")
            made = StackSet(name, owner, region, body, [], [], [], id=f"{name}:{uuid.uuid4()}")
            self._define(made, request, body)
            self._sets[owner, region, name] = made
        return made

    def update(self, owned: StackSet, request: dict[str, Any], body: str | None) -> Operation:
        self._define(owned, request, body)
        return self._operate(owned, "UPDATE", [instance.target for instance in owned.instances.values()], request)

    def delete(self, owned: StackSet) -> None:
        if owned.instances:
            raise StackSetNotEmpty("StackSet is not empty")
        with self._lock:
            self._sets.pop((owned.owner, owned.region, owned.name), None)

    def create_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        targets = self._targets(owned, request)
        units = (request.get("DeploymentTargets") or {}).get("OrganizationalUnitIds", [])
        for unit in units:
            owned.units += [(unit, region) for region in request["Regions"] if (unit, region) not in owned.units]
        overrides = request.get("ParameterOverrides") or []
        for target in targets:
            owned.instances.setdefault(
                (target.account, target.region), Instance(target, overrides)
            ).overrides = overrides
        return self._operate(owned, "CREATE", targets, request)

    def update_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        targets = [t for t in self._targets(owned, request) if (t.account, t.region) in owned.instances]
        return self._operate(owned, "UPDATE", targets, request)

    def delete_instances(self, owned: StackSet, request: dict[str, Any]) -> Operation:
        targets = [t for t in self._targets(owned, request) if (t.account, t.region) in owned.instances]
        for unit in (request.get("DeploymentTargets") or {}).get("OrganizationalUnitIds", []):
            owned.units = [(u, r) for u, r in owned.units if u != unit or r not in request["Regions"]]
        return self._operate(owned, "DELETE", targets, request, retain=bool(request.get("RetainStacks")))

    def organization_changed(self, management: str) -> None:
        """Automatic deployment: brings every stack set with it to the accounts that are in its units now."""
        with self._lock:
            left = [
                found
                for (owner, _, _), found in self._sets.items()
                if owner == management and str(found.automatic.get("Enabled")).lower() == "true"
            ]
        unsuccessful: set[str] = set()
        while left:
            # What a stack set depends on comes first, and only after its success the stack set itself: the same order
            # for accounts that leave.
            arns = {owned.arn for owned in left}
            ready = [owned for owned in left if not arns & set(owned.automatic.get("DependsOn") or [])] or left[:1]
            for owned in ready:
                left.remove(owned)
                if unsuccessful & set(owned.automatic.get("DependsOn") or []) or not self._follow(owned):
                    unsuccessful.add(owned.arn)

    # How.

    def _define(self, owned: StackSet, request: dict[str, Any], body: str | None) -> None:
        if body:
            template.parse(body)
            owned.text = body
        if request.get("Parameters") is not None:
            old = {parameter["ParameterKey"]: parameter for parameter in owned.parameters}
            owned.parameters = [
                old.get(parameter["ParameterKey"], parameter) if parameter.get("UsePreviousValue") else parameter
                for parameter in request["Parameters"]
            ]
        for name, attribute in (
            ("Tags", "tags"),
            ("Capabilities", "capabilities"),
            ("Description", "description"),
            ("AutoDeployment", "automatic"),
            ("ManagedExecution", "managed_execution"),
        ):
            if request.get(name) is not None:
                setattr(owned, attribute, request[name])

    def _targets(self, owned: StackSet, request: dict[str, Any]) -> list[Target]:
        targets = request.get("DeploymentTargets") or {}
        regions = request.get("Regions") or sorted({region for _, region in owned.instances})
        if request.get("Accounts") or not targets.get("OrganizationalUnitIds"):
            raise ValidationError(
                "StackSets with SERVICE_MANAGED permission model can only have OrganizationalUnit as target"
            )
        members = organization.targets(owned.owner, targets)
        return [Target(account, region, unit) for region in regions for account, unit in members]

    def _follow(self, owned: StackSet) -> bool:
        """Deploys to accounts that are new in the stack set's units, removes it from those that left."""
        wanted = {
            (account, region): Target(account, region, unit)
            for unit, region in owned.units
            for account, _ in organization.targets(owned.owner, {"OrganizationalUnitIds": [unit]})
        }
        new = [target for key, target in wanted.items() if key not in owned.instances]
        gone = [
            instance.target
            for key, instance in owned.instances.items()
            if key not in wanted and not organization.under_any(owned.owner, key[0], owned.units)
        ]
        for target in new:
            # The stack set's own parameters: overrides are for the instances they were given to.
            owned.instances[target.account, target.region] = Instance(target, [])
        operations = []
        if gone:
            retain = str(owned.automatic.get("RetainStacksOnAccountRemoval")).lower() == "true"
            operations.append(self._operate(owned, "DELETE", gone, {}, retain=retain))
        if new:
            operations.append(self._operate(owned, "CREATE", new, {}))
        return all(operation.status == "SUCCEEDED" for operation in operations)

    def _operate(
        self, owned: StackSet, action: str, targets: list[Target], request: dict[str, Any], *, retain: bool = False
    ) -> Operation:
        """Carries an operation out; AWS would answer before it is over."""
        operation = Operation(request.get("OperationId") or str(uuid.uuid4()), action)
        owned.operations.insert(0, operation)
        tolerance = _tolerance(request.get("OperationPreferences") or {}, len(targets))
        with owned.lock:
            self._run(owned, operation, targets, tolerance, retain)
        return operation

    def _run(
        self, owned: StackSet, operation: Operation, targets: Iterable[Target], tolerance: int, retain: bool
    ) -> None:
        failures = 0
        for target in targets:
            instance = owned.instances[target.account, target.region]
            if failures > tolerance:
                instance.status, instance.detail, reason = (
                    "OUTDATED",
                    "CANCELLED",
                    "Cancelled since failure tolerance has exceeded",
                )
                instance.reason = reason
            elif operation.action == "DELETE":
                self._remove(owned, instance, retain)
            else:
                self._deploy(owned, instance)
            failures += instance.detail == "FAILED"
            operation.results.append(
                {
                    "Account": target.account,
                    "Region": target.region,
                    "Status": instance.detail,
                    "StatusReason": instance.reason,
                    "OrganizationalUnitId": target.unit,
                }
            )
        operation.status = "FAILED" if failures > tolerance else "SUCCEEDED"
        operation.ended = now()

    def _deploy(self, owned: StackSet, instance: Instance) -> None:
        target, stacks = instance.target, self._stacks
        instance.detail = "RUNNING"
        overrides = {item["ParameterKey"]: item for item in instance.overrides}
        given = [overrides.get(item["ParameterKey"], item) for item in owned.parameters]
        given += [item for key, item in overrides.items() if key not in {p["ParameterKey"] for p in owned.parameters}]
        request = {"Parameters": given, "Capabilities": owned.capabilities, "Tags": owned.tags}
        try:
            stack = instance.stack if instance.stack and instance.stack.exists else None
            if stack and stack.status == "ROLLBACK_COMPLETE":
                # A first deployment that failed cannot be updated: it is made again.
                stacks.delete(stack)
                _await(stack)
                stack = None
            wanted = resolution.target(target.account, target.region, owned.text, request, stack)
            if stack is None:
                name = f"StackSet-{owned.name}-{uuid.uuid4()}"[:128]
                stack = instance.stack = stacks.book.new(target.account, target.region, name)
            stacks.deploy(stack, wanted)
            _await(stack)
        except ValidationError as error:
            instance.status, instance.detail, instance.reason = "OUTDATED", "FAILED", str(error.message)
            return
        if stack.status in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            instance.status, instance.detail, instance.reason = "CURRENT", "SUCCEEDED", None
        else:
            failed = next(
                (
                    event["ResourceStatusReason"]
                    for event in stack.events
                    if event["ResourceStatus"].endswith("_FAILED")
                ),
                None,
            )
            instance.status, instance.detail, instance.reason = "OUTDATED", "FAILED", failed or stack.status_reason

    def _remove(self, owned: StackSet, instance: Instance, retain: bool) -> None:
        stack = instance.stack
        if stack and not retain and stack.exists:
            self._stacks.delete(stack)
            _await(stack)
            if stack.exists:
                instance.status, instance.detail, instance.reason = "INOPERABLE", "FAILED", stack.status_reason
                return
        instance.detail, instance.reason = "SUCCEEDED", None
        owned.instances.pop((instance.target.account, instance.target.region), None)


def _await(stack: Stack) -> None:
    while stack.busy:
        time.sleep(0.02)


def _tolerance(preferences: dict[str, Any], targets: int) -> int:
    if preferences.get("FailureTolerancePercentage") is not None:
        return int(preferences["FailureTolerancePercentage"]) * targets // 100
    return int(preferences.get("FailureToleranceCount") or 0)
