"""AWS::CloudFormation: stack sets in templates."""

import time
from typing import Any, ClassVar

from ..errors import ResourceFailed
from .kind import Job, Kind, boolean, given, pairs


class StackSet(Kind):
    immutable: ClassVar[set[str]] = {"StackSetName", "PermissionModel"}
    gone: ClassVar[set[str]] = {"StackSetNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("StackSetName"), 128)
        client = job.client("cloudformation")
        client.create_stack_set(
            StackSetName=name,
            **_definition(job),
            **given(job.properties, "PermissionModel", "CallAs"),
        )
        job.physical_id = client.describe_stack_set(StackSetName=name, **_call_as(job))["StackSet"]["StackSetId"]
        for group in job.properties.get("StackInstancesGroup", []):
            _finish(job, client.create_stack_instances(StackSetName=name, **_group(job, group), **_call_as(job)))
        return {"StackSetId": job.physical_id}

    def update(self, job: Job) -> dict[str, Any]:
        client, name = job.client("cloudformation"), _name(job)
        assert job.before is not None
        definition = {**_definition(job), **_preferences(job), **_call_as(job)}
        _finish(job, client.update_stack_set(StackSetName=name, **definition))
        before = job.before.properties.get("StackInstancesGroup", [])
        after = job.properties.get("StackInstancesGroup", [])
        for group in after:
            if group not in before:
                arguments = {**_group(job, group), **_call_as(job)}
                _finish(job, client.create_stack_instances(StackSetName=name, **arguments))
        for group in before:
            if group not in after:
                self._remove(job, name, group)
        return {"StackSetId": job.physical_id}

    def delete(self, job: Job) -> None:
        for group in job.properties.get("StackInstancesGroup", []):
            self._remove(job, _name(job), group)
        job.client("cloudformation").delete_stack_set(StackSetName=_name(job), **_call_as(job))

    def _remove(self, job: Job, name: str, group: dict[str, Any]) -> None:
        where = {key: value for key, value in _group(job, group).items() if key != "ParameterOverrides"}
        client = job.client("cloudformation")
        _finish(job, client.delete_stack_instances(StackSetName=name, RetainStacks=False, **where, **_call_as(job)))


def _finish(job: Job, started: dict[str, Any]) -> None:
    """Waits for a stack set operation: the resource is as far as its instances are."""
    client, which = job.client("cloudformation"), {"StackSetName": _name(job), "OperationId": started["OperationId"]}
    while True:
        operation = client.describe_stack_set_operation(**which, **_call_as(job))["StackSetOperation"]
        if operation["Status"] not in ("RUNNING", "QUEUED"):
            break
        time.sleep(0.1)
    if operation["Status"] == "SUCCEEDED":
        return
    results = client.list_stack_set_operation_results(**which, **_call_as(job))["Summaries"]
    failed = [
        f"{result['Account']}: {result.get('StatusReason')}" for result in results if result["Status"] == "FAILED"
    ]
    raise ResourceFailed(f"Stack set operation {started['OperationId']} failed: {'; '.join(failed)}")


def _name(job: Job) -> str:
    return job.physical_id.partition(":")[0]


def _call_as(job: Job) -> dict[str, Any]:
    return given(job.properties, "CallAs")


def _definition(job: Job) -> dict[str, Any]:
    properties = job.properties
    made = given(properties, "TemplateBody", "TemplateURL", "Description", "Capabilities")
    made["Parameters"] = [
        {"ParameterKey": item["ParameterKey"], "ParameterValue": str(item["ParameterValue"])}
        for item in properties.get("Parameters", [])
    ]
    made["Tags"] = pairs(job.tags())
    if automatic := properties.get("AutoDeployment"):
        switches = {key: boolean(value) for key, value in automatic.items() if key != "DependsOn"}
        made["AutoDeployment"] = {**switches, **given(automatic, "DependsOn")}
    if managed := properties.get("ManagedExecution"):
        made["ManagedExecution"] = {key: boolean(value) for key, value in managed.items()}
    return made


def _group(job: Job, group: dict[str, Any]) -> dict[str, Any]:
    return {**_preferences(job), **given(group, "DeploymentTargets", "ParameterOverrides", "Regions")}


def _preferences(job: Job) -> dict[str, Any]:
    wanted = job.properties.get("OperationPreferences", {})
    numbers = {key: int(value) for key, value in wanted.items() if key.endswith(("Count", "Percentage"))}
    return {"OperationPreferences": {**wanted, **numbers}} if wanted else {}


KINDS = {"AWS::CloudFormation::StackSet": StackSet()}
