"""What a search finds in the plan, among the organisations, in the answers and in the register, within what the reader
may see. Every word must be found, in small or capital letters, with or without accents; in the answers and the
register, where the database compares, an accent is a letter of its own."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property, partial
from itertools import islice
from typing import Any
from unicodedata import combining, normalize
from urllib.parse import urlencode

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from members.choices import Scope
from members.models import Organisation
from members.permissions import grants, may
from workplan.calendar import year_label
from workplan.tree import KpiText, PlanText

from .audience import shown_to
from .choices import ActivityStatus, AnswerStatus, Decision
from .facts import OrganisationFact, load_organisations
from .keeping import digest, kept
from .looking import Look
from .models import REFUSED, SILENT, ActivityPart, Answer, Round
from .places import co_ordinated
from .queries import arrangements, registered_activities
from .threads import UNSENT
from .wording import said

LONGEST, MOST_WORDS = 100, 8
"""What is longer, or has more words, is not looked for; the page says so."""
MOST = 200
"""Hits of a kind; who needs more needs another word."""
AROUND = 80
"""Letters of a long text that stand before and after what was found."""


# ---------------------------------------------------------------- words and what they are found in


def fold(text: str) -> str:
    """Small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. ``beyond``: what they typed behind it."""

    text: str
    beyond: str = ""

    @classmethod
    def of(cls, typed: str) -> "Wanted":
        """As many words as fit; of a single one that does not, its beginning."""
        text = " ".join(typed.split())
        if len(text) <= LONGEST:
            return cls(text)
        end = text.rfind(" ", 0, LONGEST + 1)
        end = end if end > 0 else LONGEST
        return cls(text[:end], text[end:].strip())

    def __bool__(self) -> bool:
        return bool(self.words)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """As they were typed, each once; an accent alone is none."""
        return words_in(self.text)[:MOST_WORDS]

    @cached_property
    def left_out(self) -> str:
        """The words that are not looked for."""
        return " ".join(word for word in words_in(f"{self.text} {self.beyond}") if word not in self.words)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(fold, self.words))

    def found_in(self, *parts: str) -> bool:
        text = fold("\n".join(parts))
        return all(word in text for word in self.folded)

    def names(self, code: str) -> bool:
        """Is it this code, and nothing more."""
        return fold(self.text) == fold(code)

    def in_column(self, *columns: str) -> Callable[[str], Q]:
        """For one word: the condition that a column holds it. SQLite knows small and capital letters of English alone,
        so the forms of others are asked for one by one."""

        def condition(word: str) -> Q:
            forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
            found = Q()
            for column in columns:
                for form in forms:
                    found |= Q(**{f"{column}__icontains": form})
            return found

        return condition


def words_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in text.split() if fold(word)))


Part = tuple[str, bool]
"""Some letters, and whether they were looked for."""


def marked(text: str, wanted: Wanted) -> list[Part]:
    """The text in parts, of which some are what was found."""
    shown = [False] * len(text)
    folded, places = folded_places(text)
    for word in wanted.folded:
        for match in re.finditer(re.escape(word), folded):
            first, last = places[match.start()], places[match.end() - 1]
            shown[first : last + 1] = [True] * (last + 1 - first)
    parts: list[Part] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or shown[place] != shown[begin]:
            parts.append((text[begin:place], shown[begin]))
            begin = place
    return [part for part in parts if part[0]]


def folded_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place of the one that it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    letters = [(each, place) for place, letter in enumerate(text) for each in fold(letter)]
    return "".join(each for each, _ in letters), [place for _, place in letters]


def snippet(text: str, wanted: Wanted) -> list[Part]:
    """Of a long text the place where the first word was found."""
    text = " ".join(text.split())
    folded, places = folded_places(text)
    found = [at for word in wanted.folded if (at := folded.find(word)) >= 0]
    middle = places[min(found)] if found else 0
    begin, end = max(middle - AROUND, 0), middle + 2 * AROUND
    begin = 0 if begin < AROUND // 2 else begin
    cut = text[begin:end]
    return marked(f"{'…' if begin else ''}{cut}{'…' if end < len(text) else ''}", wanted)


@dataclass(frozen=True)
class Hit:
    """``href``: "" where the reader has no page of it."""

    title: list[Part]
    href: str
    snippet: list[Part] = field(default_factory=list)
    note: str = ""


Making = Callable[[], Hit]
"""A hit is drawn only where it is shown."""


@dataclass(frozen=True)
class Group:
    """The hits of one kind, the best first; at most MOST, of which ``more`` says that there are others."""

    name: str
    one: str
    many: str
    hits: list[Making]

    @property
    def more(self) -> bool:
        return len(self.hits) > MOST

    @property
    def shown(self) -> list[Making]:
        return self.hits[:MOST]

    @property
    def count(self) -> str:
        if self.more:
            return f"more than {MOST} {self.many}"
        return f"{len(self.hits)} {self.one if len(self.hits) == 1 else self.many}"


# ---------------------------------------------------------------- reads


@dataclass(frozen=True)
class Known:
    """What is searched in memory: the plan at the date and from each later day on which its words change, and who there
    is; kept until the data change."""

    plan: PlanText
    later: tuple[tuple[date, PlanText], ...]
    organisations: tuple[OrganisationFact, ...]
    also: Mapping[str, str]

    @cached_property
    def kpis(self) -> Mapping[int, KpiText]:
        """Those that begin later, too: a round may ask them already."""
        texts = (*(text for _, text in reversed(self.later)), self.plan)
        return {kpi.id: kpi for text in texts for kpi in text.kpis}

    @cached_property
    def by_id(self) -> Mapping[int, OrganisationFact]:
        return {each.id: each for each in self.organisations}


def known_at(look: Look) -> Known:
    def read() -> Known:
        also = Organisation.objects.values_list("code", "also_known_as")
        history, day = look.history, look.occasion.as_of
        days = sorted({each.valid_from for each in history.wordings if each.valid_from > day})
        later = tuple((each, history.text(each)) for each in days)
        return Known(history.text(day), later, load_organisations().all, dict(also))

    key = digest(look.frame, look.occasion.plan.pk, look.occasion.as_of)
    found: Known = kept(f"search:{key}", read)
    return found


def search(look: Look, wanted: Wanted) -> list[Group]:
    """What is found of each kind that the reader may see."""
    known = known_at(look)
    return [
        Group("plan", "place in the plan", "places in the plan", limited(in_plan(look, known, wanted))),
        Group("organisations", "organisation", "organisations", limited(organisations(look, known, wanted))),
        Group("answers", "answer", "answers", in_answers(look, known, wanted)),
        Group("activities", "activity", "activities", in_activities(look, known, wanted)),
        Group("arrangements", "arrangement", "arrangements", in_arrangements(look, known, wanted)),
    ]


def limited(hits: Iterable[Making]) -> list[Making]:
    return list(islice(hits, MOST + 1))


# ---------------------------------------------------------------- the plan and who there is


@dataclass(frozen=True)
class Element:
    """A place in the plan. ``rank``: of several with the same code the KPI comes first. ``since``: the later day from
    which it reads so."""

    kind: str
    code: str
    text: str
    page: tuple[str, str]
    rank: int
    more: tuple[str, ...] = ()
    since: date | None = None

    @property
    def key(self) -> tuple[str, str]:
        return self.kind, self.code

    @property
    def words(self) -> tuple[str, ...]:
        return self.text, *self.more


def elements(plan: PlanText) -> Iterator[Element]:
    for area in plan.focus_areas:
        page = ("focus_area", area.code)
        yield Element("Focus area", area.code, area.title, page, 4)
        for objective in area.objectives:
            yield Element("Objective", objective.code, objective.title, page, 3)
            for action in objective.actions:
                yield Element("Specific action", action.code, action.title, page, 2)
                seen: set[str] = set()
                for kpi in action.kpis:
                    if kpi.milestone_code not in seen:
                        seen.add(kpi.milestone_code)
                        yield Element("Milestone", kpi.milestone_code, kpi.milestone, ("kpi", kpi.code), 1)
                    yield Element(
                        "KPI", kpi.code, kpi.text, ("kpi", kpi.code), 0, (kpi.target, kpi.responsible, kpi.theme)
                    )


def in_plan(look: Look, known: Known, wanted: Wanted) -> Iterator[Making]:
    """The element with exactly this code first, then those whose own text says it, then the others in the plan's
    order; each once, as it reads at the date where that is what was found."""
    found: dict[tuple[str, str], Element] = {}
    for each in (*elements(known.plan), *changed_later(known)):
        if each.key not in found and wanted.found_in(each.code, *each.words):
            found[each.key] = each
    for each in sorted(found.values(), key=lambda each: order(each, wanted)):
        yield partial(plan_hit, look, known, wanted, each)


def changed_later(known: Known) -> Iterator[Element]:
    """What amendments that are valid later add to the plan or say in other words."""
    before = {each.key: each.words for each in elements(known.plan)}
    for day, text in known.later:
        for each in elements(text):
            if before.get(each.key) != each.words:
                before[each.key] = each.words
                yield replace(each, since=day)


def plan_hit(look: Look, known: Known, wanted: Wanted, element: Element) -> Hit:
    said = next((text for text in element.words if wanted.found_in(text)), element.text)
    note = f"from {element.since:%d.%m.%y}" if element.since else ""
    title = marked(f"{element.kind} {element.code}", wanted)
    return Hit(title, plan_page(look, known, element), snippet(said, wanted), note)


def plan_page(look: Look, known: Known, element: Element) -> str:
    """Of what reads so from a later day on, the work plan of that day: there everybody may read it."""
    name, code = element.page
    if not element.since:
        return reverse(name, args=[known.plan.code, code]) + look.query()
    asked = {"as-at": element.since.isoformat()} | ({"q": code} if name == "kpi" else {})
    return f"{reverse('work_plan', args=[known.plan.code])}?{urlencode(asked)}"


def order(element: Element, wanted: Wanted) -> tuple[int, int]:
    if wanted.names(element.code):
        return 0, element.rank
    if fold(element.code).startswith(fold(wanted.text)):
        return 1, 0
    return (2, 0) if wanted.found_in(element.text) else (3, 0)


def organisations(look: Look, known: Known, wanted: Wanted) -> Iterator[Making]:
    """Codes are no secret: the plan names whom it asks. Pages of Members are for those who may see them."""
    found = [each for each in known.organisations if wanted.found_in(each.code, each.name, known.also[each.code])]
    for each in sorted(found, key=lambda each: not wanted.names(each.code)):
        yield partial(organisation_hit, look, known, wanted, each)


def organisation_hit(look: Look, known: Known, wanted: Wanted, found: OrganisationFact) -> Hit:
    also = known.also[found.code]
    kind = "Member" if found.is_member(look.occasion.as_of) else "Not a Member" if found.member else "Regional entity"
    return Hit(
        marked(f"{found.name} ({found.code})", wanted),
        member_page(look, known, found),
        marked(f"Also known as {also}", wanted) if also else [],
        kind,
    )


def member_page(look: Look, known: Known, organisation: OrganisationFact) -> str:
    if not organisation.is_member(look.occasion.as_of):
        return ""
    areas = [frozenset(area.co_coordinators) for area in known.plan.focus_areas]
    if not any(look.sees_member(organisation.code, by) for by in areas):
        return ""
    return reverse("member", args=[known.plan.code, organisation.code]) + look.query()


# ---------------------------------------------------------------- answers


def may_be_read(look: Look, known: Known) -> Q | None:
    """Which answers the reader may see (``submission.view``): the own ones with their drafts, others as they were sent;
    a co-coordinator those on the own focus area, as it was at the round's date. None: none at all."""
    reach = grants(look.user, "submission.view")
    own = [code for scope, code in reach if scope is Scope.OWN]
    ids = {each.code: each.id for each in known.organisations}
    allowed = [Q(organisation__in=[ids[code] for code in own])] if own else []
    sent = ~Q(state__in=UNSENT)
    if any(scope is Scope.SUBMITTED for scope, _ in reach):
        allowed.append(sent)
    elif look.co_ordinates_for:
        allowed.append(sent & co_ordinated(look))
    if not allowed:
        return None
    found = allowed[0]
    for each in allowed[1:]:
        found |= each
    return found


