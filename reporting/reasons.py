"""Why a figure differs between two reports: what counts now and did not, what counts no longer, and how it is counted.
Pure.

Every figure that moved has a reason; where nothing that is kept tells one, that is said too. What had no effect on the
figure is no reason; where Members are counted, those that count now less those that count no longer are the difference.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from workplan.choices import NAMES_MEMBERS, Measure, Source
from workplan.tree import KpiText, ReadingText

from .achievement import Result, Status
from .because import Because, Reason
from .explanation import (
    NEWER_VERSION,
    NOT_CONFIRMED,
    PART_CONTESTED,
    PARTY_CONTESTS,
    REFUSED,
    SLIP,
    Line,
    how_many,
    plain,
    stands_for,
)
from .inputs import NOT_SHOWN
from .moves import Move, moves
from .report import Report

OF_ANSWERS = ("member", "figure", "attestation")
"""The kinds of lines that tell of an organisation's answer; the others tell of records."""
BY_DATE = ("It is not signed yet.", "It is not in force yet.", "It ended on ")
"""Why an arrangement does not count that did or will, though nobody changed it."""
TURNS: tuple[tuple[tuple[str, ...], Because | None, Because | None], ...] = (
    ((PARTY_CONTESTS, PART_CONTESTED), Because.SETTLED, Because.CONTESTED),
    ((NOT_CONFIRMED, NEWER_VERSION), Because.RECORD_DECIDED, None),
    ((REFUSED,), Because.RECORD_DECIDED, Because.RECORD_DECIDED),
    (BY_DATE, Because.IN_FORCE, Because.IN_FORCE),
)
"""Why a record does not count, and what it is called where that ends or begins though nothing in it changed."""
COMPLETE = "the register is complete"

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

DUE = (Status.ACHIEVED, Status.NOT_ACHIEVED)
GOODNESS = (
    (),
    (Status.OFF_TRACK, Status.NOT_ACHIEVED),
    (Status.AT_RISK,),
    (Status.ON_TRACK,),
    (Status.REACHED, Status.ACHIEVED),
)


@dataclass(frozen=True)
class Change:
    """A figure that moved, and why: at least one reason. ``kpi``: as the plan says it now, or said it last; ``titles``:
    reference of an activity -> its title."""

    move: Move
    reasons: tuple[Reason, ...]
    kpi: KpiText
    titles: Mapping[str, str] = field(default_factory=dict)


def changes(before: Report, now: Report) -> list[Change]:
    """Every figure whose value or status is another one than in the report before, in the plan's order; then those
    that left the plan. Both reports with their explanations."""
    kpis = {kpi.code: kpi for report in (before, now) for kpi in report.plan.kpis}
    return [
        Change(
            move,
            tuple(why(before, now, move)) or (Reason(Because.UNKNOWN),),
            kpis[move.code],
            titles(before, now, move.code),
        )
        for move in moves(before, now)
    ]


def titles(before: Report, now: Report, code: str) -> dict[str, str]:
    """Of the activities that count or counted: as the explanations keep them."""
    lines = [line for report in (before, now) for line in lines_of(report, code) if line.state == "counted"]
    return {line.subject: title(line) for line in lines if line.kind in ("activity", "delegation")}


def title(line: Line) -> str:
    """Without what the delegations to it state."""
    return re.split(r": \d+ (?:women )?of \d", line.said)[0] if line.kind == "delegation" else line.said


def lines_of(report: Report, code: str) -> tuple[Line, ...]:
    explanation = report.explanations.get(code)
    return explanation.lines if explanation else ()


