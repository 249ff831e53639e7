"""AWS::IAM."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, difference, given, pairs, reported


def _document(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _inline(policies: list[dict[str, Any]]) -> dict[str, str]:
    return {policy["PolicyName"]: _document(policy["PolicyDocument"]) for policy in policies}


class Role(Kind):
    immutable: ClassVar[set[str]] = {"RoleName", "Path"}
    gone: ClassVar[set[str]] = {"NoSuchEntity"}

    def create(self, job: Job) -> dict[str, Any]:
        name, iam = job.name(job.properties.get("RoleName")), job.client("iam")
        iam.create_role(
            RoleName=name,
            AssumeRolePolicyDocument=_document(job.properties["AssumeRolePolicyDocument"]),
            Tags=pairs(job.tags()),
            **given(job.properties, "Path", "Description", "PermissionsBoundary"),
            **given(job.properties, "MaxSessionDuration", convert=int),
        )
        job.physical_id = name
        self._policies(job, {}, job.properties)
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        iam, name = job.client("iam"), job.physical_id
        assert job.before is not None
        if job.changed("AssumeRolePolicyDocument"):
            document = _document(job.properties["AssumeRolePolicyDocument"])
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=document)
        if job.changed("Description", "MaxSessionDuration"):
            iam.update_role(
                RoleName=name,
                Description=job.properties.get("Description", ""),
                MaxSessionDuration=int(job.properties.get("MaxSessionDuration", 3600)),
            )
        if job.changed("PermissionsBoundary"):
            if boundary := job.properties.get("PermissionsBoundary"):
                iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=boundary)
            else:
                iam.delete_role_permissions_boundary(RoleName=name)
        if tags := job.tags():
            iam.tag_role(RoleName=name, Tags=pairs(tags))
        self._policies(job, job.before.properties, job.properties)
        return self._attributes(job)

    def delete(self, job: Job) -> None:
        """A role can only be deleted without policies; those of others, too, which CloudFormation leaves."""
        self._policies(job, job.properties, {})
        job.client("iam").delete_role(RoleName=job.physical_id)

    def _policies(self, job: Job, before: dict[str, Any], after: dict[str, Any]) -> None:
        iam, role = job.client("iam"), {"RoleName": job.physical_id}
        set_, removed = difference(_inline(before.get("Policies", [])), _inline(after.get("Policies", [])))
        for name, document in set_.items():
            iam.put_role_policy(**role, PolicyName=name, PolicyDocument=document)
        for name in removed:
            with reported("NoSuchEntity"):
                iam.delete_role_policy(**role, PolicyName=name)
        old, new = (set(properties.get("ManagedPolicyArns", [])) for properties in (before, after))
        for arn in sorted(new - old):
            iam.attach_role_policy(**role, PolicyArn=arn)
        for arn in sorted(old - new):
            with reported("NoSuchEntity"):
                iam.detach_role_policy(**role, PolicyArn=arn)

    def _attributes(self, job: Job) -> dict[str, Any]:
        role = job.client("iam").get_role(RoleName=job.physical_id)["Role"]
        return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


_HOLDERS = (("Roles", "role", "RoleName"), ("Users", "user", "UserName"), ("Groups", "group", "GroupName"))


class Policy(Kind):
    """An inline policy in several identities."""

    immutable: ClassVar[set[str]] = {"PolicyName"}

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        iam, name = job.client("iam"), job.properties["PolicyName"]
        document = _document(job.properties["PolicyDocument"])
        for holders, noun, key in _HOLDERS:
            for holder in job.properties.get(holders, []):
                put = getattr(iam, f"put_{noun}_policy")
                put(**{key: holder}, PolicyName=name, PolicyDocument=document)
        if job.before and job.before.physical_id == job.physical_id:
            self._remove(job, job.before.properties, keep=job.properties)
        return {}

    def delete(self, job: Job) -> None:
        self._remove(job, job.properties, keep={})

    def _remove(self, job: Job, properties: dict[str, Any], keep: dict[str, Any]) -> None:
        iam = job.client("iam")
        for holders, noun, key in _HOLDERS:
            for holder in set(properties.get(holders, [])) - set(keep.get(holders, [])):
                with reported("NoSuchEntity"):
                    getattr(iam, f"delete_{noun}_policy")(**{key: holder}, PolicyName=properties["PolicyName"])


class ManagedPolicy(Kind):
    immutable: ClassVar[set[str]] = {"ManagedPolicyName", "Path", "Description"}
    gone: ClassVar[set[str]] = {"NoSuchEntity"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("ManagedPolicyName"), 128)
        made = job.client("iam").create_policy(
            PolicyName=name,
            PolicyDocument=_document(job.properties["PolicyDocument"]),
            **given(job.properties, "Path", "Description"),
        )
        job.physical_id = made["Policy"]["Arn"]
        self._attach(job, {}, job.properties)
        return {"PolicyArn": job.physical_id}

    def update(self, job: Job) -> dict[str, Any]:
        iam, arn = job.client("iam"), job.physical_id
        assert job.before is not None
        if job.changed("PolicyDocument"):
            self._drop_old(job)
            document = _document(job.properties["PolicyDocument"])
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        self._attach(job, job.before.properties, job.properties)
        return {"PolicyArn": arn}

    def delete(self, job: Job) -> None:
        iam, arn = job.client("iam"), job.physical_id
        self._attach(job, job.properties, {})
        self._drop_old(job)
        iam.delete_policy(PolicyArn=arn)

    def _drop_old(self, job: Job) -> None:
        """IAM keeps five versions at most; CloudFormation keeps the one in force only."""
        iam, arn = job.client("iam"), job.physical_id
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])

    def _attach(self, job: Job, before: dict[str, Any], after: dict[str, Any]) -> None:
        iam = job.client("iam")
        for holders, noun, key in _HOLDERS:
            old, new = set(before.get(holders, [])), set(after.get(holders, []))
            for holder in sorted(new - old):
                getattr(iam, f"attach_{noun}_policy")(**{key: holder}, PolicyArn=job.physical_id)
            for holder in sorted(old - new):
                with reported("NoSuchEntity"):
                    getattr(iam, f"detach_{noun}_policy")(**{key: holder}, PolicyArn=job.physical_id)


KINDS = {
    "AWS::IAM::ManagedPolicy": ManagedPolicy(),
    "AWS::IAM::Policy": Policy(),
    "AWS::IAM::Role": Role(),
}
