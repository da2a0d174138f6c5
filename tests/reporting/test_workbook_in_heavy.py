"""Workbooks that are made to cost much: each is refused with its sentence before it is parsed, and what a person's own
workbook may have is read. What it costs is counted in tags, not in seconds."""

import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from reporting.workbook import marking, package
from reporting.workbook.comparing import Compared
from reporting.workbook.layout import Stamp
from reporting.workbook.raw import (
    FARTHEST,
    LONGEST,
    TOO_LONG,
    TOO_MANY_LETTERS,
    TOO_MANY_SHEETS,
    Raw,
    Sheet,
    read_cells,
)
from reporting.workbook.reading import KEY_TWICE, MOST_ROWS, TOO_MANY_ROWS, Book, Filled, Part, check_rows, drop_copies

from .region import NOW
from .workbooks import packed, parts_of, rewritten, saved, with_parts

SHEET, BOOK, STYLES, TYPES = "xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"
LINKS, TEXTS = "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml"
COMMENTS = "xl/comments/comment1.xml"
MAIN = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships"
MANY = 200_000


def plain() -> bytes:
    book = Workbook()
    book.active["A1"] = "Here"
    return saved(book)


def put(name: str, before: bytes, more: bytes) -> bytes:
    """A workbook with more in one of its parts, before something that stands there."""
    return rewritten(plain(), name, lambda text: text.replace(before, more + before, 1))


def after_cells(more: bytes) -> bytes:
    return rewritten(plain(), SHEET, lambda text: text.replace(b"</sheetData>", b"</sheetData>" + more))


def in_cells(more: bytes) -> bytes:
    return put(SHEET, b"</sheetData>", more)


def texts(many: int) -> bytes:
    return with_parts(plain(), **{TEXTS: b"<sst %s>%s</sst>" % (MAIN, b"<si><t>a</t></si>" * many)})


def sheets(many: int) -> bytes:
    """All in one part, which is as good as in many."""
    said = b"".join(b'<sheet xmlns:r="%s" name="X%d" sheetId="%d" r:id="rId1"/>' % (OFFICE, n, n) for n in range(many))
    return put(BOOK, b"</sheets>", said)


def merged(many: int) -> bytes:
    cells = b"".join(b'<mergeCell ref="A%d:B%d"/>' % (n, n) for n in range(2, many + 2))
    return after_cells(b"<mergeCells>%s</mergeCells>" % cells)


def hidden_in_a_comment() -> bytes:
    """What stands after the cells looks as if it stood among them."""
    return after_cells(b"<mergeCells>" + b'<mergeCell ref="A2:B2"/>' * 40_000 + b"</mergeCells><!-- </sheetData> -->")


def cells_twice() -> bytes:
    return after_cells(b'<hyperlinks a="/">' + b"<hyperlink/>" * 70_000 + b"</hyperlinks><sheetData></sheetData>")


def entries(many: int) -> bytes:
    found = BytesIO()
    with zipfile.ZipFile(found, "w") as made:
        for number in range(many):
            made.writestr(str(number), b"")
    return found.getvalue()


def doubled() -> bytes:
    parts = parts_of(plain())
    return packed(parts | {BOOK.upper(): parts[BOOK]})


def locked() -> bytes:
    """Each part says that it is encrypted."""
    content = bytearray(plain())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 8] |= 1
        at = content.find(b"PK\x01\x02", at + 4)
    return bytes(content)


def packed_oddly() -> bytes:
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_LZMA) as made:
        for name, text in parts_of(plain()).items():
            made.writestr(name, text)
    return found.getvalue()


def size_of_its_own() -> bytes:
    """A part that says that its size stands elsewhere, where it does not."""
    content = bytearray(plain())
    at = content.rfind(b"PK\x01\x02")
    content[at + 20 : at + 28] = b"\xff" * 8
    return bytes(content)


