"""Which operations and which errors a service has, and what a text says of a time: found out once, not for each call.

moto means to keep the errors, but in an object of its own for each that is raised: that took a quarter of all time. Of
a page of a thousand versions, reading their times took most.
"""

from functools import cache, lru_cache

from moto.core import responses, serialize
from moto.core.errors import ErrorLookupFactory


def install() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)
    ErrorLookupFactory._create_error_lut = staticmethod(cache(ErrorLookupFactory._create_error_lut))
    serialize.parse_to_aware_datetime = lru_cache(maxsize=4096)(serialize.parse_to_aware_datetime)
