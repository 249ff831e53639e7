"""What a call of the control plane asks for: its actions, on which resources, with which condition keys.

Actions, resource types and condition keys are those of the Service Authorization Reference (``reference``); what a
request says for them is read from its parameters. Requests for S3's data are ``authorize``'s own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from . import operations, reference
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


@dataclass(frozen=True)
class Question:
    """One authorization: may somebody do this action on this resource?"""

    action: str
    resource: str
    context: dict[str, Any] = field(default_factory=dict)
    bucket: str = ""  # the resource is this bucket, with its policy
    key: Any = None  # the resource is this key of moto's, with its policy


def questions(environ: dict[str, Any], principal: Principal) -> list[Question]:
    call = operations.describe(environ)
    if call.service == "s3":
        return [_narrowed(one) for one in _s3(environ, call)]
    if call.service == "s3control":
        return [_narrowed(one) for one in _s3control(environ, call, principal)]
    parameters = operations.parameters(environ)
    if call.service == "kms":
        return [_narrowed(one) for one in _kms(call, parameters, principal)]
    return [_narrowed(one) for one in _others(call, parameters, principal)]


def _narrowed(question: Question) -> Question:
    """Without the condition keys that the action does not have."""
    context = {key: value for key, value in question.context.items() if reference.supports(question.action, key)}
    return Question(question.action, question.resource, context, question.bucket, question.key)


def _request_tags(tags: dict[str, str]) -> dict[str, Any]:
    if not tags:
        return {}
    return {"aws:TagKeys": list(tags), **{f"aws:RequestTag/{key}": value for key, value in tags.items()}}


# S3.


def _s3(environ: dict[str, Any], call: operations.Described) -> Iterator[Question]:
    name = environ["PATH_INFO"].strip("/").partition("/")[0]
    arn = f"arn:aws:s3:::{name or '*'}"
    tags = _tags_in_xml(environ) if call.operation in ("CreateBucket", "PutBucketTagging") else {}
    context = {**_headers(environ), **_request_tags(tags)}
    actions = [_DELETIONS[call.operation]] if call.operation in _DELETIONS else _s3_actions(call.operation)
    if call.operation == "CreateBucket":
        # https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html (Permissions)
        actions = actions + (["s3:TagResource"] if tags else [])
        actions = actions + (["s3:PutBucketOwnershipControls"] if "s3:x-amz-object-ownership" in context else [])
    for action in actions:
        yield Question(action, arn, context, bucket=name or "*")


def _s3_actions(operation: str) -> list[str]:
    """A bucket's: the same call on the account is S3 Control's."""
    return [action for action in reference.for_call("s3", operation) if "Account" not in action][:1]


def _headers(environ: dict[str, Any]) -> dict[str, Any]:
    names = (name for name in environ if name.startswith("HTTP_X_AMZ_"))
    return {f"s3:{name[5:].replace('_', '-').lower()}": environ[name] for name in names}


def _s3control(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    """Tags of buckets and jobs; the rest of S3 Control is not authorized."""
    if "Job" in call.operation:
        yield from _jobs(environ, call, principal)
    arn = unquote(call.resource).partition("/tags/")[2]
    found = re.fullmatch(r"arn:[a-z-]+:s3:::([^/]+)", arn)
    if not found or call.operation not in ("ListTagsForResource", "TagResource", "UntagResource"):
        return
    context = _request_tags(_tags_in_xml(environ) if call.operation == "TagResource" else {})
    yield Question(f"s3:{call.operation}", arn, context, bucket=found[1])


def _jobs(environ: dict[str, Any], call: operations.Described, principal: Principal) -> Iterator[Question]:
    if call.operation == "CreateJob":
        yield Question("s3:CreateJob", "*")
        role = re.search(r"<RoleArn>(.*?)</RoleArn>", operations.body(environ).decode("utf-8", "replace"))
        to = {"iam:PassedToService": "batchoperations.s3.amazonaws.com"}
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-iam-role-policies.html
        yield Question("iam:PassRole", role[1] if role else "*", to)
        return
    job = call.parameters.get("id") or "*"
    yield Question(f"s3:{call.operation}", f"arn:{principal.partition}:s3:{call.region}:{principal.account}:job/{job}")


def _tags_in_xml(environ: dict[str, Any]) -> dict[str, str]:
    text = operations.body(environ).decode("utf-8", "replace")
    return dict(re.findall(r"<Tag>\s*<Key>(.*?)</Key>\s*<Value>(.*?)</Value>\s*</Tag>", text, re.DOTALL))


def owner_of(bucket: str, otherwise: str) -> str:
    """The account of a bucket; of one that does not exist, the caller's."""
    return s3_backends.bucket_accounts.get(bucket, ("", otherwise))[1]


