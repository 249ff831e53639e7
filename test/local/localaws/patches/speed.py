"""What moto finds out for each call, or for each account, although it is the same each time."""

from collections import defaultdict
from functools import cache, lru_cache
from typing import Any

from moto.core import responses, serialize
from moto.core.base_backend import AccountSpecificBackend
from moto.core.errors import ErrorLookupFactory
from moto.ec2.models import ec2_backends
from moto.resourcegroupstaggingapi.models import ResourceGroupsTaggingAPIBackend
from moto.sagemaker.models import sagemaker_backends

from .extend import extend


def install() -> None:
    responses.method_names_from_class = cache(responses.method_names_from_class)
    # moto means to keep the errors, but in an object of its own for each that is raised: a quarter of all time.
    ErrorLookupFactory._create_error_lut = staticmethod(cache(ErrorLookupFactory._create_error_lut))
    # Of a page of a thousand versions, reading their times took most.
    serialize.parse_to_aware_datetime = lru_cache(maxsize=4096)(serialize.parse_to_aware_datetime)
    _regions()
    # What nobody has used has nothing tagged. The tagging API asks these two whatever it is asked for, and takes a
    # second to begin with them in an account.
    _only_if_used("ec2_backend", ec2_backends)
    _only_if_used("sagemaker_backend", sagemaker_backends)


def _regions() -> None:
    """Services are everywhere.

    moto asks a service's model for its regions, once more for each account: the tagging API, which asks all services,
    would read a hundred models whenever it is called for the first time.
    """

    @extend(AccountSpecificBackend, "_generate_regions")
    def _generate_regions(original: Any, self: Any, service_name: str) -> list[str]:
        return known()

    @cache
    def known() -> list[str]:
        session = AccountSpecificBackend.get_session()
        partitions = session.get_available_partitions()
        # A service whose model is small, too.
        return [one for of in partitions for one in session.get_available_regions("sts", partition_name=of)]


class _Nothing:
    def __getattr__(self, name: str) -> Any:
        return defaultdict(dict)


def _only_if_used(name: str, backends: Any) -> None:
    original = getattr(ResourceGroupsTaggingAPIBackend, name)

    def backend(self: Any) -> Any:
        used = self.region_name in set(backends.get(self.account_id, {}))
        return original.fget(self) if used else _Nothing()

    setattr(ResourceGroupsTaggingAPIBackend, name, property(backend))
