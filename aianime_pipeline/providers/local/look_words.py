"""The words by which a description hints at a person's look, and the palettes to choose from where it does not.

Data only; `looks.py` reads it. A key's words are Chinese (found as substrings) and English (found as whole words).
"""

GENDER_WORDS = {
    "female": (
        "女", "她", "姑娘", "小姐", "夫人", "娘", "妈", "母", "奶奶", "婆", "姐", "妹", "姨", "妃", "皇后", "公主",
        "丫鬟", "丫头", "嫂", "妻", "阿姨", "闺", "仙子", "girl", "woman", "female", "lady", "mother", "mom",
        "sister", "aunt", "grandmother", "queen", "princess", "wife", "daughter", "waitress", "actress", "she", "her",
        "miss", "mrs",
    ),
    "male": (
        "男", "他", "先生", "公子", "少爷", "老爷", "爷", "父", "爸", "叔", "伯", "哥", "弟", "皇帝", "太子", "王爷",
        "将军", "书生", "汉", "船工", "船夫", "摆渡人", "和尚", "道士", "舅", "丈夫", "儿子", "侍卫", "士兵",
        "掌柜", "侠",
        "翁", "小伙", "小二", "boy", "man", "male", "father", "dad", "brother", "uncle", "grandfather", "king",
        "prince", "husband", "son", "monk", "soldier", "general", "he", "his", "mr", "guy", "gentleman", "boatman",
        "ferryman", "fisherman", "guard",
    ),
}  # fmt: skip

FEMALE_NAME_SIGNS = "夏雪月婷娜莉芳娟婉玉兰梅琴瑶琳萍颖倩雅静怡蓉萱薇莲珊妍媛嫣燕霞香秀英丽晴柔蝶黛紫烟云珠凤"
MALE_NAME_SIGNS = "渡强刚军伟磊涛龙虎杰斌峰波勇毅鹏宇浩辉武雄豪骁寒川山石松岩旭坤铁剑锋远舟"
FEMALE_NAMES = frozenset(
    (
        "anna", "alice", "amy", "emma", "lily", "lucy", "mary", "mia", "nora", "olivia", "sarah", "sophie", "eve",
        "grace", "jane", "kate", "laura", "rose", "ruby", "zoe", "ella", "ada", "iris", "ivy", "clara", "hana",
        "yuki", "sakura", "mei", "lin", "xia", "chloe", "lena", "maya", "nina", "rachel", "susan", "julia",
        "helen", "diana", "elena",
    )
)  # fmt: skip
MALE_NAMES = frozenset(
    (
        "adam", "alan", "alex", "ben", "bob", "carl", "dan", "david", "eric", "frank", "george", "henry", "jack",
        "james", "john", "ken", "kevin", "leo", "liam", "luke", "mark", "max", "mike", "noah", "oliver", "oscar",
        "paul", "peter", "ray", "robert", "ryan", "sam", "simon", "steve", "theo", "thomas", "tom", "victor",
        "will", "hiro", "ren", "kenji", "haruto", "marcus",
    )
)  # fmt: skip

AGE_WORDS = {
    "elder": (
        "老人", "老者", "老头", "老太", "老翁", "爷爷", "奶奶", "婆婆", "老伯", "年迈", "白须", "花甲", "老妇",
        "老汉", "老船", "老", "old man", "old woman", "elder", "elderly", "aged", "grandfather", "grandmother", "old",
    ),
    "child": (
        "孩", "童", "小女孩", "小男孩", "幼", "岁的小", "娃", "child", "kid", "little girl", "little boy", "toddler",
    ),
    "young": (
        "少年", "少女", "年轻", "青年", "学生", "姑娘", "公子", "书生", "丫鬟", "高中", "teen", "young", "student",
        "girl", "boy", "youth",
    ),
    "adult": (
        "中年", "夫人", "先生", "老板", "掌柜", "大叔", "阿姨", "船工", "将军", "父亲", "母亲", "middle-aged", "man",
        "woman", "adult", "boss",
    ),
}  # fmt: skip
NOT_OLD = ("老板", "老师", "老公", "老婆", "老大")

