"""What a format cannot hold, said in sentences: one for each kind of thing, naming the shots.

The writers note facts as they go; nothing here knows a format.
"""

from collections.abc import Iterable

from aianime_pipeline.film.timeline import Timeline
from aianime_pipeline.storyboard.model import CameraMove

MOST_NAMED = 12


class Losses:
    """Collects sentences in the order of their first mention, none twice."""

    def __init__(self) -> None:
        self._sentences: dict[str, None] = {}

    def note(self, sentence: str) -> None:
        self._sentences[sentence] = None

    def shots(self, shots: Iterable[int], one: str, many: str) -> None:
        """`one` and `many` are sentences with `{shots}` where the numbers go; none where there is no shot."""
        numbers = sorted(set(shots))
        if numbers:
            self.note((one if len(numbers) == 1 else many).format(shots=named(numbers)))

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._sentences)


def named(numbers: list[int]) -> str:
    """`shot 3`, `shots 3 and 5`, `shots 3, 5 and 7`; a long list is cut and counted."""
    if len(numbers) == 1:
        return f"shot {numbers[0]}"
    if len(numbers) > MOST_NAMED:
        return f"shots {', '.join(map(str, numbers[:MOST_NAMED]))} and {len(numbers) - MOST_NAMED} more"
    return f"shots {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"


def counted(number: int, thing: str) -> str:
    """`1 sound`, `3 sounds`."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def note_what_no_format_holds(timeline: Timeline, losses: Losses) -> None:
    """Camera moves and ducking are made by our own render, and no format has a word for them."""
    moving: dict[CameraMove, list[int]] = {}
    for clip in timeline.clips:
        if clip.kind == "still" and clip.camera_move is not CameraMove.HOLD:
            moving.setdefault(clip.camera_move, []).append(clip.shot)
    for move, shots in moving.items():
        words = move.value.replace("_", " ")
        losses.shots(
            shots,
            f"The camera move “{words}” of {{shots}} is not in the file: it stands still.",
            f"The camera move “{words}” of {{shots}} is not in the file: they stand still.",
        )
    if timeline.music is not None and timeline.music.ducking_db < 0 and timeline.speech:
        losses.note("The ducking of the music under speech is not in the file: the music has one level throughout.")
    losses.shots(
        (clip.shot for clip in timeline.clips if clip.slate),
        "In place of {shots} is a slate, as a still.",
        "In place of {shots} are slates, as stills.",
    )
