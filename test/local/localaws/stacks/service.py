"""What may be done to stacks."""

import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from typing import Any

from ..settings import OfAccounts
from . import engine, resolution
from .book import Book
from .errors import ValidationError
from .model import Deployed, Stack, now
from .resources.kind import Send


class Stacks:
    def __init__(self, book: Book, send: Send, settings: OfAccounts) -> None:
        self.book, self._send, self._settings = book, send, settings

    def create(self, account: str, region: str, request: dict[str, Any], body: str) -> Stack:
        wanted = resolution.target(account, region, body, request, None)
        stack = self.book.new(account, region, request["StackName"])
        self.deploy(stack, wanted, token=request.get("ClientRequestToken"), disable_rollback=stays(request))
        return stack

    def update(self, stack: Stack, request: dict[str, Any], body: str) -> None:
        check_updatable(stack)
        wanted = resolution.target(stack.account, stack.region, body, request, stack)
        if not differs(stack, wanted):
            raise ValidationError("No updates are to be performed.")
        check_goes_on(stack, stays(request))
        self.deploy(stack, wanted, token=request.get("ClientRequestToken"), disable_rollback=stays(request))

    def deploy(
        self, stack: Stack, target: Deployed, *, token: str | None = None, disable_rollback: bool = False
    ) -> None:
        """Starts creating or updating; the stack is in progress when this returns."""
        stack.disable_rollback = disable_rollback
        deployment = engine.Deployment(self._send, stack, target)
        stack.token, stack.last_updated_time = token, None if deployment.creating else now()
        stack.set_status("CREATE_IN_PROGRESS" if deployment.creating else "UPDATE_IN_PROGRESS", "User Initiated")
        self._run(stack, deployment.run)

    def delete(self, stack: Stack, *, retain: Iterable[str] = (), token: str | None = None) -> None:
        if stack.busy and stack.status != "DELETE_IN_PROGRESS":
            raise ValidationError(f"Stack [{stack.id}] cannot be deleted while in status {stack.status}")
        if retain and stack.status != "DELETE_FAILED":
            raise ValidationError("Resources can only be retained of a stack whose deletion failed")
        if not stack.exists or stack.status == "DELETE_IN_PROGRESS":
            return
        stack.token = token
        stack.status = "DELETE_IN_PROGRESS"
        doomed = [one for one in (*stack.garbage, *stack.resources.values()) if one.logical_id not in set(retain)]
        self._run(stack, lambda: engine.remove(self._send, stack, doomed, "DELETE", "User Initiated"))

    def continue_rollback(self, stack: Stack, token: str | None) -> None:
        if stack.status != "UPDATE_ROLLBACK_FAILED" or stack.unfinished is None:
            raise ValidationError(
                f"Stack [{stack.id}] is in {stack.status} state and can not continue an update roll-back"
            )
        deployment, stack.token = stack.unfinished, token
        stack.status = "UPDATE_ROLLBACK_IN_PROGRESS"
        self._run(stack, deployment.undo)

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
        thread.join(self._settings[stack.account].settle_seconds)


# After a failure without roll-back.
_STAYED = ("CREATE_FAILED", "UPDATE_FAILED")


def stays(request: dict[str, Any]) -> bool:
    """Whether a request wants what it has made to stay when something fails."""
    on_failure = request.get("OnFailure") or request.get("OnStackFailure")
    if on_failure == "DELETE":
        raise ValidationError("Deleting a stack that fails is not part of the local AWS")
    return on_failure == "DO_NOTHING" or bool(request.get("DisableRollback"))


def check_goes_on(stack: Stack, disable_rollback: bool) -> None:
    if stack.status in _STAYED and not disable_rollback:
        raise ValidationError(
            f"This stack is currently in a non-terminal [{stack.status}] state. To update the stack from this state, "
            "please use the disable-rollback parameter with update-stack API. To rollback to the last known good "
            "state, use the rollback-stack API"
        )


def check_updatable(stack: Stack) -> None:
    if stack.status not in ("CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE", *_STAYED):
        raise ValidationError(f"Stack:{stack.id} is in {stack.status} state and can not be updated.")


def differs(stack: Stack, target: Deployed) -> bool:
    """Whether CloudFormation sees anything to do: the template, a parameter's value or a tag is another."""
    present = stack.deployed
    if present is None or stack.status in _STAYED or present.template != target.template or present.tags != target.tags:
        return True
    return {name: parameter.value for name, parameter in present.parameters.items()} != {
        name: parameter.value for name, parameter in target.parameters.items()
    }
