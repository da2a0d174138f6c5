"""Damaged, hostile and foreign workbooks: each is refused with its sentence, or read as it was meant."""

import struct
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from reporting.workbook import package
from reporting.workbook.comparing import Effect
from reporting.workbook.layout import FORMAT, Part
from reporting.workbook.raw import read_cells
from reporting.workbook.reading import MISPLACED, NEWER, NO_NAME, NO_SHEETS, NOT_OURS, STAMP_CHANGED, read_workbook

from .entering import FIGURES, brought
from .test_workbook_in import OTHER, STATUS, compared, does
from .test_workbook_in_records import NEW_ONE, new_row
from .uploads import OLE, office, pdf, zeros
from .workbooks import edited, filled, opened, packed, replaced, rewritten, saved, sent_out, with_parts
from .world import STATUS_4

FIGURE = f"{FIGURES}@2026"
ENTITY = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
LAUGHS = b'<!DOCTYPE l [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
XML = b'<?xml version="1.0" encoding="UTF-8"?>'


@pytest.fixture(scope="module")
def sent_once(stored_world, django_db_blocker) -> bytes:
    with django_db_blocker.unblock():
        return filled(sent_out(stored_world), **{STATUS: {"answer": "In place"}})


@pytest.fixture
def sent(world, sent_once) -> bytes:
    return sent_once


def sheet_with(content: bytes, key: str) -> str:
    """The part in which the sheet of a key stands."""
    book = opened(content)
    names = [f"xl/worksheets/sheet{number}.xml" for number in range(1, len(book.worksheets) + 1)]
    found = [
        name for name, sheet in zip(names, book.worksheets, strict=True) if key in (each.value for each in sheet["A"])
    ]
    return found[0]


# ---------------------------------------------------------------- nothing of it can be read


def declared(content: bytes, entity: bytes) -> bytes:
    return rewritten(content, "xl/workbook.xml", lambda text: XML + entity + text.partition(b"?>")[2])


def lying(content: bytes) -> bytes:
    """A part that says that it unpacks to more than it is; far more than may be."""
    at = content.rfind(b"PK\x01\x02")
    return content[: at + 24] + struct.pack("<I", 900 * 2**20) + content[at + 28 :]


def in_utf_16(text: bytes) -> bytes:
    plain = text.replace(b"UTF-8", b"UTF-16").replace(b"utf-8", b"utf-16").decode()
    return (plain if plain.startswith("<?xml") else f'<?xml version="1.0" encoding="utf-16"?>{plain}').encode("utf-16")


def macro_types(text: bytes) -> bytes:
    return text.replace(b"spreadsheetml.sheet.main", b"ms-excel.sheet.macroEnabled.main")


