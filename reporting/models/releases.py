"""What is kept of results: releases, and the token that says that something changed."""

from typing import Any, NoReturn

from django.db import models
from django.db.models import Q

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


class Revision(models.Model):
    """One row, written by the database's triggers alone (``revision.py``): a token that changes with the data."""

    token = models.CharField(max_length=32)
    change = models.BigIntegerField(
        default=0, help_text="the transaction that changed it last, where there are numbers"
    )

    def __str__(self) -> str:
        return self.token
