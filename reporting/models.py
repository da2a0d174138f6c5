"""What is collected: rounds and answers, activities, arrangements; and the releases made from them.

Versions stay. Which version speaks on which basis is kept in columns that ``settle_answers`` and ``settle_versions`` in
``actions`` write, so that a figure as of any date is one indexed look-up and not a search through history.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar, NoReturn
from zoneinfo import available_timezones

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from members.models import Organisation
from workplan.choices import Standing
from workplan.models import Kpi, Plan, Reading

from .choices import ActivityKind, ActivityStatus, AnswerStatus, Decision, Head, StatementKind
from .database import Listed

GREATEST = 10**12
"""No count or figure is beyond this."""


def known_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError("%(name)s is not a time zone; one is named like Asia/Hong_Kong.", params={"name": name})


def one_of(field: str, values: Iterable[str], name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(**{f"{field}__in": sorted(values)}),
        name=name,
        violation_error_message=f"This is none of the values that {field} can have.",
    )


def together(*names: str) -> Q:
    """The condition that all of these are set, or none."""
    return Q(**{f"{name}__isnull": True for name in names}) | Q(**{f"{name}__isnull": False for name in names})


def person() -> Any:
    """Who did something; nobody where it came with a fixture or a command without ``--by``."""
    return models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True)


# ---------------------------------------------------------------- rounds and answers


class RoundQuerySet(models.QuerySet["Round"]):
    def with_kpis(self) -> "RoundQuerySet":
        """The rounds with the ids of the KPIs that they are limited to, in the same query."""
        chosen = Round.kpis.through.objects.filter(round=OuterRef("pk")).order_by().values("round")
        return self.annotate(limited_to=Subquery(chosen.values(ids=Listed("kpi_id"))))

    def with_returns(self) -> "RoundQuerySet":
        """The rounds with how many organisations are asked, and how many of these have sent something."""
        answers = Answer.objects.filter(
            submission=OuterRef("pk"), state__in=(AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED)
        )
        returns = Submission.objects.filter(round=OuterRef("pk")).order_by().values("round")
        many = returns.annotate(many=Count("pk")).values("many")
        return self.annotate(asked=Subquery(many), answered=Subquery(many.filter(Exists(answers))))


class Round(models.Model):
    """One collection of progress as at a date. Opened by an action; closed by an action or by its closing moment."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="rounds")
    code = models.SlugField(unique=True)
    title = models.CharField(max_length=200)
    as_at = models.DateField()
    opens_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True)
    time_zone = models.CharField(max_length=60, default="Asia/Hong_Kong", validators=[known_time_zone])
    opened_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    kpis = models.ManyToManyField(Kpi, related_name="+", blank=True, help_text="blank: all")

    objects = RoundQuerySet.as_manager()

    class Meta:
        ordering = ("as_at", F("opened_at").asc(nulls_first=True), "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True) | Q(closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="round_closes_after_it_opens",
                violation_error_message="A round closes after it opens.",
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(opened_at__isnull=False),
                name="round_closed_was_open",
                violation_error_message="Only a round that was opened can be closed.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def natural_key(self) -> tuple[str]:
        return (self.code,)

    def asks(self, kpi: int) -> bool:
        """Does it ask about this KPI; the round must have been read ``with_kpis``."""
        limited_to: str | None = self.limited_to  # type: ignore[attr-defined]
        return limited_to is None or str(kpi) in limited_to.split(",")

    def closed(self, now: datetime) -> bool:
        """Is entry over: closed by somebody, or open until its moment, which has come."""
        if self.opened_at is None:
            return False
        return self.closed_at is not None or (self.closes_at is not None and self.closes_at <= now)

    def state(self, now: datetime) -> str:
        if self.opened_at is None:
            return "planned"
        return "closed" if self.closed(now) else "open"


class Submission(models.Model):
    """One organisation's return in one round; its state is derived from its answers (``workflow.submission_state``)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="submissions")

    class Meta:
        ordering = ("round", "organisation")
        constraints = (
            models.UniqueConstraint(
                fields=("round", "organisation"),
                name="submission_once",
                violation_error_message="This organisation has a return in this round already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}, {self.round}"


def says_one_thing() -> Q:
    """An answer says exactly one thing: a standing, a yes or no, a figure, two figures of a share, or that the register
    is complete. A draft may say nothing yet."""
    things = ("standing", "participated", "value", "numerator")
    silent = {"standing": Q(standing=""), "register_complete": Q(register_complete=False)}
    for name in things[1:]:
        silent[name] = Q(**{f"{name}__isnull": True})
    one = Q()
    for chosen in silent:
        alternative = ~silent[chosen]
        for other in silent:
            if other != chosen:
                alternative &= silent[other]
        one |= alternative
    nothing = Q()
    for condition in silent.values():
        nothing &= condition
    return one | (nothing & Q(state=AnswerStatus.DRAFT))


ALIKE = (
    "kpi", "plan_year", "as_at", "replaced_from", "state", "round", "reading", "version", "standing", "participated",
    "value", "numerator", "denominator", "register_complete",
)  # fmt: skip
"""What figures read of an answer; the database puts together those that are alike, along the index in this order."""


class Answer(models.Model):
    """One version of what an organisation says on one KPI (for one plan year where the KPI is counted each year).

    A stored answer's ``state`` is changed by ``actions.move`` alone. ``replaced_from`` is kept by
    ``actions.settle_answers``: the as-at date from which a later accepted answer speaks instead; an accepted answer
    speaks from ``as_at`` until then.
    ``round``, ``organisation`` and ``as_at`` repeat the submission's, for the index that every figure is read by.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="answers")
    round = models.ForeignKey(Round, models.PROTECT, related_name="answers")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="answers")
    as_at = models.DateField()
    kpi = models.ForeignKey(Kpi, models.PROTECT, related_name="answers")
    reading = models.ForeignKey(Reading, models.PROTECT, related_name="answers", help_text="the version it answered")
    plan_year = models.PositiveSmallIntegerField(null=True, blank=True, help_text="2026 for 2026/27")
    version = models.PositiveIntegerField(default=1)
    state = models.CharField(max_length=20, choices=AnswerStatus, default=AnswerStatus.DRAFT)
    standing = models.CharField(max_length=20, choices=Standing.choices(), blank=True)
    participated = models.BooleanField(null=True, blank=True)
    value = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    numerator = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    denominator = models.DecimalField(max_digits=15, decimal_places=2, null=True, blank=True)
    register_complete = models.BooleanField(default=False)
    comment = models.TextField(blank=True)
    evidence_url = models.URLField(max_length=500, blank=True)
    entered_at = models.DateTimeField()
    entered_by = person()
    on_behalf = models.BooleanField(default=False, help_text="entered by the secretariat for the organisation")
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_by = person()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = person()
    decision_reason = models.TextField(blank=True)
    correct_by = models.DateField(null=True, blank=True, help_text="until when a returned answer can be corrected")
    replaced_from = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ("kpi", "organisation", "plan_year", "as_at", "version")
        constraints = (
            models.UniqueConstraint(
                fields=("submission", "kpi", "plan_year", "version"),
                condition=Q(plan_year__isnull=False),
                name="answer_version_once_a_year",
            ),
            models.UniqueConstraint(
                fields=("submission", "kpi", "version"),
                condition=Q(plan_year__isnull=True),
                name="answer_version_once",
            ),
            one_of("state", AnswerStatus.values, "answer_state_known"),
            one_of("standing", ["", *Standing], "answer_standing_known"),
            models.CheckConstraint(
                condition=Q(version__gte=1),
                name="answer_version_from_one",
                violation_error_message="Versions are numbered from 1.",
            ),
            models.CheckConstraint(
                condition=says_one_thing(),
                name="answer_says_one_thing",
                violation_error_message="An answer says exactly one thing.",
            ),
            models.CheckConstraint(
                condition=together("numerator", "denominator"),
                name="answer_share_has_both",
                violation_error_message="A share needs its numerator and its denominator.",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0, value__lte=GREATEST))
                & (
                    Q(numerator__isnull=True)
                    | Q(numerator__gte=0, numerator__lte=F("denominator"), denominator__lte=GREATEST)
                ),
                name="answer_figures_in_range",
                violation_error_message="Figures are not negative, and a numerator is not above its denominator.",
            ),
            models.CheckConstraint(
                condition=~Q(standing=Standing.NOT_APPLICABLE.value)
                | ~Q(comment="")
                | Q(state__in=(AnswerStatus.DRAFT, AnswerStatus.AWAITING_APPROVAL)),
                name="answer_not_applicable_has_reason",
                violation_error_message="Say in the comment why this does not apply.",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=(AnswerStatus.ACCEPTED, AnswerStatus.RETURNED)) | Q(decided_at__isnull=False),
                name="answer_decided_at_a_time",
                violation_error_message="A decision says when it was taken.",
            ),
            models.CheckConstraint(
                condition=Q(state__in=(AnswerStatus.DRAFT, AnswerStatus.AWAITING_APPROVAL)) | Q(sent_at__isnull=False),
                name="answer_sent_at_a_time",
                violation_error_message="What was sent says when.",
            ),
            models.CheckConstraint(
                condition=~Q(state=AnswerStatus.RETURNED) | ~Q(decision_reason=""),
                name="answer_returned_with_reason",
                violation_error_message="Say why the answer is returned.",
            ),
        )
        indexes = (models.Index(fields=(*ALIKE, "organisation"), name="answer_facts"),)

    def __str__(self) -> str:
        return f"{self.organisation} on {self.kpi}, {self.get_state_display()}"


