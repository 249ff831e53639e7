"""AWS::Lambda. The settings of asynchronous invocations are in the table."""

import uuid
from typing import Any

from .kind import Job, Kind

# What an update goes back to when the template does not say it any more.
_DEFAULTS: dict[str, Any] = {
    "DeadLetterConfig": {},
    "Description": "",
    "Environment": {"Variables": {}},
    "LoggingConfig": {},
    "MemorySize": 128,
    "Timeout": 3,
}


class Function(Kind):
    immutable = ("FunctionName", "PackageType")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("FunctionName"))
        job.client("lambda").create_function(**{**job.properties, "FunctionName": name, "Tags": job.tags()})
        job.physical_id = name
        return {"Arn": job.arn("lambda", f"function:{name}")}

    def update(self, job: Job) -> dict[str, Any]:
        client, given = job.client("lambda"), {**_DEFAULTS, **job.properties, "FunctionName": job.physical_id}
        if job.changed("Code", "Architectures"):
            client.update_function_code(**{"Architectures": ["x86_64"], **given, **given["Code"]})
        client.update_function_configuration(**given)
        return {"Arn": job.arn("lambda", f"function:{job.physical_id}")}

    def delete(self, job: Job) -> None:
        job.client("lambda").delete_function(FunctionName=job.physical_id)


class Permission(Kind):
    """A statement of a function's policy; any change is another statement."""

    def replaces(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        return before != after

    def create(self, job: Job) -> dict[str, Any]:
        statement = f"{job.stack.name}-{job.resource.logical_id}-{uuid.uuid4().hex[:12]}"
        job.client("lambda").add_permission(StatementId=statement, **job.properties)
        job.physical_id = statement
        return {"Id": statement}

    def delete(self, job: Job) -> None:
        job.client("lambda").remove_permission(FunctionName=job.properties["FunctionName"], StatementId=job.physical_id)


KINDS = {"AWS::Lambda::Function": Function(), "AWS::Lambda::Permission": Permission()}
