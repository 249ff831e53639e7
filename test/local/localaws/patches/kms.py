"""KMS: keys of other accounts, states, rotation periods, limits, and policies that must be policies."""

import json
import re
from typing import Any

from moto.core.exceptions import JsonRESTError
from moto.kms import responses
from moto.kms.exceptions import NotFoundException, ValidationException
from moto.kms.models import Key, KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from ..policies import Malformed, check_conditions, parse
from .extend import extend

_LARGEST_POLICY = 32768

# "Cross-account use: Yes" in the API reference. The others see a foreign key ARN as access denied.
_CROSS_ACCOUNT = {
    "CreateGrant", "Decrypt", "DescribeKey", "Encrypt", "GenerateDataKey", "GenerateDataKeyPair",
    "GenerateDataKeyPairWithoutPlaintext", "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetKeyRotationStatus",
    "GetPublicKey", "ListGrants", "ReEncrypt", "RetireGrant", "RevokeGrant", "Sign", "Verify", "VerifyMac",
}  # fmt: skip

# What a key may still be asked in each state; everything else is refused.
# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_DISABLED_REFUSES = {
    "CreateGrant", "Decrypt", "DisableKeyRotation", "EnableKeyRotation", "Encrypt", "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext", "GenerateMac", "GetPublicKey", "ReEncrypt", "RotateKeyOnDemand", "Sign",
    "Verify", "VerifyMac",
}  # fmt: skip
_PENDING_REFUSES = _DISABLED_REFUSES | {
    "CreateAlias", "DisableKey", "EnableKey", "ScheduleKeyDeletion", "TagResource", "UntagResource", "UpdateAlias",
    "UpdateKeyDescription",
}  # fmt: skip


class _Error(JsonRESTError):
    code = 400


def install() -> None:
    KmsResponse.kms_backend = property(_backend)  # type: ignore[assignment]
    # moto refuses DescribeKey for any Deny statement on it, whatever its conditions and principals are.
    KmsResponse._validate_key_policy = lambda *_: None  # type: ignore[method-assign]
    # PolicyName may be left out: there is only one.
    assertion = responses._assert_default_policy
    responses._assert_default_policy = lambda name: assertion(name or "default")
    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        _by_arn(name)

    @extend(KmsResponse, "call_action")
    def call_action(original: Any, self: Any) -> Any:
        action = self._get_action()
        try:
            _refuse_in_state(self, action)
            _check(self, action)
        except JsonRESTError as error:
            return error.code, {"x-amzn-errortype": error.error_type, "status": error.code}, error.description
        status, headers, body = original(self)
        if status == 200:
            body = json.dumps(_completed(self, action, json.loads(body or "null")))
        return status, headers, body

    @extend(KmsBackend, "_generate_default_keys")
    def default_key(original: Any, self: Any, alias_name: str) -> Any:
        # A reserved alias stands for an AWS managed key: its policy cannot be changed, so it cannot be shared.
        key_id = original(self, alias_name)
        if key_id:
            self.keys[key_id].key_manager = "AWS"
            self.keys[key_id].policy = _managed_key_policy(alias_name, self.account_id, self.region_name)
        return key_id


def _by_arn(name: str) -> None:
    @extend(KmsBackend, name)
    def method(original: Any, self: Any, key_id: str, *args: Any) -> Any:
        return original(self, self.get_key_id(key_id), *args)


def _backend(response: Any) -> KmsBackend:
    """An ARN names its account and region, so that a key is found there. moto looks in the caller's own."""
    own = kms_backends[response.current_account][response.region]
    name, action = _named(response), response._get_action()
    if not name.startswith("arn:"):
        return own
    parts = name.split(":", 5)
    if len(parts) != 6 or parts[2] != "kms" or not re.fullmatch(r"\d{12}", parts[4]):
        raise NotFoundException(f"Invalid arn {name}")
    region, account = parts[3], parts[4]
    if region != response.region:
        raise NotFoundException(f"Invalid arn {region}")
    if account == response.current_account:
        return own
    if action not in _CROSS_ACCOUNT:
        raise _Error("AccessDeniedException", f"kms:{action} cannot be used across accounts: {name}")
    return kms_backends[account][region]


