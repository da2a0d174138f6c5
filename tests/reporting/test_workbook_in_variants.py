"""Workbooks as other programs write them, and as nobody should: each is read as it was meant, or refused. Nothing that
stands in one is left out unsaid."""

import re
from datetime import datetime
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from openpyxl import load_workbook

from reporting.workbook import package
from reporting.workbook.marking import marked
from reporting.workbook.raw import SHOWS_ERROR, UNCACHED, Raw, read_cells

from .test_workbook_in import OTHER, STATUS, compared, does
from .test_workbook_in_heavy import BOOK, LINKS, MAIN, SHEET, STYLES, TEXTS, TYPES, in_cells, nothing_wrong, plain, put
from .workbooks import edited, filled, packed, parts_of, rewritten, sent_out, with_parts

ODD = "Line one.\nLine two: “<é>” & _x0041_ 税関 \U0001f6c3"
OFFICE, RELATIONS = b"schemas.openxmlformats.org", b"/relationships/sharedStrings"
KIND = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"


@pytest.fixture
def sent(world) -> bytes:
    return filled(sent_out(world), **{STATUS: {"answer": "In place", "comment": ODD.replace("_x", "_x005F_x")}})


# ---------------------------------------------------------------- the whole workbook, written by another program

INLINE = re.compile(rb'(<c r="[A-Z]+[0-9]+"(?: s="[0-9]+")?) t="inlineStr"><is>(.*?)</is></c>', re.S)


def each_sheet(content: bytes, change) -> bytes:
    return rewritten(content, "xl/worksheets/sheet", change)


def shared(content: bytes, made=lambda text: text) -> bytes:
    """All texts in a part of their own, as Excel, LibreOffice and WPS have them."""
    texts: list[bytes] = []

    def move(found: re.Match[bytes]) -> bytes:
        texts.append(b"<si>%s</si>" % made(found[2]))
        return b'%s t="s"><v>%d</v></c>' % (found[1], len(texts) - 1)

    moved = each_sheet(content, lambda text: INLINE.sub(move, text))
    parts = parts_of(moved)
    parts[TEXTS] = b"<sst %s>%s</sst>" % (MAIN, b"".join(texts))
    link = b'<Relationship Id="texts" Type="http://%s/officeDocument/2006%s" Target="sharedStrings.xml"/>'
    parts[LINKS] = parts[LINKS].replace(b"</Relationships>", link % (OFFICE, RELATIONS) + b"</Relationships>")
    kind = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % KIND
    parts[TYPES] = parts[TYPES].replace(b"</Types>", kind)
    return packed(parts)


def spoken_and_formatted(text: bytes) -> bytes:
    """A text in two formats, and how its first sign is spoken."""
    words = re.search(rb"<t[^>]*>(.*)</t>", text, re.S)
    first, rest = words[1][:0], words[1]
    run = b'<r><rPr><b/><sz val="11"/></rPr><t xml:space="preserve">%s</t></r>'
    return run % first + run % rest + b'<rPh sb="0" eb="1"><t>spoken</t></rPh><phoneticPr fontId="1"/>'


def with_prefix(content: bytes) -> bytes:
    def change(text: bytes) -> bytes:
        text = re.sub(rb"<(/?)(?=[A-Za-z])", rb"<\1x:", text)
        return text.replace(b'xmlns="', b'xmlns:x="')

    return each_sheet(content, change)


def strict(content: bytes) -> bytes:
    parts = parts_of(content)
    for name, text in parts.items():
        if name.startswith(("xl/", "_rels/")):
            text = text.replace(
                b"http://%s/spreadsheetml/2006/main" % OFFICE, b"http://purl.oclc.org/ooxml/spreadsheetml/main"
            )
            parts[name] = text.replace(
                b"http://%s/officeDocument/2006/relationships" % OFFICE,
                b"http://purl.oclc.org/ooxml/officeDocument/relationships",
            )
    return packed(parts)


def absolute(content: bytes) -> bytes:
    return rewritten(content, LINKS, lambda text: text.replace(b'Target="worksheets/', b'Target="/xl/worksheets/'))


def relative(content: bytes) -> bytes:
    return rewritten(content, LINKS, lambda text: text.replace(b'Target="/xl/', b'Target="./'))


