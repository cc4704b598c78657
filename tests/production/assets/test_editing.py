"""What people change of characters, locations and props, and which version is used where. On both databases."""

import io
from pathlib import Path

import pytest
import sqlalchemy as sa
from PIL import Image
from support.making import KEY, Studio
from support.picture_bombs import picture_bomb
from support.stories import TWO_EPISODES, write_screenplay

from aianime_pipeline.db.models import Asset, AssetVersion, Event, Project, ProjectChange
from aianime_pipeline.errors import BadInputError, BadPictureError, NotFoundError, StaleVersionError
from aianime_pipeline.production.assets.checks import LARGEST_SIDE, changed_look, changed_voice, reference_png
from aianime_pipeline.production.assets.editing import (
    AssetChanges,
    change_asset,
    drop_reference,
    keep_version,
    set_style,
    upload_reference,
)
from aianime_pipeline.production.assets.reading import assets_in_takes, episodes_using, find_asset
from aianime_pipeline.production.assets.references import make_references
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.runs import StageName
from aianime_pipeline.production.shots.currency import out_of_date_shots
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers.local.looks import look_for
from aianime_pipeline.providers.local.voices import NARRATOR


def picture(width: int = 200, height: int = 100, format: str = "JPEG", mode: str = "RGB", **options: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, (width, height), "red").save(written, format, **options)
    return written.getvalue()


@pytest.fixture
def cast(studio: Studio, tmp_path: Path) -> Studio:
    """Two shots of 林夏 at no place, with their references made."""
    studio.storyboard(tmp_path, 2)
    references(studio)
    return studio


def references(studio: Studio) -> list[tuple[str, int, bool]]:
    run = studio.run()
    progress = studio.progress(run, StageName.REFERENCES)
    return sorted((one.name, one.version, one.made) for one in make_references(studio.place, run, progress))


def asset_id(studio: Studio, name: str = "林夏") -> int:
    with studio.place.database.read() as session:
        return session.scalars(sa.select(Asset.id).where(Asset.name == name)).one()


def change(
    studio: Studio, *, version: int = 1, who: str = "lin", name: str = "林夏", **changes: object
) -> AssetVersion:
    with studio.place.database.write() as session:
        wanted = AssetChanges(**changes)  # type: ignore[arg-type]
        return change_asset(session, asset_id(studio, name), wanted, version=version, who=who)


def versions(studio: Studio, name: str = "林夏") -> list[AssetVersion]:
    with studio.place.database.read() as session:
        return list(find_asset(session, asset_id(studio, name)).versions)


def out_of_date(studio: Studio) -> dict[Stage, list[int]]:
    with studio.place.database.read() as session:
        return out_of_date_shots(studio.place, session, find_episode(session, KEY))


def test_other_words_are_another_version_with_a_look_of_their_own_and_no_picture_yet(cast: Studio) -> None:
    made = change(cast, description="红发，\n 穿白衣")
    assert (made.version, made.description, made.state, made.reference_digest) == (2, "红发， 穿白衣", "pending", None)
    assert made.created_by == "lin"
    first, second = versions(cast)
    assert first.sheet["hair"]["colour"] != second.sheet["hair"]["colour"]
    assert (first.version, first.reference_digest is not None) == (1, True)
    assert references(cast) == [("林夏", 2, True)]


def test_a_look_is_changed_field_by_field_and_a_voice_keeps_the_picture(cast: Studio) -> None:
    made = change(cast, sheet={"hair": {"colour": "112233"}})
    assert made.sheet["hair"] == {**versions(cast)[0].sheet["hair"], "colour": "112233"}
    references(cast)
    spoken = change(cast, version=2, voice={"pitch": 20})
    assert (spoken.voice["pitch"], spoken.state) == (20, "ready")
    assert spoken.reference_digest == versions(cast)[1].reference_digest
    assert change(cast, version=3, voice={"pitch": 20}).version == 3


def test_a_change_of_an_older_version_is_refused_and_told_who_changed_it(cast: Studio) -> None:
    change(cast, voice={"rate": 200})
    with pytest.raises(StaleVersionError, match=r"in version 2, you saw 1\. lin changed it") as error:
        change(cast, voice={"rate": 210}, who="wu")
    assert error.value.details["last_by"] == "lin"


