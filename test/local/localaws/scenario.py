"""A call as a scenario of `sharedbucket simulate`, from the state that moto holds."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import FakeDeleteMarker, s3_backends

from . import keys, organization, policies
from .calls import Question, owner_of
from .encryption import effective_encryption
from .principals import Principal

_PUTS = ("PutObject", "CreateMultipartUpload")

_CREATES = {
    "PutObject": "true",
    "CompleteMultipartUpload": "true",
    "CreateMultipartUpload": "false",
    "UploadPart": "false",
}

# Request headers and query parameters that S3 makes condition keys of, when the client sent them.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_HEADERS = (
    "if-match",
    "if-none-match",
    "x-amz-acl",
    "x-amz-content-sha256",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class",
    "x-amz-website-redirect-location",
)
_QUERY = {"prefix": "s3:prefix", "delimiter": "s3:delimiter", "max-keys": "s3:max-keys", "versionId": "s3:VersionId"}


@dataclass(frozen=True)
class Wanted:
    """What somebody wants of S3."""

    operation: str
    bucket: Any
    key: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    principal: Principal


def of_data(wanted: Wanted) -> dict[str, Any]:
    """A request for data as a scenario."""
    bucket, principal = wanted.bucket, wanted.principal
    algorithm, key_arn, bucket_key = _encryption(wanted)
    key = keys.find(key_arn) if algorithm.startswith("aws:kms") and key_arn else None
    request = {
        "principal": principal.arn,
        "operation": wanted.operation,
        "key": wanted.key,
        "context": _context(wanted),
    }
    if key:
        request["kms_context"] = {"kms:ResourceAliases": sorted(key.aliases)}
    owner_of_key = key_arn.split(":")[4] if key and key_arn else None
    return {
        **_surroundings(principal, bucket.account_id, owner_of_key),
        **_bucket(bucket),
        **_key(key),
        "bucket_key_enabled": bucket_key,
        "requests": [request],
    }


def of_call(question: Question, principal: Principal, region: str) -> dict[str, Any]:
    """A question about a call of the control plane as a scenario."""
    request = {"principal": principal.arn, "operation": question.action, "key": "", "context": question.context}
    owner = owner_of(question.bucket, principal.account or "") if question.bucket else principal.account
    if not question.bucket and question.key is None:
        request["resource_arn"] = question.resource
    bucket = s3_backends[owner]["aws"].buckets.get(question.bucket) if question.bucket else None
    # There need not be a bucket: the one to be made belongs to whoever makes it.
    described = {"region": region or "us-east-1", "owner_account": owner, "bucket": question.bucket or "none"}
    return {
        **_surroundings(principal, owner, question.key.account_id if question.key else None),
        **(_bucket(bucket) if bucket else described),
        **(_key(question.key) if question.key else {}),
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
    if key is None:
        return {"key_arn": None, "key_policy": None}
    described = {"key_arn": key.arn, "key_policy": key.policy}
    return described | ({"key_manager": "AWS"} if key.key_manager == "AWS" else {})


def stored(bucket: Any, key: str, version: str | None) -> Any:
    """The object that a request is about, if there is one."""
    for found in reversed(bucket.keys.getlist(key, [])):
        if version is None:
            return None if isinstance(found, FakeDeleteMarker) else found
        if found.version_id == version:
            return None if isinstance(found, FakeDeleteMarker) else found
    return None


def _encryption(wanted: Wanted) -> tuple[str, str | None, bool]:
    """Cipher, key and bucket key of the object to be read or written."""
    bucket, requester = wanted.bucket, wanted.principal.account or wanted.bucket.account_id
    upload = bucket.multiparts.get(wanted.query.get("uploadId", ""))
    if upload:
        default = effective_encryption(bucket, None, None, None, requester)
        return upload.sse_encryption, upload.kms_key_id, default[2] == "true"
    found = None if wanted.operation in _PUTS else stored(bucket, wanted.key, wanted.query.get("versionId"))
    if found:
        return found.encryption or "AES256", found.kms_key_id, found.bucket_key_enabled == "true"
    headers = wanted.headers if wanted.operation in _PUTS else {}
    algorithm, key, bucket_key = effective_encryption(
        bucket,
        headers.get("x-amz-server-side-encryption"),
        headers.get("x-amz-server-side-encryption-aws-kms-key-id"),
        headers.get("x-amz-server-side-encryption-bucket-key-enabled"),
        requester,
    )
    return algorithm, key, bucket_key == "true"


def _restricted(bucket: Any) -> bool:
    block = bucket.public_access_block
    return bool(block) and str(block.restrict_public_buckets).lower() == "true"


def _context(wanted: Wanted) -> dict[str, Any]:
    context: dict[str, Any] = {}
    for header in _HEADERS:
        if header in wanted.headers:
            context[f"s3:{header}"] = wanted.headers[header]
    for parameter, key in _QUERY.items():
        if parameter in wanted.query:
            context[key] = wanted.query[parameter]
    if wanted.operation in _CREATES:
        # Parts of an upload create no object: a condition that wants If-None-Match must be able to spare them.
        context["s3:ObjectCreationOperation"] = _CREATES[wanted.operation]
    context["s3:ResourceAccount"] = wanted.bucket.account_id
    return context


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
