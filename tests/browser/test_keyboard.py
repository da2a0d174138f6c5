"""Everything by keyboard: what has the focus, in which order, and that one sees it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from .conftest import DESKTOP, PHONE
from .sites import ADMINISTRATOR, BASELINE, OBSERVER, PLAN

pytestmark = pytest.mark.browser

FOCUS = """() => {
    const it = document.activeElement, box = it.getBoundingClientRect(), style = getComputedStyle(it);
    const outlined = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    const points = [0.1, 0.5, 0.9].flatMap(x => [0.2, 0.5, 0.8].map(y =>
        document.elementFromPoint(box.x + box.width * x, box.y + box.height * y)));
    return {
        what: it.tagName + " " + (it.id || it.getAttribute("href") || it.getAttribute("name") || it.textContent).trim(),
        place: [...document.querySelectorAll("*")].indexOf(it),
        marked: outlined || style.boxShadow !== "none",
        seen: points.some(found => found && (it.contains(found) || found.contains(it) && found.tagName === "A")),
    }
}"""
REACHABLE = """() => [...document.querySelectorAll("a[href], button, select, input:not([type=hidden]), summary")]
    .filter(each => each.checkVisibility()).length"""


def tabbed(page: Page, most: int = 400) -> list[dict]:
    """Everything that Tab reaches, from the top to the end of the page."""
    found: list[dict] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        focus = page.evaluate(FOCUS)
        if focus["what"].startswith("BODY") or (found and focus["place"] == found[0]["place"]):
            break
        found.append(focus)
    return found


@pytest.mark.parametrize(
    ("path", "viewport"),
    [
        ("", DESKTOP),
        ("focus-areas/2/", PHONE),
        ("kpis/1.1.2(c)/", DESKTOP),
        ("work-plan/?q=women", PHONE),
        ("register/", DESKTOP),
    ],
)
def test_tab_reaches_everything_in_order_and_one_sees_where_one_is(page_of, demonstration, path, viewport):
    page = page_of(demonstration, ADMINISTRATOR, viewport)
    page.goto(f"{PLAN}{path}")
    reached = tabbed(page)
    assert reached[0]["what"] == "A #main"
    assert [each["what"] for each in reached if not each["marked"]] == []
    assert [each["what"] for each in reached if not each["seen"]] == []
    places = [each["place"] for each in reached]
    assert places == sorted(places)
    assert len(reached) == page.evaluate(REACHABLE)


def test_the_skip_link_comes_first_and_leads_past_the_bar(page_of, demonstration):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto(PLAN)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to the content")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def tab_to(page: Page, selector: str) -> None:
    for _ in range(100):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    pytest.fail(f"Tab does not reach {selector}.")


def press_enter(page: Page) -> None:
    with page.expect_navigation():
        page.keyboard.press("Enter")


def test_from_signing_in_to_a_member_without_a_mouse(context_of: Callable[..., BrowserContext], demonstration):
    page = context_of(demonstration, None).new_page()
    page.goto(PLAN)
    tab_to(page, "[name=login]")
    page.keyboard.type(demonstration.people[ADMINISTRATOR].email)
    tab_to(page, "[name=password]")
    page.keyboard.type(demonstration.people[ADMINISTRATOR].password)
    press_enter(page)
    tab_to(page, "select[name=as-at]")
    page.keyboard.press("ArrowUp")
    tab_to(page, "select[name=basis]")
    page.keyboard.press("ArrowDown")
    tab_to(page, "form.asat button")
    press_enter(page)
    assert page.url.endswith(f"{PLAN}?as-at={BASELINE}&basis=reported")
    tab_to(page, "main a[href*='focus-areas/1/']")
    press_enter(page)
    tab_to(page, "main a[href*='kpis/1.1.1(a)/']")
    press_enter(page)
    tab_to(page, "svg a[href='#FJI']")
    page.keyboard.press("Enter")
    expect(page.locator("tr#FJI")).to_be_in_viewport()
    page.keyboard.press("Tab")
    assert "members/FJI/" in page.evaluate("document.activeElement.href")
    press_enter(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Fiji")


def test_what_is_folded_opens_by_keyboard(page_of, demonstration):
    page = page_of(demonstration, OBSERVER)
    page.goto(PLAN)
    tab_to(page, "summary")
    page.keyboard.press("Enter")
    expect(page.locator("main details").first).to_have_attribute("open", "")


def test_on_a_phone_the_bar_is_short_and_its_menu_opens_without_javascript(context_of, demonstration):
    page = context_of(demonstration, ADMINISTRATOR, viewport=PHONE, java_script_enabled=False).new_page()
    page.goto(PLAN)
    menu, nav = page.locator("details.menu summary"), page.get_by_role("navigation", name="Main")
    for each in (nav, page.get_by_role("searchbox"), page.get_by_role("button", name="Sign out")):
        expect(each).to_have_count(0)
    assert page.locator(".bar").bounding_box()["height"] <= 88
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(menu).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_visible()
    nav.get_by_role("link", name="Today").click()
    expect(page).to_have_url(re.compile("/today/$"))
    menu.click()
    expect(nav.get_by_role("link", name="Today")).to_have_attribute("aria-current", "page")
    page.set_viewport_size(DESKTOP)
    expect(menu).to_be_hidden()
    expect(nav).to_be_visible()
