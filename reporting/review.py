"""What the secretariat has to decide on, and what is odd about it."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from members.choices import Scope
from members.models import Organisation, User
from members.permissions import grants, may
from workplan.calendar import year_label, year_of
from workplan.choices import YEARLY, Part, Source, Standing
from workplan.database import Listed
from workplan.tree import KpiText

from .answer_evidence import Piece, Pieces, pieces
from .choices import AnswerStatus
from .comments import Talk, by_thread, readable, waits_for_reply
from .facts import OrganisationFact
from .jumping import amount, jumps_from
from .looking import Look
from .models import Answer, AnswerComment, AnswerWriter, ArrangementVersion, Round, Submission
from .queries import parts_held
from .questions import years_begun
from .rules import is_contested, waits_as_correction
from .seen import written
from .threads import UNSENT, Question, Thread, counted_before, grouped, versions
from .wording import entered_for, member_says, said, unit_words

LEVELS = 2
"""So many levels up at once are asked about."""


@dataclass(frozen=True)
class Mark:
    """Something that a person should look at. ``kind``: slip, jump, definition, contradiction, contested or comment."""

    kind: str
    words: str


def marks(now: Answer, before: Answer | None, listed: int | None, year_before: Answer | None = None) -> Iterator[Mark]:
    """What is odd about an answer. ``before``: the one that counted until now; ``listed``: how many records of the
    register name the organisation (of the year, where the answer is about one); ``year_before``: its figure for the
    plan year before."""
    if before is not None:
        yield from slips(now, before)
    yield from jumps(now, before, year_before)
    yield from other_definitions(now, before, year_before)
    if listed and (now.participated is False or now.standing == Standing.NOT_APPLICABLE):
        many = "1 record" if listed == 1 else f"{listed} records"
        yield Mark("contradiction", f"Says {said(now).lower()}, but the register has {many}")


def slips(now: Answer, before: Answer) -> Iterator[Mark]:
    was, says = before.standing, now.standing
    if was and says:
        old, new = Standing(was), Standing(says)
        if old.rank > new.rank:
            yield Mark("slip", f"Was {old.label.lower()} last time")
        elif new.rank - old.rank >= LEVELS and old.rank >= 0:
            yield Mark("jump", f"{new.rank - old.rank} levels up: was {old.label.lower()}")
    elif now.standing == Standing.NOT_APPLICABLE and not before.says_nothing:
        yield Mark("slip", f"Said {said(before)} last time")
    if before.participated and now.participated is False:
        yield Mark("slip", "Said yes last time")
    old_amount, new_amount = amount(before), amount(now)
    if old_amount is not None and new_amount is not None and new_amount < old_amount:
        yield Mark("slip", f"Was {said(before)} last time")


def other_definitions(now: Answer, *earlier: Answer | None) -> Iterator[Mark]:
    """What is counted in another way than before says nothing about growth."""
    says = plain_words(now.figure_definition)
    for before in earlier:
        if before is None or amount(before) is None or amount(now) is None:
            continue
        if plain_words(before.figure_definition) != says:
            year = year_label(before.plan_year) if before.plan_year else ""
            when = f"in {year}" if before.plan_year != now.plan_year else "last time"
            was = f"“{before.figure_definition}”" if before.figure_definition else "as the question asks"
            yield Mark("definition", f"Counted otherwise than {when} ({was}), so growth is not comparable")


def plain_words(text: str) -> str:
    return " ".join(text.split()).casefold().rstrip(".")


def jumps(now: Answer, *earlier: Answer | None) -> Iterator[Mark]:
    for each in jumps_from(now, *earlier):
        year = f" in {year_label(each.plan_year)}" if each.plan_year and each.plan_year != now.plan_year else ""
        yield Mark("jump", f"Was {said(each)}{year}")


@dataclass(frozen=True)
class Reviewed:
    """One answer that was sent, with what stands beside it when it is decided on. ``zone``: the reader's."""

    code: str
    name: str
    kpi: KpiText
    thread: Thread
    last: Answer | None
    listed: int | None
    year_before: Answer | None
    comments: Talk
    zone: ZoneInfo
    pieces: tuple[Piece, ...] = ()
    first_year: int = 0

    @cached_property
    def answer(self) -> Answer:
        found = self.thread.latest_sent
        assert found is not None  # noqa: S101 -- only what was sent is reviewed
        return found

    @property
    def before(self) -> Answer | None:
        """What counts until this is accepted: an earlier version in the round, else what was said last time."""
        accepted = (each for each in self.thread.sent if each.state == AnswerStatus.ACCEPTED and each != self.answer)
        return max(accepted, key=lambda each: each.version, default=self.last)

    @cached_property
    def marks(self) -> tuple[Mark, ...]:
        odd = tuple(marks(self.answer, self.before, self.listed, self.year_before))
        if self.is_contested:
            return (Mark("contested", self.member_says), *odd)
        return (Mark("comment", f"{self.name} wrote, and nobody replied"), *odd) if self.waits_for_reply else odd

    @property
    def year(self) -> str:
        return self.thread.year

    @property
    def base_year(self) -> bool:
        return self.thread.plan_year is not None and self.thread.plan_year < self.first_year

    @property
    def counted_in(self) -> str:
        """What a figure is stated in; "" where none is asked for."""
        reading = self.kpi.reading
        return unit_words(reading.measure, reading.unit) if reading.source is Source.FIGURES else ""

    @property
    def says(self) -> str:
        return said(self.answer)

    @property
    def said_before(self) -> str:
        return said(self.before) if self.before else "No answer"

    @property
    def is_new(self) -> bool:
        return self.before is None

    @property
    def undecided(self) -> bool:
        return self.answer.state == AnswerStatus.SUBMITTED

    @property
    def is_correction(self) -> bool:
        """Is it a colleague's correction of what was accepted, to be accepted or refused."""
        return waits_as_correction(self.answer)

    @property
    def accepted(self) -> bool:
        return self.answer.state == AnswerStatus.ACCEPTED

    @property
    def entered(self) -> str:
        return entered_for(self.answer, self.name)

    @property
    def member_says(self) -> str:
        return member_says(self.answer, self.name, self.zone)

    @property
    def is_contested(self) -> bool:
        return is_contested(self.answer)

    @property
    def waits_for_reply(self) -> bool:
        return waits_for_reply(self.comments, self.answer)

    @property
    def token(self) -> str:
        """What a button carries, so that nobody decides on what they did not see."""
        return written([self.answer])

    def own_work_of(self, user: User) -> bool:
        """Did this person write into it, or send it; so that somebody else decides."""
        written_by: str = self.answer.written_by or ""  # type: ignore[attr-defined]
        return user.pk in (self.answer.entered_by_id, self.answer.sent_by_id) or str(user.pk) in written_by.split(",")


