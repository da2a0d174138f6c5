"""A passkey is added and then signs in by itself, also in a browser that is not known, while somebody guesses the
password (docs/adr/0014); Chromium holds it as a telephone would. The officer of this site is
asked for it from then on, so no other test signs in as that person there."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import sign_in
from .sites import OFFICER, Site

pytestmark = pytest.mark.browser


@pytest.fixture
def page(context_of: Callable[..., BrowserContext], between: Site) -> Page:
    """With an authenticator that says yes. Passkeys belong to a name, so the site is called by one."""
    page = context_of(between, None, base_url=between.address.replace("127.0.0.1", "localhost")).new_page()
    device = page.context.new_cdp_session(page)
    device.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    always = {"isUserVerified": True, "automaticPresenceSimulation": True}
    device.send("WebAuthn.addVirtualAuthenticator", {"options": options | always})
    return page


def test_a_passkey_is_added_and_signs_in(page: Page, between: Site):
    person = between.people[OFFICER]
    page.goto("/accounts/login/")
    sign_in(page, person)
    page.goto("/accounts/second-factor/passkeys/add/")
    if page.get_by_role("heading", level=1).inner_text() == "Sign in again":
        page.get_by_label("Password", exact=True).fill(person.password)
        page.get_by_role("button", name="Go on").click()
    page.get_by_label("Name").fill("My telephone")
    page.get_by_role("button", name="Add the passkey").click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("Add a passkey")
    page.goto("/accounts/second-factor/passkeys/")
    expect(page.get_by_text("My telephone").first).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.context.clear_cookies()
    guesses_wrong(page, person.email)
    page.goto("/accounts/login/")
    page.get_by_role("button", name=re.compile("passkey")).click()
    page.get_by_role("button", name="Sign out").wait_for()


def guesses_wrong(page: Page, email: str) -> None:
    """Until the tries of strangers are used up, and the password would not do any more."""
    for _ in range(6):
        page.goto("/accounts/login/")
        page.get_by_label(re.compile("^E-?mail")).fill(email)
        page.get_by_label("Password", exact=True).fill("a wrong one")
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.get_by_role("alert").first.wait_for()
    expect(page.get_by_text(re.compile("Too many wrong tries")).first).to_be_visible()
