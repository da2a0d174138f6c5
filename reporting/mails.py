"""The mails to the people of an organisation, of a round and of the register: plain text, queued with the change
that they tell of."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from members.choices import RoleName
from members.mail import Letter, post, post_all
from members.models import Organisation, User
from workplan.calendar import year_label
from workplan.models import Plan
from workplan.queries import visible_plans

from .choices import AnswerStatus, StatementKind
from .models import Answer, AnswerComment, ArrangementVersion, Original, SideStatement, Submission
from .moments import day_end_words, moment_words
from .threads import thread_of, threads_of
from .wording import said

REPORTING = (RoleName.MEMBER_CONTRIBUTOR, RoleName.MEMBER_APPROVER, RoleName.REGIONAL_OFFICER)


def people_of(organisation: Organisation) -> QuerySet[User]:
    """Those who fill in and send the returns of an organisation."""
    found = User.objects.filter(is_active=True, roles__organisation=organisation, roles__role__in=REPORTING)
    return found.distinct().order_by("email")


def who_hears(organisation: Organisation) -> str:
    """Whether a mail to an organisation reaches anybody, for whoever lets it go."""
    if people_of(organisation).exists():
        return "Its people get a mail."
    return "Nobody there has an account yet, so nobody gets a mail: tell them."


def address(submission: Submission) -> str:
    """Of the return, as a mail needs it."""
    path = reverse(
        "return_tasks", args=[submission.round.plan.code, submission.round.code, submission.organisation.code]
    )
    return settings.SITE_ADDRESS + path


def tell(
    submission: Submission, key: str, subject: str, lines: Callable[[ZoneInfo], Iterable[str]], now: datetime
) -> None:
    """One mail to each of the organisation's people; a key is used once for each. ``lines``: what it says to somebody
    who lives in that time zone."""
    for user in people_of(submission.organisation):
        text = "\n\n".join([*lines(user.time_zone), f"Your return: {address(submission)}", "RSP Tracker"])
        post(key=f"{key}/{user.pk}", to=user.email, subject=subject, text=f"Dear {user.name},\n\n{text}\n", now=now)


def returned(answer: Answer, now: datetime) -> None:
    """An answer came back, why, and until when it can be corrected (domain.md, "The workflow", 4-5)."""
    submission = answer.submission
    whose, which = submission.organisation.name, f"KPI {answer.kpi.code} ({submission.round.title})"
    day = answer.correct_by
    assert day is not None  # noqa: S101 -- whoever returns an answer gives one

    def lines(own: ZoneInfo) -> Iterable[str]:
        until = day_end_words(day, submission.round.time_zone, own)
        return [
            f"The secretariat returned the answer of {whose} to {which}.",
            f"The reason: {answer.decision_reason}",
            f"You can correct this answer until the end of {until}. You can do so also when the round has closed.",
            "Your other answers are not affected.",
        ]

    key = f"returned/{answer.pk}/{now.isoformat()}"
    tell(submission, key, f"Please correct your answer to KPI {answer.kpi.code}", lines, now)


def corrected(answer: Answer, now: datetime) -> None:
    """The secretariat's correction of an accepted answer is accepted: what it was, what it is, and why."""
    submission = answer.submission
    before = thread_of(submission, answer.kpi_id, answer.plan_year).corrected
    year = f" for {year_label(answer.plan_year)}" if answer.plan_year else ""
    which = f"KPI {answer.kpi.code}{year} ({submission.round.title})"
    said_before = f"It said: {said(before)}. " if before else ""
    lines = [
        f"The secretariat corrected the answer of {submission.organisation.name} to {which}.",
        f"The reason: {answer.correction_reason}",
        f"{said_before}It says now: {said(answer)}. Your return shows both versions side by side.",
        "You need to do nothing. If the correction is not right, please tell the secretariat.",
    ]
    subject = f"Your answer to KPI {answer.kpi.code} is corrected"
    tell(submission, f"corrected/{answer.pk}", subject, lambda _: lines, now)


def commented(comment: AnswerComment, now: datetime) -> None:
    """Somebody else than the organisation wrote about its answer: who, and what."""
    submission = comment.submission
    year = f" for {year_label(comment.plan_year)}" if comment.plan_year else ""
    who, whose = f"{comment.by.name} ({comment.organisation.code})", submission.organisation.name
    lines = [
        f"{who} wrote about the answer of {whose} to KPI {comment.kpi.code}{year} ({submission.round.title}):",
        comment.text,
        "You can reply on the page of this KPI in your return.",
    ]
    subject = f"A comment on your answer to KPI {comment.kpi.code}"
    tell(submission, f"comment/{comment.pk}", subject, lambda _: lines, now)


