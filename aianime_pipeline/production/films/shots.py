"""From the storyboard's shots and their selected takes to the shots of a timeline, and what stands in for the missing.

A shot whose video is not there shows its picture with a camera move, one without a picture a slate. For an edit, what
is there is there, approved or not: the gate (gate.py) says whether that may become the film. A draft shows only
what is approved, and what stands in for the rest.
"""

import hashlib
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.db.models import Take
from aianime_pipeline.film.drawing.slates import slate_png
from aianime_pipeline.film.timeline import Picture, TimelineShot, VoiceFile
from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.shots.stages import Stage, State
from aianime_pipeline.storage.store import ObjectStore
from aianime_pipeline.storyboard.model import CameraMove

_CHINESE: dict[str, str] = {
    Stage.IMAGE: "画面",
    Stage.VIDEO: "视频",
    Stage.VOICE: "配音",
    State.PENDING: "待生成",
    State.GENERATING: "生成中",
    State.REGENERATING: "重新生成中",
    State.AI_REVIEWING: "AI审核中",
    State.REVIEW: "待审核",
    State.HUMAN_REVIEW: "待人工审核",
    State.APPROVED: "已通过",
    State.LOCKED: "已锁定",
    State.REJECTED: "已驳回",
    State.FAILED: "生成失败",
    State.SKIPPED: "已跳过",
    "lost": "文件丢失",
}
"""What a slate says about the work on a shot, where the film is Chinese."""


@dataclass(frozen=True)
class SlateFormat:
    """What the slates of a film are drawn for: pixels, and the film's language."""

    width: int
    height: int
    language: str


def timeline_shot(
    view: ShotView, store: ObjectStore, slates: SlateFormat, *, only_approved: bool = False
) -> TimelineShot:
    """The shot with its sources named by their digest alone; a slate that it needs is put into the store. With
    `only_approved` a take that waits or was rejected, or whose file is lost, counts as missing."""

    def shown(stage: Stage) -> Take | None:
        take = None if view.skipped else ready_take(view, stage)
        if take is None or not only_approved:
            return take
        return take if view.stages[stage].approved and store.exists(take.object_digest or "") else None

    wanted = view.wanted
    moving = Stage.VIDEO in wanted
    video = shown(Stage.VIDEO) if moving else None
    image = shown(Stage.IMAGE)
    camera_move, slate = view.shot.camera_move, ""
    if video is not None:
        picture = _video(video)
    elif image is not None:
        picture = _still(image.object_digest)
        if moving:
            slate = _why_missing(view, Stage.VIDEO)
            camera_move = CameraMove.PUSH if camera_move is CameraMove.HOLD else camera_move
    else:
        slate = _why_missing(view, Stage.IMAGE)
        picture, camera_move = _still(_put_slate(view, store, slates)), CameraMove.HOLD
    voice = shown(Stage.VOICE) if Stage.VOICE in wanted else None
    return TimelineShot(
        number=view.number,
        duration_ms=view.shot.duration_ms,
        picture=picture,
        camera_move=camera_move,
        voice=_voice(voice) if voice is not None else None,
        dialogue=view.shot.dialogue,
        speaker="/".join(view.shot.speakers),
        transition=view.shot.transition,
        slate=slate,
    )


def is_card(slate: str) -> bool:
    """Whether the reason of a slate says that there is no picture either."""
    return Stage.IMAGE in slate


def ready_take(view: ShotView, stage: Stage) -> Take | None:
    """The selected take, if there is one with a file."""
    found = view.stages.get(stage)
    return found.take if found is not None and found.take is not None and found.take.object_digest else None


def _video(take: Take) -> Picture:
    facts, seconds = take.facts, None
    if "frames" in facts and "rate" in facts:
        seconds = Fraction(facts["frames"]) / Fraction(facts["rate"])
    digest = take.object_digest or ""
    return Picture(Path(digest), digest, "video", keeps_own_sound=bool(facts.get("has_sound")), seconds=seconds)


def _still(digest: str | None) -> Picture:
    return Picture(Path(digest or ""), digest or "", "still")


def _voice(take: Take) -> VoiceFile:
    digest = take.object_digest or ""
    return VoiceFile(Path(digest), digest, take.facts["samples"])


def _state(view: ShotView, stage: Stage) -> State:
    found = view.stages.get(stage)
    return found.state if found is not None else State.PENDING


def _why_missing(view: ShotView, stage: Stage) -> str:
    found = view.stages.get(stage)
    if found is not None and found.approved and not view.skipped:
        return f"the {stage}'s file is lost"
    return f"{stage} is {State.SKIPPED if view.skipped else _state(view, stage)}"


def _put_slate(view: ShotView, store: ObjectStore, slates: SlateFormat) -> str:
    """Drawn again whenever it is wanted, equal to the byte: it needs no row, and whoever removes it harms nobody."""
    state = State.SKIPPED if view.skipped else _state(view, Stage.IMAGE)
    why = _why_missing(view, Stage.IMAGE)
    chinese = slates.language.startswith("zh")
    in_chinese = _CHINESE["lost" if why.endswith("lost") else state]
    png = slate_png(
        number=view.number,
        description=view.shot.description,
        speaker="/".join(view.shot.speakers),
        dialogue=view.shot.dialogue,
        reason=f"{_CHINESE[Stage.IMAGE]}{in_chinese}" if chinese else why,
        width=slates.width,
        height=slates.height,
        language=slates.language,
    )
    digest = hashlib.sha256(png).hexdigest()
    if not store.renew(digest):
        store.put_bytes(png, "image/png")
    return digest
