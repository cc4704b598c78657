"""Words of scene headings for the time of day and for inside and outside, in Chinese and English."""

import re

from aianime_pipeline.screenplay.model import Interior, TimeOfDay

# 凌晨 is after midnight and dark: night. A longer word is tried before a shorter one.
_CHINESE_TIMES: dict[TimeOfDay, str] = {
    "dawn": "清晨 早晨 早上 清早 大清早 拂晓 黎明 破晓 日出 晨 早",
    "day": "上午 中午 正午 午后 下午 午间 白天 白日 日间 雨天 雪天 阴天 晴天 雨日 雪日 日 昼 午",
    "dusk": "黄昏 傍晚 日落 日暮 薄暮 夕阳 暮",
    "night": "凌晨 夜晚 晚上 晚间 深夜 午夜 夜里 夜间 半夜 子夜 入夜 雨夜 雪夜 月夜 风雪夜 风雨夜 夜 晚",
}
_ENGLISH_TIMES: dict[TimeOfDay, str] = {
    "dawn": "dawn sunrise daybreak morning",
    "day": "day daytime noon midday afternoon",
    "dusk": "dusk sunset evening twilight",
    "night": "night midnight",
}
_CONTINUED = ["连续", "同时", "接上", "接前", "稍后", "片刻后"]
CONTINUED_ENGLISH = re.compile(r"\b(?:continuous|continued|later|same|same time)\b", re.IGNORECASE)

_TIME_BY_WORD: dict[str, TimeOfDay] = {word: time for time, words in _CHINESE_TIMES.items() for word in words.split()}
_ENGLISH_BY_WORD: dict[str, TimeOfDay] = {
    word: time for time, words in _ENGLISH_TIMES.items() for word in words.split()
}
_ENGLISH_WORD = re.compile(rf"\b(?:{'|'.join(_ENGLISH_BY_WORD)})\b", re.IGNORECASE)

# Places that begin with the same character: 夜市 (night market), 日料店, 外婆家, 内院.
_NOT_AFTER = {
    "日": "料式报本记历用常后前",
    "夜": "市店总场宵班游色",
    "晚": "宴会自餐饭",
    "晨": "光曦跑",
    "早": "餐市点",
    "午": "餐饭",
    "暮": "色",
    "内": "衣院室殿堂城宅河海阁务库厅屋间府网",
    "外": "婆公滩科院街卖贸企屋间城海太星国语祖孙",
}


def _word(word: str) -> str:
    return word + (f"(?![{_NOT_AFTER[word]}])" if word in _NOT_AFTER else "")


def _alternatives(words: list[str]) -> str:
    return "|".join(_word(word) for word in sorted(words, key=len, reverse=True))


_WORDS = _alternatives([*_TIME_BY_WORD, *_CONTINUED])
_DAYS_APART = (
    "(?:(?:次日|翌日|隔日|隔天|当日|当天|同日|第二天|[一二两三四五六七八九十几数半]+[天日年月](?:后|前))[ ,]?)?"
)

CHINESE_TIME = (
    rf"(?:{_DAYS_APART}(?:{_WORDS})(?:[转至到/\-](?:{_WORDS}))?(?:\d{{1,2}}(?:点半?|时|:\d{{2}}))?(?:\([^()]*\))?)"
)
"""Regular expression of one time of day, on half-width text: `夜`, `次日清晨`, `日转夜`, `夜(雨)`, `晚上8点`."""

INTERIOR = (
    r"(?:内[/外]+景?|外[/内]+景?|内景|外景|室内|室外|户外|"
    rf"{_word('内')}|{_word('外')}|INT\.?/EXT\.?(?![A-Za-z])|I/E\.?(?![A-Za-z])|INT\.?(?![A-Za-z])|EXT\.?(?![A-Za-z]))"
)
"""Regular expression of one mark for inside or outside, on half-width text."""

_FIRST_WORD = re.compile(_WORDS)


def time_of_day(text: str, previous: TimeOfDay | None = None) -> TimeOfDay | None:
    """The time that `text` names; `previous` where it only says that time goes on (`连续`, `CONTINUOUS`)."""
    if english := _ENGLISH_WORD.search(text):
        return _ENGLISH_BY_WORD[english[0].lower()]
    if CONTINUED_ENGLISH.search(text):
        return previous
    chinese = _FIRST_WORD.search(text)
    if chinese is None:
        return None
    return previous if chinese[0] in _CONTINUED else _TIME_BY_WORD[chinese[0]]


def interior(text: str) -> Interior | None:
    """Inside, outside or both, from a mark such as `内`, `外景`, `INT./EXT`, `I/E`."""
    text = text.upper()
    inside = "内" in text or "INT" in text or "I/E" in text
    outside = "外" in text or "EXT" in text or "I/E" in text or "EST" in text
    if inside and outside:
        return "int_ext"
    return "int" if inside else "ext" if outside else None
