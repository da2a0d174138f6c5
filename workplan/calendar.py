"""Plan years (domain.md, "Terms"): 1 July - 30 June, written 2026/27. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
STARTS_IN = 7
"""July."""


@dataclass(frozen=True, slots=True)
class PlanYear:
    """Twelve months from ``starts`` to ``ends``, both included; ``first`` is the calendar year it starts in."""

    first: int
    starts: date
    ends: date

    @property
    def label(self) -> str:
        return year_label(self.first)


def year_label(first: int) -> str:
    """2026 -> "2026/27"."""
    return f"{first}/{(first + 1) % 100:02d}"


def year_of(day: date) -> int:
    """The calendar year in which the plan year of a day starts."""
    return day.year if day.month >= STARTS_IN else day.year - 1


def parse_year(text: str) -> int:
    """ "2026/27" -> 2026. Raises ValueError for anything that is not written so."""
    first, slash, _ = text.partition("/")
    if not (slash and first.isascii() and first.isdigit() and len(first) == 4 and year_label(int(first)) == text):
        raise ValueError(f"{text} is not a plan year; a plan year is written 2026/27")
    return int(first)


def plan_years(starts: date, ends: date) -> Iterator[PlanYear]:
    """The plan years from ``starts`` to ``ends``."""
    while starts < ends:
        following = starts.replace(year=starts.year + 1)
        yield PlanYear(starts.year, starts, following - ONE_DAY)
        starts = following


def base_year(starts: date) -> PlanYear:
    """The plan year before a plan that starts on ``starts``."""
    before = starts.replace(year=starts.year - 1)
    return PlanYear(before.year, before, starts - ONE_DAY)
