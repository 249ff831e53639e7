"""AWS::SSM."""

from typing import Any, ClassVar

from .kind import Job, Kind, given, pairs


class Parameter(Kind):
    immutable: ClassVar[set[str]] = {"Name"}
    gone: ClassVar[set[str]] = {"ParameterNotFound"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("Name"), 1011)
        self._put(job, name, Tags=pairs(job.tags()))
        job.physical_id = name
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        self._put(job, job.physical_id, Overwrite=True)
        return self._attributes(job)

    def delete(self, job: Job) -> None:
        job.client("ssm").delete_parameter(Name=job.physical_id)

    def _put(self, job: Job, name: str, **extra: Any) -> None:
        fields = given(job.properties, "Type", "Value", "Description", "AllowedPattern", "Tier", convert=str)
        job.client("ssm").put_parameter(Name=name, **fields, **extra)

    def _attributes(self, job: Job) -> dict[str, Any]:
        return {"Type": job.properties["Type"], "Value": str(job.properties["Value"])}


KINDS = {"AWS::SSM::Parameter": Parameter()}
