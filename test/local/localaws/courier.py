"""How CloudFormation reaches a custom resource's function."""

import json
from typing import Any

from moto.awslambda.models import LambdaFunction

from .callbacks import Callback, Callbacks
from .functions import Functions


class Courier:
    def __init__(self, functions: Functions, callbacks: Callbacks, endpoint: str) -> None:
        self._functions, self._callbacks, self._endpoint = functions, callbacks, endpoint

    def send(self, function: LambdaFunction, event: dict[str, Any]) -> Callback:
        """Hands an event to a function's queue, with a response URL of its own: where that function reaches AWS."""
        callback = self._callbacks.new(function.environment_vars.get("AWS_ENDPOINT_URL", self._endpoint))
        self._functions.invoke_later(function, json.dumps({**event, "ResponseURL": callback.url}).encode())
        return callback
