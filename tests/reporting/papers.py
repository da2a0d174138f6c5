"""Documents read again, with other means than those that wrote them."""

import re
from collections import defaultdict
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pikepdf
from docx import Document as read_document
from docx.oxml.ns import qn
from openpyxl import load_workbook

FORMATS = ("docx", "pdf", "xlsx")
CHARACTERS = re.compile(r"<([0-9A-Fa-f]+)>")


def text_of(content: bytes, kind: str) -> str:
    """All words of a document, without the white space between them: lines break where they will."""
    return bare(READERS[kind](content))


def bare(text: str) -> str:
    return re.sub(r"\s+", "", text)


def parts_of(content: bytes) -> dict[str, str]:
    with ZipFile(BytesIO(content)) as packed:
        return {name: packed.read(name).decode(errors="replace") for name in packed.namelist()}


def word_text(content: bytes) -> str:
    """Body, footers, alternative texts and properties."""
    document = read_document(BytesIO(content))
    words = ["".join(text.text or "" for text in each.iter(qn("w:t"))) for each in document.element.body]
    words += [paragraph.text for section in document.sections for paragraph in section.footer.paragraphs]
    words += re.findall(r'descr="([^"]*)"', parts_of(content)["word/document.xml"])
    return "\n".join([*words, document.core_properties.title, document.core_properties.subject])


def excel_text(content: bytes) -> str:
    book = load_workbook(BytesIO(content))
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    marks = [f"{sheet.oddHeader.left.text} {sheet.oddFooter.left.text}" for sheet in book]
    return "\n".join([*cells, *marks, *book.sheetnames])


# ---------------------------------------------------------------- PDF


def pdf_text(content: bytes) -> str:
    """What a reader copies out of the pages, and the alternative texts."""
    with pikepdf.open(BytesIO(content)) as pdf:
        pages = ["".join(page_text(page)) for page in pdf.pages]
        alternatives = [str(each["/Alt"]) for each in structure(pdf) if "/Alt" in each]
        return "\n".join([*pages, *alternatives])


def page_text(page: Any) -> list[str]:
    fonts = {name: unicode_of(font) for name, font in page.Resources.get("/Font", {}).items()}
    found: list[str] = []
    font: dict[bytes, str] = {}
    marked: list[bool] = []
    for operands, operator in pikepdf.parse_content_stream(page):
        name = str(operator)
        if name == "Tf":
            font = fonts[str(operands[0])]
        elif name in ("BDC", "BMC"):
            actual = operands[1].get("/ActualText") if name == "BDC" and hasattr(operands[1], "get") else None
            if actual is not None and not any(marked):
                found.append(str(actual))
            marked.append(actual is not None)
        elif name == "EMC":
            marked.pop()
        elif name in ("Tj", "TJ") and not any(marked):
            shown = operands[0] if name == "TJ" else [operands[0]]
            found += [decoded(bytes(each), font) for each in shown if isinstance(each, pikepdf.String)]
    return found


def pdf_lines(content: bytes) -> list[str]:
    """What stands at one height of a page, from left to right as it is written."""
    lines: dict[tuple[int, float], str] = defaultdict(str)
    with pikepdf.open(BytesIO(content)) as pdf:
        for number, page in enumerate(pdf.pages):
            fonts = {name: unicode_of(font) for name, font in page.Resources.get("/Font", {}).items()}
            font: dict[bytes, str] = {}
            height = 0.0
            for operands, operator in pikepdf.parse_content_stream(page):
                match str(operator):
                    case "Tf":
                        font = fonts[str(operands[0])]
                    case "cm":
                        height = float(operands[5])
                    case "Tj" | "TJ" as shows:
                        shown = operands[0] if shows == "TJ" else [operands[0]]
                        parts = [decoded(bytes(each), font) for each in shown if isinstance(each, pikepdf.String)]
                        lines[number, height] += "".join(parts)
    return list(lines.values())


def decoded(glyphs: bytes, font: dict[bytes, str]) -> str:
    return "".join(font.get(glyphs[place : place + 2], "") for place in range(0, len(glyphs), 2))


def unicode_of(font: Any) -> dict[bytes, str]:
    """Glyph -> what it stands for."""
    table = bytes(font["/ToUnicode"].read_bytes()).decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.S):
        codes = [bytes.fromhex(each) for each in CHARACTERS.findall(block)]
        found |= {code: text.decode("utf-16-be") for code, text in zip(codes[::2], codes[1::2], strict=True)}
    assert "beginbfrange" not in table
    return found


def structure(pdf: Any) -> list[Any]:
    """Every element of the tree of tags."""
    found, waiting = [], [pdf.Root["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        if "/S" in node:
            found.append(node)
        kids = node.get("/K")
        several = list(kids) if isinstance(kids, pikepdf.Array) else [] if kids is None else [kids]
        waiting += [each for each in several if isinstance(each, pikepdf.Dictionary) and "/S" in each]
    return found


def tags(content: bytes) -> list[str]:
    with pikepdf.open(BytesIO(content)) as pdf:
        return [str(each["/S"]).removeprefix("/") for each in structure(pdf)]


READERS = {"docx": word_text, "pdf": pdf_text, "xlsx": excel_text}
