"""S3: whose bucket it is, today's defaults of new buckets, default encryption, bucket policies."""

import base64
import hashlib
import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import Any

from moto.core.responses import ActionResult, BaseResponse
from moto.iam.access_control import PermissionResult
from moto.s3.exceptions import BucketAlreadyOwnedByYou, MalformedXML, S3ClientError
from moto.s3.models import FakeBucket, FakeDeleteMarker, FakeKey, PublicAccessBlock, S3Backend, s3_backends
from moto.s3.responses import S3Response

from .. import internal, operations, policies
from ..authorize import Authorizer
from ..encryption import blocked, check_usable, effective_encryption, sse_s3
from ..errors import S3Error, denied
from .extend import extend

_LARGEST_POLICY = 20480

# Held while a bucket is created: of two who do so at once, the second one finds it.
_creating = threading.Lock()


# moto looks the HTTP status of errors up in a model that lacks most of them.
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


def install(authorizer: Authorizer | None) -> None:
    _statuses()
    _gate(authorizer)
    _moto_checks_nothing()
    _defaults_of_new_buckets()
    _encryption()
    _encryption_configuration()
    _bucket_policy()
    _unknown_reads()
    _checksums()
    _names()
    _tags()
    _delete_objects(authorizer)
    _listing_of_versions()


def _statuses() -> None:
    @extend(BaseResponse, "serialized")
    def serialized(original: Any, self: Any, action_result: ActionResult) -> Any:
        status, headers, body = original(self, action_result)
        error = action_result.result
        if isinstance(error, Exception) and self.service_name in ("s3", "s3control"):
            status = _STATUS.get(getattr(error, "code", ""), status)
        return status, headers, body


def _gate(authorizer: Authorizer | None) -> None:
    """What S3 asks of any request: is this the bucket's expected owner, and does he ask for what only he may?"""

    def check(response: Any, request: Any) -> Any:
        bucket = response.bucket_name
        owner = s3_backends.bucket_accounts.get(bucket, ("", ""))[1]
        if not owner:
            return None  # the operation itself says that there is no such bucket, or makes it
        operation = operations.describe(request.environ).operation
        expected = request.headers.get("x-amz-expected-bucket-owner")
        if expected and expected != owner:
            raise denied()
        if operation == "CreateBucket" or internal.is_internal(request.environ):
            return None
        shared = operations.S3_DATA if authorizer else operations.S3_DATA - {"HeadBucket"}
        if operation not in shared and owner != response.current_account:
            raise denied()
        return None

    def gated(original: Any, self: Any, request: Any, full_url: str) -> Any:
        try:
            check(self, request)
        except S3ClientError as error:
            if request.method == "HEAD":
                # A HEAD answer has no body, so that clients see a bare status.
                return 403, {}, ""
            return self.serialized(ActionResult(error))
        return original(self, request, full_url)

    extend(S3Response, "_bucket_response")(gated)
    extend(S3Response, "_key_response")(gated)


def _moto_checks_nothing() -> None:
    @extend(FakeBucket, "get_permission")
    def get_permission(original: Any, self: Any, action: str, resource: str) -> Any:
        # moto applies a bucket policy's Deny to everybody, conditions or not: one on requests without TLS, or on
        # other keys, would close the bucket. Whoever wants policies evaluated starts with an authorizer.
        return PermissionResult.PERMITTED


