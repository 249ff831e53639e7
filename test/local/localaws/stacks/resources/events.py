"""AWS::Events."""

from typing import Any, ClassVar

from .kind import Job, Kind, given


class Rule(Kind):
    """A rule with its targets. Nobody watches the clock here: tests send what a schedule would."""

    immutable: ClassVar[set[str]] = {"Name"}
    gone: ClassVar[set[str]] = {"ResourceNotFoundException"}

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(job.properties.get("Name"))
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        client, name = job.client("events"), job.physical_id
        fields = given(job.properties, "Description", "EventPattern", "ScheduleExpression", "State", convert=str)
        made = client.put_rule(Name=name, **fields)
        client.put_targets(Rule=name, Targets=job.properties.get("Targets", []))
        return {"Arn": made["RuleArn"]}

    def delete(self, job: Job) -> None:
        client, name = job.client("events"), job.physical_id
        targets = [one["Id"] for one in client.list_targets_by_rule(Rule=name)["Targets"]]
        if targets:
            client.remove_targets(Rule=name, Ids=targets)
        client.delete_rule(Name=name)


KINDS = {"AWS::Events::Rule": Rule()}
