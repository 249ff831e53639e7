"""KMS keys, by what names them."""

from typing import Any

from moto.kms.models import kms_backends


def find(name: str, region: str = "", account: str = "") -> Any:
    """The key of an id, an alias or the ARN of either, which says itself where it is; None when there is none."""
    if name.startswith("arn:"):
        parts = name.split(":", 5)
        if len(parts) != 6 or parts[2] != "kms":
            return None
        region, account, name = parts[3:]
    try:
        return kms_backends[account][region].describe_key(name.removeprefix("key/"))
    except (KeyError, AttributeError):
        return None
