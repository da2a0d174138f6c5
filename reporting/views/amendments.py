"""The versions of a plan: what an amendment changes, both texts side by side, which figures it moves; publication."""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from members.differences import SideBySide
from members.numbers import counted
from members.permissions import may
from reporting.forms.plan import AT_ONCE, AmendmentForm, SeenForm
from reporting.looking import Look
from reporting.movement import Moved, movements
from reporting.presentation import day_words, target_words
from reporting.presentation import value_words as figure_words
from reporting.returns import nothing_here
from workplan import actions
from workplan.choices import PARENTS, Kind
from workplan.models import Amendment, Change
from workplan.outline import Outline
from workplan.queries import Draft, amendments_of, draft_of, readings_to_decide
from workplan.rules import hindrances, why_not_changed
from workplan.tree import KpiText
from workplan.words import field_words, value_words

from .base import Content, acted, crumb, page, past_of

ONE_DAY = timedelta(days=1)


# ---------------------------------------------------------------- the versions of the plan


@page("plan.diff", "plan/versions.html", figures=False)
def versions(request: HttpRequest, look: Look) -> Content:
    """What the plan was adopted with, and every amendment; drafts for who works on them."""
    plan = look.occasion.plan
    found = [each for each in amendments_of(plan) if not each.is_draft or may(look.user, "plan.view_draft")]
    published = [each for each in found if each.published_at]
    many = {0: "The plan is as it was adopted", 1: "The plan was amended once"}
    title = many.get(len(published), f"The plan was amended {len(published)} times")
    return {
        "title": title,
        "amendments": [{"amendment": each, "day_before": each.valid_from - ONE_DAY} for each in found],
        "edits": may(look.user, "plan.edit"),
        "waiting": readings_to_decide(plan, look.occasion.as_of).filter(confirmed_at=None).count(),
        "crumbs": [crumb(look, "work_plan", "Work plan")],
    }


def found_amendment(look: Look, number: int) -> Amendment:
    """An amendment that the reader may see; drafts are for who may view them, discarded ones for nobody."""
    found = amendments_of(look.occasion.plan).filter(number=number).select_related("plan").first()
    if found is None or (found.is_draft and not may(look.user, "plan.view_draft")):
        raise nothing_here()
    return found


def visible(look: Look, number: int, **_: object) -> None:
    found_amendment(look, number)


def amendment_crumbs(look: Look, amendment: Amendment | None = None) -> list[dict[str, str]]:
    crumbs = [crumb(look, "work_plan", "Work plan"), crumb(look, "amendments", "Versions of the plan")]
    if amendment is None:
        return crumbs
    return [*crumbs, {"href": at(look, "amendment", amendment), "text": str(amendment)}]


def at(look: Look, name: str, amendment: Amendment, *args: object) -> str:
    return reverse(name, args=[look.occasion.plan.code, amendment.number, *args])


# ---------------------------------------------------------------- one amendment


@page("plan.diff", "plan/amendment.html", figures=False, within=visible)
def amendment(request: HttpRequest, look: Look, number: int) -> Content:
    """What it changes, both texts side by side, and which figures move."""
    found = found_amendment(look, number)
    draft = draft_of(found)
    moved = moved_rows(movements(draft, look.occasion)) if look.sees_unreleased_region else []
    edits, compare = found.is_draft and may(look.user, "plan.edit"), SideBySide()
    return {
        "title": f"{found} changes {counted(len(draft.changes), 'element', zero='no')} of the plan",
        "amendment": found,
        "changes": [change_row(look, draft, each, compare) for each in in_order(draft)],
        "moved": moved,
        "shows_moved": look.sees_unreleased_region,
        "shifts": draft.shifts,
        "leaving": draft.leaving,
        "contradicting": draft.contradicting if found.is_draft else {},
        "problems_left": list(hindrances(draft)) if found.is_draft else [],
        "edits": edits,
        "publishes": found.is_draft and may(look.user, "plan.publish"),
        "day_before": found.valid_from - ONE_DAY,
        "past": past_of(request, look, f"workplan.amendment/{found.plan.code}/{found.number}"),
        "crumbs": amendment_crumbs(look),
    }


