"""Colour words of Chinese dress and of English, each with its colour and the family it belongs to.

Data only; `colour_reading.py` reads it. The colours are those of dyed cloth in daylight. A family stands for the word
where something else than cloth is coloured: hair that is `墨色` is black hair, not hair of the ink's own grey.
"""

NAMED_COLOURS: dict[str, dict[str, str]] = {
    "white": {
        "月白": "d5e3ea", "素白": "f0eee8", "雪白": "f4f5f6", "霜色": "e4ebec", "鱼肚白": "efe6dc", "象牙": "efe6cf",
        "牙色": "ece0c4", "米白": "efe7d6", "珍珠白": "ece8e2", "缟": "eeeae0", "白": "ecebe6", "素": "e9e6e0",
        "white": "ecebe6", "ivory": "f1ead6", "cream": "f2e8cf", "pearl": "ece8e2", "off-white": "eeeae0",
    },
    "black": {
        "玄青": "1f2a3f", "玄色": "2a2128", "玄黑": "211f28", "鸦青": "333f50", "鸦黑": "22262f", "墨色": "2c2f38",
        "漆黑": "1e1c22", "乌黑": "232228", "皂色": "2b2725", "皂": "2b2725", "黛黑": "2b3038", "黑": "2d2c36",
        "墨": "2c2f38", "玄": "2a2630", "乌": "26252c", "black": "2d2c36", "jet": "1e1d24", "charcoal": "3a3c44",
        "ebony": "2b2729",
    },
    "red": {
        "石榴红": "c8303a", "胭脂": "a83a4e", "朱红": "d2412e", "朱砂": "c4402f", "绛红": "8c2b33", "绛色": "7d2a30",
        "绯红": "c83c4c", "绯色": "c83c4c", "殷红": "9e2230", "枣红": "7c2a2e", "酒红": "6e2034", "大红": "c92a2e",
        "猩红": "b8242c", "海棠红": "d4526a", "茜色": "b4373c", "茜红": "b4373c", "丹": "c4442f", "赤": "b83a2c",
        "朱": "c93f2f", "绯": "c83c4c", "绛": "7d2a30", "红": "b3323a", "red": "b3323a", "crimson": "a11f34",
        "scarlet": "c8302c", "burgundy": "6e2034", "wine red": "6e2034", "blood red": "8a1a22", "maroon": "742a2c",
        "ruby": "9e1f3c", "vermilion": "d2412e",
    },
    "pink": {
        "藕荷": "d9b3c4", "藕色": "e0c2c0", "桃红": "dd6f86", "桃色": "eba9a6", "水红": "e6a1ac", "樱色": "f0c4cc",
        "樱粉": "f0c4cc", "粉红": "e69aac", "妃色": "de7d7f", "杏红": "e59a80", "粉": "e3a3b0", "桃": "e59a9c",
        "pink": "e3a3b0", "rose": "cf6d80", "coral": "e57f6c", "peach": "f0bd9e", "salmon": "e38f7e",
        "magenta": "b53a86",
    },
    "orange": {
        "橘红": "d9612f", "橙红": "d9582f", "橘黄": "de9040", "杏黄": "e0a04e", "琥珀": "c47f32", "柿红": "cf5a34",
        "橙": "d9823f", "橘": "d9823f", "orange": "d9823f", "amber": "cc8a34", "rust": "a2502f", "copper": "a9653f",
        "apricot": "e5aa6e",
    },
    "yellow": {
        "鹅黄": "ecd468", "秋香": "b39c4a", "缃色": "e3cf86", "缃": "e3cf86", "姜黄": "d0a03c", "明黄": "ecc53e",
        "鸭黄": "e6d25a", "藤黄": "e2ab38", "杏": "e4bd80", "金黄": "dcae3e", "土黄": "b48f54", "米黄": "e6d6ac",
        "雌黄": "dfb64e", "松花": "c9cf74", "黄": "d9b45a", "金": "cda349", "yellow": "d9b45a", "gold": "cda349",
        "golden": "cda349", "mustard": "c49c34", "lemon": "e8d868", "blond": "d9b56a", "blonde": "d9b56a",
        "straw": "d6bf7e",
    },
    "green": {
        "竹青": "6f8f70", "松柏绿": "2f5d47", "松绿": "3f6d54", "葱绿": "8fb85c", "葱青": "6aa87a", "豆绿": "a3bd78",
        "豆青": "94b58a", "柳绿": "8fae5c", "柳黄": "b7c368", "墨绿": "2b4a3c", "翠绿": "3f9c66", "碧绿": "3f9a76",
        "石绿": "3f8f6c", "油绿": "4a7a3a", "艾绿": "a0b49a", "苍绿": "4f6f5c", "军绿": "56603e", "草绿": "7a9a4c",
        "绿": "4f8a63", "翠": "3f9470", "碧": "4f9c80", "green": "4f8a63", "emerald": "2f8c62", "olive": "6f7040",
        "olive green": "6f7040", "forest green": "2f5a40",
        "mint": "a6d4b8", "jade": "5a9c7c", "sage": "95a68a", "khaki": "a99a6c",
    },
    "teal": {
        "天青": "9cc0c8", "黛青": "37505c", "石青": "2f5a78", "蟹青": "6a8084", "雨过天青": "a3c8d0",
        "粉青": "a8c8bc",
        "靛青": "24506e", "鸭卵青": "d3e2d6", "青碧": "4f9c96", "水绿": "bcd8ce", "水色": "a9cfd2", "青": "4f8f95",
        "缥": "86b8b0", "teal": "2f7a80", "cyan": "4fa3b0", "turquoise": "4fb0aa", "aqua": "6fc0c0",
    },
    "blue": {
        "黛蓝": "3a4a66", "宝蓝": "2f4fa0", "湖蓝": "4fa0b8", "藏蓝": "28385c", "藏青": "27344f", "靛蓝": "2c4a78",
        "孔雀蓝": "1f6f8c", "天蓝": "84b4dc", "水蓝": "a4cbe0", "海蓝": "3a78a0", "冰蓝": "bcdcea", "石蓝": "5a7a98",
        "霁蓝": "2f4684", "群青": "33549c", "毛蓝": "4a6690", "月蓝": "a9bfd6", "蓝": "3f5f9c", "靛": "2c4a78",
        "湛": "3a68a8", "blue": "3f5f9c", "navy": "27344f", "navy blue": "27344f", "sky blue": "8abde0",
        "royal blue": "2f4fb0",
        "midnight blue": "1f2a4a", "ice blue": "bcdcea", "indigo": "34406e", "azure": "5a9cd4",
        "sapphire": "27509c", "denim": "4a6288", "cobalt": "2c4f9c",
    },
    "purple": {
        "绛紫": "6b2f52", "丁香": "c0a0cc", "雪青": "b4a8d4", "黛紫": "4f3f5c", "茄紫": "52305a", "紫棠": "5c2f3c",
        "紫檀": "4f2f34", "藤紫": "9a84c0", "青莲": "6f4f9c", "黛": "4a5260", "紫": "76579a", "purple": "76579a",
        "violet": "7a58a8", "lavender": "b8a8d8", "lilac": "c4aed4", "plum": "6b3a62", "mauve": "a9859c",
    },
    "brown": {
        "赭石": "8f5a40", "赭色": "8f5a40", "赭": "8f5a40", "驼色": "b39470", "秋色": "8c7848", "栗色": "60382c",
        "檀色": "a4685a", "茶色": "a27a50", "褐": "7d5f48", "古铜": "86643f", "棕": "7a5640", "咖啡": "6a4a38",
        "咖": "6a4a38", "栗": "60382c", "卡其": "a99a6c", "brown": "7a5640", "chestnut": "6a4030", "tan": "b8966c",
        "beige": "d9c9a8", "camel": "b8925c", "chocolate": "54382c", "sienna": "9a5a3a", "bronze": "86643f",
    },
    "grey": {
        "银白": "d6dae0", "银灰": "b4b8c0", "月灰": "c2c6cc", "烟灰": "8a8c92", "青灰": "76848c", "铁灰": "565a62",
        "灰": "868b96", "银": "b8bcc6", "苍": "8c9694", "grey": "868b96", "gray": "868b96",
        "silver": "b8bcc6", "ash": "9a9a98", "slate": "5c6874",
    },
}  # fmt: skip
"""By family: the word and its colour. A shade's name wins over the word inside it, `墨绿` over `墨`."""

LIGHTER = ("浅", "淡", "嫩", "light", "pale", "pastel")
DARKER = ("深", "暗", "老", "dark", "deep")

NOT_COLOURS = (
    "青年", "青春", "青石", "青梅", "青楼", "青丝", "年青", "明白", "白天", "黄昏", "黄河", "黑夜", "黑白", "红尘",
    "红包",
    "红绳", "苍老", "苍茫", "金属", "金银", "丹田", "丹炉", "素来", "平素", "元素", "乌篷", "乌鸦", "朱门", "墨迹",
    "笔墨",
    "墨水", "桃花", "杏花", "玄关", "玄幻", "眼白", "白日", "银行", "银两", "碧落", "粉丝", "面粉", "蓝图",
    "tanned", "rose up",
)  # fmt: skip
"""Words that hold a colour's sign but name no colour."""
