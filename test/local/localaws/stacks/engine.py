"""Creates, updates, rolls back and deletes stacks.

Resources are worked on at the same time as far as their dependencies allow. When one fails, what is still running is
not waited for if it is a custom resource: CloudFormation cancels it and deletes it under an id that it invents.
"""

import copy
import dataclasses
import sys
import threading
import traceback
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from . import resolution, template
from .errors import ResourceFailed, ValidationError
from .model import Deployed, Resource, Stack
from .resources import table
from .resources.kind import Courier, Job, Kind, reported

_KEPT = ("Retain",)
_CLEAN_UPS = 3


@dataclass
class _Change:
    """What a deployment did to one resource, to be undone by a roll-back."""

    before: Resource | None
    replaced: bool = False  # the present resource is another one than before


@dataclass
class _Failures:
    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.created or self.updated)

    def reason(self) -> str:
        parts = []
        if self.created:
            parts.append(f"The following resource(s) failed to create: [{', '.join(sorted(self.created))}].")
        if self.updated:
            parts.append(f"The following resource(s) failed to update: [{', '.join(sorted(self.updated))}].")
        return " ".join(parts) + " "


class Deployment:
    """Brings a stack to what a template wants, or back to where it was."""

    def __init__(self, courier: Courier, stack: Stack, target: Deployed) -> None:
        """``courier`` is the way to functions."""
        self._courier, self._stack, self._target = courier, stack, target
        self._previous = stack.deployed
        self._changes: dict[str, _Change] = {}
        self._garbage: list[Resource] = []  # replaced by this deployment
        self._new: list[Resource] = []  # made by this deployment, found by its roll-back
        self._undone: set[str] = set()
        self._failures = _Failures()
        self._cancelled = threading.Event()
        self._lock = threading.Lock()
        resolver = resolution.resolver(stack, target)
        declared = target.template["Resources"]
        self._wanted = {
            name: resource
            for name, resource in declared.items()
            if "Condition" not in resource or resolver.condition(resource["Condition"])
        }

    @property
    def creating(self) -> bool:
        return self._previous is None

    def run(self) -> None:
        stack = self._stack
        stack.deployed = self._target
        self._in_order(self._wanted, self._apply)
        outputs: list[dict[str, Any]] = []
        if not self._failures:
            try:
                outputs = resolution.outputs(stack)
            except (ValidationError, ResourceFailed) as error:
                stack.set_status("CREATE_FAILED" if self.creating else "UPDATE_FAILED", str(error))
                return self._undo(str(error))
        if self._failures:
            return self._undo(self._failures.reason())
        stack.outputs = outputs
        if self.creating:
            return stack.set_status("CREATE_COMPLETE")
        stack.set_status("UPDATE_COMPLETE_CLEANUP_IN_PROGRESS")
        removed = [resource for name, resource in stack.resources.items() if name not in self._wanted]
        self._clean_up(self._garbage + removed)
        for resource in removed:
            # Also when it could not be deleted: it is not the stack's any more.
            del stack.resources[resource.logical_id]
        return stack.set_status("UPDATE_COMPLETE")

    # Forward.

    def _in_order(self, wanted: dict[str, Any], work: Callable[[str], None]) -> None:
        """Runs work on every resource after those it depends on, until one fails."""
        needed = {name: template.dependencies(resource, wanted) for name, resource in wanted.items()}
        waiting, done = list(template.order(wanted)), set()
        running: dict[Future[None], str] = {}
        with ThreadPoolExecutor(max_workers=16, thread_name_prefix=self._stack.name) as pool:
            while waiting or running:
                ready = [name for name in waiting if needed[name] <= done and not self._failures]
                waiting = [name for name in waiting if name not in ready and not self._failures]
                running.update({pool.submit(self._guarded, work, name): name for name in ready})
                if not running:
                    return
                finished, _ = wait(running, return_when=FIRST_COMPLETED)
                done |= {running.pop(future) for future in finished}
                if self._failures:
                    self._cancelled.set()

    def _guarded(self, work: Callable[[str], None], name: str) -> None:
        try:
            work(name)
        except Exception as error:
            # A mistake in this engine must end as a failed stack that says so, not as one that hangs.
            traceback.print_exc(file=sys.stderr)
            resource = self._stack.resources.get(name) or Resource(name, self._wanted[name]["Type"])
            self._fail(resource, f"Internal error of the local AWS: {type(error).__name__}: {error}")

    def _apply(self, name: str) -> None:
        declared, before = self._wanted[name], self._stack.resources.get(name)
        kind = table.kind(declared["Type"])
        try:
            resolver = resolution.resolver(self._stack, self._target)
            properties = kind.canonical(resolver.resolve(declared.get("Properties", {})))
        except (ValidationError, ResourceFailed) as error:
            return self._fail(before or Resource(name, declared["Type"]), str(error))
        after = Resource(
            name,
            declared["Type"],
            properties=properties,
            dependencies=template.dependencies(declared, self._wanted),
            deletion_policy=declared.get("DeletionPolicy", "Delete"),
            replace_policy=declared.get("UpdateReplacePolicy", "Delete"),
        )
        if before is None:
            return self._create(kind, after)
        return self._update(kind, before, after)

    def _create(self, kind: Kind, after: Resource) -> None:
        stack = self._stack
        with stack.lock:
            stack.resources[after.logical_id] = after
        self._changes[after.logical_id] = _Change(None)
        stack.note(after, "CREATE_IN_PROGRESS")
        job = self._job(after)
        try:
            with reported():
                after.attributes = kind.create(job)
        except ResourceFailed as error:
            after.physical_id = error.physical_id or after.physical_id
            return self._fail(after, str(error))
        stack.note(after, "CREATE_IN_PROGRESS", "Resource creation Initiated")
        return stack.note(after, "CREATE_COMPLETE")

    def _update(self, kind: Kind, before: Resource, after: Resource) -> None:
        if before.type != after.type:
            return self._fail(
                before,
                f"Update of resource type is not permitted. The new template modifies resource type of the following "
                f"resources: [{before.logical_id}]",
            )
        if before.properties == after.properties:
            # Nothing to do for the resource. What only CloudFormation itself knows about it changes silently.
            before.dependencies = after.dependencies
            before.deletion_policy, before.replace_policy = after.deletion_policy, after.replace_policy
            return None
        self._changes[before.logical_id] = change = _Change(copy.copy(before))
        return self._move(kind, before, after, change, self._garbage)

    def _move(self, kind: Kind, before: Resource, after: Resource, change: _Change, garbage: list[Resource]) -> None:
        """Updates a resource in place or by another one, which makes garbage of the old one."""
        stack = self._stack
        after.physical_id, after.attributes = before.physical_id, before.attributes
        stack.resources[after.logical_id] = after
        stack.note(after, "UPDATE_IN_PROGRESS")
        job = self._job(after, before)
        work = kind.update
        if kind.replaces(before.properties, after.properties):
            reason = "Requested update requires the creation of a new physical resource; hence creating one."
            stack.note(after, "UPDATE_IN_PROGRESS", reason)
            after.physical_id, work = "", kind.create
        try:
            with reported():
                after.attributes = work(job)
        except ResourceFailed as error:
            named = error.physical_id or after.physical_id
            if named and named != before.physical_id:
                # A new resource that failed: it is deleted, the old one never was touched.
                after.physical_id, change.replaced = named, True
            else:
                after.physical_id = before.physical_id
            return self._fail(after, str(error))
        if after.physical_id != before.physical_id:
            change.replaced = True
            if before.replace_policy not in _KEPT:
                # DeletionPolicy is not about replacement.
                garbage.append(dataclasses.replace(before, deletion_policy="Delete"))
        return stack.note(after, "UPDATE_COMPLETE")

    def _fail(self, resource: Resource, reason: str) -> None:
        updating = resource.logical_id in self._stack.resources and resource.status.startswith("UPDATE")
        created = self._changes.get(resource.logical_id, _Change(None)).before is None and not updating
        with self._stack.lock:
            self._stack.resources.setdefault(resource.logical_id, resource)
        self._changes.setdefault(resource.logical_id, _Change(None if created else copy.copy(resource)))
        with self._lock:
            (self._failures.created if created else self._failures.updated).append(resource.logical_id)
        self._stack.note(resource, "CREATE_FAILED" if created else "UPDATE_FAILED", reason)

    def _job(self, after: Resource, before: Resource | None = None, *, cancellable: bool = True) -> Job:
        cancelled = self._cancelled if cancellable else threading.Event()
        return Job(self._courier, self._stack, after, before, cancelled)

    # Backward.

    def _undo(self, reason: str) -> None:
        if self.creating:
            return self._undo_creation(reason)
        return self._undo_update(reason)

    def _undo_creation(self, reason: str) -> None:
        stack = self._stack
        stack.set_status("ROLLBACK_IN_PROGRESS", reason + "Rollback requested by user.")
        failed = delete_resources(self._courier, stack, stack.resources.values())
        if failed:
            return stack.set_status(
                "ROLLBACK_FAILED", f"The following resource(s) failed to delete: [{', '.join(sorted(failed))}]. "
            )
        return stack.set_status("ROLLBACK_COMPLETE")

    def _undo_update(self, reason: str) -> None:
        """An update in the other direction: first everything is as it was, then what is new goes."""
        stack, previous = self._stack, self._previous
        assert previous is not None
        stack.set_status("UPDATE_ROLLBACK_IN_PROGRESS", reason)
        stack.deployed, stack.unfinished = previous, self
        order = [name for name in template.order(previous.template["Resources"]) if name in self._changes]
        order += [name for name in self._changes if name not in order]
        failed = [name for name in order if name not in self._undone and not self._undo_change(name)]
        if failed:
            text = f"The following resource(s) failed to update: [{', '.join(sorted(failed))}]. "
            return stack.set_status("UPDATE_ROLLBACK_FAILED", text)
        stack.set_status("UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS")
        self._clean_up(self._new)
        for resource in self._new:
            if stack.resources.get(resource.logical_id) is resource:
                del stack.resources[resource.logical_id]
        stack.unfinished = None
        return stack.set_status("UPDATE_ROLLBACK_COMPLETE")

    def _undo_change(self, name: str) -> bool:
        change, present = self._changes[name], self._stack.resources[name]
        if change.before is None:
            self._new.append(present)
        elif change.replaced:
            # The old one was never touched: there is nothing to do but to name it again.
            self._new.append(dataclasses.replace(present, deletion_policy="Delete"))
            self._stack.resources[name] = change.before
            self._stack.note(change.before, "UPDATE_COMPLETE")
        elif not self._put_back(present, change.before, self._new):
            return False
        self._undone.add(name)
        return True

    def resume_undo(self) -> None:
        """ContinueUpdateRollback: tries again what failed."""
        self._undo_update("")

    def _put_back(self, present: Resource, before: Resource, garbage: list[Resource]) -> bool:
        back = copy.copy(before)
        kind, change = table.kind(present.type), _Change(None)
        failures, self._failures = self._failures, _Failures()
        cancelled, self._cancelled = self._cancelled, threading.Event()
        try:
            self._move(kind, present, back, change, garbage)
            return not self._failures
        finally:
            self._failures, self._cancelled = failures, cancelled

    def _clean_up(self, doomed: Iterable[Resource]) -> None:
        """Deletes what a finished update left over: three times at the most, then it is nobody's any more.

        https://repost.aws/knowledge-center/cloudformation-stack-cleanup-stuck
        """
        left = list(doomed)
        for _ in range(_CLEAN_UPS):
            failed = delete_resources(self._courier, self._stack, left)
            left = [resource for resource in left if resource.logical_id in failed]


def delete_resources(courier: Courier, stack: Stack, doomed: Iterable[Resource]) -> list[str]:
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
            elif not _delete_resource(courier, stack, resource):
                failed.add(resource.logical_id)
    return sorted(failed)


def _delete_resource(courier: Courier, stack: Stack, resource: Resource) -> bool:
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
            kind.delete(Job(courier, stack, resource, None, threading.Event()))
    except ResourceFailed as error:
        stack.note(resource, "DELETE_FAILED", str(error))
        return False
    stack.note(resource, "DELETE_COMPLETE")
    return True


def delete(courier: Courier, stack: Stack, *, retain: Iterable[str] = (), reason: str = "User Initiated") -> None:
    """Deletes a stack and its resources, except those to be retained."""
    stack.set_status("DELETE_IN_PROGRESS", reason)
    kept = set(retain)
    doomed = [resource for name, resource in stack.resources.items() if name not in kept]
    failed = delete_resources(courier, stack, doomed)
    if failed:
        text = f"The following resource(s) failed to delete: [{', '.join(failed)}]. "
        return stack.set_status("DELETE_FAILED", text)
    return stack.set_status("DELETE_COMPLETE")
