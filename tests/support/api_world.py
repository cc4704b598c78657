"""A small studio at work, with one of everything that a path of the API can name: what each is called is in `names`."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from support.making import KEY, Studio

from aianime_pipeline.accounts.rights import Role
from aianime_pipeline.db.models import (
    ApiKey,
    Asset,
    Channel,
    Export,
    Generation,
    Notice,
    Organisation,
    ProjectTeam,
    Take,
    Team,
    TeamMember,
    User,
)
from aianime_pipeline.production.episodes.rows import find_episode
from aianime_pipeline.production.notices.telling import tell
from aianime_pipeline.production.projects.keeping import find_project
from aianime_pipeline.production.schedules.keeping import create_schedule
from aianime_pipeline.production.tasks.actions import TaskAction
from aianime_pipeline.production.tasks.asking import Origin, ask_for

WORLD_PROJECT = "p"
MEMBER = "a-member-of-the-team"


@dataclass(frozen=True)
class World:
    """`names` by the name of the path's parameter."""

    names: Mapping[str, Any]

    def path(self, template: str) -> str:
        """The path with what is there in place of its parameters. Raises KeyError for one that this does not know."""
        return template.format_map(self.names)


def build_world(studio: Studio, folder: Path) -> World:
    """An episode of two shots with its film and its ZIP, and whatever else there can be beside it."""
    studio.storyboard(folder, 2)
    studio.make_all()
    studio.export()
    studio.package()
    with studio.place.database.write() as session:
        return World(_beside(session) | _made(session))


def _beside(session: Session) -> dict[str, Any]:
    project, episode = find_project(session, WORLD_PROJECT), find_episode(session, KEY)
    user = User(name=MEMBER)
    organisation = Organisation(name="studio", created_by="a person")
    session.add_all([user, organisation])
    session.flush()
    team = Team(organisation_id=organisation.id, name="night shift", created_by="a person")
    session.add(team)
    session.flush()
    session.add(TeamMember(team_id=team.id, user_id=user.id, roles=[Role.REVIEWER.value]))
    session.add(ProjectTeam(project_id=project.id, team_id=team.id))
    api_key = ApiKey(user_id=user.id, name="of a farm", prefix="aia_a", key_hash="0" * 64, scopes=[])
    session.add(api_key)
    session.flush()
    session.add(
        Channel(
            name="news",
            kind="webhook",
            address="https://receiver.invalid/",
            project_id=project.id,
            kinds=[],
            created_by="a person",
        )
    )
    task = ask_for(
        session, TaskAction.IMAGES, episode=episode, origin=Origin.PERSON, requested_by="a person", why="for a test"
    ).task
    when = {"cron": "0 2 * * *", "time_zone": "UTC"}
    create_schedule(
        session, {"name": "nightly", "project": WORLD_PROJECT, "action": "pipeline", **when}, who="a person"
    )
    tell(session, key="a-notice", kind="task", text="something happened", project_id=project.id)
    return {
        "project": WORLD_PROJECT,
        "episode": KEY,
        "shot": 1,
        "stage": "image",
        "task": task.id,
        "schedule": "nightly",
        "channel": "news",
        "team": team.id,
        "organisation": organisation.name,
        "user": user.name,
        "member": user.name,
        "api_key": api_key.id,
        "preset": "phone",
        "period": "month",
        "currency": "CNY",
        "kind": "otio",
        "backfill": "abcdefgh",
        "token": "no-token",
    }


def _made(session: Session) -> dict[str, Any]:
    return {
        "take": _first(session, Take),
        "generation": _first(session, Generation),
        "export": _first(session, Export),
        "asset": _first(session, Asset),
        "notice": _first(session, Notice),
        "version": 1,
    }


def _first(session: Session, table: Any) -> int:
    return int(session.scalars(sa.select(table.id).order_by(table.id).limit(1)).one())
