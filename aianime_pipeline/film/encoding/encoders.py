"""The encoder of a film: in hardware where that is wanted and really works on this machine, else in software.

All segments of a film use the same one. What encoders are told is `encoder_settings`' and `hardware_encoders`' subject.
"""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

from aianime_pipeline.film.encoding.hardware import hardware_encoders
from aianime_pipeline.film.encoding.levels import level_for as level_for
from aianime_pipeline.film.encoding.settings import Encoder as Encoder
from aianime_pipeline.film.encoding.settings import software_encoder
from aianime_pipeline.film.encoding.trial import why_not
from aianime_pipeline.film.presets.presets import Codec, Quality

Candidates = Callable[[Codec, Quality], tuple[Encoder, ...]]
"""The encoders to try, in this order."""


@dataclass(frozen=True)
class ChosenEncoder:
    """`notes` are for the person who asked: which hardware was tried, and why none was taken."""

    encoder: Encoder
    notes: tuple[str, ...] = ()


def choose_encoder(
    codec: Codec,
    quality: Quality,
    width: int,
    height: int,
    rate: Fraction,
    *,
    hardware: bool,
    candidates: Candidates = hardware_encoders,
) -> ChosenEncoder:
    """The encoder for all segments of a film of `width` x `height` pixels at `rate` frames a second.

    With `hardware` the candidates are tried on this machine, once per process, and the first that works is taken.
    Raises BadSettingError where no level of the codec allows the size at the rate.
    """
    software = software_encoder(codec, quality, width, height, rate)
    if not hardware:
        return ChosenEncoder(software)
    working, failures = _first_working(candidates, codec, quality, width, height, rate)
    if working is not None:
        return ChosenEncoder(working)
    tried = "; ".join(f"{name}: {reason}" for name, reason in failures)
    return ChosenEncoder(
        software,
        (f"No hardware encoder works here, so {software.name} encodes in software. Tried {tried or 'none'}.",),
    )


@cache
def _first_working(
    candidates: Candidates, codec: Codec, quality: Quality, width: int, height: int, rate: Fraction
) -> tuple[Encoder | None, tuple[tuple[str, str], ...]]:
    """The first that works, and why those before it do not."""
    import structlog

    log = structlog.get_logger(__name__)
    failures: list[tuple[str, str]] = []
    for encoder in candidates(codec, quality):
        reason = why_not(encoder, width, height, rate)
        if reason is None:
            log.info("hardware encoder taken", encoder=encoder.name, width=width, height=height)
            return encoder, tuple(failures)
        log.info("hardware encoder does not work here", encoder=encoder.name, reason=reason)
        failures.append((encoder.name, reason))
    return None, tuple(failures)
