"""moto's server without Flask, which took as long for each call as moto's own work."""

from typing import Any

from moto.core.request import Request
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.datastructures import Headers
from werkzeug.wrappers import Response

from .connection import Environ


class _Request(Request):
    from_wsgi_server = True


class Moto(DomainDispatcherApplication):
    """Finds the service and the operation as moto does, by its own tables, and calls it directly."""

    def __init__(self) -> None:
        super().__init__(create_backend_app)
        self._services: dict[str | None, Any] = {}

    def get_backend_for_host(self, host: str | None) -> Any:
        if host not in self._services:
            self._services[host] = super().get_backend_for_host(host)
        return self._services[host]

    def answer(self, environ: Environ) -> Response:
        app = self.get_application(environ)
        endpoint, _ = app.url_map.bind_to_environ(environ).match()
        request = _Request(environ)
        result = app.view_functions[endpoint].callback(request, request.raw_url, dict(request.headers))
        status, headers, content = result if len(result) == 3 else (200, {}, result)
        return Response(content, int(status), Headers({"Content-Type": "text/html; charset=utf-8", **headers}))