ERA_WORDS = {
    "ancient": (
        "古装", "古代", "古风", "仙侠", "武侠", "汉服", "长衫", "长袍", "袍", "襦裙", "道袍", "发髻", "簪", "束发",
        "铠甲", "盔甲", "剑客", "侠", "公主", "皇", "太子", "王爷", "将军", "书生", "丫鬟", "公子", "掌柜", "船工",
        "船夫", "船娘", "小二", "侍卫", "师父", "仙", "民国", "旗袍", "宫", "和尚", "道士", "蓑衣", "斗笠", "客栈",
        "斗篷", "大氅", "髻", "袄", "褙子", "襦", "摆渡人", "布衣", "汗巾", "半臂", "比甲", "古剑", "hanfu",
        "ancient", "robe", "wuxia", "xianxia", "swordsman", "swordswoman", "emperor", "empress", "princess",
        "prince", "monk", "armor", "armour", "dynasty", "ferryman", "boatman", "palace",
    ),
    "modern": (
        "现代", "都市", "西装", "衬衫", "牛仔", "T恤", "卫衣", "校服", "校园", "大衣", "风衣", "毛衣", "夹克",
        "连衣裙", "眼镜", "总裁", "经理", "老师", "医生", "护士", "警察", "记者", "司机", "学生", "白大褂", "律师",
        "秘书", "手机", "suit", "shirt", "jeans", "hoodie", "school uniform", "uniform", "coat", "jacket", "sweater",
        "dress", "glasses", "modern", "ceo", "teacher", "doctor", "nurse", "police", "student", "office", "city",
        "t-shirt", "detective", "driver", "manager",
    ),
}  # fmt: skip

OUTFIT_WORDS = {
    "armour": ("铠甲", "盔甲", "将军", "战甲", "士兵", "侍卫", "甲胄", "armor", "armour", "soldier", "general",
    "knight"),
    "work": (
        "船工", "船夫", "渔", "农", "短打", "伙计", "小二", "樵", "脚夫", "布衣", "短褐", "粗布", "蓑衣", "boatman",
        "ferryman", "fisherman", "farmer", "peasant",
    ),
    "qipao": ("旗袍", "qipao", "cheongsam"),
    "changshan": ("长衫", "马褂", "长袍马褂", "账房", "changshan"),
    "jacket": ("短袄", "袄裙", "袄", "夹袄", "棉袄", "短衫", "短衣", "坎肩", "比甲", "padded jacket", "short robe"),
    "beizi": ("褙子", "半臂", "对襟", "beizi"),
    "ruqun": ("襦裙", "齐胸", "长裙曳地", "留仙裙", "罗裙", "ruqun"),
    "hanfu": ("汉服", "袍", "古装", "道袍", "直裾", "曲裾", "深衣", "劲装", "hanfu", "robe", "kimono"),
    "school": (
        "校服", "学生", "校园", "高中", "水手服", "school uniform", "student", "schoolgirl", "schoolboy", "pupil",
    ),
    "doctor": ("白大褂", "医生", "doctor", "lab coat", "scientist"),
    "suit": (
        "西装", "总裁", "经理", "律师", "秘书", "西服", "礼服", "suit", "ceo", "lawyer", "businessman",
        "businesswoman", "manager", "tie", "tuxedo",
    ),
    "uniform": ("警察", "制服", "警服", "保安", "军装", "police", "officer", "guard", "uniform"),
    "dress": ("连衣裙", "裙子", "长裙", "短裙", "裙", "dress", "gown", "skirt"),
    "coat": ("大衣", "风衣", "外套", "夹克", "羽绒服", "coat", "trench", "jacket", "parka", "detective"),
    "hoodie": ("卫衣", "运动", "帽衫", "hoodie", "sweatshirt", "tracksuit"),
    "sweater": ("毛衣", "针织", "sweater", "cardigan", "knit"),
    "shirt": ("衬衫", "T恤", "衬衣", "shirt", "t-shirt", "tee", "blouse"),
}  # fmt: skip

