"""What is let in as media, and what is turned away, whatever it is called."""

from pathlib import Path

import pytest
from support.film_media import Media

from aianime_pipeline.errors import UnreadableMediaError
from aianime_pipeline.film.sources import probe_media


def test_a_video_tells_its_size_rate_length_and_sound(media: Media) -> None:
    facts = probe_media(media.talking_video("talk.mp4"))
    assert facts.video is not None
    assert facts.sound is not None
    assert (facts.video.width, facts.video.height, facts.video.rate, facts.video.frames) == (640, 360, 30, 60)
    assert (facts.sound.rate, facts.sound.channels) == (44_100, 1)
    assert facts.seconds == pytest.approx(2.0, abs=0.05)


def test_a_name_with_odd_characters_is_only_a_name(media: Media, tmp_path: Path) -> None:
    for name in ['it\'s a "shot".mp4', "concat:a|b.mp4", "-i.mp4", "100%d.mp4", "镜头 1.mp4"]:
        copy = tmp_path / name
        copy.write_bytes(media.video("v.mp4").read_bytes())
        assert probe_media(copy, needs="video").video is not None


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.mp4", b"<!DOCTYPE html><html><body>504 Gateway Time-out</body></html>"),
        ("error.mp4", b'{"error": {"code": "content_policy"}}'),
        ("empty.mp4", b""),
        ("zeros.mp4", bytes(4096)),
    ],
)
def test_what_is_no_media_is_refused_by_its_contents(tmp_path: Path, name: str, content: bytes) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UnreadableMediaError, match=name):
        probe_media(path)


def test_a_playlist_is_never_followed(media: Media, tmp_path: Path) -> None:
    shot = tmp_path / "shot.ts"
    shot.write_bytes(media.make("shot.ts", "-i", str(media.video("v.mp4")), "-c", "copy").read_bytes())
    assert probe_media(shot).video is not None
    lists = {
        "hls.mp4": f"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\n{shot}\n#EXT-X-ENDLIST\n",
        "concat.mp4": f"ffconcat version 1.0\nfile '{shot}'\n",
        "dash.mp4": f'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{shot}</BaseURL></MPD>',
    }
    for name, content in lists.items():
        (tmp_path / name).write_text(content)
        with pytest.raises(UnreadableMediaError, match=name):
            probe_media(tmp_path / name)


def test_a_picture_called_mp4_is_no_video(media: Media, tmp_path: Path) -> None:
    path = tmp_path / "picture.mp4"
    path.write_bytes(media.picture().read_bytes())
    with pytest.raises(UnreadableMediaError, match=r"picture\.mp4"):
        probe_media(path)


@pytest.mark.parametrize("kind", ["front.mp4", "back.mp4", "cut.mkv"])
def test_a_file_that_was_cut_short_is_refused(media: Media, tmp_path: Path, kind: str) -> None:
    options = ["-movflags", "+faststart"] if kind.startswith("front") else []
    whole = media.make(kind, "-f", "lavfi", "-i", "testsrc2=s=320x180:r=24:d=4", *options)
    probe_media(whole)
    data = whole.read_bytes()
    path = tmp_path / kind
    path.write_bytes(data[: len(data) * 6 // 10])
    with pytest.raises(UnreadableMediaError, match=kind):
        probe_media(path)


def test_what_is_needed_must_be_there(media: Media, tmp_path: Path) -> None:
    with pytest.raises(UnreadableMediaError, match="has no sound"):
        probe_media(media.video("v.mp4"), needs="sound")
    with pytest.raises(UnreadableMediaError, match="has no video"):
        probe_media(media.voice(), needs="video")
    with pytest.raises(UnreadableMediaError, match="not there"):
        probe_media(tmp_path / "gone.mp4")


def test_a_song_with_a_cover_has_no_moving_picture(media: Media) -> None:
    song = media.make(
        "cover.mp3", "-i", str(media.voice()), "-i", str(media.picture()), "-map", "0:a", "-map", "1:v",
        "-c:v", "copy", "-disposition:v", "attached_pic",
    )  # fmt: skip
    facts = probe_media(song)
    assert facts.video is None
    assert facts.sound is not None


def test_a_container_without_a_frame_is_refused(media: Media) -> None:
    hollow = media.make("hollow.mkv", "-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=1", "-frames:v", "0")
    with pytest.raises(UnreadableMediaError, match=r"hollow\.mkv"):
        probe_media(hollow)
