"""The fixtures: complete, to the letter, what their script builds, and the same however often they are loaded."""

import csv
import importlib.util
import json
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.core.management import call_command

from members.choices import Group
from members.models import Attribute, Membership, Organisation
from tests.reporting.region import FIXTURES
from workplan.choices import COMBINATIONS, Source
from workplan.models import (
    FocusArea,
    Kpi,
    Milestone,
    Objective,
    Plan,
    Reading,
    SpecificAction,
    StrategicSummary,
    Theme,
    Wording,
)
from workplan.queries import plan_at, summaries
from workplan.tree import KpiText

SOURCE = FIXTURES / "source"
NOTES_OF_THE_TRADE = re.compile(r"\bsic\b|inferred|row shifted|\bshifted\b|\btypo|\bTODO\b|\bOCR\b|\?\?|\bTBC\b", re.I)
REPORTER_NAMES = {"APVC": "APVC", "ROCB A/P": "ROCB", "RILO A/P": "RILO", "Japan": "JPN"}
GROUPS = {"Members": "members", "Participating Members": "members", "Developed Members": "developed"}


def rows(name: str) -> list[dict[str, str]]:
    with (SOURCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def by_code(name: str) -> dict[str, dict[str, str]]:
    return {row["code"]: row for row in rows(name)}


def all_rows() -> dict[str, list[Any]]:
    """Everything that the fixtures hold, by natural keys."""
    ours = [model for app in ("members", "workplan") for model in apps.get_app_config(app).get_models()]
    return {
        model.__name__: serializers.serialize(
            "python",
            model._default_manager.order_by("pk"),
            use_natural_foreign_keys=True,
            use_natural_primary_keys=True,
        )
        for model in ours
    }


# ---------------------------------------------------------------- loading


def test_loading_again_changes_nothing(plan):
    """So the other tests, whose plan is stored in a quicker way, stand on what ships."""
    before = all_rows()
    call_command("loaddata", "organisations", "rsp_2026_2028", verbosity=0)
    assert all_rows() == before


def test_the_fixtures_are_what_their_script_builds():
    spec = importlib.util.spec_from_file_location("fixtures_build", FIXTURES / "build.py")
    build = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(build)
    for name, entries in (("organisations", build.organisations()), ("rsp_2026_2028", build.plan())):
        committed = json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))
        assert list(json.loads(json.dumps(list(entries)))) == committed


def test_the_region_is_all_there(plan):
    counts = {
        model.__name__: model.objects.count()
        for model in (FocusArea, Objective, SpecificAction, Theme, Milestone, Kpi, Reading, StrategicSummary)
    }
    assert counts == {
        "FocusArea": 4,
        "Objective": 12,
        "SpecificAction": 23,
        "Theme": 12,
        "Milestone": 84,
        "Kpi": 87,
        "Reading": 87,
        "StrategicSummary": 13,
    }
    assert Wording.objects.count() == 4 + 12 + 23 + 12 + 84 + 87
    assert Organisation.objects.filter(kind="member").count() == Membership.objects.count() == 35
    assert [each.code for each in Organisation.objects.filter(secretariat=True)] == ["APVC"]
    others = Organisation.objects.exclude(kind="member").values_list("code", flat=True)
    assert set(others) == {"APVC", "ROCB", "RILO", "RPSG"}


def test_the_plan_says_when_it_runs(plan):
    dates = (plan.starts, plan.ends, plan.baseline_date, plan.deliverable_date)
    assert dates == (date(2026, 7, 1), date(2028, 6, 30), date(2026, 6, 30), date(2028, 6, 30))
    assert (str(plan.at_risk_share), str(plan.round_up_from), plan.published) == ("2/3", "3/4", True)


# ---------------------------------------------------------------- every word


def table_rows(plan: Plan) -> Iterator[dict[str, str]]:
    """The plan as the rows of its published table, out of the database."""
    for area in plan_at(plan, plan.starts).focus_areas:
        for objective in area.objectives:
            for action in objective.actions:
                for kpi in action.kpis:
                    yield table_row(area.code, objective.code, action.code, kpi)


