"""What stack sets need to know of moto's organizations."""

from collections.abc import Iterable
from typing import Any

from moto.organizations.models import organizations_backends

from ..stacks.errors import ValidationError

SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"


def management_of(account: str) -> str | None:
    """The management account of an account's organization."""
    if account in organizations_backends.master_accounts:
        return organizations_backends.master_accounts[account][0]
    return account if organizations_backends[account]["aws"].org else None


def acting_for(account: str, call_as: str | None) -> str:
    """The account that stack sets of a caller belong to."""
    if call_as != "DELEGATED_ADMIN":
        return account
    management = management_of(account)
    admins = organizations_backends[management]["aws"].admins if management else []
    if management is None or not any(a.account.id == account and SERVICE in a.services for a in admins):
        raise ValidationError("Account used is not a delegated administrator")
    return management


def check_may_manage(account: str, call_as: str | None) -> None:
    """Service-managed stack sets are for the management account and its delegated administrators."""
    management = acting_for(account, call_as)
    backend = organizations_backends[management]["aws"]
    if backend.org is None:
        raise ValidationError(
            "You must be the management account or delegated admin account of an organization before operating a "
            "SERVICE_MANAGED stack set"
        )
    if not any(service["ServicePrincipal"] == SERVICE for service in backend.services):
        raise ValidationError("You must enable organizations access to operate a service managed stack set")


def targets(management: str, wanted: dict[str, Any]) -> list[tuple[str, str]]:
    """Accounts of organizational units and of all units below them, each with the unit it is there for.

    Never the management account: service-managed stack sets do not deploy there.
    """
    backend = organizations_backends[management]["aws"]
    found: dict[str, str] = {}
    for unit in wanted.get("OrganizationalUnitIds", []):
        if not any(known.id == unit for known in backend.ou):
            raise ValidationError(f"Organizational unit {unit} not found")
        for account in backend.accounts:
            if account.id != management and account.status == "ACTIVE" and unit in _above(backend, account):
                found.setdefault(account.id, unit)
    named = set(wanted.get("Accounts") or [])
    if (wanted.get("AccountFilterType") or "NONE") == "INTERSECTION":
        found = {account: unit for account, unit in found.items() if account in named}
    return list(found.items())


def under_any(management: str, account: str, units: Iterable[tuple[str, str]]) -> bool:
    """Whether an account is in one of the units, directly or further down."""
    backend = organizations_backends[management]["aws"]
    member = next((member for member in backend.accounts if member.id == account), None)
    return member is not None and any(unit in _above(backend, member) for unit, _ in units)


def _above(backend: Any, account: Any) -> set[str]:
    above, parent = set(), account.parent_id
    while parent and parent not in above:
        above.add(parent)
        parent = next((getattr(unit, "parent_id", None) for unit in backend.ou if unit.id == parent), None)
    return above
