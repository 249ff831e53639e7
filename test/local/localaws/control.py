"""The API for tests and for the demo, below ``/_local/``."""

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Request, Response

from . import accounts
from .patches import kms, organizations

if TYPE_CHECKING:
    from .server import LocalAWS

_ROUTES = Map(
    [
        Rule("/_local/accounts/<account>", methods=["POST"], endpoint="account"),
        Rule("/_local/accounts/<account>/join", methods=["POST"], endpoint="join"),
        Rule("/_local/accounts/<account>/expire-keys", methods=["POST"], endpoint="expire_keys"),
        Rule("/_local/calls", methods=["GET", "DELETE"], endpoint="calls"),
        Rule("/_local/invocations", methods=["GET"], endpoint="invocations"),
        Rule("/_local/processes", methods=["GET"], endpoint="processes"),
        Rule("/_local/reset", methods=["POST"], endpoint="reset"),
        Rule("/_local/responses", methods=["POST"], endpoint="new_response"),
        Rule("/_local/responses/<token>", methods=["GET"], endpoint="response"),
        Rule("/_local/settings", methods=["GET", "PATCH"], endpoint="settings"),
        Rule("/_local/stacks", methods=["PUT"], endpoint="stack"),
    ]
)


def application(aws: "LocalAWS", request: Request) -> Response:
    try:
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        answer = globals()[f"_{endpoint}"](aws, request, **values)
    except (NotFound, MethodNotAllowed, HTTPException) as error:
        return Response(json.dumps({"error": error.description}), error.code, content_type="application/json")
    except (ValueError, KeyError, TypeError) as error:
        return Response(json.dumps({"error": str(error)}), 400, content_type="application/json")
    return Response(json.dumps(answer), content_type="application/json")


def _body(request: Request) -> dict[str, Any]:
    return json.loads(request.get_data() or b"{}")


def _account(aws: "LocalAWS", request: Request, account: str) -> Any:
    """Credentials of an administrator in an account, which exists from then on."""
    return accounts.administrator(account)


def _join(aws: "LocalAWS", request: Request, account: str) -> Any:
    """Takes an account into the organization of ``management``, below ``parent``: a root or organizational unit."""
    accounts.administrator(account)
    body = _body(request)
    organizations.join(account, body["management"], body["parent"])
    return {}


def _expire_keys(aws: "LocalAWS", request: Request, account: str) -> Any:
    """The keys of an account that wait for deletion are gone."""
    kms.expire(account)
    return {}


def _calls(aws: "LocalAWS", request: Request) -> Any:
    """The API calls since the last DELETE, oldest first; ``?account=…&service=…&principal=…`` filter.

    With ``?start=TIME``, all calls from then on.
    """
    if request.method == "DELETE":
        aws.recorder.reset()
        return {}
    wanted = request.args.to_dict()
    start = wanted.pop("start", None)
    calls = aws.recorder.calls() if start is None else aws.recorder.history(float(start))
    return [call for call in calls if all(call.get(key) == value for key, value in wanted.items())]


def _invocations(aws: "LocalAWS", request: Request) -> Any:
    """What functions were invoked with which end, and what they wrote; ``?account=…&function=…&start=…`` filter."""
    wanted = request.args.to_dict()
    start = float(wanted.pop("start", 0))
    records = [record for record in aws.functions.records() if record["start"] >= start]
    return [record for record in records if all(record.get(key) == wanted[key] for key in wanted)]


def _processes(aws: "LocalAWS", request: Request) -> Any:
    return aws.functions.processes()


def _reset(aws: "LocalAWS", request: Request) -> Any:
    aws.reset()
    return {}


def _new_response(aws: "LocalAWS", request: Request) -> Any:
    """A response URL for a custom resource's event that a test sends itself."""
    token, callback = aws.callbacks.new(aws.endpoint)
    callback.failures = int(_body(request).get("failures", 0))
    return {"token": token, "url": callback.url}


def _response(aws: "LocalAWS", request: Request, token: str) -> Any:
    """What was put to a response URL; ``?wait=SECONDS`` waits for it."""
    callback = aws.callbacks.get(token)
    if callback is None:
        raise NotFound("no such response URL")
    callback.wait(float(request.args.get("wait", 0)))
    return callback.describe()


def _settings(aws: "LocalAWS", request: Request) -> Any:
    if request.method == "PATCH":
        aws.settings.change(_body(request))
    return asdict(aws.settings)


def _stack(aws: "LocalAWS", request: Request) -> Any:
    """Puts a stack of an ``id`` into a ``status``: the stack of events that a test sends itself."""
    body = _body(request)
    aws.stacks.stand_in(body["id"], body["status"])
    return {}
