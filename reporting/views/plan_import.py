"""A plan's structure comes from a file: looked at first, then put into the draft of an amendment."""

from collections.abc import Iterable

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render

from members.imports.held import Held, UploadForm, held_of
from members.imports.pages import file_to_import, marked_file, preview_page, upload_page
from members.refusals import Stale
from members.views import typed
from reporting.looking import Look
from reporting.movement import movements
from workplan import imports
from workplan.models import Amendment
from workplan.outline import shifts
from workplan.queries import draft_of
from workplan.rules import why_not_changed

from .amendments import amendment_crumbs, at, found_amendment, moved_rows, visible
from .base import Content, page

TEMPLATE = "import/upload.html"


@page("import.plan", TEMPLATE, figures=False, within=visible)
def upload(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """Chooses a file; what it would change in the draft is shown, and nothing is stored yet."""
    found = found_amendment(look, number)
    form = UploadForm(imports.LAYOUT, typed(request), request.FILES or None)
    if form.is_valid():
        try:
            return shown(request, look, found, form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
    return chosen(look, found, form, status=422 if form.errors else 200)


def chosen(look: Look, found: Amendment, form: UploadForm, sentences: Iterable[str] = (), status: int = 422) -> Content:
    return upload_page(imports.LAYOUT, form, sentences) | {
        "title": "Import the plan's structure",
        "lede": f"What the file would change in the draft is shown first. It goes into {found}, all of it or nothing; "
        "the plan changes when that is published.",
        "refused": why_not_changed(found),
        "file": at(look, "amendment_import_file", found),
        "way": {"href": at(look, "amendment_plan", found), "text": "Cancel"},
        "crumbs": amendment_crumbs(look, found),
        "status": status,
    }


def shown(request: HttpRequest, look: Look, found: Amendment, held: Held, refused: str = "") -> HttpResponse:
    """The preview, as a page by itself. Raises ValidationError where the file cannot be read."""
    preview, draft = imports.looked_at(held.content, amendment=found, by=look.user)
    before = draft_of(found)
    moved = movements(draft, look.occasion, since=before) if preview.does_something else []
    content = preview_page(preview, held, what(found), look.user, refused) | {
        "shows_moved": preview.does_something,
        "moved": moved_rows(moved),
        "shifts": shifts(before.outline, draft.outline),
        "contradicting": draft.contradicting if preview.does_something else {},
        "noun": "Element",
        "confirm": at(look, "amendment_import_confirm", found),
        "errors": at(look, "amendment_import_errors", found),
        "again": at(look, "amendment_import", found),
        "crumbs": amendment_crumbs(look, found),
    }
    status = 422 if preview.problems else 409 if refused else 200
    return render(request, "import/preview.html", look.shell | content, status=status)


def what(found: Amendment) -> str:
    return f"the plan into amendment {found.pk}"


@page("import.plan", TEMPLATE, figures=False, within=visible)
def confirm(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """Puts into the draft what the preview showed: all of it, or nothing."""
    found = found_amendment(look, number)
    if request.method != "POST":
        return redirect("amendment_import", look.occasion.plan.code, number)
    try:
        held = held_of(what(found), look.user, request.POST.get("held", ""))
        done = imports.apply(held.content, amendment=found, seen=int(held.seen), by=look.user)
    except Stale as stale:
        return shown(request, look, found_amendment(look, number), held, str(stale))
    except ValidationError as error:
        return chosen(look, found, UploadForm(imports.LAYOUT), error.messages)
    messages.success(request, f"{held.name} is in the draft: {done.summary}.")
    return redirect(at(look, "amendment", found))


@page("import.plan", TEMPLATE, figures=False, within=visible)
def errors(request: HttpRequest, look: Look, number: int) -> Content | HttpResponseBase:
    """The file again, as a workbook with the wrong cells marked."""
    found = found_amendment(look, number)
    if request.method != "POST":
        return redirect("amendment_import", look.occasion.plan.code, number)
    try:
        held = held_of(what(found), look.user, request.POST.get("held", ""))
        preview = imports.preview(held.content, amendment=found, by=look.user)
    except ValidationError as error:
        return chosen(look, found, UploadForm(imports.LAYOUT), error.messages)
    return marked_file(preview, imports.LAYOUT, held.name)


@page("import.plan", TEMPLATE, figures=False, within=visible)
def file(request: HttpRequest, look: Look, number: int) -> Content | HttpResponseBase:
    """The draft as a file to be changed and imported again, or an empty one."""
    found = found_amendment(look, number)
    rows = list(imports.rows_of(draft_of(found).outline))
    name, released = f"{found.plan.code}-amendment-{found.number}", found.published_at is not None
    return file_to_import(request, imports.LAYOUT, rows, name, by=look.user, released=released)
