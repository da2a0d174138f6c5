"""What an import would do, row by row and in words, and a workbook in which the cells that are wrong are marked."""

from collections import Counter
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, ClassVar

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.styles import PatternFill

from members.exports import sheet_name, words

from .sheet import Problem, Sheet

NEW, CHANGED, UNCHANGED, ERROR = "new", "changed", "unchanged", "error"
EFFECTS = {NEW: "new", CHANGED: "changed", UNCHANGED: "unchanged", ERROR: "with errors"}
WRONG, BECOMES = "what is wrong", "what becomes of it"
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
    """``seen``: the token of the data with which the file was compared. ``tells``: the file that is given back says of
    each row what becomes of it, too."""

    tells: ClassVar[bool] = False
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
    """The file as it was read; wrong cells are coloured and say why. Columns at the end say of each row what is wrong
    and, where the preview tells that, what becomes of it."""
    book = Workbook()
    page = book.active
    assert page is not None  # noqa: S101 - a new workbook has a sheet
    page.title = sheet_name(title)
    columns = list(preview.sheet.headings)
    lines = {line.number: line for line in preview.lines}
    wrong = {(each.row, each.column): each.sentence for each in preview.problems}
    for place, name in enumerate([*preview.sheet.headings.values(), WRONG, *([BECOMES] * preview.tells)], 1):
        put(page.cell(1, place), name)
    for row in preview.sheet.rows:
        for place, name in enumerate(columns, 1):
            made = page.cell(row.number, place)
            put(made, row.get(name))
            if (row.number, name) in wrong:
                made.fill, made.comment = MARK, Comment(wrong[row.number, name], "RSP Tracker")
        line = lines[row.number]
        put(page.cell(row.number, len(columns) + 1), " ".join(dict.fromkeys(each.sentence for each in line.problems)))
        if preview.tells and not line.problems:
            put(page.cell(row.number, len(columns) + 2), "; ".join([line.effect, *line.words]))
    page.freeze_panes = "B2"
    content = BytesIO()
    book.save(content)
    return content.getvalue()


def put(cell: Any, text: str) -> None:
    """As text, whatever it begins with; nothing stays nothing."""
    if text:
        cell.value, cell.data_type = words(None, text).value, "s"
