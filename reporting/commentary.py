"""The comments and narratives that stand beside figures, as far as a reader may see them."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, TextField, Value, When
from django.db.models.functions import Cast

from workplan.tree import PlanText

from .keeping import digest, kept
from .looking import Look
from .models import LATEST, REFUSED, SILENT, Answer, KpiComment, Narrative, Release, Round
from .occasion import Occasion
from .threads import UNSENT


def round_at(occasion: Occasion) -> Round | None:
    """The round whose words stand beside the figures as at the date: the last that was opened for it or before."""
    return occasion.round_at


@dataclass(frozen=True)
class Words:
    """What a round says: code of a KPI -> its comment, of a focus area -> its narrative, approved or waiting for it."""

    comments: dict[str, str]
    narratives: dict[str, str]
    waiting: dict[str, str]
    states: dict[str, str]
    """State -> how many of the round's answers are in it, where that is asked for."""


Rows = QuerySet[Any, Any]


def words_at(occasion: Occasion) -> Words:
    """The words of the round at the occasion, in one query."""
    return gathered(*word_rows(round_at(occasion)))


def words_and_states_at(occasion: Occasion) -> Words:
    """The same and the states of the round's answers, still in one query."""
    round = round_at(occasion)
    return gathered(*word_rows(round), state_rows(round))


def word_rows(round: Round | None) -> tuple[Rows, Rows]:
    comments = KpiComment.objects.filter(round=round).values_list(Value("comments"), "kpi__code", "text")
    approved = Case(When(approved_at=None, then=Value("waiting")), default=Value("narratives"))
    narratives = Narrative.objects.filter(round=round).values_list(approved, "focus_area__code", "text")
    return comments, narratives


def state_rows(round: Round | None) -> Rows:
    """Of each answer the version sent last; before anything is sent, its draft, if that says something."""
    unsent = Q(state__in=UNSENT)
    same = Answer.objects.filter(~unsent, submission=OuterRef("submission"), kpi=OuterRef("kpi"))
    same = same.filter(Q(plan_year=OuterRef("plan_year")) | Q(plan_year=None), version__gt=OuterRef("version"))
    same = same.exclude(REFUSED)
    speaks = (~unsent & ~REFUSED & ~Exists(same)) | (unsent & Q(version=1) & ~SILENT)
    states = Answer.objects.filter(speaks, round=round).order_by().values("state")
    return states.annotate(many=Cast(Count("pk"), TextField())).values_list(Value("states"), "state", "many")


def gathered(first: Rows, *others: Rows) -> Words:
    found: dict[str, dict[str, str]] = {each.name: {} for each in fields(Words)}
    for kind, code, text in first.order_by().union(*(each.order_by() for each in others), all=True):
        if text:
            found[kind][code] = text
    return Words(**found)


def comments_at(occasion: Occasion) -> dict[str, str]:
    return words_at(occasion).comments


def released_words(look: Look, kind: str) -> Mapping[str, str]:
    """The comments or narratives of the release that the reader looks at, or of the latest one."""
    if look.released and look.release_number is not None:
        found: Mapping[str, str] = getattr(look.report, kind)
        return found
    key = f"words:{digest(look.token, look.occasion.plan.pk, kind, look.sees_unreleased_region)}"
    return dict(kept(key, lambda: latest_words(look, kind)))


def latest_words(look: Look, kind: str) -> Mapping[str, str]:
    latest = Release.objects.filter(plan=look.occasion.plan).order_by(*LATEST).first()
    return getattr(look.figures_of(latest), kind) if latest else {}


def comments_seen(look: Look, plan: PlanText) -> dict[str, str]:
    """The comments of the moment on what the reader may see unreleased, and on the rest the released ones."""
    own = {kpi.code for area in plan.focus_areas if not look.released and look.sees_area(area.co_coordinators)
           for kpi in area.kpis}  # fmt: skip
    rest = {} if own.issuperset(kpi.code for kpi in plan.kpis) else released_words(look, "comments")
    now = comments_at(look.occasion) if own else {}
    return {code: text for code, text in rest.items() if code not in own} | {
        code: text for code, text in now.items() if code in own
    }


def narrative_seen(look: Look, area: str, *, unreleased: bool) -> str:
    """What stands above a focus area's figures: the approved narrative of the moment, or the released one."""
    if unreleased and not look.released:
        found: Any = round_at(look.occasion)
        return (found and found.narrative) or ""
    return released_words(look, "narratives").get(area, "")
