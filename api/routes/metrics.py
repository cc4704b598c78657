"""`/metrics`, for Prometheus (docs/metrics.md)."""

import hmac
import ipaddress

from fastapi import Request, Response

from aianime_pipeline.errors import NotAllowedError, NotLoggedInError
from api.dependencies import Place, anybody
from api.errors import errors_of
from api.metrics.collecting import Metrics
from api.routing import Router

router = Router(tags=["operation"], looks=False)

_PASSED_ON = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


@router.get(
    "/metrics",
    dependencies=[anybody()],
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}, **errors_of(403)},
)
def read_metrics(request: Request, place: Place) -> Response:
    """Figures for Prometheus. Takes `Authorization: Bearer` with AIANIME_METRICS_TOKEN; where that is not set, a
    request from the same machine."""
    _check(request, place.settings.metrics_token)
    metrics: Metrics = request.app.state.metrics
    text, media_type = metrics.answer(request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": media_type})


def _check(request: Request, token: str) -> None:
    if token:
        offered = request.headers.get("authorization", "").removeprefix("Bearer ")
        if not hmac.compare_digest(offered.encode(), token.encode()):
            raise NotLoggedInError(
                "This takes the metrics' own token: `Authorization: Bearer` with AIANIME_METRICS_TOKEN."
            )
        return
    # What a proxy on this machine passes on comes from it, but was asked for elsewhere.
    if any(name in request.headers for name in _PASSED_ON) or not _is_here(
        request.client.host if request.client else ""
    ):
        raise NotAllowedError("Metrics are for this machine alone, as long as AIANIME_METRICS_TOKEN is not set.")


def _is_here(host: str) -> bool:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped.is_loopback
    return address.is_loopback
