"""A workbook as somebody opens it, for the tests of what goes out."""

from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter, range_boundaries

from reporting.models import Round
from reporting.returns import Return
from reporting.workbook import layout
from reporting.workbook.opening import return_by_command
from reporting.workbook.writing import workbook_of

from .entering import ROUND
from .region import NOW, PLAN


def path(member: str = "FJI", collection: str = ROUND) -> str:
    return reverse("return_workbook", args=[PLAN, collection, member])


def found(world: Any, who: Any = None, member: str = "FJI", collection: Round | None = None) -> Return:
    return return_by_command(collection or world.current, member, who, NOW)


def downloaded(client: Client, **which: str) -> "Opened":
    response = client.get(path(**which))
    assert response.status_code == 200, response.status_code
    return Opened(load_workbook(BytesIO(response.content)))


def made(world: Any, who: Any = None, **which: Any) -> "Opened":
    return Opened(load_workbook(BytesIO(workbook_of(found(world, who, **which)))))


@dataclass(frozen=True)
class Opened:
    book: Any

    def __getitem__(self, sheet: str) -> Any:
        return self.book[sheet]

    @property
    def area_sheets(self) -> list[Any]:
        return [sheet for sheet in self.book if sheet.title.startswith("FA ")]

    @property
    def input_sheets(self) -> list[Any]:
        there = [name for name in (layout.ACTIVITIES, layout.ARRANGEMENTS) if name in self.book.sheetnames]
        return [*self.area_sheets, *(self.book[name] for name in there)]

    @property
    def stamp(self) -> layout.Stamp:
        return layout.stamp_of(self.book[layout.ABOUT].values)

    def answers(self) -> dict[str, dict[str, Any]]:
        """Key -> name of the column -> the cell, on all sheets of focus areas."""
        return {key: cells for sheet in self.area_sheets for key, cells in lines(sheet).items()}

    def offered(self, sheet: Any) -> dict[str, list[str]]:
        """Cell -> what its drop-down offers."""
        texts = {}
        for each in sheet.data_validations.dataValidation:
            if each.type == "list":
                texts |= dict.fromkeys(covered(each), self.texts(each.formula1))
        return texts

    def texts(self, where: str) -> list[str]:
        name, _, cells = where.partition("!")
        first, low, last, high = range_boundaries(cells.replace("$", ""))
        rows = self.book[name.strip("'")].iter_rows(low, high, first, last, values_only=True)
        return [text for row in rows for text in row]

    def words(self) -> str:
        """Everything that stands in a cell, a note or a prompt."""
        told = [str(cell.value) for sheet in self.book for row in sheet for cell in row if cell.value is not None]
        told += [cell.comment.text for sheet in self.book for row in sheet for cell in row if cell.comment]
        told += [each.prompt or "" for sheet in self.book for each in sheet.data_validations.dataValidation]
        return "\n".join(told)


def covered(validation: Any) -> list[str]:
    return [
        f"{get_column_letter(column)}{row}"
        for each in validation.sqref.ranges
        for row in range(each.min_row, each.max_row + 1)
        for column in range(each.min_col, each.max_col + 1)
    ]


def names(sheet: Any) -> list[str]:
    return [cell.value for cell in sheet[layout.NAMES_ROW]]


def lines(sheet: Any) -> dict[str, dict[str, Any]]:
    """Key of a row -> its cells by the machine names of their columns."""
    columns = names(sheet)
    rows = (dict(zip(columns, row, strict=True)) for row in sheet.iter_rows(layout.HEADER_ROW + 1))
    return {cells["key"].value: cells for cells in rows if cells["key"].value}


def values(cells: dict[str, Any], *columns: str) -> list[Any]:
    return [cells[name].value for name in columns]
