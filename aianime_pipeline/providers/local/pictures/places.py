"""Kinds of place and the words that name them.

In a name the noun at the end decides: 林家医馆 is a clinic and no wood, `garden of the palace` a garden.
"""

import re

from aianime_pipeline.providers.local.pictures.vocabulary import pattern, strongest_meaning

PLACE_WORDS: dict[str, tuple[str, ...]] = {
    "river": (
        "河", "江", "溪", "渡口", "渡头", "码头", "渡船", "河心", "江心", "岸边", "河边", "江面", "河面", "水乡",
        "river",
        "ferry", "dock", "pier", "riverside", "stream", "wharf", "boat", "ferry crossing",
    ),
    "lake": ("湖", "池塘", "湖边", "湖心", "荷塘", "lake", "pond", "lakeside"),
    "sea": ("海", "海边", "沙滩", "海岸", "大海", "海滩", "sea", "ocean", "beach", "coast", "seaside", "shore"),
    "mountains": (
        "山", "山顶", "悬崖", "峰", "峡谷", "山道", "山路", "断崖", "mountain", "cliff", "peak", "valley", "hill",
        "ridge",
    ),
    "forest": ("林", "森林", "树林", "树下", "林间", "丛林", "forest", "woods", "jungle", "grove", "trees"),
    "bamboo": ("竹", "竹林", "竹海", "bamboo", "bamboo forest", "bamboo grove"),
    "village": (
        "村", "村庄", "农家", "茅屋", "草屋", "村口", "田野", "稻田", "village", "hamlet", "farm", "cottage", "field",
        "countryside",
    ),
    "ancient_street": (
        "古街", "长街", "古镇", "小镇", "镇上", "街市", "巷子", "小巷", "青石板", "石板路", "客栈外", "酒楼外",
        "老街", "镇", "巷", "ancient street", "old street", "alley", "old town", "lane", "ancient town",
    ),
    "market": ("集市", "市集", "夜市", "市场", "庙会", "摊", "market", "bazaar", "fair", "stall", "night market"),
    "gate": (
        "城门", "城墙", "城楼", "关隘", "大门外", "宫门", "山门", "牌坊", "city gate", "gate", "city wall",
        "fortress",
    ),
    "temple": ("寺", "庙", "道观", "祠堂", "佛堂", "神社", "古刹", "宗门", "temple", "shrine", "monastery", "pagoda"),
    "courtyard": (
        "院", "庭院", "院子", "后院", "天井", "四合院", "花园", "府邸", "沈府", "别院", "courtyard", "garden", "yard",
        "patio",
    ),
    "city": (
        "城市", "都市", "高楼", "市中心", "天际线", "外滩", "广场", "city", "downtown", "skyline", "skyscraper",
        "metropolis", "plaza",
    ),
    "street": (
        "街", "街道", "马路", "街头", "路口", "公路", "路边", "十字路口", "人行道", "车站", "公交站", "停车场",
        "street", "road", "crossroad", "intersection", "sidewalk", "avenue", "bus stop", "highway", "parking lot",
        "parking",
    ),
    "park": ("公园", "草地", "草坪", "长椅", "操场", "花海", "park", "lawn", "meadow", "playground", "bench"),
    "office": (
        "办公室", "公司", "会议室", "写字楼", "工位", "总裁办", "警局", "office", "meeting room", "conference room",
        "company", "police station", "boardroom", "studio",
    ),
    "cafe": (
        "咖啡", "咖啡厅", "咖啡馆", "餐厅", "酒吧", "奶茶店", "饭店", "便利店", "书店", "cafe", "café", "coffee shop",
        "restaurant", "bar", "diner", "bookstore", "convenience store", "shop",
    ),
    "school": (
        "学校", "教室", "校园", "教学楼", "走廊", "图书馆", "school", "classroom", "campus", "library", "corridor",
        "hallway",
    ),
    "hospital": (
        "医院", "病房", "急诊", "诊室", "手术室", "医院走廊", "hospital", "ward", "clinic", "emergency room",
        "operating room",
    ),
    "apartment": (
        "公寓", "客厅", "出租屋", "家中", "家里", "沙发", "apartment", "living room", "flat", "home", "sofa", "house",
    ),
    "bedroom": ("卧室", "卧房", "闺房", "床", "寝宫", "宿舍", "bedroom", "bed", "dormitory", "chamber"),
    "kitchen": ("厨房", "灶", "后厨", "kitchen", "stove"),
    "boat_deck": (
        "船上", "船头", "船尾", "甲板", "舟上", "船边", "乌篷船上", "渡船上", "小船上", "deck", "on the boat",
        "boat deck",
    ),
    "boat_cabin": (
        "船篷", "船舱", "篷里", "舱内", "舱里", "船篷里", "船屋", "boat cabin", "ship cabin", "boat canopy",
        "inside the boat",
    ),
    "clinic": (
        "医馆", "药铺", "药房", "药堂", "药店", "医庐", "医堂", "诊堂", "apothecary", "herbalist", "herb shop",
        "old clinic",
    ),
    "teashop": (
        "茶铺", "店铺", "铺子", "茶楼", "茶肆", "面馆", "布庄", "当铺", "钱庄", "绸缎庄", "杂货铺", "铺", "tea shop",
        "teashop", "general store",
    ),
    "study": (
        "账房", "书房", "书斋", "书阁", "藏书阁", "书楼", "文房", "counting house", "study",
    ),
    "room": (
        "房间", "屋内", "室内", "屋里", "茶室", "客房", "厢房", "内室", "房", "屋", "room",
        "cabin", "interior", "tea house", "teahouse",
    ),
    "hall": (
        "大厅", "厅堂", "正厅", "客栈", "酒楼", "堂屋", "灵堂", "大堂", "厅", "茶馆", "酒馆", "hall", "inn", "tavern",
        "lobby",
    ),
    "palace": (
        "宫殿", "皇宫", "大殿", "御书房", "金銮殿", "朝堂", "殿", "王府", "palace", "throne room", "throne", "castle",
    ),
    "cave": (
        "山洞", "洞穴", "洞府", "溶洞", "密室", "地牢", "地下室", "牢房", "洞", "cave", "cavern", "dungeon", "cell",
        "basement", "tunnel", "prison",
    ),
    "snowfield": (
        "雪地", "雪原", "雪山", "冰原", "冰川", "雪岭", "snowfield", "snow field", "snowy plain", "glacier", "tundra",
        "snowy mountain",
    ),
    "desert": ("沙漠", "大漠", "戈壁", "荒漠", "沙丘", "desert", "dune", "wasteland"),
    "rooftop": ("天台", "屋顶", "楼顶", "房顶", "屋檐上", "阳台", "rooftop", "roof", "balcony", "terrace"),
    "bridge": ("桥", "石桥", "断桥", "大桥", "桥头", "桥上", "天桥", "bridge"),
    "graveyard": ("墓", "坟", "墓地", "墓园", "陵园", "乱葬岗", "坟前", "graveyard", "cemetery", "grave", "tomb"),
    "plain": (
        "草原", "荒野", "原野", "平原", "战场", "旷野", "营地", "grassland", "prairie", "plain", "battlefield",
        "wilderness", "camp",
    ),
    "heaven": ("云端", "仙境", "天宫", "天界", "云海", "梦境", "虚空", "heaven", "sky", "clouds", "dream", "void"),
    "car": (
        "车内", "车里", "车厢", "车上", "出租车", "地铁", "火车", "马车内", "inside car", "in the car",
        "car interior", "train", "subway", "taxi",
    ),
}  # fmt: skip