HOSTILE = {
    "empty": (lambda _: b"", package.EMPTY),
    "too large": (lambda sent: sent + b"\0" * package.LARGEST, package.TOO_LARGE),
    "a CSV file": (lambda _: b"key,answer\n1.1.1(b),In place\n", package.NO_WORKBOOK),
    "a PDF": (lambda _: pdf(), package.NO_WORKBOOK),
    "a page that is called xls": (lambda _: b"<html><table></table></html>", package.NO_WORKBOOK),
    "an old workbook": (lambda _: OLE + b"\0" * 600, package.OLD),
    "a password": (lambda _: OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), package.PASSWORD),
    "a Word document": (lambda _: office("docx"), package.NO_WORKBOOK),
    "only an archive": (lambda _: packed({"a.txt": b"Hello"}), package.NO_WORKBOOK),
    "OpenDocument": (
        lambda _: packed({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<x/>"}),
        package.OPEN_DOCUMENT,
    ),
    "a binary workbook": (lambda sent: with_parts(sent, **{"xl/workbook.bin": b"\x83\x01"}), package.BINARY),
    "cut off": (lambda sent: sent[: len(sent) // 2], package.DAMAGED),
    "cut off within": (lambda sent: sent[:2000] + b"\0" * 200 + sent[2200:], package.DAMAGED),
    "a zip bomb": (lambda _: zeros(), package.UNPACKS),
    "a bomb of parts": (lambda sent: with_parts(sent, **{f"x{n}.xml": b"<x/>" for n in range(300)}), package.UNPACKS),
    "a part that lies": (lying, package.UNPACKS),
    "an outside entity": (lambda sent: declared(sent, ENTITY), package.DEFINITIONS),
    "a billion laughs": (lambda sent: declared(sent, LAUGHS), package.DEFINITIONS),
    "another encoding": (lambda sent: rewritten(sent, "xl/worksheets/", in_utf_16), package.DEFINITIONS),
    "a macro": (lambda sent: with_parts(sent, **{"xl/vbaProject.bin": OLE}), package.MACROS),
    "xlsm called xlsx": (lambda sent: rewritten(sent, "[Content_Types].xml", macro_types), package.MACROS),
    "an old macro sheet": (lambda sent: with_parts(sent, **{"xl/macrosheets/sheet1.xml": b"<x/>"}), package.MACROS),
    "a control that does something": (lambda sent: with_parts(sent, **{"xl/activeX/a.xml": b"<x/>"}), package.MACROS),
    "no XML": (lambda sent: rewritten(sent, "xl/worksheets/", lambda text: text[:-40]), package.DAMAGED),
    "no styles": (lambda sent: rewritten(sent, "xl/styles.xml", lambda _: b"<broken"), package.DAMAGED),
}  # fmt: skip


@pytest.mark.parametrize("trouble", HOSTILE)
def test_what_cannot_be_read_says_why(sent, trouble):
    make, sentence = HOSTILE[trouble]
    with pytest.raises(ValidationError) as refused:
        read_cells(make(sent))
    assert refused.value.messages == [sentence]


# ---------------------------------------------------------------- it is of something else


def stamped(content: bytes, name: str, said: str) -> bytes:
    book = opened(content)
    row = next(row for row in book["_about"].iter_rows() if row[1].value == name)
    row[2].value = said
    return saved(book)


def without(content: bytes, *names: str) -> bytes:
    book = opened(content)
    for sheet in list(book.worksheets):
        if any(sheet.title.startswith(name) for name in names):
            book.remove(sheet)
    return saved(book)


def of_something_else(_: bytes) -> bytes:
    book = Workbook()
    book.active["A1"] = "Budget"
    return saved(book)


FOREIGN = {
    "something else": (of_something_else, NOT_OURS),
    "the hidden sheet is gone": (lambda sent: without(sent, "_about"), NOT_OURS),
    "the hidden sheet was changed": (lambda sent: stamped(sent, "made_at", "yesterday"), STAMP_CHANGED),
    "a newer format": (lambda sent: stamped(sent, "format", str(FORMAT + 1)), NEWER),
    "no format": (lambda sent: stamped(sent, "format", "x"), STAMP_CHANGED),
    "another plan": (
        lambda sent: stamped(sent, "plan", "rsp-2024-2026"),
        "The workbook is of another plan, rsp-2024-2026. Upload it there.",
    ),
    "another round": (
        lambda sent: stamped(sent, "round", "baseline-2026"),
        "The workbook is of another round, baseline-2026. Upload it on the page of that round's return.",
    ),
    "another organisation": (
        lambda sent: stamped(sent, "organisation", "JPN"),
        "The workbook is of another organisation, JPN. Upload it on the page of that organisation's return.",
    ),
    "no sheet to fill in": (lambda sent: without(sent, "FA", "Act", "Arr"), NO_SHEETS),
}


@pytest.mark.parametrize("trouble", FOREIGN)
def test_what_is_of_something_else_says_so(world, sent, trouble):
    make, sentence = FOREIGN[trouble]
    with pytest.raises(ValidationError) as refused:
        compared(world, make(sent))
    assert refused.value.messages == [sentence]


def test_a_sheet_without_its_hidden_row_says_so(world, sent):
    with edited(sent) as book:
        sheet = book.sheet_of(STATUS)
        sheet.delete_rows(1)
    with pytest.raises(ValidationError, match="has lost its hidden row with the names of the columns"):
        compared(world, book.content)


def test_a_sheet_without_its_hidden_column_says_so(world, sent):
    with edited(sent) as book:
        book.sheet_of(STATUS).delete_cols(1)
    with pytest.raises(ValidationError, match="has lost its hidden column A, with the keys of the rows"):
        compared(world, book.content)


def test_what_was_deleted_from_the_file_is_counted_and_stays(world, sent):
    """Of a sheet that is gone nothing else would be said."""
    stamp = read_workbook(sent).stamp
    rows = sum(map(len, stamp.parts.values()))
    with edited(sent) as book:
        sheet = book.sheet_of(STATUS)
        gone = sum(str(cell.value) in stamp.answers for cell in sheet["A"])
        book.book.remove(sheet)
    assert compared(world, sent).notices == []
    assert compared(world, book.content).notices == [
        f"{rows - gone} of {rows} rows are in the file; what is missing stays as it is."
    ]


# ---------------------------------------------------------------- moved about, and read all the same


def columns_moved(book) -> None:
    """A column of one's own in front, and the answer at the end."""
    sheet = book.sheet_of(STATUS)
    sheet.insert_cols(3)
    sheet.cell(3, 3, "Who does it")
    sheet.cell(book.row_of(sheet, STATUS), 3, "Maria")
    at = book.names(sheet)["answer"]
    for row in range(1, sheet.max_row + 1):
        sheet.cell(row, 40).value, sheet.cell(row, at).value = sheet.cell(row, at).value, None


def rows_added(book) -> None:
    sheet = book.sheet_of(STATUS)
    sheet.insert_rows(1, 5)
    sheet.cell(2, 3, "Our own heading")


def renamed(book) -> None:
    for number, sheet in enumerate(book.book.worksheets):
        sheet.title = f"Blatt {number}"
    book.book.move_sheet(book.sheet_of(STATUS), 3)


def hidden(book) -> None:
    sheet = book.sheet_of(STATUS)
    row = book.row_of(sheet, STATUS)
    sheet.row_dimensions[row].hidden = True
    sheet.column_dimensions["H"].hidden = True
    sheet.auto_filter.ref = "A3:P60"
    sheet.sheet_state = "hidden"


def another_on_top(book) -> None:
    book.book.create_sheet("Notes", 0)["A1"] = "Ours"
    book.book.active = 0


def trailing_blanks(book) -> None:
    book.put(STATUS, answer=" In place\u00a0 ", comment="  ")


def other_letters(book) -> None:
    book.put(STATUS, answer="in_place")


def formatted_below(book) -> None:
    sheet = book.sheet_of(STATUS)
    for row in range(200, 1200):
        sheet.row_dimensions[row].height = 20
        sheet.cell(row, 8).number_format = "0.00"


def notes_below(book) -> None:
    sheet = book.sheet_of(STATUS)
    sheet.cell(sheet.max_row + 30, 3, "Asked the legal office on 3 May.")


def rows_gone(book) -> None:
    """They state nothing."""
    sheet = book.sheet_of(OTHER)
    sheet.delete_rows(book.row_of(sheet, OTHER))


def column_gone(book) -> None:
    """As no comment stood in it, nothing changes."""
    sheet = book.sheet_of(STATUS)
    sheet.delete_cols(book.names(sheet)["comment"])


def worded_anew(book) -> None:
    book.put(STATUS, question="What we are asked", code="whatever")


MOVED = (
    columns_moved, rows_added, renamed, hidden, another_on_top, trailing_blanks, other_letters, formatted_below,
    notes_below, rows_gone, column_gone, worded_anew,
)  # fmt: skip


@pytest.mark.parametrize("change", MOVED, ids=lambda each: each.__name__)
def test_whatever_was_done_to_it_it_is_read_as_it_was_meant(world, change):
    brought(world, "draft", OTHER, comment="")
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        change(book)
    found = compared(world, book.content)
    assert (does(found), found.problems) == ({STATUS: (Effect.NEW, ["Answer: “In place”"])}, [])


@pytest.mark.parametrize("said", [b"A1", b"A1:XFD1048576", b"A1:B2"])
def test_what_a_sheet_says_of_its_size_is_not_believed(world, sent, said):
    lies = replaced(sent, "xl/worksheets/", rb'<dimension ref="[^"]*"', b'<dimension ref="%s"' % said)
    assert set(does(compared(world, lies))) == {STATUS}


def test_a_filled_row_far_below_is_not_left_out_unsaid(world, sent):
    with edited(sent) as book:
        book.sheet_of(STATUS).cell(30_000, 8, "In place")
    with pytest.raises(ValidationError, match="goes on below row 20,000"):
        compared(world, book.content)


# ---------------------------------------------------------------- cells


def cell_read(world, key: str, name: str, value: object) -> list[str]:
    with edited(sent_out(world)) as book:
        book.put(key, **{name: value})
    found = compared(world, book.content)
    return [each.sentence for each in found.problems] or [words for _, said in does(found).values() for words in said]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("1250.5", "Figure: “1,250.5”"),
        (" 1,250.50 ", "Figure: “1,250.5”"),
        ("1\u00a0250", "Figure: “1,250”"),
        (0, "Figure: “0”"),
        (0.1 + 0.2, "Figure: “0.3”"),
        (1e11, "Figure: “100,000,000,000”"),
        (-3, "“-3” is negative; a figure of 0 or more is accepted."),
        (2 / 3, "“0.666666666666667” is not a figure; it has digits and up to two decimals, such as 1250.50."),
        ("12.5%", "“12.5%” is not a figure; it has digits and up to two decimals, such as 1250.50."),
        ("=SUM(1,2)", "It is a formula that was never worked out. Type or paste its value instead."),
    ],
)
def test_numbers_as_people_leave_them(world, value, said):
    assert cell_read(world, FIGURE, "value", value) == [said]


def test_a_formula_that_was_worked_out_is_what_it_showed(world):
    with edited(sent_out(world)) as book:
        book.put(FIGURE, value="=40+2")
    worked_out = replaced(
        book.content, "xl/worksheets/", rb"<f>40\+2</f><v\s*/>|<f>40\+2</f><v></v>", b"<f>40+2</f><v>42</v>"
    )
    assert does(compared(world, worked_out)) == {f"{FIGURES} for 2026/27": (Effect.NEW, ["Figure: “42”"])}
    wrong = replaced(
        worked_out, "xl/worksheets/", rb"(<c [^>]*?)(>)<f>40\+2</f><v>42</v>", rb'\1 t="e"\2<f>40+2</f><v>#REF!</v>'
    )
    assert [each.sentence for each in compared(world, wrong).problems] == [
        "It shows an error, #REF!. Type the value instead."
    ]


def test_what_a_row_does_not_ask_for_is_not_dropped_unsaid(world):
    assert cell_read(world, STATUS_4, "figure_source", "Our register") == [
        "This row does not ask for it. Empty the cell."
    ]


def test_merged_cells_say_what_they_hide(world):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        sheet, cell = book.sheet_of(STATUS), book.cell(STATUS, "comment")
        first = book.cell(STATUS, "answer").coordinate
        sheet.merge_cells(f"{first}:{cell.coordinate}")
    [problem] = compared(world, book.content).problems
    assert str(problem) == (
        f"{sheet.title}, cell {cell.coordinate}: It is merged with {first}, so it says nothing of its own. Take the "
        "merge apart and fill in both cells."
    )


def test_a_key_that_was_overwritten_or_doubled_is_said(world):
    with edited(sent_out(world)) as book:
        sheet = book.sheet_of(STATUS)
        book.put(STATUS, answer="In place")
        book.put(OTHER, answer="Planned")
        row, other = book.row_of(sheet, STATUS), book.row_of(sheet, OTHER)
        book.put(STATUS, code=OTHER)
        sheet.cell(row, 1).value = OTHER
    found = compared(world, book.content)
    first, second = sorted((row, other))
    [problem] = found.problems
    twice = f"The key “{OTHER}” stands in {sheet.title}, row {first} already. Delete one of the two rows."
    assert str(problem) == f"{sheet.title}, cell B{second}: {twice}"
    for key, sentence in (("mine", "“mine” in the hidden column is no key of this workbook."), (None, "Its key in")):
        with edited(sent_out(world)) as book:
            book.put(STATUS, answer="In place")
            book.put(STATUS, key=key)
        [problem] = compared(world, book.content).problems
        assert problem.sentence.startswith(sentence)


def test_rows_whose_visible_cells_changed_places_are_said(world):
    """As where what people see is sorted or moved, and the hidden column is not."""
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        sheet = book.sheet_of(STATUS)
        one, two = (book.row_of(sheet, key) for key in (STATUS, OTHER))
        for column in range(2, sheet.max_column + 1):
            first, second = sheet.cell(one, column), sheet.cell(two, column)
            first.value, second.value = second.value, first.value
    found = compared(world, book.content)
    assert (found.does_something, found.notices) == (False, [])
    assert {str(each) for each in found.problems} == {
        f"{sheet.title}, cell B{row}: {MISPLACED.format(said, key)}"
        for row, said, key in ((one, OTHER, STATUS), (two, STATUS, OTHER))
    }


def test_a_recorded_activity_moved_to_an_empty_row_is_said(world):
    content = sent_out(world)
    key = new_row(content, Part.ACTIVITY)
    with edited(content) as book:
        book.put(key, reference="OP-DRAGON", title="Moved here")
    [problem] = compared(world, book.content).problems
    assert problem.sentence.startswith("OP-DRAGON is recorded in a row of its own. If this row is a new record, ")


def test_a_row_that_was_copied_below_the_prepared_ones_is_said(world):
    with edited(sent_out(world)) as book:
        sheet = book.sheet_for(Part.ACTIVITY)
        names, row = book.names(sheet), sheet.max_row + 2
        for name, said in (NEW_ONE | {"reference": "OP-DRAGON"}).items():
            sheet.cell(row, names[name]).value = said
    [problem] = compared(world, book.content).problems
    assert (problem.place.row, problem.sentence[:24]) == (row, "OP-DRAGON is recorded in")


def test_a_note_in_place_of_a_code_is_no_other_row(world):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place", code="done, Ana")
    assert compared(world, book.content).problems == []


@pytest.mark.parametrize("instead", [None, "Answer"])
def test_a_column_that_lost_its_hidden_name_is_said(world, instead):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        sheet, column = book.sheet_of(STATUS), book.cell(STATUS, "answer").column
        sheet.cell(1, column).value = instead
    found = compared(world, book.content)
    header = sheet.cell(3, column).coordinate
    assert [str(each) for each in found.problems] == [f"{sheet.title}, cell {header}: {NO_NAME.format('Answer')}"]


def test_columns_that_were_deleted_are_told(world):
    with edited(sent_out(world)) as book:
        sheet = book.sheet_of(STATUS)
        sheet.delete_cols(book.cell(STATUS, "comment").column)
        pairs = book.sheet_for(Part.ARRANGEMENT)
        pairs.delete_cols(book.names(pairs)["signed"])
    assert compared(world, book.content).notices == [
        f"The sheet “{title}” has these columns no more: “{header}”. What the site says there stays."
        for title, header in ((sheet.title, "Comment"), ("Arrangements", "Signed"))
    ]


def test_a_column_that_stands_there_twice_is_said(world, sent):
    with edited(sent) as book:
        book.sheet_of(STATUS).cell(1, 40, "answer")
    [problem] = compared(world, book.content).problems
    assert problem.sentence == "The column “Answer” stands there twice. Delete one of the two."


def test_a_copy_of_a_sheet_is_not_read_beside_it(world, sent):
    with edited(sent) as book:
        book.book.copy_worksheet(book.sheet_of(STATUS))
    found = compared(world, book.content)
    assert found.problems[0].sentence.startswith("The key “")
    assert not found.does_something


def test_rows_that_are_only_formatted_do_not_hide_filled_ones():
    """What says nothing is taken away before it is read: nothing else is."""
    book = Workbook()
    sheet = book.active
    for row in (1, 3, 7, 500):
        sheet.cell(row, 2, f"<c/> {row} </row>")
        for column in range(3, 9):
            sheet.cell(row + 1, column).number_format = "0.00"
    content = BytesIO()
    book.save(content)
    [found] = read_cells(content.getvalue())
    assert {row: {column: raw.text for column, raw in cells.items()} for row, cells in found.rows.items()} == {
        row: {2: f"<c/> {row} </row>"} for row in (1, 3, 7, 500)
    }


@pytest.mark.parametrize(
    ("text", "left"),
    [
        (b'<row r="1"><c r="A1" s="2"/><c r="B1"><v>1</v></c></row>', b'<row r="1"><c r="B1"><v>1</v></c></row>'),
        (b'<row r="1" ht="9"><c r="A1" s="2"></c></row><row r="2"/>', b""),
        (b'<row><c r="A1" s="2"/></row>', None),
        (b'<row r="1"><c s="2"/><c><v>1</v></c></row>', None),
        (b'<row r="1"><c r="A1" t="inlineStr"><is><t><![CDATA[<c r="A1"/>]]></t></is></c></row>', None),
        (b'<row r="1" x=">"/><row r="2"><c r="A2"><v>1</v></c></row>', None),
        (b'<cols><col min="1"/></cols>', None),
    ],
)
def test_only_what_says_nothing_is_taken_away(text, left):
    assert package.lightened(text) == (text if left is None else left)
