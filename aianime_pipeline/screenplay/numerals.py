"""Numbers as Chinese screenplays write them: `12`, `１２`, `十二`, `一百零三`, `二〇`."""

from aianime_pipeline.screenplay.characters import halfwidth

NUMERAL = "[0-9零〇一二两三四五六七八九十百千]+"
"""Regular expression of one numeral, on text that went through `halfwidth`."""

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}


def read_number(text: str) -> int | None:
    """The value of a numeral from 0 to 9999, None if `text` is not one (`十百`, `一2`)."""
    text = halfwidth(text).strip()
    if text.isascii() and text.isdigit():
        return int(text) if len(text) <= 4 else None
    if not text or len(text) > 9 or any(letter not in _DIGITS and letter not in _UNITS for letter in text):
        return None
    if not any(letter in _UNITS for letter in text):
        return int("".join(str(_DIGITS[letter]) for letter in text)) if len(text) <= 4 else None
    return _read_with_units(text)


def _read_with_units(text: str) -> int | None:
    total, digit, unit = 0, None, 10_000
    zero = False
    for letter in text:
        if letter in _UNITS:
            if _UNITS[letter] >= unit:
                return None
            unit = _UNITS[letter]
            total += (1 if digit is None else digit) * unit
            digit, zero = None, False
        elif digit is not None:
            return None
        elif _DIGITS[letter] == 0:
            zero = True
        else:
            digit = _DIGITS[letter]
    if digit is None:
        return total
    # 一百二 is 120 in speech, 一百零二 is 102.
    return total + digit * (1 if zero or unit == 10 else unit // 10)
