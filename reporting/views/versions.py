"""Every version of an answer, side by side, and what was done to it."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.http import HttpRequest

from members.differences import are_short, stretches
from reporting.answer_evidence import pieces
from reporting.looking import Look
from reporting.models import Evidence
from reporting.moments import moment_words
from reporting.returns import Item, Return, open_return, visible
from reporting.review import opened_originals
from reporting.threads import Thread
from reporting.wording import member_says, said

from .base import Content, page, past_of
from .comments import talk_of
from .sending import crumbs_of


@page("submission.history", "sending/versions.html", figures=False, within=visible)
def versions(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content:
    """Every version of an answer, side by side; what changed is marked."""
    found = open_return(look, round, org, "submission.history")
    item = found.item(code)
    place = f"{found.round.code}/{found.submission.organisation.code}/{code}"
    keys = [f"{place}/{thread.plan_year or ''}" for thread in item.threads]
    whose = found.submission.organisation
    shows = pieces(look, here=found.round, submission__organisation=whose.pk, kpi=item.kpi.id)
    every = [answer for thread in item.threads for answer in thread.versions]
    threads = [
        {
            "year": thread.year,
            "versions": list(compared(found, thread))[::-1],
            "pieces": shows.get((whose.code, item.kpi.id, thread.plan_year), ()),
        }
        for thread in item.threads
    ]
    return {
        "title": f"{code}: all versions of {found.submission.organisation.name}, {found.round.title}",
        "return": found,
        "item": item,
        "threads": threads,
        "opens": opened_originals(look.user, every, found.kpis, own=found.own),
        "past": past_of(request, look, history_of(found, item, keys), own=True),
        "talks": talk_of(found, item, "versions"),
        "crumbs": crumbs_of(found),
    }


def history_of(found: Return, item: Item, keys: list[str]) -> Q:
    """What was done to an answer, and to what shows it, also where that was removed."""
    rows = Evidence.objects.filter(submission=found.submission, kpi=item.kpi.id)
    shows = [str(pk) for pk in rows.values_list("pk", flat=True)]
    answers = Q(object_type="reporting.answer", object_key__in=keys)
    return answers | Q(object_type="reporting.evidence", object_key__in=shows) if shows else answers


def compared(found: Return, thread: Thread) -> Iterator[dict[str, Any]]:
    def here(moment: datetime) -> str:
        return moment_words(moment, found.look.time_zone.key, found.look.time_zone)

    before = None
    for answer in thread.versions:
        yield {
            "answer": answer,
            "said": list(changed(said(before) if before else None, said(answer))),
            "comment": list(changed(before.comment if before else None, answer.comment)),
            "entered": here(answer.entered_at),
            "sent": here(answer.sent_at) if answer.sent_at else "",
            "decided": here(answer.decided_at) if answer.decided_at else "",
            "member_says": member_says(answer, found.submission.organisation.name, found.look.time_zone),
            "source": list(changed(before.figure_source if before else None, answer.figure_source)),
            "definition": list(changed(before.figure_definition if before else None, answer.figure_definition)),
            "other_link": before is not None and before.evidence_url != answer.evidence_url,
        }
        before = answer


def changed(before: str | None, after: str) -> Iterator[tuple[str, str]]:
    """The words of a text: "same", "new" or "gone" against the version before."""
    if before is None:
        yield from [("same", after)] if after else []
        return
    pairs = stretches(before, after) if are_short(before, after) else [(before, after)]
    for old, new in pairs:
        if old == new:
            yield "same", new
            continue
        yield from ((kind, text) for kind, text in (("gone", old), ("new", new)) if text)
