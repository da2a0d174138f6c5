"""What all entry in bulk has in common."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from django.core.exceptions import ValidationError

from members.models import User
from reporting.choices import AnswerStatus, Decision

Changes = dict[str, tuple[Any, Any]]
BATCH = 500
"""Rows in one statement: databases limit its length, and get slow before that."""


@dataclass(frozen=True)
class Outcome:
    """What a bulk entry did, in rows."""

    new: int
    changed: int
    unchanged: int


class Step(Enum):
    KEEP = "it is known"
    DECIDE = "accept what was sent"
    WRITE = "write a new version"


COUNTED = frozenset({AnswerStatus.ACCEPTED, Decision.CONFIRMED})
UNDECIDED = frozenset({AnswerStatus.SUBMITTED, Decision.UNDECIDED})
UNSENT = frozenset({AnswerStatus.DRAFT, AnswerStatus.AWAITING_APPROVAL})


def step(state: str, *, same: bool, accept: bool) -> Step:
    """What to do with a row. ``state``: of the newest version; ``same``: that says what the row says."""
    if not same or state in UNSENT:
        return Step.WRITE
    if not accept or state in COUNTED:
        return Step.KEEP
    return Step.DECIDE if state in UNDECIDED else Step.WRITE


def picked(row: object, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Changes:
    return {name: (before.get(name), after[name]) for name in after if before.get(name) != after[name]}


def only_others_work(entered: Iterable[int | None], by: User | None) -> None:
    if by is not None and by.pk in entered:
        raise ValidationError("Nobody decides on what they entered or sent themselves.")
