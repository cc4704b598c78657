"""The columns of a storyboard's CSV and the headers that name them, in English and Chinese."""

from typing import get_args

from aianime_pipeline.screenplay.model import Interior, TimeOfDay

COLUMNS: dict[str, tuple[str, ...]] = {
    "number": ("镜号", "镜头号", "镜头", "序号", "编号", "shot", "no", "no.", "#"),
    "seconds": ("时长", "秒数", "时长(秒)", "时长（秒）", "秒", "duration", "length"),
    "framing": ("景别", "shot size", "size"),
    "camera_move": ("运镜方式", "运镜", "镜头运动", "camera", "move", "camera move"),
    "description": ("画面描述", "场景描述", "画面", "画面内容", "内容", "picture", "action"),
    "blocking": ("角色站位", "角色位置", "站位"),
    "speaker": ("角色", "角色名", "说话人", "speakers"),
    "dialogue": ("台词", "对白", "旁白/台词", "line"),
    "voice_over": ("旁白", "画外音", "os", "vo", "voice over"),
    "emotion": ("情绪描述", "情绪"),
    "transition": ("转场方式", "转场"),
    "prompt": ("AI提示词", "提示词", "ai prompt"),
    "negative_prompt": ("反向提示词", "负面词", "负面提示词", "negative prompt", "negative"),
    "scene": ("场次", "场号"),
    "place": ("地点", "场景", "location"),
    "time_of_day": ("时间", "时段", "日夜", "time", "time of day"),
    "interior": ("内外", "内外景", "int/ext"),
    "characters": ("出场角色", "出场人物", "人物", "cast"),
    "props": ("道具",),
    "priority": ("优先级",),
    "wants": ("生成任务", "任务", "tasks"),
    "note": ("备注", "notes", "remark"),
}
"""Each column's other headers."""

WANTS_NOTHING = "none"
"""In the column `wants`; an empty cell there means the usual ones."""

REQUIRED = ("number", "seconds", "description")

FIELD_OF_HEADER = {header.strip().lower(): column for column, others in COLUMNS.items() for header in (column, *others)}

TIME_WORDS: dict[str, TimeOfDay] = {
    **{time: time for time in get_args(TimeOfDay)},
    **dict.fromkeys(("清晨", "早晨", "凌晨", "晨", "黎明"), "dawn"),
    **dict.fromkeys(("日", "白天", "中午", "上午", "下午", "昼"), "day"),
    **dict.fromkeys(("黄昏", "傍晚", "昏"), "dusk"),
    **dict.fromkeys(("夜", "夜晚", "晚上", "深夜", "晚"), "night"),
}
INTERIOR_WORDS: dict[str, Interior] = {
    **{interior: interior for interior in get_args(Interior)},
    **dict.fromkeys(("内", "内景", "室内", "interior"), "int"),
    **dict.fromkeys(("外", "外景", "室外", "exterior"), "ext"),
    **dict.fromkeys(("内外", "内/外", "int/ext"), "int_ext"),
}
YES_WORDS = {"yes": True, "true": True, "1": True, "是": True, "y": True, "os": True, "vo": True, "旁白": True}
NO_WORDS = {"no": False, "false": False, "0": False, "否": False, "n": False, "": False, "无": False}
