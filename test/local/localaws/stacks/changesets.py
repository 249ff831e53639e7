"""Change sets: a deployment that is looked at before it is made."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.core.exceptions import ServiceException

from . import resolution
from .errors import MissingInSSM, ValidationError
from .model import Deployed, Stack, now
from .service import Stacks, differs

# Tools recognise "nothing to do" by these words.
_NO_CHANGE = "The submitted information didn't contain changes. Submit different information to create a change set."


@dataclass
class ChangeSet:
    """A change set. The API shows the fields that have its names."""

    change_set_id: str
    change_set_name: str
    stack: Stack
    target: Deployed
    description: str | None
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None
    creation_time: datetime.datetime = field(default_factory=now)

    def describe(self) -> dict[str, Any]:
        of_stack = {"StackId": self.stack.id, "StackName": self.stack.name, "Changes": []}
        return {**self.target.describe(), **vars(self), "Description": self.description, **of_stack}


class ChangeSets:
    def __init__(self, stacks: Stacks) -> None:
        self._stacks = stacks
        self._made: dict[str, ChangeSet] = {}  # by id

    def reset(self) -> None:
        self._made.clear()

    def create(self, account: str, region: str, request: dict[str, Any], body: str) -> ChangeSet:
        name, kind = request["ChangeSetName"], request.get("ChangeSetType") or "UPDATE"
        stack = self._stacks.book.find(account, region, request["StackName"])
        if kind == "UPDATE":
            if stack is None or stack.status == "REVIEW_IN_PROGRESS":
                raise ValidationError(f"Stack [{request['StackName']}] does not exist")
            if stack.busy or stack.status == "ROLLBACK_COMPLETE":
                raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")
        elif stack and stack.status != "REVIEW_IN_PROGRESS":
            raise ServiceException(
                "AlreadyExistsException",
                f"Stack [{stack.name}] already exists and cannot be created again with the changeSet [{name}].",
            )
        for other in self.of_stack(stack) if stack else []:
            if other.change_set_name != name:
                continue
            if other.execution_status == "AVAILABLE":
                raise ServiceException("AlreadyExistsException", f"ChangeSet [{name}] already exists")
            # The aws CLI names change sets by the second, and here two deployments can fall into one.
            self.delete(other)
        try:
            target = resolution.target(account, region, body, request, stack)
        except MissingInSSM as error:
            # A change set has other words for it than CreateStack and UpdateStack.
            raise ValidationError(error.in_change_set) from None
        if stack is None:
            stack = self._stacks.book.new(account, region, request["StackName"])
            stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
        made = ChangeSet(
            change_set_id=f"arn:{stack.partition}:cloudformation:{region}:{account}:changeSet/{name}/{uuid.uuid4()}",
            change_set_name=name,
            stack=stack,
            target=target,
            description=request.get("Description"),
        )
        if not differs(stack, target):
            made.status, made.execution_status, made.status_reason = "FAILED", "UNAVAILABLE", _NO_CHANGE
        self._made[made.change_set_id] = made
        return made

    def of_stack(self, stack: Stack) -> list[ChangeSet]:
        return [made for made in list(self._made.values()) if made.stack is stack]

    def find(self, account: str, region: str, name: str, stack_name: str | None) -> ChangeSet | None:
        """By ARN; or by name, which is unique within its stack only."""
        if name.startswith("arn:"):
            return self._made.get(name)
        stack = self._stacks.book.find(account, region, stack_name or "")
        return next((made for made in self.of_stack(stack) if made.change_set_name == name), None) if stack else None

    def get(self, account: str, region: str, name: str, stack_name: str | None) -> ChangeSet:
        found = self.find(account, region, name, stack_name)
        if found is None:
            raise ServiceException("ChangeSetNotFound", f"ChangeSet [{name}] does not exist")
        return found

    def execute(self, made: ChangeSet, request: dict[str, Any]) -> None:
        stack = made.stack
        if made.execution_status != "AVAILABLE" or stack.busy:
            raise ServiceException(
                "InvalidChangeSetStatus",
                f"ChangeSet [{made.change_set_id}] cannot be executed in its current status of [{made.status}]",
            )
        made.execution_status, stack.change_set_id = "EXECUTE_COMPLETE", made.change_set_id
        self._stacks.deploy(stack, made.target, token=request.get("ClientRequestToken"))
        for other in self.of_stack(stack):
            # The others were made against what the stack no longer is.
            if other is not made:
                del self._made[other.change_set_id]

    def delete(self, made: ChangeSet) -> None:
        self._made.pop(made.change_set_id, None)
