"""From a timeline to a film on the disk: pieces of picture, sound, subtitles, joined by copying, probed, put in place.

A film that differs from its timeline is a failed film. Whatever goes wrong, nothing new stands at the final names and
no stray file beside them; what an earlier render left there stays as it was. A film that lies there already and was
made from exactly this is left as it is.
"""

import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path

from aianime_pipeline.errors import BadSettingError, FilmMismatchError
from aianime_pipeline.film.cache import (
    cache_in_use,
    content_key,
    part_beside,
    seal,
    sealed_facts,
    sweep_parts,
    trim_cache,
)
from aianime_pipeline.film.drawing.style import SubtitleStyle
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.encoding.encoders import ChosenEncoder, choose_encoder
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled
from aianime_pipeline.film.film_report import FilmReport as FilmReport
from aianime_pipeline.film.film_report import facts_for_seal, held_shots, report_of_seal
from aianime_pipeline.film.finishing import Finishing, drawn_over, film_key
from aianime_pipeline.film.joining import join_film
from aianime_pipeline.film.picture.pieces import Piece, plan_pieces
from aianime_pipeline.film.picture.recipe import FrameFormat
from aianime_pipeline.film.picture.segments import Segment, count_unmade, prepare_segments
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.probe import FilmFacts, check_against, check_joints, probe_film
from aianime_pipeline.film.progress import Progress as Progress
from aianime_pipeline.film.progress import ProgressMeter
from aianime_pipeline.film.side_files import side_files
from aianime_pipeline.film.sound.track import SoundMix, mix_sound
from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.film.timeline.retime import resized, retimed

RECIPE = "film-2"
"""Part of every film's key: raise the number when films of the same timeline come out otherwise."""

CACHE_BYTES = 20 * 1024**3
"""What the cache may hold when a film is done, if nobody says otherwise. The film's own pieces always stay."""

_SECONDS_PER_MEGAPIXEL_FRAME = 0.02


def render_film(
    timeline: Timeline,
    output: Path,
    *,
    cache: Path,
    preset: ExportPreset | None = None,
    style: SubtitleStyle | None = None,
    watermark: Watermark | None = None,
    draft: bool = False,
    cache_bytes: int = CACHE_BYTES,
    workers: int | None = None,
    title: str = "",
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Cancelled | None = None,
) -> FilmReport:
    """Make the film at `output` (an `.mp4`) with its subtitles and poster beside it, from the pieces in `cache`.

    A `preset` says size, rate, encoder, subtitles and loudness; without one the film is as large and as fast as the
    timeline, in H.264 with soft subtitles. `workers` segments are encoded at once (by default one for every two
    cores); when the film is done the cache is
    trimmed to `cache_bytes`, least recently used first, never below the film's own pieces.

    Raises FilmMismatchError with every difference where the result is not the timeline, UnreadableMediaError,
    FfmpegFailedError, DiskFullError, BadSettingError, FfmpegCancelled.
    """
    if output.suffix.lower() != ".mp4":
        raise BadSettingError(f"A film is written as .mp4, not as {output.name!r}.")
    if output.is_dir():
        raise BadSettingError(f"A film cannot be written to {output}: that is a folder.")
    if preset is None:
        preset = ExportPreset("as-edited")
    else:
        timeline = resized(retimed(timeline, preset.rate), *preset.size)
    finishing = Finishing(timeline, preset, style or SubtitleStyle(), watermark, draft, title)
    # An impossible size fails here, before any work.
    encoder = choose_encoder(
        preset.codec, preset.quality, timeline.width, timeline.height, timeline.rate, hardware=preset.hardware
    )
    key = content_key(RECIPE, film=film_key(finishing), encoder=encoder.encoder.key)
    used: list[Path] = []
    with cache_in_use(cache):
        found = sealed_facts(output, counts_as_use=False)
        if found is not None and found.get("key") == key:
            with side_files(finishing, output, output) as put_in_place:
                report = report_of_seal(found["report"], output, put_in_place())
        else:
            drawn = drawn_over(finishing)
            pieces = plan_pieces(timeline, drawn.overlays)
            render = _Render(finishing, encoder, pieces, drawn.warnings, output, cache, workers, cancelled, used)
            report = _make(render, key, ProgressMeter(_costs(timeline), on_progress))
    if not report.kept:
        # Only now: while a film is made nobody trims.
        trim_cache(cache, cache_bytes, used)
    sweep_parts(output.parent)
    if on_progress is not None:
        on_progress(Progress(100.0, "done", 0.0))
    return report


@dataclass
class _Render:
    """One render on its way."""

    finishing: Finishing
    encoder: ChosenEncoder
    pieces: tuple[Piece, ...]
    warnings: tuple[str, ...]
    output: Path
    cache: Path
    workers: int | None
    cancelled: Cancelled | None
    used: list[Path]

    @property
    def timeline(self) -> Timeline:
        return self.finishing.timeline