def _managed_key_policy(alias_name: str, account: str, region: str) -> str:
    """The key policy of an AWS managed key: everybody in the account who may use the service may use the key with it.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    service = alias_name.removeprefix("alias/aws/")
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
    through = {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
    users = {"Principal": {"AWS": "*"}, "Action": use, "Condition": {"StringEquals": through}}
    look = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]
    owner = {"Principal": {"AWS": f"arn:aws:iam::{account}:root"}, "Action": look}
    said = {
        "Allow access through the service for all principals of the account that may use it": users,
        "Allow direct access to key metadata to the account": owner,
    }
    statements = [{"Sid": sid, "Effect": "Allow", "Resource": "*", **of} for sid, of in said.items()]
    return json.dumps({"Version": "2012-10-17", "Id": f"auto-{service}-1", "Statement": statements})


def _named(response: Any) -> str:
    """The key or alias that a request is about, as it was written."""
    for parameter in ("KeyId", "TargetKeyId", "DestinationKeyId"):
        value = response._get_param(parameter)
        if value:
            return str(value)
    return ""


def _refuse_in_state(response: Any, action: str) -> None:
    """Keys that are disabled or wait for deletion refuse most operations."""
    name = _named(response)
    if not name or (action == "CreateAlias" and not response._get_param("TargetKeyId")):
        return
    backend = response.kms_backend
    try:
        key: Key = backend.describe_key(name)
    except (KeyError, AttributeError):
        return  # the operation itself says that there is no such key or alias
    if key.key_manager == "AWS" and action in ("PutKeyPolicy", "ScheduleKeyDeletion", "DisableKey", "TagResource"):
        raise _Error("AccessDeniedException", f"{key.arn} is an AWS managed key.")
    if key.key_state == "PendingDeletion" and action in _PENDING_REFUSES:
        raise _Error("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    if key.key_state == "Disabled" and action in _DISABLED_REFUSES:
        raise _Error("DisabledException", f"{key.arn} is disabled.")


def _check(response: Any, action: str) -> None:
    days, policy = response._get_param("RotationPeriodInDays"), response._get_param("Policy")
    if action == "EnableKeyRotation" and days is not None and not 90 <= days <= 2560:
        raise ValidationException(
            f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
            "Member must have value between 90 and 2560"
        )
    if action == "CancelKeyDeletion":
        key = response.kms_backend.describe_key(response._get_param("KeyId"))
        if key.key_state != "PendingDeletion":
            raise _Error("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
    if action in ("CreateKey", "PutKeyPolicy") and policy:
        _check_policy(response, policy)


def _check_policy(response: Any, policy: str) -> None:
    """A key policy is at most 32 KiB of a valid document that keeps its account's hands on the key."""
    if len(policy.encode()) > _LARGEST_POLICY:
        raise _Error("LimitExceededException", f"Policy size exceeds the limit of {_LARGEST_POLICY} bytes")
    try:
        document = parse(policy, principals=True, partition=response.partition)
        check_conditions(document)
    except Malformed as error:
        raise _Error("MalformedPolicyDocumentException", str(error)) from None
    careless = response._get_param("BypassPolicyLockoutSafetyCheck")
    if not careless and not _keeps_control(document, response.current_account):
        raise _Error(
            "MalformedPolicyDocumentException",
            "The new key policy will not allow you to update the key policy in the future.",
        )


def _keeps_control(document: dict[str, Any], account: str) -> bool:
    for statement in document["Statement"]:
        actions = [action.lower() for action in statement.get("Action", [])]
        principals = statement.get("Principal", {}).get("AWS", [])
        ours = any(principal == "*" or f"::{account}:" in principal or principal == account for principal in principals)
        if statement["Effect"] == "Allow" and ours and {"kms:*", "kms:putkeypolicy", "kms:put*", "*"} & set(actions):
            return True
    return False


def _completed(response: Any, action: str, answer: Any) -> Any:
    """What moto leaves out of answers, and of what it remembers."""
    given = response._get_param
    if action in ("CancelKeyDeletion", "EnableKeyRotation", "GetKeyRotationStatus", "ScheduleKeyDeletion"):
        key: Any = response.kms_backend.describe_key(given("KeyId"))
        answer = {**(answer or {}), "KeyId": key.arn}
    match action:
        case "CancelKeyDeletion":
            key.enabled = False
        case "EnableKeyRotation":
            # The period stays what it was, and is a year when nobody ever said it.
            key.rotation_period = given("RotationPeriodInDays") or getattr(key, "rotation_period", 365)
            return None
        case "GetKeyPolicy":
            answer["PolicyName"] = "default"
        case "GetKeyRotationStatus" if key.key_state == "PendingDeletion":
            # Not refused, and not remembered on the outside: the old setting is there again after CancelKeyDeletion.
            answer["KeyRotationEnabled"] = False
        case "GetKeyRotationStatus" if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key, "rotation_period", 365)
        case "ListResourceTags":
            # Absent on the last page. moto sends null, which some clients take for a page.
            del answer["NextMarker"]
        case "ScheduleKeyDeletion":
            answer |= {"KeyState": key.key_state, "PendingWindowInDays": given("PendingWindowInDays", 30)}
    return answer