RULE = (
    b'<conditionalFormatting sqref="A1"><cfRule type="expression"><formula>1</formula></cfRule></conditionalFormatting>'
)
LIST = b'<dataValidation type="list" sqref="A1"><formula1>a</formula1></dataValidation>'
TOO_MUCH = {
    "merged cells": lambda: merged(60_000),
    "a few merges too many": lambda: merged(5_001),
    "a merge of a whole sheet": lambda: after_cells(b'<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>'),
    "lists": lambda: after_cells(b"<dataValidations>%s</dataValidations>" % (LIST * MANY)),
    "a list in many places": lambda: after_cells(b'<dataValidation sqref="%s"/>' % (b"A1 " * 101_000)),
    "formats by rule": lambda: after_cells(RULE * (MANY // 2)),
    "links": lambda: after_cells(b'<hyperlinks a="">%s</hyperlinks>' % (b'<hyperlink ref="A1"/>' * MANY)),
    "a link over a whole sheet": lambda: after_cells(b'<hyperlinks><hyperlink ref="A1:XFD9999"/></hyperlinks>'),
    "columns": lambda: put(SHEET, b"<sheetData>", b"<cols>%s</cols>" % (b'<col min="1" max="1"/>' * MANY)),
    "views": lambda: put(SHEET, b"<sheetData>", b"<sheetView/>" * MANY),
    "what a comment hides": hidden_in_a_comment,
    "cells that stand there twice": cells_twice,
    "texts": lambda: texts(MANY * 4),
    "cells": lambda: in_cells(b"<row>%s</row>" % (b"<c><v>1</v></c>" * MANY)),
    "rows without a number": lambda: in_cells(b'<row ht="9"/>' * MANY * 2),
    "formulas": lambda: in_cells(b"<row>%s</row>" % (b'<c><f t="shared" si="0"/><v>1</v></c>' * MANY)),
    "deep": lambda: in_cells(b"<a>" * MANY * 5 + b"</a>" * MANY * 5),
    "a deep list of sheets": lambda: put(BOOK, b"</sheets>", b"<a>" * MANY + b"</a>" * MANY),
    "a huge text": lambda: in_cells(b'<row r="5"><c r="B5" t="str"><v>%s</v></c></row>' % (b"x" * 10_000_000)),
    "a huge number": lambda: in_cells(b'<row r="5"><c r="B5"><v>%s</v></c></row>' % (b"9" * 3_000_000)),
    "a tag without an end": lambda: in_cells(b'<row r="5"' + b" " * 10_000_000 + b"/>"),
    "a long comment": lambda: in_cells(b"<!--" + b"< " * 600_000 + b"-->"),
    "attributes": lambda: put(BOOK, b">", b" " + b" ".join(b'a%d="1"' % n for n in range(MANY))),
    "formats of cells": lambda: put(STYLES, b"</cellXfs>", b'<xf numFmtId="0"/>' * 60_000),
    "names": lambda: put(BOOK, b"</sheets>", b'<definedName name="a">A1</definedName>' * MANY),
    "comments": lambda: with_parts(plain(), **{COMMENTS: b"<comments>%s</comments>" % (b'<comment ref="A1"/>' * MANY)}),
    "parts of the workbook": lambda: put(LINKS, b"</Relationships>", b'<Relationship Id="x"/>' * MANY),
    "kinds of parts": lambda: put(TYPES, b"</Types>", b'<Override PartName="/x"/>' * MANY),
}  # fmt: skip
REFUSED = {
    "entries": (lambda: entries(10_000), package.UNPACKS),
    "entries that stand there twice": (doubled, package.DAMAGED),
    "locked entries": (locked, package.DAMAGED),
    "a packing that no spreadsheet uses": (packed_oddly, package.DAMAGED),
    "a size that stands elsewhere": (size_of_its_own, package.UNPACKS),
    "sheets": (lambda: sheets(100), TOO_MANY_SHEETS),
    "sheets in one part": (lambda: sheets(2), package.DAMAGED),
    "a row far below": (
        lambda: in_cells(b'<row r="1048576"><c r="A1048576"><v>1</v></c></row>'),
        TOO_LONG.format("Sheet", FARTHEST),
    ),
    "a row that no sheet has": (lambda: in_cells(b'<row r="%s"/>' % (b"9" * 5_000)), package.DAMAGED),
}


@pytest.mark.parametrize("trouble", TOO_MUCH)
def test_what_costs_too_much_is_refused_before_it_is_parsed(trouble):
    with pytest.raises(ValidationError) as refused:
        read_cells(TOO_MUCH[trouble]())
    assert refused.value.messages == [package.TOO_MUCH]


@pytest.mark.parametrize("trouble", REFUSED)
def test_what_hides_its_size_says_why_it_is_refused(trouble):
    make, sentence = REFUSED[trouble]
    with pytest.raises(ValidationError) as refused:
        read_cells(make())
    assert refused.value.messages == [sentence]


# ---------------------------------------------------------------- what people's own workbooks have

HERE = Raw("Here", "Here")
READ = {
    "merged cells": lambda: merged(2_000),
    "a title over the whole width": lambda: after_cells(b'<mergeCells><mergeCell ref="A3:XFD3"/></mergeCells>'),
    "lists": lambda: after_cells(b"<dataValidations>%s</dataValidations>" % (LIST * 1_000)),
    "formats by rule": lambda: after_cells(RULE * 1_000),
    "links": lambda: after_cells(b"<hyperlinks>%s</hyperlinks>" % (b'<hyperlink ref="A1"/>' * 1_000)),
    "texts of a sheet of one's own": lambda: texts(10_000),
    "formats of cells": lambda: put(STYLES, b"</cellXfs>", b'<xf numFmtId="0"/>' * 4_000),
    "rows that are only formatted": lambda: in_cells(b"".join(b'<row r="%d" ht="9"/>' % n for n in range(2, 100_000))),
    "a comment": lambda: put(SHEET, b"<sheetData>", b"<!-- saved by a program -->"),
}


@pytest.mark.parametrize("own", READ)
def test_what_people_have_of_their_own_is_read(own):
    [sheet] = read_cells(READ[own]())
    assert sheet.rows == {1: {1: HERE}}


def test_a_merge_is_known_after_one_over_the_whole_width():
    """A wide title does not use up what is looked at."""
    [sheet] = read_cells(after_cells(b'<mergeCells><mergeCell ref="A1:XFD1"/><mergeCell ref="C4:D5"/></mergeCells>'))
    assert [sheet.covered_by(5, 4), sheet.covered_by(4, 3), sheet.covered_by(5, 5)] == [(4, 3), None, None]


def test_a_text_that_no_cell_can_hold_is_said_at_its_cell():
    for many, found in ((LONGEST, Raw("x" * LONGEST, "x" * LONGEST)), (LONGEST + 1, Raw("", "", TOO_MANY_LETTERS))):
        [sheet] = read_cells(in_cells(b'<row r="5"><c r="B5" t="str"><v>%s</v></c></row>' % (b"x" * many)))
        assert sheet.get(5, 2) == found


# ---------------------------------------------------------------- rows


def rows(many: int) -> Book:
    stamp = Stamp("plan", 0, "round", "FJI", NOW)
    return Book(
        stamp, [Filled(Part.ACTIVITY, "Activities", number, "new:1", {"key": 1, "title": 2}) for number in range(many)]
    )


def test_more_rows_than_a_workbook_has_are_refused():
    check_rows(rows(MOST_ROWS))
    with pytest.raises(ValidationError) as refused:
        check_rows(rows(MOST_ROWS + 1))
    assert refused.value.messages == [TOO_MANY_ROWS]


def test_of_copies_of_a_row_the_first_stays():
    book = rows(3)
    drop_copies(book)
    assert ([row.number for row in book.rows], [each.place.row for each in book.problems]) == ([0], [1, 2])
    assert book.problems[0].sentence == KEY_TWICE.format("new:1", "Activities, row 0")


# ---------------------------------------------------------------- given back marked


def nothing_wrong() -> Compared:
    return Compared(Stamp("plan", 0, "round", "FJI", NOW), [])


def commented(ref: bytes) -> bytes:
    book = Workbook()
    book.active["A1"].comment = marking.Comment("Ours", "Me")
    return rewritten(saved(book), COMMENTS, lambda text: text.replace(b'ref="A1"', b'ref="%s"' % ref))


@pytest.mark.parametrize("ref", [b"A1&#58;XFD1048576", b"A", b"A1:B2"])
def test_a_comment_on_a_whole_sheet_is_not_opened(ref):
    assert marking.marked(commented(b"A1"), nothing_wrong())
    with pytest.raises(ValidationError) as refused:
        marking.marked(commented(ref), nothing_wrong())
    assert refused.value.messages == [marking.NOT_MARKED]


def test_what_is_read_lightly_and_cannot_be_opened_lightly_is_not_marked():
    content = in_cells(b"".join(b'<row r="%d" ht="9"/>' % number for number in range(2, 300_000)))
    assert read_cells(content) == [Sheet("Sheet", {1: {1: HERE}})]
    with pytest.raises(ValidationError) as refused:
        marking.marked(content, nothing_wrong())
    assert refused.value.messages == [marking.NOT_MARKED]


def test_a_link_without_an_end_is_looked_at_once():
    """Of a link to a picture that goes on and on, and never ends, each beginning would be followed to its end."""
    names = b"/drawing'" * 30_000
    content = with_parts(plain(), **{"xl/worksheets/_rels/sheet1.xml.rels": b"<Relationship " + names + b"<"})
    with pytest.raises(ValidationError) as refused:
        marking.marked(content, nothing_wrong())
    assert refused.value.messages == [marking.NOT_MARKED]


def test_a_picture_is_left_behind_in_the_marked_file():
    link = b'<Relationship Id="p" Type="http://x/relationships/drawing" Target="../drawings/drawing1.xml"/>'
    links = b'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">%s</Relationships>'
    drawing = b'<wsDr xmlns="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'
    with_picture = with_parts(plain(), **{
        "xl/worksheets/_rels/sheet1.xml.rels": links % link.replace(b"http://x/relationships", OFFICE),
        "xl/drawings/drawing1.xml": drawing,
    })  # fmt: skip
    back = marking.marked(with_picture, nothing_wrong())
    assert not [name for name in parts_of(back) if "drawing" in name]
    assert read_cells(back) == read_cells(plain())
