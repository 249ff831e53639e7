"""AWS::ECR: `cdk bootstrap` makes a repository."""

from typing import Any

from .kind import Job, Kind


class Repository(Kind):
    immutable = ("RepositoryName", "EncryptionConfiguration")

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("RepositoryName"), 256).lower()
        job.client("ecr").create_repository(**{**job.properties, "RepositoryName": name})
        job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        ecr, name, stack = job.client("ecr"), job.physical_id, job.stack
        if policy := job.properties.get("RepositoryPolicyText"):
            ecr.set_repository_policy(RepositoryName=name, PolicyText=policy)
        uri = f"{stack.account}.dkr.ecr.{stack.region}.amazonaws.com/{name}"
        return {"Arn": job.arn("ecr", f"repository/{name}"), "RepositoryUri": uri}

    def delete(self, job: Job) -> None:
        job.client("ecr").delete_repository(RepositoryName=job.physical_id, Force=True)


KINDS = {"AWS::ECR::Repository": Repository()}
