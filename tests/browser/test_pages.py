"""Every page in every state: axe finds nothing, in light and dark, wide and on a phone; nothing scrolls sideways; the
console is silent; nothing is fetched from elsewhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .accessibility import problems
from .pages import VIEWS, View
from .sites import ADMINISTRATOR, OFFICER, PLAN, Site
from .watching import watched

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_page(view: View, page_of: Callable[..., Page], request: pytest.FixtureRequest):
    site: Site = request.getfixturevalue(view.site)
    page = page_of(site, view.role)
    with watched(page, expected_status=view.status) as seen:
        answer = page.goto(view.path, wait_until="load")
        assert answer is not None
        assert answer.status == view.status
        expect(page.get_by_role("heading", level=1)).to_have_count(1)
        assert problems(page) == []
    assert seen.errors == []
    assert seen.from_elsewhere(site.address) == []


@pytest.fixture
def stranger(context_of: Callable[..., BrowserContext], demonstration: Site) -> Page:
    return context_of(demonstration, None).new_page()


def says_its_errors(page: Page, *texts: str) -> None:
    """The title begins with it, the summary is on top and has the focus, and each line leads to its field."""
    expect(page).to_have_title(re.compile("^Error: "))
    summary = page.get_by_role("alert").filter(has_text="There is a problem")
    expect(summary).to_be_focused()
    for text in texts:
        expect(summary).to_contain_text(text)
    for link in summary.get_by_role("link").all():
        link.click()
        assert page.evaluate("location.hash.slice(1) === document.activeElement.id")
    assert problems(page) == []


def test_sign_in_without_anything(stranger):
    stranger.goto("/accounts/login/")
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    says_its_errors(stranger)


def test_sign_in_with_a_wrong_password(stranger):
    stranger.goto("/accounts/login/")
    stranger.get_by_label(re.compile("^E-?mail")).fill("nobody@demo.example")
    stranger.get_by_label("Password", exact=True).fill("wrong-password-here")
    stranger.get_by_role("button", name="Sign in", exact=True).click()
    says_its_errors(stranger)


def test_forgotten_password(stranger, empty):
    """From the address to the new password; on a site where no other test signs in as the officer."""
    stranger.goto(f"{empty.address}/accounts/password/reset/")
    stranger.get_by_role("button").last.click()
    says_its_errors(stranger)
    stranger.get_by_label(re.compile("^E-?mail")).fill(empty.people[OFFICER].email)
    stranger.get_by_role("button").last.click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Look in your mail")
    link = re.search(rf"{empty.address}/\S+", empty.mails[-1])
    assert link
    stranger.goto(link[0])
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Set a new password")
    assert problems(stranger) == []
    stranger.get_by_role("button").last.click()
    says_its_errors(stranger)
    for field in stranger.locator("input[type=password]").all():
        field.fill("a-new-one-to-remember")
    stranger.get_by_role("button").last.click()
    expect(stranger.get_by_role("heading", level=1)).to_have_text("Your password is set")


def test_change_of_password_with_errors(page_of, demonstration):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto("/accounts/password/change/")
    page.get_by_role("button", name="Change the password").click()
    says_its_errors(page)


def test_the_rest_of_what_moved_opens(page_of, demonstration):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto(PLAN)
    page.locator("main summary").first.click()
    assert problems(page) == []


def test_the_strategic_summaries_open(page_of, demonstration):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto(f"{PLAN}work-plan/")
    for summary in page.locator("main summary").all():
        summary.click()
    assert problems(page) == []
