"""What of the lines behind a figure counts now and did not, counts no longer, or counts with other words, and why.
Pure."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from workplan.choices import NAMES_MEMBERS, Measure, Source
from workplan.tree import KpiText

from .because import Because
from .explanation import (
    NEWER_VERSION,
    NOT_CONFIRMED,
    PART_CONTESTED,
    PARTY_CONTESTS,
    REFUSED,
    SLIP,
    Line,
    how_many,
    numbers_of,
    rating_of,
    stands_for,
)
from .inputs import NOT_SHOWN
from .moves import Move
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
    by a part in an activity, too; ``of_activity``: what bears on the figure of an activity beside that it counts;
    ``rated``: all that are shown say their ratings, so that where none of these differs, one that is not shown does;
    ``another_year``: what was said and recorded before is of another plan year; ``year``: figures of this plan year
    alone make the value; ``recounted``: the same is counted otherwise, and why; ``another_basis``: so that what waits
    counts or no longer does; ``exists``: there was a value, or is one, and not both, so that any answer may have made
    it."""

    names_members: bool
    by_part: bool
    of_activity: Callable[[Line], str]
    rated: bool
    another_year: bool
    year: str
    recounted: Because | None
    another_basis: bool
    exists: bool


def comparison(
    before: Report, now: Report, kpi: KpiText, move: Move, details: Mapping[Because, str], *, amended: bool
) -> Comparison:
    """``amended``: the reading says otherwise what counts, not only how much of it is wanted."""
    recounted = {Because.READING: amended, Because.BASIS: before.basis is not now.basis}
    values = [each.value for each in (move.before, move.now) if each]
    measure = kpi.reading.measure
    rated = are_rated(measure, [*lines_of(before, move.code), *lines_of(now, move.code)])
    by_year = measure is Measure.SUM and move.now and move.now.years
    return Comparison(
        names_members=kpi.reading.measure in NAMES_MEMBERS,
        by_part=kpi.reading.source is Source.PARTICIPATION,
        of_activity=of_activity(measure, rated=rated),
        rated=rated,
        another_year=Because.NEW_YEAR in details,
        year=move.now.years[-1].year if by_year and move.now else "",
        recounted=next((each for each, otherwise in recounted.items() if otherwise), None),
        another_basis=before.basis is not now.basis,
        exists=values.count(None) == 1,
    )


def of_activity(measure: Measure, *, rated: bool) -> Callable[[Line], str]:
    """For how many it stands, or its rating; of those that are not shown how many they are."""
    if measure is Measure.ITEMS:
        return lambda line: str(stands_for(line))
    of_shown: Callable[[Line], str] = rating_of if rated else lambda _: ""
    return lambda line: str(how_many(line)) if line.subject == NOT_SHOWN else of_shown(line)


def are_rated(measure: Measure, lines: Iterable[Line]) -> bool:
    """Do ratings make the figure, and do all that count say theirs, as earlier releases did not. (What is not shown
    never does.)"""
    counted = (each for each in lines if each.kind == "activity" and each.state == "counted")
    return measure is Measure.AVERAGE and all(rating_of(each) for each in counted if each.subject != NOT_SHOWN)


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


def counts_hidden(report: Report, code: str) -> bool:
    return any((each.subject, each.state) == (NOT_SHOWN, "counted") for each in lines_of(report, code))


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
        was, is_now = (essence(lines, how, states) for lines in (old, new))
        if was == is_now:
            continue
        if subject == NOT_SHOWN:
            yield from of_hidden(kind, old, new)
            continue
        because = compared(kind, old, new, how)
        yield Found(because, turned(because, kind, old, new), kind, subject)


def essence(lines: Iterable[Line], how: Comparison, states: frozenset[str]) -> list[tuple[str, str]]:
    """What of them bears on the figure; of those of a figure, where one plan year alone makes the value, its own."""
    shown = (each for each in lines if each.state in states)
    return sorted(
        (each.state, bearing(each, how)) for each in shown if each.kind != "figure" or each.said.startswith(how.year)
    )


def bearing(line: Line, how: Comparison) -> str:
    """What of a line bears on the figure beside its state: of a Member and of a pair nothing, of records their numbers
    and not what they are called, of answers all that they say."""
    match line.kind:
        case "member" | "pair":
            return ""
        case "activity":
            return how.of_activity(line)
        case "delegation":
            return numbers_of(line)
    return line.said


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
    was, is_now = (sorted(says(each, how) for each in lines) for lines in (old, new))
    if how.recounted and (was == is_now or waited):
        return how.recounted  # it said the same, which counts otherwise now
    if kind not in OF_ANSWERS:
        return of_record(kind, old, new, how)
    return of_part(old, new) if how.by_part and not said_yes(old, new) else of_answer(old, new)


def says(line: Line, how: Comparison) -> str:
    """What of a line may bear on the figure once it counts. Not its day: who answers again says the same, and so does
    an arrangement that counts from another of its days."""
    return bearing(line, how) if line.kind == "activity" else line.said


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


def of_record(kind: str, old: list[Line], new: list[Line], how: Comparison) -> Because:
    """What a delegation says depends on whether it counts, so its words tell nothing of a change."""
    if not (old and new):
        return Because.NEW_RECORD if new else Because.GONE_RECORD
    of_day = kind == "pair"
    was, is_now = ({(says(each, how), of_day and each.day) for each in lines} for lines in (old, new))
    if kind != "delegation" and not is_now <= was:
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


# ---------------------------------------------------------------- the lines


def lines_of(report: Report, code: str) -> tuple[Line, ...]:
    explanation = report.explanations.get(code)
    return explanation.lines if explanation else ()


def items_in(report: Report, code: str, measure: Measure) -> Counter[str]:
    """How many each activity stands for that counts, where they are counted; what is not shown is together."""
    found: Counter[str] = Counter()
    for line in lines_of(report, code) if measure is Measure.ITEMS else ():
        if line.kind == "activity" and line.state == "counted":
            found[line.subject] += stands_for(line)
    return found