READ = (
    *("submission", "kpi", "plan_year", "version", "organisation", "round", "state", "comment"),
    *("standing", "participated", "value", "numerator", "denominator", "register_complete"),
)
"""Of each answer that is found."""


def in_answers(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """The newest version that the reader may see of each answer, of the latest round first; two queries. Whether a
    version is the newest is asked only of what was found: to ask it of all takes several times as long."""
    allowed = may_be_read(look, known)
    if allowed is None:
        return []
    rounds = {each.pk: each for each in look.occasion.rounds}
    seen = Answer.objects.filter(allowed, round__in=rounds).exclude(REFUSED)
    rows = seen.exclude(SILENT & Q(comment=""))
    for word in wanted.words:
        rows = rows.filter(wanted.in_column("comment")(word) | about(word, known))
    in_order = rows.order_by("-as_at", "kpi", "organisation", "plan_year")
    found = list(in_order.values_list(*READ, named=True)[: 2 * MOST])
    newest = newest_versions(seen, {row.submission for row in found})
    current = [row for row in found if newest.get((row.submission, row.kpi, row.plan_year), 1) == row.version]
    shown = [row for row in current if row.kpi in known.kpis][: MOST + 1]
    return [partial(answer_hit, known, rounds[row.round], row, wanted) for row in shown]


def newest_versions(seen: QuerySet[Answer], submissions: Collection[int]) -> Mapping[Any, int]:
    """Of the answers with more than one version that the reader may see: which is the newest."""
    later = seen.filter(submission__in=submissions, version__gt=1).order_by("version")
    places = later.values_list("submission", "kpi", "plan_year", "version")
    return {(submission, kpi, year): version for submission, kpi, year, version in places}


def about(word: str, known: Known) -> Q:
    """The answers to the KPIs, and of the organisations, that a word names."""
    one = Wanted(word)
    kpis = [kpi.id for kpi in known.kpis.values() if one.found_in(kpi.code)]
    whose = named(word, known)
    found = Q()
    found |= Q(kpi__in=kpis) if kpis else Q()
    found |= Q(organisation__in=whose) if whose else Q()
    return found


def named(word: str, known: Known) -> list[int]:
    """The organisations that a word names."""
    one = Wanted(word)
    return [each.id for each in known.organisations if one.found_in(each.code, each.name, known.also[each.code])]


def answer_hit(known: Known, collection: Round, row: Any, wanted: Wanted) -> Hit:
    kpi, whose = known.kpis[row.kpi], known.by_id[row.organisation]
    year = f" for {year_label(row.plan_year)}" if row.plan_year else ""
    return Hit(
        marked(f"{whose.name} on KPI {kpi.code}{year}", wanted),
        reverse("return_kpi", args=[known.plan.code, collection.code, whose.code, kpi.code]),
        snippet(row.comment, wanted) if row.comment else [],
        f"{said(row)}. {collection.title}. {AnswerStatus(row.state).label}.",
    )


# ---------------------------------------------------------------- the register


def in_activities(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """Those of the register by title, reference and who organised them, the latest first; one query."""
    if not may(look.user, "activity.list"):
        return []
    rows = registered_activities(look.occasion.plan).filter(shown_to(look.user)).prefetch_related(None)
    in_text = wanted.in_column("title", "activity__reference")
    for word in wanted.words:
        whose = named(word, known)
        by = ActivityPart.objects.filter(version=OuterRef("pk"), organises=True, organisation__in=whose)
        rows = rows.filter(in_text(word) | Exists(by) if whose else in_text(word))
    columns = ("activity", "activity__reference", "title", "day", "status")
    found = rows.order_by("-day", "title").values_list(*columns, named=True)[: MOST + 1]
    in_order = sorted(found, key=lambda row: not wanted.names(row.activity__reference))
    return [partial(activity_hit, look, wanted, row) for row in in_order]


def activity_hit(look: Look, wanted: Wanted, row: Any) -> Hit:
    href = reverse("activity", args=[look.occasion.plan.code, row.activity])
    note = f"{ActivityStatus(row.status).label} on {row.day:%d.%m.%y}."
    return Hit(marked(row.title, wanted), href, marked(row.activity__reference, wanted), note)


OF_A_PAIR = (
    *("arrangement", "arrangement__party_a", "arrangement__party_b", "arrangement__contested", "decision"),
    *("in_force", "ended", "source", "plurilateral__name"),
)
"""Of each arrangement that is found."""


def in_arrangements(look: Look, known: Known, wanted: Wanted) -> list[Making]:
    """Those of the register by both Members, the source, and the name of one of more than two, in the order of their
    list; one query."""
    if not may(look.user, "arrangement.list"):
        return []
    rows = arrangements()
    in_text = wanted.in_column("source", "plurilateral__name")
    for word in wanted.words:
        whose = named(word, known)
        party = Q(arrangement__party_a__in=whose) | Q(arrangement__party_b__in=whose)
        rows = rows.filter(in_text(word) | party if whose else in_text(word))
    in_order = rows.order_by("arrangement__party_a__position", "arrangement__party_b__position")
    found = in_order.values_list(*OF_A_PAIR, named=True)[: MOST + 1]
    return [partial(arrangement_hit, look, known, wanted, row) for row in found]


def arrangement_hit(look: Look, known: Known, wanted: Wanted, row: Any) -> Hit:
    one, other = known.by_id[row.arrangement__party_a], known.by_id[row.arrangement__party_b]
    said = ". ".join(each for each in (row.plurilateral__name, row.source) if each)
    return Hit(
        marked(f"{one.name} ({one.code}) and {other.name} ({other.code})", wanted),
        reverse("arrangement", args=[look.occasion.plan.code, row.arrangement]),
        snippet(said, wanted) if said else [],
        f"{from_when(row)} {'Contested' if row.arrangement__contested else Decision(row.decision).label}.",
    )


def from_when(row: Any) -> str:
    if row.ended:
        return f"Ended on {row.ended:%d.%m.%y}."
    return f"In force from {row.in_force:%d.%m.%y}." if row.in_force else "No date in force."
