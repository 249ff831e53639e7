"""Lambda: functions run as host processes instead of Docker containers, and the settings that deployment needs."""

from typing import Any

from moto.awslambda.models import EventInvokeConfig, LambdaBackend, LambdaFunction
from moto.awslambda.responses import LambdaResponse
from moto.utilities.aws_headers import amz_crc32

from .. import lineage, operations
from ..functions import Functions
from .extend import extend

# Settings that moto neither keeps nor returns.
_SETTINGS = ("DeadLetterConfig", "LoggingConfig")


def install(functions: Functions) -> None:
    @extend(LambdaResponse, "invoke")
    @amz_crc32
    def invoke(_: Any, self: Any) -> tuple[int, dict[str, Any], bytes]:
        # moto also looks for the qualifier in the payload, which is the function's business alone.
        given = operations.describe(self.normalized_request.environ).parameters
        function, payload = (
            self.backend.get_function(given["FunctionName"], given.get("Qualifier")),
            given.get("Payload"),
        )
        invoked = lineage.of_request(self.headers.get("X-Amzn-Trace-Id", ""), function.function_arn)
        if given.get("InvocationType") == "Event":
            request_id = functions.invoke_later(function, payload or b"{}", invoked)
            return 202, {"status": 202, "x-amzn-requestid": request_id}, b""
        outcome = functions.invoke(function, payload or b"{}", invoked)
        headers = {"content-type": "application/json", "x-amz-executed-version": str(function.version)}
        if outcome.error:
            headers["x-amz-function-error"] = "Unhandled"
        return 200, headers, outcome.payload

    @extend(LambdaBackend, "delete_function")
    def delete_function(original: Any, self: Any, function_name: str, qualifier: Any = None) -> Any:
        arn = self.get_function(function_name).function_arn
        answer = original(self, function_name, qualifier)
        if not qualifier:
            functions.forget(arn)
        return answer

    _settings()
    _event_invoke_config()
    _code()


def _settings() -> None:
    """Keeps dead-letter queue, log group and the like, which moto drops on create and on update."""

    def keep(function: Any, spec: dict[str, Any]) -> None:
        function.settings = getattr(function, "settings", {}) | {key: spec[key] for key in _SETTINGS if key in spec}
        group = (function.settings.get("LoggingConfig") or {}).get("LogGroup")
        function.logs_group_name = group or f"/aws/lambda/{function.function_name}"

    @extend(LambdaFunction, "__init__")
    def init(original: Any, self: Any, account_id: str, spec: dict[str, Any], *args: Any, **kwargs: Any) -> None:
        original(self, account_id, spec, *args, **kwargs)
        keep(self, spec)

    @extend(LambdaFunction, "update_configuration")
    def update(original: Any, self: Any, updates: dict[str, Any]) -> Any:
        original(self, updates)
        keep(self, updates)
        return self.get_configuration()

    @extend(LambdaFunction, "get_configuration")
    def configuration(original: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        kept = {name: value for name, value in getattr(self, "settings", {}).items() if value}
        return {**original(self, *args, **kwargs), **kept}

    @extend(LambdaBackend, "update_function_code")
    def code(original: Any, self: Any, function_name: str, qualifier: Any, body: dict[str, Any]) -> Any:
        # The architecture is changed together with the code, never alone.
        if body.get("Architectures"):
            self.get_function(function_name, qualifier).architectures = body["Architectures"]
        return original(self, function_name, qualifier, body)


def _event_invoke_config() -> None:
    @extend(LambdaBackend, "put_function_event_invoke_config")
    def put(_: Any, self: Any, function_name: str, config: dict[str, Any]) -> dict[str, Any]:
        # There is one configuration; moto appends a second one and goes on to use the first.
        function = self.get_function(function_name)
        function.event_invoke_config = [EventInvokeConfig(function.function_arn, function.last_modified, config)]
        return function.event_invoke_config[0].response()


def _code() -> None:
    zips: dict[str, bytes] = {}

    @extend(LambdaFunction, "_set_function_code")
    def set_code(original: Any, self: Any, updated_spec: dict[str, Any]) -> None:
        # moto keeps every zip twice, and tests deploy the same one dozens of times.
        original(self, updated_spec)
        self.code.pop("ZipFile", None)
        self.code_bytes = zips.setdefault(self.code_sha_256, self.code_bytes)
