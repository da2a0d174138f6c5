"""What an organisation has to answer in a round, and how far it is (domain.md, "The workflow", 1-3)."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from members.choices import Scope
from members.models import User
from members.numbers import counted
from members.permissions import Target, grants, may
from workplan.choices import YEARLY
from workplan.tree import FocusAreaText, KpiText, ReadingText

from . import rules
from .choices import AnswerStatus
from .keeping import digest, kept
from .looking import Look, Missing
from .models import Answer, Receipt, Round, Submission
from .moments import day_end_words
from .places import in_plan
from .questions import years_begun
from .rules import Verdict
from .threads import Thread, grouped, threads_of, versions

STATE_WORDS = {
    AnswerStatus.RETURNED.value: "Returned: please correct",
    "": "Not answered",
    AnswerStatus.DRAFT.value: "Draft",
    AnswerStatus.AWAITING_APPROVAL.value: "Waits for the approver",
    AnswerStatus.SUBMITTED.value: "Sent, not decided yet",
    AnswerStatus.ACCEPTED.value: "Accepted",
}
"""The states of a thread in words, what needs somebody most first."""
NEED = tuple(STATE_WORDS)


@dataclass(frozen=True)
class Item:
    """A KPI of a return: one thread, or one for each plan year asked."""

    area: FocusAreaText
    kpi: KpiText
    threads: tuple[Thread, ...]

    @property
    def reading(self) -> ReadingText:
        return self.kpi.reading

    @property
    def answered(self) -> int:
        return sum(thread.answered for thread in self.threads)

    @property
    def state(self) -> str:
        """That of the thread which needs somebody most."""
        return min((thread.state for thread in self.threads), key=NEED.index)

    @property
    def state_words(self) -> str:
        many, missing = len(self.threads), sum(not thread.state for thread in self.threads)
        if missing and missing < many and self.state == "":
            return f"{many - missing} of {many} years answered"
        return STATE_WORDS[self.state]

    @property
    def returned(self) -> tuple[Thread, ...]:
        return tuple(thread for thread in self.threads if thread.state == AnswerStatus.RETURNED)

    @property
    def sent_only(self) -> "Item":
        """As those see it who see no drafts."""
        return replace(self, threads=tuple(replace(each, versions=each.sent) for each in self.threads))


@dataclass(frozen=True)
class Return:
    """One organisation's return as one reader sees it. ``own``: the reader works for the organisation."""

    look: Look
    submission: Submission
    own: bool
    items: tuple[Item, ...]

    @property
    def round(self) -> Round:
        return self.submission.round

    @property
    def address(self) -> tuple[str, str, str]:
        """What the addresses of the return begin with."""
        return (self.round.plan.code, self.round.code, self.submission.organisation.code)

    @property
    def kpis(self) -> frozenset[int]:
        return frozenset(item.kpi.id for item in self.items)

    @property
    def areas(self) -> Iterator[tuple[FocusAreaText, list[Item]]]:
        for area in dict.fromkeys(item.area for item in self.items):
            yield area, [item for item in self.items if item.area == area]

    @cached_property
    def states(self) -> Counter[str]:
        return Counter(thread.state for item in self.items for thread in item.threads)

    @property
    def asked(self) -> int:
        return sum(len(item.threads) for item in self.items)

    @property
    def answered(self) -> int:
        return sum(item.answered for item in self.items)

    @property
    def entry(self) -> Verdict:
        return rules.entry(self.round, self.submission, self.look.occasion.now, self.look.time_zone)

    def target(self, item: Item, thread: Thread) -> Target:
        return rules.target(
            self.round,
            self.submission,
            thread,
            self.look.occasion.now,
            organisation=self.submission.organisation.code,
            co_coordinators=frozenset(item.area.co_coordinators),
        )

    def may(self, action: str, item: Item | None = None, thread: Thread | None = None) -> bool:
        """May the reader do this to one answer; without one, to any answer of the return."""
        if item and thread:
            return may(self.look.user, action, self.target(item, thread))
        return any(self.may(action, item, each) for item in self.items for each in item.threads)

    def change(self, item: Item, thread: Thread) -> Verdict:
        """May the reader change this answer now, and if not, why not, in a sentence."""
        state = rules.change(self.round, self.submission, thread, self.look.occasion.now, self.look.time_zone)
        if not state.allowed:
            return state
        if self.may("submission.edit", item, thread):
            return state
        if self.own and thread.state == AnswerStatus.AWAITING_APPROVAL:
            return rules.no("This answer waits for your approver, who can change it or send it back to you.")
        return rules.no(f"Only the people of {self.submission.organisation.name} enter this answer.")

    def item(self, code: str) -> Item:
        found = next((item for item in self.items if item.kpi.code == code), None)
        if found is None:
            raise Missing(f"This return has no KPI {code}", "The task list shows every KPI that is asked.")
        return found


def nothing_here() -> Missing:
    return Missing("This page does not exist, or not for you", "The rounds and returns that you may see are listed.")


def round_called(look: Look, code: str) -> Round:
    """A round of the plan that is looked at. Raises Missing."""
    found = next((each for each in look.occasion.rounds if each.code == code), None)
    if found is None:
        raise nothing_here()
    return found


