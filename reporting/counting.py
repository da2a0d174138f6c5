"""What is counted for a KPI at a date: the rules of domain.md, "How a KPI is counted".

Pure and exact: facts in, numbers out, no Django, no clock, no floats. ``achievement.py`` judges the numbers against the
target, ``explanation`` puts them into words.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

from workplan.calendar import PlanYear
from workplan.choices import Measure, PairFrom, Part, Period, Plurilateral, Source, Standing

from .inputs import Activity, Answer, AnswerState, Arrangement, Basis, Facts, Frame, Participation, Roster, Rule

HUNDRED = Fraction(100)


# ---------------------------------------------------------------- what is known at a date


class Span(NamedTuple):
    """The days, and the plan years (None: answers without one), that a value is counted over."""

    first: date
    last: date
    years: frozenset[int | None]

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


@dataclass(frozen=True)
class Known:
    """The facts that count at a date on a basis: the latest answers per organisation and plan year, what was held, who
    took part, which arrangements speak. ``undecided`` holds sent answers newer than the counted ones, ``returned``
    those sent back, ``said`` all that count, whether or not a later one speaks instead."""

    as_of: date
    basis: Basis
    answers: tuple[Answer, ...]
    undecided: tuple[Answer, ...]
    returned: tuple[Answer, ...]
    said: tuple[Answer, ...]
    facts: Facts

    def speaks(self, version: Activity | Participation | Arrangement) -> bool:
        return version.accepted if self.basis is Basis.ACCEPTED else version.reported

    @cached_property
    def held(self) -> list[Activity]:
        return [row for row in self.facts.activities if row.held and row.day <= self.as_of and self.speaks(row)]

    @cached_property
    def took_part(self) -> list[Participation]:
        """The parts that count for what they are: in a held activity that speaks, and not contested."""
        return [
            row
            for row in self.facts.participations
            if row.held and not row.contested and row.day <= self.as_of and self.speaks(row)
        ]

    def activities(self, span: Span) -> Iterator[Activity]:
        return (row for row in self.held if span.holds(row.day))

    def parts(self, span: Span) -> Iterator[Participation]:
        return (row for row in self.took_part if span.holds(row.day))

    def answers_for(self, years: Collection[int | None]) -> Iterator[Answer]:
        return (answer for answer in self.answers if answer.year in years)


def known(rule: Rule, facts: Facts, as_of: date, basis: Basis) -> Known:
    """What counts at ``as_of``. Answers to a reading with another source are shown elsewhere, never counted."""
    answers = [answer for answer in facts.answers if answer.as_at <= as_of and answer.source == rule.source]
    accepted = [answer for answer in answers if answer.state is AnswerState.ACCEPTED]
    sent = [answer for answer in answers if answer.state is AnswerState.SUBMITTED]
    returned = tuple(answer for answer in answers if answer.state is AnswerState.RETURNED)
    both = latest([*accepted, *sent])
    if basis is Basis.REPORTED:
        return Known(as_of, basis, both, (), returned, (*accepted, *sent), facts)
    counted = latest(accepted) if sent else both
    undecided = tuple(answer for answer in both if answer.state is AnswerState.SUBMITTED)
    return Known(as_of, basis, counted, undecided, returned, tuple(accepted), facts)


def latest(answers: Iterable[Answer]) -> tuple[Answer, ...]:
    """The answers for those organisations (and plan years) that gave no later one, the latest first."""
    spoken: dict[int | None, set[str]] = defaultdict(set)
    found = []
    for answer in sorted(answers, key=attrgetter("order"), reverse=True):
        fresh = answer.organisations - spoken[answer.year]
        if fresh:
            spoken[answer.year] |= fresh
            found.append(answer if len(fresh) == len(answer.organisations) else answer._replace(organisations=fresh))
    return tuple(found)


def organisations(facts: Iterable[Answer | Participation]) -> frozenset[str]:
    """Everybody that these facts are about."""
    return frozenset().union(*(fact.organisations for fact in facts))


def year_span(year: PlanYear, as_of: date) -> Span:
    return Span(year.starts, min(as_of, year.ends), frozenset({year.first}))


def plan_span(frame: Frame, as_of: date) -> Span:
    return Span(frame.starts, min(as_of, frame.ends), frozenset(year.first for year in frame.years))


def current_year(frame: Frame, as_of: date) -> PlanYear | None:
    """The plan year that the date lies in; after the plan's end its last one, before its start none."""
    begun = frame.begun(as_of)
    return begun[-1] if begun else None


def span_at(rule: Rule, frame: Frame, as_of: date) -> Span | None:
    """What a value at ``as_of`` is counted over; None before the plan's start, unless standing."""
    if rule.period is Period.STANDING:
        return Span(date.min, as_of, frozenset({None}))
    year = current_year(frame, as_of)
    if year is None:
        return None
    return plan_span(frame, as_of) if rule.period is Period.PLAN else year_span(year, as_of)


