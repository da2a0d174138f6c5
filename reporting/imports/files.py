"""Files of activities and of arrangements as people bring them in the browser: the formats of the commands, as CSV
or as a workbook, read with all that is wrong at once and compared with what is there (ADR 35)."""

import json
from abc import ABC, abstractmethod
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from typing import Any, ClassVar

from members.days import WITH_WHOLE_YEAR, day_of
from members.imports.sheet import Column, Layout, Problem, Row, Sheet, folded, read
from members.models import Organisation
from reporting.actions import ActivityRecord, ArrangementRecord, Outcome
from reporting.actions.activities import compare_activities, newest_of_activities
from reporting.actions.arrangements import compare_arrangements, newest_of_arrangements
from reporting.actions.versions import newest_versions
from reporting.choices import ActivityKind, ActivityStatus
from reporting.models import ActivityPart, ActivityVersion, ArrangementVersion
from workplan.models import Plan

from . import activities, arrangements
from .sheet import Refusals
from .sheet import Row as RowToRead

MOST_ROWS = 5_000
LARGEST = 3 * 1024 * 1024
BLANK = "A blank cell says that it is not stated. A column that is not in the file leaves what is stored."
LISTED = "with ; between"
ACTIVITIES = Layout(
    sheet="Activities",
    fields=(
        Column("reference", "By it an activity is known; the same reference again updates.", "ROCB-2027-04"),
        Column("title", "What it was, on one line.", "Workshop on risk management"),
        Column("kind", f"One of {', '.join(ActivityKind.values)}.", "workshop"),
        Column("start", "Its first day: 2027-06-28 or 28.06.2027.", date(2027, 6, 28)),
        Column("end", "Its last day. Blank: it lasted one day.", date(2027, 6, 30)),
        Column("organisers", f"Codes of organisations, {LISTED}.", "ROCB;AUS"),
        Column("contributors", f"Who hosted, spoke or wrote: codes, {LISTED}.", "NZL"),
        Column(
            "kpis",
            f"For which KPIs of this plan it counts: codes, {LISTED}. 2.1.1(a).2*12 stands for 12 items of that KPI.",
            "1.1.3-2(a);2.1.1(a).2*12",
        ),
        Column(
            "participants",
            f"Who took part, {LISTED}. AUS:3/1 is 3, of whom 1 woman; AUS:3/ with the women not stated; AUS with no "
            "numbers stated.",
            "AUS:3/1;FJI:2/;TON",
        ),
        Column("heads", f"Who headed the delegations: f a woman, m a man, {LISTED}.", "AUS:f;FJI:m"),
        Column("rating", "The mean rating by participants, from 1 to 5.", Decimal("4.25")),
        Column("respondents", "How many gave one.", Decimal(20)),
    ),
    key=("reference",),
    needs=("title", "kind", "start"),
    blank=BLANK,
    most_rows=MOST_ROWS,
    largest=LARGEST,
)
ARRANGEMENTS = Layout(
    sheet="Arrangements",
    fields=(
        Column("party_a", "The code of a Member. The pair in either order is the same arrangement.", "JPN"),
        Column("party_b", "The code of the other.", "KOR"),
        Column("signed", "When it was signed; perhaps only the month or the year: 2018-06-28, 2018-06, 2018.", "2018"),
        Column("in_force", "From which day on it is in force. Without one it does not count.", date(2019, 5, 1)),
        Column("ended", "When it ended.", date(2027, 6, 30)),
        Column("source", "Where this is known from, on one line.", "Communiqué of the signing"),
        Column("comment", "What else is to be said.", ""),
    ),
    key=("party_a", "party_b"),
    in_any_order=True,
    blank=BLANK,
    most_rows=MOST_ROWS,
    largest=LARGEST,
)
KINDS = {folded(name): each.value for each in ActivityKind for name in (each.value, each.label)}
Version = ActivityVersion | ArrangementVersion


@dataclass
class Faults(Refusals):
    """What is wrong, by row and column, for a page and for a workbook in which the cells are marked."""

    problems: dict[int, list[Problem]] = field(default_factory=lambda: defaultdict(list))

    def add(self, sentence: str, row: int | None = None, *columns: str) -> None:
        self.problems[row or 0].append(Problem(row or 0, columns[0] if columns else "", sentence))


