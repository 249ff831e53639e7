"""Errors of S3 with the HTTP status that AWS gives them. moto looks it up in a model that lacks most of them."""

from typing import Any

from moto.core.responses import ActionResult, BaseResponse

from .extend import extend

# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
_STATUS = {
    "AccessDenied": 403,
    "BucketAlreadyExists": 409,
    "BucketAlreadyOwnedByYou": 409,
    "BucketNotEmpty": 409,
    "InvalidAccessKeyId": 403,
    "NoSuchBucket": 404,
    "NoSuchBucketPolicy": 404,
    "NoSuchResource": 404,
}


def install() -> None:
    @extend(BaseResponse, "serialized")
    def serialized(original: Any, self: Any, action_result: ActionResult) -> Any:
        status, headers, body = original(self, action_result)
        error = action_result.result
        if isinstance(error, Exception) and self.service_name in ("s3", "s3control"):
            status = _STATUS.get(getattr(error, "code", ""), status)
        return status, headers, body
