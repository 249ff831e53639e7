"""What a resource type is to the engine."""

import random
import re
import string
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ... import internal
from ..errors import ResourceFailed
from ..model import Resource, Stack
from . import fit

# What services say of something that is not there, and KMS of a key whose deletion is scheduled already.
_GONE = re.compile(r"NoSuch|NotFound|NonExistent|DoesNotExist|KMSInvalidState")


class Answer(Protocol):
    """What came to a response URL."""

    def wait(self, seconds: float) -> bytes | None: ...


# Hands an event to a function's queue, with a response URL of its own.
Send = Callable[[Any, dict[str, Any]], Answer]


@dataclass
class Job:
    """One thing to do to one resource: ``resource`` is what it becomes or is, ``before`` what an update starts from."""

    send: Send
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

    def call(self, service: str, operation: str, **given: Any) -> Any:
        """Calls an API in the stack's account with those of the parameters that the call has."""
        return fit.call(internal.Client(service, self.stack.account, self.stack.region), operation, given)

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
        return {**self.stack.deployed.tags, **dict(pairs)}

    def changed(self, *names: str) -> bool:
        """Whether an update changes one of these properties."""
        assert self.before is not None
        return any(self.before.properties.get(name) != self.properties.get(name) for name in names)


class Kind:
    """A resource type that CloudFormation manages."""

    # Properties whose change needs another physical resource.
    immutable: Iterable[str] = ()

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


@contextmanager
def reported(*, gone: bool = False) -> Iterator[None]:
    """Turns a service's refusal into a failed resource, with the service's own words; that it is gone may be right."""
    try:
        yield
    except ClientError as error:
        if not gone or not _GONE.search(error.response["Error"]["Code"]):
            raise ResourceFailed(f'Resource handler returned message: "{error}"') from None
