"""What an import would do, row by row and in words, and a workbook in which the cells that are wrong are marked."""

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from members.exports import sheet_name, words

from .sheet import Problem, Sheet

NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"
EFFECTS = {NEW: "new", CHANGED: "changed", UNCHANGED: "unchanged", ERROR: "with errors"}
MARK = PatternFill("solid", fgColor="FBE7E2")


@dataclass
class Line:
    """One row of the file. ``words``: what becomes what, or what is wrong, a sentence for each column."""

    number: int
    name: str
    effect: str
    words: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


@dataclass
class Preview:
    """``seen``: the token of the data with which the file was compared."""

    sheet: Sheet
    lines: list[Line]
    seen: str = ""

    @property
    def problems(self) -> list[Problem]:
        return [each for line in self.lines for each in line.problems]

    @property
    def sentences(self) -> list[str]:
        return [f"{self.sheet.where(each)}: {each.sentence}" for each in self.problems]

    @property
    def counts(self) -> Counter[str]:
        return Counter(line.effect for line in self.lines)

    @property
    def summary(self) -> str:
        """2 new, 1 changed, 33 unchanged, 1 with errors"""
        return ", ".join(f"{self.counts[effect]} {text}" for effect, text in EFFECTS.items())

    @property
    def does_something(self) -> bool:
        return not self.problems and bool(self.counts[NEW] or self.counts[CHANGED])


def marked(preview: Preview, title: str) -> bytes:
    """The file as it was read; wrong cells are coloured and say why, and so does a column at the end."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has a sheet
    page.title = sheet_name(title)
    columns = list(preview.sheet.headings)
    wrong = {(each.row, each.column): each.sentence for each in preview.problems}
    for place, name in enumerate([*preview.sheet.headings.values(), "what is wrong"], 1):
        put(page.cell(1, place), name)
    for row in preview.sheet.rows:
        for place, name in enumerate(columns, 1):
            made = page.cell(row.number, place)
            put(made, row.get(name))
            if (row.number, name) in wrong:
                made.fill, made.comment = MARK, Comment(wrong[row.number, name], "RSP Tracker")
        said = [sentence for (number, _), sentence in wrong.items() if number == row.number]
        put(page.cell(row.number, len(columns) + 1), " ".join(said))
    page.freeze_panes = "B2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def put(cell: Any, text: str) -> None:
    """As text, whatever it begins with; nothing stays nothing."""
    if text:
        cell.value, cell.data_type = words(None, text).value, "s"