# ---------------------------------------------------------------- the measures, one function each


def members_in_standing(rule: Rule, seen: Known, span: Span, roster: Roster) -> frozenset[str]:
    threshold = rule.counts_from.rank if rule.counts_from else Standing.IN_PLACE.rank
    answers = seen.answers_for(span.years)
    far_enough = (answer for answer in answers if answer.standing is not None and answer.standing.rank >= threshold)
    return organisations(far_enough) & roster.members


def took_part(rule: Rule, part: Participation) -> bool:
    """Listening is not sharing: where the reading says contributing, only organisers and contributors count."""
    return part.contributing or rule.part is not Part.CONTRIBUTING


def members_participating(rule: Rule, seen: Known, span: Span, roster: Roster) -> frozenset[str]:
    by_answer = organisations(answer for answer in seen.answers_for(span.years) if answer.participated)
    by_part = organisations(part for part in seen.parts(span) if took_part(rule, part))
    return (by_answer | by_part) & roster.members


def figures_of(seen: Known, year: PlanYear) -> dict[str, Decimal]:
    """Organisation -> the figure that it states for a plan year."""
    answers = [answer for answer in seen.answers_for({year.first}) if answer.value is not None]
    return {code: answer.value for answer in answers for code in answer.organisations if answer.value is not None}


def members_growing(seen: Known, frame: Frame, roster: Roster) -> tuple[frozenset[str], frozenset[str]]:
    """The Members whose figure for the latest plan year that they have stated, of those begun, exceeds their own base
    figure, and those that have no base figure to compare with."""
    base = figures_of(seen, frame.base_year)
    stated: dict[str, Decimal] = {}
    for year in frame.begun(seen.as_of):
        stated |= figures_of(seen, year)
    members = roster.members & stated.keys()
    growing = {member for member in members if member in base and stated[member] > base[member]}
    return frozenset(growing), frozenset(members - base.keys())


def quotient(numerator: Fraction | int, denominator: Fraction | int) -> Fraction | None:
    return Fraction(numerator) / denominator if denominator else None


def percentage(numerator: Fraction | int, denominator: Fraction | int) -> Fraction | None:
    return quotient(HUNDRED * numerator, denominator)


def women_share(seen: Known, span: Span) -> Fraction | None:
    """Pooled over the participations that state both numbers; never a mean of percentages."""
    both = [part for part in seen.parts(span) if part.women is not None and part.participants is not None]
    return percentage(sum(part.women or 0 for part in both), sum(part.participants or 0 for part in both))


def women_heads_share(seen: Known, span: Span) -> Fraction | None:
    parts = list(seen.parts(span))
    return percentage(sum(part.woman_heads for part in parts), sum(part.heads for part in parts))


def average_rating(seen: Known, span: Span) -> Fraction | None:
    rated = [row for row in seen.activities(span) if row.rating is not None and row.respondents]
    weighted = sum((Fraction(row.rating or 0) * (row.respondents or 0) for row in rated), Fraction(0))
    return quotient(weighted, sum(row.respondents or 0 for row in rated))


def counts_from(rule: Rule, row: Arrangement) -> date | None:
    """The first day on which an arrangement counts: in force, or signed where the reading says so."""
    if rule.pair_from is PairFrom.IN_FORCE:
        return row.in_force
    return min(filter(None, (row.signed, row.in_force)), default=None)


def counts_as(rule: Rule, row: Arrangement) -> frozenset[str]:
    """What an arrangement is counted as, once: its pair, or the one of more than two Members that it belongs to, where
    the reading takes that for one."""
    alone = rule.plurilateral is Plurilateral.PAIRS or not row.plurilateral
    return row.parties if alone else frozenset({row.plurilateral})


def pairs_that_stand(rule: Rule, seen: Known, roster: Roster) -> frozenset[frozenset[str]]:
    """What counts at the date, each once."""
    day = seen.as_of
    return frozenset(
        counts_as(rule, row)
        for row in seen.facts.arrangements
        if seen.speaks(row)
        and not row.contested
        and row.parties <= roster.members
        and (first := counts_from(rule, row)) is not None
        and first <= day
        and (row.ended is None or row.ended > day)
    )


def total(answers: Iterable[Answer], figure: str) -> Fraction:
    """The sum of a figure over everybody that stated it."""
    stated = ((getattr(answer, figure), len(answer.organisations)) for answer in answers)
    return sum((Fraction(number) * many for number, many in stated if number is not None), Fraction(0))


def figure_share(seen: Known, frame: Frame) -> Fraction | None:
    stated = list(seen.answers_for({year.first for year in frame.begun(seen.as_of)}))
    return percentage(total(stated, "numerator"), total(stated, "denominator"))


def final_total(seen: Known, year: PlanYear) -> Fraction | None:
    """The total of a year, from figures stated as at or after its last day; None where there is none yet."""
    answers = seen.answers_for({year.first})
    final = [answer for answer in answers if answer.value is not None and answer.as_at >= year.ends]
    return total(final, "value") if final else None


