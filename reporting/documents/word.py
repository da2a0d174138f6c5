"""A document for Word: real headings, real tables whose header rows repeat, pictures with their alternative text. The
rows are written as XML and put in at once: python-docx takes many times as long, cell by cell."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from docx import Document as new_document
from docx.enum.section import WD_ORIENT
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt, RGBColor

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
from .pdf import png
from .steady import moment_of, steady

FONT, LANGUAGE, AUTHOR = "Calibri", "en-GB", "RSP Tracker"
INK, MUTED, BRAND = "1B2733", "51606F", "12355B"
HEADER_FILL, SECTION_FILL, NOTE_FILL, LINE = "E6EFF9", "EEF1F4", "FDF0D5", "D5DCE3"
MARGIN, TIGHT_MARGIN = 16, 13
A4 = (210, 297)
PER_MM = 1440 / 25.4
TIGHT_LINE = 7.0
"""The height of a line in the tables of a tight document, in points; whatever letters stand in it."""


def write(document: Document) -> bytes:
    """The document as docx. The same document is the same bytes."""
    made = new_document()
    without_picture(made.part.package.rels)
    styled(made, tight=document.tight)
    place_page(made, document)
    write_properties(made, document)
    made.add_paragraph(clean(document.title), style="Title")
    for name, said in facts_of(document):
        paragraph = made.add_paragraph(style="Facts")
        paragraph.add_run(f"{clean(name)}: ").bold = True
        paragraph.add_run(clean(said))
    writer = Writer(made, document)
    for block in document.blocks:
        writer.add(block)
    content = BytesIO()
    made.save(content)
    return steady(content.getvalue(), document.about.dated)


def without_picture(relations: Any) -> None:
    """The template brings a small picture of itself; a part that nothing leads to is not written."""
    for name in [name for name, each in relations.items() if each.reltype == RELATIONSHIP_TYPE.THUMBNAIL]:
        del relations[name]


def facts_of(document: Document) -> Iterable[tuple[str, str]]:
    """In a tight document all of them in one line."""
    lines = list(document.about.lines())
    if not document.tight:
        return lines
    first, *others = lines
    return [(first[0], "; ".join([first[1], *(f"{name}: {said}" for name, said in others)]))]


# ---------------------------------------------------------------- the page and its styles


def styled(made: Any, *, tight: bool) -> None:
    size = 7.0 if tight else 10.0
    style(made, "Normal", size, after=3 if not tight else 1)
    style(made, "Title", 14 if tight else 22, bold=True, colour=BRAND, after=2 if tight else 6)
    for level, points in enumerate((9, 8, 8) if tight else (15, 12, 11), start=1):
        before = 4 if tight else 14
        style(made, f"Heading {level}", points, bold=True, colour=BRAND, before=before, after=2 if tight else 5)
    style(made, "Caption", size - 1, colour=MUTED, after=2)
    style(made, "List Bullet", size, after=2)
    for name in ("Facts", "Note", "Cell", "Small", "Page", "Gap"):
        made.styles.add_style(name, 1).base_style = made.styles["Normal"]
    style(made, "Facts", 6.5 if tight else 9, after=1)
    style(made, "Cell", 6.5 if tight else 8.5)
    if tight:
        made.styles["Cell"].paragraph_format.line_spacing = Pt(TIGHT_LINE)
    style(made, "Small", size - 1, colour=MUTED, after=3)
    style(made, "Gap", 2)
    style(made, "Page", 6.5 if tight else 7.5, colour=MUTED)
    style(made, "Note", size, before=4, after=6)
    shading = parse_xml(f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{NOTE_FILL}"/>')
    made.styles["Note"].element.get_or_add_pPr().insert(0, shading)
    made.styles["Caption"].paragraph_format.keep_with_next = True
    defaults = made.styles.element.find(qn("w:docDefaults")).find(f".//{qn('w:rPr')}")
    for old in defaults.findall(qn("w:lang")):
        defaults.remove(old)
    defaults.append(parse_xml(f'<w:lang {nsdecls("w")} w:val="{LANGUAGE}"/>'))


def style(
    made: Any,
    name: str,
    points: float,
    *,
    bold: bool = False,
    colour: str = INK,
    before: float = 0,
    after: float = 0,
) -> None:
    found = made.styles[name]
    found.font.size, found.font.bold, found.font.italic = Pt(points), bold, False
    found.font.color.rgb = RGBColor.from_string(colour)
    fonts = found.element.get_or_add_rPr().get_or_add_rFonts()
    for key in list(fonts.attrib):
        del fonts.attrib[key]
    for part in ("ascii", "hAnsi", "cs"):
        fonts.set(qn(f"w:{part}"), FONT)
    shape = found.paragraph_format
    shape.space_before, shape.space_after, shape.line_spacing = Pt(before), Pt(after), 1.0
    for border in found.element.findall(f".//{qn('w:pBdr')}"):
        border.getparent().remove(border)


def place_page(made: Any, document: Document) -> None:
    """A4, what the document says of itself at the foot of every page, and the page's number."""
    section = made.sections[0]
    wide, high = reversed(A4) if document.landscape else A4
    section.orientation = WD_ORIENT.LANDSCAPE if document.landscape else WD_ORIENT.PORTRAIT
    section.page_width, section.page_height = Mm(wide), Mm(high)
    margin = TIGHT_MARGIN if document.tight else MARGIN
    section.left_margin = section.right_margin = Mm(margin)
    section.top_margin = section.bottom_margin = Mm(margin if document.tight else margin + 2)
    section.header_distance = section.footer_distance = Mm(6 if document.tight else 8)
    foot = section.footer.paragraphs[0]
    foot.style = made.styles["Page"]
    foot.paragraph_format.tab_stops.add_tab_stop(Mm(wide - 2 * margin), 2)
    foot.add_run(f"{document.running}\tPage ")
    for instruction, between in (("PAGE", " of "), ("NUMPAGES", "")):
        for part in field(instruction):
            foot._p.append(part)
        foot.add_run(between)


