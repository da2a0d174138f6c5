"""Why figures moved between two reports: every kind of reason, from what really happened."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from members.models import Membership
from reporting.achievement import Status
from reporting.actions.deciding import return_answer
from reporting.inputs import Basis
from reporting.models import Answer
from reporting.reasons import Because, Reason, changes
from reporting.report import Report, explained_report, to_be_released
from reporting.threads import token_of

from .region import (
    BASELINE,
    INTERIM,
    NOW,
    OPEN,
    activity,
    answer,
    collect,
    enter,
    make_people,
    new_reading,
    on,
    standings,
)
from .world import CODES

MEMBERS = tuple(code for code in CODES if code != "VUT")
STATUS, ITEMS, YES = "1.1.1(b)", "2.1.1(a).2", "2.2.2(a).1"


def report(day: date = INTERIM, basis: Basis = Basis.ACCEPTED) -> Report:
    return to_be_released(explained_report(on(day, basis)), "A release")


def reasons(before: Report, now: Report, code: str) -> tuple[Reason, ...]:
    return {each.move.code: each.reasons for each in changes(before, now)}[code]


@pytest.fixture
def collected(plan):
    baseline = collect("baseline", BASELINE)
    enter(baseline, standings(STATUS, {"AUS": "in_place", "FJI": "planned", "NZL": "in_place"}))
    return baseline


def test_a_new_answer_moves_a_figure(collected):
    before = report()
    enter(collect("interim", INTERIM), standings(STATUS, {"FJI": "in_place", "TON": "in_place", "AUS": "in_place"}))
    [reason] = reasons(before, report(), STATUS)
    assert reason == Reason(Because.NEW_ANSWER, ("FJI", "TON"))
    assert (reason.words(), reason.words(named=False)) == ("New answer: FJI, TON", "New answer: 2 organisations")


def test_a_correction_is_the_same_round_said_otherwise(collected):
    before = report()
    enter(collected, standings(STATUS, {"NZL": "planned"}))
    assert reasons(before, report(), STATUS) == (Reason(Because.CORRECTION, ("NZL",)),)


def test_what_waited_and_was_decided_is_told_so(collected):
    interim = collect("interim", INTERIM)
    enter(interim, standings(STATUS, {"FJI": "in_place"}), accept=False)
    waiting = report()
    Answer.objects.filter(state="submitted").delete()
    enter(interim, standings(STATUS, {"FJI": "in_place"}))
    assert reasons(waiting, report(), STATUS) == (Reason(Because.DECISION, ("FJI",)),)


def test_an_accepted_answer_that_is_returned_is_a_correction(collected):
    before = report()
    one = Answer.objects.get(organisation__code="AUS", kpi__code=STATUS)
    editor = make_people().ed
    return_answer(answer=one, seen=token_of(one), reason="Look again.", correct_by=None, by=editor, now=NOW)
    assert reasons(before, report(), STATUS) == (Reason(Because.CORRECTION, ("AUS",)),)


def test_an_amended_reading_says_what_of_it_is_another_and_nobody_corrected_anything(collected):
    before = report()
    new_reading(STATUS, date(2026, 1, 1), counts_from="planned")
    amended = Reason(Because.READING, detail="the standing from which a Member counts")
    assert reasons(before, report(), STATUS) == (amended,)


def test_who_said_something_that_does_not_count_moved_nothing(collected):
    before = report()
    enter(collect("interim", INTERIM), standings(STATUS, {"TON": "in_place", "PNG": "planned"}))
    assert reasons(before, report(), STATUS) == (Reason(Because.NEW_ANSWER, ("TON",)),)


def test_a_record_that_is_new_and_one_that_changed(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12})
    before = report()
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 14})
    activity("ALERT-2", date(2026, 9, 2), {ITEMS: 1})
    assert reasons(before, report(), ITEMS) == (
        Reason(Because.NEW_RECORD, ("ALERT-2",)),
        Reason(Because.CHANGED_RECORD, ("ALERT-1",)),
    )


def test_another_plan_year_is_told_and_nobody_corrected_what_they_have_not_said_yet(plan):
    interim, last = collect("interim", INTERIM), collect("open", OPEN)
    for member in ("AUS", "FJI"):
        answer(interim, member, YES, 2026, participated=True)
    answer(last, "AUS", YES, 2027, participated=False)
    assert reasons(report(), report(OPEN), YES) == (
        Reason(Because.NEW_YEAR, detail="2027/28"),
        Reason(Because.NEW_PART, ("AUS",)),
    )


def test_where_the_plan_had_not_begun_nobody_joined(plan):
    collect("baseline", BASELINE)
    answer(collect("interim", INTERIM), "AUS", YES, 2026, participated=True)
    assert reasons(report(BASELINE), report(), YES) == (Reason(Because.BEGUN), Reason(Because.NEW_PART, ("AUS",)))


def test_of_many_the_first_are_named_and_the_others_counted():
    reason = Reason(Because.NEW_ANSWER, ("AUS", "FJI", "NZL"))
    assert reason.words(most=2) == "New answer: AUS, FJI and 1 more"
    assert reason.words(most=3) == "New answer: AUS, FJI, NZL"


def test_a_member_that_left_counts_no_more(collected):
    before = report()
    Membership.objects.filter(organisation__code="AUS").update(left=date(2026, 1, 2))
    assert Reason(Because.MEMBERSHIP, ("AUS",)) in reasons(before, report(), STATUS)


def test_time_alone_moves_a_status(plan):
    """Two count at the baseline and later; later more is expected."""
    both = dict.fromkeys(MEMBERS[:26], "in_place")
    enter(collect("baseline", BASELINE), standings(STATUS, both))
    enter(collect("interim", INTERIM), standings(STATUS, both | {"VUT": "planned"}))
    early, late = report(BASELINE), report()
    was = early.results[STATUS]
    later = replace(late.results[STATUS], expected=Decimal(28), status=Status.AT_RISK)
    assert was.value == later.value
    assert reasons(early, replace(late, results=late.results | {STATUS: later}), STATUS) == (Reason(Because.TIME),)


def test_another_basis_is_told(collected):
    enter(collect("interim", INTERIM), standings(STATUS, {"FJI": "in_place"}), accept=False)
    found = reasons(report(), report(basis=Basis.REPORTED), STATUS)
    assert found == (Reason(Because.BASIS, detail="reported"),)


def test_what_joins_and_leaves_the_plan(collected):
    whole = report()
    areas = tuple(area for area in whole.plan.focus_areas if area.code != "1")
    kept = {kpi.code for area in areas for kpi in area.kpis}
    smaller = replace(
        whole,
        plan=replace(whole.plan, focus_areas=areas),
        results={code: each for code, each in whole.results.items() if code in kept},
    )
    assert reasons(whole, smaller, STATUS) == (Reason(Because.LEFT_PLAN),)
    assert reasons(smaller, whole, STATUS) == (Reason(Because.JOINED_PLAN),)
