"""Small films in which every part is known, and what must not lie about after one that failed."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

from support.film_media import Media, as_music, as_picture, as_voice

from aianime_pipeline.film.timeline import Timeline, TimelineShot, build_timeline
from aianime_pipeline.storyboard.model import CameraMove

LINE = "你终于来了。{x} <i>我</i>等了整整三年 --> 每一天都在想你，👨‍👩‍👧‍👦 שלום。"


def shots(media: Media) -> list[TimelineShot]:
    """Unlike sizes, rates and sounds; one line that needs more time than its shot has; a shot of a single frame."""
    talking, tall = media.talking_video("talk30.mp4"), media.video("tall12.mp4", size="180x320", rate="12", seconds=1)
    line = as_voice(media.voice(seconds=1.5), 1.5)
    return [
        TimelineShot(1, 1500, as_picture(talking, keeps_own_sound=True)),
        TimelineShot(2, 1000, as_picture(media.picture()), CameraMove.PUSH, line, LINE, "阿月"),
        TimelineShot(3, 2000, as_picture(tall, keeps_own_sound=True)),
        TimelineShot(4, 41, as_picture(media.picture())),
        TimelineShot(5, 1000, as_picture(talking), dialogue="三年后"),
    ]


def timeline_of(
    wanted: Sequence[TimelineShot], media: Media, *, size: tuple[int, int] = (320, 180), rate: Fraction = Fraction(24)
) -> Timeline:
    width, height = size
    music = as_music(media.music())
    return build_timeline(wanted, width=width, height=height, rate=rate, music=music).timeline


def assert_nothing_stray(output: Path, cache: Path) -> None:
    assert not output.exists()
    assert not any(output.with_suffix(suffix).exists() for suffix in (".srt", ".vtt", ".ass", ".jpg"))
    assert not (output.parent.exists() and [path for path in output.parent.iterdir() if path.name.startswith(".part")])
    assert not [path for path in cache.rglob("*") if path.name.startswith(".part")]
