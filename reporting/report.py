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
from .counting import Answer, AnswerState, Basis, Facts, Roster, Rosters
from .explanation import Explanation, Line, explain
from .facts import (
    OrganisationFact,
    Organisations,
    RosterBook,
    frame_of,
    load_facts,
    load_facts_of,
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
            RoundInfo(
                each.pk,
                each.code,
                each.title,
                each.as_at,
                each.closes_at,
                each.time_zone,
                each.state(self.now),
            )
            for each in self.rounds
        )


@dataclass(frozen=True)
class Before:
    """Where a KPI stood at the previous round."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True)
class Point:
    """One point of a KPI's line over the rounds."""

    day: date
    round: str
    value: Decimal | None
    expected: Decimal | None
    percent: Decimal | None
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
class Moved:
    """A KPI before and now."""

    kpi: KpiText
    before: Before
    result: Result

    @property
    def differs(self) -> bool:
        then, now = (self.before.value, self.before.status), (self.result.value, self.result.status)
        return then != now and self.before.status is not Status.NOT_BEGUN

    @property
    def slipped(self) -> bool:
        """Is there less than before."""
        return self.before.value is not None and (self.result.value is None or self.result.value < self.before.value)


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
    series: Mapping[str, tuple["Point", ...]] = field(default_factory=dict)

    def members(self) -> list[OrganisationFact]:
        """The Members at the date, by group, then name."""
        return [each for each in self.organisations if each.is_member(self.as_of)]

    def statuses(self, kpis: Iterable[KpiText]) -> dict[Status, int]:
        """How many of the KPIs stand in each status, in the order of the statuses."""
        found = [self.results[kpi.code].status for kpi in kpis]
        return {status: found.count(status) for status in Status if status in found}

    def moved(self, kpis: Iterable[KpiText]) -> list[Moved]:
        """The KPIs whose value or status differs from that at the previous round, slips first. One that had not begun
        then has begun, not moved."""
        found = (Moved(kpi, self.before[kpi.code], self.results[kpi.code]) for kpi in kpis if kpi.code in self.before)
        return sorted((each for each in found if each.differs), key=lambda each: not each.slipped)

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


def prepare(occasion: Occasion) -> Counted:
    organisations = load_organisations()
    return Counted(
        text=plan_at(occasion.plan, occasion.as_of),
        organisations=organisations,
        book=RosterBook(organisations, occasion.plan.baseline_date),
        ranks=round_ranks(occasion.rounds),
    )


def build_report(occasion: Occasion) -> Report:
    """The report of an occasion, from the facts that speak at its dates."""
    counted = prepare(occasion)
    round = occasion.current_round
    plan, collected = occasion.plan, round.as_at if round else None
    # What was said last in the plan still speaks of it after its end.
    days = (
        occasion.as_of,
        plan.baseline_date,
        min(plan.ends, occasion.as_of),
        occasion.previous_date,
        collected,
    )
    dates = {day for day in days if day is not None}
    kpis = tuple(counted.text.kpis)
    facts = load_facts(counted.text, kpis, dates, counted.organisations, counted.ranks)
    return summed_up(occasion, counted, kpis, facts)


def summed_up(occasion: Occasion, counted: Counted, kpis: tuple[KpiText, ...], facts: Mapping[int, Facts]) -> Report:
    before, round = occasion.previous_date, occasion.current_round
    return Report(
        plan=counted.text,
        as_of=occasion.as_of,
        basis=occasion.basis,
        provisional=occasion.provisional,
        organisations=counted.organisations.all,
        rounds=occasion.round_infos(),
        results={kpi.code: counted.result(kpi, facts[kpi.id], occasion.as_of, occasion.basis) for kpi in kpis},
        previous_date=before,
        before={kpi.code: stood(counted, kpi, facts[kpi.id], before, occasion.basis) for kpi in kpis} if before else {},
        returns=count_returns(counted, kpis, facts, round) if round else None,
    )


def stood(counted: Counted, kpi: KpiText, facts: Facts, day: date, basis: Basis) -> Before:
    result = counted.result(kpi, facts, day, basis)
    return Before(result.value, result.status)


def count_returns(counted: Counted, kpis: tuple[KpiText, ...], facts: Mapping[int, Facts], round: Round) -> Returns:
    """How many of the KPIs that an organisation is asked in the round it has sent an answer on."""
    asked: dict[str, int] = {}
    sent: dict[str, int] = {}
    rank = counted.ranks[round.pk]
    for kpi in kpis:
        for code in counted.book.at(kpi.reading, round.as_at).asked:
            asked[code] = asked.get(code, 0) + 1
        for code in {each.organisation for each in facts[kpi.id].answers if is_sent(each, rank)}:
            sent[code] = sent.get(code, 0) + 1
    return Returns(round.title, round.as_at, sent, asked)


