"""The work plan in its published table layout, with the Baseline / Deliverable and the Comments columns filled."""

from collections.abc import Iterator

from reporting.presentation import day_words
from reporting.report import Report
from workplan.tree import FocusAreaText, KpiText

from .blocks import Block, Cell, Column, Document, Heading, Paragraph, Row, Section, Table
from .figures import target_words, value_words
from .source import Source, area_heading, co_coordinators, every_year, milestone_words, objective_heading

COLUMNS = (
    Column("Specific Actions", 14),
    Column("Milestones", 21),
    Column("Responsible", 10),
    Column("All KPI", 12),
    Column("Target", 10),
    Column("Baseline / Deliverable", 19),
    Column("Comments", 18),
)
MET = {True: "met", False: "not met", None: "so far"}


def document(source: Source) -> Document:
    return Document(source.titled("Work Plan"), source.about(), tuple(blocks(source)), landscape=True)


def blocks(source: Source) -> Iterator[Block]:
    for area in source.report.plan.focus_areas:
        yield Heading(1, area_heading(area))
        if owners := co_coordinators(source, area):
            yield Paragraph(owners)
        yield Table("", COLUMNS, tuple(rows(source.report, area)), sheet=f"Focus Area {area.code}")
    yield figures(source)


def rows(report: Report, area: FocusAreaText) -> Iterator[Row | Section]:
    for objective in area.objectives:
        yield Section(objective_heading(objective.code, objective.title))
        for action in objective.actions:
            first, before = f"{action.code} {action.title}", None
            for kpi in action.kpis:
                yield Row(tuple(cells(report, kpi, before, first)))
                first, before = action.code, kpi


def cells(report: Report, kpi: KpiText, before: KpiText | None, action: str) -> Iterator[Cell]:
    """As the plan prints a row: what it shares with the row above stands there in full, and here by its code, so that
    a page may begin with any row."""
    same = before is not None and before.milestone_code == kpi.milestone_code
    same_theme = before is not None and before.theme_number == kpi.theme_number
    yield Cell(action)
    yield Cell(kpi.milestone_code if same else milestone_words(kpi, themed=not same_theme))
    yield Cell(kpi.responsible)
    yield Cell(kpi.text)
    yield Cell(kpi.target)
    yield Cell("\n".join(deliverable(report, kpi)), report.results[kpi.code].status.value)
    yield Cell(report.comments.get(kpi.code, ""))


def deliverable(report: Report, kpi: KpiText) -> Iterator[str]:
    """The plan's two lines with their figures; of a KPI counted each year every plan year."""
    result, plan = report.results[kpi.code], report.plan
    known = "unknown" if result.baseline is None else value_words(kpi, result.baseline)
    yield f"Baseline at {day_words(plan.baseline_date)}: {known}"
    due = f"Deliverable for {day_words(plan.deliverable_date)}"
    as_at = "" if report.as_of >= plan.deliverable_date else f" as at {day_words(report.as_of)}"
    if result.value is None:
        yield f"{due}: no value{as_at}"
    elif every_year(kpi):
        yield f"{due}:"
        for year in result.years:
            yield f"{year.year}: {value_words(kpi, year.value)} of {target_words(kpi)}, {MET[year.met]}"
    else:
        yield f"{due}: {value_words(kpi, result.value)} of {target_words(kpi)}{as_at}"
    if result.value is not None and result.up_to > len(result.counted):
        yield f"Up to {result.up_to}: {len(result.pending)} pending, {len(result.unanswered)} silent"


# ---------------------------------------------------------------- the same as numbers

FIGURES = (
    *(Column(title, 8) for title in ("Code", "Focus area", "Objective")),
    Column("Milestone", 30),
    Column("KPI", 20),
    Column("Target in words", 22),
    *(Column(title, 8, numbers=True) for title in ("Target", "Baseline", "Value", "Percent", "Expected", "Progress")),
    Column("Unit", 12),
    Column("Status", 14),
    *(Column(title, 8, numbers=True) for title in ("Count", "Pending", "Silent", "Not applicable")),
    Column("Years met", 10),
    Column("Reading", 14),
)


def figures(source: Source) -> Table:
    """Every KPI as a row of real numbers, to be sorted and counted with."""
    report = source.report
    found = (
        Row(tuple(figure_cells(report, area.code, objective.code, kpi)))
        for area in report.plan.focus_areas
        for objective in area.objectives
        for kpi in objective.kpis
    )
    return Table("The figures of all KPIs", FIGURES, tuple(found), sheet="Figures", only="workbook")


def figure_cells(report: Report, area: str, objective: str, kpi: KpiText) -> Iterator[Cell]:
    result = report.results[kpi.code]
    yield from (Cell(text) for text in (kpi.code, area, objective, kpi.milestone, kpi.text, kpi.target))
    yield Cell(kpi.reading.target)
    numbers = (result.baseline, result.value, result.percent, result.expected, result.progress)
    yield from (Cell("" if number is None else number) for number in numbers)
    yield Cell(kpi.reading.unit)
    yield Cell("", result.status.value)
    lists = (result.counted, result.pending, result.unanswered, result.not_applicable)
    yield from (Cell(len(codes) if result.members else "") for codes in lists)
    yield Cell(f"{result.years_met} of {len(result.years)}" if every_year(kpi) else "")
    yield Cell("unconfirmed" if kpi.reading.unconfirmed else "")
