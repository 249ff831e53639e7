"""AWS::IAM."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, difference, given, gone_is_fine, pairs, reported


def _document(document: Any) -> str:
    return document if isinstance(document, str) else json.dumps(document)


def _inline(policies: list[dict[str, Any]]) -> dict[str, str]:
    return {policy["PolicyName"]: _document(policy["PolicyDocument"]) for policy in policies}


class _Identity(Kind):
    """What users, roles and groups have in common: inline and managed policies."""

    noun: ClassVar[str]
    longest: ClassVar[int] = 64

    def _call(self, job: Job, verb: str, **arguments: Any) -> Any:
        return getattr(job.client("iam"), verb)(**{f"{self.noun}Name": job.physical_id}, **arguments)

    def _policies(self, job: Job) -> None:
        noun = self.noun.lower()
        before = job.before.properties if job.before and job.before.physical_id == job.physical_id else {}
        set_, removed = difference(_inline(before.get("Policies", [])), _inline(job.properties.get("Policies", [])))
        for name, document in set_.items():
            self._call(job, f"put_{noun}_policy", PolicyName=name, PolicyDocument=document)
        for name in removed:
            self._call(job, f"delete_{noun}_policy", PolicyName=name)
        old, new = (set(properties.get("ManagedPolicyArns", [])) for properties in (before, job.properties))
        for arn in sorted(new - old):
            self._call(job, f"attach_{noun}_policy", PolicyArn=arn)
        for arn in sorted(old - new):
            self._call(job, f"detach_{noun}_policy", PolicyArn=arn)

    def _clear(self, job: Job) -> None:
        """An identity can only be deleted without policies; those of others, too, which CloudFormation leaves."""
        noun = self.noun.lower()
        for name in _inline(job.properties.get("Policies", [])):
            with gone_is_fine("NoSuchEntity"):
                self._call(job, f"delete_{noun}_policy", PolicyName=name)
        for arn in job.properties.get("ManagedPolicyArns", []):
            with gone_is_fine("NoSuchEntity"):
                self._call(job, f"detach_{noun}_policy", PolicyArn=arn)

    def delete(self, job: Job) -> None:
        self._clear(job)
        with gone_is_fine("NoSuchEntity"):
            self._call(job, f"delete_{self.noun.lower()}")


class Role(_Identity):
    noun = "Role"
    immutable: ClassVar[set[str]] = {"RoleName", "Path"}

    def create(self, job: Job) -> dict[str, Any]:
        name, iam = job.name(job.properties.get("RoleName")), job.client("iam")
        with reported():
            iam.create_role(
                RoleName=name,
                AssumeRolePolicyDocument=_document(job.properties["AssumeRolePolicyDocument"]),
                Tags=pairs(job.tags()),
                **given(job.properties, "Path", "Description", "PermissionsBoundary"),
                **given(job.properties, "MaxSessionDuration", convert=int),
            )
            job.physical_id = name
            self._policies(job)
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        iam, name = job.client("iam"), job.physical_id
        with reported():
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
            self._policies(job)
        return self._attributes(job)

    def _attributes(self, job: Job) -> dict[str, Any]:
        role = job.client("iam").get_role(RoleName=job.physical_id)["Role"]
        return {"Arn": role["Arn"], "RoleId": role["RoleId"]}


class User(_Identity):
    noun = "User"
    immutable: ClassVar[set[str]] = {"UserName", "Path"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("UserName"))
        with reported():
            extra = given(job.properties, "Path", "PermissionsBoundary")
            job.client("iam").create_user(UserName=name, Tags=pairs(job.tags()), **extra)
            job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        with reported():
            self._policies(job)
            before = set(job.before.properties.get("Groups", [])) if job.before else set()
            groups = set(job.properties.get("Groups", []))
            for group in sorted(groups - before):
                self._call(job, "add_user_to_group", GroupName=group)
            for group in sorted(before - groups):
                self._call(job, "remove_user_from_group", GroupName=group)
            return {"Arn": self._call(job, "get_user")["User"]["Arn"]}

    def delete(self, job: Job) -> None:
        for group in job.properties.get("Groups", []):
            with gone_is_fine("NoSuchEntity"):
                self._call(job, "remove_user_from_group", GroupName=group)
        super().delete(job)


class Group(_Identity):
    noun = "Group"
    immutable: ClassVar[set[str]] = {"GroupName"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("GroupName"), 128)
        with reported():
            job.client("iam").create_group(GroupName=name, **given(job.properties, "Path"))
            job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        with reported():
            self._policies(job)
            return {"Arn": self._call(job, "get_group")["Group"]["Arn"]}


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
        with reported():
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
                with gone_is_fine("NoSuchEntity"):
                    getattr(iam, f"delete_{noun}_policy")(**{key: holder}, PolicyName=properties["PolicyName"])


class ManagedPolicy(Kind):
    immutable: ClassVar[set[str]] = {"ManagedPolicyName", "Path", "Description"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("ManagedPolicyName"), 128)
        with reported():
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
        with reported():
            if job.changed("PolicyDocument"):
                for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
                    # At most five are kept; CloudFormation keeps the one in force only.
                    if not version["IsDefaultVersion"]:
                        iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
                document = _document(job.properties["PolicyDocument"])
                iam.create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
            self._attach(job, job.before.properties, job.properties)
        return {"PolicyArn": arn}

    def delete(self, job: Job) -> None:
        iam, arn = job.client("iam"), job.physical_id
        with gone_is_fine("NoSuchEntity"):
            self._attach(job, job.properties, {})
            for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
                if not version["IsDefaultVersion"]:
                    iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])
            iam.delete_policy(PolicyArn=arn)

    def _attach(self, job: Job, before: dict[str, Any], after: dict[str, Any]) -> None:
        iam = job.client("iam")
        for holders, noun, key in _HOLDERS:
            old, new = set(before.get(holders, [])), set(after.get(holders, []))
            for holder in sorted(new - old):
                getattr(iam, f"attach_{noun}_policy")(**{key: holder}, PolicyArn=job.physical_id)
            for holder in sorted(old - new):
                with gone_is_fine("NoSuchEntity"):
                    getattr(iam, f"detach_{noun}_policy")(**{key: holder}, PolicyArn=job.physical_id)


KINDS = {
    "AWS::IAM::Group": Group(),
    "AWS::IAM::ManagedPolicy": ManagedPolicy(),
    "AWS::IAM::Policy": Policy(),
    "AWS::IAM::Role": Role(),
    "AWS::IAM::User": User(),
}
