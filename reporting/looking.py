"""What a reader looks at: which plan, as at which date, on which basis or in which release, and how much of it they
may see. It stands in the address (``?as-at=2027-06-30&basis=reported`` or ``?release=2``), so a view can be sent as
a link."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from members.choices import Scope
from members.days import day_of
from members.models import User
from members.permissions import Target, grants, may
from workplan.models import FocusArea, Plan
from workplan.queries import History, history_of, visible_plans
from workplan.tree import PlanText

from .demonstration import demonstration_rounds
from .facts import Organisations, load_organisations
from .inputs import Basis
from .keeping import digest, kept
from .models import LATEST, Narrative, Release, Revision, Round
from .moments import moment_words
from .occasion import Occasion
from .presentation import day_words
from .report import Report, build_area_report, build_report, figures_from_json, from_json
from .revision import OF_DATA, OF_FRAME
from .striking import struck, unnamed
from .validators import FIRST_YEAR, LAST_YEAR

BASIS_WORDS = {Basis.ACCEPTED: "Accepted", Basis.REPORTED: "Reported"}


class Missing(Exception):
    """An address asks for something that does not exist, or not yet; a plain page says so. ``way``: where it is
    instead, as href and text."""

    def __init__(self, title: str, text: str, status: int = 404, way: dict[str, str] | None = None) -> None:
        super().__init__(title)
        self.title, self.text, self.status, self.way = title, text, status, way


def no_area(code: str) -> Missing:
    return Missing(f"There is no Focus Area {code} in this plan", "The work plan lists all of them.")


def parse_day(text: str) -> date:
    """A date as an address writes it (2027-06-30) or as the plan does (30.06.27). Raises Missing."""
    day = day_of(text)
    if day and FIRST_YEAR <= day.year <= LAST_YEAR:
        return day
    raise Missing(f"{text} is not a date", "Write day, month and year, such as 30.06.27, or 2027-06-30 in an address.")


@dataclass(frozen=True)
class Found:
    """What the first query of a page finds: the plan, its rounds, the data's present tokens, and whether the reader
    co-coordinates the focus area that the page is about."""

    plan: Plan
    rounds: tuple[Round, ...]
    token: str
    frame: str
    own_area: bool
    demonstration: bool


def find(code: str, area: Q | None, organisations: Collection[str], *, dated: bool) -> Found:
    """The plan and what belongs to it, in one query where it has a round. ``area``: the focus area of the page; its
    narrative is asked for with it. ``dated``: as at a day, of which the page may say how many have answered. Raises
    Missing."""
    of_plan = Round.objects.filter(plan__in=visible_plans(), plan__code=code).select_related("plan")
    read = of_plan.with_kpis().with_returns() if dated else of_plan.with_kpis()
    rounds = with_state(read, "plan", area, organisations)
    if area:
        told = Narrative.objects.filter(round=OuterRef("pk"), focus_area__in=FocusArea.objects.filter(area))
        approved = told.exclude(approved_at=None).order_by()
        rounds = rounds.annotate(narrative=Subquery(approved.values("text")[:1]))
    if found := tuple(rounds):
        first: Any = found[0]
        return Found(first.plan, found, first.token or "", first.frame or "", first.own_area, first.invented)
    plan = with_state(visible_plans().filter(code=code), "pk", area, organisations).first()
    if plan is None:
        raise Missing(f"There is no plan {code}", "Its code may have been mistyped, or it is not published.")
    return Found(plan, (), plan.token or "", plan.frame or "", plan.own_area, plan.invented)


def with_state(rows: QuerySet[Any], plan: str, area: Q | None, organisations: Collection[str]) -> QuerySet[Any]:
    """The rows with what ``Found`` says beside. A page about no focus area does not ask whose that is: every page pays
    for each part of this query."""
    own: Any = Value(False)
    if area:
        areas = FocusArea.objects.filter(area, plan=OuterRef(plan), co_coordinators__code__in=organisations)
        own = Exists(areas)
    token, frame = (Revision.objects.filter(pk=row).values("token") for row in (OF_DATA, OF_FRAME))
    tokens = {"token": Subquery(token), "frame": Subquery(frame)}
    return rows.annotate(**tokens, invented=Exists(demonstration_rounds()), own_area=own)


@dataclass(frozen=True)
class Look:
    """One reader's look at a plan. ``token`` changes with all data, ``frame`` with the plan, the organisations and the
    rounds alone."""

    user: User
    occasion: Occasion
    token: str
    frame: str
    release_number: int | None
    asked: dict[str, str]
    own_area: bool = False
    demonstration: bool = False
    released_only: bool = False

    # ------------------------------------------------------------ who may see what

    @cached_property
    def sees_unreleased_region(self) -> bool:
        return any(scope is Scope.YES for scope, _ in grants(self.user, "dashboard.region_unreleased"))

    @cached_property
    def co_ordinates_for(self) -> frozenset[str]:
        return co_ordinates_for(self.user)

    @property
    def sees_unreleased(self) -> bool:
        return self.sees_unreleased_region or bool(self.co_ordinates_for)

    def sees_area(self, co_coordinators: tuple[str, ...]) -> bool:
        """May the reader see unreleased figures of a focus area with these co-coordinators."""
        return self.sees_unreleased_region or not self.co_ordinates_for.isdisjoint(co_coordinators)

    def sees_member(self, code: str, co_coordinators: frozenset[str] = frozenset()) -> bool:
        target = Target(organisations=frozenset({code}), focus_area_organisations=co_coordinators, submitted=True)
        return may(self.user, "dashboard.member", target)

    @property
    def sees_every_member(self) -> bool:
        """Whatever its focus areas and whoever it is (permissions.csv, dashboard.member)."""
        return any(scope is Scope.YES for scope, _ in grants(self.user, "dashboard.member"))

    def names_members(self, co_coordinators: tuple[str, ...] = ()) -> bool:
        """May a page say of each Member where it stands. A release says what holds for it (ADR 39); who sees the
        unreleased figures, of all or of the focus area with these co-coordinators, sees the names in any case."""
        return not self.released or self.release.members_named or self.sees_area(co_coordinators)

    # ------------------------------------------------------------ what is looked at

    @cached_property
    def organisations(self) -> Organisations:
        """All of them, in the order of lists; kept until the frame changes."""
        found: Organisations = kept(f"organisations:{digest(self.frame)}", load_organisations)
        return found

    @cached_property
    def history(self) -> History:
        """Every version of the plan; read once for a page."""
        return history_of(self.occasion.plan)

    def plan_at(self, day: date) -> PlanText:
        """The plan as it reads and is counted at a date; kept until the frame changes."""
        key = f"plan:{digest(self.frame, self.occasion.plan.pk, day)}"
        text: PlanText = kept(key, lambda: self.history.text(day))
        return text

    @cached_property
    def returns(self) -> dict[int, tuple[int, int]]:
        """Round -> how many organisations are asked, and how many of these have sent something; read once for a page
        that says it."""
        rows: Iterable[Any] = self.occasion.rounds
        if not self.asked.get("as-at"):
            rows = Round.objects.filter(plan=self.occasion.plan).with_returns()
        return {each.pk: (each.asked or 0, each.answered or 0) for each in rows}

    @cached_property
    def releases(self) -> tuple[Release, ...]:
        return tuple(Release.objects.filter(plan=self.occasion.plan).order_by("-number").defer("content"))

    @cached_property
    def live_report(self) -> Report:
        """The whole report of the moment, kept until something that it depends on changes."""
        return kept(f"report:{digest(self.moment)}", lambda: build_report(self.occasion))

    def area_report(self, code: str) -> Report:
        """A report with one focus area at least. Raises Missing where the plan has none such."""
        if self.released:
            return self.report
        try:
            return kept(f"report:{digest(self.moment, code)}", lambda: build_area_report(self.occasion, code))
        except KeyError as error:
            raise no_area(code) from error

    @property
    def moment(self) -> tuple[object, ...]:
        """What a report of the moment depends on."""
        rounds = [(round.code, round.state(self.occasion.now)) for round in self.occasion.rounds]
        return (self.occasion.plan.pk, self.token, rounds, self.occasion.as_of, self.occasion.basis)

    @property
    def released(self) -> bool:
        """Is a release looked at, and not the figures of the moment."""
        return self.release_number is not None or self.released_only or not self.sees_unreleased

    @cached_property
    def release(self) -> Release:
        """The release looked at: the one asked for, else the latest. Raises Missing."""
        releases = Release.objects.filter(plan=self.occasion.plan)
        if self.release_number is not None:
            releases = releases.filter(number=self.release_number)
        elif self.occasion.asked_date is not None:
            releases = releases.filter(as_at=self.occasion.asked_date, basis=self.occasion.basis.value)
        found = releases.order_by(*LATEST).defer("content").first()
        if found is None:
            raise self.not_released()
        return found

    @cached_property
    def latest_release(self) -> Release | None:
        return Release.objects.filter(plan=self.occasion.plan).order_by(*LATEST).defer("content").first()

    def report_of(self, release: Release) -> Report:
        """The whole report that a release keeps; read from it once."""
        return self.read(release, "release", from_json)

    def figures_of(self, release: Release) -> Report:
        """The same without the explanations, for pages that show none."""
        return self.read(release, "figures", figures_from_json)

    def reads_names_in(self, release: Release) -> bool:
        """May the reader see the names of Members in what people wrote."""
        return release.members_named or self.sees_unreleased_region

    def title_of(self, release: Release) -> str:
        return release.title if self.reads_names_in(release) else struck(release.title, self.organisations.all)

    @property
    def release_title(self) -> str:
        return self.title_of(self.release)

    def read(self, release: Release, part: str, load: Callable[[str], Report]) -> Report:
        """What a release keeps, once for all readers; without the names that people wrote, where it names nobody."""
        named = self.reads_names_in(release)
        key = f"{part}:{release.pk}:{release.checksum}:{named}"
        return kept(key, lambda: load(release.content) if named else unnamed(load(release.content)))

    def not_released(self) -> Missing:
        if self.release_number is not None:
            return Missing(f"There is no release {self.release_number}", "The releases are listed under Documents.")
        if self.occasion.asked_date is not None:
            day, basis = day_words(self.occasion.as_of), BASIS_WORDS[self.occasion.basis].lower()
            return Missing(
                f"Figures as at {day} ({basis}) are not released",
                "You see released figures. The releases are listed under Documents.",
            )
        return Missing("Nothing is released yet", "Figures appear here when the secretariat releases them.", 200)

    @property
    def as_of(self) -> date:
        return self.release.as_at if self.released else self.occasion.as_of

    @property
    def key(self) -> str:
        """What a kept page depends on, beside its own address: the data, and how much of them the reader may see."""
        rights = (self.sees_unreleased_region, sorted(self.co_ordinates_for), self.released_only)
        return digest(self.moment, rights)

    @property
    def report(self) -> Report:
        """The report looked at, without explanations: that of the release, or that of the moment."""
        return self.figures_of(self.release) if self.released else self.live_report

    def at_area(self) -> "Look":
        """The look at the page's focus area: its released figures where the reader may not see others."""
        if self.released or self.sees_unreleased_region or self.own_area:
            return self
        return replace(self, released_only=True)

    # ------------------------------------------------------------ the address

    def query(self, **more: Any) -> str:
        """The part of an address that keeps looking at the same; "" where that is the default."""
        kept_words = {name: value for name, value in (self.asked | more).items() if value not in (None, "")}
        return f"?{urlencode(kept_words)}" if kept_words else ""

    @property
    def time_zone(self) -> ZoneInfo:
        """The reader's own."""
        return self.user.time_zone

    @property
    def shell(self) -> dict[str, Any]:
        """What every page about a plan says around its content."""
        plan = self.occasion.plan
        return {
            "look": self,
            "plan": {"name": plan.title, "code": plan.code},
            "entries": entries(self.user, plan.code, self.query()),
            "demonstration": self.demonstration,
        }

    @property
    def figures_shell(self) -> dict[str, Any]:
        """What a page with the region's figures says beside: as at when, on which basis, provisional or not."""
        basis = BASIS_WORDS[Basis(self.release.basis) if self.released else self.occasion.basis].lower()
        which = f"release {self.release.number}, " if self.released else ""
        return {
            "asat_form": dates_form(self) if self.sees_unreleased else releases_form(self),
            "proof": self.release.proof if self.released else "",
            "figures_words": f"Figures as at {day_words(self.as_of)}, {which}{basis} answers",
            "provisional": provisional(self),
        }


