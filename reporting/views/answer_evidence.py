"""The evidence of answers: added, opened and removed in the return of an organisation (permissions.csv, evidence.*)."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.choices import Scope
from members.permissions import grants
from reporting import rules
from reporting.actions.evidence import Beside, remove
from reporting.forms.evidence import EvidenceForm, RemovalForm
from reporting.looking import Look
from reporting.models import Evidence
from reporting.returns import Item, Return, nothing_here, open_return
from reporting.threads import Thread
from workplan.calendar import year_label
from workplan.models import Kpi

from .base import Content, acted, crumb, page
from .entries import evidence_anchor
from .evidence import added, download
from .records import possible

READERS = "Who may read the answer can open it: its organisation, the secretariat and the co-coordinators."
NOT_YET = "Only your organisation can open it until the answer is sent; then the secretariat and co-coordinators, too."
EVERYBODYS = (Scope.YES, Scope.SIGNED_IN_AGAIN)
"""The scopes of who adds and removes whatever the state of the answer is."""


@dataclass(frozen=True)
class Shown:
    """An answer of a return that the reader may see, and what one may do with what shows it."""

    found: Return
    item: Item
    thread: Thread

    def may(self, verb: str) -> bool:
        return self.found.may(f"evidence.{verb}", self.item, self.thread)

    def hands(self, verb: str) -> str | None:
        """Whose hands the answer is in, where that matters to what this reader may do."""
        scopes = {scope for scope, _ in grants(self.found.look.user, f"evidence.{verb}")}
        return None if scopes.intersection(EVERYBODYS) else rules.hands_of(self.thread)

    @property
    def name(self) -> str:
        year = f" for {year_label(self.thread.plan_year)}" if self.thread.plan_year else ""
        return f"{self.item.kpi.code}{year}, {self.found.submission.organisation.name}"

    @property
    def address(self) -> str:
        """The form of the KPI, at this answer."""
        return (
            reverse("return_kpi", args=[*self.found.address, self.item.kpi.code]) + f"#{evidence_anchor(self.thread)}"
        )

    @property
    def crumbs(self) -> list[dict[str, str]]:
        tasks = reverse("return_tasks", args=self.found.address)
        return [
            crumb(self.found.look, "rounds", "Reporting"),
            {"href": tasks, "text": self.found.submission.organisation.name},
            {"href": self.address, "text": self.item.kpi.code},
        ]


def shown(look: Look, round: str, org: str, code: str, year: int | None) -> Shown:
    """Raises Missing where the reader may not see this answer; of others only what was sent."""
    found = open_return(look, round, org, "evidence.download")
    item = found.item(code)
    thread = next((each for each in item.threads if each.plan_year == year), None)
    if thread is None or not (found.own or thread.sent):
        raise nothing_here()
    return Shown(found, item, thread)


def year_asked(request: HttpRequest) -> int | None:
    """Raises Missing for what is none."""
    said = request.GET.get("year", "")
    if said and not (said.isascii() and said.isdigit() and len(said) == 4):
        raise nothing_here()
    return int(said) if said else None


def with_piece(look: Look, round: str, org: str, code: str, piece: int) -> tuple[Shown, Evidence]:
    """Raises Missing for what stands elsewhere, was removed, or the reader may not see."""
    possible(piece)
    rows = Evidence.objects.filter(pk=piece, removed_at=None, submission__round__code=round)
    known = rows.filter(submission__organisation__code=org, kpi__code=code).select_related("file").first()
    if known is None:
        raise nothing_here()
    return shown(look, round, org, code, known.plan_year), known


def seen_at_all(look: Look, round: str, org: str, code: str, piece: int = 0) -> None:
    """Raises Missing for who has no right to the action and may not even see what it is about."""
    if piece:
        with_piece(look, round, org, code, piece)
    else:
        open_return(look, round, org, "evidence.download").item(code)


@page("evidence.upload", "register/evidence_form.html", figures=False, within=seen_at_all)
def add(request: HttpRequest, look: Look, round: str, org: str, code: str) -> Content | HttpResponse:
    """A file or a link that shows an answer."""
    about = shown(look, round, org, code, year_asked(request))
    if not about.may("upload"):
        raise PermissionDenied
    sent_in = request.method == "POST"
    form = EvidenceForm(request.POST if sent_in else None, request.FILES if sent_in else None)
    content = {
        "title": f"Add evidence: {about.name}",
        "lede": READERS if about.thread.sent else NOT_YET,
        "form": form,
        "cancel": about.address,
        "crumbs": about.crumbs,
    }
    if not sent_in:
        return content

    def act() -> HttpResponse:
        kpi, year = Kpi.objects.get(pk=about.item.kpi.id), about.thread.plan_year
        beside = Beside(submission=about.found.submission, kpi=kpi, plan_year=year, hands=about.hands("upload"))
        made = added(form, beside, look)
        messages.success(request, f"{made.title} is kept as evidence.")
        return redirect(about.address)

    return acted(form, content, act)


@page("evidence.download", figures=False, within=seen_at_all)
def opened(request: HttpRequest, look: Look, round: str, org: str, code: str, piece: int) -> HttpResponse:
    """The file, for whoever may see the answer."""
    about, known = with_piece(look, round, org, code, piece)
    if not about.may("download"):
        raise nothing_here()
    return download(known)


@page("evidence.delete", "register/evidence_remove.html", figures=False, within=seen_at_all)
def removed(request: HttpRequest, look: Look, round: str, org: str, code: str, piece: int) -> Content | HttpResponse:
    """It stays in the history, and nobody opens it any more."""
    about, known = with_piece(look, round, org, code, piece)
    if not about.may("delete"):
        raise PermissionDenied
    form = RemovalForm(request.POST if request.method == "POST" else None)
    content: dict[str, Any] = {
        "title": f"Remove {known.title}",
        "piece": known,
        "form": form,
        "cancel": about.address,
        "crumbs": about.crumbs,
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        why = form.cleaned_data["reason"]
        remove(piece=known, reason=why, hands=about.hands("delete"), by=look.user, now=look.occasion.now)
        messages.success(request, f"{known.title} is removed.")
        return redirect(about.address)

    return acted(form, content, act)
