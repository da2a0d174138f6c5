"""A page of answers is decided: with the keyboard alone, and without JavaScript; what came by e-mail is entered and
confirmed. axe finds nothing on the way."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from members.choices import RoleName

from . import sites
from .conftest import DESKTOP, PHONE
from .sites import CO_COORDINATOR, EDITOR, PLAN, Site
from .test_pages import problems
from .watching import watched

pytestmark = pytest.mark.browser

ROUND = f"{PLAN}rounds/demo-third/"
KPI = "4.1.1(a)"
LIST = f"{ROUND}review/kpis/{KPI}/"
MEMBERS = ("AUS", "BGD", "BTN", "CHN", "JPN", "KOR", "NPL")


@pytest.fixture(scope="module")
def where(folder: Path, demonstration: Site) -> Path:
    """A round that is open, in which seven Members have sent an answer."""
    made = sites.copied(demonstration.folder, folder / "reviewing")
    lines = [f"{member},{KPI},in_place,We finished in May." for member in MEMBERS]
    (made / "sent.csv").write_text("\n".join(["organisation,kpi,standing,comment", *lines]), encoding="utf-8")
    sites.manage(made, "import_answers", str(made / "sent.csv"), "--round=demo-third")
    return made


@pytest.fixture
def site(where: Path, request: pytest.FixtureRequest) -> Iterator[Site]:
    """For one test alone."""
    own = where.parent / f"reviewing-{request.node.name}"
    shutil.rmtree(own, ignore_errors=True)
    with sites.served(sites.copied(where, own)) as site:
        yield site


def row(page: Page, code: str):
    return page.locator("#list tbody tr").filter(has=page.locator("th", has_text=re.compile(f"^{code}")))


def in_order(page: Page) -> list[tuple[str, str]]:
    """Code and name of the Members, from the top of the list."""
    heads = page.locator("#list tbody th").all()
    return [(head.inner_text().split()[0], head.locator("small").first.inner_text()) for head in heads]


def is_at(page: Page, code: str) -> None:
    expect(row(page, code)).to_be_focused()
    expect(row(page, code)).to_be_in_viewport()


def says(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_have_count(1)


def press(page: Page, key: str) -> None:
    """A key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def into_the_list(page: Page) -> None:
    """By the second link of the page, past everything above the list."""
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Go to the answers")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")


def test_a_page_of_answers_is_decided_with_the_keyboard_alone(site: Site, context_of: Callable[..., BrowserContext]):
    page = context_of(site, EDITOR).new_page()
    with watched(page) as seen:
        page.goto(LIST)
        expect(page.get_by_role("heading", level=1)).to_contain_text("7 of 7 answers to decide on")
        expect(page.get_by_text("Keys in the list")).to_be_visible()
        assert problems(page) == []
        page.set_viewport_size(DESKTOP)
        page.goto(LIST)
        (one, name), (two, second), (three, _), *rest = in_order(page)
        into_the_list(page)
        is_at(page, one)
        for key, code in (("j", two), ("ArrowDown", three), ("k", two), ("ArrowUp", one), ("k", one)):
            page.keyboard.press(key)
            is_at(page, code)
        press(page, "a")
        says(page, f"1 answer accepted: {name} on {KPI}. It counts from now on.")
        is_at(page, two)
        page.keyboard.press("k")
        page.keyboard.press("a")
        says(page, "Nothing to accept here")
        page.keyboard.press("j")
        expect(page.get_by_text("Nothing to accept here")).to_have_count(0)
        is_at(page, two)

        page.keyboard.press("r")
        expect(row(page, two).get_by_label("What should be corrected, and why")).to_be_focused()
        page.keyboard.type("a jar: ask Jack?")
        assert problems(page) == []
        page.set_viewport_size(DESKTOP)
        page.keyboard.press("Escape")
        is_at(page, two)
        page.keyboard.press("r")
        page.keyboard.press("Tab")
        page.keyboard.press("Tab")
        expect(row(page, two).get_by_role("button", name="Return the answer")).to_be_focused()
        press(page, "Enter")
        says(page, f"The answer of {second} to {KPI} is returned.")
        expect(row(page, two)).to_contain_text("a jar: ask Jack?")
        is_at(page, three)

        page.keyboard.press("c")
        expect(row(page, three).get_by_label("Your comment")).to_be_focused()
        page.keyboard.type("Which law?")
        page.keyboard.press("Tab")
        page.keyboard.press("Space")
        page.keyboard.press("Tab")
        press(page, "Enter")
        says(page, "Comment kept.")
        is_at(page, three)
        expect(row(page, three)).to_contain_text("1 comment")
        for code, _ in rest:
            press(page, "a")
            is_at(page, code)
        press(page, "a")
        says(page, "1 answer accepted")
    assert seen.errors == []
    page.goto(LIST)
    expect(page.get_by_role("heading", level=1)).to_contain_text("0 of 7 answers to decide on")


