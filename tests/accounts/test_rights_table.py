"""What roles may do: the table, how jobs add up, and what the documentation says of it."""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from aianime_pipeline.accounts.rights import ALL_ACTIONS, ROLES, Action, Role, actions_of, roles_in_project

ROOT = Path(__file__).resolve().parents[2]
_roles = st.frozensets(st.sampled_from(Role))


def documented_table() -> str:
    """The table of docs/rights.md, as it has to be."""
    lines = ["| action | " + " | ".join(Role) + " |", "| --- |" + " --- |" * len(Role)]
    for action in Action:
        marks = ["●" if action in ROLES[role] else "" for role in Role]
        lines.append(f"| `{action}` | " + " | ".join(marks) + " |")
    return "\n".join(line.replace("  ", " ") for line in lines)


def test_the_documentation_has_the_table_as_it_is() -> None:
    text = (ROOT / "docs" / "rights.md").read_text(encoding="utf-8")
    found = re.search(r"^\| action \|.*?(?=\n\n)", text, re.MULTILINE | re.DOTALL)
    assert found is not None
    assert found[0] == documented_table()


def test_every_role_sees_and_downloads_and_only_a_director_may_do_everything() -> None:
    assert all({Action.VIEW, Action.DOWNLOAD} <= ROLES[role] for role in Role)
    assert {role for role in Role if ROLES[role] == ALL_ACTIONS} == {Role.DIRECTOR}
    assert set(ROLES) == set(Role)


def test_every_action_is_somebodys_besides_the_directors_or_is_said_to_be_theirs_alone() -> None:
    others = actions_of([role for role in Role if role != Role.DIRECTOR])
    assert ALL_ACTIONS - others == {
        Action.PROJECT_EDIT,
        Action.MEMBERS_EDIT,
        Action.SCREENPLAY_LOCK,
        Action.REVIEW_LOCK,
        Action.PIPELINE_RUN,
        Action.TASK_CANCEL,
        Action.SCHEDULE_EDIT,
        Action.USAGE_VIEW,
        Action.GENERATION_RESOLVE,
        Action.CHANNEL_EDIT,
    }


@given(_roles, _roles)
def test_what_several_roles_may_do_adds_up(some: frozenset[Role], more: frozenset[Role]) -> None:
    assert actions_of(some | more) == actions_of(some) | actions_of(more)
    assert actions_of(some) <= actions_of(some | more)


@given(_roles, st.lists(_roles, max_size=4), st.booleans())
def test_membership_stands_in_place_of_what_teams_say(
    member: frozenset[Role], teams: list[frozenset[Role]], is_creator: bool
) -> None:
    without_teams = roles_in_project(member, [], is_creator=is_creator)
    assert roles_in_project(member, teams, is_creator=is_creator) == without_teams


@given(st.none() | _roles, st.lists(_roles, max_size=4), st.booleans())
def test_no_entry_at_all_is_nothing_and_who_made_it_is_a_director_besides(
    member: frozenset[Role] | None, teams: list[frozenset[Role]], is_creator: bool
) -> None:
    found = roles_in_project(member, teams, is_creator=is_creator)
    assert (found is None) == (member is None and not teams and not is_creator)
    if is_creator:
        assert found is not None
        assert actions_of(found) == ALL_ACTIONS
    if found is not None and member is None and not is_creator:
        assert found == frozenset[Role]().union(*teams)
