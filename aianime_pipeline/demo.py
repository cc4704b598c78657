"""`make demo`: the sample screenplay's first episode, through Dagster, on the instance that the UI shows afterwards."""

import os
import sys
from pathlib import Path

from aianime_pipeline.cli.ending import EXIT_CODES, report_errors
from aianime_pipeline.cli.output import progress_display, tell_make
from aianime_pipeline.instance import ROOT, add_episodes, open_instance
from aianime_pipeline.making import make_episode
from aianime_pipeline.production.importing import import_file
from aianime_pipeline.production.installation import installation

SAMPLE = ROOT / "examples" / "moonlit-ferry.txt"
PROJECT = "moonlit"


def demo() -> int:
    """Returns the exit code."""
    place = installation()
    report = import_file(place, SAMPLE, project=PROJECT)
    with open_instance() as instance:
        add_episodes(instance, report.episodes)
    first = report.episodes[0]
    say(f"{SAMPLE.relative_to(ROOT)}: {len(report.episodes)} episodes, making {first}")
    with progress_display() as on_progress:
        result = make_episode(place, first, on_progress=on_progress)
    tell_make(result, to_stdout=True)
    program = Path(sys.executable).with_name("aianime")
    shown = os.path.relpath(program)
    say(f"\nSee it in the Dagster UI:  {shown} up\nMake another episode:       {shown} make {report.episodes[1]}")
    return EXIT_CODES[result.status]


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    report_errors(lambda: sys.exit(demo()))
