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
_LIMITS = {"user": 2048, "group": 5120, "role": 10240}


# Of a customer managed policy, without white space, and how many policies an identity may have attached.
_MANAGED_LIMIT, _ATTACHED_LIMIT = 6144, 10


def install() -> None:
    for kind, limit in _LIMITS.items():
        _inline_limit(kind, limit)
        _attached_limit(kind)
    for operation in ("create_policy", "create_policy_version"):
        _managed_limit(operation)
    _deletion_of_policies()
    for operation in ("attach_role_policy", "attach_user_policy", "attach_group_policy", "get_policy"):
        _managed_by_aws(operation)
    _user_boundaries()
    for operation in (
        "put_user_policy",
        "put_role_policy",
        "put_group_policy",
        "create_policy",
        "create_policy_version",
    ):
        _conditions(operation)


def _conditions(operation: str) -> None:
    """Policies with conditions that can never hold. IAM stores them: this is stricter than AWS."""
    parameters = inspect.signature(getattr(IAMBackend, operation))

    @extend(IAMBackend, operation)
    def put(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        given = parameters.bind(self, *args, **kwargs).arguments
        document = given.get("policy_json") or given["policy_document"]
        IAMPolicyDocumentValidator(document).validate()
        try:
            policies.check_conditions(policies.parse(document, principals=False))
        except policies.Malformed as error:
            raise MalformedPolicyDocument(str(error)) from None
        return original(self, *args, **kwargs)


def _inline_limit(kind: str, limit: int) -> None:
    @extend(IAMBackend, f"put_{kind}_policy")
    def put(original: Any, self: Any, name: str, policy_name: str, policy_json: str) -> Any:
        identity = getattr(self, f"get_{kind}")(name)
        others = [document for key, document in identity.policies.items() if key != policy_name]
        size = sum(len(re.sub(r"\s", "", document)) for document in [*others, policy_json])
        if size > limit:
            raise LimitExceededException(f"Maximum policy size of {limit} bytes exceeded for {kind} {name}")
        return original(self, name, policy_name, policy_json)


def _managed_limit(operation: str) -> None:
    parameters = inspect.signature(getattr(IAMBackend, operation))

    @extend(IAMBackend, operation)
    def write(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        document = parameters.bind(self, *args, **kwargs).arguments["policy_document"]
        if len(re.sub(r"\s", "", document)) > _MANAGED_LIMIT:
            raise LimitExceededException(f"Cannot exceed quota for PolicySize: {_MANAGED_LIMIT}")
        return original(self, *args, **kwargs)


def _attached_limit(kind: str) -> None:
    parameters = inspect.signature(getattr(IAMBackend, f"attach_{kind}_policy"))

    @extend(IAMBackend, f"attach_{kind}_policy")
    def attach(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        given = parameters.bind(self, *args, **kwargs).arguments
        attached = getattr(self, f"get_{kind}")(given[f"{kind}_name"]).managed_policies
        if given["policy_arn"] not in attached and len(attached) >= _ATTACHED_LIMIT:
            raise LimitExceededException(f"Cannot exceed quota for PoliciesPer{kind.capitalize()}: {_ATTACHED_LIMIT}")
        return original(self, *args, **kwargs)


def _deletion_of_policies() -> None:
    """A managed policy goes when nobody has it and no other version is left.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeletePolicy.html"""

    @extend(IAMBackend, "delete_policy")
    def delete(original: Any, self: Any, policy_arn: str) -> Any:
        policy = self.get_policy(policy_arn)
        holders = (*self.users.values(), *self.roles.values(), *self.groups.values())
        if any(policy_arn in holder.managed_policies for holder in holders):
            raise DeleteConflictException("Cannot delete a policy attached to entities.")
        if len(policy.versions) > 1:
            raise DeleteConflictException("This policy has more than one version.")
        return original(self, policy_arn)


@cache
def _aws_managed_policies() -> dict[str, Any]:
    from moto.iam.aws_managed_policies import aws_managed_policies_data

    return {f"policy{data['Path']}{name}": (name, data) for name, data in json.loads(aws_managed_policies_data).items()}


def _managed_by_aws(operation: str) -> None:
    """AWS managed policies exist in every account. moto has all 1,500 of them in each or none: here, those used."""
    parameters = inspect.signature(getattr(IAMBackend, operation))

    @extend(IAMBackend, operation)
    def find(original: Any, self: Any, *args: Any, **kwargs: Any) -> Any:
        arn = parameters.bind(self, *args, **kwargs).arguments["policy_arn"]
        _, _, resource = arn.partition(":iam::aws:")
        if arn not in self.managed_policies and resource in _aws_managed_policies():
            name, data = _aws_managed_policies()[resource]
            policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, data)
            self.managed_policies[policy.arn] = policy
        return original(self, *args, **kwargs)


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
