"""What stack sets need to know of moto's organizations."""

from moto.organizations.models import organizations_backends

from ..organization import down_to, management_of
from ..stacks.errors import ValidationError

SERVICE = "member.org.stacksets.cloudformation.amazonaws.com"


def acting_for(account: str, call_as: str | None) -> str:
    """The account that stack sets of a caller belong to."""
    if call_as != "DELEGATED_ADMIN":
        return account
    management = management_of(account)
    admins = organizations_backends[management]["aws"].admins
    if not any(admin.account.id == account and SERVICE in admin.services for admin in admins):
        raise ValidationError("Account used is not a delegated administrator")
    return management


def check_may_manage(management: str) -> None:
    """Service-managed stack sets are for the management account and its delegated administrators."""
    backend = organizations_backends[management]["aws"]
    if backend.org is None:
        raise ValidationError(
            "You must be the management account or delegated admin account of an organization before operating a "
            "SERVICE_MANAGED stack set"
        )
    if not any(service["ServicePrincipal"] == SERVICE for service in backend.services):
        raise ValidationError("You must enable organizations access to operate a service managed stack set")


def members(management: str, unit: str) -> list[str]:
    """The accounts of an organizational unit and of all units below it.

    Never the management account: service-managed stack sets do not deploy there.
    """
    backend = organizations_backends[management]["aws"]
    if not any(known.id == unit for known in backend.ou):
        raise ValidationError(f"Organizational unit {unit} not found")
    there = [one.id for one in backend.accounts if one.id != management and one.status == "ACTIVE"]
    return [account for account in there if any(level.id == unit for level in down_to(account, backend))]
