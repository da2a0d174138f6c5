"""What the rules work on: a plan's dates, a reading, and the facts recorded for a KPI. Plain, frozen values. Pure."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from workplan.calendar import PlanYear, base_year, plan_years
from workplan.choices import LEVELS, NAMES_MEMBERS, Measure, PairFrom, Part, Period, Plurilateral, Source, Standing

NOT_SHOWN = "an activity not shown here"
"""The name of one that a reader may not know of, where a figure is made of it (ADR 28)."""


class Basis(StrEnum):
    ACCEPTED = "accepted"
    REPORTED = "reported"


@dataclass(frozen=True)
class Frame:
    """The dates and settings of a plan. Dates are inclusive."""

    starts: date
    ends: date
    baseline_date: date
    deliverable_date: date
    at_risk_share: Fraction = Fraction(2, 3)
    round_up_from: Fraction = Fraction(3, 4)

    @cached_property
    def years(self) -> tuple[PlanYear, ...]:
        return tuple(plan_years(self.starts, self.ends))

    @cached_property
    def base_year(self) -> PlanYear:
        return base_year(self.starts)

    def begun(self, as_of: date) -> tuple[PlanYear, ...]:
        return tuple(year for year in self.years if year.starts <= as_of)


@dataclass(frozen=True)
class Rule:
    """A reading: how the target of one KPI is counted. ``target`` is at least what must be reached."""

    source: Source
    measure: Measure
    period: Period
    target: Fraction
    counts_from: Standing | None = None
    part: Part | None = None
    pair_from: PairFrom = PairFrom.IN_FORCE
    plurilateral: Plurilateral = Plurilateral.PAIRS
    baseline: Fraction | None = None
    denominator: int | None = None
    unit: str = ""

    @property
    def is_level(self) -> bool:
        return self.measure in LEVELS

    @property
    def names_members(self) -> bool:
        return self.measure in NAMES_MEMBERS


class AnswerState(StrEnum):
    """The states of an answer that mean something to a figure; a draft never leaves its organisation."""

    ACCEPTED = "accepted"
    SUBMITTED = "submitted"
    RETURNED = "returned"


class Shows(NamedTuple):
    """A file or a link that stands with an answer; a link has no kind. ``round``: its code and its title."""

    pk: int
    title: str
    url: str
    kind: str
    size: int
    by: str
    at: datetime
    round: tuple[str, str]


class Note(NamedTuple):
    """What stands beside an answer, for those who may read more than what counts. ``entered``: by whom on behalf of the
    organisation, where not by itself; ``source`` and ``definition``: of a figure, in the organisation's own words;
    ``shows``: what stands with it in its round, where that was asked for."""

    comment: str
    evidence_url: str
    decided_at: datetime | None
    decided_by: str
    entered: str = ""
    source: str = ""
    definition: str = ""
    shows: tuple[Shows, ...] = ()


# A fact may stand for several that are alike but for who they are about: a region's figures are counted from a few sets
# of organisations, not from thousands of single rows. Named tuples, as they cost a third of frozen dataclasses.
class Answer(NamedTuple):
    """One version of an answer, which these organisations gave alike. ``order``: (rank of the round by as-at date and
    opening, plan year, version); the greatest is the latest. ``source``: that of the reading which it answered."""

    organisations: frozenset[str]
    year: int | None
    as_at: date
    order: tuple[int, int, int]
    state: AnswerState
    source: Source
    standing: Standing | None = None
    participated: bool | None = None
    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    register_complete: bool = False
    note: Note | None = None

    @property
    def organisation(self) -> str:
        """Who gave it, of an answer that stands for one alone."""
        (code,) = self.organisations
        return code


class Activity(NamedTuple):
    """One version of an activity, as linked to this KPI. ``accepted`` and ``reported``: does this version speak on that
    basis; ``items``: how many it stands for; ``rating``: 1-5."""

    day: date
    accepted: bool
    reported: bool
    held: bool
    items: int = 1
    rating: Decimal | None = None
    respondents: int | None = None
    reference: str = ""
    title: str = ""
    doubtful: bool = False
    """May it be the same event as another record."""


class Participation(NamedTuple):
    """The part of organisations in versions of activities; the flags are those of the versions. The rules need only the
    first day in each stretch of time, and the numbers added up, so parts may be put together.

    ``participants`` and ``women``: of those parts that state both, else None; ``heads``: how many state who headed the
    delegation, ``woman_heads``: how many say a woman."""

    organisations: frozenset[str]
    day: date
    accepted: bool
    reported: bool
    held: bool
    contributing: bool
    contested: bool = False
    participants: int | None = None
    women: int | None = None
    heads: int = 0
    woman_heads: int = 0
    reference: str = ""
    doubtful: bool = False

    @property
    def organisation(self) -> str:
        """Who took part, of a part that stands for one alone."""
        (code,) = self.organisations
        return code


class Arrangement(NamedTuple):
    """One version of an arrangement between two organisations. ``known_from``: the first day on which anything is
    recorded of it (None: always). ``signed``: the day by which it is signed for certain. ``plurilateral``: what it is
    called where it is of more than two."""

    parties: frozenset[str]
    accepted: bool
    reported: bool
    in_force: date | None = None
    ended: date | None = None
    known_from: date | None = None
    contested: bool = False
    signed: date | None = None
    plurilateral: str = ""


@dataclass(frozen=True)
class Facts:
    """All that is recorded for one KPI, for all dates and bases that will be asked about."""

    answers: tuple[Answer, ...] = ()
    activities: tuple[Activity, ...] = ()
    participations: tuple[Participation, ...] = ()
    arrangements: tuple[Arrangement, ...] = ()


@dataclass(frozen=True)
class Roster:
    """Who is a Member, and who is asked about this KPI, at a date."""

    members: frozenset[str]
    asked: frozenset[str]

    @cached_property
    def asked_members(self) -> frozenset[str]:
        return self.members & self.asked


class Rosters(NamedTuple):
    """The rosters that a result needs: at its own date and at the plan's baseline date."""

    now: Roster
    baseline: Roster