def test_a_change_makes_what_it_is_in_out_of_date_and_nothing_else(cast: Studio) -> None:
    cast.make(Stage.IMAGE)
    cast.make(Stage.VOICE)
    change(cast, voice={"pitch": 20})
    assert out_of_date(cast) == {Stage.VOICE: [1, 2]}
    change(cast, version=2, sheet={"face": "round"})
    assert out_of_date(cast) == {Stage.IMAGE: [1, 2], Stage.VOICE: [1, 2]}


def test_an_episode_that_keeps_to_a_version_goes_on_with_it(cast: Studio) -> None:
    cast.make(Stage.IMAGE)
    with cast.place.database.write() as session:
        keep_version(session, find_episode(session, KEY), asset_id(cast), 1, who="lin")
    change(cast, description="红发")
    assert out_of_date(cast) == {}
    assert references(cast) == [("林夏", 1, False)]
    with cast.place.database.read() as session:
        assert session.execute(episodes_using(asset_id(cast))).all() == [(KEY, 1)]
    with cast.place.database.write() as session:
        keep_version(session, find_episode(session, KEY), asset_id(cast), None, who="lin")
    assert out_of_date(cast) == {Stage.IMAGE: [1, 2]}
    with cast.place.database.read() as session:
        assert session.execute(episodes_using(asset_id(cast))).all() == [(KEY, None)]
        told = session.scalars(sa.select(Event.document).where(Event.kind == "asset").order_by(Event.id)).all()
    assert [(one["change"], one["version"]) for one in told] == [("kept", 1), ("changed", 2), ("kept", None)]


def test_only_what_the_episode_shows_in_a_version_that_is_there_can_be_kept(cast: Studio) -> None:
    with cast.place.database.write() as session, pytest.raises(NotFoundError, match="has no version 7"):
        keep_version(session, find_episode(session, KEY), asset_id(cast), 7, who="lin")
    with cast.place.database.write() as session, pytest.raises(NotFoundError, match="does not show the asset 99"):
        keep_version(session, find_episode(session, KEY), 99, 1, who="lin")


def test_a_take_says_which_versions_it_was_made_from(cast: Studio) -> None:
    cast.make(Stage.IMAGE)
    cast.make(Stage.VOICE)
    change(cast, description="红发")
    references(cast)
    cast.make(Stage.IMAGE, cast.run(shots=[1], force=True))
    with cast.place.database.read() as session:
        project = find_episode(session, KEY).project_id
        images = assets_in_takes(session, project, cast.takes(1, Stage.IMAGE))
        [voice] = assets_in_takes(session, project, cast.takes(1, Stage.VOICE)[:1])
    used = [[(use.name, use.version) for use in uses] for uses in images]
    spoken = [(use.name, use.version) for use in voice]
    assert used == [[("林夏", 1)], [("林夏", 2)]]
    # Both speak with the same voice: the newest is told.
    assert spoken in ([("林夏", 2)], [("林夏", 1)])


def test_a_picture_that_somebody_brings_is_the_reference_of_a_new_version(cast: Studio) -> None:
    made = upload_reference(cast.place, asset_id(cast), picture(), version=1, who="lin")
    assert (made.version, made.state, made.uploaded, made.created_by) == (2, "ready", True, "lin")
    assert made.sheet == versions(cast)[0].sheet
    assert made.reference_digest is not None
    with cast.place.store.open(made.reference_digest) as file, Image.open(file) as kept:
        assert (kept.format, kept.size) == ("PNG", (200, 100))
    assert references(cast) == [("林夏", 2, False)]
    # The same picture again is no other version, and without it one is made.
    assert upload_reference(cast.place, asset_id(cast), picture(), version=2, who="wu").version == 2
    with cast.place.database.write() as session:
        assert drop_reference(session, asset_id(cast), version=2, who="wu").state == "pending"
    assert references(cast) == [("林夏", 3, True)]


