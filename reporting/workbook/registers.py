"""The sheets of activities and of arrangements: what the register holds of one organisation, and empty rows."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from operator import attrgetter
from typing import Any, NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.crypto import get_random_string

from members.models import Organisation, User
from reporting.actions.activities import ActivityRecord
from reporting.actions.versions import newest_versions
from reporting.audience import shown_to
from reporting.choices import ActivityKind, ActivityStatus
from reporting.models import ActivityLink, ActivityPart, ActivityVersion, ArrangementVersion
from reporting.queries import serving
from reporting.returns import Return
from workplan.calendar import base_year
from workplan.choices import Source
from workplan.models import Plan
from workplan.queries import codes_by_position
from workplan.tree import PlanText

from .content import Line, Sheet, Value
from .layout import (
    ACTIVITIES,
    ACTIVITY_COLUMNS,
    ACTIVITY_INPUTS,
    ARRANGEMENT_COLUMNS,
    ARRANGEMENT_INPUTS,
    ARRANGEMENTS,
    HEADS,
    NEW_ACTIVITIES,
    NEW_ARRANGEMENTS,
    NO,
    OWN_NUMBERS,
    YES,
    choice_text,
    digests,
    new_key,
    pair_key,
)

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Of references: none that look alike."""
KINDS = {str(label): value for value, label in ActivityKind.choices}
STATES = {str(label): value for value, label in ActivityStatus.choices}
"""What a drop-down offers -> what is stored."""
ALL, OWN, ADD = "All of it", "Your own numbers", "New: add one here"
OFFERED = {name: name for name in ("kind", "status", "online", "own_head")}
WRITABLE, OWN_WRITABLE = frozenset(ACTIVITY_INPUTS), frozenset(OWN_NUMBERS)
PAIR_WRITABLE = frozenset(ARRANGEMENT_INPUTS)
HEAD_WORDS = {value: text for text, value in HEADS.items()}


# ---------------------------------------------------------------- activities


class PartRow(NamedTuple):
    """An organisation's part in a version; there are too many of them for rows of their own."""

    version: int
    code: str
    organises: bool
    contributes: bool
    takes_part: bool
    participants: int | None
    women: int | None
    head: str
    contested: bool


PART = ("version", "organisation__code", *PartRow._fields[2:])


@dataclass(frozen=True)
class Recorded:
    """The newest version of an activity, with its parts by code. It ``serves`` the KPIs of this plan that it counts for
    (``queries.serving``)."""

    version: Any
    parts: tuple[PartRow, ...]

    @property
    def kpis(self) -> Iterator[str]:
        """As ``import_activities`` has them: 1.1.3-2(a), and 1.1.3-2(a)*3 for three items."""
        for served in codes_by_position(self.version.serves):
            yield served.removesuffix(" × 1").replace(" × ", "*")

    @property
    def reference(self) -> str:
        return self.version.activity.reference

    @property
    def token(self) -> str:
        """As the forms of the register carry it."""
        return str(self.version.pk)


def activities_of(whose: Organisation, plan: Plan, reader: User | None) -> list[Recorded]:
    """The activities that an organisation recorded or has a part in, from the base year on, of this plan or of none; as
    far as the reader may know of them (None: whoever runs a command). Two queries."""
    named = ActivityPart.objects.filter(version=OuterRef("pk"), organisation=whose)
    links = ActivityLink.objects.filter(version=OuterRef("pk"))
    here = Exists(links.filter(kpi__plan=plan)) | ~Exists(links)
    rows = newest_versions(ActivityVersion.objects.all()).filter(
        Exists(named) | Q(activity__recorded_by=whose), here, activity__merged_into=None
    )
    rows = rows.annotate(serves=serving(links.filter(kpi__plan=plan))).order_by("day", "pk")
    rows = rows.filter(day__gte=base_year(plan.starts).starts).select_related("activity", "entered_by")
    return with_parts(list(rows.filter(shown_to(reader)) if reader else rows))


def with_parts(versions: Sequence[ActivityVersion]) -> list[Recorded]:
    parts = defaultdict(list)
    rows = ActivityPart.objects.filter(version__in=versions).order_by("organisation__code")
    for part in map(PartRow._make, rows.values_list(*PART)):
        parts[part.version].append(part)
    return [Recorded(each, tuple(parts[each.pk])) for each in versions]


