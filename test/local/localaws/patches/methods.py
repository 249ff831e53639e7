"""Which operations a service has: found out once, not once more for each call."""

from functools import cache

from moto.core import responses


def install() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)
