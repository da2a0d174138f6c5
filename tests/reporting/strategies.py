"""Made-up KPIs for the laws: a reading, a roster, a plan and facts that like to lie on the edges.

A case is picked from a string of bytes, a byte for a choice. That is far faster than a strategy for each
field, so that more cases fit into the time; and a byte of 0 picks the simplest choice, so that a failure
shrinks to little."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from reporting.inputs import (
    Activity,
    Answer,
    AnswerState,
    Arrangement,
    Basis,
    Facts,
    Frame,
    Participation,
    Roster,
    Rosters,
    Rule,
)
from workplan.choices import YEARLY, Measure, PairFrom, Part, Period, Plurilateral, Source, Standing

Combination = tuple[Source, Measure, Period]
Option = TypeVar("Option")

MEMBERS = ("AUS", "FJI", "JPN", "NPL", "PNG", "TON", "VNM", "WSM")
ENTITIES = ("RILO", "ROCB")
ONE_DAY = timedelta(days=1)
BYTES = 448


@dataclass(frozen=True)
class Case:
    """All that ``achievement`` takes."""

    rule: Rule
    facts: Facts
    frame: Frame
    rosters: Rosters
    as_of: date
    basis: Basis


class Picks:
    """Choices, read from bytes one by one; when they run out, the first option is picked."""

    def __init__(self, source: bytes) -> None:
        self.bytes = iter(source)

    def one(self, options: Sequence[Option]) -> Option:
        return options[next(self.bytes, 0) % len(options)]

    def seldom(self) -> bool:
        return self.one((False,) * 15 + (True,))

    def mostly(self, likely: Sequence[Option], options: Sequence[Option]) -> Option:
        """Three times in four one of the likely options, if there are any."""
        return self.one(likely) if self.one((True, True, True, False)) and likely else self.one(options)

    def subset(self, codes: Sequence[str]) -> frozenset[str]:
        """A quarter left out, here and there."""
        return frozenset(code for code in codes if self.one((True, True, True, False)))


# ---------------------------------------------------------------- plans and dates

TWO_YEARS = Frame(
    starts=date(2026, 7, 1),
    ends=date(2028, 6, 30),
    baseline_date=date(2026, 6, 30),
    deliverable_date=date(2028, 6, 30),
)
THREE_YEARS = Frame(
    starts=date(2026, 7, 1),
    ends=date(2029, 6, 30),
    baseline_date=date(2026, 6, 30),
    deliverable_date=date(2029, 6, 30),
)
EARLY_DELIVERABLE = Frame(
    starts=date(2026, 7, 1),
    ends=date(2028, 6, 30),
    baseline_date=date(2026, 6, 30),
    deliverable_date=date(2028, 3, 31),
    at_risk_share=Fraction(1, 2),
    round_up_from=Fraction(1, 2),
)
LATE_DELIVERABLE = Frame(
    starts=date(2026, 7, 1),
    ends=date(2028, 6, 30),
    baseline_date=date(2026, 6, 30),
    deliverable_date=date(2028, 8, 31),
)
FRAMES = (TWO_YEARS, TWO_YEARS, TWO_YEARS, THREE_YEARS, EARLY_DELIVERABLE, LATE_DELIVERABLE)


def year_starts(frame: Frame) -> list[date]:
    return [date(first, 7, 1) for first in range(frame.starts.year, frame.ends.year)]


def edges(frame: Frame) -> list[date]:
    """The days on which something changes, and their neighbours; some days between; some before and after it
    all."""
    turns = [frame.baseline_date, frame.deliverable_date, frame.ends, *year_starts(frame)]
    around = {turn + shift for turn in turns for shift in (-ONE_DAY, timedelta(0), ONE_DAY)}
    between = {start + timedelta(days=days) for start in year_starts(frame) for days in (91, 182, 273, 274, 330)}
    outside = {date(2026, 3, 1), frame.ends + timedelta(days=40), frame.ends + timedelta(days=100)}
    return sorted(around | between | outside, reverse=True)


def round_dates(frame: Frame) -> list[date]:
    """The as-at dates of rounds: the baseline's, the middle and the end of each year, and one after the
    plan's end. Each date twice, as of two rounds of which the one opened later wins."""
    starts = year_starts(frame)
    ends = [start.replace(year=start.year + 1) - ONE_DAY for start in starts]
    middles = [date(start.year, 12, 31) for start in starts]
    after = frame.ends + timedelta(days=92)
    return [day for day in sorted({frame.baseline_date, *ends, *middles, after}) for _ in range(2)]


