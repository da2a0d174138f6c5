"""The data of a release: what the files hold is what was released, word for word and to the byte."""

import csv
import json
import re
from dataclasses import replace
from datetime import date
from io import StringIO

import pytest

from reporting.documents.quality import left_out
from reporting.documents.source import Source
from reporting.explanation import Explanation, Line
from reporting.inputs import NOT_SHOWN
from reporting.pack.data import data_files
from reporting.pack.making import data_again
from reporting.pack.tables import Head, Stamp, Table, tables
from reporting.reasons import changes
from reporting.report import Report, checksum, from_json, to_json
from reporting.views.kpis import tallied
from workplan.choices import Measure

from .test_release import publish


@pytest.fixture
def releases(world) -> tuple[Report, Report]:
    return from_json(world.release.content), from_json(publish(world).content)


def found_in(before: Report, now: Report, *, named: bool = True) -> tuple[Table, ...]:
    stamps = (Stamp(2, now.as_of, "c0ffee"), Stamp(1, before.as_of, "beef"))
    return tables(Head(now, stamps[0], date(2027, 7, 20), stamps[1], named), changes(before, now))


def files(before: Report, now: Report, *, named: bool = True) -> dict[str, bytes]:
    return data_files(found_in(before, now, named=named))


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def test_each_figure_stands_there_as_it_was_released(releases):
    before, now = releases
    found = rows(files(before, now)["figures.csv"])
    assert [each["kpi"] for each in found] == [kpi.code for kpi in now.plan.kpis]
    for each, kpi in zip(found, now.plan.kpis, strict=True):
        result = now.results[kpi.code]
        assert (each["text"], each["target_text"]) == (kpi.text, kpi.target)
        assert (each["milestone_text"], each["theme"]) == (kpi.milestone, kpi.theme)
        assert each["value"] == ("" if result.value is None else f"{result.value.normalize():f}")
        assert (each["status"], each["counted"]) == (result.status.value, str(len(result.counted)))


def test_the_json_holds_the_same_with_numbers_as_numbers(releases):
    before, now = releases
    found = files(before, now)
    data = json.loads(found["release.json"])
    assert (data["release"], data["as_at"], data["basis"]) == (2, now.as_of.isoformat(), "accepted")
    for name in ("figures", "years", "organisations", "behind", "behind_counts", "moved", "data_dictionary"):
        table = rows(found[f"{name}.csv"])
        assert [list(each) for each in data[name]] == [list(each) for each in table]
    values = [each["value"] for each in data["figures"]]
    assert any(isinstance(value, (int, float)) for value in values)
    assert not any(isinstance(value, str) for value in values)


def test_records_that_are_not_shown_are_counted_one_by_one(releases):
    """They stand together on one line, which says how many they are."""
    code, (before, now) = "2.1.1(a).2", releases
    lines = (
        Line("activity", "A-1", "left_out", "12 activities of August", "It was not held, or not yet."),
        Line("activity", NOT_SHOWN, "left_out", "An activity not shown here", "It was not held, or not yet."),
        Line("activity", NOT_SHOWN, "counted", "3 activities not shown here (stands for 30)"),
    )
    now = replace(now, explanations=now.explanations | {code: Explanation("", lines)})
    found = rows(files(before, now)["behind_counts.csv"])
    assert {each["state"]: each["number"] for each in found if each["kpi"] == code} == {"left_out": "2", "counted": "3"}
    told = [(each["state"], each["many"]) for each in tallied(now, lines)]
    assert told == [("Counts", 3), ("Not counted", 2)]
    many = {row.cells[0].text: row.cells[2].value for row in left_out(Source(now, False, None, now.as_of))}
    assert many[code] == 2


def test_every_column_of_every_file_has_a_meaning(releases):
    found = files(*releases)
    told = {(each["file"], each["column"]) for each in rows(found["data_dictionary.csv"])}
    for name, content in found.items():
        if name.endswith(".csv") and name != "data_dictionary.csv":
            header = content.decode().split("\r\n")[0].split(",")
            assert {(name, column) for column in header} <= told
    assert all(each["meaning"] for each in rows(found["data_dictionary.csv"]))


@pytest.mark.parametrize("named", [True, False])
def test_what_a_row_is_can_be_understood_without_another_file(releases, named):
    before, now = releases
    for table in found_in(before, now, named=named):
        assert table.says.startswith(("A row for each ", "A row for everything ", "A row for the release ")), table.name
        assert "same" not in table.says


