"""Every other address, tried by everybody: what is theirs, and what is not."""

import pytest
from django.urls import reverse

from tests.members.signing_in import recently
from tests.test_urls import OPEN_TO_ALL, all_patterns

from .addresses import DOORS, RETURNS, REVIEW, allowed
from .rights import ROLE_OF, letter
from .trying import answered

pytestmark = pytest.mark.usefixtures("quiet")

NAMES = (*ROLE_OF, "nobody")
FIGURES = {"home", "overview", "focus_area", "kpi", "member", "work_plan", "rounds", "register", "documents"}
"""Pages that show each reader what they may see, which their own tests look at."""
OWN_ACCOUNT = {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "action", "") in (
    "account.own", "mfa.own")}  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_everybody_reaches_what_the_table_says(world, sign_in, door):
    path = reverse(door.name, args=door.args(world))
    wrong = []
    for name in NAMES:
        client = recently(sign_in(world.people[name]))
        for method in door.methods:
            status = answered(client, method, path).status
            right = {200, 302, 405, 409, 422} if allowed(name, door) else {404} if door.unseen and letter(
                name, door.action) != "-" else {403}  # fmt: skip
            if status not in right:
                wrong.append((name, method, status, right))
    assert wrong == []


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_stranger_is_sent_to_sign_in(world, client, door):
    path = reverse(door.name, args=door.args(world))
    for method in ("get", "post"):
        page = answered(client, method, path)
        assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


def test_every_address_is_tried_somewhere():
    tried = {each.name for each in DOORS} | {each.name for each in (*RETURNS, *REVIEW)} | FIGURES | OWN_ACCOUNT
    by_themselves = {"return_check", "return_receipt", "person_open", "person_take_role", "people_withdraw"}
    assert {pattern.name for pattern in all_patterns()} - OPEN_TO_ALL - tried == by_themselves
