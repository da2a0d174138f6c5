"""Long work that goes on behind the pages, and the files that a release gains from it."""

import uuid
from typing import Any, NoReturn

from django.db import models
from django.db.models import F, Q

from members.models import Organisation
from reporting.choices import JobKind, JobState
from reporting.inputs import Basis
from workplan.models import Plan

from .checks import one_of, person
from .releases import Release

UNDER_WAY = (JobState.WAITING, JobState.RUNNING)
BASES = [each.value for each in Basis]


class Job(models.Model):
    """Long work that somebody asked for. ``actions/jobs.py`` changes it, and nobody else.

    It is about a release, or about the figures ``as_at`` a day on a ``basis`` that are not released. ``done`` of
    ``steps``: how far it is; ``doing``: what it makes at the moment; ``beat_at``: when it last showed that it is alive.
    ``content`` is what came of it; the pack of a release stands with the release instead."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(max_length=20, choices=JobKind.choices)
    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    release = models.ForeignKey(Release, models.PROTECT, related_name="jobs", null=True, blank=True)
    as_at = models.DateField(null=True, blank=True)
    basis = models.CharField(max_length=10, choices=[(each, each) for each in BASES], blank=True)
    asked_at = models.DateTimeField()
    asked_by = person()
    state = models.CharField(max_length=10, choices=JobState.choices, default=JobState.WAITING)
    tries = models.PositiveSmallIntegerField(default=0)
    done = models.PositiveSmallIntegerField(default=0)
    steps = models.PositiveSmallIntegerField(default=0)
    doing = models.CharField(max_length=200, blank=True)
    beat_at = models.DateTimeField(null=True, blank=True)
    cancel_asked_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    problem = models.TextField(blank=True)
    name = models.CharField(max_length=120, blank=True)
    content = models.BinaryField(null=True, blank=True)
    checksum = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ("pk",)
        constraints = (
            one_of("kind", JobKind.values, "job_kind_known"),
            one_of("state", JobState.values, "job_state_known"),
            models.CheckConstraint(condition=Q(done__lte=F("steps")), name="job_goes_no_further_than_its_end"),
            models.CheckConstraint(
                condition=Q(state__in=UNDER_WAY, ended_at__isnull=True)
                | (~Q(state__in=UNDER_WAY) & Q(ended_at__isnull=False)),
                name="job_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(name="", checksum="", content__isnull=True)
                | (~Q(name="") & ~Q(checksum="") & Q(content__isnull=False, state=JobState.DONE)),
                name="job_result_when_done",
            ),
            models.CheckConstraint(
                condition=Q(kind=JobKind.PACK, release__isnull=False, as_at__isnull=True, basis="")
                | Q(kind=JobKind.SCORECARDS, release__isnull=True, as_at__isnull=False, basis__in=BASES),
                name="job_of_release_or_of_day",
            ),
            models.UniqueConstraint(
                fields=("kind", "release"), condition=Q(state__in=UNDER_WAY), name="job_once_at_a_time"
            ),
            models.UniqueConstraint(
                fields=("kind", "plan", "as_at", "basis"),
                condition=Q(state__in=UNDER_WAY, release__isnull=True),
                name="job_of_day_once_at_a_time",
            ),
        )

    def __str__(self) -> str:
        about = f"of release {self.release.number}" if self.release else f"as at {self.as_at}, {self.basis}"
        return f"{JobKind(self.kind).label} {about}"

    @property
    def under_way(self) -> bool:
        return self.state in UNDER_WAY


class ReleaseFile(models.Model):
    """A file of a release's pack: stored once, served as it is. ``organisation``: of whom it tells alone; such a file
    is not for everybody who sees releases. Kept in the database, so that it moves with it and is there whole or not at
    all."""

    release = models.ForeignKey(Release, models.PROTECT, related_name="files")
    name = models.CharField(max_length=120)
    title = models.CharField(max_length=200)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+", null=True, blank=True)
    content = models.BinaryField()
    size = models.PositiveIntegerField()
    checksum = models.CharField(max_length=64)
    made_at = models.DateTimeField()

    class Meta:
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("release", "name"), name="release_file_once"),)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A file of a release is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A file of a release is never deleted.")

    @property
    def file_name(self) -> str:
        """As a browser keeps it: with the number of the release, as all have files of the same names."""
        return f"release-{self.release.number}-{self.name.rpartition('/')[2]}"
