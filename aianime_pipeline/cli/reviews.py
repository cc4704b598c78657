"""`aianime review`: what a person decides about an episode's takes, its shots and its storyboard."""

from collections.abc import Callable
from typing import Annotated, Any

import typer

from aianime_pipeline.cli.arguments import EpisodeKey, Json, counted, print_json, shot_numbers
from aianime_pipeline.errors import BadSettingError

_STAGES = {"images": "image", "videos": "video", "voices": "voice"}


def review(
    episode_key: EpisodeKey,
    stage: Annotated[str | None, typer.Option(help="images, videos, voices or storyboard.")] = None,
    approve: Annotated[str | None, typer.Option(help="Shots such as 3,4, or all that wait.")] = None,
    reject: Annotated[str | None, typer.Option(help="Shots such as 3,4; needs --reason.")] = None,
    undo: Annotated[str | None, typer.Option(help="Shots whose last verdict is taken back.")] = None,
    lock: Annotated[str | None, typer.Option(help="Approved shots that never change again.")] = None,
    unlock: Annotated[str | None, typer.Option(help="Shots to be opened again; needs --reason.")] = None,
    select: Annotated[str | None, typer.Option(metavar="SHOT:TAKE", help="The take that counts.")] = None,
    skip: Annotated[str | None, typer.Option(help="Shots left out of the film: their slate is shown.")] = None,
    unskip: Annotated[str | None, typer.Option(help="Shots that are taken in again.")] = None,
    version: Annotated[
        list[str] | None,
        typer.Option(metavar="SHOT:VERSION", help="Only if the shot still has the version that you saw (see status)."),
    ] = None,
    reason: Annotated[str, typer.Option(help="What to do better; the next take is made with it.")] = "",
    as_json: Json = False,
) -> None:
    """Approve or reject, take back, lock, choose another take, leave shots out. The next make goes on from there."""
    from getpass import getuser

    asked = {
        "verdict": approve is not None or reject is not None,
        "--undo": undo is not None,
        "--lock": lock is not None,
        "--unlock": unlock is not None,
        "--select": select is not None,
        "--skip": skip is not None,
        "--unskip": unskip is not None,
    }
    if sum(asked.values()) != 1:
        raise BadSettingError(
            "Say one thing at a time: --approve 3,4 or --approve all and --reject 5 --reason '...', or --undo, --lock, "
            "--unlock, --select, --skip or --unskip."
        )
    if reason and (
        useless := next((name for name in ("--undo", "--lock", "--select", "--unskip") if asked[name]), None)
    ):
        raise BadSettingError(f"{useless} takes no --reason.")
    if (skip is not None or unskip is not None) and (version or stage is not None):
        raise BadSettingError("A shot is left out, or taken in again, as a whole: without --stage and --version.")
    who, versions = getuser(), dict(_pair(one, "--version 3:7") for one in version or ())
    if stage == "storyboard":
        _storyboard(episode_key, approve, reject, reason, who, versions, as_json)
        return
    if skip is not None or unskip is not None:
        _leave_out(episode_key, shot_numbers(skip), shot_numbers(unskip), reason, who, as_json)
        return
    if stage not in _STAGES:
        raise BadSettingError(f"--stage is {stage!r}; it takes one of {', '.join(_STAGES)} or storyboard.")
    from aianime_pipeline.production import reviews
    from aianime_pipeline.production.shots.stages import Stage

    chosen = Stage(_STAGES[stage])
    if asked["verdict"]:
        states = _in_episode(
            episode_key,
            reviews.review_shots,
            chosen,
            approve=None if approve == "all" else shot_numbers(approve),
            reject=shot_numbers(reject),
            reason=reason,
            reviewer=who,
            versions=versions,
        )
    elif select is not None:
        shot, take = _pair(select, "--select 3:2")
        state = _in_episode(episode_key, reviews.select_take, chosen, shot, take, who=who, version=versions.get(shot))
        states = {shot: state}
    elif undo is not None:
        states = _in_episode(episode_key, reviews.undo_verdicts, chosen, shot_numbers(undo), who=who, versions=versions)
    elif lock is not None:
        states = _in_episode(episode_key, reviews.lock_shots, chosen, shot_numbers(lock), who=who, versions=versions)
    else:
        states = _in_episode(
            episode_key, reviews.unlock_shots, chosen, shot_numbers(unlock), reason=reason, who=who, versions=versions
        )
    document = {"episode": episode_key, "stage": stage, "shots": {str(n): state for n, state in states.items()}}
    if as_json:
        print_json(document)
        return
    for number, state in states.items():
        typer.echo(f"shot {number}: {state}")
    if not states:
        typer.echo(f"no {stage} of {episode_key} wait for a review")


def _in_episode(episode_key: str, change: Callable[..., Any], *args: Any, **options: Any) -> Any:
    from aianime_pipeline.production.episodes.rows import find_episode
    from aianime_pipeline.production.installation import installation

    with installation().database.write() as session:
        return change(session, find_episode(session, episode_key), *args, **options)


def _storyboard(
    episode_key: str,
    approve: str | None,
    reject: str | None,
    reason: str,
    who: str,
    versions: dict[int, int],
    as_json: bool,
) -> None:
    from aianime_pipeline.production.reviews.storyboards import review_storyboard

    if versions or [approve, reject] not in (["all", None], [None, "all"]):
        raise BadSettingError("A storyboard is decided as a whole: --approve all, or --reject all --reason '...'.")
    state = _in_episode(episode_key, review_storyboard, approve=approve is not None, reason=reason, reviewer=who)
    document = {"episode": episode_key, "stage": "storyboard", "state": state}
    print_json(document) if as_json else typer.echo(f"the storyboard of {episode_key} is {state}")


def _leave_out(episode_key: str, skip: list[int], unskip: list[int], reason: str, who: str, as_json: bool) -> None:
    from aianime_pipeline.production import reviews

    if skip:
        _in_episode(episode_key, reviews.skip_shots, skip, reason=reason, who=who)
    else:
        _in_episode(episode_key, reviews.unskip_shots, unskip, who=who)
    document = {"episode": episode_key, "left_out": skip, "taken_in": unskip}
    words = "left out" if skip else "taken in again"
    print_json(document) if as_json else typer.echo(f"{words}: {', '.join(map(str, skip or unskip))}")


def _pair(text: str, right: str) -> tuple[int, int]:
    left, colon, other = text.replace("：", ":").partition(":")
    if not colon:
        raise BadSettingError(f"{text!r} is no pair of numbers; right would be {right}.")
    return counted(left), counted(other)
