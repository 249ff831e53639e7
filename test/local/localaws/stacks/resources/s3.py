"""AWS::S3."""

from typing import Any

from .kind import Job, Kind

# The names in templates of what has another one in the API.
_API_NAMES = {
    "ServerSideEncryptionByDefault": "ApplyServerSideEncryptionByDefault",
    "ServerSideEncryptionConfiguration": "Rules",
}


class Bucket(Kind):
    immutable = ("BucketName", "ObjectLockEnabled")

    def create(self, job: Job) -> dict[str, Any]:
        name, region = job.name(job.properties.get("BucketName"), 63).lower(), job.stack.region
        where = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
        job.client("s3").create_bucket(Bucket=name, **where)
        job.physical_id = name
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        s3, name, wanted = job.client("s3"), job.physical_id, _renamed(job.properties)
        if block := wanted.get("PublicAccessBlockConfiguration"):
            s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
        if ownership := wanted.get("OwnershipControls"):
            s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=ownership)
        if encryption := wanted.get("BucketEncryption"):
            s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
        if versioning := wanted.get("VersioningConfiguration"):
            s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
        if tags := job.tags():
            s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": tags})
        if rules := wanted.get("LifecycleConfiguration", {}).get("Rules"):
            configuration = {"Rules": [_lifecycle_rule(rule) for rule in rules]}
            s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=configuration)
        region = job.stack.region
        return {
            "Arn": f"arn:{job.stack.partition}:s3:::{name}",
            "DomainName": f"{name}.s3.amazonaws.com",
            "RegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
        }

    def delete(self, job: Job) -> None:
        job.client("s3").delete_bucket(Bucket=job.physical_id)


def _renamed(value: Any) -> Any:
    if isinstance(value, list):
        return [_renamed(item) for item in value]
    if isinstance(value, dict):
        return {_API_NAMES.get(name, name): _renamed(item) for name, item in value.items()}
    return value


def _lifecycle_rule(rule: dict[str, Any]) -> dict[str, Any]:
    """Templates have an older form of some parts, too."""
    made = {**rule, "Filter": {"Prefix": rule.get("Prefix", "")}}
    made.pop("Prefix", None)
    if "ExpirationInDays" in rule:
        made["Expiration"] = {"Days": rule["ExpirationInDays"]}
    if "NoncurrentVersionExpirationInDays" in rule:
        made["NoncurrentVersionExpiration"] = {"NoncurrentDays": rule["NoncurrentVersionExpirationInDays"]}
    return made


class BucketPolicy(Kind):
    immutable = ("Bucket",)

    def create(self, job: Job) -> dict[str, Any]:
        self.update(job)
        job.physical_id = job.properties["Bucket"]
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        job.client("s3").put_bucket_policy(**job.properties, Policy=job.properties["PolicyDocument"])
        return {}

    def delete(self, job: Job) -> None:
        job.client("s3").delete_bucket_policy(Bucket=job.physical_id)


KINDS = {"AWS::S3::Bucket": Bucket(), "AWS::S3::BucketPolicy": BucketPolicy()}
