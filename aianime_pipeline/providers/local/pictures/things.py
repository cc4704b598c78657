"""Things that a description can name and that can be drawn, with their words and where they stand in a picture."""

from functools import lru_cache
from typing import Literal

from aianime_pipeline.providers.local.pictures.vocabulary import pattern

Stand = Literal["held", "ground", "water", "sky", "table", "hung"]

THING_WORDS: dict[str, tuple[str, ...]] = {
    "boat": ("船", "小舟", "扁舟", "竹筏", "空船", "渔船", "渡船", "乌篷船", "boat", "ferry", "raft", "canoe"),
    "lantern": ("灯笼", "提灯", "花灯", "孔明灯", "lantern"),
    "oil_lamp": (
        "油灯", "灯芯", "灯焰", "青灯", "灯盏", "灯罩", "手中的灯", "手里的灯", "盏灯", "旧灯", "残灯", "孤灯",
        "铜灯",
        "举着灯", "举灯", "掌灯", "提着灯", "青焰", "火苗", "oil lamp", "wick", "lamp flame",
    ),
    "torch": ("火把", "火炬", "torch"),
    "bell": ("铃铛", "铜铃", "风铃", "银铃", "铃", "bell"),
    "plaque": ("木牌", "牌位", "灵牌", "腰牌", "匾", "木牌子", "告示牌", "plaque", "wooden tag", "name tablet"),
    "ledger": ("账册", "账本", "账簿", "名册", "名单", "花名册", "族谱", "册子", "ledger", "account book",
    "register"),
    "shoe": ("绣鞋", "鞋子", "布鞋", "高跟鞋", "靴", "鞋", "shoe", "slipper"),
    "teapot": ("茶壶", "水壶", "紫砂壶", "teapot", "kettle"),
    "hairpin": ("发簪", "玉簪", "金钗", "发钗", "簪子", "步摇", "hairpin"),
    "candle": ("蜡烛", "烛", "烛火", "烛台", "candle"),
    "lamp": ("台灯", "路灯", "吊灯", "lamp", "street lamp"),
    "letter": (
        "信", "信封", "书信", "信纸", "纸条", "圣旨", "遗书", "请柬", "合同", "文件", "letter", "envelope", "note",
        "scroll", "contract", "document",
    ),
    "book": ("书本", "书卷", "古籍", "日记", "秘籍", "一本书", "翻书", "book", "diary", "journal", "notebook"),
    "sword": ("剑", "长剑", "刀", "佩剑", "宝剑", "sword", "blade", "katana"),
    "knife": ("匕首", "短刀", "小刀", "knife", "dagger"),
    "umbrella": ("伞", "油纸伞", "雨伞", "撑伞", "umbrella", "parasol"),
    "phone": ("手机", "电话", "屏幕", "phone", "smartphone", "cellphone"),
    "cup": ("杯", "茶杯", "酒杯", "咖啡杯", "茶盏", "碗", "cup", "mug", "glass", "teacup", "bowl"),
    "jar": ("酒坛", "酒壶", "罐", "瓶", "药瓶", "jar", "bottle", "vase", "pot"),
    "fan": ("折扇", "扇子", "团扇", "扇", "fan"),
    "flute": ("笛", "箫", "玉笛", "flute"),
    "pendant": (
        "玉佩", "项链", "吊坠", "护身符", "令牌", "pendant", "necklace", "amulet", "jade", "token", "locket",
    ),
    "ring": ("戒指", "指环", "手镯", "ring", "bracelet"),
    "key": ("钥匙", "key"),
    "box": ("药箱", "盒", "箱", "匣", "木盒", "包裹", "礼物", "box", "chest", "package", "gift", "suitcase"),
    "photo": ("照片", "相片", "相框", "画像", "photo", "photograph", "picture frame", "portrait"),
    "flower": (
        "花朵", "玫瑰", "梅花", "莲花", "花束", "桃花", "一朵花", "一枝花", "flower", "rose", "bouquet", "lotus",
    ),
    "fire": ("火", "篝火", "火堆", "火焰", "火光", "大火", "fire", "campfire", "flame", "bonfire"),
    "moon": ("月亮", "明月", "圆月", "月光", "月色", "残月", "满月", "moon", "moonlight"),
    "car": ("汽车", "轿车", "跑车", "出租车", "车灯", "豪车", "救护车", "car", "taxi", "sedan"),
    "horse": ("马匹", "骏马", "骑马", "白马", "战马", "马背", "horse"),
    "bird": (
        "鸟", "飞鸟", "乌鸦", "大雁", "鸽", "仙鹤", "海鸥", "鹰", "bird", "crow", "dove", "crane", "seagull", "eagle",
    ),
    "door": ("门", "房门", "木门", "推门", "大门", "door"),
    "watch": ("手表", "怀表", "钟", "时钟", "watch", "clock", "pocket watch"),
    "computer": ("电脑", "笔记本电脑", "显示器", "computer", "laptop", "monitor"),
    "table": ("桌", "茶几", "餐桌", "书桌", "table", "desk"),
    "cat": ("猫", "cat", "kitten"),
    "bow": ("弓", "弓箭", "bow and arrow", "archer"),
    "guqin": ("古琴", "琴", "琵琶", "古筝", "guqin", "zither", "lute"),
    "bag": ("书包", "背包", "包袱", "手提包", "bag", "backpack", "handbag", "briefcase"),
    "money": ("银子", "银两", "铜钱", "钱", "钞票", "金子", "money", "coin", "cash", "gold"),
}  # fmt: skip

