"""What a direction block asks for: a flashback, a caption, a sound, a transition, a list of props, or a picture."""

import re
from typing import Literal

from aianime_pipeline.storyboard.model import Transition
from aianime_pipeline.storyboard.vocabulary import recognise_transition

DirectionKind = Literal["flashback", "caption", "sound", "transition", "props", "picture"]

FLASHBACK = re.compile(
    r"闪回|回忆|插叙|梦境|梦醒|回到现实|现实中|flash\s?-?back|back to (?:the )?present|memory|dream", re.IGNORECASE
)
CAPTION = re.compile(
    r"^[【\[（(]?\s*(?:字幕|标题|片名|题字|黑屏字|caption|title|super|superimpose|chyron)", re.IGNORECASE
)
PROPS = re.compile(r"^[【\[（(]?\s*(?:主要|关键)?道具\s*[：:】\]]")
SOUND = re.compile(
    r"画外音|音效|声响|响起|传来|声音|音乐|铃声|脚步声|雷声|钟声"
    r"|\b(?:bgm|sfx|sound|music|voices?|thunder)\b",
    re.IGNORECASE,
)
TRANSITION = re.compile(
    r"^[【\[（(]?\s*(?:转场|叠化|溶解|淡入|淡出|闪白|闪黑|黑场|黑屏|切至|切到|硬切|划变"
    r"|(?:smash |match |jump )?cut to|fade|dissolve|wipe)",
    re.IGNORECASE,
)
LATER = re.compile(
    r"[年月日天周]后|[年月日天周]前|多年|数日|次日|翌日|几天"
    r"|(?:year|month|week|day|hour)s? (?:later|ago|earlier)|next (?:day|morning)",
    re.IGNORECASE,
)


def direction_kind(text: str) -> DirectionKind:
    """The kind of a direction; `picture` for whatever is none of the others."""
    if PROPS.search(text):
        return "props"
    if CAPTION.search(text):
        return "caption"
    if FLASHBACK.search(text):
        return "flashback"
    if TRANSITION.search(text):
        return "transition"
    return "sound" if SOUND.search(text) else "picture"


def direction_transition(text: str) -> Transition | None:
    """The transition that a direction asks of the shot after it; None where it asks for none."""
    kind = direction_kind(text)
    if kind == "flashback":
        return Transition.FLASH_WHITE
    if kind == "transition":
        found = recognise_transition(text)
        return found.value if found.recognised else None
    return None


def tells_of_later(text: str) -> bool:
    """Whether `text` says that time has passed (`三年后`, `two days later`)."""
    return bool(LATER.search(text))