COLOURED_PARTS = {
    "hair": ("长发", "短发", "头发", "秀发", "卷发", "辫子", "马尾", "发髻", "发", "辫", "hair", "braid", "ponytail"),
    "beard": ("胡子", "胡须", "短须", "长须", "髯", "须", "beard", "moustache"),
    "eyes": ("眼睛", "眼眸", "眼瞳", "双眼", "眼", "瞳", "眸", "eye"),
    "cloak": ("斗篷", "披风", "大氅", "鹤氅", "氅衣", "cloak", "cape", "mantle"),
    "towel": ("汗巾", "毛巾", "towel"),
    "scarf": ("围巾", "scarf"),
    "belt": ("腰带", "束腰", "腰封", "丝绦", "belt", "sash", "girdle"),
    "lower": (
        "襦裙", "裙摆", "裙子", "百褶裙", "马面裙", "裙", "裤子", "裤", "skirt", "trousers", "pants", "jeans",
    ),
    "shoes": ("绣鞋", "鞋", "靴", "shoe", "boot"),
    "inner": ("中衣", "里衣", "内衫", "衬里", "领带", "tie"),
    "cloth": (
        "衣裳", "衣服", "长衫", "短衫", "短袄", "夹袄", "袄裙", "袄", "褙子", "半臂", "比甲", "长袍", "道袍",
        "锦袍", "袍",
        "布衣", "短褐", "劲装", "直裾", "曲裾", "深衣", "铠甲", "战甲", "甲", "旗袍", "汉服", "西装", "西服",
        "校服", "制服", "警服",
        "军装", "礼服", "风衣", "大衣", "外套", "夹克", "卫衣", "毛衣", "衬衫", "衬衣", "T恤", "t恤", "连衣裙",
        "长裙",
        "罗裙", "留仙裙", "白大褂", "马褂", "褂", "蓑衣", "衣", "衫", "裳", "装", "服", "dress", "shirt", "blouse",
        "coat",
        "robe", "suit", "jacket", "sweater", "hoodie", "cloth", "clothes", "hanfu", "gown", "uniform", "t-shirt",
        "kimono", "qipao", "cheongsam", "armor", "armour", "vest", "cardigan", "trench coat",
    ),
}  # fmt: skip
"""What a colour word can colour on a person."""

HAIR_WORDS = {
    "bald": ("光头", "和尚", "秃", "bald", "monk"),
    "ponytail": ("马尾", "高马尾", "ponytail"),
    "braids": ("辫", "麻花", "braid", "pigtail", "plait"),
    "double_bun": ("双髻", "双丫髻", "双环髻", "丫髻", "总角", "丸子头", "double bun"),
    "bun": ("盘发", "发髻", "挽发", "簪", "bun", "updo", "chignon"),
    "topknot": ("束发", "冠", "topknot", "top knot"),
    "half_up": ("半束", "半披", "half up", "half-up"),
    "long": ("长发", "披发", "long hair", "long-haired"),
    "wavy": ("卷发", "波浪", "curly", "wavy", "curls"),
    "bob": ("短发", "齐耳", "波波头", "bob", "short hair", "short-haired"),
    "messy": ("乱发", "蓬乱", "messy", "spiky", "shaggy"),
}  # fmt: skip

