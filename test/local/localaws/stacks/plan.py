"""What an update would change, without doing it."""

from typing import Any

from . import resolution, template
from .book import Book
from .model import Deployed, Stack
from .resources import registry


def differs(stack: Stack, target: Deployed) -> bool:
    """Whether CloudFormation sees anything to do: the template, a parameter's value or a tag is another."""
    present = stack.deployed
    if present is None or present.template != target.template or present.tags != target.tags:
        return True
    return {name: parameter.value for name, parameter in present.parameters.items()} != {
        name: parameter.value for name, parameter in target.parameters.items()
    }


def changes(book: Book, stack: Stack, target: Deployed) -> list[dict[str, Any]]:
    """The changes of a change set. What depends on resources that change themselves is taken as changed too."""
    resolver = resolution.resolver(book, stack, target)
    wanted = {
        name: declared
        for name, declared in target.template["Resources"].items()
        if "Condition" not in declared or resolver.condition(declared["Condition"])
    }
    found: list[dict[str, Any]] = []
    changed: set[str] = set()
    for name in template.order(wanted):
        declared, present = wanted[name], stack.resources.get(name)
        if present is None:
            changed.add(name)
            found.append(_change("Add", name, declared["Type"]))
            continue
        kind = registry.kind(declared["Type"])
        if template.dependencies(declared, wanted) & changed:
            after = None
        else:
            after = kind.canonical(resolver.resolve(declared.get("Properties", {})))
        if after == present.properties:
            continue
        changed.add(name)
        replacement = "Conditional" if after is None else str(kind.replaces(present.properties, after))
        found.append(_change("Modify", name, present.type, present.physical_id, replacement))
    for name, present in stack.resources.items():
        if name not in wanted:
            found.append(_change("Remove", name, present.type, present.physical_id))
    return found


def _change(action: str, name: str, kind: str, physical_id: str = "", replacement: str = "") -> dict[str, Any]:
    change: dict[str, Any] = {
        "Action": action,
        "LogicalResourceId": name,
        "ResourceType": kind,
        "Scope": [],
        "Details": [],
    }
    if physical_id:
        change["PhysicalResourceId"] = physical_id
    if replacement:
        change |= {"Replacement": replacement, "Scope": ["Properties"]}
    return {"Type": "Resource", "ResourceChange": change}
