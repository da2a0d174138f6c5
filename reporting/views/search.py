"""One search over the plan, the organisations, the answers and the register."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.text import Truncator

from members.access import requires
from members.lists import page_fault
from reporting.looking import Look, Missing
from reporting.searching import LONGEST, MOST_WORDS, Group, Wanted, search
from workplan.models import Plan
from workplan.queries import current_plan

from .base import Content, page

FIRST, ON_PAGE = 10, 50
"""Hits of a kind beside those of other kinds, and by themselves."""
MOST_REPEATED = 60
"""Letters of what was left out."""


@page("search", "search.html", figures=False)
def found(request: HttpRequest, look: Look) -> Content:
    """What was found, by kind; ``in`` asks for all of one kind."""
    wanted = Wanted.of(request.GET.get("q", ""))
    if not wanted:
        return {"title": "Search the plan, Members, answers and the register", "wanted": wanted}
    groups = [group for group in search(look, wanted) if group.hits]
    counts = ", ".join(group.count for group in groups)
    chosen = [group for group in groups if group.name == request.GET.get("in")]
    return {
        "title": f"“{wanted.text}”: {counts or 'nothing found'}",
        "wanted": wanted,
        "groups": [
            shown(look, wanted, group, request.GET.get("page", ""), alone=bool(chosen)) for group in chosen or groups
        ],
        "back": address(look, wanted) if chosen else "",
        "left_out": left_out_words(wanted),
    }


def left_out_words(wanted: Wanted) -> str:
    if not wanted.left_out:
        return ""
    words = Truncator(wanted.left_out).chars(MOST_REPEATED)
    return f"A search takes at most {LONGEST} letters and {MOST_WORDS} words. Not looked for: “{words}”."


def shown(look: Look, wanted: Wanted, group: Group, number: str, *, alone: bool) -> dict[str, Any]:
    pages = Paginator(group.shown, ON_PAGE if alone else FIRST)
    part = pages.get_page(number if alone else 1)
    here = address(look, wanted, group.name)
    return {
        "group": group,
        "heading": f"{group.count[0].upper()}{group.count[1:]}",
        "part": part,
        "fault": page_fault(pages, number) if alone else "",
        "hits": [make() for make in part],
        "all": here if not alone and len(group.hits) > FIRST else "",
        "previous": f"{here}&page={part.previous_page_number()}" if part.has_previous() else "",
        "next": f"{here}&page={part.next_page_number()}" if alone and part.has_next() else "",
    }


def address(look: Look, wanted: Wanted, kind: str = "") -> str:
    more = {"in": kind} if kind else {}
    return f"?{urlencode(look.asked | {'q': wanted.text} | more)}"


@requires("search")
def anywhere(request: HttpRequest) -> HttpResponseBase:
    """The search from a page that is about no plan: in the current one."""
    try:
        target = redirect("search", plan=current_plan().code)
    except Plan.DoesNotExist as error:
        missing = Missing(str(error), "There is nothing to search until the secretariat publishes one.")
        return render(request, "missing.html", {"missing": missing}, status=404)
    query = urlencode({"q": request.GET.get("q", "")[:200]})
    target["Location"] = f"{target.url}?{query}"
    return target
