"""What a document is made of, before anybody knows in which format it is written. Pure: plain frozen values."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

Value = str | int | Decimal | date | None


@dataclass(frozen=True)
class Look:
    """How a status is drawn: readable by its sign and word, without the colours."""

    sign: str
    word: str
    ink: str
    paper: str


STATUSES = {
    "reached": Look("✓", "Target reached", "#0b6b4f", "#e3f3ec"),
    "on_track": Look("→", "On track", "#1f5fa8", "#e6eff9"),
    "at_risk": Look("▲", "At risk", "#8a5300", "#fdf0d5"),
    "off_track": Look("↓", "Off track", "#b3341c", "#fbe7e2"),
    "achieved": Look("✓✓", "Achieved", "#ffffff", "#0b6b4f"),
    "not_achieved": Look("✗", "Not achieved", "#ffffff", "#8c2411"),
    "no_data": Look("○", "No data", "#55616d", "#eef1f4"),
    "not_begun": Look("…", "Not begun", "#55616d", "#eef1f4"),
    "counted": Look("■", "Counts", "#0b6b4f", "#ffffff"),
    "pending": Look("◧", "Pending", "#8a5300", "#ffffff"),
    "not_counted": Look("□", "Does not count", "#1b2733", "#ffffff"),
    "unanswered": Look("◌", "Silent", "#b3341c", "#ffffff"),
    "being_corrected": Look("◌", "Being corrected", "#b3341c", "#ffffff"),
    "not_applicable": Look("×", "Not applicable", "#55616d", "#ffffff"),
    "left_out": Look("□", "Not counted", "#1b2733", "#ffffff"),
}  # fmt: skip


def status_words(status: str) -> str:
    look = STATUSES[status]
    return f"{look.sign} {look.word}"


UNPRINTABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufeff\ufffe\uffff\u200b\u2028\u2029]")
"""Signs that no format can hold or show: in their place stands a space."""


def clean(text: str) -> str:
    """A text as it can be written: with line feeds, without signs that break a format."""
    return UNPRINTABLE.sub(" ", text.replace("\r\n", "\n").replace("\r", "\n")).strip()


def words(value: Value) -> str:
    """A value as text, as the pages say it."""
    if value is None:
        return "–"
    if isinstance(value, date):
        return f"{value:%d.%m.%y}"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return clean(str(value))


LONG_CELL = 700
"""So many letters fit a page in every column that there is."""


@dataclass(frozen=True)
class Cell:
    """``status``: a key of STATUSES, whose sign and word stand below the value."""

    value: Value = ""
    status: str = ""
    strong: bool = False

    @property
    def text(self) -> str:
        return "" if self.value == "" else words(self.value)

    @property
    def lines(self) -> str:
        """All of it as text."""
        return "\n".join(filter(None, (self.text, status_words(self.status) if self.status else "")))


@dataclass(frozen=True)
class Row:
    cells: tuple[Cell, ...]

    @property
    def long(self) -> bool:
        """May it be higher than a page, so that it has to break?"""
        return any(isinstance(cell.value, str) and len(cell.value) > LONG_CELL for cell in self.cells)


@dataclass(frozen=True)
class Section:
    """A row across the whole table, for the rows below it."""

    text: str


@dataclass(frozen=True)
class Column:
    """``width``: its part of the table's; ``numbers``: it holds numbers, which stand at the right."""

    title: str
    width: float
    numbers: bool = False


@dataclass(frozen=True)
class Table:
    """``sheet``: its name in a workbook. ``only``: "workbook" of one to count with, which would be too wide for paper;
    "paper" of one that a workbook has in another shape."""

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[Row | Section, ...]
    sheet: str = ""
    only: str = ""


@dataclass(frozen=True)
class Heading:
    """``level``: 1 for the main parts; the title of the document stands above all. ``only``: as of tables."""

    level: int
    text: str
    only: str = ""


@dataclass(frozen=True)
class Paragraph:
    text: str
    small: bool = False


@dataclass(frozen=True)
class Bullets:
    items: tuple[str, ...]


@dataclass(frozen=True)
class Note:
    """Something that must not be overlooked."""

    text: str


@dataclass(frozen=True)
class Chart:
    """A drawing. ``svg``: made by ``drawing.py``; ``words``: what it shows, for who does not see it. The same figures
    stand in a table beside it. ``width``, ``height`` in millimetres; ``legend``: what its marks mean."""

    words: str
    svg: str
    width: float
    height: float
    legend: str = ""


@dataclass(frozen=True)
class PageBreak:
    pass


Block = Heading | Paragraph | Bullets | Note | Table | Chart | PageBreak


@dataclass(frozen=True)
class About:
    """What a document says of itself, on every page in short. ``dated``: the day that its file is dated from, so that
    the same document is the same file. ``invented``: it is of a demonstration. ``covers``: the focus areas that it is
    about, where these are not all."""

    plan: str
    as_at: date
    basis: str
    version: str
    release: str
    dated: date
    provisional: bool = False
    checksum: str = ""
    more: tuple[tuple[str, str], ...] = ()
    invented: bool = False
    covers: str = ""

    def lines(self) -> Iterator[tuple[str, str]]:
        yield "Plan", self.plan
        if self.covers:
            yield "Covers", f"{self.covers} alone"
        yield "As at", words(self.as_at) + (", provisional" if self.provisional else "")
        yield "Basis", self.basis
        yield "Plan version", self.version
        yield "Release", self.release
        if self.checksum:
            yield "Checksum (SHA-256)", self.checksum
        yield from self.more
        if self.invented:
            yield "Note", "Demonstration data: invented. No figure here is real."

    @property
    def short(self) -> str:
        provisional = ", provisional" if self.provisional else ""
        release = self.release.partition(":")[0]
        parts = [f"As at {words(self.as_at)}{provisional}", self.basis, f"plan {self.version}", release]
        parts += ["demonstration data"] if self.invented else []
        return " · ".join(clean(part) for part in parts)


@dataclass(frozen=True)
class Document:
    """``tight``: all of it fits one page, in small letters; its tables have the same columns."""

    title: str
    about: About
    blocks: tuple[Block, ...] = field(default=())
    landscape: bool = False
    tight: bool = False

    @property
    def running(self) -> str:
        """What stands on every page beside the page's number. A line of it ends between its parts, not in one."""
        parts = self.about.short.split(" · ")
        return " · ".join([clean(self.title), *(part.replace(" ", "\u00a0") for part in parts)])
