"""Resources that one call makes, one changes and one deletes."""

from typing import Any

from .kind import Job, Kind, Plain


class Nothing(Kind):
    """Types that mean something to CloudFormation or to tools only."""

    def create(self, job: Job) -> dict[str, Any]:
        job.physical_id = job.name(None)
        return {}

    def update(self, job: Job) -> dict[str, Any]:
        return {}

    def delete(self, job: Job) -> None:
        pass


class LogGroup(Plain):
    def create(self, job: Job) -> dict[str, Any]:
        super().create(job)
        return self.update(job) if "RetentionInDays" in job.properties else self._attributes(job)

    def _attributes(self, job: Job) -> dict[str, Any]:
        return {"Arn": job.arn("logs", f"log-group:{job.physical_id}:*")}


_EVENTS = "put_function_event_invoke_config"

KINDS: dict[str, Kind] = {
    "AWS::CDK::Metadata": Nothing(),
    "AWS::CloudFormation::WaitConditionHandle": Nothing(),
    "AWS::CloudWatch::Alarm": Plain(
        ("cloudwatch", "put_metric_alarm", "put_metric_alarm", "delete_alarms"), "AlarmName", longest=255, arn="alarm:"
    ),
    "AWS::CloudWatch::Dashboard": Plain(
        ("cloudwatch", "put_dashboard", "put_dashboard", "delete_dashboards"), "DashboardName", longest=255
    ),
    "AWS::KMS::Alias": Plain(("kms", "create_alias", "update_alias", "delete_alias"), "AliasName"),
    "AWS::Lambda::EventInvokeConfig": Plain(
        ("lambda", _EVENTS, _EVENTS, "delete_function_event_invoke_config"), "FunctionName"
    ),
    "AWS::Logs::LogGroup": LogGroup(
        ("logs", "create_log_group", "put_retention_policy", "delete_log_group"), "LogGroupName", longest=512
    ),
    "AWS::SSM::Parameter": Plain(
        ("ssm", "put_parameter", "put_parameter", "delete_parameter"), "Name", longest=1011, also={"Overwrite": True}
    ),
}
