"""Where notices go besides their own list: a person's own channels, a project's, and the installation's.

Of an address only the host is shown, and secrets are known by the name of a variable of the server's environment.
"""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from aianime_pipeline.accounts.callers import Caller
from aianime_pipeline.accounts.rights import Action
from aianime_pipeline.accounts.throttling import count_try
from aianime_pipeline.db.models import Channel, Delivery, Notice
from aianime_pipeline.notifying.answers import Verdict
from aianime_pipeline.notifying.kinds import NOTICE_KINDS, ChannelKind
from aianime_pipeline.notifying.timing import MOST_DIGEST_MINUTES
from aianime_pipeline.production.notifications.channels import (
    ChannelOptions,
    add_channel,
    change_channel,
    channel_document,
    options_of,
    remove_channel,
    set_enabled,
)
from aianime_pipeline.production.notifications.ownership import (
    VARIABLES,
    channels_of,
    check_address_of,
    check_new_channel,
    check_variable_of,
    deliveries_of,
    find_channel_of,
)
from aianime_pipeline.production.notifications.sending import send_test
from api.chosen import chosen_project
from api.dependencies import Name, Place, logged_in
from api.errors import errors_of
from api.fields import YesOrNo
from api.limits import TRIES
from api.paging import Page, Paging, paged
from api.routing import Router

router = Router(prefix="/channels", tags=["channels"])

_Time = Annotated[str, Field(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["22:00"])]
_Address = Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^[^\x00-\x1f\x7f]+$")]
_Variable = Annotated[
    str,
    Field(
        max_length=128,
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*$",
        description="Name of the variable of the server's environment that holds the secret which messages are signed "
        f"with. It begins with {VARIABLES}, unless an administrator names it.",
    ),
]
_Kinds = Annotated[list[Literal[NOTICE_KINDS]], Field(max_length=50, description="Only these kinds; empty: all.")]  # type: ignore[valid-type]
_Minutes = Annotated[
    int,
    Field(
        strict=True, ge=0, le=MOST_DIGEST_MINUTES, description="What is told within so long is one message; 0: each."
    ),
]
_CHANNEL: dict[str, Any] = {
    "name": "crew",
    "kind": "feishu",
    "address": "https://open.feishu.cn/…",
    "secret_variable": "CHANNEL_CREW_SECRET",
    "project": "moonlit",
    "user": None,
    "kinds": ["budget", "task"],
    "quiet": {"begins": "22:00", "ends": "08:00", "time_zone": "Asia/Shanghai"},
    "digest_minutes": 30,
    "enabled": True,
    "created_by": "lin",
}


class QuietHours(BaseModel):
    """From `begins` until `ends` nothing is sent."""

    model_config = ConfigDict(extra="forbid")

    begins: _Time
    ends: _Time
    time_zone: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9_+/-]+$")] = Field(
        examples=["Asia/Shanghai"]
    )


class ChannelChanges(BaseModel):
    """Only what is named is changed. `null` takes the secret or the quiet hours away."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [{"enabled": False}]})

    address: _Address | None = Field(None, description="A web address as the receiver shows it, or an e-mail address.")
    secret_variable: _Variable | None = None
    kinds: _Kinds | None = None
    quiet: QuietHours | None = None
    digest_minutes: _Minutes | None = None
    enabled: YesOrNo | None = None


class NewChannel(BaseModel):
    """Somebody's own with `user`, a project's with `project` alone, the installation's with neither."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [
                {
                    "name": "crew",
                    "kind": "feishu",
                    "address": "https://open.feishu.cn/open-apis/bot/v2/hook/0a1b",
                    "secret_variable": "CHANNEL_CREW_SECRET",
                    "project": "moonlit",
                    "kinds": ["task", "budget"],
                }
            ]
        },
    )

    name: Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^\x00-\x20\x7f/.][^\x00-\x1f\x7f/]*$")]
    kind: ChannelKind
    address: _Address = Field(
        description="A web address as the receiver shows it, or an e-mail address: of the caller's account, unless an "
        "administrator says another."
    )
    secret_variable: _Variable | None = None
    project: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,48}$")] | None = Field(
        None, description="Only this project's notices."
    )
    user: Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[^\x00-\x1f\x7f]+$")] | None = Field(
        None, description="What this person may read; the caller, unless an administrator says another."
    )
    kinds: _Kinds = []
    quiet: QuietHours | None = None
    digest_minutes: _Minutes = 0


class ChannelView(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [_CHANNEL]})

    name: str
    kind: ChannelKind
    address: str = Field(description="Of a web address only the host: the rest is as good as a password.")
    secret_variable: str | None
    project: str | None
    user: str | None
    kinds: list[str]
    quiet: QuietHours | None
    digest_minutes: int
    enabled: bool
    created_by: str


class Tried(BaseModel):
    model_config = ConfigDict(json_schema_extra={"examples": [{"verdict": "taken", "words": ""}]})

    verdict: Verdict = Field(description="`unknown`: it may have arrived.")
    words: str = Field(description="What the receiver answered, without secrets.")


class DeliveryView(BaseModel):
    """A notice on its way through a channel."""

    id: int
    notice: int
    kind: str
    text: str
    state: Literal["pending", "sending", "sent", "failed", "unknown"] = Field(
        description="An `unknown` one may have arrived, and is not sent again."
    )
    due_at: datetime
    attempts: int
    message: str | None = Field(description="Notices of one digest share it.")
    sent_at: datetime | None
    error: str