def other_letters(content: bytes) -> bytes:
    return packed(
        {name.replace("worksheets/sheet", "worksheets/Sheet"): text for name, text in parts_of(content).items()}
    )


def elsewhere(content: bytes) -> bytes:
    """The sheets stand in another folder."""
    parts = {name.replace("xl/worksheets/sheet", "xl/pages/sheet"): text for name, text in parts_of(content).items()}
    for name in (LINKS, TYPES):
        parts[name] = parts[name].replace(b"worksheets/sheet", b"pages/sheet")
    return packed(parts)


def with_commas_and_comments(content: bytes) -> bytes:
    return each_sheet(content, lambda text: text.replace(b"<sheetData>", b"<!-- made by us --><sheetData>"))


def turned_round(content: bytes) -> bytes:
    """The rows of each sheet, and the cells of each row, stand from last to first."""

    def change(text: bytes) -> bytes:
        before, _, rest = text.partition(b"<sheetData>")
        rows, _, after = rest.partition(b"</sheetData>")
        found = re.findall(rb"(<row[^>]*>)(.*?)</row>", rows, re.S)
        turned = (
            first + b"".join(reversed(re.findall(rb"<c [^>]*/>|<c .*?</c>", cells, re.S))) for first, cells in found
        )
        return before + b"<sheetData>" + b"</row>".join([*reversed(list(turned)), b""]) + b"</sheetData>" + after

    return each_sheet(content, change)


VARIANTS = {
    "shared texts": shared,
    "texts with formats": lambda sent: shared(sent, spoken_and_formatted),
    "prefixes": with_prefix,
    "strict": strict,
    "strict with shared texts": lambda sent: strict(shared(sent)),
    "absolute addresses": absolute,
    "relative addresses": relative,
    "other letters": other_letters,
    "sheets in another folder": elsewhere,
    "comments": with_commas_and_comments,
    "from last to first": turned_round,
}


@pytest.mark.parametrize("variant", VARIANTS)
def test_it_is_read_alike_whichever_program_wrote_it(world, sent, variant):
    written = VARIANTS[variant](sent)
    assert written != sent
    assert [(each.title, each.rows) for each in read_cells(written)] == [
        (each.title, each.rows) for each in read_cells(sent)
    ]
    found = compared(world, written)
    assert (list(does(found)), found.problems) == ([STATUS], [])
    assert found.chosen({})[0].says.says["comment"] == ODD


@pytest.mark.parametrize("variant", ["shared texts", "prefixes", "strict", "absolute addresses", "from last to first"])
def test_it_is_given_back_marked_whichever_program_wrote_it(world, sent, variant):
    with edited(sent) as book:
        book.put(OTHER, answer="Perhaps")
    written = VARIANTS[variant](book.content)
    found = compared(world, written)
    [problem] = found.problems
    back = marked(written, found)
    sheet, place = str(problem.place).split(", cell ")
    assert problem.sentence in load_workbook(BytesIO(back))[sheet][place].comment.text
    errors, *others = read_cells(back)
    assert errors.title == "Errors"
    assert [(each.title, each.rows) for each in others] == [(each.title, each.rows) for each in read_cells(written)]


# ---------------------------------------------------------------- one cell


def read(cells: bytes, content: bytes = b"") -> Raw:
    """What is read of B2 in a row with these cells."""
    row = b'<row r="2">%s</row></sheetData>' % cells
    changed = rewritten(content or plain(), SHEET, lambda text: text.replace(b"</sheetData>", row))
    [sheet] = read_cells(changed)
    return sheet.get(2, 2)


JUNE = datetime(2027, 6, 30)  # noqa: DTZ001 -- a day in a cell has no zone


def text(said: str) -> Raw:
    return Raw(said, said)


def error(said: str) -> Raw:
    return Raw(said, said, SHOWS_ERROR.format(said))


