"""The person's own workbook, given back with its errors marked: each where a person sees it, and named so in the
preview."""

from io import BytesIO

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.comments import Comment

from reporting.workbook.error_list import list_errors
from reporting.workbook.layout import ABOUT, HEADER_ROW, Colour
from reporting.workbook.marking import SIGN, marked
from reporting.workbook.reading import TWICE, Place

from .test_workbook_in import OTHER, STATUS, compared
from .workbooks import Edited, edited, saved, sent_out


def seen(sheet, cell) -> bool:
    """Does a person see it, without showing anything that is hidden."""
    hidden = sheet.column_dimensions[cell.column_letter].hidden or sheet.row_dimensions[cell.row].hidden
    return sheet.sheet_state == "visible" and not hidden


def key_twice(book) -> None:
    sheet = book.sheet_of(STATUS)
    sheet.cell(book.row_of(sheet, STATUS), 1).value = OTHER


def other_key(book) -> None:
    book.put(STATUS, key="mine")


def column_twice(book) -> None:
    book.sheet_of(STATUS).cell(1, 40, "answer")


def column_twice_below_others(book) -> None:
    sheet = book.sheet_of(STATUS)
    sheet.insert_rows(1, 2)
    sheet.row_dimensions[1].hidden, sheet.row_dimensions[3].hidden = False, True
    sheet.cell(3, 40, "answer")


def main_column_gone(book) -> None:
    """The error is of the row as a whole, and the column is gone where it would stand."""
    sheet = book.sheet_of(STATUS)
    book.put(STATUS, evidence_url="nowhere", key="mine")
    sheet.delete_cols(book.names(sheet)["answer"])


def column_hidden(book) -> None:
    sheet = book.sheet_of(STATUS)
    book.put(STATUS, answer="Perhaps")
    sheet.column_dimensions[book.cell(STATUS, "answer").column_letter].hidden = True


def row_filtered_out(book) -> None:
    sheet = book.sheet_of(STATUS)
    book.put(STATUS, answer="Perhaps")
    sheet.row_dimensions[book.row_of(sheet, STATUS)].hidden = True


def sheet_hidden(book) -> None:
    book.put(STATUS, answer="Perhaps")
    book.sheet_of(STATUS).sheet_state = "hidden"


TROUBLES = (
    key_twice, other_key, column_twice, column_twice_below_others, main_column_gone, column_hidden, row_filtered_out,
    sheet_hidden,
)  # fmt: skip


@pytest.mark.parametrize("trouble", TROUBLES, ids=lambda each: each.__name__)
def test_an_error_stands_where_a_person_sees_it(world, trouble):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        book.put(OTHER, answer="Planned")
        trouble(book)
    found = compared(world, book.content)
    back = load_workbook(BytesIO(marked(book.content, found)))
    for problem in found.problems:
        sheet, place = str(problem.place).split(", cell ")
        cell = back[sheet][place]
        assert problem.sentence in cell.comment.text
        assert cell.fill.fgColor.rgb == Colour.WRONG
        assert seen(back[sheet], cell), f"{sheet} {place}"
    assert len(found.problems) == 1
    assert back[ABOUT].sheet_state == "veryHidden"


def test_an_error_in_a_merge_stays_one_beside_what_an_answer_lacks(world):
    """The lower cell says nothing of its own; the upper one's answer lacks what its sending asks for."""
    with edited(sent_out(world)) as book:
        first, second = sorted((book.cell(OTHER, "answer"), book.cell(STATUS, "answer")), key=lambda cell: cell.row)
        first.value = "Not applicable"
        second.value = None
        sheet = book.sheet_of(OTHER)
        assert sheet is book.sheet_of(STATUS)
        sheet.merge_cells(f"{first.coordinate}:{second.coordinate}")
    found = compared(world, book.content)
    assert [bool(each.lack) for each in found.lines].count(True) == len(found.problems) == 1
    cell = load_workbook(BytesIO(marked(book.content, found)))[sheet.title][first.coordinate]
    assert cell.fill.fgColor.rgb == Colour.WRONG
    assert cell.border.left.color.rgb == Colour.WRONG_TEXT
    assert [line.startswith(SIGN) for line in cell.comment.text.splitlines()] == [True, True]


def test_a_column_that_stands_there_twice_is_named_at_its_header(world):
    with edited(sent_out(world)) as book:
        column_twice(book)
    [problem] = compared(world, book.content).problems
    sheet = book.sheet_of(STATUS)
    assert str(problem) == f"{sheet.title}, cell AN3: {TWICE.format('Answer')}"


# ---------------------------------------------------------------- marked again


def style(cell) -> str:
    return repr((cell.fill, cell.border, cell.font, cell.number_format, cell.protection))


def grey_cell(book) -> tuple[str, str]:
    """Sheet and place of a cell that its row does not ask for."""
    cells = (cell for sheet in book.worksheets if sheet.title.startswith("FA ") for row in sheet for cell in row)
    cell = next(cell for cell in cells if cell.row > HEADER_ROW and cell.fill.fgColor.rgb == Colour.LOCKED)
    return cell.parent.title, cell.coordinate


