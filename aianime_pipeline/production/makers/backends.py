"""The two sorts of makers behind one face: the built-in provider, and vendors behind adapters.

What asks for a picture or a line does not know which it is: it submits, polls, collects the file, and may cancel.
"""

import importlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from aianime_pipeline.errors import BadSettingError, ProviderError
from aianime_pipeline.providers.adapters import ADAPTERS
from aianime_pipeline.providers.capabilities import (
    Capability,
    ErrorKind,
    ImageProvider,
    ImageRequest,
    JobState,
    JobStatus,
    MusicProvider,
    MusicRequest,
    Produced,
    SpeechProvider,
    SpeechRequest,
    VideoProvider,
    VideoRequest,
)
from aianime_pipeline.providers.configuration import LOCAL, NO_LIMITS, Limits, ProviderEntry, missing_secrets
from aianime_pipeline.providers.downloads import Kind, download
from aianime_pipeline.providers.prices import Units
from aianime_pipeline.providers.vendor import Adapter, Answer, Call, Model

KINDS: Mapping[Capability, Kind] = {
    Capability.IMAGE: "picture",
    Capability.VIDEO: "video",
    Capability.SPEECH: "sound",
    Capability.MUSIC: "sound",
}


class MediaProvider(ImageProvider, VideoProvider, SpeechProvider, MusicProvider, Protocol):
    """A provider of everything that an episode needs besides its story."""


class Backend(Protocol):
    """See `vendor.Adapter`; `collect` writes the finished file into a folder."""

    @property
    def name(self) -> str: ...

    @property
    def charges(self) -> bool: ...

    durable: bool
    """Whether a job goes on, and can be asked after, when this process has ended."""

    def model_name(self, model: Model) -> str:
        """What a take remembers of the model."""
        ...

    def submit(self, call: Call) -> Answer: ...

    def poll(self, job_id: str, model: Model) -> Answer: ...

    def collect(self, answer: Answer, model: Model, into: Path) -> Produced: ...

    def cancel(self, job_id: str, model: Model) -> bool: ...

    def expected(self, call: Call) -> Units:
        """What it will charge for, as far as that can be told before."""
        ...


@dataclass(frozen=True)
class Route:
    """A model and who makes it."""

    model: Model
    backend: Backend
    limits: Limits = NO_LIMITS

    @property
    def name(self) -> str:
        return self.model.name

    @property
    def maker(self) -> tuple[str, str]:
        """Provider and model as a take remembers them."""
        return self.backend.name, self.backend.model_name(self.model)


class Embedded:
    """A provider in this process (providers/capabilities.py). Its jobs end with the process; as a rule it is free."""

    durable = False

    def __init__(self, provider: MediaProvider) -> None:
        self._provider = provider

    @property
    def name(self) -> str:
        return self._provider.name

    @property
    def charges(self) -> bool:
        return self._provider.charges

    def model_name(self, model: Model) -> str:
        return self._provider.model(model.capability)

    def submit(self, call: Call) -> Answer:
        match call.request:
            case ImageRequest():
                job_id = self._provider.submit_image(call.request)
            case VideoRequest():
                job_id = self._provider.submit_video(call.request)
            case SpeechRequest():
                job_id = self._provider.submit_speech(call.request)
            case MusicRequest():
                job_id = self._provider.submit_music(call.request)
            case _:
                raise ProviderError(f"{self.name} makes no text.", kind=ErrorKind.BAD_INPUT)
        return Answer(JobState.QUEUED, job_id)

    def poll(self, job_id: str, model: Model) -> Answer:
        status: JobStatus = self._provider.poll(job_id)
        usage = status.usage
        units = Units(
            images=usage.images,
            video_ms=usage.video_ms,
            characters=usage.characters,
            tokens_in=usage.tokens_in,
            tokens_out=usage.tokens_out,
        )
        facts: dict[str, Any] = {"cost_micros": usage.cost_micros, "currency": usage.currency}
        return Answer(
            status.state,
            job_id,
            units=units,
            progress=status.progress,
            error_kind=status.error_kind,
            error=status.error,
            facts=facts if usage.cost_micros else {},
        )

    def collect(self, answer: Answer, model: Model, into: Path) -> Produced:
        return self._provider.fetch(answer.job_id, into)

    def cancel(self, job_id: str, model: Model) -> bool:
        return self._provider.cancel(job_id)

    def expected(self, call: Call) -> Units:
        return expected_units(call)


class Vendor:
    """A vendor behind its adapter."""

    charges = True
    durable = True

    def __init__(self, entry: ProviderEntry) -> None:
        self.name = entry.settings.name
        self.adapter = open_adapter(entry)

    def model_name(self, model: Model) -> str:
        return model.vendor_name

    def submit(self, call: Call) -> Answer:
        if call.model.capability not in self.adapter.capabilities:
            raise BadSettingError(f"{call.model.name}: {self.name} makes no {call.model.capability.value}.")
        return self.adapter.submit(call)

    def poll(self, job_id: str, model: Model) -> Answer:
        return self.adapter.poll(job_id, model)

    def collect(self, answer: Answer, model: Model, into: Path) -> Produced:
        assert answer.file is not None
        http = self.adapter.http
        found = download(
            answer.file,
            into,
            KINDS[model.capability],
            own_host=http.host,
            headers=http.authorisation() if answer.file.authorised else {},
            clean=http.clean,
        )
        return Produced(found.path, found.media_type, answer.facts)

    def cancel(self, job_id: str, model: Model) -> bool:
        return self.adapter.cancel(job_id, model)

    def expected(self, call: Call) -> Units:
        own = getattr(self.adapter, "expected", None)
        return cast(Units, own(call)) if own is not None else expected_units(call)


def open_adapter(entry: ProviderEntry) -> Adapter:
    """Raises BadSettingError naming what is missing."""
    module, _, name = ADAPTERS[entry.settings.kind].partition(":")
    kind = getattr(importlib.import_module(module), name)
    if missing := missing_secrets(entry, kind.SECRETS):
        raise BadSettingError(" ".join(missing), provider=entry.settings.name)
    return cast(Adapter, kind(entry.settings))


def expected_units(call: Call) -> Units:
    """What a request will be charged for by its own words; language models by the length of their text."""
    match call.request:
        case ImageRequest():
            return Units(images=1)
        case VideoRequest(frames=frames, rate=rate):
            return Units(video_ms=round(frames / rate * 1000))
        case SpeechRequest(text=text):
            return Units(characters=len(text))
        case MusicRequest(milliseconds=milliseconds):
            return Units(audio_ms=milliseconds)
        case request:
            words = getattr(request, "instructions", "") + getattr(request, "text", "")
            # A Chinese character is about one token, a Latin letter a quarter: the upper bound of both.
            return Units(tokens_in=len(words) + 200, tokens_out=4_000)


def local_model(capability: Capability) -> Model:
    return Model(f"{LOCAL}/animatic", LOCAL, capability, "animatic")
