"""The word of an adapter for a request that the vendor could not serve: nothing was sent, so nothing is charged."""

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind


def not_asked(provider: str, why: str) -> ProviderError:
    return ProviderError(f"{provider} was not asked: {why}.", kind=ErrorKind.BAD_INPUT, provider=provider)
