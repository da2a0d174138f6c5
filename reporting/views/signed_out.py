"""The session ended while somebody filled in a form: what they typed is shown to them, so that it can be copied."""

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme

from workplan.calendar import year_label

NAME = re.compile(r"(?:(?:answer|y(?P<year>\d{4})|[a-z]+-(?P<row>\d+)|[a-z]+)-)?(?P<field>[a-z_]+)")
"""The names of fields: by themselves, of the answer or a plan year, of a row of a table."""
NOT_TYPED = frozenset({
    "csrfmiddlewaretoken", "token", "seen", "edits", "reference", "id", "ids",
    "accept", "confirm", "contest", "decision", "discard", "end", "held", "keep", "more", "next", "unchanged",
})  # fmt: skip
"""What forms carry, and their buttons."""


def typed_texts(request: HttpRequest) -> Iterator[dict[str, str]]:
    """What stood in a form that cannot be saved; never a password."""
    for name, texts in request.POST.lists():
        found = NAME.fullmatch(name)
        # By itself, "answer" is the ids of answers that are ticked.
        if not found or found["field"] in NOT_TYPED or "password" in name or name == "answer":
            continue
        text = "\n".join(str(each) for each in texts if str(each).strip())
        if text:
            yield {"id": name, "name": label_of(found), "text": text}


def label_of(found: re.Match[str]) -> str:
    field = found["field"].replace("_", " ").capitalize()
    if found["year"]:
        return f"{field}, {year_label(int(found['year']))}"
    return f"{field}, row {int(found['row']) + 1}" if found["row"] else field


def signed_out(request: HttpRequest) -> HttpResponse:
    """A redirect to sign in would lose the text."""
    by_itself = bool(request.headers.get("HX-Request"))
    template = "signed_out_saved.html" if by_itself else "signed_out.html"
    content = {"texts": list(typed_texts(request)), "path": came_from(request)}
    response = render(request, template, content, status=403)
    response["X-Draft"] = "signed out"
    patch_vary_headers(response, ["HX-Request"])
    return response


def came_from(request: HttpRequest) -> str:
    """The page with the form: some forms are sent to an address that shows nothing."""
    page = request.headers.get("Referer", "")
    own = url_has_allowed_host_and_scheme(page, {request.get_host()}, require_https=request.is_secure())
    return page if own else request.path


def keeps_what_is_typed(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    @wraps(view)
    def guarded(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
        if request.method == "POST" and not request.user.is_authenticated:
            return signed_out(request)
        return view(request, **kwargs)

    guarded.keeps_what_is_typed = True  # type: ignore[attr-defined]
    return guarded
