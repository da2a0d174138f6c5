"""What a spreadsheet offers and refuses while people type. The site checks all of it once more."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from reporting.validators import LONGEST_COMMENT

from .cells import LETTERS, Cells
from .content import Sheet
from .layout import Asks, Column, Kind
from .looks import WHOLE

GREATEST = "1000000000000"
FIRST_DAY, LAST_DAY = "36526", "73050"
"""2000 to 2099, as spreadsheets count days."""
ALWAYS = {"allowBlank": "1", "showInputMessage": "1", "showErrorMessage": "1", "errorTitle": "This is not taken"}
WHAT = {
    Kind.TEXT: "Write a text.",
    Kind.CHOICE: "Choose from the list.",
    Kind.NUMBER: "Write a number.",
    Kind.DAY: "Write a date.",
    Kind.LINK: "Write an address.",
}
INSTEAD = "Leave it empty and write the figure. Choose from the list only where it does not apply to you."
OF_LIST = {Asks.FIGURE.value: INSTEAD, Asks.SHARE.value: INSTEAD}
"""What a cell says of a list that is no answer by itself."""
WRONG = {
    Kind.TEXT: "This text is too long.",
    Kind.CHOICE: "Choose one of the answers in the list, or empty the cell.",
    Kind.NUMBER: "Write a number in digits, such as 12 or 12.50, or empty the cell.",
    Kind.DAY: "Write a date, such as 30.06.2027, or empty the cell.",
    Kind.LINK: "This address is too long.",
}


def limit(cells: Cells, sheet: Sheet, first_row: int, lists: Mapping[str, str]) -> None:
    """Says what may be typed: for each column, and each list that it offers, once. ``lists``: where each stands."""
    for number, column in enumerate(sheet.columns, 1):
        for offered, rows in open_rows(sheet, first_row, column).items():
            kind, formulas = ("list", (lists[offered],)) if offered else limits_of(column)
            cells.limit(
                dict(zip(("formula1", "formula2"), formulas, strict=False)),
                type=kind,
                operator="lessThanOrEqual" if kind == "textLength" else "between",
                sqref=" ".join(ranges(LETTERS[number], rows)),
                promptTitle=column.title[:32],
                prompt=(OF_LIST.get(offered) or column.note or WHAT[column.kind])[:255],
                error=WRONG[column.kind],
                **ALWAYS,
            )


def open_rows(sheet: Sheet, first_row: int, column: Column) -> Mapping[str, list[int]]:
    """By the list that the cells offer; "" where they offer none."""
    found: dict[str, list[int]] = defaultdict(list)
    if column.input:
        for row, line in enumerate(sheet.lines, first_row):
            if column.name in line.open:
                found[line.offers.get(column.name, "")].append(row)
    return found


def limits_of(column: Column) -> tuple[str, tuple[str, ...]]:
    """The kind of a limit, and what it is limited to."""
    if column.kind is Kind.DAY:
        return "date", (FIRST_DAY, LAST_DAY)
    if column.kind is Kind.NUMBER:
        limits = ("1", "5") if column.name == "rating" else ("0", GREATEST)
        return "whole" if column.name in WHOLE else "decimal", limits
    return "textLength", (str(column.longest or LONGEST_COMMENT),)


def ranges(letter: str, rows: Iterable[int]) -> Iterator[str]:
    """Rows as ranges of one column: 4, 5, 6, 9 are H4:H6 and H9:H9."""
    first = last = 0
    for row in (*rows, 0):
        if row != last + 1:
            if first:
                yield f"{letter}{first}:{letter}{last}"
            first = row
        last = row
