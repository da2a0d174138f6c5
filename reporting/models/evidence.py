"""What shows that a record or an answer is so: files, each kept once, and links, each beside what it stands with."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.models import InHistory
from workplan.calendar import year_label
from workplan.models import Kpi

from .checks import together
from .registers import Activity, Arrangement
from .rounds import Submission

ANSWER = ("submission", "kpi")
NOTHING_ELSE = {"activity__isnull": True, "arrangement__isnull": True, "submission__isnull": True, "kpi__isnull": True}


def only(*names: str) -> Q:
    """The condition that these are set, and of what evidence can stand with nothing else."""
    return Q(**NOTHING_ELSE | {f"{name}__isnull": False for name in names})


def once(*names: str, name: str, **only: bool) -> models.UniqueConstraint:
    """The same file stands with a record once, as long as it was not removed."""
    return models.UniqueConstraint(
        fields=("file", *names),
        condition=Q(removed_at__isnull=True, **only),
        name=f"evidence_once_with_{name}",
        violation_error_message="This file stands here already.",
    )


class EvidenceFile(models.Model):
    """The content of a file, kept once, whoever uploads it. ``path``: a name of our own in the default storage."""

    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField()
    kind = models.CharField(max_length=5, help_text="as the name ends: pdf")
    path = models.CharField(max_length=100, unique=True)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.sha256


class Evidence(models.Model):
    """One piece: a file or a link, with an activity, an arrangement or an answer (whichever of its versions stands
    there). It is never changed; removed, it stays with who removed it and why, and nobody opens it any more."""

    file = models.ForeignKey(EvidenceFile, models.PROTECT, related_name="evidence", null=True, blank=True)
    name = models.CharField(max_length=120, blank=True, help_text="what the person called the file, made safe")
    url = models.URLField(max_length=500, blank=True)
    title = models.CharField(max_length=200)
    activity = models.ForeignKey(Activity, models.PROTECT, related_name="evidence", null=True, blank=True)
    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="evidence", null=True, blank=True)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="evidence", null=True, blank=True)
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="evidence", null=True, blank=True)
    plan_year = models.PositiveSmallIntegerField(null=True, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True
    )  # fmt: skip
    removal_reason = models.TextField(blank=True)

    class Meta:
        ordering = ("pk",)
        verbose_name_plural = "evidence"
        indexes = (models.Index(fields=("submission", "kpi", "plan_year"), name="evidence_thread"),)
        constraints = (
            models.CheckConstraint(
                condition=(Q(file__isnull=False, url="") & ~Q(name="")) | (Q(file__isnull=True, name="") & ~Q(url="")),
                name="evidence_is_file_or_link",
                violation_error_message="Evidence is a file or a link.",
            ),
            models.CheckConstraint(
                condition=only("activity") | only("arrangement") | only(*ANSWER),
                name="evidence_stands_with_one",
                violation_error_message="Evidence stands with one activity, arrangement or answer.",
            ),
            models.CheckConstraint(
                condition=Q(plan_year__isnull=True) | Q(submission__isnull=False),
                name="evidence_year_of_an_answer",
                violation_error_message="A plan year is that of an answer.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""), name="evidence_has_a_title", violation_error_message="Give a title."
            ),
            models.CheckConstraint(
                condition=together("removed_at", "removed_by")
                & (
                    Q(removed_at__isnull=True, removal_reason="")
                    | (Q(removed_at__isnull=False) & ~Q(removal_reason=""))
                ),
                name="evidence_removed_with_reason",
                violation_error_message="Say why it is removed.",
            ),
            once("activity", name="activity"),
            once("arrangement", name="arrangement"),
            once(*ANSWER, name="answer", plan_year__isnull=True),
            once(*ANSWER, "plan_year", name="answer_a_year", plan_year__isnull=False),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def in_history(self) -> InHistory:
        """Told with the record that it stands with; with an answer, on the page of the return."""
        record = self.activity or self.arrangement
        if record is None:
            return self.in_history_of_return
        called = getattr(record, "in_history", None)
        key, label = (called.key, called.label) if called else (str(record), str(record))
        return InHistory(str(self.pk), f"{self.title}, with {label}", f"{record._meta.label_lower}/{key}")

    @property
    def in_history_of_return(self) -> InHistory:
        year = f", {year_label(self.plan_year)}" if self.plan_year else ""
        label = f"{self.title}, {self.submission}, on {self.kpi.code if self.kpi else ''}{year}"
        about = f"reporting.submission/{self.submission.in_history.key}" if self.submission else ""
        return InHistory(str(self.pk), label, about)
