"""The record of what people did, to which is only ever added."""

from dataclasses import dataclass
from typing import Any, NoReturn

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils import timezone

from members.choices import AuditAction


class AppendOnly(Exception):
    pass


def refuse() -> NoReturn:
    raise AppendOnly("The audit trail is only ever added to.")


class AuditQuerySet(models.QuerySet["AuditEntry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        refuse()

    def delete(self) -> NoReturn:
        refuse()


@dataclass(frozen=True)
class InHistory:
    """How the history calls an object: `key` still means something when the row is gone; `about`: on whose page its
    entries stand, where that is not its own."""

    key: str
    label: str
    about: str = ""


def audit_actions() -> list[tuple[str, str]]:
    """A function, so that a new action needs no migration."""
    return AuditAction.choices


class AuditEntry(models.Model):
    """Who did what to what, when and why. No foreign keys: it outlives everything that it names.

    Written by `members.audit.record` alone. `about`: on whose page it stands, such as the return of an answer, as type
    and key; `only_for`: the code of the organisation that alone may read it, such as what its drafts say.
    """

    at = models.DateTimeField(default=timezone.now)
    actor_email = models.EmailField(blank=True)
    actor_name = models.CharField(max_length=120)
    action = models.CharField(max_length=30, choices=audit_actions)
    object_type = models.CharField(max_length=60)
    object_key = models.CharField(max_length=250)
    object_label = models.CharField(max_length=250)
    about = models.CharField(max_length=320)
    only_for = models.CharField(max_length=4, blank=True)
    changes = models.JSONField(default=dict, encoder=DjangoJSONEncoder, help_text="field: [from, to]")
    reason = models.TextField(blank=True)
    fingerprint = models.CharField(max_length=64, editable=False, help_text="SHA-256 of all the above")

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-pk")
        verbose_name_plural = "audit entries"
        indexes = (
            models.Index(fields=["object_type", "object_key", "-at", "-id"], name="audit_of_object"),
            models.Index(fields=["about", "-at", "-id"], name="audit_about"),
            models.Index(fields=["-at", "-id"], name="audit_newest"),
        )

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%y %H:%M} {self.actor_name}: {self.get_action_display()} {self.object_label}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            refuse()
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        refuse()


class AuditLink(models.Model):
    """The place of an entry in the chain (`members.chain`). Numbered from 1 without a gap, by the database itself where
    it can. Whether its entry is still there is for `verify_history` to say, so nothing ties the two."""

    number = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.DO_NOTHING, db_constraint=False, related_name="link")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ("number",)

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"
