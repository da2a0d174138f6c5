"""What a file of a register would do, row by row in the words of pages, and which of its activities may be there
already."""

from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from members.chain import plain
from members.history import became, named
from members.imports.outcome import CHANGED, ERROR, NEW, UNCHANGED, Line, Preview
from members.imports.sheet import Problem
from reporting.actions import ActivityRecord, ArrangementRecord
from reporting.actions.bulk import Done, Effect
from reporting.choices import ActivityKind, Likeness
from reporting.duplicates import Event, events, newest_that_stand, pairs
from reporting.models import Suspicion

from .files import ActivitiesFile, ArrangementsFile, RegisterFile

EFFECTS = {Effect.NEW: NEW, Effect.CHANGED: CHANGED, Effect.UNCHANGED: UNCHANGED}
MOST_SHOWN = 200
"""Rows on a page; a workbook has them all."""
MOST_PROBLEMS = 50
"""Sentences above them."""
MOST_ALIKE = 3
"""Others that one row is said to be perhaps the same as."""


@dataclass
class RowLine(Line):
    """``alike``: of which others it may be a second record, a sentence for each."""

    alike: list[str] = field(default_factory=list)


@dataclass
class RegisterPreview(Preview):
    tells: ClassVar[bool] = True
    lines: list[RowLine]  # type: ignore[assignment]
    notices: list[str] = field(default_factory=list)

    @property
    def doubted(self) -> list[RowLine]:
        return [line for line in self.lines if line.alike]

    @property
    def shown(self) -> list[RowLine]:
        """Of a long file what asks for a look first: what is wrong, what may be there already, what changes."""
        if len(self.lines) <= MOST_SHOWN:
            return self.lines
        order = {ERROR: 0, CHANGED: 2, NEW: 3, UNCHANGED: 4}
        urgent = sorted(self.lines, key=lambda line: (order[line.effect] if not line.alike else 1, line.number))
        return urgent[:MOST_SHOWN]

    @property
    def left_out(self) -> int:
        return len(self.lines) - len(self.shown)


class Words(ABC):
    """What becomes of a record, in words."""

    kind: ClassVar[str]

    def __init__(self, zone: ZoneInfo) -> None:
        self.zone = zone

    def changes(self, done: Done) -> Iterator[str]:
        """From what to what; what was and is not stated is left out."""
        for name, (before, after) in plain({key: list(pair) for key, pair in done.changes.items()}).items():
            for each in became(named(self.kind, name), before, after, self.zone):
                if each.before or each.after:
                    yield f"{each.label}: {each.before or 'blank'} → {each.after or 'blank'}"

    @abstractmethod
    def name(self, record: Any) -> str: ...

    @abstractmethod
    def new(self, record: Any) -> Iterator[str]:
        """What a record says, in a few words."""


class ActivityWords(Words):
    kind = "reporting.activity"

    def name(self, record: ActivityRecord) -> str:
        return f"{record.reference}: {record.version.title}"

    def new(self, record: ActivityRecord) -> Iterator[str]:
        version = record.version
        until = f" to {version.end:%d.%m.%y}" if version.end and version.end != version.start else ""
        yield f"{ActivityKind(version.kind).label}, {version.start:%d.%m.%y}{until}"
        if organisers := [part.organisation.code for part in record.parts if part.organises]:
            yield f"Organised by {', '.join(organisers)}"
        others = len(record.parts) - len(organisers)
        if others:
            yield f"{others} {'other ' if organisers else ''}organisation{'s' if others > 1 else ''} took part"
        if record.links:
            links = (f"{link.kpi.code} × {link.items}" if link.items > 1 else link.kpi.code for link in record.links)
            yield f"Counts for {', '.join(links)}"


class ArrangementWords(Words):
    kind = "reporting.arrangement"

    def name(self, record: ArrangementRecord) -> str:
        return " – ".join(party.name for party in record.parties)

    def new(self, record: ArrangementRecord) -> Iterator[str]:
        version = record.version
        days = {"Signed": version.signed_on, "In force": version.in_force, "Ended": version.ended}
        for label, day in days.items():
            if day:
                yield f"{label}: {day if isinstance(day, str) else f'{day:%d.%m.%y}'}"
        if not version.in_force:
            yield "Without a date in force it does not count"