NOT_THINGS = ("门口", "门外", "专门", "部门", "相信", "自信", "信任", "信息", "信念", "信仰", "坚信", "微信", "深信",
    "迷信", "威信", "刀疤", "烟火气", "火车",
              "火气", "恼火", "怒火", "钟情", "分钟", "灯火", "闸门", "房间", "值钱", "杯具", "船工", "船夫", "船娘",
              "船舱", "车钥匙", "火折子", "柜门", "船篷", "船资", "船板", "敲门", "篷船上",
              "入门", "热门", "家门", "码头", "石阶", "出门", "进门", "过门", "信不过", "亲信",
              "书信往来", "bell rings", "it rings", "rings out", "ringing")  # fmt: skip
"""Words that hold a thing's sign but mean something else."""

STANDS: dict[str, Stand] = {
    "boat": "water", "lantern": "held", "candle": "table", "lamp": "ground", "letter": "held", "book": "held",
    "sword": "held",
    "knife": "held", "umbrella": "held", "phone": "held", "cup": "held", "jar": "table", "fan": "held",
    "flute": "held",
    "oil_lamp": "held", "torch": "held", "bell": "held", "plaque": "held", "ledger": "held", "shoe": "held",
    "teapot": "table", "hairpin": "held",
    "pendant": "held", "ring": "held", "key": "held", "box": "held", "photo": "held", "flower": "held",
    "fire": "ground",
    "moon": "sky", "car": "ground", "horse": "ground", "bird": "sky", "door": "ground", "watch": "held",
    "computer": "table",
    "table": "ground", "cat": "ground", "bow": "held", "guqin": "table", "bag": "held", "money": "held",
}  # fmt: skip

GENERAL = ("boat", "table", "door", "moon", "fire", "lamp", "box", "bird")
"""Things that a description often names only to say where another one is: `船头挂着一只铃铛` shows a bell."""

BURNING = ("oil_lamp", "candle", "torch")
"""Things whose colour words mean the flame: an 青灯 burns green-blue."""


@lru_cache(maxsize=512)
def things_named(text: str) -> tuple[str, ...]:
    """The things of a text as keys of THING_WORDS, in its order but the general ones last.

    A longer word wins over the words inside it: an 油灯 is no 灯, a 木牌 no 牌.
    """
    bare = text.lower()
    for word in NOT_THINGS:
        bare = bare.replace(word, "・" * len(word))
    first: dict[str, int] = {}
    for word, key in _longest_first():
        while match := pattern(word).search(bare):
            first[key] = min(first.get(key, match.start()), match.start())
            bare = bare[: match.start()] + "・" * (match.end() - match.start()) + bare[match.end() :]
    if any(key in first for key in (*BURNING, "lantern")):
        first.pop("fire", None)
    return tuple(sorted(first, key=lambda key: (key in GENERAL, first[key])))


@lru_cache(maxsize=1)
def _longest_first() -> list[tuple[str, str]]:
    pairs = [(word.lower(), key) for key, words in THING_WORDS.items() for word in words]
    return sorted(pairs, key=lambda pair: -len(pair[0]))