def in_order(draft: Draft) -> list[Change]:
    """The changes in the order of the plan, and of the kinds of element."""
    kinds, places = list(Kind), {key: place for place, key in enumerate(draft.outline.nodes)}
    last = len(places)  # what is not there on the draft's day
    return sorted(
        draft.changes,
        key=lambda each: (kinds.index(Kind(each.kind)), places.get((Kind(each.kind), each.code), last)),
    )


def change_row(look: Look, draft: Draft, change: Change, compare: SideBySide) -> Content:
    kind = Kind(change.kind)
    key = kind, change.code
    node = draft.outline.nodes.get(key) or draft.base.nodes.get(key)
    return {
        "name": f"{kind.label} {node.called}" if node else str(change),
        "verdict": "New" if change.adds else "Retired" if change.says.get("retired") else "Changed",
        "fields": list(field_rows(draft, change, compare)),
        "also": retired_with(draft, change),
        "href": at(look, "amendment_element", draft.amendment, kind.value, change.code),
    }


def field_rows(draft: Draft, change: Change, compare: SideBySide) -> Iterator[Content]:
    """Field by field, both texts with what differs marked. Where an element stands says more than its number; of what
    is retired, what it said."""
    kind, was, says = Kind(change.kind), change.was, change.says

    def row(name: str, before: str, after: str) -> Content:
        left, right = compare(before, after)
        return {"label": field_words(kind, name), "before": left, "after": right, "words": ""}

    node = draft.base.nodes.get((kind, change.code))
    if says.get("retired") and node:
        yield from (row(name, getattr(node, name), "") for name in ("text", "target") if getattr(node, name))
    for name, value in says.items():
        if name == "position" and "parent" not in says and was:
            yield {"label": "Place", "before": "", "after": "", "words": "It stands elsewhere among its neighbours."}
        elif name == "parent":
            yield row(name, parent_words(draft.base, kind, was.get(name, "")), parent_words(draft.outline, kind, value))
        elif name not in ("position", "retired") and not (change.adds and value in (None, "", [])):
            before = value_words(name, was.get(name)) if name in was else ""
            yield row(name, before, value_words(name, value))


def parent_words(outline: Outline, kind: Kind, code: str) -> str:
    """What an element stands under, by code and words."""
    above = next((outline.nodes[each, code] for each in PARENTS[kind] if (each, code) in outline.nodes), None)
    return f"{above.kind.label} {above.called}" if above else code


def retired_with(draft: Draft, change: Change) -> list[str]:
    """The codes of the KPIs that leave the plan with a retired element."""
    if not change.says.get("retired") or change.adds:
        return []
    node = draft.base.nodes.get((Kind(change.kind), change.code))
    below = draft.base.descendants(node) if node else ()
    return [each.code for each in below if each.kind is Kind.KPI and each.key not in draft.outline.in_force]


def moved_rows(moved: Iterable[Moved]) -> list[Content]:
    return [
        {
            "code": each.code,
            "day": each.day,
            "round": each.round,
            "before": figure_said(each.before),
            "after": figure_said(each.after),
        }
        for each in moved
    ]


def figure_said(figure: tuple[KpiText, Any] | None) -> Content | None:
    """A figure in words: "26 of 28, 92.9 %", and its status."""
    if figure is None:
        return None
    kpi, result = figure
    percent = "" if result.percent is None else f", {result.percent} %"
    said_words = f"{figure_words(kpi, result.value)} (target {target_words(kpi)}){percent}"
    return {"words": said_words, "status": result.status.value}


# ---------------------------------------------------------------- begun, described, discarded


@page("plan.edit", "form.html", figures=False)
def new(request: HttpRequest, look: Look) -> Content | HttpResponse:
    form = AmendmentForm(request.POST or None)
    cancel = reverse("amendments", args=[look.occasion.plan.code])
    content = {"title": "Amend the plan", "form": form, "action": "Begin", "cancel": cancel}
    content |= {"crumbs": amendment_crumbs(look)}
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        asked = {name: form.cleaned_data[name] for name in ("title", "valid_from", "reason")}
        begun = actions.begin_amendment(plan=look.occasion.plan, **asked, by=look.user, now=look.occasion.now)
        messages.success(request, f"{begun} is begun. Nothing changes before an administrator publishes it.")
        return redirect(at(look, "amendment_plan", begun))

    return acted(form, content, act)


