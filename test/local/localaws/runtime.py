"""Execution environments of functions: processes, each behind a Lambda Runtime API of its own.

https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
"""

import json
import secrets
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue

from werkzeug.wrappers import Request, Response

from . import lineage

PREFIX = "/_runtime/"
_VERSION = "2018-06-01/runtime"
INIT_SECONDS = 10  # Lambda's own limit for the start of a runtime
SETTLE_SECONDS = 1
_ASKS, _TAKES, _ENDED = "asks", "takes", "ended"


@dataclass
class Invocation:
    request_id: str
    payload: bytes
    arn: str
    timeout: float
    invoked: int = 1  # in its chain of requests


@dataclass
class Outcome:
    payload: bytes
    error: str = ""  # errorType when the function failed

    @staticmethod
    def failure(kind: str, message: str) -> "Outcome":
        return Outcome(json.dumps({"errorType": kind, "errorMessage": message}).encode(), kind)


class Environment:
    """A process that serves one invocation at a time, for as long as it lives."""

    log: Callable[[str], None]  # of the invocation that runs

    def __init__(self, api: "RuntimeAPI", arn: str, code: Path, variables: dict[str, str]) -> None:
        self.arn, self.stream, self.alive = arn, variables["AWS_LAMBDA_LOG_STREAM_NAME"], True
        self.retired = False  # not to be used for another invocation
        self._api, self._scratch = api, tempfile.mkdtemp(prefix="lambda-")
        self._invocations: SimpleQueue[Invocation | None] = SimpleQueue()
        # That the runtime asks for an invocation, has taken one, or has ended; and what it answers.
        self._happened: SimpleQueue[str | Outcome] = SimpleQueue()
        self._running: Invocation | None = None
        self._deadline = 0.0
        # A file, so that whoever reads it has all that was written up to then.
        self._output, self._rest = open(Path(self._scratch, ".output"), "w+b"), b""  # noqa: SIM115
        self._reading = threading.Lock()
        environment = {
            **variables,
            "AWS_LAMBDA_RUNTIME_API": api.open(self),
            "LAMBDA_TASK_ROOT": str(code),
            "TMPDIR": self._scratch,
        }
        try:
            # In the launcher's process group: whoever kills the group kills the functions with it.
            self.process = subprocess.Popen(
                [str(code / "bootstrap")],
                cwd=code,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=open(self._output.name, "ab"),  # noqa: SIM115
                stderr=subprocess.STDOUT,
            )
        except OSError:
            self._close()
            raise
        self.started = time.time()
        threading.Thread(target=self._await_exit, daemon=True, name="runtime-exit").start()

    def invoke(self, invocation: Invocation) -> Outcome:
        """Runs one invocation to its end. After a failure that is not the handler's own, the environment is dead."""
        outcome, self._deadline = None, time.time() + INIT_SECONDS + invocation.timeout
        self._invocations.put(invocation)
        try:
            while True:
                happened = self._happened.get(timeout=max(self._deadline - time.time(), 0))
                if isinstance(happened, Outcome):
                    # Until the runtime asks for more or is gone: a handler that panicked answers first and then exits.
                    outcome, self._deadline = happened, time.time() + SETTLE_SECONDS
                elif happened == _ENDED or (happened == _ASKS and outcome):
                    break
        except Empty:
            if outcome is None:
                outcome = Outcome.failure("Sandbox.Timedout", _timed_out(invocation))
                self.kill()
        self._running = None
        if outcome is None:
            error = f"RequestId: {invocation.request_id} Error: Runtime exited {_how(self.process.wait())}"
            outcome = Outcome.failure("Runtime.ExitError", error)
        self.drain()
        if outcome.error == "Sandbox.Timedout":
            self.log(json.loads(outcome.payload)["errorMessage"])
        return outcome

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self.alive = False

    # The Runtime API's side.

    def next(self) -> tuple[Invocation, float] | None:
        """Blocks until there is an invocation, and says by when it must be done. None: the process is going away."""
        self._happened.put(_ASKS)
        self._running = self._invocations.get()
        if self._running is None:
            return None
        # The function's own time starts when its runtime takes the event: the start of the runtime is not part.
        self._deadline = time.time() + self._running.timeout
        self._happened.put(_TAKES)
        return self._running, self._deadline

    def finish(self, request_id: str | None, outcome: Outcome) -> bool:
        """Takes the runtime's answer; False when it is not the answer to what is running."""
        if request_id is not None and (self._running is None or self._running.request_id != request_id):
            return False
        self._running = None
        self._happened.put(outcome)
        return True

    # Output and end of the process.

    def drain(self) -> None:
        """Puts what the function has written so far into the log."""
        with self._reading:
            *lines, self._rest = (self._rest + self._output.read()).split(b"\n")
            if self._rest and self.process.returncode is not None:
                lines, self._rest = [*lines, self._rest], b""
            for line in lines:
                self.log(line.decode("utf-8", "replace"))

    def _await_exit(self) -> None:
        self.process.wait()
        self.alive = False
        self._happened.put(_ENDED)
        self._invocations.put(None)
        self._close()

    def _close(self) -> None:
        self._api.close(self)
        shutil.rmtree(self._scratch, ignore_errors=True)


