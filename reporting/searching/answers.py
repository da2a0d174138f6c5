"""Found in what organisations answer, as far as the reader may see it."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from members.choices import Scope
from members.permissions import grants
from reporting.choices import AnswerStatus
from reporting.looking import Look
from reporting.models import REFUSED, SILENT, Answer, Round
from reporting.places import co_ordinated
from reporting.threads import UNSENT
from reporting.wording import said
from workplan.calendar import year_label

from .hits import MOST, Hit, Known, Making
from .words import Wanted, marked, snippet


def may_be_read(look: Look, known: Known) -> Q | None:
    """Which answers the reader may see (``submission.view``): the own ones with their drafts, others as they were sent;
    a co-coordinator those on the own focus area, as it was at the round's date. None: none at all."""
    reach = grants(look.user, "submission.view")
    own = [code for scope, code in reach if scope is Scope.OWN]
    ids = {each.code: each.id for each in known.organisations}
    allowed = [Q(organisation__in=[ids[code] for code in own])] if own else []
    sent = ~Q(state__in=UNSENT)
    if any(scope is Scope.SUBMITTED for scope, _ in reach):
        allowed.append(sent)
    elif look.co_ordinates_for:
        allowed.append(sent & co_ordinated(look))
    if not allowed:
        return None
    found = allowed[0]
    for each in allowed[1:]:
        found |= each
    return found


READ = (
    *("submission", "kpi", "plan_year", "version", "organisation", "round", "state", "comment"),
    *("standing", "participated", "value", "numerator", "denominator", "register_complete"),
)
"""Of each answer that is found."""


def in_answers(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """The newest version that the reader may see of each answer, of the latest round first; two queries. Whether a
    version is the newest is asked only of what was found: to ask it of all takes several times as long."""
    allowed = may_be_read(look, known)
    if allowed is None:
        return []
    rounds = {each.pk: each for each in look.occasion.rounds}
    seen = Answer.objects.filter(allowed, round__in=rounds).exclude(REFUSED)
    rows = seen.exclude(SILENT & Q(comment=""))
    for word in wanted.words:
        rows = rows.filter(wanted.in_column("comment")(word) | about(word, known))
    in_order = rows.order_by("-as_at", "kpi", "organisation", "plan_year")
    found = list(in_order.values_list(*READ, named=True)[: 2 * MOST])
    newest = newest_versions(seen, {row.submission for row in found})
    current = [row for row in found if newest.get((row.submission, row.kpi, row.plan_year), 1) == row.version]
    shown = [row for row in current if row.kpi in known.kpis][: MOST + 1]
    return [partial(answer_hit, known, rounds[row.round], row, wanted) for row in shown]


def newest_versions(seen: QuerySet[Answer], submissions: Collection[int]) -> Mapping[Any, int]:
    """Of the answers with more than one version that the reader may see: which is the newest."""
    later = seen.filter(submission__in=submissions, version__gt=1).order_by("version")
    places = later.values_list("submission", "kpi", "plan_year", "version")
    return {(submission, kpi, year): version for submission, kpi, year, version in places}


def about(word: str, known: Known) -> Q:
    """The answers to the KPIs, and of the organisations, that a word names."""
    one = Wanted(word)
    kpis = [kpi.id for kpi in known.kpis.values() if one.found_in(kpi.code)]
    whose = named(word, known)
    found = Q()
    found |= Q(kpi__in=kpis) if kpis else Q()
    found |= Q(organisation__in=whose) if whose else Q()
    return found


def named(word: str, known: Known) -> list[int]:
    """The organisations that a word names."""
    one = Wanted(word)
    return [each.id for each in known.organisations if one.found_in(each.code, each.name, known.also[each.code])]


def answer_hit(known: Known, collection: Round, row: Any, wanted: Wanted) -> Hit:
    kpi, whose = known.kpis[row.kpi], known.by_id[row.organisation]
    year = f" for {year_label(row.plan_year)}" if row.plan_year else ""
    return Hit(
        marked(f"{whose.name} on KPI {kpi.code}{year}", wanted),
        reverse("return_kpi", args=[known.plan.code, collection.code, whose.code, kpi.code]),
        snippet(row.comment, wanted) if row.comment else [],
        f"{said(row)}. {collection.title}. {AnswerStatus(row.state).label}.",
    )
