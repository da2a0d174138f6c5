"""A person's own address of the calendar of planned activities."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from members.models import InHistory


class Feed(models.Model):
    """Whoever has the address reads what its owner may know of. Only a hash of it is kept, so it is shown once. It
    works until its owner takes it back or makes another.

    Written by ``actions.feeds`` alone."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="feeds")
    token_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("person", "made_at")
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.UniqueConstraint(fields=("person",), condition=Q(revoked_at__isnull=True), name="feed_one_works"),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                name="feed_revoked_after_it_was_made",
            ),
        )

    def __str__(self) -> str:
        return str(self.person)

    @property
    def in_history(self) -> InHistory:
        return InHistory(f"{self.person.email}/{self.pk}", str(self), f"members.user/{self.person.email}")