def table_row(area: str, objective: str, action: str, kpi: KpiText) -> dict[str, str]:
    return {
        "code": kpi.code,
        "focus_area": area,
        "objective": objective,
        "action": action,
        "theme_number": "" if kpi.theme_number is None else str(kpi.theme_number),
        "theme": kpi.theme,
        "milestone": kpi.milestone,
        "responsible": kpi.responsible,
        "kpi": kpi.text,
        "target": kpi.target,
    }


def test_codes_order_and_every_word_are_those_of_the_plan(plan):
    found = list(table_rows(plan))
    assert found == [{name: row[name] for name in found[0]} for row in rows("kpis")]


def test_the_headings_are_those_of_the_plan(plan):
    text = plan_at(plan, plan.starts)
    objectives = [objective for area in text.focus_areas for objective in area.objectives]
    actions = [action for objective in objectives for action in objective.actions]
    found = {
        "focus_areas": [(each.code, each.title) for each in text.focus_areas],
        "objectives": [(each.code, each.title) for each in objectives],
        "actions": [(each.code, each.title) for each in actions],
    }
    assert found == {
        "focus_areas": [(row["number"], row["title"]) for row in rows("focus_areas")],
        "objectives": [(row["code"], row["title"]) for row in rows("objectives")],
        "actions": [(row["code"], row["title"]) for row in rows("actions")],
    }


def test_a_milestone_has_one_or_two_kpis_and_its_code_leads_theirs(plan):
    for milestone in Milestone.objects.prefetch_related("kpis"):
        codes = [kpi.code for kpi in milestone.kpis.all()]
        assert codes in ([milestone.code], [f"{milestone.code}.1", f"{milestone.code}.2"])


def test_only_1_1_3_has_themes_and_their_headings_stand_once(plan):
    assert {theme.specific_action.code for theme in Theme.objects.all()} == {"1.1.3"}
    kpis = [kpi for kpi in plan_at(plan, plan.starts).kpis if kpi.theme_number is not None]
    numbers = [kpi.theme_number for kpi in kpis]
    assert numbers == sorted(numbers)
    assert set(numbers) == set(range(1, 13))
    assert all(a.theme == b.theme for a, b in pairwise(kpis) if a.theme_number == b.theme_number)


def test_co_coordinators_are_two_organisations_for_each_focus_area(plan):
    found = {area.code: set(area.co_coordinators) for area in plan_at(plan, plan.starts).focus_areas}
    assert found == {"1": {"CHN", "KOR"}, "2": {"HKG", "RILO"}, "3": {"JPN", "ROCB"}, "4": {"AUS", "VNM"}}


def test_the_strategic_summaries_are_those_of_the_plan(plan):
    found = [
        (area, each.objective.code if each.objective else "", each.text, [str(b) for b in each.building_blocks.all()])
        for area, listed in sorted(summaries(plan).items())
        for each in listed
    ]
    wanted = [
        (row["focus_area"], row["objective"], row["text"], [b.strip() for b in row["building_blocks"].split(";") if b])
        for row in rows("summaries")
    ]
    assert found == wanted
    assert len(found) == 13
    linked = [objective for _, objective, _, _ in found if objective]
    assert len(linked) == len(set(linked)) == 12


# ---------------------------------------------------------------- how it is counted


def reading_row(kpi: KpiText) -> dict[str, str]:
    reading = kpi.reading
    return {
        "source": reading.source,
        "measure": reading.measure,
        "period": reading.period,
        "counts_from": reading.counts_from or "",
        "part": reading.part or "",
        "target_value": f"{reading.target.normalize():f}",
        "denominator": str(reading.denominator or ""),
        "unit": reading.unit,
        "baseline_in_target": "" if reading.baseline is None else f"{reading.baseline.normalize():f}",
        "decision_needed": "yes" if reading.unconfirmed else "",
    }


def test_the_readings_are_those_of_the_plan(plan):
    found = {kpi.code: reading_row(kpi) for kpi in plan_at(plan, plan.starts).kpis}
    assert found == {code: {name: row[name] for name in found[code]} for code, row in by_code("kpis").items()}
    assert {(each["source"], each["measure"], each["period"]) for each in found.values()} == COMBINATIONS


