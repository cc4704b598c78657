"""The application: its routes, what every request goes through, and the description that clients are generated from."""

import gc

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from starlette.middleware.cors import CORSMiddleware

from aianime_pipeline.accounts.signing import signing_key
from aianime_pipeline.logs import configure_logs
from aianime_pipeline.production.installation import Installation, installation
from api.errors import errors_of, install_errors
from api.metrics.collecting import Metrics
from api.metrics.requests import MeasuredRequests
from api.middleware import REQUEST_HEADER, BoundedBody, RequestId
from api.probing import probes_of
from api.routes import (
    assets,
    auth,
    backfills,
    budgets,
    changes,
    channels,
    downloads,
    episodes,
    events,
    exports,
    film_settings,
    films,
    generations,
    guide,
    health,
    members,
    metrics,
    notifications,
    oidc,
    organisations,
    packages,
    projects,
    providers,
    retention,
    reviews,
    schedules,
    screenplays,
    shots,
    storyboards,
    takes,
    tasks,
    teams,
    usage,
    users,
    work,
)
from api.watching.rights import look_up
from api.watching.streams import Watching

PREFIX = "/api/v1"
_ROUTERS: tuple[APIRouter, ...] = (
    assets.router,
    auth.router,
    backfills.router,
    budgets.router,
    changes.router,
    channels.router,
    downloads.router,
    episodes.router,
    events.router,
    exports.router,
    film_settings.router,
    films.router,
    generations.router,
    members.router,
    notifications.router,
    oidc.router,
    organisations.router,
    packages.router,
    projects.router,
    providers.router,
    retention.router,
    reviews.router,
    schedules.router,
    screenplays.router,
    shots.router,
    storyboards.router,
    takes.router,
    tasks.router,
    teams.router,
    usage.router,
    users.router,
    work.router,
)

_DESCRIPTION = """
From a screenplay to a finished episode. Log in with `POST /api/v1/auth/login`, send the access token as
`Authorization: Bearer …`, and follow the guide in `docs/api.md`.

Every error has one shape, `{code, message, details, request_id}`. Lists come in pages of at most 50: pass `next` as
`cursor`. Instants are ISO 8601 in UTC, money is in millionths of a unit of its currency.
"""


def create_app(place: Installation) -> FastAPI:
    """The service on that installation. Raises BadSettingError."""
    configure_logs()
    key = signing_key(place.settings)

    app = FastAPI(
        title="AI-Anime Pipeline",
        version="1",
        description=_DESCRIPTION,
        openapi_url=f"{PREFIX}/openapi.json",
        docs_url=None,
        redoc_url=None,
        generate_unique_id_function=_operation_id,
        responses=errors_of(400, 401, 413, 422, 429, 500, 503),
        # A path with a slash too many is not there, and is not sent elsewhere.
        redirect_slashes=False,
    )
    app.state.place = place
    app.state.signing_key = key
    app.state.watching = Watching(place.database, look_up)
    app.state.probes = probes_of(place)
    metrics_of_all = app.state.metrics = Metrics(place)
    install_errors(app)
    for router in _ROUTERS:
        app.include_router(router, prefix=PREFIX)
    for router in (guide.router, health.router, metrics.router):
        app.include_router(router)
    app.add_middleware(BoundedBody)
    if place.settings.api_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=place.settings.api_origins,
            allow_methods=["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"],
            allow_headers=[
                "Authorization",
                "Content-Type",
                "Idempotency-Key",
                "If-Match",
                "If-None-Match",
                "If-Range",
                "Last-Event-ID",
                "Range",
                REQUEST_HEADER,
            ],
            expose_headers=[
                REQUEST_HEADER,
                "ETag",
                "Retry-After",
                "Accept-Ranges",
                "Content-Disposition",
                "Content-Range",
                "Idempotent-Replay",
                "Location",
            ],
        )
    app.add_middleware(RequestId)
    app.add_middleware(MeasuredRequests, histogram=metrics_of_all.requests)
    return app


def app_of_this_process() -> FastAPI:
    """What `uvicorn --factory api.app:app_of_this_process` serves: the installation that the environment names."""
    app = create_app(installation())
    # What is there by now stays for good: without this the collector walks through all of it again and again, each time
    # some tens of milliseconds in which nobody is answered.
    gc.collect()
    gc.freeze()
    return app


def _operation_id(route: APIRoute) -> str:
    return route.name