def test_what_is_kept_of_an_uploaded_picture_is_its_pixels_alone(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112], exif[0x010E] = 6, "a secret place"
    lying = Image.open(io.BytesIO(reference_png(picture(4000, 1000, exif=exif.tobytes()), tmp_path)))
    assert lying.size == (LARGEST_SIDE // 4, LARGEST_SIDE)
    assert b"secret" not in reference_png(picture(200, 100, exif=exif.tobytes()), tmp_path)
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    written = io.BytesIO()
    clear.save(written, "PNG")
    white = Image.open(io.BytesIO(reference_png(written.getvalue(), tmp_path)))
    assert (white.mode, white.getpixel((5, 5))) == ("RGB", (255, 255, 255))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "does not open as a picture"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "does not open as a picture"),
        (picture()[:200], "does not open as a picture"),
        (picture_bomb(), "pixels"),
        (picture_bomb(8000, 8000), "it is read up to 40 megapixels"),
        (picture(63, 100), "each side takes 64 at least"),
    ],
)
def test_what_is_no_picture_or_too_large_a_one_is_refused_and_names_no_path(
    tmp_path: Path, data: bytes, told: str
) -> None:
    with pytest.raises(BadPictureError, match=told) as error:
        reference_png(data, tmp_path)
    assert str(tmp_path) not in f"{error.value.message} {error.value.details}"


def test_what_a_look_or_a_voice_cannot_have_is_refused_with_the_field(cast: Studio) -> None:
    look = look_for("character", "林夏", "女，22岁")
    for changes, field in (
        ({"wings": "two"}, "sheet.wings"),
        ({"name": "他"}, "sheet.name"),
        ({"hair": "red"}, "sheet.hair"),
        ({"hair": {"colour": "red"}}, "sheet.hair.colour"),
        ({"build": {"heads": "many"}}, "sheet.build.heads"),
        ({"build": {"heads": float("nan")}}, "sheet.build.heads"),
        ({"accessories": "ring"}, "sheet.accessories"),
        ({"face": "a\nb"}, "sheet.face"),
    ):
        with pytest.raises(BadInputError) as error:
            changed_look("character", "林夏", "", look, changes)
        assert error.value.details == {"field": field}
    for voice, field in (
        ({"engine": "other"}, "voice.engine"),
        ({"variant": "m99"}, "voice.variant"),
        ({"pitch": 101}, "voice.pitch"),
        ({"rate": True}, "voice.rate"),
    ):
        with pytest.raises(BadInputError) as error:
            changed_voice(NARRATOR, voice)
        assert error.value.details == {"field": field}
    with pytest.raises(BadInputError, match="it takes 4,000 at most"):
        change(cast, description="字" * 4001)


def test_importing_the_same_file_again_leaves_what_a_person_changed(studio: Studio, tmp_path: Path) -> None:
    text = TWO_EPISODES.replace("第1集", "人物小传\n林夏：女，22岁，白衣\n第1集", 1)
    import_file(studio.place, write_screenplay(tmp_path, text), project="p")
    change(studio, description="红衣")
    import_file(studio.place, write_screenplay(tmp_path, text), project="p")
    assert [one.description for one in versions(studio)][1:] == ["红衣"]
    import_file(studio.place, write_screenplay(tmp_path, text.replace("白衣", "黑衣")), project="p")
    assert "黑衣" in versions(studio)[-1].description


def test_only_a_character_has_a_voice(studio: Studio, tmp_path: Path) -> None:
    import_file(studio.place, write_screenplay(tmp_path), project="p")
    with pytest.raises(BadInputError, match="青石渡口 is a location; only characters have a voice"):
        change(studio, name="青石渡口", voice={"pitch": 20})


def test_a_style_is_changed_on_record(cast: Studio) -> None:
    with cast.place.database.write() as session:
        set_style(session, session.scalars(sa.select(Project)).one(), style="水墨", who="lin")
    assert cast.rows(Project)[0].style == "水墨"
    [record] = cast.rows(ProjectChange)
    assert (record.who, record.field, record.after) == ("lin", "style.style", {"value": "水墨"})
