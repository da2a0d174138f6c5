"""What is recorded already and says nearly the same, for who is about to record it."""

from datetime import date

from django.http import HttpRequest
from django.urls import reverse

from members.days import day_of
from reporting.audience import shown_to
from reporting.duplicates import Event, like
from reporting.looking import Look
from reporting.suggesting import Suggestion, suggestions

from .base import Content, page


@page("activity.add", "register/alike.html", figures=False)
def alike(request: HttpRequest, look: Look) -> Content:
    """While the form is being filled in."""
    start, end = (day_of(request.GET.get(name, "").strip()) for name in ("start", "end"))
    typed, kind = about(look, request.GET.get("title", "")[:300], start, end), request.GET.get("kind", "")[:20]
    return {"alike": rows(look, like(typed, shown_to(look.user))), "suggested": suggested(look, typed.title, kind)}


def suggested(look: Look, title: str, kind: str) -> list[Suggestion]:
    """The KPIs that it may count for."""
    plan, shown = look.occasion.plan, shown_to(look.user, "version__activity")
    return suggestions(plan, look.plan_at(look.occasion.as_of), title, kind, shown)


def about(
    look: Look, title: str, start: date | None, end: date | None, organisers: frozenset[int] = frozenset()
) -> Event:
    """What is typed so far; where no day is given yet, today."""
    first = start or look.occasion.now.astimezone(look.time_zone).date()
    return Event(0, title, first, max(first, end or first), organisers)


def rows(look: Look, events: list[Event]) -> list[Content]:
    plan = look.occasion.plan.code
    said = [{"title": each.title, "start": each.start, "end": each.end} for each in events]
    ways = [reverse("activity", args=[plan, each.activity]) for each in events]
    return [each | {"href": way} for each, way in zip(said, ways, strict=True)]


def recorded_already(look: Look, typed: Event, reference: str) -> Content:
    """The records that it may be, and what a form carries of them once somebody has seen them. ``reference``: its own,
    as a second click finds what the first one recorded."""
    known = like(typed, shown_to(look.user))
    found = [each for each in known if typed.may_be(each) and each.reference != reference]
    return {"alike": rows(look, found), "alike_seen": " ".join(str(each.activity) for each in found)}
