"""Named reads of the plan."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat

from .choices import (
    PARENTS,
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
    Standing,
)
from .database import Listed
from .models import ELEMENT_KINDS, Amendment, Change, FocusArea, Plan, Reading, StrategicSummary, Wording
from .outline import Drafted, Node, Outline, Shift, newly_contradicting, shifts
from .tree import KpiText, PlanText, ReadingText


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
    """Element -> its version valid at the day: the last from then or before; else, of what the plan was adopted with,
    the first. Versions come by date."""
    found: dict[Any, Any] = {}
    for version in versions:
        key = element(version)
        if version.valid_from <= day or (key not in found and version.amendment_id is None):
            found[key] = version
    return found


def plan_at(plan: Plan, day: date) -> PlanText:
    """The plan as it reads and is counted at a date, in two queries."""
    return plan_and_sources(plan, day)[0]


def plan_and_sources(plan: Plan, day: date) -> tuple[PlanText, dict[int, Source]]:
    """The same, and the source of every version of a reading by its id; answers remember the version they answered."""
    history = history_of(plan)
    return history.text(day), history.sources


@dataclass(frozen=True)
class History:
    """Every version of what a plan says and how it is counted, from which it can be told as at any date."""

    plan: Plan
    wordings: list[Any]
    readings: list[Any]

    @property
    def sources(self) -> dict[int, Source]:
        """Version of a reading -> its source."""
        return {version.pk: Source(version.source) for version in self.readings}

    def without(self, amendment: Amendment) -> "History":
        """As it would be had the amendment never been published."""
        others = [
            [each for each in rows if each.amendment_id != amendment.pk] for rows in (self.wordings, self.readings)
        ]
        return replace(self, wordings=others[0], readings=others[1])

    @property
    def elements(self) -> frozenset[tuple[Kind, str]]:
        """The kind and code of every element, at whatever date."""
        return frozenset((element_of(each)[0], each.code) for each in self.wordings)

    @cached_property
    def begins(self) -> list[date]:
        """The days from which a version is valid, sorted."""
        return sorted({each.valid_from for each in (*self.wordings, *self.readings)})

    def span(self, day: date) -> int:
        """The same for all days between which no version begins: to tell the plan takes long."""
        return bisect_right(self.begins, day)

    @cached_property
    def reread(self) -> Mapping[int, list[Any]]:
        """KPI -> the versions of its reading, of those that have more than one."""
        found: dict[int, list[Any]] = defaultdict(list)
        for version in self.readings:
            found[version.kpi_id].append(version)
        return {kpi: versions for kpi, versions in found.items() if len(versions) > 1}

    def reading_at(self, kpi: KpiText, day: date) -> ReadingText:
        """How a KPI was counted at another day than that of its text; as now where it was counted from something else
        then, or not yet at all."""
        versions = valid_at(day, self.reread.get(kpi.id, ()), lambda each: each.kpi_id)
        then = reading_text(versions[kpi.id]) if versions else kpi.reading
        return then if then.source is kpi.reading.source else kpi.reading

    def outline(self, day: date) -> Outline:
        """The elements as at a day, retired ones among them."""
        wordings = valid_at(day, self.wordings, element_of)
        readings = valid_at(day, self.readings, lambda reading: reading.kpi_id)
        codes = {element: wording.code for element, wording in wordings.items()}
        nodes = (node_of(element, wording, codes, readings) for element, wording in wordings.items())
        return Outline({node.key: node for node in nodes})

    def text(self, day: date, changes: Iterable[Drafted] = ()) -> PlanText:
        """The plan as at a day; with these changes, where there are some."""
        outline = self.outline(day)
        return self.text_of(outline.with_changes(changes) if changes else outline)

    def text_of(self, outline: Outline) -> PlanText:
        plan = self.plan
        nodes = outline.nodes.values()
        numbers = [number for node in nodes for number in (node.amendment, amended_by(node)) if number is not None]
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
            focus_areas=outline.texts(),
            amendment=max(numbers, default=None),
        )


def amended_by(node: Node) -> int | None:
    return node.reading.amendment if node.reading else None


def history_of(plan: Plan) -> History:
    """In two queries."""
    return History(plan, list(wordings_of(plan)), list(reading_rows(plan)))


@dataclass(frozen=True)
class Draft:
    """An amendment and what it makes of the plan: on the day from which it is valid, and on later days."""

    amendment: Amendment
    history: History
    changes: list[Change]

    @cached_property
    def drafted(self) -> list[Drafted]:
        return [Drafted(Kind(each.kind), each.code, each.says, each.adds) for each in self.changes]

    @cached_property
    def base(self) -> Outline:
        """The plan without it."""
        return self.history.outline(self.amendment.valid_from)

    @cached_property
    def outline(self) -> Outline:
        """The plan with it."""
        return self.base.with_changes(self.drafted)

    @cached_property
    def gone(self) -> frozenset[tuple[Kind, str]]:
        """What leaves the plan with it."""
        return self.base.in_force - self.outline.in_force

    @property
    def lost_later(self) -> dict[tuple[Kind, str], date]:
        """What would leave the plan on a later day though no version of it says so, and that day: it begins under what
        the draft retires, or the draft puts it under what is retired then."""
        found: dict[tuple[Kind, str], date] = {}
        mine = {(each.kind, each.code) for each in self.drafted} & self.outline.in_force - self.later_versions.keys()
        versions = (*self.history.wordings, *self.history.readings)
        for day in sorted({each.valid_from for each in versions if each.valid_from > self.amendment.valid_from}):
            base = self.history.outline(day)
            kept = mine | base.in_force - self.gone
            for key in sorted(kept - base.with_changes(self.drafted).in_force):
                found.setdefault(key, day)
        return found

    @property
    def leaving(self) -> list[str]:
        """The codes of the KPIs that leave the plan, in its order."""
        whole = (node for area in self.base.focus_areas for node in self.base.descendants(area))
        return [each.code for each in whole if each.kind is Kind.KPI and each.key not in self.outline.in_force]

    @property
    def shifts(self) -> list[Shift]:
        """The KPIs that go to another focus area with it."""
        return shifts(self.base, self.outline)

    @property
    def contradicting(self) -> dict[str, tuple[str, ...]]:
        """KPI -> in what the target and the reading that the draft gives it differ."""
        keys = [(each.kind, each.code) for each in self.drafted if (each.kind, each.code) in self.outline.nodes]
        told = {key[1]: newly_contradicting(self.base.nodes.get(key), self.outline.nodes[key]) for key in keys}
        return {code: sentences for code, sentences in told.items() if sentences}

    def text(self, day: date) -> PlanText:
        """The plan with it, as at a day."""
        return self.history.text(day, self.drafted if day >= self.amendment.valid_from else ())

    @cached_property
    def later_versions(self) -> dict[tuple[Kind, str], date]:
        """Element -> the first day, from that of the amendment on, from which it has another version already."""
        words = (((element_of(each)[0], each.code), each.valid_from) for each in self.history.wordings)
        counts = (((Kind.KPI, each.kpi_code), each.valid_from) for each in self.history.readings)
        later = [(key, day) for key, day in (*words, *counts) if day >= self.amendment.valid_from]
        return dict(sorted(later, key=lambda each: each[1], reverse=True))


def draft_of(amendment: Amendment) -> Draft:
    """Of one that is published, too: what it was drafted on, and what it made of that. In three queries."""
    history = history_of(amendment.plan)
    return Draft(amendment, history.without(amendment), list(amendment.changes.all()))


def amendments_of(plan: Plan) -> QuerySet[Amendment]:
    """All but the discarded ones, the latest first."""
    return Amendment.objects.filter(plan=plan, discarded_at=None).select_related("published_by").order_by("-number")


def amendments_on(plan: Plan, code: str) -> QuerySet[Amendment, Any]:
    """The published ones that give a KPI other words or another reading, by the day from which they are valid; with its
    ``target`` from then on (None: as before), and whether it is ``retired``."""
    words = Wording.objects.filter(amendment=OuterRef("pk"), kpi__code=code)
    counts = Reading.objects.filter(amendment=OuterRef("pk"), kpi__code=code)
    rows = Amendment.objects.filter(Exists(words) | Exists(counts), plan=plan).exclude(published_at=None)
    told = {name: Subquery(words.values(name)[:1]) for name in ("target", "retired")}
    return rows.annotate(**told).order_by("valid_from", "number")


def readings_to_decide(plan: Plan, day: date) -> QuerySet[Reading]:
    """The readings whose target text leaves a choice, in the plan's order: those confirmed, and those that wait, unless
    another replaced them up to the day, or their KPI is retired then."""
    later = Reading.objects.filter(kpi=OuterRef("kpi"), valid_from__gt=OuterRef("valid_from"), valid_from__lte=day)
    rows = Reading.objects.filter(kpi__plan=plan, decision_needed=True).annotate(gone=is_gone(day))
    rows = rows.exclude(Q(confirmed_at=None) & (Exists(later) | Q(gone=True)))
    return rows.select_related("kpi__plan", "confirmed_by").order_by("kpi__position", "valid_from")


# Both are read as plain rows: as models, with what they stand under, they cost every cold page three times more.

ELEMENT_IDS = tuple(f"{kind}_id" for kind in ELEMENT_KINDS)
READING = (
    "pk", "kpi_id", "valid_from", "amendment_id", "source", "measure", "period", "counts_from", "part",
    "pair_from", "plurilateral",
    "reporter_group", "target_value", "denominator", "unit", "baseline_value", "baseline_origin", "baseline_reason",
    "question", "guidance", "note", "decision_needed", "confirmed_at", "confirmed_why",
)  # fmt: skip
WORDING = ("text", "responsible", "target", "parent", "position", "retired")


def wordings_of(plan: Plan) -> QuerySet[Wording, Any]:
    """Every version of every wording, by date, as plain rows: with the code of its element, where that stood first,
    and who co-ordinates a focus area."""
    co_ordinating = FocusArea.co_coordinators.through.objects.filter(focusarea=OuterRef("focus_area"))
    return (
        Wording.objects.filter(plan=plan)
        .order_by("valid_from", "pk")
        .annotate(
            code=Coalesce(*(F(f"{kind}__code") for kind in ELEMENT_KINDS)),
            began_at=Coalesce(*(F(f"{kind}__position") for kind in ELEMENT_KINDS)),
            under=Coalesce(
                "objective__focus_area",
                "specific_action__objective",
                "theme__specific_action",
                "milestone__theme",
                "milestone__specific_action",
                "kpi__milestone",
            ),
            in_theme=F("milestone__theme"),
            number=F("amendment__number"),
            co_ordinated_by=named_by(co_ordinating, "focusarea"),
        )
        .values_list(
            "valid_from",
            *ELEMENT_IDS,
            "amendment_id",
            *WORDING,
            *("code", "began_at", "under", "in_theme", "number", "co_ordinated_by"),
            named=True,
        )
    )


Element = tuple[Kind, int]


def element_of(wording: Any) -> Element:
    """The kind of element that a wording is of, and the element's id."""
    ids = wording[1 : 1 + len(ELEMENT_KINDS)]
    return next((kind, pk) for kind, pk in zip(Kind, ids, strict=True) if pk is not None)


