"""Lambda: runs functions of moto's accounts as processes of this host."""

import fnmatch
import hashlib
import io
import json
import shutil
import sys
import tempfile
import threading
import time
import uuid
import zipfile
from collections import deque
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends
from moto.sts.models import sts_backends

from . import internal, policies
from .runtime import Environment, Invocation, Outcome

_KEPT_INVOCATIONS = 2000


@dataclass
class Record:
    """One invocation, for tests to look at."""

    request_id: str
    function: str
    account: str
    kind: str
    attempt: int
    start: float
    end: float = 0
    error: str = ""
    lines: list[str] = field(default_factory=list)


@dataclass
class _Event:
    """An asynchronous invocation, from its acceptance until it succeeds or is given up."""

    function: LambdaFunction
    payload: bytes
    request_id: str
    config: dict[str, Any]
    attempt: int = 1


class Throttled(Exception):
    """More invocations at once than the function's reserved concurrency lets in."""


class Functions:
    def __init__(self, *, verbose: bool) -> None:
        self.verbose = verbose
        # A retry waits one minute, then two. The same proportion in seconds: long enough to see the order of things.
        self.retry_delays = [1.0, 2.0]
        self._endpoint = ""
        self._code = _Code()
        self._pools: dict[str, _Pool] = {}
        self._records: deque[Record] = deque(maxlen=_KEPT_INVOCATIONS)
        self._lock = threading.Lock()
        self._generation = 0  # a reset makes retries of before it pointless

    def connect(self, endpoint: str) -> None:
        self._endpoint = endpoint

    def reset(self) -> None:
        with self._lock:
            self._generation += 1
            pools, self._pools = list(self._pools.values()), {}
            self._records.clear()
        for pool in pools:
            pool.stop()

    def stop(self) -> None:
        self.reset()
        self._code.remove()

    def forget(self, arn: str) -> None:
        """Ends the processes of a function that is deleted."""
        with self._lock:
            pool = self._pools.pop(arn, None)
        if pool:
            pool.stop()

    def processes(self) -> list[dict[str, Any]]:
        with self._lock:
            pools = dict(self._pools)
        return [
            {"function": arn, "pid": environment.process.pid, "started": environment.started}
            for arn, pool in pools.items()
            for environment in pool.all()
        ]

    def records(self) -> list[dict[str, Any]]:
        with self._lock:
            return [asdict(record) for record in self._records]

    def invoke(self, function: LambdaFunction, payload: bytes) -> Outcome:
        """A synchronous invocation."""
        return self._run(function, payload, str(uuid.uuid4()), 0)

    def invoke_later(self, function: LambdaFunction, payload: bytes) -> str:
        """An asynchronous invocation, with the retries and the dead-letter queue that Lambda gives it."""
        config = function.event_invoke_config[0].config if function.event_invoke_config else {}
        event = _Event(function, payload, str(uuid.uuid4()), config)
        threading.Thread(target=self._deliver, args=(event,), daemon=True, name=f"event-{event.request_id}").start()
        return event.request_id

    def _deliver(self, event: _Event) -> None:
        generation, born = self._generation, time.time()
        retries = event.config.get("MaximumRetryAttempts", 2)
        oldest = event.config.get("MaximumEventAgeInSeconds", 21600)
        throttled = 0
        while generation == self._generation:
            try:
                outcome = self._run(event.function, event.payload, event.request_id, event.attempt)
            except Throttled:
                # A throttled event goes back to the queue and does not use up an attempt.
                throttled += 1
                if time.time() - born < oldest:
                    time.sleep(min(0.05 * 2**throttled, 5))
                    continue
                outcome = Outcome.failure("TooManyRequestsException", "Rate Exceeded.")
            if not outcome.error:
                return
            if event.attempt > retries or time.time() - born > oldest:
                if generation == self._generation:
                    _give_up(event, outcome)
                return
            time.sleep(self.retry_delays[min(event.attempt, len(self.retry_delays)) - 1])
            event.attempt += 1

    def _run(self, function: LambdaFunction, payload: bytes, request_id: str, attempt: int) -> Outcome:
        """One attempt; attempt 0 is a synchronous invocation."""
        kind = "Event" if attempt else "RequestResponse"
        record = Record(request_id, function.function_name, function.account_id, kind, max(attempt, 1), time.time())
        with self._lock:
            self._records.append(record)
            pool = self._pools.setdefault(function.function_arn, _Pool())
        log = _Log(function, record, self.verbose)
        try:
            environment = pool.take(function, lambda: self._start(function, log))
        except Throttled:
            with self._lock:
                self._records.remove(record)
            raise
        except OSError as error:
            outcome = Outcome.failure("Runtime.InvalidEntrypoint", f"RequestId: {request_id} Error: {_cannot(error)}")
            log(json.loads(outcome.payload)["errorMessage"])
        else:
            environment.log_to(log)
            log(f"START RequestId: {request_id} Version: {function.version}")
            outcome = environment.invoke(
                Invocation(request_id, payload, function.function_arn, float(function.timeout))
            )
            pool.give_back(environment)
            log(f"END RequestId: {request_id}")
            elapsed = (time.time() - record.start) * 1000
            log(f"REPORT RequestId: {request_id}\tDuration: {elapsed:.2f} ms\tMemory Size: {function.memory_size} MB")
        log.flush()
        record.end, record.error = time.time(), outcome.error
        return outcome

    def _start(self, function: LambdaFunction, log: "_Log") -> "_Environment":
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
        return _Environment(directory, variables, _fingerprint(function), log)


