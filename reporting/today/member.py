"""What is needed of those who fill in and send the return of an organisation."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from django.db.models import Exists, OuterRef
from django.urls import reverse

from members.choices import RoleName, Scope
from members.numbers import counted
from members.permissions import grants
from reporting import rules
from reporting.choices import ActivityStatus, AnswerStatus
from reporting.looking import Look
from reporting.models import ActivityPart, Answer, PartStatement, Submission
from reporting.moments import day_end_words, moment_words
from reporting.returns import Asked, asked_of, entry_ends
from reporting.sides import waiting_for
from reporting.threads import Question, Thread, grouped, versions
from workplan.calendar import year_label
from workplan.choices import Source

from .blocks import MOST, Block, Line, Press, block, days

LATELY = timedelta(days=14)
"""What was accepted since then is told."""
SENDS = (RoleName.MEMBER_APPROVER, RoleName.REGIONAL_OFFICER)
REGISTERS = (Source.ACTIVITIES, Source.ARRANGEMENTS)


@dataclass(frozen=True)
class Own:
    """The return of an own organisation in a round, with all that it says there."""

    look: Look
    submission: Submission
    said: dict[Question, Thread]

    @cached_property
    def threads(self) -> dict[Question, Thread]:
        """What it says on what it is asked: a KPI that was retired since then is not asked any more."""
        places = ((kpi.id, year) for _, kpi, years in self.asked for year in years)
        return {place: self.said.get(place, Thread(*place)) for place in places}

    @cached_property
    def asked(self) -> list[Asked]:
        return asked_of(self.look, self.submission.round, self.submission.organisation.code)

    @cached_property
    def open(self) -> bool:
        return rules.entry(self.submission.round, self.submission, self.look.occasion.now).allowed

    @cached_property
    def states(self) -> Counter[str]:
        """Of everything that is asked."""
        return Counter(thread.state for thread in self.threads.values())

    @property
    def name(self) -> str:
        return f"{self.submission.organisation.name}, {self.submission.round.title}"

    @property
    def roles(self) -> set[str]:
        """The reader's there."""
        code = self.submission.organisation.code
        return {held.role for held in self.look.user.held_roles if held.organisation_code == code}

    def href(self, name: str, *more: str) -> str:
        collection = self.submission.round
        codes = (collection.plan.code, collection.code, self.submission.organisation.code)
        return reverse(name, args=(*codes, *more))


def own_codes(look: Look) -> list[str]:
    """The organisations whose returns the reader fills in or sends."""
    scopes = (Scope.OWN_DRAFT, Scope.OWN_UNSENT)
    return [code for scope, code in grants(look.user, "submission.edit") if scope in scopes]


def own_returns(look: Look) -> list[Own]:
    """Those in which something can be entered or was said lately; two queries."""
    rounds = {each.pk: each for each in look.occasion.rounds if each.opened_at}
    now = look.occasion.now
    returned = Answer.objects.filter(submission=OuterRef("pk"), state=AnswerStatus.RETURNED)
    lately = Answer.objects.filter(submission=OuterRef("pk"), decided_at__gt=now - LATELY)
    rows = Submission.objects.filter(round__in=rounds, organisation__code__in=own_codes(look))
    rows = rows.annotate(has_returned=Exists(returned), was_decided=Exists(lately)).select_related("organisation")
    found = []
    for submission in rows:
        submission.round = rounds[submission.round_id]
        entry = rules.entry(submission.round, submission, now).allowed
        if entry or submission.has_returned or submission.was_decided:
            found.append(submission)
    by_return: dict[int, list[Answer]] = defaultdict(list)
    for answer in versions().filter(submission__in=found).select_related("kpi"):
        by_return[answer.submission_id].append(answer)
    return [Own(look, submission, grouped(by_return[submission.pk])) for submission in reversed(found)]


def for_member(look: Look) -> Iterator[Block]:
    """Whoever adds another kind of thing that a Member must do adds a function beside these."""
    if not own_codes(look):
        return
    returns = own_returns(look)
    for own in returns:
        yield from came_back(own)
        yield from to_confirm(own)
        yield from to_send(own)
        yield from open_round(own)
        yield from to_attest(own)
    yield from parts(look)
    yield from own_sides(look)
    yield from accepted(returns)


