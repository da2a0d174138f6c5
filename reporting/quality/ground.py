"""The facts that findings are looked for in, and what a figure would be with one of them settled another way: counted
from the changed facts by the rules that count all figures."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from operator import attrgetter
from typing import Any

from django.db.models import Case, Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Value, When

from reporting.achievement import Result, Status, value_and_status, year_values
from reporting.answer_evidence import lacking
from reporting.audience import shown_to
from reporting.choices import AnswerStatus, StatementKind
from reporting.counter import Basics, Counter
from reporting.counting import Known, Span, base_value, known, span_at, value_at
from reporting.facts import FactBook
from reporting.facts.rows import as_fact
from reporting.facts.summary import (
    activity_of,
    activity_rows,
    as_listed,
    codes_in,
    load_answers,
    part_of,
    part_rows,
    spoken_at,
    stretches,
)
from reporting.inputs import Activity, Answer, AnswerState, Arrangement, Facts, Participation, Roster, Rule
from reporting.looking import Look
from reporting.models import Answer as AnswerRow
from reporting.models import ArrangementVersion, Evidence, PartStatement, Round
from reporting.presentation import WORDS, value_words
from workplan.calendar import ONE_DAY
from workplan.choices import Measure, Period, Source
from workplan.database import Listed
from workplan.tree import KpiText, PlanText

from .beside import OF, Beside
from .changes import Settled
from .finding import Change
from .scope import Scope

ADDS_UP = (Measure.MEMBERS, Measure.MEMBERS_GROWING, Measure.ITEMS, Measure.PAIRS, Measure.SUM)
"""The measures of which one record's share says nothing of others."""
NOT_SHOWN = "the figure changes; by how much is seen when it is released"
SHOWN, BARE, HIDDEN = 0, 1, 2
"""An activity with evidence; without any; one that the reader may not know of, or that is no concern of theirs."""


@dataclass
class Loaded:
    """By KPI. ``bare``: how many confirmed activities are shown, and how many of these have no evidence. ``unsaid``:
    the parts in confirmed activities that those who had them have not confirmed; ``said``: the others; ``shown``: those
    that count and that the reader may know of."""

    activities: dict[int, list[Activity]] = field(default_factory=lambda: defaultdict(list))
    parts: dict[int, list[Participation]] = field(default_factory=lambda: defaultdict(list))
    bare: dict[int, dict[int, int]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(int)))
    unsaid: dict[int, list[Participation]] = field(default_factory=lambda: defaultdict(list))
    said: dict[int, list[Participation]] = field(default_factory=lambda: defaultdict(list))
    shown: dict[int, list[Participation]] = field(default_factory=lambda: defaultdict(list))


