"""Why figures moved between two reports: every kind of reason, from what really happened."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q

from members.models import Membership
from reporting.achievement import Status
from reporting.actions import decide
from reporting.actions.deciding import return_answer
from reporting.actions.statements import settle_side, state_side
from reporting.because import Because, Reason
from reporting.choices import Decision, StatementKind
from reporting.inputs import NOT_SHOWN, Basis
from reporting.models import Answer
from reporting.reasons import changes
from reporting.report import Report, explained_report, to_be_released
from reporting.threads import token_of

from .region import (
    BASELINE,
    INTERIM,
    NOW,
    OPEN,
    activity,
    answer,
    arrangement,
    collect,
    enter,
    make_people,
    new_reading,
    on,
    org,
    standings,
)
from .world import CODES

MEMBERS = tuple(code for code in CODES if code != "VUT")
STATUS, ITEMS, YES, PAIRS = "1.1.1(b)", "2.1.1(a).2", "2.2.2(a).1", "1.1.2(c)"


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
    assert reason == Reason(Because.NEW_ANSWER, counts=("FJI", "TON"))
    assert (reason.words(), reason.words(named=False)) == (
        "New answer: 2 count now (FJI, TON)",
        "New answer: 2 count now",
    )


def test_a_slip_inside_a_rising_figure_is_told_as_one(collected):
    before = report()
    enter(collect("interim", INTERIM), standings(STATUS, {"FJI": "in_place", "TON": "in_place", "AUS": "planned"}))
    [reason] = reasons(before, report(), STATUS)
    assert reason == Reason(Because.NEW_ANSWER, counts=("FJI", "TON"), slips=("AUS",))
    assert reason.words() == "New answer: 2 count now (FJI, TON); 1 no longer counts, a slip (AUS)"
    assert reason.words(named=False) == "New answer: 2 count now; 1 no longer counts, a slip"


def test_who_says_that_it_does_not_apply_counts_no_longer_and_has_not_slipped(collected):
    before = report()
    interim = collect("interim", INTERIM)
    answer(interim, "AUS", STATUS, standing="not_applicable", comment="We have no such thing.")
    [reason] = reasons(before, report(), STATUS)
    assert reason == Reason(Because.NEW_ANSWER, stopped=("AUS",))
    assert reason.words() == "New answer: 1 no longer counts (AUS)"


def test_a_correction_is_the_same_round_said_otherwise(collected):
    before = report()
    enter(collected, standings(STATUS, {"NZL": "planned"}))
    assert reasons(before, report(), STATUS) == (Reason(Because.CORRECTION, stopped=("NZL",)),)


def test_what_waited_and_was_decided_is_told_so(collected):
    interim = collect("interim", INTERIM)
    enter(interim, standings(STATUS, {"FJI": "in_place"}), accept=False)
    waiting = report()
    Answer.objects.filter(state="submitted").delete()
    enter(interim, standings(STATUS, {"FJI": "in_place"}))
    assert reasons(waiting, report(), STATUS) == (Reason(Because.DECISION, counts=("FJI",)),)


def test_an_accepted_answer_that_is_returned_is_a_correction(collected):
    before = report()
    one = Answer.objects.get(organisation__code="AUS", kpi__code=STATUS)
    editor = make_people().ed
    return_answer(answer=one, seen=token_of(one), reason="Look again.", correct_by=None, by=editor, now=NOW)
    assert reasons(before, report(), STATUS) == (Reason(Because.CORRECTION, stopped=("AUS",)),)


def test_an_amended_reading_says_what_of_it_is_another_and_nobody_corrected_anything(collected):
    before = report()
    new_reading(STATUS, date(2026, 1, 1), counts_from="planned")
    amended = Reason(Because.READING, counts=("FJI",), detail="the standing from which a Member counts")
    assert reasons(before, report(), STATUS) == (amended,)
    assert amended.words() == "Amended reading: the standing from which a Member counts; 1 counts now (FJI)"


def test_who_said_something_that_does_not_count_moved_nothing(collected):
    before = report()
    enter(collect("interim", INTERIM), standings(STATUS, {"TON": "in_place", "PNG": "planned"}))
    assert reasons(before, report(), STATUS) == (Reason(Because.NEW_ANSWER, counts=("TON",)),)


def test_a_record_that_is_new_and_one_that_changed(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12})
    before = report()
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 14})
    activity("ALERT-2", date(2026, 9, 2), {ITEMS: 1})
    assert reasons(before, report(), ITEMS) == (
        Reason(Because.NEW_RECORD, counts=("ALERT-2",)),
        Reason(Because.CHANGED_RECORD, ("ALERT-1",), kind="activity", step=2),
    )


def test_a_record_that_stands_for_more_or_less_than_before_says_by_how_many(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12})
    few = report()
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 20})
    many = report()
    assert [each.words() for each in reasons(few, many, ITEMS)] == ["Changed record: 1 activity, +8 (ALERT-1)"]
    assert [each.words(named=False) for each in reasons(many, few, ITEMS)] == ["Changed record: 1 activity, -8"]


def test_a_record_that_is_gone_says_what_it_stood_for(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 1})
    activity("ALERT-2", date(2026, 9, 1), {ITEMS: 1})
    few = report()
    activity("ALERT-3", date(2026, 9, 1), {ITEMS: 12})
    [reason] = reasons(report(), few, ITEMS)
    assert reason.words() == "Record no longer counted here: 1 no longer counts and stood for 12 (ALERT-3)"


def hiding(*items: int) -> Report:
    """The report in which these activities count, and are not shown."""
    for number, each in enumerate(items):
        activity(f"ALERT-{number}", date(2026, 9, 1), {ITEMS: each})
    hidden = ~Q(version__activity__reference__startswith="ALERT")
    return to_be_released(explained_report(on(INTERIM), hidden), "A release")


@pytest.mark.parametrize(("before", "now", "told"), [
    ((6, 12, 12), (6, 12, 12, 12), "New record: 1 counts now and stands for 12 (1 not shown here)"),
    ((1, 1), (1, 1, 1), "New record: 1 counts now (1 not shown here)"),
    ((6, 12), (6, 20), "Changed record: 1 activity, +8 (1 not shown here)"),
    ((6, 12), (1, 1, 12), "Changed record: 1 activity, -4 (1 not shown here)"),
])  # fmt: skip
def test_what_is_not_shown_says_what_it_stands_for(plan, before, now, told):
    collect("interim", INTERIM)
    earlier, later = hiding(*before), hiding(*now)
    assert [each.words() for each in reasons(earlier, later, ITEMS)] == [told]


def test_fewer_that_are_not_shown_say_what_they_stood_for(plan):
    collect("interim", INTERIM)
    earlier, later = hiding(6, 12), hiding(6, 12, 12)
    words = "Record no longer counted here: 1 no longer counts and stood for 12 (1 not shown here)"
    assert [each.words() for each in reasons(later, earlier, ITEMS)] == [words]


def test_a_record_that_waited_and_was_decided_did_not_change(plan):
    collect("interim", INTERIM)
    activity("ALERT-0", date(2026, 8, 1), {ITEMS: 1})
    one = activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12}, accept=False)
    pair = arrangement("AUS", "FJI", in_force=date(2026, 9, 1), accept=False)
    before = report()
    by = make_people().ed
    decide(one.versions.get(), to=Decision.CONFIRMED, by=by, now=NOW)
    decide(pair.versions.get(), to=Decision.CONFIRMED, by=by, now=NOW)
    now = report()
    assert reasons(before, now, ITEMS) == (Reason(Because.RECORD_DECIDED, counts=("ALERT-1",), items=12),)
    [reason] = reasons(before, now, PAIRS)
    assert reason.words() == "Record decided since: 1 counts now (AUS - FJI)"


def test_what_was_contested_and_is_settled_did_not_change(plan):
    collect("interim", INTERIM)
    pair, people = arrangement("AUS", "FJI", in_force=date(2026, 9, 1)), make_people()
    agreed = report()
    told = {"kind": StatementKind.CONTESTED, "reason": "It ended.", "by": people.connie, "now": NOW}
    state_side(arrangement=pair, organisation=org("FJI"), **told)
    contested = report()
    settle_side(statement=pair.statements.get(), settlement="It is.", source="The text.", by=people.ed, now=NOW)
    settled = report()
    assert reasons(agreed, contested, PAIRS) == (Reason(Because.CONTESTED, stopped=("AUS - FJI",)),)
    assert reasons(contested, settled, PAIRS) == (Reason(Because.SETTLED, counts=("AUS - FJI",)),)


def test_a_record_that_does_not_count_and_an_attestation_beside_one_are_no_reasons(plan):
    interim = collect("interim", INTERIM)
    activity("ALERT-0", date(2026, 8, 1), {ITEMS: 1})
    before = report()
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12})
    activity("ALERT-2", date(2026, 9, 2), {ITEMS: 1}, accept=False)
    answer(interim, "RILO", ITEMS, register_complete=True)
    assert reasons(before, report(), ITEMS) == (Reason(Because.NEW_RECORD, counts=("ALERT-1",), items=12),)


def test_an_attestation_is_the_reason_where_it_alone_makes_the_value(plan):
    interim = collect("interim", INTERIM)
    before = report()
    answer(interim, "RILO", ITEMS, register_complete=True)
    [reason] = reasons(before, report(), ITEMS)
    assert reason == Reason(Because.NEW_ANSWER, ("RILO",), detail="the register is complete")
    assert reason.words() == "New answer: the register is complete; 1 organisation (RILO)"


def test_an_arrangement_that_came_into_force_was_not_changed(plan):
    collect("interim", INTERIM)
    arrangement("AUS", "FJI", in_force=date(2026, 9, 1))
    assert reasons(report(date(2026, 8, 31)), report(), PAIRS) == (Reason(Because.IN_FORCE, counts=("AUS - FJI",)),)


def test_a_conference_reads_the_titles_of_activities_and_the_data_their_references(plan):
    collect("interim", INTERIM)
    before = report()
    activity("ALERT-1", date(2026, 9, 1), {ITEMS: 12}, title="Alerts of August")
    activity("ALERT-2", date(2026, 9, 2), {ITEMS: 1}, title="Alerts of September")
    [change] = [each for each in changes(before, report()) if each.move.code == ITEMS]
    [reason] = change.reasons
    assert reason.words() == "New record: 2 count now and stand for 13 (ALERT-1, ALERT-2)"
    titled = "New record: 2 count now and stand for 13 (Alerts of August (stands for 12), Alerts of September)"
    assert reason.words(titles=change.titles) == titled
    assert reason.words(named=False, titles=change.titles) == "New record: 2 count now and stand for 13"


def test_many_titles_take_little_room_and_the_same_one_stands_once():
    titles = {"A-1": "A survey", "A-2": "A survey", "A-3": "A visit", "A-4": "Talks", "A-5": "More talks"}
    reason = Reason(Because.NEW_RECORD, counts=tuple(titles))
    words = "New record: 5 count now (A survey, A visit, Talks and 2 more)"
    assert reason.words(most=8, titles=titles) == words


def test_what_is_not_shown_is_told_by_how_many():
    reason = Reason(Because.NEW_RECORD, counts=("A-1", NOT_SHOWN, NOT_SHOWN))
    assert reason.words() == "New record: 3 count now (A-1 and 2 not shown here)"


def test_another_plan_year_is_told_and_nobody_corrected_what_they_have_not_said_yet(plan):
    interim, last = collect("interim", INTERIM), collect("open", OPEN)
    for member in ("AUS", "FJI"):
        answer(interim, member, YES, 2026, participated=True)
    answer(last, "AUS", YES, 2027, participated=False)
    assert reasons(report(), report(OPEN), YES) == (Reason(Because.NEW_YEAR, detail="2027/28, counted from 0"),)


def test_another_plan_year_is_no_fall(plan):
    interim, last = collect("interim", INTERIM), collect("open", OPEN)
    for member in ("AUS", "FJI", "NZL"):
        answer(interim, member, YES, 2026, participated=True)
    answer(last, "AUS", YES, 2027, participated=True)
    before, now = report(), report(OPEN)
    [move] = [each.move for each in changes(before, now) if each.move.code == YES]
    assert (move.before.value, move.now.value, move.new_year, move.slipped) == (3, 1, "2027/28", False)
    [told] = [each for each in now.moved(now.plan.kpis) if each.kpi.code == YES]
    assert (told.before.value, told.another_year, told.slipped) == (3, True, False)


def test_less_than_before_in_the_same_plan_year_is_a_fall(plan):
    middle, interim = collect("middle", date(2026, 12, 31)), collect("interim", INTERIM)
    for member in ("AUS", "FJI", "NZL"):
        answer(middle, member, YES, 2026, participated=True)
    before = report(date(2026, 12, 31))
    answer(interim, "AUS", YES, 2026, participated=False)
    now = report()
    [move] = [each.move for each in changes(before, now) if each.move.code == YES]
    assert (move.before.value, move.now.value, move.new_year, move.slipped) == (3, 2, "", True)
    [told] = [each for each in now.moved(now.plan.kpis) if each.kpi.code == YES]
    assert (told.another_year, told.slipped) == (False, True)


def test_in_another_plan_year_all_that_count_are_told(plan):
    interim, last = collect("interim", INTERIM), collect("open", OPEN)
    for member in ("AUS", "FJI"):
        answer(interim, member, YES, 2026, participated=True)
    for member in ("AUS", "NZL", "TON"):
        answer(last, member, YES, 2027, participated=True)
    assert reasons(report(), report(OPEN), YES) == (
        Reason(Because.NEW_YEAR, detail="2027/28, counted from 0"),
        Reason(Because.NEW_ANSWER, counts=("AUS", "NZL", "TON")),
    )


def test_who_counts_by_an_activity_alone_is_told_so(plan):
    answer(collect("interim", INTERIM), "AUS", YES, 2026, participated=True)
    before = report()
    activity("COURSE-1", date(2026, 9, 1), {YES: 1}, participants=("AUS", "FJI"))
    assert reasons(before, report(), YES) == (Reason(Because.NEW_PART, counts=("FJI",)),)


def test_where_the_plan_had_not_begun_nobody_joined(plan):
    collect("baseline", BASELINE)
    answer(collect("interim", INTERIM), "AUS", YES, 2026, participated=True)
    assert reasons(report(BASELINE), report(), YES) == (
        Reason(Because.BEGUN),
        Reason(Because.NEW_ANSWER, counts=("AUS",)),
    )


def test_what_began_without_a_value_has_begun_and_nothing_more(plan):
    collect("baseline", BASELINE)
    collect("interim", INTERIM)
    [reason] = reasons(report(BASELINE), report(), YES)
    assert reason.words() == "The plan has begun: there is no value yet"


def test_of_many_the_first_are_named_and_the_others_counted():
    reason = Reason(Because.NEW_ANSWER, ("AUS", "FJI", "NZL"))
    assert reason.words(most=2) == "New answer: 3 organisations (AUS, FJI and 1 more)"
    assert reason.words(most=3) == "New answer: 3 organisations (AUS, FJI, NZL)"


def test_a_member_that_left_counts_no_more(collected):
    before = report()
    Membership.objects.filter(organisation__code="AUS").update(left=date(2026, 1, 2))
    assert Reason(Because.MEMBERSHIP, stopped=("AUS",)) in reasons(before, report(), STATUS)


def test_time_alone_moves_a_status(plan):
    """Two count at the baseline and later; later more is expected."""
    both = dict.fromkeys(MEMBERS[:26], "in_place")
    enter(collect("baseline", BASELINE), standings(STATUS, both))
    enter(collect("interim", INTERIM), standings(STATUS, both | {"VUT": "planned"}))
    early, late = report(BASELINE), report()
    was = early.results[STATUS]
    later = replace(late.results[STATUS], expected=Decimal(28), status=Status.AT_RISK)
    assert was.value == later.value
    assert reasons(early, replace(late, results=late.results | {STATUS: later}), STATUS) == (
        Reason(Because.MORE_EXPECTED, detail=f"28, {was.expected} before"),
    )


@pytest.mark.parametrize(("value", "status", "expected", "told"), [
    (24, Status.OFF_TRACK, 27, "More is expected by now: 27, 20 before"),
    (20, Status.AT_RISK, 27, "More is expected by now: 27, 20 before"),
    (20, Status.REACHED, 13, "Less is expected by now: 13, 20 before"),
    (19, Status.REACHED, 13, "Less is expected by now: 13, 20 before"),
    (24, Status.REACHED, 27, ""),
    (19, Status.OFF_TRACK, 27, ""),
    (24, Status.ON_TRACK, 27, ""),
    (24, Status.OFF_TRACK, 20, ""),
    (24, Status.NOT_ACHIEVED, 27, "Time went by: the deliverable is due"),
])  # fmt: skip
def test_what_is_expected_is_told_where_the_value_did_not_make_the_status(collected, value, status, expected, told):
    before, now = report(BASELINE), report()
    was, later = (
        replace(each.results[STATUS], value=Decimal(20), status=Status.ON_TRACK, expected=Decimal(20))
        for each in (before, now)
    )
    later = replace(later, value=Decimal(value), status=status, expected=Decimal(expected))
    then, after = (
        replace(each, results=each.results | {STATUS: result}) for each, result in ((before, was), (now, later))
    )
    [*_, last] = reasons(then, after, STATUS)
    assert last.words() == (told or "No reason is recorded")


def test_another_basis_is_told(collected):
    enter(collect("interim", INTERIM), standings(STATUS, {"FJI": "in_place"}), accept=False)
    found = reasons(report(), report(basis=Basis.REPORTED), STATUS)
    assert found == (Reason(Because.BASIS, counts=("FJI",), detail="reported"),)


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
