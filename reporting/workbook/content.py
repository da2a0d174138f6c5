"""What stands in the Member's workbook: its rows, cell by cell, as plain values by machine name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import F

from reporting.forms.returns import typed
from reporting.models import THINGS, Answer, Submission
from reporting.moments import day_end_words
from reporting.returns import STATE_WORDS, Item, Return
from reporting.rules import Verdict
from reporting.threads import Question, Thread, counted_before
from reporting.wording import said, unit_words
from workplan.choices import Measure, Source
from workplan.tree import FocusAreaText, KpiText, PlanText

from . import layout
from .layout import ANSWER_COLUMNS, FIGURE_WORDS, INPUTS, Asks, Column, answer_key, area_sheet, choices
from .opening import verdicts

Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class Line:
    """A row of an input sheet. ``asks``: the columns that it asks for, ``open``: those of them in which people may
    write now; ``offers``: which list a drop-down has. One with a ``heading`` has that alone."""

    key: str = ""
    cells: Mapping[str, Value] = field(default_factory=dict)
    asks: frozenset[str] = frozenset()
    open: frozenset[str] = frozenset()
    offers: Mapping[str, str] = field(default_factory=dict)
    heading: str = ""
    level: int = 0

    @property
    def is_new(self) -> bool:
        """Is it there to add something."""
        return self.key.startswith(layout.NEW)

    @property
    def digest(self) -> str:
        return layout.digests({name: self.cells.get(name) for name in self.asks})


@dataclass(frozen=True)
class Sheet:
    """An input sheet. ``stays``: how many of its columns, the hidden one among them, stay in view."""

    name: str
    title: str
    columns: tuple[Column, ...]
    lines: tuple[Line, ...]
    stays: int


# ---------------------------------------------------------------- the questions


@dataclass(frozen=True)
class Questions:
    """The sheets of the focus areas. ``plan``: as at the date of the round; ``last``: what was accepted in the rounds
    before."""

    found: Return
    plan: PlanText
    last: Mapping[Question, Any]

    @cached_property
    def items(self) -> dict[str, Item]:
        return {item.kpi.code: item for item in self.found.items}

    @cached_property
    def may(self) -> Callable[[Item, Thread], Verdict]:
        return verdicts(self.found)

    @cached_property
    def lists(self) -> dict[str, list[str]]:
        return {asked.value: list(choices(asked, self.found.round.as_at)) for asked in Asks}

    @property
    def whose(self) -> str:
        found = self.found
        return f"{found.submission.organisation.name}, {found.round.title}, as at {found.round.as_at:%d.%m.%y}"

    def sheets(self) -> Iterator[Sheet]:
        for area in self.plan.focus_areas:
            if lines := tuple(self.lines_of(area)):
                title = f"Focus Area {area.code}: {area.title} ({self.whose})"
                yield Sheet(area_sheet(area.code), title, asked_columns(lines), lines, stays=3)

    def lines_of(self, area: FocusAreaText) -> Iterator[Line]:
        for objective in area.objectives:
            asked = [(each, self.lines_about(each.kpis)) for each in objective.actions]
            if any(lines for _, lines in asked):
                yield Line(heading=f"Objective {objective.code}: {objective.title}", level=1)
            for action, lines in asked:
                yield from [Line(heading=f"Specific action {action.code}: {action.title}", level=2)] if lines else []
                yield from lines

    def lines_about(self, kpis: Iterable[KpiText]) -> list[Line]:
        items = [self.items[kpi.code] for kpi in kpis if kpi.code in self.items]
        return [self.line(item, thread) for item in items for thread in item.threads]

    def line(self, item: Item, thread: Thread) -> Line:
        reading = item.reading
        asked = layout.asks(reading.source, reading.measure)
        inputs = frozenset(INPUTS[asked])
        return Line(
            key=answer_key(item.kpi.code, thread.plan_year),
            cells=self.beside(item, thread) | entered(asked, thread.newest, self.found.round.as_at),
            asks=inputs,
            open=inputs if self.may(item, thread).allowed else frozenset(),
            offers={"answer": asked.value},
        )

    def beside(self, item: Item, thread: Thread) -> dict[str, Value]:
        """The plan's wording and the question, what was said last time, where the answer stands."""
        return {
            "code": item.kpi.code,
            "year": layout.year_words(thread.plan_year),
            "plan": wording_of(item.kpi),
            "question": item.reading.question,
            "counts": counts_of(item.kpi),
            "last": self.last_words(item, thread),
            "state": self.stands(thread),
        }

    def last_words(self, item: Item, thread: Thread) -> str:
        last = self.last.get((thread.kpi, thread.plan_year))
        if last is None:
            return "Nothing yet"
        beside = [
            "" if last.reading_source == item.reading.source else "Asked in another way then.",
            f"“{last.comment}”" if last.comment else "",
            f"From: {last.figure_source}." if last.figure_source else "",
            f"Counted as: {last.figure_definition}." if last.figure_definition else "",
        ]
        return "\n".join([said(last), last.round_title, *filter(None, beside)])

    def stands(self, thread: Thread) -> str:
        words, returned = STATE_WORDS[thread.state], thread.corrects
        if returned is None:
            return words
        day, zone = returned.correct_by, self.found.round.time_zone
        until = f" by the end of {day_end_words(day, zone)}" if day else ""
        return f"{words}{until}. {returned.decision_reason}"


