"""A WSGI server with a thread for each connection, which stays open."""

import socketserver
import sys
from collections.abc import Callable
from typing import Any

from .connection import Handler


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, host: str, port: int, app: Callable[..., Any]) -> None:
        super().__init__((host, port), Handler)
        self.app, self.port = app, self.server_address[1]
        self.environ = {
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "SCRIPT_NAME": "",
            "SERVER_NAME": host,
            "SERVER_PORT": str(self.port),
            "REMOTE_ADDR": host,
        }
