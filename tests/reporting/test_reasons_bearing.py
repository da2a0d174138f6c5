"""What bears on a figure is told as a reason, and nothing else: ratings, items, days, readings."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from django.db.models import Q

from reporting.because import WORDS, Because, Reason
from reporting.inputs import Basis
from reporting.reasons import changes
from reporting.report import Report, explained_report, from_json, to_be_released, to_json

from .region import BASELINE, INTERIM, activity, arrangement, collect, enter, new_reading, on, standings
from .test_pack_data import files, rows
from .test_reasons import ITEMS, PAIRS, STATUS, YES, reasons, report

RATED, WOMEN = "3.2.1(c)", "3.1.3(a)"
DAY = date(2026, 9, 1)


def rate(reference: str, rating: str, people: int, **more) -> None:
    activity(reference, DAY, [RATED], rating=Decimal(rating), respondents=people, **more)


def lines(told: Report, code: str) -> list[str]:
    return [line.said for line in told.explanations[code].lines]


# ---------------------------------------------------------------- ratings


@pytest.mark.parametrize(("rating", "people"), [("3.50", 20), ("4.25", 90)])
def test_a_corrected_rating_is_a_changed_record(plan, rating, people):
    collect("interim", INTERIM)
    rate("WORK-1", "4.25", 20, title="A workshop")
    rate("WORK-2", "3", 40)
    before = report()
    rate("WORK-1", rating, people, title="A workshop")
    now = report()
    assert reasons(before, now, RATED) == (Reason(Because.CHANGED_RECORD, ("WORK-1",), kind="activity"),)
    assert lines(before, RATED) == ["A workshop (rated 4.25 by 20 people)", "WORK-2 (rated 3 by 40 people)"]
    [change] = changes(before, now)
    assert change.titles == {"WORK-1": "A workshop", "WORK-2": "WORK-2"}


def test_who_does_not_state_both_is_not_said_to_be_rated(plan):
    collect("interim", INTERIM)
    activity("WORK-1", DAY, [RATED], rating=Decimal(4))
    rate("WORK-2", "5", 1)
    assert lines(report(), RATED) == ["WORK-1", "WORK-2 (rated 5 by 1 person)"]


def hidden() -> Report:
    """The report in which no workshop is shown."""
    shown = ~Q(version__activity__reference__startswith="WORK")
    return to_be_released(explained_report(on(INTERIM), shown), "A release")


def test_a_corrected_rating_of_what_is_not_shown_is_told_and_not_what_it_is(plan):
    collect("interim", INTERIM)
    rate("WORK-1", "4", 20)
    rate("WORK-2", "3", 40)
    before = hidden()
    rate("WORK-1", "5", 20)
    now = hidden()
    assert lines(now, RATED) == ["2 activities not shown here"]
    [reason] = reasons(before, now, RATED)
    assert reason.words() == "Changed record: among the activities that are not shown here"


def test_another_hidden_workshop_that_is_rated_is_told_as_a_record(plan):
    collect("interim", INTERIM)
    rate("WORK-1", "4", 20)
    rate("OPEN-1", "3", 20)
    before = hidden()
    rate("WORK-2", "5", 500)
    [reason] = reasons(before, hidden(), RATED)
    assert reason.words() == "New record: 1 counts now (1 not shown here)"


def test_where_only_the_status_moved_no_hidden_rating_is_suspected(plan):
    collect("interim", INTERIM)
    rate("WORK-1", "4.5", 20)
    hide = ~Q(version__activity__reference__startswith="WORK")
    before, now = (
        to_be_released(explained_report(on(day), hide), "A release") for day in (INTERIM, date(2028, 12, 31))
    )
    assert [each.because for each in reasons(before, now, RATED)] == [Because.TIME]


def without_ratings(told: Report) -> Report:
    """As releases were that did not keep them."""
    explained = told.explanations[RATED]
    bare = tuple(replace(line, said=line.said.split(" (rated")[0]) for line in explained.lines)
    return replace(told, explanations=told.explanations | {RATED: replace(explained, lines=bare)})


def test_beside_a_release_that_kept_no_ratings_nothing_is_said_to_have_changed(plan):
    collect("interim", INTERIM)
    rate("WORK-1", "4", 20)
    before = without_ratings(report())
    rate("WORK-2", "3", 40)
    now = report()
    assert reasons(from_json(to_json(before)), now, RATED) == (Reason(Because.NEW_RECORD, counts=("WORK-2",)),)


# ---------------------------------------------------------------- what has no effect


def test_a_renamed_activity_is_no_reason(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", DAY, {ITEMS: 12}, title="An alert")
    before = report()
    activity("ALERT-1", DAY, {ITEMS: 12}, title="An alert of August")
    activity("ALERT-2", DAY, {ITEMS: 1})
    assert reasons(before, report(), ITEMS) == (Reason(Because.NEW_RECORD, counts=("ALERT-2",)),)


def test_another_day_in_force_of_an_arrangement_that_counts_both_times_is_no_reason(plan):
    collect("interim", INTERIM)
    arrangement("AUS", "FJI", in_force=DAY)
    before = report()
    arrangement("AUS", "FJI", in_force=date(2026, 8, 1))
    arrangement("AUS", "NZL", in_force=DAY)
    assert reasons(before, report(), PAIRS) == (Reason(Because.NEW_RECORD, counts=("AUS - NZL",)),)


def test_a_corrected_day_in_force_that_lets_an_arrangement_count_is_a_changed_record(plan):
    collect("interim", INTERIM)
    arrangement("AUS", "FJI", in_force=date(2027, 12, 1))
    before = report()
    arrangement("AUS", "FJI", in_force=DAY)
    assert reasons(before, report(), PAIRS) == (Reason(Because.CHANGED_RECORD, counts=("AUS - FJI",)),)


def test_of_delegations_only_their_numbers_matter(plan):
    """A title that looks like numbers is none."""
    collect("interim", INTERIM)
    title = "Session: 3 of 10 topics"
    activity("COURSE-1", DAY, [WOMEN], participants={"AUS": (10, 4)}, title=title)
    activity("COURSE-2", DAY, [WOMEN], participants={"AUS": (10, 4)}, title=title)
    before = report()
    activity("COURSE-1", DAY, [WOMEN], participants={"FJI": (10, 4)}, title="Another")
    activity("COURSE-2", DAY, [WOMEN], participants={"AUS": (10, 5)}, title=title)
    now = report()
    assert reasons(before, now, WOMEN) == (Reason(Because.CHANGED_RECORD, ("COURSE-2",), kind="activity"),)
    [change] = changes(before, now)
    assert change.titles == {"COURSE-1": "Another", "COURSE-2": title}


def test_a_record_that_counts_by_its_rating_stands_for_itself(plan):
    collect("interim", INTERIM)
    before = report()
    activity("WORK-1", DAY, {RATED: 3}, rating=Decimal(4), respondents=20)
    assert [each.words() for each in reasons(before, report(), RATED)] == ["New record: 1 counts now (WORK-1)"]


# ---------------------------------------------------------------- how it is counted


def test_who_says_the_same_again_and_counts_by_an_amended_reading_gave_no_new_answer(plan):
    enter(collect("baseline", BASELINE), standings(STATUS, {"AUS": "in_place", "FJI": "planned"}))
    before = report(BASELINE)
    enter(collect("interim", INTERIM), standings(STATUS, {"AUS": "in_place", "FJI": "planned", "TON": "in_place"}))
    new_reading(STATUS, date(2027, 1, 1), counts_from="planned")
    amended = Reason(Because.READING, counts=("FJI",), detail="the standing from which a Member counts")
    assert reasons(before, report(), STATUS)[:2] == (amended, Reason(Because.NEW_ANSWER, counts=("TON",)))


def test_an_arrangement_that_counts_from_another_day_by_an_amended_reading_did_not_change(plan):
    collect("interim", INTERIM)
    arrangement("AUS", "FJI", signed="2026-08")
    before = report()
    new_reading(PAIRS, date(2026, 9, 1), pair_from="signed")
    amended = Reason(Because.READING, counts=("AUS - FJI",), detail="the day from which an arrangement counts")
    assert reasons(before, report(), PAIRS) == (amended,)


def test_what_came_into_force_did_so_whatever_the_target_is(plan):
    collect("interim", INTERIM)
    arrangement("AUS", "FJI", in_force=DAY)
    before = report(date(2026, 8, 31))
    new_reading(PAIRS, DAY, target_value=40)
    target, in_force = reasons(before, report(), PAIRS)[:2]
    assert (target.words(), in_force) == (
        "Amended reading: the target",
        Reason(Because.IN_FORCE, counts=("AUS - FJI",)),
    )


def test_records_that_count_on_another_basis_are_no_organisations(plan):
    collect("interim", INTERIM)
    activity("ALERT-1", DAY, {ITEMS: 12})
    activity("ALERT-1", DAY, {ITEMS: 14}, accept=False)
    [reason] = reasons(report(), report(basis=Basis.REPORTED), ITEMS)
    assert reason.words() == "Counted on another basis: reported; 1 activity, +2 (ALERT-1)"


@pytest.mark.parametrize(("kind", "words"), [
    ("organisation", "2 organisations"), ("activity", "2 activities"), ("arrangement", "2 arrangements"),
])  # fmt: skip
def test_what_a_reason_is_about_is_called_what_it_is(kind, words):
    assert Reason(Because.READING, ("A", "B"), kind=kind).words(named=False) == f"Amended reading: {words}"


# ---------------------------------------------------------------- records that went elsewhere


def test_a_record_that_moved_elsewhere_is_not_said_to_be_gone(plan):
    collect("interim", INTERIM)
    activity("ALERT-0", DAY, {ITEMS: 1})
    activity("ALERT-1", DAY, {ITEMS: 12})
    activity("COURSE-1", DAY, {ITEMS: 1})
    before = report()
    activity("ALERT-1", date(2026, 1, 1), {ITEMS: 12})
    activity("COURSE-1", DAY, [YES])
    [reason] = reasons(before, report(), ITEMS)
    told = "Record no longer counted here: 2 no longer count and stood for 13 (ALERT-1, COURSE-1)"
    assert reason.words() == told


@pytest.mark.parametrize("named", [True, False])
def test_what_moved_adds_up_for_records_that_stand_for_several(plan, named):
    collect("interim", INTERIM)
    for reference, items in (("ALERT-1", 12), ("ALERT-2", 5), ("ALERT-3", 1)):
        activity(reference, DAY, {ITEMS: items})
    before = report()
    activity("ALERT-1", DAY, {ITEMS: 9})
    activity("ALERT-2", date(2026, 1, 1), {ITEMS: 5})
    activity("ALERT-4", DAY, {ITEMS: 30})
    activity("ALERT-5", DAY, {ITEMS: 1})
    [row] = rows(files(before, report(), named=named)["moved.csv"])
    assert (row["value_before"], row["value"], row["count_now"], row["count_no_longer"]) == ("18", "41", "2", "1")
    assert (row["items_now"], row["items_no_longer"], row["items_more"]) == ("31", "5", "-3")


def test_every_reason_has_words():
    assert list(WORDS) == list(Because)
