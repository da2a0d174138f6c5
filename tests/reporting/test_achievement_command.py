"""``achievement``: the figures that others' scripts read, in exactly the shape of contracts.md."""

import csv
import io
import json
from datetime import date
from typing import Any

import pytest
from django.core.management import CommandError, execute_from_command_line

from reporting.inputs import Basis
from reporting.report import build_report
from tests.reporting.builders import run

from .region import INTERIM, on

KEYS = [
    "code", "baseline", "value", "target", "denominator", "percent", "progress", "status", "counted", "pending",
    "unanswered", "not_applicable", "years",
]  # fmt: skip
LISTS = ("counted", "pending", "unanswered", "not_applicable")
STATUSES = {
    "not_begun", "no_data", "reached", "on_track", "at_risk", "off_track", "achieved", "not_achieved"
}  # fmt: skip
LEVELS = {"3.1.3(a)", "3.1.3(b)", "3.2.1(c)", "3.1.2(a)", "3.1.2(c)", "2.1.1(b).1"}


def figures(*words: str) -> dict[str, Any]:
    return json.loads(run("achievement", "--format=json", *words))


def of(data: dict[str, Any], code: str) -> dict[str, Any]:
    return next(each for each in data["kpis"] if each["code"] == code)


def one_decimal(number: Any) -> bool:
    return number is None or (isinstance(number, float) and round(number, 1) == number)


# ---------------------------------------------------------------- json


def test_the_shape_is_that_of_the_contract(world):
    data = figures("--as-of=2027-06-30")
    assert list(data) == ["plan", "as_of", "basis", "provisional", "kpis"]
    assert [data[name] for name in list(data)[:4]] == ["rsp-2026-2028", "2027-06-30", "accepted", False]
    assert [list(each) for each in data["kpis"]] == [KEYS] * 87
    assert [each["code"] for each in data["kpis"]] == [kpi.code for kpi in build_report(on(INTERIM)).plan.kpis]
    for each in data["kpis"]:
        assert each["status"] in STATUSES
        assert one_decimal(each["percent"])
        assert one_decimal(each["progress"])
        assert all(each[name] == sorted(each[name]) for name in LISTS)
        assert each["denominator"] in (None, 35)
        for year in each["years"]:
            assert list(year) == ["year", "value", "percent", "met"]
            assert year["met"] in (True, False, None)
            assert one_decimal(year["percent"])


def test_the_figures_are_those_of_the_report(world):
    for basis in Basis:
        report = build_report(on(INTERIM, basis))
        data = figures("--as-of=2027-06-30", f"--basis={basis.value}")
        assert data["basis"] == basis.value
        for each in data["kpis"]:
            result = report.results[each["code"]]
            for name in ("baseline", "value", "target", "percent", "progress"):
                wanted = getattr(result, name)
                assert each[name] == (None if wanted is None else float(wanted)), (each["code"], name)
            assert each["status"] == result.status.value
            assert [each[name] for name in LISTS] == [list(getattr(result, name)) for name in LISTS]
            assert [(year["year"], year["met"]) for year in each["years"]] == [(y.year, y.met) for y in result.years]


def test_counts_are_whole_numbers_and_levels_have_decimals(world):
    data = figures("--as-of=2027-06-30")
    assert of(data, "1.1.1(b)") | {"counted": [], "unanswered": []} == {
        "code": "1.1.1(b)",
        "baseline": 25,
        "value": 25,
        "target": 28,
        "denominator": 35,
        "percent": 89.3,
        "progress": 0.0,
        "status": "at_risk",
        "counted": [],
        "pending": ["TON"],
        "unanswered": [],
        "not_applicable": ["PLW"],
        "years": [],
    }
    assert isinstance(of(data, "1.1.1(b)")["value"], int)
    assert of(data, "3.1.3(a)")["value"] == 56.67
    for each in data["kpis"]:
        if each["value"] is not None and each["code"] not in LEVELS | {"4.2.1(a)"}:
            assert isinstance(each["value"], int), each["code"]
        if each["value"] is not None and each["code"] in LEVELS:
            assert isinstance(each["value"], float), each["code"]
    assert of(data, "4.2.1(a)")["value"] == 7777.5


def test_the_years_of_a_kpi_of_each_year(world):
    assert of(figures("--as-of=2027-12-31"), "2.1.1(a).2")["years"] == [
        {"year": "2026/27", "value": 36, "percent": 90.0, "met": False},
        {"year": "2027/28", "value": 20, "percent": 50.0, "met": None},
    ]
    assert of(figures("--as-of=2027-03-31"), "2.1.1(a).2") == {
        "code": "2.1.1(a).2", "baseline": None, "value": 36, "target": 40, "denominator": None, "percent": 90.0,
        "progress": None, "status": "on_track", "counted": [], "pending": [], "unanswered": [], "not_applicable": [],
        "years": [{"year": "2026/27", "value": 36, "percent": 90.0, "met": None}],
    }  # fmt: skip