class Ground:
    """``day``: as at when."""

    def __init__(self, look: Look, beside: Beside) -> None:
        self.look, self.beside, self.day = look, beside, look.occasion.as_of
        self.counter = Counter(look.occasion, Basics(self.text, look.history.sources, look.organisations))
        self.scope = Scope(look, self.text, look.organisations)
        self.frame, self.rules = self.counter.frame, self.counter.rules
        self.names = {each.code: each.name for each in look.organisations.all}
        self.codes = look.organisations.code_of
        self.loaded = Loaded()
        self._now: dict[int, tuple[Decimal | None, Status]] = {}
        self._changed: dict[object, tuple[Decimal | None, Status]] = {}
        self._shares: dict[tuple[int, str], tuple[object, object]] = {}
        self._facts: dict[int, Facts] = {}
        self._seen: dict[int, Known] = {}
        self._earlier: dict[int, dict[int | None, list[Answer]]] = {}

    @cached_property
    def text(self) -> PlanText:
        return self.look.plan_at(self.look.occasion.as_of)

    @property
    def kpis(self) -> tuple[KpiText, ...]:
        return self.scope.kpis

    @cached_property
    def by_id(self) -> dict[int, KpiText]:
        return {kpi.id: kpi for kpi in self.kpis}

    # ------------------------------------------------------------ what is read

    @cached_property
    def rounds(self) -> list[Round]:
        """Those that can speak at the day, in their order."""
        found = (each for each in self.look.occasion.rounds if each.as_at <= self.day)
        return sorted(found, key=lambda each: self.counter.ranks[each.pk])

    def round_of(self, answer: Answer) -> Round:
        return next(each for each in self.rounds if self.counter.ranks[each.pk] == answer.order[0])

    @cached_property
    def days(self) -> set[date]:
        return {self.day, self.frame.baseline_date}

    @cached_property
    def before_rounds(self) -> list[date]:
        """The days before the rounds: what spoke then was said before."""
        return sorted({each.as_at - ONE_DAY for each in self.rounds})

    @cached_property
    def book(self) -> FactBook:
        """Four queries."""
        ids = {kpi.id for kpi in self.kpis}
        spoken = spoken_at({*self.days, *self.before_rounds}, self.text)
        code_of = as_listed(self.look.organisations)
        answers = load_answers(ids, spoken, code_of, self.counter.ranked, self.counter.sources)
        self.read_activities()
        self.read_parts()
        pairs = tuple(arrangement_of(each) for each in self.arrangements)
        paired = [kpi.id for kpi in self.kpis if kpi.reading.source is Source.ARRANGEMENTS]
        return FactBook(answers, self.loaded.activities, self.loaded.parts, dict.fromkeys(paired, pairs))

    def ids(self, *chosen: Source | Measure) -> set[int]:
        return {kpi.id for kpi in self.kpis if kpi.reading.source in chosen or kpi.reading.measure in chosen}

    @property
    def apart(self) -> Case:
        """The activities in doubt stand by themselves."""
        return Case(
            When(version__activity__in=self.beside.in_doubt, then=F("version__activity")), output_field=IntegerField()
        )

    @property
    def seen(self) -> Q:
        return shown_to(self.look.user, OF)

    def concerns(self, path: str) -> Q:
        """What is told of everybody, or of the reader's own organisations alone."""
        return Q(kpi__in=self.scope.whole) | Q(**{f"{path}__code__in": self.scope.own})

    def read_activities(self) -> None:
        shows = Evidence.objects.filter(activity__isnull=False, removed_at=None).order_by().values("activity")
        told = self.seen & self.concerns(f"{OF}__recorded_by")
        bare = Case(
            When(~told, then=Value(HIDDEN)), When(~Q(**{f"{OF}__in": shows}), then=Value(BARE)), default=Value(SHOWN)
        )
        kpis, rated = self.ids(Source.PARTICIPATION, Source.ACTIVITIES), self.ids(Measure.AVERAGE)
        rows = activity_rows(kpis, rated, stretches(self.text, self.days), apart=self.apart, bare=bare)
        for kpi, flags, _, rating, respondents, apart, kind, day, items, many in rows.annotate(many=Count("pk")):
            activity = activity_of(flags, day, items, rating, respondents)._replace(reference=name_of(apart))
            self.loaded.activities[kpi].append(activity)
            if activity.held and activity.accepted and activity.day <= self.day:
                self.loaded.bare[kpi][kind] += many

    def read_parts(self) -> None:
        part = "version__parts__organisation"
        confirmed = PartStatement.objects.filter(kind=StatementKind.CONFIRMED, settled_at=None).order_by()
        themselves = Exists(confirmed.filter(activity=OuterRef(OF), organisation=OuterRef(part)))
        # Most activities have no statement at all, which costs less to see than to look for each of their parts.
        unsaid_of = ~Q(**{f"{OF}__in": confirmed.values("activity")}) | ~themselves
        told = self.seen & self.concerns(part)
        whose = Case(When(version__activity__in=self.beside.in_doubt, then=F(part)), output_field=IntegerField())
        unsaid = Case(When(~told, then=Value(HIDDEN)), When(unsaid_of, then=Value(BARE)), default=Value(SHOWN))
        kpis = self.ids(Source.PARTICIPATION, Measure.WOMEN_SHARE, Measure.WOMEN_HEADS_SHARE)
        more = {"apart": self.apart, "whose": whose, "unsaid": unsaid}
        code_of = as_listed(self.look.organisations)
        for kpi, flags, _, apart, _, kind, *numbers, who in part_rows(kpis, stretches(self.text, self.days), **more):
            one = part_of(flags, codes_in(who, code_of), *numbers)._replace(reference=name_of(apart))
            counts = one.accepted and one.held and not one.contested and one.day <= self.day
            self.loaded.parts[kpi].append(one)
            (self.loaded.unsaid if counts and kind == BARE else self.loaded.said)[kpi].append(one)
            if counts and kind != HIDDEN:
                self.loaded.shown[kpi].append(one)

    @cached_property
    def arrangements(self) -> list[ArrangementVersion]:
        """The versions that speak, each with whether anything shows it; one query."""
        if not self.ids(Source.ARRANGEMENTS):
            return []
        shows = Evidence.objects.filter(arrangement=OuterRef("arrangement"), removed_at=None)
        rows = ArrangementVersion.objects.filter(Q(accepted=True) | Q(reported=True)).annotate(shown=Exists(shows))
        parties = rows.select_related("arrangement__party_a", "arrangement__party_b", "plurilateral")
        return list(parties.order_by("arrangement__party_a__position", "arrangement__party_b__position", "number"))

    def bare_answers(self) -> Iterator[tuple[int, int | None, frozenset[str]]]:
        """KPI, plan year, and those whose accepted answer claims something that nothing shows, by the rule of the list
        of answers; one query."""
        rows: QuerySet[Any] = AnswerRow.objects.filter(
            lacking(),
            Q(replaced_from__gt=self.day) | Q(replaced_from=None),
            kpi__in=[each.id for each in self.kpis], state=AnswerStatus.ACCEPTED, as_at__lte=self.day,
        )  # fmt: skip
        rows = rows.order_by().values_list("kpi", "plan_year")
        code_of = as_listed(self.look.organisations)
        for kpi, year, who in rows.annotate(who=Listed("organisation_id")):
            yield kpi, year, codes_in(who, code_of)

    # ------------------------------------------------------------ what counts, and what would

    def facts(self, kpi: KpiText) -> Facts:
        if kpi.id not in self._facts:
            self._facts[kpi.id] = self.book.at(kpi.id, self.day)
        return self._facts[kpi.id]

    def known(self, kpi: KpiText) -> Known:
        if kpi.id not in self._seen:
            self._seen[kpi.id] = known(self.rules[kpi.id], self.facts(kpi), self.day, self.look.occasion.basis)
        return self._seen[kpi.id]

    def members(self, kpi: KpiText) -> frozenset[str]:
        return self.counter.rosters.at(kpi.reading, self.day).members

    def span(self, kpi: KpiText) -> Span | None:
        return span_at(self.rules[kpi.id], self.frame, self.day)

    def result(self, kpi: KpiText) -> Result:
        return self.counter.result(kpi, self.book, self.day)

    def counts(self, kpi: KpiText, settled: Settled = lambda facts: facts) -> tuple[Decimal | None, Status]:
        """The value and the status with something settled."""
        rule, roster = self.rules[kpi.id], self.counter.rosters.at(kpi.reading, self.day)
        base = None
        if rule.period is Period.STANDING and rule.baseline is None:
            then = self.book.at(kpi.id, self.frame.baseline_date)
            if (changed := settled(then)) is then:
                base = self.counter.collected(kpi, self.book, self.day)
            else:
                at_first = self.counter.rosters.at(kpi.reading, self.frame.baseline_date)
                base = base_value(rule, changed, self.frame, at_first, self.day)
        now = settled(self.facts(kpi))
        return value_and_status(rule, now, self.frame, roster, self.day, self.look.occasion.basis, base)

    def now(self, kpi: KpiText) -> tuple[Decimal | None, Status]:
        if kpi.id not in self._now:
            self._now[kpi.id] = self.counts(kpi)
        return self._now[kpi.id]

    def change(self, kpi: KpiText, *outcomes: tuple[str, Settled], of: object = None, counts: str = "counts") -> Change:
        """What the figure is, and what it would be each way, as far as the reader may see the figure. ``outcomes``: the
        condition in words, and the change. ``of``: what tells it from other changes that would count alike."""
        found = []
        for place, (_, settled) in enumerate(outcomes):
            key = object() if of is None else (kpi.id, of, place)
            if key not in self._changed:
                self._changed[key] = self.counts(kpi, settled)
            found.append(self._changed[key])
        conditions = [words for words, _ in outcomes]
        if not self.scope.sees_figure(kpi):
            return Change(kpi.code, differences(self.rules[kpi.id], self.now(kpi)[0], conditions, found))
        value, status = self.now(kpi)
        now, then = amount_words(kpi, value), [amount_words(kpi, each) for each, _ in found]
        said = "; ".join(f"{amount} {words}" for amount, words in zip(then, conditions, strict=True))
        words = f"the figure stays {now}" if set(then) == {now} else f"{counts} {now}; {said}"
        moved = next((each for _, each in found if each is not status), None)
        return Change(kpi.code, words, moves(status, moved))

    def alike(self, kpi: KpiText, code: str, settled: Settled) -> object:
        """The same for organisations whose own share of a figure changes alike: where shares add up, one change of the
        figure is that of all of them, and is counted once."""
        if self.rules[kpi.id].measure not in ADDS_UP:
            return object()
        now, then = self.facts(kpi), self.book.at(kpi.id, self.frame.baseline_date)
        mine, first = of_one(now, code), of_one(then, code)
        settled_first = settled(first)
        before = self._shares.get((kpi.id, code))
        if before is None:
            before = self._shares[kpi.id, code] = self.share(kpi, code, mine), self.share_at_first(kpi, code, first)
        at_first = before[1] if settled_first is first else self.share_at_first(kpi, code, settled_first)
        return before, self.share(kpi, code, settled(mine)), at_first

    def share(self, kpi: KpiText, code: str, facts: Facts) -> object:
        """What would be counted if this were the only organisation: by plan year, where each is counted by itself."""
        rule, whole = self.rules[kpi.id], self.counter.rosters.at(kpi.reading, self.day)
        roster = Roster(whole.members & {code}, whole.asked & {code})
        seen = known(rule, facts, self.day, self.look.occasion.basis)
        if rule.period is Period.EACH_YEAR:
            return tuple(year_values(rule, seen, self.frame, roster).values())
        return value_at(rule, seen, self.frame, roster)

    def share_at_first(self, kpi: KpiText, code: str, facts: Facts) -> object:
        """Of the baseline, where the figure is judged against what was collected for it."""
        rule = self.rules[kpi.id]
        if rule.period is not Period.STANDING or rule.baseline is not None:
            return None
        whole = self.counter.rosters.at(kpi.reading, self.frame.baseline_date)
        roster = Roster(whole.members & {code}, whole.asked & {code})
        return base_value(rule, facts, self.frame, roster, self.day)

    # ------------------------------------------------------------ who said what before

    def earlier(self, kpi: KpiText) -> dict[int | None, list[Answer]]:
        """All that counted at the day or on the day before a round, by plan year, the latest first."""
        if kpi.id not in self._earlier:
            days = (self.day, *self.before_rounds)
            every = {id(each): each for day in days for each in self.book.answers.get((kpi.id, day), ())}
            found: dict[int | None, list[Answer]] = defaultdict(list)
            for each in sorted(every.values(), key=attrgetter("order"), reverse=True):
                if each.state is AnswerState.ACCEPTED:
                    found[each.year].append(each)
            self._earlier[kpi.id] = found
        return self._earlier[kpi.id]

    def said_before(self, kpi: KpiText) -> Iterator[tuple[frozenset[str], Answer, Answer]]:
        """Who said something before what speaks now, on the same: the organisations, then, now."""
        earlier = self.earlier(kpi)
        for now in self.known(kpi).answers:
            left = now.organisations
            for then in earlier[now.year]:
                if then.order < now.order and then.source == now.source and not left.isdisjoint(then.organisations):
                    yield left & then.organisations, then, now
                    left -= then.organisations
                    if not left:
                        break

    @cached_property
    def by_name(self) -> dict[str, int]:
        ordered = sorted(self.names, key=lambda code: self.names[code].casefold())
        return {code: place for place, code in enumerate(ordered)}

    def named(self, codes: Iterable[str], most: int = 6) -> str:
        every = sorted(codes, key=self.by_name.__getitem__)
        shown = (" and " if len(every) == 2 else "; ").join(self.names[code] for code in every[:most])
        return f"{shown} and {len(every) - most} more" if len(every) > most else shown


