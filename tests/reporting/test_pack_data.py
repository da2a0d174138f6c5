"""The data of a release: what the files hold is what was released, word for word and to the byte."""

import csv
import json
import re
from io import StringIO

import pytest

from reporting.pack.data import data_files
from reporting.pack.making import data_again
from reporting.pack.tables import tables
from reporting.reasons import changes
from reporting.report import Report, from_json

from .test_release import publish


@pytest.fixture
def releases(world) -> tuple[Report, Report]:
    return from_json(world.release.content), from_json(publish(world).content)


def files(before: Report, now: Report, *, named: bool = True) -> dict[str, bytes]:
    return data_files(now, tables(now, changes(before, now), named=named), 2)


def rows(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(content.decode(), newline="")))


def test_each_figure_stands_there_as_it_was_released(releases):
    before, now = releases
    found = rows(files(before, now)["figures.csv"])
    assert [each["kpi"] for each in found] == [kpi.code for kpi in now.plan.kpis]
    for each, kpi in zip(found, now.plan.kpis, strict=True):
        result = now.results[kpi.code]
        assert (each["text"], each["target_text"]) == (kpi.text, kpi.target)
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
    for table in tables(now, changes(before, now), named=named):
        assert table.says.startswith(("A row for each ", "A row for everything ")), table.name
        assert "same" not in table.says


def test_what_moved_is_told_with_its_reasons(releases):
    before, now = releases
    found = rows(files(before, now)["moved.csv"])
    assert [each["kpi"] for each in found] == [each.move.code for each in changes(before, now)]
    assert all(each["reasons"] for each in found)


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
