"""What a workbook that came back says: its stamp, and its rows by key, wherever they stand by now. A column is known by
its machine name in the hidden row, a row by its key in the hidden column."""

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from . import layout
from .layout import Column, Part, Stamp
from .package import refuse
from .raw import BLANK, Raw, Sheet, cell_name, read_cells

COLUMNS: Mapping[Part, tuple[Column, ...]] = {
    Part.ANSWER: layout.ANSWER_COLUMNS,
    Part.ACTIVITY: layout.ACTIVITY_COLUMNS,
    Part.ARRANGEMENT: layout.ARRANGEMENT_COLUMNS,
}
SIGNS = {Part.ANSWER: "question", Part.ACTIVITY: "reference", Part.ARRANGEMENT: "party"}
"""The column that tells a sheet from the others, whatever it is called."""
MAIN = {Part.ANSWER: "answer", Part.ACTIVITY: "title", Part.ARRANGEMENT: "party"}
LOOKED_AT = 40
"""Rows from the top among which the machine names stand, where rows were put above them."""
ENOUGH = 4
"""Headers by which a sheet is known that has lost its machine names."""
ANOTHER = "Download a new workbook, and copy what you filled in to that."

NOT_OURS = "The workbook is not one that was downloaded here: it has no hidden sheet that says what it is of."
STAMP_CHANGED = f"The hidden sheet of the workbook was changed, so nobody knows what it is of. {ANOTHER}"
OLDER = f"The workbook is of an earlier kind than this site reads. {ANOTHER}"
NEWER = "The workbook is of a newer kind than this site reads. Upload it to the site where you downloaded it."
NO_NAMES = "The sheet “{}” has lost its hidden row with the names of the columns. {}"
NO_KEYS = "The sheet “{}” has lost its hidden column A, with the keys of the rows. {}"
NO_SHEETS = f"The workbook has lost the sheets to fill in, or their hidden rows. {ANOTHER}"
NO_NAME = (
    "Nothing in the column “{}” is read, since its name in the hidden row is gone. Copy what you filled in to a new "
    "workbook. If the column is your own, give it another header."
)
MISPLACED = (
    "It says {}, and its row is that of {}: cells were moved without the hidden column A. Put them back, or download a "
    "new workbook and copy what you filled in to that."
)
COPIED = (
    "{} is recorded in a row of its own. If this row is a new record, empty this cell; if not, put its cells back into "
    "that row."
)
TWICE = "The column “{}” stands there twice. Delete one of the two."
NO_KEY = f"Its key in the hidden column A is gone, so nobody knows which row it is. {ANOTHER}"
OTHER_KEY = f"“{{}}” in the hidden column is no key of this workbook. {ANOTHER}"
MOST_ROWS = 3_000
TOO_MANY_ROWS = f"The workbook has more than {MOST_ROWS:,} filled rows in our sheets. Bring them in parts."
KEY_TWICE = "The key “{}” stands in {} already. Delete one of the two rows."
COVERED = "It is merged with {}, so it says nothing of its own. Take the merge apart and fill in both cells."


@dataclass(frozen=True)
class Place:
    """A cell of the file, as it is called there; without a column, a whole row."""

    sheet: str
    row: int
    column: int = 0

    def __str__(self) -> str:
        return f"{self.sheet}, " + (f"cell {cell_name(self.row, self.column)}" if self.column else f"row {self.row}")


@dataclass(frozen=True)
class Problem:
    place: Place
    sentence: str

    def __str__(self) -> str:
        return f"{self.place}: {self.sentence}"


@dataclass
class Filled:
    """One row with a key. ``columns``: machine name -> column, of its sheet; ``cells``: what stands in its input cells,
    blank ones left out; ``covered``: input cells under a merge -> the first cell of it."""

    part: Part
    sheet: str
    number: int
    key: str
    columns: Mapping[str, int]
    cells: dict[str, Raw] = field(default_factory=dict)
    covered: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        return self.cells.get(name, BLANK).text

    def place(self, name: str = "") -> Place:
        return Place(self.sheet, self.number, self.columns.get(name, 0))

    def problem(self, sentence: str, name: str = "") -> Problem:
        """At the cell of a column; of the row as a whole, where its first words are. Where that is the hidden key, or a
        column that is gone, at the first cell of the row that people see."""
        column = self.columns.get(name or MAIN[self.part], 0)
        if column in (0, self.columns[layout.KEY.name]):
            column = min(number for each, number in self.columns.items() if each != layout.KEY.name)
        return Problem(Place(self.sheet, self.number, column), sentence)

    def touched(self, names: Iterable[str], written: Mapping[str, str]) -> frozenset[str]:
        """Those of some input cells that somebody changed since the workbook was made. ``written``: their digests as
        they were written. Of what has no column any more nobody said anything."""
        return frozenset(
            name
            for name in names
            if name in self.columns
            and (layout.cell_digest(self.cells.get(name, BLANK).value) != written.get(name, "") or self.is_faulty(name))
        )

    def is_faulty(self, name: str) -> bool:
        return bool(self.cells.get(name, BLANK).fault) or name in self.covered

    def faults(self, asked: Iterable[str]) -> Iterator[Problem]:
        """Of the cells that the row asks for: what cannot be read at all."""
        for name in asked:
            if fault := self.cells.get(name, BLANK).fault:
                yield self.problem(fault, name)
            if name in self.covered:
                yield self.problem(COVERED.format(self.covered[name]), name)


