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
    _cross_account()
    _states()
    _rotation()
    _policies()
    _list_tags()


def _cross_account() -> None:
    """An ARN names its account and region, so that a key is found there. moto looks in the caller's own."""

    def backend(self: Any) -> KmsBackend:
        own = kms_backends[self.current_account][self.region]
        name = _named(self)
        if not name.startswith("arn:"):
            return own
        parts = name.split(":", 5)
        if len(parts) != 6 or parts[2] != "kms" or not re.fullmatch(r"\d{12}", parts[4]):
            raise NotFoundException(f"Invalid arn {name}")
        region, account = parts[3], parts[4]
        if region != self.region:
            raise NotFoundException(f"Invalid arn {region}")
        if account == self.current_account:
            return own
        if self._get_action() not in _CROSS_ACCOUNT:
            raise _Error("AccessDeniedException", f"kms:{self._get_action()} cannot be used across accounts: {name}")
        return kms_backends[account][region]

    KmsResponse.kms_backend = property(backend)  # type: ignore[assignment]

    @extend(KmsResponse, "describe_key")
    def describe_key(original: Any, self: Any) -> Any:
        # moto refuses DescribeKey for any Deny statement on it, whatever its conditions and principals are.
        self._validate_key_id(self._get_param("KeyId"))
        backend = self.kms_backend
        return json.dumps(backend.describe_key(self._get_param("KeyId")).to_dict())

    @extend(KmsBackend, "_generate_default_keys")
    def default_key(original: Any, self: Any, alias_name: str) -> Any:
        # A reserved alias stands for an AWS managed key: its policy cannot be changed, so it cannot be shared.
        key_id = original(self, alias_name)
        if key_id:
            self.keys[key_id].key_manager = "AWS"
            self.keys[key_id].policy = _managed_key_policy(alias_name, self.account_id, self.region_name)
        return key_id


def _managed_key_policy(alias_name: str, account: str, region: str) -> str:
    """The key policy of an AWS managed key: everybody in the account who may use the service may use the key with it.

    https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#aws-managed-cmk
    """
    service = alias_name.removeprefix("alias/aws/")
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
    through = {"kms:CallerAccount": account, "kms:ViaService": f"{service}.{region}.amazonaws.com"}
    return json.dumps(
        {
            "Version": "2012-10-17",
            "Id": f"auto-{service}-1",
            "Statement": [
                {
                    "Sid": "Allow access through the service for all principals of the account that may use it",
                    "Effect": "Allow",
                    "Principal": {"AWS": "*"},
                    "Action": use,
                    "Resource": "*",
                    "Condition": {"StringEquals": through},
                },
                {
                    "Sid": "Allow direct access to key metadata to the account",
                    "Effect": "Allow",
                    "Principal": {"AWS": f"arn:aws:iam::{account}:root"},
                    "Action": ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"],
                    "Resource": "*",
                },
            ],
        }
    )


def _named(response: Any) -> str:
    """The key or alias that a request is about, as it was written."""
    for parameter in ("KeyId", "TargetKeyId", "DestinationKeyId"):
        value = response._get_param(parameter)
        if value:
            return str(value)
    return ""


def _states() -> None:
    """Keys that are disabled or wait for deletion refuse most operations, and take key ARNs like ids."""

    @extend(KmsResponse, "call_action")
    def call_action(original: Any, self: Any) -> Any:
        try:
            _refuse_in_state(self)
        except JsonRESTError as error:
            return error.code, {"x-amzn-errortype": error.error_type, "status": error.code}, error.description
        return original(self)

    def by_arn(name: str) -> None:
        @extend(KmsBackend, name)
        def method(original: Any, self: Any, key_id: str, *args: Any) -> Any:
            return original(self, self.get_key_id(key_id), *args)

    for name in ("disable_key", "enable_key", "cancel_key_deletion", "schedule_key_deletion"):
        by_arn(name)

    @extend(KmsResponse, "schedule_key_deletion")
    def schedule(original: Any, self: Any) -> Any:
        days = self._get_param("PendingWindowInDays", 30)
        answer = json.loads(original(self))
        key = self.kms_backend.describe_key(self._get_param("KeyId"))
        return json.dumps({**answer, "KeyId": key.arn, "KeyState": key.key_state, "PendingWindowInDays": days})

    @extend(KmsResponse, "cancel_key_deletion")
    def cancel(original: Any, self: Any) -> Any:
        key = self.kms_backend.describe_key(self._get_param("KeyId"))
        if key.key_state != "PendingDeletion":
            raise _Error("KMSInvalidStateException", f"{key.arn} is not pending deletion.")
        original(self)
        key.enabled = False
        return json.dumps({"KeyId": key.arn})


