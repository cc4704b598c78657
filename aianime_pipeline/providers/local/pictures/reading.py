"""What a shot's brief says, in the words of the drawing: place, hour, weather, mood, things, people, wishes.

The tables say which words mean what; drawing never looks at text.
"""

from dataclasses import dataclass, field

from aianime_pipeline.providers.capabilities import ImageRequest, PictureBrief
from aianime_pipeline.providers.local.look_words import ERA_WORDS
from aianime_pipeline.providers.local.looks import complete_look
from aianime_pipeline.providers.local.pictures.places import ANCIENT, INDOOR, MODERN, PLACE_WORDS
from aianime_pipeline.providers.local.pictures.seeding import digest_number
from aianime_pipeline.providers.local.pictures.things import NOT_THINGS, THING_WORDS
from aianime_pipeline.providers.local.pictures.vocabulary import all_meanings, mentions, strongest_meaning
from aianime_pipeline.screenplay.model import TimeOfDay

HOUR_WORDS: dict[TimeOfDay, tuple[str, ...]] = {
    "night": (
        "夜", "深夜", "晚上", "午夜", "月光", "星空", "月下", "三更", "night", "midnight", "moonlight", "evening",
    ),
    "dusk": ("黄昏", "傍晚", "夕阳", "日落", "晚霞", "dusk", "sunset", "twilight", "golden hour"),
    "dawn": ("清晨", "黎明", "拂晓", "晨", "日出", "破晓", "dawn", "sunrise", "daybreak", "early morning"),
    "day": (
        "白天", "正午", "中午", "上午", "下午", "阳光", "晴", "日", "day", "noon", "afternoon", "morning", "sunny",
    ),
}  # fmt: skip
WEATHER_WORDS = {
    "rain": ("雨", "暴雨", "rain", "rainy", "downpour", "drizzle"),
    "snow": ("雪", "snow", "snowy", "blizzard"),
    "fog": ("雾", "霭", "烟波", "迷雾", "fog", "mist", "foggy", "misty", "haze"),
    "thunder": ("雷", "闪电", "电闪", "thunder", "lightning", "storm"),
    "petals": ("花瓣", "落花", "樱花", "桃花", "梅花", "petal", "blossom", "sakura", "cherry blossom"),
    "leaves": ("落叶", "秋叶", "枫", "秋风", "falling leaves", "autumn", "maple"),
    "wind": ("风", "wind", "windy", "breeze", "gale"),
    "embers": ("火光", "大火", "烈火", "火星", "灰烬", "ember", "blaze", "burning", "flames"),
    "fireflies": ("萤火", "流萤", "firefly", "fireflies"),
}  # fmt: skip
NOT_WEATHER = ("风景", "威风", "风格", "风衣", "屏风", "作风", "风声鹤唳", "古风", "雪白", "雷同", "风筝", "风度")

