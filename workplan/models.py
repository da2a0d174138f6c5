"""The plan: its elements, and what they say and how they are counted from a date on (domain.md, "Terms")."""

from fractions import Fraction
from typing import Any, ClassVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from members.models import Organisation

from .choices import (
    COMBINATIONS,
    BaselineOrigin,
    Measure,
    Part,
    Period,
    ReporterGroup,
    Source,
    Standing,
)

ELEMENT_KINDS = ("focus_area", "objective", "specific_action", "theme", "milestone", "kpi")


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


class Version(models.Model):
    """Something that is valid from a date until the next version. Before the first version the first one holds."""

    valid_from = models.DateField()
    reason = models.TextField(blank=True, help_text="why it was changed; blank for what the plan was adopted with")

    class Meta:
        abstract = True
        ordering = ("valid_from",)


def exactly_one(names: tuple[str, ...]) -> Q:
    """The condition that exactly one of these foreign keys is set."""
    alternatives = Q()
    for chosen in names:
        alternatives |= Q(**{f"{name}__isnull": name != chosen for name in names})
    return alternatives


class WordingManager(models.Manager["Wording"]):
    def get_by_natural_key(self, plan: str, kind: str, code: str, valid_from: str) -> "Wording":
        return self.get(**{f"{kind}__plan__code": plan, f"{kind}__code": code}, valid_from=valid_from)


