"""One Member on one page: where it counts, where not, where it is silent. Its rank is never shown."""

from collections import Counter
from collections.abc import Iterator, Mapping

from reporting.achievement import Result
from reporting.presentation import target_words, value_words
from workplan.tree import KpiText

from .blocks import Block, Cell, Column, ColumnBreak, Columns, Document, Heading, Paragraph, Row, Section, Table
from .source import Source, area_heading

MOST = 84
"""So many rows fit a page, in two columns."""
FEW = 58
"""So many do where each has two lines."""
WIDE = {1: 30, 2: 56}
"""So many letters of a milestone fit one line, and two."""
ORDER = ("counted", "pending", "not_counted", "unanswered", "being_corrected", "not_applicable")
SAID = {
    "counted": "counts",
    "pending": "sent, not decided yet",
    "not_counted": "answered, does not count",
    "unanswered": "has not answered",
    "being_corrected": "being corrected",
    "not_applicable": "does not apply",
}
COLUMNS = (Column("KPI", 15), Column("Milestone", 44), Column("Region", 15, numbers=True), Column("Member", 26))
SUMMED = ("Counts", "Pending", "Does not count", "Silent", "Being corrected", "Does not apply")
SUMMARY = tuple(Column(title, 1, numbers=True) for title in SUMMED)


def states_of(results: Mapping[str, Result], member: str) -> dict[str, str]:
    """KPI -> the Member's state on it, of those that name Members and ask it."""
    found = {}
    for code, result in results.items():
        state = next((name for name in ORDER if member in getattr(result, name)), None)
        if state:
            found[code] = state
    return found


def document(
    source: Source, member: str, states: Mapping[str, str], region: Mapping[str, Result], region_words: str
) -> Document:
    """``states``: where the Member stands. ``region``: the figures beside, of which ``region_words`` says what they
    are; they may be of another date, or of none."""
    name = source.names[member]
    shown = tuple(blocks(source, name, states, region, region_words))
    return Document(f"Scorecard of {name} ({member})", source.about(), shown, tight=lines_for(states))


def lines_for(states: Mapping[str, str]) -> int:
    """How many lines a KPI has on the page."""
    return 2 if len(states) <= FEW else 1


def blocks(
    source: Source, name: str, states: Mapping[str, str], region: Mapping[str, Result], region_words: str
) -> Iterator[Block]:
    counts = Counter(states.values())
    yield Paragraph(
        f"{name} counts for {counts['counted']} of the {len(states)} KPIs that ask it, as at {source.day}. "
        f"{sentence(counts)} {region_words}"
    )
    yield Heading(1, "By focus area")
    yield Table("", (Column("Focus area", 4), *SUMMARY), tuple(summary(source, states)), sheet="Summary")
    yield Heading(1, "KPI by KPI" if len(states) <= MOST else "By objective")
    yield Columns()
    if not states:
        return
    if len(states) <= MOST:
        yield from halves(list(kpi_rows(source, states, region)))
    else:
        yield Table("", (Column("Objective", 4), *SUMMARY), tuple(by_objective(source, states)), sheet="By objective")


def sentence(counts: Mapping[str, int]) -> str:
    said = [f"{counts[state]} {SAID[state]}" for state in ORDER[1:] if counts.get(state)]
    return f"Of the others: {'; '.join(said)}." if said else "There are no others."


def summary(source: Source, states: Mapping[str, str]) -> Iterator[Row]:
    for area in source.report.plan.focus_areas:
        yield counted_row(area_heading(area), [kpi.code for kpi in area.kpis], states)


def by_objective(source: Source, states: Mapping[str, str]) -> Iterator[Row]:
    for area in source.report.plan.focus_areas:
        for objective in area.objectives:
            codes = [kpi.code for kpi in objective.kpis]
            yield counted_row(f"{objective.code} {short(objective.title)}", codes, states)


def counted_row(name: str, codes: list[str], states: Mapping[str, str]) -> Row:
    found = Counter(states[code] for code in codes if code in states)
    numbers = (found[state] for state in ORDER)
    return Row((Cell(name), *(Cell(number) for number in numbers)))


def halves(rows: list[Row | Section]) -> Iterator[Block]:
    """On paper half of them in each column of the page; in a workbook one sheet."""
    middle = -(-len(rows) // 2)
    if isinstance(rows[middle - 1], Section):
        middle -= 1
    caption = "Each KPI that asks the Member"
    yield Table(caption, COLUMNS, tuple(rows), sheet="KPI by KPI", only="workbook")
    yield Table("", COLUMNS, tuple(rows[:middle]), only="paper")
    yield ColumnBreak()
    yield Table("", COLUMNS, tuple(rows[middle:]), only="paper")


def kpi_rows(source: Source, states: Mapping[str, str], region: Mapping[str, Result]) -> Iterator[Row | Section]:
    wide = WIDE[lines_for(states)]
    for area in source.report.plan.focus_areas:
        found = [kpi for kpi in area.kpis if kpi.code in states]
        if found:
            yield Section(short(area_heading(area), 60))
        for kpi in found:
            yield kpi_row(kpi, states[kpi.code], region.get(kpi.code), wide)


def kpi_row(kpi: KpiText, state: str, result: Result | None, wide: int) -> Row:
    beside = f"{value_words(kpi, result.value)} of {target_words(kpi)}" if result else "–"
    return Row((Cell(kpi.code), Cell(short(kpi.milestone, wide)), Cell(beside), Cell("", state)))


def short(text: str, most: int = 44) -> str:
    """The first words of a text."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    return f"{text[:most].rpartition(' ')[0] or text[:most]} …"
