"""SSM: who wrote a parameter."""

from typing import Any

from moto.ssm.models import Parameter
from moto.ssm.responses import SimpleSystemManagerResponse

from .. import principals
from .extend import extend


def install() -> None:
    @extend(SimpleSystemManagerResponse, "put_parameter")
    def put_parameter(original: Any, self: Any) -> Any:
        answer = original(self)
        who = principals.of_request(self.normalized_request.environ)
        self.ssm_backend._parameters[self._get_param("Name")][-1].last_modified_user = who.arn
        return answer

    @extend(Parameter, "describe_response_object")
    def describe(original: Any, self: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        described = original(self, *args, **kwargs)
        described["LastModifiedUser"] = getattr(self, "last_modified_user", described["LastModifiedUser"])
        return described
