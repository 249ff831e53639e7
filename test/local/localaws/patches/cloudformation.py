"""CloudFormation: see ``stacks``."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..server import LocalAWS


def install(aws: "LocalAWS") -> None:
    from ..stacks import stacksetapi

    stacksetapi.install(aws)
