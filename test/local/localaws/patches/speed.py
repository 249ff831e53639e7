"""What moto finds out for each call, or for each account, although it is the same each time."""

from functools import cache, lru_cache

from moto.core import responses, serialize
from moto.core.errors import ErrorLookupFactory


def install() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)
    # moto means to keep the errors, but in an object of its own for each that is raised: a quarter of all time.
    ErrorLookupFactory._create_error_lut = staticmethod(cache(ErrorLookupFactory._create_error_lut))
    # Of a page of a thousand versions, reading their times took most.
    serialize.parse_to_aware_datetime = lru_cache(maxsize=4096)(serialize.parse_to_aware_datetime)
