"""What the sheet of arrangements of a workbook that came back would do."""

from dataclasses import dataclass
from functools import cached_property

from members.days import day_of
from reporting.actions.arrangements import ArrangementRecord
from reporting.imports import arrangements
from reporting.imports.files import Faults
from reporting.imports.sheet import Row
from reporting.models import ArrangementVersion

from . import layout
from .comparing import Line
from .layout import Part
from .reading import Filled, Problem
from .records import DATED, NO_RIGHT, Records, problems_of
from .registers import arrangement_cells, arrangements_of

TWICE = "{} already records this pair. State it once."
CONTESTED = "The record is contested. That stays."
OTHER_PARTY = "The other party of a record never changes. Put this one back, and state the new pair in an empty row."
NO_DAY = "Say when it was signed, or from when it is in force."


@dataclass(frozen=True)
class ArrangementSays:
    record: ArrangementRecord


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