def _make(render: _Render, key: str, meter: ProgressMeter) -> FilmReport:
    timeline, output = render.timeline, render.output
    # The part first: where no film can be written, hours of work would be for nothing.
    with part_beside(output) as part:
        segments, sound = _pictures_and_sound(render, meter)
        render.used += [*(segment.path for segment in segments), sound.path]
        meter.begin("join")
        join_film(render.finishing, segments, sound, part, cancelled=render.cancelled, on_share=meter.share)
        meter.begin("check")
        facts = _checked(part, render)
        meter.finish()
        notes = (*render.warnings, *render.encoder.notes, *held_shots(timeline, segments), *sound.warnings)
        report = _report(render, facts, segments, sound, notes, meter.seconds)
        seal(part, {"key": key, "report": facts_for_seal(report)})
        with side_files(render.finishing, part, output) as put_in_place:
            if render.cancelled is not None and render.cancelled():
                raise FfmpegCancelled("put the film in place")
            part.replace(output)
            files = put_in_place()
    return replace(report, bytes=output.stat().st_size, files=files)


def _pictures_and_sound(render: _Render, meter: ProgressMeter) -> tuple[tuple[Segment, ...], SoundMix]:
    """Both at once. The first failure stops the other. Beside many pictures the sound is a matter of one core, or what
    it holds in memory comes on top of the encoder's."""
    timeline, failed = render.timeline, [False]
    cores = len(os.sched_getaffinity(0))
    frame = FrameFormat(timeline.width, timeline.height, timeline.rate, render.finishing.preset.fit)
    encoder = render.encoder.encoder
    unmade = count_unmade(render.pieces, cache=render.cache, frame=frame, encoder=encoder)
    mixers = 1 if unmade > cores else cores

    def stopped() -> bool:
        return failed[0] or (render.cancelled is not None and render.cancelled())

    def mix() -> SoundMix:
        try:
            return mix_sound(
                timeline,
                cache=render.cache,
                target_lufs=float(render.finishing.preset.loudness),
                workers=mixers,
                cancelled=stopped,
                on_share=lambda share: meter.share(share, of="sound"),
            )
        except BaseException:
            failed[0] = True
            raise

    meter.begin("segments")
    with ThreadPoolExecutor(1, thread_name_prefix="sound") as pool:
        mixing = pool.submit(mix)
        try:
            segments = prepare_segments(
                render.pieces,
                cache=render.cache,
                width=frame.width,
                height=frame.height,
                rate=frame.rate,
                fit=frame.fit,
                encoder=encoder,
                workers=render.workers,
                cancelled=stopped,
                on_progress=lambda done, total: meter.share(done / total, of="segments"),
            )
        except FfmpegCancelled:
            if mixing.done() and mixing.exception() is not None:
                mixing.result()  # a segment that was stopped because of the sound is not the failure
            raise
        except BaseException:
            failed[0] = True
            raise
        meter.begin("sound")
        return segments, mixing.result()


def _checked(film: Path, render: _Render) -> FilmFacts:
    facts = probe_film(film)
    differences = check_against(
        facts,
        render.timeline,
        languages=render.finishing.soft_languages,
        codec=render.finishing.preset.codec,
    )
    if not differences:
        differences = check_joints(film, [piece.start for piece in render.pieces], render.timeline.rate)
    if differences:
        raise FilmMismatchError(
            f"The film is not what its timeline says: {'; '.join(differences)}.", differences=differences
        )
    return facts


def _report(
    render: _Render,
    facts: FilmFacts,
    segments: tuple[Segment, ...],
    sound: SoundMix,
    warnings: tuple[str, ...],
    timings: Mapping[str, float],
) -> FilmReport:
    assert facts.picture is not None
    assert facts.sound is not None
    timeline = render.timeline
    made = {segment.path for segment in segments if segment.made}
    return FilmReport(
        path=render.output,
        digest=timeline.digest,
        frames=facts.picture.frames,
        picture_seconds=facts.picture.seconds,
        sound_seconds=facts.sound.seconds,
        bytes=facts.bytes,
        lufs=sound.lufs,
        true_peak=sound.true_peak,
        segments_made=len(made),
        segments_kept=len({segment.path for segment in segments} - made),
        sound_made=sound.made,
        grown=timeline.grown,
        warnings=warnings,
        timings=dict(timings),
        encoder=render.encoder.encoder.name,
        slates={clip.shot: clip.slate for clip in timeline.clips if clip.slate},
    )


def _costs(timeline: Timeline) -> dict[str, float]:
    """Seconds that each step takes on a common machine, roughly, if nothing is cached."""
    seconds = float(timeline.seconds)
    megapixels = timeline.width * timeline.height / 1_000_000
    return {
        "segments": timeline.total_frames * megapixels * _SECONDS_PER_MEGAPIXEL_FRAME,
        "sound": 0.2 + seconds * 0.04,
        "join": 0.1 + seconds * 0.003,
        "check": 0.1 + len(timeline.clips) * 0.02,
    }
