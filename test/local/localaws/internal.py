"""Calls that AWS services make to each other: CloudFormation creating a bucket, Lambda writing a dead letter.

They go through the same HTTP API as everybody's, so that they meet the same errors, but are neither recorded nor
delayed nor checked.
"""

import secrets
import threading
from functools import cache, lru_cache
from typing import Any

import botocore.session
from botocore.config import Config

_HEADER = "x-local-internal"
_secret = secrets.token_hex(16)
_endpoint = ""
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
def _client(service: str, account: str, region: str) -> Any:
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
        request.headers["x-moto-account-id"] = account

    client.meta.events.register("before-sign.*.*", identify)
    return client


def client(service: str, account: str, region: str) -> Any:
    """A client that acts in an account as the account itself."""
    return _client(service, account, region)
