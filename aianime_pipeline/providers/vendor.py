"""What an adapter of one vendor's interface is: three calls in our words, and nothing that lasts.

An adapter translates. It keeps no record, repeats nothing that may cost money, chooses no route and knows no budget:
all that is the caller's, who writes down before `submit` what is going to be asked, and right after it what the vendor
answered. A job's id is therefore everything that `poll` needs, in any process and after any crash.

Refusals are raised as ProviderError with an ErrorKind by the vendor's own code; `details` may hold `code` (the
vendor's), `status` (HTTP), `retry_after` (seconds) and `vendor_request` (the vendor's own request id).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from aianime_pipeline.providers.capabilities import (
    Capability,
    ImageRequest,
    JobState,
    MusicRequest,
    PictureReviewRequest,
    SpeechRequest,
    TextRequest,
    VideoRequest,
)
from aianime_pipeline.providers.http import VendorHttp
from aianime_pipeline.providers.prices import Price, Units

VendorRequest = ImageRequest | VideoRequest | SpeechRequest | MusicRequest | TextRequest | PictureReviewRequest


@dataclass(frozen=True)
class Model:
    """A model of a provider, as the configuration names it. `name` is `provider/entry`; `vendor_name` is what the
    vendor calls it; `options` are the adapter's own, checked by it."""

    name: str
    provider: str
    capability: Capability
    vendor_name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()


@dataclass(frozen=True)
class Call:
    """`request_id` is ours and unique: it goes to the vendor where it takes such a thing, and into the log."""

    model: Model
    request: VendorRequest
    request_id: str


@dataclass(frozen=True)
class ResultFile:
    """A finished file: its bytes, or where to fetch them. `authorised` addresses want the vendor's own headers (and are
    on the vendor's own host)."""

    media_type: str = ""
    data: bytes | None = field(default=None, repr=False)
    url: str | None = None
    authorised: bool = False


@dataclass(frozen=True)
class Answer:
    """How a job stands. `job_id` is empty for a result that came with the answer, else all that `poll` needs.

    `units` are what the vendor says it charges for, None where it does not say (they are then computed from the
    request). A `text` is a language model's; `facts` are JSON-ready words on the result, such as `seed`. A failed job
    has `error_kind` and `error`, in the vendor's words.
    """

    state: JobState
    job_id: str = ""
    file: ResultFile | None = None
    text: str | None = None
    units: Units | None = None
    progress: float | None = None
    error_kind: str | None = None
    error: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Checked:
    """What `check` found: each of address, key and model is True, False or None for «cannot be told without spending».
    `words` say what to do about it."""

    address: bool | None
    key: bool | None
    model: bool | None
    words: str = ""


@dataclass(frozen=True)
class ProviderSettings:
    """A provider as it is configured. `secrets` by the names that the adapter's SECRETS gives them (`api_key` as a
    rule); `base_url` is empty for the vendor's usual address."""

    name: str
    kind: str
    base_url: str = ""
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    timeout_seconds: float = 120.0


class Adapter(Protocol):
    """Made by `AdapterClass(settings)`; used by several threads at once. The class has `SECRETS`, the names of what
    must be in the environment, and `BASE_URL`, the vendor's usual address."""

    SECRETS: ClassVar[tuple[str, ...]]
    BASE_URL: ClassVar[str]
    capabilities: frozenset[Capability]
    http: VendorHttp
    # An adapter may also have `expected(call) -> Units`: what a request will be charged for, where that does not follow
    # from the request's own words (a vendor's whole seconds, tokens by the size of a clip).

    def submit(self, call: Call) -> Answer:
        """Ask once. Raises ProviderError; kind AMBIGUOUS where it is not known whether the vendor took the request."""
        ...

    def poll(self, job_id: str, model: Model) -> Answer:
        """How the job stands; may be repeated. A job the vendor does not know is EXPIRED, a word for its state that is
        not known is RUNNING. Raises ProviderError(TRANSIENT) where nothing could be learnt."""
        ...

    def cancel(self, job_id: str, model: Model) -> bool:
        """True if the vendor will not charge for the job any more; False where it cannot be cancelled."""
        ...

    def check(self, model: Model) -> Checked:
        """Whether address, key and model answer, without spending. Never raises ProviderError."""
        ...
