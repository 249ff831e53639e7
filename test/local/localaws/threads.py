"""A WSGI server whose threads serve one connection after the other: a new thread for each took much of its time."""

import socketserver
import sys
import threading
from collections.abc import Callable
from queue import SimpleQueue
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
        self._accepted: SimpleQueue[tuple[Any, Any]] = SimpleQueue()
        self._free = 0  # threads that nothing that was accepted is meant for
        self._lock = threading.Lock()

    def process_request(self, request: Any, client_address: Any) -> None:
        """As many threads as there ever were connections at once: any of them may wait for another one."""
        with self._lock:
            enough = self._free > 0
            if enough:
                self._free -= 1
        self._accepted.put((request, client_address))
        if not enough:
            threading.Thread(target=self._serve, daemon=True, name="requests").start()

    def _serve(self) -> None:
        while True:
            self.process_request_thread(*self._accepted.get())
            with self._lock:
                self._free += 1