CELLS = {
    "a text in place": (b'<c r="B2" t="inlineStr"><is><t xml:space="preserve"> Held </t></is></c>', text("Held")),
    "a text with formats": (b'<c r="B2" t="inlineStr"><is><r><t>He</t></r><r><t>ld</t></r></is></c>', text("Held")),
    "a text in place, as a value": (b'<c r="B2" t="inlineStr"><v>In place</v></c>', text("In place")),
    "a text": (b'<c r="B2" t="str"><v>In place</v></c>', text("In place")),
    "an old end of a line": (b'<c r="B2" t="str"><v>A_x000D_\nB_x000d_C</v></c>', text("A\nB\nC")),
    "an escape as it was typed": (b'<c r="B2" t="str"><v>_x005F_x0041_</v></c>', text("_x0041_")),
    "a sign written as two": (b'<c r="B2" t="str"><v>_xD83D__xDEC3_</v></c>', text("\U0001f6c3")),
    "half of a sign": (b'<c r="B2" t="str"><v>a_xD83D_b</v></c>', text("a b")),
    "a sign that no text has": (b'<c r="B2" t="str"><v>a_x0000_b_x0007_c</v></c>', text("a b c")),
    "a number": (b'<c r="B2" t="n"><v>12.50</v></c>', Raw("12.5", 12.5)),
    "a large number": (b'<c r="B2"><v>1.0E+11</v></c>', Raw("100000000000", 100_000_000_000)),
    "a number in words of a program": (b'<c r="B2"><v>1_000</v></c>', text("1_000")),
    "no number": (b'<c r="B2"><v>NaN</v></c>', text("NaN")),
    "yes": (b'<c r="B2" t="b"><v>1</v></c>', Raw("TRUE", True)),
    "yes in a word": (b'<c r="B2" t="b"><v>true</v></c>', Raw("TRUE", True)),
    "no": (b'<c r="B2" t="b"><v>0</v></c>', Raw("FALSE", False)),
    "an error": (b'<c r="B2" t="e"><v>#N/A</v></c>', error("#N/A")),
    "a day": (b'<c r="B2" t="d"><v>2027-06-30</v></c>', Raw("2027-06-30", JUNE)),
    "a day with its time": (b'<c r="B2" t="d"><v>2027-06-30T00:00:00.000Z</v></c>', Raw("2027-06-30", JUNE)),
    "no day": (b'<c r="B2" t="d"><v>2027-06-30 or so</v></c>', text("2027-06-30 or so")),
    "a formula": (b'<c r="B2"><f>A1+1</f><v>42</v></c>', Raw("42", 42)),
    "a formula that shows a text": (b'<c r="B2" t="str"><f>A1</f><v>In place</v></c>', text("In place")),
    "a formula that shows nothing": (b'<c r="B2" t="str"><f>A1</f><v></v></c>', text("")),
    "a formula that shows an error": (b'<c r="B2" t="e"><f>A1</f><v>#REF!</v></c>', error("#REF!")),
    "a formula without its value": (b'<c r="B2"><f>A1+1</f></c>', Raw("", "=A1+1", UNCACHED)),
    "a shared formula without its value": (b'<c r="B2"><f t="shared" si="0"/></c>', Raw("", "=", UNCACHED)),
    "cells without their places": (b"<c/><c><v>7</v></c>", Raw("7", 7)),
    "cells some of which say their places": (b'<c r="A2"><v>1</v></c><c><v>7</v></c>', Raw("7", 7)),
    "places in small letters": (b'<c r="b2"><v>7</v></c>', Raw("7", 7)),
}  # fmt: skip


@pytest.mark.parametrize("kind", CELLS)
def test_a_cell_is_what_the_person_saw(kind):
    cells, found = CELLS[kind]
    assert read(cells) == found


def styled(code: bytes) -> bytes:
    """With a format as number 1 of the cells; ``code``: its number, or as what it is written."""
    own = b'<numFmts><numFmt numFmtId="170" formatCode="%s"/></numFmts>' % code
    number = code if code.isdigit() else b"170"

    def change(text: bytes) -> bytes:
        text = re.sub(rb"<numFmts[^>]*/>|<numFmts.*?</numFmts>", b"", text)
        text = re.sub(rb"<cellXfs.*?</cellXfs>", b'<cellXfs><xf/><xf numFmtId="%s"/></cellXfs>' % number, text)
        return text if code.isdigit() else re.sub(rb"(<styleSheet[^>]*>)", rb"\1" + own, text)

    return rewritten(plain(), STYLES, change)


