"""The export presets that there are: those every project has, a project's main one, and how one is found by its name.

The project's main preset makes the episode's film; every other export is a file beside it. Pure.
"""

from collections.abc import Mapping
from fractions import Fraction
from typing import get_args

from aianime_pipeline.errors import BadSettingError, NotFoundError
from aianime_pipeline.film.presets.preset import RATES as RATES
from aianime_pipeline.film.presets.preset import Aspect as Aspect
from aianime_pipeline.film.presets.preset import Codec as Codec
from aianime_pipeline.film.presets.preset import ExportPreset as ExportPreset
from aianime_pipeline.film.presets.preset import Fit as Fit
from aianime_pipeline.film.presets.preset import Loudness as Loudness
from aianime_pipeline.film.presets.preset import Quality as Quality
from aianime_pipeline.film.presets.preset import Resolution as Resolution
from aianime_pipeline.film.presets.preset import SubtitleMode as SubtitleMode
from aianime_pipeline.film.presets.texts import parse_change as parse_change
from aianime_pipeline.film.presets.texts import preset_from_document as preset_from_document
from aianime_pipeline.film.presets.texts import to_document as to_document
from aianime_pipeline.film.presets.texts import with_changes as with_changes

MAIN = "main"

BUILT_IN: Mapping[str, ExportPreset] = {
    preset.name: preset
    for preset in (
        ExportPreset("landscape-1080p"),
        ExportPreset("vertical-1080p", aspect="9:16"),
        ExportPreset("square-1080p", aspect="1:1"),
        ExportPreset("landscape-720p", resolution="720p"),
        # At 4K, H.265 is what televisions and phones decode in hardware.
        ExportPreset("landscape-4k", resolution="4k", codec="h265"),
        ExportPreset("vertical-4k", resolution="4k", aspect="9:16", codec="h265"),
        # EBU R 128: 25 frames a second and -23 LUFS.
        ExportPreset("broadcast-25", rate=Fraction(25), quality="high", loudness=-23),
        # The platforms turn louder films down to -14 LUFS and code every film again, so it should be good.
        ExportPreset("web-14", quality="high", loudness=-14),
        ExportPreset("vertical-burned-in", aspect="9:16", fit="crop", subtitles="burned", loudness=-14),
        ExportPreset("compact-h265", codec="h265"),
        ExportPreset("compact-av1", codec="av1"),
        ExportPreset("preview-480p", resolution="480p", quality="draft", subtitles="burned"),
    )
}
"""By name."""


def preset_named(name: str, own: Mapping[str, ExportPreset]) -> ExportPreset:
    """A preset of the project's `own`, else a built-in one. Raises NotFoundError that lists them all."""
    found = own.get(name) or BUILT_IN.get(name)
    if found is None:
        there_are = ", ".join(sorted({*own, *BUILT_IN}))
        raise NotFoundError(f"There is no export preset {name!r}; there are: {there_are}.", preset=name)
    return found


def main_preset(width: int, height: int, rate: Fraction) -> ExportPreset:
    """The main preset of a project that says nothing: its own size and rate, with soft subtitles. Raises
    BadSettingError for a size or rate that no preset has."""
    every = [
        ExportPreset(MAIN, resolution, aspect, rate)
        for resolution in get_args(Resolution)
        for aspect in get_args(Aspect)
    ]
    for preset in every:
        if preset.size == (width, height):
            return preset
    sizes = ", ".join("x".join(map(str, preset.size)) for preset in every)
    raise BadSettingError(f"No export preset is {width}x{height}; there are: {sizes}.")
