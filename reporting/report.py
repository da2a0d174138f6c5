"""The report: a plan's wording, readings and results at a date and on a basis. Screens show it, commands print it, a
release keeps it, so they cannot disagree."""

import hashlib
from collections import Counter as Tally
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import msgspec
from django.db.models import Q

from workplan.calendar import plan_years
from workplan.choices import Measure, Source
from workplan.tree import FocusAreaText, KpiText, PlanText

from .achievement import Result, Status, achieved
from .counter import Before, Book, Counter, WholeBook
from .counting import organisations
from .explanation import (
    Explained,
    Explanation,
    Line,
    deciding_answers,
    explain,
    figure_answers,
    look_into,
    member_lines,
)
from .facts import (
    OrganisationFact,
    facts_in_detail,
    facts_of_organisation,
    put_together,
    stretches,
)
from .inputs import Answer, AnswerState, Basis, Facts, Roster, Rosters, Shows
from .models import Round
from .occasion import Occasion, RoundInfo


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
    """A KPI before and now. ``another_year``: its figure is of a plan year that it was not of before."""

    kpi: KpiText
    before: Before
    result: Result
    another_year: bool

    @property
    def differs(self) -> bool:
        then, now = (self.before.value, self.before.status), (self.result.value, self.result.status)
        return then != now and self.before.status is not Status.NOT_BEGUN

    @property
    def slipped(self) -> bool:
        """Is there less than before. Another plan year begins anew, so it is no slip."""
        if self.before.value is None or self.another_year:
            return False
        return self.result.value is None or self.result.value < self.before.value


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
    title: str = ""
    explanations: Mapping[str, Explanation] = field(default_factory=dict)
    series: Mapping[str, tuple["Point", ...]] = field(default_factory=dict)
    comments: Mapping[str, str] = field(default_factory=dict)
    narratives: Mapping[str, str] = field(default_factory=dict)

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
        known = (kpi for kpi in kpis if kpi.code in self.before)
        found = (Moved(kpi, self.before[kpi.code], self.results[kpi.code], self.another_year(kpi)) for kpi in known)
        return sorted((each for each in found if each.differs), key=lambda each: not each.slipped)

    def another_year(self, kpi: KpiText) -> bool:
        """Is the figure of a plan year that began after the previous round; growth, of one that had not ended by it."""
        shown, before = self.results[kpi.code].year_shown, self.previous_date
        year = next((each for each in plan_years(self.plan.starts, self.plan.ends) if each.label == shown), None)
        if year is None or before is None:
            return False
        return (year.ends if kpi.reading.measure is Measure.GROWTH else year.starts) > before

    def limited_to(self, focus_areas: Iterable[str]) -> "Report":
        """The same report with these focus areas alone."""
        wanted = set(focus_areas)
        chosen: tuple[FocusAreaText, ...] = tuple(area for area in self.plan.focus_areas if area.code in wanted)
        return replace(self, plan=replace(self.plan, focus_areas=chosen))


# ---------------------------------------------------------------- making one


def bare_report(counter: Counter, results: Mapping[str, Result]) -> Report:
    """A report with these results and nothing beside."""
    occasion = counter.occasion
    return Report(
        plan=counter.text,
        as_of=occasion.as_of,
        basis=occasion.basis,
        provisional=occasion.provisional,
        organisations=counter.organisations.all,
        rounds=occasion.round_infos(),
        results=results,
    )


def build_report(occasion: Occasion) -> Report:
    """The report of an occasion, from the facts that can speak at its dates."""
    counter, round = Counter(occasion), occasion.current_round
    days = (occasion.as_of, occasion.plan.baseline_date, occasion.previous_date, round.as_at if round else None)
    kpis = tuple(counter.text.kpis)
    return summed_up(counter, kpis, counter.facts_at(kpis, {day for day in days if day is not None}), round)


def build_area_report(occasion: Occasion, area: str) -> Report:
    """The results of one focus area's KPIs alone, without what moved and who has answered: for a page that shows no
    more. Raises KeyError where the plan has no such focus area."""
    counter = Counter(occasion)
    kpis = tuple({each.code: each for each in counter.text.focus_areas}[area].kpis)
    book = counter.facts_at(kpis, {occasion.as_of, occasion.plan.baseline_date})
    return bare_report(counter, {kpi.code: counter.result(kpi, book, occasion.as_of) for kpi in kpis})


