"""The facts of all KPIs that can speak at a few dates, as few rows as they fit in: for the region's pages and commands.

What says the same is put together by the database: answers that differ only in who gave them, activities and parts that
fall into the same stretch of time. The results are those of all facts in detail; a test compares them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, Count, ExpressionWrapper, F, Field, IntegerField, Min, Q, QuerySet, Sum, Value, When

from reporting.choices import ActivityStatus, Head
from reporting.inputs import Activity, Answer, Arrangement, Facts, Participation
from reporting.models import ALIKE, Round
from reporting.models import Answer as AnswerRow
from workplan.calendar import ONE_DAY, base_year, plan_years
from workplan.choices import Measure, Source
from workplan.database import Listed
from workplan.tree import KpiText, PlanText

from .roster import Organisations
from .rows import CONTRIBUTES, SPEAKS, STANDINGS, STATES, links, load_arrangements, only_for

Answers = dict[tuple[int, date], list[Answer]]


@dataclass(frozen=True)
class FactBook:
    """The facts by KPI and date."""

    answers: Answers
    activities: Mapping[int, Sequence[Activity]]
    participations: Mapping[int, Sequence[Participation]]
    arrangements: Mapping[int, tuple[Arrangement, ...]]

    def at(self, kpi: int, day: date) -> Facts:
        """What can speak at a day, which must be one of those loaded."""
        return Facts(
            answers=tuple(self.answers.get((kpi, day), ())),
            activities=tuple(self.activities.get(kpi, ())),
            participations=tuple(self.participations.get(kpi, ())),
            arrangements=self.arrangements.get(kpi, ()),
        )


def facts_at(
    plan: PlanText,
    kpis: Collection[KpiText],
    dates: Collection[date],
    organisations: Organisations,
    rounds: Mapping[int, tuple[int, Round]],
    sources: Mapping[int, Source],
) -> FactBook:
    """The facts of the KPIs that can speak at one of the dates, in four queries. ``rounds``: id -> rank and round;
    ``sources``: id of a version of a reading -> its source."""
    code_of = as_listed(organisations)
    ids = {source: {kpi.id for kpi in kpis if kpi.reading.source is source} for source in Source}
    women = {kpi.id for kpi in kpis if kpi.reading.measure in (Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE)}
    rated = {kpi.id for kpi in kpis if kpi.reading.measure is Measure.AVERAGE}
    pairs = load_arrangements(organisations.code_of) if ids[Source.ARRANGEMENTS] else ()
    starts = stretches(plan, dates)
    return FactBook(
        answers=load_answers({kpi.id for kpi in kpis}, spoken_at(dates, plan), code_of, rounds, sources),
        activities=load_activities(ids[Source.PARTICIPATION] | ids[Source.ACTIVITIES], rated, starts),
        participations=load_parts(ids[Source.PARTICIPATION] | women, starts, code_of),
        arrangements=dict.fromkeys(ids[Source.ARRANGEMENTS], pairs),
    )


def answers_at(
    plan: PlanText,
    kpis: Collection[KpiText],
    dates: Collection[date],
    organisations: Organisations,
    rounds: Mapping[int, tuple[int, Round]],
    sources: Mapping[int, Source],
) -> FactBook:
    """The same with the answers alone, in one query."""
    ids, spoken = {kpi.id for kpi in kpis}, spoken_at(dates, plan)
    return FactBook(load_answers(ids, spoken, as_listed(organisations), rounds, sources), {}, {}, {})


def as_listed(organisations: Organisations) -> dict[str, str]:
    """The code of each organisation by its id as text, as the database lists it."""
    return {str(pk): code for pk, code in organisations.code_of.items()}


# ---------------------------------------------------------------- answers


def spoken_at(dates: Collection[date], plan: PlanText) -> dict[date, list[date]]:
    """A date at which answers speak -> the dates that are asked about it: itself and, for the plan's last day, all
    later ones, since what was said last in the plan still tells of it."""
    wanted = {day: [day] for day in dates}
    for day in dates:
        if day > plan.ends:
            wanted.setdefault(plan.ends, []).append(day)
    return wanted


def speaks(day: date) -> Q:
    """Does a decided or sent answer speak at the day: no later one was accepted by then. Only of accepted ones is that
    ever said, so those that wait or were returned are found as well."""
    return Q(as_at__lte=day) & (Q(replaced_from__gt=day) | Q(replaced_from__isnull=True))


def load_answers(
    kpis: Collection[int],
    spoken: Mapping[date, list[date]],
    code_of: Mapping[str, str],
    rounds: Mapping[int, tuple[int, Round]],
    sources: Mapping[int, Source],
) -> Answers:
    """One row for all organisations that said the same and speak at the same dates."""
    rows = (
        AnswerRow.objects.filter(reduce(or_, map(speaks, spoken)), kpi__in=kpis, state__in=STATES)
        .order_by()
        .annotate(**{f"as_{name}": as_stored(name) for name in ALIKE})
        .values_list(*(f"as_{name}" for name in ALIKE))
        .annotate(who=Listed("organisation_id"))
    )
    days = [(day, day.isoformat(), asked) for day, asked in spoken.items()]
    facts: Answers = defaultdict(list)
    for kpi, year, _, replaced, state, collection, reading, version, standing, yes, *figures, complete, who in rows:
        rank, held = rounds[collection]
        meaning = (STATES[state], sources[reading], STANDINGS[standing], None if yes is None else bool(yes))
        numbers = (None if figure is None else Decimal(str(figure)) for figure in figures)
        order, codes = (rank, year or 0, version), codes_in(who, code_of)
        answer = Answer._make((codes, year, held.as_at, order, *meaning, *numbers, bool(complete), None))
        for day, text, asked in days:
            if held.as_at <= day and (replaced is None or str(replaced) > text):
                for each in asked:
                    facts[kpi, each].append(answer)
    return facts


def as_stored(name: str) -> ExpressionWrapper:
    """The column as the driver hands it over: converting all of each row costs more than reading them, and most are
    empty. Every column, since Django groups by plain ones first, and then PostgreSQL could not go along the index."""
    return ExpressionWrapper(F(name), output_field=Field())


def codes_in(listed: str, code_of: Mapping[str, str]) -> frozenset[str]:
    """The codes of organisations whose ids the database listed, as text."""
    return frozenset(map(code_of.__getitem__, listed.split(",")))


# ---------------------------------------------------------------- activities and parts


def stretches(plan: PlanText, dates: Collection[date]) -> list[date]:
    """The first days of the stretches of time within which one day is like another: which it was matters at none of
    the dates, and in no plan year."""
    years = (base_year(plan.starts), *plan_years(plan.starts, plan.ends))
    return sorted({day + ONE_DAY for day in dates} | {year.starts for year in years} | {plan.ends + ONE_DAY})


def stretch(starts: Sequence[date], field: str) -> Case:
    """The number of the stretch that a day falls into."""
    before = (When(**{f"{field}__lt": day}, then=Value(place)) for place, day in enumerate(starts))
    return Case(*before, default=Value(len(starts)), output_field=IntegerField())


def flag(condition: Q, bit: int) -> Case:
    return Case(When(condition, then=Value(bit)), default=Value(0))


ACCEPTED, REPORTED, HELD, CONTRIBUTING, CONTESTED = 1, 2, 4, 8, 16
VERSION_FLAGS = (
    flag(Q(version__accepted=True), ACCEPTED)
    + flag(SPEAKS, REPORTED)
    + flag(Q(version__status=ActivityStatus.HELD), HELD)
)
PART_FLAGS = VERSION_FLAGS + flag(CONTRIBUTES, CONTRIBUTING) + flag(Q(version__parts__contested=True), CONTESTED)
"""Flags as one number, which the database groups by faster than by five columns."""


def activity_rows(kpis: Collection[int], rated: Collection[int], starts: Sequence[date], **more: Any) -> QuerySet[Any]:
    """How many items happened in each stretch; rated activities stay apart. ``more``: what else keeps them apart, which
    stands before the day."""
    return (
        links(kpis)
        .annotate(
            stretch=stretch(starts, "version__day"),
            flags=VERSION_FLAGS,
            rating=only_for(rated, "version__rating"),
            respondents=only_for(rated, "version__respondents"),
            **more,
        )
        .values_list("kpi_id", "flags", "stretch", "rating", "respondents", *more)
        .annotate(day=Min("version__day"), sum=Sum("items"))
    )


def load_activities(kpis: Collection[int], rated: Collection[int], starts: Sequence[date]) -> dict[int, list[Activity]]:
    facts: dict[int, list[Activity]] = defaultdict(list)
    for kpi, flags, _, rating, respondents, day, items in activity_rows(kpis, rated, starts):
        facts[kpi].append(activity_of(flags, day, items, rating, respondents))
    return facts


def activity_of(flags: int, day: date, items: int, *rated: Any) -> Activity:
    return Activity(day, bool(flags & ACCEPTED), bool(flags & REPORTED), bool(flags & HELD), items, *rated)


def part_rows(kpis: Collection[int], starts: Sequence[date], **more: Any) -> QuerySet[Any]:
    """Who took part in each stretch, and what their delegations state, added up. ``more``: as above."""
    part = "version__parts__"
    both = Q(**{f"{part}participants__isnull": False, f"{part}women__isnull": False})
    return (
        links(kpis)
        .filter(**{f"{part}organisation__isnull": False})
        .annotate(stretch=stretch(starts, "version__day"), flags=PART_FLAGS, **more)
        .values_list("kpi_id", "flags", "stretch", *more)
        .annotate(
            day=Min("version__day"),
            participants=Sum(f"{part}participants", filter=both),
            women=Sum(f"{part}women", filter=both),
            heads=Count("pk", filter=~Q(**{f"{part}head": ""})),
            woman_heads=Count("pk", filter=Q(**{f"{part}head": Head.WOMAN})),
            who=Listed(f"{part}organisation_id"),
        )
    )


def load_parts(
    kpis: Collection[int], starts: Sequence[date], code_of: Mapping[str, str]
) -> dict[int, list[Participation]]:
    facts: dict[int, list[Participation]] = defaultdict(list)
    for kpi, flags, _, *said, who in part_rows(kpis, starts):
        facts[kpi].append(part_of(flags, codes_in(who, code_of), *said))
    return facts


def part_of(flags: int, who: frozenset[str], day: date, *numbers: int | None) -> Participation:
    bits = tuple(bool(flags & bit) for bit in (ACCEPTED, REPORTED, HELD, CONTRIBUTING, CONTESTED))
    return Participation._make((who, day, *bits, *numbers, "", False))
