"""What all entry in bulk has in common."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import connection
from django.db.models import CharField, Model

from members.models import User
from reporting.choices import AnswerStatus, Decision
from reporting.threads import UNSENT

T = TypeVar("T")
Changes = dict[str, tuple[Any, Any]]
BATCH = 500
"""Rows in one statement: databases limit its length, and get slow before that."""


class Effect(Enum):
    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class Done:
    """What a bulk entry did with a row: from what to what, in everything that is stored anew."""

    effect: Effect
    changes: Changes


@dataclass(frozen=True)
class Outcome:
    """What a bulk entry did, in the order of what it was given."""

    rows: tuple[Done, ...]

    def count(self, effect: Effect) -> int:
        return sum(row.effect is effect for row in self.rows)


class Step(Enum):
    KEEP = "it is known"
    DECIDE = "accept what was sent"
    WRITE = "write a new version"


COUNTED = frozenset({AnswerStatus.ACCEPTED, Decision.CONFIRMED})
UNDECIDED = frozenset({AnswerStatus.SUBMITTED, Decision.UNDECIDED})


def step(state: str, *, same: bool, accept: bool) -> Step:
    """What to do with a row. ``state``: of the newest version; ``same``: that says what the row says."""
    if not same or state in UNSENT:
        return Step.WRITE
    if not accept or state in COUNTED:
        return Step.KEEP
    return Step.DECIDE if state in UNDECIDED else Step.WRITE


def only(rows: Iterable[T], steps: Iterable[Step], wanted: Step) -> list[T]:
    return [row for row, step in zip(rows, steps, strict=True) if step is wanted]


def done(step: Step, *, known: bool, changes: Changes, decided: Changes) -> Done:
    """``changes``: of a new version; ``decided``: of one that is there."""
    if step is Step.KEEP:
        return Done(Effect.UNCHANGED, {})
    if step is Step.DECIDE:
        return Done(Effect.CHANGED, decided)
    return Done(Effect.CHANGED if known else Effect.NEW, changes)


def picked(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {name: (before.get(name), after[name]) for name in after if before.get(name) != after[name]}


OWN_WORK = "Nobody decides on what they entered or sent themselves."


def only_others_work(entered: Iterable[int | None], by: User | None) -> None:
    if by is not None and by.pk in entered:
        raise ValidationError(OWN_WORK)


def insert_rows(model: type[Model], names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Many rows whose keys nobody needs, several times faster than ``bulk_create``, which makes ready each value by
    itself: here they are numbers, short texts, yes or no as they are. Constraints and triggers hold as ever."""
    if not rows:
        return
    fields: list[Any] = [model._meta.get_field(name) for name in names]
    name = connection.ops.quote_name
    into = f"INSERT INTO {name(model._meta.db_table)} ({', '.join(name(each.column) for each in fields)})"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            kinds = ("text" if isinstance(each, CharField) else each.db_type(connection) for each in fields)
            lists = ", ".join(f"%s::{kind}[]" for kind in kinds)
            cursor.execute(f"{into} SELECT * FROM unnest({lists})", [*map(array, zip(*rows, strict=True))])  # noqa: S608
        else:
            cursor.executemany(f"{into} VALUES ({', '.join(['%s'] * len(fields))})", rows)


def array(values: Iterable[Any]) -> str:
    """As PostgreSQL writes one; it reads that many times faster than an expression of as many parts."""
    said = ["NULL" if each is None else quoted(each) if isinstance(each, str) else str(each) for each in values]
    return f"{{{','.join(said)}}}"


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


@contextmanager
def uncollected() -> Iterator[None]:
    """While thousands of rows are made Python would look for objects in circles again and again, a third of the time,
    and find none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()
