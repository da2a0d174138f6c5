"""The lists from which answers are decided on, and where in them a reader is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse

from reporting.looking import Look
from reporting.models import Answer, Round, Submission
from reporting.review import Reviewed, of_submission, on_kpi
from workplan.tree import KpiText

from .base import crumb

T = TypeVar("T")
SHOWN = {"": "All", "undecided": "Not decided yet", "marked": "To look at"}
PER_PAGE = 40
"""Rows on one page: of 35 Members all, of 350 those of forty."""
FROM_KPI, FROM_MEMBER = "kpi", "member"
"""What ``from`` says where something was begun in the list of a KPI, or of a Member."""


def review_crumbs(look: Look, collection: Round) -> list[dict[str, str]]:
    address = reverse("review_queue", args=[look.occasion.plan.code, collection.code])
    return [crumb(look, "rounds", "Reporting"), {"href": address, "text": f"Review of {collection.title}"}]


def cut(rows: list[T], page: int) -> tuple[int, int, list[T]]:
    """The number of the page that is looked at, how many there are, and what stands on it."""
    pages = max(1, -(-len(rows) // PER_PAGE))
    number = min(page, pages)
    return number, pages, rows[(number - 1) * PER_PAGE : number * PER_PAGE]


def page_asked(request: HttpRequest) -> int:
    asked = request.GET.get("page", "")
    return max(int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 6 else 1, 1)


@dataclass(frozen=True)
class Listing:
    """The list from which an answer is decided on, as its reader looks at it. ``show`` and ``page`` stand in its
    address, so that one comes back to the same place."""

    look: Look
    address: str
    name: str
    rows: Callable[[], list[Reviewed]]
    show: str
    page: int

    def picked(self, rows: list[Reviewed]) -> list[Reviewed]:
        if self.show == "undecided":
            return [row for row in rows if row.undecided]
        return [row for row in rows if row.marks] if self.show == "marked" else rows

    def cut(self, picked: list[Reviewed]) -> tuple[int, int, list[Reviewed]]:
        return cut(picked, self.page)

    def query(self, page: int, **more: object) -> str:
        asked = {**more, "show": self.show, "page": page if page > 1 else ""}
        said = urlencode({name: value for name, value in asked.items() if value})
        return f"?{said}" if said else ""

    def at(self, answer: Answer, page: int | None = None) -> str:
        return f"{self.address}{self.query(page or self.page)}#a{answer.pk}"

    def after(self, done: Iterable[Answer]) -> str:
        """The next answer that the reader can decide on, else the first; the list where there is none."""
        rows = self.rows()
        places = {row.answer.pk: place for place, row in enumerate(rows)}
        last = max((places[answer.pk] for answer in done if answer.pk in places), default=-1)
        picked = self.picked(rows)
        left = [row for row in picked if row.undecided and not row.own_work_of(self.look.user)]
        following = next((row for row in left if places[row.answer.pk] > last), left[0] if left else None)
        if following is None:
            return self.address + self.query(self.page)
        return self.at(following.answer, picked.index(following) // PER_PAGE + 1)


def place_in(request: HttpRequest) -> dict[str, Any]:
    """Where in a list its reader is, as the address says; what is not offered is the beginning."""
    show = request.GET.get("show", "")
    return {"show": show if show in SHOWN else "", "page": page_asked(request)}


def of_member(request: HttpRequest, look: Look, submission: Submission) -> Listing:
    whose = submission.organisation
    address = reverse("review_member", args=[look.occasion.plan.code, submission.round.code, whose.code])
    return Listing(look, address, whose.name, lambda: of_submission(look, submission), **place_in(request))


def of_kpi(request: HttpRequest, look: Look, collection: Round, kpi: KpiText) -> Listing:
    address = reverse("review_kpi", args=[look.occasion.plan.code, collection.code, kpi.code])
    return Listing(look, address, kpi.code, lambda: on_kpi(look, collection, kpi.id), **place_in(request))


def came_from(request: HttpRequest, look: Look, submission: Submission, row: Reviewed) -> Listing:
    """The list that the reader goes back to: that of the KPI where they came from it, else that of the Member."""
    if request.GET.get("from") == FROM_KPI:
        return of_kpi(request, look, submission.round, row.kpi)
    return of_member(request, look, submission)
