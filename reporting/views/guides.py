"""The guides of docs/, as pages of the product."""

from functools import cache
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from markdown import markdown

from members.permissions import may
from reporting.looking import Look, Missing

from .base import Content, page

NEEDS = {"members": "account.own", "secretariat": "submission.accept_answer"}
"""Whom a guide is for -> what one must have the right to do to read it."""


@cache
def text_of(whom: str) -> tuple[str, SafeString]:
    """The heading and the rest of a guide, as HTML. The files are ours, so nothing in them is escaped."""
    source = (settings.BASE_DIR / "docs" / f"guide-{whom}.md").read_text(encoding="utf-8")
    heading, _, rest = source.partition("\n")
    return heading.removeprefix("# "), mark_safe(markdown(rest, extensions=["toc", "tables"]))  # noqa: S308


@page("account.own", "guide.html", figures=False)
def guide(request: HttpRequest, look: Look, whom: str) -> Content:
    if whom not in NEEDS:
        raise Missing("There is no such guide", "There is one for Members, and one for the secretariat.")
    if not may(look.user, NEEDS[whom]):
        raise PermissionDenied
    title, text = text_of(whom)
    words: dict[str, Any] = {"title": title, "text": text}
    return words