ACCESSORY_WORDS = {
    "glasses": ("眼镜", "glasses", "spectacles"),
    "bamboo_hat": ("斗笠", "蓑衣", "straw hat", "bamboo hat"),
    "short_beard": ("短须", "短胡", "胡茬", "络腮", "山羊胡", "short beard", "goatee", "stubbly beard"),
    "moustache": ("八字胡", "小胡子", "moustache", "mustache"),
    "beard": ("胡须", "胡子", "白须", "长须", "髯", "beard", "bearded"),
    "scar": ("刀疤", "疤", "scar"),
    "mole": ("泪痣", "痣", "beauty mark", "mole"),
    "scarf": ("围巾", "scarf"),
    "towel": ("汗巾", "毛巾", "towel over"),
    "waist_bell": ("铃铛", "腰铃", "bell"),
    "waist_jade": ("玉佩", "香囊", "jade pendant"),
    "veil": ("面纱", "蒙面", "veil", "masked"),
    "eyepatch": ("眼罩", "独眼", "eyepatch"),
    "headband": ("抹额", "头巾", "headband", "bandana"),
    "cap": ("鸭舌帽", "棒球帽", "警帽", "警察", "baseball cap", "police officer"),
    "cloak": ("斗篷", "披风", "大氅", "鹤氅", "氅衣", "cloak", "cape"),
    "barefoot": ("赤着脚", "赤脚", "光着脚", "赤足", "barefoot"),
}  # fmt: skip
AT_THE_WAIST = ("腰", "waist", "belt")
"""Where a bell or a jade must be to be worn: in the hand it is a prop."""

BUILD_WORDS = {
    "broad": ("魁梧", "高大", "壮", "健硕", "彪形", "muscular", "burly", "broad", "strong", "tall"),
    "slim": ("瘦", "纤细", "苗条", "清瘦", "单薄", "thin", "slim", "slender", "petite"),
    "stout": ("胖", "肥", "圆润", "富态", "fat", "plump", "stout", "chubby"),
}  # fmt: skip
FACE_WORDS = {
    "round": ("圆脸", "娃娃脸", "圆圆的脸", "round face", "round-faced", "baby face"),
    "long": ("长脸", "瘦脸", "尖脸", "瓜子脸", "long face", "thin face"),
    "square": ("方脸", "国字脸", "square jaw", "square face"),
}  # fmt: skip

HAIR_COLOURS = {
    "white": "e4e2ea", "black": "23222e", "red": "8e3330", "pink": "d68ca0", "orange": "b8612f", "yellow": "d9b56a",
    "green": "3f6b57", "teal": "2f5a66", "blue": "33466f", "purple": "4d3a66", "brown": "5a3d30", "grey": "a3a6b4",
}  # fmt: skip
EYE_COLOURS = {
    "black": "3a3440", "red": "a8403c", "orange": "b46a2c", "yellow": "c19a3a", "green": "4f8a5c", "teal": "3f8b92",
    "blue": "4472b4", "purple": "7657a4", "brown": "6e4a32", "grey": "7c8494", "pink": "b8607c", "white": "aab4c4",
}  # fmt: skip

HAIR_PALETTE = {
    "ancient": ("25242f", "3b2a2a", "2b3350", "4a3040", "5c4033", "1f3a40", "5a2f2c", "3d3a58"),
    "modern": ("2a2731", "6a452f", "33466f", "9a5c3a", "4d3a66", "c9a067", "7a2f38", "2f5a66", "a7a9ba", "413028"),
}  # fmt: skip
CLOTH_PALETTE = {
    "ancient": ("5f86a8", "b5545a", "e4ded2", "5d8a70", "7d6598", "c79a55", "3c4660", "c98a94", "4f8f95", "6b4a44"),
    "modern": (
        "3f5f9c", "c4574e", "e2dccf", "4f7d66", "39394a", "d9a24c", "8a6aa8", "9aa7b5", "5aa0ae", "d28d97", "7a5a46",
    ),
}  # fmt: skip
SKIN_PALETTE = ("fde3d2", "fadcc8", "f7d3bb", "efc6a8", "e2b28e")
EYE_PALETTE = ("6e4a32", "4472b4", "4f8a5c", "7657a4", "3f8b92", "8a5a2c", "5a5f78", "a8504c")

PROP_COLOURS = ("a4553f", "5f86a8", "b98a4a", "6f8a62", "7d6598", "8a8f9a")
