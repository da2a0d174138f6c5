"""What cannot be stored: each constraint refuses with its sentence, and at the database too."""

from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from members.models import User
from tests.reporting.region import kpi
from workplan.choices import Measure, Period, Source
from workplan.models import FocusArea, Kpi, Milestone, Objective, Plan, Reading, StrategicSummary, Theme, Wording

DAY = date(2027, 1, 1)
EXIST = {
    "status": {"members": {"standing"}},
    "participation": {"members": {"plan", "each_year"}},
    "activities": {
        "items": {"plan", "each_year"},
        "women_share": {"plan"},
        "women_heads_share": {"plan"},
        "average": {"plan"},
    },
    "arrangements": {"pairs": {"standing"}},
    "figures": {
        "sum": {"each_year"},
        "growth": {"each_year"},
        "share": {"plan"},
        "members_growing": {"plan"},
    },
}
"""The combinations that exist, as domain.md lists them."""
ALL = [(source.value, measure.value, period.value) for source in Source for measure in Measure for period in Period]
STATUS = {"source": "status", "measure": "members", "period": "standing", "counts_from": "in_place"}
YES = {"source": "participation", "measure": "members", "period": "plan", "part": "any"}
ITEMS = {"source": "activities", "measure": "items", "period": "plan"}


def exists(source: str, measure: str, period: str) -> bool:
    return period in EXIST[source].get(measure, set())


def combined(source: str, measure: str, period: str) -> dict[str, str]:
    needs = {"status": {"counts_from": "planned"}, "participation": {"part": "contributing"}}.get(source, {})
    return {"source": source, "measure": measure, "period": period, **needs}


def reading(**fields: Any) -> Reading:
    says = {"kpi": kpi("1.1.1(b)"), "valid_from": DAY, "target_value": Decimal(28), "unit": "Members", "question": "?"}
    return Reading(**(says | fields))


def refused(row: Any, sentence: str, constraint: str) -> None:
    """A form hears the sentence, and whatever passes the form is stopped by the database."""
    with pytest.raises(ValidationError) as told:
        row.full_clean()
    assert sentence in told.value.messages
    with pytest.raises(IntegrityError) as stopped, transaction.atomic():
        row.save(force_insert=True)
    assert constraint in str(stopped.value) or "UNIQUE" in str(stopped.value)


# ---------------------------------------------------------------- combinations


@pytest.mark.parametrize("combination", [each for each in ALL if exists(*each)], ids="/".join)
def test_a_combination_that_exists_can_be_stored(plan, combination):
    row = reading(**combined(*combination))
    row.full_clean()
    row.save()
    row.refresh_from_db()
    assert (row.source, row.measure, row.period) == combination


def test_thirteen_combinations_exist():
    assert sum(exists(*each) for each in ALL) == 13


def test_no_other_combination_can_be_stored(plan):
    for combination in [each for each in ALL if not exists(*each)]:
        with pytest.raises(IntegrityError, match="reading_combination_exists"), transaction.atomic():
            reading(**combined(*combination)).save()


def test_a_form_hears_that_a_combination_does_not_exist(plan):
    sentence = "This combination of source, measure and period does not exist."
    refused(reading(**combined("status", "members", "plan")), sentence, "reading_combination_exists")
    refused(reading(**combined("figures", "sum", "plan")), sentence, "reading_combination_exists")


# ---------------------------------------------------------------- one field beside another

FROM = "Where a standing is asked for, and only there, say from which on it counts."
PART = "Where participation is asked for, and only there, say which part counts."
TARGET = "A target is more than 0 and not more than its denominator."
ORIGIN = "A baseline is 0 or more and says where it comes from."
REASON = "A baseline that was entered needs its reason."
CONFIRMED = "A confirmation says who confirmed and when."
MOMENT = datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("fields", "sentence", "constraint"),
    [
        (STATUS | {"counts_from": ""}, FROM, "reading_counts_from_for_status"),
        (ITEMS | {"counts_from": "planned"}, FROM, "reading_counts_from_for_status"),
        (YES | {"part": ""}, PART, "reading_part_for_participation"),
        (STATUS | {"part": "any"}, PART, "reading_part_for_participation"),
        (STATUS | {"target_value": Decimal(0)}, TARGET, "reading_target_in_range"),
        (STATUS | {"target_value": Decimal(-1)}, TARGET, "reading_target_in_range"),
        (STATUS | {"target_value": Decimal(36), "denominator": 35}, TARGET, "reading_target_in_range"),
        (STATUS | {"baseline_value": Decimal(9)}, ORIGIN, "reading_baseline_has_origin"),
        (STATUS | {"baseline_origin": "target"}, ORIGIN, "reading_baseline_has_origin"),
        (STATUS | {"baseline_value": Decimal(-1), "baseline_origin": "target"}, ORIGIN, "reading_baseline_has_origin"),
        (
            STATUS | {"baseline_value": Decimal(9), "baseline_origin": "entered"},
            REASON,
            "reading_entered_baseline_has_reason",
        ),
        (STATUS | {"confirmed_at": MOMENT}, CONFIRMED, "reading_confirmed_by_somebody"),
    ],
)
def test_a_reading_that_does_not_fit_together_is_refused(plan, fields, sentence, constraint):
    refused(reading(**fields), sentence, constraint)


def test_a_confirmation_without_its_moment_is_refused(plan):
    somebody = User.objects.create_user(email="somebody@example.org", name="Somebody")
    refused(reading(**STATUS, confirmed_by=somebody), CONFIRMED, "reading_confirmed_by_somebody")


