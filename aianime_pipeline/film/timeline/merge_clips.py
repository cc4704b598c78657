"""One shot's clip, merged from three sides. Pure; the rule and the three sides are those of `merge`."""

from dataclasses import replace

from aianime_pipeline.film.timeline.merge_parts import three_way
from aianime_pipeline.film.timeline.parts import Clip, ClipTransition


def merged_clip(base: Clip | None, mine: Clip | None, theirs: Clip | None) -> tuple[Clip, list[str]]:
    """The clip of a shot that at least one of `mine` and `theirs` has, and what is to be said about it."""
    if mine is None or theirs is None:
        only = mine if theirs is None else theirs
        assert only is not None
        return only, []
    if base is None:
        base = theirs
    take = theirs if _take(mine) == _take(base) else mine
    clip, notes = _trimmed(base, mine, theirs, take)
    if take is mine and theirs.digest not in (base.digest, mine.digest):
        notes.append(f"Shot {mine.shot} has another take in the storyboard now; the one that you chose is kept.")
    if mine.transition != base.transition and theirs.transition not in (base.transition, mine.transition):
        notes.append(
            f"Shot {mine.shot}: your beginning ({_named(mine.transition)}) is kept; the storyboard now wants "
            f"{_named(theirs.transition)}."
        )
    if mine.camera_move != base.camera_move and theirs.camera_move not in (base.camera_move, mine.camera_move):
        notes.append(
            f"Shot {mine.shot}: your camera move ({mine.camera_move}) is kept; the storyboard now wants "
            f"{theirs.camera_move}."
        )
    return clip, notes


def _trimmed(base: Clip, mine: Clip, theirs: Clip, take: Clip) -> tuple[Clip, list[str]]:
    begin, end, hold = (
        three_way(*(getattr(clip, name) for clip in (base, mine, theirs)))
        for name in ("source_in", "source_out", "hold")
    )
    notes: list[str] = []
    if not base.kind == mine.kind == theirs.kind:
        begin, end, hold, notes = _for_another_kind(base, mine, theirs, take)
    elif take.source_frames is not None and end > take.source_frames:
        wanted = f"{begin}-{end}"
        end = take.source_frames
        begin = min(begin, end - 1)
        notes.append(
            f"Shot {mine.shot}: trimmed to {wanted}, but the new take has {take.source_frames} frames: it goes from "
            f"{begin} to {end}."
        )
    elif begin >= end:
        notes.append(
            f"Shot {mine.shot}: your trim begins at frame {begin}, and the new take ends at {end}: it shows its last "
            "frame."
        )
        begin = end - 1
    merged = replace(
        theirs,
        source=take.source,
        digest=take.digest,
        kind=take.kind,
        source_frames=take.source_frames,
        source_in=begin,
        source_out=end,
        hold=hold,
        slate=take.slate,
        wanted_frames=three_way(base.wanted_frames, mine.wanted_frames, theirs.wanted_frames),
        camera_move=three_way(base.camera_move, mine.camera_move, theirs.camera_move),
        keeps_own_sound=three_way(base.keeps_own_sound, mine.keeps_own_sound, theirs.keeps_own_sound),
        own_gain_db=three_way(base.own_gain_db, mine.own_gain_db, theirs.own_gain_db),
        transition=three_way(base.transition, mine.transition, theirs.transition),
    )
    if not notes and mine.frames != base.frames and theirs.frames not in (base.frames, merged.frames):
        notes.append(
            f"Shot {mine.shot} keeps your length of {merged.frames} frames; the storyboard now gives it "
            f"{theirs.frames}."
        )
    return merged, notes


def _for_another_kind(base: Clip, mine: Clip, theirs: Clip, take: Clip) -> tuple[int, int, int, list[str]]:
    """In-point, out-point and hold where a still became a video or the other way round: only a length can be kept."""
    other = f"Shot {mine.shot} is a {take.kind} now instead of a {mine.kind}"
    if mine.frames == base.frames:
        notes = []
        if (mine.source_in, mine.source_out, mine.hold) != (base.source_in, base.source_out, base.hold):
            notes.append(f"{other}: your trim could not be kept.")
        if take is theirs:
            return theirs.source_in, theirs.source_out, theirs.hold, notes
        return mine.source_in, mine.source_out, mine.hold, notes
    if take is mine:
        return mine.source_in, mine.source_out, mine.hold, []
    shown = mine.frames if take.source_frames is None else min(mine.frames, take.source_frames)
    if take.kind == "video" and take.source_frames is None:
        shown = min(mine.frames, take.source_out)  # its length is not known: what the storyboard shows it has
    return 0, shown, mine.frames - shown, [f"{other}: of your trim its {mine.frames} frames are kept."]


def _take(clip: Clip) -> tuple[str, str, int | None, str]:
    return clip.digest, clip.kind, clip.source_frames, clip.slate


def _named(transition: ClipTransition | None) -> str:
    return "a cut" if transition is None else f"{transition.kind} of {transition.frames} frames"
