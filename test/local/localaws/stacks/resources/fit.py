"""Calls of an API with a template's values, which botocore's model of the call says how to write.

Templates have numbers and switches as text or not, documents as objects, tags as a list, and names in capitals.
"""

import json
from typing import Any

from ..template import text


class Fitted:
    """A client whose calls take all properties of a resource, and pass on those that they have."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __getattr__(self, operation: str) -> Any:
        name = self._client.meta.method_to_api_mapping[operation]
        shape = self._client.meta.service_model.operation_model(name).input_shape
        return lambda **given: getattr(self._client, operation)(**fit(given, shape))


def fit(value: Any, shape: Any) -> Any:
    match shape.type_name:
        case "structure":
            members = {name.lower(): (name, member) for name, member in shape.members.items()}
            known = {members[name.lower()]: item for name, item in value.items() if name.lower() in members}
            return {name: fit(item, member) for (name, member), item in known.items()}
        case "list":
            return [fit(item, shape.member) for item in _listed(value, shape.member)]
        case "map":
            pairs = value.items() if isinstance(value, dict) else ((tag["Key"], tag["Value"]) for tag in value)
            return {key: fit(item, shape.value) for key, item in pairs}
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