def open_return(look: Look, round: str, organisation: str, action: str = "submission.view") -> Return:
    """The return of an organisation, as far as the reader may see it. Raises Missing where that is nothing."""
    collection = round_called(look, round)
    rows = Submission.objects.filter(round=collection, organisation__code=organisation)
    submission = rows.select_related("organisation").first()
    if submission is None:
        raise nothing_here()
    submission.round = collection
    own = is_own(look.user, action, organisation)
    items = tuple(seen(look.user, action, own, items_of(look, submission)))
    if not items:
        raise nothing_here()
    return Return(look, submission, own, items)


def visible(look: Look, round: str, org: str, code: str = "", **_: object) -> None:
    """Raises Missing where the reader may not see this return, or this KPI of it."""
    found = open_return(look, round, org)
    if code:
        found.item(code)


def is_own(user: User, action: str, organisation: str) -> bool:
    return any(scope is Scope.OWN and code == organisation for scope, code in grants(user, action))


def seen(user: User, action: str, own: bool, items: Iterator[Item]) -> Iterator[Item]:
    """Its own people see all; others the KPIs that they may see something sent of."""
    for item in items:
        if own:
            yield item
            continue
        sent = any(thread.sent for thread in item.threads)
        about = Target(focus_area_organisations=frozenset(item.area.co_coordinators), submitted=sent)
        if may(user, action, about):
            yield item.sent_only


def items_of(look: Look, submission: Submission) -> Iterator[Item]:
    threads = threads_of(submission)
    for area, kpi, years in asked_of(look, submission.round, submission.organisation.code):
        yield Item(area, kpi, tuple(threads.get((kpi.id, year), Thread(kpi.id, year)) for year in years))


def asked_in_full(look: Look, submission: Submission) -> tuple[Item, ...]:
    """All that an organisation is asked, with what it sent; its drafts are its own."""
    return tuple(item.sent_only for item in items_of(look, submission))


Asked = tuple[FocusAreaText, KpiText, tuple[int | None, ...]]


def asked_of(look: Look, collection: Round, organisation: str) -> list[Asked]:
    """What a round asks of one organisation, in the plan's order; kept until the frame changes."""
    key = f"asked:{digest(look.frame, collection.pk, organisation)}"
    return list(kept(key, lambda: list(find_asked(look, collection, organisation))))


def find_asked(look: Look, collection: Round, organisation: str) -> Iterator[Asked]:
    text, organisations = look.plan_at(collection.as_at), look.organisations
    begun = years_begun(collection.plan, collection.as_at)
    for area in text.focus_areas:
        for kpi in area.kpis:
            asked = organisations.asked(kpi.reading, collection.as_at)
            if collection.asks(kpi.id) and organisation in asked:
                yield area, kpi, begun if kpi.reading.source in YEARLY else (None,)


# ---------------------------------------------------------------- what came back


@dataclass(frozen=True)
class CameBack:
    """A return with answers that were returned and can be corrected now. ``until``: the first day that ends this, in
    words."""

    round: str
    organisation: str
    name: str
    many: int
    until: str

    @property
    def words(self) -> str:
        answers = f"{counted(self.many, 'answer')} returned"
        return f"{answers}, correct by {self.until}" if self.until else f"{answers}, please correct"


def came_back(look: Look, codes: Collection[str]) -> tuple[CameBack, ...]:
    """Of some organisations, in all rounds of the plan, closed ones too. One query."""
    if not codes:
        return ()
    now, asked = look.occasion.now, in_plan(look)
    returned = Answer.objects.filter(asked, organisation__code__in=codes, state=AnswerStatus.RETURNED)
    rows = versions().filter(asked, submission__in=returned.values("submission"))
    found: dict[Submission, list[Answer]] = defaultdict(list)
    for answer in rows.select_related("submission__round", "submission__organisation"):
        found[answer.submission].append(answer)
    each = (back_of(submission, grouped(rows).values(), now, look.time_zone) for submission, rows in found.items())
    return tuple(sorted((back for back in each if back), key=lambda back: (back.round, back.name)))


def back_of(submission: Submission, threads: Iterable[Thread], now: datetime, own: ZoneInfo) -> CameBack | None:
    collection, whose = submission.round, submission.organisation
    found = [
        thread.corrects.correct_by
        for thread in threads
        if thread.corrects and rules.window(collection, submission, thread, now).allowed
    ]
    ends = [day for day in found if day and rules.correctable(collection, day, now)]
    until = day_end_words(min(ends), collection.time_zone, own) if ends else ""
    return CameBack(collection.code, whose.code, whose.name, len(found), until) if found else None


def receipts_of(submission: Submission) -> QuerySet[Receipt]:
    return submission.receipts.select_related("sent_by").defer("content").order_by("-number")


def entry_ends(submission: Submission, now: datetime) -> datetime | None:
    """The moment until which this organisation may enter; None where there is none, or it has passed."""
    closes = submission.late_until if submission.round.closed(now) else submission.round.closes_at
    return closes if closes and closes > now else None
