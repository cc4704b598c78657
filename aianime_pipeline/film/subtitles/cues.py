"""Subtitle cues from what is spoken, and the SubRip text of them. Pure: the track inside a film is
`subtitle_track`'s, where a line may break is `line_breaking`'s.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from aianime_pipeline.errors import BadDurationError
from aianime_pipeline.film.subtitles.line_breaking import break_lines, clusters, line_end

SHORTEST_CUE_MS = 700
"""Less than this can hardly be read. Where the words are spoken faster, the cues share the time they have."""

LINES_PER_CUE = 2
_CUE_COST = 3
_CUE_END_COST = {"sentence": 0, "clause": 1, "inside": 2}


@dataclass(frozen=True)
class SubtitleCue:
    """`start_ms` is the first millisecond it is seen, `end_ms` the first it is not. One or two lines."""

    start_ms: int
    end_ms: int
    lines: tuple[str, ...]
    speaker: str = ""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


def spread_line(text: str, *, start_ms: int, end_ms: int, speaker: str = "") -> tuple[SubtitleCue, ...]:
    """The cues of a text that is spoken from `start_ms` to `end_ms`: the first begins with the words, the last ends
    with them, each has time in proportion to its characters but not less than SHORTEST_CUE_MS where there is enough.

    An empty text has no cue. Raises BadDurationError where there is not a millisecond for each cue.
    """
    groups = _cue_groups(break_lines(text))
    if not groups:
        return ()
    if end_ms - start_ms < len(groups):
        raise BadDurationError(f"{len(groups)} subtitles have {end_ms - start_ms} ms: there is no time to show them.")
    cues, at = [], start_ms
    for lines, length in zip(groups, _shares(end_ms - start_ms, [_spoken(lines) for lines in groups]), strict=True):
        cues.append(SubtitleCue(at, at + length, lines, speaker))
        at += length
    return tuple(cues)


def writable(text: str) -> str:
    """`text` as a file can hold it: the halves of a surrogate pair put together, and U+FFFD for one half alone."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def to_srt(cues: Sequence[SubtitleCue]) -> str:
    """SubRip text, to be written as UTF-8. An arrow in a line gets an invisible word joiner, because readers take it
    for the line of times; an empty line would end the cue, and a NUL the file; everything else is kept to the letter.
    """
    blocks = []
    for number, cue in enumerate(cues, start=1):
        shown = [line for text in cue.lines for line in text.splitlines() if line.strip()]
        lines = "\n".join(line.replace("-->", "--\u2060>").replace("\0", "\ufffd") for line in shown)
        blocks.append(f"{number}\n{_stamp(cue.start_ms)} --> {_stamp(cue.end_ms)}\n{lines}\n")
    return "\n".join(blocks)


def _cue_groups(lines: list[str]) -> list[tuple[str, ...]]:
    """Lines by ones and twos, as few cues as possible, ending with a sentence where it costs no cue."""
    best: list[tuple[int, int]] = [(0, 0)]
    for end in range(1, len(lines) + 1):
        ways = [
            (best[start][0] + _CUE_COST + _CUE_END_COST[line_end(lines[end - 1])], start)
            for start in range(max(0, end - LINES_PER_CUE), end)
        ]
        best.append(min(ways))
    groups: list[tuple[str, ...]] = []
    end = len(lines)
    while end:
        start = best[end][1]
        groups.append(tuple(lines[start:end]))
        end = start
    return groups[::-1]


def _spoken(lines: tuple[str, ...]) -> int:
    """How many characters have a sound; at least one, so that a row of dots has time too."""
    return max(1, sum(any(c.isalnum() for c in cluster) for line in lines for cluster in clusters(line)))


def _shares(total: int, weights: list[int]) -> list[int]:
    """`total` milliseconds in proportion to `weights`, none less than the shortest cue (or an even share, if that is
    less). Whole numbers that add up to `total`."""
    least = min(SHORTEST_CUE_MS, total // len(weights))
    raised: set[int] = set()
    while True:
        rest = total - least * len(raised)
        weight = sum(w for place, w in enumerate(weights) if place not in raised)
        low = {p for p, w in enumerate(weights) if p not in raised and Fraction(rest * w, weight) < least}
        if not low:
            break
        raised |= low
    shares = [least if p in raised else rest * w // weight for p, w in enumerate(weights)]
    for place in range(total - sum(shares)):
        shares[place % len(shares)] += 1
    return shares


def _stamp(ms: int) -> str:
    seconds, thousandths = divmod(ms, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02d}:{minutes:02d}:{seconds:02d},{thousandths:03d}"
