"""What all the editors' formats have in common: names of media, the report, and nothing left behind."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.editors_edits import TITLE, Edit
from support.film_media import Media, digest

from aianime_pipeline.errors import NotFoundError, UnknownFormatError, UnreadableMediaError
from aianime_pipeline.film.ffmpeg import FfmpegCancelled
from aianime_pipeline.film.interchange import FORMATS, MediaPaths, collect_media, export_timeline, name_media
from aianime_pipeline.film.interchange.losses import Losses


def test_media_get_readable_names_and_each_file_is_there_once(edit: Edit) -> None:
    names = sorted(file.path for file in edit.media.files.values())
    assert names == [
        "media/effect-004.wav", "media/line-002.wav", "media/music.wav", "media/shot-001.mp4", "media/shot-003.png",
        "media/shot-004.mp4", "media/shot-007.png",
    ]  # fmt: skip
    assert sorted(path.name for path in (edit.folder / "media").iterdir()) == [name[6:] for name in names]
    for key, file in edit.media.files.items():
        assert digest(edit.folder / file.path) == key


def test_two_sounds_of_one_shot_have_two_names_and_a_suffix_is_never_believed(edit: Edit, tmp_path: Path) -> None:
    odd = tmp_path / "voice.%00;rm -rf"
    odd.write_bytes(edit.timeline.effects[0].source.read_bytes() + b"\0")
    other = replace(edit.timeline.effects[0], source=odd, digest=digest(odd))
    media = name_media(replace(edit.timeline, effects=(edit.timeline.effects[0], other)))
    assert media[other.digest].path == "media/effect-004-2.wav"


@pytest.mark.parametrize(
    ("made", "called"),
    [("theme.mp3", "theme.mp3"), ("theme.m4a", "theme.m4a"), ("theme.flac", "theme.flac"), ("theme.ogg", "theme.ogg"),
     ("theme.aac", "theme.aac"), ("theme.wav", "theme.wav"), ("theme.mka", "theme.mka"), ("theme.opus", "theme.ogg")],
)  # fmt: skip
def test_a_stored_sound_without_a_name_gets_the_ending_of_what_is_in_it(
    edit: Edit, media: Media, tmp_path: Path, made: str, called: str
) -> None:
    sound = media.music(made, seconds=1)
    stored = tmp_path / digest(sound)
    stored.write_bytes(sound.read_bytes())
    assert edit.timeline.music is not None
    music = replace(edit.timeline.music, source=stored, digest=stored.name)
    named = name_media(replace(edit.timeline, music=music))
    assert named[stored.name].path == f"media/music{Path(called).suffix}"


@pytest.mark.parametrize(
    ("name", "source", "wanted"),
    [("theme.wav", "theme.mp3", ".mp3"), ("theme.opus", "theme.opus", ".opus"), ("theme.mp4", "theme.m4a", ".mp4")],
)
def test_an_ending_stays_only_where_it_is_one_of_the_contents(
    edit: Edit, media: Media, tmp_path: Path, name: str, source: str, wanted: str
) -> None:
    path = tmp_path / name
    path.write_bytes(media.music(source, seconds=1).read_bytes())
    assert edit.timeline.music is not None
    music = replace(edit.timeline.music, source=path, digest=digest(path))
    assert name_media(replace(edit.timeline, music=music))[digest(path)].path == f"media/music{wanted}"


@pytest.mark.parametrize(("kind", "ending"), [("JPEG", "jpg"), ("WEBP", "webp"), ("PNG", "png"), ("TIFF", "tif")])
@pytest.mark.parametrize("name", ["stored", "shown.png"])
def test_a_still_gets_the_ending_of_its_format(edit: Edit, tmp_path: Path, kind: str, ending: str, name: str) -> None:
    path = tmp_path / name
    Image.new("RGB", (32, 18), "red").save(path, kind)
    clips = (*edit.timeline.clips[:6], replace(edit.timeline.clips[6], source=path, digest=digest(path)))
    named = name_media(replace(edit.timeline, clips=clips, effects=(), markers=()))
    assert named[digest(path)].path == f"media/shot-007.{ending}"


def test_a_stored_webm_and_a_video_heard_as_an_effect_are_called_what_they_are(
    edit: Edit, media: Media, tmp_path: Path
) -> None:
    videos = media.video("a.webm", size="64x36", seconds=0.5), media.talking_video("b.mp4", size="64x36", seconds=1)
    webm, talking = (tmp_path / digest(video) for video in videos)
    for stored, video in zip((webm, talking), videos, strict=True):
        stored.write_bytes(video.read_bytes())
    clips = (replace(edit.timeline.clips[0], source=webm, digest=webm.name), *edit.timeline.clips[1:])
    effects = (replace(edit.timeline.effects[0], source=talking, digest=talking.name),)
    named = name_media(replace(edit.timeline, clips=clips, effects=effects))
    assert named[webm.name].path == "media/shot-001.mkv"
    assert (named[talking.name].path, named[talking.name].kind) == ("media/effect-004.mp4", "sound")


def test_collecting_twice_into_one_folder_gives_the_same(edit: Edit) -> None:
    assert collect_media(edit.timeline, edit.folder) == edit.media
    assert not [path for path in (edit.folder / "media").iterdir() if path.name.startswith(".part")]


def test_an_absolute_folder_is_written_as_a_file_url(edit: Edit) -> None:
    media = edit.media.under("/Volumes/第 1/media")
    assert media[edit.timeline.clips[0].digest].url == "file:///Volumes/%E7%AC%AC%201/media/shot-001.mp4"
    windows = edit.media.under("D:\\edit\\media\\")
    assert windows[edit.timeline.clips[0].digest].url == "file:///D:/edit/media/shot-001.mp4"
    export_timeline(edit.timeline, "fcpxml", edit.folder / "a.fcpxml", title=TITLE, media=media)
    assert 'src="file:///Volumes/' in (edit.folder / "a.fcpxml").read_text("utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_each_format_says_what_it_cannot_hold_and_leaves_no_stray_file(edit: Edit, name: str) -> None:
    path = edit.folder / f"film{FORMATS[name].suffix}"
    report = export_timeline(edit.timeline, name, path, title=TITLE, media=edit.media)
    assert (report.path, report.format) == (path, name)
    assert "The camera move “push” of shot 3 is not in the file: it stands still." in report.losses
    assert any("ducking" in loss for loss in report.losses)
    assert "In place of shot 7 is a slate, as a still." in report.losses
    assert len(set(report.losses)) == len(report.losses)
    assert sorted(one.name for one in edit.folder.iterdir()) == sorted(["media", path.name])


@pytest.mark.parametrize("name", ["otioz", "jianying"])
def test_an_export_that_is_stopped_leaves_the_file_that_was_there(edit: Edit, name: str) -> None:
    path = edit.folder / "film.zip"
    path.write_bytes(b"before")
    asked = iter([False, False, True])
    with pytest.raises(FfmpegCancelled):
        export_timeline(edit.timeline, name, path, title=TITLE, media=edit.media, cancelled=lambda: next(asked, True))
    assert path.read_bytes() == b"before"
    assert sorted(one.name for one in edit.folder.iterdir()) == ["film.zip", "media"]


def test_an_unknown_format_and_a_source_without_a_name_are_refused(edit: Edit) -> None:
    with pytest.raises(UnknownFormatError, match="otioz"):
        edit.export("aaf", "film.aaf")
    with pytest.raises(NotFoundError, match="no media"):
        export_timeline(edit.timeline, "otio", edit.folder / "a.otio", title="", media=MediaPaths({}))


def test_a_picture_that_is_none_is_refused_by_name(edit: Edit, tmp_path: Path) -> None:
    broken = tmp_path / "broken.png"
    broken.write_bytes(b"<html>")
    clips = (*edit.timeline.clips[:6], replace(edit.timeline.clips[6], source=broken), *edit.timeline.clips[7:])
    with pytest.raises(UnreadableMediaError, match=r"broken\.png"):
        name_media(replace(edit.timeline, clips=clips))


def test_a_gain_beyond_a_format_s_end_is_told(edit: Edit) -> None:
    speech = (replace(edit.timeline.speech[0], gain_db=40.0), *edit.timeline.speech[1:])
    loud = replace(edit, timeline=replace(edit.timeline, speech=speech))
    assert "The format ends at 12 dB of gain: 1 sound should have more." in loud.export("fcp7", "a.xml").losses
    assert "JianYing ends at 20 dB of gain: 1 sound should have more." in loud.export("jianying", "a.zip").losses


def test_a_long_list_of_shots_is_cut_and_counted() -> None:
    losses = Losses()
    losses.shots(range(1, 31), "{shots} is", "{shots} are")
    losses.shots([7], "{shots} is", "{shots} are")
    losses.shots([], "{shots} is", "{shots} are")
    assert losses.sentences == ("shots 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 18 more are", "shot 7 is")
