"""What moved between two reports. No database."""

import gzip
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from reporting.achievement import Status, YearResult
from reporting.moves import Move, moved, moves
from reporting.report import Report, figures_from_json, from_json, to_json

CODE = "1.1.1(b)"
STORED = gzip.decompress((Path(__file__).parents[1] / "data" / "release.json.gz").read_bytes()).decode()


@pytest.fixture(scope="module")
def report() -> Report:
    return from_json(STORED)


def changed(report: Report, code: str = CODE, **more) -> Report:
    return replace(report, results={**report.results, code: replace(report.results[code], **more)})


def without(report: Report, code: str) -> Report:
    """The same report of a plan that does not have a KPI."""
    areas = []
    for area in report.plan.focus_areas:
        objectives = []
        for objective in area.objectives:
            actions = [
                replace(each, kpis=tuple(kpi for kpi in each.kpis if kpi.code != code)) for each in objective.actions
            ]
            objectives.append(replace(objective, actions=tuple(actions)))
        areas.append(replace(area, objectives=tuple(objectives)))
    results = {key: result for key, result in report.results.items() if key != code}
    return replace(report, plan=replace(report.plan, focus_areas=tuple(areas)), results=results)


def test_nothing_moves_between_the_same_reports(report):
    assert list(moves(report, report)) == []


@pytest.mark.parametrize(
    ("now", "slipped"),
    [
        ({"value": Decimal(99)}, False),
        ({"value": Decimal(1)}, True),
        ({"value": None}, True),
        ({"status": Status.NO_DATA}, False),
    ],
)
def test_a_kpi_moves_with_its_value_or_its_status(report, now, slipped):
    after = changed(report, **now)
    assert list(moves(report, after)) == [Move(CODE, report.results[CODE], after.results[CODE])]
    assert [each.slipped for each in moves(report, after)] == [slipped]


@pytest.mark.parametrize(("year", "value", "shown", "slipped"), [
    ("2026/27", Decimal(1), "2026/27", True),
    ("2027/28", Decimal(1), "2027/28", False),
    ("2027/28", None, "2026/27", True),
])  # fmt: skip
def test_less_of_another_plan_year_is_no_fall(report, year, value, shown, slipped):
    """Growth is that of the last year that has one, so that of the year before stays what it was."""
    first = YearResult("2026/27", Decimal(5), None, None, None)
    before = changed(report, value=Decimal(5), years=(first,))
    last = replace(first, year=year, value=value)
    after = changed(report, value=Decimal(1), years=(last,) if year == first.year else (first, last))
    [move] = moves(before, after)
    assert (move.now.year_shown, move.slipped) == (shown, slipped)


def test_what_else_a_result_says_moves_nothing(report):
    assert list(moves(report, changed(report, members=1, expected=None))) == []


def test_a_kpi_that_came_to_the_plan_is_told(report):
    [move] = moves(without(report, CODE), report)
    assert (move, move.slipped) == (Move(CODE, None, report.results[CODE]), False)


def test_a_kpi_that_left_the_plan_is_told_last(report):
    after = changed(without(report, CODE), "4.1.1(a)", value=Decimal(99))
    found = list(moves(report, after))
    assert [(each.code, each.now is None) for each in found] == [("4.1.1(a)", False), (CODE, True)]
    assert (found[1].before, found[1].slipped) == (report.results[CODE], False)


def test_what_moved_is_told_without_the_explanations(report):
    after = changed(without(report, "1.1.1(a)"), value=Decimal(99))
    part = figures_from_json(STORED)
    assert part == replace(report, explanations={}, series={}) != report
    assert list(moves(part, after)) == list(moves(report, after))


def test_how_many_moved_is_read_from_the_stored_texts_alone(report):
    after = changed(without(report, "1.1.1(a)"), value=Decimal(99))
    stored = [to_json(report), to_json(after), to_json(after), to_json(report)]
    assert moved(stored, {1: 0, 2: 1, 3: 2}) == {1: 2, 2: 0, 3: 2}
    assert moved(stored, {3: 0}) == {3: len(list(moves(report, report)))}
    assert (moved([STORED], {}), moved([], {})) == ({}, {})
