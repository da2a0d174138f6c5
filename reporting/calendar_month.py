"""A month of the register, day by day. Pure."""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

LONG = 7
"""What lasts longer stands once above the days, else it would fill them all."""


class Dated(Protocol):
    @property
    def start(self) -> date: ...
    @property
    def day(self) -> date: ...


E = TypeVar("E", bound=Dated)


@dataclass(frozen=True)
class Month:
    year: int
    number: int

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return date(self.year, self.number, monthrange(self.year, self.number)[1])

    @property
    def before(self) -> "Month":
        return Month.of(self.first - timedelta(days=1))

    @property
    def after(self) -> "Month":
        return Month.of(self.last + timedelta(days=1))

    def __str__(self) -> str:
        """As an address writes it: 2027-03"""
        return f"{self.year:04}-{self.number:02}"


@dataclass(frozen=True)
class Day(Generic[E]):
    """``inside``: it belongs to the month, and does not only fill its first or last week."""

    date: date
    inside: bool
    entries: list[E]


@dataclass(frozen=True)
class Sheet(Generic[E]):
    """``weeks``: from Monday to Sunday; ``long``: what lasts longer than a week."""

    weeks: list[list[Day[E]]]
    long: list[E]


def lasts_long(entry: Dated) -> bool:
    return (entry.day - entry.start).days >= LONG


def sheet_of(month: Month, entries: Iterable[E]) -> Sheet[E]:
    """The days of the month with what is on each, in the order given."""
    found = list(entries)
    on: dict[date, list[E]] = defaultdict(list)
    for entry in found:
        if not lasts_long(entry):
            for day in days_from(max(entry.start, month.first), min(entry.day, month.last)):
                on[day].append(entry)
    monday = month.first - timedelta(days=month.first.weekday())
    sunday = month.last + timedelta(days=6 - month.last.weekday())
    days = [Day(day, month.first <= day <= month.last, on.get(day, [])) for day in days_from(monday, sunday)]
    return Sheet([days[at : at + 7] for at in range(0, len(days), 7)], [each for each in found if lasts_long(each)])


def days_from(first: date, last: date) -> Iterator[date]:
    for index in range((last - first).days + 1):
        yield first + timedelta(days=index)