@router.get("", responses=errors_of(403))
def list_channels(place: Place, caller: Caller = logged_in(), paging: Paging = paged()) -> Page[ChannelView]:
    """The caller's own channels, those of the projects whose channels they edit, and an administrator's: all."""
    with place.database.read() as session:
        return paging.joined(session, channels_of(session, caller), Channel.name, _show)


@router.post("", status_code=201, responses=errors_of(403, 404))
def create_channel(body: NewChannel, place: Place, caller: Caller = logged_in()) -> ChannelView:
    """A new channel, which carries what is told from now on."""
    with place.database.write() as session:
        project = chosen_project(session, caller, body.project, Action.VIEW) if body.project is not None else None
        options = ChannelOptions(
            address=body.address,
            secret_variable=body.secret_variable,
            project=project,
            user=body.user,
            kinds=body.kinds,
            quiet=_quiet(body.quiet),
            digest_minutes=body.digest_minutes,
        )
        check_new_channel(session, caller, body.kind, options)
        inside = place.settings.webhooks_inside
        row = add_channel(session, body.name, body.kind, options, created_by=caller.name, inside=inside)
        return _show(row, body.project)


@router.get("/{channel}", responses=errors_of(403, 404))
def read_channel(channel: Name, place: Place, caller: Caller = logged_in()) -> ChannelView:
    """One of them."""
    with place.database.read() as session:
        return _show(*find_channel_of(session, caller, channel))


@router.patch("/{channel}", responses=errors_of(403, 404))
def change_a_channel(channel: Name, body: ChannelChanges, place: Place, caller: Caller = logged_in()) -> ChannelView:
    """Change what is named. What is told while it is off is never sent through it."""
    changes = body.model_dump(exclude_unset=True)
    enabled = changes.pop("enabled", None)
    with place.database.write() as session:
        row, project = find_channel_of(session, caller, channel)
        if changes:
            options = _changed(session, row, body, changes)
            if options.address != row.address:
                check_address_of(session, caller, ChannelKind(row.kind), options.address)
            if {"address", "secret_variable"} & changes.keys():
                # What is signed with an administrator's secret goes where an administrator said.
                check_variable_of(caller, options.secret_variable)
            change_channel(session, channel, options, inside=place.settings.webhooks_inside)
        if enabled is not None:
            set_enabled(session, channel, enabled, who=caller.name)
        return _show(row, project)


@router.delete("/{channel}", status_code=204, responses=errors_of(403, 404))
def delete_channel(channel: Name, place: Place, caller: Caller = logged_in()) -> None:
    """Remove it and the record of what went through it. The notices stay."""
    with place.database.write() as session:
        find_channel_of(session, caller, channel)
        remove_channel(session, channel)


@router.post("/{channel}/try", responses=errors_of(403, 404, 429))
def try_a_channel(channel: Name, place: Place, caller: Caller = logged_in()) -> Tried:
    """Send a message that says that it is a test, now and whatever its quiet hours are. A person may do so ten times
    in ten minutes."""
    with place.database.read() as session:
        row, _ = find_channel_of(session, caller, channel)
    with TRIES.one():
        with place.database.write() as session:
            count_try(session, caller.user_id)
        outcome = send_test(place, row)
    return Tried(verdict=outcome.verdict, words=outcome.words)


@router.get("/{channel}/deliveries", responses=errors_of(403, 404))
def list_channel_deliveries(
    channel: Name,
    place: Place,
    caller: Caller = logged_in(),
    state: Annotated[Literal["pending", "sending", "sent", "failed", "unknown"] | None, Query()] = None,
    paging: Paging = paged(),
) -> Page[DeliveryView]:
    """What went through it, the newest first."""
    with place.database.read() as session:
        row, _ = find_channel_of(session, caller, channel)
        query = deliveries_of(session, caller, row)
        if state is not None:
            query = query.where(Delivery.state == state)
        return paging.joined(session, query, Delivery.id, _show_delivery, newest_first=True)


def _changed(session: Session, row: Channel, body: ChannelChanges, changes: dict[str, Any]) -> ChannelOptions:
    named = {name: value for name, value in changes.items() if value is not None or name == "secret_variable"}
    if "quiet" in changes:
        named["quiet"] = _quiet(body.quiet)
    return replace(options_of(session, row), **named)


def _quiet(hours: QuietHours | None) -> tuple[str, str, str] | None:
    return (hours.begins, hours.ends, hours.time_zone) if hours is not None else None


def _show(row: Channel, project: str | None) -> ChannelView:
    document = channel_document(row, project)
    if document["quiet"] is not None:
        document["quiet"] = dict(zip(("begins", "ends", "time_zone"), document["quiet"], strict=True))
    return ChannelView.model_validate(document)


def _show_delivery(row: Delivery, notice: Notice) -> DeliveryView:
    return DeliveryView(
        id=row.id,
        notice=notice.id,
        kind=notice.kind,
        text=notice.text,
        state=row.state,  # type: ignore[arg-type]
        due_at=row.due_at,
        attempts=row.attempts,
        message=row.message,
        sent_at=row.sent_at,
        error=row.error,
    )
