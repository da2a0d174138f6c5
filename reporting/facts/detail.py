"""Every fact of a few KPIs, or of one organisation: for pages that open a figure, and for releases."""

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, NamedTuple

from django.db.models import Case, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import JSONObject

from reporting.choices import ActivityStatus, Head
from reporting.inputs import NOT_SHOWN, Activity, Answer, Facts, Note, Participation, Shows
from reporting.models import ActivityPart, Evidence
from reporting.models import Answer as AnswerRow
from reporting.wording import on_behalf_words
from workplan.choices import NAMES_MEMBERS, Measure, Source
from workplan.database import Listed
from workplan.tree import KpiText

from .roster import OrganisationFact, Organisations
from .rows import DOUBTFUL, SOURCES, SPEAKS_REPORTED, STANDINGS, STATES, links, load_arrangements

Shown = Q | None
"""Which activities are called by their name; None: all."""
ANSWER_COLUMNS = (
    "kpi_id", "organisation_id", "plan_year", "as_at", "round_id", "version", "state", "reading__source",
    "standing", "participated", "value", "numerator", "denominator", "register_complete",
    "figure_source", "figure_definition", "comment", "evidence_url", "decided_at", "decided_by__name",
    "on_behalf", "entered_by__name", "organisation__name", "original__received_on", "original__received_from",
)  # fmt: skip


OF_THE_WHOLE = (Measure.ITEMS, Measure.AVERAGE)
"""Measures of activities for which it does not matter who took part."""
SHOWS = {
    "pk": "pk",
    "title": "title",
    "url": "url",
    "kind": "file__kind",
    "size": "file__size",
    "by": "added_by__name",
    "at": "added_at",
    "code": "submission__round__code",
    "round": "submission__round__title",
}
"""What is read of evidence, by what it is called there."""


def facts_in_detail(
    kpis: Collection[KpiText],
    organisations: Organisations,
    ranks: Mapping[int, int],
    shown: Shown = None,
    *,
    evidence: bool = False,
) -> dict[int, Facts]:
    """KPI id -> all its facts, in at most four queries; the other activities than those ``shown`` have no name.
    ``evidence``: with what stands with the answers, in the same query."""
    code_of = organisations.code_of
    with_parts = {kpi.id for kpi in kpis if kpi.reading.source in (Source.PARTICIPATION, Source.ACTIVITIES)}
    answers = load_answers({kpi.id for kpi in kpis}, code_of, ranks, evidence=evidence)
    linked = load_linked(with_parts, shown)
    who_matters = {kpi.id for kpi in kpis if kpi.id in with_parts and kpi.reading.measure not in OF_THE_WHOLE}
    of_parts = [each for each in linked if each.kpi in who_matters]
    activities, parts = activities_of(linked), load_parts(of_parts, who_matters, code_of)
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
    """KPI id -> what one organisation said and did, for the KPIs that name Members; in three queries. ``shown``:
    as above."""
    named = [kpi for kpi in kpis if kpi.reading.measure in NAMES_MEMBERS]
    with_parts = {kpi.id for kpi in named if kpi.reading.source is Source.PARTICIPATION}
    answers = load_answers({kpi.id for kpi in named}, organisations.code_of, ranks, organisation=organisation.id)
    linked = load_linked(with_parts, shown, version__parts__organisation=organisation.id)
    parts = load_parts(linked, with_parts, organisations.code_of, organisation=organisation.id)
    return {kpi.id: Facts(answers=tuple(answers[kpi.id]), participations=tuple(parts[kpi.id])) for kpi in named}


def load_answers(
    kpis: Collection[int],
    code_of: Mapping[int, str],
    ranks: Mapping[int, int],
    *,
    evidence: bool = False,
    **only: Any,
) -> dict[int, list[Answer]]:
    """The accepted, sent and returned answers with what stands beside them. ``only``: a further condition."""
    stands = evidence_of_answer() if evidence else Value("")
    rows = AnswerRow.objects.filter(kpi__in=kpis, state__in=STATES, **only).order_by()
    facts = defaultdict(list)
    for row in rows.values_list(*ANSWER_COLUMNS, stands):
        kpi, organisation, year, as_at, collection, version, state, source, standing, *rest, shows = row
        *content, origin, definition, comment, evidence_url, decided_at, decided_by = rest[:-5]
        on_behalf, entered_by, name, day, sender = rest[-5:]
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
        words = (comment, evidence_url, decided_at, decided_by or "", entered, origin, definition)
        note = Note(*words, tuple(read_evidence(shows)))
        facts[kpi].append(Answer._make((*head, *content, note)))
    return facts


