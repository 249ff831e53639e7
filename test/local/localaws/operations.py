"""Which AWS operation an HTTP request is, and with which parameters: by moto's routers and parsers."""

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote

from moto.core.model import OperationModel
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import Request, determine_request_protocol
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model

_MODELS = {"tagging": "resourcegroupstaggingapi", "monitoring": "cloudwatch"}
_LONGEST_PARAMETER = 512

# Requests that bucket policies and identity policies of other accounts may allow. All others of S3 are for the owner
# only.
S3_DATA = {
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject",
    "DeleteObjectTagging", "DeleteObjects", "GetBucketLocation", "GetObject", "GetObjectAttributes", "GetObjectTagging",
    "HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2",
    "ListParts", "PutObject", "PutObjectTagging", "UploadPart", "UploadPartCopy",
}  # fmt: skip

# What a call is about, as the caller named it.
_NAMES = ("KeyId", "TargetKeyId", "RoleName", "UserName", "GroupName", "PolicyArn", "StackName", "FunctionName", "Name")


@dataclass(frozen=True)
class Described:
    service: str
    operation: str  # empty when the service has none like this
    region: str
    parameters: dict[str, Any]  # by their names in the model, also those of headers, path and query

    @cached_property
    def resource(self) -> str:
        if bucket := self.parameters.get("Bucket"):
            return "/".join([bucket, *filter(None, [self.parameters.get("Key")])])
        return next((str(self.parameters[name]) for name in _NAMES if self.parameters.get(name)), "")

    @cached_property
    def texts(self) -> dict[str, str]:
        """The scalar parameters, long ones cut."""
        scalars = {name: one for name, one in self.parameters.items() if isinstance(one, (str, int, float))}
        return {name: str(one)[:_LONGEST_PARAMETER] for name, one in scalars.items()}


def scope(environ: dict[str, Any]) -> tuple[str, str, str]:
    """Access key, region and signing name of a request, from its header or its presigned URL."""
    header = environ.get("HTTP_AUTHORIZATION", "")
    found = re.search(r"Credential=([^,\s]+)", header)
    credential = found.group(1) if found else ""
    if not credential and "X-Amz-Credential=" in environ.get("QUERY_STRING", ""):
        credential = dict(parse_qsl(environ["QUERY_STRING"])).get("X-Amz-Credential", "")
    parts = unquote(credential).split("/")
    return (parts[0], parts[2], parts[3].lower()) if len(parts) == 5 else ("", "", "")


def describe(environ: dict[str, Any]) -> Described:
    """What a request is; found out once."""
    if "localaws.described" not in environ:
        environ["localaws.described"] = _describe(environ)
    return environ["localaws.described"]


def _describe(environ: dict[str, Any]) -> Described:
    _, region, signing = scope(environ)
    service = signing or "s3"
    if service == "s3" and environ["PATH_INFO"].startswith("/v20180820/"):
        service = "s3control"
    request = Request(environ)
    try:
        operation, path = _match(request, _MODELS.get(service, service))
    except Exception:
        return Described(service, "", region, {})
    try:
        parsed = _parse(request, operation, path)
    except Exception:
        parsed = {}  # the service itself says what is wrong with it
    environ["wsgi.input"].seek(0)
    return Described(service, operation.name, region, {name: one for name, one in parsed.items() if one is not None})


def _match(request: Request, model: str) -> tuple[OperationModel, dict[str, Any]]:
    """The operation, and what the path says of it."""
    if target := request.headers.get("X-Amz-Target"):
        # CloudTrail's SDKs do not agree on what stands before the operation.
        return get_service_model(model).operation_model(target.rpartition(".")[2]), {}
    return get_service_router(model).match(request)


def _parse(request: Request, operation: OperationModel, path: dict[str, Any]) -> dict[str, Any]:
    parser = PROTOCOL_PARSERS[determine_request_protocol(operation.service_model, request.content_type)](operation)
    return parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": path,
        }
    )
