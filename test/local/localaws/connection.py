"""A server of HTTP/1.1: on each connection requests, one after the other, each with all of its body.

werkzeug's own closes the connection after each answer; to connect anew took as long as to answer.
"""

import io
import socketserver
import sys
import time
from collections.abc import Callable
from email.utils import formatdate
from functools import lru_cache
from typing import Any
from urllib.parse import unquote_to_bytes, urlsplit

from werkzeug.wrappers import Response

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
            body, environ["wsgi.input_terminated"] = self._chunks(), True
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
        response = self.server.app(environ)
        body, head = response.get_data(), environ["REQUEST_METHOD"] == "HEAD"
        stays = environ["SERVER_PROTOCOL"] == "HTTP/1.1" and environ.get("HTTP_CONNECTION", "").lower() != "close"
        answer = _head(response, None if head else len(body), stays)
        self.wfile.write(answer if head else answer + body)
        return stays


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: Callable[[Environ], Response]) -> None:
        super().__init__((host, port), Handler)
        self.app, self.port = app, self.server_address[1]
        self.environ = {
            "wsgi.url_scheme": "http",
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(self.port),
            "REMOTE_ADDR": host,
        }


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


def _head(response: Response, length: int | None, stays: bool) -> bytes:
    """The answer up to its body. Only an answer to HEAD says how long a body is that does not come."""
    lines = [f"HTTP/1.1 {response.status}", f"Date: {_date(int(time.time()))}"]
    for name, value in response.headers:
        if name.lower() != "connection" and (length is None or name.lower() != "content-length"):
            lines.append(f"{name}: {value}")
    if length is not None and response.status_code not in (204, 304):
        lines.append(f"Content-Length: {length}")
    if not stays:
        lines.append("Connection: close")
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


@lru_cache(maxsize=2)
def _date(second: int) -> str:
    return formatdate(second, usegmt=True)
