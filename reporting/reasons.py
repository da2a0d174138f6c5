"""Why a figure differs between two reports: what stands behind it now and did not then, and how it is counted. Pure.

Every figure that moved has a reason; where nothing that is kept tells one, that is said too.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from members.numbers import counted
from workplan.choices import Period, Source
from workplan.tree import KpiText, ReadingText

from .achievement import Status
from .explanation import PAIRED, Line
from .inputs import NOT_SHOWN
from .moves import Move, moves
from .report import Report


class Because(StrEnum):
    """In the order in which reasons are told."""

    JOINED_PLAN = "joined_plan"
    LEFT_PLAN = "left_plan"
    BEGUN = "begun"
    BASIS = "basis"
    READING = "reading"
    NEW_YEAR = "new_year"
    NEW_ANSWER = "new_answer"
    NEW_PART = "new_part"
    DECISION = "decision"
    CORRECTION = "correction"
    NEW_RECORD = "new_record"
    CHANGED_RECORD = "changed_record"
    GONE_RECORD = "gone_record"
    MEMBERSHIP = "membership"
    TIME = "time"
    UNKNOWN = "unknown"


WORDS = {
    Because.JOINED_PLAN: "New in the plan",
    Because.LEFT_PLAN: "No longer in the plan",
    Because.BEGUN: "The plan has begun",
    Because.BASIS: "Counted on another basis",
    Because.READING: "Amended reading",
    Because.NEW_YEAR: "Another plan year",
    Because.NEW_ANSWER: "New answer",
    Because.NEW_PART: "New answer, or part in an activity",
    Because.DECISION: "Answer decided since",
    Because.CORRECTION: "Correction",
    Because.NEW_RECORD: "New record",
    Because.CHANGED_RECORD: "Changed record",
    Because.GONE_RECORD: "Record no longer there",
    Because.MEMBERSHIP: "Joined or left",
    Because.TIME: "More is expected by now",
    Because.UNKNOWN: "No reason is recorded",
}

OF_ANSWERS = ("member", "figure", "attestation")
"""The kinds of lines that tell of an organisation's answer; the others tell of records."""

COUNTED_BY: dict[str, str] = {
    "source": "where the facts come from",
    "measure": "what is counted",
    "period": "over what time",
    "target": "the target",
    "denominator": "of how many",
    "counts_from": "the standing from which a Member counts",
    "part": "which part counts",
    "pair_from": "the day from which an arrangement counts",
    "plurilateral": "how an arrangement of more than two counts",
    "baseline": "the baseline",
}
"""What of a reading changes a figure, in words."""


@dataclass(frozen=True)
class Reason:
    """``who``: codes of organisations, references of activities, pairs; ``detail``: what else is to be said."""

    because: Because
    who: tuple[str, ...] = ()
    detail: str = ""

    def words(self, *, named: bool = True, most: int | None = None, names: Mapping[str, str] | None = None) -> str:
        """One phrase: "New answer: AUS, FJI". Where Members are not named, how many: "New answer: 2 organisations".
        ``most``: so many are named, and how many more there are; ``names``: what stands in place of a code;
        they may have commas in them, so semicolons stand between."""
        about = self.detail or (self.listed(most, names or {}) if named else self.many)
        return f"{WORDS[self.because]}: {about}" if about else WORDS[self.because]

    def listed(self, most: int | None, names: Mapping[str, str]) -> str:
        more = len(self.who) - most if most else 0
        shown = [PAIRED.join(names.get(part, part) for part in each.split(PAIRED)) for each in self.who[:most]]
        return ("; " if names else ", ").join(shown) + (f" and {more} more" if more > 0 else "")

    @property
    def many(self) -> str:
        record = self.because in (Because.NEW_RECORD, Because.CHANGED_RECORD, Because.GONE_RECORD)
        return counted(len(self.who), "record" if record else "organisation") if self.who else ""


@dataclass(frozen=True)
class Change:
    """A figure that moved, and why: at least one reason."""

    move: Move
    reasons: tuple[Reason, ...]


def changes(before: Report, now: Report) -> list[Change]:
    """Every figure whose value or status is another one than in the report before, in the plan's order; then those
    that left the plan. Both reports with their explanations."""
    return [Change(move, tuple(why(before, now, move)) or (Reason(Because.UNKNOWN),)) for move in moves(before, now)]


def why(before: Report, now: Report, move: Move) -> Iterator[Reason]:
    if move.before is None or move.now is None:
        yield Reason(Because.LEFT_PLAN if move.now is None else Because.JOINED_PLAN)
        return
    was, is_now = ({kpi.code: kpi for kpi in each.plan.kpis}[move.code] for each in (before, now))
    if before.basis is not now.basis:
        yield Reason(Because.BASIS, detail=now.basis.value)
    if amended := list(amendments(was, is_now)):
        yield Reason(Because.READING, detail=", ".join(amended))
    if move.before.status is Status.NOT_BEGUN:
        yield Reason(Because.BEGUN)
    elif begun := new_year(is_now, move):
        yield Reason(Because.NEW_YEAR, detail=begun)
    recounted = before.basis is not now.basis or bool(amended)
    behind = list(behind_figure(before, now, move, another_year=bool(new_year(is_now, move)), recounted=recounted))
    yield from behind
    if before.as_of != now.as_of and (move.before.value == move.now.value or not (behind or recounted)):
        yield Reason(Because.TIME)


