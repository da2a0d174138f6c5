"""What the rows of answers in a workbook that came back would do."""

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from reporting.forms.returns import AnswerForm, typed
from reporting.models import NOTHING_SAID, SAYS, Answer
from reporting.returns import Item
from reporting.rules import Verdict
from reporting.threads import Thread
from reporting.validators import lack_of
from reporting.validators import listed as either
from workplan.calendar import year_label

from . import layout
from .comparing import (
    BOTH,
    CHANGED_MEANWHILE,
    SITE,
    WORKBOOK,
    Effect,
    Line,
    chosen_text,
    folded,
    hand,
    not_asked,
    quotable,
    quoted,
)
from .content import entered
from .layout import Asks, Part, Stamp
from .reading import Book, Filled, Problem

NOTHING = Answer()
IN_ONE = frozenset({"answer", "value", "denominator", "numerator"})
"""The cells that make up what is answered: one of them says nothing without the others."""
NOT_ASKED_ANY_MORE = "This round does not ask you about it any more. Empty the row, or delete it."
BEFORE_SENT = "Before it can be sent: {}"
STAYS = "Empty in the workbook. What was sent stays."
NO_CHOICE = "“{}” is none of the answers that are offered: {}."


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
            yield compared(line, book.stamp, Question(*threads[row.key], ground))
        elif row.cells:
            yield line.refused([row.problem(NOT_ASKED_ANY_MORE, layout.KEY.name)])


@dataclass(frozen=True)
class Question:
    """What a row answers, with all that was said on it."""

    item: Item
    thread: Thread
    ground: Ground

    @cached_property
    def asked(self) -> Asks:
        return layout.asks(self.item.reading.source, self.item.reading.measure)

    @property
    def inputs(self) -> tuple[str, ...]:
        return layout.INPUTS[self.asked]

    @cached_property
    def stood(self) -> dict[str, str]:
        return self.cells(self.thread.newest)

    def cells(self, answer: Answer | None) -> dict[str, str]:
        """What would stand in the input cells of the row for an answer."""
        stands = typed(answer)
        labels = {value: label for label, value in layout.choices(self.asked, self.ground.as_at).items()}
        found = {name: str(stands.get(name) or "") for name in self.inputs}
        return found | {"answer": labels.get(str(stands.get("answer") or ""), "")}

    def changed_since(self, stamp: Stamp, token: str, written: Mapping[str, str]) -> frozenset[str]:
        """The cells in which the site says another thing than when the workbook was made."""
        if not self.ground.moved_since(stamp, token, self.thread):
            return frozenset()
        there = entered(self.asked, self.thread.newest, self.ground.as_at)
        return frozenset(each for each in self.inputs if layout.cell_digest(there.get(each)) != written.get(each, ""))

    def statement(self, row: Filled, names: Container[str]) -> "Statement":
        """What the form of the answer makes of what the row says in some cells, and of what stood in the others."""
        texts = {name: row.text(name) if name in names else self.stood[name] for name in self.inputs}
        choices = layout.choices(self.asked, self.ground.as_at)
        button = chosen(texts["answer"], choices)
        if button is None:
            wrong = NO_CHOICE.format(quotable(texts["answer"]), either(choices))
            return Statement(texts, [row.problem(wrong, "answer")])
        fields = layout.fields(self.asked, texts | {"answer": button})
        form = AnswerForm(self.item.reading, f"{self.ground.as_at:%d.%m.%y}", fields)
        if form.errors:
            wrongs = [(column_of(name, row), str(each)) for name, found in form.errors.items() for each in found]
            return Statement(texts, [row.problem(sentence, column) for column, sentence in wrongs])
        says = NOTHING_SAID | dict(form.says)
        return Statement(self.cells(Answer(**says)), [], says, self.lack(says))

    def lack(self, says: dict[str, Any]) -> str:
        """What stops an answer from being sent, in a sentence; nothing where it takes back what was there."""
        asked_for: Any = self.item  # with its KPI and reading, as the plan's text has them
        year = self.thread.plan_year
        return "" if says == NOTHING_SAID else lack_of(Answer(plan_year=year, **says), asked_for)


@dataclass(frozen=True)
class Statement:
    """An answer, as some cells make it. ``cells``: as the input cells of a row say it; ``problems``: what is wrong with
    that; ``says``: what is to be stored where nothing is; ``lack``: what stops its sending, in a sentence."""

    cells: Mapping[str, str]
    problems: list[Problem]
    says: dict[str, Any] = field(default_factory=dict)
    lack: str = ""


def compared(line: Line, stamp: Stamp, question: Question) -> Line:
    row, (token, digests) = line.row, stamp.answers[line.row.key]
    thread, ground = question.thread, question.ground
    line.seen = thread.token
    if problems := [*row.faults(question.inputs), *not_asked(row, question.inputs)]:
        return line.refused(problems)
    written = layout.digests_in(digests)
    since, touched = question.changed_since(stamp, token, written), row.touched(question.inputs, written)
    if not touched and (since or not ground.on_behalf):
        line.words = [CHANGED_MEANWHILE] if since else []
        return line
    return weighed(line, question, touched, since, moved=ground.moved_since(stamp, token, thread))


