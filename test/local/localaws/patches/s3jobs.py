"""S3 Batch Operations, as far as the life of a job goes: created, described, cancelled.

A job of the local AWS changes no object. It comes one status further each time somebody asks for it, and so ends.
"""

import re
import threading
import uuid
from typing import Any

from moto.core.responses import ActionResult
from moto.iam import policy_validation
from moto.iam.models import iam_backends
from moto.s3.models import s3_backends
from moto.s3control import urls
from moto.s3control.models import S3ControlBackend
from moto.s3control.responses import S3ControlResponse

from ..errors import ServiceError
from .extend import add, extend

_WAY = ["New", "Preparing", "Ready", "Active", "Complete"]
_ENDED = {"Complete", "Cancelled", "Failed"}
_KEY_ARN = re.compile(r"arn:[a-z-]+:kms:[a-z0-9-]+:\d{12}:key/.+")
_lock = threading.Lock()


def install() -> None:
    for path in ("/v20180820/jobs", "/v20180820/jobs/<name>", "/v20180820/jobs/<name>/status"):
        urls.url_paths[path] = S3ControlResponse.dispatch
        urls.url_paths["{0}" + re.sub("<name>", "(?P<name>[^/]+)", path) + "$"] = S3ControlResponse.dispatch
    # moto's IAM takes no region in a resource of S3 but an access point's; jobs have one, too.
    policy_validation.SERVICE_TYPE_REGION_INFORMATION_ERROR_ASSOCIATIONS["s3"]["valid_starting_values"].append("job/")
    _backend()
    _operations()


def _backend() -> None:
    @extend(S3ControlBackend, "__init__")
    def init(original: Any, self: Any, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        self.jobs: dict[str, dict[str, Any]] = {}


def _operations() -> None:
    @add(S3ControlResponse)
    def create_job(self: Any) -> ActionResult:
        names = ("Operation", "ManifestGenerator", "Report", "Priority", "RoleArn", "Description", "Tags")
        asked = {name: self._get_param(name) for name in names}
        _check(asked, self.current_account, self.partition)
        token = self._get_param("ClientRequestToken")
        with _lock:
            for job in self.backend.jobs.values():
                if job["token"] == token:
                    if job["asked"] != asked:
                        raise ServiceError("IdempotencyException", "The token was used for another job.")
                    return ActionResult({"JobId": job["id"]})
            job = {"id": str(uuid.uuid4()), "token": token, "asked": asked, "region": self.region, "status": "New"}
            self.backend.jobs[job["id"]] = job
        return ActionResult({"JobId": job["id"]})

    @add(S3ControlResponse)
    def describe_job(self: Any) -> ActionResult:
        with _lock:
            job = _job(self)
            described = {**job["asked"], "JobId": job["id"], "Status": job["status"], "FailureReasons": []}
            if job["status"] in _WAY[:-1]:
                job["status"] = _WAY[_WAY.index(job["status"]) + 1]
        tasks = {"TotalNumberOfTasks": 0, "NumberOfTasksSucceeded": 0, "NumberOfTasksFailed": 0}
        return ActionResult({"Job": {**described, "ProgressSummary": tasks}})

    @add(S3ControlResponse)
    def update_job_status(self: Any) -> ActionResult:
        wanted = self._get_param("RequestedJobStatus")
        with _lock:
            job = _job(self)
            if job["status"] in _ENDED or wanted != "Cancelled":
                raise ServiceError("JobStatusException", f"The job is {job['status']} and cannot become {wanted}.")
            job["status"] = "Cancelled"
        return ActionResult({"JobId": job["id"], "Status": "Cancelled"})


def _job(response: Any) -> dict[str, Any]:
    job = response.backend.jobs.get(response._get_param("JobId"))
    if job is None or job["region"] != response.region:
        raise ServiceError("NotFoundException", "The specified job does not exist.")
    return job


def _check(asked: dict[str, Any], account: str, partition: str) -> None:
    """What of a request cannot be: https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_CreateJob.html"""
    sse = asked["Operation"].get("S3UpdateObjectEncryption", {}).get("ObjectEncryption", {}).get("SSEKMS", {})
    if not _KEY_ARN.fullmatch(sse.get("KMSKeyArn", "")):
        raise ServiceError("BadRequestException", "Another kind of operation, or a key not named by its ARN.")
    generator = (asked["ManifestGenerator"] or {}).get("S3JobManifestGenerator", {})
    for place, of in (("list", generator.get("SourceBucket", "")), ("report", asked["Report"].get("Bucket", ""))):
        if s3_backends.bucket_accounts.get(of.rpartition(":")[2], ("", ""))[1] != account:
            raise ServiceError("BadRequestException", f"The bucket for the {place}, {of}, is none of this account.")
    if len(generator.get("Filter", {}).get("MatchAnyObjectEncryption", [None])) != 1:
        raise ServiceError("BadRequestException", "MatchAnyObjectEncryption takes one encryption.")
    roles = {role.arn: role for role in list(iam_backends[account][partition].roles.values())}
    role = roles.get(asked["RoleArn"])
    if role is None or "batchoperations.s3.amazonaws.com" not in str(role.assume_role_policy_document):
        raise ServiceError("BadRequestException", f"S3 Batch Operations cannot assume {asked['RoleArn']}.")
