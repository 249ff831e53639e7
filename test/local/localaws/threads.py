"""A WSGI server whose threads serve one connection after the other.

Every call here is a connection of its own, and a new thread for each took a quarter of the server's time.
"""

import threading
from queue import SimpleQueue
from typing import Any

from werkzeug.serving import ThreadedWSGIServer


class Server(ThreadedWSGIServer):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
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
