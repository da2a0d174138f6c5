"""What the state of a thing allows; who may do it stands in ``members.permissions``.

A refusal is one sentence. The page that cannot offer something shows the same sentence. ``own``: the time zone of whom
it is said to.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from members.permissions import Target
from members.secretariat import secretariat

from .choices import AnswerStatus, MemberSays
from .models import Answer, Round, Submission
from .moments import day_end_words, moment_words
from .threads import Thread


@dataclass(frozen=True)
class Verdict:
    """May it be done, and if not, why not."""

    allowed: bool
    reason: str = ""


YES = Verdict(True)
HANDED_ON = (AnswerStatus.AWAITING_APPROVAL, AnswerStatus.SUBMITTED)


def no(reason: str) -> Verdict:
    return Verdict(False, reason)


def day_in(zone: str, moment: datetime) -> date:
    """The day that it is there."""
    return moment.astimezone(ZoneInfo(zone)).date()


# ---------------------------------------------------------------- when an organisation may enter


def entry(collection: Round, submission: Submission | None, now: datetime, own: ZoneInfo | None = None) -> Verdict:
    """Is the round open for this organisation: from its opening to its closing moment, or let in late (domain.md, "The
    workflow", 5). The closing moment itself is too late."""
    state = collection.state(now)
    if state == "planned":
        return no("This round is not open yet. The secretariat opens it.")
    if state == "open":
        return YES
    late_until = submission.late_until if submission else None
    if late_until and now < late_until:
        return YES
    if late_until:
        until = moment_words(late_until, collection.time_zone, own)
        return no(f"You were let in late until {until}. That moment has passed.")
    closed = moment_words(closed_since(collection), collection.time_zone, own)
    return no(f"This round closed on {closed}. The {secretariat()} can let you in late.")


def closed_since(collection: Round) -> datetime:
    """When a closed round closed: by its moment, or earlier by somebody."""
    found = [moment for moment in (collection.closed_at, collection.closes_at) if moment is not None]
    return min(found)


def correctable(collection: Round, correct_by: date | None, now: datetime) -> bool:
    """A returned answer can be corrected until its own date has ended in the round's time zone, round open or not."""
    return correct_by is not None and day_in(collection.time_zone, now) <= correct_by


def window(
    collection: Round, submission: Submission | None, thread: Thread, now: datetime, own: ZoneInfo | None = None
) -> Verdict:
    """May anything be entered or handed on for this answer now."""
    verdict = entry(collection, submission, now, own)
    returned = thread.corrects
    if verdict.allowed or returned is None:
        return verdict
    if correctable(collection, returned.correct_by, now):
        return YES
    day = returned.correct_by
    until = f"the end of {day_end_words(day, collection.time_zone, own)}" if day else "the round closed"
    return no(f"This answer could be corrected until {until}. The {secretariat()} can let you in late.")


def change(
    collection: Round, submission: Submission | None, thread: Thread, now: datetime, own: ZoneInfo | None = None
) -> Verdict:
    """May the answer be changed by its organisation."""
    if thread.state == AnswerStatus.SUBMITTED:
        if thread.newest and thread.newest.on_behalf and is_contested(thread.newest):
            return no(f"You said that this is not what you said. The {secretariat()} cannot accept it, and returns it.")
        back = withdrawal(collection, submission, thread, now, own)
        then = "Your approver can take it back." if back.allowed else back.reason
        return no(f"This answer was sent and is not decided yet. {then}")
    return window(collection, submission, thread, now, own)


def showing(
    collection: Round,
    submission: Submission | None,
    thread: Thread,
    hands: str,
    now: datetime,
    own: ZoneInfo | None = None,
) -> Verdict:
    """May its organisation still add and remove what shows the answer: while it may be entered, and as long as it is in
    the hands that it was in (``hands_of``) when the person looked at it."""
    if hands_of(thread) != hands:
        return no("This answer was handed on after you opened this page. Look at it again.")
    if thread.state == AnswerStatus.AWAITING_APPROVAL:  # the approver has it in hand, round open or not
        return YES
    return window(collection, submission, thread, now, own)


def hands_of(thread: Thread) -> str:
    """A state in which an answer is out of the hands of who fills it in; "" where it is not."""
    return thread.state if thread.state in HANDED_ON else ""


def discarding(thread: Thread) -> Verdict:
    """May a draft be dropped: only over what was sent, which then stands again."""
    over = thread.newest is not None and thread.newest.state == AnswerStatus.DRAFT and bool(thread.sent)
    return YES if over else no("Only a draft over an answer that was sent can be discarded.")


def withdrawal(
    collection: Round, submission: Submission | None, thread: Thread, now: datetime, own: ZoneInfo | None = None
) -> Verdict:
    """May an answer that was sent be taken back: only while it could be sent again."""
    if thread.state != AnswerStatus.SUBMITTED:
        return no("Only an answer that was sent and is not decided yet can be taken back.")
    if thread.newest and thread.newest.on_behalf:
        return no("The secretariat entered this version and decides on it.")
    before = Thread(thread.kpi, thread.plan_year, thread.versions[:-1])
    return window(collection, submission, before, now, own)


def target(
    collection: Round,
    submission: Submission | None,
    thread: Thread,
    now: datetime,
    *,
    organisation: str,
    co_coordinators: frozenset[str] = frozenset(),
) -> Target:
    """What the scopes of ``permissions.csv`` need to know of an answer."""
    enterable = window(collection, submission, thread, now).allowed
    return Target(
        organisations=frozenset({organisation}),
        focus_area_organisations=co_coordinators,
        open_for_entry=enterable and thread.state not in HANDED_ON,
        awaits_approval=thread.state == AnswerStatus.AWAITING_APPROVAL,
        undecided=thread.state == AnswerStatus.SUBMITTED,
        submitted=bool(thread.sent),
    )


# ---------------------------------------------------------------- what can be changed of a round

PLANNED = ("title", "as_at", "opens_at", "closes_at", "time_zone", "kpis")
OPEN = ("title", "closes_at")


def changeable(collection: Round, now: datetime) -> tuple[str, ...]:
    """What can be changed of a round: all while it is planned; when it is open, its name and its end; then nothing, as
    its answers were given to what it asked."""
    return {"planned": PLANNED, "open": OPEN}.get(collection.state(now), ())


def opening(collection: Round, now: datetime, own: ZoneInfo | None = None, called: str = "") -> Verdict:
    """What is opened after its closing moment would be closed at once, and for good. ``called``: how the round is named
    where not by its title."""
    name = called or collection.title
    if collection.closed_at is not None:
        return no(f"{name} was open and is closed.")
    if collection.opened_at is not None:
        return no(f"{name} is open already.")
    if collection.closes_at is not None and collection.closes_at <= now:
        moment = moment_words(collection.closes_at, collection.time_zone, own)
        return no(f"Its closing moment, {moment}, has passed: change it first.")
    return YES


def closing(collection: Round, now: datetime) -> Verdict:
    state = collection.state(now)
    if state == "planned":
        return no(f"{collection.title} has not been opened.")
    return YES if state == "open" else no(f"{collection.title} is closed already.")


def admission(collection: Round, now: datetime) -> Verdict:
    if collection.state(now) != "closed":
        return no("Only after a round has closed somebody is let in late.")
    return YES


def reminding(collection: Round, now: datetime) -> Verdict:
    """May anybody be reminded: as soon as something is asked. After the closing one is told to ask to be let in."""
    if collection.state(now) == "planned":
        return no(f"{collection.title} is not open yet, so nothing is asked and nobody needs a reminder.")
    return YES


# ---------------------------------------------------------------- when the secretariat may decide


def correction(
    collection: Round, submission: Submission, thread: Thread, now: datetime, own: ZoneInfo | None = None
) -> Verdict:
    """May the secretariat put something in the place of what it accepted: only after the organisation can do so itself.
    Whether that has a draft makes no difference, as nobody else is to know."""
    latest = thread.latest_sent
    if latest is None or latest.state != AnswerStatus.ACCEPTED:
        return no("Only an accepted answer is corrected. Return this one with a reason.")
    if window(collection, submission, thread, now, own).allowed:
        return no("Its organisation can still change this answer. Return it with a reason instead.")
    return YES


def waits_as_correction(answer: Answer) -> bool:
    """Is it the secretariat's correction of what was accepted, and undecided: it is accepted or refused."""
    return answer.state == AnswerStatus.SUBMITTED and bool(answer.correction_reason)


def decision(answer: Answer, thread: Thread, to: AnswerStatus) -> Verdict:
    """May this version be accepted or returned. Only the newest one that was sent is decided on."""
    latest = thread.latest_sent
    if latest is None or latest.pk != answer.pk:
        return no("There is a newer version of this answer. Decide on that one.")
    if to == AnswerStatus.ACCEPTED and answer.state != AnswerStatus.SUBMITTED:
        return no("Only an answer that was sent and is not decided yet can be accepted.")
    if to == AnswerStatus.ACCEPTED and is_contested(answer):
        return no("The Member says that it did not say this. Return it with a reason.")
    if to == AnswerStatus.RETURNED and answer.state not in (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED):
        return no("Only an answer that was sent or accepted can be returned.")
    return YES


# ---------------------------------------------------------------- on behalf of a Member


def on_behalf(
    collection: Round,
    submission: Submission,
    thread: Thread,
    received_on: date,
    now: datetime,
) -> Verdict:
    """May the secretariat enter what the organisation sent by e-mail on that day: while the organisation could enter it
    itself; and after the closing, where nothing of this answer stands yet, what had come by then (domain.md, "The
    workflow", 5: closing ends the Members' entry). Whether it has a draft makes no difference."""
    latest = thread.latest_sent
    if collection.state(now) == "planned":
        return no("This round is not open yet.")
    if latest is not None and latest.state == AnswerStatus.SUBMITTED:
        return no("An answer was sent and is not decided yet. Decide on that first.")
    if window(collection, submission, thread, now).allowed:
        return YES
    if latest is not None and latest.state == AnswerStatus.ACCEPTED:
        return no("This answer is accepted and the round is closed. An administrator can correct it, with a reason.")
    if latest is None and received_on <= day_in(collection.time_zone, closed_since(collection)):
        return YES
    why = "came after the round closed" if latest is None else "comes too late for this correction"
    return no(f"This e-mail {why}. Let the organisation in late first, with a reason.")


def is_contested(answer: Answer) -> bool:
    """Does the Member say that it did not say this. Of a version as ``versions`` reads it."""
    return answer.member_kind == MemberSays.CONTESTED  # type: ignore[attr-defined, no-any-return]


def asks_for_confirmation(thread: Thread) -> bool:
    """Does the Member have to say whether what was entered on its behalf is right. A correction stands beside what it
    said itself, and is not confirmed (docs/adr/0019)."""
    latest = thread.latest_sent
    if latest is None or latest.state not in (AnswerStatus.SUBMITTED, AnswerStatus.ACCEPTED):
        return False
    if not latest.on_behalf or latest.correction_reason:
        return False
    return latest.member_kind is None  # type: ignore[attr-defined]


def confirmation(answer: Answer, thread: Thread) -> Verdict:
    """May the Member say of this version whether it is right: once, and of the newest alone."""
    latest = thread.latest_sent
    if latest is None or latest.pk != answer.pk:
        return no("There is a newer version of this answer. Look at that one.")
    if answer.member_kind is not None:  # type: ignore[attr-defined]
        return no("Somebody of your organisation has said already whether this is right.")
    if not asks_for_confirmation(thread):
        return no("Only what the secretariat entered on your behalf, and did not return, is confirmed.")
    return YES
