"""Those that a round waits for are reminded: by hand, and by themselves before and after a deadline."""

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import entry, record_all
from members.choices import AuditAction
from members.mail import post
from members.models import User
from reporting import rules, validators
from reporting.board import find_asked
from reporting.choices import ReminderKind
from reporting.facts import load_organisations
from reporting.models import Reminder, Round
from reporting.reminders import A_DAY, Need, Step, letter, needs, step_of
from workplan.queries import plan_at

from .refusals import Stale, check

ONCE = re.compile(r"[0-9a-f]{16}")
NOBODY = "Nobody at {} has an account, so a mail reaches nobody there. Tell them in another way."


Due = list[tuple[Need, Step]]


@dataclass(frozen=True)
class Reminded:
    """What a click came to: those that were reminded now, and how many had been by the same page before."""

    now: tuple[Need, ...]
    before: int

    @property
    def people(self) -> int:
        return sum(len(need.people) for need in self.now)


def held(collection: Round) -> Round:
    """One at a time reminds those of a round."""
    found = Round.objects.select_for_update(of=("self",), no_key=True).with_kpis().select_related("plan")
    return found.get(pk=collection.pk)


def needs_of(collection: Round, now: datetime) -> dict[str, Need]:
    """Organisation -> what it owes, as the database has it at this moment."""
    asked = find_asked(collection, plan_at(collection.plan, collection.as_at), load_organisations())
    return {need.organisation.code: need for need in needs(collection, asked, now)}


@transaction.atomic
def remind(*, collection: Round, chosen: Mapping[str, str], once: str, word: str, by: User, now: datetime) -> Reminded:
    """Reminds the chosen organisations, all or none; their people get the mail that stood on the page. ``chosen``:
    organisation -> the token of what the person saw of it; ``once``: names that look at the page, so a second click, or
    the same form once more after a crash, sends nothing twice. Raises Stale and ValidationError."""
    if not ONCE.fullmatch(once):
        raise ValidationError("This page is incomplete. Open it again, then send.")
    collection, word, step = (
        held(collection),
        " ".join(validators.words(word).split()),
        f"{ReminderKind.BY_HAND}/{once}",
    )
    check(rules.reminding(collection, now))
    if not chosen:
        raise ValidationError("Tick at least one organisation.")
    known = Reminder.objects.filter(submission__round=collection, step=step)
    done = set(known.values_list("submission__organisation__code", flat=True))
    found = needs_of(collection, now)
    wanted = {code: token for code, token in chosen.items() if code not in done}
    changed = [code for code, token in wanted.items() if code not in found or found[code].token != token]
    if changed:
        what = "What is missing changed meanwhile, or somebody else reminded them"
        raise Stale(f"{what}: {', '.join(changed)}. Look at it again, then send.")
    told = tuple(found[code] for code in wanted)
    for need in told:
        if not need.people:
            raise ValidationError(NOBODY.format(need.organisation.name))
    store([(need, ReminderKind.BY_HAND, step) for need in told], word, by, now)
    return Reminded(told, len(chosen) - len(told))


@transaction.atomic
def remind_due(
    *, collection: Round, before: Collection[int], after: Collection[int], by: User | None, now: datetime
) -> tuple[Due, Due]:
    """Sends what is due in a round and was not sent, each step once for each organisation. Returns whom it reminded,
    and whom it could not, because nobody there has an account."""
    due, silent = due_now(held(collection), before, after, now)
    store([(need, step.kind, step.name) for need, step in due], "", by, now)
    return due, silent


def due_now(collection: Round, before: Collection[int], after: Collection[int], now: datetime) -> tuple[Due, Due]:
    """The same without sending. Whom somebody reminded by hand a moment ago is left in peace until the next day."""
    if not rules.reminding(collection, now).allowed:
        return [], []
    sent = Reminder.objects.filter(submission__round=collection)
    known = set(sent.values_list("submission", "step"))
    by_hand = sent.filter(kind=ReminderKind.BY_HAND, sent_at__gt=now - A_DAY)
    in_peace = set(by_hand.values_list("submission", flat=True))
    steps = ((need, step_of(need, now, before, after)) for need in needs_of(collection, now).values())
    due = [
        (need, step)
        for need, step in steps
        if step and (need.submission.pk, step.name) not in known and need.submission.pk not in in_peace
    ]
    return [each for each in due if each[0].people], [each for each in due if not each[0].people]


def store(told: Iterable[tuple[Need, ReminderKind, str]], word: str, by: User | None, now: datetime) -> None:
    """The reminders, their mails and what the audit record says of them."""
    told = list(told)
    rows = [
        Reminder(submission=need.submission, kind=kind, step=step, sent_at=now, sent_by=by, people=len(need.people))
        for need, kind, step in told
    ]
    for row, (need, _, _) in zip(Reminder.objects.bulk_create(rows), told, strict=True):
        for user in need.people:
            mail = letter(need, user, word)
            key = f"{row.mail_key}{user.pk}"
            post(key=key, to=mail.to, subject=mail.subject, text=mail.text, now=now)
    record_all(
        entry(
            by=by,
            action=AuditAction.REMINDED,
            obj=need.submission,
            changes={"reminder": (None, step), "people": (None, [user.email for user in need.people])},
            reason=word,
        )
        for need, _, step in told
    )
