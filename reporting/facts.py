"""The only bridge from rows to facts (``counting.py``): a fixed number of queries, however many Members, KPIs, rounds
or activities there are.

For many KPIs at a few dates the database hands over just the rows that can speak at one of them; for one KPI, in
detail, it hands over all.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any

from django.db.models import Case, F, FilteredRelation, Min, Q, QuerySet, Sum, Value, When

from members.choices import AttributeName, Group, OrganisationKind
from members.models import Organisation
from workplan.calendar import base_year, plan_years
from workplan.choices import NAMES_MEMBERS, Measure, ReporterGroup, Source, Standing
from workplan.tree import KpiText, PlanText, ReadingText

from .choices import ActivityStatus, AnswerStatus, Head
from .counting import (
    Activity,
    Answer,
    AnswerState,
    Arrangement,
    Facts,
    Frame,
    Note,
    Participation,
    Roster,
    Rosters,
    Rule,
)
from .models import ActivityLink, ArrangementVersion
from .models import Answer as AnswerRow

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
        baseline=None if reading.baseline is None else Fraction(reading.baseline),
        denominator=reading.denominator,
        unit=reading.unit,
    )


# ---------------------------------------------------------------- who is a Member, who is asked


Term = tuple[date | None, date | None]


@dataclass(frozen=True)
class OrganisationFact:
    """An organisation with the time in which it is a Member and in which it is a developed one; None: no limit."""

    id: int
    code: str
    iso2: str
    name: str
    group_label: str
    member: bool
    terms: tuple[Term, ...] = ()
    developed: tuple[Term, ...] = ()

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

    def members(self, day: date) -> frozenset[str]:
        return frozenset(each.code for each in self.all if each.is_member(day))

    def asked(self, reading: ReadingText, day: date) -> frozenset[str]:
        """Whom the reading names as reporters at the day (domain.md, "Who is asked")."""
        named = frozenset(reading.reporters)
        match reading.reporter_group:
            case ReporterGroup.MEMBERS:
                return named | self.members(day)
            case ReporterGroup.DEVELOPED:
                return named | {each.code for each in self.all if each.is_developed(day) and each.is_member(day)}
        return named


GROUP_LABELS = dict(Group.choices)


def load_organisations() -> Organisations:
    developed = FilteredRelation("attributes", condition=Q(attributes__name=AttributeName.DEVELOPED))
    rows = (
        Organisation.objects.annotate(developed=developed)
        .order_by("position", "code")
        .values_list(
            "pk", "code", "iso2", "name", "group", "kind",
            "memberships__pk", "memberships__joined", "memberships__left",
            "developed__pk", "developed__since", "developed__until",
        )
    )  # fmt: skip
    found: dict[int, OrganisationFact] = {}
    terms: dict[int, dict[int, Term]] = defaultdict(dict)
    wealth: dict[int, dict[int, Term]] = defaultdict(dict)
    for pk, code, iso2, name, group, kind, term, joined, left, attribute, since, until in rows:
        found[pk] = OrganisationFact(pk, code, iso2, name, GROUP_LABELS.get(group, ""), kind == OrganisationKind.MEMBER)
        if term:
            terms[pk][term] = (joined, left)
        if attribute:
            wealth[pk][attribute] = (since, until)
    return Organisations(
        tuple(
            replace(each, terms=tuple(terms[pk].values()), developed=tuple(wealth[pk].values()))
            for pk, each in found.items()
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


# ---------------------------------------------------------------- facts

STATES = {
    AnswerStatus.ACCEPTED: AnswerState.ACCEPTED,
    AnswerStatus.SUBMITTED: AnswerState.SUBMITTED,
    AnswerStatus.RETURNED: AnswerState.RETURNED,
}


def load_facts(
    plan: PlanText,
    kpis: Collection[KpiText],
    dates: Collection[date] | None,
    organisations: Organisations,
    ranks: Mapping[int, int],
) -> dict[int, Facts]:
    """KPI id -> its facts, in four queries. ``dates``: those that will be asked about; None: every version that ever
    spoke, in detail, for a page about few KPIs."""
    code_of = organisations.code_of
    detail = dates is None
    taking_part = {kpi.id for kpi in kpis if kpi.reading.source is Source.PARTICIPATION}
    registered = {kpi.id for kpi in kpis if kpi.reading.source is Source.ACTIVITIES}
    women = {kpi.id for kpi in kpis if kpi.reading.measure in (Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE)}
    paired = any(kpi.reading.source is Source.ARRANGEMENTS for kpi in kpis)
    answers = load_answers({kpi.id for kpi in kpis}, dates, code_of, ranks)
    activities = load_activities(plan, taking_part, registered, detail)
    parts = load_parts(plan, taking_part, registered if detail else women, detail, code_of)
    arrangements = load_arrangements(code_of) if paired else ()
    return {
        kpi.id: Facts(
            answers=tuple(answers[kpi.id]),
            activities=tuple(activities[kpi.id]),
            participations=tuple(parts[kpi.id]),
            arrangements=arrangements if kpi.reading.source is Source.ARRANGEMENTS else (),
        )
        for kpi in kpis
    }


def load_facts_of(
    plan: PlanText, organisation: OrganisationFact, organisations: Organisations, ranks: Mapping[int, int]
) -> dict[int, Facts]:
    """KPI id -> what one organisation said and did for it, in detail, for the KPIs that name Members; two queries."""
    kpis = [kpi for kpi in plan.kpis if kpi.reading.measure in NAMES_MEMBERS]
    taking_part = {kpi.id for kpi in kpis if kpi.reading.source is Source.PARTICIPATION}
    code_of = organisations.code_of
    answers = load_answers({kpi.id for kpi in kpis}, None, code_of, ranks, organisation.id)
    parts = load_parts(plan, taking_part, set(), True, code_of, organisation.id)
    return {kpi.id: Facts(answers=tuple(answers[kpi.id]), participations=tuple(parts[kpi.id])) for kpi in kpis}


def speaking_at(dates: Collection[date]) -> Q:
    """The accepted answers that speak at one of the dates, and all sent or returned ones up to the last of them."""
    speaks = Q(state__in=(AnswerStatus.SUBMITTED, AnswerStatus.RETURNED), as_at__lte=max(dates))
    for day in dates:
        current = Q(replaced_from__isnull=True) | Q(replaced_from__gt=day)
        speaks |= current & Q(state=AnswerStatus.ACCEPTED, as_at__lte=day)
    return speaks


def load_answers(
    kpis: Collection[int],
    dates: Collection[date] | None,
    code_of: Mapping[int, str],
    ranks: Mapping[int, int],
    organisation: int | None = None,
) -> dict[int, list[Answer]]:
    rows = AnswerRow.objects.filter(Q(state__in=STATES) if dates is None else speaking_at(dates), kpi__in=kpis)
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    columns = ANSWER_COLUMNS if dates is not None else ANSWER_COLUMNS + NOTE_COLUMNS
    facts = defaultdict(list)
    for row in rows.order_by().values_list(*columns):
        kpi, organisation, year, as_at, collection, version, state, source, standing, yes, *figures, complete = row[:14]
        value, numerator, denominator = figures
        facts[kpi].append(
            Answer(
                code_of[organisation],
                year,
                as_at,
                (ranks[collection], year or 0, version),
                STATES[state],
                SOURCES[source],
                STANDINGS[standing],
                yes,
                value,
                numerator,
                denominator,
                complete,
                note_of(row[14:]) if dates is None else None,
            )
        )
    return facts


def note_of(columns: tuple[Any, ...]) -> Note:
    comment, evidence_url, decided_at, decided_by = columns
    return Note(comment, evidence_url, decided_at, decided_by or "")


SOURCES = {source.value: source for source in Source}
STANDINGS: dict[str, Standing | None] = {standing.value: standing for standing in Standing} | {"": None}
ANSWER_COLUMNS = (
    "kpi_id", "organisation_id", "plan_year", "as_at", "submission__round_id", "version", "state", "reading__source",
    "standing", "participated", "value", "numerator", "denominator", "register_complete",
)  # fmt: skip
NOTE_COLUMNS = ("comment", "evidence_url", "decided_at", "decided_by__name")


def year_of(plan: PlanText, field: str) -> Case:
    """The plan year, or the base year, that a day lies in; None outside."""
    years = (base_year(plan.starts), *plan_years(plan.starts, plan.ends))
    return Case(*(When(**{f"{field}__range": (year.starts, year.ends)}, then=Value(year.first)) for year in years))


def links(kpis: Collection[int]) -> QuerySet[ActivityLink]:
    """The links of versions that speak on some basis."""
    speaks = Q(version__accepted=True) | Q(version__reported=True)
    return ActivityLink.objects.filter(speaks, kpi__in=kpis).order_by()


def only_for(kpis: Collection[int], field: str) -> Case | F:
    """The field for these KPIs; None for others, whose rows may so be put together."""
    return Case(When(kpi__in=kpis, then=F(field)))


def load_activities(
    plan: PlanText, taking_part: set[int], registered: set[int], detail: bool
) -> dict[int, list[Activity]]:
    """Activities of the KPIs counted from them one by one, of those counted by participation the first of each year."""
    wanted = taking_part | registered
    apart = wanted if detail else registered
    rows = (
        links(wanted)
        .annotate(
            year=year_of(plan, "version__day"),
            apart=only_for(apart, "version_id"),
            rating=only_for(apart, "version__rating"),
            respondents=only_for(apart, "version__respondents"),
            reference=only_for(apart, "version__activity__reference"),
            title=only_for(apart, "version__title"),
        )
        .values_list(
            "kpi_id", "version__accepted", "version__reported", "version__status", "year", "apart",
            "rating", "respondents", "reference", "title",
        )
        .annotate(first=Min("version__day"), sum=Sum("items"))
    )  # fmt: skip
    facts = defaultdict(list)
    for kpi, accepted, reported, status, _, _, rating, respondents, reference, title, first, items in rows:
        held = status == ActivityStatus.HELD
        said = (rating, respondents, reference or "", title or "")
        facts[kpi].append(Activity(first, accepted, reported, held, items, *said))
    return facts


def load_parts(
    plan: PlanText,
    taking_part: set[int],
    registered: set[int],
    detail: bool,
    code_of: Mapping[int, str],
    organisation: int | None = None,
) -> dict[int, list[Participation]]:
    """Parts in the activities; for KPIs counted by participation the first of each organisation and year is enough."""
    wanted = taking_part | registered
    apart = wanted if detail else registered
    part = "version__parts__"
    rows = (
        links(wanted)
        .filter(**({f"{part}organisation": organisation} if organisation else {f"{part}organisation__isnull": False}))
        .annotate(
            year=year_of(plan, "version__day"),
            contributing=Case(
                When(Q(**{f"{part}organises": True}) | Q(**{f"{part}contributes": True}), then=Value(True)),
                default=Value(False),
            ),
            participants=only_for(apart, f"{part}participants"),
            women=only_for(apart, f"{part}women"),
            head=only_for(apart, f"{part}head"),
            reference=only_for(apart, "version__activity__reference"),
        )
        .values_list(
            "kpi_id", f"{part}organisation_id", "version__accepted", "version__reported", "version__status",
            "contributing", f"{part}contested", "year", "participants", "women", "head", "reference",
        )
        .annotate(first=Min("version__day"))
    )  # fmt: skip
    facts = defaultdict(list)
    for row in rows:
        kpi, code, accepted, reported, status, contributing, contested, _, participants, women, head, reference, day = (
            row
        )
        facts[kpi].append(
            Participation(
                code_of[code],
                day,
                accepted,
                reported,
                status == ActivityStatus.HELD,
                contributing,
                contested,
                participants,
                women,
                WOMAN_HEADS.get(head),
                reference or "",
            )
        )
    return facts


WOMAN_HEADS = {Head.WOMAN.value: True, Head.MAN.value: False}


def earliest(partial: str) -> date | None:
    """The first day that a date, or only a month or year, can mean."""
    return date.fromisoformat((partial + "-01-01")[:10]) if partial else None


def load_arrangements(code_of: Mapping[int, str]) -> tuple[Arrangement, ...]:
    rows = ArrangementVersion.objects.filter(Q(accepted=True) | Q(reported=True)).values_list(
        "arrangement__party_a_id",
        "arrangement__party_b_id",
        "accepted",
        "reported",
        "signed",
        "in_force",
        "ended",
    )
    return tuple(
        Arrangement(
            parties=frozenset((code_of[a], code_of[b])),
            accepted=accepted,
            reported=reported,
            in_force=in_force,
            ended=ended,
            known_from=min(filter(None, (earliest(signed), in_force)), default=None),
        )
        for a, b, accepted, reported, signed, in_force, ended in rows
    )
