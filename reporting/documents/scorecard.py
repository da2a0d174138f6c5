"""One Member on one page: where it counts, where not, where it is silent. Its rank is never shown."""

from collections import Counter
from collections.abc import Iterator, Mapping

from reporting.achievement import Result, Status
from reporting.report import Report
from workplan.tree import FocusAreaText, KpiText

from .blocks import Block, Cell, Column, Document, Heading, Paragraph, Row, Section, Table
from .figures import target_words, value_words
from .source import Source, area_heading
from .wrapping import letters, wrapped

MOST = 76
"""So many KPIs fit a page, with one line for each."""
ROOM = 90
"""So many lines do."""
LINE, SECTION = 72, 130
"""So many letters of a milestone stand on a line, and of a section."""
ORDER = ("counted", "pending", "not_counted", "unanswered", "being_corrected", "not_applicable")
SAID = {
    "counted": "counts",
    "pending": "sent, not decided yet",
    "not_counted": "answered and not counted",
    "unanswered": "not answered",
    "being_corrected": "being corrected",
    "not_applicable": "not applicable",
}
COLUMNS = (
    Column("KPI", 8),
    Column("Milestone", 52.6),
    Column("Region", 11.6, numbers=True),
    Column("Region’s status", 13.6),
    Column("Member", 14.2),
)
SUMMED = ("Counts", "Pending", "Does not count", "Silent", "Being corrected", "Does not apply")
OBJECTIVES = (Column("Objective", 4), *(Column(title, 1, numbers=True) for title in SUMMED))
NOT_RELEASED = (Cell("–"), Cell("not released"))

Beside = Mapping[str, tuple[Cell, Cell]]
"""KPI -> what the region is of its target, and its status."""


def states_of(results: Mapping[str, Result], member: str) -> dict[str, str]:
    """KPI -> the Member's state on it, of those that name Members and ask it. Before the plan begins nobody is asked of
    what is not standing."""
    found = {}
    for code, result in results.items():
        if result.status is Status.NOT_BEGUN:
            continue
        state = next((name for name in ORDER if member in getattr(result, name)), None)
        if state:
            found[code] = state
    return found


def document(
    source: Source, member: str, states: Mapping[str, str], region: Report | None, region_words: str
) -> Document:
    """``states``: where the Member stands. ``region``: the report whose figures stand beside, of which ``region_words``
    says what they are; it may be of another date, or there is none."""
    name = source.names[member]
    shown = tuple(blocks(source, name, states, beside(region) if region else {}, region_words))
    areas = f", {source.covers}" if source.covers else ""
    return Document(f"Scorecard of {name} ({member}){areas}", source.about(), shown, tight=True)


def beside(region: Report) -> Beside:
    """By the targets that the region's figures were counted against: these may be amended since."""
    return {kpi.code: of_region(kpi, region.results[kpi.code]) for kpi in region.plan.kpis}


def of_region(kpi: KpiText, result: Result) -> tuple[Cell, Cell]:
    return Cell(f"{value_words(kpi, result.value)} of {target_words(kpi)}"), Cell("", result.status.value)


def blocks(source: Source, name: str, states: Mapping[str, str], region: Beside, words: str) -> Iterator[Block]:
    counts = Counter(states.values())
    said = "; ".join(others(counts))
    yield Paragraph(
        f"{name} counts for {counts['counted']} of the {len(states)} KPIs{source.of_areas} that ask it, "
        f"as at {source.day}. "
        f"{f'Of the others: {said}.' if said else 'There are no others.'} {words}"
    )
    if len(states) > MOST:
        yield Heading(1, "By objective")
        yield Table("", OBJECTIVES, tuple(by_objective(source, states)))
    elif states:
        yield Heading(1, "KPI by KPI")
        yield Table("", COLUMNS, tuple(by_kpi(source, states, region)))


def others(counts: Mapping[str, int]) -> Iterator[str]:
    return (f"{counts[state]} {SAID[state]}" for state in ORDER[1:] if counts.get(state))


def sections(source: Source, states: Mapping[str, str]) -> Iterator[tuple[FocusAreaText, Section]]:
    """The focus areas that ask the Member, each with what it is asked there."""
    for area in source.report.plan.focus_areas:
        counts = Counter(states[kpi.code] for kpi in area.kpis if kpi.code in states)
        if counts:
            said = "; ".join([f"counts for {counts['counted']} of {counts.total()}", *others(counts)])
            yield area, Section(f"{short(area_heading(area), 60)}: {said}")


def by_objective(source: Source, states: Mapping[str, str]) -> Iterator[Row | Section]:
    for area, section in sections(source, states):
        yield section
        for objective in area.objectives:
            found = Counter(states[kpi.code] for kpi in objective.kpis if kpi.code in states)
            name = Cell(f"{objective.code} {short(objective.title, 2 * LINE)}")
            yield Row((name, *(Cell(found[state]) for state in ORDER)))


def by_kpi(source: Source, states: Mapping[str, str], region: Beside) -> Iterator[Row | Section]:
    found = [(section, [kpi for kpi in area.kpis if kpi.code in states]) for area, section in sections(source, states)]
    room = ROOM - sum(wrapped(section.text, SECTION) for section, _ in found)
    milestones = iter(fitting([flat(kpi.milestone) for _, kpis in found for kpi in kpis], room))
    for section, kpis in found:
        yield section
        for kpi in kpis:
            figure = region.get(kpi.code, NOT_RELEASED)
            yield Row((Cell(kpi.code), Cell(next(milestones)), *figure, Cell("", states[kpi.code])))


def fitting(texts: list[str], room: int) -> Iterator[str]:
    """The texts on so many lines. Where they need more, those are cut that lose the fewest letters."""
    lines = [wrapped(text, LINE) for text in texts]
    cuts = sorted((letters(texts[place]) - LINE * kept, place)
                  for place, needed in enumerate(lines) for kept in range(1, needed))  # fmt: skip
    cut = Counter(place for _, place in cuts[: max(0, sum(lines) - room)])
    for place, text in enumerate(texts):
        kept = LINE * (lines[place] - cut[place])
        yield short(text, kept * len(text) // letters(text)) if cut[place] else text


def flat(text: str) -> str:
    return " ".join(text.split())


def short(text: str, most: int) -> str:
    """The first words of a text."""
    text = flat(text)
    if len(text) <= most:
        return text
    return f"{text[:most].rpartition(' ')[0] or text[:most]} …"
