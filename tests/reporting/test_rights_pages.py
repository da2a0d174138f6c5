"""Every other address, tried by everybody: what is theirs, and what is not."""

import pytest
from django.urls import reverse

from tests.members.signing_in import recently
from tests.test_urls import OPEN_TO_ALL, all_patterns

from .addresses import DOORS, RETURNS, REVIEW, Door, allowed
from .rights import ROLE_OF, letter
from .trying import ended

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

NAMES = (*ROLE_OF, "nobody")
FIGURES = {
    *("home", "overview", "focus_area", "kpi", "member", "work_plan", "rounds", "register", "documents"),
    *("today", "search", "search_anywhere"),
    *("document", "scorecard"),
}
"""Pages that show each reader what they may see, which their own tests look at."""
OWN_ACCOUNT = {pattern.name for pattern in all_patterns() if getattr(pattern.callback, "action", "") in (
    "account.own", "mfa.own")}  # fmt: skip


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_everybody_reaches_what_the_table_says(world, sign_in, door):
    path = reverse(door.name, args=door.args(world))
    wrong = []
    for name in NAMES:
        client = recently(sign_in(world.people[name]))
        for method, comes in door.comes.items():
            found, right = ended(client, method, path), wanted(name, door, method, comes)
            if found != right:
                wrong.append((name, method, found, right))
    assert wrong == []


def wanted(name: str, door: Door, method: str, comes: str) -> str:
    if name in door.concealed or (door.hidden and letter(name, door.hidden) == "-"):
        return "404"
    if allowed(name, door):
        return "403" if method == "post" and door.posts and letter(name, door.posts) == "-" else comes
    if letter(name, door.action) == "-":
        return "403"
    if comes == "405":
        return "405"
    return "404" if door.unseen else "403"


@pytest.mark.parametrize("door", DOORS, ids=str)
def test_a_stranger_is_sent_to_sign_in(world, client, door):
    path = reverse(door.name, args=door.args(world))
    for method in ("get", "post"):
        assert ended(client, method, path) == "sign in"


def test_every_address_is_tried_somewhere():
    tried = {each.name for each in DOORS} | {each.name for each in (*RETURNS, *REVIEW)} | FIGURES | OWN_ACCOUNT
    by_themselves = {"return_check", "return_receipt", "person_open", "person_take_role", "people_withdraw"}
    by_themselves |= {"on_behalf", "on_behalf_kpi", "return_original"}
    by_themselves |= {f"on_behalf_{end}" for end in ("workbook", "marked", "receipt")}
    by_themselves |= {"return_evidence_file", "return_evidence_remove"}
    by_themselves |= {"return_upload_marked", "return_upload_receipt", "return_upload_file"}
    assert {pattern.name for pattern in all_patterns()} - OPEN_TO_ALL - tried == by_themselves
