"""`aianime budget`: what may be spent, by a project or by an organisation with all its projects."""

import re
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

import typer

from aianime_pipeline.cli.arguments import Json, exactly_one, narrow, print_json
from aianime_pipeline.errors import BadInputError, BadSettingError

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from aianime_pipeline.production.budgets.limits import Subject
    from aianime_pipeline.production.budgets.rules import Standing

budget = typer.Typer(help="What may be spent, by a project or an organisation.", no_args_is_help=True)

OfProject = Annotated[str | None, typer.Option("--project", metavar="SLUG", help="The budget of this project.")]
OfOrganisation = Annotated[
    str | None, typer.Option("--organisation", metavar="NAME", help="The budget of all its projects together.")
]
Period = Annotated[str, typer.Option(help="month: each month (UTC) anew; total: for all time.")]
Currency = Annotated[str | None, typer.Option(metavar="CODE", help="Such as CNY; the project's own if left out.")]

_LIMIT = re.compile(r"[0-9]{1,12}(?:\.[0-9]{1,6})?")


@budget.command("set")
def set_command(
    limit: Annotated[str, typer.Argument(metavar="LIMIT", help="Such as 500 or 99.50.")],
    project: OfProject = None,
    organisation: OfOrganisation = None,
    period: Period = "month",
    currency: Currency = None,
    soft: Annotated[bool, typer.Option("--soft", help="Tell when it is used up, and refuse nothing.")] = False,
    as_json: Json = False,
) -> None:
    """Set a budget or change its limit; what was spent stays. What does not fit into it is refused before it is asked
    for, unless the budget is a soft one."""
    from getpass import getuser

    from aianime_pipeline.production.budgets.limits import set_budget
    from aianime_pipeline.production.installation import installation

    micros = money(limit)
    with installation().database.write() as session:
        subject = _subject(session, project, organisation, period, currency)
        standing = set_budget(session, subject, micros, hard=not soft, set_by=getuser())
    print_json({"budget": standing.to_document()}) if as_json else typer.echo(_line(standing))


@budget.command("remove")
def remove_command(
    project: OfProject = None,
    organisation: OfOrganisation = None,
    period: Period = "month",
    currency: Currency = None,
    as_json: Json = False,
) -> None:
    """Remove a budget. The usage stays."""
    from aianime_pipeline.production.budgets.limits import remove_budget
    from aianime_pipeline.production.installation import installation

    with installation().database.write() as session:
        subject = _subject(session, project, organisation, period, currency)
        remove_budget(session, subject)
    document = {
        "scope": subject.scope,
        "subject": subject.name,
        "period": subject.period,
        "currency": subject.currency,
    }
    if as_json:
        print_json({"removed": document})
    else:
        typer.echo(f"{subject.name} has no such budget now")


@budget.command("list")
def list_command(
    project: Annotated[
        str | None, typer.Option(metavar="SLUG", help="Those that count what this project spends.")
    ] = None,
    as_json: Json = False,
) -> None:
    """The budgets, and how they stand in this month or in total."""
    from aianime_pipeline.production.budgets.limits import list_budgets
    from aianime_pipeline.production.installation import installation
    from aianime_pipeline.production.projects.keeping import find_project

    with installation().database.read() as session:
        chosen = find_project(session, project) if project is not None else None
        found = list_budgets(session, project=chosen)
    if as_json:
        print_json({"budgets": [standing.to_document() for standing in found]})
        return
    for standing in found:
        typer.echo(_line(standing))
    if not found:
        typer.echo("no budget is set: projects that were made over the web spend nothing, the others without a bound")


def money(text: str) -> int:
    """`99.50` in micro-units. Raises BadSettingError."""
    from aianime_pipeline.providers.prices import MICROS

    plain = narrow(text)
    if not _LIMIT.fullmatch(plain):
        raise BadSettingError(f"{text!r} is no limit; right would be 500 or 99.50.")
    return int(Decimal(plain) * MICROS)


def _subject(
    session: "Session", project: str | None, organisation: str | None, period: str, currency: str | None
) -> "Subject":
    from aianime_pipeline.production.budgets.limits import Subject
    from aianime_pipeline.production.projects.keeping import find_project

    scope = exactly_one(project=project, organisation=organisation)
    if currency is None:
        if project is None:
            raise BadInputError("Give --currency: the projects of an organisation may have several.")
        currency = find_project(session, project).currency
    return Subject(scope, project or organisation or "", narrow(period), narrow(currency).upper())


def _line(standing: "Standing") -> str:
    from aianime_pipeline.providers.prices import amount

    terms = standing.terms
    left: Any = standing.left_micros
    rest = f"{amount(left)} left" if left >= 0 else f"over by {amount(-left)}"
    kind = "hard" if terms.hard else "soft"
    return f"{terms.scope} {terms.subject}, {standing.current}, {kind}: {standing.in_words()}, {rest}"
