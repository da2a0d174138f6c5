"""What the progress report says of its own data: who is silent, what has no data, what was not renewed, what is in
doubt. All of it stands in the report."""

from collections import Counter
from collections.abc import Iterator
from datetime import date

from members.numbers import counted
from reporting.explanation import how_many
from reporting.presentation import MOST_SQUARES, day_words, squares
from reporting.report import Report, Returns
from workplan.choices import Source as From
from workplan.tree import KpiText

from .blocks import Block, Bullets, Cell, Column, Heading, Paragraph, Row, Table
from .drawing import member_squares
from .source import Source

GROUPS = (
    Column("Group", 24),
    *(Column(name, 12, numbers=True) for name in ("Members asked", "All answered", "A part", "Nothing yet")),
)
LEFT_OUT = (Column("Code", 10), Column("What was left out, and why", 70), Column("Records", 10, numbers=True))
FIRST = 10
STATES = {"y": "answered everything", "h": "answered a part", "s": "answered nothing yet"}


def blocks(source: Source) -> Iterator[Block]:
    if source.report.returns:
        yield from answered(source, source.report.returns)
    yield Heading(2, "What is missing or in doubt")
    yield Bullets(tuple(notes(source)) or ("Nothing was found.",))
    found = list(left_out(source))
    if found:
        yield Heading(2, "What was recorded and not counted")
        yield Table("", LEFT_OUT, tuple(found), sheet="Not counted")


# ---------------------------------------------------------------- who has answered


def answered(source: Source, returns: Returns) -> Iterator[Block]:
    report = source.report
    members = [each for each in report.members() if each.code in returns.asked]
    states = {each.code: state_of(returns, each.code) for each in members}
    counts = Counter(states.values())
    on = f" on {source.covers}" if source.covers else ""
    have = f"{len(members) - counts['s']} of {len(members)} Members have answered{on}"
    yield Heading(2, f"{have} as at {day_words(returns.as_at)}")
    drawn = squares(members, {code: (state, STATES[state]) for code, state in states.items()}, {}, None, "yh")
    if not source.named:  # of a group in which all have answered, or none, the number would name them
        drawn = [{"name": "All Members", "squares": [square for group in drawn for square in group["squares"]]}]
    if len(members) <= MOST_SQUARES:
        said = "; ".join(f"{counts[state]} {words}" for state, words in STATES.items())
        yield member_squares(drawn, f"{returns.round}, one square per Member: {said}", named=source.named)
    yield Table(
        f"{returns.round}: who has answered{', by group' if source.named else ''}",
        GROUPS,
        tuple(group_row(each) for each in drawn),
        sheet="Answers",
    )
    silent = [code for code, state in states.items() if state == "s"]
    if silent:
        yield Paragraph(f"Nothing yet from {source.listed(silent)}.")


def state_of(returns: Returns, code: str) -> str:
    sent = returns.sent.get(code, 0)
    return "y" if sent >= returns.asked[code] else "h" if sent else "s"


def group_row(group: dict[str, list[dict[str, str]]]) -> Row:
    found = Counter(each["state"] for each in group["squares"])
    numbers = (len(group["squares"]), found["y"], found["h"], found["s"])
    return Row((Cell(str(group["name"])), *(Cell(number) for number in numbers)))


# ---------------------------------------------------------------- what is missing or in doubt


def notes(source: Source) -> Iterator[str]:
    report = source.report
    kpis = list(report.plan.kpis)
    if found := [kpi.code for kpi in kpis if report.results[kpi.code].value is None]:
        yield f"{counted(len(found), 'KPI has', 'KPIs have')} no value: {', '.join(found)}."
    if found := [kpi.code for kpi in kpis if kpi.reading.unconfirmed]:
        yield f"{counted(len(found), 'reading is', 'readings are')} not confirmed: {', '.join(found)}."
    yield from waiting(report, kpis)
    yield from unrenewed(report, kpis)
    yield from without_base(source, kpis)


def waiting(report: Report, kpis: list[KpiText]) -> Iterator[str]:
    for name, words in (
        ("pending", "not decided yet"),
        ("unanswered", "silent"),
        ("being_corrected", "being corrected"),
    ):
        found = [(kpi.code, len(getattr(report.results[kpi.code], name))) for kpi in kpis]
        yield from most([each for each in found if each[1]], f"Members {words}")


def most(found: list[tuple[str, int]], words: str) -> Iterator[str]:
    """How many in all, and on which KPIs most of them."""
    if found:
        first = sorted(found, key=lambda each: -each[1])[:FIRST]
        named = ", ".join(f"{code} ({many})" for code, many in first)
        total, kpis = sum(many for _, many in found), counted(len(found), "KPI")
        yield f"{words}: {total:,} on {kpis}{', most of them on' if len(found) > FIRST else ':'} {named}."


def unrenewed(report: Report, kpis: list[KpiText]) -> Iterator[str]:
    """Of statuses that count and were last stated before the latest closed round; where the report explains them."""
    last = max(
        (each.as_at for each in report.rounds if each.state == "closed" and each.as_at <= report.as_of), default=None
    )
    if last is None:
        return
    found = [(kpi.code, many) for kpi in kpis if (many := stale(report, kpi, last))]
    yield from most(found, f"Statuses that count and were not renewed as at {day_words(last)}")


def stale(report: Report, kpi: KpiText, last: date) -> int:
    explanation = report.explanations.get(kpi.code)
    if explanation is None or kpi.reading.source is not From.STATUS:
        return 0
    lines = (line for line in explanation.lines if line.kind == "member" and line.state == "counted")
    return sum(line.day is not None and line.day < last for line in lines)


def without_base(source: Source, kpis: list[KpiText]) -> Iterator[str]:
    for kpi in kpis:
        if codes := source.report.results[kpi.code].without_base:
            yield f"{kpi.code}: without a figure for the base year, so not counted: {source.listed(codes)}."


# ---------------------------------------------------------------- what was left out


def left_out(source: Source) -> Iterator[Row]:
    """Activities, arrangements and figures that do not count, by the reason; no record is named."""
    for kpi in source.report.plan.kpis:
        explanation = source.report.explanations.get(kpi.code)
        lines = explanation.lines if explanation else ()
        reasons: Counter[str] = Counter()
        for line in lines:
            if line.kind != "member" and line.state != "counted" and line.why:
                reasons[line.why] += how_many(line)
        for why, many in reasons.items():
            yield Row((Cell(kpi.code, strong=True), Cell(source.hushed(why)), Cell(many)))