def test_the_keys_decide_nothing_but_the_answer_that_has_the_focus(
    site: Site, context_of: Callable[..., BrowserContext]
):
    """Not from outside of the list, with another key held down, or where there is nothing to accept."""
    page = context_of(site, EDITOR).new_page()
    page.goto(LIST)
    for key in ("a", "r", "c"):
        page.keyboard.press(key)
    expect(page.locator("#list details[open]")).to_have_count(0)
    into_the_list(page)
    for key in ("Control+a", "Alt+a", "Meta+a", "Alt+r", "Control+j"):
        page.keyboard.press(key)
        is_at(page, in_order(page)[0][0])
    expect(page.locator("#list details[open]")).to_have_count(0)
    page.get_by_role("link", name="Not decided yet").focus()
    for key in ("a", "j", "?"):
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="Not decided yet")).to_be_focused()
    page.goto(LIST)
    expect(page.get_by_role("heading", level=1)).to_contain_text("7 of 7 answers to decide on")


def test_a_key_leads_into_the_list_and_its_help_gives_the_focus_back(
    site: Site, context_of: Callable[..., BrowserContext]
):
    page = context_of(site, EDITOR).new_page()
    page.goto(LIST)
    (one, _), (two, _), *_ = in_order(page)
    keys, summary = page.locator("#keys"), page.locator("#keys summary")
    page.keyboard.press("j")
    is_at(page, one)
    page.keyboard.press("j")
    for closes in ("?", "Escape"):
        page.keyboard.press("?")
        expect(keys).to_have_attribute("open", "")
        expect(summary).to_be_focused()
        page.keyboard.press("a")
        page.keyboard.press(closes)
        expect(keys).not_to_have_attribute("open", "")
        is_at(page, two)
    page.keyboard.press("?")
    page.keyboard.press("k")
    is_at(page, two)
    expect(page.get_by_role("heading", level=1)).to_contain_text("7 of 7 answers to decide on")


def test_the_ring_of_an_answer_is_whole_below_the_head_that_stays(
    site: Site, context_of: Callable[..., BrowserContext]
):
    """Down the list and up again, where there is room for few rows."""
    page = context_of(site, EDITOR).new_page()
    page.set_viewport_size({"width": 1280, "height": 420})
    page.goto(LIST)
    for key in "jjjjjjjkkkkkk":
        page.keyboard.press(key)
        top, head, ring = page.evaluate(
            """() => {
                const row = document.activeElement, head = document.querySelector("#list thead th");
                const ring = getComputedStyle(row.cells[0]).boxShadow;
                return [row.getBoundingClientRect().top, head.getBoundingClientRect().bottom, ring];
            }"""
        )
        assert (key, top >= head, ring != "none") == (key, True, True)


