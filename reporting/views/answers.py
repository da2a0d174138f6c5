"""All answers of a plan, as far as the reader may see them."""

from collections.abc import Collection, Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse

from members.choices import Scope
from members.lists import Filter, Listing, find, pick
from members.permissions import grants, may
from reporting.answer_evidence import lacking
from reporting.choices import AnswerStatus
from reporting.looking import Look
from reporting.models import REFUSED, SILENT, Answer, Round
from reporting.places import areas_of_rounds, co_ordinated, in_areas, kpis_of_rounds
from reporting.tables import AnswerTable
from reporting.threads import UNSENT

from .base import Content, crumb, listed, page

UNSENT_YET = Q(state__in=UNSENT)
SENT = ~UNSENT_YET
UNSAID_DRAFT = SILENT & Q(comment="")
ANSWERS_LEAD_BACK = "Each is changed where it was answered: follow the KPI."


@page("submission.list", "list.html", figures=False)
def answers(request: HttpRequest, look: Look) -> Content | HttpResponseBase:
    """What organisations say on the KPIs, the newest version that the reader may see."""
    rounds = {each.code: each for each in reversed(look.occasion.rounds) if each.opened_at}
    asked = request.GET.get("round", "")
    first = latest_answered(look, rounds)
    chosen = chosen_rounds(rounds, asked, first)
    listing = Listing(
        request.GET,
        AnswerTable(**of_answers(look)),
        seen_answers(look, chosen.values()),
        nouns=("answer", "answers"),
        filters=[*answer_filters(look), round_filter(rounds, first)],
        read=Answer.objects.values_list(*SHOWN, named=True),
        exports=exports_answers(look),
    )
    return listed(request, look, listing, "Answers") or {
        "title": f"{listing.title} in {titles_of(chosen.values())}",
        "lede": f"What organisations say, in the newest version that was sent. {ANSWERS_LEAD_BACK}",
        "ways": lacking_elsewhere(look, listing, "answers"),
        "crumbs": [crumb(look, "rounds", "Reporting")],
        "listing": listing,
        "empty": ("No answers yet", "Answers appear here when they are sent in a round."),
    }


WITHOUT_EVIDENCE = Filter(
    "evidence", "Without evidence", lambda rows, _: rows.filter(lacking()), {"without": "Yes"}, rare=True
)


def lacking_elsewhere(look: Look, listing: Listing, here: str) -> list[Content]:
    """From what lacks evidence in one list to what lacks it in the others."""
    lists = [
        ("activity.list", "register", "Activities without evidence"),
        ("arrangement.list", "arrangements", "Arrangements without evidence"),
        ("submission.list", "answers", "Answers without evidence"),
    ]
    if "evidence" not in listing.values:
        return []
    return [
        {"href": reverse(name, args=[look.occasion.plan.code]) + look.query(evidence="without"), "text": text}
        for action, name, text in lists
        if name != here and may(look.user, action)
    ]


def of_answers(look: Look) -> dict[str, Any]:
    """What a table of answers needs to know of the plan."""
    plan = look.occasion.plan
    asked, first_year = kpis_of_rounds(look), plan.starts.year
    return {"plan": plan.code, "zone": look.time_zone, "asked": asked, "first_year": first_year}


def answer_filters(look: Look) -> list[Filter]:
    states = dict(AnswerStatus.choices)
    if not sees_drafts(look):
        states = {state: label for state, label in states.items() if state not in UNSENT}
    codes = {code for areas in areas_of_rounds(look) for code, _, _ in areas}

    def in_area(rows: QuerySet[Any], wanted: str) -> QuerySet[Any]:
        return rows.filter(in_areas(look, lambda area: area[0] == wanted))

    return [
        find("Find in KPI, organisation, comment", "kpi__code", "organisation__name", "organisation__code", "comment"),
        Filter("area", "Focus area", in_area, {code: f"Focus Area {code}" for code in sorted(codes)}),
        pick("state", "State", states),
        WITHOUT_EVIDENCE,
    ]


ALL = "all"
Rounds = Mapping[str, Round]


