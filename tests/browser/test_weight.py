"""What a page weighs on the wire: a count of requests and bytes, as a real site sends them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext

from .pages import FIRST_VIEWS, View
from .sites import Site
from .watching import watched

pytestmark = pytest.mark.browser

MOST_REQUESTS, MOST_AT_FIRST, MOST_LATER = 6, 60_000, 15_000


@pytest.mark.parametrize("view", FIRST_VIEWS, ids=str)
def test_first_view(view: View, context_of: Callable[..., BrowserContext], demonstration: Site):
    page = context_of(demonstration, view.role).new_page()
    with watched(page) as seen:
        answer = page.goto(view.path, wait_until="networkidle")
    assert answer is not None
    assert answer.status == view.status  # else the page that says so would be weighed
    assert len(seen.requests) <= MOST_REQUESTS, seen.requests
    assert seen.transferred <= MOST_AT_FIRST


@pytest.mark.parametrize("role", sorted({view.role for view in FIRST_VIEWS if view.role}))
def test_later_views(
    role: str, context_of: Callable[..., BrowserContext], demonstration: Site, subtests: pytest.Subtests
):
    """Each page once more: style and script are there."""
    page = context_of(demonstration, role).new_page()
    for view in (each for each in FIRST_VIEWS if each.role == role):
        page.goto(view.path, wait_until="networkidle")
        with subtests.test(view.name), watched(page, expected_status=view.status) as seen:
            answer = page.goto(view.path, wait_until="networkidle")
            assert answer is not None
            assert answer.status == view.status
            assert seen.transferred <= MOST_LATER
