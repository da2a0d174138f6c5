"""The whole workbook of a return as plain values, and what its first and its hidden sheet say."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse
from django.utils.timezone import localtime

from reporting.moments import moment_words
from reporting.returns import Return, entry_ends

from .content import Questions, Sheet, last_said, states_of
from .layout import Stamp
from .opening import shut
from .registers import Registers


@dataclass(frozen=True)
class Book:
    """``facts`` and ``steps``: what the first sheet says. ``lists``: name -> what a drop-down offers. ``codes``:
    heading -> code and what it means. ``shut``: why it cannot be uploaded now; "" where it can."""

    title: str
    facts: tuple[tuple[str, str], ...]
    steps: tuple[str, ...]
    stamp: Stamp
    sheets: tuple[Sheet, ...]
    lists: Mapping[str, list[str]]
    codes: Mapping[str, list[tuple[str, str]]]
    shut: str = ""


def book_of(found: Return, head: str = "") -> Book:
    """``head``: of the history, where one was read with the export. At most seven queries beside the return itself."""
    plan = found.look.plan_at(found.round.as_at)
    reason = shut(found)
    questions = Questions(found, plan, last_said(found.submission))
    registers = Registers(found, plan, bool(reason))
    asked, recorded = list(questions.sheets()), registers.sheets(questions.whose)
    activities, arrangements = registers.stamped(recorded)
    stamp = Stamp(
        plan=found.round.plan.code,
        amendment=plan.amendment or 0,
        round=found.round.code,
        organisation=found.submission.organisation.code,
        made_at=found.look.occasion.now,
        answers=states_of(found, asked),
        activities=activities,
        arrangements=arrangements,
    )
    return Book(
        title=f"{found.submission.organisation.name}: {found.round.title}",
        facts=tuple(facts_of(found, plan.amendment, head)),
        steps=tuple(reading_steps(found, reason) if reason else steps_of(found)),
        stamp=stamp,
        sheets=(*asked, *recorded),
        lists={**questions.lists, **registers.lists},
        codes=registers.codes,
        shut=reason,
    )


def facts_of(found: Return, amendment: int | None, head: str) -> Iterator[tuple[str, str]]:
    yield "Plan", f"{found.round.plan.title}, {f'amendment {amendment}' if amendment else 'as adopted'}"
    yield "Round", f"{found.round.title}: progress as at {found.round.as_at:%d.%m.%y}"
    yield "Organisation", found.submission.organisation.name
    yield "Deadline", deadline_of(found)
    yield "Made at", made_words(found)
    yield "Filled in so far", f"{found.answered} of {found.asked} answers"
    if found.look.demonstration:
        yield "Note", "Demonstration data: invented. No figure here is real."
    if head:
        yield "Head of the history", head


def deadline_of(found: Return) -> str:
    """Until when answers are taken, or why they are not."""
    ends = entry_ends(found.submission, found.look.occasion.now)
    if ends:
        return f"Upload it before {moment_words(ends, found.round.time_zone, found.look.time_zone)}."
    return "No closing moment is set yet." if found.entry.allowed else found.entry.reason


def made_words(found: Return) -> str:
    zone = found.look.time_zone
    by = f" by {found.look.user.name}" if found.look.user.name else ""
    return f"{localtime(found.look.occasion.now, zone):%d.%m.%y, %H:%M} ({zone.key}){by}"


def page_of(found: Return) -> str:
    return settings.SITE_ADDRESS + reverse("return_tasks", args=found.address)


def reading_steps(found: Return, reason: str) -> Iterator[str]:
    yield f"This workbook is for reading: all its cells are locked, and it cannot be uploaded now. {reason}"
    yield f"The return is on the site: {page_of(found)}. When it can be changed again, download a new workbook there."


def steps_of(found: Return) -> Iterator[str]:
    """How to fill it in and send it back; few and plain."""
    yield "Fill in the coloured cells. All others are locked, so that nothing is changed by mistake."
    yield "Click a cell: a note says what belongs there. Where there is a list, choose from it."
    yield "Leave a cell empty where you cannot answer yet. Empty is no answer; 0 is a figure."
    yield "Where something does not apply to you, say so in the answer, and say why in the comment."
    yield "New activities and arrangements go into the empty rows of their sheets. The sheet Codes lists the codes."
    yield "Save the file as an Excel workbook (.xlsx). Do not rename the sheets."
    yield f"Send it back: sign in, open {page_of(found)} and upload it there."
    yield "You see what would change before anything is stored. Where somebody changed an answer meanwhile, you choose."
    yield "Uploading keeps drafts. Your approver sends them from the same page."
