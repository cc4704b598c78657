"""What a bucket's failures are called here.

The library's own words are not passed on: they hold the service's whole answer, and that of a refused signature may
hold the access key and what was signed. Of the answer only its code is told.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from obstore.exceptions import BaseError, PermissionDeniedError, UnauthenticatedError

from aianime_pipeline.errors import ObjectStoreError

_CODE = re.compile(r"<Code>(\w{1,64})</Code>")
_STATUS = re.compile(r"status code: (\d{3})")
_CAUSES = {
    "Connection refused": "the connection was refused",
    "dns error": "its name is not known",
    "timed out": "it did not answer in time",
    "TimedOut": "it did not answer in time",
    "certificate": "its certificate is not trusted",
}


@contextmanager
def told(address: str) -> Iterator[None]:
    """Raises ObjectStoreError for what the library raises, but for FileNotFoundError."""
    try:
        yield
    except (PermissionDeniedError, UnauthenticatedError) as error:
        raise ObjectStoreError(
            f"{address} refuses us ({_reason(str(error))}): look at AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and "
            "AWS_REGION, and at what the key may do.",
            address=address,
        ) from None
    except BaseError as error:
        reason = _reason(str(error))
        advice = (
            "Make the bucket, or correct AIANIME_OBJECTS_URL."
            if reason == "NoSuchBucket"
            else "Look at AIANIME_S3_ENDPOINT and at the service, and run again; nothing half-written has a name."
        )
        raise ObjectStoreError(f"{address} cannot be used: {reason}. {advice}", address=address) from None


def _reason(words: str) -> str:
    if code := _CODE.search(words):
        return code[1]
    if status := _STATUS.search(words):
        return f"HTTP status {status[1]}"
    return next((cause for sign, cause in _CAUSES.items() if sign in words), "the connection failed")