def _cannot(error: OSError) -> str:
    hint = " (the zip for the local AWS is built for this host's architecture)" if error.errno == 8 else ""
    return f"fork/exec /var/task/bootstrap: {(error.strerror or str(error)).lower()}{hint}"


def _give_up(event: _Event, outcome: Outcome) -> None:
    """What Lambda does with an event it stops trying: dead-letter queue, and the destination for failures."""
    answer = json.loads(outcome.payload or b"null")
    message = answer.get("errorMessage", "") if isinstance(answer, dict) else ""
    queue = (getattr(event.function, "dead_letter_config", None) or {}).get("TargetArn")
    if queue:
        attributes = {
            "RequestID": {"DataType": "String", "StringValue": event.request_id},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {"DataType": "String", "StringValue": (message or outcome.error)[:1024]},
        }
        _send(queue, event.payload.decode(), attributes)
    destination = event.config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    if destination:
        body = {
            "version": "1.0",
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
            "requestContext": {
                "requestId": event.request_id,
                "functionArn": f"{event.function.function_arn}:$LATEST",
                "condition": "RetriesExhausted",
                "approximateInvokeCount": event.attempt,
            },
            "requestPayload": json.loads(event.payload or b"null"),
            "responseContext": {"statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"},
            "responsePayload": answer,
        }
        _send(destination, json.dumps(body), {})


def _send(arn: str, body: str, attributes: dict[str, Any]) -> None:
    _, _, service, region, account, name = arn.split(":", 5)
    try:
        if service == "sqs":
            sqs = internal.client("sqs", account, region)
            url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
            sqs.send_message(QueueUrl=url, MessageBody=body, MessageAttributes=attributes)
        elif service == "sns":
            sns = internal.client("sns", account, region)
            sns.publish(TopicArn=arn, Message=body, MessageAttributes=attributes)
        else:
            print(f"localaws: no delivery of failed events to {arn}", file=sys.stderr)
    except Exception as error:
        # Lambda drops the event and counts a DeadLetterErrors metric; here somebody should know.
        print(f"localaws: a failed event could not be delivered to {arn}: {error}", file=sys.stderr)


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
    def __init__(self, code: Path, variables: dict[str, str], fingerprint: str, log: "_Log") -> None:
        self.fingerprint = fingerprint
        self._sink: _Log = log
        super().__init__(code, variables, self._write)

    def _write(self, line: str) -> None:
        self._sink(line)

    def log_to(self, log: "_Log") -> None:
        self._sink = log


