"""Parameters of templates: what was given, what was before, what SSM holds."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .. import internal
from .errors import MissingInSSM, ValidationError

_SSM = re.compile(r"AWS::SSM::Parameter::Value<(.+)>")
_LIST = re.compile(r"CommaDelimitedList|List<.+>")
MASKED = "****"


@dataclass(frozen=True)
class Parameter:
    """One parameter of a deployed template. ``given`` goes in and comes back; ``value`` is what Ref yields."""

    name: str
    given: str
    value: Any
    resolved: str | None = None  # what SSM held
    masked: bool = False

    def describe(self) -> dict[str, Any]:
        described: dict[str, Any] = {
            "ParameterKey": self.name,
            "ParameterValue": MASKED if self.masked else self.given,
        }
        if self.resolved is not None:
            described["ResolvedValue"] = self.resolved
        return described


def resolve(
    declared: Mapping[str, Any],
    given: list[dict[str, Any]],
    previous: Mapping[str, Parameter],
    account: str,
    region: str,
) -> dict[str, Parameter]:
    """The parameters of a template, from an API call's list and from the stack's present ones."""
    passed = {item["ParameterKey"]: item for item in given}
    unknown = passed.keys() - declared.keys()
    if unknown:
        raise ValidationError(f"Parameters: [{', '.join(sorted(unknown))}] do not exist in the template")
    values: dict[str, str] = {}
    for name, declaration in declared.items():
        value = _given(name, declaration, passed.get(name), previous)
        if value is not None:
            values[name] = value
    missing = [name for name in declared if name not in values]
    if missing:
        raise ValidationError(f"Parameters: [{', '.join(missing)}] must have values")
    return {name: _parameter(name, declared[name], value, account, region) for name, value in values.items()}


def _given(name: str, declaration: dict[str, Any], item: Any, previous: Mapping[str, Parameter]) -> str | None:
    if item and item.get("UsePreviousValue"):
        # The previous value as it was given: the name of an SSM parameter, not what it held then. A parameter that
        # is new in the template takes its default.
        if name in previous:
            return previous[name].given
        item = None
    if item:
        return str(item.get("ParameterValue", ""))
    if "Default" in declaration:
        return _text(declaration["Default"])
    return None


def _parameter(name: str, declaration: dict[str, Any], given: str, account: str, region: str) -> Parameter:
    kind = declaration.get("Type", "String")
    _constrain(name, declaration, given)
    resolved = None
    text = given
    if from_ssm := _SSM.fullmatch(kind):
        kind, text = from_ssm[1], ssm_value(given, account, region, name)
        resolved = text
    value: Any = text
    if _LIST.fullmatch(kind):
        value = [part.strip() for part in text.split(",")] if text else []
    masked = str(declaration.get("NoEcho", "")).lower() == "true"
    return Parameter(name, given, value, resolved, masked)


def ssm_value(name: str, account: str, region: str, parameter: str = "") -> str:
    """What SSM holds for a template's parameter, or for a dynamic reference."""
    ssm = internal.Client("ssm", account, region)
    try:
        return ssm.get_parameter(Name=name, WithDecryption=True)["Parameter"]["Value"]
    except ssm.exceptions.ParameterNotFound:
        raise MissingInSSM(name, parameter) from None


def _constrain(name: str, declaration: dict[str, Any], given: str) -> None:
    kind, message = declaration.get("Type", "String"), declaration.get("ConstraintDescription")
    for item in [part.strip() for part in given.split(",")] if _LIST.fullmatch(kind) else [given]:
        if problem := _problem(declaration, kind, item):
            said = f"Parameter {name} failed to satisfy constraint: {message}"
            raise ValidationError(said if message else f"Parameter '{name}' must {problem}")


def _problem(declaration: dict[str, Any], kind: str, item: str) -> str:
    allowed, pattern = (
        [_text(value) for value in declaration.get("AllowedValues", [])],
        declaration.get("AllowedPattern"),
    )
    if allowed and item not in allowed:
        return "be one of AllowedValues"
    if pattern and not re.fullmatch(pattern, item):
        return f"match pattern {pattern}"
    if kind in ("Number", "List<Number>"):
        try:
            number = float(item)
        except ValueError:
            return "be a number"
        if number < float(declaration.get("MinValue", number)):
            return f"be a number not less than {declaration['MinValue']}"
        if number > float(declaration.get("MaxValue", number)):
            return f"be a number not greater than {declaration['MaxValue']}"
    return ""


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
