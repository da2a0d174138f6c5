"""The conference's documents: how long they take to write, against the same words and cells written plainly with the
same library, in one process and in turn."""

import gc
import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from io import BytesIO
from typing import Any

import typst
from django.utils import timezone
from docx import Document as new_document

from reporting.documents import making, pdf, progress, word, work_plan
from reporting.documents.blocks import Bullets, Document, Heading, Note, Paragraph, Row, Section, Table, clean
from reporting.queries import occasion
from reporting.report import explained_report

from .data import Site

DAY = date(2026, 11, 22)
PLAIN = b"""#let it = json(bytes(sys.inputs.it))
#set document(title: it.title)
#set text(lang: "en", font: "Noto Sans", size: 9.5pt)
#set page(paper: "a4", flipped: it.landscape)
#for part in it.parts { if type(part) == str { par(part) } else {
  table(columns: part.columns.len(), table.header(..part.columns), ..part.rows.flatten())
} }
"""


def documents(site: Site) -> dict[str, Document]:
    """Those that are longest: a table of every KPI, and words, tables and drawings."""
    report = explained_report(occasion(site.plan, timezone.now()))
    source = making.of_moment(site.plan, report, DAY)
    return {"work plan": work_plan.document(source), "progress report": progress.document(source)}


# ---------------------------------------------------------------- the same, plainly


def plain_parts(document: Document) -> Iterator[str | tuple[list[str], list[list[str]]]]:
    """The words and the tables of a document; its drawings are left out."""
    for block in document.blocks:
        match block:
            case Heading(_, text) | Paragraph(text) | Note(text):
                yield clean(text)
            case Bullets(items):
                yield from map(clean, items)
            case Table() if block.only != "workbook":
                yield [each.title for each in block.columns], [cells(row, len(block.columns)) for row in block.rows]


def cells(row: Row | Section, many: int) -> list[str]:
    if isinstance(row, Section):
        return [clean(row.text), *[""] * (many - 1)]
    return [cell.lines for cell in row.cells]


def plain_word(document: Document) -> bytes:
    """By the quickest of python-docx's own ways into a table."""
    made = new_document()
    for part in plain_parts(document):
        if isinstance(part, str):
            made.add_paragraph(part)
            continue
        titles, rows = part
        table = made.add_table(len(rows) + 1, len(titles))
        for row, texts in zip(table.rows, [titles, *rows], strict=True):
            for cell, text in zip(row.cells, texts, strict=True):
                cell.text = text
    content = BytesIO()
    made.save(content)
    return content.getvalue()


def plain_pdf(document: Document) -> bytes:
    parts: list[Any] = [
        part if isinstance(part, str) else {"columns": part[0], "rows": part[1]} for part in plain_parts(document)
    ]
    it = {"title": document.title, "landscape": document.landscape, "parts": parts}
    made = typst.compile(
        PLAIN,
        format="pdf",
        sys_inputs={"it": json.dumps(it)},
        pdf_standards=["ua-1"],
        timestamp=datetime(2026, 11, 22, tzinfo=UTC),
        font_paths=pdf.fonts(),
    )
    return pdf.one_file(made)


# ---------------------------------------------------------------- measured

WAYS: dict[str, tuple[Callable[[Document], bytes], Callable[[Document], bytes]]] = {
    "docx": (word.write, plain_word),
    "pdf": (pdf.write, plain_pdf),
}


def ratios(site: Site, times: int) -> Iterator[tuple[str, str, float, float]]:
    """Document, format, CPU seconds to write it, and to write it plainly: the least of several, taken in turn."""
    for name, document in documents(site).items():
        for kind, (ours, plainly) in WAYS.items():
            ours(document)
            plainly(document)
            pairs = [(cpu(ours, document), cpu(plainly, document)) for _ in range(times)]
            first, second = zip(*pairs, strict=True)
            yield name, kind, min(first), min(second)


def cpu(write: Callable[[Document], bytes], document: Document) -> float:
    gc.collect()
    before = time.process_time()
    write(document)
    return time.process_time() - before
