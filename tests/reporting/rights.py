"""What permissions.csv and domain.md ("Who may do what") say of each role on a thing in a state, read by themselves:
nothing of ``members.permissions`` or ``reporting.rules`` is used. And the stage on which it is tried: one answer in
each state, in a round that is open, closed, or closed with everybody let in late."""

import csv
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from members.choices import RoleName
from members.models import Organisation, User
from reporting.actions import close_round, create_round, open_round
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.entry import save_draft, send, send_to_approver, tokens
from reporting.actions.rounds import admit_late
from reporting.models import UNSAID, Round, Submission
from reporting.questions import questions_of
from reporting.threads import Thread, thread_of, threads_of
from tests.conftest import person
from workplan.models import Plan

from .region import PLAN, People, make_people

REFERENCE = Path(__file__).parents[1] / "data" / "permissions.csv"
ANSWER_STATES = ("nothing", "draft", "awaiting_approval", "submitted", "accepted", "returned", "returned_too_late")
ROUND_STATES = ("open", "closed", "let_in")
OPENED = datetime(2027, 7, 1, 9, tzinfo=UTC)
NOW = OPENED + timedelta(days=40)


def table() -> dict[str, dict[str, str]]:
    """Action -> role -> letter."""
    with REFERENCE.open(encoding="utf-8") as file:
        return {row.pop("action"): row for row in csv.DictReader(file)}


TABLE = table()


@dataclass(frozen=True)
class Place:
    """An organisation's answer to a KPI, and which organisation co-coordinates the KPI's focus area."""

    organisation: str
    kpi: str
    co_coordinated_by: str

    def __str__(self) -> str:
        return f"{self.organisation} {self.kpi}"


FIJI = Place("FJI", "1.1.1(b)", "CHN")
JAPAN = Place("JPN", "1.1.1(b)", "CHN")
JAPAN_4 = Place("JPN", "4.1.1(a)", "VNM")
ROCB = Place("ROCB", "3.1.2(a)", "IND")
PLACES = (FIJI, JAPAN, JAPAN_4, ROCB)
SAYS: dict[str, dict[str, Any]] = {place.kpi: {"standing": "in_place"} for place in (FIJI, JAPAN_4)} | {
    ROCB.kpi: {"numerator": 3, "denominator": 8}
}
YEARS = {ROCB.kpi: 2026}

OWN_AND_OTHER = {
    "ada": (FIJI,),
    "ed": (FIJI,),
    "connie": (FIJI, JAPAN),
    "ali": (FIJI, JAPAN),
    "cora": (JAPAN, JAPAN_4),
    "olga": (ROCB, FIJI),
    "percy": (FIJI,),
    "nobody": (FIJI,),
}
"""Where each is tried: on what is theirs, and on what is not."""
TRIED = [(name, place) for name, places in OWN_AND_OTHER.items() for place in places]
ROLE_OF = {
    "ada": (RoleName.SECRETARIAT_ADMINISTRATOR, "APVC"),
    "ed": (RoleName.SECRETARIAT_EDITOR, "APVC"),
    "connie": (RoleName.MEMBER_CONTRIBUTOR, "FJI"),
    "ali": (RoleName.MEMBER_APPROVER, "FJI"),
    "cora": (RoleName.CO_COORDINATOR, "CHN"),
    "olga": (RoleName.REGIONAL_OFFICER, "ROCB"),
    "percy": (RoleName.OBSERVER, "RPSG"),
}


def letter(name: str, action: str) -> str:
    return TABLE[action][ROLE_OF[name][0].value] if name in ROLE_OF else "-"


def was_sent(state: str) -> bool:
    return state in ("submitted", "accepted", "returned", "returned_too_late")


def enterable(round_state: str, state: str) -> bool:
    """ "a draft while the round is open for it (late admission included), or a returned answer until its correction
    date"; what was accepted is corrected by another draft."""
    if state == "returned":
        return True
    return round_state in ("open", "let_in") and state not in ("awaiting_approval", "submitted")


