"""What functions write: to the record that tests read at once, to CloudWatch Logs when the invocation is over."""

import fnmatch
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.awslambda.models import LambdaFunction
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from . import policies


@dataclass
class Record:
    """One invocation, for tests to look at."""

    request_id: str
    function: str
    account: str
    kind: str
    attempt: int
    start: float
    end: float = 0
    error: str = ""
    lines: list[str] = field(default_factory=list)


class Log:
    """The lines of one invocation."""

    def __init__(self, function: LambdaFunction, record: Record) -> None:
        self._function, self._record = function, record
        self._pending: list[dict[str, Any]] = []
        self._lock = threading.Lock()
        day = time.strftime("%Y/%m/%d", time.gmtime())
        self.stream = f"{day}/[{function.version}]{uuid.uuid4().hex}"

    def __call__(self, line: str) -> None:
        with self._lock:
            self._record.lines.append(line)
            self._pending.append({"timestamp": int(time.time() * 1000), "message": line})

    def flush(self) -> None:
        with self._lock:
            pending, self._pending = self._pending, []
        function = self._function
        group = function.logs_group_name
        logs = logs_backends[function.account_id][function.region]
        if group not in logs.groups:
            # Lambda makes the group with the role's own rights. A role without this one keeps a deleted group
            # deleted, so that the stack which owns it can be deployed again.
            if not _may_create_log_groups(function):
                return
            logs.ensure_log_group(group)
        try:
            logs.create_log_stream(group, self.stream)
            logs.put_log_events(group, self.stream, pending)
        except Exception as error:
            print(f"localaws: log of {function.function_arn}: {error}", file=sys.stderr)


def _may_create_log_groups(function: LambdaFunction) -> bool:
    iam = iam_backends[function.account_id][function.partition]
    role = next((role for role in list(iam.roles.values()) if role.arn == function.role), None)
    if role is None:
        return False
    documents = [*role.policies.values(), *map(policies.in_force, role.managed_policies.values())]
    statements = [one for text in documents for one in policies.parse(text, principals=False)["Statement"]]
    actions = [action for one in statements if one["Effect"] == "Allow" for action in one.get("Action", [])]
    return any(fnmatch.fnmatch("logs:createloggroup", action.lower()) for action in actions)
