"""The environments of all functions: a warm one when there is one, else a new one, as Lambda does it."""

import threading
from collections.abc import Callable

from .runtime import Environment

_KEPT_IDLE = 12  # a server with many accounts would collect hundreds; Lambda takes them away when it likes, too


class Pool:
    def __init__(self) -> None:
        self._idle: list[tuple[str, Environment]] = []  # with what they were started from, idle for longest first
        self._busy: dict[Environment, str] = {}
        self._lock = threading.Lock()

    def all(self) -> list[Environment]:
        with self._lock:
            environments = [*(environment for _, environment in self._idle), *self._busy]
        return [environment for environment in environments if environment.alive]

    def take(self, arn: str, origin: str, start: Callable[[], Environment]) -> Environment:
        """An environment of a function. ``origin`` differs when a running one is no longer what a new one were."""
        with self._lock:
            mine = [(of, one) for of, one in self._idle if one.arn == arn]
            usable = [(of, one) for of, one in mine if of == origin and one.alive]
            taken = usable[-1:]
            outdated = [one for one in mine if one not in usable]
            self._idle = [one for one in self._idle if one not in outdated + taken]
            self._busy.update({environment: origin for _, environment in taken})
        for _, environment in outdated:
            environment.kill()
        if taken:
            return taken[0][1]
        environment = start()
        with self._lock:
            self._busy[environment] = origin
        return environment

    def give_back(self, environment: Environment) -> None:
        with self._lock:
            origin = self._busy.pop(environment, None)
            usable = origin is not None and environment.alive and not environment.retired
            if usable:
                self._idle.append((str(origin), environment))
            surplus, self._idle = self._idle[:-_KEPT_IDLE], self._idle[-_KEPT_IDLE:]
        for one in [one for _, one in surplus] + ([] if usable else [environment]):
            one.kill()

    def retire(self, arn: str) -> None:
        """No more invocations of a function; what is idle ends now, the rest when it is given back."""
        with self._lock:
            ended = [one for _, one in self._idle if one.arn == arn]
            self._idle = [(of, one) for of, one in self._idle if one.arn != arn]
            for environment in self._busy:
                environment.retired |= environment.arn == arn
        for environment in ended:
            environment.kill()

    def stop(self) -> None:
        with self._lock:
            ended, self._idle, self._busy = [*(one for _, one in self._idle), *self._busy], [], {}
        for environment in ended:
            environment.kill()