def entered_on_behalf(original: Original, now: datetime, *, answers: bool = True) -> None:
    """The secretariat begins to enter what the organisation sent by e-mail. One mail for each such e-mail, however many
    answers are entered from it; and one that asks to look at the register, where no answer was entered at first."""
    submission = original.submission
    whose, where = submission.organisation.name, submission.round.title
    came = f"an e-mail of {original.received_on:%d.%m.%y} by {original.received_from}"
    lines = [
        f"{original.uploaded_by.name} of the secretariat enters what {whose} sent for {where}, from {came}.",
        "Your approver is asked to confirm these answers, or to say what is wrong. Your return leads to them."
        if answers
        else "It holds activities or arrangements, and no answers. Where they name you, please say in the register "
        "whether they are right.",
    ]
    tell(
        submission,
        f"on-behalf/{original.pk}{'' if answers else '/register'}",
        f"Please {'confirm' if answers else 'look at'} what was entered for you: {where}",
        lambda _: lines,
        now,
    )


def all_accepted(submission: Submission, accepted: Iterable[Answer], now: datetime) -> None:
    """Everything that the organisation sent is accepted; says nothing while something else waits or is returned.
    ``accepted``: what was now. A version is accepted once, so the newest of them names this acceptance."""
    sent = [each for each in threads_of(submission).values() if each.sent]
    if not sent or any(each.state_for_others != AnswerStatus.ACCEPTED for each in sent):
        return
    whose, where = submission.organisation.name, submission.round.title
    many = "the one answer" if len(sent) == 1 else f"all {len(sent)} answers"
    lines = [
        f"The secretariat accepted {many} that {whose} sent for {where}.",
        "You need to do nothing more for what you sent. What you have not sent yet is not affected. Thank you.",
    ]
    key = f"accepted/{submission.pk}/{max(answer.pk for answer in accepted)}"
    tell(submission, key, f"What you sent is accepted: {submission.round.title}", lambda _: lines, now)


def late_admission(submission: Submission, now: datetime) -> None:
    """The organisation is let in after the round closed, until when, and why; each time that it is, even where until
    the same moment as before."""
    moment = submission.late_until
    if moment is None:
        return

    def lines(own: ZoneInfo) -> Iterable[str]:
        return [
            f"The secretariat lets {submission.organisation.name} answer {submission.round.title} after its closing.",
            f"You can fill in and send until {moment_words(moment, submission.round.time_zone, own)}.",
            f"The reason: {submission.late_reason}",
        ]

    key = f"late/{submission.pk}/{now.isoformat()}"
    tell(submission, key, f"You can still answer: {submission.round.title}", lines, now)


def late_ended(submission: Submission, now: datetime) -> None:
    """Somebody ended the late admission of the organisation before its moment."""
    lines = [
        f"The secretariat ended the late admission of {submission.organisation.name} to {submission.round.title}.",
        "You cannot fill in or send anything any more. What you have not sent stays as it is.",
        "An answer that was returned can be corrected until its own date.",
    ]
    key = f"late-ended/{submission.pk}/{now.isoformat()}"
    tell(submission, key, f"You cannot answer any more: {submission.round.title}", lambda _: lines, now)


@dataclass(frozen=True)
class Silent:
    """One party of an arrangement said something of it; of the other, ``code``, nobody knows what it says."""

    statement: SideStatement
    version: ArrangementVersion
    code: str

    @property
    def other(self) -> Organisation:
        pair = self.version.arrangement
        return pair.party_b if self.code == pair.party_b.code else pair.party_a


def asked_for_their_sides(silent: Sequence[Silent], now: datetime) -> None:
    """Tells them what was said, and where to say whether it is right. In as many queries as for one."""
    plan = visible_plans().order_by("-starts").first() if silent else None
    if plan is None:
        return  # without a plan there is no page on which to say it
    people = defaultdict(list)
    of_all = User.objects.filter(is_active=True, roles__role__in=REPORTING)
    of_all = of_all.filter(roles__organisation__in=[each.other for each in silent])
    for user in of_all.annotate(speaks_for=F("roles__organisation")).distinct().order_by("email"):
        people[user.speaks_for].append(user)
    post_all((letter(each, plan, user) for each in silent for user in people[each.other.pk]), now)


def letter(silent: Silent, plan: Plan, user: User) -> Letter:
    statement, version, other = silent.statement, silent.version, silent.other
    pair = version.arrangement
    contests = statement.kind == StatementKind.CONTESTED
    says = f"contests the record: {statement.reason}" if contests else "says that the record is right."
    recorded = [
        f"signed {version.signed_on}" if version.signed else "",
        f"in force from {version.in_force:%d.%m.%y}" if version.in_force else "no date in force",
        f"ended on {version.ended:%d.%m.%y}" if version.ended else "",
    ]
    between = f"{pair.party_a.name} and {pair.party_b.name}"
    link = settings.SITE_ADDRESS + reverse("arrangement_side", args=[plan.code, pair.pk])
    lines = [
        f"The register holds an arrangement between {between}: {', '.join(filter(None, recorded))}.",
        f"{statement.organisation.name} {says}",
        f"Nobody has said yet what {other.name} says. Please say whether it is right: {link}",
        "RSP Tracker",
    ]
    subject = f"Is your arrangement with {statement.organisation.name} recorded right?"
    text = "\n\n".join([f"Dear {user.name},", *lines])
    return Letter(f"side/{statement.pk}/{user.pk}", user.email, subject, f"{text}\n")