EXPRESSION_WORDS = {
    "crying": ("哭", "泪", "泣", "哽咽", "cry", "crying", "tear", "sob", "weep", "weeping"),
    "angry": (
        "怒", "愤", "气愤", "吼", "咬牙", "恨", "恼", "angry", "anger", "furious", "rage", "shout", "yell", "hate",
        "mad",
    ),
    "afraid": (
        "恐", "怕", "惧", "惊恐", "慌", "颤抖", "发抖", "afraid", "fear", "scared", "terrified", "panic", "horror",
        "trembling",
    ),
    "surprised": (
        "惊", "震", "愣", "诧", "吃惊", "不敢相信", "surprise", "surprised", "shock", "shocked", "astonished",
        "amazed", "gasp",
    ),
    "laughing": ("大笑", "哈哈", "狂笑", "开怀", "laugh", "laughing", "overjoyed"),
    "happy": (
        "笑", "喜", "欢", "高兴", "开心", "欣慰", "愉", "甜蜜", "幸福", "兴奋", "happy", "smile", "smiling", "joy",
        "glad", "delighted", "cheerful", "excited", "hope", "hopeful",
    ),
    "sad": (
        "悲", "伤", "难过", "难受", "沮丧", "哀", "忧", "愁", "落寞", "失望", "痛", "绝望", "孤独", "思念", "愧",
        "sad", "sorrow", "grief", "melancholy", "lonely", "despair", "pain", "heartbroken", "disappointed",
    ),
    "cold": (
        "冷", "漠", "嘲", "不屑", "阴沉", "狠", "傲", "cold", "indifferent", "stern", "contempt", "sneer", "ruthless",
        "sarcastic",
    ),
    "shy": ("羞", "脸红", "害羞", "shy", "blush", "embarrassed", "bashful"),
    "determined": (
        "坚定", "决", "毅", "认真", "严肃", "郑重", "警惕", "凝重", "determined", "resolute", "serious", "firm",
        "alert", "wary",
    ),
    "tired": ("疲", "困", "倦", "虚弱", "昏", "tired", "weary", "exhausted", "sleepy", "weak"),
    "worried": (
        "担心", "担忧", "焦", "不安", "紧张", "犹豫", "疑", "压低声音", "worried", "anxious", "nervous", "uneasy",
        "hesitant", "suspicious", "tense",
    ),
    "asleep": ("闭眼", "闭目", "睡", "昏迷", "asleep", "sleeping", "eyes closed", "unconscious"),
    "calm": ("平静", "淡", "温柔", "静", "calm", "gentle", "peaceful", "neutral", "quiet"),
}  # fmt: skip
MOODS = {
    "crying": "sad", "sad": "sad", "angry": "tense", "afraid": "dread", "surprised": "tense", "laughing": "bright",
    "happy": "bright",
    "cold": "cold", "shy": "tender", "determined": "tense", "tired": "sad", "worried": "dread", "asleep": "tender",
    "calm": "calm",
}  # fmt: skip

CROWD_WORDS = ("人群", "众人", "百姓", "围观", "士兵们", "行人", "村民", "人们", "宾客", "大臣", "同学们", "弟子",
    "拥挤", "热闹", "人来人往", "若干",
               "crowd", "people", "villagers", "onlookers", "soldiers", "guests", "students", "passersby",
               "army")  # fmt: skip
BACK_WORDS = ("背影", "背对", "转身离", "离去", "远去", "望着远方", "眺望", "from behind", "back view", "walks away",
    "walking away",
              "turns away")  # fmt: skip

WISH_WORDS = {
    "brighter": (
        "太暗", "暗了", "过暗", "亮一点", "更亮", "亮些", "提亮", "看不清", "too dark", "brighter", "lighter",
        "underexposed",
    ),
    "darker": ("太亮", "过亮", "过曝", "暗一点", "暗一些", "更暗", "压暗", "too bright", "darker", "overexposed"),
    "closer": (
        "太远", "近一点", "近一些", "再近", "拉近", "靠近", "特写", "放大", "人太小", "too far", "closer", "zoom in",
        "tighter", "bigger",
    ),
    "wider": (
        "太近", "远一点", "远一些", "再远", "拉远", "全景", "人太大", "too close", "wider", "zoom out", "further",
        "farther", "smaller",
    ),
    "warmer": ("太冷", "暖一点", "暖色", "更暖", "温暖", "too cold", "warmer", "warm"),
    "cooler": ("太暖", "冷一点", "冷色", "更冷", "too warm", "cooler", "colder"),
}  # fmt: skip


@dataclass(frozen=True)
class Wishes:
    """A reviewer's words as steps: -1, 0 or 1 each."""

    light: int = 0
    distance: int = 0
    """1 is closer."""
    warmth: int = 0


@dataclass(frozen=True)
class Person:
    name: str
    look: dict[str, object]
    expression: str
    speaks: bool


@dataclass(frozen=True)
class Reading:
    """A brief, understood. `layout` seeds what a place always looks like, `seed` how this take sees it."""

    place: str
    era: str
    indoor: bool
    hour: TimeOfDay
    weather: frozenset[str]
    mood: str
    things: tuple[str, ...]
    thing_colours: dict[str, str] = field(default_factory=dict)
    people: tuple[Person, ...] = ()
    crowd: bool = False
    back_view: bool = False
    wishes: Wishes = Wishes()
    layout: int = 0
    seed: int = 0


