"""The API for tests and for the demo, below ``/_local/``."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import accounts, inventory
from .authorize import Authorizer
from .callbacks import Callbacks
from .functions import Functions
from .patches import organizations
from .record import Recorder
from .settings import Settings
from .stacks.book import Book

_ROUTES = Map(
    [
        Rule("/_local/accounts/<account>", methods=["POST"], endpoint="account"),
        Rule("/_local/accounts/<account>/<region>", methods=["GET"], endpoint="inventory"),
        Rule("/_local/accounts/<account>/join", methods=["POST"], endpoint="join"),
        Rule("/_local/calls", methods=["GET", "DELETE"], endpoint="calls"),
        Rule("/_local/invocations", methods=["GET"], endpoint="invocations"),
        Rule("/_local/invocations/again", methods=["POST"], endpoint="again"),
        Rule("/_local/statements", methods=["GET"], endpoint="statements"),
        Rule("/_local/processes", methods=["GET"], endpoint="processes"),
        Rule("/_local/reset", methods=["POST"], endpoint="reset"),
        Rule("/_local/responses", methods=["POST"], endpoint="new_response"),
        Rule("/_local/responses/<token>", methods=["GET"], endpoint="response"),
        Rule("/_local/settings", methods=["GET", "PATCH"], endpoint="settings"),
        Rule("/_local/stacks", methods=["PUT"], endpoint="stack"),
    ]
)


class Control:
    def __init__(
        self,
        *,
        endpoint: str,
        settings: Settings,
        recorder: Recorder,
        callbacks: Callbacks,
        functions: Functions,
        book: Book,
        authorizer: Authorizer | None,
        reset: Callable[[], None],
    ) -> None:
        self._endpoint, self._known, self._recorder, self._callbacks = endpoint, settings, recorder, callbacks
        self._functions, self._book, self._authorizer, self._reset_all = functions, book, authorizer, reset

    def application(self, request: Request) -> Response:
        try:
            endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
            answer = getattr(self, f"_{endpoint}")(request, **values)
        except (NotFound, MethodNotAllowed, HTTPException) as error:
            return Response(json.dumps({"error": error.description}), error.code, content_type="application/json")
        except (ValueError, KeyError, TypeError) as error:
            return Response(json.dumps({"error": str(error)}), 400, content_type="application/json")
        return Response(json.dumps(answer), content_type="application/json")

    def _account(self, request: Request, account: str) -> Any:
        """Credentials of an administrator in an account, which exists from then on."""
        return accounts.administrator(account)

    def _inventory(self, request: Request, account: str, region: str) -> Any:
        return inventory.of(account, region)

    def _join(self, request: Request, account: str) -> Any:
        """Takes an account into the organization of ``management``, below ``parent``: a root or organizational unit."""
        accounts.administrator(account)
        body = _body(request)
        organizations.join(account, body["management"], body["parent"])
        return {}

    def _calls(self, request: Request) -> Any:
        """The API calls since the last DELETE, oldest first; ``?account=…&service=…&principal=…`` filter.

        With ``?start=TIME``, all calls from then on.
        """
        if request.method == "DELETE":
            self._recorder.reset()
            return {}
        wanted = request.args.to_dict()
        start = wanted.pop("start", None)
        calls = self._recorder.calls() if start is None else self._recorder.history(float(start))
        return [call for call in calls if all(call.get(key) == value for key, value in wanted.items())]

    def _invocations(self, request: Request) -> Any:
        """What functions were invoked with which end, and what they wrote; ``?account=…&function=…&start=…`` filter."""
        wanted = request.args.to_dict()
        start = float(wanted.pop("start", 0))
        return self._functions.records(start, wanted)

    def _again(self, request: Request) -> Any:
        """Delivers the last event of a ``function`` once more."""
        self._functions.again(_body(request)["function"])
        return {}

    def _statements(self, request: Request) -> Any:
        """Which statements of identity policies were needed, by role or user, since the start."""
        return self._authorizer.needed() if self._authorizer else []

    def _processes(self, request: Request) -> Any:
        return self._functions.processes()

    def _reset(self, request: Request) -> Any:
        self._reset_all()
        return {}

    def _new_response(self, request: Request) -> Any:
        """A response URL for a custom resource's event that a test sends itself."""
        token, callback = self._callbacks.new(self._endpoint)
        callback.failures = int(_body(request).get("failures", 0))
        return {"token": token, "url": callback.url}

    def _response(self, request: Request, token: str) -> Any:
        """What was put to a response URL; ``?wait=SECONDS`` waits for it."""
        callback = self._callbacks.get(token)
        if callback is None:
            raise NotFound("no such response URL")
        callback.wait(float(request.args.get("wait", 0)))
        return callback.describe()

    def _settings(self, request: Request) -> Any:
        if request.method == "PATCH":
            self._known.change(_body(request))
        return asdict(self._known)

    def _stack(self, request: Request) -> Any:
        """Puts a stack of an ``id`` into a ``status``: the stack of events that a test sends itself."""
        body = _body(request)
        self._book.stand_in(body["id"], body["status"])
        return {}


def _body(request: Request) -> dict[str, Any]:
    return json.loads(request.get_data() or b"{}")
