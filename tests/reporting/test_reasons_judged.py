"""Why a status changed where the value did not: another baseline, another setting of the plan."""

from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest

from reporting.achievement import Status
from reporting.reasons import changes
from reporting.report import Report
from workplan.models import Plan

from .region import BASELINE, INTERIM, collect, enter, standings
from .test_reasons import STATUS, reasons, report


def judged(told: Report, share: str = "2/3", **result) -> Report:
    """The report with this share, and this result of the KPI."""
    results = told.results | {STATUS: replace(told.results[STATUS], **result)}
    return replace(told, plan=replace(told.plan, at_risk_share=share), results=results)


ON_TRACK = {"value": Decimal(20), "status": Status.ON_TRACK, "expected": Decimal(20), "baseline": Decimal(16)}
AT_RISK = ON_TRACK | {"status": Status.AT_RISK, "expected": Decimal(22)}


@pytest.fixture
def answered(plan) -> Report:
    enter(collect("baseline", BASELINE), standings(STATUS, {"AUS": "in_place"}))
    return report()


@pytest.mark.parametrize(("was", "now", "told"), [
    (AT_RISK | {"baseline": Decimal(20)}, ON_TRACK, ["Another baseline: 16, 20 before"]),
    (ON_TRACK, AT_RISK | {"baseline": Decimal(20)}, ["Another baseline: 20, 16 before"]),
    (ON_TRACK | {"baseline": None}, AT_RISK, ["Another baseline: 16, none before"]),
    (ON_TRACK | {"baseline": Decimal(20)}, AT_RISK, ["More is expected by now: 22, 20 before"]),
])  # fmt: skip
def test_another_baseline_is_told_and_less_is_not_expected_for_it(answered, was, now, told):
    found = reasons(judged(answered, **was), judged(answered, **now), STATUS)
    assert [each.words() for each in found] == told


def test_at_another_date_more_is_expected_beside_another_baseline(answered):
    before = replace(judged(answered, **ON_TRACK), as_of=BASELINE)
    now = judged(answered, **AT_RISK | {"baseline": Decimal(18)})
    assert [each.words() for each in reasons(before, now, STATUS)] == [
        "Another baseline: 18, 16 before",
        "More is expected by now: 22, 20 before",
    ]


def test_a_corrected_answer_of_the_baseline_is_told_by_its_numbers(plan):
    both = dict.fromkeys(("AUS", "FJI", "NZL", "TON"), "in_place")
    base = collect("baseline", BASELINE)
    enter(base, standings(STATUS, both))
    enter(collect("interim", INTERIM), standings(STATUS, both))
    before = report()
    enter(base, standings(STATUS, {"TON": "planned"}))
    assert (before.results[STATUS].baseline, report().results[STATUS].baseline) == (4, 3)
    was, now = judged(before, status=Status.OFF_TRACK), judged(report(), status=Status.AT_RISK)
    assert [each.words() for each in reasons(was, now, STATUS)] == ["Another baseline: 3, 4 before"]


SHORT = {"value": Decimal(20), "expected": Decimal(28), "baseline": Decimal(0)}
"""Five sevenths of what is expected."""


@pytest.mark.parametrize(("was", "now", "told"), [
    (("2/3", Status.AT_RISK), ("3/4", Status.OFF_TRACK), True),
    (("3/4", Status.OFF_TRACK), ("2/3", Status.AT_RISK), True),
    (("2/3", Status.AT_RISK), ("5/7", Status.AT_RISK), None),
    (("3/4", Status.AT_RISK), ("4/5", Status.OFF_TRACK), False),
    (("2/3", Status.ON_TRACK), ("3/4", Status.REACHED), False),
])  # fmt: skip
def test_another_share_is_told_where_the_same_numbers_give_another_status_by_it(answered, was, now, told):
    before, after = (judged(answered, share, status=status, **SHORT) for share, status in (was, now))
    words = f"Another setting of the plan: at risk from {now[0]} of the expected gain on, {was[0]} before"
    found = [each.words() for change in changes(before, after) for each in change.reasons]
    assert found == ([] if told is None else [words if told else "No reason is recorded"])


def test_what_is_one_short_is_at_risk_with_any_share(answered):
    one_short = {"value": Decimal(1), "expected": Decimal(2), "baseline": Decimal(0)}
    before, after = (
        judged(answered, "1/2", status=Status.ON_TRACK, **one_short),
        judged(answered, "3/4", status=Status.AT_RISK, **one_short),
    )
    assert [each.words() for each in reasons(before, after, STATUS)] == ["No reason is recorded"]


def test_a_share_that_was_really_changed_is_told(plan):
    ten = dict.fromkeys([each.code for each in report().members()][:10], "in_place")
    enter(collect("baseline", BASELINE), standings(STATUS, {"AUS": "planned"}))
    enter(collect("interim", INTERIM), standings(STATUS, ten))
    before = report()
    expected = before.results[STATUS].expected
    assert before.results[STATUS].status is Status.AT_RISK, expected
    Plan.objects.update(at_risk_share=Fraction(99, 100))
    now = report()
    [reason] = reasons(before, now, STATUS)
    assert reason.words() == "Another setting of the plan: at risk from 99/100 of the expected gain on, 2/3 before"
