"""Response URLs as CloudFormation hands them to a custom resource's function.

The real one is a presigned S3 URL: it takes a PUT of any size with an empty Content-Type (any other breaks the
signature), and CloudFormation takes the first answer. S3 accepts a later one as well, and nobody reads it.
"""

import secrets
import threading
from dataclasses import dataclass, field
from typing import Any

from werkzeug.wrappers import Request, Response

PREFIX = "/_cloudformation/response/"


@dataclass
class Callback:
    token: str
    url: str
    body: bytes | None = None
    refused: list[str] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    failures: int = 0  # how many more requests to answer with 503, to see that a client tries again
    answered: threading.Event = field(default_factory=threading.Event)

    def wait(self, seconds: float) -> bytes | None:
        self.answered.wait(seconds)
        return self.body

    def describe(self) -> dict[str, Any]:
        body = None if self.body is None else self.body.decode("utf-8", "replace")
        return {"body": body, "refused": self.refused, "ignored": self.ignored}


class Callbacks:
    def __init__(self) -> None:
        self._open: dict[str, Callback] = {}
        self._lock = threading.Lock()

    def new(self, endpoint: str) -> Callback:
        token = secrets.token_urlsafe(24)
        # The query makes it look like what it stands for: a bearer URL that must not be logged or re-encoded.
        url = f"{endpoint}{PREFIX}{token}?X-Amz-Expires=7200&X-Amz-Signature={secrets.token_hex(32)}"
        with self._lock:
            self._open[token] = callback = Callback(token, url)
        return callback

    def get(self, token: str) -> Callback | None:
        with self._lock:
            return self._open.get(token)

    def reset(self) -> None:
        with self._lock:
            self._open.clear()

    def application(self, request: Request) -> Response:
        callback = self.get(request.path.removeprefix(PREFIX))
        if callback is None:
            return _refusal(403, "AccessDenied", "Request has expired")
        body = request.get_data()
        with self._lock:
            problem = _problem(callback, request)
            if problem:
                callback.refused.append(f"{problem[1]}: {problem[2]}")
                return _refusal(*problem)
            if callback.body is None:
                callback.body = body
            else:
                callback.ignored.append(body.decode("utf-8", "replace"))
        callback.answered.set()
        return Response(status=200, headers={"ETag": '"0"'})


def _problem(callback: Callback, request: Request) -> tuple[int, str, str] | None:
    if callback.failures:
        callback.failures -= 1
        return 503, "SlowDown", "Please reduce your request rate."
    if request.method != "PUT":
        return 403, "SignatureDoesNotMatch", f"the URL is signed for PUT, not {request.method}"
    if not request.full_path.endswith(callback.url.partition("?")[2]):
        return 403, "SignatureDoesNotMatch", "the query string is not the one that was signed"
    if request.headers.get("Content-Type"):
        return 403, "SignatureDoesNotMatch", "the URL is signed for an empty Content-Type"
    if request.content_length is None:
        return 411, "MissingContentLength", "You must provide the Content-Length HTTP header."
    return None


def _refusal(status: int, code: str, message: str) -> Response:
    body = f"<Error><Code>{code}</Code><Message>{message}</Message></Error>"
    return Response(body, status, content_type="application/xml")
