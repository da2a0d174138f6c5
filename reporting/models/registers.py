"""The registers: activities and arrangements, each with its versions."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from members.models import InHistory, Organisation
from reporting.choices import ActivityKind, ActivityStatus, Audience, Decision, Head, StatementKind
from workplan.models import Kpi

from .checks import one_of, person


class Recorded(models.Model):
    """One version of a record in a register. ``accepted`` and ``reported``, kept by ``actions.settle_versions``: does
    this version speak on that basis."""

    number = models.PositiveIntegerField(default=1)
    decision = models.CharField(max_length=20, choices=Decision, default=Decision.UNDECIDED)
    entered_at = models.DateTimeField()
    entered_by = person()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person()
    decision_reason = models.TextField(blank=True)
    accepted = models.BooleanField(default=False, editable=False)
    reported = models.BooleanField(default=False, editable=False)

    class Meta:
        abstract = True
        ordering = ("number",)
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            models.CheckConstraint(
                condition=Q(decision=Decision.UNDECIDED, decided_at__isnull=True)
                | (~Q(decision=Decision.UNDECIDED) & Q(decided_at__isnull=False)),
                name="%(class)s_decided_at_a_time",
                violation_error_message="A decision says when it was taken.",
            ),
            one_of("decision", Decision.values, "%(class)s_decision_known"),
        )


def one_speaks(owner: str, basis: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=(owner,), condition=Q(**{basis: True}), name=f"{owner}_one_{basis}")


class Activity(models.Model):
    """A dated event or product. What it was stands in its versions."""

    reference = models.CharField(max_length=100, unique=True)
    recorded_by = models.ForeignKey(
        Organisation, models.PROTECT, related_name="recorded_activities", null=True, blank=True,
        help_text="whose it is; blank: the secretariat's, such as imported ones",
    )  # fmt: skip
    audience = models.CharField(
        max_length=20, choices=Audience, default=Audience.EVERYBODY,
        help_text="who may know of it, whichever of its versions",
    )  # fmt: skip
    merged_into = models.ForeignKey(
        "self", models.PROTECT, related_name="merged", null=True, blank=True,
        help_text="the record of the same event that counts in its place",
    )  # fmt: skip

    class Meta:
        ordering = ("reference",)
        verbose_name_plural = "activities"
        constraints = (one_of("audience", Audience.values, "activity_audience_known"),)

    def __str__(self) -> str:
        return self.reference

    def natural_key(self) -> tuple[str]:
        return (self.reference,)


class ActivityVersion(Recorded):
    """What an activity was. It belongs to the date of its end, or of its start where it has no end (``day``)."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="versions")
    title = models.CharField(max_length=300)
    kind = models.CharField(max_length=20, choices=ActivityKind)
    status = models.CharField(max_length=20, choices=ActivityStatus, default=ActivityStatus.HELD)
    start = models.DateField()
    end = models.DateField(null=True, blank=True)
    day = models.GeneratedField(
        expression=models.functions.Coalesce("end", "start"), output_field=models.DateField(), db_persist=True
    )
    rating = models.DecimalField(max_digits=4, decimal_places=2, null=True, blank=True, help_text="mean, 1 to 5")
    respondents = models.PositiveIntegerField(null=True, blank=True)
    place = models.CharField(max_length=200, blank=True, help_text="where it was held")
    online = models.BooleanField(default=False, help_text="people took part over the net, there or only so")

    class Meta(Recorded.Meta):
        constraints = (
            *Recorded.Meta.constraints,
            models.UniqueConstraint(fields=("activity", "number"), name="activity_version_once"),
            one_of("kind", ActivityKind.values, "activity_kind_known"),
            one_of("status", ActivityStatus.values, "activity_status_known"),
            one_speaks("activity", "accepted"),
            one_speaks("activity", "reported"),
            models.CheckConstraint(
                condition=Q(end__isnull=True) | Q(end__gte=F("start")),
                name="activity_ends_after_it_starts",
                violation_error_message="An activity does not end before it starts.",
            ),
            models.CheckConstraint(
                condition=Q(rating__isnull=True) | Q(rating__gte=1, rating__lte=5),
                name="activity_rating_in_range",
                violation_error_message="A rating is between 1 and 5.",
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.CONFIRMED) | Q(status=ActivityStatus.HELD),
                name="activity_confirmed_was_held",
                violation_error_message="Only an activity that was held can be confirmed.",
            ),
        )
        indexes = (models.Index(fields=("accepted", "reported", "day"), name="activity_that_speaks"),)

    def __str__(self) -> str:
        return self.title


