"""What rows do not say of their types."""

import json
from typing import Any

from ..errors import ResourceFailed
from .kind import Job
from .row import Row


class Bucket(Row):
    def given(self, job: Job, identity: str) -> dict[str, Any]:
        given, region = super().given(job, identity), job.stack.region
        rules = given.get("LifecycleConfiguration", {}).get("Rules", [])
        made = {"LifecycleConfiguration": {"Rules": [{"Filter": {"Prefix": ""}, **rule} for rule in rules]}}
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        return {**given, **made, **where, "Tagging": {"TagSet": job.tags()}}


class Function(Row):
    def update(self, job: Job) -> dict[str, Any]:
        if job.changed("Code", "Architectures"):
            given = {"Architectures": ["x86_64"], **self.given(job, job.physical_id), **job.properties["Code"]}
            job.call("lambda", "update_function_code", **given)
        return super().update(job)


class Queue(Row):
    def given(self, job: Job, identity: str) -> dict[str, Any]:
        settings = {name: value for name, value in job.properties.items() if name not in ("QueueName", "Tags")}
        return {**super().given(job, identity), "Attributes": settings}


class QueuePolicy(Row):
    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        return dict.fromkeys(properties.get("Queues", []), properties.get("PolicyDocument"))

    def give(self, job: Job, key: Any, one: Any) -> None:
        job.call("sqs", "set_queue_attributes", QueueUrl=key, Attributes={"Policy": one})

    def take(self, job: Job, key: Any, one: Any) -> None:
        self.give(job, key, "")


class Rule(Row):
    """A rule with its targets. Nobody watches the clock here: tests send what a schedule would."""

    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        return {target["Id"]: target for target in properties.get("Targets", [])}

    def give(self, job: Job, key: Any, one: Any) -> None:
        job.call("events", "put_targets", Rule=job.physical_id, Targets=[one])

    def take(self, job: Job, key: Any, one: Any) -> None:
        job.call("events", "remove_targets", Rule=job.physical_id, Ids=[key])


class Policy(Row):
    """A policy in the hands of identities: of which kind and name, and its own name or ARN."""

    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        policy = properties.get("PolicyName", job.physical_id)
        holders = [(noun, of) for noun in ("role", "user", "group") for of in properties.get(f"{noun.title()}s", [])]
        return {(*holder, policy): properties.get("PolicyDocument") for holder in holders}

    def give(self, job: Job, key: Any, one: Any) -> None:
        self._call_of(job, "attach" if _is_managed(key) else "put", key, PolicyDocument=one)

    def take(self, job: Job, key: Any, one: Any) -> None:
        self._call_of(job, "detach" if _is_managed(key) else "delete", key)

    def _call_of(self, job: Job, verb: str, key: Any, **also: Any) -> None:
        noun, holder, policy = key
        of_holder = {f"{noun.title()}Name": holder, "PolicyName": policy, "PolicyArn": policy}
        job.call("iam", f"{verb}_{noun}_policy", **of_holder, **also)


def _is_managed(key: tuple[str, str, str]) -> bool:
    return key[2].startswith("arn:")


class ManagedPolicy(Policy):
    def update(self, job: Job) -> dict[str, Any]:
        self._drop_old(job)
        return super().update(job)

    def delete(self, job: Job) -> None:
        self._drop_old(job)
        super().delete(job)

    def _drop_old(self, job: Job) -> None:
        """IAM keeps five versions at most; CloudFormation keeps the one in force only."""
        policy = {"PolicyArn": job.physical_id}
        for version in job.call("iam", "list_policy_versions", **policy)["Versions"]:
            if not version["IsDefaultVersion"]:
                job.call("iam", "delete_policy_version", **policy, VersionId=version["VersionId"])


class Role(Policy):
    """A role, which can only be deleted without policies; those of others, too, which CloudFormation leaves."""

    def update(self, job: Job) -> dict[str, Any]:
        trust = {"RoleName": job.physical_id, "PolicyDocument": job.properties["AssumeRolePolicyDocument"]}
        job.call("iam", "update_assume_role_policy", **trust)
        return super().update(job)

    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        documents = {one["PolicyName"]: one["PolicyDocument"] for one in properties.get("Policies", [])}
        documents |= dict.fromkeys(properties.get("ManagedPolicyArns", []))
        return {("role", job.physical_id, policy): document for policy, document in documents.items()}


class StackSet(Row):
    def held(self, job: Job, properties: dict[str, Any]) -> dict[Any, Any]:
        return {json.dumps(group): group for group in properties.get("StackInstancesGroup", [])}

    def update(self, job: Job) -> dict[str, Any]:
        self._operate(job, "update_stack_set", {"Tags": job.tags()})
        return super().update(job)

    def give(self, job: Job, key: Any, one: Any) -> None:
        self._operate(job, "create_stack_instances", one)

    def take(self, job: Job, key: Any, one: Any) -> None:
        self._operate(job, "delete_stack_instances", {**one, "RetainStacks": False})

    def _operate(self, job: Job, call: str, given: dict[str, Any]) -> None:
        """An operation on the stack set, which is over when it is answered here."""
        which = {**job.properties, "StackSetName": job.physical_id}
        which["OperationId"] = job.call("cloudformation", call, **{**which, **given})["OperationId"]
        operation = job.call("cloudformation", "describe_stack_set_operation", **which)["StackSetOperation"]
        if operation["Status"] != "SUCCEEDED":
            results = job.call("cloudformation", "list_stack_set_operation_results", **which)["Summaries"]
            failed = [f"{one['Account']}: {one.get('StatusReason')}" for one in results if one["Status"] == "FAILED"]
            raise ResourceFailed(f"Stack set operation {which['OperationId']} failed: {'; '.join(failed)}")
