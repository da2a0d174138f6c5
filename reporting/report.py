"""The report: a plan's wording, readings and results at a date and on a basis. Screens show it, commands print it, a
release keeps it, so they cannot disagree."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property

import msgspec

from workplan.models import Plan
from workplan.queries import plan_at
from workplan.tree import FocusAreaText, KpiText, PlanText

from .achievement import Result, Status, achievement
from .counting import Answer, AnswerState, Basis, Facts
from .explanation import Explanation, explain
from .facts import (
    OrganisationFact,
    Organisations,
    RosterBook,
    frame_of,
    load_facts,
    load_organisations,
    round_ranks,
    rule_of,
)
from .models import Round


@dataclass(frozen=True)
class RoundInfo:
    """A round as pages need it; its state is that at the moment of the report."""

    id: int
    code: str
    title: str
    as_at: date
    closes_at: datetime | None
    time_zone: str
    state: str


@dataclass(frozen=True)
class Occasion:
    """What a report is asked for: the plan and its rounds, the date (None: the default), the basis, the moment."""

    plan: Plan
    rounds: tuple[Round, ...]
    now: datetime
    basis: Basis = Basis.ACCEPTED
    asked_date: date | None = None

    @cached_property
    def default_date(self) -> date:
        """The as-at date of the latest round that has closed; before the first, the baseline date."""
        closed = [round.as_at for round in self.rounds if round.closed(self.now)]
        return max(closed, default=self.plan.baseline_date)

    @property
    def as_of(self) -> date:
        return self.asked_date or self.default_date

    @property
    def provisional(self) -> bool:
        return self.as_of > self.default_date

    @property
    def previous_date(self) -> date | None:
        """The as-at date of the closed round before the date; what moved is told against it."""
        closed = {round.as_at for round in self.rounds if round.closed(self.now)}
        return max((day for day in closed if day < self.as_of), default=None)

    @property
    def current_round(self) -> Round | None:
        """The round that people answer now or, where none is open, the last one up to the date."""
        collecting = [round for round in self.rounds if round.state(self.now) == "open"]
        done = [round for round in self.rounds if round.closed(self.now) and round.as_at <= self.as_of]
        return collecting[-1] if collecting else done[-1] if done else None

    def round_infos(self) -> tuple[RoundInfo, ...]:
        return tuple(
            RoundInfo(each.pk, each.code, each.title, each.as_at, each.closes_at, each.time_zone, each.state(self.now))
            for each in self.rounds
        )


@dataclass(frozen=True)
class Before:
    """Where a KPI stood at the previous round."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True)
class Returns:
    """How far a round's returns have come: organisation -> how many answers it has sent, of how many it is asked."""

    round: str
    as_at: date
    sent: Mapping[str, int]
    asked: Mapping[str, int]

    @property
    def answering(self) -> int:
        return sum(1 for code in self.asked if self.sent.get(code))


@dataclass(frozen=True)
class Report:
    plan: PlanText
    as_of: date
    basis: Basis
    provisional: bool
    organisations: tuple[OrganisationFact, ...]
    rounds: tuple[RoundInfo, ...]
    results: Mapping[str, Result]
    previous_date: date | None = None
    before: Mapping[str, Before] = field(default_factory=dict)
    returns: Returns | None = None
    explanations: Mapping[str, Explanation] = field(default_factory=dict)

    def members(self) -> list[OrganisationFact]:
        """The Members at the date, by group, then name."""
        return [each for each in self.organisations if each.is_member(self.as_of)]

    def statuses(self, kpis: Iterable[KpiText]) -> dict[Status, int]:
        """How many of the KPIs stand in each status, in the order of the statuses."""
        found = [self.results[kpi.code].status for kpi in kpis]
        return {status: found.count(status) for status in Status if status in found}

    def moved(self, kpis: Iterable[KpiText]) -> list[tuple[KpiText, Before, Result]]:
        """The KPIs whose value or status differs from that at the previous round."""
        pairs = ((kpi, self.before.get(kpi.code), self.results[kpi.code]) for kpi in kpis)
        return [
            (kpi, before, result)
            for kpi, before, result in pairs
            if before and (before.value, before.status) != (result.value, result.status)
        ]

    def limited_to(self, focus_areas: Iterable[str]) -> "Report":
        """The same report with these focus areas alone."""
        wanted = set(focus_areas)
        chosen: tuple[FocusAreaText, ...] = tuple(area for area in self.plan.focus_areas if area.code in wanted)
        return replace(self, plan=replace(self.plan, focus_areas=chosen))


# ---------------------------------------------------------------- making one


@dataclass(frozen=True)
class Counted:
    """Everything that counting the KPIs of an occasion needs, loaded once."""

    text: PlanText
    organisations: Organisations
    book: RosterBook
    ranks: Mapping[int, int]

    def result(self, kpi: KpiText, facts: Facts, day: date, basis: Basis) -> Result:
        rosters = self.book.rosters(kpi.reading, day)
        return achievement(rule_of(kpi.reading), facts, frame_of(self.text), rosters, day, basis)

    def explanation(self, kpi: KpiText, facts: Facts, day: date, basis: Basis, result: Result) -> Explanation:
        rosters = self.book.rosters(kpi.reading, day)
        return explain(rule_of(kpi.reading), facts, frame_of(self.text), rosters, day, basis, result)


