"""A plan, and the elements that it is made of."""

from fractions import Fraction
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from members.models import Organisation


class FractionField(models.Field):
    """An exact share above 0 and up to 1, stored as "2/3"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{**kwargs, "max_length": 20})

    def get_internal_type(self) -> str:
        return "CharField"

    def from_db_value(self, value: str | None, *_: Any) -> Fraction | None:
        return None if value is None else Fraction(value)

    def to_python(self, value: Any) -> Any:
        if value is None:
            return None
        try:
            share = Fraction(value)
        except (TypeError, ValueError, ZeroDivisionError) as error:
            raise ValidationError("Write a share as a fraction, such as 2/3.") from error
        if not 0 < share <= 1:
            raise ValidationError("A share is more than 0 and at most 1.")
        return share

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(Fraction(value))

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.value_from_object(obj))


class PlanManager(models.Manager["Plan"]):
    def get_by_natural_key(self, code: str) -> "Plan":
        return self.get(code=code)


class Plan(models.Model):
    """One Regional Strategic Plan. Dates are inclusive; earlier and later plans live beside it."""

    code = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    starts = models.DateField()
    ends = models.DateField()
    baseline_date = models.DateField()
    deliverable_date = models.DateField()
    at_risk_share = FractionField(default="2/3", help_text="of the expected gain; less is off track")
    round_up_from = FractionField(default="3/4", help_text="of the time; before, round down")
    published = models.BooleanField(default=False)
    members_named = models.BooleanField(
        default=True, help_text="whether Members see each other by name in documents, or only how many there are"
    )

    objects: ClassVar[PlanManager] = PlanManager()

    class Meta:
        ordering = ("-starts",)
        constraints = (
            models.CheckConstraint(
                condition=Q(starts__day=1, ends__gt=F("starts")),
                name="plan_runs_forward",
                violation_error_message="A plan starts on the first day of a month and ends after it starts.",
            ),
            models.CheckConstraint(
                condition=Q(baseline_date__lte=F("starts"), deliverable_date__gt=F("starts"))
                & Q(deliverable_date__lte=F("ends")),
                name="plan_dates_in_order",
                violation_error_message="The baseline date is not after the start, the deliverable date in the plan.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.code,)


class ElementManager(models.Manager[Any]):
    def get_by_natural_key(self, plan: str, code: str) -> Any:
        return self.get(plan__code=plan, code=code)


class Element(models.Model):
    """An element of a plan: an identity with a code. What it says stands in ``Wording``, dated."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="+")
    code = models.CharField(max_length=20)
    position = models.PositiveIntegerField(help_text="the order in the published plan, within the plan")

    objects: ClassVar[ElementManager] = ElementManager()

    class Meta:
        abstract = True
        ordering = ("plan", "position")
        constraints = (
            models.UniqueConstraint(
                fields=("plan", "code"),
                name="%(class)s_code_once",
                violation_error_message="This code exists already in the plan.",
            ),
        )

    def __str__(self) -> str:
        return self.code

    def natural_key(self) -> tuple[str, str]:
        return (*self.plan.natural_key(), self.code)

    natural_key.dependencies = ("workplan.plan",)  # type: ignore[attr-defined]


class FocusArea(Element):
    co_coordinators = models.ManyToManyField(Organisation, related_name="co_coordinates", blank=True)


class Objective(Element):
    focus_area = models.ForeignKey(FocusArea, models.PROTECT, related_name="objectives")


class SpecificAction(Element):
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="actions")


class Theme(Element):
    """A numbered heading inside a specific action; only 1.1.3 has them."""

    specific_action = models.ForeignKey(SpecificAction, models.PROTECT, related_name="themes")


class Milestone(Element):
    specific_action = models.ForeignKey(SpecificAction, models.PROTECT, related_name="milestones")
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="milestones", null=True, blank=True)


class Kpi(Element):
    """One row of the work plan: identity and code. What it says and how it is counted is dated."""

    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="kpis")

    class Meta(Element.Meta):
        verbose_name = "KPI"