def weighed(line: Line, question: Question, touched: frozenset[str], since: frozenset[str], *, moved: bool) -> Line:
    """``touched``: the cells that the person changed; ``since``: those that changed on the site meanwhile; ``moved``:
    did anything become of the answer at all."""
    row, on_behalf = line.row, question.ground.on_behalf
    mine = question.statement(row, row.columns)
    new = frozenset(name for name in touched if mine.cells[name] != question.stood[name])
    if since and not new:
        line.words = [CHANGED_MEANWHILE]
        return line
    if mine.problems:
        return line.refused(mine.problems)
    if says_the_same(question.thread.newest, mine.says):
        return line
    if on_behalf and mine.says == NOTHING_SAID:
        line.words = [STAYS]
        return line
    verdict = question.ground.may(question.item, question.thread)
    if not (verdict.allowed or moved):
        return line.refused([row.problem(verdict.reason)])
    both = put_together(question, row, new, since)
    if on_behalf and mine.lack and not both:
        return line.refused([row.problem(mine.lack)])
    tell(line, question, mine, new)
    if since or not verdict.allowed:
        conflict(line, question, mine)
    if both:
        offer(line, question, mine, both)
    return noted(line, verdict, mine.lack)


def put_together(question: Question, row: Filled, new: frozenset[str], since: frozenset[str]) -> Statement | None:
    """What both sides changed, as one answer; None where one did not, both did in one place, or it would be none."""
    if not since or in_one(new) & in_one(since):
        return None
    found = question.statement(row, new)
    return None if found.problems or (question.ground.on_behalf and found.lack) else found


def says_the_same(answer: Answer | None, says: Mapping[str, Any]) -> bool:
    return all(getattr(answer or NOTHING, name) == says[name] for name in SAYS)


def in_one(names: frozenset[str]) -> frozenset[str]:
    return names | IN_ONE if names & IN_ONE else names


def says_of(question: Question, statement: Statement) -> AnswerSays:
    kpi = question.item.kpi
    return AnswerSays(kpi.id, kpi.code, question.thread.plan_year, statement.says)


def tell(line: Line, question: Question, mine: Statement, new: Container[str]) -> None:
    """What becomes what, where nothing else stands in the way. ``new``: the cells in which the person said it."""
    line.says = says_of(question, mine)
    line.effect = Effect.CHANGED if question.thread.state else Effect.NEW
    line.words = [*differences(question.stood, mine.cells, question.thread.answered)]
    others = [name for name in mine.cells if mine.cells[name] != question.stood[name]]
    there = [name for name in sorted(others, key=lambda name: name not in new) if name in line.row.columns]
    line.column = there[0] if there else ""


def offer(line: Line, question: Question, mine: Statement, both: Statement) -> None:
    """What both sides changed in different cells, as one answer. What the workbook says alone may lack something, so it
    could not be sent at once."""
    line.together = says_of(question, both)
    said = [name for name, text in both.cells.items() if text or mine.cells[name] or question.stood[name]]
    line.together_words = [*listed({name: both.cells[name] for name in said}), *before_sent(both.lack)]
    line.choices = (SITE, BOTH) if question.ground.on_behalf and mine.lack else (SITE, WORKBOOK, BOTH)


def noted(line: Line, verdict: Verdict, lack: str) -> Line:
    """With what hinders it: why it stays as it is on the site, or what will stop its sending."""
    if not verdict.allowed:
        line.theirs.append(verdict.reason)
        line.choices = (SITE,)
        return line
    for sentence in before_sent(lack):
        line.lack = sentence
        line.words.append(sentence)
    return line


def before_sent(lack: str) -> Iterator[str]:
    if lack:
        yield BEFORE_SENT.format(lack[0].lower() + lack[1:])


def conflict(line: Line, question: Question, mine: Statement) -> None:
    line.effect = Effect.CONFLICT
    stood, stands, before = question.stood, mine.cells, question.thread.newest
    either = [name for name in stands if stood[name] or stands[name]]
    line.theirs, line.words = (listed({name: cells[name] for name in either}) for cells in (stood, stands))
    if before and before.entered_at:
        line.whose = hand(getattr(before, "entered_by_name", "") or "", before.entered_at, question.ground.zone)


def column_of(field: str, row: Filled) -> str:
    """The column in which the fault of a field stands."""
    return "answer" if field == "not_applicable" else field if field in row.columns else ""


def chosen(text: str, choices: Mapping[str, str]) -> str | None:
    """What the form takes for the text of a drop-down, or for what somebody typed instead; None where it is none."""
    known = {folded(name): value for label, value in choices.items() for name in (label, value)}
    known |= {folded(label.partition(",")[0]): value for label, value in choices.items()}
    return "" if not text else known.get(chosen_text(text))


TITLES = {column.name: column.title for column in layout.ANSWER_COLUMNS}


def listed(cells: Mapping[str, str]) -> list[str]:
    """``cells``: those that say something on one side at least."""
    found = [f"{TITLES[name]}: {text or 'blank'}" for name, text in cells.items()]
    return found if any(cells.values()) else ["Nothing"]


def differences(before: Mapping[str, str], after: Mapping[str, str], known: bool) -> Iterator[str]:
    for name, text in after.items():
        if text != before[name]:
            was = f"{quoted(before[name])} → " if known or before[name] else ""
            yield f"{TITLES[name]}: {was}{quoted(text)}"
