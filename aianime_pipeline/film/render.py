"""From a timeline to a film on the disk: segments, sound, subtitles, joined by stream copy, probed, put in place.

A film that differs from its timeline is a failed film. Whatever goes wrong, nothing new stands at the final names and
no stray file beside them; what an earlier render left there stays as it was.
"""

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import ffmpeg

from aianime_pipeline.errors import BadSettingError, FilmMismatchError
from aianime_pipeline.film.cache import cache_in_use, part_beside, trim_cache
from aianime_pipeline.film.ffmpeg import Cancelled, FfmpegCancelled, run_ffmpeg
from aianime_pipeline.film.probe import FilmFacts, check_against, check_joints, probe_film
from aianime_pipeline.film.progress import Progress as Progress
from aianime_pipeline.film.progress import ProgressMeter
from aianime_pipeline.film.recipe import level_for, time_scale
from aianime_pipeline.film.segments import Segment, prepare_segments
from aianime_pipeline.film.sound import SoundMix, mix_sound
from aianime_pipeline.film.subtitle_track import track_language, write_subtitle_track
from aianime_pipeline.film.subtitles import to_srt
from aianime_pipeline.film.timeline import SAMPLE_RATE, GrownShot, Timeline

CACHE_BYTES = 20 * 1024**3
"""What the cache may hold when a film is done, if nobody says otherwise. The film's own pieces always stay."""

AI_LABEL = "AI-generated content. 本内容由人工智能生成。"
"""Rules on generated media ask for a label in the file's metadata."""

_SECONDS_PER_MEGAPIXEL_FRAME = 0.02
_HELD_SECONDS = 0.5


@dataclass(frozen=True)
class FilmReport:
    """What was made. Seconds are exact; `lufs` and `true_peak` (dBTP) are None for a silent film; `timings` are seconds
    by step; `digest` is the timeline's."""

    path: Path
    digest: str
    frames: int
    picture_seconds: Fraction
    sound_seconds: Fraction
    bytes: int
    lufs: float | None
    true_peak: float | None
    segments_made: int
    segments_kept: int
    sound_made: bool
    grown: tuple[GrownShot, ...]
    warnings: tuple[str, ...]
    timings: Mapping[str, float]


def render_film(
    timeline: Timeline,
    output: Path,
    *,
    cache: Path,
    cache_bytes: int = CACHE_BYTES,
    workers: int = 2,
    title: str = "",
    on_progress: Callable[[Progress], None] | None = None,
    cancelled: Cancelled | None = None,
) -> FilmReport:
    """Make the film at `output` (an `.mp4`) and its subtitles beside it as `.srt`, with the pieces in `cache`.

    `workers` segments are encoded at once; when the film is done the cache is trimmed to `cache_bytes`, least recently
    used first, never below the film's own pieces. Raises FilmMismatchError with every difference where the result is
    not the timeline, UnreadableMediaError, FfmpegFailedError, DiskFullError, BadSettingError, FfmpegCancelled.
    """
    if output.suffix.lower() != ".mp4":
        raise BadSettingError(f"A film is written as .mp4, not as {output.name!r}.")
    level_for(timeline.width, timeline.height, timeline.rate)  # an impossible size fails before any work
    script = output.with_suffix(".srt")
    meter = ProgressMeter(_costs(timeline), on_progress)
    with ExitStack() as stack:
        stack.enter_context(cache_in_use(cache))
        meter.begin("segments")
        segments = _segments(timeline, cache, workers, cancelled, meter)
        meter.begin("sound")
        sound = mix_sound(timeline, cache=cache, cancelled=cancelled, on_share=meter.share)
        film_part = stack.enter_context(part_beside(output))
        script_part = stack.enter_context(part_beside(script))
        meter.begin("join")
        _join(timeline, segments, sound, film_part, title, cancelled, meter)
        script_part.write_text(to_srt(timeline.subtitles), encoding="utf-8")
        meter.begin("check")
        facts = _checked(film_part, timeline)
        if cancelled is not None and cancelled():
            raise FfmpegCancelled("put the film in place")
        film_part.replace(output)
        script_part.replace(script)
    trim_cache(cache, cache_bytes, [*(segment.path for segment in segments), sound.path])
    meter.end()
    return _report(timeline, output, facts, segments, sound, meter.seconds)


def _segments(
    timeline: Timeline, cache: Path, workers: int, cancelled: Cancelled | None, meter: ProgressMeter
) -> tuple[Segment, ...]:
    return prepare_segments(
        timeline.clips,
        cache=cache,
        width=timeline.width,
        height=timeline.height,
        rate=timeline.rate,
        workers=workers,
        cancelled=cancelled,
        on_progress=lambda done, total: meter.share(done / total),
    )


