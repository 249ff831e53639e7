"""Templates: parsing, references, and the functions that need no macro."""

import json
import re
from collections.abc import Callable, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any, ClassVar

import yaml

from .errors import ValidationError

# Not `_NoValue is None`: null is not allowed in templates.
NO_VALUE = object()
_PSEUDO = {
    "AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition", "AWS::Region", "AWS::StackId",
    "AWS::StackName", "AWS::URLSuffix",
}  # fmt: skip
_SUBSTITUTION = re.compile(r"\$\{(!?)([^}]*)\}")


class _Loader(yaml.SafeLoader):
    """YAML as CloudFormation reads it: short forms of functions, and dates stay text."""

    # A copy without the timestamp resolver, or `Version: 2012-10-17` is a date.
    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def _short_form(loader: _Loader, tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        value = loader.construct_mapping(node, deep=True)  # type: ignore[arg-type]
    if tag == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {tag if tag in ("Ref", "Condition") else f"Fn::{tag}": value}


_Loader.add_multi_constructor("!", _short_form)


def parse(text: str) -> dict[str, Any]:
    try:
        parsed = json.loads(text) if text.lstrip().startswith("{") else yaml.load(text, Loader=_Loader)
    except (ValueError, yaml.YAMLError) as error:
        raise ValidationError(f"Template format error: {error}") from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("Resources"), dict) or not parsed["Resources"]:
        raise ValidationError("Template format error: At least one Resources member must be defined.")
    for name, resource in parsed["Resources"].items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise ValidationError(f"Template format error: [/Resources/{name}] Every Resources object must have a Type")
    if parsed.get("Transform"):
        raise ValidationError(f"Transforms are not part of the local AWS: {parsed['Transform']}")
    _check_references(parsed)
    return parsed


def references(value: Any) -> set[str]:
    """The names that a part of a template refers to: resources, parameters and pseudo parameters."""
    found: set[str] = set()
    if isinstance(value, list):
        for item in value:
            found |= references(item)
    elif isinstance(value, dict):
        for key, item in value.items():
            if key == "Ref" and isinstance(item, str):
                found.add(item)
            elif key == "Fn::GetAtt":
                found.add(item.split(".", 1)[0] if isinstance(item, str) else item[0])
            elif key == "Fn::Sub":
                text, names = (item, {}) if isinstance(item, str) else item
                found |= references(list(names.values()))
                for literal, name in _SUBSTITUTION.findall(text):
                    if not literal and name not in names:
                        found.add(name.split(".")[0].strip())
            else:
                found |= references(item)
    return found


def _needs(resource: dict[str, Any]) -> set[str]:
    explicit = resource.get("DependsOn", [])
    return references(resource.get("Properties", {})) | set(explicit if isinstance(explicit, list) else [explicit])


def dependencies(resource: dict[str, Any], resources: Mapping[str, Any]) -> set[str]:
    return _needs(resource) & resources.keys()


def order(resources: Mapping[str, Any]) -> TopologicalSorter[str]:
    """Logical ids, every one after those it depends on."""
    return TopologicalSorter({name: dependencies(resource, resources) for name, resource in resources.items()})


def _check_references(parsed: dict[str, Any]) -> None:
    known = parsed["Resources"].keys() | parsed.get("Parameters", {}).keys() | _PSEUDO
    unknown = set().union(*map(_needs, parsed["Resources"].values())) - known
    if unknown:
        names = ", ".join(sorted(unknown))
        raise ValidationError(
            f"Template format error: Unresolved resource dependencies [{names}] in the Resources block of the template"
        )
    try:
        order(parsed["Resources"]).prepare()
    except CycleError as error:
        raise ValidationError(
            f"Circular dependency between resources: [{', '.join(sorted({*error.args[1]}))}]"
        ) from None


class Resolver:
    """Computes a template's functions.

    ``values`` are parameters and pseudo parameters; ``ref`` and ``attribute`` ask for those of resources.
    """

    def __init__(
        self,
        parsed: dict[str, Any],
        values: Mapping[str, Any],
        *,
        ref: Callable[[str], Any],
        attribute: Callable[[str, str], Any],
    ) -> None:
        self._parsed, self._values, self._ref, self._attribute = parsed, values, ref, attribute

    def resolve(self, value: Any) -> Any:
        """The value with all functions computed; properties that come out as AWS::NoValue are gone."""
        if isinstance(value, list):
            return [item for item in map(self.resolve, value) if item is not NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            (name, argument), *_ = value.items()
            if name == "Ref":
                return self.reference(argument)
            if name.startswith("Fn::"):
                return self._function(name, argument)
        resolved = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in resolved.items() if item is not NO_VALUE}

    def reference(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return NO_VALUE
        return self._values[name] if name in self._values else self._ref(name)

    def condition(self, condition: Any) -> bool:
        if isinstance(condition, str):
            try:
                return self.condition(self._parsed["Conditions"][condition])
            except KeyError:
                raise ValidationError(f"Unresolved condition dependency {condition}") from None
        (name, argument), *_ = condition.items()
        match name:
            case "Condition":
                return self.condition(argument)
            case "Fn::Equals":
                first, second = map(self.resolve, argument)
                return str(first) == str(second)
            case "Fn::And":
                return all(map(self.condition, argument))
            case "Fn::Or":
                return any(map(self.condition, argument))
            case "Fn::Not":
                return not self.condition(argument[0])
            case "Fn::Contains":
                values, value = map(self.resolve, argument)
                return value in values
        raise ValidationError(f"Template error: {name} is no condition function")

    def _function(self, name: str, argument: Any) -> Any:
        match name:
            case "Fn::GetAtt":
                of, attribute = argument.split(".", 1) if isinstance(argument, str) else argument
                return self._attribute(of, self.resolve(attribute))
            case "Fn::If":
                condition, yes, no = argument
                return self.resolve(yes if self.condition(condition) else no)
            case "Fn::Join":
                delimiter, parts = argument
                return delimiter.join(text(part) for part in self.resolve(parts))
            case "Fn::Select":
                index, items = self.resolve(argument)
                return items[int(index)]
            case "Fn::Split":
                delimiter, value = self.resolve(argument)
                return value.split(delimiter)
            case "Fn::Sub":
                return self._substituted(*((argument, {}) if isinstance(argument, str) else argument))
        raise ValidationError(f"Template error: the local AWS does not know {name}")

    def _substituted(self, template: str, names: dict[str, Any]) -> str:
        def substitute(found: re.Match[str]) -> str:
            name = found[2].strip()
            if found[1]:
                return "${" + found[2] + "}"
            if name in names:
                return text(self.resolve(names[name]))
            if "." in name and name not in self._values:
                return text(self._attribute(*name.split(".", 1)))
            return text(self.reference(name))

        return _SUBSTITUTION.sub(substitute, template)


def text(value: Any) -> str:
    """A scalar as CloudFormation writes it into text."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(text, value))
    return str(value)
