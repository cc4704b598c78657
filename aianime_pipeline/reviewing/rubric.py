"""What a vision model is asked about a take, and how its answer is read.

The instructions are the same for every shot of a project; what the shot should be goes in as material, which can never
pass for an instruction. An answer that does not fit goes back to the model once, with what is wrong with it.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field

from aianime_pipeline.providers.capabilities import PictureReviewRequest, TextRequest
from aianime_pipeline.reviewing.opinion import Opinion, Problem, Verdict
from aianime_pipeline.reviewing.showing import Shown
from aianime_pipeline.storytelling.answers import ask, schema_of
from aianime_pipeline.storytelling.material import material
from aianime_pipeline.storytelling.prompts import ANSWER_AS_JSON, MATERIAL_ONLY

AskEye = Callable[[PictureReviewRequest], str]
"""A request → the model's answer as it came. Raises ProviderError."""

ATTEMPTS = 2

_MOST_SAID = 12

_ENGLISH = """\
You review single results of an animated series before they go into the film. You are shown {what}, and after it \
reference pictures; the part `pictures` says in order what each one is, `shot` what it should be, `found` what a \
technical check has found already.

Judge, and take from a score of 100:
1. Content: does it show what the shot says: who, where, doing what, in which framing and light? \
(wrong_content, composition)
2. Likeness: does each figure and the place look as in its reference picture: hair, face, clothes, colours? Only the \
figures count, not their pose or the sheet's plain ground. (wrong_figure, wrong_place)
3. Workmanship: hands, faces, limbs, doubled or smeared parts. (anatomy, artifacts)
4. Style, and words, captions, logos or watermarks that the shot does not ask for. (style, lettering)
5. Whether it is fit for a general audience. (unsafe){motion}
- `verdict`: `approve` if it can go into the film as it is, `reject` if it must be made again, `unsure` if you \
cannot tell.
- `score`: 0 to 100; 90 is flawless, 60 is just usable.
- `problems`: each with its code and one short sentence: what, where. Only what you see.
- `changes`: for each problem one short wish for whoever draws the next one, saying what to draw rather than what was \
wrong. A rejection has at least one.
Write texts in English."""

_ENGLISH_MOTION = """
6. Movement from frame to frame: does it go as the shot says, without bodies or things that melt, appear or vanish? \
(motion)"""

_CHINESE = """\
你是动画剧集的审片人，在每一个镜头的成果进入成片之前把关。你会看到{what}，之后是参考图；material 中的 `pictures` \
按顺序说明每张图是什么，`shot` 说明这个镜头应该是什么，`found` 是技术检查已经发现的问题。

满分 100，逐项扣分：
1. 内容：人物、地点、动作、景别、光线是否与镜头描述一致？（wrong_content、composition）
2. 相似度：每个角色和场景是否与参考图一致：发型、脸、服装、配色？只看形象，不看姿势，也不看设定图的纯色背景。\
（wrong_figure、wrong_place）
3. 做工：手、脸、四肢，重影、糊掉的部分。（anatomy、artifacts）
4. 画风；镜头没有要求的文字、字幕、标志、水印。（style、lettering）
5. 是否适合大众观看。（unsafe）{motion}
- `verdict`：可以直接进成片用 `approve`，必须重做用 `reject`，无法判断用 `unsure`。
- `score`：0 到 100；90 为无瑕疵，60 为勉强可用。
- `problems`：每个问题写代码和一句话：什么问题、在哪里。只写看得见的。
- `changes`：每个问题对应一句给下一次绘制的要求，写要画成什么样，而不是哪里错了。判 `reject` 时至少一条。
文字用中文。"""

_CHINESE_MOTION = """
6. 帧与帧之间的动作：是否符合镜头描述，有没有人或物融化、凭空出现或消失？（motion）"""

_OWN_RULES = {"zh": "本项目自己的规则（违反用 project_rule）：", "en": "The project's own rules (project_rule):"}
_WHAT = {
    "zh": {"image": "一张镜头画面", "video": "一个镜头视频中按时间顺序的几帧"},
    "en": {"image": "the image of one shot", "video": "frames of the video of one shot, in the order of time"},
}

Code = Literal[
    "wrong_content",
    "wrong_figure",
    "wrong_place",
    "anatomy",
    "artifacts",
    "style",
    "lettering",
    "composition",
    "motion",
    "unsafe",
    "project_rule",
    "other",
]


class _Problem(BaseModel):
    code: Code
    text: str = Field(min_length=1)


class _Answer(BaseModel):
    verdict: Literal["approve", "reject", "unsure"]
    score: int = Field(ge=0, le=100)
    problems: list[_Problem]
    changes: list[str]


def instructions(kind: Literal["image", "video"], language: str, own_rules: str) -> str:
    """In Chinese for projects in Chinese, else in English; `own_rules` are the project's."""
    tongue = "zh" if language.lower().startswith("zh") else "en"
    text, motion = (_CHINESE, _CHINESE_MOTION) if tongue == "zh" else (_ENGLISH, _ENGLISH_MOTION)
    written = text.format(what=_WHAT[tongue][kind], motion=motion if kind == "video" else "")
    rules = f"{_OWN_RULES[tongue]}\n{own_rules.strip()}" if own_rules.strip() else ""
    return "\n\n".join(part for part in (written, rules, MATERIAL_ONLY) if part)


def ask_eye(
    eye: AskEye,
    reviewer: str,
    kind: Literal["image", "video"],
    shown: Sequence[Shown],
    *,
    shot: Mapping[str, Any],
    found: Opinion,
    language: str,
    own_rules: str,
) -> Opinion:
    """The vision model's opinion of what it is shown. `shot` is what it should be, JSON-ready; `found` the built-in
    reviewer's opinion. Raises StoryAnswerError where the model gave no usable answer, and what `eye` raises."""

    def model(request: TextRequest) -> str:
        pictures = tuple(one.path for one in shown)
        return eye(
            PictureReviewRequest(pictures, request.instructions, request.text, request.schema, request.structured)
        )

    said = ask(
        model,
        instructions(kind, language, own_rules),
        material(shot=shot, pictures=[one.words for one in shown], found=found.feedback()["problems"]),
        _Answer,
        attempts=ATTEMPTS,
        check=_rules,
    )
    return Opinion(
        reviewer,
        Verdict(said.verdict),
        said.score,
        tuple(Problem(one.code, one.text) for one in said.problems[:_MOST_SAID]),
        tuple(wish.strip() for wish in said.changes[:_MOST_SAID] if wish.strip()),
    )


def expected_question(
    kind: Literal["image", "video"], pictures: Sequence[str], *, shot: Mapping[str, Any], language: str, own_rules: str
) -> PictureReviewRequest:
    """What will be asked about a take that is not there yet, as far as its price depends on it. `pictures` are the
    words of each (see `words_of_shown`); in the place of their files stand paths that nobody reads."""
    return PictureReviewRequest(
        tuple(Path(f"picture-{place}") for place, _ in enumerate(pictures)),
        f"{instructions(kind, language, own_rules)}\n\n{ANSWER_AS_JSON}",
        material(shot=shot, pictures=list(pictures), found=[]),
        schema_of(_Answer),
    )


def _rules(answer: _Answer) -> Iterator[str]:
    if answer.verdict == "reject" and not any(wish.strip() for wish in answer.changes):
        yield "changes: a rejection needs at least one change to ask for"
