"""Counts the KPIs of an occasion, from a book of their facts."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from workplan.choices import Period, Source
from workplan.queries import History, history_of
from workplan.tree import KpiText, PlanText, ReadingText

from .achievement import Result, Status, achieved, value_and_status
from .counting import base_value
from .facts import (
    Organisations,
    RosterBook,
    answers_at,
    facts_at,
    frame_of,
    load_organisations,
    round_ranks,
    rule_of,
)
from .inputs import Basis, Facts, Frame, Roster, Rule
from .keeping import digest, kept
from .models import Round
from .occasion import Occasion


class Book(Protocol):
    """The facts by KPI and date."""

    def at(self, kpi: int, day: date) -> Facts: ...


@dataclass(frozen=True)
class WholeBook:
    """All facts of some KPIs, which hold for every date."""

    facts: Mapping[int, Facts]

    def at(self, kpi: int, day: date) -> Facts:
        return self.facts[kpi]


@dataclass(frozen=True)
class Before:
    """Where a KPI stood at the previous round."""

    value: Decimal | None
    status: Status


@dataclass(frozen=True)
class Basics:
    """What counting needs beside the facts: the plan at the date, the source of every version of a reading by its id,
    the organisations, and how KPIs were counted at other days (None: as now). It changes with the frame alone."""

    text: PlanText
    sources: Mapping[int, Source]
    organisations: Organisations
    history: History | None = None


def read_basics(occasion: Occasion) -> Basics:
    """Those of the published plan; in four queries."""
    history = history_of(occasion.plan)
    readings = replace(history, wordings=[])
    return Basics(history.text(occasion.as_of), history.sources, load_organisations(), readings)


def basics_of(occasion: Occasion) -> Basics:
    """The same, kept until the frame changes where its token is known."""
    if not occasion.frame:
        return read_basics(occasion)
    key = f"basics:{digest(occasion.frame, occasion.plan.pk, occasion.as_of)}"
    basics: Basics = kept(key, lambda: read_basics(occasion))
    return basics


class Counter:
    """Counts the KPIs of an occasion; what counting needs is loaded once."""

    def __init__(self, occasion: Occasion, basics: Basics | None = None) -> None:
        """``basics``: where it is not the published plan that is counted by."""
        self.occasion = occasion
        basics = basics or basics_of(occasion)
        self.text, self.sources = basics.text, basics.sources
        self.organisations, self.history = basics.organisations, basics.history
        self.rosters = RosterBook(self.organisations, occasion.plan.baseline_date)
        self.frame = frame_of(self.text)
        self.ranks = round_ranks(occasion.rounds)
        self.rules = {kpi.id: rule_of(kpi.reading) for kpi in self.text.kpis}
        self.baselines: dict[tuple[int, date], Fraction | None] = {}

    def collected(self, kpi: KpiText, book: Book, day: date) -> Fraction | None:
        """What was collected for the baseline: the state then, or the base year's value as known at the day."""
        rule, frame = self.rules[kpi.id], self.frame
        known_at = frame.baseline_date if rule.period is Period.STANDING else max(day, frame.baseline_date)
        if (kpi.id, known_at) not in self.baselines:
            roster = self.rosters.at(kpi.reading, frame.baseline_date)
            self.baselines[kpi.id, known_at] = base_value(rule, book.at(kpi.id, known_at), frame, roster, day)
        return self.baselines[kpi.id, known_at]

    @property
    def ranked(self) -> dict[int, tuple[int, Round]]:
        return {each.pk: (self.ranks[each.pk], each) for each in self.occasion.rounds}

    def facts_at(self, kpis: tuple[KpiText, ...], dates: set[date]) -> Book:
        return facts_at(self.text, kpis, dates, self.organisations, self.ranked, self.sources)

    def answers_at(self, kpis: tuple[KpiText, ...], day: date) -> Book:
        """The answers alone, for who asks only whether there are any."""
        return answers_at(self.text, kpis, {day}, self.organisations, self.ranked, self.sources)

    def result(self, kpi: KpiText, book: Book, day: date) -> Result:
        return achieved(*self.question(kpi, book, day), self.collected(kpi, book, day))

    def before(self, kpi: KpiText, book: Book, day: date) -> Before:
        """Only what stands is judged against its baseline."""
        standing = self.rules[kpi.id].period is Period.STANDING
        collected = self.collected(kpi, book, day) if standing else None
        return Before(*value_and_status(*self.question(kpi, book, day), collected))

    def question(self, kpi: KpiText, book: Book, day: date) -> tuple[Rule, Facts, Frame, Roster, date, Basis]:
        """What the rules ask for, to judge a KPI at a day."""
        facts, reading = book.at(kpi.id, day), self.reading_at(kpi, day)
        rule = self.rules[kpi.id] if reading is kpi.reading else rule_of(reading)
        return rule, facts, self.frame, self.rosters.at(reading, day), day, self.occasion.basis

    def reading_at(self, kpi: KpiText, day: date) -> ReadingText:
        """The version that was valid at the day (domain.md, "D is an effective date")."""
        if self.history is None or day == self.occasion.as_of:
            return kpi.reading
        return self.history.reading_at(kpi, day)
