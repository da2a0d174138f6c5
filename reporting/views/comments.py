"""Comments on an answer: read and written by the Member, its co-coordinators and the secretariat (domain.md, "The
workflow", 4)."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.choices import Scope
from members.models import User
from members.permissions import grants, may
from reporting.actions.comments import comment_on_answer
from reporting.comments import by_thread, readable
from reporting.forms.comments import CommentForm
from reporting.looking import Look
from reporting.mails import who_hears
from reporting.returns import Item, Return, nothing_here, open_return, visible
from reporting.review import of_submission
from reporting.threads import Thread
from workplan.calendar import year_label

from .base import Content, acted, crumb, page
from .listing import FROM_KPI, FROM_MEMBER, came_from

COMMENT = "submission.comment"
BACK = {"form": ("return_kpi", "comments"), "versions": ("return_versions", "comments")}
"""What ``from`` says, beside the lists of the review, and where it leads back to."""


@page(COMMENT, "comments/page.html", figures=False, within=visible)
def comments(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """All comments on an answer, and the form for another; the small forms of other pages are sent here."""
    found = open_return(look, round, org)
    item, year = found.item(code), request.GET.get("year", "")
    thread = next((each for each in item.threads if str(each.plan_year or "") == year), None)
    if thread is None:
        raise nothing_here()
    if not found.may(COMMENT, item, thread):
        raise PermissionDenied
    inside = may(look.user, "submission.comment_internal")
    form = CommentForm(request.POST or None, inside=inside, name=found.submission.organisation.name)
    back = back_to(request, found, item, thread)
    content = page_content(found, item, thread) | {"form": form, "cancel": back}
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        made = comment_on_answer(
            submission=found.submission,
            kpi=item.kpi.id,
            plan_year=thread.plan_year,
            text=form.cleaned_data["text"],
            internal=form.internal,
            organisation=speaks_for(look.user, found, item),
            by=look.user,
            now=look.occasion.now,
        )
        messages.success(request, said_to(found, internal=made.internal))
        return redirect(back)

    return acted(form, content, act)


def said_to(found: Return, *, internal: bool) -> str:
    if internal:
        return "Comment kept. Only the secretariat reads it."
    return "Comment kept." if found.own else f"Comment kept. {who_hears(found.submission.organisation)}"


def speaks_for(user: User, found: Return, item: Item) -> str:
    """The organisation for which somebody writes: the Member's own people for it, others for the secretariat or for the
    co-coordinator of the focus area."""
    if found.own:
        return found.submission.organisation.code
    reach = [(scope, code) for scope, code in grants(user, COMMENT) if scope is not Scope.OWN]
    return next(code for scope, code in reach if scope is Scope.SUBMITTED or code in item.area.co_coordinators)


def page_content(found: Return, item: Item, thread: Thread) -> Content:
    year = f" for {year_label(thread.plan_year)}" if thread.plan_year else ""
    whose = found.submission.organisation
    return {
        "title": f"Comments on {item.kpi.code}{year}: {whose.name}, {found.round.title}",
        "return": found,
        "item": item,
        "talk": talk_of(found, item)[0 if thread.plan_year is None else item.threads.index(thread)],
        "crumbs": [
            crumb(found.look, "rounds", "Reporting"),
            {"href": reverse("return_tasks", args=found.address), "text": whose.name},
        ],
    }


def talk_of(found: Return, item: Item, came: str = "") -> list[dict[str, Any]]:
    """For each plan year of a KPI the comments that the reader may read, and where another is sent to. What is said
    over an answer of which nothing was sent is its own people's. One query."""
    rows = readable(found.look.user).filter(submission=found.submission, kpi=item.kpi.id)
    sent = {thread.plan_year for thread in item.threads if thread.sent}
    talks = by_thread(each for each in rows if found.own or each.plan_year in sent)
    address = reverse("return_comments", args=[*found.address, item.kpi.code])
    return [
        {
            "comments": talks.get((found.submission.pk, item.kpi.id, thread.plan_year), ()),
            "year": thread.year,
            "post": f"{address}{query(year=thread.plan_year, **{'from': came})}",
            "id": f"talk{thread.plan_year or ''}",
            "inside": may(found.look.user, "submission.comment_internal"),
            "own": found.own,
            "name": found.submission.organisation.name,
            "may": found.may(COMMENT, item, thread),
        }
        for thread in item.threads
    ]


def query(**asked: object) -> str:
    said = urlencode({name: value for name, value in asked.items() if value})
    return f"?{said}" if said else ""


def back_to(request: HttpRequest, found: Return, item: Item, thread: Thread) -> str:
    """The page from which somebody wrote, at the same place."""
    came = request.GET.get("from", "")
    if came in BACK:
        name, anchor = BACK[came]
        return reverse(name, args=[*found.address, item.kpi.code]) + f"#{anchor}"
    if came in (FROM_KPI, FROM_MEMBER) and (place := place_in_review(request, found, item, thread)):
        return place
    return reverse("return_comments", args=[*found.address, item.kpi.code]) + query(year=thread.plan_year)


def place_in_review(request: HttpRequest, found: Return, item: Item, thread: Thread) -> str:
    """ "" where the review has no such answer, or has none any more."""
    rows, wanted = of_submission(found.look, found.submission), (item.kpi.code, thread.plan_year)
    row = next((each for each in rows if (each.kpi.code, each.thread.plan_year) == wanted), None)
    return came_from(request, found.look, found.submission, row).at(row.answer) if row else ""
