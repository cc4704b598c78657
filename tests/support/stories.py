"""Small screenplays and storyboards as files, each shot with words of its own by which a provider's log tells it."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

TWO_EPISODES = """第1集：无人的船

1-1 清晨 外 青石渡口
人物：林夏
△晨雾压着河面，一只空船慢慢漂近。
林夏：（低声）这是阿萤的铃铛。

第2集：灯

2-1 夜 内 茶铺
人物：周掌柜
△油灯忽然熄灭。
周掌柜os：河上的事问不得。
周掌柜：姑娘，请回。
"""


def write_screenplay(folder: Path, text: str = TWO_EPISODES, name: str = "season.txt") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def shot(number: int, **changes: Any) -> dict[str, Any]:
    """A shot of one second that wants image, video and voice; `changes` by their names in the file."""
    return {
        "镜号": number,
        "时长": 1,
        "景别": "中景",
        "运镜方式": "固定",
        "画面描述": f"picture {number}.",
        "台词": f"line {number}.",
        "角色": "林夏",
        "生成任务": ["图像", "视频", "TTS"],
    } | changes


def storyboard_file(
    folder: Path,
    shots: int | Sequence[Mapping[str, Any]],
    *,
    episode: int = 1,
    name: str = "board.json",
    **top: Any,
) -> Path:
    """A storyboard_ai_v4 file; `shots` is their number, or the shots themselves."""
    entries = [shot(number) for number in range(1, shots + 1)] if isinstance(shots, int) else list(shots)
    document = {
        "版本": "4.0",
        "格式标识": "storyboard_ai_v4",
        "项目": "月下渡",
        "集数": episode,
        "集标题": "灯",
        "镜头列表": entries,
    }
    path = folder / name
    path.write_text(json.dumps(document | top, ensure_ascii=False), encoding="utf-8")
    return path
