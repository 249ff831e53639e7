"""IAM: limits of inline and managed policies, AWS managed policies, boundaries of users."""

import inspect
import json
import re
from functools import cache
from typing import Any

from moto.core.responses import EmptyResult
from moto.iam.exceptions import DeleteConflictException, LimitExceededException, MalformedPolicyDocument
from moto.iam.models import AWSManagedPolicy, IAMBackend, User
from moto.iam.policy_validation import IAMPolicyDocumentValidator
from moto.iam.responses import IamResponse

from .. import policies
from .extend import add, extend

# All inline policies of an identity together, without white space.
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
_INLINE_LIMITS = {"user": 2048, "group": 5120, "role": 10240}

# Of a customer managed policy, without white space, and how many policies an identity may have attached.
_MANAGED_LIMIT, _ATTACHED_LIMIT = 6144, 10


def install() -> None:
    for kind in _INLINE_LIMITS:
        _checked(f"put_{kind}_policy")
        _checked(f"attach_{kind}_policy")
    for operation in ("create_policy", "create_policy_version", "get_policy", "delete_policy"):
        _checked(operation)
    _user_boundaries()


def _checked(operation: str) -> None:
    parameters = inspect.signature(getattr(IAMBackend, operation))

    @extend(IAMBackend, operation)
    def method(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        _check(self, operation.split("_"), parameters.bind(self, *args, **kwargs).arguments)
        return original(self, *args, **kwargs)


def _check(iam: IAMBackend, operation: list[str], given: dict[str, Any]) -> None:
    match operation:
        case ["put", kind, "policy"]:
            _check_document(given["policy_json"])
            policies_of = getattr(iam, f"get_{kind}")(given[f"{kind}_name"]).policies
            size = sum(map(_size, {**policies_of, given["policy_name"]: given["policy_json"]}.values()))
            limit = _INLINE_LIMITS[kind]
            if size > limit:
                raise LimitExceededException(
                    f"Maximum policy size of {limit} bytes exceeded for {kind} {given[f'{kind}_name']}"
                )
        case ["create", "policy", *_]:
            _check_document(given["policy_document"])
            if _size(given["policy_document"]) > _MANAGED_LIMIT:
                raise LimitExceededException(f"Cannot exceed quota for PolicySize: {_MANAGED_LIMIT}")
        case ["attach", kind, "policy"]:
            _make_known(iam, given["policy_arn"])
            attached = getattr(iam, f"get_{kind}")(given[f"{kind}_name"]).managed_policies
            if given["policy_arn"] not in attached and len(attached) >= _ATTACHED_LIMIT:
                quota = f"PoliciesPer{kind.capitalize()}: {_ATTACHED_LIMIT}"
                raise LimitExceededException(f"Cannot exceed quota for {quota}")
        case ["get", "policy"]:
            _make_known(iam, given["policy_arn"])
        case ["delete", "policy"]:
            _check_deletion(iam, given["policy_arn"])


def _size(document: str) -> int:
    return len(re.sub(r"\s", "", document))


def _check_document(document: str) -> None:
    """Also for conditions that can never hold. IAM stores them: this is stricter than AWS."""
    IAMPolicyDocumentValidator(document).validate()
    try:
        policies.check_conditions(policies.parse(document, principals=False))
    except policies.Malformed as error:
        raise MalformedPolicyDocument(str(error)) from None


def _check_deletion(iam: IAMBackend, policy_arn: str) -> None:
    """A managed policy goes when nobody has it and no other version is left.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""
    holders = (*iam.users.values(), *iam.roles.values(), *iam.groups.values())
    if any(policy_arn in holder.managed_policies for holder in holders):
        raise DeleteConflictException("Cannot delete a policy attached to entities.")
    if len(iam.get_policy(policy_arn).versions) > 1:
        raise DeleteConflictException("This policy has more than one version.")


@cache
def _aws_managed_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return {f"policy{data['Path']}{name}": (name, data) for name, data in json.loads(aws_managed_policies_data).items()}


def _make_known(iam: IAMBackend, arn: str) -> None:
    """AWS managed policies exist in every account. moto has all 1,500 of them in each or none: here, those used."""
    _, _, resource = arn.partition(":iam::aws:")
    if arn not in iam.managed_policies and resource in _aws_managed_policies():
        name, data = _aws_managed_policies()[resource]
        policy = AWSManagedPolicy.from_data(name, iam.account_id, iam.region_name, data)
        iam.managed_policies[policy.arn] = policy


def _user_boundaries() -> None:
    """Permissions boundaries of users; moto has those of roles only."""

    def describe(self: Any) -> dict[str, str] | None:
        arn = getattr(self, "permissions_boundary_arn", None)
        if not arn:
            return None
        return {"PermissionsBoundaryType": "PermissionsBoundaryPolicy", "PermissionsBoundaryArn": arn}

    User.permissions_boundary = property(describe)  # type: ignore[attr-defined]

    @extend(IamResponse, "create_user")
    def create(original: Any, self: Any) -> Any:
        if boundary := self._get_param("PermissionsBoundary"):
            self.backend.get_policy(boundary)
        answer = original(self)
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = boundary
        return answer

    @add(IamResponse)
    def put_user_permissions_boundary(self: Any) -> Any:
        boundary = self._get_param("PermissionsBoundary")
        self.backend.get_policy(boundary)
        self.backend.get_user(self._get_param("UserName")).permissions_boundary_arn = boundary
        return EmptyResult()
