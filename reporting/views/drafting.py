"""The draft of an amendment, on pages that look like the work plan: each element is changed, moved, added or retired in
its place."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from members.numbers import counted
from reporting.forms.base import PlainForm
from reporting.forms.plan import ElementForm, SeenForm
from reporting.keeping import digest
from reporting.looking import Look
from reporting.movement import movements
from reporting.presentation import day_words
from reporting.returns import nothing_here
from workplan import actions
from workplan.choices import PARENTS, Kind
from workplan.models import Amendment, Change
from workplan.outline import READING, Node, Outline, Says, newly_contradicting, said, shifts, token_of, with_fields
from workplan.queries import Draft, draft_of
from workplan.rules import why_not_changed, why_too_early
from workplan.validators import check_added, check_says

from .amendments import amendment_crumbs, at, found_amendment, moved_rows, visible
from .base import Content, acted, page

# ---------------------------------------------------------------- the workbench


@page("plan.edit", "plan/workbench.html", figures=False, within=visible)
def workbench(request: HttpRequest, look: Look, number: int) -> Content:
    """The plan as the draft would make it, with a link at each element to change it and to add to it."""
    found = found_amendment(look, number)
    draft = draft_of(found)
    changes = counted(len(draft.changes), "change", zero="no")
    return {
        "title": f"The plan from {day_words(found.valid_from)} on, with {changes}",
        "amendment": found,
        "refused": why_not_changed(found),
        "areas": [{"node": area, "rows": list(rows_of(look, draft, area))} for area in areas_of(draft)],
        "adds": adds(look, found, None),
        "crumbs": amendment_crumbs(look, found),
    }


def areas_of(draft: Draft) -> list[Node]:
    """The focus areas; those that the draft retires keep their place."""
    gone = [each for each in draft.base.focus_areas if each.key not in draft.outline.in_force]
    return sorted([*draft.outline.focus_areas, *gone], key=lambda each: (each.position, each.code))


def rows_of(look: Look, draft: Draft, node: Node) -> Iterator[Content]:
    """An element and all under it, each in its row; what the draft retires stands where it stood."""
    change = next((each for each in draft.changes if (each.kind, each.code) == node.key), None)
    gone = node.key not in draft.outline.in_force
    yield {
        "node": node,
        "state": "Retired" if gone else "New" if change and change.adds else "Changed" if change else "",
        "href": at(look, "amendment_element", draft.amendment, node.kind.value, node.code),
        "adds": [] if gone else adds(look, draft.amendment, node),
        "anchor": f"{node.kind.value}-{node.code}",
    }
    for each in below(draft, node):
        yield from rows_of(look, draft, each)


def below(draft: Draft, node: Node) -> list[Node]:
    now = draft.outline.children(node) if node.key in draft.outline.in_force else []
    gone = [each for each in draft.base.children(node) if each.key not in draft.outline.in_force]
    return sorted([*now, *gone], key=lambda each: (each.kind is Kind.THEME, each.position, each.code))


def adds(look: Look, found: Amendment, node: Node | None) -> list[dict[str, str]]:
    """What can be added under an element (None: to the plan)."""
    kinds = [kind for kind in Kind if (node.kind in PARENTS[kind] if node else not PARENTS[kind])]
    under = f"?under={node.code}" if node else ""
    return [
        {
            "text": f"Add {kind.one}",
            "to": f" under {node.code}" if node else "",
            "href": at(look, "amendment_add", found, kind.value) + under,
        }
        for kind in kinds
    ]


# ---------------------------------------------------------------- one element


def kind_called(text: str) -> Kind:
    if text not in set(Kind):
        raise nothing_here()
    return Kind(text)


@page("plan.edit", "plan/element.html", figures=False, within=visible)
def element(request: HttpRequest, look: Look, number: int, kind: str, code: str) -> Content | HttpResponse:
    """One element is changed, moved, retired, or its change taken back; what is above and beside it stands around."""
    found, draft = amendment_and_draft(look, number)
    which = kind_called(kind)
    node = draft.outline.nodes.get((which, code))
    if node is None:
        raise nothing_here()
    living = node.key in draft.outline.in_force
    initial = {"seen": found.edits, "element": token_of(node)}
    data, behind = caught_up(request, initial)
    form = ElementForm(draft, which, node, data, initial=initial) if living else None
    change = next((each for each in draft.changes if (each.kind, each.code) == node.key), None)
    content = element_content(look, draft, which, node) | {
        "title": f"{which.label} {code}: change",
        "form": form or SeenForm(initial=initial),
        "living": living,
        "refused": why_not_changed(found) or ("" if change else why_too_early(draft, which, code)),
        "change": change,
        "retires": [each.code for each in draft.outline.descendants(node) if each.kind is Kind.KPI],
        "gone": "" if living else why_gone(draft, node),
    }
    if request.method != "POST":
        return content
    if form and "choose" in request.POST:
        return chosen(form, content)
    if behind:
        return overtaken(form or SeenForm(data), content)
    if "save" in request.POST and form:
        return saved(request, look, draft, form, content)
    if {"retire", "back"} & request.POST.keys():
        return by_button(request, look, draft, node, content | {"form": SeenForm(data)})
    return unnamed(form or SeenForm(data), content)


CHANGED = (
    "Somebody else changed this element after you opened the page. What it says in the draft now stands at each field "
    "where you typed something else. Look at it; what you save then takes its place."
)


def caught_up(request: HttpRequest, initial: Mapping[str, Any]) -> tuple[QueryDict | None, bool]:
    """What was sent, as if it had been typed into the draft as it is now: several people work on one at a time, each on
    other elements. And whether somebody changed this very one meanwhile."""
    if request.method != "POST" or "choose" in request.POST:
        return request.POST or None, False
    data = request.POST.copy()
    behind = data.get("element", "") != initial["element"]
    for name, value in initial.items():
        data[name] = str(value)
    return data, behind


def overtaken(form: SeenForm, content: Content) -> Content:
    """The same page with all that was typed, and what somebody else wrote there."""
    form.behind = True
    form.refused(ValidationError(CHANGED))
    return content | {"form": form, "status": 409}


def chosen(form: ElementForm, content: Content) -> Content:
    """What is counted was chosen anew: the same page with the fields that this needs, and all that was typed."""
    form.say_nothing()
    return content


def unnamed(form: PlainForm, content: Content) -> Content:
    """None of the page's buttons was sent: the same page with all that was typed, and nothing is done."""
    form.is_valid()
    form.say_nothing()
    form.refused(ValidationError("Nothing is changed: press one of the buttons below."))
    return content | {"form": form, "status": 400}