class Wording(Version):
    """What one element of the plan says from a date on, to the letter. One table for all kinds of element, so that an
    amendment, a difference and a release treat them alike."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="wordings")
    focus_area = models.ForeignKey(FocusArea, models.PROTECT, related_name="wordings", null=True, blank=True)
    objective = models.ForeignKey(Objective, models.PROTECT, related_name="wordings", null=True, blank=True)
    specific_action = models.ForeignKey(SpecificAction, models.PROTECT, related_name="wordings", null=True, blank=True)
    theme = models.ForeignKey(Theme, models.PROTECT, related_name="wordings", null=True, blank=True)
    milestone = models.ForeignKey(Milestone, models.PROTECT, related_name="wordings", null=True, blank=True)
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="wordings", null=True, blank=True)
    text = models.TextField(blank=True, help_text="the title, milestone or KPI as published; one theme has none")
    responsible = models.CharField(max_length=200, blank=True, help_text="whom the plan names for a KPI")
    target = models.TextField(blank=True, help_text="the target text of a KPI")

    objects: ClassVar[WordingManager] = WordingManager()

    class Meta(Version.Meta):
        constraints = (
            models.CheckConstraint(
                condition=exactly_one(ELEMENT_KINDS),
                name="wording_of_one_element",
                violation_error_message="A wording belongs to exactly one element of the plan.",
            ),
            models.CheckConstraint(
                condition=Q(responsible="", target="") | Q(kpi__isnull=False),
                name="wording_fits_its_element",
                violation_error_message="Only a KPI names who is responsible and has a target text.",
            ),
            *(
                models.UniqueConstraint(fields=(kind, "valid_from"), name=f"wording_{kind}_once_a_day")
                for kind in ELEMENT_KINDS
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.element}: {self.text}"

    @property
    def kind(self) -> str:
        """The kind of element that this words, such as "milestone"."""
        return next(kind for kind in ELEMENT_KINDS if getattr(self, f"{kind}_id") is not None)

    @property
    def element(self) -> Element:
        return getattr(self, self.kind)

    def natural_key(self) -> tuple[str, str, str, str]:
        return (self.plan.code, self.kind, self.element.code, str(self.valid_from))

    natural_key.dependencies = tuple(f"workplan.{kind.replace('_', '')}" for kind in ELEMENT_KINDS)  # type: ignore[attr-defined]


class ReadingManager(models.Manager["Reading"]):
    def get_by_natural_key(self, plan: str, code: str, valid_from: str) -> "Reading":
        return self.get(kpi__plan__code=plan, kpi__code=code, valid_from=valid_from)


def existing_combination() -> Q:
    combinations = Q()
    for source, measure, period in sorted(COMBINATIONS):
        combinations |= Q(source=source.value, measure=measure.value, period=period.value)
    return combinations


class Reading(Version):
    """How a KPI is counted from a date on: our reading of the target text, which the secretariat confirms or changes
    (domain.md, "How a KPI is counted"). It never edits the wording."""

    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="readings")
    source = models.CharField(max_length=20, choices=Source.choices())
    measure = models.CharField(max_length=20, choices=Measure.choices())
    period = models.CharField(max_length=20, choices=Period.choices())
    counts_from = models.CharField(max_length=20, choices=Standing.choices()[:-1], blank=True)
    part = models.CharField(max_length=20, choices=Part.choices(), blank=True)
    reporter_group = models.CharField(max_length=20, choices=ReporterGroup.choices(), blank=True)
    reporters = models.ManyToManyField(Organisation, related_name="+", blank=True, help_text="named beside the group")
    target_value = models.DecimalField(max_digits=15, decimal_places=2)
    denominator = models.PositiveIntegerField(null=True, blank=True, help_text="the 35 of 28/35")
    unit = models.CharField(max_length=100)
    baseline_value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    baseline_origin = models.CharField(max_length=20, choices=BaselineOrigin.choices(), blank=True)
    baseline_reason = models.TextField(blank=True)
    question = models.TextField(help_text="what a reporter is asked")
    guidance = models.TextField(blank=True, help_text="what counts, and what evidence helps")
    note = models.TextField(blank=True, help_text="what the target text leaves open, for readers")
    decision_needed = models.BooleanField(default=False)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)

    objects: ClassVar[ReadingManager] = ReadingManager()

    class Meta(Version.Meta):
        constraints = (
            models.UniqueConstraint(fields=("kpi", "valid_from"), name="reading_once_a_day"),
            models.CheckConstraint(
                condition=existing_combination(),
                name="reading_combination_exists",
                violation_error_message="This combination of source, measure and period does not exist.",
            ),
            models.CheckConstraint(
                condition=(Q(source=Source.STATUS.value) & ~Q(counts_from=""))
                | (~Q(source=Source.STATUS.value) & Q(counts_from="")),
                name="reading_counts_from_for_status",
                violation_error_message="Where a standing is asked for, and only there, say from which on it counts.",
            ),
            models.CheckConstraint(
                condition=(Q(source=Source.PARTICIPATION.value) & ~Q(part=""))
                | (~Q(source=Source.PARTICIPATION.value) & Q(part="")),
                name="reading_part_for_participation",
                violation_error_message="Where participation is asked for, and only there, say which part counts.",
            ),
            models.CheckConstraint(
                condition=Q(target_value__gt=0) & (Q(denominator__isnull=True) | Q(target_value__lte=F("denominator"))),
                name="reading_target_in_range",
                violation_error_message="A target is more than 0 and not more than its denominator.",
            ),
            models.CheckConstraint(
                condition=Q(baseline_value__isnull=True, baseline_origin="")
                | (Q(baseline_value__isnull=False, baseline_value__gte=0) & ~Q(baseline_origin="")),
                name="reading_baseline_has_origin",
                violation_error_message="A baseline is 0 or more and says where it comes from.",
            ),
            models.CheckConstraint(
                condition=~Q(baseline_origin=BaselineOrigin.ENTERED.value) | ~Q(baseline_reason=""),
                name="reading_entered_baseline_has_reason",
                violation_error_message="A baseline that was entered needs its reason.",
            ),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True, confirmed_by__isnull=True)
                | Q(confirmed_at__isnull=False, confirmed_by__isnull=False),
                name="reading_confirmed_by_somebody",
                violation_error_message="A confirmation says who confirmed and when.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kpi} from {self.valid_from:%d.%m.%y}"

    @property
    def unconfirmed(self) -> bool:
        """Does this reading wait for a decision of the secretariat."""
        return self.decision_needed and self.confirmed_at is None

    def natural_key(self) -> tuple[str, str, str]:
        return (*self.kpi.natural_key(), str(self.valid_from))

    natural_key.dependencies = ("workplan.kpi", "members.organisation")  # type: ignore[attr-defined]
