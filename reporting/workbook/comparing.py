"""What a workbook that came back would do, row by row: what it says against what stands on the site by now, and against
what stood there when it was made. Nothing is written here."""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

from members.history import moment_here
from reporting.forms.returns import AnswerForm, typed
from reporting.models import NOTHING_SAID, SAYS, Answer
from reporting.returns import Item
from reporting.rules import Verdict
from reporting.threads import Thread
from reporting.validators import lack_of
from reporting.validators import listed as either
from workplan.calendar import year_label
from workplan.tree import ReadingText

from . import layout
from .content import entered
from .layout import Asks, Part, Stamp
from .reading import Book, Filled, Place, Problem


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
NOTHING = Answer()
TICKED = {"TRUE": layout.YES, "FALSE": layout.NO}
SITE, WORKBOOK, ANOTHER = "site", "workbook", "another"
"""What a person chooses where both were changed. ANOTHER: what the workbook says is another record than the one on the
site, so both are right: two copies of a workbook were filled in, and both used the same empty row."""
NOT_ASKED = "This row does not ask for it. Empty the cell."
NOT_ASKED_ANY_MORE = "This round does not ask you about it any more. Empty the row, or delete it."
CHANGED_MEANWHILE = "Changed on the site after the workbook was made."
BEFORE_SENT = "Before it can be sent: {}"
STAYS = "Empty in the workbook. What was sent stays."
NO_CHOICE = "“{}” is none of the answers that are offered: {}."
MISSING = "{} of {} rows are in the file; what is missing stays as it is."
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
    choices: tuple[str, ...] = (SITE, WORKBOOK)
    """What can be chosen where both were changed."""
    lack: str = ""
    """What stops its sending, in a sentence. A draft may be incomplete, so it is no error."""
    column: str = ""
    """The first that says something else than what stands on the site."""

    @property
    def place(self) -> Place:
        return self.row.problem("", self.column).place

    @property
    def is_another(self) -> bool:
        """Was it chosen that the row is a record of its own."""
        return self.another is not None and self.says is self.another

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
            if line.effect in wanted
            or (line.effect is Effect.CONFLICT and choices.get(line.key) in (WORKBOOK, ANOTHER))
        ]


# ---------------------------------------------------------------- answers


@dataclass(frozen=True)
class Ground:
    """What the rows of answers are compared with: what is asked, with all that was said on it. ``may``: the verdict on
    who brings the workbook and an answer. ``on_behalf``: it came by e-mail, so all of it is what the organisation says,
    whoever filled it in and when, and it is sent at once: ``items`` hold what was sent alone."""

    items: tuple[Item, ...]
    as_at: date
    zone: ZoneInfo
    may: Callable[[Item, Thread], Verdict]
    on_behalf: bool = False

    def moved_since(self, stamp: Stamp, token: str, thread: Thread) -> bool:
        """Did anything become of the answer after the workbook was made, if only that it was handed on. Whether its own
        people have begun one says nothing about what was sent."""
        if not self.on_behalf:
            return token != thread.token
        return bool(thread.newest and thread.newest.sent_at and thread.newest.sent_at > stamp.made_at)

    def threads(self) -> dict[str, tuple[Item, Thread]]:
        """By key of a row."""
        return {
            layout.answer_key(item.kpi.code, thread.plan_year): (item, thread)
            for item in self.items
            for thread in item.threads
        }


@dataclass(frozen=True)
class AnswerSays:
    """What a row says on a KPI, for one plan year where it asks for one, for ``save_draft``."""

    kpi: int
    code: str
    plan_year: int | None
    says: dict[str, Any]


def compare_answers(book: Book, ground: Ground) -> Iterator[Line]:
    threads = ground.threads()
    for row in book.of(Part.ANSWER):
        code, year = layout.question_of(row.key)
        line = Line(row, f"{code} for {year_label(year)}" if year else code)
        if row.key in threads:
            yield compared(line, book.stamp, ground, *threads[row.key])
        elif row.cells:
            yield line.refused([row.problem(NOT_ASKED_ANY_MORE, layout.KEY.name)])


def compared(line: Line, stamp: Stamp, ground: Ground, item: Item, thread: Thread) -> Line:
    row, (token, written) = line.row, stamp.answers[line.row.key]
    line.seen = thread.token
    asked = layout.asks(item.reading.source, item.reading.measure)
    if problems := [*row.faults(layout.INPUTS[asked]), *not_asked(row, layout.INPUTS[asked])]:
        return line.refused(problems)
    moved = ground.moved_since(stamp, token, thread)
    since = moved and layout.digest(entered(asked, thread.newest, ground.as_at)) != written
    if row.digest(layout.INPUTS[asked]) == written and (since or not ground.on_behalf):
        line.words = [CHANGED_MEANWHILE] if since else []
        return line
    form, problems = bound(row, thread, asked, item.reading, ground)
    if problems:
        return line.refused(problems)
    before, says = thread.newest or NOTHING, NOTHING_SAID | dict(form.says)
    if all(getattr(before, name) == says[name] for name in SAYS):
        return line
    if ground.on_behalf and says == NOTHING_SAID:
        line.words = [STAYS]
        return line
    verdict = ground.may(item, thread)
    if not (verdict.allowed or moved):
        return line.refused([row.problem(verdict.reason)])
    lack = lack_in(says, item, thread)
    if ground.on_behalf and lack:
        return line.refused([row.problem(lack)])
    line.says = AnswerSays(item.kpi.id, item.kpi.code, thread.plan_year, says)
    line.effect = Effect.CHANGED if thread.state else Effect.NEW
    stood, stands = cells_of(thread.newest, asked, ground), cells_of(Answer(**says), asked, ground)
    line.words = [*differences(stood, stands, thread.answered)]
    line.column = next((name for name, text in stands.items() if text != stood[name] and name in row.columns), "")
    if since or not verdict.allowed:
        conflict(line, before, stood, stands, ground.zone)
    return noted(line, verdict, lack)


