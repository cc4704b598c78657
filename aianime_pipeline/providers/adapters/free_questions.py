"""What the refusal of a question that costs nothing says of a provider's address and key."""

from aianime_pipeline.errors import ProviderError
from aianime_pipeline.providers.capabilities import ErrorKind
from aianime_pipeline.providers.vendor import Checked

_MOVED = range(300, 400)


def checked_by(error: ProviderError) -> Checked:
    """A refusal with a code came from the vendor itself, so that its address is right; one without may be anybody's."""
    status = error.details.get("status")
    if error.kind == ErrorKind.AUTH and status not in _MOVED:
        return Checked(None if status is None else True, False, None, error.message)
    if "code" in error.details:
        return Checked(True, True if error.kind == ErrorKind.NO_MONEY else None, None, error.message)
    return Checked(False, None, None, error.message)
