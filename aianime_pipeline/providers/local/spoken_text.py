"""What of a line is spoken, in which language, and where the speaker breathes. Pure functions on text.

espeak-ng reads Mandarin words and tones well, but numbers half in English (`3.5%`), years as amounts, and hurries
over commas. So numbers are written out here, and the line is cut into clauses with a pause of their own after each.
"""

import re
import unicodedata
from dataclasses import dataclass

_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7af]")
_LETTER = re.compile(r"[^\W\d_]")

_SPOKEN_SYMBOLS = frozenset("%％℃°+=&@#$€£¥￥§×÷")
"""Signs that have a name when read aloud. Every other symbol, emoji above all, is left out."""


@dataclass(frozen=True)
class Clause:
    """Words said in one breath, and the pause after them in milliseconds at the usual speed."""

    text: str
    pause_ms: int


_PAUSES: tuple[tuple[str, int], ...] = (
    ("…⋯", 480),
    ("。．.!！?？\n", 380),
    ("—–;；:：", 260),
    (",，", 200),
    ("、", 120),
)
"""After which sign how long, the longest first: of several signs in a row the longest counts."""

_ENDS = re.compile(
    # A full stop or comma between digits belongs to the number; one after a letter and before one, to an address.
    r"(?:[…⋯。．!！?？\n—–;；，、]|\.{2,}|[.,](?![\w])|(?<!\d)[:：]|[:：](?!\d))"
    r"(?:[…⋯。．!！?？\n—–;；:：,，、.\s\"'”’」』)）》~～]*)"
)


def is_spoken(text: str) -> bool:
    """False for a line with nothing to say: only punctuation, dots or emoji."""
    return any(unicodedata.category(letter)[0] in "LN" for letter in text)


def left_out(text: str) -> str:
    """The signs of a line that are not read aloud and are no punctuation either, such as emoji."""
    return "".join(letter for letter in text if _is_mute(letter))


def _is_mute(letter: str) -> bool:
    category = unicodedata.category(letter)
    return category in ("So", "Sk", "Sm", "Sc", "Co", "Cn", "Cs", "Cf", "Cc") and not (
        letter in _SPOKEN_SYMBOLS or letter.isspace() or letter in "~～"
    )


def clauses(text: str, *, chinese: bool) -> tuple[Clause, ...]:
    """The line in clauses, its numbers written out where it is Chinese. Empty when there is nothing to say."""
    kept = "".join(" " if _is_mute(letter) else letter for letter in text)
    if chinese:
        kept = numbers_in_chinese(kept)
    found: list[Clause] = []
    begin = 0
    for end in [*_ENDS.finditer(kept), None]:
        words = kept[begin : end.start() if end else len(kept)].strip()
        mark = end.group() if end else ""
        begin = end.end() if end else len(kept)
        pause = next((length for signs, length in _PAUSES if any(sign in mark for sign in signs)), 0)
        if ".." in mark:
            pause = _PAUSES[0][1]
        if is_spoken(words):
            found.append(Clause(words + _tone(mark), pause))
        elif found:
            found[-1] = Clause(found[-1].text, max(found[-1].pause_ms, pause))
    return tuple(found)


def _tone(mark: str) -> str:
    """The one sign that tells espeak-ng how the clause's melody ends."""
    if re.search("[?？]", mark):
        return "?"
    if re.search("[!！]", mark):
        return "!"
    return "." if re.search(r"[。．.\n]", mark) else ","


def language_of(text: str, language: str) -> str:
    """The language to speak `text` in: its script decides, `language` (a BCP 47 tag) where the script leaves it open.
    Chinese with some words in Latin letters stays Chinese."""
    tag = language.lower().replace("_", "-")
    primary = tag.split("-")[0]
    cantonese = primary == "yue" or tag.startswith(("zh-hk", "zh-mo", "zh-yue", "zh-hant-hk"))
    chinese = "yue" if cantonese else "zh"
    if _KANA.search(text):
        return "ja"
    if _HAN.search(text):
        return "ja" if primary == "ja" else chinese
    if _HANGUL.search(text):
        return "ko"
    if primary in ("zh", "cmn", "yue", "ja", "ko"):
        return "en" if _LETTER.search(text) else chinese if primary in ("zh", "cmn", "yue") else primary
    return tag


_DIGITS = "零一二三四五六七八九"


def chinese_number(digits: str) -> str:
    """`1024` → 一千零二十四, as an amount. Up to twelve digits; longer ones are read digit by digit."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > 12:
        return _one_by_one(digits)
    groups = [digits[max(end - 4, 0) : end] for end in range(len(digits), 0, -4)][::-1]
    said = ""
    for place, group in zip(range(len(groups) - 1, -1, -1), groups, strict=True):
        if int(group) == 0:
            continue
        words = _under_ten_thousand(int(group))
        if said and (int(group) < 1000 or said.endswith("零")):
            words = "零" + words
        said += words + ("", "万", "亿")[place]
    said = said or "零"
    return said[1:] if said.startswith("一十") else said


def _under_ten_thousand(number: int) -> str:
    said = ""
    for place, unit in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = number // place % 10
        if digit:
            said += _DIGITS[digit] + unit
        elif said and not said.endswith("零") and number % place:
            said += "零"
    return said


def _one_by_one(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)


_NUMBER = re.compile(
    r"(?P<year>(?<![\d.])[0-9]{4}(?=年))"
    r"|(?P<clock>(?<![\d:：])(?:[01]?[0-9]|2[0-4])[:：][0-5][0-9](?![\d:：]))"
    r"|(?P<minus>(?<![\w.\-])-)?(?P<whole>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)(?:\.(?P<part>[0-9]+))?(?P<percent>\s*[%％])?"
)


def numbers_in_chinese(text: str) -> str:
    """Arabic numbers as they are read in Mandarin: amounts, decimals, percent, years, the clock, telephone numbers."""
    # Full-width digits are the same digits.
    plain = "".join(unicodedata.normalize("NFKC", letter) if "０" <= letter <= "９" else letter for letter in text)
    return _NUMBER.sub(lambda match: _read(match, plain[match.end() : match.end() + 1]), plain)


def _read(match: re.Match[str], after: str) -> str:
    if match["year"]:
        return _one_by_one(match["year"])
    if match["clock"]:
        hours, minutes = re.split("[:：]", match["clock"])
        said = _counted(chinese_number(hours), "点") + "点"
        if minutes == "00":
            return said + "整"
        return said + ("零" if minutes[0] == "0" else "") + chinese_number(minutes) + "分"
    whole = match["whole"].replace(",", "")
    before = match.string[: match.start()].rstrip()[-1:]
    # A telephone, room or order number is not an amount.
    code = len(whole) >= 9 or (len(whole) > 1 and whole[0] == "0")
    said = _one_by_one(whole).replace("一", "幺") if code else chinese_number(whole)
    if match["part"]:
        said += "点" + _one_by_one(match["part"])
    elif not code and before != "第" and not match["percent"]:
        said = _counted(said, after)
    if match["percent"]:
        said = "百分之" + said
    return ("负" if match["minus"] else "") + said


_MEASURES = frozenset("个位只条张件天年次句杯把间座人匹名块遍层点")


def _counted(said: str, after: str) -> str:
    """两个, not 二个; but 二月, 第二, 十二个."""
    return "两" if said == "二" and after in _MEASURES else said
