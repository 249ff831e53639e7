"""S3's errors."""

from moto.s3.exceptions import S3ClientError


class S3Error(S3ClientError):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


def denied(message: str = "Access Denied") -> S3Error:
    return S3Error("AccessDenied", message)
