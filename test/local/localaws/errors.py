"""Errors of services, by code and words. S3 has a form of its own."""

from moto.core.exceptions import ServiceException
from moto.s3.exceptions import S3ClientError


class ServiceError(ServiceException):
    """Also of this package, so that moto does not look for the service that it is of."""


class S3Error(S3ClientError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


def denied(message: str = "Access Denied") -> S3Error:
    return S3Error("AccessDenied", message)