def node_of(element: Element, wording: Any, codes: Mapping[Element, str], readings: Mapping[int, Any]) -> Node:
    kind, pk = element
    return Node(
        kind=kind,
        code=wording.code,
        parent=wording.parent or codes.get((first_parent(kind, wording), wording.under), ""),
        position=Decimal(wording.began_at) if wording.position is None else wording.position,
        id=pk,
        text=wording.text,
        responsible=wording.responsible,
        target=wording.target,
        retired=wording.retired,
        co_coordinators=codes_by_position(wording.co_ordinated_by),
        reading=reading_text(readings[pk]) if kind is Kind.KPI else None,
        valid_from=wording.valid_from,
        amendment=wording.number,
    )


def first_parent(kind: Kind, wording: Any) -> Kind:
    """The kind of element that this one was adopted under."""
    if kind is Kind.MILESTONE:
        return Kind.THEME if wording.in_theme else Kind.SPECIFIC_ACTION
    return PARENTS[kind][0] if PARENTS[kind] else kind


def readings_of(plan: Plan) -> QuerySet[Reading]:
    """Every version of every reading, by date, with whom it asks by name (``codes_by_position`` reads that)."""
    asked = Reading.reporters.through.objects.filter(reading=OuterRef("pk"))
    rows = Reading.objects.filter(kpi__plan=plan).select_related("kpi").order_by("valid_from")
    return rows.annotate(asked_by_name=named_by(asked, "reading"))


