"""Files that do not fit, or are damaged: refused with the shot's name and both facts, never joined anyway."""

import struct
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.film_media import Media, ffmpeg
from support.mp4_pieces import segment, segments, sound

from aianime_pipeline.errors import FilmMismatchError, MediaError, UnreadableMediaError
from aianime_pipeline.film.mp4 import PictureSegment, copying, join_movie


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ("-vf scale=160:90", "its size is 160x90, that of shot 1 (segment 1 of 2) 320x180."),
        ("-profile:v main", "its avcC is"),
        ("-video_track_timescale 12000", "its time scale is 12000 ticks a second, that of shot 1 "),
        ("-r 12", "its frame is 2000 ticks long, that of shot 1 "),
        ("-x264-params bframes=0:stitchable=1", "its edit list's beginning is at tick 0, that of shot 1 "),
        ("-vf setpts=PTS+gte(N\\,8)*3000 -fps_mode vfr", "its frames are to last equally long, but last"),
        ("-movflags frag_keyframe+empty_moov", "fragmented"),
        ("-color_primaries bt709 -color_trc bt709 -colorspace bt709", "its avcC is …"),
    ],
)
def test_a_segment_unlike_the_first_is_refused(media: Media, tmp_path: Path, options: str, words: str) -> None:
    odd = PictureSegment(segment(media, 12, options=options), 12, "shot 7")
    with pytest.raises(MediaError) as refused:
        join_movie(tmp_path / "film.mp4", pictures=[*segments(media, 12), odd])
    assert refused.value.message.startswith("shot 7 (segment 2 of 2): ")
    assert words in refused.value.message
    assert not (tmp_path / "film.mp4").exists()


def test_another_codec_is_refused(media: Media, tmp_path: Path) -> None:
    with pytest.raises(FilmMismatchError, match=r"its codec is av01, that of shot 1 .* avc1"):
        join_movie(
            tmp_path / "film.mp4",
            pictures=[
                *segments(media, 12),
                replace(segments(media, 12, codec="av1")[0], label="shot 2"),
            ],
        )


def test_a_frame_too_few_is_refused(media: Media, tmp_path: Path) -> None:
    pieces = segments(media, 12, 13)
    with pytest.raises(FilmMismatchError, match=r"shot 2 \(segment 2 of 2\): it has 13 frames instead of 14\."):
        join_movie(tmp_path / "film.mp4", pictures=[pieces[0], replace(pieces[1], frames=14)])


def test_a_file_of_another_kind_is_refused(media: Media, tmp_path: Path) -> None:
    pieces = segments(media, 12)
    with pytest.raises(UnreadableMediaError, match="the sound: its track is of the kind b'vide', not soun"):
        join_movie(tmp_path / "film.mp4", pictures=pieces, sound=pieces[0].path)
    with pytest.raises(UnreadableMediaError, match=r"shot 1 .*: its track is of the kind b'soun'"):
        join_movie(tmp_path / "film.mp4", pictures=[replace(pieces[0], path=sound(media, 1.0))])
    with pytest.raises(UnreadableMediaError, match=r"shot 1 .*: none\.mp4 cannot be opened"):
        join_movie(tmp_path / "film.mp4", pictures=[replace(pieces[0], path=tmp_path / "none.mp4")])
    both = tmp_path / "both.mp4"
    ffmpeg("-i", pieces[0].path, "-i", sound(media, 1.0), "-c", "copy", both)
    with pytest.raises(UnreadableMediaError, match="its moov box has 2 trak boxes instead of 1"):
        join_movie(tmp_path / "film.mp4", pictures=[replace(pieces[0], path=both)])


def patched(content: bytes, kind: bytes, at: int, layout: str, *numbers: int) -> bytes:
    """The first box of this kind, with numbers written `at` bytes after its name."""
    place = content.rindex(kind) + 4 + at
    new = struct.pack(layout, *numbers)
    return content[:place] + new + content[place + len(new) :]