@pytest.mark.parametrize(
    "fields",
    [
        STATUS | {"target_value": Decimal(35), "denominator": 35},
        STATUS | {"baseline_value": Decimal(0), "baseline_origin": "target"},
        STATUS | {"baseline_value": Decimal(9), "baseline_origin": "entered", "baseline_reason": "Counted by hand."},
        ITEMS | {"target_value": Decimal("0.01")},
    ],
)
def test_what_lies_on_the_edge_is_stored(plan, fields):
    row = reading(**fields)
    row.full_clean()
    row.save()


def test_not_applicable_is_no_standing_to_count_from(plan):
    with pytest.raises(ValidationError) as told:
        reading(**STATUS | {"counts_from": "not_applicable"}).full_clean()
    assert list(told.value.message_dict) == ["counts_from"]


def test_two_readings_of_a_kpi_do_not_begin_on_the_same_day(plan):
    reading(**STATUS).save()
    with pytest.raises(IntegrityError), transaction.atomic():
        reading(**YES).save()
    reading(**(YES | {"valid_from": date(2027, 1, 2)})).save()


# ---------------------------------------------------------------- wording, elements, plans


def test_a_wording_is_of_exactly_one_element(plan):
    sentence = "A wording belongs to exactly one element of the plan."
    area, first = FocusArea.objects.get(plan=plan, code="1"), kpi("1.1.1(b)")
    refused(Wording(plan=plan, valid_from=DAY, text="x"), sentence, "wording_of_one_element")
    refused(
        Wording(plan=plan, valid_from=DAY, text="x", focus_area=area, kpi=first), sentence, "wording_of_one_element"
    )


def test_only_the_right_element_has_a_target_or_somebody_responsible(plan):
    sentence = "Only a KPI names who is responsible and has a target text."
    area, milestone = FocusArea.objects.get(plan=plan, code="1"), Milestone.objects.get(code="1.1.1(b)")
    for fields in (
        {"focus_area": area, "target": "28"},
        {"milestone": milestone, "target": "28"},
        {"milestone": milestone, "responsible": "Members"},
    ):
        refused(Wording(plan=plan, valid_from=DAY, text="x", **fields), sentence, "wording_fits_its_element")
    Wording.objects.create(plan=plan, valid_from=DAY, text="x", milestone=milestone)
    Wording.objects.create(plan=plan, valid_from=DAY, text="x", kpi=kpi("1.1.1(b)"), target="28", responsible="Members")


@pytest.mark.parametrize("kind", ["focus_area", "objective", "specific_action", "theme", "milestone", "kpi"])
def test_an_element_is_worded_once_a_day(plan, kind):
    model = Wording._meta.get_field(kind).related_model
    element = model.objects.filter(plan=plan).first()
    Wording.objects.create(plan=plan, valid_from=DAY, text="x", **{kind: element})
    with pytest.raises(IntegrityError), transaction.atomic():
        Wording.objects.create(plan=plan, valid_from=DAY, text="y", **{kind: element})


def test_a_code_stands_once_in_a_plan_and_may_stand_in_another(plan):
    other = Plan.objects.create(
        code="rsp-2028-2030", title="Next", starts=date(2028, 7, 1), ends=date(2030, 6, 30),
        baseline_date=date(2028, 6, 30), deliverable_date=date(2030, 6, 30),
    )  # fmt: skip
    area = FocusArea.objects.create(plan=other, code="1", position=1)
    objective = Objective.objects.create(plan=other, code="1.1", position=1, focus_area=area)
    assert objective.natural_key() == ("rsp-2028-2030", "1.1")
    for row in (FocusArea(plan=plan, code="1", position=9), Kpi(plan=plan, code="1.1.1(b)", position=900)):
        if isinstance(row, Kpi):
            row.milestone = Milestone.objects.first()
        refused(row, "This code exists already in the plan.", "code_once")


@pytest.mark.parametrize(
    ("dates", "sentence"),
    [
        ({"starts": date(2028, 7, 2)}, "A plan starts on the first day of a month and ends after it starts."),
        ({"ends": date(2028, 7, 1)}, "A plan starts on the first day of a month and ends after it starts."),
        (
            {"baseline_date": date(2028, 7, 2)},
            "The baseline date is not after the start, the deliverable date in the plan.",
        ),
        (
            {"deliverable_date": date(2030, 7, 1)},
            "The baseline date is not after the start, the deliverable date in the plan.",
        ),
    ],
)
def test_the_dates_of_a_plan_are_in_order(db, dates, sentence):
    good = {
        "starts": date(2028, 7, 1),
        "ends": date(2030, 6, 30),
        "baseline_date": date(2028, 6, 30),
        "deliverable_date": date(2030, 6, 30),
    }
    refused(Plan(code="next", title="Next", **(good | dates)), sentence, "plan_")


@pytest.mark.parametrize("share", ["", "two thirds", "1/0"])
def test_a_share_is_a_fraction(plan, share):
    plan.at_risk_share = share
    with pytest.raises(ValidationError):
        plan.full_clean()


def test_a_share_stays_exact(plan):
    plan.at_risk_share = Fraction(7, 11)
    plan.save()
    assert Plan.objects.get(pk=plan.pk).at_risk_share == Fraction(7, 11)


def test_summaries_are_numbered_within_their_focus_area(plan):
    summary = StrategicSummary.objects.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        StrategicSummary.objects.create(focus_area=summary.focus_area, position=summary.position, text="again")


def test_a_theme_does_not_go_while_milestones_stand_under_it(plan):
    with pytest.raises(Exception, match="protected"):
        Theme.objects.first().delete()
