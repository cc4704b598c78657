"""Who speaks: lines such as `林夏：（压低声音）你听见了吗？`, `林夏os：……`, `旁白：……`, and what only looks like one.

Not every line with a colon is spoken: `墙上写着：欢迎回家` is seen, `12:30` is a time. Names are taken as they are,
with quotes, slashes and emoji; only sentence punctuation shows that a line's front is no name.
"""

import re
from collections.abc import Container
from dataclasses import dataclass

from aianime_pipeline.screenplay.characters import halfwidth
from aianime_pipeline.screenplay.chinese_cast import AGE
from aianime_pipeline.screenplay.model import Block, Notice

COLONS = "：:∶︰﹕"
LONGEST_USUAL_NAME = 20
"""Characters. A longer name is accepted with a notice."""
LONGEST_NAME = 300
"""Characters before the colon. Beyond it the line is prose that has a colon somewhere."""

NARRATORS = frozenset(
    ["旁白", "画外音", "画外", "解说", "解说词", "独白", "内心独白", "心声", "narrator", "voice-over", "voiceover"]
)
"""Voices without a figure, lower case. They speak as `os`."""

_VOICE_OVER = (
    r"os|vo|o\.s\.?|v\.o\.?|o\.c\.?|o/s|v/o"
    r"|画外音|画外|画外响起|旁白|独白|内心独白|内心os|心声|心里|心想|内心|内心戏|心理活动|自述"
)
_VOICE_OVER_LABEL = re.compile(rf"(?:{_VOICE_OVER})", re.IGNORECASE)
_VOICE_OVER_ENDING = re.compile(
    r"(?P<name>.+?)[\s·_\-]*(?:(?<![A-Za-z])(?i:内心os|os|vo|o\.s\.?|v\.o\.?|o\.c\.?)"
    r"|(?<=[a-z])(?:OS|VO)|内心独白|画外音|旁白|独白|心声)"
)
# The voice comes out of a thing, so no mouth is seen; the words stay as the manner of speaking.
_FROM_A_DEVICE = re.compile(
    r"(?:电话|手机|话筒|听筒|对讲机|广播|录音|收音机|电视|语音|耳机|回忆|画面外|门外)(?:里|中|那头|那边|音)?"
)

_BRACKETS = {"（": "）", "(": ")", "【": "】", "[": "]", "〔": "〕"}
_LAST_BRACKET = re.compile(r"^(?P<front>.*?)\s*[（(【\[〔](?P<inside>[^（()）【】\[\]〔〕]*)[）)】\]〕]\s*$")
_FIRST_BRACKET = re.compile(r"^\s*[（(【\[〔](?P<inside>[^（()）【】\[\]〔〕]*)[）)】\]〕]\s*")
_BETWEEN_SENTENCES = re.compile(r"(?<=[。！？!?…—~～”])\s*[（(]([^（()）]*)[）)]")
_SENTENCE = re.compile(r"[。！？!?；;…，,]")
# The words behind the colon are seen or reported and not spoken.
_SHOWN = re.compile(
    r"(?:写着|写道|写有|显示着?|弹出|浮现|映出|刻着|印着|绣着|贴着|标着|题着|署名|如下|只见|传来|响起|内容|上书)[^，。]{0,4}$"
)
_SAYS = re.compile(r"(?:[^，。]{0,8}?)(?:说道|问道|喊道|笑道|答道|叹道|怒道|说|道|问|喊|答|吼|叫|笑)$")
_NAME_NEEDS = re.compile(r"[^\W_]|[^\x00-\x7f\s\u3000-\u303f\uff00-\uffef…—–“”‘’·]")
_CLOCK = re.compile(r"\d{1,2}$")


@dataclass(frozen=True)
class Label:
    """What the brackets and endings around a name say."""

    name: str
    voice_over: bool
    emotion: str | None


Speech = tuple[tuple[Block, ...], tuple[Notice, ...]]


