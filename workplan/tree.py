"""The plan as it reads at a date: plain, frozen values that pages show, exports print and releases keep."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from .choices import BaselineOrigin, Measure, PairFrom, Part, Period, Plurilateral, ReporterGroup, Source, Standing


@dataclass(frozen=True)
class ReadingText:
    """How a KPI is counted at the date, and what is to be said about that."""

    source: Source
    measure: Measure
    period: Period
    counts_from: Standing | None
    part: Part | None
    target: Decimal
    denominator: int | None
    unit: str
    baseline: Decimal | None
    baseline_origin: BaselineOrigin
    baseline_reason: str
    reporter_group: ReporterGroup
    reporters: tuple[str, ...]
    question: str
    guidance: str
    note: str
    valid_from: date
    unconfirmed: bool
    confirmed_at: datetime | None
    confirmed_by: str
    confirmed_why: str = ""
    amendment: int | None = None
    pair_from: PairFrom = PairFrom.IN_FORCE
    plurilateral: Plurilateral = Plurilateral.PAIRS


@dataclass(frozen=True)
class KpiText:
    """One row of the work plan."""

    id: int
    code: str
    theme_number: int | None
    theme: str
    milestone_code: str
    milestone: str
    responsible: str
    text: str
    target: str
    reading: ReadingText
    amendment: int | None = None


@dataclass(frozen=True)
class ActionText:
    code: str
    title: str
    kpis: tuple[KpiText, ...]


@dataclass(frozen=True)
class ObjectiveText:
    code: str
    title: str
    actions: tuple[ActionText, ...]

    @property
    def kpis(self) -> Iterator[KpiText]:
        return (kpi for action in self.actions for kpi in action.kpis)


@dataclass(frozen=True)
class FocusAreaText:
    code: str
    title: str
    co_coordinators: tuple[str, ...]
    objectives: tuple[ObjectiveText, ...]

    @property
    def kpis(self) -> Iterator[KpiText]:
        return (kpi for objective in self.objectives for kpi in objective.kpis)


@dataclass(frozen=True)
class PlanText:
    """A plan at a date. ``id`` and the ids of its KPIs are the rows'; the codes are what people use. ``amendment``: the
    number of the latest one that is in force then, None: as adopted."""

    id: int
    code: str
    title: str
    starts: date
    ends: date
    baseline_date: date
    deliverable_date: date
    at_risk_share: str
    round_up_from: str
    focus_areas: tuple[FocusAreaText, ...]
    amendment: int | None = None

    @property
    def kpis(self) -> Iterator[KpiText]:
        return (kpi for focus_area in self.focus_areas for kpi in focus_area.kpis)
