"""What is written about an answer between a Member, its co-coordinators and the secretariat: comments, the original of
what came by e-mail, and what the Member says of an answer that was entered on its behalf."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from members.models import Organisation
from reporting.choices import MemberSays
from workplan.models import Kpi

from .checks import one_of
from .rounds import Answer, Submission


class AnswerComment(models.Model):
    """One comment on an answer, whichever of its versions stands there. It is never changed and never taken away.

    ``internal``: the secretariat alone reads it. ``organisation``: for whom ``by`` wrote."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="comments")
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="answer_comments")
    plan_year = models.PositiveSmallIntegerField(null=True, blank=True)
    text = models.TextField()
    internal = models.BooleanField(default=False)
    at = models.DateTimeField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("submission", "kpi", "plan_year", "pk")
        indexes = (models.Index(fields=("submission", "kpi", "plan_year"), name="answer_comment_thread"),)
        constraints = (
            models.CheckConstraint(
                condition=~Q(text=""), name="answer_comment_says_something", violation_error_message="Write something."
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission}, on {self.kpi.code}"


class Original(models.Model):
    """What a Member sent by e-mail, as it came. It stands in the database, so that it moves, is kept and is restored
    with what was entered from it. It is never changed."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="originals")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=5, help_text="as the name ends: pdf")
    size = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.BinaryField()
    received_on = models.DateField()
    received_from = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("submission", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "sha256"),
                name="original_once",
                violation_error_message="This file was uploaded already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission}, {self.name}"


class Confirmation(models.Model):
    """What the Member says of a version that was entered on its behalf: that it is right, or, with a reason, that this
    is not what it said. Once for each version."""

    answer = models.OneToOneField(Answer, models.PROTECT, related_name="confirmation")
    kind = models.CharField(max_length=20, choices=MemberSays)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("answer",)
        constraints = (
            one_of("kind", MemberSays.values, "confirmation_kind_known"),
            models.CheckConstraint(
                condition=Q(kind=MemberSays.CONFIRMED) | ~Q(reason=""),
                name="confirmation_contested_with_reason",
                violation_error_message="Say what is wrong.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.answer}, {self.get_kind_display()}"
