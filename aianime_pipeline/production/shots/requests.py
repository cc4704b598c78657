"""What a shot is made from: the request to the provider, and the record of its inputs by which a take stays current.

`inputs` is JSON-ready and holds everything that would change the result but the seed and a reviewer's words: a take
whose inputs have the digest that they would have now is current. A retake has another seed.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from aianime_pipeline.db.models import Asset, AssetVersion, Episode, EpisodeAsset, Project
from aianime_pipeline.production.episodes.rows import ShotView
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.shots.stages import Stage
from aianime_pipeline.providers.capabilities import (
    AssetBrief,
    Capability,
    ImageRequest,
    PictureBrief,
    SpeechRequest,
    VideoRequest,
)
from aianime_pipeline.storyboard.model import CameraMove, Framing, Shot

CAPABILITY = {Stage.IMAGE: Capability.IMAGE, Stage.VIDEO: Capability.VIDEO, Stage.VOICE: Capability.SPEECH}

NARRATOR = "旁白"
"""Speaker of a voice-over that names nobody."""

AssetsByName = Mapping[tuple[str, str], AssetVersion]
"""The versions that an episode uses by kind and name."""


@dataclass(frozen=True)
class Inputs:
    """What is asked for, whoever makes it, and by whom it may be made: provider and model of each route, in order."""

    capability: Capability
    asked: dict[str, Any]
    makers: tuple[tuple[str, str], ...]

    @property
    def document(self) -> dict[str, Any]:
        """As the preferred maker would be asked."""
        return self.by(self.makers[0])

    def by(self, maker: tuple[str, str]) -> dict[str, Any]:
        """The record of a result that this maker made."""
        return {"provider": maker[0], "model": maker[1], **self.asked}

    @property
    def digest(self) -> str:
        """Of what is asked for, without who makes it: one for all routes."""
        return document_digest(self.asked)

    def made(self, digest: str) -> bool:
        """Whether a result whose record has this digest was made from this, by one of the makers."""
        return any(document_digest(self.by(maker)) == digest for maker in self.makers)


def document_digest(document: Any) -> str:
    """SHA-256 of a JSON-ready document, whatever the order of its keys."""
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def seed_of(*parts: object) -> int:
    """A seed of 31 bits (what every vendor takes) that is the same in every process."""
    return int.from_bytes(hashlib.sha256("/".join(map(str, parts)).encode()).digest()[:4], "big") >> 1


_NEWEST = (
    sa.select(AssetVersion.asset_id, sa.func.max(AssetVersion.version).label("version"))
    .where(
        AssetVersion.asset_id.in_(
            sa.select(EpisodeAsset.asset_id).where(EpisodeAsset.episode_id == sa.bindparam("episode"))
        )
    )
    .group_by(AssetVersion.asset_id)
    .subquery()
)
_ASSETS = (
    sa.select(Asset, AssetVersion)
    .join(EpisodeAsset, EpisodeAsset.asset_id == Asset.id)
    .join(_NEWEST, _NEWEST.c.asset_id == Asset.id)
    .join(
        AssetVersion,
        sa.and_(
            AssetVersion.asset_id == Asset.id,
            AssetVersion.version == sa.func.coalesce(EpisodeAsset.version, _NEWEST.c.version),
        ),
    )
    .where(EpisodeAsset.episode_id == sa.bindparam("episode"))
    .order_by(Asset.id)
)


def load_assets(session: Session, episode_id: int) -> AssetsByName:
    """Of each asset that the episode shows, the version that it keeps to, else the newest."""
    rows = session.execute(_ASSETS, {"episode": episode_id}, execution_options={"populate_existing": True}).all()
    return {(asset.kind, asset.name): version for asset, version in rows}


def planned_frames(duration_ms: int, rate: Fraction) -> int:
    """Frames of a shot at `rate`, rounded to the nearest, one at least."""
    return max(1, round(Fraction(duration_ms, 1000) * rate))


def stage_inputs(
    place: Installation, project: Project, view: ShotView, stage: Stage, assets: AssetsByName, language: str
) -> Inputs:
    shot = view.shot
    capability = CAPABILITY[stage]
    if stage is Stage.IMAGE:
        asked = _image_inputs(project, shot, assets)
    elif stage is Stage.VIDEO:
        asked = _video_inputs(project, view)
    else:
        asked = _voice_inputs(project, shot, assets, language)
    return Inputs(capability, asked, makers(place, project, capability))


def makers(place: Installation, project: Project, capability: Capability) -> tuple[tuple[str, str], ...]:
    """Provider and model of each route of a project, in order of preference. Raises BadSettingError."""
    return tuple(route.maker for route in place.routes(capability, project.slug))


def _image_inputs(project: Project, shot: Shot, assets: AssetsByName) -> dict[str, Any]:
    shown = [("character", name) for name in shot.characters] + [("location", shot.place)]
    shown += [("prop", name) for name in shot.props]
    return {
        "prompt": shot.prompt or shot.description,
        "negative_prompt": shot.negative_prompt or project.negative_prompt,
        "style": project.style,
        "width": project.width,
        "height": project.height,
        "description": shot.description,
        "framing": shot.framing.value,
        "place": shot.place,
        "time_of_day": shot.time_of_day,
        "interior": shot.interior,
        "emotion": shot.emotion,
        "speaker": None if shot.voice_over or not shot.speakers else shot.speakers[0],
        "assets": [
            {
                "kind": kind,
                "name": name,
                "description": version.description,
                "sheet": version.sheet,
                "reference": version.reference_digest,
            }
            for kind, name in shown
            if (version := assets.get((kind, name))) is not None
        ],
        "unknown": [name for kind, name in shown if name and (kind, name) not in assets],
    }


def _video_inputs(project: Project, view: ShotView) -> dict[str, Any]:
    image = view.stages[Stage.IMAGE].take if Stage.IMAGE in view.stages else None
    return {
        "prompt": view.shot.prompt or view.shot.description,
        "negative_prompt": view.shot.negative_prompt or project.negative_prompt,
        "width": project.width,
        "height": project.height,
        "rate": str(project.rate),
        "frames": planned_frames(view.shot.duration_ms, project.rate),
        "camera_move": view.shot.camera_move.value,
        "first_frame": image.object_digest if image is not None else None,
    }


def _voice_inputs(project: Project, shot: Shot, assets: AssetsByName, language: str) -> dict[str, Any]:
    speaker = shot.speakers[0] if shot.speakers else NARRATOR
    version = assets.get(("character", speaker)) or assets.get(("character", NARRATOR))
    return {
        "text": shot.dialogue,
        "language": language,
        "speaker": speaker,
        "voice": version.voice if version is not None else {},
        "emotion": shot.emotion,
        "max_ms": shot.duration_ms if project.speed_up_speech else None,
    }


LocalPath = Callable[[str], Path]
"""Digest of an object → a file that holds it, good while the request is being answered."""


def image_request(inputs: Inputs, local_path: LocalPath, seed: int, feedback: str) -> ImageRequest:
    document = inputs.asked
    briefs = [
        AssetBrief(
            kind=entry["kind"],
            name=entry["name"],
            description=entry["description"],
            sheet=entry["sheet"],
            reference=local_path(entry["reference"]) if entry["reference"] else None,
        )
        for entry in document["assets"]
    ]
    return ImageRequest(
        width=document["width"],
        height=document["height"],
        seed=seed,
        prompt=document["prompt"],
        negative_prompt=document["negative_prompt"],
        style=document["style"],
        feedback=feedback,
        subject=PictureBrief(
            description=document["description"],
            framing=Framing(document["framing"]),
            place=document["place"],
            time_of_day=document["time_of_day"],
            interior=document["interior"],
            emotion=document["emotion"],
            characters=tuple(brief for brief in briefs if brief.kind == "character"),
            speaker=document["speaker"],
            location=next((brief for brief in briefs if brief.kind == "location"), None),
            props=tuple(brief for brief in briefs if brief.kind == "prop"),
        ),
    )


def video_request(inputs: Inputs, local_path: LocalPath, seed: int, feedback: str) -> VideoRequest:
    document = inputs.asked
    return VideoRequest(
        width=document["width"],
        height=document["height"],
        frames=document["frames"],
        rate=Fraction(document["rate"]),
        seed=seed,
        prompt=document["prompt"],
        negative_prompt=document["negative_prompt"],
        first_frame=local_path(document["first_frame"]),
        camera_move=CameraMove(document["camera_move"]),
        feedback=feedback,
    )


def speech_request(inputs: Inputs, feedback: str) -> SpeechRequest:
    document = inputs.asked
    return SpeechRequest(
        text=document["text"],
        language=document["language"],
        voice=document["voice"],
        emotion=document["emotion"],
        max_ms=document["max_ms"],
        feedback=feedback,
        speaker=document["speaker"],
    )


def shot_seed(episode: Episode, number: int, stage: Stage, attempt: int) -> int:
    return seed_of(episode.key, number, stage.value, attempt)
