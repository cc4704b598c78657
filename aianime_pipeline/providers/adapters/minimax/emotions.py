"""What MiniMax calls an emotion that a screenplay tells in free words, Chinese or English. Data and a lookup.

The vendor knows happy, sad, angry, fearful, disgusted, surprised and calm. Words that are none of these (stern, shy)
are left out of the request: the vendor then reads the emotion from the line itself.
"""

import re

EMOTIONS: tuple[tuple[str, str], ...] = (
    ("happy", r"喜极而泣|破涕为笑|tears of joy"),
    (
        "disgusted",
        r"厌恶|嫌|恶心|鄙夷|鄙视|不屑|轻蔑|嘲|讥|冷笑|反感|\bdisgust|\bcontempt|\bscorn|\bsneer|\bmock|\bdisdain",
    ),
    (
        "angry",
        r"愤怒|恼怒|发怒|动怒|怒|愤|生气|恼|吼|咆哮|咬牙|暴躁|不耐烦|呵斥"
        r"|\bangr|\banger|\bfuri|\bfury|\brage|\boutrage|\birritat|\bannoy|\bindignan|\bshout|\byell",
    ),
    (
        "fearful",
        r"惊恐|恐惧|恐慌|畏惧|惧怕|害怕|恐|惧|怕|惊慌|慌张|慌|颤抖|发颤|颤|发抖|紧张|不安|胆怯|畏缩"
        r"|\bafraid|\bscared|\bfear(?!less)|\bpanic|\bterrif|\bterror|\bfright|\bnervous|\btrembl|\banxious|\bdread",
    ),
    (
        "surprised",
        r"惊讶|惊诧|吃惊|震惊|惊|诧|愕|难以置信|\bsurpris|\bshock|\bastonish|\bamaz|\bstartl|\bstunned|\bdisbelie",
    ),
    (
        "sad",
        r"不高兴|不开心|不快|悲伤|悲哀|悲|伤心|伤感|忧伤|哀伤|哀|哭泣|抽泣|哭|泣|哽咽|难过|失落|绝望|沮丧|委屈|心痛|痛苦|苦笑|苦涩|落寞"
        r"|\bsad|\bcry|\bcries|\bweep|\bsob|\bgrie|\bsorrow|\btear|\bunhapp|\bdespair|\bheartbr|\bmourn|\bmelanchol",
    ),
    (
        "happy",
        r"欢喜|欢快|欢笑|喜悦|微笑|大笑|喜|高兴|开心|快乐|愉快|欢|笑|兴奋|激动|得意|欣慰|甜蜜"
        r"|\bhapp|\bjoy|\bglad|\blaugh|\bexcit|\bcheer|\bsmil|\bdelight|\bproud|\bplayful",
    ),
    (
        "calm",
        r"平静|冷静|沉着|镇定|淡定|平淡|从容|温柔|温和|柔和|安慰"
        r"|\bcalm|\bgentl|\bsoft|\btender|\bsooth|\bcomposed|\bserene|\bquiet|\bwarm|\bneutral",
    ),
)
"""The vendor's word → what means it. The first row that fits is taken, so the narrower words stand higher; and a word
of two characters stands before its single ones, so that a denial in front of it is seen."""

_DENIED = re.compile(
    r"(?:[不没无别莫未]|没有|不再|不是|不要|不必"
    r"|\b(?:not|never|isn't|don't be)(?: very| too| at all)?|\bno longer|\bno|\bwithout)\s*$",
    re.IGNORECASE,
)


def emotion_of(told: str) -> str:
    """The vendor's word; empty where no row fits. A word that is denied (`不害怕`, `not afraid`) does not count."""
    for word, meant in EMOTIONS:
        for found in re.finditer(meant, told, re.IGNORECASE):
            if not _DENIED.search(told[: found.start()]):
                return word
    return ""