# ---------------------------------------------------------------- the return


def came_back(own: Own) -> Iterator[Block]:
    """The answers that were returned and can be corrected, each with why and until when; the first to end first."""
    collection, now = own.submission.round, own.look.occasion.now
    found = [
        thread
        for thread in own.threads.values()
        if thread.state == AnswerStatus.RETURNED
        and rules.window(collection, own.submission, thread, now).allowed
        and thread.corrects
    ]
    if not found:
        return
    found.sort(key=lambda thread: (thread.corrects and thread.corrects.correct_by) or collection.as_at)
    many = counted(len(found), "answer came back", "answers came back")
    lines = [line_of(own, thread) for thread in found]
    yield block(Press.CAME_BACK, f"{many}: {own.name}", lines, href=own.href("return_tasks"))


def line_of(own: Own, thread: Thread) -> Line:
    answer = thread.corrects
    assert answer is not None  # noqa: S101 -- only what came back has a line
    collection = own.submission.round
    year = f" for {year_label(thread.plan_year)}" if thread.plan_year else ""
    until = ""
    if rules.correctable(collection, answer.correct_by, own.look.occasion.now) and answer.correct_by:
        until = f"Until the end of {day_end_words(answer.correct_by, collection.time_zone, own.look.time_zone)}."
    href = own.href("return_kpi", answer.kpi.code)
    return Line(f"KPI {answer.kpi.code}{year}: {shortened(answer.decision_reason)}", href, until)


def shortened(text: str, longest: int = 160) -> str:
    text = " ".join(text.split())
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def to_send(own: Own) -> Iterator[Block]:
    """What waits for the approver, for the approver."""
    waiting = sum(thread.state == AnswerStatus.AWAITING_APPROVAL for thread in own.threads.values())
    if waiting and not own.roles.isdisjoint(SENDS):
        many = counted(waiting, "answer waits", "answers wait")
        line = Line("Check them, then send them or give them back", own.href("return_check"))
        yield block(Press.TO_SEND, f"{many} for you to send: {own.name}", [line])


def to_confirm(own: Own) -> Iterator[Block]:
    """What the secretariat entered from an e-mail, for those who may say whether it is right."""
    waiting = sum(rules.asks_for_confirmation(thread) for thread in own.threads.values())
    if waiting and not own.roles.isdisjoint(SENDS):
        many = counted(waiting, "answer was entered for you", "answers were entered for you")
        line = Line("Look at what was entered, then confirm it or say what is wrong", own.href("return_confirm"))
        yield block(Press.TO_SEND, f"{many}, please confirm: {own.name}", [line])


def open_round(own: Own) -> Iterator[Block]:
    """How far the return is, and how long one can still enter."""
    if not own.open:
        return
    missing, drafts = own.states[""], own.states[AnswerStatus.DRAFT]
    asked = own.states.total()
    if not (missing or drafts):
        if asked:
            yield block(Press.KNOW, f"Everything asked is handed on: {own.name}", [])
        return
    note = submission_note(own)
    lines = [Line(f"{asked - missing:,} of {asked:,} answers are filled in", own.href("return_tasks"), ends_words(own))]
    if note:
        lines.append(Line(f"Your approver asks you to change something: {note}", own.href("return_tasks")))
    if drafts:
        many = counted(drafts, "answer is filled in and not handed on", "answers are filled in and not handed on")
        lines.append(Line(many, own.href("return_check")))
    yield block(Press.ROUND, f"{own.name}: {left(own)}", lines)


def submission_note(own: Own) -> str:
    return shortened(own.submission.approver_note)


def left(own: Own) -> str:
    """3 days left"""
    now = own.look.occasion.now
    ends = entry_ends(own.submission, now)
    if ends is None:
        return "open, without an end yet"
    late = "let in late, " if own.submission.round.closed(now) else ""
    whole = (ends - now).days
    return late + ("less than a day left" if not whole else f"{days(whole)} left")


