"""A Member's workbook came by e-mail: the secretariat looks at what it says, then enters all of it on the Member's
behalf (docs/adr/0038, domain.md, "The workflow")."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from reporting.actions.refusals import Stale
from reporting.actions.workbook import Brought, take_on_behalf, taken_before
from reporting.looking import Look
from reporting.models import Original, Submission, WorkbookUpload
from reporting.returns import Return, asked_in_full, nothing_here, visible
from reporting.workbook.comparing import Compared
from reporting.workbook.package import has_pictures
from reporting.workbook.reading import read_workbook
from reporting.workbook.receiving import compare_on_behalf

from .base import Content, page
from .behalf import ENTER, address_of, member_crumbs, originals_crumb
from .review import submission_of
from .workbook import (
    ALL_STAYS,
    PREVIEW,
    RECEIPT,
    choices_in,
    original_at,
    previewed,
    receipt_called,
    receipted,
    sent_marked,
)

UNREADABLE = "behalf/unreadable.html"
SENDS = "Nothing is stored yet. What you take over is entered at once: a colleague decides on it, and {} is told."

MENDS = "Ask {} for a mended workbook, or enter by hand what it says."


def opened(look: Look, round: str, org: str, pk: int) -> tuple[Return, Original]:
    """The return with what was sent, and the workbook as it came. Raises Missing."""
    submission = submission_of(look, round, org)
    original = Original.objects.filter(submission=submission, pk=pk, kind="xlsx").first()
    if original is None:
        raise nothing_here()
    original.submission = submission
    return Return(look, submission, own=False, items=asked_in_full(look, submission)), original


def at(name: str, look: Look, original: Original) -> str:
    return reverse(name, args=[*address_of(look, original.submission), original.pk])


def compared_with(found: Return, original: Original) -> Compared:
    """Raises ValidationError where it is no workbook of this return."""
    return compare_on_behalf(read_workbook(bytes(original.content)), found, original)


@page(ENTER, PREVIEW, figures=False, within=visible)
def workbook(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> Content | HttpResponse:
    """What a workbook from an e-mail would do; and takes it over, all of it or nothing."""
    found, original = opened(look, round, org, pk)
    if request.method != "POST":
        return shown(request, found, original)
    brought = Brought(original.name, bytes(original.content), request.POST.get("seen", ""), choices_in(request))
    if done := taken_before(found.submission, brought):
        return redirect(receipt_at(look, done))
    try:
        compared, told = compared_with(found, original), dict[str, Any](by=look.user, now=look.occasion.now)
        made = take_on_behalf(original=original, brought=brought, compared=compared, **told)
    except Stale as stale:
        return shown(request, opened(look, round, org, pk)[0], original, [str(stale)], 409)
    except ValidationError as error:
        return shown(request, found, original, error.messages, 422)
    whose = found.submission.organisation.name
    outcome = f"is entered on behalf of {whose}." if made.stored else f"is kept. {ALL_STAYS}"
    messages.success(request, f"{original.name} {outcome}")
    return redirect(receipt_at(look, made))


def shown(
    request: HttpRequest, found: Return, original: Original, refused: list[str] | None = None, status: int = 0
) -> HttpResponse:
    look, by_hand = found.look, at("on_behalf", found.look, original)
    content: Content = {"crumbs": crumbs_of(look, original)}
    try:
        compared = compared_with(found, original)
    except ValidationError as error:
        content |= {"title": f"{original.name} cannot be read", "sentences": error.messages, "by_hand": by_hand}
        return render(request, UNREADABLE, look.shell | content, status=422)
    content |= previewed(request, look, original.name, compared, refused or []) | {
        "mends": MENDS.format(found.submission.organisation.name),
        "sends": SENDS.format(found.submission.organisation.name),
        "hidden": ("seen", compared.seen),
        "pictures": has_pictures(bytes(original.content)),
        "confirm": at("on_behalf_workbook", look, original),
        "marked": at("on_behalf_marked", look, original),
        "again": (by_hand, "Enter it by hand instead"),
    }
    return render(request, PREVIEW, look.shell | content, status=status or (422 if compared.problems else 200))


def crumbs_of(look: Look, original: Original) -> list[dict[str, str]]:
    return [*member_crumbs(look, original.submission), originals_crumb(look, original.submission)]


@page(ENTER, PREVIEW, figures=False, within=visible)
def marks(request: HttpRequest, look: Look, round: str, org: str, pk: int) -> HttpResponse:
    """The Member's file with the cells marked that are wrong, to be sent back."""
    found, original = opened(look, round, org, pk)
    try:
        return sent_marked(original.name, bytes(original.content), compared_with(found, original))
    except ValidationError as error:
        return shown(request, found, original, error.messages, 422)


# ---------------------------------------------------------------- the receipt


def receipt_at(look: Look, kept: WorkbookUpload) -> str:
    return reverse("on_behalf_receipt", args=[*address_of(look, kept.submission), kept.original_id, kept.pk])


def receipts_of(submission: Submission, original: int) -> Any:
    rows = WorkbookUpload.objects.defer("file").filter(submission=submission, original=original)
    return rows.select_related("uploaded_by", "submission__round", "submission__organisation")


@page(ENTER, RECEIPT, figures=False, within=visible)
def receipt(request: HttpRequest, look: Look, round: str, org: str, pk: int, upload: int) -> Content:
    """What was entered from a workbook, by whom and when, row by row."""
    submission = submission_of(look, round, org)
    kept = receipt_called(upload, receipts_of(submission, pk))
    address = address_of(look, submission)
    return receipted(look, kept) | {
        "file": original_at(address, kept),
        "ways": [
            (reverse("review_member", args=address), f"All answers of {submission.organisation.name}"),
            (reverse("on_behalf", args=[*address, pk]), "What was entered from this e-mail"),
        ],
        "crumbs": [*member_crumbs(look, submission), originals_crumb(look, submission)],
    }
