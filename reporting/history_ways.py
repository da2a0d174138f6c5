"""Where the history leads, of the plan and of what is reported on it; and the round that the log can be limited to."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from members.history import Way, keys_of
from members.lists import Filter
from members.log import Rows
from members.models import AuditEntry, User
from members.permissions import Target, may
from workplan.calendar import ONE_DAY
from workplan.models import Plan, Wording
from workplan.queries import visible_plans

from .models import Activity, Answer, AnswerComment, Arrangement, Original, Round, Submission
from .occasion import Occasion
from .threads import UNSENT

ANSWER, RETURN, ROUND = "reporting.answer", "reporting.submission", "reporting.round"
PLAN, KPI, AMENDMENT = "workplan.plan", "workplan.kpi", "workplan.amendment"
ACTIVITY, ARRANGEMENT = "reporting.activity", "reporting.arrangement"
OF_ROUND = ("code", "title", "as_at", "opened_at", "closes_at", "closed_at")
SENT = Target(submitted=True)


class Ways:
    """At most two queries, however many entries there are and of whatever kinds."""

    def __init__(self, user: User) -> None:
        self.user = user

    def filters(self) -> Iterable[Filter]:
        latest_first = sorted(self.rounds.values(), key=lambda each: each.as_at, reverse=True)
        return (Filter("round", "Round", of_round, {each.code: each.title for each in latest_first}),)

    def lead(self, entries: Sequence[AuditEntry]) -> Mapping[str, str]:
        if not self.plans:
            return {}
        asked = Asked(entries)
        there = There(asked)
        parts = (
            self.to_plans(asked), self.to_kpis(asked, there), self.to_rounds(asked), self.to_returns(there),
            self.to_answers(asked, there), self.to_registers(there),
        )  # fmt: skip
        return {place: address for part in parts for place, address in part}

    # ------------------------------------------------------------ plans and their rounds, in one query

    @cached_property
    def plans(self) -> dict[str, Plan]:
        """Those that a person may see, the current one first."""
        return {plan.code: plan for plan, _ in self.plans_and_rounds}

    @cached_property
    def rounds(self) -> dict[str, Round]:
        return {found.code: found for _, found in self.plans_and_rounds if found}

    @cached_property
    def plans_and_rounds(self) -> list[tuple[Plan, Round | None]]:
        paths = [f"rounds__{name}" for name in OF_ROUND]
        rows = visible_plans().order_by("-starts", "rounds__as_at").values_list("code", "baseline_date", *paths)
        found: list[tuple[Plan, Round | None]] = []
        for code, baseline, *said in rows:
            plan = Plan(code=code, baseline_date=baseline)
            found.append((plan, Round(plan=plan, **dict(zip(OF_ROUND, said, strict=True))) if said[0] else None))
        return found

    # ------------------------------------------------------------ the pages

    def to_plans(self, asked: "Asked") -> Iterator[Way]:
        """Neither plans nor amendments are ever deleted."""
        if may(self.user, "release.view"):
            for code in asked.plans & self.plans.keys():
                yield f"{PLAN}/{code}", reverse("documents", args=[code])
        if may(self.user, "plan.diff") and may(self.user, "plan.view_draft"):
            for key in asked.amendments:
                plan, _, number = key.partition("/")
                if plan in self.plans and number.isdecimal():
                    yield f"{AMENDMENT}/{key}", reverse("amendment", args=[plan, number])

    def to_kpis(self, asked: "Asked", there: "There") -> Iterator[Way]:
        """As at the day that the page shows by itself; one that does not belong to the plan then, when it did."""
        if may(self.user, "dashboard.focus_area_released"):
            for key in asked.kpis & there.kpis.keys():
                plan, _, code = key.partition("/")
                if plan in self.plans:
                    yield f"{KPI}/{key}", reverse("kpi", args=[plan, code]) + at_day(there.kpis[key], self.shown(plan))

    def shown(self, plan: str) -> date:
        rounds = tuple(each for each in self.rounds.values() if each.plan.code == plan)
        return Occasion(self.plans[plan], rounds, timezone.now()).as_of

    def to_rounds(self, asked: "Asked") -> Iterator[Way]:
        if may(self.user, "submission.list"):
            for code in asked.rounds & self.rounds.keys():
                if self.rounds[code].opened_at or may(self.user, "round.edit"):
                    yield f"{ROUND}/{code}", reverse("board", args=[self.rounds[code].plan.code, code])

    def to_returns(self, there: "There") -> Iterator[Way]:
        """Those of which something was sent."""
        if may(self.user, "submission.view", SENT):
            for key in there.returns:
                code, _, whose = key.partition("/")
                if code in self.rounds:
                    yield f"{RETURN}/{key}", reverse("return_tasks", args=[self.rounds[code].plan.code, code, whose])

    def to_answers(self, asked: "Asked", there: "There") -> Iterator[Way]:
        """All versions of an answer, where one was sent and none took that back, and the round still asks for it."""
        if not may(self.user, "submission.history", SENT):
            return
        for key, (code, whose, kpi) in asked.answers.items():
            collection = self.rounds.get(code)
            if collection and f"{code}/{whose}/{kpi}" in there.answers:
                plan = collection.plan.code
                if in_force(there.kpis.get(f"{plan}/{kpi}", []), collection.as_at):
                    yield f"{ANSWER}/{key}", reverse("return_versions", args=[plan, code, whose, kpi])

    def to_registers(self, there: "There") -> Iterator[Way]:
        """They belong to no plan; their pages are shown under the current one."""
        plan = next(iter(self.plans))
        for kind, name, found in ((ACTIVITY, "activity", there.activities),
                                  (ARRANGEMENT, "arrangement", there.arrangements)):  # fmt: skip
            if may(self.user, f"{name}.list"):
                for key, pk in found.items():
                    yield f"{kind}/{key}", reverse(name, args=[plan, pk])


# ---------------------------------------------------------------- what is asked for


class Asked:
    """What some entries are about, by the keys of each kind."""

    def __init__(self, entries: Sequence[AuditEntry]) -> None:
        self.plans, self.kpis, self.amendments = (keys_of(each, entries) for each in (PLAN, KPI, AMENDMENT))
        self.rounds, self.returns = keys_of(ROUND, entries), keys_of(RETURN, entries)
        self.activities, self.arrangements = keys_of(ACTIVITY, entries), keys_of(ARRANGEMENT, entries)
        parts = {key: key.split("/") for key in keys_of(ANSWER, entries)}
        self.answers = {key: (each[0], each[1], each[2]) for key, each in parts.items() if len(each) == 4}
        """Round, organisation and KPI. (The oldest entries are keyed by rows that nobody knows.)"""


# ---------------------------------------------------------------- what there is of it


@dataclass(frozen=True)
class Version:
    """From when on a KPI is said so, or is no longer said."""

    valid_from: date
    retired: bool
    adopted: bool


@dataclass
class There:
    """What of that can be looked at; one query."""

    asked: Asked
    kpis: dict[str, list[Version]] = field(default_factory=lambda: defaultdict(list))
    returns: set[str] = field(default_factory=set)
    answers: set[str] = field(default_factory=set)
    activities: dict[str, str] = field(default_factory=dict)
    arrangements: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        first, *others = self.selects()
        for kind, key, number, says in first.union(*others, all=True).order_by():
            self.keep(kind, key, number, says)
        for versions in self.kpis.values():
            versions.sort(key=lambda each: each.valid_from)

    def keep(self, kind: str, key: str, number: str, says: str) -> None:
        if kind == KPI:
            day, retired, adopted = says.split()
            self.kpis[key].append(Version(date.fromisoformat(day), retired == "1", adopted == "1"))
        elif kind in (RETURN, ANSWER):
            (self.returns if kind == RETURN else self.answers).add(key)
        else:
            (self.activities if kind == ACTIVITY else self.arrangements)[key] = number

    def selects(self) -> Iterator[QuerySet[Any, Any]]:
        asked, triples = self.asked, set(self.asked.answers.values())
        returns = asked.returns | {f"{code}/{whose}" for code, whose, _ in triples}
        sent = Answer.objects.exclude(state__in=UNSENT)
        place = Concat("round__code", Value("/"), "organisation__code", output_field=CharField())
        of_returns = Submission.objects.annotate(place=place).filter(
            round__code__in={key.partition("/")[0] for key in returns},
            organisation__code__in={key.partition("/")[2] for key in returns},
            place__in=returns,
        )
        yield columns(of_returns.filter(Exists(sent.filter(submission=OuterRef("pk")))), RETURN, F("place"))
        codes = {kpi for _, _, kpi in triples}
        key = Concat("round__code", Value("/"), "organisation__code", Value("/"), "kpi__code", output_field=CharField())
        of_answers = sent.filter(submission__in=of_returns.values("pk"), kpi__code__in=codes).annotate(place=key)
        yield columns(of_answers.filter(place__in=["/".join(each) for each in triples]), ANSWER, F("place"))
        yield self.versions(codes | {key.partition("/")[2] for key in asked.kpis})
        yield columns(Activity.objects.filter(reference__in=asked.activities), ACTIVITY, F("reference"))
        pair = Concat("party_a__code", Value("-"), "party_b__code", output_field=CharField())
        firsts = {key.partition("-")[0] for key in asked.arrangements}
        of_pairs = Arrangement.objects.filter(party_a__code__in=firsts).annotate(place=pair)
        of_pairs = of_pairs.filter(place__in=asked.arrangements)
        yield columns(of_pairs, ARRANGEMENT, F("place"))

    def versions(self, codes: Collection[str]) -> QuerySet[Any, Any]:
        """The versions of KPIs: day, whether it is retired, whether the plan was adopted with it."""
        retired = Case(When(retired=True, then=Value("1")), default=Value("0"))
        adopted = Case(When(amendment=None, then=Value("1")), default=Value("0"))
        says = Concat(
            Cast("valid_from", CharField()), Value(" "), retired, Value(" "), adopted, output_field=CharField()
        )
        key = Concat("plan__code", Value("/"), "kpi__code", output_field=CharField())
        return columns(Wording.objects.filter(kpi__code__in=codes), KPI, key, says)


def columns(rows: QuerySet[Any], kind: str, key: Any, says: Any = None) -> QuerySet[Any, Any]:
    """The same four texts of whatever rows, so that one query can ask for all of them."""
    text: CharField[str, str] = CharField()
    return (
        rows.order_by()
        .annotate(
            its_kind=Value(kind, text),
            its_key=Cast(key, text),
            its_number=Cast("pk", text),
            its_says=Value("", text) if says is None else says,
        )
        .values_list("its_kind", "its_key", "its_number", "its_says")
    )


def in_force(versions: Sequence[Version], day: date) -> bool:
    """Does a KPI belong to the plan on a day (``workplan.queries.valid_at``)."""
    begun = [each for each in versions if each.valid_from <= day] or [each for each in versions if each.adopted][:1]
    return bool(begun) and not begun[-1].retired


def at_day(versions: Sequence[Version], day: date) -> str:
    """What an address says so that a KPI is shown: nothing where it belongs to the plan on the day; else the last day
    on which it did, or the first."""
    if in_force(versions, day):
        return ""
    retired = next((each.valid_from - ONE_DAY for each in versions if each.retired and each.valid_from <= day), None)
    return f"?{urlencode({'as-at': (retired or versions[0].valid_from).isoformat()})}"


# ---------------------------------------------------------------- what the log can be limited to


def of_round(rows: Rows, code: str) -> Rows:
    """What was done with the round, its returns and their answers, and what was written about these."""
    found = Q(about=f"{ROUND}/{code}") | Q(about__startswith=f"{RETURN}/{code}/")
    for model in (AnswerComment, Original):
        keys = model._default_manager.filter(submission__round__code=code).annotate(key=Cast("pk", CharField()))
        found |= Q(object_type=model._meta.label_lower, object_key__in=keys.order_by().values("key"))
    return rows.filter(found)
