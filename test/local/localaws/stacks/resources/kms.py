"""AWS::KMS."""

import json
from typing import Any, ClassVar

from .kind import Job, Kind, boolean, difference, given, pairs


class Key(Kind):
    immutable: ClassVar[set[str]] = {"KeySpec", "KeyUsage", "MultiRegion", "Origin"}
    gone: ClassVar[set[str]] = {"NotFoundException", "KMSInvalidStateException"}

    def create(self, job: Job) -> dict[str, Any]:
        policy = given(job.properties, "KeyPolicy", convert=json.dumps)
        made = job.client("kms").create_key(
            Tags=pairs(job.tags(), "TagKey", "TagValue"),
            **({"Policy": policy["KeyPolicy"]} if policy else {}),
            **given(job.properties, "Description", "KeySpec", "KeyUsage", "Origin"),
            **given(job.properties, "MultiRegion", convert=boolean),
        )
        job.physical_id = made["KeyMetadata"]["KeyId"]
        self._rotate(job)
        return self._attributes(job)

    def update(self, job: Job) -> dict[str, Any]:
        kms, key = job.client("kms"), job.physical_id
        assert job.before is not None
        if job.changed("KeyPolicy") and "KeyPolicy" in job.properties:
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(job.properties["KeyPolicy"]))
        if job.changed("Description"):
            kms.update_key_description(KeyId=key, Description=job.properties.get("Description", ""))
        before = {tag["Key"]: tag["Value"] for tag in job.before.properties.get("Tags", [])}
        set_, removed = difference(before, job.tags())
        if set_:
            kms.tag_resource(KeyId=key, Tags=pairs(set_, "TagKey", "TagValue"))
        if removed:
            kms.untag_resource(KeyId=key, TagKeys=removed)
        self._rotate(job)
        return self._attributes(job)

    def delete(self, job: Job) -> None:
        # Scheduled already is as good as deleted.
        days = int(job.properties.get("PendingWindowInDays", 30))
        job.client("kms").schedule_key_deletion(KeyId=job.physical_id, PendingWindowInDays=days)

    def _rotate(self, job: Job) -> None:
        kms, key = job.client("kms"), job.physical_id
        if boolean(job.properties.get("EnableKeyRotation", False)):
            kms.enable_key_rotation(KeyId=key, **given(job.properties, "RotationPeriodInDays", convert=int))
        elif job.before and boolean(job.before.properties.get("EnableKeyRotation", False)):
            kms.disable_key_rotation(KeyId=key)

    def _attributes(self, job: Job) -> dict[str, Any]:
        key = job.client("kms").describe_key(KeyId=job.physical_id)["KeyMetadata"]
        return {"Arn": key["Arn"], "KeyId": key["KeyId"]}


class Alias(Kind):
    immutable: ClassVar[set[str]] = {"AliasName"}
    gone: ClassVar[set[str]] = {"NotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        job.client("kms").create_alias(**given(job.properties, "AliasName", "TargetKeyId"))
        job.physical_id = job.properties["AliasName"]
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        job.client("kms").update_alias(**given(job.properties, "AliasName", "TargetKeyId"))
        return {}

    def delete(self, job: Job) -> None:
        job.client("kms").delete_alias(AliasName=job.physical_id)


KINDS = {"AWS::KMS::Alias": Alias(), "AWS::KMS::Key": Key()}
