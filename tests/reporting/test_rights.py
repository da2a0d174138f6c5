"""Seven roles and somebody without one, on every action, in every state (domain.md, "Who may do what")."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from members.permissions import may
from reporting import rules
from reporting.actions.evidence import Beside, add_file
from reporting.seen import written
from reporting.threads import threads_of
from tests.members.signing_in import recently
from workplan.models import Kpi

from .addresses import RETURNS, REVIEW, Address
from .conftest import in_module
from .rights import (
    ANSWER_STATES,
    NOW,
    PLACES,
    ROUND_STATES,
    TABLE,
    TRIED,
    YEARS,
    Place,
    Stage,
    enterable,
    letter,
    own,
    reaches,
    set_stage,
    was_sent,
)
from .trying import ended

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

STAGES = [(round_state, state) for round_state in ROUND_STATES for state in ANSWER_STATES]


@pytest.fixture(scope="module", params=STAGES, ids="-".join)
def stored_stage(stored_region, django_db_blocker, request):
    """Each stage is set once for all tests of this module."""
    yield from in_module(django_db_blocker, lambda: set_stage(*request.param))


@pytest.fixture
def stage(stored_stage, db, clock) -> Stage:
    clock(NOW)
    return stored_stage


def test_every_role_on_every_action_reaches_what_the_table_says(stage):
    targets = {}
    for place in {place for _, place in TRIED}:
        targets[place] = rules.target(
            stage.round,
            stage.submission(place),
            stage.thread(place),
            NOW,
            organisation=place.organisation,
            co_coordinators=frozenset({place.co_coordinated_by}),
        )
    wrong = [
        (name, action, str(place))
        for name, place in TRIED
        for action in TABLE
        if may(stage.people[name], action, targets[place])
        is not reaches(name, action, place, stage.round_state, stage.answer_state)
    ]
    assert wrong == []


# ---------------------------------------------------------------- by their addresses


def siblings(place: Place) -> list[Place]:
    return [each for each in PLACES if each.organisation == place.organisation]


def seen(name: str, place: Place, stage: Stage, *, whole: bool) -> bool:
    """May they see the answer, or anything of the return."""
    about = siblings(place) if whole else [place]
    states = stage.round_state, stage.answer_state
    return any(reaches(name, "submission.view", each, *states) for each in about)


def reached(name: str, address: Address, place: Place, stage: Stage) -> bool:
    """May they do it to the answer; or to any answer of the return, most of which nobody has touched."""
    states = stage.round_state, stage.answer_state
    if any(reaches(name, address.action, each, *states) for each in (siblings(place) if address.whole else [place])):
        return True
    untouched = own(name, place) and enterable(stage.round_state, "nothing")
    several = address.whole or (
        place.kpi in YEARS and not address.of_one
    )  # the form of a KPI has its other plan years, too
    return several and letter(name, address.action) in "ds" and untouched


DOES = {
    "return_to_approver": ("draft",),
    "return_send": ("draft", "awaiting_approval"),
    "return_send_back": ("awaiting_approval",),
    "return_withdraw": ("submitted",),
}
"""In which states of the answer a right to do something does it, while the answer may be changed."""
UNSENT = ("draft", "awaiting_approval")
ANYTIME = {"return_comments": "done", "return_confirm": "422", "return_register": "422", "return_evidence": "422"}
ANYTIME |= {"return_upload": "422", "return_upload_confirm": "422"}
"""What does not depend on any state: one can always comment; here nothing was entered on behalf of anybody, nothing of
the register is ticked, and no file is chosen."""

TAKEN_OUT = KNOWN_BEFORE = ("return_workbook",)
"""What the history tells of, though it only reads; and what the secretariat has of every return that the board names,
before anything was sent."""


def wanted(name: str, address: Address, place: Place, stage: Stage) -> str:
    """What comes of it. A right to do something is no promise that its state allows it. Who is signed out while they
    type is not sent away, but told so beside what they typed.
    """
    if name == "stranger":
        return "sign in"
    may = reached(name, address, place, stage)
    if not (seen(name, place, stage, whole=address.whole) or (may and address.name in KNOWN_BEFORE)):
        return "404"
    if not may:
        return "403"
    if address.name in TAKEN_OUT:
        return "done"
    if address.method == "get" or address.name in ANYTIME:
        return "200" if address.method == "get" else ANYTIME[address.name]
    if address.name == "return_kpi" and (stage.round_state, stage.answer_state) == ("closed", "awaiting_approval"):
        return "403"  # one may, but not any more
    if address.name == "return_kpi":
        this_year = reaches(name, address.action, place, stage.round_state, stage.answer_state)
        return "done" if this_year else "422"  # another plan year could be filled in
    if stage.round_state == "closed":
        return "422"
    if stage.answer_state in DOES[address.name]:
        return "done"
    return "409" if stage.answer_state in UNSENT else "422"  # what was seen is not there, or nothing is


def sent(address: Address, place: Place, stage: Stage) -> dict[str, Any]:
    """What does it where it may be done: nobody is refused for what they typed."""
    key, thread = f"y{YEARS[place.kpi]}" if place.kpi in YEARS else "answer", stage.thread(place)
    if address.name == "return_kpi":
        says = {"numerator": 4, "denominator": 8} if place.kpi in YEARS else {"answer": "planned"}
        return {f"{key}-{name}": value for name, value in (says | {"comment": "Now.", "token": thread.token}).items()}
    threads = threads_of(stage.submission(place)).values()
    answers = [each.newest for each in threads if each.newest]
    waiting = [each for each in answers if each.state in UNSENT]
    comment = {"text": "Which law?", "audience": "member"}
    return comment | {"seen": written(waiting), "note": "Please look again.", "answer": [each.pk for each in answers]}


def tried(stage: Stage, sign_in: Any) -> Iterator[tuple[str, Place, Client]]:
    """Everybody who is tried, signed in a moment ago, and somebody who is not signed in."""
    clients = {name: recently(sign_in(stage.people[name])) for name in {name for name, _ in TRIED}}
    yield from ((name, place, clients[name]) for name, place in TRIED)
    yield from (("stranger", place, Client()) for place in PLACES[:1])


def test_every_address_of_a_return_answers_as_the_table_says(stage, sign_in):
    """A page that opens, which takes long, is drawn once for each letter of the table, on what is one's own and on what
    is not; every refusal, and all that is sent, is tried by everybody."""
    typed = {(address, place): sent(address, place, stage) for address in RETURNS for place in PLACES}
    wrong, drawn = [], set()
    for name, place, client in tried(stage, sign_in):
        for address in RETURNS:
            right = wanted(name, address, place, stage)
            alike = (address, letter(name, address.action), own(name, place))
            reads = right == "200" or (right == "done" and address.name in TAKEN_OUT)
            if reads and alike in drawn:
                continue
            if reads:
                drawn.add(alike)
            data = typed[address, place] if address.method == "post" else None
            found = ended(client, address.method, address.path(stage, place), data)
            if found != right:
                wrong.append((name, str(place), address.method, address.name, found, right))
    assert wrong == []


def test_what_shows_an_answer_is_opened_and_removed_by_whom_the_table_says(stage, sign_in, empty_storage):
    told = {"name": "Law.txt", "content": b"Done.", "title": "", "by": stage.people.nobody, "now": NOW}
    pieces = {}
    for place in PLACES:
        about = {"submission": stage.submission(place), "kpi": Kpi.objects.get(code=place.kpi)}
        pieces[place] = add_file(beside=Beside(**about, plan_year=YEARS.get(place.kpi)), **told).pk
    states = stage.round_state, stage.answer_state
    wrong = []
    for name, place, client in tried(stage, sign_in):
        path = f"{Address('return_evidence', '').path(stage, place).partition('?')[0]}{pieces[place]}/"
        for method, end, action, does in (
            ("get", "", "evidence.download", "200"),
            ("get", "remove/", "evidence.delete", "200"),
            ("post", "remove/", "evidence.delete", "done"),
        ):
            if name == "stranger":
                right = "sign in"
            elif not reaches(name, "evidence.download", place, *states):
                right = "404"
            else:
                right = does if reaches(name, action, place, *states) else "403"
            found = ended(client, method, path + end, {"reason": "Wrong file."} if method == "post" else None)
            if found != right:
                wrong.append((name, str(place), method, end, found, right))
    assert wrong == []


def test_only_the_secretariat_decides(stage, sign_in):
    wrong = []
    for name, place, client in tried(stage, sign_in):
        for address in REVIEW:
            found = ended(client, address.method, address.path(stage, place))
            if name == "stranger":
                right = "sign in"
            elif letter(name, address.action) == "-":
                right = "403" if seen(name, place, stage, whole=address.whole) else "404"
            elif address.whole:
                right = "200" if address.method == "get" else "422"
            else:
                right = "422" if was_sent(stage.answer_state) else "404"
            if found != right:
                wrong.append((name, str(place), address.method, address.name, found, right))
    assert wrong == []