def prepare(occasion: Occasion) -> Counted:
    organisations = load_organisations()
    return Counted(
        text=plan_at(occasion.plan, occasion.as_of),
        organisations=organisations,
        book=RosterBook(organisations, occasion.plan.baseline_date),
        ranks=round_ranks(occasion.rounds),
    )


def build_report(occasion: Occasion, *, explained: bool = False) -> Report:
    """The report of an occasion. ``explained``: with the explanation of every figure, which a release keeps."""
    counted = prepare(occasion)
    day, before, round = occasion.as_of, occasion.previous_date, occasion.current_round
    dates = {day, before or day, occasion.plan.baseline_date, round.as_at if round else day}
    kpis = tuple(counted.text.kpis)
    facts = load_facts(counted.text, kpis, None if explained else dates, counted.organisations, counted.ranks)
    results = {kpi.code: counted.result(kpi, facts[kpi.id], day, occasion.basis) for kpi in kpis}
    return Report(
        plan=counted.text,
        as_of=day,
        basis=occasion.basis,
        provisional=occasion.provisional,
        organisations=counted.organisations.all,
        rounds=occasion.round_infos(),
        results=results,
        previous_date=before,
        before={kpi.code: stood(counted, kpi, facts[kpi.id], before, occasion.basis) for kpi in kpis} if before else {},
        returns=count_returns(counted, facts, round) if round else None,
        explanations={
            kpi.code: counted.explanation(kpi, facts[kpi.id], day, occasion.basis, results[kpi.code]) for kpi in kpis
        }
        if explained
        else {},
    )


def stood(counted: Counted, kpi: KpiText, facts: Facts, day: date, basis: Basis) -> Before:
    result = counted.result(kpi, facts, day, basis)
    return Before(result.value, result.status)


def count_returns(counted: Counted, facts: Mapping[int, Facts], round: Round) -> Returns:
    """How many of the KPIs that an organisation is asked in the round it has sent an answer on."""
    asked: dict[str, int] = {}
    sent: dict[str, int] = {}
    for kpi in counted.text.kpis:
        for code in counted.book.at(kpi.reading, round.as_at).asked:
            asked[code] = asked.get(code, 0) + 1
        rank = counted.ranks[round.pk]
        for code in {each.organisation for each in facts[kpi.id].answers if is_sent(each, rank)}:
            sent[code] = sent.get(code, 0) + 1
    return Returns(round.title, round.as_at, sent, asked)


def is_sent(answer: Answer, rank: int) -> bool:
    return answer.order[0] == rank and answer.state is not AnswerState.RETURNED


# ---------------------------------------------------------------- one KPI in detail


@dataclass(frozen=True)
class Point:
    """One point of a KPI's line over the rounds."""

    day: date
    title: str
    value: Decimal | None
    expected: Decimal | None
    status: Status


@dataclass(frozen=True)
class KpiDetail:
    kpi: KpiText
    result: Result
    explanation: Explanation
    series: tuple[Point, ...] = ()


def kpi_detail(occasion: Occasion, code: str) -> tuple[Report, KpiDetail]:
    """A report with the one KPI alone, and its detail. Raises KeyError where the plan has no such KPI."""
    counted = prepare(occasion)
    kpi = {each.code: each for each in counted.text.kpis}[code]
    facts = load_facts(counted.text, [kpi], None, counted.organisations, counted.ranks)[kpi.id]
    result = counted.result(kpi, facts, occasion.as_of, occasion.basis)
    explanation = counted.explanation(kpi, facts, occasion.as_of, occasion.basis, result)
    report = Report(
        plan=counted.text,
        as_of=occasion.as_of,
        basis=occasion.basis,
        provisional=occasion.provisional,
        organisations=counted.organisations.all,
        rounds=occasion.round_infos(),
        results={code: result},
    )
    return report, KpiDetail(kpi, result, explanation, tuple(series(occasion, counted, kpi, facts)))


def series(occasion: Occasion, counted: Counted, kpi: KpiText, facts: Facts) -> Iterable[Point]:
    """The value at the as-at date of each round up to the date, and at the date itself."""
    days = {round.as_at: round.title for round in occasion.rounds if round.as_at <= occasion.as_of}
    for day, title in sorted((days | {occasion.as_of: days.get(occasion.as_of, "")}).items()):
        result = counted.result(kpi, facts, day, occasion.basis)
        yield Point(day, title, result.value, result.expected, result.status)


# ---------------------------------------------------------------- as text

ENCODER = msgspec.json.Encoder(order="deterministic")


def to_json(report: Report) -> str:
    """Canonical JSON: the same report is the same text, to the byte."""
    return ENCODER.encode(report).decode()


def from_json(text: str) -> Report:
    return msgspec.json.decode(text, type=Report)


def checksum(text: str) -> str:
    """SHA-256 of a report's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()