def amendments(was: KpiText, is_now: KpiText) -> Iterator[str]:
    """What of how it is counted is another."""
    then, after = was.reading, is_now.reading
    yield from (words for name, words in COUNTED_BY.items() if differs(then, after, name))


def differs(then: ReadingText, after: ReadingText, name: str) -> bool:
    return bool(getattr(then, name) != getattr(after, name))


def new_year(kpi: KpiText, move: Move) -> str:
    """The plan year that is shown now, where it is another one; "" where it is the same."""
    if kpi.reading.period is not Period.EACH_YEAR or move.before is None or move.now is None:
        return ""
    then, after = (each.years[-1].year if each.years else "" for each in (move.before, move.now))
    return after if then != after else ""


# ---------------------------------------------------------------- what stands behind it


Lines = dict[tuple[str, str], list[Line]]


@dataclass(frozen=True)
class Comparison:
    """How lines are compared. ``another_year``: they tell of another plan year, for which who said something before has
    perhaps said nothing yet; ``recounted``: the same is counted otherwise; ``closely``: not only who counts, but the
    state of all others, too."""

    another_year: bool
    recounted: bool
    closely: bool = False


def behind_figure(before: Report, now: Report, move: Move, *, another_year: bool, recounted: bool) -> Iterator[Reason]:
    """The reasons that the lines of the two explanations tell, each with all whom it is about: those that count now and
    did not, and the other way round; where that tells nothing of a value that moved, whose state is another."""
    how = Comparison(another_year, recounted)
    found = differing(before, now, move.code, how)
    if not found and move.before and move.now and move.before.value != move.now.value:
        found = differing(before, now, move.code, replace(how, closely=True))
    source = next(kpi.reading.source for kpi in now.plan.kpis if kpi.code == move.code)
    for because in Because:
        if because in found:
            by_part = because is Because.NEW_ANSWER and source is Source.PARTICIPATION
            yield Reason(Because.NEW_PART if by_part else because, tuple(dict.fromkeys(found[because])))


def differing(before: Report, now: Report, code: str, how: Comparison) -> dict[Because, list[str]]:
    """Reason -> about whom or what."""
    then, after = (by_subject(report, code) for report in (before, now))
    moved = {each.code for each in before.members()} ^ {each.code for each in now.members()}
    found: dict[Because, list[str]] = defaultdict(list)
    for key in sorted(then.keys() | after.keys()):
        because = compared(key[0], then.get(key, []), after.get(key, []), how)
        if because:
            found[Because.MEMBERSHIP if key[0] == "member" and key[1] in moved else because].append(key[1])
    return found


def by_subject(report: Report, code: str) -> Lines:
    """What is not shown to everybody has no name, so it is told together."""
    found: Lines = defaultdict(list)
    explanation = report.explanations.get(code)
    for line in explanation.lines if explanation else ():
        found[line.kind, line.subject].append(line)
    return found


def compared(kind: str, then: list[Line], after: list[Line], how: Comparison) -> Because | None:
    """Why the lines about one thing differ; None where they say the same of the figure."""
    if essence(kind, then, how) == essence(kind, after, how):
        return None
    if kind not in OF_ANSWERS:
        return of_record(then, after)
    because = of_answer(then, after)
    if how.recounted and (words_of(then) == words_of(after) or because is Because.DECISION):
        return None  # it said the same, which counts otherwise now
    not_said_yet = how.another_year and kind == "member" and because is Because.CORRECTION
    return None if not_said_yet else because


def essence(kind: str, lines: Iterable[Line], how: Comparison) -> list[tuple[str, str]]:
    """What of them bears on the figure: of a Member whether it counts, no matter what it said exactly."""
    if kind != "member":
        return sorted((each.state, each.said) for each in lines)
    shown = (each.state for each in lines if each.state != "unanswered" and (how.closely or each.state == "counted"))
    return sorted((state, "") for state in shown)


def words_of(lines: Iterable[Line]) -> list[tuple[str, date | None]]:
    return [(each.said, each.day) for each in lines]


def of_answer(then: list[Line], after: list[Line]) -> Because:
    if latest(after) > latest(then):
        return Because.NEW_ANSWER
    waited = any(each.waits for each in then) and not any(each.waits for each in after)
    return Because.DECISION if waited else Because.CORRECTION


def latest(lines: Iterable[Line]) -> date:
    return max((each.day for each in lines if each.day), default=date.min)


def of_record(then: list[Line], after: list[Line]) -> Because:
    if then and after:
        more = after[0].subject == NOT_SHOWN and len(after) > len(then)
        return Because.NEW_RECORD if more else Because.CHANGED_RECORD
    return Because.NEW_RECORD if after else Because.GONE_RECORD