def _defaults_of_new_buckets() -> None:
    """Since April 2023: public access blocked, ACLs off, SSE-S3. Since April 2026: SSE-C blocked."""

    @extend(FakeBucket, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.public_access_block = PublicAccessBlock("true", "true", "true", "true")
        self.ownership_rule = "BucketOwnerEnforced"
        self.encryption = sse_s3()

    @extend(S3Backend, "delete_bucket_encryption")
    def delete(original: Any, self: Any, bucket_name: str) -> None:
        # There is no bucket without encryption: this goes back to SSE-S3.
        self.get_bucket(bucket_name).encryption = sse_s3()

    @extend(S3Response, "_bucket_response_put")
    def put(original: Any, self: Any, request: Any, bucket_name: str, querystring: Any) -> Any:
        call = operations.describe(request.environ)
        if call.operation != "CreateBucket":
            return original(self, request, bucket_name, querystring)
        # The bucket never exists without its tags, nor with bad ones.
        given = call.parameters.get("CreateBucketConfiguration", {}).get("Tags", [])
        tags = [{"Value": "", **tag} for tag in given]
        check_tags(tags)
        with _creating:
            existed = bucket_name in s3_backends.bucket_accounts
            if existed and tags and s3_backends.bucket_accounts[bucket_name][1] == self.current_account:
                # Also in us-east-1, where a request without tags succeeds as if there had been none before.
                raise BucketAlreadyOwnedByYou(bucket_name=bucket_name)
            if existed:
                return original(self, request, bucket_name, querystring)
            # Before the bucket: nobody may see it without its tags.
            arn, tagger = f"arn:{self.backend.partition}:s3:::{bucket_name}", self.backend.tagger
            tagger.tag_resource(arn, tags)
            try:
                return original(self, request, bucket_name, querystring)
            finally:
                if bucket_name not in self.backend.buckets:
                    tagger.delete_all_tags_for_resource(arn)


def _tags() -> None:
    @extend(S3Backend, "put_bucket_tagging")
    def put(original: Any, self: Any, bucket_name: str, tags: dict[str, str]) -> None:
        tags = {key: value or "" for key, value in tags.items()}
        check_tags([{"Key": key, "Value": value} for key, value in tags.items()])
        original(self, bucket_name, tags)


def check_tags(tags: list[dict[str, str]]) -> None:
    """Letters, digits and spaces of any script, and some signs; a comma is not among them."""
    for tag in tags:
        key, value = tag["Key"], tag["Value"]
        if not 0 < len(key) <= 128 or not all(map(_is_tag_letter, key)) or key.lower().startswith("aws:"):
            raise S3Error("InvalidTag", f"The TagKey you have provided is invalid: {key}")
        if len(value) > 256 or not all(map(_is_tag_letter, value)):
            raise S3Error("InvalidTag", f"The TagValue you have provided is invalid: {value}")
    if len({tag["Key"] for tag in tags}) != len(tags):
        raise S3Error("InvalidTag", "Cannot provide multiple Tags with the same key")


def _is_tag_letter(letter: str) -> bool:
    return unicodedata.category(letter)[0] in "LN" or unicodedata.category(letter) == "Zs" or letter in "_.:/=+-@"


def _encryption() -> None:
    """Default encryption as S3 applies it: only to requests that say nothing about encryption themselves."""

    @extend(S3Backend, "put_object")
    def put_object(original: Any, self: Any, bucket_name: str, key_name: str, *args: Any, **kwargs: Any) -> Any:
        bucket = self.get_bucket(bucket_name)
        asked, named = kwargs.pop("encryption", None), kwargs.pop("kms_key_id", None)
        bucket_key = kwargs.pop("bucket_key_enabled", None)
        algorithm, key, bucket_key = effective_encryption(bucket, asked, named, bucket_key, self.account_id)
        check_usable(key)
        made = original(self, bucket_name, key_name, *args, encryption=algorithm, **kwargs)
        made.encryption, made.kms_key_id, made.bucket_key_enabled = algorithm, key, bucket_key
        return made

    @extend(S3Backend, "create_multipart_upload")
    def create_multipart(original: Any, self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        upload = original(self, bucket_name, *args, **kwargs)
        upload.sse_encryption, upload.kms_key_id, _ = effective_encryption(
            self.get_bucket(bucket_name), upload.sse_encryption, upload.kms_key_id, None, self.account_id
        )
        return upload

    @extend(S3Response, "_key_response_put")
    def put(original: Any, self: Any, query: Any, key_name: str) -> Any:
        if self.headers.get("x-amz-server-side-encryption-customer-algorithm"):
            rule = (self.backend.get_bucket(self.bucket_name).encryption or sse_s3())["Rule"]
            if "SSE-C" in blocked(rule):
                raise denied("Server-side encryption with customer-provided keys is blocked for this bucket")
        return original(self, query, key_name)

    @extend(S3Response, "get_object")
    def get_object(original: Any, self: Any) -> Any:
        answer = original(self)
        check_usable(answer[1].get("x-amz-server-side-encryption-aws-kms-key-id"))
        return answer

    @extend(S3Response, "head_object")
    def head_object(
        original: Any, self: Any, bucket_name: str, query: dict[str, Any], *args: Any, **kwargs: Any
    ) -> Any:
        if query.get("versionId") == ["null"] and not self.backend.get_bucket(bucket_name).is_versioned:
            query = {**query, "versionId": [None]}  # moto knows no version there
        answer = original(self, bucket_name, query, *args, **kwargs)
        check_usable(answer[1].get("x-amz-server-side-encryption-aws-kms-key-id"))
        return answer


def _encryption_configuration() -> None:
    @extend(S3Response, "get_bucket_encryption")
    def get_encryption(original: Any, self: Any) -> Any:
        # moto leaves out which kinds of encryption are blocked.
        self.data["Action"] = "GetBucketEncryption"
        rule = self.backend.get_bucket_encryption(self.bucket_name)["Rule"]
        described = {
            "ApplyServerSideEncryptionByDefault": rule["ApplyServerSideEncryptionByDefault"],
            "BucketKeyEnabled": str(rule.get("BucketKeyEnabled", "false")).lower() == "true",
        }
        if blocked(rule):
            described["BlockedEncryptionTypes"] = {"EncryptionType": blocked(rule)}
        return self.serialized(ActionResult({"ServerSideEncryptionConfiguration": {"Rules": [described]}}))


def _bucket_policy() -> None:
    """A stored bucket policy is well-formed, about this bucket, small enough, and not public when that is blocked."""

    @extend(S3Backend, "put_bucket_policy")
    def put_policy(original: Any, self: Any, bucket_name: str, policy: bytes) -> None:
        bucket = self.get_bucket(bucket_name)
        try:
            document = policies.parse(policy, principals=True, partition=bucket.partition)
            policies.check_conditions(document)
            policies.check_resources(document)
        except policies.Malformed as error:
            raise S3Error("MalformedPolicy", str(error)) from None
        if len(policies.compact(policy).encode()) > _LARGEST_POLICY:
            raise S3Error("MalformedPolicy", "Policy exceeds the maximum allowed document size.")
        if any(
            not _is_about(resource, bucket.arn) for one in document["Statement"] for resource in one.get("Resource", [])
        ):
            raise S3Error("MalformedPolicy", "Policy has invalid resource")
        block = bucket.public_access_block
        if block and str(block.block_public_policy).lower() == "true" and policies.is_public(document):
            raise denied()
        original(self, bucket_name, policy)


def _unknown_reads() -> None:
    @extend(S3Response, "list_objects")
    def list_objects(original: Any, self: Any) -> Any:
        # moto takes every GET on a bucket that it does not know for a listing.
        operation = operations.describe(self.request.environ).operation
        if operation != "ListObjects":
            raise NotImplementedError(f"{operation} is not part of the local AWS")
        return original(self)


_CHECKSUM_HEADER = re.compile(r"x-amz-checksum-(sha256|sha1|crc32|crc32c|crc64nvme)", re.IGNORECASE)


def _checksums() -> None:
    @extend(S3Response, "_get_checksum")
    def get_checksum(original: Any, self: Any, response_headers: dict[str, Any]) -> tuple[str, str | None]:
        """A checksum is kept also when the client computed it itself, and names no algorithm beside it."""
        given = next((found for name, _ in self.headers.items() if (found := _CHECKSUM_HEADER.fullmatch(name))), None)
        if given is None:
            return original(self, response_headers)
        algorithm, value = given[1].upper(), self.headers[given[0]]
        if algorithm in ("SHA256", "SHA1"):
            digest = hashlib.new(algorithm.lower(), self.body or b"").digest()
            if base64.b64encode(digest).decode() != value:
                raise S3Error("BadDigest", f"The {algorithm} you specified did not match the calculated checksum.")
        response_headers[given[0].lower()] = value
        return algorithm, value


def _is_about(resource: str, bucket_arn: str) -> bool:
    return resource == bucket_arn or resource.startswith(bucket_arn + "/") or "*" in resource.partition("/")[0]


def _names() -> None:
    @extend(S3Backend, "create_bucket")
    def create(original: Any, self: Any, bucket_name: str, *args: Any, **kwargs: Any) -> Any:
        # moto only checks the length.
        good = re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", bucket_name) and ".." not in bucket_name
        if not good or re.fullmatch(r"\d+\.\d+\.\d+\.\d+", bucket_name):
            raise S3Error("InvalidBucketName", "The specified bucket is not valid.")
        return original(self, bucket_name, *args, **kwargs)


def _delete_objects(authorizer: Authorizer | None) -> None:
    @extend(S3Response, "_bucket_response_delete_keys")
    def delete(original: Any, self: Any, bucket_name: str, authenticated: bool = True) -> Any:
        """At most 1,000 keys a request, each decided by itself."""
        objects = operations.describe(self.request.environ).parameters.get("Delete", {}).get("Objects", [])
        if not 0 < len(objects) <= 1000:
            raise MalformedXML()
        allowed, errors = [], []
        for item in objects:
            operation, refusal = "DeleteObjectVersion" if item.get("VersionId") else "DeleteObject", None
            if authorizer and not internal.is_internal(self.request.environ):
                refusal = authorizer.refusal(self.request.environ, operation, item["Key"])
            if refusal:
                errors.append({"Key": item["Key"], "Code": refusal[0], "Message": refusal[1]})
            else:
                allowed.append(item)
        bypass = self.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
        deleted, locked = self.backend.delete_objects(bucket_name, allowed, bypass)
        errors += [{"Key": key, "Code": "AccessDenied", "Message": "Protected by object lock."} for key in locked]
        names = ("Key", "VersionId", "DeleteMarkerVersionId", "DeleteMarker")
        answers = [dict(zip(names, (*one, one[2] and True), strict=True)) for one in deleted]
        self.data["Action"] = "DeleteObjects"
        return self.serialized(ActionResult({"Deleted": answers, "Errors": errors}))


def _listing_of_versions() -> None:
    @extend(S3Backend, "list_object_versions")
    def list_object_versions(
        _: Any,
        self: Any,
        bucket_name: str,
        *,
        delimiter: str | None = None,
        key_marker: str | None = None,
        max_keys: int = 1000,
        prefix: str = "",
        version_id_marker: str | None = None,
    ) -> Any:
        """A marker is a place, whether there is such a key or version or not: what comes after it is listed.

        moto skips what lies at the marker, fails when a key is deleted meanwhile, and copies the bucket for each page.
        """
        found: dict[tuple[str, str], Any] = {}
        for key, version in _behind(self.get_bucket(bucket_name), prefix, key_marker or "", version_id_marker):
            head, cut, _ = key[len(prefix) :].partition(delimiter) if delimiter else ("", "", "")
            if not cut:
                found[key, version.version_id or "null"] = version
            elif prefix + head + cut > (key_marker or ""):
                found[prefix + head + cut, ""] = None
        page = list(found.items())[:max_keys]
        versions = [version for _, version in page if isinstance(version, FakeKey)]
        markers = [version for _, version in page if isinstance(version, FakeDeleteMarker)]
        prefixes = [name for (name, _), version in page if version is None]
        last, last_version = page[-1][0] if page and len(found) > max_keys else (None, None)
        return versions, prefixes, markers, last, last_version or None


def _behind(bucket: Any, prefix: str, marker: str, version_marker: str | None) -> Iterator[tuple[str, Any]]:
    """The versions after a place, by key, the latest first."""
    for key in sorted(name for name in list(bucket.keys) if name.startswith(prefix) and name >= marker):
        versions = list(reversed(bucket.keys.getlist(key) or []))
        for version in versions:
            version.is_latest = version is versions[0]
        if key == marker:
            ids = [version.version_id or "null" for version in versions]
            # All of them, when none is named; of a version that is gone, nobody knows what came before it.
            begin = ids.index(version_marker) + 1 if version_marker in ids else 0 if version_marker else len(ids)
            versions = versions[begin:]
        yield from ((key, version) for version in versions)
