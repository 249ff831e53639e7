"""AWS::Logs."""

from typing import Any, ClassVar

from .kind import Job, Kind, given


class LogGroup(Kind):
    immutable: ClassVar[set[str]] = {"LogGroupName"}
    gone: ClassVar[set[str]] = {"ResourceNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("LogGroupName"), 512)
        extra = given(job.properties, "KmsKeyId", convert=str)
        job.client("logs").create_log_group(
            logGroupName=name, tags=job.tags(), **({"kmsKeyId": extra["KmsKeyId"]} if extra else {})
        )
        job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        logs, name, days = job.client("logs"), job.physical_id, job.properties.get("RetentionInDays")
        if days:
            logs.put_retention_policy(logGroupName=name, retentionInDays=int(days))
        elif job.before and job.before.properties.get("RetentionInDays"):
            logs.delete_retention_policy(logGroupName=name)
        stack = job.stack
        return {"Arn": f"arn:{stack.partition}:logs:{stack.region}:{stack.account}:log-group:{name}:*"}

    def delete(self, job: Job) -> None:
        job.client("logs").delete_log_group(logGroupName=job.physical_id)


KINDS = {"AWS::Logs::LogGroup": LogGroup()}
