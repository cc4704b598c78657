"""What a provider can be asked for, in one protocol per capability.

A provider is asked in three steps, because vendors take minutes: `submit` returns a job id at once, `poll` says how
the job stands, `fetch` writes the finished file. All calls are synchronous and may be made from several threads at
once; whoever calls decides how many run together. A provider keeps no record of its own: the caller writes the
generation row before `submit` and the job id right after it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from aianime_pipeline.screenplay.model import Interior, TimeOfDay
from aianime_pipeline.storyboard.model import CameraMove, Framing


class Capability(StrEnum):
    TEXT = "text"
    IMAGE = "image"
    VIDEO = "video"
    SPEECH = "speech"
    MUSIC = "music"
    PICTURE_REVIEW = "picture_review"


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"
    CANCELLED = "cancelled"


class ErrorKind(StrEnum):
    """Classes of a provider's refusal: what the caller may do next depends on nothing else."""

    BAD_INPUT = "bad_input"
    MODERATED = "moderated"
    AUTH = "auth"
    NO_MONEY = "no_money"
    RATE_LIMITED = "rate_limited"
    CONCURRENCY_FULL = "concurrency_full"
    TRANSIENT = "transient"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True)
class Usage:
    """What a job consumed. `cost_micros` in millionths of `currency`."""

    images: int = 0
    video_ms: int = 0
    characters: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_micros: int = 0
    currency: str = "CNY"


@dataclass(frozen=True)
class JobStatus:
    state: JobState
    progress: float | None = None
    """0 to 1 where the provider says."""
    error_kind: ErrorKind | None = None
    error: str = ""
    usage: Usage = Usage()


@dataclass(frozen=True)
class Produced:
    """A finished file. `metadata` are JSON-ready facts such as `sample_rate` or `palette`."""

    path: Path
    media_type: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AssetBrief:
    """A character, location or prop as a picture needs it. `sheet` is the asset's frozen look (see local/looks.py)."""

    kind: Literal["character", "location", "prop"]
    name: str
    description: str = ""
    sheet: Mapping[str, Any] = field(default_factory=dict)
    reference: Path | None = None


@dataclass(frozen=True)
class PictureBrief:
    """A shot's picture in structured form; vendors that read only text get `ImageRequest.prompt`."""

    description: str
    framing: Framing
    place: str = ""
    time_of_day: TimeOfDay | None = None
    interior: Interior | None = None
    emotion: str = ""
    characters: tuple[AssetBrief, ...] = ()
    """Who is seen, the most important first; the speaker is named in `speaker`."""
    speaker: str | None = None
    location: AssetBrief | None = None
    props: tuple[AssetBrief, ...] = ()


@dataclass(frozen=True)
class ImageRequest:
    """`subject` is a shot's brief, or an asset for its reference sheet. `width`, `height` in pixels."""

    width: int
    height: int
    seed: int
    prompt: str
    subject: PictureBrief | AssetBrief
    negative_prompt: str = ""
    style: str = ""
    feedback: str = ""
    """A reviewer's words on the take before, when this is a retake."""


@dataclass(frozen=True)
class VideoRequest:
    """The moving clip of a shot from its first frame; `frames` frames at `rate` per second, without sound."""

    width: int
    height: int
    frames: int
    rate: Fraction
    seed: int
    prompt: str
    first_frame: Path
    camera_move: CameraMove
    negative_prompt: str = ""
    feedback: str = ""
    last_frame: Path | None = None


@dataclass(frozen=True)
class SpeechRequest:
    """`voice` is the character's frozen voice (see local/voices.py); `language` a BCP 47 tag such as `zh` or `en`."""

    text: str
    language: str
    voice: Mapping[str, Any]
    emotion: str = ""
    max_ms: int | None = None
    """Wished length: a provider may speak up to 1.25 times faster to meet it, and never cuts."""
    feedback: str = ""
    speaker: str = ""
    """Whose line it is, by name."""


@dataclass(frozen=True)
class MusicRequest:
    milliseconds: int
    seed: int
    mood: str = ""


StructuredForm = Literal["json_schema", "json_object", "plain"]
"""How a language model is held to a schema: by the schema itself, to any JSON object, or by words alone."""


@dataclass(frozen=True)
class TextRequest:
    """`schema` is the JSON schema that the answer must fit, None for free text. `structured` None: as the model's own
    option says."""

    instructions: str
    text: str
    schema: Mapping[str, Any] | None = None
    structured: StructuredForm | None = None


@dataclass(frozen=True)
class PictureReviewRequest:
    """A look at pictures. `text` speaks of them in their order; the rest is as of a TextRequest."""

    pictures: tuple[Path, ...]
    instructions: str
    text: str
    schema: Mapping[str, Any] | None = None
    structured: StructuredForm | None = None


class Jobs(Protocol):
    """What every provider has besides its `submit_…`."""

    name: str
    charges: bool
    """Whether a job costs money: what costs money is never made again merely because it is out of date."""

    def model(self, capability: Capability) -> str:
        """The model's name and version that would be used now; part of what makes a take."""
        ...

    def poll(self, job_id: str) -> JobStatus:
        """How the job stands. A job the provider does not know is EXPIRED. Raises ProviderError."""
        ...

    def fetch(self, job_id: str, into: Path) -> Produced:
        """Write the finished file into the folder `into`. Raises ProviderError."""
        ...

    def cancel(self, job_id: str) -> bool:
        """True if the job will not be charged any more."""
        ...

    def close(self) -> None:
        """Called once, when the process ends: leave no file and no thread behind."""
        ...


@runtime_checkable
class ImageProvider(Jobs, Protocol):
    def submit_image(self, request: ImageRequest) -> str: ...


@runtime_checkable
class VideoProvider(Jobs, Protocol):
    def submit_video(self, request: VideoRequest) -> str: ...


@runtime_checkable
class SpeechProvider(Jobs, Protocol):
    def submit_speech(self, request: SpeechRequest) -> str: ...


@runtime_checkable
class MusicProvider(Jobs, Protocol):
    def submit_music(self, request: MusicRequest) -> str: ...
