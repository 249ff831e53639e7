"""Lambda: runs functions of moto's accounts as processes of this host."""

import hashlib
import json
import threading
import time
import uuid
from collections import deque
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moto.awslambda.exceptions import UnknownFunctionException
from moto.awslambda.models import LambdaFunction, lambda_backends
from moto.sts.models import sts_backends

from . import lineage
from .functioncode import Code
from .functionlog import Log, Record
from .runtime import Environment, Invocation, Outcome
from .settings import Settings
from .undelivered import Event, give_up

_KEPT_INVOCATIONS = 2000
_KEPT_IDLE = 12  # processes of all functions together; Lambda takes idle environments away when it likes, too


class Loop(Exception):
    """An invocation too many of a function in one chain of requests."""


class Functions:
    def __init__(self, settings: Settings, *, verbose: bool) -> None:
        self._settings, self.verbose = settings, verbose
        self._endpoint = ""
        self._code = Code()
        self._pools: dict[str, _Pool] = {}
        self._retired: list[_Pool] = []  # of deleted functions that may still be at something
        self._records: deque[Record] = deque(maxlen=_KEPT_INVOCATIONS)
        self._last: dict[str, tuple[LambdaFunction, bytes]] = {}  # the last asynchronous event of each function
        self._lock = threading.Lock()
        self._generation = 0  # a reset makes retries of before it pointless

    def connect(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def reset(self) -> None:
        with self._lock:
            self._generation += 1
            pools = [*self._pools.values(), *self._retired]
            self._pools, self._retired = {}, []
            self._records.clear()
            self._last.clear()
        for pool in pools:
            pool.stop()

    def stop(self) -> None:
        self.reset()
        self._code.remove()

    def forget(self, arn: str) -> None:
        """Ends the processes of a function that is deleted, except those at work: Lambda lets them finish."""
        with self._lock:
            pool = self._pools.pop(arn, None)
            if pool:
                self._retired.append(pool)
        if pool:
            pool.retire()

    def processes(self) -> list[dict[str, Any]]:
        with self._lock:
            pools = [*self._pools.values(), *self._retired]
        return [
            {"function": environment.arn, "pid": environment.process.pid, "started": environment.started}
            for pool in pools
            for environment in pool.all()
        ]

    def records(self, start: float, wanted: dict[str, str]) -> list[dict[str, Any]]:
        """The invocations since a time whose fields are as wanted: copying all of them, with their lines, is slow."""
        with self._lock:
            records = list(self._records)
        meant = [one for one in records if one.start >= start]
        return [asdict(one) for one in meant if all(vars(one).get(key) == value for key, value in wanted.items())]

    def invoke(self, function: LambdaFunction, payload: bytes, invoked: int = 1) -> Outcome:
        """A synchronous invocation."""
        if invoked > lineage.MOST:
            raise Loop
        return self._run(Event(function, payload, str(uuid.uuid4()), {}, 0, invoked))

    def invoke_later(self, function: LambdaFunction, payload: bytes, invoked: int = 1) -> str:
        """An asynchronous invocation, with the retries and the dead-letter queue that Lambda gives it."""
        config = function.event_invoke_config[0].config if function.event_invoke_config else {}
        event = Event(function, payload, str(uuid.uuid4()), config, invoked=invoked)
        if invoked > lineage.MOST:
            loop = Outcome.failure("RecursiveInvocationException", "Lambda stopped a recursive loop.")
            give_up(event, loop, "RecursiveInvocation")
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
            delays = self._settings.async_retry_delays
            delay = delays[min(event.attempt, len(delays)) - 1]
            # No retry that would come too late: Lambda gives up at once.
            aged = time.time() - born + delay > oldest
            if event.attempt > retries or aged:
                if generation == self._generation:
                    give_up(event, outcome, "RetriesExhausted" if event.attempt > retries else "EventAgeExceeded")
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
            self._records.append(record)
            pool = self._pools.setdefault(function.function_arn, _Pool())
        log = Log(function, record, self.verbose)
        try:
            environment = pool.take(function, lambda: self._start(function, log))
        except OSError as error:
            outcome = Outcome.failure("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {_cannot(error)}")
            log(json.loads(outcome.payload)["errorMessage"])
        else:
            environment.log_to(log)
            log(f"START RequestId: {request_id} Version: {function.version}")
            outcome = environment.invoke(
                Invocation(request_id, event.payload, function.function_arn, float(function.timeout), event.invoked)
            )
            pool.give_back(environment)
            self._trim()
            log(f"END RequestId: {request_id}")
            elapsed = (time.time() - record.start) * 1000
            log(f"REPORT RequestId: {request_id}\tDuration: {elapsed:.2f} ms\tMemory Size: {function.memory_size} MB")
        log.flush()
        record.end, record.error = time.time(), outcome.error
        return outcome

    def _trim(self) -> None:
        """Ends the processes that have been idle for longest: a server with many accounts would collect hundreds."""
        with self._lock:
            pools = list(self._pools.values())
        idle = [(environment.idle_since, pool, environment) for pool in pools for environment in pool.idle()]
        idle.sort(key=lambda item: item[0])
        for _, pool, environment in idle[:-_KEPT_IDLE]:
            pool.end(environment)

    def _start(self, function: LambdaFunction, log: Log) -> "_Environment":
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
            "AWS_LAMBDA_LOG_STREAM_NAME": log.stream,
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
        return _Environment(directory, variables, function, log)


def _cannot(error: OSError) -> str:
    hint = " (the zip for the local AWS is built for this host's architecture)" if error.errno == 8 else ""
    return f"fork/exec /var/task/bootstrap: {(error.strerror or str(error)).lower()}{hint}"


def _fingerprint(function: LambdaFunction) -> str:
    """Differs when a running process would no longer be what a new one were."""
    parts = (
        function.code_sha_256,
        function.role,
        function.timeout,
        function.memory_size,
        function.handler,
        sorted(function.environment_vars.items()),
    )
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def _role_credentials(function: LambdaFunction) -> dict[str, str]:
    sts = sts_backends[function.account_id][function.partition]
    role = sts.assume_role(
        region_name=function.region,
        role_session_name=function.function_name,
        role_arn=function.role,
        policy=None,  # type: ignore[arg-type]
        duration=43200,
        external_id="",
    )
    return {
        "AWS_ACCESS_KEY_ID": role.access_key_id,
        "AWS_SECRET_ACCESS_KEY": role.secret_access_key,
        "AWS_SESSION_TOKEN": role.session_token,
    }


class _Environment(Environment):
    def __init__(self, code: Path, variables: dict[str, str], function: LambdaFunction, log: Log) -> None:
        self.arn, self.fingerprint = function.function_arn, _fingerprint(function)
        self.idle_since = 0.0
        self._sink: Log = log
        super().__init__(code, variables, self._write)

    def _write(self, line: str) -> None:
        self._sink(line)

    def log_to(self, log: Log) -> None:
        self._sink = log


class _Pool:
    """The environments of one function: a warm one when there is one, else a new one, as Lambda does it."""

    def __init__(self) -> None:
        self._idle: list[_Environment] = []
        self._busy: list[_Environment] = []
        self._lock = threading.Lock()
        self._stopped = False

    def all(self) -> list[_Environment]:
        with self._lock:
            return [environment for environment in self._idle + self._busy if environment.alive]

    def idle(self) -> "list[_Environment]":
        with self._lock:
            return list(self._idle)

    def end(self, environment: "_Environment") -> None:
        """Ends an environment, unless it has been taken meanwhile."""
        with self._lock:
            if environment not in self._idle:
                return
            self._idle.remove(environment)
        environment.kill()

    def take(self, function: LambdaFunction, start: Any) -> _Environment:
        fingerprint = _fingerprint(function)
        with self._lock:
            usable = [e for e in self._idle if e.alive and e.fingerprint == fingerprint]
            outdated = [e for e in self._idle if e not in usable]
            self._idle = usable
            environment = self._idle.pop() if self._idle else None
            if environment:
                self._busy.append(environment)
        for old in outdated:
            old.kill()
        if environment:
            return environment
        environment = start()
        with self._lock:
            self._busy.append(environment)
            stopped = self._stopped
        if stopped:
            environment.kill()
        return environment

    def give_back(self, environment: _Environment) -> None:
        with self._lock:
            if environment in self._busy:
                self._busy.remove(environment)
            if environment.alive and not self._stopped:
                environment.idle_since = time.monotonic()
                self._idle.append(environment)
                return
        environment.kill()

    def retire(self) -> None:
        """No more invocations; what is idle ends now, the rest when it is given back."""
        with self._lock:
            self._stopped = True
            environments, self._idle = self._idle, []
        for environment in environments:
            environment.kill()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            environments, self._idle, self._busy = self._idle + self._busy, [], []
        for environment in environments:
            environment.kill()
