"""Holding on to the moments of a film while the clips that everything hangs on begin elsewhere. Pure."""

import math
from dataclasses import replace
from fractions import Fraction

from aianime_pipeline.film.timeline.model import Timeline, milliseconds, samples_at
from aianime_pipeline.film.timeline.rough import RoughCut


def anchored_as(before: Timeline, after: RoughCut) -> RoughCut:
    """The rough cut with everything that hangs on its clips at the moments of the film where it was before: sounds at
    the same sample, subtitles at the same millisecond, markers at the nearest frame of its rate."""
    ratio = after.rate / before.rate
    was, now = before.start_of, after.start_of
    samples = {shot: samples_at(was[shot], before.rate) - samples_at(now[shot], after.rate) for shot in now}
    ms = {shot: milliseconds(was[shot] / before.rate) - milliseconds(now[shot] / after.rate) for shot in now}
    tracks = (
        replace(
            track,
            lines=tuple(
                replace(line, start_ms=line.start_ms + ms[line.shot], end_ms=line.end_ms + ms[line.shot])
                for line in track.lines
            ),
        )
        for track in after.subtitles
    )
    return replace(
        after,
        speech=tuple(replace(sound, offset=sound.offset + samples[sound.shot]) for sound in after.speech),
        effects=tuple(replace(sound, offset=sound.offset + samples[sound.shot]) for sound in after.effects),
        subtitles=tuple(tracks),
        markers=tuple(
            replace(marker, offset=frames_at(was[marker.shot] + marker.offset, ratio) - now[marker.shot])
            for marker in after.markers
        ),
    )


def frames_at(frames: int, ratio: Fraction) -> int:
    """So many frames at a rate `ratio` times as high: the nearest, halves upwards."""
    return math.floor(frames * ratio + Fraction(1, 2))
