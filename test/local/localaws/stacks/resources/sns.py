"""AWS::SNS."""

from typing import Any, ClassVar

from .kind import Job, Kind, given, gone_is_fine, pairs, reported


class Topic(Kind):
    immutable: ClassVar[set[str]] = {"TopicName", "FifoTopic"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("TopicName"), 256)
        attributes = {key: str(value) for key, value in given(job.properties, "DisplayName", "KmsMasterKeyId").items()}
        with reported():
            made = job.client("sns").create_topic(Name=name, Attributes=attributes, Tags=pairs(job.tags()))
        job.physical_id = made["TopicArn"]
        return {"TopicArn": job.physical_id, "TopicName": name}

    def update(self, job: Job) -> dict[str, Any]:
        with reported():
            for key, value in given(job.properties, "DisplayName", "KmsMasterKeyId").items():
                job.client("sns").set_topic_attributes(
                    TopicArn=job.physical_id, AttributeName=key, AttributeValue=str(value)
                )
        return job.resource.attributes

    def delete(self, job: Job) -> None:
        with gone_is_fine("NotFound"):
            job.client("sns").delete_topic(TopicArn=job.physical_id)


KINDS = {"AWS::SNS::Topic": Topic()}
