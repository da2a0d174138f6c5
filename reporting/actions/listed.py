"""An organisation confirms what the register knows of it: once for each record, and for every question that it answers
(domain.md, "Terms": a fact counts wherever it serves)."""

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from members.models import Organisation, User
from reporting.choices import StatementKind
from reporting.listed import Listed
from reporting.models import SAYS, Activity, Answer, ArrangementVersion
from reporting.questions import questions_of
from reporting.returns import Item, Return
from reporting.threads import Thread
from workplan.choices import Source

from .bulk import picked
from .entry import save_draft
from .statements import state_part, state_side


def as_the_register_says(source: Source) -> dict[str, Any]:
    """The answer that follows from the register: a yes, or that the register is complete."""
    return {"participated": True} if source is Source.PARTICIPATION else {"register_complete": True}


def say_right(parts: Iterable[Listed], organisation: Organisation, by: User, now: datetime) -> int:
    """Says of each of these parts that it is right, where that was not said yet. Returns of how many."""
    fresh = [each.activity for each in parts if not (each.right or each.contested)]
    for activity in Activity.objects.filter(pk__in=fresh):
        state_part(
            activity=activity, organisation=organisation, kind=StatementKind.CONFIRMED, reason="", by=by, now=now
        )
    return len(fresh)


def say_pairs_right(pairs: Iterable[ArrangementVersion], organisation: Organisation, by: User, now: datetime) -> None:
    """The same of arrangements of which nothing was said."""
    for each in pairs:
        told: dict[str, Any] = {"kind": StatementKind.CONFIRMED, "reason": "", "by": by, "now": now}
        state_side(arrangement=each.arrangement, organisation=organisation, **told)


def answered_by(parts: Collection[Listed], found: Return) -> Iterator[tuple[Item, Thread]]:
    """The questions about taking part that these parts answer with a yes, that may be answered now, and that nobody has
    answered yet."""
    for item in found.items:
        for thread in item.threads if item.reading.source is Source.PARTICIPATION else ():
            fresh = not thread.versions and found.change(item, thread).allowed
            if fresh and any(each.serves(item, thread.plan_year) for each in parts):
                yield item, thread


@transaction.atomic
def confirm_listed(*, found: Return, parts: Collection[Listed], now: datetime) -> tuple[int, list[str]]:
    """Says of these parts that they are right, and drafts a yes to each question that they answer. Returns of how many
    parts it was said now, and the KPIs that have a draft now. Raises Stale and ValidationError."""
    by, drafted = found.look.user, []
    said = say_right(parts, found.submission.organisation, by, now)
    questions = questions_of(found.round)
    for item, thread in answered_by(parts, found):
        says = picked(Answer(), SAYS) | as_the_register_says(item.reading.source)
        save_draft(
            submission=found.submission,
            question=questions[item.kpi.code],
            plan_year=thread.plan_year,
            says=says,
            seen=thread.token,
            by=by,
            now=now,
        )
        drafted.append(item.kpi.code)
    return said, list(dict.fromkeys(drafted))
