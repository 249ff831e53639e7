"""Stacks and what belongs to them. Data only; the engine changes it, the API shows it."""

import datetime
import json
import threading
import time
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

    def describe(self) -> dict[str, Any]:
        return {
            "Description": self.template.get("Description"),
            "Parameters": [parameter.describe() for parameter in self.parameters.values()],
            "NotificationARNs": self.notification_arns,
            "Capabilities": self.capabilities,
            "RoleARN": self.role_arn,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }


@dataclass
class Stack:
    """A stack. The API shows the fields that have its names."""

    account: str
    region: str
    name: str
    id: str
    deployed: Deployed | None = None
    status: str = "REVIEW_IN_PROGRESS"
    status_reason: str | None = None
    resources: dict[str, Resource] = field(default_factory=dict)
    outputs: list[dict[str, Any]] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)  # as the API shows them
    creation_time: datetime.datetime = field(default_factory=now)
    last_updated_time: datetime.datetime | None = None
    deletion_time: datetime.datetime | None = None
    change_set_id: str | None = None
    change_sets: list[Any] = field(default_factory=list)
    token: str | None = None  # of the operation that runs
    disable_rollback: bool = False  # by the last operation
    garbage: list[Resource] = field(default_factory=list)  # replaced ones, until there is time to delete them
    unfinished: Any = None  # a roll-back that failed: its deployment
    lock: threading.RLock = field(default_factory=threading.RLock)

    @property
    def partition(self) -> str:
        return self.id.split(":")[1]

    @property
    def busy(self) -> bool:
        return self.status.endswith("_IN_PROGRESS") and self.status != "REVIEW_IN_PROGRESS"

    @property
    def exists(self) -> bool:
        return self.deletion_time is None

    def await_end(self) -> None:
        """Returns when no operation runs any more."""
        while self.busy:
            time.sleep(0.02)

    def set_status(self, status: str, reason: str | None = None) -> None:
        with self.lock:
            self.status, self.status_reason = status, reason
            if status == "DELETE_COMPLETE":
                self.deletion_time, self.outputs = now(), []
            self._event(Resource(self.name, "AWS::CloudFormation::Stack", self.id, status, reason))

    def note(self, resource: Resource, status: str, reason: str | None = None) -> None:
        with self.lock:
            resource.status, resource.reason, resource.updated = status, reason, now()
            self._event(resource)

    def _event(self, of: Resource) -> None:
        self.events.append(
            {
                "StackId": self.id,
                "StackName": self.name,
                "EventId": f"{of.logical_id}-{of.status}-{uuid.uuid4()}",
                "LogicalResourceId": of.logical_id,
                "PhysicalResourceId": of.physical_id,
                "ResourceType": of.type,
                "Timestamp": now(),
                "ResourceStatus": of.status,
                "ResourceStatusReason": of.reason,
                "ResourceProperties": json.dumps(of.properties) if of.properties else None,
                "ClientRequestToken": self.token,
            }
        )