FIGURES = ("value", "numerator", "denominator")


def entered(asked: Asks, newest: Answer | None, as_at: date) -> dict[str, Value]:
    """What is known so far, in the input cells: also for whoever reads them back and compares."""
    if newest is None:
        return {}
    values: Mapping[str, Value] = {**typed(newest), **{name: getattr(newest, name) for name in FIGURES}}
    offered = {value: text for text, value in choices(asked, as_at).items()}
    return {name: values[name] for name in INPUTS[asked]} | {"answer": offered.get(str(values["answer"]))}


def last_said(submission: Submission) -> dict[Question, Any]:
    """What was accepted last for each question in the rounds before, and what was said with it. One query."""
    about = {"reading_source": F("reading__source"), "round_title": F("round__title")}
    rows = Answer.objects.filter(organisation=submission.organisation_id).annotate(**about)
    accepted = counted_before(submission.round, rows.only("kpi", "plan_year", "comment", *FIGURE_WORDS, *THINGS))
    return {(answer.kpi_id, answer.plan_year): answer for answer in accepted}


def asked_columns(lines: Iterable[Line]) -> tuple[Column, ...]:
    """Those that only show something, and the inputs that some row asks for."""
    asked = frozenset[str]().union(*(line.asks for line in lines))
    return tuple(each for each in ANSWER_COLUMNS if not each.input or each.name in asked)


def wording_of(kpi: KpiText) -> str:
    theme = f"Theme {kpi.theme_number}: {kpi.theme}\n" if kpi.theme else ""
    return f"{theme}Milestone: {kpi.milestone}\nKPI: {kpi.text}\nTarget: {kpi.target}"


def counts_of(kpi: KpiText) -> str:
    """From which answer on it counts, in what a figure is stated, and the guidance."""
    reading = kpi.reading
    if reading.source is Source.STATUS and reading.counts_from:
        return f"Counts from “{reading.counts_from.label}” on. {reading.guidance}"
    if reading.source is Source.FIGURES and reading.measure is not Measure.SHARE:
        kind = "Counted in" if reading.measure is Measure.SUM else "Unit"
        return f"{kind}: {unit_words(reading.measure, reading.unit)}. {reading.guidance}"
    return reading.guidance


def states_of(found: Return, sheets: Iterable[Sheet]) -> dict[str, tuple[str, str]]:
    """Key of an answer -> the token of its state, and the digest of its cells."""
    states = {answer_key(item.kpi.code, each.plan_year): each.token for item in found.items for each in item.threads}
    return {line.key: (states[line.key], line.digest) for sheet in sheets for line in sheet.lines if line.key}
