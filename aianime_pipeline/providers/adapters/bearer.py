"""A vendor's address with the key in the header where nearly all want it."""

from aianime_pipeline.providers.http import Classify, VendorHttp
from aianime_pipeline.providers.vendor import ProviderSettings


def bearer_http(settings: ProviderSettings, usual_address: str, classify: Classify) -> VendorHttp:
    """Without a key there is no header: servers of one's own ask for none."""
    key = settings.secrets.get("api_key", "")
    return VendorHttp(
        settings.name,
        settings.base_url or usual_address,
        classify=classify,
        headers=lambda: {"Authorization": f"Bearer {key}"} if key else {},
        secrets=tuple(settings.secrets.values()),
        timeout_seconds=settings.timeout_seconds,
    )
