"""What the Member's workbook looks like: its sheets, their columns by machine name, what can be chosen, and what the
hidden sheet says. Pure: the writer and the reader both go by it, so that neither guesses.

Row 1 of an input sheet is hidden and holds the machine names of its columns, so that people may move columns or add
their own; a column that nobody is asked for in a sheet is not there. Column A is hidden and holds the key of each row,
so that rows may be moved. A row without a key, such as a heading, holds nothing to read; on the sheets of activities
and arrangements it is a row that somebody added.
"""

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, StrEnum

from workplan.calendar import year_label
from workplan.choices import REGISTERS, Measure, Source, Standing

FORMAT = 3
"""Of the workbook. A reader refuses another one; raise it where an old file would be read wrongly."""

# ---------------------------------------------------------------- sheets

READ_ME, ACTIVITIES, ARRANGEMENTS, CODES = "Read me", "Activities", "Arrangements", "Codes"
ABOUT, LISTS = "_about", "_lists"
"""Hidden so that Excel does not offer to show them: what the file was made from, and the texts of the drop-downs."""
NAMES_ROW, TITLE_ROW, HEADER_ROW = 1, 2, 3
"""Of an input sheet: the hidden machine names, what the sheet is about, and the headers that stay in view."""
NEW_ACTIVITIES, NEW_ARRANGEMENTS = 50, 20
"""Empty rows to add something."""


def area_sheet(code: str) -> str:
    """The sheet of a focus area."""
    return f"FA {code}"


