"""The open questions on readings: where the words of a target leave a choice, how it is read until somebody decides."""

from collections.abc import Iterator

from reporting.explanation import rule_in_words
from reporting.facts import rule_of
from reporting.presentation import day_words
from workplan.agreement import differences
from workplan.tree import KpiText

from .blocks import Block, Cell, Column, Document, Heading, Paragraph, Row, Section, Table
from .source import Source, area_heading, number_cell

OPEN = (
    Column("Code", 8),
    Column("In the plan’s words", 28),
    Column("Target", 13),
    Column("Counted as follows", 28),
    Column("What is to be decided", 30),
    Column("Value by this reading", 10),
)
DECIDED = (
    Column("Code", 8),
    Column("Target", 16),
    Column("Counted as follows", 34),
    Column("Decided by", 14),
    Column("On", 8),
    Column("Why", 26),
)


def document(source: Source) -> Document:
    return Document(source.titled("Open questions on readings"), source.about(), tuple(blocks(source)), landscape=True)


def blocks(source: Source) -> Iterator[Block]:
    kpis = list(source.report.plan.kpis)
    still_open = sum(kpi.reading.unconfirmed for kpi in kpis)
    if still_open:
        yield Paragraph(
            f"{still_open} of {len(kpis)} KPIs{source.of_areas} are counted by a reading that nobody has confirmed. "
            "The words of their targets leave a choice. Each is counted as written here until the secretariat decides; "
            "another decision may move its figure."
        )
        yield Heading(1, f"{still_open} open question{'' if still_open == 1 else 's'}")
        yield Table("", OPEN, tuple(open_rows(source)), sheet="Open questions")
    else:
        yield Paragraph("No question is open: every reading is confirmed, or leaves no choice.")
    if decided := [kpi for kpi in kpis if kpi.reading.confirmed_at]:
        yield Heading(1, f"{len(decided)} decided")
        yield Table("", DECIDED, tuple(decided_row(source, kpi) for kpi in decided), sheet="Decided")


def open_rows(source: Source) -> Iterator[Row | Section]:
    for area in source.report.plan.focus_areas:
        found = [kpi for kpi in area.kpis if kpi.reading.unconfirmed]
        if found:
            yield Section(area_heading(area))
        for kpi in found:
            yield open_row(source, kpi)


def open_row(source: Source, kpi: KpiText) -> Row:
    result = source.report.results[kpi.code]
    asked = "\n".join((*differences(kpi.target, kpi.reading), kpi.reading.note))
    value = number_cell(kpi, result.value)
    return Row(
        (
            Cell(kpi.code, strong=True),
            Cell(f"{kpi.milestone}\nKPI: {kpi.text}"),
            Cell(kpi.target),
            Cell(rule_in_words(rule_of(kpi.reading))),
            Cell(source.hushed(asked.strip())),
            Cell(value.value, result.status.value),
        )
    )


def decided_row(source: Source, kpi: KpiText) -> Row:
    reading = kpi.reading
    day = reading.confirmed_at.date() if reading.confirmed_at else None
    return Row(
        (
            Cell(kpi.code, strong=True),
            Cell(kpi.target),
            Cell(rule_in_words(rule_of(reading))),
            Cell(reading.confirmed_by),
            Cell(day_words(day) if day else ""),
            Cell(source.hushed(reading.confirmed_why)),
        )
    )
