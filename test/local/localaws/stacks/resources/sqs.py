"""AWS::SQS."""

from typing import Any

from .kind import Job, Kind, reported


class Queue(Kind):
    immutable = ("QueueName", "FifoQueue")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("QueueName"), 75)
        made = job.client("sqs").create_queue(QueueName=name, Attributes=_attributes(job), Tags=job.tags())
        job.physical_id = made["QueueUrl"]
        return {"Arn": job.arn("sqs", name), "QueueName": name, "QueueUrl": job.physical_id}

    def update(self, job: Job) -> dict[str, Any]:
        job.client("sqs").set_queue_attributes(QueueUrl=job.physical_id, Attributes=_attributes(job))
        return job.resource.attributes

    def delete(self, job: Job) -> None:
        job.client("sqs").delete_queue(QueueUrl=job.physical_id)


def _attributes(job: Job) -> dict[str, Any]:
    return {name: value for name, value in job.properties.items() if name not in ("QueueName", "Tags")}


class QueuePolicy(Kind):
    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        self._set(job, job.properties["PolicyDocument"])
        return {}

    def delete(self, job: Job) -> None:
        with reported(gone=True):
            self._set(job, "")

    def _set(self, job: Job, document: Any) -> None:
        for url in job.properties["Queues"]:
            job.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": document})


KINDS = {"AWS::SQS::Queue": Queue(), "AWS::SQS::QueuePolicy": QueuePolicy()}
