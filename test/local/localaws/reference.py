"""Which condition keys and resources an action has: test/reference/reference.json, with the rules of its Go package."""

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

_FILE = Path(__file__).parents[2] / "reference" / "reference.json"


class _Action(NamedTuple):
    name: str
    resource_types: tuple[str, ...]
    condition_keys: tuple[str, ...]


@cache
def _table() -> dict[str, Any]:
    return json.loads(_FILE.read_text())


@cache
def _actions() -> dict[str, _Action]:
    found = {}
    for service, one in _table()["services"].items():
        for name, action in one["actions"].items():
            types = [one["resources"][kind] for kind in action["resources"]]
            keys = [*action["conditionKeys"], *(key for kind in types for key in kind["conditionKeys"])]
            full = f"{service}:{name}"
            found[full.lower()] = _Action(full, tuple(kind["arn"] for kind in types), tuple(keys))
    return found


@cache
def _expand(pattern: str) -> list[_Action]:
    folded = pattern.lower()
    if folded in _actions():
        return [_actions()[folded]]
    wanted = _glob(folded)
    return [action for name, action in _actions().items() if _overlap(wanted, tuple(name))]


def _knows_service(action: str) -> bool:
    return action.partition(":")[0].lower() in _table()["services"]


def _supports(action: _Action, key: str) -> bool:
    return any(_is_key(known, key.lower()) for known in (*action.condition_keys, *_table()["globalConditionKeys"]))


def _is_key(known: str, key: str) -> bool:
    fixed, is_open, _ = known.lower().partition("${")
    return len(key) > len(fixed) and key.startswith(fixed) if is_open else key == fixed


def for_call(service: str, call: str) -> list[str]:
    """The actions that a call of a service's API needs, as the reference documents them."""
    if (found := _actions().get(f"{service}:{call}".lower())) is not None:
        return [found.name]
    table = _table()["services"][service]["actions"]
    return [f"{service}:{name}" for name, action in table.items() if action.get("call") == call]


def supports(action: str, key: str) -> bool:
    """Whether a condition key is in the context of requests for an action."""
    return any(_supports(one, key) for one in _expand(action))


def resource_types(action: str) -> list[str]:
    """The ARNs, with placeholders, of what an action works on."""
    return [arn for one in _expand(action) for arn in one.resource_types]


def conditions(actions: list[str], keys: list[str]) -> list[str]:
    """Each action and condition key of a statement that do not go together.

    A pattern of actions goes with a key when one of its actions does.
    """
    return [
        f"{pattern} has no condition key {key}"
        for pattern in actions
        for key in keys
        if _knows_service(pattern) and not any(_supports(action, key) for action in _expand(pattern))
    ]


def unknown(actions: list[str]) -> list[str]:
    """The actions of a statement that do not exist."""
    return [pattern for pattern in actions if _knows_service(pattern) and not _expand(pattern)]


def homeless(actions: list[str], resources: list[str]) -> list[str]:
    """The actions of a statement that work on none of its resources."""
    return [
        pattern
        for pattern in actions
        if _knows_service(pattern)
        and not any(_works_on(action, one) for action in _expand(pattern) for one in resources)
    ]


def _works_on(action: _Action, resource: str) -> bool:
    if resource == "*":
        return True
    wanted = _glob(resource)
    return any(_overlap(_type(arn), wanted) for arn in action.resource_types)


# Patterns as rows of symbols: letters, _ANY for one letter, and _Many for any number of letters.

_ANY = "any one letter"


class _Many(NamedTuple):
    excluded: str = ""


_EXCLUDED = {"Partition": ":", "Region": ":", "Account": ":", "BucketName": "/"}


def _glob(pattern: str) -> tuple[Any, ...]:
    return _read(pattern, lambda _: _Many())


@cache
def _type(arn: str) -> tuple[Any, ...]:
    return _read(arn, lambda name: _Many(_EXCLUDED.get(name, "")), wildcards=False)


def _read(pattern: str, placeholder: Callable[[str], _Many], wildcards: bool = True) -> tuple[Any, ...]:
    made: list[Any] = []
    while pattern:
        if pattern.startswith("${"):
            name, _, pattern = pattern[2:].partition("}")
            made.append(placeholder(name))
            continue
        letter, pattern = pattern[0], pattern[1:]
        made.append({"*": _Many(), "?": _ANY}.get(letter, letter) if wildcards else letter)
    return tuple(made)


def _overlap(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether one text matches both."""
    waiting, seen = [(0, 0)], set()
    while waiting:
        at = waiting.pop()
        if at in seen:
            continue
        seen.add(at)
        i, j = at
        if i == len(one) and j == len(other):
            return True
        many_i = i < len(one) and isinstance(one[i], _Many)
        many_j = j < len(other) and isinstance(other[j], _Many)
        if many_i:
            waiting.append((i + 1, j))
        if many_j:
            waiting.append((i, j + 1))
        if i < len(one) and j < len(other) and _share(one[i], other[j]):
            waiting.append((i if many_i else i + 1, j if many_j else j + 1))
    return False


def _share(one: Any, other: Any) -> bool:
    """Whether one letter is possible for both."""
    if isinstance(one, _Many):
        return not isinstance(other, str) or other is _ANY or other not in one.excluded
    if isinstance(other, _Many):
        return _share(other, one)
    return one is _ANY or other is _ANY or one == other
