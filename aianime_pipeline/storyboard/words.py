"""The tables behind `vocabulary`: which written words mean which framing, camera move or transition.

Only data belongs here. Sizes follow the usual teaching of Chinese and English film schools (`近景` is from the chest
up, `全景` the whole figure). A word with None looks like a camera word but is none (`升格` is slow motion, `移焦` a
focus pull), and is listed so that the shorter word in it is not taken.
"""

from aianime_pipeline.storyboard.model import CameraMove, Framing, Transition

OVER_SHOULDER_WORDS = ("过肩", "越肩", "拉背", "over the shoulder", "over shoulder", "ots", "oss")
"""These say where the camera stands and win over any size beside them: `中近景（过肩）` is an over-shoulder shot."""

FRAMING_WORDS: dict[str, Framing] = {
    **dict.fromkeys(
        ("大特写", "极特写", "超特写", "极近特写", "微距", "extreme close up", "extreme closeup", "big close up"),
        Framing.EXTREME_CLOSE_UP,
    ),
    **dict.fromkeys(("macro", "ecu", "xcu", "bcu"), Framing.EXTREME_CLOSE_UP),
    **dict.fromkeys(
        ("特写", "面部", "插入镜头", "close up", "closeup", "close ups", "cu", "insert", "choker"),
        Framing.CLOSE_UP,
    ),
    **dict.fromkeys(
        ("近景", "中近景", "中特写", "胸像", "胸景", "胸部以上", "半近景"),
        Framing.MEDIUM_CLOSE_UP,
    ),
    **dict.fromkeys(
        ("medium close up", "medium closeup", "mcu", "bust shot", "close shot"),
        Framing.MEDIUM_CLOSE_UP,
    ),
    **dict.fromkeys(
        ("中景", "半身", "腰部以上", "双人镜头", "双人景", "medium", "mid shot", "waist shot", "two shot", "ms"),
        Framing.MEDIUM,
    ),
    **dict.fromkeys(
        ("中远景", "中全景", "七分身", "膝上", "膝盖以上", "美式镜头", "medium wide", "medium long", "medium full"),
        Framing.MEDIUM_WIDE,
    ),
    **dict.fromkeys(("cowboy shot", "american shot", "knee shot", "mws", "mls", "mfs"), Framing.MEDIUM_WIDE),
    **dict.fromkeys(("全景", "小全景", "全身", "full", "full shot", "full body", "fs"), Framing.FULL),
    **dict.fromkeys(
        ("远景", "大全景", "广角", "群像", "空镜", "wide", "long shot", "master shot", "establishing", "ws", "ls"),
        Framing.WIDE,
    ),
    **dict.fromkeys(
        ("大远景", "极远景", "超远景", "航拍", "鸟瞰", "俯瞰", "very wide", "extreme wide", "extreme long", "aerial"),
        Framing.VERY_WIDE,
    ),
    **dict.fromkeys(("very long shot", "bird's eye", "ews", "els", "xls", "vws", "vls"), Framing.VERY_WIDE),
    **dict.fromkeys(OVER_SHOULDER_WORDS, Framing.OVER_SHOULDER),
}

CAMERA_WORDS: dict[str, CameraMove | None] = {
    **dict.fromkeys(("升格", "降格", "移焦", "跟焦", "拉焦", "转焦", "推测", "rack focus", "follow focus"), None),
    **dict.fromkeys(
        ("固定", "静止", "定镜", "静帧", "定格", "不动", "静态", "static", "hold", "held", "locked", "locked off"),
        CameraMove.HOLD,
    ),
    **dict.fromkeys(("fixed", "still", "lock off", "no movement", "none", "无"), CameraMove.HOLD),
    **dict.fromkeys(("推", "前移", "逼近", "放大", "push", "push in", "dolly in", "zoom in"), CameraMove.PUSH),
    **dict.fromkeys(("track in", "move in", "truck in", "creep in", "dolly", "zoom"), CameraMove.PUSH),
    **dict.fromkeys(("拉", "后移", "后退", "退远", "缩小", "pull", "pull out", "pull back"), CameraMove.PULL),
    **dict.fromkeys(("dolly out", "dolly back", "zoom out", "track out", "move back"), CameraMove.PULL),
    **dict.fromkeys(("左摇", "摇左", "左移", "移左", "左平移", "左横移", "向左", "往左"), CameraMove.PAN_LEFT),
    **dict.fromkeys(("从右", "由右", "pan left", "truck left", "track left", "slide left"), CameraMove.PAN_LEFT),
    **dict.fromkeys(("摇", "移", "甩", "横移", "平移", "右摇", "摇右", "右移", "移右"), CameraMove.PAN_RIGHT),
    **dict.fromkeys(("右平移", "右横移", "向右", "往右", "从左", "由左", "左右", "pan"), CameraMove.PAN_RIGHT),
    **dict.fromkeys(
        ("pan right", "truck right", "track right", "slide right", "whip pan", "swish pan", "truck", "slide"),
        CameraMove.PAN_RIGHT,
    ),
    **dict.fromkeys(("上摇", "摇上", "仰摇", "向上摇", "从下往上", "自下而上", "由下至上"), CameraMove.TILT_UP),
    **dict.fromkeys(("tilt", "tilt up"), CameraMove.TILT_UP),
    **dict.fromkeys(("下摇", "摇下", "俯摇", "向下摇", "从上往下", "自上而下", "由上至下"), CameraMove.TILT_DOWN),
    **dict.fromkeys(("tilt down",), CameraMove.TILT_DOWN),
    **dict.fromkeys(("跟", "跟拍", "跟随", "跟移", "尾随", "follow", "following", "tracking"), CameraMove.FOLLOW),
    **dict.fromkeys(("track", "tracking shot", "steadicam", "跟摇", "跟推", "跟拉"), CameraMove.FOLLOW),
    **dict.fromkeys(
        ("环绕", "旋转", "绕", "环摇", "弧形", "orbit", "arc", "circle", "circling", "rotate", "360"),
        CameraMove.ORBIT,
    ),
    **dict.fromkeys(("升", "上升", "升起", "上移", "抬升", "rise", "crane up", "boom up", "jib up"), CameraMove.RISE),
    **dict.fromkeys(("pedestal up", "rising", "crane"), CameraMove.RISE),
    **dict.fromkeys(("降", "下降", "下移", "俯冲", "lower", "crane down", "boom down", "jib down"), CameraMove.LOWER),
    **dict.fromkeys(("pedestal down", "descend", "descending", "sink"), CameraMove.LOWER),
}

