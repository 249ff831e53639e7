"""AWS::SQS."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, listed, reported

_ATTRIBUTES = (
    "ContentBasedDeduplication", "DelaySeconds", "KmsDataKeyReusePeriodSeconds", "KmsMasterKeyId",
    "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds", "RedriveAllowPolicy",
    "RedrivePolicy", "SqsManagedSseEnabled", "VisibilityTimeout",
)  # fmt: skip


def _attributes(properties: dict[str, Any]) -> dict[str, str]:
    found = {}
    for name in _ATTRIBUTES:
        if name in properties:
            value = properties[name]
            found[name] = (
                json.dumps(value)
                if isinstance(value, dict)
                else str(value).lower()
                if isinstance(value, bool)
                else str(value)
            )
    return found


class Queue(Kind):
    immutable: ClassVar[set[str]] = {"QueueName", "FifoQueue"}
    gone: ClassVar[set[str]] = {"AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"}

    def create(self, job: Job) -> dict[str, Any]:
        fifo = str(job.properties.get("FifoQueue", "")).lower() == "true"
        name = job.name(job.properties.get("QueueName"), 75)
        attributes = {**_attributes(job.properties), **({"FifoQueue": "true"} if fifo else {})}
        made = job.client("sqs").create_queue(QueueName=name, Attributes=attributes, tags=job.tags())
        job.physical_id = made["QueueUrl"]
        return self._described(job)

    def update(self, job: Job) -> dict[str, Any]:
        attributes = _attributes(job.properties)
        job.client("sqs").set_queue_attributes(QueueUrl=job.physical_id, Attributes=attributes)
        return self._described(job)

    def delete(self, job: Job) -> None:
        job.client("sqs").delete_queue(QueueUrl=job.physical_id)

    def _described(self, job: Job) -> dict[str, Any]:
        url = job.physical_id
        found = job.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return {"Arn": found["Attributes"]["QueueArn"], "QueueName": url.rpartition("/")[2], "QueueUrl": url}


class QueuePolicy(Kind):
    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        document = json.dumps(job.properties["PolicyDocument"])
        for url in listed(job.properties["Queues"]):
            job.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})
        return {}

    def delete(self, job: Job) -> None:
        for url in listed(job.properties["Queues"]):
            with reported("AWS.SimpleQueueService.NonExistentQueue", "QueueDoesNotExist"):
                job.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": ""})


KINDS = {"AWS::SQS::Queue": Queue(), "AWS::SQS::QueuePolicy": QueuePolicy()}
