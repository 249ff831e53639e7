"""Calls of an API with a template's values, which botocore's model of the call says how to write.

Templates have numbers and switches as text or not, documents as objects, tags as a list, and names in capitals.
"""

import json
from typing import Any

from ..template import text


def call(client: Any, operation: str, given: dict[str, Any]) -> Any:
    """Makes a call with those of the given parameters that it has."""
    name = client.meta.method_to_api_mapping[operation]
    shape = client.meta.service_model.operation_model(name).input_shape
    return getattr(client, operation)(**_fit(given, shape))


def _fit(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            members = {name.lower(): (name, member) for name, member in shape.members.items()}
            known = {members[name.lower()]: item for name, item in value.items() if name.lower() in members}
            return {name: _fit(item, member) for (name, member), item in known.items()}
        case "list":
            return [_fit(item, shape.member) for item in _listed(value, shape.member)]
        case "map":
            pairs = value.items() if isinstance(value, dict) else ((tag["Key"], tag["Value"]) for tag in value)
            return {key: _fit(item, shape.value) for key, item in pairs}
        case "boolean":
            return str(value).lower() == "true"
        case "integer" | "long":
            return int(value)
        case "float" | "double":
            return float(value)
    return json.dumps(value) if isinstance(value, dict) else text(value)


def _listed(value: Any, member: Any) -> list[Any]:
    if isinstance(value, dict):
        key, of_key = list(member.members)[:2]
        return [{key: name, of_key: item} for name, item in value.items()]
    return value if isinstance(value, list) else [value]
