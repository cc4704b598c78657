"""Choose the camera move of a shot: by what it shows, and never the same one three times running."""

from collections.abc import Sequence

from aianime_pipeline.storyboard.model import CameraMove, Framing
from aianime_pipeline.storyboard.planning.beats import Beat, feels_strongly
from aianime_pipeline.storyboard.planning.cues import Cue

MOVE_FOR_CUE = (
    (Cue.REVEAL, CameraMove.PULL),
    (Cue.TALL, CameraMove.TILT_UP),
    (Cue.TRAVEL, CameraMove.FOLLOW),
    (Cue.FAR, CameraMove.PULL),
    (Cue.LOOKING_AROUND, CameraMove.ORBIT),
    (Cue.RISING, CameraMove.TILT_UP),
    (Cue.FALLING, CameraMove.TILT_DOWN),
    (Cue.CROWD, CameraMove.PULL),
    (Cue.STRONG_FEELING, CameraMove.PUSH),
)
"""The strongest cue first."""


def choose_move(
    beat: Beat, cues: frozenset[Cue], framing: Framing, *, inside: bool, before: Sequence[CameraMove]
) -> CameraMove:
    """The move that suits the beat best, given the moves of the shots `before` and whether the scene is `inside`."""
    worn = before[-1] if len(before) > 1 and before[-1] is before[-2] else None
    moves = _suiting(beat, cues, framing, inside=inside, count=len(before))
    return next(move for move in moves if move is not worn)


def _suiting(beat: Beat, cues: frozenset[Cue], framing: Framing, *, inside: bool, count: int) -> list[CameraMove]:
    """Moves that suit the beat, the best one first; at least two, so that a worn one can be passed over."""
    pans = [CameraMove.PAN_RIGHT, CameraMove.PAN_LEFT]
    pan = pans if count % 2 == 0 else pans[::-1]
    if beat.kind == "speech":
        strong = feels_strongly(beat) or beat.continued
        return [CameraMove.PUSH, CameraMove.HOLD] if strong else [CameraMove.HOLD, CameraMove.PUSH]
    if beat.kind == "closeup" or framing in (Framing.CLOSE_UP, Framing.EXTREME_CLOSE_UP):
        return [CameraMove.PUSH, CameraMove.HOLD]
    meant = [move for cue, move in MOVE_FOR_CUE if cue in cues]
    if beat.establishing:
        meant = [move for move in meant if move in (CameraMove.TILT_UP, CameraMove.PULL)]
        return [*meant, *([CameraMove.PUSH, *pan] if inside else [*pan, CameraMove.PUSH])]
    if beat.kind == "voice_over":
        return [CameraMove.PUSH, *pan, CameraMove.PULL]
    return [*meant, CameraMove.HOLD, CameraMove.PUSH, *pan]
