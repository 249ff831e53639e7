"""AWS behaviour that moto lacks, one module for each service.

Every patch names the method of moto that it extends or adds, and fails at start when moto has changed under it.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..server import LocalAWS


def install(aws: "LocalAWS") -> None:
    from . import cloudformation, errors, iam, kms, lambda_, organizations, s3, s3control, tagging

    for module in (errors, cloudformation, lambda_, s3, s3control, kms, iam, organizations, tagging):
        module.install(aws)