def test_what_is_mended_is_not_marked_any_more_and_notes_stay(world):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
        sheet, place = grey_cell(book.book)
        book.book[sheet][place].value = "5"
        stood = style(book.cell(OTHER, "answer")), style(book.book[sheet][place])
        for key, name in ((OTHER, "answer"), (STATUS, "comment")):
            book.cell(key, name).comment = Comment("Ask Lena.\nShe knows.", "Me")
    with edited(marked(book.content, compared(world, book.content))) as back:
        assert SIGN in back.cell(OTHER, "answer").comment.text
        assert back.book[sheet][place].fill.fgColor.rgb == Colour.WRONG
        back.put(OTHER, answer="In place")
        back.put(STATUS, answer="Perhaps")
        back.book[sheet][place].value = None
    again = Edited(load_workbook(BytesIO(marked(back.content, compared(world, back.content)))))
    assert (style(again.cell(OTHER, "answer")), style(again.book[sheet][place])) == stood
    assert again.book[sheet][place].comment is None
    for key, name in ((OTHER, "answer"), (STATUS, "comment")):
        comment = again.cell(key, name).comment
        assert (comment.text, comment.author) == ("Ask Lena.\nShe knows.", "Me")
    assert again.cell(STATUS, "answer").fill.fgColor.rgb == Colour.WRONG


def test_marked_twice_a_cell_says_it_once(world):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
    found = compared(world, book.content)
    once = marked(book.content, found)
    twice = marked(once, compared(world, once))
    for content in (once, twice):
        comment = Edited(load_workbook(BytesIO(content))).cell(OTHER, "answer").comment
        assert comment.text == SIGN + found.problems[0].sentence


def test_a_marked_header_can_be_read_and_is_as_before_when_it_is_mended(world):
    with edited(sent_out(world)) as book:
        sheet = book.sheet_of(STATUS)
        column = book.names(sheet)["last"]
        sheet.cell(1, column - 1).value = "last"
        header = sheet.cell(HEADER_ROW, column)
        stood, note = style(header), header.comment.text
    back = load_workbook(BytesIO(marked(book.content, compared(world, book.content))))
    header = back[sheet.title].cell(HEADER_ROW, column)
    assert (header.fill.fgColor.rgb, header.font.color.rgb) == (Colour.WRONG, Colour.INK)
    assert header.comment.text.startswith(f"{note}\n{SIGN}")
    back[sheet.title].cell(1, column - 1).value = "counts"
    mended = saved(back)
    header = load_workbook(BytesIO(marked(mended, compared(world, mended))))[sheet.title].cell(HEADER_ROW, column)
    assert (style(header), header.comment.text) == (stood, note)


# ---------------------------------------------------------------- marks are seen


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (2, 4, 6)]
    red, green, blue = (each / 12.92 if each <= 0.04045 else ((each + 0.055) / 1.055) ** 2.4 for each in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("text", [Colour.INK, Colour.MUTED])
@pytest.mark.parametrize("mark", [Colour.WRONG, Colour.BOTH])
def test_text_can_be_read_on_a_mark_and_a_mark_told_from_its_neighbours(mark, text):
    assert contrast(mark, text) >= 4.5
    assert contrast(mark, Colour.INPUT) >= 1.2


def test_a_mark_has_a_strong_border(world):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
    cell = Edited(load_workbook(BytesIO(marked(book.content, compared(world, book.content))))).cell(OTHER, "answer")
    sides = (cell.border.left, cell.border.right, cell.border.top, cell.border.bottom)
    assert {(side.style, side.color.rgb) for side in sides} == {("medium", Colour.WRONG_TEXT)}


def test_the_first_sheet_lists_the_errors_with_links_is_not_read_and_is_made_anew(world):
    with edited(sent_out(world)) as book:
        book.put(OTHER, answer="Perhaps")
        book.put(STATUS, answer="Planned")
        book.sheet_of(OTHER).title = "=1 + x"
    sheets = book.book.sheetnames
    found = compared(world, book.content)
    with edited(marked(book.content, found)) as back:
        listed = back.book.worksheets[0]
    assert (back.book.sheetnames, back.book.active) == (["Errors", *sheets], listed)
    [where, sentence, link] = listed[3]
    place = str(found.problems[0].place)
    assert (where.value, where.data_type, sentence.value) == (place, "s", found.problems[0].sentence)
    assert link.hyperlink.location == "'=1 + x'!" + place.split("cell ")[1]
    assert listed.max_row == 3
    again = compared(world, back.content)
    assert (again.summary, again.problems) == (found.summary, found.problems)
    with edited(back.content) as mended:
        mended.put(OTHER, answer="In place")
        mended.put(STATUS, answer="Perhaps")
    other = compared(world, mended.content)
    anew = load_workbook(BytesIO(marked(mended.content, other)))
    assert anew.sheetnames == ["Errors", *sheets]
    assert [row[0].value for row in anew["Errors"].iter_rows(3)] == [str(other.problems[0].place)]


def test_more_errors_than_can_be_linked_are_counted():
    book = Workbook()
    found = [(Place("Sheet", row, 1), "Wrong.") for row in range(1, 504)]
    listed = list_errors(book, found)
    assert (listed["A502"].value, listed["A503"].value) == ("Sheet, cell A500", "And 3 more marks in the sheets.")
    assert sum(row[0].hyperlink is not None for row in listed.iter_rows(min_col=3)) == 500


def test_a_workbook_with_as_many_sheets_as_are_taken_gets_no_more():
    book = Workbook()
    for _ in range(59):
        book.create_sheet()
    assert list_errors(book, [(Place("Sheet", 1, 1), "Wrong.")]) is None
    assert len(book.sheetnames) == 60