def growth(seen: Known, frame: Frame, year: PlanYear) -> Fraction | None:
    """The growth of a finished plan year over the one before; None where a total is missing or the earlier is 0."""
    if seen.as_of < year.ends:
        return None
    before = next(other for other in (frame.base_year, *frame.years) if other.first == year.first - 1)
    earlier, later = final_total(seen, before), final_total(seen, year)
    if later is None or not earlier:
        return None
    return HUNDRED * (later / earlier - 1)


# ---------------------------------------------------------------- the value


def in_plan(answer: Answer, frame: Frame) -> bool:
    """Is this a fact of the plan: said of one of its years or, where no year is said, as at one of its days."""
    if answer.year is None:
        return frame.starts <= answer.as_at <= frame.ends
    return answer.year in {year.first for year in frame.years}


def anything_counted(rule: Rule, seen: Known, frame: Frame) -> bool:
    """Is anything at all known: a counted answer of any kind, an activity, an arrangement, or the attestation that the
    register is complete. Where nothing is, there is no value, and silence is never a zero."""
    if rule.source is Source.STATUS:
        return bool(seen.answers)
    if any(in_plan(answer, frame) for answer in seen.said):
        return True
    return pair_recorded(seen) if rule.period is Period.STANDING else any(seen.activities(plan_span(frame, seen.as_of)))


def pair_recorded(seen: Known) -> bool:
    """Is any arrangement recorded by the date, in force or only signed."""
    return any(
        seen.speaks(row) and (row.known_from is None or row.known_from <= seen.as_of) for row in seen.facts.arrangements
    )


def counting_members(rule: Rule, seen: Known, frame: Frame, span: Span, roster: Roster) -> frozenset[str]:
    """The Members that count, for the measures that name them."""
    if rule.measure is Measure.MEMBERS_GROWING:
        return members_growing(seen, frame, roster)[0]
    if rule.source is Source.STATUS:
        return members_in_standing(rule, seen, span, roster)
    return members_participating(rule, seen, span, roster)


def count_over(rule: Rule, seen: Known, frame: Frame, span: Span, roster: Roster) -> Fraction | None:
    """The exact value over a span, whether or not anything is recorded in it; None where a level has no denominator."""
    match rule.measure:
        case Measure.ITEMS:
            return Fraction(sum(row.items for row in seen.activities(span)))
        case Measure.WOMEN_SHARE:
            return women_share(seen, span)
        case Measure.WOMEN_HEADS_SHARE:
            return women_heads_share(seen, span)
        case Measure.AVERAGE:
            return average_rating(seen, span)
        case Measure.PAIRS:
            return Fraction(len(pairs_that_stand(rule, seen, roster)))
        case Measure.SUM:
            return total(seen.answers_for(span.years), "value")
        case Measure.SHARE:
            return figure_share(seen, frame)
        case Measure.GROWTH:
            return growth(seen, frame, next(year for year in frame.years if year.first in span.years))
        case _:
            return Fraction(len(counting_members(rule, seen, frame, span, roster)))


def value_at(rule: Rule, seen: Known, frame: Frame, roster: Roster) -> Fraction | None:
    """The exact value at the date; None where nothing is known, or a level has no denominator."""
    span = span_at(rule, frame, seen.as_of)
    if span is None or not anything_counted(rule, seen, frame):
        return None
    if rule.measure is Measure.GROWTH:
        return last_growth(seen, frame)
    return count_over(rule, seen, frame, span, roster)


def last_growth(seen: Known, frame: Frame) -> Fraction | None:
    """The growth of the last finished plan year that has one."""
    grown = (growth(seen, frame, year) for year in reversed(frame.begun(seen.as_of)))
    return next((value for value in grown if value is not None), None)


def base_value(rule: Rule, facts: Facts, frame: Frame, roster: Roster, as_of: date) -> Fraction | None:
    """What was collected for the baseline, on the accepted basis, if anything is recorded: the state at the baseline
    date (standing), or the base year's value as known at ``as_of`` (each year)."""
    if rule.period is Period.STANDING:
        seen = known(rule, facts, frame.baseline_date, Basis.ACCEPTED)
        recorded = bool(seen.answers) if rule.source is Source.STATUS else pair_recorded(seen)
        return (
            count_over(rule, seen, frame, Span(date.min, seen.as_of, frozenset({None})), roster) if recorded else None
        )
    if rule.period is Period.PLAN or rule.measure is Measure.GROWTH:
        return None
    year = frame.base_year
    seen = known(rule, facts, max(as_of, frame.baseline_date), Basis.ACCEPTED)
    span = year_span(year, seen.as_of)
    recorded = any(seen.answers_for({year.first})) or any(seen.activities(span))
    return count_over(rule, seen, frame, span, roster) if recorded else None
