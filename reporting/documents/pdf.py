"""A document as PDF: tagged, PDF/UA-1, with its fonts in it. Typst sets it, and refuses to write what breaks that."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from unicodedata import category, combining

import typst

from .blocks import (
    STATUSES,
    Block,
    Bullets,
    Cell,
    Chart,
    Document,
    Heading,
    Note,
    PageBreak,
    Paragraph,
    Row,
    Section,
    Table,
    clean,
    status_words,
)

FOLDER = Path(__file__).parent
TEMPLATE = (FOLDER / "document.typ").read_bytes()
FONT, MISSING = "Noto Sans", "RSP Missing"
ORDINARY, TIGHT = 9.5, 6.6
"""Sizes of the letters, in points; in the tables of an ordinary document they are one smaller."""
AUTHOR = "RSP Tracker"
LONG = 1500
"""A section's title is repeated on every page that its rows come to, so it must not fill one."""
BREAK = "\u200b"
"""Where a word may break. It never comes from what people typed (``clean`` takes it out), and never into the file: the
template puts a space of no width there, so that what is copied is what was written."""
SPACELESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3000-\u9fff"
"""Thai, Lao, Burmese, Khmer, Chinese, Japanese: written without spaces; typst knows where their words end."""
UNBROKEN = re.compile(rf"[^\s{SPACELESS}]{{24,}}")
PIECE, VIRAMA = 8, 9
"""So many letters stand together at least; and what Unicode calls a sign that binds two consonants."""


def write(document: Document) -> bytes:
    """The document as PDF. The same document is the same bytes, on a server with the same fonts."""
    try:
        return set_in(document, [FONT])
    except typst.TypstError:
        # A character that no font was chosen for by itself: every font by name, and at last a box for every character.
        return set_in(document, [FONT, *other_families(), MISSING])


def set_in(document: Document, families: list[str]) -> bytes:
    moment = datetime.combine(document.about.dated, time(), UTC)
    made = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"document": json.dumps(as_data(document, families))},
        pdf_standards=["ua-1"],
        timestamp=moment,
        font_paths=fonts(with_missing=MISSING in families),
    )
    return one_file(made)


def one_file(made: bytes | list[bytes] | None) -> bytes:
    """Typst gives a list where a format has a file for each page."""
    if not isinstance(made, bytes):
        raise TypeError("Typst made no file, or several.")
    return made


@cache
def fonts(*, with_missing: bool = False) -> typst.Fonts:
    """Ours and the server's; read once."""
    paths: list[Any] = [str(FOLDER / "fonts")]
    if with_missing:
        paths.append(str(FOLDER / "fonts" / "missing"))
    return typst.Fonts(include_system_fonts=True, font_paths=paths)


def other_families() -> list[str]:
    """The sans serif ones first, as they look like ours."""
    found = set(fonts().families()) - {FONT, MISSING}
    return sorted(found, key=lambda name: ("Sans" not in name, name))


def unbroken(text: str) -> str:
    """A word longer than a column may break anywhere between its letters."""
    if len(text) < 24:
        return text
    return UNBROKEN.sub(lambda found: BREAK.join(pieces(found[0])), text)


def pieces(word: str) -> Iterator[str]:
    """The word in pieces of some letters, each whole with its accents and signs."""
    begins = 0
    for place in range(1, len(word)):
        if place - begins >= PIECE and not one_letter(word[place - 1], word[place]):
            yield word[begins:place]
            begins = place
    yield word[begins:]


def one_letter(before: str, sign: str) -> bool:
    """Does the sign go on with the letter before: an accent, a vowel sign, what a virama or a joiner binds, the colour
    of an emoji, the second half of a flag."""
    return (
        category(sign) in ("Mn", "Mc", "Me", "Cf")
        or category(before) == "Cf"
        or combining(before) == VIRAMA
        or "\u1160" <= sign <= "\u11ff"
        or "\U0001f3fb" <= sign <= "\U0001f3ff"
        or ("\U0001f1e6" <= before <= "\U0001f1ff" and "\U0001f1e6" <= sign <= "\U0001f1ff")
    )


def breaking(text: str) -> str:
    return unbroken(clean(text))


# ---------------------------------------------------------------- as data


def as_data(document: Document, families: list[str]) -> dict[str, Any]:
    shown = [each for each in document.blocks if not (isinstance(each, Table) and each.only == "workbook")]
    return {
        "title": clean(document.title),
        "running": document.running,
        "short": document.about.short,
        "author": AUTHOR,
        "fonts": families,
        "size": TIGHT if document.tight else ORDINARY,
        "landscape": document.landscape,
        "tight": document.tight,
        "statuses": {
            code: {"words": status_words(code), "ink": look.ink, "paper": look.paper} for code, look in STATUSES.items()
        },
        "facts": [[breaking(name), breaking(said)] for name, said in document.about.lines()],
        "blocks": [block_data(each) for each in shown],
    }


def block_data(block: Block) -> dict[str, Any]:
    match block:
        case Heading(level, text):
            return {"kind": "heading", "level": level, "text": breaking(text)}
        case Paragraph(text, small):
            return {"kind": "paragraph", "text": breaking(text), "small": small}
        case Bullets(items):
            return {"kind": "bullets", "items": [breaking(item) for item in items]}
        case Note(text):
            return {"kind": "note", "text": breaking(text)}
        case Chart(words, svg, width):
            return {"kind": "chart", "words": clean(words), "svg": svg, "width": width, "legend": clean(block.legend)}
        case Table():
            return table_data(block)
        case PageBreak():
            return {"kind": "page"}


def table_data(table: Table) -> dict[str, Any]:
    return {
        "kind": "table",
        "caption": breaking(table.caption),
        "columns": [
            {"title": breaking(each.title), "width": each.width, "numbers": each.numbers} for each in table.columns
        ],
        "rows": [row_data(row) for row in table.rows],
    }


def row_data(row: Row | Section) -> Any:
    if isinstance(row, Section):
        return {"section": breaking(row.text)[:LONG]}
    return {"cells": [cell_data(cell) for cell in row.cells], "long": row.long}


def cell_data(cell: Cell) -> Any:
    return [unbroken(cell.text), cell.status, cell.strong] if cell.status or cell.strong else unbroken(cell.text)


# ---------------------------------------------------------------- drawings as pictures

PICTURE = b"""#set page(width: auto, height: auto, margin: 0mm)
#set text(font: "Noto Sans")
#image(bytes(sys.inputs.svg), format: "svg", width: float(sys.inputs.width) * 1mm)
"""
PIXELS = 200


def png(chart: Chart) -> bytes:
    """A drawing for what shows no SVG."""
    inputs = {"svg": chart.svg, "width": str(chart.width)}
    made = typst.compile(PICTURE, format="png", ppi=PIXELS, sys_inputs=inputs, font_paths=fonts())
    return one_file(made)
