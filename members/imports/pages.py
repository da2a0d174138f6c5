"""What the pages of all imports say and give alike."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from openpyxl import Workbook

from members.audit import record_export
from members.exports import XLSX, Value, csv_lines, fill, named, sent
from members.lists import FORMATS
from members.models import User

from .held import Held, UploadForm, hold
from .outcome import Preview, marked
from .sheet import Layout

EXPLANATIONS = ("Column", "What stands in it", "Example")


def preview_page(preview: Preview, held: Held, what: str, user: User, refused: str = "") -> dict[str, Any]:
    """``refused``: why it was not imported a moment ago. ``what`` is imported, as the file is signed for it."""
    return {
        "title": f"{held.name}: {preview.summary}",
        "preview": preview,
        "problems": problems_of([refused] * bool(refused)) + wrong_rows(preview),
        "held": hold(what, user, replace(held, seen=preview.seen)),
    }


def upload_page(layout: Layout, form: UploadForm, sentences: Iterable[str] = ()) -> dict[str, Any]:
    """``sentences``: why a file that was looked at before is not imported."""
    return {"form": form, "layout": layout, "problems": problems_of(sentences)}


def wrong_rows(preview: Preview) -> list[dict[str, str]]:
    """Each leads to its row."""
    said = zip(preview.problems, preview.sentences, strict=True)
    return [{"text": sentence, "href": f"#row-{problem.row}"} for problem, sentence in said]


def problems_of(sentences: Iterable[str]) -> list[dict[str, str]]:
    return [{"text": sentence, "href": ""} for sentence in sentences]


def marked_file(preview: Preview, layout: Layout, name: str) -> HttpResponseBase:
    """The file as a workbook with the wrong cells marked, called as the file was."""
    stem = "".join(sign if sign.isalnum() or sign in "-_" else "-" for sign in name.rpartition(".")[0])[:60]
    found = HttpResponse(marked(preview, layout.sheet), content_type=XLSX)
    return named(found, f"{stem or 'file'}-marked.xlsx")


def file_to_import(
    request: HttpRequest, layout: Layout, rows: Collection[Sequence[Value]], name: str, *, by: User, released: bool
) -> HttpResponseBase:
    """What is there now as a file that can be changed and imported (``format`` csv or xlsx), or one without rows to
    begin with (empty). A workbook explains its columns. ``released``: it holds what everybody may know; what is not, is
    kept in the history. Raises Http404 for another format."""
    kind = request.GET.get("format", "csv")
    if kind in FORMATS:
        address = request.build_absolute_uri()
        what = f"{layout.sheet} to be imported, {FORMATS[kind]}"
        head = record_export(by=by, what=what, address=address, rows=len(rows), released=released)
        name = f"{name}-{head.short}" if head else name
    if kind == "csv":
        content = "".join(csv_lines(layout.columns, rows))
        return named(HttpResponse(content, content_type="text/csv; charset=utf-8"), f"{name}.csv")
    if kind not in ("xlsx", "empty"):
        raise Http404
    book = Workbook(write_only=True)
    texts = [number for number, each in enumerate(layout.fields, 1) if isinstance(each.example, str)]
    there, name = (rows, name) if kind == "xlsx" else ((), f"{name}-empty")
    fill(book, layout.sheet, [18] * len(layout.fields), layout.columns, there, stays=len(layout.key), texts=texts)
    explained = ((each.name, each.says, each.example) for each in layout.fields)
    fill(book, "Explanations", [20, 90, 40], EXPLANATIONS, explained)
    return sent(book, f"{name}.xlsx")
