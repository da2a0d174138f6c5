"""The evidence of activities and arrangements: added, opened, removed. A file leaves through ``download`` alone."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from reporting.actions.evidence import Beside, add_file, add_link, remove
from reporting.forms.evidence import EvidenceForm, RemovalForm
from reporting.looking import Look
from reporting.models import Evidence
from reporting.returns import nothing_here

from . import activities, arrangements
from .base import Content, acted, page
from .records import Opened, possible

Record = Opened[Any, Any]


def piece_of(found: Record, piece: int) -> Evidence:
    """Raises Missing for what stands elsewhere, or was removed."""
    possible(piece)
    known = found.pieces.filter(pk=piece).first()
    if known is None:
        raise nothing_here()
    return known


def within(opened: Callable[[Look, int], Record]) -> Callable[..., object]:
    """Who may not know of a record, or asks for what does not stand there, learns nothing."""
    return lambda look, pk, piece: piece_of(opened(look, pk), piece)


# ---------------------------------------------------------------- added


@page("evidence.upload", "register/evidence_form.html", figures=False, within=activities.opened)
def of_activity(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A file or a link that shows an activity."""
    found = activities.opened(look, pk)
    return adding(request, found, Beside(activity=found.record))


@page("evidence.upload", "register/evidence_form.html", figures=False, within=arrangements.opened)
def of_arrangement(request: HttpRequest, look: Look, pk: int) -> Content | HttpResponse:
    """A file or a link that shows an arrangement."""
    found = arrangements.opened(look, pk)
    return adding(request, found, Beside(arrangement=found.record))


def adding(request: HttpRequest, found: Record, beside: Beside) -> Content | HttpResponse:
    if not found.may_with_evidence("upload"):
        raise PermissionDenied
    sent_in = request.method == "POST"
    form = EvidenceForm(request.POST if sent_in else None, request.FILES if sent_in else None)
    content = {
        "title": f"Add evidence: {found.name}",
        "lede": "Whoever may know of the record can open it.",
        "form": form,
        "cancel": found.address,
        "crumbs": found.crumbs,
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        made = added(form, beside, found.look)
        messages.success(request, f"{made.title} is kept as evidence.")
        return redirect(found.address)

    return acted(form, content, act)


def added(form: EvidenceForm, beside: Beside, look: Look) -> Evidence:
    """What a form gives, kept. Raises Stale and ValidationError."""
    said = form.cleaned_data
    told: dict[str, Any] = {"title": said["title"], "by": look.user, "now": look.occasion.now}
    if file := said["file"]:
        return add_file(beside=beside, name=file.name, content=file.read(), **told)
    return add_link(beside=beside, url=said["url"], **told)


# ---------------------------------------------------------------- opened


@page("evidence.download", figures=False, within=within(activities.opened))
def file_of_activity(request: HttpRequest, look: Look, pk: int, piece: int) -> HttpResponse:
    """For whoever may know of the activity."""
    return sent(activities.opened(look, pk), piece)


@page("evidence.download", figures=False, within=within(arrangements.opened))
def file_of_arrangement(request: HttpRequest, look: Look, pk: int, piece: int) -> HttpResponse:
    """For whoever may know of the arrangement."""
    return sent(arrangements.opened(look, pk), piece)


def sent(found: Record, piece: int) -> HttpResponse:
    return download(piece_of(found, piece))


def download(known: Evidence) -> HttpResponse:
    """The file as it came. It is always stored, never shown by the browser. Raises Missing for a link, and for a file
    that was lost."""
    if known.file is None:
        raise nothing_here()
    try:
        with default_storage.open(known.file.path) as stored:
            content = stored.read()
    except FileNotFoundError as error:
        raise nothing_here() from error
    return HttpResponse(
        content,
        content_type="application/octet-stream",
        headers={
            "Content-Disposition": content_disposition_header(True, known.name),
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        },
    )


# ---------------------------------------------------------------- removed


@page("evidence.delete", "register/evidence_remove.html", figures=False, within=within(activities.opened))
def remove_of_activity(request: HttpRequest, look: Look, pk: int, piece: int) -> Content | HttpResponse:
    """It stays in the history, and nobody opens it any more."""
    return removing(request, activities.opened(look, pk), piece)


@page("evidence.delete", "register/evidence_remove.html", figures=False, within=within(arrangements.opened))
def remove_of_arrangement(request: HttpRequest, look: Look, pk: int, piece: int) -> Content | HttpResponse:
    """It stays in the history, and nobody opens it any more."""
    return removing(request, arrangements.opened(look, pk), piece)


def removing(request: HttpRequest, found: Record, piece: int) -> Content | HttpResponse:
    known = piece_of(found, piece)
    if not found.may_with_evidence("delete"):
        raise PermissionDenied
    form = RemovalForm(request.POST if request.method == "POST" else None)
    content = {
        "title": f"Remove {known.title}",
        "piece": known,
        "form": form,
        "cancel": found.address,
        "crumbs": found.crumbs,
    }
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        remove(piece=known, reason=form.cleaned_data["reason"], by=found.look.user, now=found.look.occasion.now)
        messages.success(request, f"{known.title} is removed.")
        return redirect(found.address)

    return acted(form, content, act)
