"""A return is filled in: drafts save themselves and say so, nothing typed is lost, also without JavaScript."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Dialog, Page, Route, expect

from members.choices import RoleName

from . import sites
from .accessibility import violations, wider_than_the_window
from .conftest import DESKTOP, PHONE, sign_in
from .sites import CONTRIBUTOR, PLAN, Site
from .watching import watched

pytestmark = pytest.mark.browser

APPROVER = RoleName.MEMBER_APPROVER
RETURN = f"{PLAN}rounds/demo-third/returns/FJI/"
SAVED = re.compile(r"^\s*Draft saved at \d\d:\d\d:\d\d \(Pacific/Fiji\)\.\s*$")
NOT_CONNECTED = "Not saved yet: no connection. It is tried again by itself."
STANDING, OTHER, THIRD, FOURTH, YES_NO, FIGURES = (
    "1.1.1(a)", "1.1.1(b)", "1.1.1(c)", "1.1.2(a)", "2.2.2(a).1", "4.2.1(a)"
)  # fmt: skip


@pytest.fixture(scope="module")
def site(folder: Path, demonstration: Site) -> Iterator[Site]:
    """A site of our own: what is entered here changes no other test's pages."""
    with sites.served(sites.copied(demonstration.folder, folder / "returning")) as site:
        yield site


@pytest.fixture
def kim(context_of: Callable[..., BrowserContext], site: Site) -> Page:
    """Who fills in for Fiji."""
    return context_of(site, CONTRIBUTOR).new_page()


@pytest.fixture
def jo(context_of: Callable[..., BrowserContext], site: Site) -> Page:
    """Who approves for Fiji."""
    return context_of(site, APPROVER).new_page()


def open_form(page: Page, code: str) -> None:
    answer = page.goto(f"{RETURN}kpis/{code}/")
    assert answer is not None
    assert answer.status == 200


def status(page: Page):
    return page.locator("#saved")


def comment(page: Page):
    return page.get_by_role("textbox", name=re.compile("^Comment"))


def problems(page: Page) -> list[str]:
    found = []
    for viewport, scheme in ((DESKTOP, "light"), (PHONE, "dark")):
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme=scheme)
        found += violations(page) + wider_than_the_window(page)
    page.set_viewport_size(DESKTOP)
    page.emulate_media(color_scheme="light")
    return found


