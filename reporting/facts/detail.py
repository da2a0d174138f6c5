"""Every fact of a few KPIs, or of one organisation: for pages that open a figure, and for releases."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Case, Q, Value, When

from reporting.choices import ActivityStatus, Head
from reporting.inputs import NOT_SHOWN, Activity, Answer, Facts, Note, Participation
from reporting.models import Answer as AnswerRow
from reporting.wording import on_behalf_words
from workplan.choices import NAMES_MEMBERS, Source
from workplan.tree import KpiText

from .roster import OrganisationFact, Organisations
from .rows import CONTRIBUTING, DOUBTFUL, SOURCES, SPEAKS_REPORTED, STANDINGS, STATES, links, load_arrangements

Shown = Q | None
"""Which activities are called by their name; None: all."""
ANSWER_COLUMNS = (
    "kpi_id", "organisation_id", "plan_year", "as_at", "round_id", "version", "state", "reading__source",
    "standing", "participated", "value", "numerator", "denominator", "register_complete",
    "comment", "evidence_url", "decided_at", "decided_by__name",
    "on_behalf", "entered_by__name", "organisation__name", "original__received_on", "original__received_from",
)  # fmt: skip


def facts_in_detail(
    kpis: Collection[KpiText], organisations: Organisations, ranks: Mapping[int, int], shown: Shown = None
) -> dict[int, Facts]:
    """KPI id -> all its facts, in at most four queries; the other activities than those ``shown`` have no name."""
    code_of = organisations.code_of
    with_parts = {kpi.id for kpi in kpis if kpi.reading.source in (Source.PARTICIPATION, Source.ACTIVITIES)}
    answers = load_answers({kpi.id for kpi in kpis}, code_of, ranks)
    activities = load_activities(with_parts, shown)
    parts = load_parts(with_parts, code_of, shown)
    paired = {kpi.id for kpi in kpis if kpi.reading.source is Source.ARRANGEMENTS}
    arrangements = load_arrangements(code_of) if paired else ()
    return {
        kpi.id: Facts(
            answers=tuple(answers[kpi.id]),
            activities=tuple(activities[kpi.id]),
            participations=tuple(parts[kpi.id]),
            arrangements=arrangements if kpi.id in paired else (),
        )
        for kpi in kpis
    }


def facts_of_organisation(
    kpis: Collection[KpiText],
    organisation: OrganisationFact,
    organisations: Organisations,
    ranks: Mapping[int, int],
    shown: Shown = None,
) -> dict[int, Facts]:
    """KPI id -> what one organisation said and did, for the KPIs that name Members; in two queries. ``shown``: as
    above."""
    named = [kpi for kpi in kpis if kpi.reading.measure in NAMES_MEMBERS]
    with_parts = {kpi.id for kpi in named if kpi.reading.source is Source.PARTICIPATION}
    answers = load_answers({kpi.id for kpi in named}, organisations.code_of, ranks, organisation=organisation.id)
    parts = load_parts(with_parts, organisations.code_of, shown, version__parts__organisation=organisation.id)
    return {kpi.id: Facts(answers=tuple(answers[kpi.id]), participations=tuple(parts[kpi.id])) for kpi in named}


def load_answers(
    kpis: Collection[int], code_of: Mapping[int, str], ranks: Mapping[int, int], **only: Any
) -> dict[int, list[Answer]]:
    """The accepted, sent and returned answers with what stands beside them. ``only``: a further condition."""
    rows = AnswerRow.objects.filter(kpi__in=kpis, state__in=STATES, **only).order_by().values_list(*ANSWER_COLUMNS)
    facts = defaultdict(list)
    for kpi, organisation, year, as_at, collection, version, state, source, standing, *rest in rows:
        *content, comment, evidence_url, decided_at, decided_by, on_behalf, entered_by, name, day, sender = rest
        order = (ranks[collection], year or 0, version)
        head = (
            frozenset((code_of[organisation],)),
            year,
            as_at,
            order,
            STATES[state],
            SOURCES[source],
            STANDINGS[standing],
        )
        entered = on_behalf_words(entered_by or "", name, day, sender) if on_behalf else ""
        note = Note(comment, evidence_url, decided_at, decided_by or "", entered)
        facts[kpi].append(Answer._make((*head, *content, note)))
    return facts


def named(shown: Shown) -> Case:
    """Whether an activity is called by its name."""
    return Case(When(shown, then=Value(True)), default=Value(False)) if shown else Case(default=Value(True))


def name_of(reference: str, seen: bool) -> str:
    """One that is not shown is still told from another."""
    return reference if seen else f"{NOT_SHOWN} ({hashlib.sha256(reference.encode()).hexdigest()[:4]})"


def load_activities(kpis: Collection[int], shown: Shown) -> dict[int, list[Activity]]:
    rows = links(kpis).annotate(seen=named(shown), speaks=SPEAKS_REPORTED, doubtful=DOUBTFUL).values_list(
        "kpi_id", "version__day", "version__accepted", "speaks", "version__status", "items",
        "version__rating", "version__respondents", "version__activity__reference", "version__title", "seen", "doubtful",
    )  # fmt: skip
    facts = defaultdict(list)
    for kpi, day, accepted, reported, status, *said, reference, title, seen, doubtful in rows:
        held, words = status == ActivityStatus.HELD, title if seen else NOT_SHOWN.capitalize()
        name = name_of(reference, seen)
        facts[kpi].append(Activity._make((day, accepted, reported, held, *said, name, words, doubtful)))
    return facts


def load_parts(
    kpis: Collection[int], code_of: Mapping[int, str], shown: Shown, **only: Any
) -> dict[int, list[Participation]]:
    """Every part in an activity linked to one of the KPIs. ``only``: a further condition."""
    part = "version__parts__"
    rows = (
        links(kpis)
        .filter(**(only or {f"{part}organisation__isnull": False}))
        .annotate(contributing=CONTRIBUTING, seen=named(shown), speaks=SPEAKS_REPORTED, doubtful=DOUBTFUL)
        .values_list(
            "kpi_id", f"{part}organisation_id", "version__day", "version__accepted", "speaks",
            "version__status", "contributing", f"{part}contested", f"{part}participants", f"{part}women",
            f"{part}head", "version__activity__reference", "seen", "doubtful",
        )
    )  # fmt: skip
    facts = defaultdict(list)
    for kpi, organisation, day, accepted, reported, status, contributing, contested, *said, seen, doubtful in rows:
        *numbers, head, name = said
        flags = (accepted, reported, status == ActivityStatus.HELD, contributing, contested)
        reference = name_of(name, seen)
        heads = (int(head != ""), int(head == Head.WOMAN))
        fields = (frozenset((code_of[organisation],)), day, *flags, *numbers, *heads, reference, doubtful)
        facts[kpi].append(Participation._make(fields))
    return facts
