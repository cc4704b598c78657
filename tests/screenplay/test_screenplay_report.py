"""Counts of an import."""

from aianime_pipeline.screenplay.chinese import parse_chinese
from aianime_pipeline.screenplay.report import ScreenplayReport, count_blocks, count_scenes, summarise

TEXT = "1-1 日 外 桥\n△雪\n林夏：走 吧。\n旁白：夜。\n●特写：手\n【黑屏】\n他走了\n1-2 夜 内 客栈\n林夏：嗯"


def test_the_report_counts_scenes_blocks_words_and_notices() -> None:
    screenplay = parse_chinese(TEXT)
    blocks = {"action": 2, "dialogue": 2, "os": 1, "direction": 1, "closeup": 1}
    assert count_blocks(screenplay) == blocks
    assert count_scenes(screenplay) == 2
    assert summarise(screenplay) == ScreenplayReport(
        episodes=1, scenes=2, blocks=blocks, speakers=2, spoken_characters=6, notices=2
    )
