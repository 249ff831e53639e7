"""Creates, updates, rolls back and deletes stacks.

A deployment is a change of each resource from what it is to what it shall be, made in the order of dependencies; its
roll-back is the same changes from there to where they came from. What is too much afterwards, in one direction as in
the other, is deleted in the end.

Resources are worked on at the same time as far as their dependencies allow. When one fails, what is still running is
not waited for if it is a custom resource: CloudFormation cancels it and deletes it under an id that it invents.

With roll-back disabled, what does not need the failed resources is finished, and the next update goes on from there:
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/stack-failure-options.html
"""

import copy
import dataclasses
import sys
import threading
import traceback
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass

from . import resolution, template
from .errors import ResourceFailed, ValidationError
from .model import Deployed, Resource, Stack
from .resources import table
from .resources.kind import Job, Send, reported

_KEPT = ("Retain",)
_CLEAN_UPS = 3


@dataclass
class _Change:
    """One resource, from what it was: nothing, when it is new."""

    before: Resource | None
    after: Resource

    @property
    def verb(self) -> str:
        return "UPDATE" if self.before else "CREATE"

    @property
    def replaced(self) -> bool:
        return self.before is not None and self.before.physical_id != self.after.physical_id


class Deployment:
    """Brings a stack to what a template wants, or back to where it was."""

    def __init__(self, send: Send, stack: Stack, target: Deployed) -> None:
        """``send`` is the way to functions."""
        self._send, self._stack, self._target = send, stack, target
        self._previous = stack.deployed
        self._changes: dict[str, _Change] = {}  # that are to be undone by a roll-back
        self._garbage = stack.garbage
        self._failures: dict[str, str] = {}  # what was done, by logical id
        self._cancelled = threading.Event()
        resolver = resolution.resolver(stack, target)
        self._wanted = {
            name: resource
            for name, resource in target.template["Resources"].items()
            if "Condition" not in resource or resolver.condition(resource["Condition"])
        }

    @property
    def creating(self) -> bool:
        return self._previous is None

    def run(self) -> None:
        stack, verb = self._stack, "CREATE" if self.creating else "UPDATE"
        stack.deployed = self._target
        self._apply_all()
        failed = {to: [name for name, done in self._failures.items() if done == to] for to in ("create", "update")}
        reason = "".join(_failed(to, names) for to, names in failed.items() if names)
        if not reason:
            try:
                stack.outputs = resolution.outputs(stack)
            except (ValidationError, ResourceFailed) as error:
                reason = str(error)
        if reason and stack.disable_rollback:
            return stack.set_status(f"{verb}_FAILED", reason)
        if reason:
            self._garbage.clear()
            return self.undo(reason)
        if not self.creating:
            stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
            removed = [resource for name, resource in stack.resources.items() if name not in self._wanted]
            self._clean_up(self._garbage + removed)
        return stack.set_status(f"{verb}_COMPLETE")

    # Forward.

    def _apply_all(self) -> None:
        """Every resource after those it depends on, until one fails or, with roll-back disabled, as far as it goes."""
        goes_on = self._stack.disable_rollback
        order = template.order(self._wanted)
        order.prepare()
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(max_workers=16, thread_name_prefix=self._stack.name) as pool:
            while order.is_active():
                if goes_on or not self._failures:
                    running |= {pool.submit(self._apply, name): name for name in order.get_ready()}
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                names = [running.pop(future) for future in finished]
                order.done(*(name for name in names if name not in self._failures))
                if self._failures and not goes_on:
                    self._cancelled.set()

    def _apply(self, name: str) -> None:
        declared, before = self._wanted[name], self._stack.resources.get(name)
        change = _Change(before, before or Resource(name, declared["Type"]))
        try:
            if before and before.status == "CREATE_FAILED":
                # It has no stable state: it goes, and is made anew.
                change.before = None
                if not _delete_resource(self._send, self._stack, before):
                    raise ResourceFailed("What is left of a creation that failed could not be deleted")
                before = None
            if before and before.type != declared["Type"]:
                raise ResourceFailed(
                    "Update of resource type is not permitted. The new template modifies resource type of the "
                    f"following resources: [{name}]"
                )
            properties = resolution.resolver(self._stack, self._target).resolve(declared.get("Properties", {}))
            after = Resource(
                name,
                declared["Type"],
                properties=table.kind(declared["Type"]).canonical(properties),
                dependencies=template.dependencies(declared, self._wanted),
                deletion_policy=declared.get("DeletionPolicy", "Delete"),
                replace_policy=declared.get("UpdateReplacePolicy", "Delete"),
            )
            if before and before.properties == after.properties and before.status != "UPDATE_FAILED":
                # Nothing to do for the resource. What only CloudFormation itself knows about it changes silently.
                before.dependencies = after.dependencies
                before.deletion_policy, before.replace_policy = after.deletion_policy, after.replace_policy
                return
            change = _Change(before, after)
            self._move(change, self._cancelled)
        except (ValidationError, ResourceFailed) as error:
            self._fail(change, str(error))
        except Exception as error:
            # A mistake in this engine must end as a failed stack that says so, not as one that hangs.
            traceback.print_exc(file=sys.stderr)
            self._fail(change, f"Internal error of the local AWS: {type(error).__name__}: {error}")
        self._changes[name] = change

    def _move(self, change: _Change, cancelled: threading.Event) -> None:
        """Makes a resource, or updates it in place or by another one, which makes garbage of the old one."""
        stack, before, after, verb = self._stack, change.before, change.after, change.verb
        kind = table.kind(after.type)
        with stack.lock:
            stack.resources[after.logical_id] = after
        work = kind.create
        if before:
            after.physical_id, after.attributes, work = before.physical_id, before.attributes, kind.update
        stack.note(after, f"{verb}_IN_PROGRESS")
        if before and kind.replaces(before.properties, after.properties):
            if stack.disable_rollback:
                raise ResourceFailed("Replacement type updates not supported on stack with disable-rollback.")
            reason = "Requested update requires the creation of a new physical resource; hence creating one."
            stack.note(after, "UPDATE_IN_PROGRESS", reason)
            after.physical_id, work = "", kind.create
        try:
            with reported():
                after.attributes = work(Job(self._send, stack, after, before, cancelled))
        except ResourceFailed as error:
            # A new resource that failed is deleted; without one, it is the old one that failed.
            after.physical_id = error.physical_id or after.physical_id or (before.physical_id if before else "")
            raise
        if before is None:
            stack.note(after, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        elif change.replaced and before.replace_policy not in _KEPT:
            # DeletionPolicy is not about replacement.
            self._garbage.append(dataclasses.replace(before, deletion_policy="Delete"))
        stack.note(after, f"{verb}_COMPLETE")

    def _fail(self, change: _Change, reason: str) -> None:
        name, failed = change.after.logical_id, change.after
        with self._stack.lock:
            if change.before and self._stack.disable_rollback:
                # Its last stable state is what the next update starts from.
                failed = self._stack.resources[name] = change.before
                if change.replaced:
                    self._garbage.append(dataclasses.replace(change.after, deletion_policy="Delete"))
            self._stack.resources.setdefault(name, failed)
            self._failures[name] = change.verb.lower()
        self._stack.note(failed, f"{change.verb}_FAILED", reason)

    # Backward.

    def undo(self, reason: str = "") -> None:
        """An update in the other direction: first everything is as it was, then what is new goes.

        Once more, it is ContinueUpdateRollback: what failed is tried again.
        """
        stack, previous = self._stack, self._previous
        if previous is None:
            return remove(
                self._send, stack, stack.resources.values(), "ROLLBACK", reason + "Rollback requested by user."
            )
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        stack.deployed, stack.unfinished = previous, self
        old = [name for name in template.order(previous.template["Resources"]).static_order() if name in self._changes]
        order = dict.fromkeys([*old, *self._changes])
        failed = [name for name in order if not self._undo_change(self._changes[name])]
        if failed:
            return stack.set_status("UPDATE_ROLLBACK_FAILED", _failed("update", failed))
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(self._garbage)
        stack.unfinished = None
        return stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _undo_change(self, change: _Change) -> bool:
        name, before = change.after.logical_id, change.before
        present = self._stack.resources[name]
        if before is None:
            self._garbage.append(present)
        elif change.replaced:
            # The old one was never touched: there is nothing to do but to name it again.
            self._garbage.append(dataclasses.replace(present, deletion_policy="Delete"))
            self._stack.resources[name] = before
            self._stack.note(before, "UPDATE_COMPLETE")
        else:
            back = _Change(present, copy.copy(before))
            try:
                self._move(back, threading.Event())
            except ResourceFailed as error:
                self._stack.note(back.after, "UPDATE_FAILED", str(error))
                return False
        del self._changes[name]
        return True

    def _clean_up(self, doomed: Iterable[Resource]) -> None:
        """Deletes what is left over: three times at the most, then it is nobody's any more.

        https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
        """
        left = doomed = list(doomed)
        for _ in range(_CLEAN_UPS):
            failed = _delete_resources(self._send, self._stack, left)
            left = [resource for resource in left if resource.logical_id in failed]
        for resource in doomed:
            if self._stack.resources.get(resource.logical_id) is resource:
                del self._stack.resources[resource.logical_id]
        self._garbage.clear()


def remove(send: Send, stack: Stack, doomed: Iterable[Resource], verb: str, reason: str) -> None:
    """Deletes resources of a stack that does not go on without them."""
    stack.set_status(f"{verb}_IN_PROGRESS", reason)
    failed = _delete_resources(send, stack, doomed)
    stack.set_status(f"{verb}_FAILED" if failed else f"{verb}_COMPLETE", _failed("delete", failed) if failed else None)


def _failed(to: str, names: Iterable[str]) -> str:
    return f"The following resource(s) failed to {to}: [{', '.join(sorted(names))}]. "


def _delete_resources(send: Send, stack: Stack, doomed: Iterable[Resource]) -> list[str]:
    """Deletes resources, dependents first, and goes on when one fails. Returns the failed ones' logical ids."""
    left = list(doomed)
    failed: set[str] = set()
    while left:
        # By logical id: an old version of a resource is needed by the same ones as the present one.
        needed = {name for resource in left for name in resource.dependencies if resource.logical_id != name}
        free = [resource for resource in left if resource.logical_id not in needed]
        if not free:
            free = [left[-1]]
        for resource in reversed(free):
            left.remove(resource)
            blocked = any(
                resource.logical_id in stack.resources[name].dependencies for name in failed & stack.resources.keys()
            )
            if blocked:
                # What a resource that still exists needs stays with it.
                failed.add(resource.logical_id)
            elif not _delete_resource(send, stack, resource):
                failed.add(resource.logical_id)
    return sorted(failed)


def _delete_resource(send: Send, stack: Stack, resource: Resource) -> bool:
    if resource.status == "DELETE_COMPLETE":
        return True
    rolling_back_creation = "ROLLBACK" in stack.status
    if resource.deletion_policy in _KEPT or (
        resource.deletion_policy == "RetainExceptOnCreate" and not rolling_back_creation
    ):
        stack.note(resource, "DELETE_SKIPPED")
        return True
    if not resource.physical_id:
        # It failed before there was anything.
        stack.note(resource, "DELETE_COMPLETE")
        return True
    stack.note(resource, "DELETE_IN_PROGRESS")
    kind = table.kind(resource.type)
    try:
        with reported(gone=True):
            kind.delete(Job(send, stack, resource, None, threading.Event()))
    except ResourceFailed as error:
        stack.note(resource, "DELETE_FAILED", str(error))
        return False
    stack.note(resource, "DELETE_COMPLETE")
    return True
