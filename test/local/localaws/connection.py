"""One connection: requests of HTTP/1.1, one after the other, each handed to a WSGI application.

werkzeug's own handler closes the connection after each answer; to connect anew took as long as to answer.
"""

import io
import socketserver
import sys
import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

Environ = dict[str, Any]

_LONGEST_LINE = 65536


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True
    server: Any

    def handle(self) -> None:
        path = ""
        try:
            while (environ := self._request()) is not None:
                path = environ["PATH_INFO"]
                if not self._answer(environ):
                    return
        except ConnectionError as error:
            if path and not path.startswith("/_runtime/"):
                # The client has had no answer, and may ask for the same thing again: whoever wonders why should know.
                text = f"localaws: connection dropped at {path}: {type(error).__name__}: {error}"
                print(text, file=sys.stderr, flush=True)

    def _request(self) -> Environ | None:
        """The next request with all of its body; None when there is none any more."""
        line = self.rfile.readline(_LONGEST_LINE).split()
        if len(line) != 3:
            return None
        method, target, version = (part.decode("latin-1") for part in line)
        environ = {**self.server.environ, **_address(target), "REQUEST_METHOD": method, "SERVER_PROTOCOL": version}
        while name_and_value := self.rfile.readline(_LONGEST_LINE).rstrip(b"\r\n"):
            name, _, value = name_and_value.decode("latin-1").partition(":")
            _add(environ, name, value.strip())
        if environ.get("HTTP_EXPECT", "").lower() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in environ.get("HTTP_TRANSFER_ENCODING", ""):
            body = self._chunks()
            environ["CONTENT_LENGTH"] = str(len(body))
            del environ["HTTP_TRANSFER_ENCODING"]
        else:
            body = self.rfile.read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        return environ

    def _chunks(self) -> bytes:
        chunks = []
        while size := int(self.rfile.readline().split(b";")[0] or b"0", 16):
            chunks.append(self.rfile.read(size))
            self.rfile.readline()
        while self.rfile.readline().strip():
            pass  # trailers
        return b"".join(chunks)

    def _answer(self, environ: Environ) -> bool:
        """Answers, and says whether the connection stays."""
        started: dict[str, Any] = {}

        def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            started.update(status=status, headers=headers)

        body = b"".join(self.server.app(environ, start_response))
        stays = environ["SERVER_PROTOCOL"] == "HTTP/1.1" and environ.get("HTTP_CONNECTION", "").lower() != "close"
        head = environ["REQUEST_METHOD"] == "HEAD"
        answer = _head(started["status"], started["headers"], None if head else len(body), stays)
        self.wfile.write(answer if head else answer + body)
        return stays


@lru_cache(maxsize=4096)
def _address(target: str) -> Environ:
    """Whoever takes this server for a proxy names the host, too."""
    host = ""
    raw = target
    if not target.startswith("/"):
        split = urlsplit(target)
        host, target = split.netloc, (split.path or "/") + (f"?{split.query}" if split.query else "")
    path, _, query = target.partition("?")
    environ = {"PATH_INFO": unquote_to_bytes(path).decode("latin-1"), "QUERY_STRING": query, "RAW_URI": raw}
    return {**environ, "REQUEST_URI": raw, **({"HTTP_HOST": host} if host else {})}


def _add(environ: Environ, name: str, value: str) -> None:
    if "_" in name:
        return
    key = name.upper().replace("-", "_")
    if key not in ("CONTENT_TYPE", "CONTENT_LENGTH"):
        key = f"HTTP_{key}"
    if key == "HTTP_HOST":
        environ.setdefault(key, value)
    else:
        environ[key] = f"{environ[key]},{value}" if key in environ else value


def _head(status: str, headers: list[tuple[str, str]], length: int | None, stays: bool) -> bytes:
    """The answer up to its body. Only an answer to HEAD says how long a body is that does not come."""
    lines = [f"HTTP/1.1 {status}", f"Date: {_date(int(time.time()))}"]
    for name, value in headers:
        if name.lower() != "connection" and (length is None or name.lower() != "content-length"):
            lines.append(f"{name}: {value}")
    if length is not None and not status.startswith(("204", "304")):
        lines.append(f"Content-Length: {length}")
    if not stays:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)


def phrase(status: int) -> str:
    """A status line's end, for an application."""
    return f"{status} {HTTPStatus(status).phrase}"