def releases_form(look: Look) -> dict[str, Any]:
    """The one control of a reader who sees released figures alone: which release."""
    current = look.release.number
    dates = [
        {
            "value": each.number,
            "text": f"{day_words(each.as_at)} {look.title_of(each)}",
            "current": each.number == current,
        }
        for each in look.releases
    ]
    return {"name": "release", "dates": dates, "bases": []}


def dates_form(look: Look) -> dict[str, Any]:
    """The one control for date and basis: the rounds' dates, and the one in the address."""
    as_of = look.as_of if look.sees_unreleased else look.occasion.as_of
    days = {look.occasion.plan.baseline_date: "Baseline", as_of: ""}
    days |= {round.as_at: round.title for round in look.occasion.rounds}
    dates = [
        {"value": day.isoformat(), "text": f"{day_words(day)} {title}".strip(), "current": day == as_of}
        for day, title in sorted(days.items())
    ]
    bases = [
        {"value": basis.value, "text": words, "current": basis is look.occasion.basis}
        for basis, words in BASIS_WORDS.items()
    ]
    return {"name": "as-at", "dates": dates, "bases": bases}


def entries(user: User, plan: str, query: str = "") -> list[dict[str, Any]]:
    """The main ways; what one may not use is not there."""
    ways = (
        ("Today", "today", "submission.list"),
        ("Overview", "overview", "dashboard.region_released"),
        ("Work plan", "work_plan", "plan.view_published"),
        ("Reporting", "rounds", "submission.list"),
        ("Register", "register", "activity.list"),
        ("Quality", "quality", "quality.view"),
        ("Documents", "documents", "release.view"),
    )
    return [
        {"text": text, "name": name, "href": reverse(name, args=[plan]) + query}
        for text, name, action in ways
        if may(user, action)
    ]


