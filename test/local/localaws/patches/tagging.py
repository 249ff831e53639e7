"""Resource Groups Tagging: S3 buckets belong to one region, and keys that are gone stay listed."""

from typing import Any

from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.s3.models import s3_backends

from . import kms
from .extend import extend


def install() -> None:
    @extend(ResourceGroupsTaggingAPIBackend, "get_resources")
    def get_resources(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        # moto lists the account's buckets of all regions.
        token, found = original(self, *args, **kwargs)
        buckets = s3_backends[self.account_id][self.partition].buckets
        here = [resource for resource in found if _here(resource["ResourceARN"], buckets, self.region_name)]
        return token, _deleted_keys(self, kwargs) + here


def _deleted_keys(self: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    """Keys that are gone stay listed for hours, and may come before those that are there."""
    types = asked.get("resource_type_filters")
    if types and not {"kms", "kms:key"} & set(types):
        return []
    filters = asked.get("tag_filters") or []
    return [
        {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
        for arn, tags in kms.ghosts(self.kms_backend)
        if all(
            wanted["Key"] in tags and tags[wanted["Key"]] in wanted.get("Values", tags.values()) for wanted in filters
        )
    ]


def _here(arn: str, buckets: Any, region: str) -> bool:
    service, bucket = arn.split(":", 5)[2], arn.split(":", 5)[5]
    return service != "s3" or bucket not in buckets or buckets[bucket].region_name == region
