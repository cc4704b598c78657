"""The built-in reviewer's opinion of a storyboard: whether it can be made and watched, before anything is paid for.

It rejects what cannot be made; the rest takes from the score, which counts against the project's threshold like any
other. The planner's storyboards of the two example episodes have nothing to be found.
"""

from collections.abc import Collection, Iterator, Sequence
from itertools import groupby, pairwise

from aianime_pipeline.reviewing.opinion import BUILT_IN, FATAL, Finding, Opinion, opinion_of
from aianime_pipeline.storyboard.model import Shot, Storyboard
from aianime_pipeline.storyboard.speech_length import speech_ms

SHOT_MS = (800, 20_000)
"""Milliseconds. Shorter is not seen; longer few vendors make in one piece."""
TOTAL_MS = (10_000, 20 * 60_000)
"""Milliseconds of an episode: a short drama has one to three minutes, a television episode under twenty-five."""
SPEED_UP = 1.25
"""How much faster a line may be spoken."""
FAR_TOO_LONG = 2.0
"""Times the shot's length: such a line was meant for several shots."""
MOST_ALIKE = 6
"""Shots in a row with one framing."""
MOST_OF_ONE = 0.8
"""Share of the shots with one framing, where there are more than MOST_ALIKE."""

_COSTS = 10
_MOST_COSTS = 40
"""What all findings of one code take together."""


def review_storyboard(board: Storyboard, assets: Collection[tuple[str, str]]) -> Opinion:
    """`assets` are the project's, as kind and name."""
    if not board.shots:
        return opinion_of(BUILT_IN, [Finding("no_shots", "it has no shots", "plan shots", 100, fatal=True)])
    findings = [
        *(finding for shot in board.shots for finding in _one(shot)),
        *_total(board.shots),
        *_variety(board.shots),
        *_looks(board.shots, assets),
    ]
    return opinion_of(BUILT_IN, list(_weighed(findings)))


def _one(shot: Shot) -> Iterator[Finding]:
    if not shot.description.strip():
        words, change = f"shot {shot.number} does not say what is seen", f"describe shot {shot.number}"
        yield Finding("no_description", words, change, FATAL, fatal=True)
    seconds = f"{shot.duration_ms / 1000:.1f} s"
    least, most = SHOT_MS
    if not least <= shot.duration_ms <= most:
        usual = f"{least / 1000:.1f} to {most / 1000:.0f} s"
        words = f"shot {shot.number} lasts {seconds}, {usual} can be made"
        yield Finding("shot_length", words, f"make shot {shot.number} {usual} long", _COSTS)
    if "voice" not in shot.wants:
        return
    needs = speech_ms(shot.dialogue)
    if needs > shot.duration_ms * SPEED_UP:
        words = f"the line of shot {shot.number} takes {needs / 1000:.1f} s, the shot has {seconds}"
        change = f"make shot {shot.number} longer, or its line shorter"
        fatal = needs > shot.duration_ms * FAR_TOO_LONG
        yield Finding("speech_too_long", words, change, FATAL if fatal else _COSTS, fatal=fatal)


def _total(shots: Sequence[Shot]) -> Iterator[Finding]:
    total = sum(shot.duration_ms for shot in shots)
    if not TOTAL_MS[0] <= total <= TOTAL_MS[1]:
        usual = f"{TOTAL_MS[0] // 1000} s to {TOTAL_MS[1] // 60_000} min are usual"
        words = f"the episode lasts {total / 1000:.0f} s, {usual}"
        yield Finding("total_length", words, "tell more or less in this episode", 2 * _COSTS)


def _variety(shots: Sequence[Shot]) -> Iterator[Finding]:
    for framing, run in groupby(shots, key=lambda shot: shot.framing):
        numbers = [shot.number for shot in run]
        if len(numbers) > MOST_ALIKE:
            words = f"shots {numbers[0]} to {numbers[-1]} are all {framing.value.replace('_', ' ')}"
            yield Finding("monotonous", words, f"vary the framing from shot {numbers[0]} to {numbers[-1]}", _COSTS)
    framings = [shot.framing for shot in shots]
    most = max(set(framings), key=framings.count)
    if len(shots) > MOST_ALIKE and framings.count(most) > MOST_OF_ONE * len(shots):
        words = f"{framings.count(most)} of {len(shots)} shots are {most.value.replace('_', ' ')}"
        yield Finding("monotonous", words, "vary the framing", 2 * _COSTS)
    for one, after in pairwise(shots):
        same = (one.description, one.framing, one.dialogue) == (after.description, after.framing, after.dialogue)
        if same and one.description.strip():
            words = f"shots {one.number} and {after.number} show the same"
            yield Finding("same_shot_again", words, f"leave out shot {after.number}, or change it", _COSTS)


def _looks(shots: Sequence[Shot], assets: Collection[tuple[str, str]]) -> Iterator[Finding]:
    missing: dict[tuple[str, str], list[int]] = {}
    for shot in shots:
        shown = [("character", name) for name in shot.characters] + [("prop", name) for name in shot.props]
        shown += [("location", shot.place)] if shot.place else []
        for one in shown:
            if one not in assets:
                missing.setdefault(one, []).append(shot.number)
    for (kind, name), numbers in missing.items():
        where = ", ".join(map(str, numbers[:5])) + (" and more" if len(numbers) > 5 else "")
        words = f"there is no look of the {kind} {name} (shots {where})"
        yield Finding("no_asset", words, f"add the {kind} {name}, or take it out", _COSTS)


def _weighed(findings: Sequence[Finding]) -> Iterator[Finding]:
    """One sort of finding, however often, does not take the whole score."""
    left: dict[str, int] = {}
    for one in findings:
        room = left.get(one.code, _MOST_COSTS)
        costs = one.costs if one.fatal else min(one.costs, room)
        left[one.code] = room - min(costs, room)
        yield Finding(one.code, one.text, one.change, costs, one.fatal)
