"""What Lambda does with an event that it stops trying: the dead-letter queue."""

import json
import sys
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


def give_up(event: Event, outcome: Outcome) -> None:
    answer = json.loads(outcome.payload or b"null")
    message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
    queue = (event.function.settings.get("DeadLetterConfig") or {}).get("TargetArn")
    if queue:
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": event.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": (message or outcome.error)[:1024]},
        }
        _send(queue, event.payload.decode(), attributes)


def _send(arn: str, body: str, attributes: dict[str, Any]) -> None:
    _, _, service, region, account, name = arn.split(":", 5)
    try:
        queues = internal.Client(service, account, region)
        url = queues.get_queue_url(QueueName=name)["QueueUrl"]
        queues.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
    except Exception as error:
        # Lambda drops the event and counts a DeadLetterErrors metric; here somebody should know.
        print(f"localaws: a failed event could not be delivered to {arn}: {error}", file=sys.stderr)