@dataclass
class Book:
    """``rows``: those with a key, in the order of the file, and on the sheets of activities and arrangements those that
    somebody added. ``problems``: what is wrong with rows that cannot be read as one; ``keys``: of those that are in the
    file, wrong ones too."""

    stamp: Stamp
    rows: list[Filled] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    keys: set[tuple[Part, str]] = field(default_factory=set)

    def of(self, part: Part) -> list[Filled]:
        return [row for row in self.rows if row.part is part]


def read_workbook(content: bytes) -> Book:
    """Raises ValidationError where it is no workbook of ours, or nothing in it can be read."""
    sheets = read_cells(content)
    stamp = stamp_in(sheets)
    book, found = Book(stamp), 0
    for sheet in sheets:
        if part_and_names := names_in(sheet):
            read_sheet(book, sheet, *part_and_names)
            found += 1
        elif has_headers(sheet):
            refuse((NO_KEYS if has_names(sheet) else NO_NAMES).format(sheet.title, ANOTHER))
    if not found:
        refuse(NO_SHEETS)
    check_rows(book)
    drop_copies(book)
    return book


def check_rows(book: Book) -> None:
    """Each costs far more to compare than to read. Raises ValidationError."""
    if len(book.rows) + len(book.problems) > MOST_ROWS:
        refuse(TOO_MANY_ROWS)


# ---------------------------------------------------------------- the stamp


def stamp_in(sheets: Iterable[Sheet]) -> Stamp:
    """Whatever its sheet is called by now."""
    for sheet in sheets:
        rows = [[row[column].text if column in row else "" for column in range(1, 5)] for row in sheet.rows.values()]
        if tuple(layout.STAMP_COLUMNS) in map(tuple, rows):
            return checked_stamp(rows)
    raise ValidationError(NOT_OURS)


def checked_stamp(rows: list[list[str]]) -> Stamp:
    kind = next((said for part, name, said, _ in rows if (part, name) == (Part.ABOUT, "format")), "")
    try:
        if kind.isascii() and kind.isdigit() and int(kind) != layout.FORMAT:
            refuse(NEWER if int(kind) > layout.FORMAT else OLDER)
        stamp = layout.stamp_of(rows)
    except ValueError as error:
        raise ValidationError(STAMP_CHANGED) from error
    if stamp.format != layout.FORMAT or not (stamp.plan and stamp.round and stamp.organisation and is_dated(stamp)):
        refuse(STAMP_CHANGED)
    return stamp


def is_dated(stamp: Stamp) -> bool:
    """Could it have been made at all: at a moment that every time zone can show, of a version that a plan can have."""
    return stamp.made_at.tzinfo is not None and 2000 <= stamp.made_at.year < 2100 and stamp.amendment >= 0


# ---------------------------------------------------------------- the sheets


def names_in(sheet: Sheet) -> tuple[Part, int] | None:
    """What the sheet is for, and in which row its machine names stand."""
    for number in sorted(sheet.rows)[:LOOKED_AT]:
        texts = {raw.text for raw in sheet.rows[number].values()}
        for part, sign in SIGNS.items():
            if {layout.KEY.name, sign} <= texts:
                return part, number
    return None


def has_headers(sheet: Sheet) -> bool:
    """Is it one to fill in, by the headers that people see."""
    return any(header_row(sheet, part) for part in COLUMNS)


def header_row(sheet: Sheet, part: Part) -> int:
    """The row of the headers that people see; 0 where there is none any more."""
    return row_with({column.title for column in COLUMNS[part]}, sheet)


def has_names(sheet: Sheet) -> bool:
    """Does the hidden row with the names of the columns stand there still."""
    return any(row_with({column.name for column in columns}, sheet) for columns in COLUMNS.values())