def activity_cells(recorded: Recorded) -> dict[str, Value]:
    """What a version says, as the sheet has it: also for whoever reads it back and compares."""
    return cells_of(recorded.version, recorded.parts, recorded.kpis)


def record_cells(record: ActivityRecord) -> dict[str, Value]:
    """The same of what is not stored yet."""
    parts = sorted(map(part_row, record.parts), key=attrgetter("code"))
    items = ((link.kpi.code, link.items) for link in record.links)
    return cells_of(record.version, parts, (f"{code}*{many}" if many > 1 else code for code, many in items))


def part_row(part: ActivityPart) -> PartRow:
    said = (part.organises, part.contributes, part.takes_part, part.participants, part.women, part.head)
    return PartRow(0, part.organisation.code, *said, contested=False)


def cells_of(version: ActivityVersion, parts: Sequence[PartRow], kpis: Iterable[str]) -> dict[str, Value]:
    return {
        "title": version.title,
        "kind": version.get_kind_display(),
        "status": version.get_status_display(),
        "start": version.start,
        "end": version.end,
        "place": version.place,
        "online": YES if version.online else NO,
        "organisers": listed(part.code for part in parts if part.organises),
        "contributors": listed(part.code for part in parts if part.contributes),
        "participants": listed(took_part(part) for part in parts if part.takes_part or part.participants is not None),
        "heads": listed(f"{part.code}:{part.head}" for part in parts if part.head),
        "kpis": listed(kpis),
        "rating": version.rating,
        "respondents": version.respondents,
    }


def own_cells(part: PartRow) -> dict[str, Value]:
    """The own numbers in what others recorded."""
    return {"own_participants": part.participants, "own_women": part.women, "own_head": HEAD_WORDS.get(part.head)}


def listed(items: Iterable[str]) -> str:
    return "; ".join(items)


def took_part(part: PartRow) -> str:
    """AUS:3/1, AUS:3/ or AUS, as ``import_activities`` has it."""
    if part.participants is None:
        return part.code
    return f"{part.code}:{part.participants}/{'' if part.women is None else part.women}"


def own_part(recorded: Recorded, whose: Organisation) -> PartRow | None:
    return next((part for part in recorded.parts if part.code == whose.code), None)


def is_own(recorded: Recorded, whose: Organisation) -> bool:
    """May its people change the record: who recorded it, and who organises it."""
    part = own_part(recorded, whose)
    return recorded.version.activity.recorded_by_id == whose.pk or bool(part and part.organises)


def activity_line(recorded: Recorded, whose: Organisation) -> Line:
    part, own = own_part(recorded, whose), is_own(recorded, whose)
    asks = WRITABLE if own else OWN_WRITABLE
    decision = recorded.version.get_decision_display()
    about: dict[str, Value] = {
        "reference": recorded.reference,
        "may": ALL if own else OWN,
        "state": f"{decision}, contested by you" if part and part.contested else decision,
    }
    numbers = own_cells(part) if part and not own else {}
    return Line(recorded.reference, about | activity_cells(recorded) | numbers, asks, asks, OFFERED)


def new_activities(found: Return) -> list[Line]:
    """Empty rows, each with its own reference, so that a second upload of the same row adds nothing."""
    code, now = found.submission.organisation.code, found.look.occasion.now
    batch = f"{code}-{now:%Y%m%d}-{get_random_string(5, LETTERS)}"
    keys = (new_key(f"{batch}-{number:02}") for number in range(1, NEW_ACTIVITIES + 1))
    return [Line(key, {"may": ADD}, WRITABLE, WRITABLE, OFFERED) for key in keys]


# ---------------------------------------------------------------- arrangements


def arrangements_of(whose: Organisation) -> QuerySet[ArrangementVersion]:
    """The newest versions of the organisation's own pairs. One query."""
    own = Q(arrangement__party_a=whose) | Q(arrangement__party_b=whose)
    beside = ("arrangement__party_a", "arrangement__party_b", "plurilateral", "entered_by")
    return newest_versions(ArrangementVersion.objects.all()).filter(own).select_related(*beside).order_by("pk")


def arrangement_cells(version: ArrangementVersion) -> dict[str, Value]:
    names = ("signed", "in_force", "ended", "source", "comment")
    return {name: getattr(version, name) for name in names}