def unproblematic(rows: Iterable[Reviewed], user: User) -> list[Reviewed]:
    """What can be accepted together: undecided, nothing odd, and not the reader's own work."""
    return [row for row in rows if row.undecided and not row.marks and not row.own_work_of(user)]


# ---------------------------------------------------------------- reads


def with_co_coordinators(look: Look, collection: Round) -> list[tuple[KpiText, tuple[str, ...]]]:
    """What each KPI asked at the round's date, in the plan's order, and who co-ordinates its focus area."""
    areas = look.plan_at(collection.as_at).focus_areas
    return [(kpi, area.co_coordinators) for area in areas for kpi in area.kpis]


def kpis_of(look: Look, collection: Round) -> Mapping[int, KpiText]:
    return {kpi.id: kpi for kpi, _ in with_co_coordinators(look, collection)}


def with_writers() -> QuerySet[Answer]:
    """The versions, each with the ids of all who wrote into it, in the same query."""
    writers = AnswerWriter.objects.filter(answer=OuterRef("pk")).order_by().values("answer")
    return versions().annotate(written_by=Subquery(writers.values(ids=Listed("person_id"))))


def of_submission(look: Look, submission: Submission) -> list[Reviewed]:
    """All that an organisation sent, in the plan's order, in five queries."""
    threads = grouped(with_writers().filter(submission=submission))
    whose = submission.organisation
    return rows_of(look, submission.round, [whose], {whose.pk: threads}, {whose.pk})


def on_kpi(look: Look, collection: Round, kpi: int) -> list[Reviewed]:
    """All that was sent on a KPI, in the order of organisations."""
    found: dict[int, list[Answer]] = defaultdict(list)
    for answer in with_writers().filter(round=collection, kpi=kpi):
        found[answer.organisation_id].append(answer)
    threads = {organisation: grouped(rows) for organisation, rows in found.items()}
    return rows_of(look, collection, look.organisations.all, threads, None, kpi)


@dataclass(frozen=True)
class Awaited:
    """Those of whom nothing came on a KPI; ``year``: the plan year asked for, "" where none is."""

    year: str
    names: tuple[str, ...]


