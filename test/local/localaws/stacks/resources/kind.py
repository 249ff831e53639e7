"""What a resource type is to the engine."""

import random
import string
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

from botocore.exceptions import ClientError

from ... import internal
from ..errors import ResourceFailed
from ..model import Resource, Stack


class Answer(Protocol):
    """What came to a response URL."""

    def wait(self, seconds: float) -> bytes | None: ...


class Courier(Protocol):
    """The way to functions, and back from them."""

    def send(self, function: Any, event: dict[str, Any]) -> Answer:
        """Hands an event to a function's queue, with a response URL of its own."""


@dataclass
class Job:
    """One thing to do to one resource: ``resource`` is what it becomes or is, ``before`` what an update starts from."""

    courier: Courier
    stack: Stack
    resource: Resource
    before: Resource | None
    cancelled: threading.Event

    @property
    def properties(self) -> dict[str, Any]:
        return self.resource.properties

    @property
    def physical_id(self) -> str:
        return self.resource.physical_id

    @physical_id.setter
    def physical_id(self, value: str) -> None:
        """Set it as soon as there is something: a roll-back deletes only what has one."""
        self.resource.physical_id = value

    def client(self, service: str) -> Any:
        return internal.client(service, self.stack.account, self.stack.region)

    def name(self, given: str | None, longest: int = 64) -> str:
        """The name a template gives a resource, or the one that CloudFormation makes."""
        if given:
            return str(given)
        suffix = "".join(random.choices(string.ascii_uppercase + string.digits, k=12))
        stem = f"{self.stack.name}-{self.resource.logical_id}"
        return f"{stem[: longest - 13]}-{suffix}"

    def tags(self) -> dict[str, str]:
        """The resource's tags, over those of the stack."""
        assert self.stack.deployed is not None
        own = self.properties.get("Tags", [])
        pairs = own.items() if isinstance(own, dict) else [(tag["Key"], tag["Value"]) for tag in own]
        return {**self.stack.deployed.tags, **{key: str(value) for key, value in pairs}}

    def changed(self, *names: str) -> bool:
        """Whether an update changes one of these properties."""
        assert self.before is not None
        return any(self.before.properties.get(name) != self.properties.get(name) for name in names)


class Kind:
    """A resource type that CloudFormation manages."""

    # Properties whose change needs another physical resource.
    immutable: ClassVar[set[str]] = set()
    # What the service calls a resource that does not exist: deleting that is a success.
    gone: ClassVar[set[str]] = set()

    def canonical(self, properties: dict[str, Any]) -> dict[str, Any]:
        """The properties in the form in which they are compared and kept."""
        return properties

    def replaces(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        return any(before.get(name) != after.get(name) for name in self.immutable)

    def create(self, job: Job) -> dict[str, Any]:
        """Makes the resource, sets the job's physical id, and returns the attributes for Fn::GetAtt."""
        raise NotImplementedError

    def update(self, job: Job) -> dict[str, Any]:
        """Changes the resource in place, or sets another physical id."""
        raise NotImplementedError

    def delete(self, job: Job) -> None:
        raise NotImplementedError

    def attribute(self, stack: Stack, resource: Resource, name: str) -> Any:
        try:
            return resource.attributes[name]
        except KeyError:
            raise ResourceFailed(f"Requested attribute {name} does not exist in schema for {resource.type}") from None


class Nothing(Kind):
    """Types that mean something to CloudFormation or to tools only."""

    TYPES = ("AWS::CDK::Metadata", "AWS::CloudFormation::WaitConditionHandle")

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        return {}

    def delete(self, job: Job) -> None:
        pass


@contextmanager
def reported(*fine: str) -> Iterator[None]:
    """Turns a service's refusal into a failed resource, with the service's own words; some codes are no failure."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] not in fine:
            raise ResourceFailed(f'Resource handler returned message: "{error}"') from None


def difference(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], list[str]]:
    """What to set and what to remove, for example of tags."""
    return {key: value for key, value in after.items() if before.get(key) != value}, sorted(
        before.keys() - after.keys()
    )


def pairs(tags: dict[str, str], key: str = "Key", value: str = "Value") -> list[dict[str, str]]:
    return [{key: name, value: text} for name, text in tags.items()]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def boolean(value: Any) -> bool:
    return str(value).lower() == "true"


def given(properties: dict[str, Any], *names: str, convert: Callable[[Any], Any] | None = None) -> dict[str, Any]:
    """Those of the properties that are there, to be passed on under the same names."""
    return {name: convert(properties[name]) if convert else properties[name] for name in names if name in properties}