@pytest.mark.parametrize(
    ("kind", "at", "layout", "numbers", "words"),
    [
        (b"stsz", 8, ">I", (0xFFFF_FFFF,), "its stsz box says 4294967295 samples"),
        (b"stsz", 4, ">II", (1, 0xFFFF_FFFF), "its stsz box says 4294967295 samples"),
        (b"stsz", 4, ">II", (0, 0), "its track has no samples"),
        (b"stts", 8, ">I", (0xFFFF_FFFF,), "its stts box says 4294967295 samples, its stsz box 12"),
        (b"stts", 4, ">I", (0xFFFF_FFFF,), "its stts box says 4294967295 rows"),
        (b"ctts", 4, ">I", (0x7FFF_FFFF,), "its ctts box says 2147483647 rows"),
        (b"stsc", 12, ">I", (0xFFFF_FFFF,), "its stsc box says 4294967295 samples"),
        (b"stsc", 8, ">I", (0,), "its stsc box does not say what is in each chunk"),
        (b"stco", 8, ">I", (0xFFFF_FF00,), "lies at byte 4294967040, outside of the"),
        (b"stss", 8, ">I", (0,), "its stss box names samples that are not among its 12"),
        (b"stss", 8, ">I", (2,), "its first frame is no key frame"),
        (b"elst", 4, ">I", (0xFFFF_FFFF,), "its elst box says 4294967295 rows"),
        (b"elst", 8, ">I", (3,), "its edit list plays 0.003 s of 0.500 s"),
        (b"elst", 12, ">i", (-1,), "its edit list has 1 entries"),
        (b"elst", 16, ">I", (0x2_0000,), "at 2.0 times its speed"),
        (b"mdhd", 12, ">I", (0,), "a time scale of 0"),
        (b"stbl", -8, ">I", (0,), "its stbl box in minf says 0 bytes"),
        (b"stbl", -8, ">I", (0xFFFF_FFFF,), "its stbl box in minf says 4294967295 bytes"),
        (b"mdat", -8, ">I", (4,), "its mdat box at byte 40 says 4 bytes"),
        (b"mdat", -8, ">I", (0,), "it has no moov box"),
        (b"url ", 0, ">I", (0,), "its samples lie in another file"),
        (b"stsd", 4, ">I", (2,), "2 sample entries instead of 1"),
    ],
)
def test_a_box_that_lies_is_refused(
    media: Media, tmp_path: Path, kind: bytes, at: int, layout: str, numbers: tuple[int, ...], words: str
) -> None:
    lying = tmp_path / "lying.mp4"
    lying.write_bytes(patched(segment(media, 12).read_bytes(), kind, at, layout, *numbers))
    with pytest.raises(MediaError) as refused:
        join_movie(tmp_path / "film.mp4", pictures=[*segments(media, 12), PictureSegment(lying, 12, "shot 2")])
    assert words in refused.value.message
    assert refused.value.message.startswith("shot 2 (segment 2 of 2): ")


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.98])
def test_a_cut_file_is_refused(media: Media, tmp_path: Path, share: float) -> None:
    whole, cut = segment(media, 12).read_bytes(), tmp_path / "cut.mp4"
    cut.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(UnreadableMediaError):
        join_movie(tmp_path / "film.mp4", pictures=[PictureSegment(cut, 12, "shot 1")])


def test_a_file_that_was_replaced_meanwhile_is_refused(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copying, "_KEPT_OPEN", 1)
    mine = tmp_path / "mine.mp4"
    mine.write_bytes(segment(media, 12).read_bytes())

    def replaced(share: float) -> None:
        other = tmp_path / "other.mp4"
        other.write_bytes(segment(media, 12).read_bytes())
        other.replace(mine)

    pieces = [*segments(media, 12), PictureSegment(mine, 12, "shot 2"), *segments(media, 13)]
    with pytest.raises(FilmMismatchError, match=r"mine\.mp4 was replaced"):
        join_movie(tmp_path / "film.mp4", pictures=pieces, on_share=replaced)


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_no_flipped_byte_in_the_tables_does_more_than_be_refused(
    media: Media, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    content = bytearray(segment(media, 12).read_bytes())
    begins = content.rindex(b"moov") - 4
    flips = data.draw(st.lists(st.tuples(st.integers(begins, len(content) - 1), st.integers(0, 255)), max_size=4))
    for place, value in flips:
        content[place] = value
    folder = tmp_path_factory.mktemp("flipped")
    (folder / "flipped.mp4").write_bytes(content)
    try:
        join_movie(folder / "film.mp4", pictures=[PictureSegment(folder / "flipped.mp4", 12, "shot 1")])
    except MediaError:
        assert flips
    else:
        assert (folder / "film.mp4").stat().st_size > 1000
