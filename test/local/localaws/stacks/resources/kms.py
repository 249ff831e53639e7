"""AWS::KMS. An alias is in the table."""

from typing import Any

from .kind import Job, Kind


class Key(Kind):
    def create(self, job: Job) -> dict[str, Any]:
        kms, given = job.client("kms"), {**job.properties, "Tags": job.tags()}
        if "KeyPolicy" in given:
            given["Policy"] = given["KeyPolicy"]
        job.physical_id = kms.create_key(**given)["KeyMetadata"]["KeyId"]
        if str(given.get("EnableKeyRotation")).lower() == "true":
            kms.enable_key_rotation(KeyId=job.physical_id, **given)
        return {"Arn": job.arn("kms", f"key/{job.physical_id}"), "KeyId": job.physical_id}

    def delete(self, job: Job) -> None:
        job.client("kms").schedule_key_deletion(
            **{"PendingWindowInDays": 30, **job.properties, "KeyId": job.physical_id}
        )


KINDS = {"AWS::KMS::Key": Key()}