def _timed_out(invocation: Invocation) -> str:
    now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
    return f"{now}.000Z {invocation.request_id} Task timed out after {invocation.timeout:.2f} seconds"


def _how(status: int | None) -> str:
    if status == 0:
        return "without providing a reason"
    if status is not None and status < 0:
        return f"with error: signal {-status}"
    return f"with error: exit status {status}"


class RuntimeAPI:
    """The APIs of all environments, each below a path of one server that nobody else is told."""

    def __init__(self, server: str) -> None:
        self._server = server
        self._open: dict[str, Environment] = {}

    def open(self, environment: Environment) -> str:
        """The API's host and path, as the runtime puts them before a path of its own."""
        token = secrets.token_urlsafe(12)
        self._open[token] = environment
        return f"{self._server}{PREFIX}{token}"

    def close(self, environment: Environment) -> None:
        for token in [token for token, one in list(self._open.items()) if one is environment]:
            self._open.pop(token, None)

    def application(self, request: Request) -> Response:
        token, _, path = request.path.removeprefix(PREFIX).partition("/")
        environment = self._open.get(token)
        if environment is None:
            return Response(status=410)
        match request.method, path.removeprefix(_VERSION).strip("/").split("/"):
            case "GET", ["invocation", "next"]:
                return _next(environment)
            case "POST", ["init", "error"]:
                return _taken(environment, None, _failed(request, "Runtime.InitError"))
            case "POST", ["invocation", request_id, "response"]:
                return _taken(environment, request_id, Outcome(request.get_data()))
            case "POST", ["invocation", request_id, "error"]:
                return _taken(environment, request_id, _failed(request, "Unhandled"))
        return Response(status=404)


def _next(environment: Environment) -> Response:
    taken = environment.next()
    if taken is None:
        return Response(status=410)
    invocation, deadline = taken
    headers = {
        "Lambda-Runtime-Aws-Request-Id": invocation.request_id,
        "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
        "Lambda-Runtime-Invoked-Function-Arn": invocation.arn,
        "Lambda-Runtime-Trace-Id": lineage.trace(invocation.arn, invocation.invoked),
    }
    return Response(invocation.payload, 200, headers, content_type="application/json")


def _taken(environment: Environment, request_id: str | None, outcome: Outcome) -> Response:
    if environment.finish(request_id, outcome):
        return Response(b'{"status": "OK"}', 202)
    return Response(b'{"errorType": "InvalidRequestID", "errorMessage": "Invalid request ID"}', 400)


def _failed(request: Request, default: str) -> Outcome:
    body = request.get_data()
    try:
        return Outcome(body, str(json.loads(body).get("errorType") or default))
    except (ValueError, AttributeError):
        return Outcome(body, default)