def _join(
    timeline: Timeline,
    segments: Sequence[Segment],
    sound: SoundMix,
    film: Path,
    title: str,
    cancelled: Cancelled | None,
    meter: ProgressMeter,
) -> None:
    """Copy pictures, sound and subtitles into one MP4 at `film`. Nothing is encoded."""
    _check_alike(segments)
    with ExitStack() as stack:
        # In the segments' own folder the list can name them without any path that would need quoting.
        joints = stack.enter_context(part_beside(segments[0].path.with_name("joints.ffconcat")))
        joints.write_text(concat_list(segments, timeline.rate), encoding="ascii")
        pictures = ffmpeg.input(str(joints.absolute()), format="concat")["v:0"]
        tracks = [pictures, ffmpeg.input(str(sound.path.absolute()))["a:0"]]
        if timeline.subtitles:
            lines = stack.enter_context(part_beside(film.with_suffix(".text.mp4")))
            write_subtitle_track(timeline.subtitles, lines)
            tracks.append(ffmpeg.input(str(lines.absolute()))["s:0"])
        run_ffmpeg(
            _joined(tracks, film, timeline, title),
            on_seconds=lambda seconds: meter.share(seconds / float(timeline.seconds)),
            cancelled=cancelled,
            doing="join the film",
        )


def _joined(tracks: Sequence[ffmpeg.Stream], film: Path, timeline: Timeline, title: str) -> ffmpeg.Stream:
    options = {
        "c": "copy",
        "map_metadata": -1,
        "map_chapters": -1,
        "fflags": "+bitexact",
        "video_track_timescale": time_scale(timeline.rate),
        "movie_timescale": SAMPLE_RATE,
        "movflags": "+faststart",
        # `-metadata` once for each tag: a keyword cannot come twice, and ffmpeg skips what follows the `g` of "global".
        "metadata:g:title": f"title={_one_line(title)}",
        "metadata:g:comment": f"comment={AI_LABEL}",
        "metadata:g:description": f"description={AI_LABEL}",
    }
    if timeline.subtitles:
        options["metadata:s:s:0"] = f"language={track_language(timeline.language)}"
        options["disposition:s:0"] = "default"
    return ffmpeg.output(*tracks, str(film.absolute()), format="mp4", **options)


def _check_alike(segments: Sequence[Segment]) -> None:
    for segment in segments:
        if segment.parameters != segments[0].parameters:
            raise FilmMismatchError(
                f"The segments of shots {segments[0].clip.shot} and {segment.clip.shot} cannot be joined: "
                "their decoder parameters differ.",
                parameters=[segments[0].parameters, segment.parameters],
            )


def concat_list(segments: Sequence[Segment], rate: Fraction) -> str:
    """The concat demuxer's list. It counts in microseconds: each duration is the difference of two rounded moments of
    the film, so that the rounding never adds up over the shots."""
    lines, at = ["ffconcat version 1.0"], 0
    for segment in segments:
        begins, at = _microseconds(at, rate), at + segment.clip.frames
        lines += [f"file {segment.path.name}", f"duration {_microseconds(at, rate) - begins}us"]
    return "\n".join(lines) + "\n"


def _checked(film: Path, timeline: Timeline) -> FilmFacts:
    facts = probe_film(film)
    differences = check_against(facts, timeline)
    if not differences:
        differences = check_joints(film, timeline.starts, timeline.rate)
    if differences:
        raise FilmMismatchError(
            f"The film is not what its timeline says: {'; '.join(differences)}.", differences=differences
        )
    return facts


def _report(
    timeline: Timeline,
    output: Path,
    facts: FilmFacts,
    segments: Sequence[Segment],
    sound: SoundMix,
    timings: Mapping[str, float],
) -> FilmReport:
    assert facts.picture is not None
    assert facts.sound is not None
    made = {segment.path for segment in segments if segment.made}
    return FilmReport(
        path=output,
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
        warnings=(*_held(segments, timeline.rate), *sound.warnings),
        timings=dict(timings),
    )


def _held(segments: Sequence[Segment], rate: Fraction) -> list[str]:
    """Shots whose video ends long before the shot does."""
    held = []
    for segment in segments:
        wanted = float(segment.clip.frames / rate)
        if segment.source_seconds is not None and wanted - segment.source_seconds > _HELD_SECONDS:
            held.append(f"{segment.clip.shot} ({segment.source_seconds:.2f} s of {wanted:.2f} s)")
    return [f"The last frame is held where a video is shorter than its shot: {', '.join(held)}."] if held else []


def _costs(timeline: Timeline) -> dict[str, float]:
    """Seconds that each step takes on a common machine, roughly, if nothing is cached."""
    seconds = float(timeline.seconds)
    megapixels = timeline.width * timeline.height / 1_000_000
    return {
        "segments": timeline.total_frames * megapixels * _SECONDS_PER_MEGAPIXEL_FRAME,
        "sound": 0.2 + seconds * 0.04,
        "join": 0.1 + seconds * 0.006,
        "check": 0.1 + len(timeline.clips) * 0.02,
    }


def _microseconds(frame: int, rate: Fraction) -> int:
    return round(frame / rate * 1_000_000)


def _one_line(text: str) -> str:
    return " ".join("".join(" " if unicodedata.category(c)[0] == "C" else c for c in text).split())
