"""A film joined by its sample tables: what a player, a decoder and a probe find in it."""

import resource
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import av
import pytest
from support.film_media import Media, ffmpeg
from support.mp4_pieces import bytes_digest, frame_digests, segments, sound, subtitles

from aianime_pipeline.errors import BadSettingError, DiskFullError
from aianime_pipeline.film.cache import part_beside
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.mp4 import TextTrack, copying, join, join_movie


def pictures_of(path: Path) -> "list[av.Packet[av.VideoStream]]":
    with av.open(str(path)) as container:
        return [packet for packet in container.demux(container.streams.video[0]) if packet.size]


@pytest.mark.parametrize("codec", ["h264", "h265", "av1"])
def test_every_frame_comes_out_as_its_segment_has_it_one_after_the_other(
    media: Media, tmp_path: Path, codec: str
) -> None:
    counts = [24, 1, 2, 3, 30] if codec == "h264" else [24, 13, 30]
    pieces = segments(media, *counts, codec=codec)
    film = tmp_path / "film.mp4"
    join_movie(film, pictures=pieces)
    assert frame_digests(film) == [digest for piece in pieces for digest in frame_digests(piece.path)]
    packets = pictures_of(film)
    assert sorted(packet.pts or 0 for packet in packets) == [1000 * frame for frame in range(sum(counts))]
    keys = {packet.pts for packet in packets if packet.is_keyframe}
    assert {1000 * sum(counts[:shot]) for shot in range(len(counts))} <= keys < {packet.pts for packet in packets}
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert stream.time_base == Fraction(1, 24000)
        assert (stream.start_time, stream.duration) == (0, 1000 * sum(counts))
        assert stream.codec_context.width == 320


def test_the_joined_frames_are_those_that_ffmpegs_own_join_gives(media: Media, tmp_path: Path) -> None:
    pieces = segments(media, 24, 3, 30)
    listed = tmp_path / "list.ffconcat"
    listed.write_text("ffconcat version 1.0\n" + "".join(f"file '{piece.path}'\n" for piece in pieces))
    ffmpeg("-f", "concat", "-safe", "0", "-i", listed, "-c", "copy", tmp_path / "theirs.mp4")
    join_movie(tmp_path / "ours.mp4", pictures=pieces)
    assert frame_digests(tmp_path / "ours.mp4") == frame_digests(tmp_path / "theirs.mp4")


def test_the_sound_is_the_same_to_the_sample(media: Media, tmp_path: Path) -> None:
    heard, film = sound(media, 2.0), tmp_path / "film.mp4"
    join_movie(film, pictures=segments(media, 24, 24), sound=heard)
    assert frame_digests(film, stream="0:a:0") == frame_digests(heard, stream="0:a:0")
    with av.open(str(film)) as container:
        track = container.streams.audio[0]
        assert (track.start_time, track.duration, track.time_base) == (0, 96_000, Fraction(1, 48_000))


def test_subtitles_are_offered_by_language_and_only_the_default_is_on(media: Media, tmp_path: Path) -> None:
    texts = [
        TextTrack(subtitles(tmp_path / "zh.mp4", "你好，{x}", "再见"), "zho", default=True, name="中文"),
        TextTrack(subtitles(tmp_path / "en.mp4", "Hello", "<i>Goodbye</i>"), "eng", name="English"),
    ]
    film = tmp_path / "film.mp4"
    join_movie(film, pictures=segments(media, 24), sound=sound(media, 1.0), texts=texts)
    with av.open(str(film)) as container:
        streams = container.streams.subtitles
        assert [(track.metadata["language"], track.metadata["handler_name"]) for track in streams] == [
            ("zho", "中文"),
            ("eng", "English"),
        ]
        assert [bool(track.disposition & av.stream.Disposition.default) for track in streams] == [True, False]
        found = [
            (packet.stream.index, packet.pts, packet.duration, bytes(packet)[2:].decode())
            for packet in container.demux(streams)
            if packet.size > 2
        ]
    assert sorted(found) == [
        (2, 100_000, 300_000, "你好，{x}"),
        (2, 600_000, 300_000, "再见"),
        (3, 100_000, 300_000, "Hello"),
        (3, 600_000, 300_000, "<i>Goodbye</i>"),
    ]


def test_tags_and_cover_can_be_read_again(media: Media, tmp_path: Path) -> None:
    tags = {
        "title": "月光\n'夜'; {x}",
        "comment": "👨‍👩‍👧",
        "description": "d" * 3000,
        "AI_generated": "是",
        "artist": "",
    }
    poster = media.picture().read_bytes()
    film = tmp_path / "film.mp4"
    join_movie(film, pictures=segments(media, 3), tags=tags, poster=poster)
    with av.open(str(film)) as container:
        found = dict(container.metadata)
        cover = container.streams.video[1]
        assert bytes(next(packet for packet in container.demux(cover) if packet.size)) == poster
    assert {key: text for key, text in found.items() if key in tags} == {
        key: text for key, text in tags.items() if text
    }


