"""What bringing an episode up to date will cost: what is due is counted and priced; nothing is asked, nothing written.

A video of a shot whose image is still to be made counts too, and so do the reference pictures that are missing, and
one look of the vision model at each image and video that it is to review. Texts and retakes are not foreseen, nor
anything of an episode without a storyboard: how much that will be is known when the story is told.
"""

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from aianime_pipeline.db.models import Project
from aianime_pipeline.production.budgets.limits import list_budgets, money_left
from aianime_pipeline.production.budgets.rules import needs_budget
from aianime_pipeline.production.episodes.rows import ShotView, find_episode, load_shots
from aianime_pipeline.production.installation import Installation
from aianime_pipeline.production.makers.vision import eye_name
from aianime_pipeline.production.quotes.batches import Quote, quote
from aianime_pipeline.production.shots.currency import spoken_language
from aianime_pipeline.production.shots.requests import (
    CAPABILITY,
    AssetsByName,
    Inputs,
    image_request,
    load_assets,
    speech_request,
    stage_inputs,
    video_request,
)
from aianime_pipeline.production.shots.stages import BY_AI, ReviewMode, Stage, State
from aianime_pipeline.providers.capabilities import Capability
from aianime_pipeline.providers.prices import Units, price_on
from aianime_pipeline.providers.vendor import Call, VendorRequest

_NOT_MADE = frozenset({State.PENDING, State.FAILED, State.REJECTED})
_NOWHERE = Path("not-read")


def quote_episode(
    place: Installation,
    key: str,
    *,
    upto: Stage | None = None,
    shots: Collection[int] = (),
    force: bool = False,
    reviewed: bool = True,
) -> Quote:
    """`upto` IMAGE leaves videos and voices out, VIDEO the voices; `shots` counts only these; `force` counts what is
    there already, too; not `reviewed`: nobody looks at what is made. Raises NotFoundError, BadSettingError."""
    stages = [Stage.IMAGE, Stage.VIDEO, Stage.VOICE]
    with place.database.read() as session:
        episode = find_episode(session, key)
        views, assets = load_shots(session, episode.id), load_assets(session, episode.id)
        language, left = spoken_language(session, episode), money_left(session, episode.project)
        budgets = list_budgets(session, project=episode.project)
        lacking = needs_budget(episode.project.created_by, [budget.terms for budget in budgets])
    counts: Counter[tuple[str, str]] = Counter()
    costs: dict[tuple[str, str], int | None] = {}

    def count(capability: Capability, micros: int | None, currency: str) -> None:
        line = capability.value, currency
        before = costs.get(line, 0)
        counts[line] += 1
        costs[line] = None if micros is None or before is None else before + micros

    for version in assets.values():
        if version.state != "ready":
            count(Capability.IMAGE, *_reference_cost(place, episode.project))
    looks: list[tuple[ShotView, Stage]] = []
    for stage in stages if upto is None else stages[: stages.index(upto) + 1]:
        for view in views:
            if stage not in view.wanted or (shots and view.number not in shots):
                continue
            due = force or _is_due(view, stage)
            if due:
                count(CAPABILITY[stage], *_cost(place, episode.project, view, stage, assets, language))
            if due or _waits_for_ai(view, stage):
                looks.append((view, stage))
    for view, stage in looks:
        if reviewed and _is_shown(place, episode.project, stage):
            count(Capability.PICTURE_REVIEW, *_look_cost(place, episode.project, view, stage, assets))
    lines = [(kind, count, costs[kind, currency], currency) for (kind, currency), count in counts.items()]
    return quote(lines, left, budgets, needs_budget=lacking)


def _is_due(view: ShotView, stage: Stage) -> bool:
    mine = view.stages.get(stage)
    return mine is None or mine.state in _NOT_MADE


def _waits_for_ai(view: ShotView, stage: Stage) -> bool:
    return stage in view.stages and view.stages[stage].state is State.AI_REVIEWING


def _is_shown(place: Installation, project: Project, stage: Stage) -> bool:
    """Whether takes of this stage are shown to a vision model."""
    by_ai = ReviewMode(getattr(project, f"review_{stage}")) in BY_AI
    return stage is not Stage.VOICE and by_ai and eye_name(place, project.slug) is not None


def _cost(
    place: Installation, project: Project, view: ShotView, stage: Stage, assets: AssetsByName, language: str
) -> tuple[int | None, str]:
    return _priced(
        place, project, CAPABILITY[stage], lambda: _request(stage_inputs(place, project, view, stage, assets, language))
    )


def _look_cost(
    place: Installation, project: Project, view: ShotView, stage: Stage, assets: AssetsByName
) -> tuple[int | None, str]:
    """Of one look, whatever the built-in reviewer finds: what that rejects is not shown, and costs nothing."""
    # What reads pictures takes a second to load, and most quotes need none of it.
    from aianime_pipeline.production.quotes.looks import expected_look

    return _priced(place, project, Capability.PICTURE_REVIEW, lambda: expected_look(project, view.shot, stage, assets))


def _priced(
    place: Installation, project: Project, capability: Capability, request: Callable[[], VendorRequest]
) -> tuple[int | None, str]:
    """What the preferred route takes, None where its price is not known, and the currency."""
    route = place.routes(capability, project.slug)[0]
    if not route.backend.charges:
        return 0, project.currency
    price = price_on(route.model.prices, datetime.now(UTC).date(), route.model.options)
    if price is None:
        return None, project.currency
    expected = route.backend.expected(Call(route.model, request(), "quote"))
    return price.micros(expected), price.currency


def _reference_cost(place: Installation, project: Project) -> tuple[int | None, str]:
    route = place.routes(Capability.IMAGE, project.slug)[0]
    if not route.backend.charges:
        return 0, project.currency
    price = price_on(route.model.prices, datetime.now(UTC).date(), route.model.options)
    return (None, project.currency) if price is None else (price.micros(Units(images=1)), price.currency)


def _request(inputs: Inputs) -> VendorRequest:
    """The request without its pictures, which no price depends on."""
    if inputs.capability is Capability.IMAGE:
        return image_request(inputs, lambda _digest: _NOWHERE, 0, "")
    if inputs.capability is Capability.VIDEO:
        asked = replace(inputs, asked={**inputs.asked, "first_frame": ""})
        return video_request(asked, lambda _digest: _NOWHERE, 0, "")
    return speech_request(inputs, "")
