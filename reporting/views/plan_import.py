"""A plan's structure comes from a file: looked at first, then put into the draft of an amendment."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from members.exports import csv_lines, named
from members.imports.held import Held, UploadForm, content_of, held_of, hold
from members.imports.outcome import Preview
from members.organisation_views import marked_file
from members.refusals import Stale
from reporting.looking import Look
from workplan import imports
from workplan.models import Amendment
from workplan.queries import draft_of
from workplan.rules import why_not_changed

from .amendments import amendment_crumbs, at, found_amendment, visible
from .base import Content, page


@page("import.plan", "import/plan.html", figures=False, within=visible)
def upload(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """Chooses a file; what it would change in the draft is shown, and nothing is stored yet."""
    found = found_amendment(look, number)
    posted = request.method == "POST"
    form = UploadForm(imports.LAYOUT.sheet, request.POST if posted else None, request.FILES if posted else None)
    content: Content = upload_page(look, found) | {"form": form}
    if not posted:
        return content
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            held = content_of(file)
            return shown(request, look, found, Held(held, file.name, ""))
        except ValidationError as error:
            for sentence in error.messages:
                form.add_error("file", sentence)
    return content | {"status": 422}


def upload_page(look: Look, found: Amendment) -> Content:
    return {
        "title": "Import the plan's structure",
        "amendment": found,
        "refused": why_not_changed(found),
        "columns": imports.LAYOUT.columns,
        "cancel": at(look, "amendment_plan", found),
        "crumbs": amendment_crumbs(look, found),
    }


def shown(
    request: HttpRequest, look: Look, found: Amendment, held: Held, refused: str = "", status: int = 200
) -> HttpResponse:
    """The preview, as a page by itself. Raises ValidationError where the file cannot be read."""
    preview: Preview = imports.preview(held.content, amendment=found, by=look.user)
    problems = ([refused] if refused else []) + preview.sentences
    content = {
        "title": f"{held.name}: {preview.summary}",
        "preview": preview,
        "problems": [{"text": sentence, "href": ""} for sentence in problems],
        "held": hold(what(found), look.user, Held(held.content, held.name, preview.seen)),
        "noun": "Element",
        "confirm": at(look, "amendment_import_confirm", found),
        "errors": at(look, "amendment_import_errors", found),
        "again": at(look, "amendment_import", found),
        "crumbs": amendment_crumbs(look, found),
    }
    return render(request, "import/preview.html", look.shell | content, status=422 if preview.problems else status)


def what(found: Amendment) -> str:
    return f"the plan into amendment {found.pk}"


@page("import.plan", "import/plan.html", figures=False, within=visible)
def confirm(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """Puts into the draft what the preview showed: all of it, or nothing."""
    found = found_amendment(look, number)
    if request.method != "POST":
        return redirect("amendment_import", look.occasion.plan.code, number)
    try:
        held = held_of(what(found), look.user, request.POST.get("held", ""))
        done = imports.apply(held.content, amendment=found, seen=int(held.seen), by=look.user)
    except Stale as stale:
        return shown(request, look, found_amendment(look, number), held, str(stale), 409)
    except ValidationError as error:
        problems = [{"text": sentence, "href": ""} for sentence in error.messages]
        form = UploadForm(imports.LAYOUT.sheet)
        return upload_page(look, found) | {"form": form, "problems": problems, "status": 422}
    messages.success(request, f"{held.name} is in the draft: {done.summary}.")
    return redirect(at(look, "amendment", found))


@page("import.plan", "import/plan.html", figures=False, within=visible)
def errors(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """The file again, as a workbook with the wrong cells marked."""
    found = found_amendment(look, number)
    try:
        held = held_of(what(found), look.user, request.POST.get("held", ""))
    except ValidationError:
        return redirect("amendment_import", look.occasion.plan.code, number)
    preview = imports.preview(held.content, amendment=found, by=look.user)
    return marked_file(preview, imports.LAYOUT.sheet, held.name)


@page("import.plan", "import/plan.html", figures=False, within=visible)
def template(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """The draft as a file of these columns, to be changed and imported again."""
    found = found_amendment(look, number)
    header, *rows = imports.rows_of(draft_of(found).outline)
    response = HttpResponse("".join(csv_lines(header, rows)), content_type="text/csv; charset=utf-8")
    named(response, f"{found.plan.code}-amendment-{found.number}.csv")
    return response
