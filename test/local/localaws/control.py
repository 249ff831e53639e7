"""The API for tests and for the demo, below ``/_local/``: README.md lists it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from werkzeug.wrappers import Request, Response

from . import accounts, inventory
from .authorize import Authorizer
from .callbacks import Callbacks
from .functions import Functions
from .patches import organizations
from .record import Recorder
from .settings import OfAccounts
from .stacks.book import Book

PREFIX = "/_local/"


@dataclass(frozen=True, kw_only=True)
class Control:
    endpoint: str
    settings: OfAccounts
    recorder: Recorder
    callbacks: Callbacks
    functions: Functions
    book: Book
    authorizer: Authorizer | None
    reset: Callable[[], None]

    def application(self, request: Request) -> Response:
        status, answer = 200, None
        try:
            path, body = request.path.removeprefix(PREFIX).split("/"), json.loads(request.get_data() or b"{}")
            answer = self._answer(request.method, path, request.args.to_dict(), body)
        except LookupError as error:
            status, answer = 404, {"error": str(error)}
        except (ValueError, TypeError) as error:
            status, answer = 400, {"error": str(error)}
        return Response(json.dumps({} if answer is None else answer), status, content_type="application/json")

    def _answer(  # noqa: PLR0912 - a table
        self, method: str, path: list[str], query: dict[str, str], body: dict[str, Any]
    ) -> Any:
        match method, path:
            case "POST", ["accounts", account]:
                return accounts.administrator(account)
            case "POST", ["accounts", account, "join"]:
                accounts.administrator(account)
                return organizations.join(account, body["management"], body["parent"])
            case "GET", ["accounts", account, region]:
                return inventory.of(account, region)
            case "PATCH", ["accounts", account, "settings"]:
                return self.settings[account].change(body)
            case "GET", ["calls"]:
                return self.recorder.calls(float(query.pop("start", 0)), int(query.pop("after", 0)), **query)
            case "GET", ["invocations"]:
                return self.functions.records(float(query.pop("start", 0)), query)
            case "POST", ["invocations", "again"]:
                return self.functions.again(body["function"])
            case "GET", ["processes"]:
                return self.functions.processes()
            case "POST", ["reset"]:
                return self.reset()
            case "POST", ["responses"]:
                callback = self.callbacks.new(self.endpoint)
                callback.failures = int(body.get("failures", 0))
                return {"token": callback.token, "url": callback.url}
            case "GET", ["responses", token] if callback := self.callbacks.get(token):
                callback.wait(float(query.get("wait", 0)))
                return callback.describe()
            case "PUT", ["stacks"]:
                return self.book.stand_in(body["id"], body["status"])
            case "GET", ["statements"]:
                return self.authorizer.needed() if self.authorizer else []
        raise LookupError(f"there is no {method} {PREFIX}{'/'.join(path)}")
