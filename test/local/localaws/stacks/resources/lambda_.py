"""AWS::Lambda."""

import uuid
from typing import Any, ClassVar

from ..errors import ResourceFailed
from .kind import Job, Kind, given

_SETTINGS = (
    "DeadLetterConfig", "Description", "Environment", "Handler", "KmsKeyArn", "LoggingConfig", "Role", "Runtime",
)  # fmt: skip
_NUMBERS = ("MemorySize", "Timeout")


def _configuration(properties: dict[str, Any]) -> dict[str, Any]:
    made = {**given(properties, *_SETTINGS), **given(properties, *_NUMBERS, convert=int)}
    if "KmsKeyArn" in made:
        made["KMSKeyArn"] = made.pop("KmsKeyArn")
    variables = made.get("Environment", {}).get("Variables", {})
    made["Environment"] = {"Variables": {key: str(value) for key, value in variables.items()}}
    made.setdefault("DeadLetterConfig", {})
    made.setdefault("LoggingConfig", {})
    return made


def _code(properties: dict[str, Any]) -> dict[str, Any]:
    return given(properties["Code"], "S3Bucket", "S3Key", "S3ObjectVersion")


class Function(Kind):
    immutable: ClassVar[set[str]] = {"FunctionName", "PackageType"}
    gone: ClassVar[set[str]] = {"ResourceNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        name, client = job.name(job.properties.get("FunctionName")), job.client("lambda")
        client.create_function(
            FunctionName=name,
            Code=_code(job.properties),
            Architectures=job.properties.get("Architectures", ["x86_64"]),
            Tags=job.tags(),
            **_configuration(job.properties),
        )
        job.physical_id = name
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        client, name = job.client("lambda"), job.physical_id
        if job.changed("Code", "Architectures"):
            architectures = job.properties.get("Architectures", ["x86_64"])
            client.update_function_code(FunctionName=name, Architectures=architectures, **_code(job.properties))
        defaults = {"Timeout": 3, "MemorySize": 128, "Description": ""}
        client.update_function_configuration(FunctionName=name, **{**defaults, **_configuration(job.properties)})
        return self._attributes(job)

    def delete(self, job: Job) -> None:
        job.client("lambda").delete_function(FunctionName=job.physical_id)

    def _attributes(self, job: Job) -> dict[str, Any]:
        found = job.client("lambda").get_function_configuration(FunctionName=job.physical_id)
        return {"Arn": found["FunctionArn"]}


class Permission(Kind):
    """A statement of a function's policy; any change is another statement."""

    immutable: ClassVar[set[str]] = {
        "Action", "EventSourceToken", "FunctionName", "FunctionUrlAuthType", "Principal", "PrincipalOrgID",
        "SourceAccount", "SourceArn",
    }  # fmt: skip
    gone: ClassVar[set[str]] = {"ResourceNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        statement = f"{job.stack.name}-{job.resource.logical_id}-{uuid.uuid4().hex[:12]}"
        arguments = given(job.properties, *self.immutable)
        job.client("lambda").add_permission(StatementId=statement, **arguments)
        job.physical_id = statement
        return {"Id": statement}

    def update(self, job: Job) -> dict[str, Any]:
        return job.resource.attributes

    def delete(self, job: Job) -> None:
        job.client("lambda").remove_permission(FunctionName=job.properties["FunctionName"], StatementId=job.physical_id)


class EventInvokeConfig(Kind):
    immutable: ClassVar[set[str]] = {"FunctionName", "Qualifier"}
    gone: ClassVar[set[str]] = {"ResourceNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        if job.properties.get("Qualifier", "$LATEST") != "$LATEST":
            raise ResourceFailed("the local AWS only knows the asynchronous settings of $LATEST")
        self.update(job)
        job.physical_id = f"{job.properties['FunctionName']}|$LATEST"
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        numbers = given(job.properties, "MaximumRetryAttempts", "MaximumEventAgeInSeconds", convert=int)
        job.client("lambda").put_function_event_invoke_config(
            FunctionName=job.properties["FunctionName"], **numbers, **given(job.properties, "DestinationConfig")
        )
        return {}

    def delete(self, job: Job) -> None:
        job.client("lambda").delete_function_event_invoke_config(FunctionName=job.properties["FunctionName"])


KINDS = {
    "AWS::Lambda::EventInvokeConfig": EventInvokeConfig(),
    "AWS::Lambda::Function": Function(),
    "AWS::Lambda::Permission": Permission(),
}