def read_speech(text: str, line: int, known: Container[str]) -> Speech | None:
    """The spoken line, or None. `known` are names from cast lines and profiles; they settle doubtful cases.

    Brackets between sentences (`走吧。（回头）快！`) cut the line into several blocks.
    """
    colon = _first_colon(text)
    if colon is not None and colon > LONGEST_NAME:
        return None
    if colon is None:
        return _speech_with_a_slip(text, line, known)
    head, body = text[:colon].strip(), text[colon + 1 :].strip()
    if not head or _is_clock_or_address(text, colon):
        return None
    notices: list[Notice] = []
    label = read_label(head, known)
    if (reported := _reported(label.name, known)) is not None:
        name, manner = reported
        label = Label(name, label.voice_over, join_manners(manner, label.emotion))
        notices.append(Notice(line, f"read as a line that {name} speaks; `{name}：` is the usual form"))
    elif not is_name(label.name, known) and not is_narrator(head):
        return None
    if len(label.name) > LONGEST_USUAL_NAME and label.name not in known:
        notices.append(
            Notice(line, f"the speaker's name has {len(label.name)} characters; if it is action, begin with △")
        )
    return _blocks(label, body, line, text, notices)


def read_label(head: str, known: Container[str] = ()) -> Label:
    """`林夏（OS，哽咽）` → 林夏, voice-over, 哽咽. An age in brackets stays in the name: `林夏（少年）`.

    `os` glued to a Latin name counts only where the name without it is known: Carlos is not Carl.
    """
    name, voice_over = head.strip(), False
    emotions: list[str] = []
    variant = ""
    if (match := _FIRST_BRACKET.match(name)) and name[match.end() :].strip():
        voice_over, manner = _read_manner(match["inside"])
        emotions, name = [manner] if manner else [], name[match.end() :].strip()
    while match := _LAST_BRACKET.match(name):
        if not match["front"].strip():
            break
        inside_over, emotion = _read_manner(match["inside"])
        voice_over |= inside_over
        first, _, others = (emotion or "").partition("，")
        if AGE.fullmatch(halfwidth(first)) and not variant:
            variant, emotion = f"（{first}）", others
        if emotion:
            emotions.insert(0, emotion)
        name = match["front"].strip()
    folded = halfwidth(name)
    if name not in known and folded[-2:].lower() in ("os", "vo") and name[:-2].strip() in known:
        name, voice_over = name[:-2].strip(), True
    elif not is_narrator(name) and (match := _VOICE_OVER_ENDING.fullmatch(folded)):
        name, voice_over = name[: match.end("name")].strip(), True
        if match := _LAST_BRACKET.match(name):
            inner = read_label(name)
            name, emotions = inner.name, [*filter(None, [inner.emotion]), *emotions]
    voice_over |= is_narrator(name)
    return Label(name + variant, voice_over, "，".join(emotions) or None)


def is_narrator(name: str) -> bool:
    folded = halfwidth(name).strip().lower()
    return folded in NARRATORS or _VOICE_OVER_LABEL.fullmatch(folded) is not None


def is_voice_over_label(text: str) -> bool:
    return _VOICE_OVER_LABEL.fullmatch(halfwidth(text).strip()) is not None


def is_name(text: str, known: Container[str]) -> bool:
    if text in known:
        return True
    if not _NAME_NEEDS.search(text) or _SHOWN.search(text):
        return False
    if _SENTENCE.search(text):
        parts = [part.strip() for part in re.split("[，,]", text)]
        return len(parts) > 1 and all(part in known for part in parts)
    return True


def join_manners(*manners: str | None) -> str | None:
    return "，".join(manner for manner in manners if manner) or None


