"""Films at the ends of what there can be: of one frame, of none, of five hundred shots, of transitions that are longer
than what they turn into one another."""

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from support.film_media import Media, as_picture, as_voice, heard, seen
from support.processes import Script

from aianime_pipeline.errors import BadDurationError, BadInputError
from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.probe import check_against, probe_film
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import ClipTransition, Timeline, TimelineShot, build_timeline
from aianime_pipeline.storyboard.model import CameraMove, Transition

NTSC_FILM = Fraction(24_000, 1_001)
SHOTS = 500
MOST_MEMORY_MB = 60
"""What the second half of a long film may need more than the first; some 10 are measured."""

LONG_FILM = """
import json, resource, sys
from pathlib import Path
from film.test_long_films import long_film
from aianime_pipeline.film.render import render_film

folder, *pictures, voice = map(Path, sys.argv[1:])
resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

def memory():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024

half = []

def told(progress):
    if progress.percent > 40 and not half:
        half.append(memory())

report = render_film(long_film(pictures, voice), folder / "film.mp4", cache=folder / "cache", on_progress=told)
print(json.dumps({"pieces": report.segments_made, "half": half[0], "whole": memory()}))
"""


def long_film(pictures: list[Path], voice: Path) -> Timeline:
    """Shots of 4 to 6 frames, a transition at every cut, a line in every hundredth."""
    kinds = [kind for kind in Transition if kind is not Transition.CUT]
    moves, line = list(CameraMove), as_voice(voice, 0.02)
    shots = [
        TimelineShot(
            number,
            167 + 42 * (number % 3),
            as_picture(pictures[number % len(pictures)]),
            moves[number // 17 % len(moves)],
            line if number % 100 == 50 else None,
            transition=kinds[number % len(kinds)] if number else Transition.FADE_BLACK,
        )
        for number in range(SHOTS)
    ]
    return build_timeline(shots, width=64, height=36, rate=NTSC_FILM).timeline


def test_a_film_of_five_hundred_shots_does_not_drift_and_needs_few_files_and_little_memory(
    media: Media, tmp_path: Path
) -> None:
    """As in `ulimit -n 256`, with more pieces than that."""
    pictures = [media.picture(f"{colour}.png", colour) for colour in ("red", "lime", "blue")]
    click = media.make("click.wav", "-f", "lavfi", "-i", "aevalsrc=0.5*sin(2*PI*1000*t):s=48000:d=0.02")
    told = json.loads(Script(LONG_FILM, tmp_path, *pictures, click).end())
    timeline = long_film(pictures, click)
    film = tmp_path / "film.mp4"
    assert told["pieces"] > 256
    assert check_against(probe_film(film), timeline) == []
    frames = seen(film)
    assert len(frames) == timeline.total_frames
    middles = [start + (clip.frames - 1) // 2 for start, clip in zip(timeline.starts, timeline.clips, strict=True)]
    for place in (*range(3, 40), *range(SHOTS - 40, SHOTS)):
        colour = frames[middles[place]][18, 32].astype(int)
        assert colour.argmax() == place % 3, f"shot {place}"
    sound = np.abs(heard(film)[:, 0])
    assert len(sound) == timeline.total_samples
    last = timeline.placed_speech[-1]
    late = sound[last.start - 24_000 :]
    assert np.argmax(late > late.max() / 2) == pytest.approx(24_000, abs=48)
    assert told["whole"] - told["half"] < MOST_MEMORY_MB, told


def two(media: Media, seconds: tuple[float, float], transition: Transition) -> list[TimelineShot]:
    red, blue = as_picture(media.picture()), as_picture(media.picture("blue.png", "blue"))
    return [
        TimelineShot(1, round(seconds[0] * 1000), red),
        TimelineShot(2, round(seconds[1] * 1000), blue, transition=transition),
    ]


@pytest.mark.parametrize("kind", [kind for kind in Transition if kind is not Transition.CUT])
@pytest.mark.parametrize("seconds", [(1.0, 0.084), (0.084, 1.0), (0.084, 0.042), (0.042, 0.042)])
def test_a_transition_longer_than_its_neighbours_is_shortened_and_told(
    media: Media, tmp_path: Path, kind: Transition, seconds: tuple[float, float]
) -> None:
    built = build_timeline(two(media, seconds, kind), width=64, height=36, rate=Fraction(24))
    first, second = (round(length * 24) for length in seconds)
    assert "shot 2" in built.notes[0]
    report = render_film(built.timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    frames = seen(report.path)
    assert len(frames) == report.frames == first + second
    if first == 24:
        assert frames[0][18, 32].argmax() == 0
        assert frames[0][18, 32].max() > 150
    if second == 24:
        assert frames[-1][18, 32].argmax() == 2
        assert frames[-1][18, 32].max() > 150


def test_a_transition_that_is_longer_than_its_clips_is_refused_with_the_numbers(media: Media) -> None:
    timeline = build_timeline(two(media, (0.25, 0.5), Transition.CUT), width=64, height=36, rate=Fraction(24)).timeline
    before, after = timeline.clips
    for into, out, message in [(7, 1, r"shot 1 take 7 frames, and it has 6"), (1, 13, r"shot 2 take 13 .* it has 12")]:
        begun = replace(after, transition=ClipTransition(Transition.DISSOLVE, into, out))
        with pytest.raises(BadDurationError, match=message):
            replace(timeline, clips=(before, begun))


def test_a_film_of_one_shot_can_fade_in(media: Media, tmp_path: Path) -> None:
    shot = TimelineShot(1, 1000, as_picture(media.picture()), transition=Transition.FADE_BLACK)
    timeline = build_timeline([shot], width=64, height=36, rate=Fraction(24)).timeline
    preset = ExportPreset("plain", resolution="480p", quality="draft", ai_label=False, poster_second=None)
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache", preset=preset)
    reds = [int(frame[240, 427, 0]) for frame in seen(report.path)]
    assert len(reds) == 24
    assert reds[0] < 10, "black at first"
    assert min(np.diff(reds)) >= -2, "never darker again"
    assert reds[-1] > 180


def test_a_film_of_one_frame_is_a_film(media: Media, tmp_path: Path) -> None:
    timeline = build_timeline(
        [TimelineShot(1, 1, as_picture(media.talking_video("talk30.mp4"), keeps_own_sound=True))],
        width=64, height=36, rate=Fraction(24),
    ).timeline  # fmt: skip
    report = render_film(timeline, tmp_path / "film.mp4", cache=tmp_path / "cache")
    assert len(seen(report.path)) == report.frames == 1
    assert len(heard(report.path)) == 2_000
    assert report.files["poster"].stat().st_size > 0


def test_a_film_of_no_shot_is_refused() -> None:
    with pytest.raises(BadInputError, match="no shot"):
        build_timeline([], width=64, height=36, rate=Fraction(24))
