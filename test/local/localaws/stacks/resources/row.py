"""Resources for which it takes a call each to make, to change and to delete them, and some more for their parts."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from .kind import Job, Kind, reported


@dataclass
class Row(Kind):
    service: str
    calls: str  # to make, change and delete it; "-" where there is none
    name: str = "-"  # the property with the name, and the parameter of calls
    _: KW_ONLY
    longest: int = 64
    small: bool = False  # the name has no capitals
    id: str = "{name}"  # the physical id, which may be in the answer to the first call
    ids: tuple[str, ...] = ()  # more parameters for the name, and for the physical id when there is one
    words: Mapping[str, str] = field(default_factory=dict)  # properties that the API has another word for
    parts: Mapping[str, str] = field(default_factory=dict)  # a property, and the call that it takes besides
    also: Mapping[str, Any] = field(default_factory=dict)  # for changes and deletions, when no property says it
    arn: str = "{id}"
    attributes: Mapping[str, str] = field(default_factory=dict)
    fixed: tuple[str, ...] = ()  # what cannot be changed besides the name

    def __post_init__(self) -> None:
        self.immutable = (self.name, *self.fixed)
        self._create, self._update, self._delete = self.calls.split()

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get(self.name), self.longest)
        name = name.lower() if self.small else name
        answer = self._call(job, self._create, name, Tags=job.tags())
        job.physical_id = self.id.format(name=name, answer=answer)
        self._complete(job, {})
        stack = job.stack
        places = {"partition": stack.partition, "region": stack.region, "account": stack.account}
        texts = {"Arn": f"arn:{{partition}}:{self.service}:{{region}}:{{account}}:{self.arn}", **self.attributes}
        places |= {"id": job.physical_id, "name": name, "answer": answer}
        return {**job.properties, **{of: text.format(**places) for of, text in texts.items()}}

    def update(self, job: Job) -> dict[str, Any]:
        assert job.before is not None
        self._call(job, self._update, job.physical_id, **self.also)
        self._complete(job, job.before.properties)
        return {**job.resource.attributes, **job.properties}

    def delete(self, job: Job) -> None:
        self._take(job, self.held(job, job.properties))
        self._call(job, self._delete, job.physical_id, **self.also)

    def given(self, job: Job, identity: str) -> dict[str, Any]:
        """The parameters of all calls: each takes those that it knows."""
        given = {**job.properties, **_translated(job.properties, self.words)}
        given.pop("Tags", None)
        # Some calls take one name, some several.
        return {**given, **dict.fromkeys((self.name, f"{self.name}s", *self.ids), identity)}

    # What it has besides, by what it is known by. It is given when it is new or another one.

    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        return {}

    def give(self, job: Job, key: Any, one: Any) -> None:
        raise NotImplementedError

    def take(self, job: Job, key: Any, one: Any) -> None:
        raise NotImplementedError

    def _complete(self, job: Job, before: dict[str, Any]) -> None:
        for part, call in self.parts.items():
            if str(job.properties.get(part, "false")).lower() != "false":
                self._call(job, call, job.physical_id)
        had, held = self.held(job, before), self.held(job, job.properties)
        for key, one in held.items():
            if key not in had or had[key] != one:
                self.give(job, key, one)
        self._take(job, {key: one for key, one in had.items() if key not in held})

    def _take(self, job: Job, held: dict[Any, Any]) -> None:
        for key, one in held.items():
            with reported(gone=True):
                self.take(job, key, one)

    def _call(self, job: Job, call: str, identity: str, **also: Any) -> Any:
        return None if call == "-" else job.call(self.service, call, **{**also, **self.given(job, identity)})


def _translated(value: Any, words: Mapping[str, str]) -> Any:
    if isinstance(value, list):
        return [_translated(item, words) for item in value]
    if isinstance(value, dict):
        return {words.get(name, name): _translated(item, words) for name, item in value.items()}
    return value
