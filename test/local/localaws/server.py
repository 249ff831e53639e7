"""One port for everything: the control API, response URLs, and moto behind the recorder."""

import json
import os
import sys
import threading
import time
import traceback
from typing import Any
from xml.sax.saxutils import escape

from moto.awslambda.models import LambdaFunction
from moto.moto_api._internal.models import moto_api_backend
from moto.organizations.models import organizations_backends
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Request, Response

from . import callbacks, control, internal, operations, runtime
from .authorize import Authorizer
from .callbacks import Callback, Callbacks
from .connection import Environ, Server
from .control import Control
from .functions import Functions
from .moto import Moto
from .patches import cloudtrail, iam, kms, lambda_, organizations, s3, s3control, s3jobs, speed, ssm, tagging
from .record import Recorder
from .settings import OfAccounts, Settings
from .stacks.book import Book
from .stacks.service import Stacks
from .stacksets import api as stacksets
from .stacksets.sets import StackSets


class LocalAWS:
    """The running server and all of its state that is not moto's."""

    def __init__(self, port: int, *, authorizer: str | None, latency_ms: float) -> None:
        self._moto = Moto()
        # Loopback only, by name as clients write it. IPv4: that is what `localhost` means to all of them.
        self._server = Server("127.0.0.1", port, self._answer)
        self._port = self._server.port
        self.endpoint = f"http://localhost:{self._port}"

        settings = self._settings = OfAccounts(lambda: Settings(latency_ms))
        self._began = time.time()  # or when everything was forgotten last
        self._recorder, self._callbacks = Recorder(settings), Callbacks()
        self._functions = Functions(settings, self.endpoint)
        self._authorizer = Authorizer(authorizer) if authorizer else None
        self._book = Book()
        self._control = Control(
            endpoint=self.endpoint,
            settings=settings,
            recorder=self._recorder,
            callbacks=self._callbacks,
            functions=self._functions,
            book=self._book,
            authorizer=self._authorizer,
            reset=self.reset,
        )
        stacks = Stacks(self._book, self._send, settings)
        self._stack_sets = StackSets(stacks)
        stacksets.install(stacks, self._stack_sets)
        self._patch()

    def _patch(self) -> None:
        speed.install()
        lambda_.install(self._functions)
        s3.install(self._authorizer)
        s3control.install()
        s3jobs.install()
        kms.install()
        iam.install()
        organizations.install(self._stack_sets.organization_changed)
        tagging.install()
        ssm.install()
        cloudtrail.install(lambda: self._recorder.calls(start=self._began))

    def _send(self, function: LambdaFunction, event: dict[str, Any]) -> Callback:
        """Hands an event to a function's queue, with a response URL of its own: where that function reaches AWS."""
        callback = self._callbacks.new(function.environment_vars.get("AWS_ENDPOINT_URL", self.endpoint))
        self._functions.invoke_later(function, json.dumps({**event, "ResponseURL": callback.url}).encode())
        return callback

    def start(self) -> None:
        os.environ["MOTO_PORT"] = str(self._port)
        internal.connect(self.endpoint)
        threading.Thread(target=self._server.serve_forever, daemon=True, name="server").start()

    def stop(self) -> None:
        self._functions.stop()
        if self._authorizer:
            self._authorizer.stop()
        self._server.server_close()

    def reset(self) -> None:
        """Back to the state right after the start."""
        self._began = time.time()
        self._settings.clear()
        for part in (self._functions, self._book, self._stack_sets, self._callbacks):
            part.reset()
        moto_api_backend.reset()
        organizations_backends.master_accounts.clear()  # moto forgets the organizations, but not who was in them

    def _answer(self, environ: Environ) -> Response:
        path = environ["PATH_INFO"]
        if path.startswith(control.PREFIX):
            return self._control.application(Request(environ))
        if path.startswith(callbacks.PREFIX):
            return self._callbacks.application(Request(environ))
        if path.startswith(runtime.PREFIX):
            return self._functions.runtime_api(Request(environ))
        _path_style(environ)
        if internal.is_internal(environ):
            return self._aws(environ)
        return self._recorder.wrap(self._authorized, environ)

    def _authorized(self, environ: Environ) -> Response:
        call = operations.describe(environ)
        if not call.operation:
            what = f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}"
            return _error(environ, 400, "UnknownOperationException", f"{call.service} has no operation for {what}")
        try:
            refusal = self._authorizer.refusal(environ) if self._authorizer else None
        except Exception as error:
            return _mistake(environ, error)  # what cannot be decided is not allowed
        return _denial(environ, *refusal) if refusal else self._aws(environ)

    def _aws(self, environ: Environ) -> Response:
        try:
            return self._moto.answer(environ)
        except HTTPException as error:
            return error.get_response(environ)
        except NotImplementedError as error:
            # A client error, so that nobody tries again what will not be there the next time either.
            return _error(environ, 400, "UnknownOperationException", str(error))
        except Exception as error:
            return _mistake(environ, error)


def _mistake(environ: Environ, error: Exception) -> Response:
    """What AWS answers to its own mistakes, so that a client reports it as one instead of a broken connection."""
    traceback.print_exc(file=sys.stderr)
    return _error(environ, 500, "InternalFailure", f"{type(error).__name__}: {error}")


def _denial(environ: Environ, code: str, reason: str) -> Response:
    if operations.describe(environ).service in ("cloudtrail", "kms", "ssm", "tagging"):
        return _error(environ, 400, "AccessDeniedException", reason)
    return _error(environ, 400 if code.startswith("KMS.") else 403, code, reason)


def _error(environ: Environ, status: int, code: str, message: str) -> Response:
    service = operations.describe(environ).service
    if service in ("s3", "s3control", "iam", "sts", "cloudformation"):
        body = f"<Error><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
        body = body if service == "s3" else f"<ErrorResponse>{body}</ErrorResponse>"
        return Response(body, status, content_type="application/xml")
    body = json.dumps({"__type": code, "message": message})
    return Response(body, status, {"x-amzn-errortype": code}, content_type="application/json")


def _path_style(environ: Environ) -> None:
    """Moves a bucket or an account id from the host name into the path, where moto understands it for any name.

    SDKs ask for ``bucket.localhost`` and, for S3 Control, ``123456789012.localhost``. Those names need not resolve:
    who uses this server as HTTP proxy for everything but ``localhost`` reaches it all the same.
    """
    host = environ.get("HTTP_HOST", "")
    name, colon, port = host.partition(":")
    if not name.endswith(".localhost"):
        return
    label = name.removesuffix(".localhost")
    environ["HTTP_HOST"] = "localhost" + colon + port
    raw = environ.get("RAW_URI", "")
    if "://" in raw:
        raw = "/" + raw.split("://", 1)[1].partition("/")[2]
    if not environ["PATH_INFO"].startswith("/v20180820/"):
        environ["PATH_INFO"] = f"/{label}{environ['PATH_INFO']}"
        raw = f"/{label}{raw}"
    environ["RAW_URI"] = environ["REQUEST_URI"] = raw
