"""The Strategic Summary that the plan prints before each focus area."""

from typing import ClassVar

from django.db import models

from .plans import FocusArea, Objective


class SummaryManager(models.Manager["StrategicSummary"]):
    def get_by_natural_key(self, plan: str, focus_area: str, position: int) -> "StrategicSummary":
        return self.get(focus_area__plan__code=plan, focus_area__code=focus_area, position=position)


class StrategicSummary(models.Model):
    """A row of a focus area's Strategic Summary: a strategic objective and its "Customs in the 21st Century" blocks."""

    focus_area = models.ForeignKey(FocusArea, models.CASCADE, related_name="summaries")
    position = models.PositiveSmallIntegerField()
    text = models.TextField()
    objective = models.ForeignKey(Objective, models.SET_NULL, related_name="summaries", null=True, blank=True)

    objects: ClassVar[SummaryManager] = SummaryManager()

    class Meta:
        ordering = ("focus_area", "position")
        constraints = (models.UniqueConstraint(fields=("focus_area", "position"), name="summary_position_once"),)

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, str, int]:
        return (*self.focus_area.natural_key(), self.position)

    natural_key.dependencies = ("workplan.focusarea",)  # type: ignore[attr-defined]


class BlockManager(models.Manager["BuildingBlock"]):
    def get_by_natural_key(self, plan: str, focus_area: str, position: int, place: int) -> "BuildingBlock":
        summary = StrategicSummary.objects.get_by_natural_key(plan, focus_area, position)
        return self.get(summary=summary, position=place)


class BuildingBlock(models.Model):
    """A building block as the summary prints it."""

    summary = models.ForeignKey(StrategicSummary, models.CASCADE, related_name="building_blocks")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=200)

    objects: ClassVar[BlockManager] = BlockManager()

    class Meta:
        ordering = ("summary", "position")
        constraints = (models.UniqueConstraint(fields=("summary", "position"), name="block_position_once"),)

    def __str__(self) -> str:
        return self.text

    def natural_key(self) -> tuple[str, str, int, int]:
        return (*self.summary.natural_key(), self.position)

    natural_key.dependencies = ("workplan.strategicsummary",)  # type: ignore[attr-defined]
