"""Change sets: a deployment that is looked at before it is made."""

import datetime
import uuid
from dataclasses import dataclass, field
from typing import Any

from ..errors import ServiceError
from . import resolution
from .book import Book
from .errors import MissingInSSM, ValidationError
from .model import Deployed, Stack, now
from .service import Stacks, check_goes_on, check_updatable, differs, stays

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
    disable_rollback: bool
    status: str = "CREATE_COMPLETE"
    execution_status: str = "AVAILABLE"
    status_reason: str | None = None
    creation_time: datetime.datetime = field(default_factory=now)

    def describe(self) -> dict[str, Any]:
        of_stack = {"StackId": self.stack.id, "StackName": self.stack.name, "Changes": []}
        return {**self.target.describe(), **vars(self), "Description": self.description, **of_stack}


def create(stacks: Stacks, account: str, region: str, request: dict[str, Any], body: str) -> ChangeSet:
    name, stack = request["ChangeSetName"], stacks.book.find(account, region, request["StackName"])
    new = stack is None or stack.status == "REVIEW_IN_PROGRESS"
    if request.get("ChangeSetType") != "CREATE":
        if stack is None or new:
            raise ValidationError(f"Stack [{request['StackName']}] does not exist")
        check_updatable(stack)
    elif not new:
        problem = f"Stack [{stack.name}] already exists and cannot be created again with the changeSet [{name}]."
        raise ServiceError("AlreadyExistsException", problem)
    if found := find(stacks.book, account, region, name, request["StackName"]):
        if found.execution_status == "AVAILABLE":
            raise ServiceError("AlreadyExistsException", f"ChangeSet [{name}] already exists")
        # The aws CLI names change sets by the second, and here two deployments can fall into one.
        delete(found)
    try:
        target = resolution.target(account, region, body, request, stack)
    except MissingInSSM as error:
        # A change set has other words for it than CreateStack and UpdateStack.
        raise ValidationError(error.in_change_set) from None
    if stack is None:
        stack = stacks.book.new(account, region, request["StackName"])
        stack.set_status("REVIEW_IN_PROGRESS", "User Initiated")
    arn = f"arn:{stack.partition}:cloudformation:{region}:{account}:changeSet/{name}/{uuid.uuid4()}"
    made = ChangeSet(arn, name, stack, target, request.get("Description"), stays(request))
    if not differs(stack, target):
        made.status, made.execution_status, made.status_reason = "FAILED", "UNAVAILABLE", _NO_CHANGE
    stack.change_sets.append(made)
    return made


def find(book: Book, account: str, region: str, name: str, stack_name: str | None) -> ChangeSet | None:
    """By ARN; or by name, which is unique within its stack only."""
    there = [book.find(account, region, stack_name)] if stack_name else book.all(account, region)
    made = [one for stack in there if stack for one in stack.change_sets]
    return next((one for one in made if name in (one.change_set_id, one.change_set_name)), None)


def execute(stacks: Stacks, made: ChangeSet, request: dict[str, Any]) -> None:
    stack = made.stack
    if made.execution_status != "AVAILABLE" or stack.busy:
        problem = f"ChangeSet [{made.change_set_id}] cannot be executed in its current status of [{made.status}]"
        raise ServiceError("InvalidChangeSetStatus", problem)
    disable_rollback = made.disable_rollback or stays(request)
    check_goes_on(stack, disable_rollback)
    made.execution_status, stack.change_set_id = "EXECUTE_COMPLETE", made.change_set_id
    stacks.deploy(stack, made.target, token=request.get("ClientRequestToken"), disable_rollback=disable_rollback)
    # The others were made against what the stack no longer is.
    stack.change_sets[:] = [made]


def delete(made: ChangeSet) -> None:
    made.stack.change_sets.remove(made)
