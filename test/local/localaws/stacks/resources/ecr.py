"""AWS::ECR: `cdk bootstrap` makes a repository."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, given


class Repository(Kind):
    immutable: ClassVar[set[str]] = {"RepositoryName", "EncryptionConfiguration"}
    gone: ClassVar[set[str]] = {"RepositoryNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("RepositoryName"), 256).lower()
        tags = {"imageTagMutability": job.properties.get("ImageTagMutability", "MUTABLE")}
        job.client("ecr").create_repository(repositoryName=name, **tags)
        job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        ecr, name, stack = job.client("ecr"), job.physical_id, job.stack
        for policy in given(job.properties, "RepositoryPolicyText", convert=json.dumps).values():
            ecr.set_repository_policy(repositoryName=name, policyText=policy)
        return {
            "Arn": f"arn:{stack.partition}:ecr:{stack.region}:{stack.account}:repository/{name}",
            "RepositoryUri": f"{stack.account}.dkr.ecr.{stack.region}.amazonaws.com/{name}",
        }

    def delete(self, job: Job) -> None:
        job.client("ecr").delete_repository(repositoryName=job.physical_id, force=True)


KINDS = {"AWS::ECR::Repository": Repository()}