INDOOR = frozenset(
    (
        "office", "cafe", "school", "hospital", "apartment", "bedroom", "kitchen", "room", "hall", "palace", "cave",
        "car", "boat_cabin", "clinic", "teashop", "study",
    )
)  # fmt: skip
MODERN = frozenset(("city", "street", "park", "office", "cafe", "school", "hospital", "apartment", "car"))
ANCIENT = frozenset(
    ("ancient_street", "market", "gate", "temple", "courtyard", "palace", "hall", "boat_cabin", "clinic", "teashop")
)

_OF = re.compile(r"\b(?:of|in|at|by|near|on|under|behind|beside|outside|inside|above|below|along|before|with|from)\b")
_BEHIND_A_NOUN = re.compile(
    r"(?:里面|外面|上面|下面|旁边|附近|之中|之上|之下|[里内外中上下前后旁边侧]|深处|尽头|一角|门口)+$"
)
_FALSE = re.compile(
    "(?:林|沈|江|石|山|海|田|云|桥|河|庄|殿|墨|池|周|宫|堂)(?=家|府|氏|记|宅|某|老|大夫|掌柜|先生|姑娘)"
)
"""Surnames, which are no landscape."""


def place_named(text: str) -> str | None:
    """The kind of place that a place's name or a phrase names; None if it names none.

    Of parts divided by `·` and the like the last is the sharpest; in a part, the noun nearest to its end; the whole
    text is searched for the longest word only if no part ends in a place.
    """
    bare = _FALSE.sub("□", text.lower())
    parts = [part.strip() for part in re.split(r"[·•・|/—–,，、。;；:：\n()（）]+|\s-\s|->|→", bare)]
    for part in reversed([part for part in parts if part]):
        found = _ending(_OF.split(part)[0] if part.isascii() and _OF.split(part)[0].strip() else part)
        if found:
            return found
    return strongest_meaning(bare, PLACE_WORDS)


def _ending(part: str) -> str | None:
    """The place whose word ends last in the part; of those that end together, the longest."""
    trimmed = _BEHIND_A_NOUN.sub("", part)
    best: tuple[int, int, str] | None = None
    for candidate in (part, trimmed):
        for key, words in PLACE_WORDS.items():
            for word in words:
                for match in pattern(word).finditer(candidate):
                    rank = (match.end(), len(word))
                    if best is None or rank > best[:2]:
                        best = (*rank, key)
        if best:
            return best[2]
    return None
