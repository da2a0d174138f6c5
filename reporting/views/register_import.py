"""Activities and arrangements come from a file: looked at first, then recorded, all of it or nothing (ADR 35)."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html

from members.choices import AuditAction
from members.history import moment_here
from members.imports.held import Held, UploadForm, held_of
from members.imports.pages import file_to_import, marked_file, preview_page, upload_page
from members.models import AuditEntry
from members.permissions import may
from members.refusals import Stale
from members.views import typed
from reporting.actions.bulk import BATCH
from reporting.actions.importing import Steps, finished
from reporting.imports.files import ActivitiesFile, ArrangementsFile, RegisterFile
from reporting.imports.previews import preview_of, wrong_rows
from reporting.imports.taking import IMPORT, Brought, taking
from reporting.looking import Look, Missing

from .base import Content, crumb, href, page

UPLOAD = "import/upload.html"
LAST_SHOWN = 5
"""Receipts on the page where a file is chosen: who lost the connection finds there whether it was imported."""
MARK = "<!-- steps -->"
UNDECIDED = (
    "Nobody decides on what they entered themselves. So what you import is not confirmed by it: a colleague of the "
    "secretariat decides on it."
)


@dataclass(frozen=True)
class Register:
    """One of the registers. ``name``: of its addresses; ``listed``: of its list; ``noun``: what a row is."""

    name: str
    action: str
    file: type[RegisterFile]
    listed: str
    noun: str
    crumbs: tuple[tuple[str, str], ...] = (("register", "Register"),)

    @property
    def nouns(self) -> str:
        return self.file.layout.sheet.lower()

    def at(self, look: Look, end: str = "", *args: object) -> str:
        return reverse("_".join(filter(None, [self.name, "import", end])), args=[look.occasion.plan.code, *args])

    def what(self, look: Look) -> str:
        """For what a file is signed between preview and import."""
        return f"{self.nouns} into {look.occasion.plan.code}"

    def crumbs_of(self, look: Look) -> list[dict[str, str]]:
        return [crumb(look, name, text) for name, text in self.crumbs]


ACTIVITIES = Register("activity", "import.activities", ActivitiesFile, "register", "Activity")
ARRANGEMENTS = Register(
    "arrangement",
    "import.arrangements",
    ArrangementsFile,
    "arrangements",
    "Arrangement",
    (("register", "Register"), ("arrangements", "Arrangements")),
)


def ways(folder: str, of: Register) -> list[URLPattern]:
    """The addresses of the import into a register."""
    begin, name = f"{folder}/import/", f"{of.name}_import"

    def way(end: str, view: Callable[..., Any], called: str, template: str = UPLOAD) -> URLPattern:
        drawn = page(of.action, template, figures=False)(partial(view, of=of))
        return path(f"{begin}{end}", drawn, name=f"{name}{called}")

    return [
        way("", upload, ""),
        way("confirm/", confirm, "_confirm"),
        way("rows/", rows, "_rows"),
        way("file/", file, "_file"),
        way("receipts/<int:pk>/", receipt, "_receipt", "import/recorded.html"),
    ]


# ---------------------------------------------------------------- a file is chosen and looked at


def upload(request: HttpRequest, look: Look, of: Register) -> Content | HttpResponse:
    """Chooses a file; what it would do is shown, and nothing is stored yet."""
    form = UploadForm(of.file.layout, typed(request), request.FILES or None)
    if form.is_valid():
        try:
            return shown(request, look, of, form.cleaned_data["file"])
        except ValidationError as error:
            form.add_error("file", error)
    return chosen(look, of, form, status=422 if form.errors else 200)


def chosen(look: Look, of: Register, form: UploadForm, sentences: Iterable[str] = (), status: int = 422) -> Content:
    return upload_page(of.file.layout, form, sentences) | {
        "title": f"Import {of.nouns}",
        "lede": "What the file would do is shown first. Nothing is stored until you say so, and then all of it or "
        f"nothing. {UNDECIDED}",
        "file": of.at(look, "file"),
        "way": {"href": href(look, of.listed), "text": "Cancel"},
        "crumbs": of.crumbs_of(look),
        "receipts": [receipt_words(look, of, each) for each in receipts(look, of)[:LAST_SHOWN]],
        "status": status,
    }


def shown(request: HttpRequest, look: Look, of: Register, held: Held, refused: str = "") -> HttpResponse:
    """The preview, as a page by itself. Raises ValidationError where the file cannot be read."""
    preview = preview_of(of.file(held.content, look.occasion.plan), look.time_zone)
    said = [{"text": refused, "href": ""}] if refused else []
    content = preview_page(preview, held, of.what(look), look.user) | {
        "problems": said + wrong_rows(preview),
        "lines": preview.shown,
        "notices": preview.notices,
        "undecided": UNDECIDED,
        "noun": of.noun,
        "confirm": of.at(look, "confirm"),
        "rows": of.at(look, "rows"),
        "again": of.at(look),
        "crumbs": [*of.crumbs_of(look), {"href": of.at(look), "text": "Import"}],
    }
    status = 422 if preview.problems else 409 if refused else 200
    return render(request, "import/register_preview.html", look.shell | content, status=status)


def rows(request: HttpRequest, look: Look, of: Register) -> Content | HttpResponseBase:
    """The file again, as a workbook that says of each row what becomes of it, with the wrong cells marked."""
    if request.method != "POST":
        return redirect(of.at(look))
    try:
        held = held_of(of.what(look), look.user, request.POST.get("held", ""))
        preview = preview_of(of.file(held.content, look.occasion.plan), look.time_zone)
    except ValidationError as error:
        return chosen(look, of, UploadForm(of.file.layout), error.messages)
    return marked_file(preview, of.file.layout, held.name)


def file(request: HttpRequest, look: Look, of: Register) -> Content | HttpResponseBase:
    """What is there as a file to be changed and imported again, or an empty one."""
    name, there = f"{of.nouns}-{look.occasion.plan.code}", of.file.rows_there(look.occasion.plan)
    return file_to_import(request, of.file.layout, there, name, by=look.user, released=False)


# ---------------------------------------------------------------- it is imported


def confirm(request: HttpRequest, look: Look, of: Register) -> Content | HttpResponseBase:
    """Records what the preview showed: all of it, or nothing. A long file says meanwhile how far it is."""
    if request.method != "POST":
        return redirect(of.at(look))
    try:
        held = held_of(of.what(look), look.user, request.POST.get("held", ""))
        brought = Brought(of.file(held.content, look.occasion.plan), held.content, held.name, held.seen)
        if done := brought.receipt():
            return redirect(of.at(look, "receipt", done.pk))
        brought.check()
        steps = taking(brought, by=look.user, now=look.occasion.now)
        if len(brought.file.records) > BATCH:
            return watched(request, look, of, brought, steps)
        receipt = finished(steps, lambda _: None)
    except Stale as stale:
        return shown(request, look, of, held, str(stale))
    except ValidationError as error:
        return chosen(look, of, UploadForm(of.file.layout), error.messages)
    messages.success(request, f"{held.name} is imported.")
    return redirect(of.at(look, "receipt", receipt.pk))


def watched(
    request: HttpRequest, look: Look, of: Register, brought: Brought, steps: Steps[AuditEntry]
) -> HttpResponseBase:
    """A page that grows while the records are written. Whoever goes away ends it: the transaction is undone."""
    many = len(brought.file.records)
    content = {
        "title": f"Importing {brought.name}",
        "many": f"{many:,}",
        "nouns": of.nouns,
        "crumbs": of.crumbs_of(look),
    }
    drawn = render_to_string("import/progress.html", look.shell | content, request)
    response = StreamingHttpResponse(parts(drawn, steps, many, look, of))
    response["Cache-Control"] = "no-store"
    response["Content-Encoding"] = "identity"  # what is compressed waits until there is enough of it
    response["X-Accel-Buffering"] = "no"
    return response


def parts(drawn: str, steps: Steps[AuditEntry], many: int, look: Look, of: Register) -> Iterator[str]:
    head, _, tail = drawn.partition(MARK)
    yield f"{head}<ol>"
    try:
        while True:
            yield format_html("<li>{} of {} rows are written.</li>\n", f"{next(steps):,}", f"{many:,}")
    except StopIteration as end:
        way = of.at(look, "receipt", end.value.pk)
        yield format_html('</ol><p class="lede">All of it is imported.</p><p><a href="{}">See the receipt</a></p>', way)
    except Stale as stale:
        yield format_html('</ol><p class="lede">{}</p>', str(stale).partition(";")[0] + ".")
    except Exception:
        yield '</ol><p class="lede">Something went wrong. Nothing is imported. Try it again.</p>'
        raise
    finally:
        steps.close()
    yield tail


# ---------------------------------------------------------------- receipts


def receipts(look: Look, of: Register) -> Any:
    mine = {"register": [None, of.nouns], "plan": [None, look.occasion.plan.code]}
    found = AuditEntry.objects.filter(action=AuditAction.IMPORTED, object_type=IMPORT)
    return found.filter(**{f"changes__{name}": value for name, value in mine.items()}).order_by("-pk")


def receipt_words(look: Look, of: Register, entry: AuditEntry) -> Mapping[str, str]:
    said = {name: values[1] for name, values in entry.changes.items()}
    counts = ", ".join(f"{said[name]:,} {name}" for name in ("new", "changed", "unchanged"))
    return {
        "href": of.at(look, "receipt", entry.pk),
        "file": said["file"],
        "counts": counts,
        "who": entry.actor_name,
        "when": moment_here(entry.at, look.time_zone),
        "sha256": said["sha256"],
    }


def receipt(request: HttpRequest, look: Look, of: Register, pk: int) -> Content:
    """What was imported, by whom and when; the history has each record."""
    entry = receipts(look, of).filter(pk=pk).first()
    if entry is None:
        raise Missing("There is no such receipt.", "It may be of another register or another plan.")
    said = receipt_words(look, of, entry)
    ways = [{"href": href(look, of.listed) + "?state=undecided", "text": f"{of.nouns.capitalize()} not decided yet"}]
    if of is ACTIVITIES and may(look.user, "activity.merge"):
        ways.append({"href": href(look, "activity_pairs"), "text": "Records that may be of one event"})
    ways.append({"href": of.at(look), "text": "Import another file"})
    return {"title": f"Imported: {said['counts']}", "said": said, "ways": ways, "crumbs": of.crumbs_of(look)}
