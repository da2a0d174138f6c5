"""The columns of lists. Each knows the true value of a cell, which files hold, and how a page says it."""

import html
from collections.abc import Callable, Collection, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any, ClassVar
from zoneinfo import ZoneInfo

import django_tables2 as tables
from django.utils.html import escape
from django.utils.safestring import SafeString

from members.days import day_of

NOTHING = "–"
TEXT = "@"
"""How a workbook calls cells in which a number that somebody types is text."""
SPEAK_FOR_THEMSELVES = ("c", "x", "s")
"""Looks of cells that need no label on a card."""
Value = str | int | Decimal | date | datetime | bool | None


def reach(record: Any, path: str) -> Any:
    """What stands at the end of a way such as "organisation__code"; None where the way ends earlier. A row of plain
    values has it under the whole name."""
    if isinstance(record, tuple):
        return getattr(record, path)
    for name in path.split("__"):
        record = getattr(record, name, None)
        if record is None:
            return None
    return record


def escaped(text: str) -> str:
    """What Django's ``conditional_escape`` gives, which first looks at each text for laziness: for ten thousand cells
    that takes as long as all the rest."""
    return text if isinstance(text, SafeString) else html.escape(str(text))


class Column(tables.Column):
    """Text. ``look``: how wide and where it stands, as the style sheet calls it: c a code, x long, n a number, s a
    state. ``order_by``: what it sorts by where that is not its value; ``sorts`` off: it cannot be sorted by."""

    width: ClassVar[int] = 18
    """Of the same column in a workbook, in letters."""

    def __init__(self, label: str | None = None, *, look: str = "", sorts: bool = True, **kwargs: Any) -> None:
        super().__init__(verbose_name=label, orderable=sorts, **kwargs)
        self.look = look or self.look_of_kind

    look_of_kind: ClassVar[str] = ""
    number_format: ClassVar[str] = ""
    """How a workbook shows its numbers; "" as they are."""

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return str(value)

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        """The value as a file holds it."""
        return "" if value is None else str(value)

    @property
    def letters(self) -> int:
        return {"c": 14, "x": 48, "n": 14}.get(self.look, self.width)


class Number(Column):
    """Whole or not, with commas between the thousands; blank differs from 0."""

    look_of_kind = "n"

    def words(self, value: Any, zone: ZoneInfo) -> str:
        text = f"{value:,}"
        return text.rstrip("0").rstrip(".") if "." in text else text

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return value


class Percent(Number):
    """With one decimal, also where that is 0 (domain.md)."""

    number_format = "0.0"

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return f"{value:,.1f}"


class Day(Column):
    """A date as the plan writes it."""

    width = 12

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return f"{value:%d.%m.%y}"

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return value


class PartialDay(Day):
    """A day of which perhaps only the month or the year is known, as it is stored: 2018-06-28, 2018-06 or 2018. A file
    holds a day as a day, and of others as much as is known, so that all of them sort by time."""

    number_format = TEXT

    def words(self, value: Any, zone: ZoneInfo) -> str:
        """28.06.18, 06.18 or 2018"""
        return ".".join(part[-2:] for part in reversed(value.split("-"))) if "-" in value else value

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return day_of(value or "", ("%Y-%m-%d",)) or value


class Moment(Day):
    """Day and time by the reader's clock."""

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return f"{value.astimezone(zone):%d.%m.%y, %H:%M}"

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return value and value.astimezone(zone)


class Flag(Column):
    """Yes, no, or not stated."""

    width = 12

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return "Yes" if value else "No"

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return "" if value is None else self.words(value, zone)


class Choice(Column):
    """One of an enumeration, in its words."""

    def __init__(self, choices: Any, label: str | None = None, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.labels = dict(choices.choices)

    def words(self, value: Any, zone: ZoneInfo) -> str:
        return str(self.labels.get(value, value)) or NOTHING

    def filed(self, value: Any, zone: ZoneInfo) -> Value:
        return "" if value in (None, "") else self.words(value, zone)


class ListTable(tables.Table):
    """The columns of a list. A method ``value_NAME(record)`` gives the true value where it is no field of the row,
    ``render_NAME(record, value)`` what the page shows instead of the column's words, such as a link.

    ``Meta.order_by``: how it is sorted unless somebody asks otherwise. ``stays``: so many columns stand first, always;
    by them a row is known. ``later``: those that are shown once somebody chooses them."""

    stays: ClassVar[int] = 1
    later: ClassVar[Collection[str]] = ()

    class Meta:
        template_name = "tables/table.html"

    def __init__(self, *, zone: ZoneInfo, **kwargs: Any) -> None:
        super().__init__(data=[], **kwargs)
        self.zone = zone
        self.names = tuple(self.columns.names())
        self.shown = tuple(name for name in self.names if name not in self.later)

    def leave_out(self, *names: str) -> None:
        """Columns that this reader does not get, whatever they choose."""
        self.names = tuple(name for name in self.names if name not in names)
        self.shown = tuple(name for name in self.shown if name not in names)

    @property
    def fixed(self) -> tuple[str, ...]:
        return self.names[: self.stays]

    def column(self, name: str) -> Column:
        found: Column = self.columns[name].column
        return found

    def label(self, name: str) -> str:
        return str(self.columns[name].header)

    def value_of(self, name: str) -> Callable[[Any], Any]:
        path = str(self.columns[name].accessor)
        return getattr(self, f"value_{name}", None) or (lambda record: reach(record, path))

    def order_of(self, name: str) -> tuple[str, ...]:
        """The fields that a column sorts by."""
        return tuple(map(str, self.column(name).order_by or (self.columns[name].accessor,)))

    # ------------------------------------------------------------ as a page shows it

    def drawn(self, records: Any) -> Iterator[SafeString]:
        """The cells of each row. django-tables2 works out the attributes and arguments of each cell anew, which takes
        longer than all else on the page together; here that is done once for a column."""
        row = "".join(map(self.frame, self.shown))
        draws = [self.draw(name) for name in self.shown]
        for record in records:
            yield SafeString(row.format(*[escaped(draw(record)) for draw in draws]))

    def frame(self, name: str) -> str:
        """A cell with a place for what stands in it."""
        look = self.column(name).look
        kind = f' class="{look}"' if look else ""
        if name == self.names[0]:
            return f'<th scope="row"{kind}>{{}}</th>'
        label = escape(self.label(name)).replace("{", "{{").replace("}", "}}")
        on_a_card = "" if look in SPEAK_FOR_THEMSELVES else f' data-l="{label}"'
        return f"<td{kind}{on_a_card}>{{}}</td>"

    def draw(self, name: str) -> Callable[[Any], str]:
        value, words, zone = self.value_of(name), self.column(name).words, self.zone
        render = getattr(self, f"render_{name}", None)

        def plain(record: Any) -> str:
            found = value(record)
            return NOTHING if found is None or found == "" else words(found, zone)

        return (lambda record: render(record, value(record))) if render else plain

    # ------------------------------------------------------------ as a file holds it

    def filed(self, records: Any) -> Iterator[list[Value]]:
        cells = [(self.value_of(name), self.column(name).filed) for name in self.shown]
        for record in records:
            yield [filed(value(record), self.zone) for value, filed in cells]

    def headers(self) -> list[str]:
        """A moment says by whose clock it is."""
        return [
            f"{self.label(name)} ({self.zone.key})" if isinstance(self.column(name), Moment) else self.label(name)
            for name in self.shown
        ]