def own(name: str, place: Place) -> bool:
    return name in ROLE_OF and ROLE_OF[name][1] == place.organisation


def reaches(name: str, action: str, place: Place, round_state: str, state: str) -> bool:
    organisation = ROLE_OF[name][1] if name in ROLE_OF else ""
    own = organisation == place.organisation
    return {
        "-": False,
        "+": True,
        "X": True,
        "o": own,
        "d": own and enterable(round_state, state),
        "s": own and (enterable(round_state, state) or state == "awaiting_approval"),
        "w": own and state == "submitted",
        "t": was_sent(state),
        "f": was_sent(state) and organisation == place.co_coordinated_by,
    }[letter(name, action)]


# ---------------------------------------------------------------- the stage


@dataclass(frozen=True)
class Stage:
    plan: Plan
    people: People
    round: Round
    round_state: str
    answer_state: str

    def submission(self, place: Place) -> Submission:
        found = Submission.objects.select_related("round__plan", "organisation")
        return found.get(round=self.round, organisation__code=place.organisation)

    def thread(self, place: Place) -> Thread:
        question = questions_of(self.round)[place.kpi]
        return thread_of(self.submission(place), question.kpi.pk, YEARS.get(place.kpi))


def set_stage(round_state: str, answer_state: str) -> Stage:
    """By the real actions, and by other people than those who are tried: whoever entered something may not decide."""
    plan, people = Plan.objects.get(code=PLAN), make_people()
    collection = create_round(
        plan=plan,
        code="stage",
        title="Stage",
        as_at=date(2027, 6, 30),
        opens_at=None,
        closes_at=None,
        time_zone="Asia/Tokyo",
        by=None,
    )
    open_round(collection=collection, by=None, now=OPENED)
    stage = Stage(plan, people, collection, round_state, answer_state)
    helpers = {
        code: person(f"Desk-{code}", role, Organisation.objects.get(code=code))
        for code, role in (
            ("FJI", RoleName.MEMBER_APPROVER),
            ("JPN", RoleName.MEMBER_APPROVER),
            ("ROCB", RoleName.REGIONAL_OFFICER),
            ("APVC", RoleName.SECRETARIAT_EDITOR),
        )
    }
    for place in PLACES:
        bring_to(stage, place, answer_state, helpers[place.organisation], helpers["APVC"])
    if round_state != "open":
        close_round(collection=collection, by=None, now=OPENED + timedelta(days=30))
    if round_state == "let_in":
        for code in {place.organisation for place in PLACES}:
            admit_late(
                submission=collection.submissions.get(organisation__code=code),
                until=NOW + timedelta(days=3),
                reason="Held up by a storm.",
                by=people.ada,
                now=NOW,
            )
    return stage


def bring_to(stage: Stage, place: Place, state: str, desk: User, decider: User) -> None:
    if state == "nothing":
        return
    submission, question = stage.submission(place), questions_of(stage.round)[place.kpi]
    save_draft(
        submission=submission,
        question=question,
        plan_year=YEARS.get(place.kpi),
        says=UNSAID | {"comment": f"CANARY-{place.organisation}", "evidence_url": ""} | SAYS[place.kpi],
        seen="0",
        by=desk,
        now=OPENED,
    )
    if state == "draft":
        return
    handing_on = {"submission": submission, "by": desk, "now": OPENED}
    seen = {each.working for each in threads_of(submission).values() if each.working and each.state == "draft"}
    (send_to_approver if state == "awaiting_approval" else send)(seen=tokens(seen), **handing_on)
    answer = stage.thread(place).newest
    assert answer is not None
    if state == "accepted":
        accept_answers(seen=tokens([answer]), by=decider, now=OPENED)
    elif state.startswith("returned"):
        until = date(2027, 7, 10) if state == "returned_too_late" else (NOW + timedelta(days=2)).date()
        returned = {"reason": "Please say which law.", "correct_by": until, "by": decider, "now": OPENED}
        return_answer(answer=answer, seen=tokens([answer])[answer.pk], **returned)
