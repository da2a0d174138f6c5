"""Which organisation was reminded of its return, when and why."""

from django.db import models

from reporting.choices import ReminderKind

from .checks import one_of, person
from .rounds import Submission


class Reminder(models.Model):
    """One organisation was reminded of its return once. ``step`` names the occasion, and the same one never comes
    twice: the page that somebody pressed the button of, or so many days before or after a deadline. The mails of it are
    those of the outbox whose key begins with ``mail_key``.

    Written by ``actions.reminders`` alone."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="reminders")
    kind = models.CharField(max_length=20, choices=ReminderKind)
    step = models.CharField(max_length=60)
    sent_at = models.DateTimeField()
    sent_by = person()
    people = models.PositiveIntegerField(help_text="how many got a mail")

    class Meta:
        ordering = ("-sent_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "step"),
                name="reminder_once",
                violation_error_message="This organisation was reminded on that occasion already.",
            ),
            one_of("kind", ReminderKind.values, "reminder_kind_known"),
            models.CheckConstraint(
                condition=models.Q(people__gte=1),
                name="reminder_reaches_somebody",
                violation_error_message="A reminder goes to at least one person.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.submission}, {self.get_kind_display().lower()}"

    @property
    def mail_key(self) -> str:
        return f"reminder/{self.pk}/"

    @property
    def days(self) -> str:
        """How many days before or after the deadline; "" where somebody sent it by hand."""
        return "" if self.kind == ReminderKind.BY_HAND else self.step.rpartition("/")[2]
