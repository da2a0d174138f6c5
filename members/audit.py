"""The record of who did what. An entry commits with the change that it describes, or not at all."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction

from members.chain import Head, fingerprint_of, head, link, plain
from members.choices import AuditAction
from members.models import AuditEntry, InHistory, User

COMMAND_LINE = "Command line"
LABEL_LENGTH = 250
EXPORT = "export"
"""The kind of object that an entry about an export names; there is no row of it."""


class OutsideTransaction(RuntimeError):
    pass


def natural_key_of(obj: models.Model) -> str:
    """What an entry calls the object: it still means something when the row is gone."""
    parts = obj.natural_key() if hasattr(obj, "natural_key") else (obj.pk,)
    return "/".join("" if part is None else str(part) for part in parts)


def called(obj: models.Model) -> InHistory:
    """As the object says itself by `in_history`, or by its natural key and its words."""
    return getattr(obj, "in_history", None) or InHistory(natural_key_of(obj), str(obj))


def entry(
    *,
    by: User | None,
    action: AuditAction,
    obj: models.Model,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str = "",
    only_for: str = "",
) -> AuditEntry:
    """An entry that is not stored yet. `by` is nobody where a command was not told for whom it acts. `only_for`: the
    code of the organisation that alone may read it, of what it has not sent."""
    return made(by, action, obj._meta.label_lower, called(obj), changes, reason, only_for)


def made(
    by: User | None,
    action: AuditAction,
    kind: str,
    what: InHistory,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str = "",
    only_for: str = "",
) -> AuditEntry:
    return AuditEntry(
        actor_email=by.email if by else "",
        actor_name=by.name if by else COMMAND_LINE,
        action=AuditAction(action),
        object_type=kind,
        object_key=what.key,
        object_label=what.label[:LABEL_LENGTH],
        about=what.about or f"{kind}/{what.key}",
        only_for=only_for,
        changes=plain({field: list(values) for field, values in changes.items()}),
        reason=reason,
    )


def record_all(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    """Stores entries, and has them linked (`members.chain`)."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("Record inside transaction.atomic(), together with the change.")
    entries = list(entries)
    for each in entries:
        each.fingerprint = fingerprint_of(each)
    stored = AuditEntry.objects.bulk_create(entries)
    link(stored)
    return stored


def record(
    *,
    by: User | None,
    action: AuditAction,
    obj: models.Model,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str = "",
    only_for: str = "",
) -> AuditEntry:
    [stored] = record_all([entry(by=by, action=action, obj=obj, changes=changes, reason=reason, only_for=only_for)])
    return stored


def record_export(*, by: User | None, what: str, address: str, rows: int, released: bool) -> Head | None:
    """Keeps that somebody took out what is not released: `what` it is in words, the `address` that gives it again, and
    how many rows. What is released already is not kept. Returns the head of the history, which every export
    prints; None before anything is recorded. It is its own transaction, so that the head covers the read itself."""
    if not released:
        with transaction.atomic():
            facts = {"address": (None, address), "rows": (None, rows)}
            record_all([made(by, AuditAction.EXPORTED, EXPORT, InHistory(what[:LABEL_LENGTH], what), facts)])
    return head()
