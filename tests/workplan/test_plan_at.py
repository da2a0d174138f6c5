"""The plan as it reads at a date; two plans side by side; natural keys there and back."""

from dataclasses import asdict, replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.apps import apps
from django.core import serializers
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.reporting.region import kpi, new_reading, org
from workplan.models import (
    Amendment,
    BuildingBlock,
    Change,
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
from workplan.queries import current_plan, plan_at, visible_plans

LONG_AGO, BEFORE, CHANGE, AFTER = date(1990, 1, 1), date(2026, 12, 31), date(2027, 1, 1), date(2029, 1, 1)


def text_of(plan: Plan, day: date, code: str = "1.1.1(b)"):
    return next(each for each in plan_at(plan, day).kpis if each.code == code)


def test_before_the_first_version_the_first_one_holds(plan):
    assert plan_at(plan, LONG_AGO) == plan_at(plan, plan.starts) == plan_at(plan, AFTER)


def test_a_wording_holds_from_its_day_until_the_next(plan):
    words = {"text": "New words", "target": "New target", "responsible": "Members"}
    Wording.objects.create(plan=plan, kpi=kpi("1.1.1(b)"), valid_from=CHANGE, **words)
    Wording.objects.create(plan=plan, kpi=kpi("1.1.1(b)"), valid_from=AFTER, text="Last words", target="Last target")
    old = text_of(plan, BEFORE)
    assert old.text == "Number of Members"
    assert text_of(plan, LONG_AGO) == old
    assert text_of(plan, CHANGE) == replace(old, text="New words", target="New target")
    assert text_of(plan, date(2028, 12, 31)).text == "New words"
    assert text_of(plan, AFTER).text == "Last words"


def test_a_reading_holds_from_its_day_and_keeps_who_is_asked(plan):
    new_reading("2.1.1(a).1", CHANGE, target_value=Decimal(9), note="Now nine.")
    old, new = (text_of(plan, day, "2.1.1(a).1").reading for day in (BEFORE, CHANGE))
    assert new == replace(old, target=Decimal(9), note="Now nine.", valid_from=CHANGE)
    assert new.reporters == ("RILO",)


def test_every_other_row_stays_when_one_changes(plan):
    before = {each.code: each for each in plan_at(plan, CHANGE).kpis}
    new_reading("1.1.1(b)", CHANGE, target_value=Decimal(30))
    after = {each.code: each for each in plan_at(plan, CHANGE).kpis}
    assert [code for code in before if before[code] != after[code]] == ["1.1.1(b)"]
    assert list(before) == list(after)


@pytest.mark.parametrize("kind", ["focus_area", "objective", "specific_action", "theme", "milestone"])
def test_headings_have_versions_too(plan, kind):
    model = Wording._meta.get_field(kind).related_model
    element = model.objects.filter(plan=plan).order_by("position").first()
    Wording.objects.create(plan=plan, **{kind: element}, valid_from=CHANGE, text="A new heading")
    assert "A new heading" not in str(asdict(plan_at(plan, BEFORE)))
    assert "A new heading" in str(asdict(plan_at(plan, CHANGE)))


def test_it_takes_two_queries_however_many_versions_there_are(plan):
    with CaptureQueriesContext(connection) as before:
        plan_at(plan, CHANGE)
    for code in ("1.1.1(a)", "1.1.1(b)", "2.1.1(a).1"):
        new_reading(code, CHANGE)
        Wording.objects.create(plan=plan, kpi=kpi(code), valid_from=CHANGE, text="x")
    with CaptureQueriesContext(connection) as after:
        plan_at(plan, CHANGE)
    assert (len(before), len(after)) == (2, 2)


# ---------------------------------------------------------------- several plans


def make_next(published: bool = True) -> Plan:
    """The plan after this one, with one KPI that has the code of one in this."""
    plan = Plan.objects.create(
        code="rsp-2028-2030", title="The next plan", starts=date(2028, 7, 1), ends=date(2030, 6, 30),
        baseline_date=date(2028, 6, 30), deliverable_date=date(2030, 6, 30), published=published,
    )  # fmt: skip
    area = FocusArea.objects.create(plan=plan, code="1", position=1)
    area.co_coordinators.set([org("NZL"), org("FJI")])
    objective = Objective.objects.create(plan=plan, code="1.1", position=1, focus_area=area)
    action = SpecificAction.objects.create(plan=plan, code="1.1.1", position=1, objective=objective)
    theme = Theme.objects.create(plan=plan, code="1.1.1-1", position=1, specific_action=action)
    milestone = Milestone.objects.create(plan=plan, code="1.1.1(b)", position=1, specific_action=action, theme=theme)
    one = Kpi.objects.create(plan=plan, code="1.1.1(b)", position=1, milestone=milestone)
    day = date(2028, 7, 1)
    for kind, element in (
        ("focus_area", area), ("objective", objective), ("specific_action", action), ("theme", theme),
        ("milestone", milestone), ("kpi", one),
    ):  # fmt: skip
        Wording.objects.create(plan=plan, **{kind: element}, valid_from=day, text=f"Next {kind}")
    for number, valid_from in enumerate((day, date(2029, 7, 1)), start=3):
        reading = Reading.objects.create(
            kpi=one, valid_from=valid_from, source="status", measure="members", period="standing",
            counts_from="planned", target_value=number, unit="Members", question="?", reporter_group="developed",
        )  # fmt: skip
        reading.reporters.set([org("ROCB"), org("RILO")])
    facts = {"title": "Mid-term", "valid_from": date(2029, 7, 1), "begun_at": datetime(2029, 5, 1, 9, tzinfo=UTC)}
    amendment = Amendment.objects.create(plan=plan, number=1, reason="Agreed.", **facts)
    Change.objects.create(amendment=amendment, kind="kpi", code="1.1.1(b)", says={"text": "Amended"})
    Wording.objects.create(plan=plan, kpi=one, valid_from=date(2029, 7, 1), text="Amended", amendment=amendment)
    summary = StrategicSummary.objects.create(focus_area=area, position=1, text="Next summary", objective=objective)
    BuildingBlock.objects.create(summary=summary, position=1, text="Next block")
    return plan


def test_plans_beside_each_other_do_not_mix(plan):
    before = plan_at(plan, AFTER)
    following = make_next()
    assert plan_at(plan, AFTER) == before
    text = plan_at(following, AFTER)
    assert [(each.code, each.text, each.reading.target) for each in text.kpis] == [("1.1.1(b)", "Next kpi", Decimal(3))]
    assert set(text.focus_areas[0].co_coordinators) == {"NZL", "FJI"}
    assert set(next(text.kpis).reading.reporters) == {"ROCB", "RILO"}


def test_the_current_plan_is_the_published_one_that_starts_last(plan):
    following = make_next(published=False)
    assert current_plan() == plan
    assert list(visible_plans()) == [plan]
    Plan.objects.filter(pk=following.pk).update(published=True)
    assert current_plan() == following
    Plan.objects.update(published=False)
    with pytest.raises(Plan.DoesNotExist, match="No plan is published yet"):
        current_plan()


# ---------------------------------------------------------------- natural keys


def serialized() -> str:
    models = list(apps.get_app_config("workplan").get_models())
    rows = [row for model in models for row in model._default_manager.filter(**of_next(model)).order_by("pk")]
    return serializers.serialize("json", rows, use_natural_foreign_keys=True, use_natural_primary_keys=True)


def of_next(model: type) -> dict[str, str]:
    paths = {Plan: "code", Reading: "kpi__plan__code", StrategicSummary: "focus_area__plan__code"}
    paths |= {BuildingBlock: "summary__focus_area__plan__code", Change: "amendment__plan__code"}
    return {paths.get(model, "plan__code"): "rsp-2028-2030"}


def test_a_plan_leaves_and_comes_back_by_its_natural_keys(plan):
    following = make_next()
    before, text = serialized(), asdict(plan_at(following, AFTER))
    for model in (Wording, Reading, Change, Amendment, BuildingBlock, StrategicSummary, Kpi, Milestone, Theme):
        model.objects.filter(**of_next(model)).delete()
    for model in (SpecificAction, Objective, FocusArea, Plan):
        model.objects.filter(**of_next(model)).delete()
    for each in serializers.deserialize("json", before):
        each.save()
    assert serialized() == before
    back = asdict(plan_at(Plan.objects.get(code="rsp-2028-2030"), AFTER))
    assert without_ids(back) == without_ids(text)


def without_ids(value):
    if isinstance(value, dict):
        return {key: without_ids(each) for key, each in value.items() if key != "id"}
    return [without_ids(each) for each in value] if isinstance(value, list | tuple) else value
