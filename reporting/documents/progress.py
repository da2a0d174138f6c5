"""The progress report: where the region stands, focus area by focus area with what its co-coordinators say, what moved
and why, how good the data are, and every figure in an annex."""

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal

from members.numbers import counted
from reporting.achievement import Status
from reporting.moves import Move
from reporting.presentation import (
    GOOD,
    bullet,
    percent_words,
    tally,
)
from reporting.reasons import Change, changes
from reporting.report import Report
from workplan.tree import FocusAreaText, KpiText

from . import quality
from .blocks import Block, Cell, Column, Document, Heading, PageBreak, Paragraph, Row, Section, Table
from .drawing import bars, bullets
from .figures import target_words, value_words
from .source import Source, area_heading, co_coordinators, number_cell, objective_heading

GROUPS = {
    "Achieved or reached": (Status.ACHIEVED, Status.REACHED),
    "On track": (Status.ON_TRACK,),
    "At risk": (Status.AT_RISK,),
    "Off track or not achieved": (Status.OFF_TRACK, Status.NOT_ACHIEVED),
    "No data yet": (Status.NO_DATA,),
    "Not begun": (Status.NOT_BEGUN,),
}
BEHIND = (Status.AT_RISK, Status.OFF_TRACK, Status.NOT_ACHIEVED)
SUMMARY = (
    Column("Focus area", 36),
    Column("KPIs", 7, numbers=True),
    *(Column(name, 9, numbers=True) for name in ("Reached", "On track", "At risk", "Off track", "No data")),
    Column("Not begun", 10, numbers=True),
)
LISTED = (
    Column("Code", 10),
    Column("Milestone and KPI", 46),
    Column("Value", 9, numbers=True),
    Column("Target", 9, numbers=True),
    Column("Expected", 9, numbers=True),
    Column("Status", 17),
)
MOVED = (
    Column("Code", 13),
    Column("Milestone", 24),
    Column("Was", 10, numbers=True),
    Column("Status then", 15),
    Column("Is", 10, numbers=True),
    Column("Status now", 15),
    Column("Why", 31),
)
MOST_NAMED = 8
"""So many stand behind a reason by name; the data of a release name all."""
ANNEX = (
    Column("Code", 13),
    Column("Milestone and KPI", 33),
    Column("Target", 15),
    Column("Baseline", 11, numbers=True),
    Column("Value", 11, numbers=True),
    Column("Percent", 10, numbers=True),
    Column("Status", 18),
    Column("Comment", 15),
)


def document(source: Source) -> Document:
    return Document(source.titled("Progress report"), source.about(), tuple(blocks(source)))


def blocks(source: Source) -> Iterator[Block]:
    yield from overview(source)
    for area in source.report.plan.focus_areas:
        yield PageBreak()
        yield from focus_area(source, area)
    yield PageBreak()
    yield from moved(source)
    yield Heading(1, "How good the data are")
    yield from quality.blocks(source)
    yield PageBreak()
    yield Heading(1, "Annex: every KPI")
    yield Table("", ANNEX, tuple(annex(source.report)), sheet="Annex")


def headline(report: Report, kpis: Iterable[KpiText]) -> tuple[int, int]:
    """How many targets are reached or on track, of how many."""
    counts = report.statuses(kpis)
    return sum(counts.get(status, 0) for status in GOOD), sum(counts.values())


# ---------------------------------------------------------------- the region


def overview(source: Source) -> Iterator[Block]:
    report = source.report
    good, total = headline(report, report.plan.kpis)
    statuses = report.statuses(report.plan.kpis)
    yield Heading(1, f"{good} of {total} targets{source.of_areas} are reached or on track")
    said = ", ".join(f"{grouped(statuses, group)} {name.lower()}" for name, group in GROUPS.items())
    yield Paragraph(f"As at {source.day}: {said}. The deliverables are due on {report.plan.deliverable_date:%d.%m.%y}.")
    rows = [(f"Focus Area {area.code}", tally(report.statuses(area.kpis))) for area in report.plan.focus_areas]
    if len(rows) > 1:
        rows.insert(0, ("All", tally(statuses)))
    yield bars(rows, "; ".join(f"{name}: {drawn['words']}" for name, drawn in rows))
    yield Table("KPIs of each focus area by status", SUMMARY, tuple(summary(report)), sheet="Summary")


def grouped(counts: Mapping[Status, int], group: Iterable[Status]) -> int:
    return sum(counts.get(status, 0) for status in group)


def summary(report: Report) -> Iterator[Row]:
    for area in report.plan.focus_areas:
        yield summary_row(area_heading(area), report.statuses(area.kpis))
    if len(report.plan.focus_areas) > 1:
        yield summary_row("All", report.statuses(report.plan.kpis), strong=True)


def summary_row(name: str, counts: Mapping[Status, int], *, strong: bool = False) -> Row:
    numbers = [sum(counts.values()), *(grouped(counts, group) for group in GROUPS.values())]
    return Row((Cell(name, strong=strong), *(Cell(number, strong=strong) for number in numbers)))


# ---------------------------------------------------------------- one focus area


