"""A target text and its reading are compared: what contradicts is told in words, what agrees is not."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from workplan.agreement import differences
from workplan.choices import Kind, Measure, Period
from workplan.queries import history_of, plan_at

FROM = date(2027, 1, 1)


@pytest.fixture
def reading(plan):
    return history_of(plan).outline(FROM).nodes[Kind.KPI, "1.1.1(b)"].reading


def test_no_target_of_the_plan_contradicts_its_reading(plan):
    told = {kpi.code: differences(kpi.target, kpi.reading) for kpi in plan_at(plan, FROM).kpis}
    assert {code: sentences for code, sentences in told.items() if sentences} == {}


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("At least 28/35 Members", None),
        ("At least twenty-eight of 35 Members by 30.06.28", None),
        ("At least Twenty two of 35 Members", "22"),
        ("At least 28 of the 35 Members in 2027/28", None),
        ("At least 5/35 Members", "5"),
        ("At least five (5) Members", "5"),
        ("28/40 Members", "40"),
        ("All 35 Members", "35"),
        ("At least 1,000 Members", "1000"),
        ("Twice", "2"),
        ("All Members", None),
    ],
)
def test_amounts_are_compared(reading, target, said):
    expected = (f"The target says {said}, the reading at least 28 of 35.",) if said else ()
    assert differences(target, reading) == expected


def test_what_is_to_be_gained_beside_the_baseline_may_be_named(reading):
    target = "28/35 Members: an additional four (4) to the initial 24"
    assert differences(target, reading) != ()
    assert differences(target, replace(reading, baseline=Decimal(24))) == ()


def test_a_year_is_compared(reading):
    each_year = replace(reading, period=Period.EACH_YEAR)
    assert differences("28/35 Members per year", each_year) == ()
    assert differences("28/35 Members per year", reading) == (
        "The target says “per year”, the reading counts the state at the date.",
    )
    assert differences("28/35 Members", each_year) == (
        "The reading counts every plan year by itself, the target does not say so.",
    )


def test_a_share_is_compared(reading):
    share = replace(reading, measure=Measure.SHARE, unit="percent", target=Decimal(50), denominator=None)
    for target in ("At least 50% of participants", "At least one half of the missions", "50 per cent"):
        assert differences(target, share) == ()
    assert differences("At least 40%", share) == ("The target says 40, the reading at least 50 %.",)
    assert differences("At least 50 missions", share) == ("The reading is a percentage, the target is none.",)
    assert differences("28% of 35 Members", reading) == ("The target is a percentage, the reading counts Members.",)