def _first_colon(text: str) -> int | None:
    depth = 0
    for position, letter in enumerate(text):
        if letter in _BRACKETS:
            depth += 1
        elif letter in _BRACKETS.values():
            depth = max(0, depth - 1)
        elif letter in COLONS and not depth:
            return position
    if depth:  # a bracket that nobody closed
        return next((position for position, letter in enumerate(text) if letter in COLONS), None)
    return None


def _is_clock_or_address(text: str, colon: int) -> bool:
    behind = text[colon + 1 :]
    return behind.startswith("//") or bool(_CLOCK.search(halfwidth(text[:colon])) and behind[:1].isdigit())


def _read_manner(inside: str) -> tuple[bool, str | None]:
    """Whether one of the words in a bracket says voice-over, and the other words."""
    voice_over, manners = False, []
    for part in re.split("[，,、;；]", inside):
        word = halfwidth(part).strip()
        if is_voice_over_label(word):
            voice_over = True
            continue
        voice_over |= _FROM_A_DEVICE.fullmatch(word) is not None
        if word:
            manners.append(part.strip())
    return voice_over, "，".join(manners) or None


def _reported(name: str, known: Container[str]) -> tuple[str, str | None] | None:
    """`林夏冷冷地说` with a known 林夏 → the name and 冷冷地."""
    if name in known or not _SAYS.search(name):
        return None
    for length in range(len(name) - 1, 0, -1):
        if name[:length] in known and _SAYS.fullmatch(name[length:]):
            return name[:length], re.sub("(?:说道|问道|喊道|答道|说|道)$", "", name[length:]) or None
    return None


def _speech_with_a_slip(text: str, line: int, known: Container[str]) -> Speech | None:
    """`林夏；你听见了吗` and `林夏（压低声音）你听见了吗`, where the name is known."""
    if match := re.match(r"(?P<name>[^\s；;（(]+)\s*(?P<mark>[；;]|(?=[（(]))(?P<body>.*)$", text):
        name, body = match["name"], match["body"].strip()
        bracket = _FIRST_BRACKET.match(body)
        if name in known and (match["mark"] or (bracket and _looks_spoken(body[bracket.end() :]))):
            notice = Notice(line, f"read as a line that {name} speaks; the colon behind the name is missing")
            return _blocks(Label(name, False, None), body, line, text, [notice])
    return None


def _looks_spoken(text: str) -> bool:
    return text[-1:] in "。！？!?…”~～" and text != ""


def _blocks(label: Label, body: str, line: int, source: str, notices: list[Notice]) -> Speech:
    voice_over, emotions, text = label.voice_over, [label.emotion], body
    while match := _FIRST_BRACKET.match(text):
        over, emotion = _read_manner(match["inside"])
        voice_over |= over
        emotions.append(emotion)
        text = text[match.end() :].strip()
    if not text:
        notices.append(Notice(line, "nothing is spoken here; kept as action"))
        return (Block("action", source, line),), tuple(notices)
    if text[0] in _BRACKETS and _BRACKETS[text[0]] not in text:
        notices.append(Notice(line, f"the bracket {text[0]} is not closed; the whole text counts as spoken"))
    # A bare `OS：` says that somebody thinks, not who.
    speaker = None if is_voice_over_label(label.name) and halfwidth(label.name).isascii() else label.name
    blocks: list[Block] = []
    for manner, spoken in _pieces(text, join_manners(*emotions)):
        if spoken:
            blocks.append(Block("os" if voice_over else "dialogue", spoken, line, speaker, manner))
        elif manner:
            blocks.append(Block("action", f"{speaker or ''}（{manner}）", line))
    return tuple(blocks), tuple(notices)


def _pieces(text: str, first_manner: str | None) -> list[tuple[str | None, str]]:
    """Manner and words, cut at the brackets that stand between sentences. The last may have a manner and no words."""
    parts = _BETWEEN_SENTENCES.split(text)
    manners = [first_manner, *(part.strip() or None for part in parts[1::2])]
    return list(zip(manners, (part.strip() for part in parts[::2]), strict=True))
