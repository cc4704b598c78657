"""Made-up storyboards in the storyboard_ai_v4 layout, with the surprises of real files; the same ones every time."""

from random import Random
from typing import Any

PEOPLE = ("苏晚", "顾迟", "老灯匠")

PICTURES = (
    ("港口的灯一盏接一盏熄灭，浪头拍在石堤上。", ""),
    ("苏晚提着马灯走过湿滑的栈桥，灯影在脚下摇晃。", "苏晚居左，向右行走"),
    ("顾迟靠在缆桩旁，帽檐压得很低，只露出半张脸。", "顾迟居中，背靠缆桩"),
    ("老灯匠的手指抚过灯罩上的裂纹，停在一处焦痕上。", "老灯匠的手占满画面"),
    ("苏晚与顾迟隔着一盏灯对视，谁也没有先开口。", "苏晚居左，顾迟居右"),
    ("雾里浮出一条没有桅杆的船，船身上长满青苔。", ""),
    ("灯塔顶端的光忽然转向岸边，照亮了所有人的脸。", "众人在前景，背对镜头"),
    ("老灯匠把一枚铜钥匙放进苏晚掌心，合上她的手指。", "老灯匠居右，苏晚居左"),
)
LINES = (
    "你听，钟声比昨天晚了一刻。",
    "这盏灯不能灭，灭了就没人记得回来的路了。",
    "我没有骗你，我只是没有把话说完。",
    "船上的人，都没有影子。",
    "再等一夜，天亮之前会有答案的。",
)
LONG_LINES = (
    "那一年港口所有的灯都是我父亲点的，他说每一盏灯都替一个出海的人亮着，灯灭了人就不会再回来，所以他从来不敢睡，一直守到天亮为止。",
    "后来我才明白，他守的从来不是那些船，也不是那些再也没有消息的人，他守的是我母亲离开那天留在窗台上的一句话，和一根没有烧完的灯芯。",
)
CAMERA_WORDS = (
    "固定",
    "缓慢推近+轻微晃动",
    "固定（让表情说话）",
    "推",
    "由左向右横移，跟着灯光",
    "拉远，露出整个港口",
    "手持呼吸感",
    "上摇",
    "环绕半圈后停住",
    "跟拍（背后）",
)
FRAMING_WORDS = ("全景", "特写", "中近景（过肩）", "中景", "大特写", "近景", "大远景", "半身", "主观视角", "远景")
TRANSITIONS = ("硬切", "硬切", "叠化", "硬切", "淡入黑屏", "无", "闪白", "硬切", "淡入淡出", "划变")
SECONDS = (3, 2.5, 3.0, 4, 2, 3.5, 5)


def write_v4_storyboard(shots: int = 40, seed: int = 1) -> dict[str, Any]:
    """A storyboard of `shots` shots as the JSON object of a file; `seed` shuffles what happens in it.

    From 20 shots on it has everything: free text for camera and framing, framings outside the vocabulary, lines of
    sixty characters in three seconds, stills, two speakers at once, voice-over, shots without a voice, a 时间轴 that
    is missing and one that disagrees, prompts in three places, and fields that nobody knows.
    """
    random = Random(seed)
    entries: list[dict[str, Any]] = []
    start = 0.0
    for number in range(1, shots + 1):
        entry = _shot(number, shots, start, random)
        entries.append(entry)
        start = round(start + entry["时长"], 3)
    return {
        "版本": "4.0",
        "格式标识": "storyboard_ai_v4",
        "项目": "雾港灯匠",
        "集数": 4,
        "集标题": "没有影子的船",
        "导出工具": {"名称": "手工表格", "次数": 7},
        "受控词表": {
            "景别": ["大特写", "特写", "近景", "中景", "中远景", "全景", "远景", "大远景"],
            "运镜": ["固定", "推", "拉", "摇", "移", "跟", "升", "降", "环绕", "其他"],
            "转场": ["硬切", "淡入淡出", "闪白", "叠化", "划变", "淡入黑屏", "无"],
            "优先级": ["P0必出", "P1核心", "P2过渡"],
            "生成任务": ["图像", "视频", "TTS", "音效", "BGM", "转场"],
        },
        "项目元信息": {
            "全局风格": "厚涂插画，冷色海雾，暖色灯火",
            "默认反向提示词": "畸形的手，多余的肢体，文字水印",
            "制作适配说明": {"节奏把控": "前慢后快", "AI生成要求": "人物形象全集一致"},
        },
        "镜头列表": entries,
    }