def warnings(page: Page) -> list[str]:
    """Fills with what the browser asks before it leaves; every question is answered by leaving."""
    asked: list[str] = []

    def leave(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    page.on("dialog", leave)
    return asked


# ---------------------------------------------------------------- drafts that save themselves


def test_a_draft_saves_itself_and_says_when(kim):
    open_form(kim, STANDING)
    with watched(kim) as seen:
        kim.get_by_label("In progress").check()
        expect(status(kim)).to_have_text(SAVED)
        comment(kim).press_sequentially("Half of it.", delay=5)
        expect(status(kim)).to_have_text("Not saved yet.")
        expect(status(kim)).to_have_text(SAVED)
        expect(comment(kim)).to_be_focused()
        assert problems(kim) == []
    assert seen.errors == []
    kim.reload()
    expect(comment(kim)).to_have_value("Half of it.")
    expect(kim.get_by_label("In progress")).to_be_checked()


def test_what_is_wrong_stands_at_the_field_and_the_focus_stays(kim):
    open_form(kim, FIGURES)
    field = kim.locator("#id_y2026-value")
    at_field = kim.locator("#id_y2026-value_now")
    field.press_sequentially("many", delay=5)
    expect(at_field).to_contain_text("“many” is not a figure")
    expect(status(kim)).to_contain_text("Not saved: “many” is not a figure")
    expect(field).to_be_focused()
    expect(field).to_have_value("many")
    assert problems(kim) == []
    field.fill("1,250")
    expect(status(kim)).to_have_text(SAVED)
    expect(at_field).to_be_empty()


def test_a_line_that_is_down_loses_nothing(kim):
    open_form(kim, OTHER)
    kim.context.set_offline(True)
    comment(kim).fill("In the dark.")
    expect(status(kim)).to_have_text(NOT_CONNECTED)
    assert problems(kim) == []
    kim.context.set_offline(False)
    expect(status(kim)).to_have_text(SAVED, timeout=20_000)
    kim.reload()
    expect(comment(kim)).to_have_value("In the dark.")


def test_leaving_with_unsaved_text_warns(kim):
    asked = warnings(kim)
    open_form(kim, THIRD)
    comment(kim).press_sequentially("x")
    kim.get_by_role("link", name="Back to the task list").click()
    kim.wait_for_url(f"**{RETURN}")
    assert asked == ["beforeunload"]


def test_leaving_with_all_saved_does_not_warn(kim):
    asked = warnings(kim)
    open_form(kim, THIRD)
    comment(kim).press_sequentially("Kept.")
    expect(status(kim)).to_have_text(SAVED)
    kim.get_by_role("link", name="Back to the task list").click()
    kim.wait_for_url(f"**{RETURN}")
    open_form(kim, THIRD)
    comment(kim).press_sequentially(" And sent by a button.")
    kim.get_by_role("button", name="Save and go on").click()
    kim.wait_for_url(lambda url: THIRD not in url.replace("%28", "(").replace("%29", ")"))
    assert asked == []


class Line:
    """A slow line: what is posted waits until it is let through."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.slow = True
        self.waiting: list[Route] = []
        page.route("**/kpis/**", lambda route: self.take(route))

    def take(self, route: Route) -> None:
        if self.slow and route.request.method == "POST":
            self.waiting.append(route)
        else:
            route.continue_()

    def let_one_through(self) -> None:
        while not self.waiting:
            self.page.wait_for_timeout(50)
        self.waiting.pop(0).continue_()


TYPE_PRESS_AND_LEAVE = """() => {
  document.execCommand("insertText", false, "x");
  const named = (selector, text) => [...document.querySelectorAll(selector)].filter((e) => e.textContent === text);
  named("button", "Save draft").at(-1).click();
  setTimeout(() => {
    sessionStorage.said = document.getElementById("saved").textContent;
    named("a", "Back to the task list")[0].click();
  }, 500);
}"""
"""In the page itself, as Playwright waits for what a button began before it does anything more, and a draft would
be saved by itself meanwhile."""


def test_leaving_while_a_button_is_still_saving_warns(kim):
    """The line is slow and the person does not wait: what was typed is not saved yet."""
    asked = warnings(kim)
    open_form(kim, THIRD)
    before = comment(kim).input_value()
    line = Line(kim)
    comment(kim).focus()
    kim.evaluate(TYPE_PRESS_AND_LEAVE)
    kim.wait_for_url(f"**{RETURN}")
    assert (kim.evaluate("sessionStorage.said"), len(line.waiting)) == ("Saving.", 1)
    assert asked == ["beforeunload"]
    open_form(kim, THIRD)
    expect(comment(kim)).to_have_value(before)


def test_what_is_typed_while_a_draft_is_saved_is_not_called_saved(kim):
    open_form(kim, THIRD)
    line = Line(kim)
    comment(kim).fill("First.")
    expect(status(kim)).to_have_text("Saving.")
    comment(kim).fill("First. Second.")
    expect(status(kim)).to_have_text("Not saved yet.")
    said = "document.getElementById('saved')"
    kim.evaluate(
        f"window.said = []; new MutationObserver(() => window.said.push({said}.textContent))"
        f".observe({said}, {{childList: true, characterData: true, subtree: true}})"
    )
    line.let_one_through()
    expect(status(kim)).to_have_text("Saving.")
    assert "Draft saved" not in " ".join(kim.evaluate("window.said"))
    line.let_one_through()
    expect(status(kim)).to_have_text(SAVED)
    kim.reload()
    expect(comment(kim)).to_have_value("First. Second.")


def test_a_button_pressed_while_a_draft_is_saved_waits_for_it_and_goes_on(kim):
    asked = warnings(kim)
    open_form(kim, THIRD)
    line = Line(kim)
    comment(kim).fill("Pressed early.")
    expect(status(kim)).to_have_text("Saving.")
    kim.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(status(kim)).to_have_text("Saving.")
    line.slow = False
    line.let_one_through()
    expect(kim.locator(".note.info")).to_contain_text("Draft saved at")
    expect(comment(kim)).to_have_value("Pressed early.")
    assert asked == []


# ---------------------------------------------------------------- two people on one answer


def test_two_people_on_one_answer(kim, jo):
    open_form(kim, FOURTH)
    open_form(jo, FOURTH)
    comment(kim).fill("Kim's text.")
    expect(status(kim)).to_have_text(SAVED)
    asked = warnings(jo)
    comment(jo).fill("Jo's text.")
    expect(status(jo)).to_have_text(
        "Not saved: somebody else changed this answer. Press “Save draft” to see both texts."
    )
    jo.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(jo.get_by_role("alert")).to_contain_text("Somebody else changed an answer")
    expect(jo.get_by_role("alert")).to_be_focused()
    expect(jo.locator("main")).to_contain_text("“Kim's text.”")
    expect(comment(jo)).to_have_value("Jo's text.")
    assert problems(jo) == []
    comment(jo).press_sequentially("!")
    jo.wait_for_timeout(1500)
    kim.reload()
    expect(comment(kim)).to_have_value("Kim's text.")
    jo.get_by_role("link", name="Back to the task list").click()
    jo.wait_for_url(f"**{RETURN}")
    assert asked == ["beforeunload"]


def test_one_chooses_mine(kim, jo):
    open_form(kim, "1.1.2(b)")
    open_form(jo, "1.1.2(b)")
    comment(kim).fill("Kim's text.")
    expect(status(kim)).to_have_text(SAVED)
    comment(jo).fill("Jo's text.")
    jo.get_by_role("button", name="Save draft", exact=True).last.click()
    jo.get_by_role("button", name="Keep mine").click()
    expect(jo.get_by_text(re.compile("^Draft saved at"))).to_be_visible()
    expect(comment(jo)).to_have_value("Jo's text.")


# ---------------------------------------------------------------- signed out meanwhile


def test_the_session_ends_while_somebody_types(context_of, site):
    """With a session of its own: signing out here signs nobody else out."""
    page = context_of(site, None).new_page()
    page.goto("/accounts/login/")
    sign_in(page, site.people[CONTRIBUTOR])
    open_form(page, YES_NO)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_y2026-comment").fill("Long work.")
    expect(status(page)).to_have_text(re.compile("Not saved: you are signed out"))
    other = page.context.new_page()
    other.goto("/accounts/login/")
    sign_in(other, site.people[CONTRIBUTOR])
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.get_by_text(re.compile("^Draft saved at"))).to_be_visible()
    expect(page.locator("#id_y2026-comment")).to_have_value("Long work.")


def test_a_button_pressed_while_signed_out_shows_what_was_typed(context_of, site):
    page = context_of(site, None, java_script_enabled=False).new_page()
    page.goto("/accounts/login/")
    page.get_by_label(re.compile("^E-?mail")).fill(site.people[CONTRIBUTOR].email)
    page.get_by_label("Password", exact=True).fill(site.people[CONTRIBUTOR].password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    open_form(page, YES_NO)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_y2027-comment").fill("Long work.")
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Your text is not saved")
    expect(page.get_by_label("Comment, 2027/28")).to_have_value("Long work.")


def test_the_page_that_says_so(context_of, site):
    page = context_of(site, None).new_page()
    page.goto("/accounts/login/")
    sign_in(page, site.people[CONTRIBUTOR])
    open_form(page, YES_NO)
    page.context.clear_cookies(name="sessionid")
    page.locator("#id_y2027-comment").fill("Long work.")
    page.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page.get_by_label("Comment, 2027/28")).to_have_value("Long work.")
    assert problems(page) == []


# ---------------------------------------------------------------- without JavaScript


@pytest.fixture
def plain(context_of: Callable[..., BrowserContext], site: Site) -> Page:
    return context_of(site, CONTRIBUTOR, java_script_enabled=False).new_page()


def test_without_javascript_a_button_saves(plain):
    open_form(plain, "1.1.3-2(a)")
    comment(plain).fill("By hand.")
    plain.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(plain.get_by_text(re.compile("^Draft saved at"))).to_be_visible()
    expect(comment(plain)).to_have_value("By hand.")


def test_enter_in_a_field_saves_the_draft_and_repeats_nothing(plain):
    """Enter presses the first button of a form, which must not be one that says something else."""
    open_form(plain, OTHER)
    expect(plain.get_by_role("button", name=re.compile("^Unchanged"))).to_be_visible()
    plain.get_by_label("Link to evidence").fill("https://example.org/enter")
    plain.keyboard.press("Enter")
    expect(plain.get_by_text(re.compile("^Draft saved at"))).to_be_visible()
    expect(plain.get_by_label("Link to evidence")).to_have_value("https://example.org/enter")


def test_without_javascript_nonsense_is_refused_and_stays(kim):
    """The answer to the button; axe needs a browser that runs it."""
    open_form(kim, FIGURES)
    kim.locator("#id_y2027-value").fill("many")
    kim.get_by_role("button", name="Save draft", exact=True).last.click()
    expect(kim).to_have_title(re.compile("^Error: "))
    summary = kim.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link").first.click()
    expect(kim.locator("#id_y2027-value")).to_be_focused()
    expect(kim.locator("#id_y2027-value")).to_have_value("many")
    assert problems(kim) == []


def test_unchanged_is_one_click(plain):
    open_form(plain, OTHER)
    plain.get_by_role("button", name=re.compile("^Unchanged")).first.click()
    expect(plain.get_by_text(re.compile("^Unchanged since last time, attested by Kim Stone on"))).to_be_visible()


# ---------------------------------------------------------------- before it is sent


def test_from_what_is_wrong_to_where_it_is_mended(kim):
    open_form(kim, "1.1.3-5(a)")
    kim.get_by_label("Not applicable").check()
    expect(status(kim)).to_have_text(SAVED)
    kim.goto(f"{RETURN}check/")
    expect(kim).to_have_title(re.compile("^Error: "))
    expect(kim.get_by_role("alert")).to_be_focused()
    assert problems(kim) == []
    kim.get_by_role("link", name=re.compile("^To correct")).click()
    expect(kim.locator("tbody tr", has_text="Say in the comment why this does not apply.")).to_have_count(1)
    assert problems(kim) == []
    kim.get_by_role("link", name="1.1.3-5(a): Say in the comment why this does not apply.").click()
    kim.wait_for_load_state()  # what is typed before the script runs is saved with the next letter only
    comment(kim).fill("We have no such goods.")
    expect(status(kim)).to_have_text(SAVED)
    kim.goto(f"{RETURN}check/?show=faults")
    expect(kim.locator("main")).not_to_contain_text("1.1.3-5(a)")


# ---------------------------------------------------------------- how it looks


@pytest.mark.parametrize("path", ["", *(f"kpis/{code}/" for code in (STANDING, YES_NO, FIGURES, "4.2.1(f)"))])
def test_the_pages(kim, path, site):
    with watched(kim) as seen:
        kim.goto(RETURN + path)
        expect(kim.get_by_role("heading", level=1)).to_have_count(1)
        assert problems(kim) == []
    assert seen.errors == []
    assert seen.from_elsewhere(site.address) == []


def test_by_keyboard_alone(kim):
    open_form(kim, STANDING)
    kim.get_by_label("Planned", exact=False).first.focus()
    kim.keyboard.press("Space")
    expect(status(kim)).to_have_text(SAVED)
    for _ in range(10):
        kim.keyboard.press("Tab")
        if kim.evaluate("document.activeElement.textContent") == "Save and go on":
            break
    with kim.expect_navigation():
        kim.keyboard.press("Enter")
    expect(kim.get_by_role("status").first).to_contain_text(f"{STANDING}: draft saved.")
