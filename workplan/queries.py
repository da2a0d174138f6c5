"""Named reads of the plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from typing import Any

from django.db.models import CharField, QuerySet, Value

from .choices import BaselineOrigin, Measure, Part, Period, ReporterGroup, Source, Standing
from .models import FocusArea, Plan, Reading, StrategicSummary, Wording
from .tree import ActionText, FocusAreaText, KpiText, ObjectiveText, PlanText, ReadingText


def visible_plans() -> QuerySet[Plan]:
    """The plans that a person may see: the published ones."""
    return Plan.objects.filter(published=True)


def current_plan() -> Plan:
    """The published plan that starts last. Raises Plan.DoesNotExist where none is published."""
    plan = visible_plans().order_by("-starts").first()
    if plan is None:
        raise Plan.DoesNotExist("No plan is published yet.")
    return plan


def summaries(plan: Plan) -> dict[str, list[StrategicSummary]]:
    """Code of the focus area -> its strategic summary, in two queries."""
    found = defaultdict(list)
    rows = StrategicSummary.objects.filter(focus_area__plan=plan).select_related("objective", "focus_area")
    for summary in rows.prefetch_related("building_blocks"):
        found[summary.focus_area.code].append(summary)
    return found


def valid_at(day: date, versions: Iterable[Any], element: Callable[[Any], Any]) -> dict[Any, Any]:
    """Element -> its version valid at the day: the last from then or before, else its first. Versions come by date."""
    found: dict[Any, Any] = {}
    for version in versions:
        key = element(version)
        if version.valid_from <= day or key not in found:
            found[key] = version
    return found


def plan_at(plan: Plan, day: date) -> PlanText:
    """The plan as it reads and is counted at a date, in three queries."""
    wordings = valid_at(day, Wording.objects.filter(plan=plan).order_by("valid_from"), element_of)
    readings = valid_at(day, readings_of(plan), lambda reading: reading.kpi_id)
    named = organisations_named_by(plan)
    in_order = sorted(readings.values(), key=lambda reading: reading.kpi.position)
    return PlanText(
        id=plan.pk,
        code=plan.code,
        title=plan.title,
        starts=plan.starts,
        ends=plan.ends,
        baseline_date=plan.baseline_date,
        deliverable_date=plan.deliverable_date,
        at_risk_share=str(plan.at_risk_share),
        round_up_from=str(plan.round_up_from),
        focus_areas=tuple(focus_areas(in_order, wordings, named)),
    )


def element_of(wording: Wording) -> tuple[str, int]:
    kind = wording.kind
    return kind, getattr(wording, f"{kind}_id")


def readings_of(plan: Plan) -> QuerySet[Reading]:
    headings = "kpi__milestone__specific_action__objective__focus_area"
    return (
        Reading.objects.filter(kpi__plan=plan)
        .select_related(headings, "kpi__milestone__theme", "confirmed_by")
        .order_by("valid_from")
    )


def organisations_named_by(plan: Plan) -> dict[tuple[str, int], list[str]]:
    """Whom readings ask by name, and who co-ordinates focus areas, in one query: ("reading", id) -> codes."""
    asked = Reading.reporters.through.objects.filter(reading__kpi__plan=plan).values_list(
        Value("reading", CharField()), "reading_id", "organisation__code", "organisation__position"
    )
    co_coordinating = FocusArea.co_coordinators.through.objects.filter(focusarea__plan=plan).values_list(
        Value("focus_area", CharField()), "focusarea_id", "organisation__code", "organisation__position"
    )
    named = defaultdict(list)
    for kind, element, code, _ in sorted(asked.union(co_coordinating), key=lambda row: row[3]):
        named[kind, element].append(code)
    return named


Wordings = dict[tuple[str, int], Wording]
Named = dict[tuple[str, int], list[str]]


def under(readings: Iterable[Reading], heading: Callable[[Reading], Any]) -> Iterable[tuple[Any, list[Reading]]]:
    """The readings under each heading, in the plan's order."""
    for _, rows in groupby(readings, key=lambda reading: heading(reading).pk):
        together = list(rows)
        yield heading(together[0]), together


def focus_areas(readings: list[Reading], wordings: Wordings, named: Named) -> Iterable[FocusAreaText]:
    for area, rows in under(readings, lambda row: row.kpi.milestone.specific_action.objective.focus_area):
        yield FocusAreaText(
            code=area.code,
            title=wordings["focus_area", area.pk].text,
            co_coordinators=tuple(named["focus_area", area.pk]),
            objectives=tuple(objectives(rows, wordings, named)),
        )


def objectives(readings: list[Reading], wordings: Wordings, named: Named) -> Iterable[ObjectiveText]:
    for objective, rows in under(readings, lambda row: row.kpi.milestone.specific_action.objective):
        text = wordings["objective", objective.pk].text
        yield ObjectiveText(code=objective.code, title=text, actions=tuple(actions(rows, wordings, named)))


def actions(readings: list[Reading], wordings: Wordings, named: Named) -> Iterable[ActionText]:
    for action, rows in under(readings, lambda row: row.kpi.milestone.specific_action):
        text = wordings["specific_action", action.pk].text
        kpis = tuple(kpi_text(row, wordings, named["reading", row.pk]) for row in rows)
        yield ActionText(code=action.code, title=text, kpis=kpis)


def kpi_text(reading: Reading, wordings: Wordings, reporters: list[str]) -> KpiText:
    kpi, milestone = reading.kpi, reading.kpi.milestone
    theme = milestone.theme
    says = wordings["kpi", kpi.pk]
    return KpiText(
        id=kpi.pk,
        code=kpi.code,
        theme_number=theme.position if theme else None,
        theme=wordings["theme", theme.pk].text if theme else "",
        milestone_code=milestone.code,
        milestone=wordings["milestone", milestone.pk].text,
        responsible=wordings["milestone", milestone.pk].responsible,
        text=says.text,
        target=says.target,
        reading=reading_text(reading, reporters),
    )


def reading_text(reading: Reading, reporters: list[str]) -> ReadingText:
    return ReadingText(
        source=Source(reading.source),
        measure=Measure(reading.measure),
        period=Period(reading.period),
        counts_from=Standing(reading.counts_from) if reading.counts_from else None,
        part=Part(reading.part) if reading.part else None,
        target=reading.target_value,
        denominator=reading.denominator,
        unit=reading.unit,
        baseline=reading.baseline_value,
        baseline_origin=BaselineOrigin(reading.baseline_origin),
        baseline_reason=reading.baseline_reason,
        reporter_group=ReporterGroup(reading.reporter_group),
        reporters=tuple(reporters),
        question=reading.question,
        guidance=reading.guidance,
        note=reading.note,
        valid_from=reading.valid_from,
        unconfirmed=reading.unconfirmed,
        confirmed_at=reading.confirmed_at,
        confirmed_by=reading.confirmed_by.name if reading.confirmed_by else "",
    )
