"""Rounds, the returns of organisations in them, and the answers in the returns."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery

from members.models import InHistory, Organisation
from reporting.choices import AnswerStatus
from workplan.calendar import year_label
from workplan.choices import Standing
from workplan.database import Listed
from workplan.models import Kpi, Plan, Reading

from .checks import GREATEST, known_time_zone, one_of, person, together


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
    edits = models.PositiveIntegerField(default=0, editable=False, help_text="changes with every change of the round")

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
    """One organisation's return in one round; its state is derived from its answers (``board.Cell``)."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="submissions")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="submissions")
    late_until = models.DateTimeField(null=True, blank=True, help_text="let in after the round closed, until then")
    late_reason = models.TextField(blank=True)
    approver_note = models.TextField(blank=True, help_text="what the approver asks the contributor to change")

    class Meta:
        ordering = ("round", "organisation")
        constraints = (
            models.CheckConstraint(
                condition=Q(late_until__isnull=True) | ~Q(late_reason=""),
                name="submission_late_with_reason",
                violation_error_message="Say why this organisation is let in after the round closed.",
            ),
            models.UniqueConstraint(
                fields=("round", "organisation"),
                name="submission_once",
                violation_error_message="This organisation has a return in this round already.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.organisation}, {self.round}"

    @property
    def in_history(self) -> InHistory:
        return InHistory(f"{self.round.code}/{self.organisation.code}", str(self))


class Receipt(models.Model):
    """One sending of a return: what was sent, word for word, whatever becomes of the answers later."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="receipts")
    number = models.PositiveIntegerField()
    sent_at = models.DateTimeField()
    sent_by = person()
    content = models.JSONField(help_text="a list: code of the KPI, plan year, and what was said")

    class Meta:
        ordering = ("submission", "number")
        constraints = (
            models.UniqueConstraint(fields=("submission", "number"), name="receipt_number_once"),
            models.CheckConstraint(
                condition=Q(number__gte=1),
                name="receipt_number_from_one",
                violation_error_message="Receipts are numbered from 1.",
            ),
        )

    def __str__(self) -> str:
        """The number that people quote, such as INTERIM-2027-FJI-2."""
        return f"{self.submission.round.code}-{self.submission.organisation.code}-{self.number}".upper()


def says_one_thing() -> Q:
    """An answer says exactly one thing: a standing, a yes or no, a figure, two figures of a share, or that the register
    is complete. A draft may say nothing yet, or one of the two figures alone."""
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


UNSAID = {
    "standing": "",
    "participated": None,
    "value": None,
    "numerator": None,
    "denominator": None,
    "register_complete": False,
}
"""What an answer can say, and how it looks unsaid. It says one of them, or the two figures of a share."""
THINGS = tuple(UNSAID)
SILENT = Q(state=AnswerStatus.DRAFT) & Q(
    *((f"{name}__isnull", True) if unsaid is None else (name, unsaid) for name, unsaid in UNSAID.items())
)
"""A draft that says nothing yet."""
BESIDE = {"comment": "", "evidence_url": "", "figure_source": "", "figure_definition": ""}
"""What can be said beside, and how it looks unsaid."""
NOTHING_SAID = UNSAID | BESIDE
SAYS = tuple(NOTHING_SAID)
REFUSED = Q(state=AnswerStatus.RETURNED, correct_by__isnull=True) & ~Q(correction_reason="")
"""A correction of the secretariat that a colleague refused: the version before it stands (``Answer.refused``)."""

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
    A draft is changed in place, and ``edits`` counts how often; once it is sent, only its state changes, and a
    correction is another version. ``round``, ``organisation`` and ``as_at`` repeat the submission's, for the index that
    every figure is read by.
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
    figure_source = models.CharField(max_length=200, blank=True, help_text="where a figure comes from")
    figure_definition = models.CharField(max_length=500, blank=True, help_text="how it is counted, if not as asked")
    entered_at = models.DateTimeField()
    entered_by = person()
    edits = models.PositiveIntegerField(default=0, editable=False, help_text="changes with every change of a draft")
    unchanged = models.BooleanField(default=False, help_text="attested as the same as last time")
    on_behalf = models.BooleanField(default=False, help_text="entered by the secretariat for the organisation")
    original = models.ForeignKey(
        "reporting.Original", models.PROTECT, null=True, blank=True, related_name="answers", help_text="entered from it"
    )
    correction_reason = models.TextField(blank=True, help_text="why the secretariat corrected what was accepted")
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
                condition=together("numerator", "denominator") | Q(state=AnswerStatus.DRAFT),
                name="answer_share_has_both",
                violation_error_message="A share needs its numerator and its denominator.",
            ),
            models.CheckConstraint(
                condition=(Q(value__isnull=True) | Q(value__gte=0, value__lte=GREATEST))
                & (Q(numerator__isnull=True) | Q(numerator__gte=0, numerator__lte=GREATEST))
                & (Q(denominator__isnull=True) | Q(denominator__gte=0, denominator__lte=GREATEST))
                & (Q(numerator__isnull=True) | Q(denominator__isnull=True) | Q(numerator__lte=F("denominator"))),
                name="answer_figures_in_range",
                violation_error_message="Figures are not negative, and a numerator is not above its denominator.",
            ),
            models.CheckConstraint(
                condition=Q(figure_source="", figure_definition="")
                | Q(value__isnull=False)
                | Q(numerator__isnull=False)
                | Q(state=AnswerStatus.DRAFT),
                name="answer_explains_a_figure",
                violation_error_message="Only a figure has a source and a definition.",
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
        indexes = (
            models.Index(fields=(*ALIKE, "organisation"), name="answer_facts"),
            models.Index(fields=("state", "round"), name="answer_in_state"),
        )

    def __str__(self) -> str:
        return f"{self.organisation} on {self.kpi}, {self.get_state_display()}"

    @property
    def in_history(self) -> InHistory:
        """All versions under one key, on the page of the return."""
        place = f"{self.round.code}/{self.organisation.code}"
        year = year_label(self.plan_year) if self.plan_year else ""
        whose = [str(self.organisation), str(self.round), f"on {self.kpi.code}"]
        words = ", ".join(filter(None, [*whose, year, f"version {self.version}"]))
        key = f"{place}/{self.kpi.code}/{self.plan_year or ''}"
        return InHistory(key, words, f"reporting.submission/{place}")

    @property
    def refused(self) -> bool:
        """Is it a correction of the secretariat that a colleague refused. Nobody is asked to correct that, so it has no
        day; the version before it stands."""
        return self.state == AnswerStatus.RETURNED and bool(self.correction_reason) and self.correct_by is None

    @property
    def says_nothing(self) -> bool:
        """Does it state none of what can be stated; there may be a comment or a link."""
        return all(getattr(self, thing) == unsaid for thing, unsaid in UNSAID.items())


class AnswerWriter(models.Model):
    """Somebody who wrote into a version: as it was typed, changed, entered on behalf or corrected, or into a version
    that it was built on and that nobody accepted. ``Answer.entered_by`` is the last of them; none decides on it.

    Written by ``actions.writers.keep_writers`` alone."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="writers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        ordering = ("answer", "pk")
        constraints = (models.UniqueConstraint(fields=("answer", "person"), name="answer_writer_once"),)

    def __str__(self) -> str:
        return f"{self.person} on answer {self.answer_id}"
