"""The person's own workbook, given back with its errors marked: each where a person sees it, and named so in the
preview."""

from io import BytesIO

import pytest
from openpyxl import load_workbook

from reporting.workbook.layout import ABOUT
from reporting.workbook.marking import marked
from reporting.workbook.reading import TWICE

from .test_workbook_in import OTHER, STATUS, compared
from .workbooks import edited, sent_out


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
        assert cell.fill.fgColor.rgb == "FFFBE7E2"
        assert seen(back[sheet], cell), f"{sheet} {place}"
    assert len(found.problems) == 1
    assert back[ABOUT].sheet_state == "veryHidden"


def test_a_column_that_stands_there_twice_is_named_at_its_header(world):
    with edited(sent_out(world)) as book:
        column_twice(book)
    [problem] = compared(world, book.content).problems
    sheet = book.sheet_of(STATUS)
    assert str(problem) == f"{sheet.title}, cell AN3: {TWICE.format('Answer')}"
