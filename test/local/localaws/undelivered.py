"""What Lambda does with an event that it stops trying: dead-letter queue, and the destination for failures."""

import json
import sys
import time
from dataclasses import dataclass
from typing import Any

from moto.awslambda.models import LambdaFunction

from . import internal
from .runtime import Outcome


@dataclass
class Event:
    """An asynchronous invocation, from its acceptance until it succeeds or is given up."""

    function: LambdaFunction
    payload: bytes
    request_id: str
    config: dict[str, Any]
    attempt: int = 1
    invoked: int = 1  # in its chain of requests


def give_up(event: Event, outcome: Outcome, condition: str) -> None:
    answer = json.loads(outcome.payload or b"null")
    message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
    queue = (getattr(event.function, "dead_letter_config", None) or {}).get("TargetArn")
    if queue:
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": event.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": (message or outcome.error)[:1024]},
        }
        _send(queue, event.payload.decode(), attributes)
    destination = event.config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if destination:
        body = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{event.function.function_arn}:$LATEST",
                "condition": condition,
                "approximateInvokeCount": event.attempt,
            },
            "requestPayload": json.loads(event.payload or b"null"),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": answer,
        }
        _send(destination, json.dumps(body), {})


def _send(arn: str, body: str, attributes: dict[str, Any]) -> None:
    _, _, service, region, account, name = arn.split(":", 5)
    try:
        if service == "sqs":
            sqs = internal.Client("sqs", account, region)
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        else:
            print(f"localaws: no delivery of failed events to {arn}", file=sys.stderr)
    except Exception as error:
        # Lambda drops the event and counts a DeadLetterErrors metric; here somebody should know.
        print(f"localaws: a failed event could not be delivered to {arn}: {error}", file=sys.stderr)
