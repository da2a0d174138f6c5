"""What the register knows of an organisation, beside what a round asks it: what happened is reported once, and whoever
is asked about it confirms it with a click, or says what is missing."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Subquery

from members.models import User
from members.numbers import counted
from workplan.calendar import year_label, year_of
from workplan.choices import Part, Source
from workplan.database import Listed as Gathered

from .audience import shown_to
from .choices import ActivityKind, StatementKind
from .keeping import digest
from .models import ActivityLink, Arrangement, ArrangementVersion, PartStatement, Submission
from .queries import arrangements, parts_held
from .returns import Item, Return
from .sides import sides
from .threads import Thread

MOST_LINES = 12
"""Beside a question; of more, the others are opened with a click, so that the question is found."""
UNSAID = "; you have not said whether this is right"


@dataclass(frozen=True)
class Listed:
    """The part of an organisation in one activity that was held. ``version``: of the record, as it was read; ``told``:
    what the organisation said of it, "" for nothing yet; ``kpis``: those that the activity counts for; ``decided``:
    whether it counts by now."""

    activity: int
    version: int
    title: str
    kind: str
    start: date
    day: date
    part: str
    contributes: bool
    participants: int | None
    women: int | None
    told: str
    contested: bool
    decided: bool
    kpis: frozenset[int]

    @property
    def right(self) -> bool:
        return self.told == StatementKind.CONFIRMED

    @property
    def seen(self) -> str:
        """What a form carries of it."""
        return f"{self.activity}:{self.version}"

    @property
    def numbers(self) -> str:
        if self.participants is None:
            return "participants not stated"
        women = "women not stated" if self.women is None else counted(self.women, "woman", "women")
        return f"{counted(self.participants, 'participant')}, {women}"

    @property
    def words(self) -> str:
        """One line beside a question."""
        return f"{self.day:%d.%m.%y} {self.title}: {self.part}{'' if self.right else UNSAID}"

    def serves(self, item: Item, year: int | None) -> bool:
        """Does it make a yes to this question."""
        in_time = (year is None or year_of(self.day) == year) and not self.contested
        return item.kpi.id in self.kpis and in_time and (self.contributes or item.reading.part is not Part.CONTRIBUTING)


def listed(submission: Submission, user: User, kpi: int | None = None) -> list[Listed]:
    """Its parts in what was held up to the date of the round, as far as the reader may know of it; of one KPI where
    that is given. One query."""
    parts = parts_held(submission.round, contested=True).filter(shown_to(user, "version__activity"))
    parts = parts.filter(organisation=submission.organisation_id)
    links = ActivityLink.objects.filter(version=OuterRef("version"), kpi__plan=submission.round.plan_id)
    said = PartStatement.objects.filter(
        activity=OuterRef("version__activity"), organisation=OuterRef("organisation"), settled_at=None
    )
    about = Exists(links if kpi is None else links.filter(kpi=kpi))
    rows = parts.filter(about).select_related("version").order_by("version__day", "version__title")
    rows = rows.annotate(
        told=Subquery(said.values("kind")[:1]),
        serves=Subquery(links.order_by().values("version").values(named=Gathered("kpi"))),
    )
    return [
        Listed(
            activity=each.version.activity_id,
            version=each.version_id,
            title=each.version.title,
            kind=each.version.kind,
            start=each.version.start,
            day=each.version.day,
            part=each.said,
            contributes=each.organises or each.contributes,
            participants=each.participants,
            women=each.women,
            told=each.told or "",
            contested=each.contested,
            decided=each.version.accepted,
            kpis=frozenset(map(int, each.serves.split(","))) if each.serves else frozenset(),
        )
        for each in rows
    ]


# ---------------------------------------------------------------- beside one question


@dataclass(frozen=True)
class Known:
    """What the register holds on one question: in words, and line by line, each with the record that it is about.
    ``missing``: what is not in it, in sentences; ``confirms``: what one click says, "" where the register knows nothing
    that could be confirmed: that these ``parts``, or these ``pairs`` of which nothing was said, are right."""

    words: str
    lines: tuple[tuple[str, int], ...] = ()
    missing: tuple[str, ...] = ()
    confirms: str = ""
    parts: tuple[Listed, ...] = ()
    pairs: tuple[ArrangementVersion, ...] = ()

    @property
    def shown(self) -> tuple[tuple[str, int], ...]:
        return self.lines[:MOST_LINES]

    @property
    def folded(self) -> tuple[tuple[str, int], ...]:
        return self.lines[MOST_LINES:]

    @property
    def seen(self) -> str:
        """What a button carries: what stood there when somebody pressed it."""
        rows = [each.seen for each in self.parts] + [f"{each.arrangement_id}:{each.pk}" for each in self.pairs]
        return digest(*sorted(rows))


def known(found: Return, item: Item) -> Mapping[int | None, Known]:
    """Plan year (None: the plan) -> what the register says of the organisation, beside the question."""
    match item.reading.source:
        case Source.PARTICIPATION:
            own = listed(found.submission, found.look.user, item.kpi.id)
            return {thread.plan_year: taken_part(own, item, thread) for thread in item.threads}
        case Source.ACTIVITIES:
            return {None: recorded(found, listed(found.submission, found.look.user, item.kpi.id))}
        case Source.ARRANGEMENTS:
            return {None: arranged(found)}
    return {}


def taken_part(own: Iterable[Listed], item: Item, thread: Thread) -> Known:
    everything = [each for each in own if year_of(each.day) == thread.plan_year]
    of_year = [each for each in everything if not each.contested]
    parts = [each for each in of_year if each.serves(item, thread.plan_year)]
    year = year_label(thread.plan_year or 0)
    missing = []
    if contested := len(everything) - len(of_year):
        many = counted(contested, "activity", "activities")
        missing.append(f"You contest your part in {many}: it does not count until that is settled.")
    if not everything:
        missing.append(f"The register has nothing of yours for {year}. What is added counts wherever it serves.")
    if listened := len(of_year) - len(parts):
        many = counted(listened, "activity", "activities")
        missing.append(f"In {many} you only took part, which does not count here.")
    confirms = f"Yes, as the register says for {year}" if parts else ""
    words = f"You are listed in {kinds(parts)} in {year}."
    if listened and not parts:
        words = f"Nothing that the register has of you for {year} counts here."
    return Known(words, lines_of(parts), (*missing, *lacking(parts)), confirms, tuple(parts))


def recorded(found: Return, own: list[Listed]) -> Known:
    until = f"up to {found.round.as_at:%d.%m.%y}"
    own = [each for each in own if not each.contested]
    words = f"The register lists you in {kinds(own)} {until}."
    missing = () if own else ("Add what is missing, before you say that the register is complete.",)
    return Known(words, lines_of(own), (*missing, *lacking(own)), f"Yes, this is all {until}", tuple(own))


def lines_of(parts: Iterable[Listed]) -> tuple[tuple[str, int], ...]:
    return tuple((each.words, each.activity) for each in parts)


def kinds(parts: Collection[Listed]) -> str:
    """3 operations; 2 activities, where they are of several kinds; no activity"""
    if not parts:
        return "no activity"
    found = {each.kind for each in parts}
    kind = ActivityKind(found.pop()) if len(found) == 1 else ActivityKind.OTHER
    if kind == ActivityKind.OTHER:
        return counted(len(parts), "activity", "activities")
    return counted(len(parts), kind.label.lower())


def lacking(parts: Collection[Listed]) -> Iterator[str]:
    """What the records still lack, in sentences."""
    if many := sum(each.participants is None or each.women is None for each in parts):
        yield f"Your participants, or how many of them are women, are not stated in {many} of them."
    if many := sum(not each.decided for each in parts):
        yield f"The secretariat has not decided on {many} of them yet."


def arranged(found: Return) -> Known:
    whose = found.submission.organisation
    everything = list(arrangements())
    mine = [each for each in everything if not whose.is_member or whose.code in parties_of(each.arrangement)]
    told = sides(mine) if whose.is_member else {}
    silent = tuple(
        each for each in mine if each.arrangement_id in told and whose.code in told[each.arrangement_id].silent
    )
    many = len(silent)
    missing = (f"You have not said whether {many} of them {'is' if many == 1 else 'are'} right.",) if many else ()
    words = f"The register holds {counted(len(mine), 'arrangement')}."
    lines = tuple(
        (f"{name_of(each.arrangement)}: {since(each)}{UNSAID if each in silent else ''}", each.arrangement_id)
        for each in mine
    )
    return Known(words, lines, missing, f"Yes, these are all up to {found.round.as_at:%d.%m.%y}", pairs=silent)


def parties_of(arrangement: Arrangement) -> tuple[str, str]:
    return (arrangement.party_a.code, arrangement.party_b.code)


def name_of(arrangement: Arrangement) -> str:
    return f"{arrangement.party_a.name} and {arrangement.party_b.name}"


def since(version: ArrangementVersion) -> str:
    """From when on it is in force, or why it is not."""
    if version.arrangement.contested:
        return "contested, does not count until settled"
    if version.ended:
        return f"ended on {version.ended:%d.%m.%y}"
    return f"in force from {version.in_force:%d.%m.%y}" if version.in_force else "signed, with no day in force"