@page("plan.edit", "form.html", figures=False, within=visible)
def edit(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    found = found_amendment(look, number)
    names = ("title", "valid_from", "reason")
    initial = {name: getattr(found, name) for name in names} | {"seen": found.edits}
    form = AmendmentForm(request.POST or None, initial=initial)
    content = {"title": f"Change {found}", "form": form, "action": "Save", "cancel": at(look, "amendment", found)}
    content |= {"crumbs": amendment_crumbs(look, found)}
    if request.method != "POST":
        return content

    def act() -> HttpResponse:
        asked = {name: form.cleaned_data[name] for name in names}
        seen = form.cleaned_data["seen"] or 0
        actions.edit_amendment(amendment=found, seen=seen, **asked, by=look.user, now=look.occasion.now)
        messages.success(request, "The amendment is saved.")
        return redirect(at(look, "amendment", found))

    return acted(form, content, act)


@page("plan.edit", "plan/confirm.html", figures=False, within=visible)
def discard(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    found = found_amendment(look, number)
    content = {
        "title": f"Discard {found}",
        "says": "The draft can no longer be changed or published. Its history stays.",
        "action": "Discard the draft",
        "danger": True,
    }

    def act(seen: int) -> HttpResponse:
        actions.discard_amendment(amendment=found, seen=seen, by=look.user, now=look.occasion.now)
        messages.success(request, f"{found} is discarded.")
        return redirect("amendments", look.occasion.plan.code)

    return confirmed(request, look, found, content, act)


@page("plan.publish", "plan/confirm.html", figures=False, within=visible)
def publish(request: HttpRequest, look: Look, number: int) -> Content | HttpResponse:
    """What publishing does, before it is done."""
    found = found_amendment(look, number)
    draft = draft_of(found)
    content = {
        "title": f"Publish {found}",
        "says": f"From {day_words(found.valid_from)} on the plan says and counts so. What was valid before stays.",
        "at_once": AT_ONCE if any("co_coordinators" in each.was for each in draft.changes) else "",
        "reason": found.reason,
        "valid_from": found.valid_from,
        "moved": moved_rows(movements(draft, look.occasion)),
        "shows_moved": True,
        "rounds": asking(look, found),
        "shifts": draft.shifts,
        "leaving": draft.leaving,
        "contradicting": draft.contradicting,
        "problems_left": list(hindrances(draft)),
        "action": "Publish the amendment",
    }

    def act(seen: int) -> HttpResponse:
        actions.publish_amendment(amendment=found, seen=seen, by=look.user, now=look.occasion.now)
        messages.success(request, f"{found} is published, valid from {day_words(found.valid_from)}.")
        return redirect(at(look, "amendment", found))

    return confirmed(request, look, found, content, act)


def asking(look: Look, found: Amendment) -> list[Content]:
    """The rounds whose date the amendment changes: of open ones what is asked, of closed ones how it is counted."""
    now = look.occasion.now
    rounds = (each for each in look.occasion.rounds if each.opened_at and each.as_at >= found.valid_from)
    return [{"round": each, "open": each.state(now) == "open"} for each in rounds]


def confirmed(
    request: HttpRequest, look: Look, found: Amendment, content: Content, act: Callable[[int], HttpResponse]
) -> Content | HttpResponse:
    form = SeenForm(request.POST if request.method == "POST" else None, initial={"seen": found.edits})
    shown = content | {
        "form": form,
        "refused": why_not_changed(found),
        "cancel": at(look, "amendment", found),
        "crumbs": amendment_crumbs(look, found),
    }
    if request.method != "POST":
        return shown
    answer = acted(form, shown, lambda: act(form.cleaned_data["seen"]))
    if isinstance(answer, dict) and answer["status"] == 409:
        form.data = {"seen": found.edits}  # the page shows it as it is now, and so the button is for that
    return answer
