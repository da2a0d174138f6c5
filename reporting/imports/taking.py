"""A file of a register is imported: all of it or nothing, in steps that somebody can watch, with a receipt."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from members.audit import made, record_all
from members.choices import AuditAction
from members.models import AuditEntry, InHistory, User
from members.refusals import Stale
from reporting.actions import Outcome
from reporting.actions.bulk import Effect
from reporting.actions.importing import Steps, import_activities, import_arrangements

from .files import ActivitiesFile, RegisterFile

IMPORT = "import"
"""The kind of object that an entry about an import names; there is no row of it."""
CHANGED_MEANWHILE = "Records changed after the preview. Nothing is imported; this is the preview as of now."


@dataclass(frozen=True)
class Brought:
    """A file, as somebody confirms it. ``seen``: the token of the preview."""

    file: RegisterFile
    content: bytes
    name: str
    seen: str

    @property
    def key(self) -> str:
        """By it a second click on the same preview is known."""
        return sha256(sha256(self.content).digest() + self.seen.encode()).hexdigest()

    @property
    def register(self) -> str:
        return self.file.layout.sheet.lower()

    def check(self) -> None:
        """Raises Stale where what it was compared with changed since the preview, ValidationError where a row is
        wrong."""
        if self.file.seen != self.seen:
            raise Stale(CHANGED_MEANWHILE)
        if self.file.problems:
            raise ValidationError([each.sentence for found in self.file.problems.values() for each in found])

    def receipt(self) -> AuditEntry | None:
        """Of the same preview, imported already."""
        about = {"action": AuditAction.IMPORTED, "object_type": IMPORT, "object_key": self.key}
        return AuditEntry.objects.filter(**about).order_by("-pk").first()


def taking(brought: Brought, *, by: User, now: datetime) -> Steps[AuditEntry]:
    """Imports it step by step; returns the receipt. Nobody confirms anything by it, since nobody decides on what they
    entered themselves. One transaction, which ends where nobody takes the next step. Raises as ``check`` does."""
    brought.check()
    with transaction.atomic():
        outcome = yield from steps_of(brought, by, now)
        receipt = record_of(brought, outcome, by)
    return receipt


def steps_of(brought: Brought, by: User, now: datetime) -> Steps[Outcome]:
    file, records = brought.file, list(brought.file.records.values())
    facts: dict[str, Any] = {"records": records, "accept": False, "by": by, "now": now}
    if isinstance(file, ActivitiesFile):
        steps = import_activities(**facts, plan=file.plan, held=lambda: check_again(brought))
    else:
        steps = import_arrangements(**facts, held=lambda: check_again(brought))
    return (yield from steps)


def check_again(brought: Brought) -> None:
    """Now that nobody else changes them. Raises Stale."""
    if brought.file.token() != brought.seen:
        raise Stale(CHANGED_MEANWHILE)


def record_of(brought: Brought, outcome: Outcome, by: User) -> AuditEntry:
    counted = {effect.value: (None, outcome.count(effect)) for effect in Effect}
    said = {
        "file": (None, brought.name),
        "register": (None, brought.register),
        "plan": (None, brought.file.plan.code),
        "sha256": (None, sha256(brought.content).hexdigest()),
    }
    what = InHistory(brought.key, brought.name)
    [receipt] = record_all([made(by, AuditAction.IMPORTED, IMPORT, what, said | counted)])
    return receipt
