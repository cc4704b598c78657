"""Whole seasons in the Chinese layout for tests, with the manners of files that several hands typed.

    from support.seasons import write_season
    text = write_season(episodes=20, seed=1)

The same seed gives the same season. `plan_season` says what was put in, so that a test can count what comes out.
"""

import random
from dataclasses import dataclass, field

LEADS = ["林夏", "沈渡", "阿萤"]
EXTRAS = ["周掌柜", "船工甲", "老妇", "更夫", "茶客"]
PLACES = ["青石渡口", "茶铺院子", "河心·乌篷船上", "林家医馆", "雪中石桥", "周记茶铺·账房", "夜市"]
ACTIONS = [
    "晨雾压着河面，一只空船慢慢漂近",
    "油灯忽然熄灭，屋里只剩下雨声",
    "她提着药箱走下石阶，脚步停住",
    "大雪落满船篷，灯火一盏接一盏亮起",
    "众人让开一条路，没有人敢出声",
]
LINES = [
    "你听见了吗？",
    "这条河淹死的人，从来不回来。",
    "月圆夜，千万别点灯。",
    "我妹妹的铃铛，今早自己回来了！",
    "要什么，我都给。",
    "别上他的船……",
]
EMOTIONS = ["压低声音", "冷笑", "哽咽", "失声", "平静"]
TIMES = ["清晨", "日", "黄昏", "夜", "雨夜", "深夜"]
_DIGITS = "零一二三四五六七八九"


@dataclass
class SeasonPlan:
    """What a season holds. `counts` by block type; `slips` lines were typed so that they fit no form."""

    text: str
    episodes: int
    scenes: int
    counts: dict[str, int] = field(default_factory=dict)
    slips: int = 0


def write_season(
    episodes: int, seed: int, *, scenes: tuple[int, int] = (2, 5), lines: tuple[int, int] = (6, 14)
) -> str:
    """The text of a season; encode it as the test needs (`utf-8`, `utf-8-sig`, `gb18030`, `utf-16`).

    An episode has as many scenes, and a scene as many lines, as lie between the two numbers.
    """
    return plan_season(episodes, seed, scenes=scenes, lines=lines).text


def plan_season(
    episodes: int, seed: int, *, scenes: tuple[int, int] = (2, 5), lines: tuple[int, int] = (6, 14)
) -> SeasonPlan:
    return _Typist(random.Random(seed), scenes, lines).type_season(episodes)


def chinese_numeral(number: int) -> str:
    """1 to 999 in Chinese numerals."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_DIGITS[hundreds]}百" if hundreds else ""
    if hundreds and rest and not tens:
        text += "零"
    if tens:
        text += ("" if tens == 1 and not hundreds else _DIGITS[tens]) + "十"
    return text + (_DIGITS[ones] if ones or not number else "")


def fullwidth(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


class _Typist:
    def __init__(self, chance: random.Random, scenes: tuple[int, int], lines: tuple[int, int]) -> None:
        self.chance = chance
        self.scenes_of_an_episode, self.lines_of_a_scene = scenes, lines
        self.lines: list[str] = []
        self.counts = dict.fromkeys(("action", "dialogue", "os", "direction", "closeup"), 0)
        self.scenes = 0
        self.slips = 0

    def type_season(self, episodes: int) -> SeasonPlan:
        self.lines += ["《月下渡》", "类型：古风悬疑", "", "人物小传"]
        self.lines += [f"{name}：{age}岁，{look}" for name, age, look in zip(LEADS, (22, 25, 8), "白黑黄", strict=True)]
        self.lines.append("")
        for number in range(1, episodes + 1):
            self.lines += [self._episode_heading(number), ""]
            for scene in range(self.chance.randint(*self.scenes_of_an_episode)):
                self._type_scene(number, scene + 1)
        text = self.chance.choice(["\n", "\r\n"]).join(self.lines)
        return SeasonPlan(text, episodes, self.scenes, self.counts, self.slips)

    def _episode_heading(self, number: int) -> str:
        digits = str(number)
        return self.chance.choice(
            [
                f"第{digits}集",
                f"第{chinese_numeral(number)}集",
                f"第{fullwidth(digits)}集：归来",
                f"# 第{digits}集 夜渡",
                f"**第{digits}集**",
                f"**第****{digits}****集**",
                f"第 {digits} 集",
                f"【第{digits}集】",
            ]
        )

    def _type_scene(self, episode: int, scene: int) -> None:
        self.scenes += 1
        time, place, inside = self.chance.choice(TIMES), self.chance.choice(PLACES), self.chance.choice("内外")
        number = f"{episode}-{scene}"
        self.lines.append(
            self.chance.choice(
                [
                    f"{number}{time}，{inside}，{place}",
                    f"{number} {time} {inside} {place}",
                    f"场{number}：{time} {inside} {place}",
                    f"{number}、{time}、{inside}、{place}",
                    f"**{number} {time},{inside},{place}**",
                    f"{fullwidth(number)}　{time}　{inside}　{place}",
                    f"### {number} {place} {time}/{inside}",
                ]
            )
        )
        extra = self.chance.choice(EXTRAS)
        separator = self.chance.choice(["，", "、", ",", " "])
        self.lines.append(f"人物{self.chance.choice('：:')}{separator.join([*LEADS, extra + '*2'])}")
        for _ in range(self.chance.randint(*self.lines_of_a_scene)):
            self._type_line(extra)
        self.lines.append("")

    def _type_line(self, extra: str) -> None:
        kind = self.chance.choices(
            ["action", "dialogue", "os", "closeup", "direction", "slip"], weights=[30, 45, 10, 7, 5, 3]
        )[0]
        line = getattr(self, f"_{kind}")(extra)
        if kind == "slip":
            self.slips += 1
            kind = "action"
        self.counts[kind] += 1
        self.lines.append(self.chance.choice(["", "", "", "  ", "　　"]) + line)

    def _action(self, extra: str) -> str:
        return f"{self.chance.choice('△△△▲')}{self.chance.choice(ACTIONS)}{self.chance.choice(['。', '', '！'])}"

    def _dialogue(self, extra: str) -> str:
        opening, closing = self.chance.choice(["（）", "()"])
        name = self.chance.choice([*LEADS, *LEADS, extra])
        emotion = f"{opening}{self.chance.choice(EMOTIONS)}{closing}" if self.chance.random() < 0.4 else ""
        colon, words = self.chance.choice("：：:"), self.chance.choice(LINES)
        if emotion and self.chance.random() < 0.3:
            return f"{name}{emotion}{colon}{words}"
        return f"{name}{colon}{emotion}{words}"

    def _os(self, extra: str) -> str:
        name = self.chance.choice(LEADS)
        front = self.chance.choice([f"{name}os", f"{name}OS", f"{name}（OS）", f"{name} vo", f"{name}(VO)", "旁白"])
        return f"{front}{self.chance.choice('：:')}{self.chance.choice(LINES)}"

    def _closeup(self, extra: str) -> str:
        front = self.chance.choice(["●特写：", "【特写】", "●特写:", "△特写："])
        return front + self.chance.choice(ACTIONS)

    def _direction(self, extra: str) -> str:
        return self.chance.choice(
            ["【闪回】", "（画外音响起）", "字幕：三年后", "【黑屏】", "音效：雷声", "道具：青焰油灯、绣鞋"]
        )

    def _slip(self, extra: str) -> str:
        """An action line whose triangle was forgotten."""
        return self.chance.choice(ACTIONS) + "。"
