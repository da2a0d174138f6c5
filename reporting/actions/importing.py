"""Many records from a file at once, in steps that somebody can watch. All steps are one transaction, which whoever
takes them opens: where one fails, or nobody waits for the next, nothing of the file is kept."""

from collections.abc import Callable, Generator, Sequence
from datetime import datetime
from itertools import islice
from typing import TypeVar

from members.models import User
from workplan.models import Plan

from .activities import ActivityRecord, hold_activities, newest_of_activities, suspect, write_activities
from .arrangements import ArrangementRecord, hold_arrangements, newest_of_arrangements, write_arrangements
from .bulk import BATCH, Done, Outcome, uncollected

T = TypeVar("T")
Steps = Generator[int, None, T]
"""Yields how many of the records are done, and returns what came of them."""


def nothing() -> None:
    """There is nothing else to look at."""


def import_activities(
    *,
    records: Sequence[ActivityRecord],
    accept: bool,
    by: User | None,
    now: datetime,
    plan: Plan,
    held: Callable[[], object] = nothing,
) -> Steps[Outcome]:
    """``record_activities``, step by step. All are held from the start, so that nobody changes one meanwhile and two
    imports wait for each other in one order. ``held``: what is to be looked at then, before anything is written."""
    activities = hold_activities([record.reference for record in records])
    held()
    rows: list[Done] = []
    written: set[int] = set()
    todo = iter(records)
    while batch := list(islice(todo, BATCH)):
        with uncollected():
            newest = newest_of_activities([record.reference for record in batch])
            outcome, made = write_activities(
                records=batch, held=activities, newest=newest, accept=accept, by=by, now=now, plan=plan
            )
        rows.extend(outcome.rows)
        written |= made
        yield len(rows)
    with uncollected():
        suspect(written, now)
    return Outcome(tuple(rows))


def import_arrangements(
    *,
    records: Sequence[ArrangementRecord],
    accept: bool,
    by: User | None,
    now: datetime,
    held: Callable[[], object] = nothing,
) -> Steps[Outcome]:
    """The same for arrangements, of which a region has some hundreds at most: in one step."""
    arrangements = hold_arrangements({record.pair for record in records})
    held()
    newest = newest_of_arrangements()
    outcome = write_arrangements(records=records, held=arrangements, newest=newest, accept=accept, by=by, now=now)
    yield len(records)
    return outcome


def finished(steps: Steps[T], told: Callable[[int], object]) -> T:
    """Takes all steps, and tells of each."""
    while True:
        try:
            told(next(steps))
        except StopIteration as end:
            done: T = end.value
            return done
