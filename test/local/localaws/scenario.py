"""A call as a scenario of `sharedbucket simulate`, from the state that moto holds."""

from collections.abc import Callable, Iterator
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from . import organization, policies
from .calls import Question, owner_of
from .principals import Principal


def of(question: Question, principal: Principal, region: str) -> dict[str, Any]:
    """A question as a scenario of one request."""
    request = {"principal": principal.arn, "operation": question.action, "key": question.object_key}
    request["context"] = question.context
    key, owner = question.key, owner_of(question.bucket, principal.account or "")
    bucket = s3_backends[owner]["aws"].buckets.get(question.bucket) if question.bucket else None
    if not question.bucket and key is None:
        request["resource_arn"] = question.resource
    if question.bucket and key:
        request["kms_context"] = {"kms:ResourceAliases": sorted(key.aliases)}
    # There need not be a bucket: the one to be made belongs to whoever makes it.
    described = {"region": region or "us-east-1", "owner_account": owner, "bucket": question.bucket or "none"}
    return {
        **_surroundings(principal, owner, key.account_id if key else None),
        **(_bucket(bucket) if bucket else described),
        **(_key(key) if key else {}),
        "bucket_key_enabled": question.bucket_key,
        "requests": [request],
    }


def _surroundings(principal: Principal, *owners: str | None) -> dict[str, Any]:
    """Who asks, and the organizations of all who have a part in it."""
    concerned = {account for account in (principal.account, *owners) if account}

    def of_each(describe: Callable[..., Any], *kind: str) -> dict[str, Any]:
        return {account: described for account in concerned if (described := describe(account, *kind))}

    return {
        "id": principal.arn,
        "accounts": of_each(_organization),
        "principals": [_principal(principal)],
        "scps": of_each(_levels, "SERVICE_CONTROL_POLICY"),
        "rcps": of_each(_levels, "RESOURCE_CONTROL_POLICY"),
    }


def _bucket(bucket: Any) -> dict[str, Any]:
    return {
        "region": bucket.region_name,
        "owner_account": bucket.account_id,
        "bucket": bucket.name,
        "bucket_policy": bucket.policy.decode() if bucket.policy else None,
        "block_public_access": {"restrict_public_buckets": _restricted(bucket)},
    }


def _key(key: Any) -> dict[str, Any]:
    described = {"key_arn": key.arn, "key_policy": key.policy}
    return described | ({"key_manager": "AWS"} if key.key_manager == "AWS" else {})


def _restricted(bucket: Any) -> bool:
    block = bucket.public_access_block
    return bool(block) and str(block.restrict_public_buckets).lower() == "true"


# Who asks.


def _principal(principal: Principal) -> dict[str, Any]:
    described: dict[str, Any] = {
        "arn": principal.arn,
        "account": principal.account,
        "type": principal.kind,
        "identity_policies": [],
        "permission_boundary": None,
        "session_policy": principal.session_policy or None,
    }
    if principal.user_id:
        described["user_id"] = principal.user_id
    if principal.account:
        iam = iam_backends[principal.account][principal.partition]
        if principal.kind == "user":
            user = iam.users[principal.name]
            groups = iam.get_groups_for_user(principal.name)
            described["identity_policies"] = [text for holder in (user, *groups) for text in _documents(holder)]
            described["permission_boundary"] = _boundary(iam, getattr(user, "permissions_boundary_arn", None))
        elif principal.kind == "role-session":
            described["role_arn"] = principal.role_arn
            role = next((role for role in list(iam.roles.values()) if role.arn == principal.role_arn), None)
            if role:
                described["identity_policies"] = list(_documents(role))
                described["permission_boundary"] = _boundary(iam, role.permissions_boundary_arn)
    return described


def _documents(holder: Any) -> Iterator[str]:
    """Inline and managed policies, as their text: how they are read is part of what is decided."""
    yield from holder.policies.values()
    for policy in holder.managed_policies.values():
        yield policies.in_force(policy)


def _boundary(iam: Any, arn: str | None) -> str | None:
    return policies.in_force(iam.get_policy(arn)) if arn else None


# Where they are in an organization.


def _organization(account: str) -> dict[str, Any]:
    backend = organization.backend_of(account)
    if backend is None:
        return {}
    units = [level.id for level in organization.down_to(account, backend)[:-1]]
    described: dict[str, Any] = {"org_id": backend.org.id, "org_paths": ["/".join([backend.org.id, *units]) + "/"]}
    return described | ({"management_account": True} if backend.org.master_account_id == account else {})


def _levels(account: str, kind: str) -> list[dict[str, Any]]:
    """The policies of a kind on every level above the account, when the kind is switched on."""
    backend = organization.backend_of(account)
    if backend is None or not any(kind in str(getattr(root, "policy_types", "")) for root in backend.ou):
        return []
    levels = []
    for level in organization.down_to(account, backend):
        # RCPFullAWSAccess is attached everywhere and never listed.
        attached = [one for one in level.attached_policies if one.type == kind and one.name != "RCPFullAWSAccess"]
        levels.append({"target": level.id, "policies": [policy.content for policy in attached]})
    return levels