def ends_words(own: Own) -> str:
    ends = entry_ends(own.submission, own.look.occasion.now)
    if ends is None:
        return ""
    return f"Until {moment_words(ends, own.submission.round.time_zone, own.look.time_zone)}."


def to_attest(own: Own) -> Iterator[Block]:
    """For those who keep the register: the KPIs of which it has not been said yet that it is complete."""
    if not own.open or RoleName.REGIONAL_OFFICER not in own.roles:
        return
    silent = [
        kpi
        for _, kpi, years in own.asked
        for year in years
        if kpi.reading.source in REGISTERS and not own.threads[kpi.id, year].answered
    ]
    if silent:
        many = counted(len(silent), "KPI is counted", "KPIs are counted")
        day = f"{own.submission.round.as_at:%d.%m.%y}"
        lines = [
            Line(f"{kpi.code} {shortened(kpi.reading.question, 100)}", own.href("return_kpi", kpi.code))
            for kpi in silent
        ]
        heading = f"{many} from the register: say whether it is complete up to {day}"
        yield block(Press.REGISTER, heading, lines, href=own.href("return_tasks"))


def accepted(returns: list[Own]) -> Iterator[Block]:
    """What the secretariat accepted in the last days, and how much of it it corrected."""
    for own in returns:
        since = own.look.occasion.now - LATELY
        newest = [thread.latest_sent for thread in own.threads.values()]
        found = [each for each in newest if each and each.state == AnswerStatus.ACCEPTED]
        lately = [each for each in found if each.decided_at and each.decided_at > since]
        if lately:
            corrected = sum(bool(each.correction_reason) for each in lately)
            note = f"{corrected} of them corrected by the secretariat." if corrected else ""
            many = counted(len(lately), "answer was", "answers were")
            line = Line("Your return", own.href("return_tasks"), note)
            yield block(Press.KNOW, f"{many} accepted in the last {LATELY.days} days: {own.name}", [line])


# ---------------------------------------------------------------- the register


def parts(look: Look) -> Iterator[Block]:
    """The activities that somebody else recorded with the reader's organisation in them, on which it has said
    nothing; the latest first. One query."""
    codes = [code for _, code in grants(look.user, "activity.confirm_own_part")]
    if not codes:
        return
    said = PartStatement.objects.filter(activity=OuterRef("version__activity"), organisation=OuterRef("organisation"))
    rows = ActivityPart.objects.filter(organisation__code__in=codes, version__reported=True)
    rows = rows.exclude(version__status=ActivityStatus.CANCELLED).exclude(
        version__activity__recorded_by__code__in=codes
    )
    rows = rows.exclude(Exists(said)).select_related("version").order_by("-version__day", "version")
    found = list(rows[: 10 * MOST])
    if not found:
        return
    plan = look.occasion.plan.code
    lines = [
        Line(
            part.version.title,
            reverse("activity_part", args=[plan, part.version.activity_id]),
            f"{part.version.day:%d.%m.%y}: {part.said}.",
        )
        for part in found
    ]
    many = (
        f"{10 * MOST} activities or more name"
        if len(found) == 10 * MOST
        else counted(len(found), "activity names", "activities name")
    )
    href = reverse("register", args=[plan]) + "?ours=1"
    yield block(Press.REGISTER, f"{many} you: say whether your part is right", lines, href=href)


def own_sides(look: Look) -> Iterator[Block]:
    """The arrangements of the reader's administration of which it has not said whether they are right; one query."""
    codes = [code for _, code in grants(look.user, "arrangement.confirm_own_side")]
    if not codes:
        return
    found = list(waiting_for(codes).select_related("arrangement__party_a", "arrangement__party_b")[: 10 * MOST])
    if not found:
        return
    plan = look.occasion.plan.code
    lines = [
        Line(str(each.arrangement), reverse("arrangement_side", args=[plan, each.arrangement_id])) for each in found
    ]
    many = counted(len(found), "arrangement of yours waits", "arrangements of yours wait")
    yield block(Press.REGISTER, f"{many} for your word: say whether it is right", lines)
