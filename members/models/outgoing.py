"""Mail that waits to be sent, and what became of it."""

from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import Q


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def waiting(self) -> Self:
        """Those that were tried least come first, so that one which is always refused is in nobody's way."""
        return self.filter(claimed_at=None, sent_at=None).order_by("attempts", "pk")

    def doubtful(self, before: datetime) -> Self:
        """Claimed before that moment and not marked since: sent or not, nobody knows."""
        return self.filter(claimed_at__lte=before, sent_at=None).order_by("pk")


class OutgoingMail(models.Model):
    """A mail from when it was decided until it is sent. Written by `members.mail` alone."""

    SUBJECT_LENGTH = 200
    ERROR_LENGTH = 500

    key = models.CharField(max_length=200, unique=True)
    to = models.EmailField()
    subject = models.CharField(max_length=SUBJECT_LENGTH)
    text = models.TextField(blank=True)
    secret = models.BooleanField(default=False, help_text="Its text is forgotten as soon as it is sent.")
    queued_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    last_error = models.CharField(max_length=ERROR_LENGTH, blank=True)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "outgoing mail"
        constraints = (
            models.CheckConstraint(
                condition=Q(sent_at__isnull=True) | Q(claimed_at__isnull=False),
                name="outgoing_mail_claimed_before_sent",
            ),
        )
        indexes = (
            models.Index(fields=["attempts", "id"], condition=Q(sent_at__isnull=True), name="outgoing_mail_not_sent"),
        )

    def __str__(self) -> str:
        return f"{self.subject}, to {self.to}"
