"""Where services are: everywhere.

moto asks a service's model for its regions, once more for each account: the tagging API, which asks all services, would
read a hundred models whenever it is called for the first time.
"""

from functools import cache
from typing import Any

from moto.core.base_backend import AccountSpecificBackend

from .extend import extend

_EVERYWHERE = "sts"  # its model is small, too


def install() -> None:
    @extend(AccountSpecificBackend, "_generate_regions")
    def _generate_regions(original: Any, self: Any, service_name: str) -> list[str]:
        return known()

    @cache
    def known() -> list[str]:
        session = AccountSpecificBackend.get_session()
        return [
            region
            for partition in session.get_available_partitions()
            for region in session.get_available_regions(_EVERYWHERE, partition_name=partition)
        ]