class Kind(Enum):
    """What stands in the cells of a column."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    DAY = "day"
    LINK = "link"


@dataclass(frozen=True)
class Column:
    """``name``: the machine name in row 1. ``input``: people may write there, where a row asks for it. ``note``: what
    the header explains. ``longest``: letters of a text."""

    name: str
    title: str
    width: int
    kind: Kind = Kind.TEXT
    input: bool = False
    note: str = ""
    longest: int | None = None


KEY = Column("key", "Key", 14)
ANSWER_COLUMNS = (
    KEY,
    Column("code", "KPI", 11),
    Column("year", "Plan year", 9),
    Column("plan", "The plan says", 38),
    Column("question", "What is asked", 30),
    Column("counts", "What counts", 36, note="From which answer on this counts for the region, and what helps to say."),
    Column("last", "Last time", 24, note="What was accepted last for the same question, in which round, and what was "
           "said with it."),
    Column("answer", "Answer", 20, Kind.CHOICE, True, "Choose from the list of the cell. Empty it to answer later."),
    Column("value", "Figure", 12, Kind.NUMBER, True, "Digits, with up to two decimals. 0 is a figure; empty is not."),
    Column("denominator", "How many in all", 10, Kind.NUMBER, True, "Of a share: the whole."),
    Column("numerator", "Of these, how many as asked", 10, Kind.NUMBER, True, "Of a share: the part of the whole."),
    Column("comment", "Comment", 32, Kind.TEXT, True, "What helps to understand the answer. Needed where you say that "
           "it does not apply to you: why."),
    Column("figure_source", "Where the figure comes from", 18, Kind.TEXT, True, "Such as: statistics of the single "
           "window.", 200),
    Column("figure_definition", "How it is counted, if not as asked", 18, Kind.TEXT, True, "Such as: without "
           "re-exports. When this changes, growth cannot be compared.", 500),
    Column("evidence_url", "Link to evidence", 18, Kind.LINK, True, "An address that begins with https:// or http://.",
           500),
    Column("state", "Where it stands", 17, note="Where this answer stood when the workbook was made."),
)  # fmt: skip
"""Of the sheets of focus areas."""

ACTIVITY_COLUMNS = (
    KEY,
    Column("reference", "Reference", 22, note="Made by the site. A new row gets its own."),
    Column("may", "What you may change", 18),
    Column("title", "Title", 32, Kind.TEXT, True, longest=300),
    Column("kind", "Kind", 12, Kind.CHOICE, True),
    Column("status", "Planned, held or cancelled", 11, Kind.CHOICE, True),
    Column("start", "First day", 10, Kind.DAY, True, "A date, such as 30.06.27."),
    Column("end", "Last day", 10, Kind.DAY, True, "Leave it empty where it lasted one day."),
    Column("place", "Place", 16, Kind.TEXT, True, "City and country, such as Suva, Fiji.", 200),
    Column("online", "Took part online", 9, Kind.CHOICE, True, "Yes, where people took part over the net."),
    Column("organisers", "Organisers", 14, Kind.TEXT, True, "Codes with ; between them, such as AUS; FJI. The sheet "
           "Codes lists them."),
    Column("contributors", "Contributors", 14, Kind.TEXT, True, "Hosts, speakers, authors: codes with ; between them."),
    Column("participants", "Participants", 20, Kind.TEXT, True, "AUS:3/1; FJI:2/ means 3 people from AUS of whom 1 is "
           "a woman, and 2 from FJI, women not stated. AUS alone: took part, numbers not stated."),
    Column("heads", "Heads of delegations", 13, Kind.TEXT, True, "AUS:f; FJI:m means that a woman headed the "
           "delegation of AUS, and a man that of FJI."),
    Column("kpis", "KPIs that it counts for", 18, Kind.TEXT, True, "Codes with ; between them. 2.1.1(a).2*12 means "
           "that it stands for 12 items of that KPI."),
    Column("rating", "Mean rating, 1 to 5", 9, Kind.NUMBER, True, "By participants, such as 4.25."),
    Column("respondents", "How many rated it", 9, Kind.NUMBER, True),
    Column("own_participants", "Your participants", 12, Kind.NUMBER, True, "Where others recorded it: your people."),
    Column("own_women", "Of them women", 9, Kind.NUMBER, True),
    Column("own_head", "Your delegation", 14, Kind.CHOICE, True, "Who headed it."),
    Column("state", "Where it stands", 14),
)  # fmt: skip
"""As in an import of activities (``import_activities``), with what only the browser asks for, and the own numbers in
what others recorded."""
OWN_NUMBERS = {"own_participants": "participants", "own_women": "women", "own_head": "head"}
"""What an organisation may say of its part in what others recorded."""
ACTIVITY_INPUTS = tuple(each.name for each in ACTIVITY_COLUMNS if each.input and each.name not in OWN_NUMBERS)
"""What the organisation may say of what it recorded or organises, and of what it adds."""

ARRANGEMENT_COLUMNS = (
    KEY,
    Column("party", "With", 30, Kind.CHOICE, True, "The other Member. It never changes once it is recorded."),
    Column("signed", "Signed", 14, Kind.TEXT, True, "As much as is known: 2018-06-28, 2018-06 or 2018.", 10),
    Column("in_force", "In force from", 14, Kind.DAY, True, "A date. Empty: it is only signed."),
    Column("ended", "Ended on", 14, Kind.DAY, True, "A date."),
    Column("source", "Source", 40, Kind.TEXT, True, "Where this is written.", 300),
    Column("comment", "Comment", 40, Kind.TEXT, True),
    Column("plurilateral", "Pair of", 24, note="The arrangement of more than two Members that it is a pair of."),
    Column("state", "Where it stands", 18),
)
ARRANGEMENT_INPUTS = tuple(each.name for each in ARRANGEMENT_COLUMNS if each.input)

# ---------------------------------------------------------------- rows


def answer_key(code: str, plan_year: int | None) -> str:
    """1.1.1(b), or 1.1.3-8@2026 where a plan year is asked for."""
    return f"{code}@{plan_year}" if plan_year else code


def question_of(key: str) -> tuple[str, int | None]:
    """The code of a KPI and the plan year that a key names. Raises ValueError where it is none."""
    code, at, year = key.partition("@")
    if not code or (at and not (year.isascii() and year.isdigit() and len(year) == 4)):
        raise ValueError(key)
    return code, int(year) if at else None


NEW = "new:"


def new_key(reference: str) -> str:
    """Of an empty row: what is written there becomes the record with this reference, however often it is uploaded."""
    return NEW + reference


def reference_of(key: str) -> tuple[str, bool]:
    """The reference that a key of the sheet Activities or Arrangements names, and whether it is of a new row."""
    return key.removeprefix(NEW), key.startswith(NEW)


def pair_key(party_a: str, party_b: str) -> str:
    """Of an arrangement: the same in either order."""
    return "-".join(sorted((party_a, party_b)))


def choice_text(code: str, name: str) -> str:
    """An organisation as a drop-down offers it."""
    return f"{code}: {name}"


def code_in(text: str) -> str:
    """The code in what a drop-down offers, or that somebody wrote by hand."""
    code = seen(text).partition(":")[0].strip()
    return code.upper() if CODE.fullmatch(code) else code


CODE = re.compile("(?<![A-Za-z])[A-Za-z]{2,5}(?![A-Za-z])")
"""Of an organisation; people type it in small letters, too."""
INVISIBLE = dict.fromkeys(map(ord, "\u200b\u2060\ufeff"))


def seen(text: str) -> str:
    """Without the spaces of no width that come along where something is copied from a page."""
    return text.translate(INVISIBLE)


# ---------------------------------------------------------------- what is asked, and what can be chosen


class Asks(StrEnum):
    """What a KPI asks a Member for."""

    STANDING = "standing"
    YES_NO = "yes_no"
    COMPLETE = "complete"
    FIGURE = "figure"
    SHARE = "share"


def asks(source: Source, measure: Measure) -> Asks:
    if source is Source.STATUS:
        return Asks.STANDING
    if source is Source.PARTICIPATION:
        return Asks.YES_NO
    if source in REGISTERS:
        return Asks.COMPLETE
    return Asks.SHARE if measure is Measure.SHARE else Asks.FIGURE


BESIDE_EVERY = ("comment", "evidence_url")
FIGURE_WORDS = ("figure_source", "figure_definition")
INPUTS: Mapping[Asks, tuple[str, ...]] = {
    Asks.STANDING: ("answer", *BESIDE_EVERY),
    Asks.YES_NO: ("answer", *BESIDE_EVERY),
    Asks.COMPLETE: ("answer", *BESIDE_EVERY),
    Asks.FIGURE: ("answer", "value", *FIGURE_WORDS, *BESIDE_EVERY),
    Asks.SHARE: ("answer", "denominator", "numerator", *FIGURE_WORDS, *BESIDE_EVERY),
}
"""The columns that a row asks for; its other input cells are locked and grey."""
NOT_APPLICABLE = Standing.NOT_APPLICABLE.value
DOES_NOT_APPLY = "This does not apply to us"


def choices(asked: Asks, as_at: date) -> dict[str, str]:
    """What the drop-down of an answer offers -> what ``AnswerForm`` takes for it, in the order of its buttons. Of a
    figure the one choice is that it does not apply; ``fields`` says so to the form."""
    if asked is Asks.STANDING:
        return {each.label: each.value for each in Standing}
    if asked is Asks.YES_NO:
        return {"Yes": "yes", "No": "no", Standing.NOT_APPLICABLE.label: NOT_APPLICABLE}
    if asked is Asks.COMPLETE:
        complete = f"Yes, the register is complete up to {as_at:%d.%m.%y}"
        return {complete: "complete", Standing.NOT_APPLICABLE.label: NOT_APPLICABLE}
    return {DOES_NOT_APPLY: NOT_APPLICABLE}


def fields(asked: Asks, said: Mapping[str, str]) -> dict[str, str]:
    """The data of ``AnswerForm``, of the texts of a row's input cells, its ``answer`` as the form takes it."""
    found = {name: said.get(name, "") for name in INPUTS[asked]}
    if asked in (Asks.FIGURE, Asks.SHARE):
        return found | ({"not_applicable": "on"} if found.pop("answer") == NOT_APPLICABLE else {})
    return found


