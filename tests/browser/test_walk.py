"""The way from signing in to one Member's answer, as each role goes it: wide, on a phone, without JavaScript."""

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from members.choices import RoleName

from .conftest import DESKTOP, PHONE, opens_menu, sign_in
from .sites import (
    ADMINISTRATOR,
    BASELINE,
    CO_COORDINATOR,
    CONTRIBUTOR,
    INTERIM,
    OBSERVER,
    OPEN_ROUND,
    PLAN,
    Site,
)

pytestmark = pytest.mark.browser

ALL_ENTRIES = ["Today", "Overview", "Work plan", "Reporting", "Register", "Quality", "Documents"]


@pytest.fixture(params=[DESKTOP, PHONE], ids=["wide", "phone"])
def viewport(request: pytest.FixtureRequest) -> dict:
    return request.param


@pytest.fixture(params=[True, False], ids=["javascript", "no-javascript"])
def javascript(request: pytest.FixtureRequest) -> bool:
    return request.param


@dataclass(frozen=True)
class Walker:
    """Somebody who has signed in, and what stands before them."""

    page: Page

    def sees(self, heading: str) -> None:
        expect(self.page.get_by_role("heading", level=1)).to_have_text(re.compile(heading))

    def is_at(self, path: str) -> None:
        expect(self.page).to_have_url(re.compile(re.escape(path) + "$"))

    def follows(self, name: str) -> None:
        self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()

    def chooses(self, **values: str) -> None:
        """In the one control of the bar."""
        control = self.page.locator("form.asat")
        for name, value in values.items():
            control.locator(f"select[name={name.replace('_', '-')}]").select_option(value)
        control.get_by_role("button", name="Show").click()

    @property
    def entries(self) -> list[str]:
        opens_menu(self.page)
        return self.page.get_by_role("navigation", name="Main").get_by_role("link").all_text_contents()


@pytest.fixture
def walk(
    context_of: Callable[..., BrowserContext], viewport: dict, javascript: bool
) -> Callable[[Site, RoleName], Walker]:
    """Signs in as people do: sent there by the address that they asked for."""

    def begin(site: Site, role: RoleName) -> Walker:
        page = context_of(site, None, viewport=viewport, java_script_enabled=javascript).new_page()
        page.goto(PLAN)
        sign_in(page, site.people[role])
        return Walker(page)

    return begin


def test_administrator(walk, demonstration, context_of):
    walker = walk(demonstration, ADMINISTRATOR)
    walker.is_at(PLAN)
    walker.sees(r"^The region: \d+ of 87 targets reached or on track as at 30\.06\.27$")
    assert walker.entries == ALL_ENTRIES
    walker.chooses(as_at=BASELINE, basis="reported")
    look = f"?as-at={BASELINE}&basis=reported"
    walker.is_at(f"{PLAN}{look}")
    walker.sees(r"as at 30\.06\.26$")
    walker.follows("Trade Facilitation and Security")
    walker.is_at(f"{PLAN}focus-areas/1/{look}")
    walker.sees(r"^Focus Area 1: \d+ of 32 targets reached or on track as at 30\.06\.26$")
    walker.follows("1.1.1(a)")
    walker.is_at(f"{PLAN}kpis/1.1.1(a)/{look}")
    walker.sees(r"^1\.1\.1\(a\): .* as at 30\.06\.26$")
    sent, heading = walker.page.url, walker.page.get_by_role("heading", level=1).inner_text()
    walker.chooses(as_at=INTERIM)
    walker.sees(r"as at 30\.06\.27$")
    walker.follows("Fiji")
    walker.sees(r"^Fiji counts for \d+ of the \d+ KPIs")
    receiver = context_of(demonstration, ADMINISTRATOR).new_page()
    receiver.goto(sent)
    expect(receiver.get_by_role("heading", level=1)).to_have_text(heading)


def test_figures_open_down_to_each_member(page_of, demonstration):
    page = page_of(demonstration, ADMINISTRATOR)
    page.goto(f"{PLAN}kpis/1.1.1(a)/")
    expect(page.locator("svg.sq:not(.one) a")).to_have_count(35)
    square = page.locator("svg.sq a").filter(has_text="Fiji")
    expect(square).to_have_count(1)
    square.click()
    expect(page).to_have_url(re.compile("#FJI$"))
    expect(page.locator("tr#FJI")).to_be_in_viewport()
    expect(page.locator("tr#FJI")).to_contain_text("Fiji")
    for heading in ("How it is counted", "In the plan’s words", "Over the rounds", "Members, by group"):
        expect(page.get_by_role("heading", name=heading)).to_be_visible()