TRANSITION_WORDS: dict[str, Transition] = {
    **dict.fromkeys(("硬切", "直切", "切", "切换", "跳切", "快切", "无", "无转场", "cut", "cut to"), Transition.CUT),
    **dict.fromkeys(("hard cut", "jump cut", "match cut", "smash cut", "straight cut", "none"), Transition.CUT),
    **dict.fromkeys(
        ("叠化", "溶解", "化入", "化出", "渐变", "交叉淡化", "叠入", "dissolve", "cross dissolve", "crossfade"),
        Transition.DISSOLVE,
    ),
    **dict.fromkeys(("cross fade", "mix", "dissolves"), Transition.DISSOLVE),
    **dict.fromkeys(
        ("淡入淡出", "淡入黑屏", "淡出黑屏", "淡入", "淡出", "黑场", "黑屏", "闪黑", "渐黑", "渐隐", "渐显"),
        Transition.FADE_BLACK,
    ),
    **dict.fromkeys(("渐入", "渐出"), Transition.FADE_BLACK),
    **dict.fromkeys(
        ("fade", "fade in", "fade out", "fades", "fade black", "fade to black", "fade from black", "cut to black"),
        Transition.FADE_BLACK,
    ),
    **dict.fromkeys(
        ("闪白", "白闪", "白场", "闪光", "淡入白屏", "淡出白屏", "白屏", "flash", "flash white", "fade to white"),
        Transition.FLASH_WHITE,
    ),
    **dict.fromkeys(("white flash", "dip to white"), Transition.FLASH_WHITE),
    **dict.fromkeys(("划变", "划像", "划入", "划出", "擦除", "擦入", "翻页", "wipe", "wipes"), Transition.WIPE),
}

V4_FRAMING = {
    Framing.EXTREME_CLOSE_UP: "大特写",
    Framing.CLOSE_UP: "特写",
    Framing.MEDIUM_CLOSE_UP: "近景",
    Framing.MEDIUM: "中景",
    Framing.MEDIUM_WIDE: "中远景",
    Framing.FULL: "全景",
    Framing.WIDE: "远景",
    Framing.VERY_WIDE: "大远景",
    Framing.OVER_SHOULDER: "过肩镜头",
}
"""The word of a storyboard_ai_v4 file for each framing; each is read back as the same framing."""

V4_CAMERA_MOVE = {
    CameraMove.HOLD: "固定",
    CameraMove.PUSH: "推",
    CameraMove.PULL: "拉",
    CameraMove.PAN_LEFT: "左摇",
    CameraMove.PAN_RIGHT: "右摇",
    CameraMove.TILT_UP: "上摇",
    CameraMove.TILT_DOWN: "下摇",
    CameraMove.FOLLOW: "跟",
    CameraMove.ORBIT: "环绕",
    CameraMove.RISE: "升",
    CameraMove.LOWER: "降",
}

V4_TRANSITION = {
    Transition.CUT: "硬切",
    Transition.DISSOLVE: "叠化",
    Transition.FADE_BLACK: "淡入黑屏",
    Transition.FLASH_WHITE: "闪白",
    Transition.WIPE: "划变",
}