def readings_at(plan: Plan, day: date) -> dict[int, Reading]:
    """KPI -> its reading at the day, of those that belong to the plan then; in one query."""
    asked = readings_of(plan).annotate(gone=is_gone(day)).filter(gone=False)
    return valid_at(day, asked, lambda reading: reading.kpi_id)


def is_gone(day: date) -> Coalesce:
    """Of a reading: whether its KPI is retired at the day."""
    words = Wording.objects.filter(kpi=OuterRef("kpi"), valid_from__lte=day).order_by("-valid_from")
    return Coalesce(Subquery(words.values("retired")[:1]), Value(False))


def reading_rows(plan: Plan) -> QuerySet[Reading, Any]:
    """The same as plain rows."""
    more = {"confirmer": F("confirmed_by__name"), "number": F("amendment__number"), "kpi_code": F("kpi__code")}
    return readings_of(plan).annotate(**more).values_list(*READING, *more, "asked_by_name", named=True)


def named_by(rows: QuerySet[Any], element: str) -> Subquery:
    """The organisations that an element names, as ``codes_by_position`` reads them."""
    place = Concat("organisation__position", Value(":"), "organisation__code", output_field=CharField())
    return Subquery(rows.order_by().values(element).values(named=Listed(place)))


def codes_by_position(named: str | None) -> tuple[str, ...]:
    """ "12:FJI,3:AUS" -> AUS, FJI"""
    pairs = (each.partition(":") for each in (named or "").split(",") if each)
    return tuple(code for position, _, code in sorted(pairs, key=lambda pair: int(pair[0])))


def reading_text(reading: Any) -> ReadingText:
    return ReadingText(
        source=Source(reading.source),
        measure=Measure(reading.measure),
        period=Period(reading.period),
        counts_from=Standing(reading.counts_from) if reading.counts_from else None,
        part=Part(reading.part) if reading.part else None,
        pair_from=PairFrom(reading.pair_from),
        plurilateral=Plurilateral(reading.plurilateral),
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
        confirmed_why=reading.confirmed_why,
        amendment=reading.number,
    )
