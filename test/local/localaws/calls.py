"""What a call of the control plane asks for: its actions, on which resources, with which condition keys.

Actions, resource types and condition keys are those of the Service Authorization Reference (``reference``); what a
request says for them is read from its parameters. Requests for S3's data are in ``data``.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from . import keys, operations, reference
from .principals import Principal

# Services whose calls are authorized: name in the record of calls → prefix of its actions.
SERVICES = {
    "cloudformation": "cloudformation",
    "cloudtrail": "cloudtrail",
    "iam": "iam",
    "kms": "kms",
    "s3": "s3",
    "s3control": "s3",
    "ssm": "ssm",
    "sts": "sts",
    "tagging": "tag",
}

# Calls that the reference names nowhere: what they need is on their own pages.
# https://docs.aws.amazon.com/AmazonS3/latest/API/API_Operations_Amazon_Simple_Storage_Service.html
_DELETIONS = {
    "DeleteBucketEncryption": "s3:PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "s3:PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "s3:PutBucketOwnershipControls",
    "DeleteBucketTagging": "s3:PutBucketTagging",
    "DeletePublicAccessBlock": "s3:PutBucketPublicAccessBlock",
}

# "No permissions are required to perform this operation."
# https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
_FREE = {"GetCallerIdentity", "GetSessionToken"}

# Parameters that are condition keys, for the actions that have them.
_KEYS = {
    "ChangeSetName": "cloudformation:ChangeSetName",
    "ExternalId": "sts:ExternalId",
    "PendingWindowInDays": "kms:ScheduleKeyDeletionPendingWindowInDays",
    "PermissionsBoundary": "iam:PermissionsBoundary",
    "PolicyArn": "iam:PolicyARN",
    "RoleARN": "cloudformation:RoleArn",
    "RoleSessionName": "sts:RoleSessionName",
    "RotationPeriodInDays": "kms:RotationPeriodInDays",
    "StackPolicyURL": "cloudformation:StackPolicyUrl",
    "TagKeys": "aws:TagKeys",
    "TemplateURL": "cloudformation:TemplateUrl",
}
# And those that have a value in any case, with their parameter.
_LOCKOUT = {"kms:BypassPolicyLockoutSafetyCheck": ("BypassPolicyLockoutSafetyCheck", False)}
_ALWAYS: dict[str, dict[str, tuple[str, Any]]] = {
    "CreateKey": {
        "kms:KeySpec": ("KeySpec", "SYMMETRIC_DEFAULT"),
        "kms:KeyUsage": ("KeyUsage", "ENCRYPT_DECRYPT"),
        "kms:KeyOrigin": ("Origin", "AWS_KMS"),
        "kms:MultiRegion": ("MultiRegion", False),
        **_LOCKOUT,
    },
    "PutKeyPolicy": _LOCKOUT,
}


@dataclass(frozen=True)
class Question:
    """One authorization: may somebody do this action on this resource?"""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    bucket: str = ""  # the resource is this bucket, with its policy
    key: Any = None  # the resource is this key of moto's, or its object is encrypted with it
    object_key: str = ""
    bucket_key: bool = False  # the object is encrypted with one


def questions(environ: dict[str, Any], principal: Principal) -> Iterator[Question]:
    call = operations.describe(environ)
    asks = {"s3": _s3, "s3control": _s3control, "kms": _kms}.get(call.service, _others)
    for asked in asks(environ, call, principal):
        # Without the condition keys that the action does not have.
        context = {key: value for key, value in asked.context.items() if reference.supports(asked.action, key)}
        yield replace(asked, context=context)


def _context(call: operations.Described) -> dict[str, Any]:
    given = call.parameters
    always = {key: given.get(name, value) for key, (name, value) in _ALWAYS.get(call.operation, {}).items()}
    keys = {key: given[name] for name, key in _KEYS.items() if given.get(name)}
    tags = _tags(given)
    of_tags = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    return {**always, **keys, **of_tags, **({"aws:TagKeys": list(tags)} if tags else {})}


def _tags(parameters: dict[str, Any]) -> dict[str, str]:
    """The tags of a request, by the names that services have for them."""
    of_new_bucket, of_bucket = parameters.get("CreateBucketConfiguration", {}), parameters.get("Tagging", {})
    tags = parameters.get("Tags") or of_new_bucket.get("Tags") or of_bucket.get("TagSet") or []
    if isinstance(tags, dict):
        return tags
    return {tag.get("Key", tag.get("TagKey")): tag.get("Value", tag.get("TagValue", "")) for tag in tags}


# S3.


def _s3(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    name = call.parameters.get("Bucket", "*")
    context = {**_headers(environ), **_context(call)}
    actions = [_DELETIONS[call.operation]] if call.operation in _DELETIONS else _s3_actions(call.operation)
    if call.operation == "CreateBucket":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html (Permissions)
        actions = actions + (["s3:TagResource"] if "aws:TagKeys" in context else [])
        actions = actions + (["s3:PutBucketOwnershipControls"] if "s3:x-amz-object-ownership" in context else [])
    for action in actions:
        yield Question(action, f"arn:aws:s3:::{name}", context, bucket=name)


def _s3_actions(operation: str) -> list[str]:
    """A bucket's: the same call on the account is S3 Control's."""
    return [action for action in reference.for_call("s3", operation) if "Account" not in action][:1]


def _headers(environ: dict[str, Any]) -> dict[str, Any]:
    names = (name for name in environ if name.startswith("HTTP_X_AMZ_"))
    return {f"s3:{name[5:].replace('_', '-').lower()}": environ[name] for name in names}


def _s3control(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    """Tags of buckets and jobs; the rest of S3 Control is not authorized."""
    given, action = call.parameters, f"s3:{call.operation}"
    if call.operation == "CreateJob":
        yield Question(action, "*")
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
        yield Question(
            "iam:PassRole", given.get("RoleArn", "*"), {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}
        )
    elif "Job" in call.operation:
        job = f"job/{given.get('JobId', '*')}"
        yield Question(action, f"arn:{principal.partition}:s3:{call.region}:{principal.account}:{job}")
    elif found := re.fullmatch(r"arn:[a-z-]+:s3:::([^/]+)", given.get("ResourceArn", "")):
        yield Question(action, found[0], _context(call), bucket=found[1])


def owner_of(bucket: str, otherwise: str) -> str:
    """The account of a bucket; of one that does not exist, the caller's."""
    return s3_backends.bucket_accounts.get(bucket, ("", otherwise))[1]


