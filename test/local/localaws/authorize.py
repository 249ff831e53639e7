"""Decides calls with the project's own evaluator, `sharedbucket simulate -`.

moto knows neither key policies nor conditions nor the rules across accounts. The evaluator does, and says why. What a
call of the control plane asks for is in ``calls``; requests for S3's data are here.
"""

import json
import subprocess
import sys
import threading
from collections import Counter
from typing import Any

from moto.s3.exceptions import S3ClientError

from . import calls, operations, principals, scenario
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
_ON_BUCKETS = {
    "GetBucketLocation", "HeadBucket", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2",
}  # fmt: skip
_READS = {"GetObject", "HeadObject", "GetObjectAttributes"}


class InvalidAccessKeyId(S3ClientError):
    code = "InvalidAccessKeyId"

    def __init__(self) -> None:
        super().__init__("The AWS Access Key Id you provided does not exist in our records.")


class Authorizer:
    """One evaluator process, asked a line at a time."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._needed: Counter[tuple[str, str]] = Counter()
        self._process = subprocess.Popen(
            [path, "simulate", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=sys.stderr
        )

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def needed(self) -> list[dict[str, Any]]:
        """Which statements of identity policies let how many requests through, by role or user."""
        with self._lock:
            found = list(self._needed.items())
        return [{"principal": arn, "statement": sid, "requests": count} for (arn, sid), count in found]

    # The control plane.

    def call_refusal(self, environ: dict[str, Any]) -> str | None:
        """Why a call is denied, or None when it is not."""
        call = operations.describe(environ)
        if call.service not in calls.SERVICES or (call.service == "s3" and call.operation in operations.S3_DATA):
            return None
        principal = principals.of_request(environ)
        if principal.account is None or principal.kind == "unknown":
            return f"{call.service}:{call.operation} needs credentials that exist, not those of {principal.arn}"
        questions = list(calls.questions(environ, principal))
        asked = [scenario.of_call(question, principal, call.region) for question in questions]
        for question, decision in zip(questions, self._decide(asked, principal), strict=True):
            if decision["overall"] != "allow":
                return _refusal(principal, question.action, question.resource, decision)
        return None

    # S3's data.

    def refusal(self, operation: str, response: Any, request: Any, key: str | None = None) -> str | None:
        """Why a request for data is denied, or None when it is not. ``response`` is moto's object for the request."""
        principal = principals.of_request(request.environ)
        if principal.kind == "unknown":
            raise InvalidAccessKeyId()
        query = dict(request.args.items())
        if key is None:
            key = "" if operation in _ON_BUCKETS else response.parse_key_name()
        if operation in _UNDECIDED or "x-amz-tagging" in request.headers:
            return f"{operation} with what it asks for is not decided by the local AWS, and so not allowed"
        if query.get("versionId"):
            operation = _VERSIONED.get(operation, operation)
        bucket = response.backend.get_bucket(response.bucket_name)
        wanted = [scenario.Wanted(operation, bucket, key, query, request.headers, principal)]
        if operation in _READS and scenario.stored(bucket, key, None) is None:
            # Whether a key exists is told only to those who may list.
            wanted.append(scenario.Wanted("ListObjectsV2", bucket, "", {"prefix": key}, {}, principal))
        asked = [scenario.of_data(one) for one in wanted]
        for one, decision in zip(wanted, self._decide(asked, principal), strict=True):
            if decision["overall"] != "allow":
                resource = f"{one.bucket.arn}/{one.key}" if one.key else one.bucket.arn
                denied = next(reason for reason in decision["reasons"] if reason["verdict"] != "allow")
                return _refusal(principal, denied["action"], resource, decision)
        return None

    def _decide(self, asked: list[dict[str, Any]], principal: Principal) -> list[dict[str, Any]]:
        """One decision for each scenario, all of them in one go."""
        lines = "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in asked).encode()
        with self._lock:
            self._process.stdin.write(lines)  # type: ignore[union-attr]
            self._process.stdin.flush()  # type: ignore[union-attr]
            answers = [self._process.stdout.readline() for _ in asked]  # type: ignore[union-attr]
            if not all(answers):
                status = self._process.poll()
                raise RuntimeError(f"{self._path} simulate ended with status {status} on: {lines.decode()}")
            decisions = [json.loads(answer)["decisions"][0] for answer in answers]
            who = principal.role_arn or principal.arn
            self._needed.update(
                (who, reason["statement"])
                for decision in decisions
                for reason in decision["reasons"]
                if reason["verdict"] == "allow" and reason["layer"] == "identity"
            )
        return decisions


def _refusal(principal: Principal, action: str, resource: str, decision: dict[str, Any]) -> str:
    reasons = "; ".join(reason["text"] for reason in decision["reasons"] if reason["verdict"] != "allow")
    return f"User: {principal.arn} is not authorized to perform: {action} on resource: {resource}: {reasons}"
