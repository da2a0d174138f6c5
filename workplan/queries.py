"""Named reads of the plan."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date
from itertools import groupby
from operator import attrgetter
from typing import Any

from django.db.models import CharField, F, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Concat

from .choices import BaselineOrigin, Measure, Part, Period, ReporterGroup, Source, Standing
from .database import Listed
from .models import ELEMENT_KINDS, FocusArea, Plan, Reading, StrategicSummary, Wording
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
    """The plan as it reads and is counted at a date, in two queries."""
    return plan_and_sources(plan, day)[0]


def plan_and_sources(plan: Plan, day: date) -> tuple[PlanText, dict[int, Source]]:
    """The same, and the source of every version of a reading by its id; answers remember the version they answered."""
    versions = list(reading_rows(plan))
    text = plan_text(plan, day, versions)
    return text, {version.pk: Source(version.source) for version in versions}


def plan_text(plan: Plan, day: date, versions: list[Any]) -> PlanText:
    wordings = valid_at(day, wordings_of(plan), element_of)
    readings = valid_at(day, versions, lambda reading: reading.kpi_id)
    in_order = sorted(readings.values(), key=lambda reading: reading.position)
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
        focus_areas=tuple(focus_areas(in_order, wordings)),
    )


# Both are read as plain rows: as models, with the headings of each reading, they cost every cold page three times more.

ELEMENT_IDS = tuple(f"{kind}_id" for kind in ELEMENT_KINDS)
HEADINGS = {
    "kpi_code": "kpi__code",
    "position": "kpi__position",
    "milestone_id": "kpi__milestone_id",
    "milestone_code": "kpi__milestone__code",
    "theme_id": "kpi__milestone__theme_id",
    "theme_number": "kpi__milestone__theme__position",
    "action_id": "kpi__milestone__specific_action_id",
    "action_code": "kpi__milestone__specific_action__code",
    "objective_id": "kpi__milestone__specific_action__objective_id",
    "objective_code": "kpi__milestone__specific_action__objective__code",
    "area_id": "kpi__milestone__specific_action__objective__focus_area_id",
    "area_code": "kpi__milestone__specific_action__objective__focus_area__code",
    "confirmer": "confirmed_by__name",
}
READING = (
    "pk", "kpi_id", "valid_from", "source", "measure", "period", "counts_from", "part", "reporter_group",
    "target_value", "denominator", "unit", "baseline_value", "baseline_origin", "baseline_reason",
    "question", "guidance", "note", "decision_needed", "confirmed_at",
)  # fmt: skip


def wordings_of(plan: Plan) -> QuerySet[Wording, Any]:
    columns = ("valid_from", *ELEMENT_IDS, "text", "responsible", "target")
    return Wording.objects.filter(plan=plan).order_by("valid_from").values_list(*columns, named=True)


def element_of(wording: Any) -> tuple[str, int]:
    """The kind of element that a wording is of, and the element's id."""
    ids = wording[1 : 1 + len(ELEMENT_KINDS)]
    return next((kind, pk) for kind, pk in zip(ELEMENT_KINDS, ids, strict=True) if pk is not None)


def readings_of(plan: Plan) -> QuerySet[Reading]:
    """Every version of every reading, by date, with whom it asks by name (``codes_by_position`` reads that)."""
    asked = Reading.reporters.through.objects.filter(reading=OuterRef("pk"))
    rows = Reading.objects.filter(kpi__plan=plan).select_related("kpi").order_by("valid_from")
    return rows.annotate(asked_by_name=named_by(asked, "reading"))


def reading_rows(plan: Plan) -> QuerySet[Reading, Any]:
    """The same as plain rows, with their headings and who co-ordinates their focus area."""
    headings = {name: F(path) for name, path in HEADINGS.items()}
    area = OuterRef(HEADINGS["area_id"])
    co_ordinating = FocusArea.co_coordinators.through.objects.filter(focusarea=area)
    rows = readings_of(plan).annotate(**headings, co_ordinated_by=named_by(co_ordinating, "focusarea"))
    return rows.values_list(*READING, *HEADINGS, "asked_by_name", "co_ordinated_by", named=True)


def named_by(rows: QuerySet[Any], element: str) -> Subquery:
    """The organisations that an element names, as ``codes_by_position`` reads them."""
    place = Concat("organisation__position", Value(":"), "organisation__code", output_field=CharField())
    return Subquery(rows.order_by().values(element).values(named=Listed(place)))


def codes_by_position(named: str | None) -> tuple[str, ...]:
    """ "12:FJI,3:AUS" -> AUS, FJI"""
    pairs = (each.partition(":") for each in (named or "").split(",") if each)
    return tuple(code for position, _, code in sorted(pairs, key=lambda pair: int(pair[0])))


Wordings = dict[tuple[str, int], Any]


def under(readings: Iterable[Any], heading: str) -> Iterable[list[Any]]:
    """The readings under each heading, in the plan's order."""
    return (list(rows) for _, rows in groupby(readings, key=attrgetter(heading)))


def focus_areas(readings: list[Any], wordings: Wordings) -> Iterable[FocusAreaText]:
    for rows in under(readings, "area_id"):
        yield FocusAreaText(
            code=rows[0].area_code,
            title=wordings["focus_area", rows[0].area_id].text,
            co_coordinators=codes_by_position(rows[0].co_ordinated_by),
            objectives=tuple(objectives(rows, wordings)),
        )


def objectives(readings: list[Any], wordings: Wordings) -> Iterable[ObjectiveText]:
    for rows in under(readings, "objective_id"):
        title = wordings["objective", rows[0].objective_id].text
        yield ObjectiveText(rows[0].objective_code, title, tuple(actions(rows, wordings)))


def actions(readings: list[Any], wordings: Wordings) -> Iterable[ActionText]:
    for rows in under(readings, "action_id"):
        title = wordings["specific_action", rows[0].action_id].text
        kpis = tuple(kpi_text(row, wordings) for row in rows)
        yield ActionText(rows[0].action_code, title, kpis)


def kpi_text(reading: Any, wordings: Wordings) -> KpiText:
    milestone, says = wordings["milestone", reading.milestone_id], wordings["kpi", reading.kpi_id]
    return KpiText(
        id=reading.kpi_id,
        code=reading.kpi_code,
        theme_number=reading.theme_number,
        theme=wordings["theme", reading.theme_id].text if reading.theme_id else "",
        milestone_code=reading.milestone_code,
        milestone=milestone.text,
        responsible=says.responsible,
        text=says.text,
        target=says.target,
        reading=reading_text(reading),
    )


def reading_text(reading: Any) -> ReadingText:
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
        reporters=codes_by_position(reading.asked_by_name),
        question=reading.question,
        guidance=reading.guidance,
        note=reading.note,
        valid_from=reading.valid_from,
        unconfirmed=reading.decision_needed and reading.confirmed_at is None,
        confirmed_at=reading.confirmed_at,
        confirmed_by=reading.confirmer or "",
    )
