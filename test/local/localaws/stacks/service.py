"""The stacks of all accounts and Regions, and what may be done to them."""

import re
import sys
import threading
import traceback
import uuid
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from moto.utilities.utils import get_partition

from . import engine, parameters, plan, resources, template
from .changesets import ChangeSet
from .errors import AlreadyExists, InsufficientCapabilities, ResourceFailed, ValidationError
from .model import Deployed, Stack, now
from .template import Resolver

if TYPE_CHECKING:
    from ..server import LocalAWS

_IAM = re.compile(r"AWS::IAM::(Role|User|Group|ManagedPolicy|Policy|InstanceProfile|UserToGroupAddition)")
_NAMES = ("RoleName", "UserName", "GroupName", "ManagedPolicyName")


class Stacks:
    def __init__(self, aws: "LocalAWS") -> None:
        from .stacksets import StackSets

        self.aws = aws
        self._lock = threading.RLock()
        self._stacks: dict[str, Stack] = {}  # by id, deleted ones too
        self.change_sets: dict[str, ChangeSet] = {}  # by id
        self.sets = StackSets(self)

    def reset(self) -> None:
        with self._lock:
            self._stacks.clear()
            self.change_sets.clear()
            self.sets.reset()

    # Finding.

    def all(self, account: str, region: str) -> list[Stack]:
        with self._lock:
            return [stack for stack in self._stacks.values() if (stack.account, stack.region) == (account, region)]

    def find(self, account: str, region: str, name: str) -> Stack | None:
        """By name, without the deleted ones; or by id."""
        for stack in reversed(self.all(account, region)):
            if stack.id == name or (stack.name == name and stack.deleted is None):
                return stack
        return None

    def get(self, account: str, region: str, name: str | None) -> Stack:
        stack = self.find(account, region, name or "")
        if stack is None:
            raise ValidationError(f"Stack with id {name} does not exist")
        return stack

    # Templates in the light of a stack.

    def resolver(self, stack: Stack, target: Deployed) -> Resolver:
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
            return resources.kind(resource.type).attribute(stack, resource, attribute)

        def imported(name: str) -> Any:
            for export in self.exports(stack.account, stack.region):
                if export["Name"] == name:
                    return export["Value"]
            raise ValidationError(f"No export named {name} found.")

        def dynamic(service: str, reference: str) -> str:
            if service in ("ssm", "ssm-secure"):
                return parameters.ssm_value(reference.split(":", maxsplit=1)[0], stack.account, stack.region)
            raise ValidationError(f"the local AWS does not resolve {service} references")

        return Resolver(target.template, values, ref=ref, attribute=attribute, imported=imported, dynamic=dynamic)

    def outputs(self, stack: Stack) -> list[dict[str, Any]]:
        assert stack.deployed is not None
        resolver, found = self.resolver(stack, stack.deployed), []
        for name, output in stack.deployed.template.get("Outputs", {}).items():
            if "Condition" in output and not resolver.condition(output["Condition"]):
                continue
            described = {"OutputKey": name, "OutputValue": template.text(resolver.resolve(output["Value"]))}
            if "Description" in output:
                described["Description"] = output["Description"]
            if "Export" in output:
                described["ExportName"] = template.text(resolver.resolve(output["Export"]["Name"]))
                self._check_export(stack, described["ExportName"])
            found.append(described)
        return found

    def exports(self, account: str, region: str) -> list[dict[str, Any]]:
        return [
            {"ExportingStackId": stack.id, "Name": output["ExportName"], "Value": output["OutputValue"]}
            for stack in self.all(account, region)
            if stack.deleted is None
            for output in stack.outputs
            if "ExportName" in output
        ]

    def _check_export(self, stack: Stack, name: str) -> None:
        for export in self.exports(stack.account, stack.region):
            if export["Name"] == name and export["ExportingStackId"] != stack.id:
                owner = export["ExportingStackId"].split("/")[1]
                raise ValidationError(f"Export with name {name} is already exported by stack {owner}")

    def target(self, account: str, region: str, body: str, request: dict[str, Any], stack: Stack | None) -> Deployed:
        """What a request asks a stack to be, all of it checked."""
        parsed = template.parse(body)
        previous = stack.deployed if stack else None
        capabilities = list(request.get("Capabilities") or [])
        _check_capabilities(parsed, capabilities)
        for resource in parsed["Resources"].values():
            resources.kind(resource["Type"])
        tags = request.get("Tags")
        return Deployed(
            text=body,
            template=parsed,
            parameters=parameters.resolve(
                parsed.get("Parameters", {}),
                request.get("Parameters") or [],
                previous.parameters if previous else {},
                account,
                region,
            ),
            tags={tag["Key"]: tag["Value"] for tag in tags}
            if tags is not None
            else (previous.tags if previous else {}),
            capabilities=capabilities,
            role_arn=request.get("RoleARN") or (previous.role_arn if previous else None),
            notification_arns=list(request.get("NotificationARNs") or []),
        )

    # Doing.

    def new(self, account: str, region: str, name: str) -> Stack:
        if not re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", name or ""):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        with self._lock:
            if self.find(account, region, name):
                raise AlreadyExists(f"Stack [{name}] already exists")
            partition = get_partition(region)
            stack_id = f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
            stack = self._stacks[stack_id] = Stack(account, region, name, stack_id)
        return stack

    def stand_in(self, stack_id: str, status: str) -> None:
        """A stack without resources that only shows a status, as if it were at work on what a test does itself."""
        *_, region, account, path = stack_id.split(":", 5)
        with self._lock:
            if stack_id not in self._stacks:
                self._stacks[stack_id] = Stack(account, region, path.split("/")[1], stack_id)
            stack = self._stacks[stack_id]
        stack.deleted = now() if status == "DELETE_COMPLETE" else None
        stack.set_status(status)

    def create(self, account: str, region: str, request: dict[str, Any], body: str) -> Stack:
        target = self.target(account, region, body, request, None)
        stack = self.new(account, region, request["StackName"])
        stack.protected = bool(request.get("EnableTerminationProtection"))
        on_failure = request.get("OnFailure") or ("DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK")
        self.deploy(stack, target, on_failure=on_failure, token=request.get("ClientRequestToken"))
        return stack

    def update(self, stack: Stack, request: dict[str, Any], body: str) -> None:
        check_updatable(stack)
        target = self.target(stack.account, stack.region, body, request, stack)
        if not plan.differs(stack, target):
            raise ValidationError("No updates are to be performed.")
        on_failure = "DO_NOTHING" if request.get("DisableRollback") else "ROLLBACK"
        self.deploy(stack, target, on_failure=on_failure, token=request.get("ClientRequestToken"))

    def deploy(self, stack: Stack, target: Deployed, *, on_failure: str = "ROLLBACK", token: str | None = None) -> None:
        """Starts creating or updating; the stack is in progress when this returns."""
        deployment = engine.Deployment(self, stack, target, on_failure=on_failure)
        stack.token, stack.updated = token, None if deployment.creating else now()
        stack.set_status("CREATE_IN_PROGRESS" if deployment.creating else "UPDATE_IN_PROGRESS", "User Initiated")
        self._run(stack, deployment.run)

    def delete(self, stack: Stack, *, retain: Iterable[str] = (), token: str | None = None) -> None:
        if stack.protected:
            raise ValidationError(f"Stack [{stack.name}] cannot be deleted while TerminationProtection is enabled")
        if stack.busy and stack.status != "DELETE_IN_PROGRESS":
            raise ValidationError(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
        if retain and stack.status != "DELETE_FAILED":
            raise ValidationError("Resources can only be retained of a stack whose deletion failed")
        if stack.deleted or stack.status == "DELETE_IN_PROGRESS":
            return
        stack.token = token
        stack.status = "DELETE_IN_PROGRESS"
        self._run(stack, lambda: engine.delete(self, stack, retain=retain))

    def continue_rollback(self, stack: Stack, skip: list[str], token: str | None) -> None:
        if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.unfinished is None:
            raise ValidationError(
                f"Stack [{stack.id}] is in {stack.status} state and can not continue an update roll-back"
            )
        deployment, stack.token = stack.unfinished, token
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        self._run(stack, lambda: deployment.resume_undo(skip))

    def deleted(self, stack: Stack) -> None:
        stack.deleted = now()
        stack.outputs = []

    def _run(self, stack: Stack, work: Callable[[], Any]) -> None:
        def guarded() -> None:
            try:
                work()
            except Exception as error:
                # A waiting client must see the end of it.
                traceback.print_exc(file=sys.stderr)
                failed = "CREATE_FAILED" if stack.status.startswith("CREATE") else "UPDATE_ROLLBACK_FAILED"
                failed = "DELETE_FAILED" if stack.status.startswith("DELETE") else failed
                stack.set_status(failed, f"Internal error of the local AWS: {type(error).__name__}: {error}")

        thread = threading.Thread(target=guarded, daemon=True, name=f"stack-{stack.name}")
        thread.start()
        thread.join(self.aws.settings.settle_seconds)


def _existing(stack: Stack, name: str) -> Any:
    resource = stack.resources.get(name)
    if resource is None or not resource.physical_id:
        raise ResourceFailed(f"Unresolved resource dependencies [{name}]")
    return resource


def check_updatable(stack: Stack) -> None:
    final = ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", "UPDATE_FAILED", "CREATE_FAILED")
    if stack.status not in final:
        raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def _check_capabilities(parsed: dict[str, Any], given: list[str]) -> None:
    identities = [resource for resource in parsed["Resources"].values() if _IAM.fullmatch(resource["Type"])]
    named = any(name in resource.get("Properties", {}) for resource in identities for name in _NAMES)
    if named and "CAPABILITY_NAMED_IAM" not in given:
        raise InsufficientCapabilities("Requires capabilities : [CAPABILITY_NAMED_IAM]")
    if identities and not {"CAPABILITY_IAM", "CAPABILITY_NAMED_IAM"} & set(given):
        raise InsufficientCapabilities("Requires capabilities : [CAPABILITY_IAM]")
