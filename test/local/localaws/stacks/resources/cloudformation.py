"""AWS::CloudFormation: stack sets in templates."""

from typing import Any

from ..errors import ResourceFailed
from .kind import Job, Kind


class StackSet(Kind):
    immutable = ("StackSetName", "PermissionModel")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("StackSetName"), 128)
        made = job.client("cloudformation").create_stack_set(**{**_definition(job), "StackSetName": name})
        job.physical_id = made["StackSetId"]
        for group in job.properties.get("StackInstancesGroup", []):
            _operate(job, "create_stack_instances", **group)
        return {"StackSetId": job.physical_id}

    def update(self, job: Job) -> dict[str, Any]:
        assert job.before is not None
        _operate(job, "update_stack_set", **_definition(job))
        before = job.before.properties.get("StackInstancesGroup", [])
        after = job.properties.get("StackInstancesGroup", [])
        for group in after:
            if group not in before:
                _operate(job, "create_stack_instances", **group)
        for group in before:
            if group not in after:
                _operate(job, "delete_stack_instances", **group, RetainStacks=False)
        return {"StackSetId": job.physical_id}

    def delete(self, job: Job) -> None:
        for group in job.properties.get("StackInstancesGroup", []):
            _operate(job, "delete_stack_instances", **group, RetainStacks=False)
        job.client("cloudformation").delete_stack_set(**_which(job))


def _operate(job: Job, call: str, **given: Any) -> None:
    """A stack set operation, which is over when it is answered here: the resource is as far as its instances are."""
    client = job.client("cloudformation")
    preferences = {name: job.properties[name] for name in ("OperationPreferences",) if name in job.properties}
    started = getattr(client, call)(**{**given, **preferences, **_which(job)})
    which = {**_which(job), "OperationId": started["OperationId"]}
    operation = client.describe_stack_set_operation(**which)["StackSetOperation"]
    if operation["Status"] != "SUCCEEDED":
        results = client.list_stack_set_operation_results(**which)["Summaries"]
        failed = [f"{one['Account']}: {one.get('StatusReason')}" for one in results if one["Status"] == "FAILED"]
        raise ResourceFailed(f"Stack set operation {which['OperationId']} failed: {'; '.join(failed)}")


def _which(job: Job) -> dict[str, Any]:
    call_as = {name: job.properties[name] for name in ("CallAs",) if name in job.properties}
    return {"StackSetName": job.physical_id, **call_as}


def _definition(job: Job) -> dict[str, Any]:
    return {**job.properties, "Tags": job.tags()}


KINDS = {"AWS::CloudFormation::StackSet": StackSet()}
