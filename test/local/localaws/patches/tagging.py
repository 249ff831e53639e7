"""Resource Groups Tagging: S3 buckets belong to one region."""

from typing import Any

from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.s3.models import s3_backends

from .extend import extend


def install() -> None:
    @extend(ResourceGroupsTaggingAPIBackend, "get_resources")
    def get_resources(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        # moto lists the account's buckets of all regions.
        token, found = original(self, *args, **kwargs)
        buckets = s3_backends[self.account_id][self.partition].buckets
        here = [resource for resource in found if _here(resource.arn, buckets, self.region_name)]
        return token, here


def _here(arn: str, buckets: Any, region: str) -> bool:
    service, bucket = arn.split(":", 5)[2], arn.split(":", 5)[5]
    return service != "s3" or bucket not in buckets or buckets[bucket].region_name == region