def why_gone(draft: Draft, node: Node) -> str:
    """When an element was retired, by which amendment, and with what it stands under."""
    name = f"{node.kind.label} {node.code}"
    retired = next((each for each in (*draft.outline.above(node), node) if each.retired), None)
    if retired is None:
        return f"What {name} stands under is not in the plan on {day_words(draft.amendment.valid_from)}."
    and_so = "" if retired.key == node.key else f", with {retired.kind.label} {retired.code}, that it stands under"
    if (before := draft.base.nodes.get(retired.key)) and before.retired and before.valid_from:
        return f"{name} was retired on {day_words(before.valid_from)}, by amendment {before.amendment}{and_so}."
    return f"{name} is retired from {day_words(draft.amendment.valid_from)} on in this draft{and_so}."


def amendment_and_draft(look: Look, number: int) -> tuple[Amendment, Draft]:
    found = found_amendment(look, number)
    return found, draft_of(found)


def element_content(look: Look, draft: Draft, kind: Kind, node: Node | None) -> Content:
    base = draft.base.nodes.get(node.key) if node else None
    return {
        "amendment": draft.amendment,
        "kind": kind,
        "node": node,
        "base": base,
        "above": draft.outline.above(node) if node else [],
        "cancel": back_to(look, draft, kind, node.code if node else ""),
        "crumbs": [
            *amendment_crumbs(look, draft.amendment),
            {"href": at(look, "amendment_plan", draft.amendment), "text": "The draft"},
        ],
    }


def back_to(look: Look, draft: Draft, kind: Kind, code: str) -> str:
    return at(look, "amendment_plan", draft.amendment) + (f"#{kind.value}-{code}" if code else "")


def by_button(request: HttpRequest, look: Look, draft: Draft, node: Node, content: Content) -> Content | HttpResponse:
    """The element is retired, or its change is taken back."""
    form = content["form"]
    if "retire" in request.POST and "sure" not in request.POST:
        gone = Change(amendment=draft.amendment, kind=node.kind, code=node.code, says={"retired": True})
        moved = movements(replace(draft, changes=[*draft.changes, gone]), look.occasion, since=draft)
        return content | {"moved": moved_rows(moved), "shows_moved": True, "unsaved": True, "retiring": True}

    def act() -> HttpResponse:
        asked: dict[str, Any] = {"amendment": draft.amendment, "seen": form.cleaned_data["seen"], "by": look.user}
        if "retire" in request.POST:
            actions.change_element(**asked, kind=node.kind, code=node.code, says={"retired": True})
            messages.success(request, f"{node.kind.label} {node.code} is retired in the draft.")
        else:
            actions.take_back(**asked, kind=node.kind, code=node.code)
            messages.success(request, f"The change of {node.kind.label} {node.code} is taken back.")
        return redirect(back_to(look, draft, node.kind, node.code))

    return acted(form, content | {"form": form}, act)


