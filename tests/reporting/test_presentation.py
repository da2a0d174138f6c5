"""Places, words and letters: what the drawings are told is what the figures say."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from reporting.achievement import Result, Status
from reporting.presentation import (
    END,
    bullet,
    day_words,
    figure,
    member_states,
    percent_words,
    row,
    square_bar,
    square_key,
    squares,
    tally,
)
from reporting.report import build_report

from .region import BASELINE, collect, enter, on, standings

STATUS = "1.1.1(b)"


@pytest.fixture
def report(plan):
    says = {"FJI": "in_place", "TON": "in_place", "NPL": "planned", "PNG": "not_applicable"}
    baseline = collect("baseline", BASELINE)
    enter(baseline, standings(STATUS, says, comment="why"))
    enter(baseline, standings(STATUS, {"JPN": "in_place"}), accept=False)
    return build_report(on())


def text_of(report, code=STATUS):
    return next(each for each in report.plan.kpis if each.code == code)


@pytest.mark.parametrize(
    ("number", "words"),
    [(None, "–"), (Decimal(0), "0"), (Decimal(10), "10"), (Decimal("56.67"), "56.67"), (Decimal("4.50"), "4.5"),
     (Decimal(100), "100"), (Decimal("1000000"), "1000000"), (Decimal("-3.10"), "-3.1")],
)  # fmt: skip
def test_a_figure_is_written_without_needless_zeros(number, words):
    assert figure(number) == words


def test_percent_and_dates_are_written_as_the_plan_does():
    assert (percent_words(Decimal("92.9")), percent_words(Decimal(100)), percent_words(None)) == ("92.9", "100.0", "–")
    assert day_words(date(2028, 6, 30)) == "30.06.28"


def test_every_member_has_a_square_in_the_order_of_lists(report):
    result = report.results[STATUS]
    states = member_states(result)
    groups = squares(report.members(), states, {}, 28)
    drawn = [square for group in groups for square in group["squares"]]
    assert [square["code"] for square in drawn] == [each.iso2 for each in report.members()]
    assert len(drawn) == 35
    letters = {each.code: square["state"] for each, square in zip(report.members(), drawn, strict=True)}
    assert {code for code, letter in letters.items() if letter == "y"} == set(result.counted) == {"FJI", "TON"}
    assert {code for code, letter in letters.items() if letter == "h"} == set(result.pending) == {"JPN"}
    assert {code for code, letter in letters.items() if letter == "x"} == {"PNG"}
    assert {code for code, letter in letters.items() if letter == "s"} == set(result.unanswered)
    assert letters["NPL"] == "o"
    assert [group["total"] for group in groups] == [group["width"] // 28 for group in groups]
    assert sum(group["counted"] for group in groups) == 2
    assert sum(group["target"] is not None for group in groups) == 1


def test_the_key_counts_every_square_once(report):
    numbers = [int(each["words"].split()[0]) for each in square_key(member_states(report.results[STATUS]))]
    assert sum(numbers) == 35


def test_places_stay_on_the_drawing(report):
    text, result = text_of(report), report.results[STATUS]
    for value in (Decimal(0), Decimal(28), Decimal(35), Decimal(10**12), None):
        drawn = bullet(text, replace(result, value=value))
        places = [drawn.value, drawn.target, drawn.expected, drawn.baseline, drawn.pending, drawn.silent]
        assert all(place is None or 0 <= place <= END for place in places)
        assert (drawn.value is None) is (value is None)


def test_words_of_a_bullet_say_its_figures(report):
    assert bullet(text_of(report), report.results[STATUS]).words.startswith("2 of 28")
    assert "baseline 2" in bullet(text_of(report), report.results[STATUS]).words


def test_a_value_that_pends_is_drawn_from_the_value_on(report):
    result = report.results[STATUS]
    drawn = bullet(text_of(report), result)
    assert drawn.pending == round(1000 / 35)
    assert drawn.silent_from == round(1000 * 3 / 35)
    assert drawn.silent == round(1000 * len(result.unanswered) / 35)


def test_a_tally_has_a_part_for_each_status_and_says_them_all():
    counts = {Status.ON_TRACK: 3, Status.REACHED: 1, Status.NO_DATA: 4, Status.OFF_TRACK: 0}
    drawn = tally(counts)
    assert [part["status"] for part in drawn["parts"]] == ["reached", "on_track", "no_data"]
    assert (drawn["total"], drawn["good"]) == (8, 4)
    assert all(part["x"] >= 0 and part["x"] + part["width"] <= 1001 for part in drawn["parts"])
    for words in ("1 target reached", "3 on track", "4 no data"):
        assert words in drawn["words"]


def test_nothing_at_all_is_drawn_too():
    assert tally({})["total"] == 0


def test_a_row_says_its_figures(report):
    shown = row(report, text_of(report))
    assert (shown.baseline, shown.value, shown.target, shown.percent, shown.status) == (
        "2",
        "2",
        "28",
        "7.1",
        "on_track",
    )
    nothing = row(report, text_of(report, "2.2.1(a)"))
    assert (nothing.value, nothing.percent, nothing.status) == ("–", "–", "not_begun")


def test_states_are_those_of_the_result():
    result = Result(
        value=Decimal(1), target=Decimal(2), baseline=None, baseline_collected=None, percent=None, progress=None,
        expected=None, status=Status.NO_DATA, counted=("A",), pending=("B",), unanswered=("C", "D"),
        being_corrected=("D",), not_applicable=("B", "E"), not_counted=("F",),
    )  # fmt: skip
    letters = {code: letter for code, (letter, _) in member_states(result).items()}
    assert letters == {"A": "y", "B": "h", "C": "s", "D": "s", "E": "x", "F": "o"}
    assert member_states(result)["D"][1] == "being corrected"


def test_more_members_than_squares_become_one_bar():
    states = {f"M{number}": ("y" if number < 100 else "s", "") for number in range(350)}
    parts = square_bar(states)
    assert [(part["state"], part["count"], part["x"], part["width"]) for part in parts] == [
        ("y", 100, 0, 286),
        ("s", 250, 286, 714),
    ]