def _refuse_in_state(response: Any) -> None:
    action, name = response._get_action(), _named(response)
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


def _rotation() -> None:
    """Automatic rotation has a period of 90 to 2,560 days, 365 when none is given."""

    @extend(KmsResponse, "enable_key_rotation")
    def enable(original: Any, self: Any) -> Any:
        days = self._get_param("RotationPeriodInDays")
        if days is not None and not 90 <= days <= 2560:
            raise ValidationException(
                f"1 validation error detected: Value '{days}' at 'rotationPeriodInDays' failed to satisfy constraint: "
                "Member must have value between 90 and 2560"
            )
        answer = original(self)
        key = self.kms_backend.describe_key(self._get_param("KeyId"))
        key.rotation_period = days or getattr(key, "rotation_period", None) or 365
        return answer

    @extend(KmsResponse, "get_key_rotation_status")
    def status(original: Any, self: Any) -> Any:
        answer = json.loads(original(self))
        key = self.kms_backend.describe_key(self._get_param("KeyId"))
        answer["KeyId"] = key.arn
        if key.key_state == "PendingDeletion":
            # Not refused, and not remembered on the outside: the old setting is there again after CancelKeyDeletion.
            answer = {"KeyId": key.arn, "KeyRotationEnabled": False}
        if answer["KeyRotationEnabled"]:
            answer["RotationPeriodInDays"] = getattr(key, "rotation_period", 365)
        return json.dumps(answer)


def _policies() -> None:
    """A key policy is at most 32 KiB of a valid document that keeps its account's hands on the key."""

    def check(self: Any, policy: str) -> None:
        if len(policy.encode()) > _LARGEST_POLICY:
            raise _Error("LimitExceededException", f"Policy size exceeds the limit of {_LARGEST_POLICY} bytes")
        try:
            document = parse(policy, principals=True, partition=self.partition)
            check_conditions(document)
        except Malformed as error:
            raise _Error("MalformedPolicyDocumentException", str(error)) from None
        if not self._get_param("BypassPolicyLockoutSafetyCheck") and not _keeps_control(document, self.current_account):
            raise _Error(
                "MalformedPolicyDocumentException",
                "The new key policy will not allow you to update the key policy in the future.",
            )

    original_assertion = responses._assert_default_policy
    # PolicyName may be left out: there is only one.
    responses._assert_default_policy = lambda name: original_assertion(name or "default")

    @extend(KmsResponse, "put_key_policy")
    def put(original: Any, self: Any) -> Any:
        check(self, self._get_param("Policy"))
        return original(self)

    @extend(KmsResponse, "create_key")
    def create(original: Any, self: Any) -> Any:
        if self._get_param("Policy"):
            check(self, self._get_param("Policy"))
        return original(self)

    @extend(KmsResponse, "get_key_policy")
    def get(original: Any, self: Any) -> Any:
        return json.dumps({**json.loads(original(self)), "PolicyName": "default"})


def _keeps_control(document: dict[str, Any], account: str) -> bool:
    for statement in document["Statement"]:
        actions = [action.lower() for action in statement.get("Action", [])]
        principals = statement.get("Principal", {}).get("AWS", [])
        ours = any(principal == "*" or f"::{account}:" in principal or principal == account for principal in principals)
        if statement["Effect"] == "Allow" and ours and {"kms:*", "kms:putkeypolicy", "kms:put*", "*"} & set(actions):
            return True
    return False


def _list_tags() -> None:
    """NextMarker is absent on the last page. moto sends null, which some clients take for a page."""

    @extend(KmsResponse, "list_resource_tags")
    def list_tags(original: Any, self: Any) -> Any:
        answer = json.loads(original(self))
        answer.pop("NextMarker", None)
        return json.dumps(answer)