# KMS.


def _kms(call: operations.Described, parameters: dict[str, Any], principal: Principal) -> Iterator[Question]:
    context = _kms_context(call.operation, parameters)
    everywhere = f"arn:{principal.partition}:kms:{call.region}:{principal.account}:"
    alias = parameters.get("AliasName", "") if call.operation in ("CreateAlias", "DeleteAlias", "UpdateAlias") else ""
    if alias:
        # "Both": the alias and the key. https://docs.aws.amazon.com/kms/latest/developerguide/alias-access.html
        yield Question(f"kms:{call.operation}", everywhere + alias, context)
    named = parameters.get("TargetKeyId") or parameters.get("KeyId") or alias
    key = _key(named, call.region, principal.account or "") if named else None
    for action in reference.for_call("kms", call.operation):
        if key is not None:
            yield Question(action, key.arn, {**_key_context(key, named), **context}, key=key)
        elif not named:
            yield Question(action, "*", context)
    if call.operation == "CreateKey" and parameters.get("Tags"):
        # https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateKey.html (Required permissions)
        yield Question("kms:TagResource", everywhere + "key/new", context)


def _key(name: str, region: str, account: str) -> Any:
    """The key that a call names; None when there is none, which the call itself will say."""
    if name.startswith("arn:"):
        parts = name.split(":", 5)
        if len(parts) != 6 or parts[2] != "kms":
            return None
        region, account, name = parts[3], parts[4], parts[5]
    try:
        return kms_backends[account][region].describe_key(name.removeprefix("key/"))
    except (KeyError, AttributeError):
        return None


def _kms_context(operation: str, parameters: dict[str, Any]) -> dict[str, Any]:
    tags = {tag["TagKey"]: tag.get("TagValue", "") for tag in parameters.get("Tags") or []}
    context = _request_tags(tags)
    if parameters.get("TagKeys"):
        context["aws:TagKeys"] = parameters["TagKeys"]
    if operation in ("CreateKey", "PutKeyPolicy"):
        context["kms:BypassPolicyLockoutSafetyCheck"] = bool(parameters.get("BypassPolicyLockoutSafetyCheck"))
    if operation == "CreateKey":
        spec = parameters.get("KeySpec") or parameters.get("CustomerMasterKeySpec") or "SYMMETRIC_DEFAULT"
        context["kms:KeySpec"], context["kms:KeyUsage"] = spec, parameters.get("KeyUsage") or "ENCRYPT_DECRYPT"
        context["kms:KeyOrigin"] = parameters.get("Origin") or "AWS_KMS"
        context["kms:MultiRegion"] = bool(parameters.get("MultiRegion"))
    for parameter, name in (
        ("RotationPeriodInDays", "kms:RotationPeriodInDays"),
        ("PendingWindowInDays", "kms:ScheduleKeyDeletionPendingWindowInDays"),
    ):
        if parameter in parameters:
            context[name] = parameters[parameter]
    encryption = parameters.get("EncryptionContext") or {}
    context |= {f"kms:EncryptionContext:{name}": value for name, value in encryption.items()}
    return context | ({"kms:EncryptionContextKeys": list(encryption)} if encryption else {})


def _key_context(key: Any, named: str) -> dict[str, Any]:
    backend = kms_backends[key.account_id][key.region]
    tags = backend.list_resource_tags(key.id).get("Tags", [])
    context: dict[str, Any] = {f"aws:ResourceTag/{tag['TagKey']}": tag["TagValue"] for tag in tags}
    context |= {"kms:KeySpec": key.key_spec, "kms:KeyUsage": key.key_usage, "kms:KeyOrigin": key.origin}
    context |= {"kms:MultiRegion": bool(key.multi_region), "kms:ResourceAliases": sorted(key.aliases)}
    alias = named.rpartition(":")[2]
    return context | ({"kms:RequestAlias": alias} if alias.startswith("alias/") else {})


# IAM, STS, SSM, CloudFormation, tagging: a resource is its type's ARN, filled in from the parameters.


