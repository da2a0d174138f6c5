"""What the secretariat and the co-coordinators write beside the figures of a round."""

from django.db import models
from django.db.models import Q

from members.models import InHistory
from workplan.models import FocusArea, Kpi

from .checks import person
from .rounds import Round


class Words(models.Model):
    """A text of a round. ``edits`` changes with every change, so that nobody overwrites what they did not see; what it
    said before stands in the audit record."""

    text = models.TextField(blank=True)
    edits = models.PositiveIntegerField(default=0, editable=False)
    changed_at = models.DateTimeField()
    changed_by = person()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.text


class KpiComment(Words):
    """The comment of a round on one KPI; it stands in the work plan's Comments column."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="kpi_comments")
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="comments")

    class Meta:
        ordering = ("round", "kpi")
        constraints = (models.UniqueConstraint(fields=("round", "kpi"), name="kpi_comment_once"),)

    @property
    def in_history(self) -> InHistory:
        about = f"reporting.round/{self.round.code}"
        return InHistory(f"{self.round.code}/{self.kpi.code}", f"{self.kpi.code}, {self.round}", about)


class Narrative(Words):
    """The co-coordinators' account of a focus area in a round. A changed one must be approved again."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="narratives")
    focus_area = models.ForeignKey(FocusArea, models.PROTECT, related_name="narratives")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = person()

    class Meta:
        ordering = ("round", "focus_area")
        constraints = (
            models.UniqueConstraint(fields=("round", "focus_area"), name="narrative_once"),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | Q(approved_at__isnull=False),
                name="narrative_approved_at_a_time",
                violation_error_message="An approval says when it was given.",
            ),
        )

    @property
    def in_history(self) -> InHistory:
        label = f"Focus Area {self.focus_area.code}, {self.round}"
        return InHistory(f"{self.round.code}/{self.focus_area.code}", label, f"reporting.round/{self.round.code}")
