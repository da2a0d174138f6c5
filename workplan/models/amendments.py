"""How a plan changes: amendments, each a set of changes of elements that is valid from a date."""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from workplan.choices import Kind

from .plans import Plan


def person() -> Any:
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)


class AmendmentManager(models.Manager["Amendment"]):
    def get_by_natural_key(self, plan: str, number: int) -> "Amendment":
        return self.get(plan__code=plan, number=number)


class Amendment(models.Model):
    """A change of the plan: a draft until an administrator publishes it, and never changed after that. Written by
    ``actions`` alone. ``edits`` changes with every change of the draft and every publication of another one, so that
    nobody publishes what they did not see.
    """

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="amendments")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    reason = models.TextField(blank=True, help_text="why the plan is changed; published with it")
    valid_from = models.DateField()
    edits = models.PositiveIntegerField(default=0, editable=False)
    begun_at = models.DateTimeField()
    begun_by = person()
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = person()
    discarded_at = models.DateTimeField(null=True, blank=True)
    discarded_by = person()

    objects: ClassVar[AmendmentManager] = AmendmentManager()

    class Meta:
        ordering = ("plan", "number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="amendment_number_once"),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | Q(discarded_at__isnull=True),
                name="amendment_published_or_discarded",
                violation_error_message="What is published cannot be discarded.",
            ),
            models.CheckConstraint(
                condition=Q(published_at__isnull=True) | ~Q(reason=""),
                name="amendment_published_with_reason",
                violation_error_message="Say why the plan is changed.",
            ),
        )

    def __str__(self) -> str:
        return f"Amendment {self.number}: {self.title}"

    def natural_key(self) -> tuple[str, int]:
        return (self.plan.code, self.number)

    natural_key.dependencies = ("workplan.plan", "members.user")  # type: ignore[attr-defined]

    @property
    def state(self) -> str:
        if self.published_at:
            return "published"
        return "discarded" if self.discarded_at else "draft"

    @property
    def is_draft(self) -> bool:
        return self.state == "draft"


class ChangeManager(models.Manager["Change"]):
    def get_by_natural_key(self, plan: str, number: int, kind: str, code: str) -> "Change":
        return self.get(amendment__plan__code=plan, amendment__number=number, kind=kind, code=code)


class Change(models.Model):
    """What an amendment changes of one element: field by field what it said when the change was made, and what it shall
    say (``outline.said`` names the fields). ``adds``: the element begins with this amendment."""

    amendment = models.ForeignKey(Amendment, models.PROTECT, related_name="changes")
    kind = models.CharField(max_length=20, choices=Kind.choices())
    code = models.CharField(max_length=20)
    adds = models.BooleanField(default=False)
    was = models.JSONField(default=dict, blank=True)
    says = models.JSONField(default=dict)

    objects: ClassVar[ChangeManager] = ChangeManager()

    class Meta:
        ordering = ("amendment", "pk")
        constraints = (
            models.UniqueConstraint(fields=("amendment", "kind", "code"), name="change_of_an_element_once"),
            models.CheckConstraint(
                condition=Q(kind__in=sorted(kind.value for kind in Kind)),
                name="change_kind_known",
                violation_error_message="There is no such kind of element.",
            ),
        )

    def __str__(self) -> str:
        return f"{Kind(self.kind).label} {self.code}"

    def natural_key(self) -> tuple[str, int, str, str]:
        return (*self.amendment.natural_key(), self.kind, self.code)

    natural_key.dependencies = ("workplan.amendment",)  # type: ignore[attr-defined]