def provisional(look: Look) -> dict[str, Any] | None:
    """What a date after the latest closed round must say of itself: how many of those asked have answered."""
    if look.released or not look.occasion.provisional:
        return None
    round = look.occasion.current_round
    asked, answered = look.returns[round.pk] if round else (0, 0)
    return {
        "open": round is not None and not round.closed(look.occasion.now),
        "round": round.title if round else "",
        "answered": answered,
        "asked": asked,
        "closes": closing_words(look),
        "href": look.query(**{"as-at": look.occasion.default_date.isoformat()}),
        "latest": day_words(look.occasion.default_date),
    }


def closing_words(look: Look) -> str:
    """When the round that is being answered closes: in its own time zone, and in the reader's."""
    round = look.occasion.current_round
    if round is None or round.closes_at is None or round.closed(look.occasion.now):
        return ""
    return moment_words(round.closes_at, round.time_zone, look.time_zone)


def co_ordinates_for(user: User) -> frozenset[str]:
    """The organisations for which a person is a focus area co-coordinator."""
    reach = grants(user, "dashboard.focus_area_unreleased")
    return frozenset(organisation for scope, organisation in reach if scope is Scope.FOCUS_AREA)


def signed_in(request: HttpRequest) -> User:
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user


def looking(request: HttpRequest, plan: str, area: Q | None = None, *codes: str) -> Look:
    """What the address and the reader's rights make of a request. ``area``: the focus area that the page is about;
    ``codes``: what else the address names. Raises Missing for what does not exist."""
    user = signed_in(request)
    if any("\0" in text for text in (*codes, *request.GET.values())):
        raise Missing("This address does not exist", "It holds a sign that no code or date has.")
    asked = {name: request.GET[name].strip() for name in ("as-at", "basis", "release") if request.GET.get(name)}
    found = find(plan, area, co_ordinates_for(user), dated=bool(asked.get("as-at")))
    if asked.get("release") and len(asked) > 1:
        raise Missing("This address asks for a release and for a date", "A release has its own date and basis.")
    day = parse_day(asked["as-at"]) if asked.get("as-at") else None
    basis = parse_basis(asked.get("basis") or Basis.ACCEPTED.value)
    occasion = Occasion(found.plan, found.rounds, timezone.now(), basis, day, found.frame)
    return Look(
        user,
        occasion,
        found.token,
        found.frame,
        parse_number(asked.get("release") or None),
        asked,
        found.own_area,
        found.demonstration,
    )


def parse_basis(text: str) -> Basis:
    if text not in set(Basis):
        raise Missing(f"There is no basis {text}", "Figures are counted on the basis accepted or reported.")
    return Basis(text)


def parse_number(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Missing(f"There is no release {text}", "Releases have numbers; they are listed under Documents.")
    return int(text)