def noted(line: Line, verdict: Verdict, lack: str) -> Line:
    """With what hinders it: why it stays as it is on the site, or what will stop its sending."""
    if not verdict.allowed:
        line.theirs.append(verdict.reason)
        line.choices = (SITE,)
    elif lack:
        line.lack = BEFORE_SENT.format(lack[0].lower() + lack[1:])
        line.words.append(line.lack)
    return line


def lack_in(says: dict[str, Any], item: Item, thread: Thread) -> str:
    """What stops an answer from being sent, in a sentence; nothing where it takes back what was there."""
    asked_for: Any = item  # with its KPI and reading, as the plan's text has them
    return "" if says == NOTHING_SAID else lack_of(Answer(plan_year=thread.plan_year, **says), asked_for)


def conflict(line: Line, before: Answer, stood: Mapping[str, str], stands: Mapping[str, str], zone: ZoneInfo) -> None:
    line.effect = Effect.CONFLICT
    line.theirs, line.words = listed(stood), listed(stands)
    if before.entered_at:
        line.whose = hand(getattr(before, "entered_by_name", "") or "", before.entered_at, zone)


def hand(name: str, at: datetime, zone: ZoneInfo) -> str:
    """Who put something there, where that is known, and when."""
    return f"{name}, {moment_here(at, zone)}".removeprefix(", ")


def not_asked(row: Filled, asked: Iterable[str]) -> Iterator[Problem]:
    """What stands in cells that are locked, since the row does not ask for it."""
    for name, raw in row.cells.items():
        if name not in asked and (raw.text or raw.fault):
            yield row.problem(NOT_ASKED, name)


def bound(
    row: Filled, thread: Thread, asked: Asks, reading: ReadingText, ground: Ground
) -> tuple[AnswerForm, list[Problem]]:
    """The form of the answer, filled in as the row says; and what is wrong with that. What has no column any more is as
    it stands on the site."""
    said = {name: row.text(name) for name in layout.INPUTS[asked]}
    if missing := said.keys() - row.columns.keys():
        stored = cells_of(thread.newest, asked, ground)
        said |= {name: stored[name] for name in missing}
    choices = layout.choices(asked, ground.as_at)
    button = chosen(said["answer"], choices)
    if button is None:
        wrong = NO_CHOICE.format(quotable(said["answer"]), either(choices))
        return AnswerForm(reading, ""), [row.problem(wrong, "answer")]
    form = AnswerForm(reading, f"{ground.as_at:%d.%m.%y}", layout.fields(asked, said | {"answer": button}))
    faults = [
        row.problem(str(sentence), column_of(name, row)) for name, found in form.errors.items() for sentence in found
    ]
    return form, faults


def column_of(field: str, row: Filled) -> str:
    """The column in which the fault of a field stands."""
    return "answer" if field == "not_applicable" else field if field in row.columns else ""


def chosen(text: str, choices: Mapping[str, str]) -> str | None:
    """What the form takes for the text of a drop-down, or for what somebody typed instead; None where it is none."""
    known = {folded(name): value for label, value in choices.items() for name in (label, value)}
    known |= {folded(label.partition(",")[0]): value for label, value in choices.items()}
    return "" if not text else known.get(chosen_text(text))


def chosen_text(text: str) -> str:
    """What somebody chose or typed, as it is looked up: in any language TRUE is what a spreadsheet makes of yes."""
    return folded(TICKED.get(text, text))


def quotable(text: str) -> str:
    """The beginning of what a cell says, without signs that show nothing or turn the words around them."""
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")[:60]


def folded(text: str) -> str:
    return " ".join(layout.seen(text).replace("_", " ").split()).casefold().rstrip(".")


# ---------------------------------------------------------------- in words


TITLES = {column.name: column.title for column in layout.ANSWER_COLUMNS}


def cells_of(answer: Answer | None, asked: Asks, ground: Ground) -> dict[str, str]:
    """What would stand in the input cells of a row for a stored answer."""
    stands = typed(answer)
    button = str(stands.get("answer") or "")
    labels = {value: label for label, value in layout.choices(asked, ground.as_at).items()}
    found = {name: str(stands.get(name) or "") for name in layout.INPUTS[asked]}
    return found | {"answer": labels.get(button, "")}


def listed(cells: Mapping[str, str]) -> list[str]:
    return [f"{TITLES[name]}: {text}" for name, text in cells.items() if text] or ["Nothing"]


def differences(before: Mapping[str, str], after: Mapping[str, str], known: bool) -> Iterator[str]:
    for name, text in after.items():
        if text != before[name]:
            was = f"{quoted(before[name])} → " if known or before[name] else ""
            yield f"{TITLES[name]}: {was}{quoted(text)}"


def quoted(text: str) -> str:
    return f"“{text}”" if text else "blank"
