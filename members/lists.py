"""A list as it stands in an address: what it is limited to, how it is sorted, which columns and which page. Whatever an
address can say of a list is said here, once for all lists; a view gives the rows that the reader may see."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import InvalidPage, Page, Paginator
from django.db.models import F, Q, QuerySet
from django.http import QueryDict

from members.columns import ListTable, reach
from members.days import day_of

ON_A_PAGE = 100
AT_A_TIME = 500
LONGEST = 100
KEPT = ("as-at", "basis", "release")
"""What an address says of the page around the list."""
FORMATS = {"csv": "CSV", "xlsx": "Excel"}
Rows = Any
"""A QuerySet, or a sequence of rows that were put together in Python."""


# ---------------------------------------------------------------- what a list can be limited to


@dataclass(frozen=True)
class Filter:
    """``options``: what may be chosen, by what the address says; without options one types words. One that has a single
    option is a tick. ``limits``: the rows that remain. ``default``: what is chosen where the address says nothing;
    ``every``: the option that then stands for no limit. ``offered``: a field asks for it; otherwise links alone do.
    ``rare``: its field stands behind "More limits"."""

    name: str
    label: str
    limits: Callable[[Rows, str], Rows]
    options: Mapping[str, str] | None = None
    default: str = ""
    every: str = ""
    offered: bool = True
    rare: bool = False

    @property
    def kind(self) -> str:
        if self.options is None:
            return "words"
        return "tick" if len(self.options) == 1 else "pick"

    def said(self, value: str) -> str:
        """State: Sent"""
        if self.kind == "tick":
            return self.label
        return f"{self.label}: {self.options[value] if self.options else f'“{value}”'}"

    def fault(self, value: str) -> str:
        if self.options is None or value in self.options:
            return ""
        return f"There is no {self.label.lower()} “{value}”, so the list is not limited by it."


class DayFilter(Filter):
    """One types a day, as the plan writes it or as a file does."""

    def said(self, value: str) -> str:
        return f"{self.label}: {day_of(value):%d.%m.%y}"

    def fault(self, value: str) -> str:
        if day_of(value):
            return ""
        return f"“{value}” is no day such as 30.06.27, so the list is not limited by “{self.label}”."


def on_days(limits: Callable[[Rows, date], Rows]) -> Callable[[Rows, str], Rows]:
    """What a DayFilter does with the day that was typed."""

    def limited(rows: Rows, text: str) -> Rows:
        day = day_of(text)
        return limits(rows, day) if day else rows

    return limited


def find(label: str, *paths: str) -> Filter:
    """Each word stands somewhere in what the paths lead to."""

    def limits(rows: Rows, words: str) -> Rows:
        for word in words.split():
            if isinstance(rows, QuerySet):
                anywhere = Q(*((f"{path}__icontains", word) for path in paths), _connector=Q.OR)
                rows = rows.filter(anywhere)
            else:
                rows = [row for row in rows if word.casefold() in words_of(row, paths)]
        return rows

    return Filter("q", label, limits)


def words_of(row: Any, paths: Iterable[str]) -> str:
    return "\n".join(str(reach(row, path) or "") for path in paths).casefold()


def pick(name: str, label: str, options: Mapping[str, str], path: str = "", *, rare: bool = False) -> Filter:
    """Those that have the chosen value at the end of a path."""

    def limits(rows: Rows, value: str) -> Rows:
        if isinstance(rows, QuerySet):
            return rows.filter(**{path or name: value})
        return [row for row in rows if str(reach(row, path or name)) == value]

    return Filter(name, label, limits, options, rare=rare)


# ---------------------------------------------------------------- a list


@dataclass(frozen=True)
class Sort:
    name: str
    descending: bool

    def __str__(self) -> str:
        return f"-{self.name}" if self.descending else self.name


class Listing:
    """``rows``: all that the reader may see. ``read``: how those on a page are read, by their keys, where that takes
    less than ``rows``. ``nouns``: what a row is, one and many. ``filename``: how a file of it is called. ``exports``:
    may the reader take it with them."""

    def __init__(
        self,
        asked: QueryDict,
        table: ListTable,
        rows: Rows,
        *,
        nouns: tuple[str, str],
        filters: Sequence[Filter] = (),
        read: QuerySet[Any, Any] | None = None,
        filename: str = "",
        exports: bool = False,
    ) -> None:
        self.read = rows if read is None else read
        self.asked, self.table, self.rows, self.nouns = asked, table, rows, nouns
        self.filters = {each.name: each for each in filters}
        self.filename, self.exports = filename or nouns[1].replace(" ", "-"), exports
        self.faults: list[str] = []
        self.values = dict(self.limits())
        self.sort = self.sorted_by()
        table.shown = self.columns()

    # ------------------------------------------------------------ what the address says

    def text(self, name: str) -> str:
        """(PostgreSQL takes no NUL, and nothing is called so.)"""
        return self.asked.get(name, "").replace("\0", " ").strip()[:LONGEST]

    def limits(self) -> Iterable[tuple[str, str]]:
        for name, each in self.filters.items():
            value = self.text(name) or each.default
            if fault := each.fault(value) if value else "":
                self.faults.append(fault)
            elif value:
                yield name, value

    def sorted_by(self) -> tuple[Sort, ...]:
        """What is asked for, and then the list's own order."""
        own = [Sort(str(each).lstrip("-"), str(each).startswith("-")) for each in self.table._meta.order_by or ()]
        text = self.text("sort")
        asked = Sort(text.removeprefix("-"), text.startswith("-"))
        if not text:
            return tuple(own)
        if asked.name not in self.sortable:
            self.faults.append(f"The list cannot be sorted by “{asked.name}”, so it stands in its own order.")
            return tuple(own)
        return (asked, *(each for each in own if each.name != asked.name))

    @cached_property
    def sortable(self) -> frozenset[str]:
        return frozenset(name for name in self.table.names if self.table.columns[name].orderable)

    def columns(self) -> tuple[str, ...]:
        """Those that are chosen, in the list's own order; the first ones always."""
        chosen = [name for text in self.asked.getlist("columns") for name in text.split(",") if name]
        for name in dict.fromkeys(chosen):
            if name not in self.table.names:
                self.faults.append(f"There is no column “{name[:LONGEST]}” in this list.")
        known = {*self.table.fixed, *chosen}
        return tuple(name for name in self.table.names if name in known) if chosen else self.table.shown

    @property
    def wanted(self) -> str:
        """The kind of file that is asked for, if any."""
        return self.text("format")

    # ------------------------------------------------------------ the rows

    @cached_property
    def found(self) -> Rows:
        rows = self.rows
        for name, value in self.values.items():
            rows = self.filters[name].limits(rows, value)
        return rows

    @cached_property
    def keys(self) -> Sequence[Any]:
        """All rows in their order; of those in the database only the keys. So what is dear, finding and sorting, is
        asked once for the count and the page, and the rest is read of the rows on the page alone."""
        if isinstance(self.in_order, QuerySet):
            return list(self.in_order.values_list("pk", flat=True))
        return list(self.in_order)

    @cached_property
    def in_order(self) -> Rows:
        """Sorted; what is not stated stands last either way, on every database."""
        if isinstance(self.found, QuerySet):
            return self.found.order_by(*self.terms(), "pk")
        rows = list(self.found)
        for each in reversed(self.sort):
            rows = sort_rows(rows, self.key(each), descending=each.descending)
        return rows

    def terms(self) -> Iterable[Any]:
        for each in self.sort:
            for path in self.table.order_of(each.name):
                field = F(path.removeprefix("-"))
                down = each.descending != path.startswith("-")
                yield field.desc(nulls_last=True) if down else field.asc(nulls_last=True)

    def key(self, sort: Sort) -> Callable[[Any], Any]:
        if paths := self.table.column(sort.name).order_by:
            return lambda row: tuple(reach(row, str(path)) for path in paths)
        return self.table.value_of(sort.name)

    @cached_property
    def count(self) -> int:
        return len(self.keys)

    @cached_property
    def total(self) -> int:
        if not isinstance(self.rows, QuerySet):
            return len(self.rows)
        return self.count if all(self.filters[name].default for name in self.values) else self.rows.count()

    @property
    def pages(self) -> "Paginator[Any]":
        return Paginator(self.keys, ON_A_PAGE)

    @cached_property
    def page(self) -> Page[Any]:
        page = self.pages.get_page(self.text("page"))
        page.object_list = self.records(self.keys[page.start_index() - 1 : page.end_index()] if self.count else [])
        return page

    def records(self, keys: Sequence[Any]) -> list[Any]:
        """The rows with these keys, in their order; one that went meanwhile is left out."""
        if not isinstance(self.rows, QuerySet):
            return list(keys)
        read = {row.pk: row for row in self.read.filter(pk__in=list(keys))}
        return [read[key] for key in keys if key in read]

    def all_records(self) -> Iterator[Any]:
        """Those of all pages, some at a time."""
        for start in range(0, self.count, AT_A_TIME):
            yield from self.records(self.keys[start : start + AT_A_TIME])

    # ------------------------------------------------------------ what the page says

    @property
    def misunderstood(self) -> list[str]:
        """What the address says and the list does not know. A file has no pages, so it minds none."""
        fault = page_fault(self.pages, self.text("page")) if self.count else ""
        return [*self.faults, fault] if fault else self.faults

    @property
    def title(self) -> str:
        """35 answers; 12 of 35 answers"""
        one, many = self.nouns
        noun = one if self.total == 1 else many
        if self.count != self.total:
            return f"{self.count:,} of {self.total:,} {noun}"
        return f"{self.total:,} {noun}" if self.total else f"No {many}"

    @property
    def span(self) -> str:
        """1–100 of 870"""
        return f"{self.page.start_index():,}–{self.page.end_index():,} of {self.count:,}"

    def address(self, **changes: str) -> str:
        """The same list with something else; what is as it always is stands in no address."""
        said = {name: self.text(name) for name in KEPT}
        said |= {name: value for name, value in self.values.items() if value != self.filters[name].default}
        if self.text("sort") and str(self.sort[0]) == self.text("sort"):
            said["sort"] = str(self.sort[0])
        if self.chosen:
            said["columns"] = ",".join(self.table.shown)
        said |= changes
        return f"?{urlencode({name: value for name, value in said.items() if value}, safe=',')}"

    @property
    def chosen(self) -> bool:
        return self.table.shown != tuple(name for name in self.table.names if name not in self.table.later)

    def carried(self, *without: str) -> list[tuple[str, str]]:
        """What a form of the page hands on unseen."""
        kept = QueryDict(self.address(**dict.fromkeys(without, ""))[1:])
        return [(name, str(value)) for name, value in kept.items() if name not in without]

    @property
    def carried_by_filters(self) -> list[tuple[str, str]]:
        return self.carried(*self.filters)

    @property
    def carried_by_columns(self) -> list[tuple[str, str]]:
        return [*self.carried("columns"), ("columns", self.table.fixed[0])]

    @property
    def chips(self) -> list[dict[str, str]]:
        return [
            {"text": self.filters[name].said(value), "href": self.address(**{name: self.filters[name].every})}
            for name, value in self.values.items()
            if value != self.filters[name].every
        ]

    @property
    def everything(self) -> str:
        return self.address(**{name: self.filters[name].every for name in self.values})

    @property
    def parts(self) -> list[dict[str, Any]]:
        """The fields of the form; behind "More limits" those that are rarely used, open while one of them is."""
        parts = ((rare, self.fields(rare=rare)) for rare in (False, True))
        return [
            {"rare": rare, "fields": fields, "open": any(each["value"] for each in fields)}
            for rare, fields in parts
            if fields
        ]

    def fields(self, *, rare: bool) -> list[dict[str, Any]]:
        offered = ((name, each) for name, each in self.filters.items() if each.offered and each.rare is rare)
        return [{"filter": each, "value": self.values.get(name, "")} for name, each in offered]

    @property
    def choices(self) -> list[dict[str, Any]]:
        """The columns that may be there or not."""
        names = self.table.names[self.table.stays :]
        return [{"name": each, "label": self.table.label(each), "on": each in self.table.shown} for each in names]

    @property
    def heads(self) -> list[dict[str, Any]]:
        first = self.sort[0] if self.sort else None
        return [self.head(name, first) for name in self.table.shown]

    def head(self, name: str, first: Sort | None) -> dict[str, Any]:
        """A second click on a column turns its order round."""
        now = first if first and first.name == name else None
        href = self.address(sort=str(Sort(name, bool(now) and not first.descending))) if name in self.sortable else ""  # type: ignore[union-attr]
        sort = ("descending" if now.descending else "ascending") if now else ""
        return {"label": self.table.label(name), "look": self.table.column(name).look, "href": href, "sort": sort}

    @property
    def drawn(self) -> Iterable[str]:
        return self.table.drawn(self.page.object_list)

    @property
    def before(self) -> str:
        return self.address(page=str(self.page.number - 1)) if self.page.has_previous() else ""

    @property
    def after(self) -> str:
        return self.address(page=str(self.page.number + 1)) if self.page.has_next() else ""

    @property
    def files(self) -> list[tuple[str, str]]:
        return [(text, self.address(format=name)) for name, text in FORMATS.items()] if self.exports else []


def page_fault(pages: "Paginator[Any]", asked: str) -> str:
    """That there is no such page, where one was asked for; it is then the first or the last one that is shown."""
    try:
        pages.validate_number(asked or 1)
    except InvalidPage:
        return f"There is no page “{asked}”, so page {pages.get_page(asked).number} of {pages.num_pages} is shown."
    return ""


def sort_rows(rows: list[Any], key: Callable[[Any], Any], *, descending: bool) -> list[Any]:
    stated = [(key(row), row) for row in rows]
    there = [pair for pair in stated if pair[0] is not None and pair[0] != ""]
    there.sort(key=lambda pair: folded(pair[0]), reverse=descending)
    return [row for _, row in there] + [row for value, row in stated if value is None or value == ""]


def folded(value: Any) -> Any:
    return value.casefold() if isinstance(value, str) else value
