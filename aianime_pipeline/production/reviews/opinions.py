"""What the AI reviewers say of one take: the built-in one, then the vision model where one is routed.

Nothing is written here but what a paid request writes of itself.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from aianime_pipeline.db.models import AssetVersion, Episode, Project, Take
from aianime_pipeline.errors import ObjectMissingError, PipelineError, ProvidersPausedError
from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.vision import Eye, eye_name
from aianime_pipeline.production.runs import Run
from aianime_pipeline.production.shots.requests import AssetsByName
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.production.written_text import reason_of
from aianime_pipeline.reviewing.built_in import ReferenceFile, review_picture, review_video, review_voice
from aianime_pipeline.reviewing.opinion import BUILT_IN, Opinion, decided, not_judged
from aianime_pipeline.reviewing.rubric import ask_eye
from aianime_pipeline.reviewing.showing import shown_picture, shown_video
from aianime_pipeline.reviewing.technical import Wanted
from aianime_pipeline.storyboard.model import Shot


@dataclass(frozen=True)
class Asked:
    """A take to be judged, with its shot, and the looks of what the shot shows."""

    episode: Episode
    view: ShotView
    stage: Stage
    take: Take
    assets: AssetsByName

    @property
    def references(self) -> list[tuple[str, str, str]]:
        """Kind, name and digest of each reference picture, figures first."""
        return [
            (kind, name, version.reference_digest)
            for kind, name, version in shown_assets(self.view.shot, self.assets)
            if version.reference_digest is not None
        ]


def shown_assets(shot: Shot, assets: AssetsByName) -> list[tuple[str, str, AssetVersion]]:
    """Whom and what a shot shows, with their looks, figures first."""
    shown = [("character", name) for name in shot.characters] + [("location", shot.place)]
    shown += [("prop", name) for name in shot.props]
    return [(kind, name, version) for kind, name in shown if (version := assets.get((kind, name))) is not None]


@dataclass(frozen=True)
class _Files:
    """What a look needs, as files: the take, its shot's image where it is a video, the reference pictures."""

    take: Path
    image: Path | None
    references: list[ReferenceFile]


def opinion_on(place: Installation, run: Run, asked: Asked) -> Opinion:
    """Of everybody together. A reviewer that fails is unsure, and says why.

    Raises RunCancelled; ProvidersPausedError and StillAtProvider where the vision model may only be asked later.
    """
    try:
        with _files(place, asked) as files:
            built_in, final = _built_in(asked, files)
            eye = None
            if asked.stage is not Stage.VOICE and not final:
                eye = _seen_by_eye(place, run, asked, files, built_in)
    except (PipelineError, OSError) as error:
        if isinstance(error, ProvidersPausedError):
            raise
        return not_judged(BUILT_IN, reason_of(error))
    return decided(built_in, eye, asked.episode.project.review_threshold)


@contextmanager
def _files(place: Installation, asked: Asked) -> Iterator[_Files]:
    if asked.take.object_digest is None:
        raise ObjectMissingError(f"Take {asked.take.number} of shot {asked.view.number} has no file.")
    with ExitStack() as stack:

        def local(digest: str) -> Path:
            return stack.enter_context(place.store.local_path(digest))

        first = asked.take.inputs.get("first_frame") if asked.stage is Stage.VIDEO else None
        references = [] if asked.stage is Stage.VOICE else asked.references
        yield _Files(
            local(asked.take.object_digest),
            local(first) if first else None,
            [(kind, name, local(digest)) for kind, name, digest in references],
        )


def _built_in(asked: Asked, files: _Files) -> tuple[Opinion, bool]:
    inputs = asked.take.inputs
    if asked.stage is Stage.VOICE:
        return review_voice(files.take, inputs["text"]), True
    seconds = inputs["frames"] / Fraction(inputs["rate"]) if asked.stage is Stage.VIDEO else 0
    wanted = Wanted(inputs["width"], inputs["height"], float(seconds), asked.view.shot.description)
    if asked.stage is Stage.VIDEO:
        return review_video(files.take, wanted, files.image)
    return review_picture(files.take, wanted, files.references)


def _seen_by_eye(place: Installation, run: Run, asked: Asked, files: _Files, built_in: Opinion) -> Opinion | None:
    project = asked.episode.project
    name = eye_name(place, project.slug)
    if name is None:
        return None
    seen = {
        "take": asked.take.id,
        "object": asked.take.object_digest,
        "references": [list(one) for one in asked.references],
    }
    eye = Eye(place, run, project, asked.episode.id, seen, name)
    try:
        with TemporaryDirectory(dir=place.settings.scratch, prefix="shown-") as folder:
            show = shown_picture if asked.stage is Stage.IMAGE else shown_video
            said = ask_eye(
                eye,
                name,
                "image" if asked.stage is Stage.IMAGE else "video",
                show(files.take, files.references, Path(folder)),
                shot=in_words(project, asked.view.shot, asked.stage, asked.assets),
                found=built_in,
                language=project.language,
                own_rules=project.review_rubric,
            )
    except (PipelineError, OSError) as error:
        if isinstance(error, ProvidersPausedError):
            raise
        return not_judged(eye.name, reason_of(error))
    return replace(said, reviewer=eye.name)


def in_words(project: Project, shot: Shot, stage: Stage, assets: AssetsByName) -> dict[str, Any]:
    """What the shot should be, for the vision model."""
    looks = {
        name: version.description
        for (kind, name), version in assets.items()
        if (kind == "location" and name == shot.place) or name in (*shot.characters, *shot.props)
    }
    told = {
        "description": shot.description,
        "prompt": shot.prompt,
        "framing": shot.framing.value,
        "camera_move": shot.camera_move.value if stage is Stage.VIDEO else "",
        "place": shot.place,
        "time_of_day": shot.time_of_day,
        "emotion": shot.emotion,
        "figures": list(shot.characters),
        "props": list(shot.props),
        "looks": looks,
        "style": project.style,
    }
    return {name: value for name, value in told.items() if value}