def of_one(facts: Facts, code: str) -> Facts:
    """What one organisation said and did."""
    mine = frozenset({code})
    return Facts(
        answers=tuple(each._replace(organisations=mine) for each in facts.answers if code in each.organisations),
        participations=tuple(
            each._replace(organisations=mine) for each in facts.participations if code in each.organisations
        ),
        activities=facts.activities,
    )


def amount_words(kpi: KpiText, value: Decimal | None) -> str:
    return "no value" if value is None else value_words(kpi, value)


def name_of(activity: int | None) -> str:
    return "" if activity is None else str(activity)


def arrangement_of(version: ArrangementVersion) -> Arrangement:
    pair, name = version.arrangement, version.plurilateral.name if version.plurilateral else None
    parties = frozenset((pair.party_a.code, pair.party_b.code))
    days = (version.signed, version.in_force, version.ended)
    return as_fact(parties, version.accepted, version.reported, *days, pair.contested, name)


def moves(status: Status, then: Status | None) -> str:
    return f"Now: {WORDS[status]}. It would be: {WORDS[then]}." if then else ""


def differences(
    rule: Rule, value: Decimal | None, conditions: Collection[str], found: Collection[tuple[Decimal | None, Status]]
) -> str:
    """For who may not see the figure before it is released: what one's own record does to a count."""
    if rule.measure not in ADDS_UP:
        return NOT_SHOWN
    then = (
        (words, (each or Decimal(0)) - (value or Decimal(0)))
        for words, (each, _) in zip(conditions, found, strict=True)
    )
    return "; ".join(f"{difference_words(by)} {words}" for words, by in then)


def difference_words(by: Decimal) -> str:
    if not by:
        return "no change"
    return f"{abs(by).normalize():f} {'more' if by > 0 else 'fewer'}"