def field(instruction: str) -> Iterator[Any]:
    """What Word counts itself, such as the number of the page."""
    names = nsdecls("w")
    for kind in ("begin", "", "separate", "shown", "end"):
        inner = {
            "": f'<w:instrText xml:space="preserve"> {instruction} </w:instrText>',
            "shown": "<w:t>1</w:t>",
        }.get(kind, f'<w:fldChar w:fldCharType="{kind}"/>')
        yield parse_xml(f"<w:r {names}>{inner}</w:r>")


def write_properties(made: Any, document: Document) -> None:
    properties = made.core_properties
    properties.title, properties.author, properties.language = clean(document.title)[:255], AUTHOR, LANGUAGE
    properties.subject, properties.comments = document.about.short[:255], ""
    properties.created = properties.modified = moment_of(document.about.dated)


# ---------------------------------------------------------------- blocks


class Writer:
    """Puts one block after the other."""

    def __init__(self, made: Any, document: Document) -> None:
        self.made, self.tight, self.dated = made, document.tight, document.about.dated
        margin = TIGHT_MARGIN if document.tight else MARGIN
        self.width: float = A4[1 if document.landscape else 0] - 2 * margin
        self.drawings, self.heading = 0, document.title

    def add(self, block: Block) -> None:
        made = self.made
        match block:
            case Heading(level, text):
                self.heading = text
                made.add_heading(clean(text), level)
            case Paragraph(text, small):
                made.add_paragraph(clean(text), style="Small" if small else "Normal")
            case Note(text):
                made.add_paragraph(clean(text), style="Note")
            case Bullets(items):
                for item in items:
                    made.add_paragraph(clean(item), style="List Bullet")
            case Chart():
                self.add_chart(block)
            case Table() if block.only != "workbook":
                self.add_table(block)
            case PageBreak():
                made.add_page_break()

    def add_chart(self, chart: Chart) -> None:
        paragraph = self.made.add_paragraph()
        paragraph.paragraph_format.keep_with_next = True
        shape = paragraph.add_run().add_picture(BytesIO(png(chart)), Mm(min(chart.width, self.width)))
        self.drawings += 1
        shape._inline.docPr.set("descr", clean(chart.words))
        shape._inline.docPr.set("name", f"Chart {self.drawings}")
        if chart.legend:
            self.made.add_paragraph(clean(chart.legend), style="Small")

    def add_table(self, table: Table) -> None:
        if table.caption:
            self.made.add_paragraph(clean(table.caption), style="Caption")
        xml = "".join(table_xml(table, self.width, table.caption or self.heading, tight=self.tight))
        self.made.element.body.insert_element_before(parse_xml(xml), "w:sectPr")
        self.made.add_paragraph(style="Gap" if self.tight else "Small")  # Word ends no part with a table


# ---------------------------------------------------------------- tables as XML

BORDER = f'<w:bottom w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'
INSIDE = f'<w:insideH w:val="single" w:sz="4" w:space="0" w:color="{LINE}"/>'