def row_with(texts: set[str], sheet: Sheet) -> int:
    """The first row with enough of some texts; 0 where there is none."""
    rows = sorted(sheet.rows)[:LOOKED_AT]
    found = (number for number in rows if len(texts & {raw.text for raw in sheet.rows[number].values()}) >= ENOUGH)
    return next(found, 0)


def read_sheet(book: Book, sheet: Sheet, part: Part, names_row: int) -> None:
    known = {column.name: column for column in COLUMNS[part]}
    columns: dict[str, int] = {}
    top = header_row(sheet, part)
    for column, raw in sorted(sheet.rows[names_row].items()):
        if raw.text in columns:  # said below the hidden row, where people see it
            place = Place(sheet.title, top or names_row + 1, column)
            book.problems.append(Problem(place, TWICE.format(known[raw.text].title)))
        elif raw.text in known:
            columns[raw.text] = column
    inputs = [name for name, column in known.items() if column.input and name in columns]
    nameless = {known[name].title for name in known.keys() - columns.keys() if known[name].input}
    for column, raw in sheet.rows.get(top, {}).items():
        if raw.text in nameless:
            book.problems.append(Problem(Place(sheet.title, top, column), NO_NAME.format(raw.text)))
    names = {name_of(part, key) for key in book.stamp.parts[part] if has_state(part, key, book.stamp)}
    for number in sorted(sheet.rows):
        if number != names_row and (number > top or sheet.text(number, columns[layout.KEY.name])):
            read_row(book, sheet, Filled(part, sheet.title, number, "", columns), inputs, known, names)


def read_row(
    book: Book, sheet: Sheet, row: Filled, inputs: Iterable[str], known: Mapping[str, Column], names: Container[str]
) -> None:
    """Adds it, where it says something."""
    key = sheet.get(row.number, row.columns[layout.KEY.name])
    row.key = key.text if not key.fault else str(key.value)
    for name in inputs:
        place = (row.number, row.columns[name])
        raw = sheet.get(*place)
        if raw is not BLANK:
            row.cells[name] = raw
        if first := sheet.covered_by(*place):
            row.covered[name] = cell_name(*first)
    is_new = row.part is not Part.ANSWER and row.key.startswith(layout.NEW)
    is_known = is_new or has_state(row.part, row.key, book.stamp)
    says = [name for name, raw in row.cells.items() if raw.text != known[name].title]
    is_added = bool(says) and not row.key and row.part is not Part.ANSWER
    if is_known or is_added:
        shown = {name: sheet.text(row.number, row.columns.get(name, 0)) for name in SHOWN[row.part]}
        book.keys.add((row.part, row.key))
        if moved := other_row(row, shown, names):
            book.problems.append(moved)
        else:
            book.rows.append(row)
    elif says:
        sentence = OTHER_KEY.format(row.key[:40]) if row.key else NO_KEY
        book.problems.append(row.problem(sentence, layout.KEY.name if row.key else says[0]))


def has_state(part: Part, key: str, stamp: Stamp) -> bool:
    """Is it a key that the stamp has: of an answer, one that names a KPI."""
    if part is Part.ANSWER:
        try:
            layout.question_of(key)
        except ValueError:
            return False
    return key in stamp.parts[part]


SHOWN: Mapping[Part, tuple[str, ...]] = {
    Part.ANSWER: ("code", "year"),
    Part.ACTIVITY: ("reference",),
    Part.ARRANGEMENT: (),
}
"""The columns that tell people which row it is. (The other party of an arrangement is compared with its key.)"""


def other_row(row: Filled, shown: Mapping[str, str], names: Container[str]) -> Problem | None:
    """Where people read another row's name than its key says: then what they filled in is about that one. ``names``:
    those of all rows; what is none of them may be anybody's note."""
    says, name = " ".join(filter(None, shown.values())), name_of(row.part, row.key)
    if not says or says not in names or says == name:
        return None
    return row.problem(MISPLACED.format(says, name) if name else COPIED.format(says), SHOWN[row.part][0])


def name_of(part: Part, key: str) -> str:
    """What the cells of SHOWN say of the row with a key."""
    if part is Part.ANSWER:
        code, year = layout.question_of(key)
        return " ".join(filter(None, (code, layout.year_words(year))))
    return "" if key.startswith(layout.NEW) else key


def drop_copies(book: Book) -> None:
    """Of two rows with one key nobody knows which is meant."""
    seen: dict[tuple[Part, str], Filled] = {}
    kept = []
    for row in book.rows:
        first = seen.setdefault((row.part, row.key), row) if row.key else row
        if first is row:
            kept.append(row)
        else:
            book.problems.append(row.problem(KEY_TWICE.format(row.key, first.place()), layout.KEY.name))
    book.rows = kept