@pytest.mark.parametrize(
    "code", [b"14", b"31", b"57", b"71", b"dd.mm.yyyy", b"[$-409]d-mmm-yy;@", b"yyyy&quot;-&quot;m"]
)
def test_a_day_is_one_in_every_format_of_days(code):
    """The formats 27 to 36, 50 to 58 and 71 to 81 are days in workbooks of China, Japan, Korea and Thailand, without
    being written in them (ECMA-376, part 1, 18.8.30)."""
    assert read(b'<c r="B2" s="1"><v>46568</v></c>', styled(code)).text == "2027-06-30"


@pytest.mark.parametrize("code", [b"9", b"10", b"0.0%", b"67"])
def test_a_share_is_not_taken_for_its_hundredth(code):
    assert read(b'<c r="B2" s="1"><v>0.125</v></c>', styled(code)) == Raw("12.5%", "12.5%")


@pytest.mark.parametrize("code", [b"0.00", b"General", b"2", b"59", b"0 &quot;%&quot;", b"0\\%"])
def test_a_number_in_another_format_is_one(code):
    assert read(b'<c r="B2" s="1"><v>12</v></c>', styled(code)) == Raw("12", 12)


def test_days_that_are_counted_from_1904_are_the_same():
    content = rewritten(
        styled(b"14"), BOOK, lambda text: re.sub(rb"<workbookPr[^>]*/>", b'<workbookPr date1904="1"/>', text)
    )
    assert read(b'<c r="B2" s="1"><v>45106</v></c>', content).text == "2027-06-30"
    assert read_cells(marked(content, nothing_wrong()))[0].rows == read_cells(content)[0].rows


# ---------------------------------------------------------------- nothing is left out unsaid


def test_rows_out_of_order_are_read():
    [sheet] = read_cells(in_cells(b'<row r="9"><c r="A9"><v>9</v></c></row><row r="4"><c r="A4"><v>4</v></c></row>'))
    assert {row: cells[1].text for row, cells in sheet.rows.items()} == {1: "Here", 9: "9", 4: "4"}


def test_cells_far_to_the_right_are_read():
    [sheet] = read_cells(in_cells(b'<row r="2"><c r="GS2"><v>201</v></c><c r="XFD2"><v>16384</v></c></row>'))
    assert {column: raw.text for column, raw in sheet.rows[2].items()} == {201: "201", 16_384: "16384"}


UNSAID = {
    "a row that stands there twice": lambda: in_cells(b'<row r="1"><c r="A1"><v>2</v></c></row>'),
    "a cell that stands there twice": lambda: in_cells(
        b'<row r="2"><c r="A2"><v>1</v></c><c r="A2"><v>2</v></c></row>'
    ),
    "a cell of another row": lambda: in_cells(b'<row r="2"><c r="A3"><v>1</v></c></row>'),
    "a row before the first": lambda: in_cells(b'<row r="-1"><c><v>1</v></c></row>'),
    "a text that is not there": lambda: in_cells(b'<row r="2"><c r="A2" t="s"><v>7</v></c></row>'),
    "a text before the first": lambda: with_parts(
        in_cells(b'<row r="2"><c r="A2" t="s"><v>-1</v></c></row>'),
        **{TEXTS: b"<sst %s><si><t>A</t></si></sst>" % MAIN},
    ),
    "a sheet whose part is not there": lambda: packed({k: v for k, v in parts_of(plain()).items() if k != SHEET}),
    "a sheet without a part": lambda: put(BOOK, b"</sheets>", b'<sheet name="More" sheetId="9"/>'),
    "a sheet in words of something else": lambda: rewritten(
        plain(), SHEET, lambda text: text.replace(b"/main", b"/own")
    ),
    "a sheet that is no XML": lambda: rewritten(plain(), SHEET, lambda text: text.replace(b"</sheetData>", b"")),
}


@pytest.mark.parametrize("trouble", UNSAID)
def test_what_nobody_can_place_is_refused(trouble):
    with pytest.raises(ValidationError) as refused:
        read_cells(UNSAID[trouble]())
    assert refused.value.messages == [package.DAMAGED]