# ---------------------------------------------------------------- the registers


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

    class Meta:
        ordering = ("reference",)
        verbose_name_plural = "activities"

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


class PartStatement(models.Model):
    """What an organisation says of its own part in an activity. While one contests, the part is marked contested and
    does not count."""

    activity = models.ForeignKey(Activity, models.PROTECT, related_name="statements")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="part_statements")
    kind = models.CharField(max_length=20, choices=StatementKind)
    reason = models.TextField(blank=True)
    made_at = models.DateTimeField()
    made_by = person()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = person()

    class Meta:
        ordering = ("activity", "organisation", "made_at")
        constraints = (
            models.UniqueConstraint(
                fields=("activity", "organisation"),
                condition=Q(settled_at__isnull=True),
                name="statement_one_open",
            ),
            models.CheckConstraint(
                condition=~Q(kind=StatementKind.CONTESTED) | ~Q(reason=""),
                name="statement_contested_with_reason",
                violation_error_message="Say what is wrong with the record.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}: {self.get_kind_display()}"


class Arrangement(models.Model):
    """An AEO mutual recognition arrangement between two Members: one record per pair, in either order."""

    party_a = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    party_b = models.ForeignKey(Organisation, models.PROTECT, related_name="+")

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


class ArrangementVersion(Recorded):
    """What is known of an arrangement. One without a date in force is shown as signed, and not counted."""

    arrangement = models.ForeignKey(Arrangement, models.PROTECT, related_name="versions")
    signed = models.CharField(max_length=10, blank=True, help_text="2018-06-28, or only 2018-06 or 2018")
    in_force = models.DateField(null=True, blank=True)
    ended = models.DateField(null=True, blank=True)
    source = models.CharField(max_length=300, blank=True)
    comment = models.TextField(blank=True)

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


# ---------------------------------------------------------------- releases


class Release(models.Model):
    """A frozen, dated, reproducible set of results. ``content`` is the whole report as canonical JSON, which the
    checksum (SHA-256) is taken of; it is never changed."""

    plan = models.ForeignKey(Plan, models.PROTECT, related_name="releases")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    as_at = models.DateField()
    basis = models.CharField(max_length=20)
    published_at = models.DateTimeField()
    published_by = person()
    content = models.TextField()
    checksum = models.CharField(max_length=64)

    class Meta:
        ordering = ("plan", "-number")
        constraints = (
            models.UniqueConstraint(fields=("plan", "number"), name="release_number_once"),
            models.CheckConstraint(
                condition=Q(basis__in=("accepted", "reported")),
                name="release_basis_known",
                violation_error_message="A release is on the accepted or the reported basis.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("A release is never changed; publish another one.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("A release is never deleted.")


class Revision(models.Model):
    """One row, written by the database's triggers alone (``revision.py``): a token that changes with the data."""

    token = models.CharField(max_length=32)
    change = models.BigIntegerField(
        default=0, help_text="the transaction that changed it last, where there are numbers"
    )

    def __str__(self) -> str:
        return self.token