# KMS.


def _kms(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    parameters = call.parameters
    context = {**_context(call), **_encryption_context(parameters)}
    everywhere = f"arn:{principal.partition}:kms:{call.region}:{principal.account}:"
    alias = parameters.get("AliasName", "") if call.operation in ("CreateAlias", "DeleteAlias", "UpdateAlias") else ""
    if alias:
        # "Both": the alias and the key. https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
        yield Question(f"kms:{call.operation}", everywhere + alias, context)
    named = parameters.get("TargetKeyId") or parameters.get("KeyId") or alias
    key = keys.find(named, call.region, principal.account or "") if named else None
    for action in reference.for_call("kms", call.operation):
        if key is not None:
            yield Question(action, key.arn, {**_key_context(key, named), **context}, key=key)
        elif not named:
            yield Question(action, "*", context)
    if call.operation == "CreateKey" and parameters.get("Tags"):
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html (Required permissions)
        yield Question("kms:TagResource", everywhere + "key/new", context)


def _encryption_context(parameters: dict[str, Any]) -> dict[str, Any]:
    given = parameters.get("EncryptionContext") or {}
    context: dict[str, Any] = {f"kms:EncryptionContext:{name}": value for name, value in given.items()}
    return context | ({"kms:EncryptionContextKeys": list(given)} if given else {})


def _key_context(key: Any, named: str) -> dict[str, Any]:
    backend = kms_backends[key.account_id][key.region]
    tags = backend.list_resource_tags(key.id).get("Tags", [])
    context: dict[str, Any] = {f"aws:ResourceTag/{tag['TagKey']}": tag["TagValue"] for tag in tags}
    context |= {"kms:KeySpec": key.key_spec, "kms:KeyUsage": key.key_usage, "kms:KeyOrigin": key.origin}
    context |= {"kms:MultiRegion": bool(key.multi_region), "kms:ResourceAliases": sorted(key.aliases)}
    alias = named.rpartition(":")[2]
    return context | ({"kms:RequestAlias": alias} if alias.startswith("alias/") else {})


# IAM, STS, SSM, CloudFormation, tagging: a resource is its type's ARN, filled in from the parameters.


def _others(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    if call.service == "sts" and call.operation in _FREE:
        return
    parameters = call.parameters
    context = _context(call)
    each = [{**parameters, "Name": name} for name in parameters.get("Names") or []] or [parameters]
    for action in reference.for_call(SERVICES[call.service], call.operation):
        for one in each:
            yield Question(action, _resource(action, call, one, principal), context)
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_customer-managed-policies.html (Permissions required)
    # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html (Tags)
    also = {"CreatePolicy": "iam:TagPolicy", "PutParameter": "ssm:AddTagsToResource"}.get(call.operation)
    if also and _tags(parameters):
        made = f"{SERVICES[call.service]}:{call.operation}"
        yield Question(also, _resource(made, call, parameters, principal), context)


def _resource(action: str, call: operations.Described, parameters: dict[str, Any], principal: Principal) -> str:
    types = reference.resource_types(action)
    for parameter in ("RoleArn", "PolicyArn", "ResourceArn", "StackName", "StackId"):
        arn = str(parameters.get(parameter, ""))
        # AttachUserPolicy is about the user, whatever policy it names.
        if arn.startswith("arn:") and (not types or any(re.fullmatch(_pattern(one), arn) for one in types)):
            return arn
    values = {"Partition": principal.partition, "Region": call.region, "Account": principal.account or ""}
    values |= _names(parameters) | (_identities(parameters, principal) if call.service == "iam" else {})
    named = [one for one in types if set(_PLACE.findall(one)) <= values.keys()]
    # Nothing is named: all that there is of the first type.
    return _PLACE.sub(lambda found: values.get(found[1], "*"), (named or types)[0]) if types else "*"


_PLACE = re.compile(r"\$\{(\w+)\}")


def _pattern(arn: str) -> str:
    return ".*".join(map(re.escape, _PLACE.split(arn)[::2]))


def _names(parameters: dict[str, Any]) -> dict[str, str]:
    """What the parameters say for the placeholders of ARNs."""
    names = {name: parameters[name] for name in ("StackName", "StackSetName") if parameters.get(name)}
    if names:
        names["Id"] = "*"
    if name := parameters.get("Name") or parameters.get("Path"):
        names["ParameterNameWithoutLeadingSlash"] = str(name).lstrip("/")
    return names


def _identities(parameters: dict[str, Any], principal: Principal) -> dict[str, str]:
    backend = iam_backends[principal.account][principal.partition]
    known = {"Role": backend.roles, "User": backend.users, "Group": backend.groups, "Policy": {}}
    names = {}
    for noun, holder in known.items():
        if name := parameters.get(f"{noun}Name"):
            found = next((one for one in list(holder.values()) if one.name == name), None)
            path = (found.path if found else parameters.get("Path")) or "/"
            names[f"{noun}NameWithPath"] = path.lstrip("/") + name
    return names
