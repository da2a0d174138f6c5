"""``achievement`` before anything is collected, and before there is a plan."""

import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tests.reporting.builders import run
from workplan.models import Plan

from .region import INTERIM, collect


def figures(*words: str) -> dict[str, Any]:
    return json.loads(run("achievement", "--format=json", *words))


def test_before_the_plan_and_with_nothing_there_is_no_value(plan, clock):
    data = figures("--as-of=2026-06-30")
    kinds = {(each["status"], each["value"], each["percent"], each["years"] == []) for each in data["kpis"]}
    assert kinds == {("no_data", None, None, True), ("not_begun", None, None, True)}


def test_before_the_first_round_the_default_is_the_baseline_date(plan, clock):
    assert figures()["as_of"] == "2026-06-30"
    collect("open", INTERIM, closed=False)
    assert figures()["as_of"] == "2026-06-30"


def test_without_a_plan_it_says_so(plan):
    Plan.objects.update(published=False)
    with pytest.raises(CommandError, match="No plan is published"):
        call_command("achievement")
