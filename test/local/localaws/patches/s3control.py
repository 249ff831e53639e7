"""S3 Control: tags on buckets are the bucket's tags."""

from typing import Any

from moto.s3.models import s3_backends
from moto.s3control.models import S3ControlBackend

from ..errors import ServiceError, denied
from .extend import extend
from .s3 import check_tags


def install() -> None:
    for operation in ("list_tags_for_resource", "tag_resource", "untag_resource"):
        _on_existing_bucket(operation)


def _on_existing_bucket(operation: str) -> None:
    @extend(S3ControlBackend, operation)
    def method(original: Any, self: Any, resource_arn: str, *args: Any, **kwargs: Any) -> Any:
        # moto tags whatever it is told to, also a bucket that does not exist or is another account's.
        name = resource_arn.rpartition(":")[2]
        owner = s3_backends.bucket_accounts.get(name)
        if resource_arn.startswith(f"arn:{self.partition}:s3:::") and "/" not in name:
            if owner is None:
                raise ServiceError("NoSuchResource", "The specified resource doesn't exist.")
            if owner[1] != self.account_id:
                raise denied()
            if operation == "tag_resource":
                check_tags(kwargs["tags"] if "tags" in kwargs else args[0])
        return original(self, resource_arn, *args, **kwargs)