WORDS: dict[type[RegisterFile], type[Words]] = {ActivitiesFile: ActivityWords, ArrangementsFile: ArrangementWords}


def preview_of(file: RegisterFile, zone: ZoneInfo) -> RegisterPreview:
    """What importing it would do. Nothing is written."""
    words, faults = WORDS[type(file)](zone), file.problems
    done = dict(zip(file.records, file.compared().rows, strict=True))
    alike = alike_by_row(file, done) if isinstance(file, ActivitiesFile) else {}
    lines = [
        refused(row.number, " ".join(filter(None, map(row.get, file.layout.key))), faults[row.number])
        if row.number in faults
        else line_of(row.number, file.records[row.number], done[row.number], words, alike.get(row.number, []))
        for row in file.sheet.rows
    ]
    return RegisterPreview(file.sheet, lines, file.seen, file.notices())


def refused(number: int, name: str, problems: list[Problem]) -> RowLine:
    words = [f"{each.column.replace('_', ' ').capitalize()}: {each.sentence}".removeprefix(": ") for each in problems]
    return RowLine(number, name, ERROR, words, problems)


def line_of(number: int, record: Any, done: Done, words: Words, alike: list[str]) -> RowLine:
    says = {Effect.NEW: lambda: words.new(record), Effect.CHANGED: lambda: words.changes(done)}
    said = [*says[done.effect]()] if done.effect in says else []
    return RowLine(number, words.name(record), EFFECTS[done.effect], [*said, *alike], alike=alike)


# ---------------------------------------------------------------- what may be there already


def alike_by_row(file: ActivitiesFile, done: Mapping[int, Done]) -> dict[int, list[str]]:
    """Row -> as what else it may be, as ``suspect`` will note it: of rows that are new or change something, with what
    is there and with one another. What a person has told apart stays so. Three queries."""
    rows = [number for number, each in done.items() if each.effect is not Effect.UNCHANGED]
    if not rows:
        return {}
    own = {each.activity: (number, each) for number in rows for each in [event_of(file, number)]}
    days = [day for _, event in own.values() for day in (event.start, event.end)]
    there = {each.activity: each for each in events(newest_that_stand(min(days), max(days)))}
    known = {key: event for key, (_, event) in own.items()}
    ruled = Suspicion.objects.exclude(ruling=Likeness.OPEN).values_list("first", "second")
    apart = {frozenset(pair) for pair in ruled}
    found: dict[int, list[str]] = defaultdict(list)
    for pair in pairs([*(there | known).values()], known):
        if frozenset(pair) not in apart:
            for one, other in (pair, pair[::-1]):
                if one in own:
                    found[own[one][0]].append(said_of(other, own, there))
    return {number: shortened(sentences) for number, sentences in found.items()}


def event_of(file: ActivitiesFile, number: int) -> Event:
    """As ``events`` has it once it is recorded. What is new has no number yet, so its row stands for it."""
    record: ActivityRecord = file.records[number]
    version, stored = record.version, file.stored.get(record.reference)
    organisers = frozenset(part.organisation.pk for part in record.parts if part.organises)
    key = stored.activity_id if stored else -number
    return Event(key, version.title, version.start, version.end or version.start, organisers, record.reference)


def said_of(other: int, own: Mapping[int, tuple[int, Event]], there: Mapping[int, Event]) -> str:
    if other in own:
        number, event = own[other]
        return f"May be the same event as row {number}, “{event.title}” of {event.start:%d.%m.%y}"
    event = there[other]
    return f"May be the same event as “{event.title}” of {event.start:%d.%m.%y} ({event.reference})"


def shortened(sentences: list[str]) -> list[str]:
    more = len(sentences) - MOST_ALIKE
    return [*sentences[:MOST_ALIKE], *([f"and {more} more"] if more > 0 else [])]


def wrong_rows(preview: RegisterPreview) -> list[dict[str, str]]:
    """The sentences above the rows, each with a way to its row."""
    said: Iterable[tuple[Problem, str]] = zip(preview.problems, preview.sentences, strict=True)
    shown = {line.number for line in preview.shown}
    found = [
        {"text": sentence, "href": f"#row-{problem.row}" if problem.row in shown else ""} for problem, sentence in said
    ]
    more = len(found) - MOST_PROBLEMS
    return [*found[:MOST_PROBLEMS], *([{"text": f"And {more:,} more.", "href": ""}] if more > 0 else [])]
