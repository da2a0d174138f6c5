"""What the rows of a register in a workbook that came back would do, whichever register it is."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, ClassVar

from members.days import day_of
from members.models import Organisation
from members.permissions import Target, may
from reporting.choices import ActivityStatus
from reporting.imports.files import Faults
from reporting.models import ActivityVersion, ArrangementVersion
from reporting.presentation import day_words
from reporting.returns import Return
from reporting.validators import FIRST_YEAR, LAST_YEAR

from . import layout
from .comparing import TICKED, UNSEEN, Effect, Line, folded, hand, quoted
from .content import Value
from .layout import Column, Part
from .reading import Book, Filled, Problem

DAYS = frozenset({"start", "end", "in_force", "ended"})
DATED = DAYS | {"signed"}
"""Columns of days, and the one in which there may be less than a whole one."""
OF_ORGANISATIONS = frozenset({"organisers", "contributors", "participants", "heads"})
CODED = OF_ORGANISATIONS | {"kpis"}
PROSE = frozenset({"title", "place", "source", "comment"})
"""People's own words: each sign of them counts."""
WHOLE_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNSAID = {"online": layout.NO, "status": ActivityStatus.HELD.label}
"""What a blank cell means."""
NO_RIGHT = "You do not have the right to record this."
Version = ActivityVersion | ArrangementVersion


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
        """The cells that somebody changed."""
        return row.touched((column.name for column in self.columns if column.input), self.written(row))

    def texts(self, row: Filled, stored: Mapping[str, Any], names: Iterable[str]) -> dict[str, str]:
        """What a row says by column. Where it says nothing of its own, what is stored stands: somebody else may have
        changed that meanwhile. A new row says all of it."""
        says = self.touched(row) if row.key in self.stamped else row.columns.keys()
        return {
            name: text_in(row, name) or UNSAID.get(name, "") if name in says else as_stored(stored.get(name))
            for name in names
        }

    def differences(self, stored: Mapping[str, Value], stands: Mapping[str, Value]) -> Iterator[str]:
        for name, value in stands.items():
            was = f"{quoted(read(name, stored.get(name)))} → " if stored else ""
            yield f"{self.titles[name]}: {was}{quoted(read(name, value))}"

    def listed(self, cells: Mapping[str, Value], names: Iterable[str]) -> Iterator[str]:
        yield from (f"{self.titles[name]}: {read(name, cells.get(name)) or 'blank'}" for name in names)

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
        line.seen, line.effect = str(version.pk) if version else UNSEEN, Effect.CHANGED if stored else Effect.NEW
        line.column = next((name for name in other if name in line.row.columns), "")
        written = self.written(line.row)
        if stored and any(layout.cell_digest(stored.get(name)) != written.get(name, "") for name in other):
            line.effect = Effect.CONFLICT
            line.whose = self.hand(version) if version else ""
            line.theirs, line.words = list(self.listed(stored, other)), list(self.listed(other, other))
        else:
            line.words = list(self.differences(stored, other))
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
    are none of them, and those of organisations may be in small letters."""
    text = layout.seen(row.text(name)) if name in CODED else row.text(name)
    if name in OF_ORGANISATIONS:
        return layout.CODE.sub(lambda found: found[0].upper(), text)
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
    """What the formats of the commands say of a day, as the cell, its header and its limit say days; the whole year of
    one that is too early or too late."""
    return WHOLE_DAY.sub(lambda found: whole_day(found[0]), sentence)


def whole_day(text: str) -> str:
    day = day_of(text)
    far = day and not FIRST_YEAR <= day.year <= LAST_YEAR
    return f"{day:%d.%m.%Y}" if day and far else read("start", text)


def problems_of(row: Filled, faults: Faults, columns: Mapping[str, str]) -> list[Problem]:
    """``columns``: what the formats of the commands call a column -> what it is called here."""
    found = [problem for problems in faults.problems.values() for problem in problems]
    named = [(columns.get(each.column, each.column), each.sentence) for each in found]
    return [row.problem(as_shown(said) if name in DAYS else said, name) for name, said in named]