EDGES = {frame: edges(frame) for frame in FRAMES}
ROUND_DATES = {frame: round_dates(frame) for frame in FRAMES}

# ---------------------------------------------------------------- readings and rosters

COUNTS = tuple(Fraction(number) for number in (1, 2, 3, 4, 5, 6, 8))
PERCENTAGES = tuple(Fraction(number) for number in ("2", "5", "30", "33.33", "50", "66.67", "100"))
TARGETS = {
    Measure.MEMBERS: COUNTS,
    Measure.MEMBERS_GROWING: COUNTS,
    Measure.PAIRS: COUNTS,
    Measure.ITEMS: tuple(Fraction(number) for number in (1, 2, 3, 5, 12, 40)),
    Measure.SUM: tuple(Fraction(number) for number in ("1", "3", "10.5", "40", "100")),
    Measure.AVERAGE: tuple(Fraction(number) for number in ("3", "3.5", "4", "4.33", "5")),
}
STANDINGS = (Standing.IN_PLACE, Standing.IN_PROGRESS, Standing.PLANNED, Standing.NOT_STARTED)


def rule(picks: Picks, combination: Combination) -> Rule:
    source, measure, period = combination
    target = picks.one(TARGETS.get(measure, PERCENTAGES))
    baselines = (None, None, None, None, Fraction(0), target // 2, target, target + 1)
    return Rule(
        source=source,
        measure=measure,
        period=period,
        target=target,
        counts_from=picks.one(STANDINGS[:3]) if source is Source.STATUS else None,
        part=picks.one(tuple(Part)) if source is Source.PARTICIPATION else None,
        pair_from=picks.one(tuple(PairFrom)) if source is Source.ARRANGEMENTS else PairFrom.IN_FORCE,
        plurilateral=picks.one(tuple(Plurilateral)) if source is Source.ARRANGEMENTS else Plurilateral.PAIRS,
        baseline=picks.one(baselines),
    )


def rosters(picks: Picks, codes: Sequence[str]) -> Rosters:
    """Some of them are Members at one date only, some are not asked, and the entities may be."""
    everybody = frozenset(codes)
    members = everybody if picks.one((True, True, False)) else picks.subset(codes)
    before = members if picks.one((True, True, False)) else picks.subset(codes)
    asked = everybody if picks.one((True, True, False)) else picks.subset((*codes, *ENTITIES))
    return Rosters(
        now=Roster(members, asked & (members | frozenset(ENTITIES))),
        baseline=Roster(before, asked & (before | frozenset(ENTITIES))),
    )


# ---------------------------------------------------------------- answers

STATES = (
    AnswerState.ACCEPTED,
    AnswerState.SUBMITTED,
    AnswerState.ACCEPTED,
    AnswerState.SUBMITTED,
    AnswerState.RETURNED,
)
OTHER_SOURCE = {source: next(other for other in Source if other is not source) for source in Source}

Said = dict[str, Any]
NOT_APPLICABLE: Said = {"standing": Standing.NOT_APPLICABLE}
FIGURES = tuple(Decimal(number) for number in ("10", "11", "0", "1", "2.5", "3", "99.95", "10"))
QUOTAS = ((1, 2), (0, 0), (0, 3), (2, 3), (Decimal("9.99"), 10), (1999, 2000))
SAID_SHARE: tuple[Said, ...] = (
    *({"numerator": Decimal(above), "denominator": Decimal(below)} for above, below in QUOTAS),
    NOT_APPLICABLE,
)
SAID_OF_REGISTER: tuple[Said, ...] = ({"register_complete": True}, {}, NOT_APPLICABLE)
SAID: dict[Source, tuple[Said, ...]] = {
    Source.STATUS: (*({"standing": standing} for standing in STANDINGS), NOT_APPLICABLE),
    Source.PARTICIPATION: ({"participated": True}, {"participated": False}, NOT_APPLICABLE),
    Source.FIGURES: (*({"value": figure} for figure in FIGURES), NOT_APPLICABLE),
    Source.ACTIVITIES: SAID_OF_REGISTER,
    Source.ARRANGEMENTS: SAID_OF_REGISTER,
}
MANY = (0, 16, 12, 20, 8, 5, 24, 3, 1, 18)
FEW = (0, 1, 2, 3, 6)
REGISTERS = (Source.ACTIVITIES, Source.ARRANGEMENTS)


def plan_year(picks: Picks, frame: Frame, as_at: date) -> int:
    """A round asks for each plan year begun by its as-at date, the Baseline round for the base year."""
    begun = [start.year for start in year_starts(frame) if start <= as_at]
    return picks.one([*reversed(begun), frame.starts.year - 1])


def answer(picks: Picks, rule: Rule, frame: Frame, codes: Sequence[str], as_of: date) -> Answer:
    places = range(len(ROUND_DATES[frame]))
    place = picks.mostly([at for at in places if ROUND_DATES[frame][at] <= as_of], places)
    as_at = ROUND_DATES[frame][place]
    year = plan_year(picks, frame, as_at) if rule.source in YEARLY else None
    return Answer(
        organisations=frozenset({picks.one((*codes, *ENTITIES))}),
        year=year,
        as_at=as_at,
        order=(place, year or 0, picks.one((1, 2, 3))),
        state=picks.one(STATES),
        source=OTHER_SOURCE[rule.source] if picks.seldom() else rule.source,
        **picks.one(SAID_SHARE if rule.measure is Measure.SHARE else SAID[rule.source]),
    )


def answers(picks: Picks, rule: Rule, frame: Frame, codes: Sequence[str], as_of: date) -> tuple[Answer, ...]:
    number = picks.one(FEW if rule.source in REGISTERS else MANY)
    made = [answer(picks, rule, frame, codes, as_of) for _ in range(number)]
    return tuple({(each.organisation, each.year, each.order): each for each in made}.values())


# ---------------------------------------------------------------- activities and arrangements

CONFIRMED = {"accepted": True, "reported": True, "held": True}
UNDECIDED = {"accepted": False, "reported": True, "held": True}
CHANGED = {"accepted": True, "reported": False, "held": True}
PLANNED = {"accepted": False, "reported": True, "held": False}
REFUSED = {"accepted": False, "reported": False, "held": True}
VERSIONS = (
    (CONFIRMED,),
    (UNDECIDED,),
    (CHANGED, UNDECIDED),
    (CONFIRMED,),
    (CHANGED, PLANNED),
    (PLANNED,),
    (REFUSED,),
)
"""The versions of an activity: of two, the first is confirmed and the second a newer one, not decided yet."""

HEADS = ({"heads": 1, "woman_heads": 1}, {"heads": 1, "woman_heads": 0}, {"heads": 0, "woman_heads": 0})
"""Headed by a woman, by a man, not stated."""
NUMBERS = ((10, 4), (50, 30), (20, None), (None, 3), (3, 0), (0, 0), (1, 1), (2000, 1999), (None, None))
RATED = ((Decimal(4), 10), (Decimal("4.5"), 3), (Decimal(5), 0), (Decimal(3), None), (None, 8), (None, None))


def parts(picks: Picks, codes: Sequence[str], day: date, state: dict[str, bool]) -> list[Participation]:
    """The parts in one version of an activity, one for an organisation."""
    made = {}
    for _ in range(picks.one((1, 2, 3, 4, 0))):
        participants, women = picks.one(NUMBERS)
        organisation = picks.one((*codes, *ENTITIES))
        made[organisation] = Participation(
            organisations=frozenset({organisation}),
            day=day,
            contributing=picks.one((True, False)),
            contested=picks.one((False, False, False, False, True)),
            participants=participants,
            women=women,
            **picks.one(HEADS),
            **state,
        )
    return list(made.values())


def register(
    picks: Picks, frame: Frame, codes: Sequence[str], as_of: date
) -> tuple[list[Activity], list[Participation]]:
    activities: list[Activity] = []
    participations: list[Participation] = []
    likely = [day for day in EDGES[frame] if frame.starts <= day <= as_of]
    for _ in range(picks.one((0, 6, 4, 8, 2, 1))):
        for state in picks.one(VERSIONS):
            day = picks.mostly(likely, EDGES[frame])
            rating, respondents = picks.one(RATED)
            activities.append(
                Activity(day=day, items=picks.one((1, 1, 4, 12)), rating=rating, respondents=respondents, **state)
            )
            participations += parts(picks, codes, day, state)
    return activities, participations


SPEAKS = ((True, True), (True, True), (False, True), (True, False), (False, False))


def arrangement(picks: Picks, frame: Frame, codes: Sequence[str]) -> Arrangement:
    """It is recorded from its first date on, and it ends, if it does, after it was in force."""
    in_force = picks.one([*EDGES[frame], None])
    signed = picks.one((None, *EDGES[frame]))
    after = [day for day in EDGES[frame] if in_force is None or day >= in_force]
    ended = picks.one((None, None, picks.one(after)))
    first = picks.one(codes)
    accepted, reported = picks.one(SPEAKS)
    return Arrangement(
        parties=frozenset({first, picks.one([code for code in (*codes, "ROCB") if code != first])}),
        accepted=accepted,
        reported=reported,
        in_force=in_force,
        ended=ended,
        known_from=min((day for day in (in_force, signed, ended) if day), default=None),
        contested=picks.one((False, False, False, True)),
        signed=signed,
        plurilateral=picks.one(("", "", "Pacific", "Mekong")),
    )


def facts(picks: Picks, rule: Rule, frame: Frame, codes: Sequence[str], as_of: date) -> Facts:
    said = answers(picks, rule, frame, codes, as_of)
    if rule.source is Source.ARRANGEMENTS:
        agreed = [arrangement(picks, frame, codes) for _ in range(picks.one(MANY[:5]))]
        return Facts(answers=said, arrangements=tuple(agreed))
    if rule.source in (Source.PARTICIPATION, Source.ACTIVITIES) or picks.seldom():
        activities, participations = register(picks, frame, codes, as_of)
        return Facts(answers=said, activities=tuple(activities), participations=tuple(participations))
    return Facts(answers=said)


# ---------------------------------------------------------------- whole cases


def case(source: bytes, combination: Combination) -> Case:
    picks = Picks(source)
    frame = picks.one(FRAMES)
    codes = MEMBERS[: picks.one((3, 8, 4, 5, 6, 7))]
    reading = rule(picks, combination)
    as_of = picks.mostly([day for day in EDGES[frame] if frame.starts < day], EDGES[frame])
    return Case(
        rule=reading,
        frame=frame,
        rosters=rosters(picks, codes),
        as_of=as_of,
        basis=picks.one(tuple(Basis)),
        facts=facts(picks, reading, frame, codes, as_of),
    )


@st.composite
def cases(draw: DrawFn, combination: Combination) -> Case:
    return case(draw(st.binary(min_size=BYTES, max_size=BYTES)), combination)