def evidence_of_answer() -> Case:
    """What stands with an answer in its round, as JSON without the brackets."""
    stands = Evidence.objects.filter(submission=OuterRef("submission"), kpi=OuterRef("kpi"), removed_at=None)
    with_year, without = (
        stands.filter(which).order_by().values("submission").values(every=Listed(JSONObject(**SHOWS)))
        for which in (Q(plan_year=OuterRef("plan_year")), Q(plan_year__isnull=True))
    )
    return Case(When(plan_year__isnull=True, then=Subquery(without)), default=Subquery(with_year))


def read_evidence(shows: str | None) -> Iterator[Shows]:
    """In the order in which it was added."""
    for each in sorted(json.loads(f"[{shows or ''}]"), key=lambda each: each["pk"]):
        at = datetime.fromisoformat(each["at"])
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        kind, size = each["kind"] or "", each["size"] or 0
        yield Shows(each["pk"], each["title"], each["url"], kind, size, each["by"], at, (each["code"], each["round"]))


def named(shown: Shown) -> Case:
    """Whether an activity is called by its name."""
    return Case(When(shown, then=Value(True)), default=Value(False)) if shown else Case(default=Value(True))


def name_of(reference: str, seen: bool) -> str:
    """All that are not shown have one name, so that nobody tells one from another."""
    return reference if seen else NOT_SHOWN


class Linked(NamedTuple):
    """A version of an activity that counts for a KPI, and what its parts have from it."""

    kpi: int
    version: int
    activity: Activity


def load_linked(kpis: Collection[int], shown: Shown, **only: Any) -> list[Linked]:
    """``only``: a further condition."""
    about = links(kpis).filter(**only) if only else links(kpis)
    rows = about.annotate(seen=named(shown), speaks=SPEAKS_REPORTED, doubtful=DOUBTFUL).values_list(
        "kpi_id", "version_id", "version__day", "version__accepted", "speaks", "version__status", "items",
        "version__rating", "version__respondents", "version__activity__reference", "version__title", "seen", "doubtful",
    )  # fmt: skip
    found = []
    for kpi, version, day, accepted, reported, status, *said, reference, title, seen, doubtful in rows:
        held, words = status == ActivityStatus.HELD, title if seen else NOT_SHOWN.capitalize()
        name = name_of(reference, seen)
        found.append(
            Linked(kpi, version, Activity._make((day, accepted, reported, held, *said, name, words, doubtful)))
        )
    return found


def activities_of(linked: Iterable[Linked]) -> dict[int, list[Activity]]:
    facts = defaultdict(list)
    for each in linked:
        facts[each.kpi].append(each.activity)
    return facts


def load_parts(
    linked: Iterable[Linked], kpis: Collection[int], code_of: Mapping[int, str], **only: Any
) -> dict[int, list[Participation]]:
    """Every part in these. What a part has from its activity was read with that, once for all of its parts."""
    of_version = defaultdict(list)
    for each in linked:
        of_version[each.version].append(each)
    rows = ActivityPart.objects.filter(version__in=links(kpis).values("version"), **only).order_by()
    facts = defaultdict(list)
    for version, organisation, organises, contributes, contested, participants, women, head in rows.values_list(
        "version_id", "organisation_id", "organises", "contributes", "contested", "participants", "women", "head"
    ):
        whose, own = frozenset((code_of[organisation],)), (organises or contributes, contested, participants, women)
        heads = (int(head != ""), int(head == Head.WOMAN))
        for kpi, _, of in of_version[version]:
            flags = (of.day, of.accepted, of.reported, of.held)
            facts[kpi].append(Participation._make((whose, *flags, *own, *heads, of.reference, of.doubtful)))
    return facts


def put_together(facts: Facts, starts: Sequence[date]) -> Facts:
    """The same for counting alone, which asks for no names: the parts that are alike, as one. ``starts``: the first
    days of the stretches of time within which one day is like another."""
    alike: dict[tuple[Any, ...], list[Participation]] = defaultdict(list)
    for each in facts.participations:
        alike[bisect_right(starts, each.day), *each[2:7]].append(each)
    return replace(facts, participations=tuple(map(as_one, alike.values())))


def as_one(parts: list[Participation]) -> Participation:
    """On the first of their days."""
    whose = frozenset().union(*(each.organisations for each in parts))
    both = [each for each in parts if each.participants is not None and each.women is not None]
    numbers = (sum(each.participants or 0 for each in both), sum(each.women or 0 for each in both))
    heads = (sum(each.heads for each in parts), sum(each.woman_heads for each in parts))
    day, flags = min(each.day for each in parts), parts[0][2:7]
    return Participation._make((whose, day, *flags, *(numbers if both else (None, None)), *heads, "", False))