YES, NO = "Yes", "No"
HEADS = {"Headed by a woman": "f", "Headed by a man": "m"}
"""What the drop-down offers -> ``choices.Head``."""


def year_words(plan_year: int | None) -> str:
    return year_label(plan_year) if plan_year else ""


# ---------------------------------------------------------------- what the hidden sheet says


class Part(StrEnum):
    """The first cell of each row of the hidden sheet: a fact of the file, or the state of a row."""

    ABOUT = "about"
    ANSWER = "answer"
    ACTIVITY = "activity"
    ARRANGEMENT = "arrangement"


STAMP_COLUMNS = ("part", "key", "token", "digest")
"""The header of the hidden sheet. Of a fact, ``key`` is its name and ``token`` what it says."""


@dataclass(frozen=True)
class Stamp:
    """What a workbook was made from. ``amendment``: the plan's version, 0 as adopted. The tokens are those that the
    forms carry (``Thread.token``; of a record the newest version that was seen). The digests are those of the input
    cells as they were written (``digests``): what still has its digest was not touched, whatever became of it since."""

    plan: str
    amendment: int
    round: str
    organisation: str
    made_at: datetime
    format: int = FORMAT
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)
    activities: dict[str, tuple[str, str]] = field(default_factory=dict)
    arrangements: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Key of a row -> token and digest."""

    def rows(self) -> Iterable[tuple[str, str, str, str]]:
        """As the hidden sheet has it, all of it text, the header first."""
        yield STAMP_COLUMNS
        yield Part.ABOUT, "format", str(self.format), ""
        for name in ("plan", "round", "organisation"):
            yield Part.ABOUT, name, getattr(self, name), ""
        yield Part.ABOUT, "amendment", str(self.amendment), ""
        yield Part.ABOUT, "made_at", self.made_at.isoformat(), ""
        for part, rows in self.parts.items():
            for key, (token, digest) in rows.items():
                yield part, key, token, digest

    @property
    def parts(self) -> dict[Part, dict[str, tuple[str, str]]]:
        return {
            Part.ANSWER: self.answers,
            Part.ACTIVITY: self.activities,
            Part.ARRANGEMENT: self.arrangements,
        }


def stamp_of(rows: Iterable[Iterable[object]]) -> Stamp:
    """The stamp in the rows of the hidden sheet. Raises ValueError where these are none, or of another format."""
    texts = [[text(cell) for cell in row][: len(STAMP_COLUMNS)] for row in rows]
    cells = [row + [""] * (len(STAMP_COLUMNS) - len(row)) for row in texts]
    about = {key: said for part, key, said, _ in cells if part == Part.ABOUT}
    try:
        found = Stamp(
            plan=about["plan"],
            amendment=int(about["amendment"]),
            round=about["round"],
            organisation=about["organisation"],
            made_at=datetime.fromisoformat(about["made_at"]),
            format=int(about["format"]),
        )
    except KeyError as error:
        raise ValueError(f"The hidden sheet does not say {error}.") from error
    for part, key, token, digest in cells:
        if part in found.parts:
            found.parts[Part(part)][key] = token, digest
    return found


def text(value: object) -> str:
    """A cell as the hidden sheet and digests have it."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return YES if value else NO
    if isinstance(value, int | float | Decimal):
        return number_text(Decimal(str(value)))
    return "\n".join(str(value).splitlines()).strip()


