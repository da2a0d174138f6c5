"""The guides of docs/, as pages of the product, and section by section beside the forms that they are about."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from markdown import markdown

from members.permissions import may
from reporting.looking import Look, Missing
from workplan.choices import Source

from .base import Content, page

NEEDS = {"members": "account.own", "secretariat": "submission.accept_answer"}
"""Whom a guide is for -> what one must have the right to do to read it."""
ASKED = {
    Source.STATUS: "A level",
    Source.PARTICIPATION: "Yes or no",
    Source.FIGURES: "A figure",
    Source.ACTIVITIES: "A complete register",
    Source.ARRANGEMENTS: "A complete register",
}
"""What a KPI asks for -> the section of the Members' guide that says how it is answered."""


def source_of(whom: str) -> str:
    return (settings.BASE_DIR / "docs" / f"guide-{whom}.md").read_text(encoding="utf-8")


def html_of(text: str) -> SafeString:
    """The files are ours, so nothing in them is escaped."""
    return mark_safe(markdown(text, extensions=["toc", "tables"]))  # noqa: S308


@cache
def text_of(whom: str) -> tuple[str, SafeString]:
    """The heading and the rest of a guide, as HTML."""
    heading, _, rest = source_of(whom).partition("\n")
    return heading.removeprefix("# "), html_of(rest)


@cache
def section(whom: str, heading: str) -> SafeString:
    """What a guide says below the first heading of these words, up to the next heading, as HTML."""
    lines = source_of(whom).splitlines()
    first = next(n for n, line in enumerate(lines) if line.startswith("#") and line.lstrip("# ") == heading) + 1
    last = next((n for n, line in enumerate(lines) if n >= first and line.startswith("#")), len(lines))
    return html_of("\n".join(lines[first:last]))


def help_beside(source: Source, *, repeats: bool, returned: bool) -> list[tuple[str, SafeString]]:
    """The sections that somebody needs who answers this kind of question. ``repeats``: they can say the same as last
    time; ``returned``: an answer of theirs came back."""
    headings = [
        *(["If an answer comes back"] if returned else []),
        ASKED[source],
        *(["Unchanged"] if repeats else []),
        "Not applicable",
        "Comment and evidence",
        "Saved by itself",
    ]
    return [(heading, section("members", heading)) for heading in headings]


@page("account.own", "guide.html", figures=False)
def guide(request: HttpRequest, look: Look, whom: str) -> Content:
    if whom not in NEEDS:
        raise Missing("There is no such guide", "There is one for Members, and one for the secretariat.")
    if not may(look.user, NEEDS[whom]):
        raise PermissionDenied
    title, text = text_of(whom)
    words: dict[str, Any] = {"title": title, "text": text}
    return words