class RegisterFile(ABC):
    """``stored``: what is there of what the file names, as newest versions by key. ``records``: what the rows without
    fault say, by row. ``seen``: a token of what the file was compared with. Raises ValidationError where the file
    cannot be read at all."""

    layout: ClassVar[Layout]
    days: ClassVar[Sequence[str]]

    def __init__(self, content: bytes, plan: Plan) -> None:
        self.plan = plan
        self.sheet: Sheet = read(content, self.layout)
        self.faults = Faults("")
        for problem in self.sheet.problems:
            self.faults.problems[problem.row].append(problem)
        self.missing = [column for column in self.layout.columns if column not in self.sheet.headings]
        self.stored = self.what_is_there()
        self.seen = self.token()
        self.records: dict[int, Any] = dict(self.read_rows())

    @property
    def problems(self) -> dict[int, list[Problem]]:
        return {row: found for row, found in self.faults.problems.items() if found}

    def read_rows(self) -> Iterator[tuple[int, Any]]:
        for row in self.sheet.rows:
            if self.faults.problems.get(row.number):
                continue  # about a formula, or what stands there twice, nothing more is to be said
            record = self.read_row(RowToRead(row.number, self.cells(row), self.faults))
            if record is not None and not self.faults.problems.get(row.number):
                yield row.number, record

    def cells(self, row: Row) -> dict[str, str]:
        """As the commands read them. What a file has no column for is said as it is stored."""
        says = {column: self.cell(column, text) for column, text in row.cells.items()}
        before = self.stored.get(self.key_of(row)) if self.missing else None
        return {**{name: self.celled(before, name) for name in self.missing}, **says} if before else says

    def cell(self, column: str, text: str) -> str:
        """A day may be written as people write it, with the whole year."""
        day = day_of(text, WITH_WHOLE_YEAR) if column in self.days else None
        return day.isoformat() if day else text

    def celled(self, version: Any, column: str) -> str:
        """What stands in a column of a version that is stored."""
        value = self.values_of(version, self.plan).get(column)
        return f"{value.normalize():f}" if isinstance(value, Decimal) else "" if value is None else str(value)

    @classmethod
    def rows_there(cls, plan: Plan) -> list[list[Any]]:
        """What is there as rows of a file that, imported again, changes nothing."""
        says = (cls.values_of(version, plan) for version in cls.all_of())
        return [[values[name] for name in cls.layout.columns] for values in says]

    # ------------------------------------------------------------ what each register does its own way

    @abstractmethod
    def key_of(self, row: Row) -> Any: ...

    @abstractmethod
    def what_is_there(self) -> dict[Any, Any]: ...

    @abstractmethod
    def token(self) -> str:
        """Of what is there now of what the file names."""

    @abstractmethod
    def read_row(self, row: RowToRead) -> Any: ...

    @abstractmethod
    def compared(self) -> Outcome:
        """What importing the records would do, in their order."""

    @staticmethod
    @abstractmethod
    def values_of(version: Any, plan: Plan) -> dict[str, Any]: ...

    @staticmethod
    @abstractmethod
    def all_of() -> Iterable[Any]: ...

    def notices(self) -> list[str]:
        return []


def digest(rows: Iterable[object]) -> str:
    return sha256(json.dumps(sorted(map(str, rows))).encode()).hexdigest()


# ---------------------------------------------------------------- activities


