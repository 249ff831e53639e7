"""AWS::IAM."""

from typing import Any

from .kind import Job, Kind, reported

_HOLDERS = {"Roles": "role", "Users": "user", "Groups": "group"}


def _hand(job: Job, verbs: str, before: dict[str, Any], after: dict[str, Any], **policy: Any) -> None:
    """Gives a policy to the identities that properties name, and takes it from those that they no longer do."""
    iam, (give, take) = job.client("iam"), verbs.split()
    for holders, noun in _HOLDERS.items():
        of_holder = f"{noun.capitalize()}Name"
        for holder in after.get(holders, []):
            getattr(iam, f"{give}_{noun}_policy")(**{of_holder: holder}, **policy)
        for holder in set(before.get(holders, [])) - set(after.get(holders, [])):
            with reported(gone=True):
                getattr(iam, f"{take}_{noun}_policy")(**{of_holder: holder}, **policy)


class Role(Kind):
    immutable = ("RoleName", "Path", "PermissionsBoundary")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("RoleName"))
        job.client("iam").create_role(**{**job.properties, "RoleName": name, "Tags": job.tags()})
        job.physical_id = name
        return self._policies(job, {}, job.properties)

    def update(self, job: Job) -> dict[str, Any]:
        iam, role = job.client("iam"), {"RoleName": job.physical_id}
        assert job.before is not None
        iam.update_assume_role_policy(**role, PolicyDocument=job.properties["AssumeRolePolicyDocument"])
        iam.update_role(**{"Description": "", "MaxSessionDuration": 3600, **job.properties, **role})
        return self._policies(job, job.before.properties, job.properties)

    def delete(self, job: Job) -> None:
        """A role can only be deleted without policies; those of others, too, which CloudFormation leaves."""
        self._policies(job, job.properties, {})
        job.client("iam").delete_role(RoleName=job.physical_id)

    def _policies(self, job: Job, before: dict[str, Any], after: dict[str, Any]) -> dict[str, Any]:
        iam, role = job.client("iam"), {"RoleName": job.physical_id}
        for policy in after.get("Policies", []):
            iam.put_role_policy(**role, **policy)
        for arn in after.get("ManagedPolicyArns", []):
            iam.attach_role_policy(**role, PolicyArn=arn)
        kept = [policy["PolicyName"] for policy in after.get("Policies", [])] + after.get("ManagedPolicyArns", [])
        for policy in before.get("Policies", []):
            if policy["PolicyName"] not in kept:
                with reported(gone=True):
                    iam.delete_role_policy(**role, **policy)
        for arn in before.get("ManagedPolicyArns", []):
            if arn not in kept:
                with reported(gone=True):
                    iam.detach_role_policy(**role, PolicyArn=arn)
        found = iam.get_role(**role)["Role"]
        return {"Arn": found["Arn"], "RoleId": found["RoleId"]}


class Policy(Kind):
    """An inline policy in several identities."""

    immutable = ("PolicyName",)

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        before = job.before.properties if job.before and job.before.physical_id == job.physical_id else {}
        policy = {name: job.properties[name] for name in ("PolicyName", "PolicyDocument")}
        _hand(job, "put delete", before, job.properties, **policy)
        return {}

    def delete(self, job: Job) -> None:
        _hand(job, "put delete", job.properties, {}, PolicyName=job.properties["PolicyName"])


class ManagedPolicy(Kind):
    immutable = ("ManagedPolicyName", "Path", "Description")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("ManagedPolicyName"), 128)
        made = job.client("iam").create_policy(**job.properties, PolicyName=name)
        job.physical_id = made["Policy"]["Arn"]
        _hand(job, "attach detach", {}, job.properties, PolicyArn=job.physical_id)
        return {"PolicyArn": job.physical_id}

    def update(self, job: Job) -> dict[str, Any]:
        arn, document = job.physical_id, job.properties["PolicyDocument"]
        assert job.before is not None
        self._drop_old(job)
        job.client("iam").create_policy_version(PolicyArn=arn, PolicyDocument=document, SetAsDefault=True)
        _hand(job, "attach detach", job.before.properties, job.properties, PolicyArn=arn)
        return {"PolicyArn": arn}

    def delete(self, job: Job) -> None:
        _hand(job, "attach detach", job.properties, {}, PolicyArn=job.physical_id)
        self._drop_old(job)
        job.client("iam").delete_policy(PolicyArn=job.physical_id)

    def _drop_old(self, job: Job) -> None:
        """IAM keeps five versions at most; CloudFormation keeps the one in force only."""
        iam, arn = job.client("iam"), job.physical_id
        for version in iam.list_policy_versions(PolicyArn=arn)["Versions"]:
            if not version["IsDefaultVersion"]:
                iam.delete_policy_version(PolicyArn=arn, VersionId=version["VersionId"])


KINDS = {
    "AWS::IAM::ManagedPolicy": ManagedPolicy(),
    "AWS::IAM::Policy": Policy(),
    "AWS::IAM::Role": Role(),
}
