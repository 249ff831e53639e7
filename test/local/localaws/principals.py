"""Who makes a request: the account follows the access key."""

from dataclasses import dataclass
from typing import Any

from moto.iam.models import User, iam_backends
from moto.sts.models import sts_backends

from . import operations


@dataclass(frozen=True)
class Principal:
    arn: str
    account: str | None
    kind: str  # as the evaluator names it: user, role-session, root, anonymous
    name: str = ""
    partition: str = "aws"
    role_arn: str = ""
    user_id: str = ""
    session_policy: str | None = None


ANONYMOUS = Principal("anonymous", None, "anonymous")


def of_request(environ: dict[str, Any]) -> Principal:
    access_key, _, _ = operations.scope(environ)
    return of_access_key(access_key) if access_key else ANONYMOUS


def of_access_key(access_key: str) -> Principal:
    for account, by_partition in list(iam_backends.items()):
        for partition, iam in list(by_partition.items()):
            key = iam.access_keys.get(access_key)
            if key is None:
                continue
            if key.user_name:
                return _user(account, partition, iam.users.get(key.user_name), key.user_name)
            return _session(account, partition, access_key, key.role_arn or "")
    # A key nobody made: known to be unknown, so that a check can refuse it.
    return Principal(f"unknown:{access_key}", None, "unknown")


def _user(account: str, partition: str, user: User | None, name: str) -> Principal:
    if user is None:
        return Principal(f"arn:{partition}:iam::{account}:user/{name}", account, "unknown", name, partition)
    return Principal(user.arn, account, "user", name, partition, user_id=user.id)


def _session(account: str, partition: str, access_key: str, role_arn: str) -> Principal:
    for by_partition in list(sts_backends.get(account, {}).values()):
        role = by_partition.get_assumed_role_from_access_key(access_key)
        if role:
            return Principal(
                role.arn,
                account,
                "role-session",
                role_arn.rpartition("/")[2],
                partition,
                role_arn=role_arn,
                user_id=role.user_id,
                session_policy=role.policy,
            )
    return Principal(role_arn, account, "role", role_arn.rpartition("/")[2], partition, role_arn=role_arn)
