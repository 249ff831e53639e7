"""Which AWS operation an HTTP request is, read from botocore's service models."""

import json
import re
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote

import botocore.session

_MODELS = {"s3control": "s3control", "tagging": "resourcegroupstaggingapi", "monitoring": "cloudwatch"}
_LONGEST_PARAMETER = 512

# Requests that bucket policies and identity policies of other accounts may allow. All others of S3 are for the owner
# only.
S3_DATA = {
    "AbortMultipartUpload", "CompleteMultipartUpload", "CopyObject", "CreateMultipartUpload", "DeleteObject",
    "DeleteObjectTagging", "DeleteObjects", "GetBucketLocation", "GetObject", "GetObjectAttributes", "GetObjectTagging",
    "HeadBucket", "HeadObject", "ListMultipartUploads", "ListObjectVersions", "ListObjects", "ListObjectsV2",
    "ListParts", "PutObject", "PutObjectTagging", "UploadPart", "UploadPartCopy",
}  # fmt: skip


@dataclass
class Described:
    service: str
    operation: str
    region: str
    resource: str = ""
    parameters: dict[str, str] = field(default_factory=dict)


@dataclass
class _Rest:
    name: str
    method: str
    path: re.Pattern[str]
    query: dict[str, str]
    required: set[str]
    headers: set[str]

    def score(self, query: dict[str, str], headers: set[str]) -> int:
        """How exactly the request is this operation, or -1: `GetObject` fits every `GetObjectAcl`, but says less."""
        for key, value in self.query.items():
            if key not in query or (value and query[key] != value):
                return -1
        if not self.required <= query.keys() or not self.headers <= headers:
            return -1
        return 1 + 4 * len(self.query) + 2 * len(self.required) + len(self.headers)


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


def parameters(environ: dict[str, Any]) -> dict[str, Any]:
    """All parameters of a request that is not REST, with lists and objects where its protocol has them."""
    if not environ.get("HTTP_X_AMZ_TARGET"):
        return dict(parse_qsl(body(environ).decode("utf-8", "replace"), keep_blank_values=True))
    try:
        return json.loads(body(environ) or b"{}")
    except ValueError:
        return {}


def _describe(environ: dict[str, Any]) -> Described:
    _, region, signing = scope(environ)
    path, service = environ.get("PATH_INFO", ""), signing or "s3"
    if service == "s3" and path.startswith("/v20180820/"):
        service = "s3control"
    target = environ.get("HTTP_X_AMZ_TARGET", "")
    form = environ.get("CONTENT_TYPE", "").startswith("application/x-www-form-urlencoded")
    if not target and (not form or service in ("s3", "s3control", "lambda")):
        return _rest(service, region, environ, path)
    given = {name: value for name, value in parameters(environ).items() if not isinstance(value, (dict, list))}
    operation = target.rpartition(".")[2] or given.pop("Action", "")
    given.pop("Version", None)
    return Described(service, operation, region, _resource(given), _cut(given))


def body(environ: dict[str, Any]) -> bytes:
    """The whole request body, left to be read by others."""
    return environ["wsgi.input"].getvalue()


def _rest(service: str, region: str, environ: dict[str, Any], path: str) -> Described:
    query = dict(parse_qsl(environ.get("QUERY_STRING", ""), keep_blank_values=True))
    headers = {name[5:].replace("_", "-").lower() for name in environ if name.startswith("HTTP_")}
    best, most, match = "", 0, None
    for operation in _operations(_MODELS.get(service, service)):
        found = operation.path.match(path) if operation.method == environ["REQUEST_METHOD"] else None
        if found and operation.score(query, headers) > most:
            best, most, match = operation.name, operation.score(query, headers), found
    named = {key: unquote(value) for key, value in match.groupdict().items()} if match else {}
    return Described(service, best, region, path.strip("/"), _cut({**named, **query}))


@cache
def _operations(service: str) -> list[_Rest]:
    try:
        model = botocore.session.get_session().get_service_model(service)
    except Exception:
        return []
    found = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path, _, query = operation.http.get("requestUri", "/").partition("?")
        shape, method = operation.input_shape, operation.http.get("method", "POST")
        places = [shape.members[member].serialization for member in (shape.required_members if shape else [])]
        required = {place["name"] for place in places if place.get("location") == "querystring"}
        headers = {place["name"].lower() for place in places if place.get("location") == "header"}
        fixed = dict(parse_qsl(query, keep_blank_values=True))
        found.append(_Rest(name, method, _pattern(path), fixed, required, headers))
    return found


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path.rstrip("/"))
    last = [part for part in parts if part][-1:] or [""]
    pattern = ""
    for part in parts:
        if not part.startswith("{"):
            pattern += re.escape(part)
        elif part.endswith("+}") or (part is last[0] and "arn" in part.lower()):
            pattern += f"(?P<{part.strip('{}+')}>.+)"
        else:
            pattern += f"(?P<{part.strip('{}').replace('-', '_')}>[^/]+)"
    return re.compile(pattern + "/?$")


def _cut(parameters: dict[str, Any]) -> dict[str, str]:
    return {key: str(value)[:_LONGEST_PARAMETER] for key, value in parameters.items()}


def _resource(parameters: dict[str, Any]) -> str:
    """What the call is about, as the caller named it."""
    for key in ("KeyId", "TargetKeyId", "RoleName", "UserName", "GroupName", "PolicyArn", "StackName", "Name"):
        if parameters.get(key):
            return str(parameters[key])
    return ""
