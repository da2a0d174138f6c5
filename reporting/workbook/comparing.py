"""What a workbook that came back would do, row by row: what it says against what stands on the site by now, and against
what stood there when it was made. Nothing is written here."""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from members.history import moment_here

from . import layout
from .layout import Stamp
from .reading import Filled, Place, Problem


class Effect(StrEnum):
    """What becomes of a row."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    ERROR = "error"


EFFECT_WORDS = {
    Effect.NEW: "new",
    Effect.CHANGED: "changed",
    Effect.UNCHANGED: "unchanged",
    Effect.CONFLICT: "changed in the workbook and on the site",
    Effect.ERROR: "with errors",
}
ALWAYS = (Effect.NEW, Effect.CHANGED, Effect.UNCHANGED)
TICKED = {"TRUE": layout.YES, "FALSE": layout.NO}
SITE, WORKBOOK, BOTH, ANOTHER = "site", "workbook", "both", "another"
"""What a person chooses where both were changed. BOTH: different cells of one answer were, so what was changed in
either can stand together. ANOTHER: what the workbook says is another record than the one on the site, so both are
right: two copies of a workbook were filled in, and both used the same empty row."""
OUTCOMES = {
    WORKBOOK: "the workbook's is taken",
    BOTH: "both are put together",
    ANOTHER: "both are kept",
}
UNSEEN = "0"
"""The token of a record that was not there."""
NOT_ASKED = "This row does not ask for it. Empty the cell."
CHANGED_MEANWHILE = "Changed on the site after the workbook was made."
MISSING = "{} of {} rows are in the file; what is missing stays as it is."
NO_COLUMN = "The sheet “{}” has these columns no more: {}. What the site says there stays."
AMENDED = (
    "The plan was amended after this workbook was made. Each answer is checked against the plan as it is now; download "
    "a new workbook to see what is asked."
)


@dataclass
class Line:
    """One row of the workbook. ``words``: what becomes what, or what is wrong; ``theirs``, where both were changed:
    what stands on the site, in words, and ``whose`` hand put it there. ``seen``: the token of what it was compared
    with; ``says``: what is to be stored."""

    row: Filled
    name: str
    effect: Effect = Effect.UNCHANGED
    words: list[str] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    whose: str = ""
    seen: str = ""
    says: Any = None
    another: Any = None
    """What is to be stored where it is another record than the one on the site."""
    together: Any = None
    """What is to be stored where what was changed on either side stands together."""
    together_words: list[str] = field(default_factory=list)
    choices: tuple[str, ...] = (SITE, WORKBOOK)
    """What can be chosen where both were changed."""
    took: str = ""
    """What of these was taken."""
    lack: str = ""
    """What stops its sending, in a sentence. A draft may be incomplete, so it is no error."""
    column: str = ""
    """The first that says something else than what stands on the site."""

    @property
    def place(self) -> Place:
        return self.row.problem("", self.column).place

    def take(self, choice: str) -> None:
        """What was chosen is what is to be stored."""
        self.took = choice
        if choice == ANOTHER:
            self.says, self.seen = self.another, UNSEEN
        elif choice == BOTH:
            self.says = self.together
        self.words = self.said(choice)

    def said(self, choice: str) -> list[str]:
        """What would be stored with a choice, in words."""
        return self.together_words if choice == BOTH else self.words

    @property
    def key(self) -> str:
        """By it a choice is known; of a row that somebody added, by where it stands."""
        place = self.row.key or sha256(str(self.row.place()).encode()).hexdigest()[:12]
        return f"{self.row.part}:{place}"

    @property
    def only(self) -> str:
        """Where nothing is to be chosen: what stands."""
        return self.choices[0] if len(self.choices) == 1 else ""

    def refused(self, problems: Iterable[Problem]) -> "Line":
        self.effect, self.problems = Effect.ERROR, list(problems)
        self.words = [problem.sentence for problem in self.problems]
        return self


@dataclass
class Compared:
    """A workbook as it compares now. ``problems``: of rows that are no line, too."""

    stamp: Stamp
    lines: list[Line]
    loose: list[Problem] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def problems(self) -> list[Problem]:
        return [*self.loose, *(problem for line in self.lines for problem in line.problems)]

    @property
    def counts(self) -> Counter[Effect]:
        found = Counter(line.effect for line in self.lines)
        found[Effect.ERROR] += len({(each.place.sheet, each.place.row) for each in self.loose})
        return found

    @property
    def summary(self) -> str:
        """2 new, 1 changed, 85 unchanged; and where there are such: 1 changed in the workbook and on the site,
        1 with errors"""
        told = {effect: words for effect, words in EFFECT_WORDS.items() if effect in ALWAYS or self.counts[effect]}
        return ", ".join(f"{self.counts[effect]} {words}" for effect, words in told.items())

    @property
    def conflicts(self) -> list[Line]:
        return [line for line in self.lines if line.effect is Effect.CONFLICT]

    @property
    def to_choose(self) -> list[Line]:
        return [line for line in self.conflicts if not line.only]

    @property
    def changed_meanwhile(self) -> list[Line]:
        """Those that nobody touched in the workbook, and somebody changed on the site."""
        return [line for line in self.lines if line.effect is Effect.UNCHANGED and CHANGED_MEANWHILE in line.words]

    @property
    def does_something(self) -> bool:
        return not self.problems and any(self.counts[each] for each in (Effect.NEW, Effect.CHANGED, Effect.CONFLICT))

    @property
    def seen(self) -> str:
        """A token of everything that the lines which do something were compared with."""
        rows = [f"{line.key} {line.effect} {line.seen}" for line in self.lines if line.effect is not Effect.UNCHANGED]
        return sha256("\n".join(sorted(rows)).encode()).hexdigest()

    def chosen(self, choices: Mapping[str, str]) -> list[Line]:
        """The lines to be taken: of those that were changed on both sides the ones for which the workbook is to
        stand."""
        wanted = {Effect.NEW, Effect.CHANGED}
        return [
            line
            for line in self.lines
            if line.effect in wanted or (line.effect is Effect.CONFLICT and choices.get(line.key) in OUTCOMES)
        ]


def hand(name: str, at: datetime, zone: ZoneInfo) -> str:
    """Who put something there, where that is known, and when."""
    return f"{name}, {moment_here(at, zone)}".removeprefix(", ")


def not_asked(row: Filled, asked: Iterable[str]) -> Iterator[Problem]:
    """What stands in cells that are locked, since the row does not ask for it."""
    for name, raw in row.cells.items():
        if name not in asked and (raw.text or raw.fault):
            yield row.problem(NOT_ASKED, name)


def chosen_text(text: str) -> str:
    """What somebody chose or typed, as it is looked up: in any language TRUE is what a spreadsheet makes of yes."""
    return folded(TICKED.get(text, text))


def quotable(text: str) -> str:
    """The beginning of what a cell says, without signs that show nothing or turn the words around them."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")[:60]


def folded(text: str) -> str:
    return " ".join(layout.seen(text).replace("_", " ").split()).casefold().rstrip(".")


def quoted(text: str) -> str:
    return f"“{text}”" if text else "blank"
