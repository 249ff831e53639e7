"""Calls that AWS services make to each other: CloudFormation creating a bucket, Lambda writing a dead letter.

They go through the same HTTP API as everybody's, so that they meet the same errors, but are neither recorded nor
delayed nor checked.
"""

import secrets
import threading
from contextvars import ContextVar
from functools import cache, lru_cache
from typing import Any

import botocore.session
from botocore.config import Config

_HEADER = "x-local-internal"
_secret = secrets.token_hex(16)
_endpoint = ""
_account: ContextVar[str] = ContextVar("account")
_lock = threading.Lock()


def connect(endpoint: str) -> None:
    global _endpoint
    _endpoint = endpoint


def is_internal(environ: dict[str, Any]) -> bool:
    return environ.get("HTTP_X_LOCAL_INTERNAL") == _secret


@lru_cache
def _session() -> botocore.session.Session:
    session = botocore.session.Session()
    session.set_credentials("internal", "internal")
    return session


@cache
def _client(service: str, region: str) -> Any:
    """One for all accounts: each takes 20 ms to make, and a quarter of a megabyte."""
    # A session's loaders are not safe to share while they load; clients are.
    with _lock:
        client = _session().create_client(
            service,
            region_name=region,
            endpoint_url=_endpoint,
            config=Config(
                s3={"addressing_style": "path"},
                inject_host_prefix=False,
                retries={"max_attempts": 1},
                proxies={},
                parameter_validation=False,
            ),
        )

    def identify(request: Any, **_: Any) -> None:
        request.headers[_HEADER] = _secret
        request.headers["x-moto-account-id"] = _account.get()

    client.meta.events.register("before-sign.*.*", identify)
    return client


class Client:
    """A service's client that acts in an account as the account itself."""

    def __init__(self, service: str, account: str, region: str) -> None:
        self._shared, self._account = _client(service, region), account

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._shared, name)
        if name in ("exceptions", "meta"):
            return method

        def call(**given: Any) -> Any:
            before = _account.set(self._account)
            try:
                return method(**given)
            finally:
                _account.reset(before)

        return call