@page("plan.edit", "plan/element.html", figures=False, within=visible)
def add(request: HttpRequest, look: Look, number: int, kind: str) -> Content | HttpResponse:
    """A new element, at first the last one under what it was asked for."""
    found, draft = amendment_and_draft(look, number)
    which = kind_called(kind)
    under = asked_under(request, draft, which)
    initial = {"seen": found.edits, "place": last_place(draft.outline, which, under)}
    initial["code"] = draft.outline.free_code(which, under)
    data, _ = caught_up(request, {"seen": found.edits, "element": ""})
    form = ElementForm(draft, which, None, data, like=like(draft, which, under), initial=initial)
    content = element_content(look, draft, which, None) | {
        "title": f"Add {which.one}",
        "form": form,
        "living": True,
        "refused": why_not_changed(found),
    }
    if request.method != "POST":
        return content
    return chosen(form, content) if "choose" in request.POST else saved(request, look, draft, form, content)


def asked_under(request: HttpRequest, draft: Draft, kind: Kind) -> Node | None:
    """The element under which the address asks for a new one."""
    keys = ((parent, request.GET.get("under", "")) for parent in PARENTS[kind])
    return next((draft.outline.nodes[key] for key in keys if key in draft.outline.in_force), None)


def last_place(outline: Outline, kind: Kind, under: Node | None) -> str:
    there = [each.code for each in (outline.children(under) if under else outline.focus_areas) if each.kind is kind]
    return f"{under.code if under else ''}|{there[-1] if there else ''}"


def like(draft: Draft, kind: Kind, under: Node | None) -> Says:
    """What a new KPI is counted like at first: the one beside it, without its words."""
    if kind is not Kind.KPI:
        return {}
    beside = list(draft.outline.descendants(under)) if under else []
    everywhere = [each for each in draft.outline.nodes.values() if each.kind is Kind.KPI]
    model = next((each for each in (*beside, *everywhere) if each.reading), None)
    if model is None:
        return {}
    return {
        name: value
        for name, value in said(model).items()
        if name in READING and name not in ("question", "guidance", "note")
    }


def saved(
    request: HttpRequest, look: Look, draft: Draft, form: ElementForm, content: Content
) -> Content | HttpResponse:
    """Keeps the change; where figures move or the target comes to contradict its reading, not before somebody saw
    that."""

    def act() -> HttpResponse:
        change = keep(look, draft, form)
        messages.success(request, "The draft is saved." if change else "Nothing is changed any more.")
        return redirect(back_to(look, draft, form.kind, code_of(form)))

    if form.is_valid() and fits(draft, form):
        then = changed_by(draft, form)
        moved, told = movements(then, look.occasion, since=draft), would_contradict(form)
        gone = shifts(draft.outline, then.outline)
        shown = digest(form.says, [(each.code, each.day) for each in moved], told, [each.kpis for each in gone])
        if (moved or told or gone) and request.POST.get("shown") != shown:
            data = request.POST.copy()
            data["shown"] = shown
            form.data = data
            seen = {"moved": moved_rows(moved), "shows_moved": True, "contradictions": told, "shifts": gone}
            return content | seen | {"unsaved": True}
    return acted(form, content, act)


def code_of(form: ElementForm) -> str:
    return form.node.code if form.node else str(form.cleaned_data["code"]).strip()


def fits(draft: Draft, form: ElementForm) -> bool:
    """Can it be said and counted at all? What cannot is refused by the action, with its reason."""
    try:
        if form.node:
            check_says(form.kind, said(form.node) | form.says)
        else:
            node = Node(form.kind, code_of(form), form.says.get("parent", ""), Decimal(0))
            check_added(draft, draft.outline, node, form.says)
    except ValidationError:
        return False
    return True


def changed_by(draft: Draft, form: ElementForm) -> Draft:
    """The draft with what the form says."""
    key = (form.kind, code_of(form))
    before = next((each for each in draft.changes if (each.kind, each.code) == key), None)
    others = [each for each in draft.changes if each is not before]
    says, adds = (before.says if before else {}) | form.says, before.adds if before else form.node is None
    change = Change(amendment=draft.amendment, kind=form.kind, code=key[1], says=says, adds=adds)
    return replace(draft, changes=[*others, change])


def would_contradict(form: ElementForm) -> tuple[str, ...]:
    """In what the target and the reading would differ, other than they do already."""
    return newly_contradicting(form.node, with_fields(form.node or Node(form.kind, "", "", Decimal(0)), form.says))


def keep(look: Look, draft: Draft, form: ElementForm) -> Change | None:
    asked: dict[str, Any] = {"amendment": draft.amendment, "seen": form.cleaned_data["seen"], "by": look.user}
    act = actions.change_element if form.node else actions.add_element
    return act(**asked, kind=form.kind, code=code_of(form), says=form.says)
