"""CloudTrail: its event history, from the record of calls. moto has trails only, which nobody here makes.

Events are there at once; AWS takes minutes. They have of a request what the record has: parameters that are texts.
https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.responses import CloudTrailResponse
from moto.core.exceptions import JsonRESTError

from .. import operations
from ..calls import SERVICES
from .extend import add

# Services whose calls are shown as management events.
_SHOWN = {"cloudformation", "iam", "kms", "s3", "s3control", "ssm", "sts"}

# Events of these are in one region. https://github.com/SummitRoute/aws_breaking_changes/issues/51 is AWS's notice.
_GLOBAL, _HOME = {"iam", "sts"}, "us-east-1"

# S3's names of events that are not those of the operation.
# https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html
_NAMES = {
    "DeletePublicAccessBlock": "DeleteBucketPublicAccessBlock",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
}

_KINDS = {"user": "IAMUser", "assumed-role": "AssumedRole", "root": "Root"}

_ATTRIBUTES = {"EventId", "EventName", "EventSource", "ReadOnly", "Username"}


def install(history: Callable[[], list[dict[str, Any]]]) -> None:
    """history are the calls since the start or the last reset, oldest first."""

    @add(CloudTrailResponse)
    def lookup_events(self: Any) -> str:
        given = json.loads(self.body or "{}")
        found = [_event(call) for call in reversed(history()) if _shown(call, self.current_account, self.region)]
        for attribute in _attributes(given):
            found = [event for event in found if event[attribute["AttributeKey"]] == attribute["AttributeValue"]]
        begin, end = given.get("StartTime", 0), given.get("EndTime", float("inf"))
        found = [event for event in found if begin <= event["EventTime"] <= end]
        first, most = int(given.get("NextToken") or 0), int(given.get("MaxResults") or 50)
        answer: dict[str, Any] = {"Events": found[first : first + most]}
        if first + most < len(found):
            answer["NextToken"] = str(first + most)
        return json.dumps(answer)


def _attributes(given: dict[str, Any]) -> list[dict[str, str]]:
    attributes = given.get("LookupAttributes") or []
    if len(attributes) > 1 or any(one.get("AttributeKey") not in _ATTRIBUTES for one in attributes):
        raise JsonRESTError("InvalidLookupAttributesException", "One attribute of those that are known here, please.")
    return attributes


def _shown(call: dict[str, Any], account: str, region: str) -> bool:
    """Management events alone: what is read and written in buckets is not in the history."""
    service = call["service"]
    data = service == "s3" and (call["operation"] in operations.S3_DATA or "Object" in call["operation"])
    where = _HOME if service in _GLOBAL else call["region"]
    return service in _SHOWN and not data and call["account"] == account and where == region


def _event(call: dict[str, Any]) -> dict[str, Any]:
    record = _record(call)
    return {
        "EventId": record["eventID"],
        "EventName": record["eventName"],
        "EventSource": record["eventSource"],
        "EventTime": int(call["start"]),
        "ReadOnly": json.dumps(record["readOnly"]),
        "Username": record["userIdentity"]["arn"].rpartition("/")[2],
        "Resources": [],
        "CloudTrailEvent": json.dumps(record),
    }


def _record(call: dict[str, Any]) -> dict[str, Any]:
    """https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html"""
    record: dict[str, Any] = {
        "eventVersion": "1.11",
        "userIdentity": {"type": _kind(call["principal"]), "arn": call["principal"], "accountId": call["account"]},
        "eventTime": datetime.fromtimestamp(int(call["start"]), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": f"{SERVICES[call['service']]}.amazonaws.com",
        "eventName": _NAMES.get(call["operation"], call["operation"]),
        "awsRegion": _HOME if call["service"] in _GLOBAL else call["region"],
        "requestParameters": {_parameter(name): value for name, value in call["parameters"].items()},
        "eventID": f"00000000-0000-4000-8000-{call['id']:012d}",
        "readOnly": call["operation"].startswith(("Describe", "Get", "Head", "List", "Lookup")),
        "eventType": "AwsApiCall",
        "managementEvent": True,
    }
    if call["error"]:
        record["errorCode"] = call["error"]
    return record


def _kind(arn: str) -> str:
    """The type of identity behind an ARN."""
    kind = arn.split(":", 5)[-1].partition("/")[0]
    return _KINDS.get(kind, "Unknown")


def _parameter(name: str) -> str:
    return "bucketName" if name == "Bucket" else name[:1].lower() + name[1:]
