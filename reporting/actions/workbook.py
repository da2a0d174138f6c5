"""A workbook that came back is taken over: all of it or nothing, through the actions of the forms, with a receipt."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from reporting.models import Activity, ActivityVersion, Submission, WorkbookUpload
from reporting.questions import questions_of
from reporting.workbook.comparing import EFFECT_WORDS, SITE, WORKBOOK, Compared, Effect, Line
from reporting.workbook.layout import Part
from reporting.workbook.records import ActivitySays, ArrangementSays, NumbersSays

from .activities import OwnNumbers, hold_activities, record_activities, state_numbers
from .entry import Typed, held, save_drafts
from .refusals import Stale
from .statements import OwnArrangement, record_own_arrangements
from .versions import newest_versions

CHANGED = (
    "Something changed on the site after this preview was made. Nothing is taken over; this is the preview as of now."
)
NOTHING = "Nothing of the workbook would change anything, so there is nothing to take over."
CHOOSE = "{}: say which of the two shall stand."
LONGEST_NAME = 120


@dataclass(frozen=True)
class Brought:
    """A workbook as somebody confirms it. ``seen``: the token of the preview that they looked at; ``choices``: key of a
    line that was changed on both sides -> ``SITE`` or ``WORKBOOK``."""

    name: str
    content: bytes
    seen: str
    choices: Mapping[str, str]

    @property
    def key(self) -> str:
        chosen = [f"{name}={choice}" for name, choice in sorted(self.choices.items())]
        return sha256("\n".join([self.checksum, self.seen, *chosen]).encode()).hexdigest()

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
        silent = [each for each in compared.conflicts if self.choices.get(each.key) not in (SITE, WORKBOOK)]
        if silent:
            raise ValidationError([CHOOSE.format(each.name) for each in silent])
        if not (lines := compared.chosen(self.choices)):
            raise ValidationError(NOTHING)
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
    held(submission)
    if done := taken_before(submission, brought):
        return done
    lines = brought.check(compared)
    take_answers(submission, lines, by, now)
    take_records(submission, lines, by, now)
    made = receipt_of(submission, brought, compared, lines, by, now)
    counts = {name: (None, getattr(made, name)) for name in ("name", "sha256", "new", "changed", "unchanged", "kept")}
    whose = submission.organisation.code
    record(by=by, action=AuditAction.IMPORTED, obj=made, changes=counts, only_for=whose)
    return made


def take_answers(submission: Submission, lines: Sequence[Line], by: User | None, now: datetime) -> None:
    wanted = [line for line in lines if line.row.part is Part.ANSWER]
    if not wanted:
        return
    questions = questions_of(submission.round)
    typed = [Typed(questions[line.says.code], line.says.plan_year, line.says.says, line.seen) for line in wanted]
    save_drafts(submission=submission, typed=typed, by=by, now=now)


def take_records(submission: Submission, lines: Sequence[Line], by: User | None, now: datetime) -> None:
    """Activities and arrangements, as their forms and imports record them; all in as many queries as one."""
    whose = submission.organisation
    take_activities(submission, [line for line in lines if isinstance(line.says, ActivitySays)], by, now)
    numbers = [(line.says, line.seen) for line in lines if isinstance(line.says, NumbersSays)]
    own = [OwnNumbers(says.activity, says.numbers, seen) for says, seen in numbers]
    if own:
        state_numbers(organisation=whose, said=own, by=by, now=now)
    pairs = [(line.says.record, line.seen) for line in lines if isinstance(line.says, ArrangementSays)]
    stated = [OwnArrangement(record, seen, [whose]) for record, seen in pairs]
    if stated:
        record_own_arrangements(said=stated, by=by, now=now)


def take_activities(submission: Submission, lines: Sequence[Line], by: User | None, now: datetime) -> None:
    """New ones are the organisation's own. All at once, as an import does. Raises Stale."""
    if not lines:
        return
    records = [line.says.record for line in lines]
    held_ones = hold_activities([record.reference for record in records])
    newest = newest_versions(ActivityVersion.objects.filter(activity__in=held_ones.values()))
    stands = {reference: str(pk) for reference, pk in newest.values_list("activity__reference", "pk")}
    if any(stands.get(line.says.record.reference, "0") != line.seen for line in lines):
        raise Stale(CHANGED)
    fresh = [activity.pk for reference, activity in held_ones.items() if reference not in stands]
    Activity.objects.filter(pk__in=fresh).update(recorded_by=submission.organisation)
    record_activities(records=records, accept=False, by=by, now=now, plan=submission.round.plan)


# ---------------------------------------------------------------- the receipt


def receipt_of(
    submission: Submission, brought: Brought, compared: Compared, lines: Sequence[Line], by: User | None, now: datetime
) -> WorkbookUpload:
    taken = {id(line) for line in lines}
    conflicts = [line for line in compared.conflicts if id(line) in taken]
    made = WorkbookUpload(
        submission=submission,
        key=brought.key,
        name=brought.name[-LONGEST_NAME:],
        size=len(brought.content),
        sha256=brought.checksum,
        file=brought.content,
        made_at=compared.stamp.made_at,
        uploaded_at=now,
        uploaded_by=by,
        new=compared.counts[Effect.NEW],
        changed=compared.counts[Effect.CHANGED] + len(conflicts),
        unchanged=compared.counts[Effect.UNCHANGED],
        kept=len(compared.conflicts) - len(conflicts),
        content=[said_of(line, id(line) in taken) for line in compared.lines if line.effect is not Effect.UNCHANGED],
    )
    made.save(force_insert=True)
    return made


def said_of(line: Line, taken: bool) -> dict[str, Any]:
    words = EFFECT_WORDS[line.effect]
    if line.effect is Effect.CONFLICT:
        words += ", the workbook's is taken" if taken else ", left as on the site"
    return {
        "place": str(line.place),
        "name": line.name,
        "effect": words,
        "words": line.words,
        "was": line.theirs,
    }
