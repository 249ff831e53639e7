"""Where services are: looked up once for each service, not once more for each account.

moto means to keep them, but under a name that is another one for every account: the tagging API, which asks all
services, would read a hundred service models whenever it is called for the first time in an account.
"""

from functools import cache
from typing import Any

from moto.core.base_backend import AccountSpecificBackend

from .extend import extend


def install() -> None:
    @extend(AccountSpecificBackend, "_generate_regions")
    def _generate_regions(original: Any, self: Any, service_name: str) -> list[str]:
        return known(service_name)

    @cache
    def known(service_name: str) -> list[str]:
        session = AccountSpecificBackend.get_session()
        return [
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions(service_name, partition_name=partition)
        ]
