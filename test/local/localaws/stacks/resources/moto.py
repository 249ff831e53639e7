"""Types that only moto knows: made by its own models, replaced on every change."""

from functools import cache
from typing import Any

from moto.cloudformation import parsing

from ..errors import ResourceFailed
from ..model import Resource, Stack
from .kind import Job, Kind


class OfMoto(Kind):
    def __init__(self, model: Any) -> None:
        self._model = model
        self._made: dict[tuple[str, str], Any] = {}

    def replaces(self, before: dict[str, Any], after: dict[str, Any]) -> bool:
        return True

    def create(self, job: Job) -> dict[str, Any]:
        name_property = self._model.cloudformation_name_type()
        name = job.name(job.properties.get(name_property))
        try:
            made = self._model.create_from_cloudformation_json(
                name, {"Properties": job.properties}, job.stack.account, job.stack.region
            )
        except Exception as error:
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error
        job.physical_id = made.physical_resource_id
        self._made[job.stack.id, job.physical_id] = made
        return {"__made__": made}

    def delete(self, job: Job) -> None:
        made = self._made.pop((job.stack.id, job.physical_id), None)
        try:
            if hasattr(made, "delete"):
                made.delete(job.stack.account, job.stack.region)
            else:
                self._model.delete_from_cloudformation_json(
                    job.physical_id, {"Properties": job.properties}, job.stack.account, job.stack.region
                )
        except NotImplementedError:
            pass
        except Exception as error:
            raise ResourceFailed(f"{type(error).__name__}: {error}") from error

    def attribute(self, stack: Stack, resource: Resource, name: str) -> Any:
        return resource.attributes["__made__"].get_cfn_attribute(name)


@cache
def of_moto(name: str) -> Kind | None:
    model = parsing.get_model_map().get(name)
    return OfMoto(model) if model else None