def test_what_cannot_be_written_is_refused(media: Media, tmp_path: Path) -> None:
    film, pieces = tmp_path / "film.mp4", segments(media, 3)
    with pytest.raises(BadSettingError, match="JPEG or PNG"):
        join_movie(film, pictures=pieces, poster=b"GIF89a")
    with pytest.raises(BadSettingError, match="'zh' is no language code"):
        join_movie(film, pictures=pieces, texts=[TextTrack(subtitles(tmp_path / "zh.mp4", "a"), "zh")])
    with pytest.raises(BadSettingError, match="at least one segment"):
        join_movie(film, pictures=[])
    assert not film.exists()


def test_tables_stand_in_front_and_the_tracks_take_turns_every_half_second(media: Media, tmp_path: Path) -> None:
    film = tmp_path / "film.mp4"
    join_movie(film, pictures=segments(media, 48, 24), sound=sound(media, 3.0))
    content = film.read_bytes()
    assert 0 < content.index(b"moov") < content.index(b"mdat") < 20_000
    with av.open(str(film)) as container:
        places = sorted((packet.pos, packet.stream.type, packet.dts) for packet in container.demux() if packet.size)
    turns = sum(before[1] != after[1] for before, after in pairwise(places))
    assert turns == 11  # six half seconds of each, one after the other
    assert max(at or 0 for at, _, _ in places) < film.stat().st_size


def test_equal_pieces_give_equal_bytes(media: Media, tmp_path: Path) -> None:
    for name in ("one.mp4", "two.mp4"):
        join_movie(tmp_path / name, pictures=segments(media, 24, 3), sound=sound(media, 1.0), tags={"title": "x"})
    assert bytes_digest(tmp_path / "one.mp4") == bytes_digest(tmp_path / "two.mp4")


@pytest.mark.parametrize("ways", [["_by_sendfile", "_by_hand"], ["_by_hand"]])
def test_a_file_system_that_cannot_copy_by_itself_gives_the_same_film(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ways: list[str]
) -> None:
    def refused(*_: int) -> int:
        raise OSError(18, "Invalid cross-device link")

    pieces = segments(media, 24, 3)
    join_movie(tmp_path / "one.mp4", pictures=pieces)
    for name in {"_by_copy_file_range", "_by_sendfile"} - set(ways):
        monkeypatch.setattr(copying, name, refused)
    join_movie(tmp_path / "two.mp4", pictures=pieces)
    assert bytes_digest(tmp_path / "one.mp4") == bytes_digest(tmp_path / "two.mp4")


def test_more_segments_than_files_may_be_open_give_the_same_film(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces = segments(media, 3, 2, 1, 3)
    join_movie(tmp_path / "one.mp4", pictures=pieces, sound=sound(media, 1.0))
    monkeypatch.setattr(copying, "_KEPT_OPEN", 1)
    join_movie(tmp_path / "two.mp4", pictures=pieces, sound=sound(media, 1.0))
    assert bytes_digest(tmp_path / "one.mp4") == bytes_digest(tmp_path / "two.mp4")


def test_a_film_beyond_four_gigabytes_has_wide_offsets(
    media: Media, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(join, "_LARGEST_32", 4000)
    pieces, film = segments(media, 24, 3), tmp_path / "film.mp4"
    join_movie(film, pictures=pieces, sound=sound(media, 1.0))
    head = film.read_bytes()[:8000]
    assert b"co64" in head
    assert b"stco" not in head
    assert head[head.index(b"mdat") - 4 :][:4] == b"\0\0\0\1"
    assert frame_digests(film) == [digest for piece in pieces for digest in frame_digests(piece.path)]
    assert frame_digests(film, stream="0:a:0") == frame_digests(sound(media, 1.0), stream="0:a:0")


def test_a_cancelled_join_stops_and_progress_reaches_the_end(media: Media, tmp_path: Path) -> None:
    told: list[float] = []
    join_movie(tmp_path / "film.mp4", pictures=segments(media, 24), on_share=told.append)
    assert told[0] == 0.0
    assert told[-1] == 1.0
    assert told == sorted(told)
    with pytest.raises(FfmpegCancelled):
        join_movie(tmp_path / "film.mp4", pictures=segments(media, 24), cancelled=lambda: True)


@pytest.fixture
def no_file_beyond_twenty_kilobytes() -> Iterator[None]:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, limits)


def test_a_full_disk_is_told_as_such_and_leaves_nothing(
    media: Media, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    pieces = segments(media, 24, 30)
    request.getfixturevalue("no_file_beyond_twenty_kilobytes")
    with pytest.raises(DiskFullError, match=r"film\.mp4"), part_beside(tmp_path / "film.mp4") as part:
        join_movie(part, pictures=pieces)
    assert list(tmp_path.iterdir()) == []