class ActivityPart(models.Model):
    """One organisation's part in an activity: it may organise, contribute and take part at once."""

    version = models.ForeignKey(ActivityVersion, models.CASCADE, related_name="parts")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="parts")
    organises = models.BooleanField(default=False)
    contributes = models.BooleanField(default=False)
    takes_part = models.BooleanField(default=False)
    participants = models.PositiveIntegerField(null=True, blank=True, help_text="blank: not stated, which is not 0")
    women = models.PositiveIntegerField(null=True, blank=True)
    head = models.CharField(max_length=1, choices=Head, blank=True, help_text="who headed the delegation")
    contested = models.BooleanField(default=False, help_text="by itself, and not settled: does not count meanwhile")

    class Meta:
        ordering = ("version", "organisation")
        constraints = (
            models.UniqueConstraint(fields=("version", "organisation"), name="part_once"),
            models.CheckConstraint(
                condition=Q(organises=True) | Q(contributes=True) | Q(takes_part=True),
                name="part_is_some_part",
                violation_error_message="Say whether it organised, contributed or took part.",
            ),
            models.CheckConstraint(
                condition=Q(women__isnull=True) | Q(participants__isnull=True) | Q(women__lte=F("participants")),
                name="part_women_among_participants",
                violation_error_message="There are not more women than participants.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation} in {self.version}"

    @property
    def said(self) -> str:
        """organised, took part"""
        parts = {"organised": self.organises, "contributed": self.contributes, "took part": self.takes_part}
        return ", ".join(words for words, stated in parts.items() if stated)


class ActivityLink(models.Model):
    """That an activity counts for a KPI, and for how many items."""

    version = models.ForeignKey(ActivityVersion, models.CASCADE, related_name="links")
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="activity_links")
    items = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ("version", "kpi")
        constraints = (
            models.UniqueConstraint(fields=("version", "kpi"), name="link_once"),
            models.CheckConstraint(
                condition=Q(items__gte=1),
                name="link_stands_for_something",
                violation_error_message="An activity stands for at least one item.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.version} for {self.kpi}"


class Statement(models.Model):
    """What an organisation says of a record that names it. While one contests and is not settled, what it contests does
    not count (domain.md, "How a KPI is counted")."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="%(class)ss")
    kind = models.CharField(max_length=20, choices=StatementKind)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = person()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = person()
    settlement = models.TextField(blank=True, help_text="what the secretariat decided on it")

    class Meta:
        abstract = True
        constraints: ClassVar[tuple[models.BaseConstraint, ...]] = (
            one_of("kind", StatementKind.values, "%(class)s_kind_known"),
            models.CheckConstraint(
                condition=~Q(kind=StatementKind.CONTESTED) | ~Q(reason=""),
                name="%(class)s_contested_with_reason",
                violation_error_message="Say what is wrong with the record.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"


def one_open(owner: str, name: str) -> models.UniqueConstraint:
    return models.UniqueConstraint(fields=(owner, "organisation"), condition=Q(settled_at__isnull=True), name=name)


class PartStatement(Statement):
    """On its own part in an activity, which is marked as contested meanwhile."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="statements")

    class Meta(Statement.Meta):
        ordering = ("activity", "organisation", "made_at")
        constraints = (*Statement.Meta.constraints, one_open("activity", "statement_one_open"))

    @property
    def in_history(self) -> InHistory:
        reference = self.activity.reference
        label = f"{self.organisation} on its part in {reference}"
        return InHistory(f"{reference}/{self.organisation.code}", label, f"reporting.activity/{reference}")


class Arrangement(models.Model):
    """An AEO mutual recognition arrangement between two Members: one record per pair, in either order."""

    party_a = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    party_b = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    contested = models.BooleanField(default=False, help_text="by a party, and not settled: does not count meanwhile")

    class Meta:
        ordering = ("party_a", "party_b")
        constraints = (
            models.UniqueConstraint(fields=("party_a", "party_b"), name="arrangement_pair_once"),
            models.CheckConstraint(
                condition=Q(party_a__lt=F("party_b")),
                name="arrangement_pair_in_order",
                violation_error_message="An arrangement is between two different Members.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.party_a} - {self.party_b}"

    @property
    def in_history(self) -> InHistory:
        return InHistory(f"{self.party_a.code}-{self.party_b.code}", str(self))


class Plurilateral(models.Model):
    """An arrangement of more than two Members, by its name. It is recorded as its pairs, each of which says that it
    stands by it; a reading says whether they count each, or as one."""

    name = models.CharField(max_length=200, unique=True)

    class Meta:
        ordering = ("name",)
        verbose_name = "plurilateral arrangement"
        constraints = (
            models.CheckConstraint(
                condition=~Q(name=""), name="plurilateral_has_a_name", violation_error_message="Give its name."
            ),
        )

    def __str__(self) -> str:
        return self.name

    def natural_key(self) -> tuple[str]:
        return (self.name,)


class ArrangementVersion(Recorded):
    """What is known of an arrangement. One without a date in force is shown as signed; whether it counts is the
    reading's to say."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="versions")
    signed = models.CharField(max_length=10, blank=True, help_text="2018-06-28, or only 2018-06 or 2018")
    in_force = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)
    plurilateral = models.ForeignKey(
        Plurilateral, models.PROTECT, related_name="versions", null=True, blank=True, help_text="of which it is a pair"
    )

    class Meta(Recorded.Meta):
        constraints = (
            *Recorded.Meta.constraints,
            models.UniqueConstraint(fields=("arrangement", "number"), name="arrangement_version_once"),
            one_speaks("arrangement", "accepted"),
            one_speaks("arrangement", "reported"),
            models.CheckConstraint(
                condition=Q(in_force__isnull=True) | Q(ended__isnull=True) | Q(ended__gte=F("in_force")),
                name="arrangement_ends_after_it_starts",
                violation_error_message="An arrangement does not end before it is in force.",
            ),
        )

    def __str__(self) -> str:
        return str(self.arrangement)

    @property
    def signed_on(self) -> str:
        """28.06.18, 06.18 or 2018: as much as is known, written as the plan does."""
        return ".".join(part[-2:] for part in reversed(self.signed.split("-"))) if "-" in self.signed else self.signed


class SideStatement(Statement):
    """A party's own side of an arrangement, which is marked as contested meanwhile. ``in_force``, ``ended``: the days
    that it gives where it contests those of the record. ``source``: by which the secretariat ruled."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="statements")
    in_force = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)

    class Meta(Statement.Meta):
        ordering = ("arrangement", "organisation", "made_at")
        constraints = (
            *Statement.Meta.constraints,
            one_open("arrangement", "side_one_open"),
            models.CheckConstraint(
                condition=Q(kind=StatementKind.CONTESTED) | Q(in_force__isnull=True, ended__isnull=True),
                name="side_own_days_contest",
                violation_error_message="Only who contests the record gives other days.",
            ),
            models.CheckConstraint(
                condition=Q(in_force__isnull=True) | Q(ended__isnull=True) | Q(ended__gte=F("in_force")),
                name="side_ends_after_it_starts",
                violation_error_message="An arrangement does not end before it is in force.",
            ),
            models.CheckConstraint(
                condition=Q(source="") | Q(settled_at__isnull=False),
                name="side_source_of_a_ruling",
                violation_error_message="A source stands with what was decided.",
            ),
        )

    @property
    def in_history(self) -> InHistory:
        pair = self.arrangement.in_history.key
        label = f"{self.organisation} on {self.arrangement}"
        return InHistory(f"{pair}/{self.organisation.code}", label, f"reporting.arrangement/{pair}")
