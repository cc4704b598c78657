"""The 时间轴 of a storyboard_ai_v4 file: where each shot lies in the episode, in seconds.

It repeats what the durations say, and real files let the two drift apart. The durations count; the 时间轴 is left as it
came until shots are added, removed, moved or timed anew, and then it is written from the durations.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from aianime_pipeline.storyboard import v4_layout as layout
from aianime_pipeline.storyboard.model import Shot, Storyboard, StoryboardNotice
from aianime_pipeline.storyboard.v4_layout import Json

TOLERANCE_MS = 50
"""Files round their seconds to one decimal."""


def timeline_notice(entries: Sequence[Mapping[str, Any]], shots: Sequence[Shot]) -> StoryboardNotice | None:
    """Which shots' 时间轴 disagrees with the durations; None where all agree or say nothing."""
    start = _first_start_ms(entries)
    wrong: list[int] = []
    for entry, shot in zip(entries, shots, strict=True):
        timeline = layout.object_of(entry, "时间轴", f"Shot {shot.number}")
        wanted = {"开始时间": start, "结束时间": start + shot.duration_ms}
        found = {name: _milliseconds(timeline.get(name), name, shot.number) for name in wanted}
        if any(ms is not None and abs(ms - wanted[name]) > TOLERANCE_MS for name, ms in found.items()):
            wrong.append(shot.number)
        start += shot.duration_ms
    if not wrong:
        return None
    told = "、".join(map(str, wrong[:5])) + ("…" if len(wrong) > 5 else "")
    return StoryboardNotice(
        f"时间轴 disagrees with the sum of 时长 in {len(wrong)} of {len(shots)} shots ({told}); 时长 counts.",
        shot=wrong[0],
    )


def retimed(entries: list[Json], storyboard: Storyboard) -> list[Json]:
    """`entries` with 时间轴 and 依赖关系 of new shots filled in, and every 时间轴 set anew if times have moved."""
    imported = storyboard.extra.get(layout.SHOTS)
    unmoved = imported == [shot.number for shot in storyboard.shots] and all(
        layout.get(entry, layout.DURATION) == layout.get(shot.extra, layout.DURATION)
        for entry, shot in zip(entries, storyboard.shots, strict=True)
    )
    if unmoved:
        return entries
    start = 0
    for index, (entry, shot) in enumerate(zip(entries, storyboard.shots, strict=True)):
        end = start + shot.duration_ms
        if isinstance(entry.get("时间轴"), dict):
            entry["时间轴"] |= {"开始时间": start / 1000, "结束时间": end / 1000}
        if not shot.extra:
            entry["依赖关系"] = _neighbours(index, storyboard.shots)
        start = end
    return entries


def _neighbours(index: int, shots: Sequence[Shot]) -> Json:
    return {
        "前置镜头": [shots[index - 1].number] if index else [],
        "后置镜头": [shots[index + 1].number] if index + 1 < len(shots) else [],
    }


def _first_start_ms(entries: Sequence[Mapping[str, Any]]) -> int:
    """An episode's first shot may begin after a title."""
    timeline = entries[0].get("时间轴") if entries else None
    first = timeline.get("开始时间") if isinstance(timeline, dict) else None
    return _milliseconds(first, "开始时间", 1) or 0


def _milliseconds(value: object, name: str, shot: int) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise layout.wrong_type(f"Shot {shot}: 时间轴", name, "a number of seconds", value)
    return round(value * 1000)
