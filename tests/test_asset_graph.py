"""The asset graph as people see it in the Dagster UI, written out: a change to it shows here as a difference."""

import pytest

from aianime_pipeline.definitions import defs
from aianime_pipeline.partitions import PARTITIONS_NAME

GRAPH = {
    # asset: (what it is made from, group, kinds, checks)
    "screenplays": (set(), "story", {"text"}, set()),
    "storyboards": ({"screenplays"}, "story", {"text"}, set()),
    "reference_images": ({"storyboards"}, "story", {"image"}, set()),
    "shot_images": ({"storyboards", "reference_images"}, "shots", {"image"}, {"image_review"}),
    "shot_videos": ({"shot_images"}, "shots", {"video"}, {"video_review"}),
    "voice_lines": ({"storyboards"}, "shots", {"audio"}, {"voice_review"}),
    "composite_films": (
        {"shot_images", "shot_videos", "voice_lines"},
        "film",
        {"video", "ffmpeg"},
        {"ready", "opens", "frames", "seconds", "sound_length", "not_black", "not_silent", "loudness"},
    ),
    "episode_zips": ({"composite_films"}, "film", {"zip"}, {"opens", "complete", "checksums"}),
    "installation": (set(), "operations", set(), {"nothing_broken"}),
}
JOBS = {"make_episode", "remake_shots"}
OTHER_JOBS = {"review_takes", "clean_up", "tell_report", "export_film"}
OF_NO_EPISODE = {"installation"}

graph = defs.resolve_asset_graph()
found = {key.to_user_string(): graph.get(key) for key in graph.get_all_asset_keys()}


def test_the_graph_is_the_one_written_here() -> None:
    assert {
        name: (
            {key.to_user_string() for key in node.parent_keys},
            node.group_name,
            set(node.kinds),
            {check.name for check in node.check_keys},
        )
        for name, node in found.items()
    } == GRAPH


@pytest.mark.parametrize("name", sorted(set(GRAPH) - OF_NO_EPISODE))
def test_every_asset_has_an_episode_per_partition_an_owner_a_version_and_words_for_the_ui(name: str) -> None:
    node = found[name]
    assert node.partitions_def is not None
    assert getattr(node.partitions_def, "name", None) == PARTITIONS_NAME
    assert node.owners == ["team:studio"]
    assert node.code_version
    assert node.description


def test_every_check_says_what_it_looks_at() -> None:
    assert [key for key in graph.asset_check_keys if not graph.get_check_spec(key).description] == []


def test_the_jobs_cover_every_asset_of_an_episode() -> None:
    jobs = {job.name: job for job in defs.resolve_all_job_defs() if not job.name.startswith("__")}
    assert set(jobs) == JOBS | OTHER_JOBS
    assert all(job.description for job in jobs.values())
    for name in JOBS:
        made = {key.to_user_string() for key in jobs[name].asset_layer.executable_asset_keys}
        assert made == set(GRAPH) - OF_NO_EPISODE
