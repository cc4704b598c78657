"""This project's engine on the synthetic episode. Prints its own report as JSON.

python -m film_ways.engine EPISODE.json OUT.mp4 CACHE [--other-shot N] [--other-music] [--crossfades]
"""

import argparse
import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from aianime_pipeline.film.presets.presets import ExportPreset
from aianime_pipeline.film.render import render_film
from aianime_pipeline.film.timeline import Music, Picture, Timeline, TimelineShot, VoiceFile, build_timeline
from aianime_pipeline.storyboard.model import Transition
from film_ways.synthetic import HEIGHT, LINE_SECONDS, RATE, SHOT_SECONDS, WIDTH, digest, load


def timeline_of(specification: Path, options: argparse.Namespace) -> Timeline:
    episode = load(specification)
    known: dict[str, str] = {}
    note = specification.with_suffix(".digests")
    if note.exists():
        known = json.loads(note.read_text())

    def named(path: str) -> str:
        # The pipeline's store knows every object's digest: hashing the sources is no part of making a film.
        if path not in known:
            known[path] = digest(path)
        return known[path]

    shots = []
    for number, shot in enumerate(episode.shots):
        video = episode.spare if options.other_shot == number else shot.video
        shots.append(
            TimelineShot(
                number=number + 1,
                duration_ms=SHOT_SECONDS * 1000,
                picture=Picture(
                    Path(video), named(video), "video", shot.has_sound, seconds=Fraction(SHOT_SECONDS * 10 + 4, 10)
                ),
                voice=VoiceFile(Path(shot.line), named(shot.line), round(LINE_SECONDS * 48_000)),
                dialogue=shot.text,
                transition=Transition.DISSOLVE if options.crossfades and number % 2 else Transition.CUT,
            )
        )
    bed = episode.other_music if options.other_music else episode.music
    music = Music(Path(bed), named(bed), gain_db=-8.0)
    built = build_timeline(shots, width=WIDTH, height=HEIGHT, rate=Fraction(RATE), music=music).timeline
    note.write_text(json.dumps(known))
    return replace(built, language="zh")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("episode", type=Path)
    parser.add_argument("output", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--other-shot", type=int)
    parser.add_argument("--other-music", action="store_true")
    parser.add_argument("--crossfades", action="store_true")
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    preset = ExportPreset("benchmark", subtitles="burned", ai_label=False, poster_second=None)
    timeline = timeline_of(options.episode, options)
    report = render_film(timeline, options.output, cache=options.cache, preset=preset, workers=options.workers)
    told = {
        "frames": report.frames,
        "made": report.segments_made,
        "lufs": report.lufs,
        "kept": report.kept,
        "timings": dict(report.timings),
        "warnings": list(report.warnings),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()
