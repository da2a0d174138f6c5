"""What a KPI has achieved at a date: the rules of domain.md, "Achievement at a date D".

Pure and exact, like ``counting.py``, on which it stands. The dashboard, the commands, the exports and the releases all
call ``achievement``, so they cannot disagree.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cache
from math import ceil, floor

from workplan.calendar import PlanYear
from workplan.choices import Measure, Period, Source, Standing

from .counting import (
    HUNDRED,
    Known,
    Span,
    anything_counted,
    base_value,
    count_over,
    counting_members,
    current_year,
    growth,
    known,
    latest,
    members_growing,
    organisations,
    span_at,
    took_part,
    value_at,
    year_span,
)
from .inputs import Basis, Facts, Frame, Participation, Roster, Rosters, Rule


class Status(StrEnum):
    """The status of a KPI at a date; ``status_at`` decides it."""

    NOT_BEGUN = "not_begun"
    NO_DATA = "no_data"
    REACHED = "reached"
    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    OFF_TRACK = "off_track"
    ACHIEVED = "achieved"
    NOT_ACHIEVED = "not_achieved"


@dataclass(frozen=True)
class YearResult:
    """One plan year of an each-year KPI. ``met``: None while the year is open; ``expected``: as rounded, by now."""

    year: str
    value: Decimal | None
    percent: Decimal | None
    met: bool | None
    expected: Decimal | None


@dataclass(frozen=True)
class Members:
    """The Members of a result, each list sorted by code."""

    counted: tuple[str, ...] = ()
    not_counted: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()
    unanswered: tuple[str, ...] = ()
    being_corrected: tuple[str, ...] = ()
    not_applicable: tuple[str, ...] = ()
    without_base: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Result(Members):
    """The achievement of one KPI at a date. Numbers are as shown: counts exact, levels with two decimals, percentages
    with one. The lists hold codes of Members, sorted; they are empty for measures that do not name Members."""

    value: Decimal | None
    target: Decimal
    baseline: Decimal | None
    baseline_collected: Decimal | None
    percent: Decimal | None
    progress: Decimal | None
    expected: Decimal | None
    status: Status
    members: int = 0
    years: tuple[YearResult, ...] = ()

    @property
    def up_to(self) -> int:
        """How many Members would count if everybody pending and silent did ("24, up to 30")."""
        return len(self.counted) + len(self.pending) + len(self.unanswered)

    @property
    def applies_to(self) -> int:
        """To how many Members the KPI applies."""
        return self.members - len(self.not_applicable)

    @property
    def year_shown(self) -> str:
        """The plan year of the value, of a KPI counted each year; "" of others. Growth is that of the last year that
        has one."""
        years = [each.year for each in self.years if self.value is None or each.value is not None]
        return years[-1] if years else ""

    @property
    def years_met(self) -> int:
        return sum(year.met is True for year in self.years)


# ---------------------------------------------------------------- numbers as shown


def rounded(number: Fraction, places: int) -> Decimal:
    """Rounded half away from zero."""
    scaled = abs(number) * 10**places
    whole = floor(scaled + Fraction(1, 2))
    return Decimal(whole if number >= 0 else -whole).scaleb(-places)


def shown(number: Fraction, places: int, limit: Fraction) -> Decimal:
    """Rounded, but what is below ``limit`` is never shown as having reached it (99.96 shows 99.9)."""
    result = rounded(number, places)
    if number < limit <= Fraction(result):
        return Decimal(floor(number * 10**places)).scaleb(-places)
    return result


def exact(number: Fraction) -> Decimal:
    """A count as a decimal number without needless places; figures have at most two."""
    return Decimal(number.numerator) if number.denominator == 1 else rounded(number, 2)


def shown_value(rule: Rule, value: Fraction | None) -> Decimal | None:
    if value is None:
        return None
    return shown(value, 2, rule.target) if rule.is_level else exact(value)


def percent_of(value: Fraction | None, target: Fraction) -> Decimal | None:
    """100 x value / target, between 0 and 100, with one decimal."""
    if value is None:
        return None
    if value >= target or value <= 0:
        return Decimal("100.0") if value > 0 else Decimal("0.0")
    return shown(HUNDRED * value / target, 1, HUNDRED)


def progress_of(rule: Rule, value: Fraction | None, baseline: Fraction | None) -> Decimal | None:
    """The way from baseline to target that is done, in percent, with one decimal; standing KPIs only."""
    if rule.period is not Period.STANDING or value is None or baseline is None or baseline >= rule.target:
        return None
    return shown(HUNDRED * (value - baseline) / (rule.target - baseline), 1, HUNDRED)


# ---------------------------------------------------------------- what is expected, and the status


@cache
def elapsed(first: date, last: date, as_of: date) -> Fraction:
    """The share of the time from ``first`` to ``last`` that has gone by, between 0 and 1."""
    return min(max(Fraction((as_of - first).days, (last - first).days), Fraction(0)), Fraction(1))


def expected_at(
    rule: Rule, frame: Frame, as_of: date, baseline: Fraction | None, year: PlanYear | None = None
) -> Fraction:
    """Where the value should be by now. Counts are rounded down, from three quarters of the time on up; of a level the
    full target is expected at any time. ``year``: the plan year, for a KPI counted each year."""
    if rule.is_level:
        return rule.target
    time = year or frame
    gone = elapsed(time.starts, time.ends, as_of)
    start = (baseline or Fraction(0)) if rule.period is Period.STANDING else Fraction(0)
    expectation = start + (rule.target - start) * gone
    return Fraction(ceil(expectation) if gone >= frame.round_up_from else floor(expectation))


@dataclass(frozen=True)
class Judged:
    """What the status of a KPI is decided from. ``by_year``: the value of each plan year begun, for a KPI counted each
    year; ``met``: was the target met in them."""

    rule: Rule
    frame: Frame
    as_of: date
    value: Fraction | None
    baseline: Fraction | None
    expected: Fraction | None
    by_year: Mapping[PlanYear, Fraction | None]
    met: tuple[bool | None, ...]


def status_at(judged: Judged) -> Status:
    """The first status that fits (domain.md, "status, the first that fits")."""
    if judged.expected is None:
        return Status.NOT_BEGUN
    if judged.value is None:
        return Status.NO_DATA
    if judged.as_of >= judged.frame.deliverable_date:
        return Status.ACHIEVED if reached(judged, judged.met) else Status.NOT_ACHIEVED
    if reached(judged, judged.met[-1:]):
        return Status.REACHED
    if judged.met and judged.met[-1] is False:
        return Status.OFF_TRACK
    if judged.value >= judged.expected:
        return Status.ON_TRACK
    return Status.AT_RISK if nearly(judged, judged.value, judged.expected) else Status.OFF_TRACK


def reached(judged: Judged, years: tuple[bool | None, ...]) -> bool:
    """Is the target reached: in each of these plan years or, for a KPI not counted each year, by the value. The growth
    of a running year is not known, so such a year is never met."""
    if judged.rule.period is Period.EACH_YEAR:
        return all(each is True for each in years)
    return judged.value is not None and judged.value >= judged.rule.target


def nearly(judged: Judged, value: Fraction, expected: Fraction) -> bool:
    """Is the gain at least two thirds of the expected gain, or a count at most one short."""
    standing = judged.rule.period is Period.STANDING
    start = (judged.baseline or Fraction(0)) if standing else Fraction(0)
    if value - start >= judged.frame.at_risk_share * (expected - start):
        return True
    return not judged.rule.is_level and value >= expected - 1


# ---------------------------------------------------------------- plan years


def year_values(rule: Rule, seen: Known, frame: Frame, roster: Roster) -> dict[PlanYear, Fraction | None]:
    """The value of each plan year begun; a year without facts is 0 once anything is known of the plan."""
    begun = frame.begun(seen.as_of)
    if rule.measure is Measure.GROWTH:
        return {year: growth(seen, frame, year) for year in begun}
    if not anything_counted(rule, seen, frame):
        return dict.fromkeys(begun)
    return {year: count_over(rule, seen, frame, year_span(year, seen.as_of), roster) for year in begun}


def met(rule: Rule, year: PlanYear, value: Fraction | None, as_of: date) -> bool | None:
    if value is not None and value >= rule.target:
        return True
    return False if as_of >= year.ends else None


def year_results(judged: Judged) -> Iterator[YearResult]:
    rule = judged.rule
    for (year, value), is_met in zip(judged.by_year.items(), judged.met, strict=True):
        yield YearResult(
            year=year.label,
            value=shown_value(rule, value),
            percent=percent_of(value, rule.target),
            met=is_met,
            expected=exact(expected_at(rule, judged.frame, judged.as_of, None, year)),
        )


# ---------------------------------------------------------------- who counts, who does not, who is silent


def name_members(rule: Rule, seen: Known, frame: Frame, roster: Roster) -> Members:
    """Who counts and who does not (domain.md, "Silence is never no"). Counted, pending and unanswered never overlap."""
    span = span_at(rule, frame, seen.as_of)
    if span is None:
        return Members(not_counted=tuple(sorted(roster.asked_members)))
    counted = counting_members(rule, seen, frame, span, roster)
    pending = pending_members(rule, seen, span) & roster.members - counted
    heard = heard_from(seen, span)
    silent = roster.asked_members - heard - counted - pending
    excused = not_applicable_members(seen, span) & roster.members - counted
    rest = roster.asked_members - counted - pending - silent - excused
    corrected = organisations(answer for answer in seen.returned if answer.year in span.years) & silent
    growing = rule.measure is Measure.MEMBERS_GROWING
    without_base = members_growing(seen, frame, roster)[1] if growing else ()
    lists: Iterable[Iterable[str]] = (counted, rest, pending, silent, corrected, excused, without_base)
    return Members(*(tuple(sorted(codes)) for codes in lists))


def pending_members(rule: Rule, seen: Known, span: Span) -> frozenset[str]:
    """Organisations with a sent answer newer than their counted one, or a part that would count in an activity that is
    not decided yet. Nobody on the reported basis, which counts these."""
    if seen.basis is Basis.REPORTED:
        return frozenset()
    by_answer = organisations(answer for answer in seen.undecided if answer.year in span.years)
    return by_answer | organisations(part for part in seen.facts.participations if would_count(rule, part, span))


def would_count(rule: Rule, part: Participation, span: Span) -> bool:
    """Would this part in an undecided version of an activity count; a status or a figure comes from no activity."""
    undecided = part.reported and not part.accepted and part.held and not part.contested
    return rule.source is Source.PARTICIPATION and undecided and span.holds(part.day) and took_part(rule, part)


def heard_from(seen: Known, span: Span) -> frozenset[str]:
    """Organisations with an accepted or sent answer, or any part in any state, in the time of the span."""
    answers = organisations(answer for answer in (*seen.answers, *seen.undecided) if answer.year in span.years)
    return answers | organisations(part for part in seen.facts.participations if span.holds(part.day))


def not_applicable_members(seen: Known, span: Span) -> frozenset[str]:
    """Organisations whose latest counted answer says that the KPI does not apply to them. Of several plan years the
    latest round's latest year speaks."""
    last = latest(answer._replace(year=None) for answer in seen.answers_for(span.years))
    return organisations(answer for answer in last if answer.standing is Standing.NOT_APPLICABLE)


