"""What the sheet of activities of a workbook that came back would do."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from typing import Any

from members.days import day_of
from reporting import validators
from reporting.actions.activities import ActivityRecord
from reporting.choices import ActivityKind, ActivityStatus
from reporting.imports import activities
from reporting.imports.files import Faults
from reporting.imports.sheet import Row
from reporting.models import Activity, ActivityVersion

from . import layout
from .comparing import ANOTHER, SITE, WORKBOOK, Line, chosen_text, folded, not_asked, quotable
from .layout import Part
from .reading import OTHER_KEY, Filled, Problem
from .records import NO_RIGHT, Records, plain, problems_of, text_in
from .registers import (
    KINDS,
    STATES,
    Recorded,
    activities_of,
    activity_cells,
    is_own,
    own_cells,
    own_part,
    record_cells,
)

GONE = "This record is not there for you any more: it may be merged into another. Empty the row, or delete it."
NOT_YOURS = "Only who recorded or organises it changes this. You may state your own numbers."
NOT_HELD = "It is not held yet on {:%d.%m.%y}: choose “Planned”."
NO_CHOICE = "“{}” is none of what is offered: {}."
ALIKE = "{} already says an activity with this title, kind and first day. State it once, or give it another title."
OF_OTHERS = frozenset(layout.OWN_NUMBERS)


@dataclass(frozen=True)
class ActivitySays:
    """An activity as a row says it, new or of the organisation's own."""

    record: ActivityRecord


@dataclass(frozen=True)
class NumbersSays:
    """The own numbers in what others recorded."""

    activity: Activity
    numbers: dict[str, Any]


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
        if is_new and not reference.startswith(f"{self.whose.code}-"):
            return line.refused([row.problem(OTHER_KEY.format(row.key[:40]))])
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


def one_of(row: Filled, name: str, offered: Mapping[str, str]) -> tuple[str, list[Problem]]:
    """What is stored for what was chosen in a cell, or typed instead."""
    known = {folded(word): value for text, value in offered.items() for word in (text, value)}
    text = chosen_text(row.text(name))
    if text and text not in known:
        return "", [row.problem(NO_CHOICE.format(quotable(row.text(name)), validators.listed(offered)), name)]
    return known.get(text, ""), []
