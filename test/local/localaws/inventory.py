"""What there is in an account, all at once: for tests that look after every step at what is left."""

from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends
from moto.ssm.models import ssm_backends


def of(account: str, region: str) -> dict[str, Any]:
    iam, kms = iam_backends[account]["aws"], kms_backends[account][region]
    identities = {
        f"{kind}/{one.name}": {"inline": sorted(one.policies), "attached": sorted(one.managed_policies)}
        for kind, holders in (("user", iam.users), ("role", iam.roles), ("group", iam.groups))
        for one in list(holders.values())
    }
    parameters = ssm_backends[account][region]._parameters
    return {
        "buckets": sorted(s3_backends[account]["aws"].buckets),
        "keys": {key.arn: key.key_state for key in list(kms.keys.values())},
        "aliases": {name: key.arn for key in list(kms.keys.values()) for name in list(key.aliases)},
        "identities": identities,
        "policies": sorted(iam.managed_policies),
        "parameters": {name: parameters[name][-1].value for name in list(parameters) if not name.startswith("/aws/")},
    }
