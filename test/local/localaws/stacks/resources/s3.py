"""AWS::S3."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, boolean, pairs


class Bucket(Kind):
    immutable: ClassVar[set[str]] = {"BucketName", "ObjectLockEnabled"}
    gone: ClassVar[set[str]] = {"NoSuchBucket"}

    def create(self, job: Job) -> dict[str, Any]:
        name = job.name(job.properties.get("BucketName"), 63).lower()
        region = job.stack.region
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        job.client("s3").create_bucket(Bucket=name, **where)
        job.physical_id = name
        return self._configure(job)

    def update(self, job: Job) -> dict[str, Any]:
        return self._configure(job)

    def delete(self, job: Job) -> None:
        job.client("s3").delete_bucket(Bucket=job.physical_id)

    def _configure(self, job: Job) -> dict[str, Any]:
        s3, name, wanted = job.client("s3"), job.physical_id, job.properties
        if block := wanted.get("PublicAccessBlockConfiguration"):
            settings = {key: boolean(value) for key, value in block.items()}
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=settings)
        if rules := wanted.get("OwnershipControls", {}).get("Rules"):
            s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls={"Rules": rules})
        if rules := wanted.get("BucketEncryption", {}).get("ServerSideEncryptionConfiguration"):
            configuration = {"Rules": [_encryption(rule) for rule in rules]}
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=configuration)
        if versioning := wanted.get("VersioningConfiguration"):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
        if tags := job.tags():
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": pairs(tags)})
        self._lifecycle(job)
        partition, region = job.stack.partition, job.stack.region
        return {
            "Arn": f"arn:{partition}:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "DualStackDomainName": f"{name}.s3.dualstack.{region}.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
            "WebsiteURL": f"http://{name}.s3-website-{region}.amazonaws.com",
        }

    def _lifecycle(self, job: Job) -> None:
        rules = [_lifecycle_rule(rule) for rule in job.properties.get("LifecycleConfiguration", {}).get("Rules", [])]
        if rules:
            job.client("s3").put_bucket_lifecycle_configuration(
                Bucket=job.physical_id, LifecycleConfiguration={"Rules": rules}
            )


def _encryption(rule: dict[str, Any]) -> dict[str, Any]:
    """The template's names differ from the API's in one place, and BlockedEncryptionTypes is passed on."""
    made = {key: value for key, value in rule.items() if key != "ServerSideEncryptionByDefault"}
    if "ServerSideEncryptionByDefault" in rule:
        made["ApplyServerSideEncryptionByDefault"] = rule["ServerSideEncryptionByDefault"]
    if "BucketKeyEnabled" in made:
        made["BucketKeyEnabled"] = boolean(made["BucketKeyEnabled"])
    return made


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = {"Status": rule["Status"], "Filter": {"Prefix": rule.get("Prefix", "")}}
    if "Id" in rule:
        made["ID"] = rule["Id"]
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": int(rule["ExpirationInDays"])}
    if "NoncurrentVersionExpirationInDays" in rule:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(rule["NoncurrentVersionExpirationInDays"])}
    if days := rule.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays"):
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": int(days)}
    if upload := rule.get("AbortIncompleteMultipartUpload"):
        made["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": int(upload["DaysAfterInitiation"])}
    return made


class BucketPolicy(Kind):
    immutable: ClassVar[set[str]] = {"Bucket"}
    gone: ClassVar[set[str]] = {"NoSuchBucket"}

    def create(self, job: Job) -> dict[str, Any]:
        self.update(job)
        job.physical_id = job.properties["Bucket"]
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        document = json.dumps(job.properties["PolicyDocument"])
        job.client("s3").put_bucket_policy(Bucket=job.properties["Bucket"], Policy=document)
        return {}

    def delete(self, job: Job) -> None:
        job.client("s3").delete_bucket_policy(Bucket=job.physical_id)


KINDS = {"AWS::S3::Bucket": Bucket(), "AWS::S3::BucketPolicy": BucketPolicy()}
