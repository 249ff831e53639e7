"""Stacks and what belongs to them. Data only; the engine changes it, the API shows it."""

import datetime
import threading
import uuid
from dataclasses import dataclass, field
from typing import Any

from .parameters import Parameter

_clock = threading.Lock()
_latest = datetime.datetime.min.replace(tzinfo=datetime.timezone.utc)


def now() -> datetime.datetime:
    """The time, never twice the same millisecond: events are ordered by it."""
    global _latest
    with _clock:
        time = datetime.datetime.now(datetime.timezone.utc)
        step = datetime.timedelta(milliseconds=1)
        _latest = time if time >= _latest + step else _latest + step
        return _latest


@dataclass
class Resource:
    """A resource as it is deployed."""

    logical_id: str
    type: str
    physical_id: str = ""
    status: str = ""
    reason: str | None = None
    properties: dict[str, Any] = field(default_factory=dict)  # with all functions computed
    attributes: dict[str, Any] = field(default_factory=dict)
    dependencies: set[str] = field(default_factory=set)
    deletion_policy: str = "Delete"
    replace_policy: str = "Delete"
    updated: datetime.datetime = field(default_factory=now)


@dataclass
class Event:
    id: str
    logical_id: str
    physical_id: str
    type: str
    status: str
    reason: str | None
    time: datetime.datetime
    properties: str | None
    token: str | None


@dataclass(frozen=True)
class Deployed:
    """What a stack was last asked to be. Never changed in place, so that a roll-back has the old one."""

    text: str
    template: dict[str, Any]
    parameters: dict[str, Parameter]
    tags: dict[str, str]
    capabilities: list[str]
    role_arn: str | None = None
    notification_arns: list[str] = field(default_factory=list)


@dataclass
class Stack:
    account: str
    region: str
    name: str
    id: str
    deployed: Deployed | None = None
    status: str = "REVIEW_IN_PROGRESS"
    reason: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    created: datetime.datetime = field(default_factory=now)
    updated: datetime.datetime | None = None
    deleted: datetime.datetime | None = None
    change_set_id: str | None = None
    token: str | None = None  # of the operation that runs
    unfinished: Any = None  # a roll-back that failed: the deployment and its garbage
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def partition(self) -> str:
        return self.id.split(":")[1]

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    def mark_deleted(self) -> None:
        self.deleted, self.outputs = now(), []

    def set_status(self, status: str, reason: str | None = None) -> None:
        with self.lock:
            self.status, self.reason = status, reason
            self._event(self.name, self.id, "AWS::CloudFormation::Stack", status, reason, None)

    def note(self, resource: Resource, status: str, reason: str | None = None, properties: str | None = None) -> None:
        with self.lock:
            resource.status, resource.reason, resource.updated = status, reason, now()
            self._event(resource.logical_id, resource.physical_id, resource.type, status, reason, properties)

    def _event(  # noqa: PLR0917
        self, logical_id: str, physical_id: str, kind: str, status: str, reason: str | None, properties: str | None
    ) -> None:
        event_id = f"{logical_id}-{status}-{uuid.uuid4()}"
        self.events.append(
            Event(event_id, logical_id, physical_id, kind, status, reason, now(), properties, self.token)
        )
