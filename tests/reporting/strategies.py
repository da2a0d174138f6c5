"""Made-up KPIs for the laws: a reading, a roster, a plan and facts that like to lie on the edges.

Facts are drawn as rows of small choices, because drawing is what the time of the laws goes into.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from reporting.counting import (
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
from workplan.choices import Measure, Part, Period, Source, Standing

MEMBERS = ("AUS", "FJI", "JPN", "NPL", "PNG", "TON", "VNM", "WSM")
ENTITIES = ("RILO", "ROCB")
DAY = timedelta(days=1)

Combination = tuple[Source, Measure, Period]


@dataclass(frozen=True)
class Case:
    """All that ``achievement`` takes."""

    rule: Rule
    facts: Facts
    frame: Frame
    rosters: Rosters
    as_of: date
    basis: Basis


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
FRAMES = (TWO_YEARS, THREE_YEARS, EARLY_DELIVERABLE)


def year_starts(frame: Frame) -> list[date]:
    return [date(first, 7, 1) for first in range(frame.starts.year, frame.ends.year)]


def edges(frame: Frame) -> list[date]:
    """The days on which something changes, and their neighbours; some days between, and before and after it all."""
    turns = [frame.baseline_date, frame.deliverable_date, frame.ends, *year_starts(frame)]
    around = {turn + shift for turn in turns for shift in (-DAY, timedelta(0), DAY)}
    between = {start + timedelta(days=days) for start in year_starts(frame) for days in (91, 182, 273, 274, 330)}
    return sorted(around | between | {date(2026, 3, 1), frame.ends + timedelta(days=92)})


def round_dates(frame: Frame) -> list[date]:
    """The as-at dates of rounds: the baseline's, the middle and the end of each year, and one after the plan's end. Each
    date twice, as of two rounds of which the one opened later wins."""
    ends = [start.replace(year=start.year + 1) - DAY for start in year_starts(frame)]
    middles = [date(start.year, 12, 31) for start in year_starts(frame)]
    after = frame.ends + timedelta(days=92)
    return [day for day in sorted({frame.baseline_date, *ends, *middles, after}) for _ in range(2)]


EDGES = {frame: edges(frame) for frame in FRAMES}
ROUND_DATES = {frame: round_dates(frame) for frame in FRAMES}

# ---------------------------------------------------------------- readings

COUNTS = tuple(Fraction(number) for number in (1, 2, 3, 4, 5, 6, 8))
ITEMS = tuple(Fraction(number) for number in (1, 2, 3, 5, 12, 40))
SUMS = tuple(Fraction(number) for number in ("1", "3", "10.5", "40", "100"))
PERCENTAGES = tuple(Fraction(number) for number in ("5", "30", "33.33", "50", "66.67", "100"))
RATINGS = tuple(Fraction(number) for number in ("3", "3.5", "4", "4.33", "5"))

TARGETS = {
    Measure.MEMBERS: COUNTS,
    Measure.MEMBERS_GROWING: COUNTS,
    Measure.PAIRS: COUNTS,
    Measure.ITEMS: ITEMS,
    Measure.SUM: SUMS,
    Measure.AVERAGE: RATINGS,
}
STANDINGS = (Standing.NOT_STARTED, Standing.PLANNED, Standing.IN_PROGRESS, Standing.IN_PLACE)


@st.composite
def rules(draw: DrawFn, combination: Combination) -> Rule:
    source, measure, period = combination
    target = draw(st.sampled_from(TARGETS.get(measure, PERCENTAGES)))
    stated = draw(st.sampled_from((None, None, None, Fraction(0), target / 2, target, target + 1)))
    return Rule(
        source=source,
        measure=measure,
        period=period,
        target=target,
        counts_from=draw(st.sampled_from(STANDINGS[1:])) if source is Source.STATUS else None,
        part=draw(st.sampled_from(list(Part))) if source is Source.PARTICIPATION else None,
        baseline=stated if measure in TARGETS and stated is not None else None,
    )


# ---------------------------------------------------------------- rosters


def subsets(codes: Sequence[str]) -> SearchStrategy[frozenset[str]]:
    """Any subset, drawn as one number; the whole is the simplest."""

    def chosen(bits: int) -> frozenset[str]:
        return frozenset(code for place, code in enumerate(codes) if not bits >> place & 1)

    return st.integers(0, 2 ** len(codes) - 1).map(chosen)


@st.composite
def rosters(draw: DrawFn, codes: Sequence[str]) -> Rosters:
    """Some of them are Members at one date only, some are not asked, and the entities may be."""
    everybody = frozenset(codes)
    members = draw(st.one_of(st.just(everybody), subsets(codes)))
    before = draw(st.one_of(st.just(members), subsets(codes)))
    asked = draw(st.one_of(st.just(everybody), subsets((*codes, *ENTITIES))))
    return Rosters(
        now=Roster(members, asked & (members | frozenset(ENTITIES))),
        baseline=Roster(before, asked & (before | frozenset(ENTITIES))),
    )


# ---------------------------------------------------------------- answers

STATES = (
    AnswerState.ACCEPTED,
    AnswerState.ACCEPTED,
    AnswerState.SUBMITTED,
    AnswerState.SUBMITTED,
    AnswerState.RETURNED,
)
NOT_APPLICABLE = {"standing": Standing.NOT_APPLICABLE}
FIGURES = tuple(Decimal(number) for number in ("0", "1", "2.5", "3", "10", "10", "11", "99.95"))
QUOTAS = (("1", "2"), ("0", "0"), ("0", "3"), ("2", "3"), ("9.99", "10"), ("1999", "2000"))
SAID: dict[Source, tuple[dict[str, object], ...]] = {
    Source.STATUS: (*({"standing": standing} for standing in reversed(STANDINGS)), NOT_APPLICABLE),
    Source.PARTICIPATION: ({"participated": True}, {"participated": False}, NOT_APPLICABLE),
    Source.FIGURES: (*({"value": figure} for figure in FIGURES), NOT_APPLICABLE),
    Source.ACTIVITIES: ({"register_complete": True}, {"register_complete": True}, {}, NOT_APPLICABLE),
    Source.ARRANGEMENTS: ({"register_complete": True}, {"register_complete": True}, {}, NOT_APPLICABLE),
}
SAID_SHARE = (
    *({"numerator": Decimal(above), "denominator": Decimal(below)} for above, below in QUOTAS),
    NOT_APPLICABLE,
)
OTHER_SOURCES = {source: next(other for other in Source if other is not source) for source in Source}


def answer_rows(rule: Rule, frame: Frame, codes: Sequence[str]) -> SearchStrategy[list[tuple[object, ...]]]:
    said = SAID_SHARE if rule.measure is Measure.SHARE else SAID[rule.source]
    row = st.tuples(
        st.sampled_from((*codes, *ENTITIES)),
        st.integers(0, len(ROUND_DATES[frame]) - 1),
        st.integers(0, 3),
        st.integers(1, 3),
        st.sampled_from(STATES),
        st.sampled_from(said),
        st.sampled_from((True,) * 9 + (False,)),
    )
    return st.lists(row, max_size=14, unique_by=lambda drawn: drawn[:4])


def plan_year_asked(frame: Frame, as_at: date, back: int) -> int:
    """A round asks for "each plan year begun by its as-at date", the Baseline round for the base year; it is the
    latest of these, or up to so many years back."""
    begun = sum(start <= as_at for start in year_starts(frame))
    return frame.starts.year - 1 + max(begun - back, 0)


def answer_of(rule: Rule, frame: Frame, row: tuple[object, ...]) -> Answer:
    organisation, place, back, version, state, said, right_source = row
    as_at = ROUND_DATES[frame][place]
    yearly = rule.source in (Source.PARTICIPATION, Source.FIGURES)
    year = plan_year_asked(frame, as_at, back) if yearly else None
    return Answer(
        organisation=organisation,
        year=year,
        as_at=as_at,
        order=(place, year or 0, version),
        state=state,
        source=rule.source if right_source else OTHER_SOURCES[rule.source],
        **said,
    )


@st.composite
def answers(draw: DrawFn, rule: Rule, frame: Frame, codes: Sequence[str]) -> tuple[Answer, ...]:
    made = (answer_of(rule, frame, row) for row in draw(answer_rows(rule, frame, codes)))
    by_version = {(answer.organisation, answer.year, answer.order): answer for answer in made}
    return tuple(by_version.values())


# ---------------------------------------------------------------- activities

VERSIONS = {
    "confirmed": ((True, True, True),),
    "undecided": ((False, True, True),),
    "refused": ((False, False, True),),
    "planned": ((False, True, False),),
    "changed": ((True, False, True), (False, True, True)),
    "called off": ((True, False, True), (False, True, False)),
}
"""accepted, reported and held of each version of an activity; of two, the first is the confirmed one."""

NUMBERS = ((None, None), (0, 0), (10, 4), (50, 30), (20, None), (None, 3), (3, 0), (1, 1), (2000, 1999))
RATED = ((None, None), (Decimal(4), 10), (Decimal("4.5"), 3), (Decimal(5), 0), (Decimal(3), None), (None, 8))


def part_rows(codes: Sequence[str]) -> SearchStrategy[list[tuple[object, ...]]]:
    row = st.tuples(
        st.sampled_from((*codes, *ENTITIES)),
        st.booleans(),
        st.sampled_from((False, False, False, True)),
        st.sampled_from(NUMBERS),
        st.sampled_from((None, True, False)),
    )
    return st.lists(row, max_size=4, unique_by=lambda drawn: drawn[0])


def activity_rows(frame: Frame, codes: Sequence[str]) -> SearchStrategy[list[tuple[object, ...]]]:
    row = st.tuples(
        st.sampled_from(list(VERSIONS.values())),
        st.lists(st.sampled_from(EDGES[frame]), min_size=2, max_size=2),
        st.sampled_from((1, 1, 1, 4, 12)),
        st.sampled_from(RATED),
        part_rows(codes),
        part_rows(codes),
    )
    return st.lists(row, max_size=5)


def recorded(reference: str, row: tuple[object, ...]) -> tuple[list[Activity], list[Participation]]:
    """The versions of one activity, each with its own day and parts, as facts."""
    versions, days, items, (rating, respondents), *parts = row
    activities, participations = [], []
    for (accepted, reported, held), day, taking_part in zip(versions, days, parts, strict=False):
        state = {"accepted": accepted, "reported": reported, "held": held}
        activities.append(
            Activity(
                day=day, items=items, rating=rating, respondents=respondents, reference=reference, **state
            )
        )
        for organisation, contributing, contested, (participants, women), woman_heads in taking_part:
            participations.append(
                Participation(
                    organisation=organisation,
                    day=day,
                    contributing=contributing,
                    contested=contested,
                    participants=participants,
                    women=women,
                    woman_heads=woman_heads,
                    reference=reference,
                    **state,
                )
            )
    return activities, participations


@st.composite
def registers(
    draw: DrawFn, frame: Frame, codes: Sequence[str]
) -> tuple[tuple[Activity, ...], tuple[Participation, ...]]:
    activities: list[Activity] = []
    participations: list[Participation] = []
    for number, row in enumerate(draw(activity_rows(frame, codes))):
        versions, parts = recorded(f"W-{number}", row)
        activities += versions
        participations += parts
    return tuple(activities), tuple(participations)


# ---------------------------------------------------------------- arrangements


def arrangements(frame: Frame, codes: Sequence[str]) -> SearchStrategy[tuple[Arrangement, ...]]:
    days = st.sampled_from([None, *EDGES[frame]])
    parties = st.lists(st.sampled_from((*codes, "ROCB")), min_size=2, max_size=2, unique=True)
    flags = st.sampled_from(((True, True), (True, True), (False, True), (True, False), (False, False)))
    row = st.tuples(parties, flags, days, days, days)
    return st.lists(row, max_size=8).map(lambda rows: tuple(arrangement(*drawn) for drawn in rows))


def arrangement(
    parties: list[str],
    flags: tuple[bool, bool],
    signed: date | None,
    in_force: date | None,
    ended: date | None,
) -> Arrangement:
    """It is known from its first date on; it ends after it is in force, if it ends."""
    if in_force and ended and ended < in_force:
        in_force, ended = ended, in_force
    dates = [day for day in (signed, in_force, ended) if day is not None]
    return Arrangement(frozenset(parties), *flags, in_force, ended, min(dates, default=None))


# ---------------------------------------------------------------- whole cases

FROM_ACTIVITIES = (Source.PARTICIPATION, Source.ACTIVITIES)


@st.composite
def facts(draw: DrawFn, rule: Rule, frame: Frame, codes: Sequence[str]) -> Facts:
    said = draw(answers(rule, frame, codes))
    if rule.source is Source.ARRANGEMENTS:
        return Facts(answers=said, arrangements=draw(arrangements(frame, codes)))
    if rule.source in FROM_ACTIVITIES:
        activities, participations = draw(registers(frame, codes))
        return Facts(answers=said, activities=activities, participations=participations)
    return Facts(answers=said)


@st.composite
def cases(draw: DrawFn, combination: Combination) -> Case:
    frame = draw(st.sampled_from((TWO_YEARS, TWO_YEARS, TWO_YEARS, THREE_YEARS, EARLY_DELIVERABLE)))
    codes = MEMBERS[: draw(st.integers(3, len(MEMBERS)))]
    rule = draw(rules(combination))
    return Case(
        rule=rule,
        facts=draw(facts(rule, frame, codes)),
        frame=frame,
        rosters=draw(rosters(codes)),
        as_of=draw(st.sampled_from(EDGES[frame])),
        basis=draw(st.sampled_from(list(Basis))),
    )


def shuffled(draw: DrawFn, case: Case) -> Facts:
    """The same facts in another order of entry."""
    mixed: Callable[[Sequence[object]], tuple[object, ...]] = lambda rows: tuple(draw(st.permutations(rows)))
    return Facts(*(mixed(rows) for rows in vars(case.facts).values()))
