"""Whom a round still waits for, what for and until when; and what a reminder says (domain.md, "The workflow", 1-5).

What is counted is what the secretariat may see: before anything was sent how many answers are filled in, and of what
was sent its state; a draft over it is nobody else's."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from members.choices import RoleName
from members.mail import shortened
from members.models import Organisation, Role, User
from members.numbers import counted
from members.secretariat import secretariat, signed
from workplan.calendar import year_label

from . import rules
from .board import Asked, Reader, Row, board
from .choices import AnswerStatus, ReminderKind
from .mails import REPORTING, address
from .models import REFUSED, Answer, Round, Submission
from .moments import day_end_words, moment_words
from .returns import entry_ends
from .threads import UNSENT

SENDERS = frozenset({RoleName.MEMBER_APPROVER.value, RoleName.REGIONAL_OFFICER.value})
"""Those who can send what waits for an approver."""
SENT = (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED)
"""Who has such an answer has sent something, as ``with_returns`` counts it."""
SECRETARIAT = Reader(True, frozenset(), frozenset())
A_DAY = timedelta(hours=24)
"""Whom somebody reminded by hand is left in peace for so long."""
FORGOTTEN = 14
"""So many days after its own day a step after the deadline is not sent any more."""


@dataclass(frozen=True)
class Back:
    """An answer that came back and can be corrected. ``until``: its own day; None while the round is open anyway."""

    kpi: str
    year: str
    until: date | None


@dataclass(frozen=True)
class Need:
    """What one organisation still owes a round. ``open``: it may enter now, ``ends``: until that moment; ``people``:
    who is told; ``reminded``: when it was last."""

    submission: Submission
    asked: int
    missing: int
    drafts: int
    waiting: int
    back: tuple[Back, ...]
    open: bool
    ends: datetime | None
    people: tuple[User, ...]
    reminded: datetime | None

    @property
    def organisation(self) -> Organisation:
        return self.submission.organisation

    @property
    def unsent(self) -> int:
        return self.missing + self.drafts + self.waiting

    @property
    def token(self) -> str:
        """Changes with what is missing, until when, who is told, and when they were last. So nobody sends what they did
        not see, and of two people who look at once only one reminds."""
        people = [(each.pk, each.email) for each in self.people]
        says = (
            self.asked,
            self.missing,
            self.drafts,
            self.waiting,
            self.back,
            self.open,
            self.ends,
            self.reminded,
            people,
        )
        return hashlib.sha256(repr(says).encode()).hexdigest()[:16]

    def lately(self, now: datetime) -> bool:
        return self.reminded is not None and now - self.reminded < A_DAY

    def reasons(self) -> Iterator[str]:
        """Why it needs a reminder, in few words."""
        if self.missing:
            yield f"{self.missing} of {self.asked} not filled in"
        if self.drafts:
            yield f"{self.drafts} filled in and not sent"
        if self.waiting:
            yield f"{self.waiting} with the approver"
        if self.back:
            yield f"{len(self.back)} returned"


# ---------------------------------------------------------------- reads


def needs(collection: Round, asked: Asked, now: datetime) -> list[Need]:
    """Of every organisation that has something left to do in a round that was opened, in the order of lists; five
    queries. ``collection`` must have its plan and have been read ``with_kpis``."""
    rows = [row for row in board(asked, collection, SECRETARIAT) if row.submission]
    back, people = came_back(collection, asked), people_by_organisation(row.code for row in rows)
    found = (need_of(collection, row, back[row.code], people[row.code], now) for row in rows)
    return [need for need in found if need]


def waited_for(collection: Round, asked: Asked, rows: Collection[Row], now: datetime) -> tuple[int, int]:
    """How many of a board's rows, as the secretariat sees it, need a reminder and can be reached, and how many cannot;
    two queries."""
    if collection.state(now) == "planned":
        return 0, 0
    back = came_back(collection, asked)
    there = Role.objects.filter(role__in=REPORTING, user__is_active=True).order_by()
    reachable = set(there.values_list("organisation__code", flat=True).distinct())
    found = [row.code for row in rows if row.submission and needed(collection, row, back[row.code], now)]
    reached = sum(code in reachable for code in found)
    return reached, len(found) - reached


def reach_words(reached: int, unreached: int) -> str:
    """How many of those who need a reminder get a mail, and why the others do not; "" where all do."""
    if not unreached:
        return ""
    can = f"{reached} of them can be reminded. " if reached else ""
    where = f"the other {unreached}" if reached else "any of them"
    return f"{can}Nobody at {where} has an account to answer with, so no mail reaches them: tell them in another way."


def silent_and_reached(rounds: Iterable[Round]) -> dict[int, int]:
    """Round -> how many of those who have sent nothing there a mail reaches; one query."""
    sent = Answer.objects.filter(submission=OuterRef("pk"), state__in=SENT)
    people = Role.objects.filter(organisation=OuterRef("organisation"), role__in=REPORTING, user__is_active=True)
    silent = Submission.objects.filter(~Exists(sent), Exists(people), round__in=[each.pk for each in rounds])
    return dict(silent.order_by().values_list("round").annotate(many=Count("pk")))


def unsent_of(row: Row) -> tuple[int, int, int]:
    """How many answers are missing, filled in, and with the approver."""
    states = row.total.states
    missing = max(row.total.asked - row.total.answered, 0)
    return missing, states[AnswerStatus.DRAFT], states[AnswerStatus.AWAITING_APPROVAL]


def needed(collection: Round, row: Row, back: Iterable[Any], now: datetime) -> bool:
    """Is anything left to do."""
    if any(unsent_of(row)):
        return True
    opened = rules.entry(collection, row.submission, now).allowed
    return any(backs(collection, back, opened, now))


def need_of(collection: Round, row: Row, back: Iterable[Any], people: list[User], now: datetime) -> Need | None:
    """None where nothing is left to do."""
    submission, total = row.submission, row.total
    assert submission is not None  # noqa: S101 -- only those that have a return are asked for
    submission.round = collection
    opened = rules.entry(collection, submission, now).allowed
    missing, drafts, waiting = unsent_of(row)
    returned = tuple(backs(collection, back, opened, now))
    if not (missing or drafts or waiting or returned):
        return None
    only_sending = waiting and not (missing or drafts or returned)
    senders = [each for each in people if any(held.role in SENDERS for held in held_in(each, row.code))]
    told = tuple(senders if only_sending and senders else people)
    ends, last = entry_ends(submission, now), submission.reminded  # type: ignore[attr-defined]
    return Need(submission, total.asked, missing, drafts, waiting, returned, opened, ends, told, last)


def backs(collection: Round, rows: Iterable[Any], opened: bool, now: datetime) -> Iterator[Back]:
    """Those of the returned answers that can be corrected: until their own day, or as long as entry is open."""
    for row in rows:
        own = rules.correctable(collection, row.correct_by, now)
        if own or opened:
            year = year_label(row.plan_year) if row.plan_year else ""
            yield Back(row.kpi__code, year, row.correct_by if own else None)


def uncorrected() -> QuerySet[Answer]:
    """The answers that were returned and of which nothing newer was sent."""
    same = {name: OuterRef(name) for name in ("submission", "kpi")}
    newer = Answer.objects.filter(**same, version__gt=OuterRef("version")).exclude(REFUSED | Q(state__in=UNSENT))
    newer = newer.filter(Q(plan_year=OuterRef("plan_year")) | Q(plan_year__isnull=True))
    return Answer.objects.filter(~Exists(newer), state=AnswerStatus.RETURNED).exclude(REFUSED)


def came_back(collection: Round, asked: Asked) -> dict[str, list[Any]]:
    """Organisation -> what it has to correct, as plain rows; a KPI that was retired is not asked any more."""
    rows = uncorrected().filter(round=collection, kpi__in=asked.area_of)
    found: dict[str, list[Any]] = defaultdict(list)
    columns = ("organisation__code", "kpi__code", "plan_year", "correct_by")
    for row in rows.order_by("kpi__position", "plan_year").values_list(*columns, named=True):
        found[row.organisation__code].append(row)
    return found


def people_by_organisation(codes: Iterable[str]) -> dict[str, list[User]]:
    """Those who fill in and send the returns of each, with all their roles; one query."""
    there = Role.objects.filter(organisation__code__in=list(codes), role__in=REPORTING, user__is_active=True)
    roles = Role.objects.filter(user__in=there.values("user")).select_related("user", "organisation")
    people: dict[User, list[Role]] = defaultdict(list)
    for held in roles.order_by("user__email", "organisation", "role"):
        people[held.user].append(held)
    found: dict[str, list[User]] = defaultdict(list)
    for user, own in people.items():
        user.held_roles = own
        for code in dict.fromkeys(held.organisation_code for held in own if held.role in REPORTING):
            found[code].append(user)
    return found


def held_in(user: User, code: str) -> list[Role]:
    return [held for held in user.held_roles if held.organisation_code == code]


# ---------------------------------------------------------------- when a reminder is due


@dataclass(frozen=True)
class Step:
    """A reminder that goes out by itself, so many days before or after the last day of an organisation."""

    kind: ReminderKind
    last_day: date
    days: int

    @property
    def name(self) -> str:
        return f"{self.kind}/{self.last_day.isoformat()}/{self.days}"

    @property
    def words(self) -> str:
        return f"{counted(self.days, 'day')} {self.kind} {self.last_day:%d.%m.%y}"


def step_of(need: Need, now: datetime, before: Collection[int], after: Collection[int]) -> Step | None:
    """The step that is due, sent or not: of several that have come the latest, so that a run which was missed brings no
    pile. None before the first, between the deadline and the first one after it, and long after that."""
    collection = need.submission.round
    last = last_day(need, now)
    if last is None:
        return None
    day, passed = last
    left = (day - rules.day_in(collection.time_zone, now)).days
    if not passed:
        found = min((days for days in before if days >= left), default=None)
        return None if found is None else Step(ReminderKind.BEFORE, day, found)
    found = max((days for days in after if days <= -left), default=None)
    if found is None or -left - found >= FORGOTTEN:
        return None
    return Step(ReminderKind.AFTER, day, found)


def last_day(need: Need, now: datetime) -> tuple[date, bool] | None:
    """The nearest last day on which something of what is owed can be done, in the round's time zone, else the last one
    that there was; and whether that is over. None while the round has no end."""
    zone = need.submission.round.time_zone
    ahead = [each.until for each in need.back if each.until]
    if need.ends and (need.unsent or not ahead):
        ahead.append(day_of(need.ends, zone))
    if ahead:
        return min(ahead), False
    if need.open:
        return None
    over = [rules.closed_since(need.submission.round)]
    if need.submission.late_until:
        over.append(need.submission.late_until)
    return day_of(max(over), zone), True


def day_of(moment: datetime, zone: str) -> date:
    """The last day before a moment: what ends at midnight ends with the day before."""
    return rules.day_in(zone, moment - timedelta(microseconds=1))


# ---------------------------------------------------------------- what it says


@dataclass(frozen=True)
class Letter:
    """``shown``: the text as it goes out, with whom one asks below."""

    to: str
    name: str
    subject: str
    text: str

    @property
    def shown(self) -> str:
        return signed(self.text)


def letter(need: Need, user: User, word: str = "") -> Letter:
    """The mail to one person, by their own clocks. ``word``: what the secretariat adds."""
    parts = [f"Dear {user.name},", *lines(need, user), *([f"The secretariat adds: {word}"] if word else [])]
    text = "\n\n".join([*parts, f"Your return: {address(need.submission)}", "RSP Tracker"])
    return Letter(user.email, user.name, shortened(subject(need)), f"{text}\n")


def subject(need: Need) -> str:
    title = need.submission.round.title
    if need.open or need.back:
        return f"Please {'send' if need.unsent and need.open else 'correct'} your answers: {title}"
    return f"{title} has closed without all your answers"


def lines(need: Need, user: User) -> Iterator[str]:
    collection, whose = need.submission.round, need.organisation.name
    yield f"{whose} has not finished its return for {collection.title}, progress as at {collection.as_at:%d.%m.%y}."
    if need.unsent:
        yield "\n".join(
            owed(need, may_send=any(held.role in SENDERS for held in held_in(user, need.organisation.code)))
        )
        yield until(need, user.time_zone)
    if need.back:
        yield "\n".join(returned(need, user.time_zone))


def owed(need: Need, *, may_send: bool) -> Iterator[str]:
    whom = "you" if may_send else "your approver"
    if need.missing:
        yield f"- {need.missing} of {need.asked} answers {'is' if need.missing == 1 else 'are'} not filled in yet."
    if need.drafts:
        yield f"- {counted(need.drafts, 'answer is', 'answers are')} filled in and not sent."
    if need.waiting:
        yield f"- {counted(need.waiting, 'answer waits', 'answers wait')} for {whom} to send."


def until(need: Need, own: ZoneInfo) -> str:
    """Until when the organisation may enter; where it cannot any more, what it can do."""
    submission = need.submission
    collection = submission.round
    if need.ends:
        lets_in = "You are let in late: you" if submission.late_until == need.ends else "You"
        return f"{lets_in} can fill in and send until {moment_words(need.ends, collection.time_zone, own)}."
    if need.open:
        return "The round has no closing moment yet. Please do not wait for one."
    over = max(filter(None, (rules.closed_since(collection), submission.late_until)))
    moment = moment_words(over, collection.time_zone, own)
    ended = "Your late admission ended" if submission.late_until == over else "The round closed"
    return (
        f"{ended} on {moment}, so you cannot fill in or send these now. If you still want to answer, ask the "
        f"{secretariat()} to let you in late, and say until when. Silence is never counted as a no."
    )


def returned(need: Need, own: ZoneInfo) -> Iterator[str]:
    zone = need.submission.round.time_zone
    yield f"{counted(len(need.back), 'answer', 'answers')} came back to be corrected. The return shows why:"
    for each in need.back:
        year = f" for {each.year}" if each.year else ""
        when = f": until the end of {day_end_words(each.until, zone, own)}" if each.until else ""
        yield f"- KPI {each.kpi}{year}{when}"
