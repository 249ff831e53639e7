"""Which condition keys and resources an action has: test/reference/reference.json, with the rules of its Go package."""

import json
import re
from fnmatch import translate
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
    wanted = re.compile(translate(pattern.lower()))
    return [action for name, action in _actions().items() if wanted.match(name)]


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
        if _knows_service(pattern) and not supports(pattern, key)
    ]


def unknown(actions: list[str]) -> list[str]:
    """The actions of a statement that do not exist."""
    return [pattern for pattern in actions if _knows_service(pattern) and not _expand(pattern)]


def homeless(actions: list[str], resources: list[str]) -> list[str]:
    """The actions of a bucket policy's statement that work on none of its resources."""
    return [
        pattern
        for pattern in actions
        if _knows_service(pattern)
        and not any(_works_on(arn, one) for arn in resource_types(pattern) for one in resources)
    ]


def _works_on(arn: str, resource: str) -> bool:
    """Whether a resource of a bucket policy can be of a type: an object's ARN has a slash, a bucket's has none."""
    if ":::" not in arn:
        return False
    return "/" in resource or "*" in resource if "/" in arn else "/" not in resource
