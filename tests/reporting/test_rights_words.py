"""Seven roles, somebody without one and a stranger, at every address of a comment and of a narrative, in every state
that it can be in, while the round is open and after it has closed, on their own focus area and on another."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from reporting.actions import close_round
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.models import KpiComment, Narrative, Round
from tests.members.signing_in import recently
from workplan.models import FocusArea

from .conftest import in_module
from .region import NOW, OPEN, PLAN, People, collect, kpi, load_region, make_people, moment
from .rights import ROLE_OF, letter
from .trying import attempted, came

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

STATES = ("nothing", "written", "approved")
ROUNDS = ("open", "closed")
AREAS = {"1": ("1.1.1(b)", "CHN"), "4": ("4.1.1(a)", "VNM")}
"""Focus areas, each with a KPI and with who co-coordinates it."""
DOORS = (
    ("narrative", "narrative.edit", "get"),
    ("narrative", "narrative.edit", "post"),
    ("narrative_approve", "narrative.approve", "post"),
    ("kpi_comment", "kpi_comment.edit", "get"),
    ("kpi_comment", "kpi_comment.edit", "post"),
)
TRIED = [(name, area) for name in (*ROLE_OF, "nobody", "stranger") for area in AREAS]


@dataclass(frozen=True)
class Stage:
    people: People
    round: Round
    state: str

    def text(self, area: str, door: str) -> Any:
        if door == "kpi_comment":
            return KpiComment.objects.filter(round=self.round, kpi__code=AREAS[area][0]).first()
        return Narrative.objects.filter(round=self.round, focus_area__code=area).first()


def set_stage(round_state: str, state: str) -> Stage:
    load_region()
    people, collection = make_people(), collect("words", OPEN, opened=moment(OPEN), closed=False)
    words = {"collection": collection, "by": people.vera, "now": NOW}
    for code, (about, _) in AREAS.items() if state != "nothing" else ():
        area = FocusArea.objects.get(plan__code=PLAN, code=code)
        write_narrative(area=area, text="It goes well.", seen=0, **words)
        write_comment(kpi=kpi(about), text="Twelve joined.", seen=0, **words)
        if state == "approved":
            approve_narrative(area=area, seen=1, **words)
    if round_state == "closed":
        close_round(collection=collection, by=None, now=NOW - timedelta(hours=1))
    return Stage(people, collection, state)


@pytest.fixture(scope="module", params=[(of_round, state) for of_round in ROUNDS for state in STATES], ids="-".join)
def stored_stage(django_db_setup, django_db_blocker, request):
    yield from in_module(django_db_blocker, lambda: set_stage(*request.param))


@pytest.fixture
def stage(stored_stage, db, clock) -> Stage:
    return stored_stage


def reaches(name: str, action: str, area: str) -> bool:
    own = name in ROLE_OF and ROLE_OF[name][1] == AREAS[area][1]
    return {"-": False, "+": True, "f": own}[letter(name, action)]


def wanted(stage: Stage, name: str, door: str, action: str, method: str, area: str) -> str:
    if name == "stranger":
        return "sign in"
    if not reaches(name, action, area):
        return "403"
    if method == "get":
        return "200"
    if door == "narrative_approve":
        return {"nothing": "422", "written": "done", "approved": "302"}[stage.state]
    return "done"


def test_every_address_of_a_text_answers_as_the_table_says(stage, sign_in):
    clients = {name: recently(sign_in(stage.people[name])) for name in (*ROLE_OF, "nobody")} | {"stranger": Client()}
    wrong = []
    for name, area in TRIED:
        for door, action, method in DOORS:
            about = AREAS[area][0] if door == "kpi_comment" else area
            found = stage.text(area, door)
            seen, stored = (found.edits, found.text) if found else (0, "")
            data = {"seen": seen, "text": stored if door == "narrative_approve" else "Now it goes better."}
            path = reverse(door, args=(PLAN, stage.round.code, about))
            page, wrote = attempted(clients[name], method, path, data if method == "post" else None)
            right = wanted(stage, name, door, action, method, area)
            if came(page, wrote=wrote) != right:
                wrong.append((name, area, method, door, came(page, wrote=wrote), right))
    assert wrong == []


def test_those_who_may_write_on_nothing_are_refused_the_list(stage, sign_in):
    path = reverse("round_words", args=(PLAN, stage.round.code))
    for name in (*ROLE_OF, "nobody"):
        page, _ = attempted(sign_in(stage.people[name]), "get", path)
        right = 403 if letter(name, "kpi_comment.edit") == "-" else 200
        assert page.status == right, name
        shown = [code for code in AREAS if f"/narratives/{code}/" in page.html]
        assert shown == [code for code in AREAS if reaches(name, "kpi_comment.edit", code)], name
