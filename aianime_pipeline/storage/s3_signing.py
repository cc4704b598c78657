"""Addresses at which anybody can fetch an object of a bucket for a while.

The library that reads the bucket signs addresses too, but not with the name and the type that the answer should have
(`response-content-disposition`, `response-content-type`), which a browser needs to save a film under a readable name.
So botocore's signer is asked, which looks for credentials in the same places; its heavy client is not loaded.
"""

import os
import threading
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from aianime_pipeline.errors import ObjectStoreError

if TYPE_CHECKING:
    from botocore.credentials import Credentials

MOST_SECONDS = 7 * 86_400
"""What the signature allows."""
_USUAL_REGION = "us-east-1"


class SignedAddresses:
    """Of the bucket's objects, at the service's `endpoint`; empty: Amazon's own. Threads may share it."""

    def __init__(self, bucket: str, endpoint: str) -> None:
        self._bucket = bucket
        self._region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION") or _USUAL_REGION
        self._endpoint = (endpoint or f"https://s3.{self._region}.amazonaws.com").rstrip("/")
        self._opening = threading.Lock()
        self._found: Credentials | None = None

    def get(self, key: str, disposition: str, media_type: str, seconds: int) -> str:
        """For a GET of `key`; an address for longer than MOST_SECONDS holds only so long. Raises ObjectStoreError where
        there are no credentials to sign with."""
        from botocore.auth import S3SigV4QueryAuth  # a laptop's start does not wait for it
        from botocore.awsrequest import AWSRequest

        wanted = {"response-content-disposition": disposition, "response-content-type": media_type}
        # The signer takes the address as it will be sent: every byte that is not plain is written out.
        url = f"{self._endpoint}/{self._bucket}/{quote(key, safe='/~')}?{urlencode(wanted, quote_via=quote)}"
        request = AWSRequest("GET", url)
        frozen = self._credentials().get_frozen_credentials()
        S3SigV4QueryAuth(frozen, "s3", self._region, expires=min(seconds, MOST_SECONDS)).add_auth(request)
        return str(request.url)

    def _credentials(self) -> "Credentials":
        """They renew themselves where they are lent for a time."""
        with self._opening:
            if self._found is None:
                from botocore.session import Session

                self._found = Session().get_credentials()
            if self._found is None:
                raise ObjectStoreError(
                    f"s3://{self._bucket} cannot be opened to people: nothing is there to sign an address with. "
                    "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
                    address=f"s3://{self._bucket}",
                )
            return self._found