# ---------------------------------------------------------------- the whole


def achievement(rule: Rule, facts: Facts, frame: Frame, rosters: Rosters, as_of: date, basis: Basis) -> Result:
    """The achievement of one KPI.

    In: the reading, all facts recorded for the KPI, the plan's dates, who is a Member and who is asked, an effective
    date, a basis. Out: the result, with numbers as shown. Rules: domain.md, "Achievement at a date D".
    """
    collected = base_value(rule, facts, frame, rosters.baseline, as_of)
    return achieved(rule, facts, frame, rosters.now, as_of, basis, collected)


def achieved(
    rule: Rule, facts: Facts, frame: Frame, roster: Roster, as_of: date, basis: Basis, collected: Fraction | None
) -> Result:
    """The same, where what was collected for the baseline is known already."""
    seen = known(rule, facts, as_of, basis)
    judged = judge(rule, seen, frame, roster, collected)
    people = name_members(rule, seen, frame, roster) if rule.names_members else Members()
    return Result(
        value=shown_value(rule, judged.value),
        target=exact(rule.target),
        baseline=shown_value(rule, judged.baseline),
        baseline_collected=shown_value(rule, collected),
        percent=percent_of(judged.value, rule.target),
        progress=progress_of(rule, judged.value, judged.baseline),
        expected=None if judged.expected is None else exact(judged.expected),
        status=status_at(judged),
        members=len(roster.members),
        years=tuple(year_results(judged)),
        **vars(people),
    )