def table_xml(table: Table, width: float, caption: str, *, tight: bool) -> Iterator[str]:
    """``caption``: what a screen reader calls it."""
    total = sum(each.width for each in table.columns)
    widths = [round(width * PER_MM * each.width / total) for each in table.columns]
    sides, ends = (50, 0) if tight else (90, 35)
    margins = "".join(
        f'<w:{side} w:w="{ends if side in ("top", "bottom") else sides}" w:type="dxa"/>'
        for side in ("top", "left", "bottom", "right")
    )
    yield (
        f'<w:tbl {nsdecls("w")}><w:tblPr><w:tblW w:w="{sum(widths)}" w:type="dxa"/>'
        f"<w:tblBorders>{BORDER}{INSIDE}</w:tblBorders>"
        f'<w:tblLayout w:type="fixed"/><w:tblCellMar>{margins}</w:tblCellMar><w:tblLook w:firstRow="1"/>'
        f"<w:tblCaption w:val={attribute(caption)}/></w:tblPr><w:tblGrid>"
    )
    yield "".join(f'<w:gridCol w:w="{each}"/>' for each in widths)
    yield "</w:tblGrid>"
    yield row_xml([f"{frame(width, HEADER_FILL)}{heading_xml(column.title, right=column.numbers)}</w:tc>"
                   for width, column in zip(widths, table.columns, strict=True)], head=True)  # fmt: skip
    numbers = [column.numbers for column in table.columns]
    for row in table.rows:
        if isinstance(row, Section):
            yield section_xml(row, widths)
        else:
            yield cells_xml(row, widths, numbers)
    yield "</w:tbl>"


def attribute(text: str) -> str:
    return quoteattr(clean(text).replace("\n", " "))


def row_xml(cells: Iterable[str], *, head: bool = False, whole: bool = True) -> str:
    header = "<w:tblHeader/>" if head else ""
    together = "<w:cantSplit/>" if whole else ""
    return f"<w:tr><w:trPr>{together}{header}</w:trPr>{''.join(cells)}</w:tr>"


def frame(width: int, fill: str = "", span: int = 1) -> str:
    spans = f'<w:gridSpan w:val="{span}"/>' if span > 1 else ""
    filled = f'<w:shd w:val="clear" w:color="auto" w:fill="{fill}"/>' if fill else ""
    return f'<w:tc><w:tcPr><w:tcW w:w="{width}" w:type="dxa"/>{spans}{filled}</w:tcPr>'


def paragraph_xml(runs: str, *, right: bool = False, stays: bool = False) -> str:
    keep = "<w:keepNext/>" if stays else ""
    side = '<w:jc w:val="right"/>' if right else ""
    return f'<w:p><w:pPr><w:pStyle w:val="Cell"/>{keep}{side}</w:pPr>{runs}</w:p>'


def heading_xml(text: str, *, right: bool) -> str:
    return paragraph_xml(run_xml(clean(text), f'<w:b/><w:color w:val="{BRAND}"/>'), right=right, stays=True)


def section_xml(section: Section, widths: list[int]) -> str:
    words = paragraph_xml(run_xml(clean(section.text), "<w:b/>"), stays=True)
    return row_xml([f"{frame(sum(widths), SECTION_FILL, len(widths))}{words}</w:tc>"])


def cells_xml(row: Row, widths: list[int], numbers: list[bool]) -> str:
    shown = zip(row.cells, widths, numbers, strict=True)
    cells = [f"{frame(width)}{cell_xml(cell, right)}</w:tc>" for cell, width, right in shown]
    return row_xml(cells, whole=not row.long)


def cell_xml(cell: Cell, right: bool) -> str:
    text, bold = cell.text, "<w:b/>" if cell.strong else ""
    runs = run_xml(text, bold) if text else ""
    if not cell.status:
        return paragraph_xml(runs, right=right)
    badge = paragraph_xml(badge_xml(cell.status), right=right)
    return f"{paragraph_xml(runs, right=right)}{badge}" if text else badge


def badge_xml(status: str) -> str:
    look = STATUSES[status]
    paper = look.paper.removeprefix("#").upper()
    shade = "" if paper == "FFFFFF" else f'<w:shd w:val="clear" w:color="auto" w:fill="{paper}"/>'
    colour = f'<w:color w:val="{look.ink.removeprefix("#").upper()}"/>'
    return run_xml(status_words(status), f"<w:b/>{colour}{shade}")


def run_xml(text: str, properties: str = "") -> str:
    """Text with its line feeds, and as little else as can be."""
    inner = "<w:br/>".join(f'<w:t xml:space="preserve">{escape(line)}</w:t>' for line in text.split("\n"))
    return f"<w:r><w:rPr>{properties}</w:rPr>{inner}</w:r>" if properties else f"<w:r>{inner}</w:r>"
