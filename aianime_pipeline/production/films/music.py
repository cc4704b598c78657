"""The film's music: asked for once for each length and mood, kept with the composite task."""

import math
from dataclasses import replace
from pathlib import Path

from sqlalchemy.orm import Session

from aianime_pipeline.db.models import CompositeTask, Episode
from aianime_pipeline.film.timeline import Music, Timeline
from aianime_pipeline.production.generations import Finished, Subject, Work, generate_or_resume
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.inspection import inspect_sound
from aianime_pipeline.production.shots.requests import Inputs, makers, seed_of
from aianime_pipeline.providers.capabilities import Capability, MusicRequest

MUSIC_GAIN_DB = -4.0
"""Of a bed that comes at -24 LUFS, beside speech at -20. Quieter music made films that speak little come out harsh: to
reach the film's loudness its speech had to be raised until the limiter took 14 dB off it; so it takes 10 at most (of a
film with speech in a fifth of it) and 7 of the sample episode."""

MUSIC_STEP_MS = 30_000
"""Music is asked for in whole half minutes, so that a shot which grows a little does not ask for another bed."""


def music_there(place: Installation, task: CompositeTask | None) -> Music | None:
    """The music that was made before, for what it is; none where none was."""
    if task is None or task.music_digest is None or not place.store.exists(task.music_digest):
        return None
    return Music(Path(task.music_digest), task.music_digest, MUSIC_GAIN_DB)


def music_for(place: Installation, run: Run, episode: Episode, task: CompositeTask, timeline: Timeline) -> Music:
    """The music for a film of that length, made if it is not there. Raises as `generate`."""
    milliseconds = math.ceil(timeline.seconds * 1000 / MUSIC_STEP_MS) * MUSIC_STEP_MS
    seed, project = seed_of(episode.key, "music"), episode.project
    inputs = Inputs(
        Capability.MUSIC,
        {
            "milliseconds": milliseconds,
            "mood": project.style,
            "seed": seed,
        },
        makers(place, project, Capability.MUSIC),
    )
    there = music_there(place, task)
    if task.music_inputs == inputs.digest and there is not None:
        return there
    request = MusicRequest(milliseconds=milliseconds, seed=seed, mood=project.style)
    subject = Subject(project.id, episode.id, project.currency, project=project.slug)

    def keep(session: Session, finished: Finished) -> None:
        row = session.get_one(CompositeTask, task.id)
        row.music_inputs, row.music_digest = inputs.digest, finished.stored.digest

    # The film waits for its music, however long that takes.
    patient = replace(run, patient_until=None)
    made = generate_or_resume(
        place, patient, Work(subject, inputs, request, inspect=inspect_sound, keep=keep, seed=seed)
    )
    return Music(Path(made.stored.digest), made.stored.digest, MUSIC_GAIN_DB)
