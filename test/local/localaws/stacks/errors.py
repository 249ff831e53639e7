"""CloudFormation's errors, as its API codes them."""

from moto.core.exceptions import ServiceException


class ValidationError(ServiceException):
    code = "ValidationError"


class MissingInSSM(ValidationError):
    """A parameter whose value is in no SSM parameter."""

    def __init__(self, name: str, parameter: str) -> None:
        super().__init__(f"Unable to fetch parameters [{name}] from parameter store for this account.")
        self.in_change_set = f"Parameter {parameter or name} should either have input value or default value"


class ResourceFailed(Exception):
    """A resource could not be created, updated or deleted; the text is the event's reason.

    ``physical_id`` is what a custom resource named in spite of its failure.
    """

    def __init__(self, reason: str, physical_id: str | None = None) -> None:
        super().__init__(reason)
        self.physical_id = physical_id