def _others(call: operations.Described, parameters: dict[str, Any], principal: Principal) -> Iterator[Question]:
    if call.service == "sts" and call.operation in _FREE:
        return
    context = _request_tags(_tags(parameters))
    for parameter, name in (
        ("PolicyArn", "iam:PolicyARN"),
        ("PermissionsBoundary", "iam:PermissionsBoundary"),
        ("RoleSessionName", "sts:RoleSessionName"),
        ("ExternalId", "sts:ExternalId"),
        ("RoleARN", "cloudformation:RoleArn"),
        ("TemplateURL", "cloudformation:TemplateUrl"),
        ("ChangeSetName", "cloudformation:ChangeSetName"),
        ("StackPolicyURL", "cloudformation:StackPolicyUrl"),
    ):
        if parameters.get(parameter):
            context[name] = parameters[parameter]
    each = [{**parameters, "Name": name} for name in parameters.get("Names") or []] or [parameters]
    actions = reference.for_call(SERVICES[call.service], call.operation)
    if call.operation == "CreatePolicy" and _tags(parameters):
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_tags_customer-managed-policies.html (Permissions required)
        actions = [*actions, "iam:TagPolicy"]
    for action in actions:
        for one in each:
            yield Question(action, _resource(action, call, one, principal), context)
    if call.operation == "PutParameter" and parameters.get("Tags"):
        # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html (Tags)
        action = "ssm:AddTagsToResource"
        yield Question(action, _resource("ssm:PutParameter", call, parameters, principal), context)


def _tags(parameters: dict[str, Any]) -> dict[str, str]:
    """Of a JSON request a list, of a query numbered members."""
    if isinstance(parameters.get("Tags"), list):
        return {tag["Key"]: tag.get("Value", "") for tag in parameters["Tags"]}
    keys = {number: key for name, key in parameters.items() if (number := _numbered(name, "Key"))}
    return {key: parameters.get(f"Tags.member.{number}.Value", "") for number, key in keys.items()}


def _numbered(name: str, part: str) -> str:
    found = re.fullmatch(rf"Tags\.member\.(\d+)\.{part}", name)
    return found[1] if found else ""


def _resource(action: str, call: operations.Described, parameters: dict[str, Any], principal: Principal) -> str:
    types = reference.resource_types(action)
    values = {"Partition": principal.partition, "Region": call.region, "Account": principal.account or ""}
    for given in _named(call, parameters, principal):
        if given.get("arn"):
            if _of_a_type(given["arn"], types):
                return given["arn"]
            continue  # AttachUserPolicy is about the user, whatever policy it names
        for arn in types:
            places = re.findall(r"\$\{(\w+)\}", arn)
            if all(place in values or place in given for place in places):
                return _fill(arn, {**values, **given})
    # Nothing is named: all that there is of the first type.
    return _fill(types[0], values) if types else "*"


def _of_a_type(arn: str, types: list[str]) -> bool:
    """Whether an ARN can be of one of the types; of an action without types it can."""
    patterns = (re.sub(r"\\\$\\\{\w+\\\}", ".*", re.escape(one)) for one in types)
    return not types or any(re.fullmatch(pattern, arn) for pattern in patterns)


def _fill(arn: str, values: dict[str, str]) -> str:
    return re.sub(r"\$\{(\w+)\}", lambda found: values.get(found[1], "*"), arn)


def _named(call: operations.Described, parameters: dict[str, Any], principal: Principal) -> Iterator[dict[str, str]]:
    """What the parameters say for the placeholders of ARNs, the most telling first."""
    for parameter in ("RoleArn", "PolicyArn", "ResourceArn", "StackName", "StackId"):
        if str(parameters.get(parameter, "")).startswith("arn:"):
            yield {"arn": parameters[parameter]}
    if call.service == "iam":
        yield from _identity(parameters, principal)
    if name := parameters.get("Name") or parameters.get("Path"):
        yield {"ParameterNameWithoutLeadingSlash": str(name).lstrip("/")}
    if stack := parameters.get("StackName"):
        yield {"StackName": stack, "Id": "*"}
    if stack_set := parameters.get("StackSetName"):
        yield {"StackSetName": stack_set, "Id": "*"}


def _identity(parameters: dict[str, Any], principal: Principal) -> Iterator[dict[str, str]]:
    backend = iam_backends[principal.account][principal.partition]
    known = {"RoleName": backend.roles, "UserName": backend.users, "GroupName": backend.groups}
    for parameter, holder in known.items():
        if name := parameters.get(parameter):
            found = next((one for one in list(holder.values()) if one.name == name), None)
            path = (found.path if found else parameters.get("Path")) or "/"
            yield {f"{parameter}WithPath": path.lstrip("/") + name}
    if name := parameters.get("PolicyName"):
        yield {"PolicyNameWithPath": (parameters.get("Path") or "/").lstrip("/") + name}
    if name := parameters.get("InstanceProfileName"):
        yield {"InstanceProfileNameWithPath": name}
