"""What is kept of results: releases, and the token that says that something changed."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

from members.models import InHistory
from workplan.models import Plan

from .checks import person

LATEST = ("-as_at", "-number")
"""Which release comes first: that of the latest date, of these the one made last. One made afterwards for an earlier
date takes nobody's front page."""


class Release(models.Model):
    """A frozen, dated, reproducible set of results. ``content`` is the whole report as canonical JSON, which the
    checksum (SHA-256) is taken of; it is never changed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    as_at = models.DateField()
    basis = models.CharField(max_length=20)
    published_at = models.DateTimeField()
    published_by = person()
    content = models.TextField()
    checksum = models.CharField(max_length=64)
    history_number = models.BigIntegerField(null=True, editable=False, help_text="head of the history at that moment")
    history_digest = models.CharField(max_length=64, blank=True, editable=False)
    members_named = models.BooleanField(
        default=True, editable=False, help_text="whether its documents name Members, as the plan said at that moment"
    )

    class Meta:
        ordering = ("plan", "-number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="release_number_once"),
            models.CheckConstraint(
                condition=Q(basis__in=("accepted", "reported")),
                name="release_basis_known",
                violation_error_message="A release is on the accepted or the reported basis.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A release is never changed; publish another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A release is never deleted.")

    @property
    def in_history(self) -> InHistory:
        key, about = f"{self.plan.code}/{self.number}", f"workplan.plan/{self.plan.code}"
        return InHistory(key, f"{self.number}. {self.title}", about)

    @property
    def proof(self) -> str:
        """What stands at the foot of its pages, so that paper can be compared with the site."""
        head = f"; head of the history then: {self.history_head}" if self.history_head else ""
        return f"Release {self.number}, SHA-256 {self.checksum}{head}"

    @property
    def history_head(self) -> str:
        """The head of the history when it was released; "" of one from before there was any."""
        return f"{self.history_number} {self.history_digest}" if self.history_number else ""


class Revision(models.Model):
    """Two rows, written by the database's triggers alone (``revision.py``): a token that changes with the data, and one
    that changes with the frame."""

    token = models.CharField(max_length=32)
    change = models.BigIntegerField(
        default=0, help_text="the transaction that changed it last, where there are numbers"
    )

    def __str__(self) -> str:
        return self.token