class _Pool:
    """The environments of one function: a warm one when there is one, else a new one, as Lambda does it."""

    def __init__(self) -> None:
        self._idle: list[_Environment] = []
        self._busy: list[_Environment] = []
        self._taken = 0
        self._lock = threading.Lock()
        self._stopped = False

    def all(self) -> list[_Environment]:
        with self._lock:
            return [environment for environment in self._idle + self._busy if environment.alive]

    def take(self, function: LambdaFunction, start: Any) -> _Environment:
        fingerprint = _fingerprint(function)
        with self._lock:
            limit = function.reserved_concurrency
            if limit is not None and self._taken >= int(limit):
                raise Throttled
            self._taken += 1
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
        try:
            environment = start()
        except Exception:
            with self._lock:
                self._taken -= 1
            raise
        with self._lock:
            self._busy.append(environment)
            stopped = self._stopped
        if stopped:
            environment.kill()
        return environment

    def give_back(self, environment: _Environment) -> None:
        with self._lock:
            self._taken -= 1
            if environment in self._busy:
                self._busy.remove(environment)
            if environment.alive and not self._stopped:
                self._idle.append(environment)
                return
        environment.kill()

    def stop(self) -> None:
        with self._lock:
            self._stopped = True
            environments, self._idle, self._busy = self._idle + self._busy, [], []
        for environment in environments:
            environment.kill()


class _Code:
    """Deployed zips, unpacked once each."""

    def __init__(self) -> None:
        self._root = Path(tempfile.mkdtemp(prefix="localaws-code-"))
        self._lock = threading.Lock()

    def unpack(self, archive: bytes) -> Path:
        directory = self._root / hashlib.sha256(archive).hexdigest()
        with self._lock:
            if directory.exists():
                return directory
            partial = directory.with_suffix(".partial")
            try:
                with zipfile.ZipFile(io.BytesIO(archive)) as zipped:
                    zipped.extractall(partial)
                    for member in zipped.infolist():
                        # Lambda keeps the modes of the zip, so that a bootstrap without its x bit fails there as here.
                        mode = member.external_attr >> 16 & 0o777
                        if mode and not member.is_dir():
                            (partial / member.filename).chmod(mode | 0o400)
            except zipfile.BadZipFile as error:
                raise OSError(0, f"the code is not a zip: {error}") from None
            partial.rename(directory)
        return directory

    def remove(self) -> None:
        shutil.rmtree(self._root, ignore_errors=True)


class _Log:
    """Lines of one invocation: to its record at once, to CloudWatch Logs when it is over."""

    def __init__(self, function: LambdaFunction, record: Record, verbose: bool) -> None:
        self._function, self._record, self._verbose = function, record, verbose
        self._pending: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self.stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"

    def __call__(self, line: str) -> None:
        with self._lock:
            self._record.lines.append(line)
            self._pending.append({"timestamp": int(time.time() * 1000), "message": line})
        if self._verbose:
            print(f"{self._function.account_id} {self._function.function_name}: {line}", file=sys.stderr)

    def flush(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, []
        function = self._function
        group = function.logs_group_name
        logs = logs_backends[function.account_id][function.region]
        if group not in logs.groups:
            # Lambda makes the group with the role's own rights. A role without this one keeps a deleted group
            # deleted, so that the stack which owns it can be deployed again.
            if not _may_create_log_groups(function):
                return
            logs.ensure_log_group(group)
        try:
            logs.create_log_stream(group, self.stream)
            logs.put_log_events(group, self.stream, pending)
        except Exception as error:
            print(f"localaws: log of {function.function_arn}: {error}", file=sys.stderr)


def _may_create_log_groups(function: LambdaFunction) -> bool:
    iam = iam_backends[function.account_id][function.partition]
    role = next((role for role in list(iam.roles.values()) if role.arn == function.role), None)
    if role is None:
        return False
    documents = list(role.policies.values())
    documents += [policies.in_force(policy) for policy in role.managed_policies.values()]
    for document in documents:
        parsed = json.loads(document) if isinstance(document, str) else document
        statements = parsed.get("Statement", [])
        for statement in statements if isinstance(statements, list) else [statements]:
            actions = statement.get("Action", [])
            for action in actions if isinstance(actions, list) else [actions]:
                if statement.get("Effect") == "Allow" and fnmatch.fnmatch("logs:createloggroup", action.lower()):
                    return True
    return False