def read_picture(request: ImageRequest, brief: PictureBrief) -> Reading:
    """What is to be drawn for a shot. Understands nothing → a plausible default, never an error."""
    people = _people(brief, request.style)
    place_text = f"{brief.place}\n{brief.location.name if brief.location else ''}"
    scene_text = f"{brief.description}\n{brief.location.description if brief.location else ''}"
    place = _place(brief, place_text, scene_text)
    era = _era(place, people, f"{place_text}\n{scene_text}\n{request.style}")
    indoor = place in INDOOR if brief.interior is None or place in INDOOR else brief.interior == "int"
    if indoor and place not in INDOOR:
        place = (
            "hall"
            if place in ("gate", "temple", "market")
            else "cafe"
            if era == "modern" and place == "street"
            else "room"
        )
    things, colours = _things(brief)
    return Reading(
        place=place,
        era=era,
        indoor=indoor,
        hour=brief.time_of_day or strongest_meaning(f"{brief.description}\n{brief.place}", HOUR_WORDS) or "day",
        weather=_weather(f"{place_text}\n{scene_text}", place),
        mood=_mood(brief),
        things=things,
        thing_colours=colours,
        people=people,
        crowd=mentions(f"{brief.description}", CROWD_WORDS),
        back_view=mentions(brief.description, BACK_WORDS),
        wishes=read_wishes(request.feedback),
        layout=_layout(brief),
        seed=digest_number("take", request.seed),
    )


def read_wishes(feedback: str) -> Wishes:
    found = set(all_meanings(feedback, WISH_WORDS))
    return Wishes(
        light=("brighter" in found) - ("darker" in found),
        distance=("closer" in found) - ("wider" in found),
        warmth=("warmer" in found) - ("cooler" in found),
    )


def expression_of(text: str) -> str:
    return next(iter(all_meanings(text, EXPRESSION_WORDS)), "calm")


def _place(brief: PictureBrief, place_text: str, scene_text: str) -> str:
    frozen = brief.location.sheet.get("place") if brief.location else None
    if isinstance(frozen, str) and frozen in PLACE_WORDS:
        return frozen
    found = strongest_meaning(place_text, PLACE_WORDS) or strongest_meaning(scene_text, PLACE_WORDS)
    if found:
        return found
    return "room" if brief.interior == "int" else "plain"


def _era(place: str, people: tuple[Person, ...], text: str) -> str:
    if place in MODERN:
        return "modern"
    if place in ANCIENT:
        return "ancient"
    said = strongest_meaning(text, ERA_WORDS)
    if said:
        return said
    ancient = sum(person.look.get("era") == "ancient" for person in people)
    if people:
        return "ancient" if ancient * 2 >= len(people) and ancient else "modern"
    return "ancient"


def _people(brief: PictureBrief, style: str) -> tuple[Person, ...]:
    mood_text = brief.emotion or brief.description
    people = []
    for i, asset in enumerate(brief.characters):
        speaks = brief.speaker is not None and brief.speaker == asset.name
        own = mood_text if speaks or i == 0 or not brief.emotion else ""
        expression = expression_of(own)
        if own and expression == "calm":
            expression = expression_of(brief.description)
        look = complete_look("character", asset.name, asset.description, asset.sheet, project=style)
        people.append(Person(asset.name, look, expression, speaks))
    return tuple(people)


def _things(brief: PictureBrief) -> tuple[tuple[str, ...], dict[str, str]]:
    text = brief.description
    for word in NOT_THINGS:
        text = text.replace(word, "・" * len(word))
    named = list(all_meanings(text, THING_WORDS))
    colours: dict[str, str] = {}
    for prop in brief.props:
        look = complete_look("prop", prop.name, prop.description, prop.sheet)
        thing = str(look["thing"])
        if thing in THING_WORDS:
            colours[thing] = str(look["colour"])
            named = [thing, *(t for t in named if t != thing)]
    return tuple(named), colours


def _weather(text: str, place: str) -> frozenset[str]:
    for word in NOT_WEATHER:
        text = text.replace(word, "")
    found = set(all_meanings(text, WEATHER_WORDS))
    if place == "snowfield":
        found.add("snow")
    if "thunder" in found and "snow" not in found:
        found.add("rain")
    return frozenset(found)


def _mood(brief: PictureBrief) -> str:
    expression = expression_of(brief.emotion) if brief.emotion else expression_of(brief.description)
    return MOODS.get(expression, "calm")


def _layout(brief: PictureBrief) -> int:
    if brief.location and isinstance(brief.location.sheet.get("layout"), int):
        return digest_number("layout", brief.location.sheet["layout"])
    return digest_number("layout", brief.location.name if brief.location else brief.place)
