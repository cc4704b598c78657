"""The providers that the installation is set up with: their models and routes by name, how they stand, and a check."""

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.production.makers.checks import check_providers_within, provider_standings
from aianime_pipeline.providers.capabilities import Capability
from api.dependencies import Allowed, Place, ProjectSlug, administrator, logged_in, may
from api.errors import errors_of
from api.routing import Router

router = Router(tags=["providers"])

CHECK_SECONDS = 20.0

_PROVIDERS: dict[str, Any] = {
    "providers": [
        {
            "name": "ark",
            "kind": "ark",
            "models": [{"name": "ark/seedream", "capability": "image", "model": "doubao-seedream-4-5"}],
        }
    ],
    "routes": {"image": ["ark/seedream"], "video": ["local/animatic"]},
}


class ModelView(BaseModel):
    name: str = Field(description="As the configuration calls it.")
    capability: Capability
    model: str = Field(description="As the vendor calls it.")


class ProviderView(BaseModel):
    name: str
    kind: str = Field(description="Whose interface it speaks.")
    models: list[ModelView]


class Providers(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_PROVIDERS]})

    providers: list[ProviderView]
    routes: dict[Capability, list[str]] = Field(
        description="Names of models in order of preference; `local/…` is built in."
    )


class Routes(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"routes": {"image": ["ark/seedream"]}}]})

    routes: dict[Capability, list[str]] = Field(description="Names of models in order of preference.")


class RouteHealth(BaseModel):
    """How a model that is in use stands now."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "capability": "image",
                    "route": "ark/seedream",
                    "usable": False,
                    "open_jobs": 3,
                    "until": "2026-11-28T09:05:00Z",
                    "why": "the account is out of money",
                }
            ]
        }
    )

    capability: Capability
    route: str
    usable: bool = Field(description="It may be asked now.")
    open_jobs: int
    until: datetime | None = Field(description="Not before; null where it may be asked, or has to be set up first.")
    why: str


class Health(BaseModel):
    routes: list[RouteHealth] = Field(
        description="In order of preference for each capability; without the built-in ones."
    )


class CheckOrder(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"name": "ark"}, {}]})

    name: Annotated[
        str | None, Field(max_length=64, pattern=r"^[\w.-]+$", description="One provider; all if left out.")
    ] = None


class ModelCheck(BaseModel):
    """Null: it cannot be told without spending, or before what comes before it answers."""

    model: str
    capability: Capability
    usable: bool
    address: bool | None
    key: bool | None
    answers: bool | None
    words: list[str] = Field(description="What to do about it.")


class Checks(BaseModel):
    models: list[ModelCheck]


@router.get("/providers", responses=errors_of(403, 500))
def list_providers(place: Place, caller: Caller = logged_in(Action.VIEW)) -> Providers:
    """The models that are set up, and which are asked for what. Names only."""
    configuration = place.configuration
    return Providers(
        providers=[
            ProviderView(
                name=name,
                kind=entry.settings.kind,
                models=[
                    ModelView(name=model.name, capability=model.capability, model=model.vendor_name)
                    for model in entry.models.values()
                ],
            )
            for name, entry in configuration.providers.items()
        ],
        routes=_routes(place, ""),
    )


@router.get("/providers/health", responses=errors_of(403, 500))
def read_providers_health(place: Place, caller: Caller = logged_in(Action.VIEW)) -> Health:
    """Which models may be asked now, and which not before when and why."""
    return Health(
        routes=[
            RouteHealth.model_validate({**one, "usable": one["until"] is None and not one["why"]})
            for one in provider_standings(place)
        ]
    )


@router.post("/providers/check", responses=errors_of(403, 500))
def check_all_providers(place: Place, body: CheckOrder = CheckOrder(), caller: Caller = administrator()) -> Checks:
    """Ask each model's address whether it answers, without spending. It takes some seconds, and 20 at most."""
    found = check_providers_within(place, CHECK_SECONDS, body.name)
    return Checks(models=[ModelCheck.model_validate(one.to_document()) for one in found])


@router.get("/projects/{project}/routes", responses=errors_of(403, 404, 500))
def read_project_routes(project: ProjectSlug, place: Place, allowed: Allowed = may(Action.VIEW)) -> Routes:
    """Which models are asked for the project: its own, or those of the installation."""
    return Routes(routes=_routes(place, project))


def _routes(place: Place, project: str) -> dict[Capability, list[str]]:
    return {capability: list(place.configuration.route(capability, project)) for capability in Capability}
