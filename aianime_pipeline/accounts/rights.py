"""Who may do what, as data: the actions, the roles, and which role has which action.

A person has one role for the whole installation (`GlobalRole`) and any number of jobs in a project (`Role`), whose
actions add up. An administrator may do everything everywhere. Membership in a project stands in place of what the
person's teams say; who made the project counts as its director besides. Who has no entry does not see the project.
"""

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from aianime_pipeline.production.shots.stages import Stage


class Action(StrEnum):
    """What a person may do in a project. Each route names exactly one."""

    VIEW = "project.view"
    PROJECT_EDIT = "project.edit"
    MEMBERS_EDIT = "members.edit"
    SCREENPLAY_EDIT = "screenplay.edit"
    SCREENPLAY_LOCK = "screenplay.lock"
    ASSET_EDIT = "asset.edit"
    STORYBOARD_EDIT = "storyboard.edit"
    STORYBOARD_FREEZE = "storyboard.freeze"
    IMAGES_MAKE = "images.make"
    VIDEOS_MAKE = "videos.make"
    VOICES_MAKE = "voices.make"
    IMAGES_SELECT = "images.select"
    VIDEOS_SELECT = "videos.select"
    VOICES_SELECT = "voices.select"
    SHOT_SKIP = "shot.skip"
    REVIEW = "review.decide"
    REVIEW_LOCK = "review.lock"
    FILM_EDIT = "film.edit"
    FILM_EXPORT = "film.export"
    PACKAGE_MAKE = "package.make"
    PIPELINE_RUN = "pipeline.run"
    TASK_CANCEL = "task.cancel"
    SCHEDULE_EDIT = "schedule.edit"
    USAGE_VIEW = "usage.view"
    GENERATION_RESOLVE = "generation.resolve"
    CHANNEL_EDIT = "channel.edit"
    DOWNLOAD = "result.download"
    SHARE = "result.share"


class GlobalRole(StrEnum):
    ADMIN = "admin"
    MEMBER = "member"


class Role(StrEnum):
    """A job in a project (导演, 分镜师, 设计师, 原画师, 镜头师, 后期, 审核)."""

    DIRECTOR = "director"
    STORYBOARDER = "storyboarder"
    DESIGNER = "designer"
    KEY_ANIMATOR = "key_animator"
    SHOT_ARTIST = "shot_artist"
    POST = "post"
    REVIEWER = "reviewer"


ALL_ACTIONS = frozenset(Action)

SELECTS: Mapping[Stage, Action] = MappingProxyType(
    {
        Stage.IMAGE: Action.IMAGES_SELECT,
        Stage.VIDEO: Action.VIDEOS_SELECT,
        Stage.VOICE: Action.VOICES_SELECT,
    }
)
"""What it takes to say which take of a stage counts."""

_EVERYBODY = frozenset({Action.VIEW, Action.DOWNLOAD})

ROLES: Mapping[Role, frozenset[Action]] = MappingProxyType(
    {
        Role.DIRECTOR: ALL_ACTIONS,
        Role.STORYBOARDER: _EVERYBODY
        | {Action.SCREENPLAY_EDIT, Action.STORYBOARD_EDIT, Action.STORYBOARD_FREEZE, Action.SHOT_SKIP},
        Role.DESIGNER: _EVERYBODY | {Action.ASSET_EDIT},
        Role.KEY_ANIMATOR: _EVERYBODY | {Action.IMAGES_MAKE, Action.IMAGES_SELECT},
        Role.SHOT_ARTIST: _EVERYBODY
        | {Action.IMAGES_MAKE, Action.IMAGES_SELECT, Action.VIDEOS_MAKE, Action.VIDEOS_SELECT},
        Role.POST: _EVERYBODY
        | {
            Action.VOICES_MAKE,
            Action.VOICES_SELECT,
            Action.FILM_EDIT,
            Action.FILM_EXPORT,
            Action.PACKAGE_MAKE,
            Action.SHARE,
        },
        Role.REVIEWER: _EVERYBODY | {Action.REVIEW, *SELECTS.values()},
    }
)


def actions_of(roles: Collection[Role]) -> frozenset[Action]:
    """What the roles may do together."""
    return frozenset[Action]().union(*(ROLES[role] for role in roles))


def roles_in_project(
    member: Collection[Role] | None, teams: Collection[Collection[Role]], *, is_creator: bool
) -> frozenset[Role] | None:
    """The jobs of a person in a project. `member` is what the project says of them, None where it says nothing;
    `teams` what each of their teams that work on it says. None: no entry at all, so they do not see it."""
    own: frozenset[Role] | None = None
    if member is not None:
        own = frozenset(member)
    elif teams:
        own = frozenset[Role]().union(*teams)
    if is_creator:
        return (own or frozenset()) | {Role.DIRECTOR}
    return own
