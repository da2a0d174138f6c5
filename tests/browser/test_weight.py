"""What a page weighs on the wire: a count of requests and bytes, as a real site sends them."""

from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page

from .pages import FIRST_VIEWS, View
from .sites import ADMINISTRATOR, Site
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


def test_later_views(page_of: Callable[..., Page], demonstration: Site, subtests: pytest.Subtests):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto("/accounts/password/change/", wait_until="networkidle")
    page.goto(FIRST_VIEWS[1].path, wait_until="networkidle")
    for view in FIRST_VIEWS[2:]:
        with subtests.test(view.name), watched(page) as seen:
            page.goto(view.path, wait_until="networkidle")
            assert seen.transferred <= MOST_LATER