def test_date_that_is_provisional_says_so(walk, demonstration):
    walker = walk(demonstration, ADMINISTRATOR)
    note = walker.page.get_by_text("Provisional.")
    expect(note).to_have_count(0)
    walker.chooses(as_at=OPEN_ROUND)
    for place, heading in (
        ("", "The region"),
        ("Trade Facilitation and Security", "Focus Area 1"),
        ("1.1.1(a)", r"1\.1\.1\(a\)"),
    ):
        if place:
            walker.follows(place)
        walker.sees(rf"^{heading}: .* as at 31\.12\.27$")
        expect(note).to_be_visible()
    expect(walker.page.locator("p.note").first).to_contain_text(
        re.compile(r"\d\d\.\d\d\.\d\d, 17:00 \(Asia/Hong_Kong\)")
    )
    walker.page.get_by_role("link", name="Figures as at 30.06.27").click()
    walker.sees(r"as at 30\.06\.27$")
    expect(note).to_have_count(0)


def test_observer(walk, demonstration):
    walker = walk(demonstration, OBSERVER)
    assert walker.entries == ["Overview", "Work plan", "Documents"]
    walker.sees(r"as at 30\.06\.27$")
    expect(walker.page.locator("select[name=basis]")).to_have_count(0)
    walker.chooses(release="1")
    walker.is_at(f"{PLAN}?release=1")
    walker.sees(r"as at 30\.06\.26$")
    walker.follows("Compliance and Enforcement")
    walker.is_at(f"{PLAN}focus-areas/2/?release=1")
    walker.follows("2.1.1(c)")
    walker.is_at(f"{PLAN}kpis/2.1.1(c)/?release=1")
    walker.sees(r"as at 30\.06\.26$")
    expect(walker.page.get_by_text("Evidence and comment")).to_have_count(0)
    expect(walker.page.get_by_role("main").get_by_role("link", name="Fiji", exact=True)).to_have_count(0)
    answer = walker.page.goto(f"{PLAN}register/")
    assert answer is not None
    assert answer.status == 403


def test_co_coordinator(walk, demonstration):
    """Sees unreleased figures of the own focus area, and released ones of the others."""
    walker = walk(demonstration, CO_COORDINATOR)
    walker.sees("^Focus Area 4: ")
    walker.chooses(as_at=INTERIM, basis="reported")
    walker.follows("Resilience & Transformation")
    walker.sees(r"^Focus Area 4: .* as at 30\.06\.27$")
    expect(walker.page.get_by_role("contentinfo")).to_contain_text("reported answers")
    walker.follows("4.1.1(a)")
    walker.follows("Fiji")
    walker.sees("^Fiji counts for")
    expect(walker.page.get_by_role("main")).not_to_contain_text("Focus Area 1:")


def test_contributor(walk, demonstration):
    """Has the own Member's page, with what is not released, beside the released region."""
    walker = walk(demonstration, CONTRIBUTOR)
    walker.sees(r"^The region: .* as at 30\.06\.27$")
    assert walker.entries == ALL_ENTRIES
    walker.follows("Trade Facilitation and Security")
    walker.follows("1.1.1(a)")
    expect(walker.page.get_by_role("main").get_by_role("link", name="Australia", exact=True)).to_have_count(0)
    walker.follows("Fiji")
    walker.sees("^Fiji counts for")
    walker.chooses(as_at=BASELINE)
    walker.sees(r"as at 30\.06\.26$")
    answer = walker.page.goto(f"{PLAN}members/AUS/")
    assert answer is not None
    assert answer.status == 404


def test_the_front_door(walk, demonstration):
    """From the name of the product to what is needed of somebody; and from there to what they look for."""
    walker = walk(demonstration, CONTRIBUTOR)
    walker.page.get_by_role("link", name="RSP Tracker").click()
    walker.is_at(f"{PLAN}today/")
    walker.sees(r"^(\d+ things? needs? you|Nothing is needed of you now)$")
    opens_menu(walker.page)
    walker.page.get_by_role("searchbox", name="Search the plan").fill("1.1.1(a)")
    walker.page.get_by_role("searchbox", name="Search the plan").press("Enter")
    walker.sees(r"^“1\.1\.1\(a\)”: ")
    walker.page.get_by_role("main").get_by_role("link").first.click()
    walker.is_at(f"{PLAN}kpis/1.1.1(a)/")


def test_sign_out(context_of, demonstration):
    page = context_of(demonstration, None).new_page()
    page.goto(PLAN)
    sign_in(page, demonstration.people[OBSERVER])
    page.get_by_role("button", name="Sign out").click()
    page.goto(PLAN)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
