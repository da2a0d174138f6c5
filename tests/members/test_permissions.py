import csv
from pathlib import Path

import pytest

from members.choices import RoleName, Scope
from members.models import Role, User
from members.permissions import (
    ACTIONS,
    ROLES,
    Target,
    UnknownAction,
    grants,
    may,
    must_sign_in_again,
    scopes_of_the,
)

REFERENCE = Path(__file__).parent.parent / "data" / "permissions.csv"
AUSTRALIAN = frozenset({"AUS"})


def reference_cells() -> dict[tuple[str, str], str]:
    with REFERENCE.open(encoding="utf-8") as file:
        return {
            (row["action"], role): cell
            for row in csv.DictReader(file)
            for role, cell in row.items()
            if role != "action"
        }


def test_the_table_is_the_reference_cell_by_cell():
    ours = {(action, name.value): ROLES[name].scope(action).value for action in ACTIONS for name in RoleName}
    assert ours == reference_cells()


def test_every_role_says_what_it_is_for():
    assert set(ROLES) == set(RoleName)
    assert all(role.description.endswith(".") for role in ROLES.values())


def test_a_role_is_a_set_of_permissions():
    assert "release.view" in ROLES[RoleName.OBSERVER].permissions
    assert "submission.submit" not in ROLES[RoleName.MEMBER_CONTRIBUTOR].permissions


@pytest.mark.parametrize("line", ["plan.edit + + -", "plan.edit + + - - - - ?"], ids=["short", "odd letter"])
def test_a_table_with_a_hole_does_not_load(line):
    with pytest.raises(ValueError, match=r"zip|Scope"):
        scopes_of_the(f"action SA SE MC MA CC RO OB\n{line}")


REACH = [
    (Scope.NO, Target(organisations=AUSTRALIAN, submitted=True), False),
    (Scope.YES, Target(), True),
    (Scope.SIGNED_IN_AGAIN, Target(), True),
    (Scope.OWN, Target(organisations=AUSTRALIAN), True),
    (Scope.OWN, Target(organisations=frozenset({"FJI"})), False),
    (Scope.OWN_DRAFT, Target(organisations=AUSTRALIAN), False),
    (Scope.OWN_DRAFT, Target(organisations=AUSTRALIAN, open_for_entry=True), True),
    (Scope.OWN_DRAFT, Target(organisations=AUSTRALIAN, awaits_approval=True), False),
    (Scope.OWN_DRAFT, Target(open_for_entry=True), False),
    (Scope.OWN_UNSENT, Target(organisations=AUSTRALIAN), False),
    (Scope.OWN_UNSENT, Target(organisations=AUSTRALIAN, open_for_entry=True), True),
    (Scope.OWN_UNSENT, Target(organisations=AUSTRALIAN, awaits_approval=True), True),
    (Scope.OWN_UNSENT, Target(awaits_approval=True), False),
    (Scope.OWN_UNDECIDED, Target(organisations=AUSTRALIAN), False),
    (Scope.OWN_UNDECIDED, Target(organisations=AUSTRALIAN, undecided=True), True),
    (Scope.OWN_UNDECIDED, Target(undecided=True), False),
    (Scope.SUBMITTED, Target(organisations=AUSTRALIAN), False),
    (Scope.SUBMITTED, Target(submitted=True), True),
    (Scope.FOCUS_AREA, Target(submitted=True), False),
    (Scope.FOCUS_AREA, Target(focus_area_organisations=AUSTRALIAN), False),
    (Scope.FOCUS_AREA, Target(focus_area_organisations=AUSTRALIAN, submitted=True), True),
]


@pytest.mark.parametrize(("scope", "target", "reached"), REACH)
def test_how_far_a_scope_reaches(scope, target, reached):
    assert target.within(scope, "AUS") is reached


def test_every_scope_is_tried_above():
    assert {scope for scope, _, _ in REACH} == set(Scope)


def test_without_a_target_the_question_is_whether_at_all(cast):
    assert may(cast.connie, "submission.edit")
    assert not may(cast.percy, "submission.edit")


def test_rights_are_the_union_over_all_roles(cast, organisations):
    target = Target(organisations=frozenset({"FJI"}), open_for_entry=True)
    assert not may(cast.connie, "submission.edit", target)

    Role.objects.create(user=cast.connie, organisation=organisations.fiji, role=RoleName.MEMBER_CONTRIBUTOR)

    connie = User.objects.get(pk=cast.connie.pk)
    assert may(connie, "submission.edit", target)
    assert grants(connie, "submission.edit") == [(Scope.OWN_DRAFT, "AUS"), (Scope.OWN_DRAFT, "FJI")]


def test_somebody_without_a_role_may_do_nothing(db):
    nobody = User.objects.create_user(email="nobody@example.org", name="Nobody")
    assert not any(may(nobody, action) for action in ACTIONS)


def test_an_unknown_action_raises_for_everybody(cast):
    with pytest.raises(UnknownAction, match=r"no action 'plan.burn'.*plan\.publish"):
        may(cast.ada, "plan.burn")


def test_what_asks_for_a_fresh_sign_in(cast):
    assert must_sign_in_again(cast.ada, "plan.publish")
    assert must_sign_in_again(cast.ada, "user.invite")
    assert not must_sign_in_again(cast.ali, "user.invite")
    assert not must_sign_in_again(cast.ada, "plan.edit")


def test_another_role_that_gives_the_same_takes_no_sign_in_away(cast, organisations):
    Role.objects.create(user=cast.ada, organisation=organisations.fiji, role=RoleName.MEMBER_APPROVER)
    ada = User.objects.get(pk=cast.ada.pk)
    assert {scope for scope, _ in grants(ada, "user.invite")} == {Scope.SIGNED_IN_AGAIN, Scope.OWN}
    assert must_sign_in_again(ada, "user.invite")
    assert not must_sign_in_again(ada, "submission.submit")


def test_roles_are_read_once(cast, django_assert_num_queries):
    connie = User.objects.get(pk=cast.connie.pk)
    with django_assert_num_queries(1):
        for action in ACTIONS:
            may(connie, action, Target(organisations=AUSTRALIAN))
