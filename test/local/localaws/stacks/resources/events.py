"""AWS::Events."""

from typing import Any

from .kind import Job, Kind


class Rule(Kind):
    """A rule with its targets. Nobody watches the clock here: tests send what a schedule would."""

    immutable = ("Name",)

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(job.properties.get("Name"))
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        client, name = job.client("events"), job.physical_id
        made = client.put_rule(**{**job.properties, "Name": name})
        client.put_targets(**job.properties, Rule=name)
        return {"Arn": made["RuleArn"]}

    def delete(self, job: Job) -> None:
        client, name = job.client("events"), job.physical_id
        client.remove_targets(Rule=name, Ids=[one["Id"] for one in job.properties.get("Targets", [])])
        client.delete_rule(Name=name)


KINDS = {"AWS::Events::Rule": Rule()}
