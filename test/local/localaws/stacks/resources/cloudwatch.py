"""AWS::CloudWatch."""

from typing import Any, ClassVar

from .kind import Job, Kind, boolean, given

_WORDS = (
    "AlarmActions", "AlarmDescription", "ComparisonOperator", "Dimensions", "InsufficientDataActions", "MetricName",
    "Metrics", "Namespace", "OKActions", "Statistic", "ExtendedStatistic", "TreatMissingData", "Unit",
)  # fmt: skip


class Alarm(Kind):
    immutable: ClassVar[set[str]] = {"AlarmName"}
    gone: ClassVar[set[str]] = {"ResourceNotFound"}

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(job.properties.get("AlarmName"), 255)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        name, stack = job.physical_id, job.stack
        job.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            **given(job.properties, *_WORDS),
            **given(job.properties, "DatapointsToAlarm", "EvaluationPeriods", "Period", convert=int),
            **given(job.properties, "Threshold", convert=float),
            **given(job.properties, "ActionsEnabled", convert=boolean),
        )
        return {"Arn": f"arn:{stack.partition}:cloudwatch:{stack.region}:{stack.account}:alarm:{name}"}

    def delete(self, job: Job) -> None:
        job.client("cloudwatch").delete_alarms(AlarmNames=[job.physical_id])


class Dashboard(Kind):
    immutable: ClassVar[set[str]] = {"DashboardName"}
    gone: ClassVar[set[str]] = {"ResourceNotFound", "DashboardNotFoundError"}

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(job.properties.get("DashboardName"), 255)
        return self.update(job)

    def update(self, job: Job) -> dict[str, Any]:
        job.client("cloudwatch").put_dashboard(
            DashboardName=job.physical_id, DashboardBody=job.properties["DashboardBody"]
        )
        return {}

    def delete(self, job: Job) -> None:
        job.client("cloudwatch").delete_dashboards(DashboardNames=[job.physical_id])


KINDS = {"AWS::CloudWatch::Alarm": Alarm(), "AWS::CloudWatch::Dashboard": Dashboard()}
