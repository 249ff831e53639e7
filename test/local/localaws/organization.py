"""moto's organizations, as others need them."""

from typing import Any

from moto.organizations.models import organizations_backends


def management_of(account: str) -> str:
    """The management account of an account's organization; of one that is in none, itself."""
    return organizations_backends.master_accounts.get(account, (account, ""))[0]


def backend_of(account: str) -> Any:
    """The organization that an account is in, if it is in one."""
    backend = organizations_backends[management_of(account)]["aws"]
    return backend if backend.org and any(member.id == account for member in backend.accounts) else None


def down_to(account: str, backend: Any) -> list[Any]:
    """Root, organizational units and the account itself, from the top."""
    chain = [backend.get_account_by_id(account)]
    while parent := next((unit for unit in backend.ou if unit.id == getattr(chain[0], "parent_id", None)), None):
        chain.insert(0, parent)
    return chain
