"""What a text tells of its picture: strong feeling, walking, a crowd, a face, something tall, a reveal.

Word lists, on purpose: a plan has to be the same every time and work with no model at hand.
"""

import re
from enum import Enum, auto


class Cue(Enum):
    STRONG_FEELING = auto()
    FACE = auto()
    DETAIL = auto()
    TRAVEL = auto()
    """Somebody goes somewhere: the camera can follow."""
    MOTION = auto()
    """The body moves, on the spot."""
    CROWD = auto()
    TALL = auto()
    REVEAL = auto()
    LOOKING_AROUND = auto()
    RISING = auto()
    FALLING = auto()
    ENTERING = auto()
    FAR = auto()
    """Somebody or something at a distance: the space between has to be seen."""


CHINESE = {
    Cue.STRONG_FEELING: (
        "怒|吼|喊|哭|泣|泪|哽咽|颤|惊|恐|惧|绝望|崩溃|激动|狂|咬牙|嘶|厉声|心碎|痛苦|悲|震|愤|急切|哀求|尖叫|慌"
    ),
    Cue.FACE: (
        "眼泪|泪|表情|神色|脸|眉|瞪|咬牙|嘴角|目光|瞳孔|睫毛|眼眶|微笑|冷笑|苦笑|笑容|僵住|脸色|一怔|愣|怔住|闭上眼|睁开眼|抬眼"
    ),
    Cue.DETAIL: (
        "指尖|手指|手心|掌心|手里的|手中的|手腕|握紧|攥|屏幕|信封|字迹|刻着|写着|刻痕|玉佩|戒指|钥匙|照片|"
        "伤口|血迹|滴落|弹出"
    ),
    Cue.TRAVEL: (
        "走|跑|奔|冲|追|赶来|赶到|追赶|逃|穿过|骑|驶|漂|划船|划向|飞奔|飞向|游向|游过|爬上|爬过|闯|离开|离去|"
        "跟上|靠近|踱|迈步|迈进|后退|登上|上岸|上船|推门而入"
    ),
    Cue.MOTION: (
        "转身|回头|起身|站起|坐下|跪|跳|推|拉|扑|抱|举|挥|抬|扔|放下|拿起|拾|捡|弯腰|蹲|躲|打开|关上|拔|"
        "挡|接过|递|扶|伸手|俯身|低头|抬头|摔|按住|拽|挣"
    ),
    Cue.CROWD: (
        "众人|人群|大家|所有人|村民|士兵们|百姓|围观|数十|几十|上百|成群|宾客|同学们|一行人|一群|人山人海|队伍"
    ),
    Cue.TALL: ("高塔|塔顶|高楼|大楼|山峰|山顶|悬崖|崖|城墙|城楼|宫殿|大殿|参天|古树|天空|夜空|瀑布|摩天|巨像|雕像|桅"),
    Cue.REVEAL: "露出|显出|现出|显露|原来|竟|赫然|只见|浮现|出现|揭开|掀开|展开|映入",
    Cue.LOOKING_AROUND: "环顾|四下|四周|张望|打量|扫视",
    Cue.RISING: "升起|升空|飞起|腾空|站起|起身|抬头|仰|举起|登上",
    Cue.FALLING: "倒下|跌|坠|落下|滑落|沉入|跪|瘫|蹲|低头|滴落",
    Cue.ENTERING: "走进|走来|进来|推门|闯进|入画|登上|上岸|赶来|走上|冲进",
    Cue.FAR: "尽头|远处|远方|天边|地平线|海平线|对岸|遥望|远远",
}

ENGLISH = {
    Cue.STRONG_FEELING: (
        "angr|furious|rage|shout|scream|yell|sob|cry|cries|crying|tears|trembl|terrif|horrif|panic|"
        "desperat|broken|anguish|shock|afraid|fear|pleading|heartbroken|choked"
    ),
    Cue.FACE: (
        "tear|tears|face|eyes|stare|stares|glare|glares|frown|smile|smiles|smirk|blink|expression|brow|lips|gaze|wince"
    ),
    Cue.DETAIL: (
        "finger|fingers|fingertip|hand|hands|palm|wrist|fist|screen|letter|envelope|photo|photograph|ring|"
        "key|wound|engraved|written|drips|clutch|clutches|grips"
    ),
    Cue.TRAVEL: (
        "walk|walks|run|runs|rush|rushes|chase|chases|flee|flees|cross|crosses|ride|rides|drive|drives|"
        "drift|drifts|swim|climb|climbs|stride|strides|leave|leaves|follow|follows|sprint|sprints|race|"
        "races|approach|approaches|wander|wanders"
    ),
    Cue.MOTION: (
        "turn|turns|stand|stands|rise|rises|sit|sits|kneel|kneels|jump|jumps|push|pushes|pull|pulls|hug|"
        "hugs|raise|raises|throw|throws|pick|picks|open|opens|close|closes|grab|grabs|reach|reaches|lift|"
        "lifts|draw|draws|fall|falls|hand|lower|lowers|hide|hides|spin|spins|swing|swings|nod|nods"
    ),
    Cue.CROWD: "crowd|everyone|villagers|soldiers|people|guests|students|dozens|hundreds|mob|audience|passengers",
    Cue.TALL: "tower|skyscraper|mountain|cliff|wall|palace|cathedral|sky|waterfall|statue|mast|lighthouse|spire",
    Cue.REVEAL: "reveal|reveals|revealing|appear|appears|emerge|emerges|uncover|uncovers|unfold|unfolds|there,",
    Cue.LOOKING_AROUND: "look around|looks around|glance around|glances around|scan|scans|surveys",
    Cue.RISING: "rises|rise|stands up|takes off|soars|climbs|looks up",
    Cue.FALLING: "falls|fall|collapse|collapses|kneels|drops|sinks|slumps|looks down|slips",
    Cue.ENTERING: "enter|enters|comes in|walks in|arrive|arrives|bursts in",
    Cue.FAR: "in the distance|far away|far off|horizon|far end|across the (?:street|river|valley|bay)",
}

PREFIXES = {Cue.STRONG_FEELING}
"""English cues given as the beginnings of words."""


def cues_in(text: str) -> frozenset[Cue]:
    """Every cue that `text` gives."""
    return frozenset(cue for cue in Cue if PATTERNS[cue].search(text))


def _pattern(cue: Cue) -> re.Pattern[str]:
    ending = "" if cue in PREFIXES else r"\b"
    return re.compile(rf"{CHINESE[cue]}|\b(?:{ENGLISH[cue]}){ending}", re.IGNORECASE)


PATTERNS = {cue: _pattern(cue) for cue in Cue}
