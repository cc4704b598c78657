"""The same film at another frame rate or in another size. Pure.

Cuts go to the frame nearest to their exact moment, reckoned from the film's beginning, so nothing drifts. Sounds stay
at their sample and subtitles at their millisecond: only the picture is counted in frames.
"""

from dataclasses import replace
from fractions import Fraction

from aianime_pipeline.film.timeline.anchors import anchored_as, frames_at
from aianime_pipeline.film.timeline.model import Timeline, check_format
from aianime_pipeline.film.timeline.parts import Clip, ClipTransition
from aianime_pipeline.film.timeline.rough import RoughCut, settled
from aianime_pipeline.film.timeline.speech_room import with_room_for_speech


def retimed(timeline: Timeline, rate: Fraction) -> Timeline:
    """The film at `rate` frames a second. Each cut lies within half a new frame of its old moment, unless clips are
    shorter than a new frame: each has one at least. The last clip is a frame longer where a line would go on beyond
    the film; a subtitle that would ends with it, and transitions get shorter where rounding leaves them less room.

    Raises BadSettingError for a rate that no film can have.
    """
    if rate == timeline.rate:
        return timeline
    check_format(timeline.width, timeline.height, rate)
    ratio = rate / timeline.rate
    clips, at = [], 0
    for clip, start in zip(timeline.clips, timeline.starts, strict=True):
        end = max(at + 1, frames_at(start + clip.frames, ratio))
        clips.append(_clip_at(clip, end - at, ratio))
        at = end
    rough = anchored_as(timeline, RoughCut.of(timeline, rate=rate, clips=tuple(clips)))
    roomy, _ = with_room_for_speech(rough)
    return settled(roomy).timeline


def resized(timeline: Timeline, width: int, height: int) -> Timeline:
    """The film in another size, in pixels. Raises BadSettingError for a size that no film can have."""
    return replace(timeline, width=width, height=height)


def _clip_at(clip: Clip, frames: int, ratio: Fraction) -> Clip:
    """The clip, `frames` long at the new rate."""
    has = None if clip.source_frames is None else max(1, frames_at(clip.source_frames, ratio))
    begin, end = frames_at(clip.source_in, ratio), frames_at(clip.source_out, ratio)
    shown = frames if clip.hold == 0 else min(max(1, end - begin), frames)
    if has is not None:
        begin = min(begin, max(0, has - shown))
        shown = min(shown, has - begin)
    return replace(
        clip,
        source_in=begin,
        source_out=begin + shown,
        hold=frames - shown,
        source_frames=has,
        wanted_frames=_wanted_at(clip, frames, ratio),
        transition=_transition_at(clip.transition, ratio),
    )


def _wanted_at(clip: Clip, frames: int, ratio: Fraction) -> int:
    """What the storyboard wanted, rounded so that the clip is longer than that only if it was."""
    if clip.wanted_frames == 0:
        return 0
    scaled = max(1, frames_at(clip.wanted_frames, ratio))
    if clip.wanted_frames < clip.frames:
        return min(scaled, max(1, frames - 1))
    return frames if clip.wanted_frames == clip.frames else max(scaled, frames)


def _transition_at(transition: ClipTransition | None, ratio: Fraction) -> ClipTransition | None:
    if transition is None:
        return None
    before, after = frames_at(transition.in_offset, ratio), frames_at(transition.out_offset, ratio)
    if before + after == 0:
        # One frame at a far higher rate: it stays on the side where it lay.
        before, after = (0, 1) if transition.out_offset else (1, 0)
    return ClipTransition(transition.kind, before, after)
