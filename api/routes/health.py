"""Whether the process is alive, and whether it can do its work."""

from typing import Literal

from fastapi import Request, Response
from pydantic import BaseModel, ConfigDict, Field

from api.dependencies import anybody
from api.probing import Found, Probe
from api.routing import Router

router = Router(tags=["operation"], looks=False)

_NEEDED = ("database", "store")
"""Without Dagster everything but the making itself goes on: what is asked for is queued, and launched later."""


class Alive(BaseModel):
    status: Literal["alive"] = "alive"


class Part(BaseModel):
    ok: bool
    latency_ms: float = Field(description="How long the answer took, or was waited for.")
    reason: str = Field(description="Why it is not ok; empty where it is.")


class Readiness(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "degraded",
                    "database": {"ok": True, "latency_ms": 0.6, "reason": ""},
                    "store": {"ok": True, "latency_ms": 0.1, "reason": ""},
                    "dagster": {
                        "ok": False,
                        "latency_ms": 3.1,
                        "reason": "its web server did not answer (ERR_DAGSTER_UNAVAILABLE); work is queued",
                    },
                }
            ]
        }
    )

    status: Literal["ready", "degraded", "unavailable"] = Field(
        description="`degraded`: Dagster is away, and what is asked for waits. `unavailable`: nothing can be done."
    )
    database: Part
    store: Part
    dagster: Part


@router.get("/healthz", dependencies=[anybody()])
async def read_liveness() -> Alive:
    """The process answers. Nothing else is looked at: starting it again helps none of the rest."""
    return Alive()


@router.get(
    "/readyz",
    dependencies=[anybody()],
    responses={503: {"model": Readiness, "description": "The database or the object store cannot be used."}},
)
def read_readiness(request: Request, response: Response) -> Readiness:
    """Whether the database, the object store and Dagster can be used now; 503 where one of the first two cannot."""
    probes: dict[str, Probe] = request.app.state.probes
    for probe in probes.values():
        probe.begin()
    found = {name: probe.result() for name, probe in probes.items()}
    if not all(found[name].ok for name in _NEEDED):
        response.status_code = 503
        return _readiness("unavailable", found)
    return _readiness("ready" if found["dagster"].ok else "degraded", found)


def _readiness(status: Literal["ready", "degraded", "unavailable"], found: dict[str, Found]) -> Readiness:
    parts = {name: Part(ok=one.ok, latency_ms=one.milliseconds, reason=one.reason) for name, one in found.items()}
    return Readiness(status=status, database=parts["database"], store=parts["store"], dagster=parts["dagster"])
