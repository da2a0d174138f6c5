"""A workbook that came back is taken over: all of it or nothing, through the actions of the forms, with a receipt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import Organisation, User
from reporting import mails
from reporting.history_words import ON_BEHALF
from reporting.models import Original, Submission, WorkbookUpload
from reporting.questions import AsRead, read_at
from reporting.workbook.activity_rows import ActivitySays, NumbersSays
from reporting.workbook.arrangement_rows import ArrangementSays
from reporting.workbook.comparing import ANOTHER, EFFECT_WORDS, OUTCOMES, Compared, Effect, Line
from reporting.workbook.layout import Part
from workplan.models import Plan

from .activities import (
    OwnNumbers,
    hold_activities,
    newest_of_activities,
    suspect,
    write_activities,
    write_numbers,
)
from .answers import hold
from .behalf import Said, write_on_behalf
from .entry import Typed, held, write_drafts
from .refusals import Stale
from .statements import OwnArrangement, record_own_arrangements
from .versions import seen_in

CHANGED = (
    "Something changed on the site after this preview was made. Nothing is taken over; this is the preview as of now."
)
NOTHING = "Nothing of the workbook would change anything, so there is nothing to take over."
CHOOSE = "{}: choose what shall stand."
LONGEST_NAME = 120
RECORDS = {Part.ACTIVITY: "activities", Part.ARRANGEMENT: "arrangements"}
DRAFTS, DECIDED = "Answers are drafts until they are sent.", "wait for the decision of the secretariat."


@dataclass(frozen=True)
class Brought:
    """A workbook as somebody confirms it. ``seen``: the token of what the preview was compared with; ``choices``:
    key of a line that was changed on both sides -> one of its ``choices``; ``once``: what no other preview has. The
    tokens come back where a draft is discarded, so by them alone a new preview would be taken for a second click on an
    old one. What was sent never becomes again what it was; where nothing else is compared, ``once`` may be blank."""

    name: str
    content: bytes
    seen: str
    choices: Mapping[str, str]
    once: str = ""

    @property
    def key(self) -> str:
        """By it a second click on the same preview is known."""
        chosen = [f"{name}={choice}" for name, choice in sorted(self.choices.items())]
        return sha256("\n".join([self.checksum, self.seen, self.once, *chosen]).encode()).hexdigest()

    @property
    def checksum(self) -> str:
        return sha256(self.content).hexdigest()

    def check(self, compared: Compared) -> list[Line]:
        """The lines that are taken over. Raises Stale where anything changed since the preview, ValidationError where
        a row is wrong, nothing was chosen for one that was changed on both sides, or nothing is to be done."""
        if compared.problems:
            raise ValidationError([str(problem) for problem in compared.problems])
        if compared.seen != self.seen:
            raise Stale(CHANGED)
        silent = [each for each in compared.conflicts if self.choices.get(each.key, each.only) not in each.choices]
        if silent:
            raise ValidationError([CHOOSE.format(each.name) for each in silent])
        lines = compared.chosen(self.choices)
        if not (lines or compared.conflicts):
            raise ValidationError(NOTHING)
        for line in lines:
            if line.effect is Effect.CONFLICT:
                line.take(self.choices[line.key])
        return lines


def taken_before(submission: Submission, brought: Brought) -> WorkbookUpload | None:
    """What the first click on the same left."""
    rows = WorkbookUpload.objects.defer("file").filter(submission=submission, key=brought.key)
    return rows.select_related("submission__round", "submission__organisation").first()


@transaction.atomic
def take_workbook(
    *, submission: Submission, brought: Brought, compared: Compared, by: User | None, now: datetime
) -> WorkbookUpload:
    """Stores what the workbook says: answers as drafts, activities and arrangements as versions that wait for a
    decision. ``compared``: as it compares now. The same once more gives the receipt of the first. Raises as
    ``Brought.check`` and the actions of the forms do."""
    as_it_is = held(submission)
    if done := taken_before(submission, brought):
        return done
    lines = brought.check(compared)
    if answers := answers_in(submission, lines):
        typed = [Typed(question, line.says.plan_year, line.says.says, line.seen) for question, line in answers]
        write_drafts(*as_it_is, typed, by, now)
    take_records(submission, lines, [submission.organisation] if by else [], by, now)
    made = receipt_of(submission, brought, compared, lines, by, now)
    made.file = brought.content
    return kept(made, by, only_for=submission.organisation.code)


@transaction.atomic
def take_on_behalf(
    *, original: Original, brought: Brought, compared: Compared, by: User, now: datetime
) -> WorkbookUpload:
    """The same of a workbook that the organisation sent by e-mail: its answers are sent at once; a colleague decides on
    them, and the organisation is asked to confirm them. Raises as ``Brought.check``, ``enter_all_on_behalf`` and the
    actions of the registers do."""
    submission = original.submission
    hold(Plan.objects.filter(pk=submission.round.plan_id))
    as_it_is = held(submission)
    if done := taken_before(submission, brought):
        return done
    lines = brought.check(compared)
    if answers := answers_in(submission, lines):
        said = [(question, Said(line.says.plan_year, line.says.says, line.seen)) for question, line in answers]
        write_on_behalf(original, *as_it_is, said, by, now)
    take_records(submission, lines, [], by, now)
    if lines:
        mails.entered_on_behalf(original, now, answers=bool(answers))
    made = receipt_of(submission, brought, compared, lines, by, now)
    made.original = original
    return kept(made, by, reason=f"{ON_BEHALF}{original.name}")


def answers_in(submission: Submission, lines: Sequence[Line]) -> list[tuple[AsRead, Line]]:
    wanted = [line for line in lines if line.row.part is Part.ANSWER]
    questions = read_at(submission.round) if wanted else {}
    return [(questions[line.says.kpi], line) for line in wanted]


def take_records(
    submission: Submission, lines: Sequence[Line], own: Collection[Organisation], by: User | None, now: datetime
) -> None:
    """Activities and arrangements, as their forms and imports record them; all in as many queries as one. ``own``: the
    parties whose side ``by`` states with an arrangement."""
    take_activities(submission, lines, by, now)
    pairs = [(line.says.record, line.seen) for line in lines if isinstance(line.says, ArrangementSays)]
    if pairs:
        stated = [OwnArrangement(record, seen, own) for record, seen in pairs]
        record_own_arrangements(said=stated, by=by, now=now)


def take_activities(submission: Submission, lines: Sequence[Line], by: User | None, now: datetime) -> None:
    """New ones are the organisation's own; of what others recorded it states its own numbers. All are held and read at
    once, as in an import. Raises Stale."""
    whose = submission.organisation
    records = [(line.says.record, line.seen) for line in lines if isinstance(line.says, ActivitySays)]
    numbers = [(line.says, line.seen) for line in lines if isinstance(line.says, NumbersSays)]
    said = [OwnNumbers(says.activity, says.numbers, seen) for says, seen in numbers]
    references = [record.reference for record, _ in records] + [each.activity.reference for each in said]
    activities = hold_activities(references, whose)
    newest = newest_of_activities(activities)
    if any(seen_in(newest, record.reference) != seen for record, seen in records):
        raise Stale(CHANGED)
    told: dict[str, Any] = {"held": activities, "newest": newest, "by": by, "now": now}
    mine = [record for record, _ in records]
    _, written = write_activities(records=mine, accept=False, plan=submission.round.plan, **told)
    written |= write_numbers(organisation=whose, said=said, **told)
    suspect(written, now)


# ---------------------------------------------------------------- the receipt


def receipt_of(
    submission: Submission, brought: Brought, compared: Compared, lines: Sequence[Line], by: User | None, now: datetime
) -> WorkbookUpload:
    taken = {id(line) for line in lines}
    conflicts = [line for line in compared.conflicts if id(line) in taken]
    others = sum(line.took == ANOTHER for line in conflicts)
    return WorkbookUpload(
        submission=submission,
        key=brought.key,
        name=brought.name[-LONGEST_NAME:],
        size=len(brought.content),
        sha256=brought.checksum,
        made_at=compared.stamp.made_at,
        uploaded_at=now,
        uploaded_by=by,
        new=compared.counts[Effect.NEW] + others,
        changed=compared.counts[Effect.CHANGED] + len(conflicts) - others,
        unchanged=compared.counts[Effect.UNCHANGED],
        kept=len(compared.conflicts) - len(conflicts),
        content=[said_of(line, id(line) in taken) for line in compared.lines if line.effect is not Effect.UNCHANGED],
    )


def kept(made: WorkbookUpload, by: User | None, only_for: str = "", reason: str = "") -> WorkbookUpload:
    made.save(force_insert=True)
    counts = {name: (None, getattr(made, name)) for name in ("name", "sha256", "new", "changed", "unchanged", "kept")}
    record(by=by, action=AuditAction.IMPORTED, obj=made, changes=counts, only_for=only_for, reason=reason)
    return made


def said_of(line: Line, taken: bool) -> dict[str, Any]:
    words = EFFECT_WORDS[line.effect]
    if line.effect is Effect.CONFLICT:
        words += f", {OUTCOMES[line.took]}" if taken else ", left as on the site"
    return {
        "place": str(line.place),
        "name": line.name,
        "effect": words,
        "words": line.words,
        "was": line.theirs,
        "stored": str(line.row.part) if taken else "",
    }


def parts_stored(receipt: WorkbookUpload) -> set[str]:
    """Receipts that do not say what was are of answers."""
    return {row.get("stored", Part.ANSWER) for row in receipt.content}


def waiting(receipt: WorkbookUpload) -> str:
    """What still has to become of that which was stored, in sentences."""
    stored = parts_stored(receipt)
    records = " and ".join(words for part, words in RECORDS.items() if part in stored)
    if receipt.original_id:
        whose = receipt.submission.organisation.name
        said = [f"It was entered on behalf of {whose}. A colleague decides on it."]
        said += [f"{whose} is asked to confirm the answers."] * (Part.ANSWER in stored)
        said += [f"Where {records} name {whose}, it says in the register whether they are right."] * bool(records)
    else:
        said = [DRAFTS] * (Part.ANSWER in stored) + [f"{records.capitalize()} {DECIDED}"] * bool(records)
    return " ".join(said)
