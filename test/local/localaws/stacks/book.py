"""Which stacks there are, in all accounts and Regions."""

import re
import threading
import uuid

from moto.utilities.utils import get_partition

from ..errors import ServiceError
from .errors import ValidationError
from .model import Stack


class Book:
    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._stacks: dict[str, Stack] = {}  # by id, deleted ones too

    def reset(self) -> None:
        with self._lock:
            self._stacks.clear()

    def all(self, account: str, region: str) -> list[Stack]:
        with self._lock:
            return [stack for stack in self._stacks.values() if (stack.account, stack.region) == (account, region)]

    def find(self, account: str, region: str, name: str) -> Stack | None:
        """By name, without the deleted ones; or by id."""
        for stack in reversed(self.all(account, region)):
            if stack.id == name or (stack.name == name and stack.exists):
                return stack
        return None

    def get(self, account: str, region: str, name: str | None) -> Stack:
        stack = self.find(account, region, name or "")
        if stack is None:
            raise ValidationError(f"Stack with id {name} does not exist")
        return stack

    def new(self, account: str, region: str, name: str) -> Stack:
        if not re.fullmatch(r"[a-zA-Z][-a-zA-Z0-9]{0,127}", name or ""):
            raise ValidationError(
                f"1 validation error detected: Value '{name}' at 'stackName' failed to satisfy constraint: "
                "Member must satisfy regular expression pattern: [a-zA-Z][-a-zA-Z0-9]*"
            )
        with self._lock:
            if self.find(account, region, name):
                raise ServiceError("AlreadyExistsException", f"Stack [{name}] already exists")
            partition = get_partition(region)
            stack_id = f"arn:{partition}:cloudformation:{region}:{account}:stack/{name}/{uuid.uuid4()}"
            stack = self._stacks[stack_id] = Stack(account, region, name, stack_id)
        return stack

    def stand_in(self, stack_id: str, status: str) -> None:
        """A stack without resources that only shows a status, as if it were at work on what a test does itself."""
        *_, region, account, path = stack_id.split(":", 5)
        with self._lock:
            if stack_id not in self._stacks:
                self._stacks[stack_id] = Stack(account, region, path.split("/")[1], stack_id)
            stack = self._stacks[stack_id]
        stack.deletion_time = None
        stack.set_status(status)