def test_the_keys_can_be_turned_off_and_stay_so(site: Site, context_of: Callable[..., BrowserContext]):
    """As WCAG 2.1.4 asks of single letters; the arrows are none."""
    page = context_of(site, EDITOR).new_page()
    page.goto(LIST)
    (one, _), (two, _), *_ = in_order(page)
    page.locator("#keys summary").click()
    assert problems(page) == []
    page.set_viewport_size(DESKTOP)
    page.get_by_role("button", name="Turn the keys off").click()
    for _ in range(2):
        expect(page.get_by_text("The keys of the list are off")).to_be_visible()
        page.keyboard.press("j")
        expect(page.locator("#list tbody tr:focus")).to_have_count(0)
        page.locator("#list tbody tr").first.focus()
        for key in ("a", "j", "c", "?"):
            page.keyboard.press(key)
            is_at(page, one)
        page.keyboard.press("ArrowDown")
        is_at(page, two)
        page.goto(LIST)
    page.locator("#keys summary").click()
    page.get_by_role("button", name="Turn the keys on").click()
    page.locator("#list tbody tr").first.focus()
    page.keyboard.press("j")
    is_at(page, two)


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_same_is_done_without_javascript(site: Site, context_of: Callable[..., BrowserContext], viewport):
    page = context_of(site, EDITOR, java_script_enabled=False, viewport=viewport).new_page()
    page.goto(LIST)
    expect(page.get_by_text("Keys in the list")).to_be_hidden()
    row(page, "AUS").get_by_role("button", name="Accept").click()
    says(page, "1 answer accepted: Australia")
    back = row(page, "BGD").locator("details.back")
    back.locator("summary").click()
    back.get_by_label("What should be corrected, and why").fill("Which law?")
    back.get_by_role("button", name="Return the answer").click()
    says(page, f"The answer of Bangladesh to {KPI} is returned.")
    talk = row(page, "BTN").locator("details.comments")
    talk.locator("summary").click()
    talk.get_by_label("Your comment").fill("Between us.")
    talk.get_by_role("button", name="Write the comment").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose who reads it.")
    expect(page.get_by_label("Your comment")).to_have_value("Between us.")
    page.get_by_label("Only inside the secretariat").check()
    page.get_by_role("button", name="Write the comment").click()
    says(page, "Comment kept. Only the secretariat reads it.")
    page.get_by_role("button", name="without a mark").click()
    says(page, "accepted")


def test_a_co_coordinator_reads_and_comments_with_the_keyboard(site: Site, context_of: Callable[..., BrowserContext]):
    page = context_of(site, CO_COORDINATOR).new_page()
    page.goto(f"{ROUND}review/")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your focus area: 0 of 7 answers decided on")
    assert problems(page) == []
    page.set_viewport_size(DESKTOP)
    page.goto(LIST)
    into_the_list(page)
    for key in ("a", "r"):
        page.keyboard.press(key)
        is_at(page, in_order(page)[0][0])
    page.keyboard.press("c")
    page.keyboard.type("Well done.")
    page.keyboard.press("Tab")
    press(page, "Enter")
    says(page, "Comment kept.")
    is_at(page, in_order(page)[0][0])
    assert problems(page) == []


def test_what_came_by_e_mail_is_entered_and_confirmed(site: Site, context_of: Callable[..., BrowserContext]):
    page = context_of(site, EDITOR, java_script_enabled=False).new_page()
    page.goto(f"{ROUND}review/FJI/on-behalf/")
    page.get_by_role("button", name="Upload, then enter").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose the file that came.")
    file = {"name": "Answers.eml", "mimeType": "message/rfc822", "buffer": b"From: J. Rabuka\n\nIn place.\n"}
    page.get_by_label("The original").set_input_files(file)
    page.get_by_label("From whom").fill("J. Rabuka")
    page.get_by_label("Received on").fill("01.07.26")
    page.get_by_role("button", name="Upload, then enter").click()
    says(page, "Answers.eml is stored.")
    page.locator("tr", has_text=KPI).get_by_role("link", name="Enter").click()
    page.get_by_label("In place", exact=False).first.check()
    page.get_by_role("button", name="Enter", exact=True).click()
    says(page, f"{KPI}: 1 answer entered on behalf of Fiji.")
    jo = context_of(site, RoleName.MEMBER_APPROVER).new_page()
    jo.goto(f"{ROUND}returns/FJI/")
    jo.get_by_role("link", name="Please confirm it").click()
    assert problems(jo) == []
    jo.get_by_text("This is not what we said").click()
    assert problems(jo) == []
    with jo.expect_download() as stored:
        jo.get_by_role("link", name="The original").click()
    assert stored.value.suggested_filename == "Answers.eml"
    jo.get_by_label("This is right").check()
    jo.get_by_role("button", name="Confirm what is ticked").click()
    says(jo, "1 answer is confirmed.")
