"""The facts of all KPIs that can speak at a few dates, as few rows as they fit in: for the region's pages and commands.

What says the same is put together by the database: answers that differ only in who gave them, activities and parts that
fall between the same two dates. The results are those of all facts in detail; a test compares them.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Case, IntegerField, Min, Q, Sum, Value, When

from reporting.choices import ActivityStatus, AnswerStatus
from reporting.counting import Activity, Answer, Arrangement, Facts, Participation
from reporting.models import Answer as AnswerRow
from reporting.models import Round
from workplan.choices import Measure, Source
from workplan.tree import KpiText, PlanText

from .roster import Organisations
from .rows import (
    CONTRIBUTING,
    SOURCES,
    STANDINGS,
    STATES,
    WOMAN_HEADS,
    Listed,
    links,
    load_arrangements,
    only_for,
    year_of,
)

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
) -> FactBook:
    """The facts of the KPIs that can speak at one of the dates, in four queries. ``rounds``: id -> rank and round."""
    code_of = organisations.code_of
    ids = {source: {kpi.id for kpi in kpis if kpi.reading.source is source} for source in Source}
    women = {kpi.id for kpi in kpis if kpi.reading.measure in (Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE)}
    rated = {kpi.id for kpi in kpis if kpi.reading.measure is Measure.AVERAGE}
    pairs = load_arrangements(code_of) if ids[Source.ARRANGEMENTS] else ()
    ends = sorted(dates)
    return FactBook(
        answers=load_answers({kpi.id for kpi in kpis}, spoken_at(ends, plan), code_of, rounds),
        activities=load_activities(plan, ids[Source.PARTICIPATION] | ids[Source.ACTIVITIES], rated, ends),
        participations=load_parts(plan, ids[Source.PARTICIPATION] | women, women, ends, code_of),
        arrangements=dict.fromkeys(ids[Source.ARRANGEMENTS], pairs),
    )


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
    """Does an answer speak at the day: accepted, and no later one accepted by then; sent and returned ones wait."""
    current = Q(replaced_from__isnull=True) | Q(replaced_from__gt=day)
    waiting = Q(state__in=(AnswerStatus.SUBMITTED, AnswerStatus.RETURNED))
    return Q(as_at__lte=day) & (waiting | (current & Q(state=AnswerStatus.ACCEPTED)))


def load_answers(
    kpis: Collection[int],
    spoken: Mapping[date, list[date]],
    code_of: Mapping[int, str],
    rounds: Mapping[int, tuple[int, Round]],
) -> Answers:
    """One row for all organisations that said the same and speak at the same dates."""
    rows = (
        AnswerRow.objects.filter(reduce(or_, map(speaks, spoken)), kpi__in=kpis)
        .order_by()
        .values_list(
            "kpi_id", "replaced_from", "plan_year", "submission__round_id", "version", "state", "reading__source",
            "standing", "participated", "value", "numerator", "denominator", "register_complete",
        )
        .annotate(organisations=Listed("organisation_id"))
    )  # fmt: skip
    facts: Answers = defaultdict(list)
    for kpi, replaced, year, collection, version, state, source, standing, *content, organisations in rows:
        rank, held = rounds[collection]
        rest = (
            year,
            held.as_at,
            (rank, year or 0, version),
            STATES[state],
            SOURCES[source],
            STANDINGS[standing],
            *content,
        )
        answers = [Answer(code_of[int(pk)], *rest) for pk in organisations.split(",")]
        for day, asked_dates in spoken.items():
            if held.as_at <= day and (replaced is None or replaced > day):
                for asked in asked_dates:
                    facts[kpi, asked] += answers
    return facts


# ---------------------------------------------------------------- activities and parts


def between(dates: Sequence[date], field: str) -> Case:
    """Between which of the dates a day falls, as a number; two days with the same one are alike at all of them."""
    until = (When(**{f"{field}__lte": day}, then=Value(place)) for place, day in enumerate(dates))
    return Case(*until, default=Value(len(dates)), output_field=IntegerField())


def load_activities(
    plan: PlanText, kpis: Collection[int], rated: Collection[int], dates: Sequence[date]
) -> dict[int, list[Activity]]:
    """How many items happened between two dates, in each plan year; rated activities stay apart."""
    rows = (
        links(kpis)
        .annotate(
            year=year_of(plan, "version__day"),
            place=between(dates, "version__day"),
            apart=only_for(rated, "version_id"),
            rating=only_for(rated, "version__rating"),
            respondents=only_for(rated, "version__respondents"),
        )
        .values_list(
            "kpi_id", "version__accepted", "version__reported", "version__status", "year", "place", "apart",
            "rating", "respondents",
        )
        .annotate(day=Min("version__day"), sum=Sum("items"))
    )  # fmt: skip
    facts: dict[int, list[Activity]] = defaultdict(list)
    for kpi, accepted, reported, status, _, _, _, rating, respondents, day, items in rows:
        held = status == ActivityStatus.HELD
        facts[kpi].append(Activity(day, accepted, reported, held, items, rating, respondents))
    return facts


def load_parts(
    plan: PlanText,
    kpis: Collection[int],
    women: Collection[int],
    dates: Sequence[date],
    code_of: Mapping[int, str],
) -> dict[int, list[Participation]]:
    """Who took part between two dates, in each plan year; delegations with their numbers stay apart."""
    part = "version__parts__"
    rows = (
        links(kpis)
        .filter(**{f"{part}organisation__isnull": False})
        .annotate(
            year=year_of(plan, "version__day"),
            place=between(dates, "version__day"),
            contributing=CONTRIBUTING,
            apart=only_for(women, f"{part}id"),
            participants=only_for(women, f"{part}participants"),
            women=only_for(women, f"{part}women"),
            head=only_for(women, f"{part}head"),
        )
        .values_list(
            "kpi_id", "version__accepted", "version__reported", "version__status", "contributing",
            f"{part}contested", "year", "place", "apart", "participants", "women", "head",
        )
        .annotate(day=Min("version__day"), organisations=Listed(f"{part}organisation_id", distinct=True))
    )  # fmt: skip
    facts: dict[int, list[Participation]] = defaultdict(list)
    for row in rows:
        kpi, accepted, reported, status, contributing, contested, _, _, _, participants, number, head, day, who = row
        flags = (accepted, reported, status == ActivityStatus.HELD, contributing, contested)
        rest: tuple[Any, ...] = (day, *flags, participants, number, WOMAN_HEADS.get(head))
        facts[kpi] += [Participation(code_of[int(pk)], *rest) for pk in who.split(",")]
    return facts