def value_and_status(
    rule: Rule, facts: Facts, frame: Frame, roster: Roster, as_of: date, basis: Basis, collected: Fraction | None
) -> tuple[Decimal | None, Status]:
    """Only these two of the result, for a comparison with another date."""
    judged = judge(rule, known(rule, facts, as_of, basis), frame, roster, collected)
    return shown_value(rule, judged.value), status_at(judged)


def judge(rule: Rule, seen: Known, frame: Frame, roster: Roster, collected: Fraction | None) -> Judged:
    """The exact numbers that the status is decided from."""
    as_of, yearly = seen.as_of, rule.period is Period.EACH_YEAR
    by_year = year_values(rule, seen, frame, roster) if yearly else {}
    baseline = rule.baseline if rule.baseline is not None else collected
    begun = rule.period is Period.STANDING or as_of >= frame.starts
    year = current_year(frame, as_of) if yearly else None
    return Judged(
        rule=rule,
        frame=frame,
        as_of=as_of,
        value=by_year[year] if year and rule.measure is not Measure.GROWTH else value_at(rule, seen, frame, roster),
        baseline=baseline,
        expected=expected_at(rule, frame, as_of, baseline, year) if begun else None,
        by_year=by_year,
        met=tuple(met(rule, *entry, as_of) for entry in by_year.items()),
    )
