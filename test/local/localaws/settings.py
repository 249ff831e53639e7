"""What a test may change while the server runs: for its own account, as others run beside it."""

from collections import defaultdict
from dataclasses import dataclass, field


@dataclass
class Settings:
    latency_ms: float = 0  # added to every API call of the account
    # Before the first and second retry of an asynchronous invocation. AWS waits one minute, then two: the same
    # proportion in seconds is long enough to see the order of things.
    async_retry_delays: list[float] = field(default_factory=lambda: [1.0, 2.0])
    # Requests that start a stack operation return when it is over, or after so long. Tools look again every 5 or 30
    # seconds, and nothing takes that long here.
    settle_seconds: float = 10.0

    def change(self, changes: dict[str, object]) -> None:
        for name, value in changes.items():
            if name not in self.__dataclass_fields__:
                raise ValueError(f"no such setting: {name}")
            setattr(self, name, value)


OfAccounts = defaultdict[str | None, Settings]
