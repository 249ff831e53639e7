"""Resource Groups Tagging: S3 buckets belong to one region."""

from collections import defaultdict
from typing import Any

from moto.ec2.models import ec2_backends
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.s3.models import s3_backends
from moto.sagemaker.models import sagemaker_backends

from .extend import extend


def install() -> None:
    @extend(ResourceGroupsTaggingAPIBackend, "get_resources")
    def get_resources(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        # moto lists the account's buckets of all regions.
        token, found = original(self, *args, **kwargs)
        buckets = s3_backends[self.account_id][self.partition].buckets
        here = [resource for resource in found if _here(resource["ResourceARN"], buckets, self.region_name)]
        return token, here

    # What nobody has used has nothing tagged. moto asks these two whatever it is asked for, and takes a second to begin
    # with them in an account.
    _only_if_used("ec2_backend", ec2_backends)
    _only_if_used("sagemaker_backend", sagemaker_backends)


class _Nothing:
    def __getattr__(self, name: str) -> Any:
        return defaultdict(dict)


def _only_if_used(name: str, backends: Any) -> None:
    original = getattr(ResourceGroupsTaggingAPIBackend, name)

    def backend(self: Any) -> Any:
        used = self.region_name in set(backends.get(self.account_id, {}))
        return original.fget(self) if used else _Nothing()

    setattr(ResourceGroupsTaggingAPIBackend, name, property(backend))


def _here(arn: str, buckets: Any, region: str) -> bool:
    service, bucket = arn.split(":", 5)[2], arn.split(":", 5)[5]
    return service != "s3" or bucket not in buckets or buckets[bucket].region_name == region
