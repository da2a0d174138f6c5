"""Two records that may be of one event."""

from django.db import models
from django.db.models import F, Q

from members.models import InHistory
from reporting.choices import Likeness

from .checks import one_of, person
from .registers import Activity


class Suspicion(models.Model):
    """That two activities may be one, until somebody rules on it. ``first``: the one recorded earlier, which counts."""

    first = models.ForeignKey(Activity, models.PROTECT, related_name="suspected_later")
    second = models.ForeignKey(Activity, models.PROTECT, related_name="suspected_earlier")
    noticed_at = models.DateTimeField()
    ruling = models.CharField(max_length=20, choices=Likeness, default=Likeness.OPEN)
    reason = models.TextField(blank=True)
    ruled_at = models.DateTimeField(null=True, blank=True)
    ruled_by = person()

    class Meta:
        ordering = ("first", "second")
        constraints = (
            models.UniqueConstraint(fields=("first", "second"), name="suspicion_once"),
            models.CheckConstraint(
                condition=Q(first__lt=F("second")),
                name="suspicion_in_order",
                violation_error_message="The record that was made first stands first.",
            ),
            one_of("ruling", Likeness.values, "suspicion_ruling_known"),
            models.CheckConstraint(
                condition=Q(ruling=Likeness.OPEN, ruled_at__isnull=True)
                | (~Q(ruling=Likeness.OPEN) & Q(ruled_at__isnull=False)),
                name="suspicion_ruled_at_a_time",
                violation_error_message="A ruling says when it was made.",
            ),
            models.CheckConstraint(
                condition=Q(ruling=Likeness.OPEN) | ~Q(reason=""),
                name="suspicion_ruled_with_reason",
                violation_error_message="Say why.",
            ),
        )
        indexes = (models.Index(fields=("second",), condition=Q(ruling=Likeness.OPEN), name="suspicion_open"),)

    def __str__(self) -> str:
        return f"{self.first} and {self.second}"

    @property
    def in_history(self) -> InHistory:
        label = f"{self.first.reference} and {self.second.reference}"
        return InHistory(
            f"{self.first.reference}/{self.second.reference}", label, f"reporting.activity/{self.first.reference}"
        )
