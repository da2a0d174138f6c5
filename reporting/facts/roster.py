"""Who is a Member and who is asked at a date; the plan's dates, readings and rounds as the rules need them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from django.db.models import FilteredRelation, Q

from members.choices import AttributeName, Group, OrganisationKind
from members.models import Organisation
from reporting.inputs import Frame, Roster, Rosters, Rule
from workplan.choices import ReporterGroup
from workplan.tree import ReadingText

# ---------------------------------------------------------------- the plan's side


def frame_of(plan: Any) -> Frame:
    """The dates and settings of a plan (a row, or the text of a plan at a date)."""
    return Frame(
        starts=plan.starts,
        ends=plan.ends,
        baseline_date=plan.baseline_date,
        deliverable_date=plan.deliverable_date,
        at_risk_share=Fraction(plan.at_risk_share),
        round_up_from=Fraction(plan.round_up_from),
    )


def rule_of(reading: ReadingText) -> Rule:
    return Rule(
        source=reading.source,
        measure=reading.measure,
        period=reading.period,
        target=Fraction(reading.target),
        counts_from=reading.counts_from,
        part=reading.part,
        pair_from=reading.pair_from,
        plurilateral=reading.plurilateral,
        baseline=None if reading.baseline is None else Fraction(reading.baseline),
        denominator=reading.denominator,
        unit=reading.unit,
    )


# ---------------------------------------------------------------- who is a Member, who is asked


Term = tuple[date | None, date | None]


@dataclass(frozen=True)
class OrganisationFact:
    """An organisation with the time in which it is a Member and in which it is a developed one; None: no limit.
    ``also_known_as``: other names, separated by semicolons; "" in releases from before they were kept."""

    id: int
    code: str
    iso2: str
    name: str
    group_label: str
    member: bool
    terms: tuple[Term, ...] = ()
    developed: tuple[Term, ...] = ()
    also_known_as: str = ""

    def is_member(self, day: date) -> bool:
        return any(covers(term, day) for term in self.terms)

    def is_developed(self, day: date) -> bool:
        return any(covers(term, day) for term in self.developed)


def covers(term: Term, day: date) -> bool:
    """From the first day on until the day before the last one; a date that is not known is no limit."""
    first, last = term
    return (first is None or first <= day) and (last is None or day < last)


@dataclass(frozen=True)
class Organisations:
    """All organisations, in the order in which lists show them."""

    all: tuple[OrganisationFact, ...]

    @property
    def code_of(self) -> dict[int, str]:
        return {organisation.id: organisation.code for organisation in self.all}

    @cached_property
    def _members(self) -> dict[date, frozenset[str]]:
        return {}

    def members(self, day: date) -> frozenset[str]:
        """Who is a Member at the day; looked up once for each day, as every KPI asks."""
        if day not in self._members:
            self._members[day] = frozenset(each.code for each in self.all if each.is_member(day))
        return self._members[day]

    def asked(self, reading: ReadingText, day: date) -> frozenset[str]:
        """Whom the reading names as reporters at the day."""
        return self.named(reading.reporter_group, reading.reporters, day)

    def named(self, group: str, codes: Iterable[str], day: date) -> frozenset[str]:
        """A group of Members and further organisations by their codes; of Members, only those that are Members at the
        day (domain.md, "Who is asked")."""
        members = self.members(day)
        further = frozenset(codes)
        if further:
            further -= {each.code for each in self.all if each.member and each.code not in members}
        match ReporterGroup(group):
            case ReporterGroup.MEMBERS:
                return further | members
            case ReporterGroup.DEVELOPED:
                return further | {each.code for each in self.all if each.is_developed(day) and each.code in members}
        return further


GROUP_LABELS = dict(Group.choices)


def load_organisations() -> Organisations:
    developed = FilteredRelation("attributes", condition=Q(attributes__name=AttributeName.DEVELOPED))
    rows = (
        Organisation.objects.annotate(developed=developed)
        .order_by("position", "code")
        .values_list(
            "pk", "code", "iso2", "name", "group", "kind",
            "memberships__pk", "memberships__joined", "memberships__left",
            "developed__pk", "developed__since", "developed__until", "also_known_as",
        )
    )  # fmt: skip
    found: dict[int, tuple[str, str, str, str, bool]] = {}
    terms: dict[int, dict[int, Term]] = defaultdict(dict)
    wealth: dict[int, dict[int, Term]] = defaultdict(dict)
    also: dict[int, str] = {}
    for pk, code, iso2, name, group, kind, term, joined, left, attribute, since, until, other in rows:
        also[pk] = other
        found[pk] = (code, iso2, name, GROUP_LABELS.get(group, ""), kind == OrganisationKind.MEMBER)
        if term:
            terms[pk][term] = (joined, left)
        if attribute:
            wealth[pk][attribute] = (since, until)
    return Organisations(
        tuple(
            OrganisationFact(pk, *said, tuple(terms[pk].values()), tuple(wealth[pk].values()), also[pk])
            for pk, said in found.items()
        )
    )


class RosterBook:
    """Rosters by date, worked out once for each way of being asked."""

    def __init__(self, organisations: Organisations, baseline_date: date) -> None:
        self.organisations = organisations
        self.baseline_date = baseline_date
        self._known: dict[Any, Roster] = {}

    def at(self, reading: ReadingText, day: date) -> Roster:
        key = (reading.reporter_group, reading.reporters, day)
        if key not in self._known:
            asked = self.organisations.asked(reading, day)
            self._known[key] = Roster(self.organisations.members(day), asked)
        return self._known[key]

    def rosters(self, reading: ReadingText, day: date) -> Rosters:
        return Rosters(self.at(reading, day), self.at(reading, self.baseline_date))


# ---------------------------------------------------------------- rounds


def round_ranks(rounds: Iterable[Any]) -> dict[int, int]:
    """Round -> its place by as-at date; of two with the same, the one opened later comes later."""

    def place(round: Any) -> tuple[Any, ...]:
        return (round.as_at, round.opened_at is not None, round.opened_at or round.as_at, round.id)

    return {round.id: rank for rank, round in enumerate(sorted(rounds, key=place))}
