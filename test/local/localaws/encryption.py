"""How S3 encrypts: the default of a bucket, and the key that an object gets."""

from typing import Any

from . import keys
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
    key = keys.find(arn)
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
        named = keys.ARN.fullmatch(name)
        if not named:
            raise S3Error("InvalidArgument", f"The ARN {name} is not that of a key")
        if named[1] != region:
            raise S3Error("KMS.NotFoundException", f"Invalid arn {named[1]}")
        if ":key/" in name:
            return name
    key = keys.find(name, region, requester)
    if key is None:
        raise S3Error("KMS.NotFoundException", f"Invalid keyId '{name}'")
    return key.arn


def blocked(rule: dict[str, Any]) -> list[str]:
    types = (rule.get("BlockedEncryptionTypes") or {}).get("EncryptionType") or []
    return types if isinstance(types, list) else [types]
