"""Pages as readers see them: the main part as plain words, and the checks that every page has in common."""

import re
from dataclasses import dataclass
from html import unescape
from typing import Any

from django.apps import apps
from django.core.cache import caches
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from members.models import HeldFile

from .region import PLAN

TAGS = re.compile(r"<(?:title|caption)\b[^>]*>|<[^>]*>", re.S)


@dataclass(frozen=True)
class Page:
    status: int
    html: str
    location: str = ""

    @property
    def main(self) -> str:
        """The words of the main part: markup gone, one space between words."""
        found = re.search(r"<main.*?</main>", self.html, re.S)
        return words(found.group() if found else self.html)

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.html, re.S)
        return words(found.group(1)) if found else ""

    @property
    def words(self) -> str:
        return words(self.html)

    @property
    def foot(self) -> str:
        found = re.search(r"<footer.*?</footer>", self.html, re.S)
        return words(found.group()) if found else ""

    def row(self, start: str) -> str:
        """The words of the one table row that begins so."""
        found = [row for row in self.rows() if row.startswith(start)]
        assert len(found) == 1, (start, found)
        return found[0]

    def rows(self) -> list[str]:
        return [words(row) for row in re.findall(r"<tr\b.*?</tr>", self.html, re.S)]


def words(html: str) -> str:
    return " ".join(unescape(TAGS.sub(" ", html)).replace("\u00ad", "").split())


def address(name: str, code: str = "", **asked: Any) -> str:
    places = {
        "overview": "",
        "focus_area": f"focus-areas/{code}/",
        "kpi": f"kpis/{code}/",
        "member": f"members/{code}/",
        "work_plan": "work-plan/",
        "rounds": "rounds/",
        "register": "register/",
        "documents": "documents/",
    }
    query = "&".join(f"{key.replace('_', '-')}={value}" for key, value in asked.items())
    return f"/plans/{PLAN}/{places[name]}" + (f"?{query}" if query else "")


def look(client: Client, name: str, code: str = "", **asked: Any) -> Page:
    return page_of(client.get(address(name, code, **asked)))


def page_of(response: Any) -> Page:
    """What came; of a file, that it did."""
    return Page(response.status_code, response.content.decode(errors="replace"), response.headers.get("Location", ""))


def queries_of(client: Client, path: str) -> int:
    """How many queries a page takes when nothing is kept of it."""
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as asked:
        response = client.get(path)
    assert response.status_code < 500
    return len(asked)


def stored() -> dict[str, list[Any]]:
    """Every row of ours: what a page must leave as it is. (A file that somebody looks at is kept for them alone.)"""
    ours = [model for app in ("members", "workplan", "reporting") for model in apps.get_app_config(app).get_models()]
    ours.remove(HeldFile)
    return {model.__name__: list(model._default_manager.order_by("pk").values_list()) for model in ours}
