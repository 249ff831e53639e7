"""Custom resources: an event to a function, an answer at a URL.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
"""

import json
import time
import uuid
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends

from ..errors import ResourceFailed
from ..model import Resource, Stack
from .kind import Answer, Job, Kind

_LONGEST_ID = 1024
_LARGEST_ANSWER = 4096
_DEFAULT_TIMEOUT = 3600
_TICK = 0.1


class CustomResource(Kind):
    def canonical(self, properties: dict[str, Any]) -> dict[str, Any]:
        if not properties.get("ServiceToken"):
            raise ResourceFailed("Missing required property: ServiceToken")
        return strings(properties)

    def create(self, job: Job) -> dict[str, Any]:
        return self._request(job, "Create")

    def update(self, job: Job) -> dict[str, Any]:
        if job.changed("ServiceToken"):
            raise ResourceFailed("Modifying service token is not allowed.")
        return self._request(job, "Update")

    def delete(self, job: Job) -> None:
        self._request(job, "Delete")

    def attribute(self, stack: Stack, resource: Resource, name: str) -> Any:
        try:
            return resource.attributes[name]
        except KeyError:
            raise ResourceFailed(
                f"CustomResource attribute error: Vendor response doesn't contain {name} attribute "
                f"in object {stack.id}|{resource.logical_id}|{uuid.uuid4()}"
            ) from None

    def _request(self, job: Job, kind: str) -> dict[str, Any]:
        function, seconds = _function(job.properties["ServiceToken"], job.stack.region), _timeout(job.properties)
        event = _event(job, kind)
        answer = job.send(function, event)
        try:
            return _read(job, kind, event, _await(job, answer, seconds, event["RequestId"]))
        except ResourceFailed as error:
            # CloudFormation wants to delete a failed resource by some name, and invents one for what has none.
            error.physical_id = error.physical_id or (None if job.physical_id else job.name(None, 128))
            raise


def strings(value: Any) -> Any:
    """Every scalar as text, nested ones too: that is how a function gets its properties."""
    if isinstance(value, dict):
        return {key: strings(item) for key, item in value.items()}
    if isinstance(value, list):
        return [strings(item) for item in value]
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _timeout(properties: dict[str, Any]) -> float:
    text = properties.get("ServiceTimeout", _DEFAULT_TIMEOUT)
    try:
        seconds = int(text)
    except ValueError:
        seconds = 0
    if not 1 <= seconds <= _DEFAULT_TIMEOUT:
        raise ResourceFailed(f"ServiceTimeout must be an integer between 1 and {_DEFAULT_TIMEOUT}, not {text!r}")
    return seconds


def _function(token: str, region: str) -> LambdaFunction:
    parts = token.split(":")
    if len(parts) < 7 or parts[2] != "lambda":
        raise ResourceFailed(f"Invalid service token: {token} (the local AWS only knows Lambda functions)")
    if parts[3] != region:
        raise ResourceFailed(f"Invalid service token: {token} is in another Region than the stack")
    try:
        return lambda_backends[parts[4]][region].get_function(token)
    except UnknownFunctionException:
        raise ResourceFailed(
            f"Function not found: {token} (Service: Lambda, Status Code: 404, Request ID: {uuid.uuid4()})"
        ) from None


def _event(job: Job, kind: str) -> dict[str, Any]:
    event = {
        "RequestType": kind,
        "ServiceToken": job.properties["ServiceToken"],
        "StackId": job.stack.id,
        "RequestId": str(uuid.uuid4()),
        "LogicalResourceId": job.resource.logical_id,
        "ResourceType": job.resource.type,
        "ResourceProperties": job.properties,
    }
    if kind != "Create":
        event["PhysicalResourceId"] = job.before.physical_id if job.before else job.physical_id
    if kind == "Update" and job.before:
        event["OldResourceProperties"] = job.before.properties
    return event


def _await(job: Job, answer: Answer, seconds: float, request_id: str) -> bytes:
    end = time.time() + seconds
    while time.time() < end:
        body = answer.wait(_TICK)
        if body is not None:
            return body
        if job.cancelled.is_set():
            # The function may still be at it.
            raise ResourceFailed(f"Resource {'update' if job.before else 'creation'} cancelled")
    raise ResourceFailed(
        "CloudFormation did not receive a response from your Custom Resource. "
        f"Please check your logs for requestId [{request_id}]. If you are using the Python cfn-response module, "
        "you may need to update your Lambda function code so that CloudFormation can attach the updated version."
    )


def _read(job: Job, kind: str, event: dict[str, Any], body: bytes) -> dict[str, Any]:
    if len(body) > _LARGEST_ANSWER:
        raise ResourceFailed("Response object is too long.")
    try:
        answer = json.loads(body)
    except ValueError:
        raise ResourceFailed("Invalid response: the body is not JSON") from None
    if not isinstance(answer, dict):
        raise ResourceFailed("Invalid response: the body is not an object")
    for name in ("StackId", "RequestId", "LogicalResourceId"):
        if answer.get(name) != event[name]:
            raise ResourceFailed(f"Invalid response: {name} is not the request's")
    status, named, data = answer.get("Status"), answer.get("PhysicalResourceId"), answer.get("Data") or {}
    valid = isinstance(named, str) and 0 < len(named.encode()) <= _LONGEST_ID
    if status == "FAILED":
        reason = answer.get("Reason") or "See the details in CloudWatch Log Stream"
        text = f"Received response status [FAILED] from custom resource. Message returned: {reason}"
        raise ResourceFailed(f"{text} (RequestId: {event['RequestId']})", named if valid else None)
    if status != "SUCCESS":
        raise ResourceFailed(f"Invalid Response object: '{status}' is not a valid ResponseStatus")
    if not valid:
        raise ResourceFailed("Invalid PhysicalResourceId")
    if kind == "Delete":
        return {}
    job.physical_id = named
    if not isinstance(data, dict):
        raise ResourceFailed("Invalid response: Data must be an object")
    return strings({key: value for key, value in data.items() if value is not None})
