"""What the sheets of activities and of arrangements of a workbook that came back would do."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from hashlib import sha256
from typing import Any, ClassVar

from members.days import day_of
from members.models import Organisation
from members.permissions import Target, may
from reporting import validators
from reporting.actions.activities import ActivityRecord
from reporting.actions.arrangements import ArrangementRecord
from reporting.choices import ActivityKind, ActivityStatus
from reporting.imports import activities, arrangements
from reporting.imports.files import Faults
from reporting.imports.sheet import Row
from reporting.models import Activity, ActivityVersion, ArrangementVersion
from reporting.presentation import day_words
from reporting.returns import Return

from . import layout
from .comparing import (
    ANOTHER,
    SITE,
    TICKED,
    WORKBOOK,
    Effect,
    Line,
    chosen_text,
    folded,
    hand,
    not_asked,
    quotable,
    quoted,
)
from .content import Value
from .layout import Column, Part
from .raw import BLANK
from .reading import Book, Filled, Problem
from .registers import (
    KINDS,
    STATES,
    Recorded,
    activities_of,
    activity_cells,
    arrangement_cells,
    arrangements_of,
    is_own,
    own_cells,
    own_part,
    record_cells,
)

DAYS = frozenset({"start", "end", "in_force", "ended"})
DATED = DAYS | {"signed"}
"""Columns of days, and the one in which there may be less than a whole one."""
CODED = frozenset({"organisers", "contributors", "participants", "heads", "kpis"})
PROSE = frozenset({"title", "place", "source", "comment"})
"""People's own words: each sign of them counts."""
WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNSEEN = "0"
"""The token of a record that was not there."""
GONE = "This record is not there for you any more: it may be merged into another. Empty the row, or delete it."
NOT_YOURS = "Only who recorded or organises it changes this. You may state your own numbers."
NO_RIGHT = "You do not have the right to record this."
NO_CHOICE = "“{}” is none of what is offered: {}."
NOT_HELD = "It is not held yet on {:%d.%m.%y}: choose “Planned”."
TWICE = "{} already records this pair. State it once."
ALIKE = "{} already says an activity with this title, kind and first day. State it once, or give it another title."
CONTESTED = "The record is contested. That stays."
OTHER_PARTY = "The other party of a record never changes. Put this one back, and state the new pair in an empty row."
NO_DAY = "Say when it was signed, or from when it is in force."
OF_OTHERS = frozenset(layout.OWN_NUMBERS)
Version = ActivityVersion | ArrangementVersion


@dataclass(frozen=True)
class ActivitySays:
    """An activity as a row says it, new or of the organisation's own."""

    record: ActivityRecord


@dataclass(frozen=True)
class NumbersSays:
    """The own numbers in what others recorded."""

    activity: Activity
    numbers: dict[str, Any]


@dataclass(frozen=True)
class ArrangementSays:
    record: ArrangementRecord


def organisations_by_code() -> dict[str, Organisation]:
    return {each.code: each for each in Organisation.objects.all()}


def compare_records(book: Book, found: Return, *, anybody: bool) -> Iterator[Line]:
    organisations = cache(organisations_by_code)
    for sheet in (Activities(book, found, anybody, organisations), Arrangements(book, found, anybody, organisations)):
        yield from sheet.lines()


