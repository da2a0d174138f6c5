"""The whole way: invited, filled in, sent, one answer accepted and one returned, corrected and accepted, released, and
what the Member then sees; once without JavaScript, once on a phone. axe finds nothing on any page in any state."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from . import sites
from .conftest import is_signed_in, sign_in
from .sites import ADMINISTRATOR, OPEN_ROUND, PLAN, Site
from .walking import follow, press, signs_in_again

pytestmark = pytest.mark.browser

ROUND = f"{PLAN}rounds/demo-third/"
PASSWORD = "many-small-blue-boats"
FIRST, SECOND = "1.1.1(a)", "1.1.1(b)"
PEOPLE = {
    "contributor": ("New Contributor", "new.contributor@example.org"),
    "approver": ("New Approver", "new.approver@example.org"),
}
"""Invited by the administrator, for Tonga."""
FIRST_PAGE = r"^\d+ things? needs? you$"
ROLES = {"contributor": "Member contributor", "approver": "Member approver"}


def invited(site: Site, admin: Page, who: str, is_right: Callable[[Page, str], None]) -> str:
    """The administrator invites somebody; the link of the mail."""
    name, email = PEOPLE[who]
    admin.goto("/people/invite/")
    if admin.get_by_role("heading", level=1).inner_text() == "Sign in again":
        signs_in_again(admin, is_right)
    admin.get_by_label("E-mail address").fill(email)
    admin.get_by_label("Name").fill(name)
    admin.get_by_label("Organisation").select_option(label="Tonga")
    role = admin.get_by_label("Role").locator("option", has_text=re.compile(f"^{ROLES[who]}")).get_attribute("value")
    admin.get_by_label("Role").select_option(role)
    is_right(admin, "Invite")
    admin.get_by_role("main").get_by_role("button").last.click()
    expect(admin.get_by_text(email).first).to_be_visible()
    is_right(admin, "^People: ")
    mail = next(text for text in reversed(site.mails) if email in text)
    link = re.search(r"http://\S+/invitation/\S+", mail)
    assert link
    return "/" + link[0].split("/", 3)[3]


def joins(page: Page, link: str, is_right: Callable[[Page, str], None]) -> None:
    page.goto(link)
    is_right(page, "Accept the invitation")
    press(page, "Make the account")
    expect(page).to_have_title(re.compile("^Error: "))
    is_right(page, "Accept the invitation")
    page.get_by_label("Name").fill("Somebody New")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_label("Password again").fill(PASSWORD)
    press(page, "Make the account")
    is_signed_in(page)
    is_right(page, FIRST_PAGE)


def fills_in(page: Page, code: str, answer: str, comment: str, is_right: Callable[[Page, str], None]) -> None:
    page.goto(f"{ROUND}returns/TON/kpis/{code}/")
    page.get_by_label(answer, exact=False).first.check()
    page.get_by_label(re.compile("^Comment")).first.fill(comment)
    is_right(page, re.escape(code))
    press(page, "Save draft")
    expect(page.get_by_text(re.compile(r"^Draft saved at")).first).to_be_visible()
    is_right(page, re.escape(code))


def test_from_the_invitation_to_what_the_member_sees(
    site: Site, window: dict, context_of: Callable, is_right: Callable[[Page, str], None]
):
    def somebody() -> Page:
        return context_of(site, None, **window).new_page()

    admin, editor, contributor, approver = somebody(), somebody(), somebody(), somebody()
    for page, role in ((admin, ADMINISTRATOR), (editor, sites.EDITOR)):
        page.goto("/accounts/login/")
        is_right(page, "^Sign in$")
        sign_in(page, site.people[role])
        is_right(page, FIRST_PAGE)
    joins(contributor, invited(site, admin, "contributor", is_right), is_right)
    joins(approver, invited(site, admin, "approver", is_right), is_right)

    contributor.goto(f"{PLAN}rounds/")
    is_right(contributor, "is open")
    follow(contributor, "Tonga")
    is_right(contributor, "^Tonga: 0 of 121 answers filled in")
    fills_in(contributor, FIRST, "Planned", "The law is being written.", is_right)
    fills_in(contributor, SECOND, "In place", "In use since May.", is_right)
    contributor.goto(f"{ROUND}returns/TON/check/")
    is_right(contributor, "^Check your answers")
    press(contributor, "Send to the approver")
    is_right(contributor, "^Tonga: 2 of 121 answers filled in")

    approver.goto(f"{ROUND}returns/TON/check/")
    is_right(approver, "^Check your answers")
    press(approver, "Send to the secretariat")
    is_right(approver, "^Receipt DEMO-THIRD-TON-1$")

    editor.goto(f"{ROUND}review/")
    is_right(editor, "^2 answers to decide on")
    follow(editor, "Tonga")
    is_right(editor, "^Tonga: 2 of 2 answers to decide on")
    editor.get_by_role("button", name=f"Accept {SECOND} of Tonga").click()
    is_right(editor, "^Tonga: 1 of 2 answers to decide on")
    editor.locator("details.back summary").first.click()
    editor.get_by_role("link", name="Return with another day").first.click()
    is_right(editor, "^Return the answer of Tonga")
    press(editor, "Return the answer")
    expect(editor).to_have_title(re.compile("^Error: "))
    is_right(editor, "^Return the answer of Tonga")
    editor.get_by_label(re.compile("^What should be corrected")).fill("Which law?")
    press(editor, "Return the answer")
    is_right(editor, "^Tonga: 0 of 2 answers to decide on")
    assert any("Which law?" in mail and "new.contributor@example.org" in mail for mail in site.mails)

    contributor.goto(f"{ROUND}returns/TON/")
    expect(contributor.get_by_text("Which law?").first).to_be_visible()
    is_right(contributor, "^Tonga: ")
    fills_in(contributor, FIRST, "In place", "The Customs Act 2026, in force since May.", is_right)
    contributor.goto(f"{ROUND}returns/TON/versions/{FIRST}/")
    is_right(contributor, "all versions")
    approver.goto(f"{ROUND}returns/TON/check/")
    is_right(approver, "^Check your answers")
    press(approver, "Send to the secretariat")
    is_right(approver, "^Receipt DEMO-THIRD-TON-2$")
    editor.goto(f"{ROUND}review/kpis/{FIRST}/")
    is_right(editor, re.escape(FIRST))
    editor.get_by_role("button", name=f"Accept {FIRST} of Tonga").click()
    is_right(editor, re.escape(FIRST))
    assert any("What you sent is accepted" in mail for mail in site.mails)

    admin.goto(ROUND)
    is_right(admin, "have sent")
    follow(admin, "Close the round")
    if admin.get_by_role("heading", level=1).inner_text() == "Sign in again":
        signs_in_again(admin, is_right)
    is_right(admin, "^Close ")
    press(admin, "Close the round")
    is_right(admin, "have sent")
    admin.goto(f"{PLAN}documents/release/?as-at={OPEN_ROUND}")
    is_right(admin, r"^Release the figures as at 31\.12\.27$")
    admin.get_by_label("Title").fill("Third round")
    press(admin, "Release")
    expect(admin.get_by_text("Release 3 stands.")).to_be_visible()
    is_right(admin, r"as at 31\.12\.27$")

    contributor.goto(f"{PLAN}kpis/{FIRST}/?release=3")
    is_right(contributor, rf"{re.escape(FIRST)}: .* as at 31\.12\.27$")
    row = contributor.locator("tr#TON")
    expect(row).to_contain_text("In place")
    contributor.goto(f"{PLAN}members/TON/?as-at={OPEN_ROUND}")
    is_right(contributor, "^Tonga counts for")