class ActivitiesFile(RegisterFile):
    layout = ACTIVITIES
    days = ("start", "end")

    def key_of(self, row: Row) -> str:
        return row.get("reference")

    @cached_property
    def known(self) -> activities.Known:
        return activities.what_is_known(self.plan)

    def what_is_there(self) -> dict[str, ActivityVersion]:
        return newest_of_activities([self.key_of(row) for row in self.sheet.rows])

    def token(self) -> str:
        named = [self.key_of(row) for row in self.sheet.rows]
        rows = newest_versions(ActivityVersion.objects.filter(activity__reference__in=named))
        return digest(rows.values_list("pk", "decision", "activity__merged_into"))

    def cell(self, column: str, text: str) -> str:
        return KINDS.get(folded(text), text) if column == "kind" else super().cell(column, text)

    def read_row(self, row: RowToRead) -> ActivityRecord:
        before = self.stored.get(row.cells.get("reference", ""))
        if before and before.activity.merged_into:
            row.refuse(f"This record is merged into {before.activity.merged_into.reference}. State that.", "reference")
        return activities.read_activity(row, self.known)

    def compared(self) -> Outcome:
        return compare_activities(records=list(self.records.values()), newest=self.stored, plan=self.plan)

    def notices(self) -> list[str]:
        return list(activities.notices(self.records.values(), self.known))

    @staticmethod
    def all_of() -> list[ActivityVersion]:
        """Those held: a file has no word for what is planned or cancelled."""
        held = newest_versions(ActivityVersion.objects.filter(activity__merged_into=None))
        held = held.filter(status=ActivityStatus.HELD).select_related("activity").order_by("start", "activity")
        return list(held.prefetch_related("parts__organisation", "links__kpi"))

    @staticmethod
    def values_of(version: ActivityVersion, plan: Plan) -> dict[str, Any]:
        parts = sorted(version.parts.all(), key=lambda part: (part.organisation.position, part.organisation.code))
        links = sorted(
            (link for link in version.links.all() if link.kpi.plan_id == plan.pk), key=lambda link: link.kpi.code
        )
        says = {name: getattr(version, name) for name in ("title", "kind", "start", "end", "rating", "respondents")}
        return says | {
            "reference": version.activity.reference,
            "organisers": ";".join(part.organisation.code for part in parts if part.organises),
            "contributors": ";".join(part.organisation.code for part in parts if part.contributes),
            "kpis": ";".join(link.kpi.code + (f"*{link.items}" if link.items > 1 else "") for link in links),
            "participants": ";".join(numbers(part) for part in parts if part.takes_part or states_numbers(part)),
            "heads": ";".join(f"{part.organisation.code}:{part.head}" for part in parts if part.head),
        }


def states_numbers(part: ActivityPart) -> bool:
    return part.participants is not None or part.women is not None


def numbers(part: ActivityPart) -> str:
    """AUS:3/1, AUS:3/ or AUS"""
    women = "" if part.women is None else part.women
    return part.organisation.code + (f":{part.participants}/{women}" if part.participants is not None else "")


# ---------------------------------------------------------------- arrangements


class ArrangementsFile(RegisterFile):
    layout = ARRANGEMENTS
    days = ("in_force", "ended")

    @cached_property
    def organisations(self) -> Mapping[str, Organisation]:
        return {each.code: each for each in Organisation.objects.all()}

    def key_of(self, row: Row) -> tuple[int, int] | None:
        parties = [self.organisations.get(row.get(column)) for column in self.layout.key]
        if None in parties:
            return None
        a, b = sorted(each.pk for each in parties if each)
        return a, b

    def what_is_there(self) -> dict[tuple[int, int], ArrangementVersion]:
        return newest_of_arrangements()

    def token(self) -> str:
        """Of all: there are some hundreds at most."""
        return digest(newest_versions(ArrangementVersion.objects.all()).values_list("pk", "decision"))

    def read_row(self, row: RowToRead) -> ArrangementRecord | None:
        return arrangements.read_arrangement(row, self.organisations)

    def compared(self) -> Outcome:
        return compare_arrangements(records=list(self.records.values()), newest=self.stored)

    @staticmethod
    def all_of() -> list[ArrangementVersion]:
        found = newest_of_arrangements().values()
        return sorted(found, key=lambda each: (each.arrangement.party_a.position, each.arrangement.party_b.position))

    @staticmethod
    def values_of(version: ArrangementVersion, plan: Plan) -> dict[str, Any]:
        says = {name: getattr(version, name) for name in ("signed", "in_force", "ended", "source", "comment")}
        arrangement = version.arrangement
        return says | {"party_a": arrangement.party_a.code, "party_b": arrangement.party_b.code}