def nothing_from(look: Look, collection: Round, kpi: KpiText, rows: Iterable[Reviewed]) -> list[Awaited]:
    """The organisations that are asked on a KPI and have sent nothing, by name, for each plan year that is asked for.
    ``rows``: all that was sent on it. A draft is its own organisation's, so who has one is named like who has none."""
    if not collection.asks(kpi.id):
        return []
    asked = look.organisations.asked(kpi.reading, collection.as_at)
    sent = {(row.code, row.thread.plan_year) for row in rows}
    years = years_begun(collection.plan, collection.as_at) if kpi.reading.source in YEARLY else (None,)
    found = []
    for year in years:
        left = (each.name for each in look.organisations.all if each.code in asked and (each.code, year) not in sent)
        found.append(Awaited(year_label(year) if year else "", tuple(sorted(left, key=str.casefold))))
    return [each for each in found if each.names]


def rows_of(
    look: Look,
    collection: Round,
    organisations: Iterable[Organisation | OrganisationFact],
    threads: Mapping[int, Mapping[Question, Thread]],
    only: set[int] | None,
    kpi: int | None = None,
) -> list[Reviewed]:
    texts = kpis_of(look, collection)
    last = last_by_organisation(collection, only, kpi)
    contributing = frozenset(each.id for each in texts.values() if each.reading.part is Part.CONTRIBUTING)
    about = [each for each in texts.values() if kpi in (None, each.id)]
    listed = listed_in_arrangements(collection, about)
    if any(each.reading.source is not Source.ARRANGEMENTS for each in about):
        listed |= listed_in_activities(collection, only, kpi, contributing)
    names = {each.id: each for each in organisations}
    talks = by_thread(talked_about(look, collection, only, kpi))
    shows, starts = shown_with(look, collection, only, kpi), collection.plan.starts.year
    rows = []
    for organisation, own in threads.items():
        for (kpi_id, year), thread in own.items():
            if thread.sent and kpi_id in texts:
                text = texts[kpi_id]
                count = listed.get((organisation, kpi_id, year))
                before = year_before(own, last, organisation, kpi_id, year)
                who, talk = names[organisation], talks.get((thread.sent[0].submission_id, kpi_id, year), ())
                beside = (last.get((organisation, kpi_id, year)), count, before, talk)
                shown = shows.get((who.code, kpi_id, year), ())
                rows.append(Reviewed(who.code, who.name, text, thread, *beside, look.time_zone, shown, starts))
    order = {kpi_id: place for place, kpi_id in enumerate(texts)}
    places = {each.code: place for place, each in enumerate(names.values())}
    return sorted(rows, key=lambda row: (order[row.kpi.id], places[row.code], row.thread.plan_year or 0))


def talked_about(look: Look, collection: Round, only: set[int] | None, kpi: int | None) -> QuerySet[AnswerComment]:
    """The comments that the reader may read, on the answers of some organisations or on one KPI."""
    rows = readable(look.user).filter(submission__round=collection)
    rows = rows if only is None else rows.filter(submission__organisation__in=only)
    return rows if kpi is None else rows.filter(kpi=kpi)


def shown_with(look: Look, collection: Round, only: set[int] | None, kpi: int | None) -> Pieces:
    """What shows the answers of some organisations or on one KPI."""
    about: dict[str, Any] = {} if only is None else {"submission__organisation__in": only}
    return pieces(look, here=collection, **(about if kpi is None else about | {"kpi": kpi}))


Place = tuple[int, int, int | None]
"""Organisation, KPI, plan year."""


def last_by_organisation(collection: Round, only: set[int] | None, kpi: int | None) -> dict[Place, Answer]:
    """What counted before this round, of some organisations or on one KPI."""
    rows = Answer.objects.all() if only is None else Answer.objects.filter(organisation__in=only)
    rows = rows if kpi is None else rows.filter(kpi=kpi)
    return {(each.organisation_id, each.kpi_id, each.plan_year): each for each in counted_before(collection, rows)}


def year_before(
    own: Mapping[Question, Thread], last: Mapping[Place, Answer], organisation: int, kpi: int, year: int | None
) -> Answer | None:
    """The figure for the plan year before: as it was sent in this round, else as it counted until now."""
    if year is None:
        return None
    thread = own.get((kpi, year - 1))
    return (thread.latest_sent if thread else None) or last.get((organisation, kpi, year - 1))


