"""KMS keys, by what names them."""

import re
from typing import Any

from moto.kms.models import kms_backends

ARN = re.compile(r"arn:aws[a-z-]*:kms:([a-z0-9-]+):(\d{12}):((?:key|alias)/.+)")  # Region, account and the rest


def find(name: str, region: str = "", account: str = "") -> Any:
    """The key of an id, an alias or the ARN of either, which says itself where it is; None when there is none."""
    if name.startswith("arn:"):
        named = ARN.fullmatch(name)
        if not named:
            return None
        region, account, name = named.groups()
    try:
        return kms_backends[account][region].describe_key(name.removeprefix("key/"))
    except (KeyError, AttributeError):
        return None
