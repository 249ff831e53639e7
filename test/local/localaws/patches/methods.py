"""Which operations and which errors a service has: found out once, not once more for each call.

moto means to keep the errors, but in an object of its own for each that is raised: that took a quarter of all time.
"""

from functools import cache

from moto.core import responses
from moto.core.errors import ErrorLookupFactory


def install() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)
    ErrorLookupFactory._create_error_lut = staticmethod(cache(ErrorLookupFactory._create_error_lut))
