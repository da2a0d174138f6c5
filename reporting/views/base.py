"""What all pages about a plan share: who looks at what, a page kept until the data change, what becomes of a
form, links that keep the look."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse

from members.access import requires
from members.exports import file_of
from members.history import past
from members.lists import Listing
from members.permissions import may
from members.refusals import Stale
from reporting.forms.base import PlainForm
from reporting.keeping import digest, kept
from reporting.looking import Look, Missing, entries, looking, signed_in
from reporting.report import Report

from .signed_out import keeps_what_is_typed

Content = dict[str, Any]


def page(
    action: str,
    template: str = "page.html",
    *,
    figures: bool = True,
    area: str = "",
    within: Callable[..., object] | None = None,
) -> Callable[[Callable[..., Content | HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """A page about a plan: the function says what is on it, or answers by itself (after a form was accepted it sends
    the reader on); what does not exist becomes a plain page. ``figures``: the page shows the region's figures, so it
    says as at when they are; ``area``: how the focus area of a page is found by the code in its address. ``within``:
    finds the object that the page is about, and raises Missing for who may not see it, which wins over a missing right.
    ``status`` in what it says is the answer's. Who sends a form and is signed out gets back what they typed."""

    def decorate(content: Callable[..., Content | HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @keeps_what_is_typed
        @requires(action, refuses=within is None)
        @wraps(content)
        def view(request: HttpRequest, plan: str, **kwargs: Any) -> HttpResponseBase:
            shell: Content = {"plan": {"code": plan}}
            try:
                look = looking(request, plan, Q(**{area: kwargs["code"]}) if area else None, *map(str, kwargs.values()))
                look = look.at_area() if area else look
                shell = look.shell
                if within and not may(look.user, action):
                    within(look, **kwargs)
                    raise PermissionDenied
                said = content(request, look, **kwargs)
                if isinstance(said, HttpResponseBase):
                    return said
                status = said.pop("status", 200)
                return render(request, template, shell | (look.figures_shell if figures else {}) | said, status=status)
            except Missing as missing:
                shell.setdefault("entries", entries(signed_in(request), plan))
                return render(request, "missing.html", shell | {"missing": missing}, status=missing.status)

        return view

    return decorate


def drawn(request: HttpRequest, look: Look, template: str, make: Callable[[], Content], *extra: object) -> Content:
    """The title and the inner part of a page, drawn once for all who may see the same, until the data change.
    ``extra``: what else the part depends on."""

    def draw() -> Content:
        content = make() | {"look": look, "icons": static("img/icons.svg")}
        return {"title": content["title"], "body": render_to_string(template, content)}

    return kept(f"page:{digest(request.get_full_path(), look.key, extra)}", draw)


def acted(form: PlainForm, content: Content, act: Callable[[], HttpResponse]) -> Content | HttpResponse:
    """Does what a form asks for, or shows it again with why not and all that was typed."""
    if not form.is_valid():
        return content | {"status": 422}
    try:
        return act()
    except Stale as stale:
        form.refused(ValidationError(str(stale)))
        return content | {"status": 409}
    except ValidationError as error:
        form.refused(error)
        return content | {"status": 422}


def past_of(request: HttpRequest, look: Look, about: str | Q, *, own: bool = False) -> Content | None:
    """What a page shows of the history of its object: to those who read the whole history, and where it is ``own``, as
    far as it is for them. ``about``: whose entries, as type and key. ``?history=all`` shows more than the newest."""
    if not (own or may(look.user, "audit.view")):
        return None
    which = Q(about=about) if isinstance(about, str) else about
    return past(look.user, which, everything=request.GET.get("history") == "all")


def listed(
    request: HttpRequest, look: Look, listing: Listing, what: str, *, released: bool = False, **notes: str
) -> HttpResponseBase | None:
    """The file that the address of a list asks for, if any. ``notes``: what its second sheet says beside, such as as at
    when figures are."""
    said = [("Plan", look.occasion.plan.title), *((name.replace("_", " "), text) for name, text in notes.items())]
    said += [("Note", "Demonstration data: invented. No figure here is real.")] if look.demonstration else []
    now = look.occasion.now
    return file_of(request, listing, by=look.user, what=what, now=now, released=released, notes=tuple(said))


def lower(text: str) -> str:
    """As it stands within a sentence."""
    return text[:1].lower() + text[1:]


def href(look: Look, name: str, *args: str) -> str:
    return reverse(name, args=[look.occasion.plan.code, *args]) + look.query()


def crumb(look: Look, name: str, text: str, *args: str, anchor: str = "") -> dict[str, str]:
    return {"href": href(look, name, *args) + (f"#{anchor}" if anchor else ""), "text": text}


def before_and_after(codes: list[str], code: str) -> tuple[str | None, str | None]:
    """The one before and the one after in a list."""
    index = codes.index(code)
    return (codes[index - 1] if index else None), (codes[index + 1] if index + 1 < len(codes) else None)


def link_to(look: Look, name: str, code: str | None, text: str = "{}") -> dict[str, str] | None:
    return None if code is None else {"href": href(look, name, code), "text": text.format(code)}


def names_of(report: Report) -> dict[str, str]:
    return {each.code: each.name for each in report.organisations}
