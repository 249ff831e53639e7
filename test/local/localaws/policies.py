"""The form of policy documents, as the services check it when one is stored.

Not their meaning: that is the evaluator's.
"""

import json
import re
from typing import Any

from moto.iam.models import iam_backends

from . import reference

_ELEMENTS = {
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
}  # fmt: skip


class Malformed(Exception):
    """The document would be refused when it is stored."""


def parse(text: str | bytes, *, principals: bool, partition: str = "aws") -> dict[str, Any]:
    """Reads a document, with statements, actions, resources and AWS principals always as lists."""
    try:
        document = json.loads(text, object_pairs_hook=_no_duplicates)
    except ValueError as error:
        raise Malformed(f"This policy contains invalid Json: {error}") from None
    if not isinstance(document, dict) or not document.get("Statement"):
        raise Malformed("Missing required field Statement")
    if document.get("Version", "2008-10-17") not in ("2012-10-17", "2008-10-17"):
        raise Malformed(f"The policy must contain a valid version string, not {document['Version']!r}")
    statements = [_statement(statement, principals, partition) for statement in _list(document["Statement"])]
    return {**document, "Statement": statements}


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate key")
    return found


def _statement(statement: Any, principals: bool, partition: str) -> dict[str, Any]:
    if not isinstance(statement, dict) or statement.keys() - _ELEMENTS:
        raise Malformed(f"Not the elements of a statement: {', '.join(statement)}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise Malformed(f"Invalid effect: {statement.get('Effect')}")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource")):
        if (one in statement) == (other in statement):
            raise Malformed(f"A statement must have {one} or {other}")
    if principals != ("Principal" in statement or "NotPrincipal" in statement):
        raise Malformed(
            "Missing required field Principal" if principals else "Policy document should not specify a principal."
        )
    lists = {name: _list(value) for name, value in statement.items() if re.fullmatch("(Not)?(Action|Resource)", name)}
    if not all(isinstance(value, str) and value for values in lists.values() for value in values):
        raise Malformed("Actions and resources must be strings")
    who = {name: _principal(value, partition) for name, value in statement.items() if name.endswith("Principal")}
    return {**statement, **lists, **who}


def _principal(principal: Any, partition: str) -> dict[str, list[str]]:
    if principal == "*":
        return {"AWS": ["*"]}
    if not isinstance(principal, dict) or not {"AWS", "Service", "Federated", "CanonicalUser"} >= principal.keys():
        raise Malformed("Invalid principal in policy")
    read = {kind: _list(values) for kind, values in principal.items()}
    for value in read.get("AWS", []):
        if not isinstance(value, str) or not exists(value, partition):
            raise Malformed(f"Invalid principal in policy: {value}")
    return read


def exists(principal: str, partition: str) -> bool:
    """Whether an AWS principal may be stored: services refuse users and roles that do not exist.

    An account passes when it has twelve digits; whether AWS knows it cannot be told here.
    """
    if principal == "*" or re.fullmatch(rf"\d{{12}}|arn:{partition}:iam::\d{{12}}:root", principal):
        return True
    found = re.fullmatch(rf"arn:{partition}:(?:iam|sts)::(\d{{12}}):([a-z-]+)/([^/]+).*", principal)
    if not found:
        return False
    iam = iam_backends[found[1]][partition]
    match found[2]:
        case "user":
            return any(user.arn == principal for user in list(iam.users.values()))
        case "role":
            return any(role.arn == principal for role in list(iam.roles.values()))
        case "assumed-role":
            return any(role.name == found[3] for role in list(iam.roles.values()))
    return found[2] == "federated-user"


def compact(text: str | bytes) -> str:
    """A document without the white space that means nothing: what S3 counts."""
    return json.dumps(json.loads(text), separators=(",", ":"), ensure_ascii=False)


def check_conditions(document: dict[str, Any]) -> None:
    """Refuses what can never apply: actions and condition keys that have nothing to do with each other.

    For a parsed document. These are S3's words for it; IAM and KMS store such a statement, and nobody notices.
    """
    for statement in document["Statement"]:
        actions = statement.get("Action", [])
        keys = [key for of_operator in statement.get("Condition", {}).values() for key in of_operator]
        if found := reference.unknown(actions):
            raise Malformed(f"Policy has invalid action: {found[0]}")
        if found := reference.conditions(actions, keys):
            raise Malformed(f"Conditions do not apply to combination of actions and resources in statement: {found[0]}")


def check_resources(document: dict[str, Any]) -> None:
    """Refuses actions that work on none of their statement's resources. S3 does; in a role, they are only idle."""
    for statement in document["Statement"]:
        resources = statement.get("Resource", [])
        if resources and (found := reference.homeless(statement.get("Action", []), resources)):
            raise Malformed(f"Action does not apply to any resource(s) in statement: {found[0]}")


def in_force(policy: Any) -> str:
    """The document of a managed policy's default version, as text."""
    document = next(version.document for version in policy.versions if version.version_id == policy.default_version_id)
    return document if isinstance(document, str) else json.dumps(document)


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


# Fixed values of these make a statement for everybody "not public".
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
_FIXING_KEYS = {
    "aws:principalorgid", "aws:sourceip", "aws:sourcearn", "aws:sourcevpc", "aws:sourcevpce", "aws:sourceowner",
    "aws:sourceaccount", "aws:userid", "s3:dataaccesspointarn", "s3:dataaccesspointaccount",
}  # fmt: skip


def is_public(document: dict[str, Any]) -> bool:
    """Whether S3 calls a parsed bucket policy public."""
    return any(statement["Effect"] == "Allow" and _lets_anybody_in(statement) for statement in document["Statement"])


def _lets_anybody_in(statement: dict[str, Any]) -> bool:
    everybody = any("*" in value for value in statement.get("Principal", {}).get("AWS", []))
    if not everybody and "NotPrincipal" not in statement:
        return False
    for operator, keys in statement.get("Condition", {}).items():
        if operator.lower().endswith("ifexists") or "not" in operator.lower() or ":" in operator:
            continue
        for key, values in keys.items():
            fixed = not any("*" in str(value) or "?" in str(value) or "${" in str(value) for value in _list(values))
            if key.lower() in _FIXING_KEYS and fixed:
                return False
    return True
