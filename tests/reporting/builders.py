"""A small plan with a KPI of every kind, and commands run on files."""

import io
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from members.choices import Group
from members.models import AuditEntry, Organisation
from reporting.models import Round
from tests.conftest import Organisations, member
from workplan.models import FocusArea, Kpi, Milestone, Objective, Plan, Reading, SpecificAction

NOW = datetime(2026, 7, 15, 12, tzinfo=ZoneInfo("UTC"))
LATER = datetime(2026, 8, 15, 12, tzinfo=ZoneInfo("UTC"))

STATUS = {"source": "status", "measure": "members", "period": "standing", "counts_from": "in_place"}
PARTICIPATION = {"source": "participation", "measure": "members", "period": "each_year", "part": "any"}
ITEMS = {"source": "activities", "measure": "items", "period": "each_year"}
PAIRS = {"source": "arrangements", "measure": "pairs", "period": "standing"}
SUM = {"source": "figures", "measure": "sum", "period": "each_year"}
SHARE = {"source": "figures", "measure": "share", "period": "plan"}


def make_plan(code: str = "rsp-2026-2028", year: int = 2026, *, published: bool = True) -> Plan:
    return Plan.objects.create(
        code=code,
        title=code,
        starts=date(year, 7, 1),
        ends=date(year + 2, 6, 30),
        baseline_date=date(year, 6, 30),
        deliverable_date=date(year + 2, 6, 30),
        published=published,
    )


def make_milestone(plan: Plan) -> Milestone:
    area = FocusArea.objects.create(plan=plan, code="1", position=1)
    objective = Objective.objects.create(plan=plan, code="1.1", position=1, focus_area=area)
    action = SpecificAction.objects.create(plan=plan, code="1.1.1", position=1, objective=objective)
    return Milestone.objects.create(plan=plan, code="1.1.1(a)", position=1, specific_action=action)


def make_kpi(milestone: Milestone, code: str, *named: Organisation, group: str = "", **counted: str) -> Kpi:
    position = Kpi.objects.count() + 1
    kpi = Kpi.objects.create(plan=milestone.plan, code=code, position=position, milestone=milestone)
    make_reading(kpi, *named, group=group, **counted)
    return kpi


def make_reading(
    kpi: Kpi, *named: Organisation, group: str = "", valid_from: date = date(2025, 7, 1), **counted: str
) -> Reading:
    reading = Reading.objects.create(
        kpi=kpi,
        valid_from=valid_from,
        reporter_group=group,
        target_value=Decimal(1),
        unit="things",
        **counted,
    )
    reading.reporters.set(named)
    return reading


def make_everything(organisations: Organisations) -> Plan:
    """Members answer 1.1.1(a) to (d), the ROCB the rest; 4.1.1(b) is not asked of anybody that there is."""
    plan = make_plan()
    milestone, rocb = make_milestone(plan), organisations.rocb
    make_kpi(milestone, "1.1.1(a)", group="members", **STATUS)
    make_kpi(milestone, "1.1.1(b)", group="members", **PARTICIPATION)
    make_kpi(milestone, "1.1.1(c)", group="members", **SUM)
    make_kpi(milestone, "1.1.1(d)", group="members", **PAIRS)
    make_kpi(milestone, "2.1.1(a)", rocb, **ITEMS)
    make_kpi(milestone, "2.1.1(b)", rocb, **SHARE)
    make_kpi(milestone, "4.1.1(b)", group="developed", **STATUS)
    return plan


def make_round(plan: Plan, code: str = "baseline", as_at: date = date(2026, 6, 30), **more: Any) -> Round:
    return Round.objects.create(plan=plan, code=code, title=code, as_at=as_at, **more)


def make_members(number: int) -> list[Organisation]:
    """More Members, MAA, MAB and so on."""
    codes = [f"M{first}{second}" for first in "ABCDEFGHIJ" for second in "ABCDEFGHIJ"][:number]
    return [member(code, code, Group.ASEAN, 10) for code in codes]


# ---------------------------------------------------------------- commands


def run(*words: str) -> str:
    out = io.StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def refusal(*words: str) -> str:
    """What a command says that is refused, having written nothing."""
    before = everything()
    with pytest.raises(CommandError) as refused:
        call_command(*words, stdout=io.StringIO())
    assert everything() == before
    return str(refused.value)


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row that there is of what is collected, and of the audit trail."""
    models = [*apps.get_app_config("reporting").get_models(), AuditEntry]
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def audited() -> list[tuple[str, str, dict[str, Any]]]:
    return [(entry.action, entry.object_label, entry.changes) for entry in AuditEntry.objects.order_by("pk")]


def answers_file(folder: Path, text: str) -> str:
    path = folder / "answers.csv"
    path.write_text(text, encoding="utf-8")
    return str(path)


def import_answers(folder: Path, text: str, *more: str) -> str:
    return run("import_answers", answers_file(folder, text), "--round=baseline", *more)