def returns_report(occasion: Occasion, wanted: Callable[[FocusAreaText], bool] = lambda _: True) -> Report:
    """How far the returns have come on the KPIs of the wanted focus areas alone; without results."""
    counter, round = Counter(occasion), occasion.current_round
    report = bare_report(counter, {})
    if round is None:
        return report
    kpis = tuple(kpi for area in counter.text.focus_areas if wanted(area) for kpi in area.kpis)
    return replace(report, returns=count_returns(counter, kpis, counter.answers_at(kpis, round.as_at), round))


def summed_up(counter: Counter, kpis: tuple[KpiText, ...], book: Book, round: Round | None) -> Report:
    """``round``: the one of which it says who has answered."""
    before = counter.occasion.previous_date
    results = {kpi.code: counter.result(kpi, book, counter.occasion.as_of) for kpi in kpis}
    return replace(
        bare_report(counter, results),
        previous_date=before,
        before={kpi.code: counter.before(kpi, book, before) for kpi in kpis} if before else {},
        returns=count_returns(counter, kpis, book, round) if round else None,
    )


def count_returns(counter: Counter, kpis: tuple[KpiText, ...], book: Book, round: Round) -> Returns:
    """How many of the KPIs that an organisation is asked in the round it has sent an answer on."""
    asked: Tally[str] = Tally()
    sent: Tally[str] = Tally()
    rank = counter.ranks[round.pk]
    for kpi in (each for each in kpis if round.asks(each.id)):
        asked.update(counter.rosters.at(kpi.reading, round.as_at).asked)
        sent.update(organisations(each for each in book.at(kpi.id, round.as_at).answers if is_sent(each, rank)))
    return Returns(round.title, round.as_at, dict(sent), dict(asked))


def is_sent(answer: Answer, rank: int) -> bool:
    return answer.order[0] == rank and answer.state is not AnswerState.RETURNED


# ---------------------------------------------------------------- in detail


def explained_report(
    occasion: Occasion, shown: Q | None = None, wanted: Callable[[FocusAreaText], bool] = lambda _: True
) -> Report:
    """The report with the explanation and the history of every figure, for documents and releases: who has answered is
    told of the round of its date, not of the one that is open. ``shown``: the activities that it names, all where None;
    the others count without a name. ``wanted``: the focus areas that are counted, also in who has answered."""
    counter = Counter(occasion)
    kpis = tuple(kpi for area in counter.text.focus_areas if wanted(area) for kpi in area.kpis)
    return in_detail(counter, kpis, facts_in_detail(kpis, counter.organisations, counter.ranks, shown))[0]


def to_be_released(report: Report, title: str) -> Report:
    """What a release keeps of a report. It names who waits for a decision, and not what they sent: that is between them
    and the secretariat until it is decided."""
    kept = {code: discreet(explanation) for code, explanation in report.explanations.items()}
    return replace(report, title=title, explanations=kept)


def discreet(explanation: Explanation) -> Explanation:
    lines = (replace(line, said="") if line.waits else line for line in explanation.lines)
    return replace(explanation, lines=tuple(lines))


@dataclass(frozen=True)
class Behind:
    """The answers behind the lines of an explanation: that which decides on each Member, and the figures in the order
    of their lines. A release keeps none of them."""

    members: Mapping[str, Answer]
    figures: tuple[Answer, ...]
    shows: Mapping[tuple[str, int | None], tuple[Shows, ...]]
    """Organisation and plan year -> what shows its answer, in its round and those before, the latest round first."""


NOTHING_BEHIND = Behind({}, (), {})


def kpi_report(occasion: Occasion, code: str, shown: Q | None = None) -> tuple[Report, Behind]:
    """A report with the figure of one KPI alone, explained, and the answers behind it. ``shown``: as above. Raises
    KeyError where the plan has no such KPI."""
    counter = Counter(occasion)
    kpi = {each.code: each for each in counter.text.kpis}[code]
    facts = facts_in_detail([kpi], counter.organisations, counter.ranks, shown, evidence=True)
    report, abouts = in_detail(counter, (kpi,), facts)
    about = abouts.get(code)
    if about is None:
        return report, NOTHING_BEHIND
    figures = figure_answers(about) if kpi.reading.source is Source.FIGURES else ()
    return report, Behind(deciding_answers(about), tuple(figures), shown_until(facts[kpi.id].answers, occasion.as_of))


def shown_until(answers: Iterable[Answer], day: date) -> dict[tuple[str, int | None], tuple[Shows, ...]]:
    """Versions of one answer stand with the same evidence, which is shown once."""
    found: dict[tuple[str, int | None], dict[Shows, None]] = defaultdict(dict)
    for answer in sorted(answers, key=lambda each: each.order, reverse=True):
        if answer.note and answer.as_at <= day:
            found[answer.organisation, answer.year] |= dict.fromkeys(answer.note.shows)
    return {place: tuple(shows) for place, shows in found.items()}


