"""The record of API calls: who called what, when, and how it ended."""

import re
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from . import operations, principals
from .settings import OfAccounts


class Recorder:
    def __init__(self, settings: OfAccounts) -> None:
        self._settings = settings
        self._calls: list[dict[str, Any]] = []
        self._lock = threading.Lock()

    def calls(self, start: float = 0, after: int = 0, **wanted: str) -> list[dict[str, Any]]:
        """The calls since a time and after the one of an id whose fields are as wanted, in the order of their end."""
        with self._lock:
            calls = self._calls[after:]
        found = [call for call in calls if all(call.get(key) == value for key, value in wanted.items())]
        return [call for call in found if call["start"] >= start]

    def wrap(self, app: Callable[[dict[str, Any]], Response], environ: dict[str, Any]) -> Response:
        """Runs one API call and notes it. The start is before the added latency, the end after the whole answer."""
        start = time.time()
        request = operations.describe(environ)
        principal = principals.of_request(environ)
        if latency := self._settings[principal.account].latency_ms:
            time.sleep(latency / 1000)

        response = app(environ)
        status, body = response.status_code, response.get_data()
        call = {
            "service": request.service,
            "operation": request.operation,
            "account": principal.account,
            "principal": principal.arn,
            "region": request.region,
            "resource": request.resource,
            "parameters": request.texts,
            "start": start,
            "end": time.time(),
            "status": status,
            "error": _error_code(response, body) if status >= 400 else "",
            "attempt": _attempt(environ),
        }
        with self._lock:
            self._calls.append({"id": len(self._calls) + 1, **call})
        if status >= 500 or call["attempt"] > 1:
            _log(call, body)
        return response


def _attempt(environ: dict[str, Any]) -> int:
    """Which try of an SDK this is: of what was done before, its client has had no answer."""
    found = re.match(r"attempt=(\d+)", environ.get("HTTP_AMZ_SDK_REQUEST", ""))
    return int(found[1]) if found else 1


def _log(call: dict[str, Any], body: bytes) -> None:
    what = f"{call['service']} {call['operation']} {call['resource']} by {call['principal']}, attempt {call['attempt']}"
    print(f"localaws: {what}: {call['status']} {call['error']} {body[:500]!r}", file=sys.stderr, flush=True)


def _error_code(response: Response, body: bytes) -> str:
    if kind := response.headers.get("x-amzn-errortype"):
        return kind.split(":")[0].rpartition("#")[2]
    text = body.decode("utf-8", "replace")
    found = re.search(r"<Code>([^<]+)</Code>", text) or re.search(r'"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"', text)
    return found.group(1) if found else str(response.status_code)