def test_what_moved_is_told_with_its_reasons(releases):
    before, now = releases
    found = rows(files(before, now)["moved.csv"])
    assert [each["kpi"] for each in found] == [each.move.code for each in changes(before, now)]
    assert all(each["reasons"] for each in found)
    plan = {kpi.code: kpi for kpi in now.plan.kpis}
    assert [each["milestone_text"] for each in found] == [plan[each["kpi"]].milestone for each in found]
    assert {each["release_before"] for each in found} == {"1"}


@pytest.mark.parametrize("named", [True, False])
def test_what_moved_adds_up_for_who_counts_members(releases, named):
    before, now = releases
    found = {each["kpi"]: each for each in rows(files(before, now, named=named)["moved.csv"])}
    members = [kpi.code for kpi in now.plan.kpis if kpi.reading.measure is Measure.MEMBERS and kpi.code in found]
    assert members
    for row in (found[code] for code in members):
        more = int(row["value"] or 0) - int(row["value_before"] or 0)
        assert int(row["count_now"]) - int(row["count_no_longer"]) == more
        assert int(row["items_now"]) - int(row["items_no_longer"]) + int(row["items_more"]) == more
    assert sum(int(row["slips"]) for row in found.values()) == sum(
        len(why.slips) for each in changes(before, now) for why in each.reasons
    )


def test_titles_stand_beside_the_codes(releases):
    before, now = releases
    titles = {(each["focus_area_title"], each["objective_title"], each["action_title"])
              for each in rows(files(before, now)["figures.csv"])}  # fmt: skip
    assert titles == {
        (area.title, objective.title, action.title)
        for area in now.plan.focus_areas
        for objective in area.objectives
        for action in objective.actions
    }


def test_the_data_say_what_release_they_are_and_with_which_one_it_is_compared(world):
    first, second = world.release, publish(world)
    files = data_again(second)
    data, [about] = json.loads(files["data/release.json"]), rows(files["data/about.csv"])
    expected = {
        "release": 2,
        "published": second.published_at.date().isoformat(),
        "provisional": False,
        "members_named": True,
        "demonstration": False,
        "checksum": second.checksum,
        "release_before": 1,
        "as_at_before": first.as_at.isoformat(),
        "checksum_before": first.checksum,
    }
    assert {name: data[name] for name in expected} == expected
    assert (about["release"], about["members_named"], about["checksum_before"]) == ("2", "yes", first.checksum)
    assert list(data)[: len(about)] == list(about)
    [alone] = rows(data_again(first)["data/about.csv"])
    assert (alone["release_before"], alone["as_at_before"], alone["checksum_before"]) == ("", "", "")


def test_a_demonstration_says_so_whatever_becomes_of_its_rounds(world):
    report = from_json(world.release.content)
    rounds = (replace(report.rounds[0], code="demo-baseline"), *report.rounds[1:])
    content = to_json(replace(report, rounds=rounds))
    demo = publish(world)
    demo.content, demo.checksum = content, checksum(content)
    assert json.loads(data_again(demo)["data/release.json"])["demonstration"] is True


def test_a_text_like_a_formula_is_marked_in_the_csv_alone_and_the_dictionary_says_so(releases):
    before, now = releases
    code = next(kpi.code for kpi in now.plan.kpis)
    found = files(before, replace(now, comments={code: "=1+1"}))
    assert rows(found["figures.csv"])[0]["comment"] == "'=1+1"
    assert json.loads(found["release.json"])["figures"][0]["comment"] == "=1+1"
    [note] = [each["meaning"] for each in rows(found["data_dictionary.csv"]) if each["file"] == "*.csv"]
    assert "has an apostrophe (') in front" in note


def test_where_members_are_not_named_no_file_names_one(world, releases):
    """But in what the plan itself says, word for word."""
    before, now = releases
    plan = {words for kpi in now.plan.kpis for words in (kpi.responsible, kpi.text, kpi.target)}
    unnamed = publish(world, title="Counts only")
    unnamed.members_named = False
    found = data_again(unnamed)
    left_out = {"behind.csv", "organisations.csv"}
    assert {name.removeprefix("data/") for name in found} == set(files(before, now)) - left_out
    names = {each.code for each in now.members()} | {each.name for each in now.members()}
    for name, content in found.items():
        text = content.decode()
        for words in sorted(plan, key=len, reverse=True):
            text = text.replace(words, "") if words else text
        assert [each for each in names if re.search(rf"\b{re.escape(each)}\b", text)] == [], name
