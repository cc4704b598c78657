"""What a project's owner decides about its films, and that it is recorded."""

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from support.making import Studio

from aianime_pipeline.db.models import Project
from aianime_pipeline.errors import BadSettingError, NotFoundError, StateError, UnreadableMediaError
from aianime_pipeline.film.drawing.style import SubtitleStyle
from aianime_pipeline.film.drawing.watermark import Watermark
from aianime_pipeline.film.presets.presets import BUILT_IN, ExportPreset
from aianime_pipeline.production.films.settings import (
    MOST_PRESETS,
    changes_of,
    find_preset,
    keep_watermark,
    main_preset,
    own_presets,
    remove_preset,
    save_preset,
    set_main_preset,
    set_subtitle_style,
    set_watermark,
    subtitle_style,
    watermark,
)
from aianime_pipeline.production.projects.keeping import set_options

on_sqlite = pytest.mark.parametrize("kind", ["sqlite"], indirect=True)


@pytest.fixture
def studio_with_project(studio: Studio, tmp_path: Path) -> Studio:
    studio.storyboard(tmp_path, 1)
    studio.set_project(width=1280, height=720)
    return studio


def changes(studio: Studio) -> list[tuple[str, str, object, object]]:
    with studio.place.database.read() as session:
        found = changes_of(session, session.get_one(Project, 1))
        return [(one.who, one.field, one.before.get("value"), one.after.get("value")) for one in found]


def test_a_project_that_says_nothing_has_a_main_preset_of_its_own_size_with_the_ai_label(
    studio_with_project: Studio,
) -> None:
    with studio_with_project.place.database.read() as session:
        preset = main_preset(session.get_one(Project, 1))
    assert preset is not None
    assert (preset.name, preset.size, preset.ai_label) == ("main", (1280, 720), True)


def test_every_change_of_the_main_preset_is_recorded_with_who_made_it(studio_with_project: Studio) -> None:
    with studio_with_project.place.database.write() as session:
        project = session.get_one(Project, 1)
        preset = main_preset(project)
        assert preset is not None
        set_main_preset(session, project, replace(preset, ai_label=False, loudness=-14), who="the owner")
    with studio_with_project.place.database.write() as session:
        project = session.get_one(Project, 1)
        found = main_preset(project)
        assert found is not None
        assert (found.ai_label, found.loudness) == (False, -14)
        set_main_preset(session, project, None, who="somebody else")
    assert changes(studio_with_project) == [
        ("somebody else", "export_preset.loudness", -14, -16),
        ("somebody else", "export_preset.ai_label", False, True),
        ("the owner", "export_preset.loudness", -16, -14),
        ("the owner", "export_preset.ai_label", True, False),
    ]


@on_sqlite
def test_a_change_that_nobody_signs_is_refused(studio_with_project: Studio) -> None:
    with studio_with_project.place.database.write() as session, pytest.raises(StateError, match="nobody is named"):
        set_main_preset(session, session.get_one(Project, 1), ExportPreset("main", ai_label=False), who=" ")


@on_sqlite
def test_the_projects_size_and_rate_are_those_of_a_main_preset_that_was_set(studio_with_project: Studio) -> None:
    with studio_with_project.place.database.write() as session:
        project = session.get_one(Project, 1)
        set_main_preset(session, project, ExportPreset("main", "720p", codec="h265"), who="the owner")
        set_options(project, {"aspect": "9:16", "size": "1080p", "rate": "25"})
        preset = main_preset(project)
    assert preset is not None
    assert (preset.size, preset.rate, preset.codec) == ((1080, 1920), 25, "h265")


def test_a_preset_of_the_projects_own_is_kept_found_changed_and_removed(studio_with_project: Studio) -> None:
    phone = ExportPreset("phone", "720p", "9:16", ai_label=False)
    with studio_with_project.place.database.write() as session:
        save_preset(session, session.get_one(Project, 1), phone, who="the owner")
    with studio_with_project.place.database.write() as session:
        project = session.get_one(Project, 1)
        assert (find_preset(project, "phone"), list(own_presets(project))) == (phone, ["phone"])
        remove_preset(session, project, "phone", who="the owner")
        with pytest.raises(NotFoundError, match="landscape-1080p"):
            find_preset(project, "phone")
        with pytest.raises(NotFoundError):
            remove_preset(session, project, "phone", who="the owner")
    assert ("the owner", "presets.phone.ai_label", True, False) in changes(studio_with_project)


@on_sqlite
@pytest.mark.parametrize("name", ["main", next(iter(BUILT_IN)), "x-draft"])
def test_a_name_that_is_taken_is_no_name_for_a_preset_of_ones_own(studio_with_project: Studio, name: str) -> None:
    with studio_with_project.place.database.write() as session, pytest.raises(BadSettingError):
        save_preset(session, session.get_one(Project, 1), ExportPreset(name), who="the owner")


@on_sqlite
def test_style_and_watermark_are_kept_and_given_back(studio_with_project: Studio) -> None:
    place = studio_with_project.place
    picture = io.BytesIO()
    Image.new("RGBA", (40, 20), (255, 0, 0, 255)).save(picture, "PNG")
    kept = keep_watermark(place, Watermark(picture.getvalue(), "bottom_left"))
    with place.database.write() as session:
        project = session.get_one(Project, 1)
        set_subtitle_style(session, project, SubtitleStyle(colour="#ffcc00"), who="the owner")
        set_watermark(session, project, kept, who="the owner")
    with place.database.write() as session:
        project = session.get_one(Project, 1)
        mark = watermark(place, project)
        assert (subtitle_style(project).colour, mark) == ("#ffcc00", Watermark(picture.getvalue(), "bottom_left"))
        set_watermark(session, project, None, who="the owner")
        assert watermark(place, project) is None
    with pytest.raises(UnreadableMediaError):
        keep_watermark(place, Watermark(b"holiday"))
    assert ("the owner", "subtitle_style.colour", "#ffffff", "#ffcc00") in changes(studio_with_project)


@on_sqlite
def test_a_project_has_so_many_presets_of_its_own_and_no_more(studio_with_project: Studio) -> None:
    with studio_with_project.place.database.write() as session:
        project = session.get_one(Project, 1)
        for number in range(MOST_PRESETS):
            save_preset(session, project, ExportPreset(f"own-{number}"), who="the owner")
        save_preset(session, project, ExportPreset("own-0", "720p"), who="the owner")
        with pytest.raises(BadSettingError, match="has 100 presets of its own"):
            save_preset(session, project, ExportPreset("one-more"), who="the owner")
