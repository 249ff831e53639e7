"""What a request for S3's data asks for: the evaluator's operation, on which object under which key."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from moto.s3.models import FakeDeleteMarker, s3_backends

from . import keys, operations
from .calls import Question
from .encryption import effective_encryption
from .principals import Principal

# The evaluator's names are those of S3's API, but for what a versionId makes of them.
_VERSIONED = {
    "DeleteObject": "DeleteObjectVersion",
    "DeleteObjectTagging": "DeleteObjectVersionTagging",
    "GetObject": "GetObjectVersion",
    "GetObjectAttributes": "GetObjectVersionAttributes",
    "GetObjectTagging": "GetObjectVersionTagging",
    "HeadObject": "GetObjectVersion",
    "PutObjectTagging": "PutObjectVersionTagging",
}
# Two requests in one.
_UNDECIDED = {"CopyObject", "UploadPartCopy"}
_READS = {"GetObject", "HeadObject", "GetObjectAttributes"}
_PUTS = ("PutObject", "CreateMultipartUpload")

# Parts of an upload create no object: a condition that wants If-None-Match must be able to spare them.
_CREATES = {
    **dict.fromkeys(("PutObject", "CompleteMultipartUpload"), "true"),
    **dict.fromkeys(("CreateMultipartUpload", "UploadPart"), "false"),
}

# Request headers and parameters of queries that S3 makes condition keys of, when the client sent them.
# https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
_HEADERS = (
    "if-match", "if-none-match", "x-amz-acl", "x-amz-content-sha256", "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id", "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-storage-class", "x-amz-website-redirect-location",
)  # fmt: skip
_QUERY = {"Prefix": "s3:prefix", "Delimiter": "s3:delimiter", "MaxKeys": "s3:max-keys", "VersionId": "s3:VersionId"}


class Undecided(Exception):
    """A request that the evaluator cannot be asked about."""


@dataclass(frozen=True)
class _Request:
    operation: str
    bucket: Any
    key: str
    given: dict[str, Any]  # the request's parameters
    environ: dict[str, Any]
    principal: Principal


def questions(environ: dict[str, Any], operation: str, key: str, principal: Principal) -> Iterator[Question]:
    """``key`` is that of the path unless it is given."""
    given = operations.describe(environ).parameters
    if given["Bucket"] not in s3_backends.bucket_accounts:
        return  # the request itself says that there is no such bucket
    partition, owner = s3_backends.bucket_accounts[given["Bucket"]]
    bucket, key = s3_backends[owner][partition].buckets[given["Bucket"]], key or given.get("Key", "")
    if operation in _UNDECIDED or "HTTP_X_AMZ_TAGGING" in environ:
        raise Undecided(f"{operation} with what it asks for is not decided by the local AWS, and so not allowed")
    if given.get("VersionId"):
        operation = _VERSIONED.get(operation, operation)
    yield _question(_Request(operation, bucket, key, given, environ, principal))
    if operation in _READS and _stored(bucket, key, None) is None:
        # Whether a key exists is told only to those who may list.
        yield _question(_Request("ListObjectsV2", bucket, "", {"Prefix": key}, {}, principal))


def _question(wanted: _Request) -> Question:
    algorithm, arn, bucket_key = _encryption(wanted)
    key = keys.find(arn) if algorithm.startswith("aws:kms") and arn else None
    resource = f"{wanted.bucket.arn}/{wanted.key}" if wanted.key else wanted.bucket.arn
    of_object = {"object_key": wanted.key, "bucket_key": bucket_key}
    return Question(wanted.operation, resource, _context(wanted), wanted.bucket.name, key, **of_object)


def _stored(bucket: Any, key: str, version: str | None) -> Any:
    """The object that a request is about, if there is one."""
    versions = [one for one in bucket.keys.getlist(key, []) if version in (None, one.version_id)]
    return None if not versions or isinstance(versions[-1], FakeDeleteMarker) else versions[-1]


def _encryption(wanted: _Request) -> tuple[str, str | None, bool]:
    """Cipher, key and bucket key of the object to be read or written."""
    bucket, requester = wanted.bucket, wanted.principal.account or wanted.bucket.account_id
    upload = bucket.multiparts.get(wanted.given.get("UploadId", ""))
    if upload:
        default = effective_encryption(bucket, None, None, None, requester)
        return upload.sse_encryption, upload.kms_key_id, default[2] == "true"
    found = None if wanted.operation in _PUTS else _stored(bucket, wanted.key, wanted.given.get("VersionId"))
    if found:
        return found.encryption or "AES256", found.kms_key_id, found.bucket_key_enabled == "true"
    given = wanted.given if wanted.operation in _PUTS else {}
    asked, named, with_bucket_key = map(given.get, ("ServerSideEncryption", "SSEKMSKeyId", "BucketKeyEnabled"))
    algorithm, key, bucket_key = effective_encryption(bucket, asked, named, with_bucket_key, requester)
    return algorithm, key, bucket_key == "true"


def _context(wanted: _Request) -> dict[str, Any]:
    sent = {header: wanted.environ.get(f"HTTP_{header.upper().replace('-', '_')}") for header in _HEADERS}
    context = {f"s3:{header}": value for header, value in sent.items() if value is not None}
    context |= {key: str(wanted.given[name]) for name, key in _QUERY.items() if name in wanted.given}
    if wanted.operation in _CREATES:
        context["s3:ObjectCreationOperation"] = _CREATES[wanted.operation]
    return {**context, "s3:ResourceAccount": wanted.bucket.account_id}
