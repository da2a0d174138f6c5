"""Every other address, tried by everybody: what is theirs, what is not, and by whom signing in again is asked for."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry, User
from reporting.models import Activity
from tests.conftest import person
from tests.test_urls import OPEN_TO_ALL, all_patterns

from .looks import Page, page_of
from .region import PLAN, arrangement, org
from .rights import ROLE_OF, letter
from .test_rights import RETURNS, REVIEW, recently

NAMES = (*ROLE_OF, "nobody")
FIGURES = {"home", "overview", "focus_area", "kpi", "member", "work_plan", "rounds", "register", "documents"}
"""Pages that show each reader what they may see, which their own tests look at."""
OWN_ACCOUNT = {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "action", "") in (
    "account.own", "mfa.own")}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """An address. ``own``: for whom it is about something of theirs; ``unseen``: others may not see it either."""

    name: str
    action: str
    args: Callable[[object], tuple[object, ...]]
    own: tuple[str, ...] = ()
    unseen: bool = False
    get: bool = True
    post: bool = True

    @property
    def methods(self) -> list[str]:
        return ["get"] * self.get + ["post"] * self.post

    def __str__(self) -> str:
        return self.name


def round_args(world):
    return (PLAN, world.current.code)


def activity_of(reference):
    return lambda world: (PLAN, Activity.objects.get(reference=reference).pk)


def arrangement_of(*codes):
    return lambda world: (PLAN, arrangement(*codes, in_force=date(2020, 5, 1)).pk)


def colleague(world):
    known = User.objects.filter(email="col@example.org").first()
    return ((known or person("Col", RoleName.MEMBER_CONTRIBUTOR, org("FJI"))).pk,)


OPERATION, MEETING = activity_of("OP-DRAGON"), activity_of("ROCB-R1")
FIJI_PAIR = arrangement_of("FJI", "NZL")
FIJIANS = ("connie", "ali")
PLACES = (
    Place("round_new", "round.edit", lambda world: (PLAN,)),
    Place("round_edit", "round.edit", round_args),
    Place("round_open", "round.open_close", round_args),
    Place("round_close", "round.open_close", round_args),
    Place("round_late", "round.reopen_member", lambda world: (PLAN, world.interim.code, "FJI")),
    Place("board", "submission.list", round_args, own=("connie", "ali", "olga", "cora")),
    Place("review_queue", "submission.accept_answer", round_args),
    Place("review_kpi", "submission.accept_answer", lambda world: (PLAN, world.current.code, "1.1.1(b)")),
    Place("round_words", "kpi_comment.edit", round_args, own=("cora",)),
    Place("kpi_comment", "kpi_comment.edit", lambda world: (PLAN, world.current.code, "1.1.1(b)"), own=("cora",)),
    Place("kpi_comment", "kpi_comment.edit", lambda world: (PLAN, world.current.code, "4.1.1(a)")),
    Place("narrative", "narrative.edit", lambda world: (PLAN, world.current.code, "1"), own=("cora",)),
    Place("narrative", "narrative.edit", lambda world: (PLAN, world.current.code, "4")),
    Place("narrative_approve", "narrative.approve", lambda world: (PLAN, world.current.code, "1"), get=False),
    Place("release_new", "release.publish", lambda world: (PLAN,)),
    Place("figures", "submission.list", lambda world: (PLAN,), own=("connie", "ali", "olga", "cora")),
    Place("activity_add", "activity.add", lambda world: (PLAN,)),
    Place("activity", "activity.list", OPERATION),
    Place("activity_edit", "activity.edit", OPERATION, own=FIJIANS),
    Place("activity_edit", "activity.edit", MEETING, own=("olga",)),
    Place("activity_cancel", "activity.cancel", OPERATION, own=FIJIANS),
    Place("activity_cancel", "activity.cancel", MEETING, own=("olga",)),
    Place("activity_decide", "activity.confirm", OPERATION),
    Place("activity_part", "activity.confirm_own_part", OPERATION, own=FIJIANS),
    Place("activity_part", "activity.confirm_own_part", MEETING, own=("olga",)),
    Place("activity_settle", "activity.confirm", OPERATION),
    Place("arrangement_add", "arrangement.add", lambda world: (PLAN,), own=FIJIANS),
    Place("arrangement", "arrangement.list", FIJI_PAIR),
    Place("arrangement_edit", "arrangement.edit", FIJI_PAIR, own=FIJIANS),
    Place("arrangement_edit", "arrangement.edit", arrangement_of("JPN", "AUS")),
    Place("arrangement_decide", "arrangement.confirm", FIJI_PAIR),
    Place("arrangement_side", "arrangement.confirm_own_side", FIJI_PAIR, own=FIJIANS),
    Place("arrangement_side", "arrangement.confirm_own_side", arrangement_of("JPN", "AUS")),
    Place("arrangement_settle", "arrangement.confirm", FIJI_PAIR),
    Place("people", "user.list", lambda world: (), own=("connie", "ali", "olga")),
    Place("people_invite", "user.invite", lambda world: (), own=("ali",)),
    Place("person", "user.list", colleague, own=FIJIANS, unseen=True, post=False),
    Place("person_close", "user.deactivate", colleague, own=("ali",), get=False),
    Place("person_add_role", "user.set_role", colleague, get=False),
    Place("person_reset_second_factor", "user.reset_mfa", colleague, get=False),
)


def allowed(name: str, place: Place) -> bool:
    return {"-": False, "+": True, "X": True}.get(letter(name, place.action), name in place.own)


def answered(client: Client, method: str, path: str) -> Page:
    with transaction.atomic():
        before = AuditEntry.objects.count()
        page = page_of(getattr(client, method)(path))
        wrote = AuditEntry.objects.count() != before
        transaction.set_rollback(True)
    assert not (wrote and page.status >= 400), path
    return page


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_everybody_reaches_what_the_table_says(world, sign_in, place):
    path = reverse(place.name, args=place.args(world))
    wrong = []
    for name in NAMES:
        client = recently(sign_in(world.people[name]))
        for method in place.methods:
            status = answered(client, method, path).status
            right = {200, 302, 405, 409, 422} if allowed(name, place) else {404} if place.unseen and letter(
                name, place.action) != "-" else {403}  # fmt: skip
            if status not in right:
                wrong.append((name, method, status, right))
    assert wrong == []


@pytest.mark.parametrize("place", PLACES, ids=str)
def test_a_stranger_is_sent_to_sign_in(world, client, place):
    path = reverse(place.name, args=place.args(world))
    for method in ("get", "post"):
        page = answered(client, method, path)
        assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("place", [each for each in PLACES if letter("ada", each.action) == "X"], ids=str)
def test_what_matters_most_asks_to_sign_in_again(world, sign_in, place):
    path = reverse(place.name, args=place.args(world))
    world.people.ada.set_password("seven green boats")
    world.people.ada.save(update_fields=["password"])
    client = sign_in(world.people.ada)
    for method in place.methods:
        page = answered(client, method, path)
        assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/reauthenticate/")


def test_every_address_is_tried_somewhere():
    tried = {each.name for each in PLACES} | {each.name for each in (*RETURNS, *REVIEW)} | FIGURES | OWN_ACCOUNT
    by_themselves = {"return_check", "return_receipt", "person_open", "person_take_role", "people_withdraw"}
    assert {pattern.name for pattern in all_patterns()} - OPEN_TO_ALL - tried == by_themselves
