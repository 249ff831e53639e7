"""Organizations: stack sets as a trusted service, and automatic deployment to accounts that join a unit."""

from collections.abc import Callable
from typing import Any

from moto.organizations.models import (
    FakeDelegatedAdministrator,
    FakeServiceAccess,
    OrganizationsBackend,
    organizations_backends,
)

from ..stacksets.organization import SERVICE
from .extend import extend


def install(changed: Callable[[str], None]) -> None:
    """``changed`` is told the management account of an organization whose accounts have moved."""
    for known in (FakeServiceAccess.TRUSTED_SERVICES, FakeDelegatedAdministrator.SUPPORTED_SERVICES):
        if SERVICE not in known:
            known.append(SERVICE)
    for operation in ("create_account", "move_account", "close_account", "remove_account_from_organization"):
        _tell_stack_sets(changed, operation)


def _tell_stack_sets(changed: Callable[[str], None], operation: str) -> None:
    @extend(OrganizationsBackend, operation)
    def change(original: Any, self: Any, **kwargs: Any) -> Any:
        answer = original(self, **kwargs)
        changed(self.account_id)
        return answer


def join(account: str, management: str, parent: str) -> None:
    """Makes an existing account a member: what an invitation and its acceptance come to, which moto lacks."""
    backend = organizations_backends[management]["aws"]
    status = backend.create_account(AccountName=account, Email=f"{account}@example.com")["CreateAccountStatus"]
    made = backend.get_account_by_id(status["AccountId"])
    del organizations_backends.master_accounts[made.id]
    made.id, made.joined_method = account, "INVITED"
    organizations_backends.master_accounts[account] = (management, "aws")
    backend.move_account(
        AccountId=account, SourceParentId=made.parent_id, DestinationParentId=backend.validate_parent_id(parent)
    )
