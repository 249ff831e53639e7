"""How S3 encrypts: the default of a bucket, and the key that an object gets."""

import re
from typing import Any

from moto.kms.models import kms_backends

from .errors import S3Error


def sse_s3() -> dict[str, Any]:
    return {
        "Rule": {
            "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"},
            "BucketKeyEnabled": "false",
            "BlockedEncryptionTypes": {"EncryptionType": "SSE-C"},
        }
    }


def check_usable(arn: str | None) -> None:
    """An object cannot be read or written without its key."""
    if not arn:
        return
    key = find_key(arn)
    if key is None:
        raise S3Error("KMS.NotFoundException", f"Key '{arn}' does not exist")
    if key.key_state == "Disabled":
        raise S3Error("KMS.DisabledException", f"{arn} is disabled.")
    if key.key_state == "PendingDeletion":
        raise S3Error("KMS.KMSInvalidStateException", f"{arn} is pending deletion.")


def effective_encryption(
    bucket: Any, asked: str | None, named: str | None, bucket_key: Any, requester: str
) -> tuple[str, str | None, str | None]:
    """Algorithm, key ARN and bucket key flag that an object gets.

    ``aws:kms`` without a key means the AWS managed key ``aws/s3``, not the bucket's default key.
    """
    rule = (bucket.encryption or sse_s3())["Rule"]
    default = rule["ApplyServerSideEncryptionByDefault"]
    algorithm = asked or default["SSEAlgorithm"]
    if not algorithm.startswith("aws:kms"):
        return algorithm, None, None
    key = named if asked else default.get("KMSMasterKeyID")
    if bucket_key is None:
        bucket_key = rule.get("BucketKeyEnabled", "false")
    return algorithm, key_arn(key or "alias/aws/s3", bucket.region_name, requester), str(bucket_key).lower()


def key_arn(name: str, region: str, requester: str) -> str:
    """The ARN of a key as S3 resolves it: anything but an ARN is looked up in the requester's account."""
    if name.startswith("arn:"):
        _, of_region, account, resource = split_key_arn(name)
        if of_region != region:
            raise S3Error("KMS.NotFoundException", f"Invalid arn {of_region}")
        if resource.startswith("key/"):
            return name
        requester, name = account, resource
    backend = kms_backends[requester][region]
    try:
        return backend.describe_key(name).arn
    except (KeyError, AttributeError):
        raise S3Error("KMS.NotFoundException", f"Invalid keyId '{name}'") from None


_KEY_ARN = re.compile(r"arn:(aws[a-z-]*):kms:([a-z0-9-]+):(\d{12}):((?:key|alias)/.+)")


def find_key(arn: str) -> Any:
    """The key of an ARN, in whatever account it is; None when there is none."""
    _, region, account, resource = split_key_arn(arn)
    return kms_backends[account][region].keys.get(resource.removeprefix("key/"))


def split_key_arn(arn: str) -> tuple[str, ...]:
    """Partition, region, account and resource."""
    found = _KEY_ARN.fullmatch(arn)
    if not found:
        raise S3Error("InvalidArgument", f"The ARN {arn} is not that of a key")
    return found.groups()


def blocked(rule: dict[str, Any]) -> list[str]:
    types = (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType") or []
    return types if isinstance(types, list) else [types]