def _shot(number: int, shots: int, start: float, random: Random) -> dict[str, Any]:
    description, blocking = random.choice(PICTURES)
    seconds = 3 if number % 9 == 4 else random.choice(SECONDS)
    entry: dict[str, Any] = {
        "镜号": number,
        "时长": seconds,
        "时间轴": {"开始时间": start, "结束时间": round(start + seconds, 3)},
        "优先级": random.choice(("P0必出", "P1核心", "P1核心", "P2过渡")),
        "景别": FRAMING_WORDS[(number * 3 + random.randrange(2)) % len(FRAMING_WORDS)],
        "运镜方式": CAMERA_WORDS[(number + random.randrange(2)) % len(CAMERA_WORDS)],
        "角色站位": blocking,
        "画面描述": description,
        **_speech(number, random),
        "情绪向量": [0.0, round(random.random(), 2), 0, 0.1, 0.0, 0.0, 0, 0.25],
        "音频设计": random.choice(("海浪，远处雾笛", "灯芯噼啪声", "")),
        **_prompts(number, description),
        "转场方式": TRANSITIONS[(number - 1) % len(TRANSITIONS)],
        "备注": "补拍" if number % 11 == 0 else "",
    }
    _add_settings(entry, number, shots)
    return entry


def _speech(number: int, random: Random) -> dict[str, Any]:
    line, speaker = random.choice(LINES), PEOPLE[number % 3]
    if number % 9 == 4:
        text, role = f"苏晚os：{LONG_LINES[(number // 9) % 2]}", "苏晚"
    elif number % 12 == 7:
        text, role = "船来了！", "苏晚/顾迟"
    elif number % 5 == 1:
        text, role = random.choice(("（无）", "无", "")), ""
    elif number % 5 == 3:
        text, role = f"{speaker}：（压低声音）{line}", speaker
    elif number % 10 == 5:
        text, role = f"旁白：{line}", "旁白"
    else:
        text, role = line, speaker
    return {
        "台词": text,
        "角色": role,
        "角色ID": {"苏晚": "char_01", "顾迟": "char_02"}.get(role, ""),
        "情绪描述": random.choice(("平静", "不安", "哽咽", "")),
    }


def _prompts(number: int, description: str) -> dict[str, Any]:
    """A prompt of the shot, one in 图像, or none but the description."""
    place = number % 3
    if place == 0:
        return {"AI提示词": f"painterly anime, foggy harbour, {description}", "反向提示词": "模糊，低质量"}
    if place == 1:
        image = {"启用": True, "类型": "静态图", "提示词": f"海雾中的港口，{description}", "风格": "厚涂"}
        return {"AI提示词": "（见图像）", "反向提示词": "", "图像": {**image, "反向提示词": "畸变", "宽高比": "9:16"}}
    return {"AI提示词": "", "反向提示词": ""}


def _add_settings(entry: dict[str, Any], number: int, shots: int) -> None:
    still = number % 6 == 2
    spoken = entry["台词"] not in ("（无）", "无", "")
    tasks = ["图像", *([] if still else ["视频"]), *(["TTS"] if spoken and number % 8 else []), "音效"]
    entry["生成任务"] = [*tasks, "BGM"] if number % 4 == 0 else tasks
    entry["视频"] = {"启用": not still, "类型": "动态视频", "帧率": 24, "口型同步": {"启用": spoken and not still}}
    entry["音频"] = {
        "VO": {"启用": "TTS" in tasks, "类型": "TTS", "音量": 0.8},
        "BGM": {"启用": number % 4 == 0, "类型": "延续", "音量": 0.3, "淡入时间": 0.5},
        "动态音效": {"启用": True, "提示词": "海浪", "触发时间": 0.5, "音量": 0.6},
    }
    entry["依赖关系"] = {
        "前置镜头": [number - 1] if number > 1 else [],
        "后置镜头": [number + 1] if number < shots else [],
    }
    if number % 7 == 3:
        entry["现场批注"] = {"导演": "再慢一点", "版本": 2, "打分": [4, 4.5, None]}
    if number % 17 == 15:
        entry["时间轴"]["结束时间"] = round(entry["时间轴"]["结束时间"] + 1.2, 3)
    if number % 10 == 6:
        del entry["时间轴"]
