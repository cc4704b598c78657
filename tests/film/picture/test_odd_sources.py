"""Sources as they come from outside: each must be shown as its maker saw it, or be refused by name."""

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media
from support.film_pieces import LOSSLESS, Planes, begins, clip, flat_picture, in_tv_range, made, planes_of

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.storyboard.model import Transition

_LUMA = "if(lt(X,W/2),if(lt(Y,H/2),60,110),if(lt(Y,H/2),160,210))"
QUARTERS = f"color=s={{size}}:r=24:d=1,format=yuv444p,geq=lum='{_LUMA}':cb=128:cr=128"
"""60 above 110 at the left, 160 above 210 at the right."""

FALSE_RED, HALF = "format=rgba,geq=r=255:g=0:b=0:a='if(lt(X,W/2),0,255)'", "format=rgba,geq=r=255:g=255:b=255:a=128"


def quarters(frame: Planes, left: int = 0, top: int = 0, width: int = 320, height: int = 180) -> list[int]:
    """The luma in the middle of the four quarters of a part of the frame, row by row."""
    return [int(frame.y[top + height * row // 4, left + width * column // 4]) for row in (1, 3) for column in (1, 3)]


def shown(source: Path, tmp_path: Path, frames: int = 6) -> list[Planes]:
    return planes_of(made([clip(source, frames)], tmp_path / "cache", by=LOSSLESS))


@pytest.mark.parametrize(
    ("name", "size", "options"),
    [
        ("ten_bits.mp4", "320x180", ["-c:v", "libx265", "-pix_fmt", "yuv420p10le", "-x265-params", "log-level=none"]),
        ("full_chroma.mp4", "320x180", ["-c:v", "libx264", "-pix_fmt", "yuv444p"]),
        ("odd.mkv", "321x181", ["-c:v", "ffv1", "-pix_fmt", "yuv420p"]),
        ("odd_444.mp4", "319x179", ["-c:v", "libx264", "-pix_fmt", "yuv444p"]),
        ("full_range.mp4", "320x180", ["-vf", "scale=in_range=tv:out_range=pc", "-color_range", "pc"]),
    ],
)
def test_any_layout_of_pixels_is_shown_whole_and_in_its_brightness(
    media: Media, tmp_path: Path, name: str, size: str, options: list[str]
) -> None:
    source = media.make(name, "-f", "lavfi", "-i", QUARTERS.format(size=size), *options)
    for frame in shown(source, tmp_path):
        assert quarters(frame) == pytest.approx([60, 160, 110, 210], abs=3)
        assert np.abs(frame.u.astype(int) - 128).max() <= 3
        assert frame.y[2:-2, 2:-2].min() > 40, "no bars"


@pytest.mark.parametrize(("turn", "wanted"), [(90, [160, 210, 60, 110]), (-90, [110, 60, 210, 160])])
def test_a_video_that_was_filmed_turned_stands_upright_once(
    media: Media, tmp_path: Path, turn: int, wanted: list[int]
) -> None:
    plain = media.make("plain.mp4", "-f", "lavfi", "-i", QUARTERS.format(size="320x180"), "-pix_fmt", "yuv420p")
    turned = media.make(f"turned{turn}.mp4", "-display_rotation", str(turn), "-i", str(plain), "-c", "copy")
    frame = shown(turned, tmp_path)[3]
    wide = 180 * 180 // 320
    left = (320 - wide) // 2
    assert quarters(frame, left=left, width=wide) == pytest.approx(wanted, abs=3)
    assert frame.y[:, : left - 4].max() <= 18
    assert frame.y[:, left + wide + 4 :].max() <= 18


def test_pixels_that_are_not_square_are_shown_in_their_right_shape(media: Media, tmp_path: Path) -> None:
    wide = media.make(
        "wide.mp4", "-f", "lavfi", "-i", QUARTERS.format(size="160x180") + ",setsar=2", "-pix_fmt", "yuv420p"
    )
    assert quarters(shown(wide, tmp_path)[0]) == pytest.approx([60, 160, 110, 210], abs=3)
    assert shown(wide, tmp_path)[0].y.min() > 40, "no bars: 160 pixels of 2:1 are as wide as 320"
    narrow = media.make(
        "narrow.mp4", "-f", "lavfi", "-i", QUARTERS.format(size="320x180") + ",setsar=1/2", "-pix_fmt", "yuv420p"
    )
    frame = shown(narrow, tmp_path)[0]
    assert quarters(frame, left=80, width=160) == pytest.approx([60, 160, 110, 210], abs=3)
    assert frame.y[:, :76].max() <= 18


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("vp9.webm", ["-c:v", "libvpx-vp9", "-pix_fmt", "yuva420p", "-crf", "10", "-b:v", "0"]),
        ("vp8.webm", ["-c:v", "libvpx", "-pix_fmt", "yuva420p", "-auto-alt-ref", "0", "-crf", "4", "-b:v", "4M"]),
        ("prores.mov", ["-c:v", "prores_ks", "-profile:v", "4444", "-pix_fmt", "yuva444p10le"]),
        ("qtrle.mov", ["-c:v", "qtrle", "-pix_fmt", "argb"]),
        ("pieces.gif", ["-lavfi", "split[a][b];[a]palettegen[p];[b][p]paletteuse"]),
    ],
)
def test_what_is_transparent_lies_on_black(media: Media, tmp_path: Path, name: str, options: list[str]) -> None:
    """At the left red that must not be seen, at the right red that must."""
    source = media.make(name, "-f", "lavfi", "-i", f"color=s=320x180:r=24:d=0.5,{FALSE_RED}", *options)
    frame = shown(source, tmp_path)[4]
    assert frame.colour(80, 90) == pytest.approx((16, 128, 128), abs=2)
    assert frame.colour(240, 90) == pytest.approx(in_tv_range(255, 0, 0), abs=6)


def test_what_is_half_transparent_is_half_as_bright(media: Media, tmp_path: Path) -> None:
    source = media.make("half.mov", "-f", "lavfi", "-i", f"color=s=320x180:r=24:d=0.5,{HALF}", "-c:v", "qtrle")
    assert shown(source, tmp_path)[4].colour(160, 90) == pytest.approx((16 + 219 * 128 / 255, 128, 128), abs=2)
    still = flat_picture(tmp_path / "half.png", (255, 255, 255, 128))
    assert shown(still, tmp_path)[4].colour(160, 90) == pytest.approx((16 + 219 * 128 / 255, 128, 128), abs=2)


def counted(frame: Planes) -> int:
    return round((int(frame.y[90, 160]) - 20) / 8)


COUNTING = "color=s=320x180:r={rate}:d={seconds},format=yuv420p,geq=lum='20+8*mod(N\\,25)':cb=128:cr=128"


def test_frames_of_unlike_length_are_each_shown_as_long_as_they_last(media: Media, tmp_path: Path) -> None:
    """Frames at 0, 1, 2, 8, 9, 10 … 24ths of a second: the third is seen for six frames."""
    source = media.make(
        "vfr.mkv", "-f", "lavfi", "-i", COUNTING.format(rate=24, seconds=1), "-vf",
        "select='lt(n,3)+gte(n,8)'", "-fps_mode", "vfr", "-enc_time_base", "1/24", "-c:v", "libx264", "-crf", "5",
    )  # fmt: skip
    found = [counted(frame) for frame in shown(source, tmp_path, 16)]
    assert found == [0, 1, 2, 2, 2, 2, 2, 2, 8, 9, 10, 11, 12, 13, 14, 15]
    (late,) = made([clip(source, 4, source_in=5)], tmp_path, by=LOSSLESS)
    assert [counted(frame) for frame in planes_of([late])] == [2, 2, 2, 8]


def test_what_an_edit_list_cuts_away_is_not_shown(media: Media, tmp_path: Path) -> None:
    whole = media.make(
        "whole.mp4",
        "-f",
        "lavfi",
        "-i",
        COUNTING.format(rate=24, seconds=1),
        "-c:v",
        "libx264",
        "-crf",
        "5",
        "-bf",
        "0",
    )
    cut = media.make("cut.mp4", "-ss", "0.5", "-i", str(whole), "-c", "copy")
    assert b"elst" in cut.read_bytes()
    assert [counted(frame) for frame in shown(cut, tmp_path, 12)] == list(range(12, 24))
    (late,) = made([clip(cut, 3, source_in=7)], tmp_path, by=LOSSLESS)
    assert [counted(frame) for frame in planes_of([late])] == [19, 20, 21]


def test_a_clip_that_is_shorter_than_its_transition_is_held(media: Media, tmp_path: Path) -> None:
    short = media.make(
        "short.mp4", "-f", "lavfi", "-i", COUNTING.format(rate=24, seconds=0.125), "-c:v", "libx264", "-crf", "5"
    )
    black = flat_picture(tmp_path / "black.png", (0, 0, 0))
    clips = [
        clip(black, 8, 1),
        clip(short, 3, 2, hold=5, source_frames=3, transition=begins(Transition.WIPE, 3, 4)),
        clip(black, 8, 3, transition=begins(Transition.WIPE, 4, 4)),
    ]
    segments = made(clips, tmp_path, by=LOSSLESS)
    frames = planes_of(segments)
    assert [segment.frames for segment in segments] == [5, 7, 8, 4]
    left = [round((int(frame.y[90, 1]) - 20) / 8) for frame in frames[7:12]]
    assert left == [0, 0, 1, 2, 2], "held until its cut, then as it is"


def test_a_video_whose_length_nobody_knew_holds_its_last_frame(media: Media, tmp_path: Path) -> None:
    short = media.make(
        "quarter.mp4", "-f", "lavfi", "-i", COUNTING.format(rate=24, seconds=0.25), "-c:v", "libx264", "-crf", "5"
    )
    assert [counted(frame) for frame in shown(short, tmp_path, 9)] == [0, 1, 2, 3, 4, 5, 5, 5, 5]
    (beyond,) = made([clip(short, 3, source_in=8)], tmp_path, by=LOSSLESS)
    assert [counted(frame) for frame in planes_of([beyond])] == [5, 5, 5]


@pytest.mark.parametrize(
    ("name", "maker"),
    [
        ("still.mp4", lambda media: media.picture().read_bytes()),
        ("still_avif.mp4", lambda media: media.make(
            "still.avif", "-f", "lavfi", "-i", "color=red:s=64x64", "-frames:v", "1", "-c:v", "libaom-av1",
        ).read_bytes()),
        ("page.mp4", lambda media: b"<!DOCTYPE html><html><body>504 Gateway Time-out</body></html>"),
        ("empty.mp4", lambda media: b""),
        ("hollow.mp4", lambda media: media.make(
            "hollow.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=1", "-frames:v", "0").read_bytes()),
        ("cut.mp4", lambda media: media.make(
            "long.mkv", "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=4").read_bytes()[:60_000]),
    ],
)  # fmt: skip
def test_what_is_no_whole_video_is_refused_with_its_shot_and_name(
    media: Media, tmp_path: Path, name: str, maker: object
) -> None:
    assert callable(maker)
    path = tmp_path / name
    path.write_bytes(maker(media))
    dissolve = begins(Transition.DISSOLVE, 2, 2)
    clips = [clip(media.picture(), 8, 1), clip(path, 8, 6, transition=dissolve)]
    with pytest.raises(UnreadableMediaError, match=rf"Shot 6: {name}"):
        made(clips, tmp_path / "cache")


@pytest.mark.parametrize("kind", ["hls", "concat", "dash", "vobsub", "image sequence"])
def test_a_list_that_poses_as_media_is_not_followed(media: Media, tmp_path: Path, kind: str) -> None:
    """The file that it names is a pipe: whoever opens it wakes the other end."""
    named = tmp_path / "secret.ts"
    os.mkfifo(named)
    opened: list[bool] = []

    def lie_in_wait() -> None:
        named.open("wb").close()
        opened.append(True)

    trap = threading.Thread(target=lie_in_wait)
    trap.start()
    posing = tmp_path / ("posing%d.mp4" if kind == "image sequence" else "posing.mp4")
    posing.write_text({
        "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{named}\n#EXT-X-ENDLIST\n",
        "concat": f"ffconcat version 1.0\nfile '{named}'\n",
        "dash": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{named}</BaseURL></MPD>',
        "vobsub": "# VobSub index file, v7 (do not modify this line!)\n",
        "image sequence": "P3 1 1 255 0 0 0",
    }[kind])  # fmt: skip
    try:
        with pytest.raises(UnreadableMediaError, match="Shot 1: posing"):
            made([clip(posing, 8)], tmp_path / "cache")
        assert not opened
    finally:
        named.open("rb").close()
        trap.join()
