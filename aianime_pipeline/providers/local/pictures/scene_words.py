"""The words by which a shot's brief says hour, weather, feeling, pose and crowd. Data only; `reading.py` reads it."""

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
NOT_FEELINGS = (
    "泪痣",
    "惊堂木",
    "伤口",
    "伤疤",
    "痛快",
    "喜鹊",
    "欢迎",
    "冷水",
    "淡水",
    "静静的",
    "笑不出",
    "震耳",
    "决口",
    "决定",
)
"""Words that hold a feeling's sign but name none."""
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

ARM_WORDS = {
    "lift": ("举着", "高举", "举起", "擎着", "高擎", "holds up", "holding up", "raises", "lifts"),
    "carry": ("提着", "拎着", "挎着", "提了", "carries", "carrying"),
    "point": ("指着", "指向", "指了指", "直指", "points", "pointing"),
    "folded": ("抱臂", "抱着双臂", "双臂交叉", "环抱双臂", "抱着胳膊", "arms folded", "arms crossed",
    "crosses her arms",
               "crosses his arms", "folds her arms", "folds his arms"),
    "reach": (
        "伸手", "伸出", "推开", "推到", "按住", "抓住", "拉住", "递给", "递出", "递过", "扑到", "扑向", "取出",
        "拍在",
        "reaches", "reaching", "pushes", "hands over", "grabs",
    ),
    "clasped": ("拱手", "作揖", "合十", "行礼", "clasped hands", "salutes"),
    "chest": ("捂住", "捂着", "攥着", "紧攥", "心口", "胸口", "抱紧", "clutches", "clutching"),
    "fist": ("握拳", "握紧", "攥拳", "攥紧拳", "clenches", "fist"),
    "hip": ("叉腰", "hands on her hips", "hand on hip"),
    "behind": ("背着手", "负手", "hands behind"),
    "open": ("摊手", "摊开", "张开双臂", "张开手臂", "spreads", "shrugs"),
}  # fmt: skip
STANCE_WORDS = {
    "kneel": ("跪", "磕头", "叩首", "kneel", "kneels", "kneeling", "on his knees", "on her knees"),
    "sit": ("坐", "落座", "盘腿", "sit", "sits", "sitting", "seated"),
    "walk": (
        "走", "踏", "迈", "跑", "奔", "追上", "赶来", "冲", "退开", "扑到", "踱", "穿过", "跨过", "walk", "walks",
        "walking",
        "run", "runs", "running", "steps", "strides", "hurries", "rushes",
    ),
}  # fmt: skip
BOWED_WORDS = (
    "低头", "垂头", "低下头", "不敢抬头", "垂眸", "垂眼", "低着头", "俯首", "垂下眼", "低垂", "looks down", "bows",
    "lowers his head", "lowers her head", "head bowed",
)  # fmt: skip
NOT_POSES = (
    "走廊", "坐落", "乘坐", "走神", "冲动", "冲突", "走私", "走漏", "奔腾", "跑道", "走势", "坐标", "在座",
    "推开始", "走了音",
    "走样", "跑马灯",
)  # fmt: skip

FACE_WORDS = ("脸", "面孔", "面容", "面庞", "容颜", "眼睛", "双眼", "眸子", "face", "eyes")
"""What makes a picture without named people a picture of somebody after all."""
NOT_FACES = ("脸色", "脸面", "丢脸", "脸盆", "翻脸", "surface", "脸谱")
ABOARD = (
    "船上", "船头", "船尾", "登船", "上了船", "踏上船", "坐船", "坐在船", "立在船", "站在船", "撑船", "划船",
    "乘船", "船里", "船中",
    "in a boat", "in the boat", "on the boat", "aboard", "on board", "rowing",
)  # fmt: skip
"""Who is seen with a boat is in it only if the text says so."""
UNDER_WATER = (
    "水面下", "水面之下", "水下", "水底", "沉入水", "沉在水", "水中浮", "underwater", "under the water",
    "beneath the surface", "under water",
)  # fmt: skip
HANGING = ("挂", "悬", "吊", "垂着", "系在", "hang", "hangs", "hanging", "dangling")
DROPPED = (
    "掉在地上",
    "掉落",
    "落地",
    "滚出",
    "滚落",
    "摔在",
    "跌落",
    "掉到",
    "散落",
    "fell",
    "falls",
    "dropped",
    "drops",
    "rolls out",
)
"""A thing that falls is in nobody's hand any more."""
BLOODY = ("指印", "血手印", "手印", "血印", "fingerprint", "handprint")
CARRIED = (
    "手持",
    "手提",
    "手握",
    "手执",
    "手里攥着",
    "手里拿着",
    "手捧",
    "提着",
    "攥着",
    "撑着",
    "carries",
    "holding",
    "carrying",
)
"""Before a thing in a character's description: it is in the hand in every picture."""