def is_sent(answer: Answer, rank: int) -> bool:
    return answer.order[0] == rank and answer.state is not AnswerState.RETURNED


# ---------------------------------------------------------------- in detail


def explained_report(occasion: Occasion) -> Report:
    """The report with the explanation and the history of every figure, which a release keeps."""
    counted = prepare(occasion)
    kpis = tuple(counted.text.kpis)
    facts = load_facts(counted.text, kpis, None, counted.organisations, counted.ranks)
    return in_detail(occasion, counted, kpis, facts)


def kpi_report(occasion: Occasion, code: str) -> tuple[Report, Facts]:
    """A report with the figure of one KPI alone, explained, and the facts behind it. Raises KeyError where the plan has
    no such KPI."""
    counted = prepare(occasion)
    kpi = {each.code: each for each in counted.text.kpis}[code]
    facts = load_facts(counted.text, [kpi], None, counted.organisations, counted.ranks)
    return in_detail(occasion, counted, (kpi,), facts), facts[kpi.id]


def in_detail(occasion: Occasion, counted: Counted, kpis: tuple[KpiText, ...], facts: Mapping[int, Facts]) -> Report:
    report = summed_up(occasion, counted, kpis, facts)
    return replace(
        report,
        explanations={kpi.code: explanation(occasion, counted, kpi, facts[kpi.id], report) for kpi in kpis},
        series={kpi.code: tuple(series(occasion, counted, kpi, facts[kpi.id])) for kpi in kpis},
    )


def explanation(occasion: Occasion, counted: Counted, kpi: KpiText, facts: Facts, report: Report) -> Explanation:
    rosters = counted.book.rosters(kpi.reading, occasion.as_of)
    result, frame = report.results[kpi.code], frame_of(counted.text)
    return explain(rule_of(kpi.reading), facts, frame, rosters, occasion.as_of, occasion.basis, result)


def series(occasion: Occasion, counted: Counted, kpi: KpiText, facts: Facts) -> Iterable[Point]:
    """Where the KPI stood at the as-at date of each round up to the date, and at the date itself."""
    days = {round.as_at: round.title for round in occasion.rounds if round.as_at <= occasion.as_of}
    for day, title in sorted((days | {occasion.as_of: days.get(occasion.as_of, "")}).items()):
        result = counted.result(kpi, facts, day, occasion.basis)
        yield Point(day, title, result.value, result.expected, result.percent, result.status)


# ---------------------------------------------------------------- one Member


@dataclass(frozen=True)
class Standpoint:
    """Where one Member stands on one KPI: its line in the explanation, and the answer that speaks."""

    line: Line
    answer: Answer | None


def member_standpoints(occasion: Occasion, code: str) -> tuple[Counted, dict[str, Standpoint]]:
    """KPI code -> where the Member stands on it, for the KPIs that name Members and ask it. Raises KeyError where there
    is no such organisation."""
    counted = prepare(occasion)
    organisation = {each.code: each for each in counted.organisations.all}[code]
    facts = load_facts_of(counted.text, organisation, counted.organisations, counted.ranks)
    found = {}
    for kpi in counted.text.kpis:
        if kpi.id in facts:
            line = member_line(occasion, counted, kpi, facts[kpi.id], code)
            if line is not None:
                found[kpi.code] = line
    return counted, found


def member_line(occasion: Occasion, counted: Counted, kpi: KpiText, facts: Facts, code: str) -> Standpoint | None:
    day, basis, frame, rule = occasion.as_of, occasion.basis, frame_of(counted.text), rule_of(kpi.reading)
    whole = counted.book.at(kpi.reading, day)
    own = Roster(whole.members & {code}, whole.asked & {code})
    rosters = Rosters(own, own)
    result = achievement(rule, facts, frame, rosters, day, basis)
    lines = explain(rule, facts, frame, rosters, day, basis, result).lines
    line = next((each for each in lines if each.kind == "member" and each.subject == code), None)
    return None if line is None else Standpoint(line, latest_answer(facts.answers, day))


def latest_answer(said: Iterable[Answer], day: date) -> Answer | None:
    """The answer that speaks at the day, else the latest sent one."""
    answers = [answer for answer in said if answer.as_at <= day and answer.state is not AnswerState.RETURNED]
    return max(answers, key=lambda answer: (answer.state is AnswerState.ACCEPTED, answer.order), default=None)


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