def in_detail(
    counter: Counter, kpis: tuple[KpiText, ...], facts: Mapping[int, Facts]
) -> tuple[Report, dict[str, Explained]]:
    """The report, and by KPI what its explanation is drawn from, where there is any."""
    starts = stretches(counter.text, days_of(counter.occasion))
    book = WholeBook({kpi: put_together(each, starts) for kpi, each in facts.items()})
    report = summed_up(counter, kpis, book, counter.occasion.round_at)
    about = {kpi.code: explained(counter, kpi, facts[kpi.id], report.results[kpi.code]) for kpi in kpis}
    explanations = {kpi.code: explain(counter.rules[kpi.id], about[kpi.code]) for kpi in kpis}
    points = {kpi.code: tuple(series(counter, kpi, book, report.results[kpi.code])) for kpi in kpis}
    found = {code: each for code, each in about.items() if each}
    return replace(report, explanations=explanations, series=points), found


def days_of(occasion: Occasion) -> set[date]:
    """Every day at which a report with its series counts."""
    return {occasion.as_of, occasion.plan.baseline_date} | {round.as_at for round in occasion.rounds}


def explained(counter: Counter, kpi: KpiText, facts: Facts, result: Result) -> Explained | None:
    day, basis = counter.occasion.as_of, counter.occasion.basis
    rosters = counter.rosters.rosters(kpi.reading, day)
    return look_into(counter.rules[kpi.id], facts, counter.frame, rosters, day, basis, result)


def series(counter: Counter, kpi: KpiText, book: Book, now: Result) -> Iterable[Point]:
    """Where the KPI stood at the as-at date of each round up to the date, and at the date itself (``now``)."""
    as_of = counter.occasion.as_of
    days = {round.as_at: round.title for round in counter.occasion.rounds if round.as_at <= as_of}
    for day, title in sorted((days | {as_of: days.get(as_of, "")}).items()):
        result = now if day == as_of else counter.result(kpi, book, day)
        yield Point(day, title, result.value, result.expected, result.percent, result.status)


# ---------------------------------------------------------------- one Member


@dataclass(frozen=True)
class Standpoint:
    """Where one Member stands on one KPI: its line in the explanation, and the answer that speaks."""

    line: Line
    answer: Answer | None


def member_standpoints(occasion: Occasion, code: str, shown: Q | None = None) -> tuple[Counter, dict[str, Standpoint]]:
    """KPI code -> where the Member stands on it, for the KPIs that name Members and ask it. ``shown``: as above. Raises
    KeyError where there is no such organisation."""
    counter = Counter(occasion)
    organisation = {each.code: each for each in counter.organisations.all}[code]
    kpis = tuple(counter.text.kpis)
    facts = facts_of_organisation(kpis, organisation, counter.organisations, counter.ranks, shown)
    found = {kpi.code: standpoint(counter, kpi, facts[kpi.id], code) for kpi in kpis if kpi.id in facts}
    return counter, {code: each for code, each in found.items() if each is not None}


def standpoint(counter: Counter, kpi: KpiText, facts: Facts, code: str) -> Standpoint | None:
    """Where one Member stands on a KPI; None where it is not asked and nothing is known of it."""
    day, basis, frame, rule = counter.occasion.as_of, counter.occasion.basis, counter.frame, counter.rules[kpi.id]
    whole = counter.rosters.at(kpi.reading, day)
    own = Roster(whole.members & {code}, whole.asked & {code})
    result = achieved(rule, facts, frame, own, day, basis, None)
    about = look_into(rule, facts, frame, Rosters(own, own), day, basis, result)
    if about is None:
        return None
    line = next((each for each in member_lines(about) if each.subject == code), None)
    return None if line is None else Standpoint(line, deciding_answers(about).get(code))


# ---------------------------------------------------------------- as text

ENCODER = msgspec.json.Encoder(order="deterministic")


def to_json(report: Report) -> str:
    """Canonical JSON: the same report is the same text, to the byte."""
    return ENCODER.encode(report).decode()


def from_json(text: str) -> Report:
    return msgspec.json.decode(text, type=Report)


def figures_from_json(text: str) -> Report:
    """The report without the explanations and the history of its figures: most pages show none, and to read them takes
    several times as long as all the rest."""
    parts = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
    short = {name: part for name, part in parts.items() if name not in ("explanations", "series")}
    return from_json(ENCODER.encode(short).decode())


def checksum(text: str) -> str:
    """SHA-256 of a report's canonical JSON."""
    return hashlib.sha256(text.encode()).hexdigest()