def test_lists_are_empty_where_members_are_not_named(world):
    report = build_report(on(INTERIM))
    named = {kpi.code for kpi in report.plan.kpis if kpi.reading.measure in ("members", "members_growing")}
    for each in figures()["kpis"]:
        if each["code"] not in named:
            assert [each[name] for name in LISTS] == [[], [], [], []]


def test_the_default_date_is_that_of_the_latest_closed_round(world):
    assert (figures()["as_of"], figures()["provisional"]) == ("2027-06-30", False)
    assert figures() == figures("--as-of=2027-06-30", "--basis=accepted")
    assert figures("--as-of=2027-07-01")["provisional"] is True


# ---------------------------------------------------------------- csv and table


def test_csv_has_a_row_for_each_kpi_with_lists_in_a_cell(world):
    text = run("achievement", "--as-of=2027-06-30", "--format=csv")
    rows = list(csv.DictReader(io.StringIO(text)))
    data = figures("--as-of=2027-06-30")
    assert [row["code"] for row in rows] == [each["code"] for each in data["kpis"]]
    for row, each in zip(rows, data["kpis"], strict=True):
        for name in ("baseline", "value", "target", "percent", "progress"):
            assert row[name] == ("" if each[name] is None else str(each[name]))
        assert row["status"] == each["status"]
        assert [row[name] for name in LISTS] == [";".join(each[name]) for name in LISTS]


def test_the_table_is_for_people(world):
    lines = run("achievement", "--as-of=2027-12-31", "--basis=reported").splitlines()
    assert "as at 31.12.27" in lines[0]
    assert "reported" in lines[0]
    assert "provisional" in lines[0]
    row = next(line for line in lines if line.startswith("1.1.1(b) "))
    assert row.split()[-1] in STATUSES
    assert len([line for line in lines if line.split()[-1] in STATUSES]) == 87
    assert run("achievement") == run("achievement", "--format=table")


# ---------------------------------------------------------------- refusals


@pytest.fixture
def command_line(monkeypatch, capsys):
    """What a shell sees: the exit code, standard output and standard error."""
    monkeypatch.setattr("django.core.management.base.connections.close_all", lambda: None)

    def called(*words: str) -> tuple[Any, str, str]:
        code: Any = 0
        try:
            execute_from_command_line(["manage.py", *words])
        except SystemExit as stopped:
            code = stopped.code
        out = capsys.readouterr()
        return code, out.out, out.err

    return called


@pytest.mark.parametrize("day", ["2027-02-30", "30.06.27", "soon", "2027-6-1", "20270630", " "])
def test_a_date_that_does_not_exist_goes_to_standard_error_and_fails(world, command_line, day):
    code, out, err = command_line("achievement", f"--as-of={day}")
    assert (code not in (0, None), out) == (True, "")
    assert "--as-of" in err


def test_a_good_one_exits_with_0(world, command_line):
    code, out, err = command_line("achievement", "--as-of=2027-06-30", "--format=json")
    assert (code, err) == (0, "")
    assert len(json.loads(out)["kpis"]) == 87


@pytest.mark.parametrize("words", [["--basis=guessed"], ["--format=xml"], ["extra"], ["--plan=none"]])
def test_what_it_does_not_know_is_refused(world, command_line, words):
    code, out, err = command_line("achievement", *words)
    assert (code not in (0, None), out, bool(err)) == (True, "", True)


def test_the_acting_person_needs_the_right(world):
    assert figures("--by=ed@example.org") == figures()
    for name in ("connie", "percy"):
        with pytest.raises(CommandError, match=r"does not have the right export\.unreleased"):
            run("achievement", f"--by={name}@example.org")
    with pytest.raises(CommandError, match="there is no active account nobody@nowhere"):
        run("achievement", "--by=nobody@nowhere.org")


def test_a_co_coordinator_gets_their_own_focus_area_alone(world):
    """``export.unreleased`` is theirs for their "own focus area", and not for the others."""
    codes = {each["code"] for each in figures("--by=cora@example.org")["kpis"]}
    assert {code[0] for code in codes} == {"1"}


def test_it_does_not_write(world, django_assert_max_num_queries):
    with django_assert_max_num_queries(12) as asked:
        run("achievement", "--as-of=2027-06-30")
    assert all(each["sql"].lstrip().upper().startswith(("SELECT", "(SELECT")) for each in asked.captured_queries)
    assert date(2027, 6, 30) == INTERIM
