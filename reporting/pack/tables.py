"""The data of a report as tables: each column with what it means, so that the data dictionary cannot say anything else
than what the files hold. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.achievement import Result, YearResult
from reporting.explanation import STATES, Line, how_many
from reporting.presentation import WORDS
from reporting.reasons import Change
from reporting.report import Report
from workplan.tree import ActionText, FocusAreaText, KpiText, ObjectiveText

FORMAT = 3
"""Of the files: it grows by one when what stands there can no longer be read as before, or when the same release gives
other words. 2: reasons are separated by |, and say who counts now and who counts no longer. 3: how many those stand
for, in numbers; other reasons."""
Value = str | int | bool | Decimal | date | None


@dataclass(frozen=True)
class Column:
    """``says``: what stands in it, with its unit and what it can be."""

    name: str
    says: str
    of: Callable[[Any], Value]


@dataclass(frozen=True)
class Table:
    """``name``: that of its file, without its ending."""

    name: str
    says: str
    columns: tuple[Column, ...]
    rows: tuple[Any, ...]

    def values(self) -> Iterator[list[Value]]:
        """The cells of each row, in the order of the columns."""
        return ([column.of(row) for column in self.columns] for row in self.rows)


@dataclass(frozen=True)
class Stamp:
    """A release: its number, as at when, and the checksum of its figures."""

    number: int
    as_at: date
    checksum: str


@dataclass(frozen=True)
class Head:
    """What a release is. ``before``: the one that moves are told against; ``named``: whether organisations stand by
    their code, or only how many there are of each kind; ``invented``: it holds demonstration data."""

    report: Report
    release: Stamp
    published: date
    before: Stamp | None = None
    named: bool = True
    invented: bool = False


@dataclass(frozen=True)
class Figure:
    """A KPI with its place in the plan and its result."""

    area: FocusAreaText
    objective: ObjectiveText
    action: ActionText
    kpi: KpiText
    result: Result
    comment: str


@dataclass(frozen=True)
class Year:
    code: str
    result: YearResult


@dataclass(frozen=True)
class Part:
    """One thing that a figure is made of, or that was left out of it."""

    code: str
    line: Line


@dataclass(frozen=True)
class Parts:
    """How many of a kind stand in one state."""

    code: str
    kind: str
    state: str
    many: int


@dataclass(frozen=True)
class Moved:
    change: Change
    head: Head

    def many(self, *turns: str) -> int:
        return sum(len(getattr(reason, turn)) for reason in self.change.reasons for turn in turns)

    @property
    def items_now(self) -> int:
        return sum(each.items or len(each.counts) for each in self.change.reasons)

    @property
    def items_no_longer(self) -> int:
        return sum(len(each.slips) + (each.gone or len(each.stopped)) for each in self.change.reasons)

    @property
    def items_more(self) -> int:
        return sum(each.step for each in self.change.reasons)


def tables(head: Head, changes: Iterable[Change]) -> tuple[Table, ...]:
    """All tables of a release; the first has one row, for the release. ``changes``: what moved since the one before."""
    report = head.report
    found = tuple(figures(report))
    by_code = {each.kpi.code: each for each in found}
    parts = tuple(Part(code, line) for code in by_code for line in lines_of(report, code))
    return (
        Table("about", "A row for the release itself; release.json begins with it.", ABOUT, (head,)),
        Table("figures", "A row for each KPI of the plan at the date, in its order.", FIGURES, found),
        Table("years", "A row for each plan year begun, of each KPI that is counted each year.", YEARS,
              tuple(Year(each.kpi.code, year) for each in found for year in each.result.years)),
        *((Table("organisations", "A row for each Member at the date.", ORGANISATIONS, tuple(report.members())),
           Table("behind", "A row for everything that a figure is made of or that was left out.", PARTS, parts),)
          if head.named else ()),
        Table("behind_counts", "A row for each kind and state of what a figure is made of, and how many there are.",
              PARTS_COUNTS, tuple(counts(parts))),
        Table("moved", "A row for each figure that moved since the release before, and why.", MOVED,
              tuple(Moved(change, head) for change in changes)),
    )  # fmt: skip


def figures(report: Report) -> Iterator[Figure]:
    for area in report.plan.focus_areas:
        for objective in area.objectives:
            for action in objective.actions:
                for kpi in action.kpis:
                    comment = report.comments.get(kpi.code, "")
                    yield Figure(area, objective, action, kpi, report.results[kpi.code], comment)


def lines_of(report: Report, code: str) -> tuple[Line, ...]:
    explanation = report.explanations.get(code)
    return explanation.lines if explanation else ()


def counts(parts: Iterable[Part]) -> Iterator[Parts]:
    many: Counter[tuple[str, str, str]] = Counter()
    for part in parts:
        many[part.code, part.line.kind, part.line.state] += how_many(part.line)
    return (Parts(*key, number) for key, number in many.items())


# ---------------------------------------------------------------- the columns

KPI = "code of the KPI, such as 1.1.3-2(a)"
STATUS = f"one of {', '.join(WORDS)}"

ABOUT = (
    Column("format", "of the files; it grows by one when what stands there can no longer be read as before",
           lambda _: FORMAT),
    Column("plan", "code of the plan", lambda row: row.report.plan.code),
    Column("plan_title", "title of the plan", lambda row: row.report.plan.title),
    Column("amendment", "number of the plan's latest amendment in force at the date; blank: as adopted",
           lambda row: row.report.plan.amendment),
    Column("release", "number of the release", lambda row: row.release.number),
    Column("title", "title of the release", lambda row: row.report.title),
    Column("as_at", "as at when its figures are, year-month-day", lambda row: row.report.as_of),
    Column("basis", "accepted: accepted answers count; reported: also those sent and not decided yet",
           lambda row: row.report.basis.value),
    Column("published", "the day on which it was published, year-month-day", lambda row: row.published),
    Column("provisional", "whether no round as at the date or later had closed: yes or no",
           lambda row: row.report.provisional),
    Column("members_named", "whether Members stand there by name, or only how many they are: yes or no",
           lambda row: row.named),
    Column("demonstration", "whether it holds demonstration data, which are invented: yes or no",
           lambda row: row.invented),
    Column("checksum", "SHA-256 of the figures that the release keeps, as its page and its documents say it",
           lambda row: row.release.checksum),
    Column("release_before", "number of the release that moved.csv compares it with; blank: there is none",
           lambda row: row.before and row.before.number),
    Column("as_at_before", "as at when the figures of that one are, year-month-day",
           lambda row: row.before and row.before.as_at),
    Column("checksum_before", "SHA-256 of the figures of that one", lambda row: row.before and row.before.checksum),
)  # fmt: skip
FIGURES = (
    Column("kpi", KPI, lambda row: row.kpi.code),
    Column("focus_area", "code of the focus area", lambda row: row.area.code),
    Column("focus_area_title", "title of the focus area", lambda row: row.area.title),
    Column("objective", "code of the objective", lambda row: row.objective.code),
    Column("objective_title", "title of the objective", lambda row: row.objective.title),
    Column("action", "code of the specific action", lambda row: row.action.code),
    Column("action_title", "title of the specific action", lambda row: row.action.title),
    Column("theme", "the numbered heading inside the specific action, where it has any", lambda row: row.kpi.theme),
    Column("milestone", "code of the milestone", lambda row: row.kpi.milestone_code),
    Column("milestone_text", "the milestone as the plan says it", lambda row: row.kpi.milestone),
    Column("text", "the KPI as the plan says it", lambda row: row.kpi.text),
    Column("target_text", "the target as the plan says it", lambda row: row.kpi.target),
    Column("responsible", "who is responsible, as the plan says it", lambda row: row.kpi.responsible),
    Column("source", "where the facts come from", lambda row: row.kpi.reading.source.value),
    Column("measure", "what is counted", lambda row: row.kpi.reading.measure.value),
    Column("period", "over what time", lambda row: row.kpi.reading.period.value),
    Column("unit", "in what value, target and baseline are counted", lambda row: row.kpi.reading.unit),
    Column("reading_unconfirmed", "whether nobody has confirmed yet how it is counted: yes or no",
           lambda row: row.kpi.reading.unconfirmed),
    Column("value", "the value at the date, in the unit; blank: there is none", lambda row: row.result.value),
    Column("target", "the target, in the unit; it is reached by this much or more", lambda row: row.result.target),
    Column("denominator", "of how many, where the target says it", lambda row: row.kpi.reading.denominator),
    Column("baseline", "the value at the beginning, in the unit; blank: unknown", lambda row: row.result.baseline),
    Column("expected", "how much would be on the way at the date, in the unit", lambda row: row.result.expected),
    Column("percent", "100 x value / target, 0 to 100, one decimal", lambda row: row.result.percent),
    Column("progress", "100 x (value - baseline) / (target - baseline), one decimal; may be negative",
           lambda row: row.result.progress),
    Column("status", STATUS, lambda row: row.result.status.value),
    Column("members", "how many Members there are at the date", lambda row: row.result.members),
    Column("applies_to", "to how many of them the KPI applies", lambda row: row.result.applies_to),
    Column("counted", "how many Members count; 0 where the measure names none", lambda row: len(row.result.counted)),
    Column("pending", "how many wait for a decision", lambda row: len(row.result.pending)),
    Column("unanswered", "how many have said nothing", lambda row: len(row.result.unanswered)),
    Column("not_applicable", "to how many it does not apply", lambda row: len(row.result.not_applicable)),
    Column("comment", "what stands in the plan's Comments column", lambda row: row.comment),
)  # fmt: skip
ORGANISATIONS = (
    Column("organisation", "its code", lambda row: row.code),
    Column("name", "its name", lambda row: row.name),
    Column("group", "the group that it is listed in", lambda row: row.group_label),
)
YEARS = (
    Column("kpi", KPI, lambda row: row.code),
    Column("year", "the plan year, 1 July to 30 June, such as 2026/27", lambda row: row.result.year),
    Column("value", "the value of the year, in the unit of the KPI", lambda row: row.result.value),
    Column("percent", "100 x value / target, 0 to 100, one decimal", lambda row: row.result.percent),
    Column("expected", "how much would be on the way at the date", lambda row: row.result.expected),
    Column("met", "whether the year's target is reached: yes; no, the year has ended; blank, still open",
           lambda row: row.result.met),
)  # fmt: skip
PARTS = (
    Column("kpi", KPI, lambda row: row.code),
    Column("kind", "member, activity, delegation, pair, figure or attestation", lambda row: row.line.kind),
    Column("subject", "code of an organisation, reference of an activity, two codes of a pair",
           lambda row: row.line.subject),
    Column("state", f"one of {', '.join(STATES)}, attested", lambda row: row.line.state),
    Column("said", "what was said or recorded, in words", lambda row: row.line.said),
    Column("why", "why it counts or does not, where that is not plain", lambda row: row.line.why),
    Column("day", "as at when, year-month-day", lambda row: row.line.day),
)  # fmt: skip
PARTS_COUNTS = (
    Column("kpi", KPI, lambda row: row.code),
    Column("kind", "member, activity, delegation, pair, figure or attestation", lambda row: row.kind),
    Column("state", f"one of {', '.join(STATES)}, attested", lambda row: row.state),
    Column(
        "number",
        "how many; of delegations, those to one activity are one, and those to what is not shown are one",
        lambda row: row.many,
    ),
)
MOVED = (
    Column("kpi", KPI, lambda row: row.change.move.code),
    Column("milestone_text", "the milestone as the plan says it or said it last", lambda row: row.change.kpi.milestone),
    Column("text", "the KPI as the plan says it or said it last", lambda row: row.change.kpi.text),
    Column("release_before", "number of the release before, with which this one is compared",
           lambda row: row.head.before and row.head.before.number),
    Column("value_before", "the value in the release before", lambda row: value_of(row.change.move.before)),
    Column("status_before", STATUS, lambda row: status_of(row.change.move.before)),
    Column("value", "the value now", lambda row: value_of(row.change.move.now)),
    Column("status", STATUS, lambda row: status_of(row.change.move.now)),
    Column("count_now", "how many Members or records count now and did not; 0 where none are counted",
           lambda row: row.many("counts")),
    Column("count_no_longer", "how many Members or records count no longer, slips among them",
           lambda row: row.many("slips", "stopped")),
    Column("slips", "how many Members count no longer as their own newer answer is further back",
           lambda row: row.many("slips")),
    Column("items_now", "how many those in count_now stand for, as a record may stand for several",
           lambda row: row.items_now),
    Column("items_no_longer", "how many those in count_no_longer stood for", lambda row: row.items_no_longer),
    Column("items_more",
           "how many more the other records stand for; negative: how many fewer. Where Members or records are counted, "
           "then and now, value is value_before (0 in another plan year) + items_now - items_no_longer + items_more",
           lambda row: row.items_more),
    Column("reasons", "why, each with what it is about; separated by |",
           lambda row: " | ".join(reason.words(named=row.head.named) for reason in row.change.reasons)),
)  # fmt: skip


def value_of(result: Result | None) -> Decimal | None:
    return result.value if result else None


def status_of(result: Result | None) -> str:
    return result.status.value if result else ""
