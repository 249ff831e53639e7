"""What functions write: to the record that tests read at once, to CloudWatch Logs when the invocation is over."""

import fnmatch
import sys
import time
import uuid
from dataclasses import dataclass, field

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


def new_stream(function: LambdaFunction) -> str:
    day = time.strftime("%Y/%m/%d", time.gmtime())
    return f"{day}/[{function.version}]{uuid.uuid4().hex}"


def write(function: LambdaFunction, stream: str, lines: list[str]) -> None:
    """Puts the lines of an invocation into CloudWatch Logs."""
    group, logs = function.logs_group_name, logs_backends[function.account_id][function.region]
    # Lambda makes the group with the role's own rights. A role without this one keeps a deleted group deleted, so that
    # the stack which owns it can be deployed again.
    if group not in logs.groups and not _may_create_log_groups(function):
        return
    now = int(time.time() * 1000)
    try:
        logs.ensure_log_group(group)
        logs.ensure_log_stream(group, stream)
        logs.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
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
