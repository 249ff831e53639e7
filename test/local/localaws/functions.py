"""Lambda: runs functions of moto's accounts as processes of this host."""

import json
import threading
import time
import uuid
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.sts.models import sts_backends
from werkzeug.wrappers import Request, Response

from . import lineage
from .functioncode import Code
from .functionlog import Record, new_stream, write
from .pool import Pool
from .runtime import Environment, Invocation, Outcome, RuntimeAPI
from .settings import OfAccounts
from .undelivered import Event, give_up

_KEPT_INVOCATIONS = 2000  # of each account


class Functions:
    def __init__(self, settings: OfAccounts, endpoint: str) -> None:
        self._settings, self._endpoint = settings, endpoint
        self._api, self._pool, self._code = RuntimeAPI(endpoint.removeprefix("http://")), Pool(), Code()
        self._records: dict[str, deque[Record]] = defaultdict(lambda: deque(maxlen=_KEPT_INVOCATIONS))
        self._last: dict[str, tuple[LambdaFunction, bytes]] = {}  # the last asynchronous event of each function
        self._lock = threading.Lock()
        self._generation = 0  # a reset makes retries of before it pointless

    def runtime_api(self, request: Request) -> Response:
        return self._api.application(request)

    def reset(self) -> None:
        with self._lock:
            self._generation += 1
            self._records.clear()
            self._last.clear()
        self._pool.stop()

    def stop(self) -> None:
        self.reset()
        self._code.remove()

    def forget(self, arn: str) -> None:
        """Ends the processes of a function that is deleted, except those at work: Lambda lets them finish."""
        self._pool.retire(arn)

    def processes(self) -> list[dict[str, Any]]:
        return [{"function": one.arn, "pid": one.process.pid, "started": one.started} for one in self._pool.all()]

    def records(self, start: float, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """The invocations since a time whose fields are as wanted: copying all of them, with their lines, is slow.

        With all that was written so far: a function answers CloudFormation before its invocation is over, and who
        asks then expects the lines from before the answer.
        """
        for environment in self._pool.all():
            environment.drain()
        with self._lock:
            records = [one for of_account in self._records.values() for one in of_account]
        meant = sorted((one for one in records if one.start >= start), key=lambda one: one.start)
        return [asdict(one) for one in meant if all(vars(one).get(key) == value for key, value in wanted.items())]

    def invoke(self, function: LambdaFunction, payload: bytes, invoked: int = 1) -> Outcome:
        """A synchronous invocation."""
        return self._run(Event(function, payload, str(uuid.uuid4()), {}, 0, invoked))

    def invoke_later(self, function: LambdaFunction, payload: bytes, invoked: int = 1) -> str:
        """An asynchronous invocation, with the retries and the dead-letter queue that Lambda gives it."""
        config = function.event_invoke_config[0].config if function.event_invoke_config else {}
        event = Event(function, payload, str(uuid.uuid4()), config, invoked=invoked)
        if invoked > lineage.MOST:
            loop = Outcome.failure("RecursiveInvocationException", "Lambda stopped a recursive loop.")
            give_up(event, loop)
            return event.request_id
        self._last[function.function_arn] = function, payload
        threading.Thread(target=self._deliver, args=(event,), daemon=True, name=f"event-{event.request_id}").start()
        return event.request_id

    def again(self, arn: str) -> None:
        """Delivers the last asynchronous event of a function once more, which Lambda may do at any time.

        https://docs.aws.amazon.com/lambda/latest/dg/invocation-async.html
        """
        self.invoke_later(*self._last[arn])

    def _deliver(self, event: Event) -> None:
        generation, born = self._generation, time.time()
        retries = event.config.get("MaximumRetryAttempts", 2)
        oldest = event.config.get("MaximumEventAgeInSeconds", 21600)
        while generation == self._generation:
            outcome = self._run(event)
            if not outcome.error:
                return
            delays = self._settings[event.function.account_id].async_retry_delays or [0]
            delay = delays[min(event.attempt, len(delays)) - 1]
            # No retry that would come too late: Lambda gives up at once.
            aged = time.time() - born + delay > oldest
            if event.attempt > retries or aged:
                if generation == self._generation:
                    give_up(event, outcome)
                return
            time.sleep(delay)
            event.attempt += 1
            try:
                backend = lambda_backends[event.function.account_id][event.function.region]
                event.function = backend.get_function(event.function.function_arn)
            except UnknownFunctionException:
                return  # deleted meanwhile

    def _run(self, event: Event) -> Outcome:
        """One attempt; attempt 0 is a synchronous invocation."""
        function, request_id, attempt = event.function, event.request_id, event.attempt
        kind = "Event" if attempt else "RequestResponse"
        record = Record(request_id, function.function_name, function.account_id, kind, max(attempt, 1), time.time())
        with self._lock:
            self._records[function.account_id].append(record)
        log, stream = record.lines.append, new_stream(function)
        try:
            # What a running process was started from, and a new one would be.
            origin = repr(function.get_configuration())
            environment = self._pool.take(function.function_arn, origin, lambda: self._start(function, stream, log))
        except OSError as error:
            outcome = Outcome.failure("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {_cannot(error)}")
            log(json.loads(outcome.payload)["errorMessage"])
        else:
            environment.log, stream = log, environment.stream
            log(f"START RequestId: {request_id} Version: {function.version}")
            outcome = environment.invoke(
                Invocation(request_id, event.payload, function.function_arn, float(function.timeout), event.invoked)
            )
            self._pool.give_back(environment)
            log(f"END RequestId: {request_id}")
            elapsed = (time.time() - record.start) * 1000
            log(f"REPORT RequestId: {request_id}\tDuration: {elapsed:.2f} ms\tMemory Size: {function.memory_size} MB")
        write(function, stream, record.lines)
        record.end, record.error = time.time(), outcome.error
        return outcome

    def _start(self, function: LambdaFunction, stream: str, log: Callable[[str], None]) -> Environment:
        directory = self._code.unpack(function.code_bytes)
        log_group = function.logs_group_name
        variables = {
            **_role_credentials(function),
            "AWS_REGION": function.region,
            "AWS_DEFAULT_REGION": function.region,
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.run_time}",
            "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
            "AWS_LAMBDA_FUNCTION_VERSION": str(function.version),
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory_size),
            "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
            "AWS_LAMBDA_LOG_GROUP_NAME": log_group,
            "AWS_LAMBDA_LOG_STREAM_NAME": stream,
            "_HANDLER": function.handler or "",
            "LANG": "en_US.UTF-8",
            "PATH": "/usr/local/bin:/usr/bin:/bin",
            "TZ": ":UTC",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_ENDPOINT_URL": self._endpoint,
            # Names like bucket.localhost, which the SDKs form, need not resolve: a proxy takes them. Go never uses it
            # for `localhost` itself. No NO_PROXY: `localhost` there would mean every name below it, too.
            "HTTP_PROXY": self._endpoint,
            **{key: str(value) for key, value in function.environment_vars.items()},
        }
        environment = Environment(self._api, function.function_arn, directory, variables)
        environment.log = log
        return environment


def _cannot(error: OSError) -> str:
    hint = " (the zip for the local AWS is built for this host's architecture)" if error.errno == 8 else ""
    return f"fork/exec /var/task/bootstrap: {(error.strerror or str(error)).lower()}{hint}"


def _role_credentials(function: LambdaFunction) -> dict[str, str]:
    sts = sts_backends[function.account_id][function.partition]
    name, role = function.function_name, function.role
    made = sts.assume_role(function.region, name, role, policy="", duration=43200, external_id="")
    return {
        "AWS_ACCESS_KEY_ID": made.access_key_id,
        "AWS_SECRET_ACCESS_KEY": made.secret_access_key,
        "AWS_SESSION_TOKEN": made.session_token,
    }