def listed_in_activities(
    collection: Round, only: set[int] | None, kpi: int | None, contributing: frozenset[int]
) -> dict[Place, int]:
    """In how many activities of a plan year (None: of all) the register lists an organisation, as the KPI counts them;
    ``contributing``: the KPIs for which listening is not sharing."""
    about = {"version__links__kpi__plan": collection.plan_id} if kpi is None else {"version__links__kpi": kpi}
    parts = parts_held(collection).filter(**about)
    parts = parts if only is None else parts.filter(organisation__in=only)
    found: dict[Place, int] = defaultdict(int)
    rows = parts.values_list("organisation", "version__links__kpi", "version__day", "organises", "contributes")
    for organisation, linked, day, organises, contributes in rows:
        if linked not in contributing or organises or contributes:
            found[organisation, linked, year_of(day)] += 1
            found[organisation, linked, None] += 1
    return found


def listed_in_arrangements(collection: Round, kpis: Iterable[KpiText]) -> dict[Place, int]:
    """How many arrangements in force at the round's date the register has of each Member."""
    asked = [kpi.id for kpi in kpis if kpi.reading.source is Source.ARRANGEMENTS]
    if not asked:
        return {}
    in_force = ArrangementVersion.objects.filter(reported=True, arrangement__contested=False)
    in_force = in_force.filter(in_force__lte=collection.as_at).exclude(ended__lte=collection.as_at)
    pairs = in_force.values_list("arrangement__party_a", "arrangement__party_b")
    return {(party, kpi, None): many for party, many in Counter(chain(*pairs)).items() for kpi in asked}


@dataclass(frozen=True)
class Progress:
    """How many answers on a KPI were sent, and how many of these wait for a decision."""

    sent: int = 0
    undecided: int = 0

    @property
    def decided(self) -> int:
        return self.sent - self.undecided


UNDECIDED = Count("pk", filter=Q(state=AnswerStatus.SUBMITTED))
WERE_SENT = Count("pk", filter=Q(version=1))
"""Every answer has a first version; what was sent after it corrects it."""


def sent_in(collection: Round) -> QuerySet[Answer]:
    return Answer.objects.filter(round=collection).exclude(state__in=UNSENT).order_by()


def waiting_returns(look: Look, collection: Round) -> QuerySet[Any]:
    """The returns with how many answers were sent and are undecided, those with most to decide first; on KPIs that
    belonged to the plan at the round's date."""
    kpis = kpis_of(look, collection)
    own = sent_in(collection).filter(submission=OuterRef("pk"), kpi__in=kpis).values("submission")
    return (
        Submission.objects.filter(round=collection)
        .annotate(
            undecided=Subquery(own.annotate(n=UNDECIDED).values("n")),
            were_sent=Subquery(own.annotate(n=WERE_SENT).values("n")),
        )
        .filter(were_sent__gt=0)
        .select_related("organisation")
        .order_by("-undecided", "organisation__position")
    )


def waiting_kpis(look: Look, collection: Round) -> list[tuple[KpiText, Progress]]:
    """The KPIs that the reader looks through and on which something was sent, in the plan's order."""
    rows = sent_in(collection).values_list("kpi").annotate(waits=UNDECIDED, sent=WERE_SENT)
    found = {kpi: Progress(sent, waits) for kpi, waits, sent in rows}
    return [(text, found[pk]) for pk, text in kpis_looked_through(look, collection).items() if pk in found]


def kpis_looked_through(look: Look, collection: Round) -> Mapping[int, KpiText]:
    """Those whose answers the reader sees of everybody, once they are sent: all, or those of the focus areas that they
    co-ordinate; of nobody else's any."""
    reach = grants(look.user, "submission.view")
    everything = any(scope is Scope.SUBMITTED for scope, _ in reach)
    ours = frozenset(code for scope, code in reach if scope is Scope.FOCUS_AREA)
    found = with_co_coordinators(look, collection)
    return {kpi.id: kpi for kpi, by in found if everything or not ours.isdisjoint(by)}


def opened_originals(
    user: User, answers: Iterable[Answer], kpis: Collection[int], *, own: bool = False
) -> frozenset[int]:
    """Of the e-mails from which some versions were entered: those that the reader may open. Its own people (``own``)
    and the secretariat open any; a co-coordinator one that says nothing but on ``kpis``, which they look through."""
    every = own or may(user, "submission.enter_on_behalf")
    said = {each.original_id: each.original_kpis.split(",") for each in answers if each.original_id}  # type: ignore[attr-defined]
    seen = {str(kpi) for kpi in kpis}
    return frozenset(pk for pk, codes in said.items() if every or seen.issuperset(codes))
