"""The first page: what is needed of the reader."""

from django.http import HttpRequest

from reporting.looking import Look
from reporting.today import today_of

from .base import Content, page


@page("plan.view_published", "today.html", figures=False)
def today(request: HttpRequest, look: Look) -> Content:
    """What waits for this person, by their roles; read at each look, and kept for nobody."""
    found = today_of(look)
    return {"title": found.title, "today": found}