class Records(ABC):
    """The rows of one of the sheets. What is stored is read only where a row was touched."""

    part: ClassVar[Part]
    columns: ClassVar[tuple[Column, ...]]
    inputs: ClassVar[tuple[str, ...]]

    def __init__(
        self, book: Book, found: Return, anybody: bool, organisations: Callable[[], Mapping[str, Organisation]]
    ) -> None:
        self.book, self.found, self.anybody, self.organisations = book, found, anybody, organisations
        self.stamped = book.stamp.parts[self.part]

    @property
    def whose(self) -> Organisation:
        return self.found.submission.organisation

    @property
    def user(self) -> Any:
        return self.found.look.user

    def allowed(self, action: str, *codes: str) -> bool:
        return self.anybody or may(self.user, action, Target(organisations=frozenset(codes)))

    def lines(self) -> Iterator[Line]:
        for row in self.book.of(self.part):
            line = Line(row, self.name(row))
            if self.touched(row):
                yield self.compared(line)
            elif row.key in self.stamped:
                yield line

    def written(self, row: Filled) -> dict[str, str]:
        """The digests of its cells as they were written; of a new row none."""
        return layout.digests_in(self.stamped.get(row.key, (UNSEEN, ""))[1])

    def touched(self, row: Filled) -> frozenset[str]:
        """The cells that somebody changed. Of what has no column any more nobody said anything."""
        written = self.written(row)
        names = (column.name for column in self.columns if column.input and column.name in row.columns)
        return frozenset(
            name
            for name in names
            if layout.cell_digest(row.cells.get(name, BLANK).value) != written.get(name, "") or row.is_faulty(name)
        )

    def texts(self, row: Filled, stored: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
        """What a row says by column. Where it says nothing of its own, what is stored stands: somebody else may have
        changed that meanwhile. A new row says all of it."""
        says = self.touched(row) if row.key in self.stamped else row.columns.keys()
        return {
            name: text_in(row, name) or UNSAID.get(name, "") if name in says else as_stored(stored.get(name))
            for name in names
        }

    def tell(self, line: Line, stored: Mapping[str, Value], stands: Mapping[str, Value]) -> None:
        for name, value in stands.items():
            was = f"{quoted(read(name, stored.get(name)))} → " if stored else ""
            line.words.append(f"{self.titles[name]}: {was}{quoted(read(name, value))}")
        line.column = next((name for name in stands if name in line.row.columns), "")

    @property
    def titles(self) -> dict[str, str]:
        return {column.name: column.title for column in self.columns}

    def settled(
        self, line: Line, version: Version | None, stored: Mapping[str, Value], stands: Mapping[str, Value]
    ) -> Line:
        """``version``: what is there; ``stands``: the cells of what would be stored, so that all of it is shown and
        nothing else. Changed on both sides is a row of which a cell says another thing than what somebody put there
        since the workbook was made."""
        other = {name: value for name, value in stands.items() if plain(name, value) != plain(name, stored.get(name))}
        if stored and not other:
            return line
        self.tell(line, stored, other)
        line.seen, line.effect = str(version.pk) if version else UNSEEN, Effect.CHANGED if stored else Effect.NEW
        written = self.written(line.row)
        if stored and any(layout.cell_digest(stored.get(name)) != written.get(name, "") for name in other):
            line.effect = Effect.CONFLICT
            line.whose = self.hand(version) if version else ""
            there = {name: read(name, stored.get(name)) for name in other}
            line.theirs = [f"{self.titles[name]}: {text or 'blank'}" for name, text in there.items()]
        return line

    def hand(self, version: Version) -> str:
        by, zone = version.entered_by, self.found.look.time_zone
        return hand(by.name if by else "", version.entered_at, zone)

    @abstractmethod
    def name(self, row: Filled) -> str: ...

    @abstractmethod
    def compared(self, line: Line) -> Line: ...


def text_in(row: Filled, name: str) -> str:
    """What a cell says. Where yes and no are offered, TRUE is yes; where codes are asked for, signs that show nothing
    are none of them."""
    text = layout.seen(row.text(name)) if name in CODED else row.text(name)
    return TICKED.get(text, text) if name == "online" else text


def as_stored(value: Value) -> str:
    """A text sign by sign, so that who changes another cell leaves it as it is."""
    return value if isinstance(value, str) else layout.text(value)


def plain(name: str, value: Value) -> str:
    """What a cell says, as it is compared: people's own words as they are; a choice or a list of codes whatever the
    letter case and the order."""
    text = layout.text(value)
    if name in PROSE:
        return text
    day = day_of(text)
    return day.isoformat() if day else ";".join(sorted(map(folded, text.split(";"))))


def read(name: str, value: Value) -> str:
    """What a cell says, as people read it: a whole date as the plan writes dates."""
    text = layout.text(value)
    day = day_of(text) if name in DATED else None
    return day_words(day) if day else text


def as_shown(sentence: str) -> str:
    """What the formats of the commands say of a day, as the cell, its header and its limit say days."""
    return WHOLE_DAY.sub(lambda found: read("start", found[0]), sentence)


def problems_of(row: Filled, faults: Faults, columns: Mapping[str, str]) -> list[Problem]:
    """``columns``: what the formats of the commands call a column -> what it is called here."""
    found = [problem for problems in faults.problems.values() for problem in problems]
    named = [(columns.get(each.column, each.column), each.sentence) for each in found]
    return [row.problem(as_shown(said) if name in DAYS else said, name) for name, said in named]


def one_of(row: Filled, name: str, offered: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """What is stored for what was chosen in a cell, or typed instead."""
    known = {folded(word): value for text, value in offered.items() for word in (text, value)}
    text = chosen_text(row.text(name))
    if text and text not in known:
        return "", [row.problem(NO_CHOICE.format(quotable(row.text(name)), " or ".join(offered)), name)]
    return known.get(text, ""), []


# ---------------------------------------------------------------- activities


class Activities(Records):
    part, columns, inputs = Part.ACTIVITY, layout.ACTIVITY_COLUMNS, layout.ACTIVITY_INPUTS

    @cached_property
    def known(self) -> activities.Known:
        return activities.Known(self.organisations(), activities.readings_by_code(self.found.round.plan))

    @cached_property
    def stored(self) -> dict[str, Recorded]:
        reader = None if self.anybody else self.user
        return {each.reference: each for each in activities_of(self.whose, self.found.round.plan, reader)}

    def name(self, row: Filled) -> str:
        return row.text("title") or row.key.removeprefix(layout.NEW) or "A new activity"

    def reference(self, row: Filled) -> str:
        """Of a row without a key, by what it says: the same row once more is the same activity."""
        if row.key:
            return layout.reference_of(row.key)[0]
        said = "\n".join(f"{name}={row.text(name)}" for name in ("title", "kind", "start"))
        return f"{self.whose.code}-{sha256(said.encode()).hexdigest()[:12]}"

    def another(self, row: Filled) -> str:
        """The reference of what a row says where another record took that of the row."""
        said = "\n".join(f"{name}={row.text(name)}" for name in (layout.KEY.name, *self.inputs))
        return f"{self.whose.code}-{sha256(f'{row.key} {said}'.encode()).hexdigest()[:12]}"

    @cached_property
    def known_elsewhere(self) -> frozenset[str]:
        """The references of new rows that are recorded, and not there for whoever brings the workbook: merged, or not
        theirs to know of."""
        rows = [row for row in self.book.of(self.part) if row.key not in self.stamped and row.cells]
        wanted = {self.reference(row) for row in rows} - self.stored.keys()
        found = (
            Activity.objects.filter(reference__in=wanted, versions__isnull=False) if wanted else Activity.objects.none()
        )
        return frozenset(found.values_list("reference", flat=True))

    @cached_property
    def named(self) -> dict[str, Filled]:
        return {}

    def compared(self, line: Line) -> Line:
        row, is_new = line.row, line.row.key not in self.stamped
        reference = self.reference(row)
        recorded = self.stored.get(reference)
        if is_new and recorded:
            recorded = self.stored.get(self.another(row), recorded)
        if recorded is None and (not is_new or reference in self.known_elsewhere):
            return line.refused([row.problem(GONE)])
        if first := self.named.get(reference):
            return line.refused([row.problem(ALIKE.format(first.place()))])
        self.named[reference] = row
        if recorded and not is_own(recorded, self.whose):
            return self.numbers(line, recorded)
        if not self.allowed("activity.edit" if recorded else "activity.add", self.whose.code):
            return line.refused([line.row.problem(NO_RIGHT)])
        return self.activity(line, recorded)

    def activity(self, line: Line, recorded: Recorded | None) -> Line:
        row, stored = line.row, activity_cells(recorded) if recorded else {}
        texts = self.texts(row, stored, self.inputs)
        if problems := [*row.faults(self.inputs), *not_asked(row, self.inputs)]:
            return line.refused(problems)
        record, problems = self.record(row, texts)
        if problems:
            return line.refused(problems)
        line.says = ActivitySays(record)
        if recorded and row.key not in self.stamped:
            line.choices = (SITE, WORKBOOK, ANOTHER)
            line.another = ActivitySays(replace(record, reference=self.another(row)))
        return self.settled(line, recorded.version if recorded else None, stored, record_cells(record))

    def record(self, row: Filled, texts: Mapping[str, str]) -> tuple[ActivityRecord, list[Problem]]:
        kind, wrong = one_of(row, "kind", KINDS)
        status, more = one_of(row, "status", STATES)
        online, still_more = one_of(row, "online", {layout.YES: "yes", layout.NO: ""})
        faults = Faults("")
        cells = {name: text for name, text in texts.items() if text}
        cells |= {"reference": self.reference(row), "kind": ActivityKind.OTHER.value if wrong else kind}
        cells |= {name: day.isoformat() for name in ("start", "end") if (day := day_of(cells.get(name, "")))}
        row_said = Row(row.number, {name: text for name, text in cells.items() if text}, faults)
        record = activities.read_activity(row_said, self.known)
        version = record.version
        version.status = status or ActivityStatus.HELD
        version.online = online == "yes"
        version.place = row_said.read("place", partial(validators.line, longest=200)) or ""
        return replace(record, keeps=()), [
            *wrong, *more, *still_more, *problems_of(row, faults, {}), *self.not_held(row, version)
        ]  # fmt: skip

    def not_held(self, row: Filled, version: ActivityVersion) -> Iterator[Problem]:
        today = self.found.look.occasion.now.astimezone(self.found.look.time_zone).date()
        last = version.end or version.start
        if last and last > today and version.status == ActivityStatus.HELD:
            yield row.problem(NOT_HELD.format(today), "status")

    def numbers(self, line: Line, recorded: Recorded) -> Line:
        """The own numbers in what others recorded."""
        row, own = line.row, own_part(recorded, self.whose)
        stored = own_cells(own) if own else {}
        texts = self.texts(row, stored, layout.OWN_NUMBERS)
        faults = Faults("")
        head, problems = one_of(row, "own_head", layout.HEADS)
        cells = Row(row.number, {name: text for name, text in texts.items() if text}, faults)
        participants = cells.read("own_participants", validators.head_count)
        women = cells.read("own_women", validators.head_count)
        numbers = {"participants": participants, "women": women, "head": head}
        cells.check(lambda: validators.women_among(women, participants, self.whose.code), "own_women")
        problems += [*row.faults(OF_OTHERS), *problems_of(row, faults, {}), *self.not_theirs(row, recorded)]
        states = any(self.allowed(each, self.whose.code) for each in ("activity.confirm_own_part", "activity.edit"))
        if own is None or not states:
            return line.refused([*problems, row.problem(NO_RIGHT)])
        if problems:
            return line.refused(problems)
        stands = own._replace(participants=participants, women=women, head=head)
        line.says = NumbersSays(recorded.version.activity, numbers)
        return self.settled(line, recorded.version, stored, own_cells(stands))

    def not_theirs(self, row: Filled, recorded: Recorded) -> Iterator[Problem]:
        """What was changed in cells that are locked, since others recorded it."""
        stored = activity_cells(recorded)
        touched = self.touched(row)
        for name in self.inputs:
            if name in touched and plain(name, text_in(row, name)) != plain(name, stored.get(name)):
                yield row.problem(NOT_YOURS, name)


UNSAID = {"online": layout.NO, "status": ActivityStatus.HELD.label}
"""What a blank cell means."""


# ---------------------------------------------------------------- arrangements

PARTIES = {"party_a": "party", "party_b": "party"}


class Arrangements(Records):
    part, columns, inputs = Part.ARRANGEMENT, layout.ARRANGEMENT_COLUMNS, layout.ARRANGEMENT_INPUTS

    @cached_property
    def stored(self) -> dict[tuple[int, int], ArrangementVersion]:
        rows = arrangements_of(self.whose)
        return {(each.arrangement.party_a_id, each.arrangement.party_b_id): each for each in rows}

    @cached_property
    def named(self) -> dict[tuple[int, int], Filled]:
        return {}

    @cached_property
    def there(self) -> dict[str, Filled]:
        """The rows of pairs that the workbook was made with, changed or not."""
        return {row.key: row for row in self.book.of(self.part) if row.key in self.stamped}

    def name(self, row: Filled) -> str:
        other = layout.code_in(row.text("party"))
        return f"{self.whose.code} and {other}" if other else "A new arrangement"

    def other(self, row: Filled) -> str:
        """The code of the other party: of a record that is there, by its key."""
        if row.key and not row.key.startswith(layout.NEW):
            return next((code for code in row.key.split("-") if code != self.whose.code), "")
        return layout.code_in(row.text("party"))

    def compared(self, line: Line) -> Line:
        row = line.row
        if row.key in self.stamped and "party" in self.touched(row):
            return line.refused([row.problem(OTHER_PARTY, "party")])
        record, problems = self.record(row)
        if problems or record is None:
            return line.refused(problems)
        first = self.named.get(record.pair) or self.there.get(layout.pair_key(*(each.code for each in record.parties)))
        if first and first is not row:
            return line.refused([row.problem(TWICE.format(first.place()), "party")])
        self.named[record.pair] = row
        version = self.stored.get(record.pair)
        action = "arrangement.edit" if version else "arrangement.add"
        if not self.allowed(action, *(party.code for party in record.parties)):
            return line.refused([row.problem(NO_RIGHT)])
        line.says = ArrangementSays(record)
        self.settled(line, version, arrangement_cells(version) if version else {}, arrangement_cells(record.version))
        line.words += [CONTESTED] if line.words and version and version.arrangement.contested else []
        return line

    def record(self, row: Filled) -> tuple[ArrangementRecord | None, list[Problem]]:
        before = next((each for each in self.stored.values() if self.key_of(each) == row.key), None)
        stored = arrangement_cells(before) if before else {}
        names = [name for name in self.inputs if name != "party"]
        texts, faults = self.texts(row, stored, names), Faults("")
        cells = {name: text for name, text in texts.items() if text}
        cells |= {name: day.isoformat() for name in DATED if (day := day_of(cells.get(name, "")))}
        parties = {"party_a": self.whose.code, "party_b": self.other(row)}
        said = Row(row.number, cells | {name: code for name, code in parties.items() if code}, faults)
        record = arrangements.read_arrangement(said, self.organisations())
        problems = [*row.faults(self.inputs), *problems_of(row, faults, PARTIES)]
        if not problems and not (cells.get("signed") or cells.get("in_force")):
            problems.append(row.problem(NO_DAY, "signed"))
        return record, problems

    @staticmethod
    def key_of(version: ArrangementVersion) -> str:
        return layout.pair_key(version.arrangement.party_a.code, version.arrangement.party_b.code)
