"""Accounts exist as soon as somebody has credentials for them."""

import json
import re
import threading
from typing import Any

from moto.iam.models import iam_backends

ADMINISTRATOR = "admin"
_EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
_lock = threading.Lock()


def administrator(account: str) -> dict[str, Any]:
    """Access key of the account's IAM user `admin`, which is made on the first call."""
    if not re.fullmatch(r"\d{12}", account):
        raise ValueError(f"{account!r} is not an account id: twelve digits")
    iam = iam_backends[account]["aws"]
    with _lock:
        if ADMINISTRATOR not in iam.users:
            iam.create_user(region_name="us-east-1", user_name=ADMINISTRATOR)
            iam.put_user_policy(ADMINISTRATOR, "administrator", _EVERYTHING)
        user = iam.users[ADMINISTRATOR]
        key = user.access_keys[0] if user.access_keys else iam.create_access_key(ADMINISTRATOR)
    return {
        "account": account,
        "arn": user.arn,
        "access_key_id": key.access_key_id,
        "secret_access_key": key.secret_access_key,
    }
