"""An answer through its versions: what is asked of an organisation in a round, and everything it said on it."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery

from members.models import User
from workplan.calendar import year_label
from workplan.database import Listed

from .choices import AnswerStatus
from .models import NOTHING_SAID, Answer, AnswerWriter, Round, Submission

Question = tuple[int, int | None]
"""KPI and plan year: what one answer is given to."""
UNSENT = frozenset({AnswerStatus.DRAFT, AnswerStatus.AWAITING_APPROVAL})


@dataclass(frozen=True)
class Thread:
    """All versions of one answer of one organisation in one round, the oldest first.

    A version that was sent is never changed, so a correction is another version: a draft over what was returned or
    accepted. What the answer's state is follows from its newest versions (domain.md, "The workflow").
    """

    kpi: int
    plan_year: int | None
    versions: tuple[Answer, ...] = ()

    @cached_property
    def standing(self) -> tuple[Answer, ...]:
        """The versions without the corrections that were refused: these are kept, and change nothing."""
        return tuple(each for each in self.versions if not each.refused)

    @property
    def newest(self) -> Answer | None:
        """The version that is worked on. Where the secretariat corrects over a draft that was left, the draft waits
        behind until that is decided."""
        sent = self.latest_sent
        if sent is not None and sent.state == AnswerStatus.SUBMITTED:
            return sent
        return self.standing[-1] if self.standing else None

    @property
    def working(self) -> Answer | None:
        """The version that is not sent yet, where it can go on."""
        return self.newest if self.newest and self.newest.state in UNSENT else None

    @cached_property
    def sent(self) -> tuple[Answer, ...]:
        """The versions that others than its own organisation may see."""
        return tuple(each for each in self.versions if each.state not in UNSENT)

    @property
    def latest_sent(self) -> Answer | None:
        return next((each for each in reversed(self.standing) if each.state not in UNSENT), None)

    @property
    def corrects(self) -> Answer | None:
        """The returned version that the newest one corrects, or is."""
        if self.newest is None or self.newest.state in (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED):
            return None
        sent = self.latest_sent
        return sent if sent and sent.state == AnswerStatus.RETURNED else None

    @property
    def correction(self) -> Answer | None:
        """What the secretariat put in the place of an accepted version, decided on or not: where it is the latest."""
        sent = self.latest_sent
        stands = sent is not None and sent.state in (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED)
        return sent if sent and stands and sent.correction_reason else None

    @property
    def corrected(self) -> Answer | None:
        """The version that the correction stands for."""
        found = self.correction
        return next((each for each in reversed(self.standing) if found and each.version < found.version), None)

    @property
    def state(self) -> str:
        """A state of ``AnswerStatus``; "" where nothing is entered. A draft over a returned version is still returned:
        it becomes something else when it is handed on."""
        if self.newest is None or (self.newest.state == AnswerStatus.DRAFT and blank(self.newest) and not self.sent):
            return ""
        if self.newest.state == AnswerStatus.DRAFT and self.corrects:
            return AnswerStatus.RETURNED
        return AnswerStatus(self.newest.state)

    @property
    def state_for_others(self) -> str:
        """The state as those see it who may not see drafts."""
        return AnswerStatus(self.latest_sent.state) if self.latest_sent else ""

    @property
    def answered(self) -> bool:
        return self.newest is not None and not self.newest.says_nothing

    @property
    def year(self) -> str:
        """The plan year in words; "" where the KPI is not asked by plan year."""
        return year_label(self.plan_year) if self.plan_year else ""

    @property
    def token(self) -> str:
        """What a form carries, so that a change by somebody else meanwhile is noticed."""
        return token_of(self.newest)


def blank(answer: Answer) -> bool:
    return all(getattr(answer, name) == unsaid for name, unsaid in NOTHING_SAID.items())


def token_of(answer: Answer | None) -> str:
    """Changes with what it says, and with whose hands it is in."""
    return f"{answer.pk}.{answer.edits}.{answer.state[:2]}" if answer else "0"


BESIDE = {
    **{f"{name}_name": f"{name}__name" for name in ("entered_by", "sent_by", "decided_by")},
    **{f"original_{name}": f"original__{name}" for name in ("received_on", "received_from")},
    **{f"member_{name}": f"confirmation__{name}" for name in ("kind", "reason", "made_at")},
    "member_name": "confirmation__made_by__name",
}
"""What ``versions`` reads beside an answer, by what it is called there."""


def versions() -> QuerySet[Answer]:
    """Answers with the names of who entered, sent and decided them, what they were entered from, on which KPIs that
    says anything (``original_kpis``, ids), and what the Member says of that, in one query."""
    beside = {name: F(path) for name, path in BESIDE.items()}
    entered = Answer.objects.filter(original=OuterRef("original")).order_by().values("original")
    kpis = Subquery(entered.values(ids=Listed("kpi_id")))
    return Answer.objects.annotate(**beside, original_kpis=kpis).order_by("kpi", "plan_year", "version")


def grouped(answers: Iterable[Answer]) -> dict[Question, Thread]:
    """Threads by question, of the answers of one submission by version."""
    found: dict[Question, list[Answer]] = defaultdict(list)
    for answer in answers:
        found[answer.kpi_id, answer.plan_year].append(answer)
    return {key: Thread(*key, tuple(rows)) for key, rows in found.items()}


def threads_of(submission: Submission) -> dict[Question, Thread]:
    """Everything that an organisation said in a round, in one query."""
    return grouped(versions().filter(submission=submission))


def thread_of(submission: Submission, kpi: int, plan_year: int | None) -> Thread:
    rows = versions().filter(submission=submission, kpi=kpi, plan_year=plan_year)
    return Thread(kpi, plan_year, tuple(rows))


def written_by(person: User) -> Q:
    """The versions that somebody wrote into or sent, and so does not decide on."""
    wrote = AnswerWriter.objects.filter(answer=OuterRef("pk"), person=person)
    return Q(Exists(wrote)) | Q(entered_by=person) | Q(sent_by=person)


def counted_before(collection: Round, rows: QuerySet[Answer]) -> QuerySet[Answer]:
    """Those of some answers that were accepted in the rounds before, what counted last at the end."""
    earlier = rows.filter(kpi__plan=collection.plan_id, as_at__lte=collection.as_at, state=AnswerStatus.ACCEPTED)
    in_order = ("as_at", F("round__opened_at").asc(nulls_first=True), "round", "version")
    return earlier.exclude(round=collection).order_by(*in_order)


def last_answers(submission: Submission) -> dict[Question, Answer]:
    """What the organisation said last on each question in the rounds before, as it was accepted; it is carried forward
    as a suggestion (domain.md, "The workflow", 1). ``reading_source`` is what that answered."""
    rows = versions().annotate(reading_source=F("reading__source"), round_title=F("round__title"))
    own = rows.filter(organisation=submission.organisation_id)
    return {(answer.kpi_id, answer.plan_year): answer for answer in counted_before(submission.round, own)}
