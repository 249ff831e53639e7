"""Decides requests for S3's data with the project's own evaluator, `sharedbucket simulate -`.

moto knows neither key policies nor conditions nor the rules across accounts. The evaluator does, and says why.
"""

import json
import subprocess
import sys
import threading
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote

from moto.s3.exceptions import S3ClientError
from moto.s3.models import s3_backends

from . import principals, scenario
from .principals import Principal


@dataclass(frozen=True)
class Ask:
    """What to ask the evaluator for an S3 operation."""

    operation: str
    only_s3: bool = False  # the operation touches no data, so that what KMS says does not matter


# The evaluator's operations for those of S3's API. The second column is for evaluators that do not know the first.
_WRITE_PART = (Ask("MultipartUpload"),)
_OPERATIONS: dict[str, tuple[Ask, ...]] = {
    "AbortMultipartUpload": (Ask("AbortMultipartUpload"), Ask("PutObject", only_s3=True)),
    "CompleteMultipartUpload": _WRITE_PART,
    "CopyObject": (Ask("PutObject"),),
    "CreateMultipartUpload": (Ask("PutObject"),),
    "DeleteObject": (Ask("DeleteObject"),),
    "DeleteObjectTagging": (Ask("DeleteObjectTagging"), Ask("PutObject", only_s3=True)),
    "DeleteObjectVersion": (Ask("DeleteObjectVersion"),),
    "GetBucketLocation": (Ask("GetBucketLocation"),),
    "GetObject": (Ask("GetObject"),),
    "GetObjectAttributes": (Ask("GetObjectAttributes"), Ask("GetObject")),
    "GetObjectTagging": (Ask("GetObjectTagging"),),
    "GetObjectVersion": (Ask("GetObjectVersion"),),
    "HeadBucket": (Ask("ListBucket"),),
    "HeadObject": (Ask("HeadObject"),),
    "ListMultipartUploads": (Ask("ListMultipartUploads"), Ask("ListBucket")),
    "ListObjectVersions": (Ask("ListObjectVersions"), Ask("ListBucket")),
    "ListObjects": (Ask("ListBucket"),),
    "ListObjectsV2": (Ask("ListBucket"),),
    "ListParts": (Ask("ListParts"), Ask("PutObject", only_s3=True)),
    "PutObject": (Ask("PutObject"),),
    "PutObjectTagging": (Ask("PutObjectTagging"), Ask("PutObject", only_s3=True)),
    "UploadPart": _WRITE_PART,
    "UploadPartCopy": _WRITE_PART,
}
_VERSIONED = {"GetObject": "GetObjectVersion", "HeadObject": "GetObjectVersion", "DeleteObject": "DeleteObjectVersion"}
_ON_BUCKETS = {
    "GetBucketLocation", "HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2",
}  # fmt: skip
_READS = {"GetObject", "HeadObject", "GetObjectAttributes"}


class InvalidAccessKeyId(S3ClientError):
    code = "InvalidAccessKeyId"

    def __init__(self) -> None:
        super().__init__("The AWS Access Key Id you provided does not exist in our records.")


def start(path: str) -> "Authorizer":
    return Authorizer(path)


class Authorizer:
    """One evaluator process, asked a line at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._known = self._find_known()
        self._process = subprocess.Popen(
            [path, "simulate", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def refusal(self, operation: str, response: Any, request: Any, key: str | None = None) -> str | None:
        """Why a request is denied, or None when it is not. ``response`` is moto's object for the request."""
        principal = principals.of_request(request.environ)
        if principal.kind == "unknown":
            raise InvalidAccessKeyId()
        query = dict(request.args.items())
        if key is None:
            key = "" if operation in _ON_BUCKETS else response.parse_key_name()
        if query.get("versionId") and operation in _VERSIONED:
            operation = _VERSIONED[operation]
        bucket = response.backend.get_bucket(response.bucket_name)
        wanted = scenario.Wanted(operation, bucket, key, query, request.headers, principal)
        reason = self._ask(wanted)
        if reason is None and operation in ("CopyObject", "UploadPartCopy"):
            reason = self._source(response, request, principal)
        if reason is None and operation in _READS and scenario.stored(bucket, key, None) is None:
            # Whether a key exists is told only to those who may list.
            listing = scenario.Wanted("ListObjectsV2", bucket, "", {"prefix": key}, {}, principal)
            reason = self._ask(listing)
        return reason

    def _source(self, response: Any, request: Any, principal: Principal) -> str | None:
        """What a copy reads. The source may be percent-encoded as a whole, its slash too."""
        path, _, query = request.headers["x-amz-copy-source"].partition("?")
        name, _, key = unquote(path).lstrip("/").partition("/")
        version = dict(parse_qsl(query)).get("versionId", "")
        if name not in s3_backends.bucket_accounts:
            return f"{principal.arn} cannot copy from {name}: there is no such bucket"
        bucket = response.backend.get_bucket(name)
        operation = "GetObjectVersion" if version else "GetObject"
        query = {"versionId": version} if version else {}
        return self._ask(scenario.Wanted(operation, bucket, key, query, {}, principal))

    def _ask(self, wanted: scenario.Wanted) -> str | None:
        ask = next(ask for ask in _OPERATIONS[wanted.operation] if ask.operation in self._known)
        line = json.dumps(scenario.build(wanted, ask.operation), ensure_ascii=False).encode() + b"\n"
        with self._lock:
            self._process.stdin.write(line)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            answer = self._process.stdout.readline()  # type: ignore[union-attr]
        if not answer:
            raise RuntimeError(f"{self._path} simulate ended with status {self._process.poll()} on: {line.decode()}")
        decision = json.loads(answer)["decisions"][0]
        if decision["s3" if ask.only_s3 else "overall"] == "allow":
            return None
        reasons = [
            reason["text"]
            for reason in decision["reasons"]
            if reason["verdict"] != "allow" and not (ask.only_s3 and reason["check"] == "kms")
        ]
        resource = f"{wanted.bucket.arn}/{wanted.key}" if wanted.key else wanted.bucket.arn
        return (
            f"User: {wanted.principal.arn} is not authorized to perform: s3:{ask.operation} on {resource}: "
            + "; ".join(reasons)
        )

    def _find_known(self) -> set[str]:
        """Which operations this evaluator knows: it leaves out lines with others, which must not happen later."""
        names = sorted({ask.operation for asks in _OPERATIONS.values() for ask in asks})
        lines = "".join(json.dumps(scenario.probe(name)) + "\n" for name in names)
        done = subprocess.run(
            [self._path, "simulate", "-"], input=lines, capture_output=True, text=True, check=False, timeout=60
        )
        known = {json.loads(line)["id"] for line in done.stdout.splitlines()}
        missing = {ask.operation for (*_, ask) in _OPERATIONS.values()} - known
        if missing:
            raise RuntimeError(f"{self._path} simulate does not know {sorted(missing)}: {done.stderr.strip()}")
        return known