def why(before: Report, now: Report, move: Move) -> Iterator[Reason]:
    """In the order of the reasons."""
    if move.before is None or move.now is None:
        yield Reason(Because.LEFT_PLAN if move.now is None else Because.JOINED_PLAN)
        return
    was, is_now = ({kpi.code: kpi for kpi in each.plan.kpis}[move.code] for each in (before, now))
    details = dict(of_the_whole(before, now, was, is_now, move))
    found: dict[Because, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    how = comparison(before, now, is_now, move, details)
    for each in behind_figure(before, now, move, how):
        found[each.because][each.turn].append(each.subject)
        if each.kind == "attestation":
            details.setdefault(each.because, COMPLETE)
    more = items_in(now, move.code)
    more.subtract({} if how.another_year else items_in(before, move.code))
    for because in Because:
        if because in details or because in found:
            about = {turn: tuple(subjects) for turn, subjects in found[because].items()}
            items, gone, step = several(about, more)
            yield Reason(because, items=items, gone=gone, step=step, detail=details.get(because, ""), **about)


def several(about: Mapping[str, tuple[str, ...]], more: Counter[str]) -> tuple[int, int, int]:
    """``items``, ``gone`` and ``step`` of a Reason. ``more``: how many more each stands for than before."""
    adds = {turn: sum(more[each] for each in set(records)) for turn, records in about.items()}
    items, gone = adds.get("counts", 0), -adds.get("stopped", 0)
    alike = items == len(about.get("counts", ())), gone == len(about.get("stopped", ()))
    return 0 if alike[0] else items, 0 if alike[1] else gone, adds.get("who", 0)


def items_in(report: Report, code: str) -> Counter[str]:
    """How many each activity stands for that counts; what is not shown is together."""
    found: Counter[str] = Counter()
    for line in lines_of(report, code):
        if line.kind == "activity" and line.state == "counted":
            found[line.subject] += stands_for(line)
    return found


def of_the_whole(
    before: Report, now: Report, was: KpiText, is_now: KpiText, move: Move
) -> Iterator[tuple[Because, str]]:
    """What holds of the figure as a whole, each with what is to be said of it."""
    if move.before is None or move.now is None:
        return
    if move.begun:
        yield Because.BEGUN, "" if move.now.value is not None else "there is no value yet"
    elif year := move.new_year:
        yield Because.NEW_YEAR, year if is_now.reading.measure is Measure.GROWTH else f"{year}, counted from 0"
    if before.basis is not now.basis:
        yield Because.BASIS, now.basis.value
    if amended := ", ".join(amendments(was, is_now)):
        yield Because.READING, amended
    if not move.begun:
        yield from beside_value(move.before, move.now, is_now, passed=before.as_of != now.as_of)


def beside_value(was: Result, now: Result, kpi: KpiText, *, passed: bool) -> Iterator[tuple[Because, str]]:
    """What changed the status where the value did not: it stayed, or moved the other way. ``passed``: is it another
    day."""
    step = further(now.status) - further(was.status)
    if was.value != now.value and not (
        was.value is not None and now.value is not None and step * (now.value - was.value) < 0
    ):
        return
    rise = (now.expected or Decimal(0)) - (was.expected or Decimal(0))
    if passed and now.status in DUE and was.status not in DUE:
        yield Because.TIME, "the deliverable is due"
    elif step * rise < 0:
        unit = " %" if kpi.reading.unit == "percent" else ""
        then, after = (plain(each.expected or Decimal(0)) for each in (was, now))
        yield Because.MORE_EXPECTED if rise > 0 else Because.LESS_EXPECTED, f"{after}{unit}, {then}{unit} before"
    elif passed and was.value == now.value:
        yield Because.TIME, ""


def further(status: Status) -> int:
    """How good it is, to compare; 0 where nothing is judged."""
    return next((place for place, alike in enumerate(GOODNESS) if status in alike), 0)


def amendments(was: KpiText, is_now: KpiText) -> Iterator[str]:
    """What of how it is counted is another."""
    then, after = was.reading, is_now.reading
    yield from (words for name, words in COUNTED_BY.items() if differs(then, after, name))


def differs(then: ReadingText, after: ReadingText, name: str) -> bool:
    return bool(getattr(then, name) != getattr(after, name))


# ---------------------------------------------------------------- what stands behind it


Key = tuple[str, str]
"""Kind and subject of lines."""
COUNTING, SPEAKING = frozenset({"counted"}), frozenset({"counted", "not_counted", "attested"})


@dataclass(frozen=True)
class Found:
    """What moved a figure. ``turn``: the field of a Reason that it stands in."""

    because: Because
    turn: str
    kind: str
    subject: str


@dataclass(frozen=True)
class Comparison:
    """How lines are compared. ``names_members``: only those of Members bear on the figure; ``by_part``: and they count
    by a part in an activity, too; ``another_year``: what was said and recorded before is of another plan year;
    ``year``: figures of this plan year alone make the value; ``recounted``: the same is counted otherwise, and why;
    ``another_basis``: so that what waits counts or no longer does; ``exists``: there was a value, or is one, and not
    both, so that any answer may have made it."""

    names_members: bool
    by_part: bool
    another_year: bool
    year: str
    recounted: Because | None
    another_basis: bool
    exists: bool


def comparison(before: Report, now: Report, kpi: KpiText, move: Move, details: Mapping[Because, str]) -> Comparison:
    values = [each.value for each in (move.before, move.now) if each]
    by_year = kpi.reading.measure is Measure.SUM and move.now and move.now.years
    return Comparison(
        names_members=kpi.reading.measure in NAMES_MEMBERS,
        by_part=kpi.reading.source is Source.PARTICIPATION,
        another_year=Because.NEW_YEAR in details,
        year=move.now.years[-1].year if by_year and move.now else "",
        recounted=next((each for each in (Because.READING, Because.BASIS) if each in details), None),
        another_basis=before.basis is not now.basis,
        exists=values.count(None) == 1,
    )


def behind_figure(before: Report, now: Report, move: Move, how: Comparison) -> list[Found]:
    """What of the lines of the two explanations counts now and did not, or the other way round, or counts with other
    words; where that is nothing and a value came or went, what was said without counting."""
    then, after = (by_subject(report, move.code) for report in (before, now))
    joined = {each.code for each in before.members()} ^ {each.code for each in now.members()}
    found = list(differing(then, after, how, COUNTING))
    if not found and how.exists:
        found = list(differing(then, after, how, SPEAKING))
    return [
        Found(Because.MEMBERSHIP, each.turn, each.kind, each.subject)
        if each.kind == "member" and each.subject in joined
        else each
        for each in found
    ]


def by_subject(report: Report, code: str) -> dict[Key, list[Line]]:
    found: dict[Key, list[Line]] = defaultdict(list)
    for line in lines_of(report, code):
        found[line.kind, line.subject].append(line)
    return found


def differing(
    then: Mapping[Key, list[Line]], after: Mapping[Key, list[Line]], how: Comparison, states: frozenset[str]
) -> Iterator[Found]:
    for kind, subject in sorted(then.keys() | after.keys()):
        if how.names_members and kind != "member":
            continue
        old = [] if how.another_year and kind != "figure" else then.get((kind, subject), [])
        new = after.get((kind, subject), [])
        was, is_now = (essence(kind, lines, how, states) for lines in (old, new))
        if was == is_now:
            continue
        if subject == NOT_SHOWN:
            yield from of_hidden(kind, old, new)
            continue
        because = compared(kind, old, new, how)
        yield Found(because, turned(because, kind, old, new), kind, subject)


def essence(kind: str, lines: Iterable[Line], how: Comparison, states: frozenset[str]) -> list[Key]:
    """What of them bears on the figure: of a Member whether it counts, no matter what it said exactly."""
    shown = [each for each in lines if each.state in states]
    if kind == "member":
        return [(each.state, "") for each in shown]
    of_year = how.year if kind == "figure" else ""
    return sorted((each.state, each.said) for each in shown if each.said.startswith(of_year))


def turned(because: Because, kind: str, old: list[Line], new: list[Line]) -> str:
    """In which field of a Reason it stands. A figure adds as much as it says, so it is never told as one."""
    was, is_now = (any(each.state == "counted" for each in lines) for lines in (old, new))
    if kind == "figure" or was == is_now:
        return "who"
    if is_now:
        return "counts"
    slipped = because is Because.NEW_ANSWER and any(each.why.startswith(SLIP) for each in new)
    return "slips" if slipped else "stopped"


def compared(kind: str, old: list[Line], new: list[Line], how: Comparison) -> Because:
    """Why the lines about one thing differ."""
    waited = how.another_basis and any(each.waits for each in (*old, *new))
    if how.recounted and (words_of(old) == words_of(new) or waited):
        return how.recounted  # it said the same, which counts otherwise now
    if kind not in OF_ANSWERS:
        return of_record(kind, old, new)
    return of_part(old, new) if how.by_part and not said_yes(old, new) else of_answer(old, new)


def words_of(lines: Iterable[Line]) -> list[tuple[str, date | None]]:
    return [(each.said, each.day) for each in lines]


def said_yes(old: list[Line], new: list[Line]) -> bool:
    """Does or did a Member count by its answer, and not by its part in an activity alone."""
    counting = next((lines for lines in (new, old) if any(each.state == "counted" for each in lines)), [])
    return not counting or any(": Yes" in each.said for each in counting)


def of_part(old: list[Line], new: list[Line]) -> Because:
    return Because.NEW_PART if any(each.state == "counted" for each in new) else Because.CHANGED_RECORD


def of_answer(old: list[Line], new: list[Line]) -> Because:
    if latest(new) > latest(old):
        return Because.NEW_ANSWER
    waited = any(each.waits for each in old) and not any(each.waits for each in new)
    return Because.DECISION if waited else Because.CORRECTION


def latest(lines: Iterable[Line]) -> date:
    return max((each.day for each in lines if each.day), default=date.min)


def of_record(kind: str, old: list[Line], new: list[Line]) -> Because:
    """What a delegation says depends on whether it counts, so its words tell nothing of a change."""
    if not (old and new):
        return Because.NEW_RECORD if new else Because.GONE_RECORD
    if kind != "delegation" and not set(words_of(new)) <= set(words_of(old)):
        return Because.CHANGED_RECORD
    turns = (because for phrases, ends, begins in TURNS if (because := turn_of(phrases, ends, begins, old, new)))
    return next(turns, Because.CHANGED_RECORD)


def turn_of(
    phrases: tuple[str, ...], ends: Because | None, begins: Because | None, old: list[Line], new: list[Line]
) -> Because | None:
    was, is_now = (any(each.why.startswith(phrases) for each in lines) for lines in (old, new))
    return None if was == is_now else ends if was else begins


def of_hidden(kind: str, old: list[Line], new: list[Line]) -> Iterator[Found]:
    """What is not shown to everybody has no name, so it is told together: how many more or fewer of it count."""
    more, step = (added(old, new, each) for each in (how_many, stands_for))
    if more * step <= 0:  # as many, or more that stand for less: they changed
        yield Found(Because.CHANGED_RECORD, "who", kind, NOT_SHOWN)
        return
    because, turn = (Because.NEW_RECORD, "counts") if more > 0 else (Because.GONE_RECORD, "stopped")
    yield from [Found(because, turn, kind, NOT_SHOWN)] * abs(more)


def added(old: list[Line], new: list[Line], number: Callable[[Line], int]) -> int:
    """How much more of it counts."""
    was, is_now = (sum(number(each) for each in lines if each.state == "counted") for lines in (old, new))
    return is_now - was