def latest_answered(look: Look, rounds: Rounds) -> str:
    """The code of the latest round in which there is an answer that the reader may see, else of the latest; ``rounds``:
    the latest first. One query."""
    own = seen_by(look).filter(round=OuterRef("pk"))
    answered = Round.objects.filter(Exists(own), pk__in=[each.pk for each in rounds.values()]).order_by()
    found = set(answered.values_list("code", flat=True))
    return next((code for code in rounds if code in found), next(iter(rounds), ""))


def chosen_rounds(rounds: Rounds, asked: str, first: str) -> Rounds:
    """One round, the first unless the address says another or all: a reader works on one, and all of them together are
    a long list."""
    if asked == ALL or not rounds:
        return rounds
    code = asked if asked in rounds else first
    return {code: rounds[code]}


def round_filter(rounds: Rounds, first: str) -> Filter:
    """The rows are those of the chosen rounds already."""
    options = {code: each.title for code, each in rounds.items()} | {ALL: "All rounds"}
    return Filter("round", "Round", lambda rows, _: rows, options, default=first or ALL, every=ALL)


def titles_of(rounds: Collection[Round]) -> str:
    return next(iter(rounds)).title if len(rounds) == 1 else "all rounds"


def sees_drafts(look: Look) -> bool:
    """Who answers for an organisation sees its drafts; who sees all answers sees them as they were sent."""
    everything = any(scope is Scope.YES for scope, _ in grants(look.user, "submission.list"))
    return bool(own_codes(look)) and not everything


def own_codes(look: Look) -> list[str]:
    return [code for scope, code in grants(look.user, "submission.list") if scope is Scope.OWN]


def seen_by(look: Look) -> QuerySet[Answer]:
    """permissions.csv, submission.list and view: own answers with the drafts, others as they were sent, all or those of
    the own focus areas, as these were at the round's date. Drafts of others are in none."""
    rows = Answer.objects.order_by()
    if any(scope is Scope.YES for scope, _ in grants(look.user, "submission.list")):
        return rows.filter(SENT)
    own = Q(organisation__code__in=own_codes(look))
    seen = own & ~UNSAID_DRAFT
    if look.co_ordinates_for:
        seen |= SENT & co_ordinated(look)
    return rows.filter(seen)


def seen_answers(look: Look, rounds: Collection[Round]) -> QuerySet[Answer]:
    """Of some rounds, each in the newest version that the reader may see."""
    rows = seen_by(look).filter(round__in=[each.pk for each in rounds])
    return rows.exclude(REFUSED).filter(~replaced(own_codes(look) if sees_drafts(look) else ()))


SHOWN = (
    *("pk", "kpi", "round", "plan_year", "state", "standing", "participated", "value", "numerator", "denominator"),
    *("figure_source", "figure_definition", "reading__source", "reading__measure", "reading__unit"),
    *("register_complete", "comment", "evidence_url", "as_at", "sent_at", "decided_at", "decided_by__name"),
    *("kpi__code", "organisation__code", "organisation__name", "round__code", "round__title"),
)


def replaced(own: Collection[str]) -> Q:
    """Is another version the newest that the reader may see (``Thread.newest``): one that was sent later, and of the
    ``own`` organisations a draft that says something. Over what waits for a decision a draft waits behind."""
    later = Q(version__gt=OuterRef("version"))
    found = has(later & SENT)
    if own:
        submitted = Q(state=AnswerStatus.SUBMITTED)
        drafted = ~submitted & has(later & UNSENT_YET & ~UNSAID_DRAFT) | UNSENT_YET & has(submitted)
        found |= Q(organisation__code__in=own) & drafted
    return found


def has(which: Q) -> Q:
    """Has an answer such a version. Asked in two halves, for answers with a plan year and those without: so each looks
    into the index of its own constraint."""
    same = Answer.objects.filter(which, submission=OuterRef("submission"), kpi=OuterRef("kpi")).exclude(REFUSED)
    without_year = Q(plan_year__isnull=True)
    return Q(Exists(same.filter(plan_year=OuterRef("plan_year")))) | without_year & Q(Exists(same.filter(without_year)))


def exports_answers(look: Look) -> bool:
    """Who sees all, or the answers of the own focus areas, may take with them what is not released (export.unreleased);
    who sees those of the own organisation alone takes what is theirs anyway."""
    return bool(grants(look.user, "export.unreleased") or grants(look.user, "submission.view"))