def arrangement_line(version: ArrangementVersion, whose: Organisation) -> Line:
    pair = version.arrangement
    other = pair.party_b if pair.party_a_id == whose.pk else pair.party_a
    about: dict[str, Value] = {
        "party": choice_text(other.code, other.name),
        "plurilateral": version.plurilateral.name if version.plurilateral else "",
        "state": f"{version.get_decision_display()}{', contested' if pair.contested else ''}",
    }
    may = PAIR_WRITABLE - {"party"}
    return Line(pair_key(pair.party_a.code, pair.party_b.code), about | arrangement_cells(version), may, may)


def new_arrangements() -> list[Line]:
    keys = (new_key(f"{number:02}") for number in range(1, NEW_ARRANGEMENTS + 1))
    return [Line(key, {}, PAIR_WRITABLE, PAIR_WRITABLE, {"party": "party"}) for key in keys]


# ---------------------------------------------------------------- both


@dataclass(frozen=True)
class Registers:
    """What the register holds of the organisation of a return. ``plan``: as at the date of the round; ``shut``: the
    workbook is for reading."""

    found: Return
    plan: PlanText
    shut: bool = False

    @cached_property
    def activities(self) -> list[Recorded]:
        reader = self.found.look.user
        return activities_of(self.whose, self.found.round.plan, reader if reader.pk else None)

    @cached_property
    def arrangements(self) -> list[ArrangementVersion]:
        return list(arrangements_of(self.whose)) if self.is_member else []

    @property
    def whose(self) -> Organisation:
        return self.found.submission.organisation

    @property
    def is_member(self) -> bool:
        """Only Members are parties of arrangements."""
        return self.whose.is_member

    def sheets(self, whose: str) -> list[Sheet]:
        lines = self.lines((activity_line(each, self.whose) for each in self.activities), new_activities(self.found))
        title = f"Activities that you recorded or have a part in ({whose})"
        found = [Sheet(ACTIVITIES, title, ACTIVITY_COLUMNS, lines, stays=2)]
        if self.is_member:
            pairs = self.lines((arrangement_line(each, self.whose) for each in self.arrangements), new_arrangements())
            title = f"Your AEO mutual recognition arrangements ({whose})"
            found.append(Sheet(ARRANGEMENTS, title, ARRANGEMENT_COLUMNS, pairs, stays=2))
        return found

    def lines(self, recorded: Iterable[Line], empty: Iterable[Line]) -> tuple[Line, ...]:
        if self.shut:
            return tuple(replace(line, open=frozenset()) for line in recorded)
        return (*recorded, *empty)

    def stamped(self, sheets: Iterable[Sheet]) -> tuple[dict[str, tuple[str, str]], dict[str, tuple[str, str]]]:
        """Key -> token and digests, of the activities and of the arrangements."""
        found = {sheet.name: cell_digests(sheet) for sheet in sheets}
        activities = {each.reference: each.token for each in self.activities}
        pairs = {
            pair_key(each.arrangement.party_a.code, each.arrangement.party_b.code): str(each.pk)
            for each in self.arrangements
        }
        of_pairs = found.get(ARRANGEMENTS, {})
        return (
            {key: (token, found[ACTIVITIES][key]) for key, token in activities.items()},
            {key: (token, of_pairs[key]) for key, token in pairs.items()},
        )

    @property
    def lists(self) -> Mapping[str, list[str]]:
        members = [each for each in self.found.look.organisations.all if each.member and each.code != self.whose.code]
        return {
            "kind": list(KINDS),
            "status": list(STATES),
            "online": [YES, NO],
            "own_head": list(HEADS),
            "party": [choice_text(each.code, each.name) for each in members],
        }

    @property
    def codes(self) -> Mapping[str, list[tuple[str, str]]]:
        """What the cells of activities may name."""
        counting = (Source.ACTIVITIES, Source.PARTICIPATION)
        kpis = [each for each in self.plan.kpis if each.reading.source in counting]
        return {
            "Organisation": [(each.code, each.name) for each in self.found.look.organisations.all],
            "KPI that activities count for": [(each.code, each.reading.question) for each in kpis],
        }


def cell_digests(sheet: Sheet) -> dict[str, str]:
    """Key of a row -> the digests of its input cells, locked ones too, so that a change in those is noticed."""
    names = [column.name for column in sheet.columns if column.input]
    return {
        line.key: digests({name: line.cells.get(name) for name in names}) for line in sheet.lines if not line.is_new
    }