def test_a_baseline_in_the_target_says_so(plan):
    stated = {each.kpi.code: each.baseline_value for each in Reading.objects.filter(baseline_origin="target")}
    assert stated == {
        "4.1.1(a)": Decimal(9),
        "4.1.1(b)": Decimal(15),
        "4.1.2(a)": Decimal(10),
        "4.1.2(b)": Decimal(8),
        "4.3.1(a)": Decimal(24),
        "4.3.1(b)": Decimal(21),
    }


def test_who_is_asked_is_who_the_plan_names(plan):
    for kpi in plan_at(plan, plan.starts).kpis:
        row = by_code("kpis")[kpi.code]
        names = [name.strip() for name in (row["reporters"] or row["responsible"]).split(",")]
        wanted_group = next((GROUPS[name] for name in names if name in GROUPS), "")
        wanted = set()
        for name in names:
            if name == "APVC / RSP FA4 Co-coordinators":
                wanted |= {"APVC", "AUS", "VNM"}
            elif name not in GROUPS:
                wanted.add(REPORTER_NAMES[name])
        assert (kpi.code, kpi.reading.reporter_group, set(kpi.reading.reporters)) == (kpi.code, wanted_group, wanted)


def test_organisations_are_those_of_the_region(plan):
    attributes = ("small_island_economy", "developed", "least_developed", "landlocked", "rtc", "rcl", "rdtc")
    held = {(each.organisation.code, each.name) for each in Attribute.objects.select_related("organisation")}
    found = [
        {
            "code": each.code,
            "iso2": each.iso2,
            "name": each.name,
            "group": Group(each.group).label,
            "time_zone": each.time_zone,
            **{name: "yes" if (each.code, name) in held else "" for name in attributes},
        }
        for each in Organisation.objects.filter(kind="member").order_by("code")
    ]
    assert found == [{name: row[name] for name in found[0]} for row in sorted(rows("members"), key=lambda r: r["code"])]


# ---------------------------------------------------------------- the product's voice


@pytest.fixture(scope="module")
def texts() -> dict[str, dict[str, str]]:
    return by_code("kpi_texts")


def test_every_kpi_has_a_question_and_guidance(plan, texts):
    found = {each.kpi.code: (each.question, each.guidance, each.note) for each in Reading.objects.select_related("kpi")}
    assert found == {code: (row["question"], row["guidance"], row["note"]) for code, row in texts.items()}
    assert {code for code, (question, _, _) in found.items() if not question.endswith("?")} == set()
    assert {code for code, (_, guidance, _) in found.items() if len(guidance.split()) < 8} == set()


def test_no_two_questions_are_the_same(texts):
    questions = [row["question"].casefold() for row in texts.values()]
    assert sorted(questions) == sorted(set(questions))


@pytest.mark.parametrize("column", ["question", "guidance", "note"])
def test_nothing_is_left_of_the_working_notes(texts, column):
    assert {code: row[column] for code, row in texts.items() if NOTES_OF_THE_TRADE.search(row[column])} == {}


@pytest.mark.parametrize("column", ["question", "guidance", "note"])
def test_sentences_are_short(texts, column):
    """For readers with another first language."""
    long = {
        code: sentence
        for code, row in texts.items()
        for sentence in re.split(r"(?<=[.?!:;])\s", row[column])
        if len(sentence.split()) > 35
    }
    assert long == {}


def test_a_reading_that_waits_for_a_decision_says_why(plan):
    waiting = Reading.objects.filter(decision_needed=True)
    assert waiting.exists()
    assert not waiting.filter(note="").exists()


def test_what_4_1_1_a_asks_is_the_undertaking(texts):
    row = texts["4.1.1(a)"]
    assert "undertak" in row["question"] + row["guidance"]
    assert "business continuity plan" in row["question"]


def test_figures_say_whether_they_are_a_flow_or_a_stock(plan):
    for reading in Reading.objects.filter(source=Source.FIGURES).select_related("kpi"):
        said = f"{reading.question} {reading.guidance}".casefold()
        assert re.search(r"plan year|1 july|30 june|end of the year|during the year", said), reading.kpi.code
