"""A document in its three formats: what screen readers, Word's navigation and printers need, whatever people typed."""

import textwrap
from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO
from unicodedata import category

import pikepdf
import pytest
from docx import Document as read_document
from docx.oxml.ns import qn
from openpyxl import load_workbook

from reporting.documents import excel, pdf, word
from reporting.documents.blocks import (
    STATUSES,
    About,
    Bullets,
    Cell,
    Chart,
    Column,
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
from reporting.documents.wrapping import letters

from .papers import FORMATS, bare, page_text, parts_of, pdf_lines, structure, tags, text_of

WRITERS = {"docx": word.write, "pdf": pdf.write, "xlsx": excel.write}
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 90 9"><rect width="60" height="9" fill="#0b6b4f"/></svg>'
ABOUT = About(
    plan="Plan 2026",
    as_at=date(2027, 6, 30),
    basis="accepted answers",
    version="as amended by amendment 2",
    release="Release 3: Interim",
    dated=date(2027, 9, 1),
    checksum="ab" * 32,
)
COLUMNS = (Column("Code", 1), Column("Words", 5), Column("Value", 1, numbers=True), Column("Status", 2))
ROWS = tuple(
    row
    for number in range(60)
    for row in (
        *([Section(f"Objective {number}")] if number % 20 == 0 else []),
        Row((Cell(f"K{number}", strong=True), Cell("Word " * 12), Cell(Decimal(number)), Cell("", "on_track"))),
    )
)
PLAIN = Document(
    "The title",
    ABOUT,
    (
        Heading(1, "First part"),
        Paragraph("A paragraph."),
        Note("A note."),
        Bullets(("One item", "Another item")),
        Heading(2, "A smaller part"),
        Chart("Two thirds are reached", SVG, 90, 9),
        Table("The caption", COLUMNS, ROWS, sheet="Rows"),
        PageBreak(),
        Heading(1, "Last part"),
    ),
)
NASTY = (
    "=1+1",
    "+cmd|' /C calc'!A0",
    "@SUM(A1)",
    "-2+3",
    "<script>alert(1)</script>",
    '#import "x"; #panic()',
    "*bold* _it_ $x^2$ `raw` @ref <label> \\ ~ // /* */",
    "{{ title }} {% now %}",
    "a & b ]]> &amp;",
    "bell\x07 null\x00 escape\x1b half \ud800 end \ufffe",
    "tab\tline\nline\r\nline",
    "\u202eright to left\u202c",
    "مرحبا بالعالم",
    "海关合作 税関 관세청",
    "ศุลกากร Хил гааль ශ්‍රී भारत",
    "Donaudampfschifffahrtsgesellschaft" * 12,
    "👍🏽 ⚓",
)


def with_text(text: str) -> Document:
    """The text wherever there can be one."""
    row = Row((Cell(text), Cell(text, "at_risk"), Cell(Decimal("1.5")), Cell(text, strong=True)))
    blocks = (
        Heading(1, text),
        Paragraph(text),
        Note(text),
        Bullets((text,)),
        Chart(text, SVG, 90, 9),
        Table(text, (Column(text, 1), *COLUMNS[1:]), (Section(text), row), sheet="Rows"),
    )
    more = (("Head", text),)
    return Document(text, replace(ABOUT, plan=text, basis=text, version=text, release=text, more=more), blocks)


# ---------------------------------------------------------------- in every format


@pytest.mark.parametrize("kind", FORMATS)
def test_it_says_on_every_page_what_it_is(kind):
    text = text_of(WRITERS[kind](PLAIN), kind)
    for said in ("The title", "As at 30.06.27", "accepted answers", "amendment 2", "Release 3", "ab" * 32, "Page"):
        assert bare(said) in text or (kind == "xlsx" and said == "Page"), said
    for said in ("First part", "A paragraph.", "A note.", "Another item", "K59", status_words("on_track")):
        assert bare(said) in text, said


@pytest.mark.parametrize("kind", FORMATS)
def test_the_same_document_is_the_same_bytes(kind, monkeypatch):
    first = WRITERS[kind](PLAIN)
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    assert WRITERS[kind](PLAIN) == first
    assert WRITERS[kind](replace(PLAIN, title="Another")) != first


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("text", NASTY, ids=range(len(NASTY)))
def test_what_people_typed_is_shown_as_it_is(kind, text):
    shown = text_of(WRITERS[kind](with_text(text)), kind)
    if kind == "pdf" and "مرحبا" in text:
        assert set(bare(text)) <= set(shown)  # glyphs stand from right to left
    else:
        assert bare(clean(text)) in shown.replace("\u202e", "\u202e")


@pytest.mark.parametrize("kind", FORMATS)
def test_it_may_be_empty(kind):
    assert bare("The title") in text_of(WRITERS[kind](replace(PLAIN, blocks=())), kind)
    empty = Table("None", COLUMNS, (), sheet="None")
    assert bare("Words") in text_of(WRITERS[kind](replace(PLAIN, blocks=(empty,))), kind)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_comment_longer_than_a_page_is_kept_whole(kind):
    text = " ".join(f"word{number}" for number in range(4_000))
    blocks = (Table("", COLUMNS, (Row((Cell("K"), Cell(text), Cell("1"), Cell("", "reached"))),), sheet="Long"),)
    shown = text_of(WRITERS[kind](replace(PLAIN, blocks=blocks)), kind)
    last = "word3999" if kind != "xlsx" else "word3500"
    assert last in shown
    assert "word0" in shown


def test_every_status_can_be_told_without_colour():
    assert len({status_words(status) for status in STATUSES}) == len(STATUSES)


# ---------------------------------------------------------------- PDF


@pytest.fixture(scope="module")
def made():
    return pikepdf.open(BytesIO(pdf.write(PLAIN)))


def test_a_pdf_is_tagged_and_says_that_it_is_pdf_ua(made):
    assert made.Root["/MarkInfo"]["/Marked"]
    with made.open_metadata() as found:
        assert found["pdfuaid:part"] == "1"
        assert found["dc:title"] == "The title"
    assert made.Root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert str(made.Root["/Lang"]) == "en"


def test_a_pdf_has_headings_lists_and_tables_whose_headers_repeat(made):
    found = tags(pdf.write(PLAIN))
    assert [found.count(tag) for tag in ("Title", "H1", "H2", "H3", "Table", "L", "Figure", "Caption")] == [
        0,
        1,
        2,
        1,
        1,
        1,
        1,
        1,
    ]
    assert found.count("TH") >= len(COLUMNS)
    assert len(made.pages) > 2
    first, second = ("".join(page_text(made.pages[number])) for number in (0, 1))
    assert "Words" in first
    assert "Words" in second


def test_a_chart_in_a_pdf_has_its_alternative_text(made):
    assert [str(each["/Alt"]) for each in structure(made) if str(each["/S"]) == "/Figure"] == ["Two thirds are reached"]


def test_every_font_is_in_the_pdf(made):
    fonts = [font for page in made.pages for font in page.Resources["/Font"].values()]
    for font in fonts:
        described = font["/DescendantFonts"][0]["/FontDescriptor"]
        assert {"/FontFile2", "/FontFile3"} & set(described.keys())


def test_a_script_without_a_font_is_still_pdf_ua_and_keeps_its_text():
    rare = chr(0x13000)
    made = pdf.write(with_text(f"海关 ꧁ {rare}"))
    with pikepdf.open(BytesIO(made)) as found, found.open_metadata() as said:
        assert said["pdfuaid:part"] == "1"
    assert rare in text_of(made, "pdf")


@pytest.mark.parametrize("title", ["Short", "Progress report, Focus Area 4: Regional Strategic Plan 2026-2028"])
@pytest.mark.parametrize("tight", [True, False])
def test_the_foot_of_a_page_breaks_after_the_title_or_not_at_all(title, tight):
    about = replace(ABOUT, provisional=True, invented=True, release="Not released")
    content = pdf.write(Document(title, about, (Paragraph("One"), PageBreak(), Paragraph("Two")), tight=tight))
    feet = [bare(line) for line in pdf_lines(content) if bare(line).endswith((bare("demonstration data"), "of2"))]
    assert sum(bare(f"{about.short}") in line for line in feet) == 2
    assert (bare(f"{title} · {about.short}") in feet[0]) == (title == "Short")


@pytest.mark.parametrize("tight", [True, False])
def test_a_checksum_stands_on_one_line(tight):
    about = replace(ABOUT, more=(("Head of the history", f"12345 {'cd' * 32}"),))
    lines = pdf_lines(pdf.write(Document("The title", about, (Paragraph("One"),), tight=tight)))
    for whole in ("ab" * 32, f"12345 {'cd' * 32}"):
        assert any(whole in line for line in lines)


LONG_WORDS = (
    "ab" * 32,
    "Donaudampfschifffahrtsgesellschaft" * 4,
    "https://www.example.org/en/topics/facilitation/resources/permanent-link?page=1",
    "กรมศุลกากรได้ดำเนินการตามแผนยุทธศาสตร์ระดับภูมิภาคและส่งคำตอบทั้งหมดแล้วในปีนี้",
    "អគ្គនាយកដ្ឋានគយនិងរដ្ឋាករកម្ពុជាបានអនុវត្តផែនការយុទ្ធសាស្ត្រតំបន់",
    "क्षत्रियकार्यक्रमसम्बन्धितविवरणप्रस्तुतिकरणव्यवस्थापन",
    "a\u0301e\u0300" * 30,
    "👩‍👩‍👧‍👦" * 12,
    "🇫🇯🇳🇿" * 12,
)


@pytest.mark.parametrize("word", LONG_WORDS, ids=range(len(LONG_WORDS)))
def test_a_long_word_breaks_between_its_letters_and_nothing_is_added_to_it(word):
    assert "".join(pdf.pieces(word)) == word
    for piece in list(pdf.pieces(word))[1:]:
        assert category(piece[0]) not in ("Mn", "Mc", "Me", "Cf")
    assert all(piece.count("🇫") == piece.count("🇯") for piece in pdf.pieces(word))
    content = pdf.write(in_a_narrow_column(word))
    shown = text_of(content, "pdf")
    assert (shown.count(word), "\u200b" in shown) == (6 + (word == ABOUT.checksum), False)
    assert len(pdf_lines(content)) >= len(pdf_lines(pdf.write(in_a_narrow_column("x")))) + 3


def in_a_narrow_column(word: str) -> Document:
    """And in everything else that may be long."""
    row = Row((Cell(word), Cell(), Cell("", "at_risk")))
    table = Table(word, (Column("A", 1), Column("B", 5), Column("C", 3)), (Section(word), row))
    return Document("Words", ABOUT, (Heading(1, word), Paragraph(word), Bullets((word,)), table))


# ---------------------------------------------------------------- Word


def test_a_word_document_has_real_headings_and_properties():
    found = read_document(BytesIO(word.write(PLAIN)))
    styles = [(each.style.name, each.text) for each in found.paragraphs if each.text]
    assert ("Title", "The title") in styles
    assert [text for name, text in styles if name == "Heading 1"] == ["First part", "Last part"]
    assert ("Heading 2", "A smaller part") in styles
    assert ("List Bullet", "One item") in styles
    properties = found.core_properties
    assert (properties.title, properties.language, properties.author) == ("The title", "en-GB", "RSP Tracker")
    assert (properties.created.date(), properties.modified.date()) == (ABOUT.dated, ABOUT.dated)


def test_a_word_table_repeats_its_header_and_keeps_its_rows_whole():
    [table] = read_document(BytesIO(word.write(PLAIN))).tables
    assert len(table._tbl.tr_lst) == len(ROWS) + 1
    assert [row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None for row in table._tbl.tr_lst[:2]] == [
        True,
        False,
    ]
    assert [cell.text for cell in table.rows[0].cells] == [column.title for column in COLUMNS]
    assert table._tbl.tblPr.find(qn("w:tblCaption")).get(qn("w:val")) == "The caption"
    assert [row.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None for row in table._tbl.tr_lst] == [True] * 64


def test_a_word_document_counts_its_pages_and_describes_its_charts():
    parts = parts_of(word.write(PLAIN))
    foot = next(text for name, text in parts.items() if "footer" in name and "PAGE" in text)
    assert " PAGE " in foot
    assert " NUMPAGES " in foot
    assert 'descr="Two thirds are reached"' in parts["word/document.xml"]
    assert 'w:lang w:val="en-GB"' in parts["word/styles.xml"]


def test_a_word_document_brings_no_picture_of_its_template():
    made = word.write(replace(PLAIN, blocks=(Heading(1, "Rows"),)))
    parts = parts_of(made)
    assert not [name for name in parts if "thumbnail" in name]
    assert "thumbnail" not in parts["_rels/.rels"]
    assert "jpeg" not in parts["[Content_Types].xml"]


def test_a_page_that_lies_across_does_in_word_and_excel():
    across = replace(PLAIN, landscape=True)
    section = read_document(BytesIO(word.write(across))).sections[0]
    assert section.page_width > section.page_height
    assert {sheet.page_setup.orientation for sheet in load_workbook(BytesIO(excel.write(across)))} == {"landscape"}


# ---------------------------------------------------------------- Excel


def test_a_workbook_has_real_numbers_and_a_header_that_stays_and_repeats():
    book = load_workbook(BytesIO(excel.write(PLAIN)))
    assert book.sheetnames == ["About", "Rows"]
    sheet = book["Rows"]
    assert (sheet.freeze_panes, sheet.print_title_rows) == ("A2", "$1:$1")
    assert [cell.value for cell in sheet[3]][2] == 0
    assert [cell.data_type for cell in sheet[4]] == ["s", "s", "n", "s"]
    assert sheet.oddFooter.right.text == "Page &P of &N"
    assert (book.properties.title, book.properties.creator) == ("The title", "RSP Tracker")


@pytest.mark.parametrize("length", [1, 5, 11, 17, 23, 40])
def test_a_row_of_a_workbook_is_as_high_as_its_wrapped_words(length):
    text = " ".join(["m" * length] * (300 // (length + 1)))
    row = Row((Cell("K"), Cell(text), Cell(Decimal(1)), Cell("", "at_risk")))
    short = Row((Cell("K"), Cell("Two words"), Cell(Decimal(1)), Cell("", "reached")))
    sheet = load_workbook(BytesIO(excel.write(replace(PLAIN, blocks=(Table("", COLUMNS, (row, short), sheet="R"),)))))[
        "R"
    ]
    lines = textwrap.wrap(text, int(sheet.column_dimensions["B"].width))
    assert (len(lines) + 1) * excel.LINE <= sheet.row_dimensions[2].height < (len(lines) + 3) * excel.LINE
    assert sheet.row_dimensions[3].height < 2 * excel.LINE


def test_a_letter_of_chinese_is_as_wide_as_two():
    assert [letters(text) for text in ("ab", "海关", "é한")] == [2, 4, 3]
    heights = []
    for text in ("m" * 120, "海" * 60, "海" * 120):
        row = Row((Cell("K"), Cell(text), Cell(Decimal(1)), Cell("", "reached")))
        made = excel.write(replace(PLAIN, blocks=(Table("", COLUMNS, (row,), sheet="R"),)))
        heights.append(load_workbook(BytesIO(made))["R"].row_dimensions[2].height)
    assert heights[0] == heights[1] < heights[2]


def test_the_first_sheet_of_a_workbook_links_to_the_others():
    table = Table("", COLUMNS, ROWS[:2], sheet="Fiji's rows")
    made = excel.write(replace(PLAIN, blocks=(Heading(1, "Rows"), table)))
    book = load_workbook(BytesIO(made))
    [link] = [cell for row in book["About"].iter_rows() for cell in row if cell.hyperlink]
    assert (link.value, link.hyperlink.location, link.hyperlink.target) == (
        "Sheet “Fiji's rows”",
        "'Fiji''s rows'!A1",
        None,
    )
    assert "hyperlink" not in parts_of(made)["xl/worksheets/sheet2.xml"]


def test_no_cell_of_a_workbook_is_a_formula():
    for text in NASTY:
        book = load_workbook(BytesIO(excel.write(with_text(text))))
        assert {cell.data_type for sheet in book for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d"}
        live = [cell for sheet in book for row in sheet.iter_rows() for cell in row
                if isinstance(cell.value, str) and cell.value.startswith(("=", "+", "-", "@"))]  # fmt: skip
        assert all(cell.quotePrefix for cell in live)


def test_an_ampersand_in_a_title_is_no_instruction_to_the_printer():
    book = load_workbook(BytesIO(excel.write(replace(PLAIN, title="R&D &P"))))
    assert book["About"].oddHeader.left.text in ("R&&D &&P", "R&D &P")
    assert "&amp;&amp;P" in parts_of(excel.write(replace(PLAIN, title="R&D &P")))["xl/worksheets/sheet1.xml"]


def test_a_name_with_a_stroke_stands_on_one_line_of_a_pdf():
    rows = tuple(Row((Cell("x" * many + " ROCB A/P, RILO A/P and the A/P"), Cell("b"))) for many in range(1, 21))
    table = Table("", (Column("A", 20), Column("B", 80)), rows)
    content = pdf.write(Document("Names", ABOUT, (table,)))
    lines = pdf_lines(content)
    for name, times in (("ROCB A/P", 20), ("RILO A/P", 20), ("A/P", 60)):
        assert sum(line.count(name) for line in lines) == times
    assert bare("ROCB A/P, RILO A/P and the A/P") in text_of(content, "pdf")