def number_text(value: Decimal) -> str:
    """Without zeros that say nothing: 3, 3.0 and 3.00 are one number."""
    return f"{value.normalize():f}" if value else "0"


def cell_digest(value: object) -> str:
    """Of one cell; "" of an empty one. A number that was typed as text has the same."""
    said = text(value)
    return hashlib.sha256(said.encode()).hexdigest()[:8] if said else ""


def digests(said: Mapping[str, object]) -> str:
    """Of the input cells of a row by machine name, each by itself, as one text: several desks state what they know, so
    what one of them changed hinders nobody who changed something else."""
    found = {name: cell_digest(value) for name, value in said.items()}
    return " ".join(f"{name}={each}" for name, each in sorted(found.items()) if each)


def digests_in(text: str) -> dict[str, str]:
    """Machine name -> digest, of what ``digests`` wrote; a cell that is not named was empty."""
    return dict(each.split("=", 1) for each in text.split() if "=" in each)


# ---------------------------------------------------------------- colours


class Colour(StrEnum):
    """The tokens of the look that the file uses, as a workbook writes them."""

    INK = "FF1B2733"
    MUTED = "FF51606F"
    LINE = "FFD5DCE3"
    BRAND = "FF12355B"
    WHITE = "FFFFFFFF"
    INPUT = "FFFDF0D5"
    LOCKED = "FFEEF1F4"
    HEADING = "FFE6EFF9"
    WRONG = "FFFFCCCC"
    BOTH = "FFC9DDF7"
    WRONG_TEXT = "FFB3341C"
    CHANGED = "FFE3F3EC"
