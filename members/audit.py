"""The record of who did what. An entry commits with the change that it describes, or not at all."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models, transaction

from members.choices import AuditAction
from members.models import AuditEntry, User

COMMAND_LINE = "Command line"
LABEL_LENGTH = 250


class OutsideTransaction(RuntimeError):
    pass


def natural_key_of(obj: models.Model) -> str:
    """What an entry calls the object: it still means something when the row is gone."""
    parts = obj.natural_key() if hasattr(obj, "natural_key") else (obj.pk,)
    return "/".join("" if part is None else str(part) for part in parts)


def entry(
    *,
    by: User | None,
    action: AuditAction,
    obj: models.Model,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str = "",
) -> AuditEntry:
    """An entry that is not stored yet. `by` is nobody where a command was not told for whom it acts."""
    return AuditEntry(
        actor_email=by.email if by else "",
        actor_name=by.name if by else COMMAND_LINE,
        action=AuditAction(action),
        object_type=obj._meta.label_lower,
        object_key=natural_key_of(obj),
        object_label=str(obj)[:LABEL_LENGTH],
        changes={field: list(values) for field, values in changes.items()},
        reason=reason,
    )


def record_all(entries: Iterable[AuditEntry]) -> list[AuditEntry]:
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("Record inside transaction.atomic(), together with the change.")
    return AuditEntry.objects.bulk_create(entries)


def record(
    *,
    by: User | None,
    action: AuditAction,
    obj: models.Model,
    changes: Mapping[str, tuple[Any, Any]],
    reason: str = "",
) -> AuditEntry:
    [stored] = record_all([entry(by=by, action=action, obj=obj, changes=changes, reason=reason)])
    return stored