def focus_area(source: Source, area: FocusAreaText) -> Iterator[Block]:
    report = source.report
    good, total = headline(report, area.kpis)
    yield Heading(1, area_heading(area))
    yield Paragraph(f"{good} of {total} targets are reached or on track.")
    if owners := co_coordinators(source, area):
        yield Paragraph(owners, small=True)
    if told := report.narratives.get(area.code):
        yield Heading(2, "What the co-coordinators say")
        yield from (Paragraph(part) for part in told.split("\n") if part.strip())
    behind = [kpi for kpi in area.kpis if report.results[kpi.code].status in BEHIND]
    if behind:
        yield Heading(2, f"{counted(len(behind), 'target')} at risk or off track", only="paper")
        yield behind_chart(report, behind)
    yield Heading(2, "Every target by its status", only="paper")
    yield Table("", LISTED, tuple(by_status(report, area)), only="paper")


def behind_chart(report: Report, kpis: list[KpiText]) -> Block:
    rows = []
    for kpi in kpis:
        result = report.results[kpi.code]
        said = f"{value_words(kpi, result.value)} of {target_words(kpi)}"
        rows.append((kpi.code, bullet(kpi, result), result.status.value, said))
    return bullets(rows, "; ".join(f"{code}: {drawn.words}" for code, drawn, _, _ in rows))


def by_status(report: Report, area: FocusAreaText) -> Iterator[Row | Section]:
    for name, group in GROUPS.items():
        found = [kpi for kpi in area.kpis if report.results[kpi.code].status in group]
        if found:
            yield Section(f"{name}: {len(found)}")
        yield from (listed_row(report, kpi) for kpi in found)


def listed_row(report: Report, kpi: KpiText) -> Row:
    result = report.results[kpi.code]
    return Row(
        (
            Cell(kpi.code, strong=True),
            Cell(f"{kpi.milestone}\n{kpi.text}"),
            number_cell(kpi, result.value),
            number_cell(kpi, kpi.reading.target),
            number_cell(kpi, result.expected),
            Cell("", result.status.value),
        )
    )


# ---------------------------------------------------------------- what moved


def moved(source: Source) -> Iterator[Block]:
    if source.before is None:
        yield Heading(1, "What moved")
        yield Paragraph("There is no earlier release to compare with.")
        return
    found = [each for each in changes(source.before, source.report) if within(source, source.before, each.move)]
    yield Heading(1, f"{counted(len(found), 'figure')} moved since {source.before_words}")
    if not found:
        yield Paragraph("No value and no status differs.")
        return
    if begun := sum(each.move.begun for each in found):
        last = "It stands" if begun == 1 else "They stand"
        yield Paragraph(f"{begun} of them had not begun then. {last} last.")
    slips = sum(each.move.slipped for each in found)
    marked = f"{counted(slips, 'value')} fell. An arrow down marks {'it' if slips == 1 else 'them'}."
    yield Paragraph(marked if slips else "No value fell.")
    ordered = sorted(found, key=lambda each: (each.move.begun, not each.move.slipped))
    yield Table("", MOVED, tuple(moved_rows(source, source.before, ordered)), sheet="What moved")


def within(source: Source, before: Report, move: Move) -> bool:
    """Where the report has some focus areas alone, what stands in another one is none of its. A focus area that the
    whole plan does not have any more left it."""
    if move.now is not None:
        return any(kpi.code == move.code for kpi in source.report.plan.kpis)
    own = {area.code for area in source.report.plan.focus_areas}
    areas = (area for area in before.plan.focus_areas if area.code in own or not source.covers)
    return any(kpi.code == move.code for area in areas for kpi in area.kpis)


def moved_rows(source: Source, before: Report, found: list[Change]) -> Iterator[Row]:
    olds, news = ({kpi.code: kpi for kpi in each.plan.kpis} for each in (before, source.report))
    for change in found:
        code = change.move.code
        yield moved_row(change.move, olds.get(code), news.get(code), why(source, change))


def why(source: Source, change: Change) -> str:
    """Each reason on a line; with the Members' names, or how many they are. A value that fell is marked."""
    known = {"names": source.names, "titles": change.titles}
    told = [each.words(named=source.named, most=MOST_NAMED, **known) for each in change.reasons]
    return "\n".join(["↓ less", *told] if change.move.slipped else told)


def moved_row(move: Move, old: KpiText | None, new: KpiText | None, why: str) -> Row:
    text = new or old
    return Row(
        (
            Cell(move.code, strong=True),
            Cell(text.milestone if text else ""),
            number_cell(old, move.before.value) if old and move.before else Cell("new"),
            Cell("", move.before.status.value if move.before else ""),
            number_cell(new, move.now.value) if new and move.now else Cell("retired"),
            Cell("", move.now.status.value if move.now else ""),
            Cell(why),
        )
    )


# ---------------------------------------------------------------- the annex


def annex(report: Report) -> Iterator[Row | Section]:
    for area in report.plan.focus_areas:
        for objective in area.objectives:
            yield Section(objective_heading(objective.code, objective.title))
            yield from (annex_row(report, kpi) for kpi in objective.kpis)


def annex_row(report: Report, kpi: KpiText) -> Row:
    result = report.results[kpi.code]
    return Row(
        (
            Cell(kpi.code, strong=True),
            Cell(f"{kpi.milestone}\n{kpi.text}"),
            Cell(kpi.target),
            number_cell(kpi, result.baseline),
            number_cell(kpi, result.value),
            Cell(percent_words(None) if result.percent is None else result.percent.quantize(Decimal("0.1"))),
            Cell("", result.status.value),
            Cell(report.comments.get(kpi.code, "")),
        )
    )
