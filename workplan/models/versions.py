"""What the elements of a plan say, and how its KPIs are counted, from a date on."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from members.models import InHistory, Organisation
from workplan.choices import (
    COMBINATIONS,
    BaselineOrigin,
    Kind,
    Measure,
    PairFrom,
    Part,
    Period,
    Plurilateral,
    ReporterGroup,
    Source,
    Standing,
)

from .amendments import Amendment
from .plans import Element, FocusArea, Kpi, Milestone, Objective, Plan, SpecificAction, Theme

ELEMENT_KINDS = tuple(kind.value for kind in Kind)


class Version(models.Model):
    """Something that is valid from a date until the next version. Before the first version of what the plan was adopted
    with the first one holds; what an amendment added begins with its first version."""

    valid_from = models.DateField()
    amendment = models.ForeignKey(Amendment, models.PROTECT, related_name="%(class)ss", null=True, blank=True)
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
    parent = models.CharField(
        max_length=20, blank=True, help_text="code of the element that it was moved under; blank: where it began"
    )
    position = models.DecimalField(
        max_digits=25, decimal_places=15, null=True, blank=True, help_text="among its siblings; blank: as it began"
    )
    retired = models.BooleanField(default=False, help_text="no longer part of the plan, from this version on")

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
            models.CheckConstraint(
                condition=Q(retired=False) | Q(amendment__isnull=False),
                name="wording_retired_by_amendment",
                violation_error_message="An element is retired by an amendment.",
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

    @property
    def in_history(self) -> InHistory:
        about = f"{self.element._meta.label_lower}/{self.plan.code}/{self.element.code}"
        return InHistory("/".join(self.natural_key()), f"{self.element.code}, from {self.valid_from:%d.%m.%y}", about)

    natural_key.dependencies = (  # type: ignore[attr-defined]
        *(f"workplan.{kind.replace('_', '')}" for kind in ELEMENT_KINDS),
        "workplan.amendment",
    )


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
    pair_from = models.CharField(max_length=20, choices=PairFrom.choices(), blank=True)
    plurilateral = models.CharField(max_length=20, choices=Plurilateral.choices(), blank=True)
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
    confirmed_why = models.TextField(blank=True, help_text="how what the target text leaves open was decided")

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
                condition=Q(source=Source.ARRANGEMENTS.value) | Q(pair_from="", plurilateral=""),
                name="reading_pairs_of_arrangements",
                violation_error_message="Only where arrangements are counted it is said which of them count.",
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

    @property
    def in_history(self) -> InHistory:
        about = "/".join(("workplan.kpi", *self.kpi.natural_key()))
        return InHistory("/".join(self.natural_key()), f"{self.kpi.code}, from {self.valid_from:%d.%m.%y}", about)

    natural_key.dependencies = ("workplan.kpi", "workplan.amendment", "members.organisation")  # type: ignore[attr-defined]
