"""What a resource type is to the engine."""

import random
import re
import string
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Protocol

from botocore.exceptions import ClientError

from ... import internal
from ..errors import ResourceFailed
from ..model import Resource, Stack
from .fit import Fitted

# What services say of something that is not there, and KMS of a key whose deletion is scheduled already.
_GONE = re.compile(r"NoSuch|NotFound|NonExistent|DoesNotExist|KMSInvalidState")


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
        return Fitted(internal.Client(service, self.stack.account, self.stack.region))

    def arn(self, service: str, resource: str) -> str:
        return f"arn:{self.stack.partition}:{service}:{self.stack.region}:{self.stack.account}:{resource}"

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
        raise ResourceFailed(f"the local AWS does not update {job.resource.type}")

    def delete(self, job: Job) -> None:
        raise NotImplementedError

    def attribute(self, stack: Stack, resource: Resource, name: str) -> Any:
        try:
            return resource.attributes[name]
        except KeyError:
            raise ResourceFailed(f"Requested attribute {name} does not exist in schema for {resource.type}") from None


class Plain(Kind):
    """A resource with a name, for which it takes one call each to make, to change and to delete it."""

    def __init__(
        self,
        calls: tuple[str, str, str, str],
        name: str,
        *,
        longest: int = 64,
        arn: str = "",
        also: dict[str, Any] | None = None,
    ) -> None:
        """``calls`` are a service and three of its calls, ``arn`` what is before the name, ``also`` given to update."""
        self._service, self._create, self._update, self._delete = calls
        self._name, self._longest, self._arn, self._also = name, longest, arn, also or {}
        self.immutable = (name,)

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get(self._name), self._longest)
        given = {**job.properties, "Tags": job.tags(), self._name: name}
        getattr(job.client(self._service), self._create)(**given)
        job.physical_id = name
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        given = {**job.properties, **self._also, self._name: job.physical_id}
        given.pop("Tags", None)
        getattr(job.client(self._service), self._update)(**given)
        return self._attributes(job)

    def delete(self, job: Job) -> None:
        # Some calls take one name, some several.
        given = {self._name: job.physical_id, f"{self._name}s": [job.physical_id]}
        getattr(job.client(self._service), self._delete)(**given)

    def _attributes(self, job: Job) -> dict[str, Any]:
        return {**job.properties, "Arn": job.arn(self._service, self._arn + job.physical_id)}


@contextmanager
def reported(*, gone: bool = False) -> Iterator[None]:
    """Turns a service's refusal into a failed resource, with the service's own words; that it is gone may be right."""
    try:
        yield
    except ClientError as error:
        if not gone or not _GONE.search(error.response["Error"]["Code"]):
            raise ResourceFailed(f'Resource handler returned message: "{error}"') from None
