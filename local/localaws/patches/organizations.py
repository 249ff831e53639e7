"""Organizations: what joins an organization is told to whoever waits for it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..server import LocalAWS


def install(aws: "LocalAWS") -> None:
    pass
