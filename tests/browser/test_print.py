"""On A4 paper: the address and the date stand on it, header rows repeat, and what only a screen needs is left out."""

import re

import pytest
from playwright.sync_api import Page, expect

from .sites import ADMINISTRATOR, PLAN

pytestmark = pytest.mark.browser

A4_LANDSCAPE = (842, 595)
INNER_WIDTH = 1032
"""A4 across, without the margins, in CSS pixels."""


@pytest.fixture(params=["", "focus-areas/1/", "kpis/1.1.1(a)/", "members/FJI/"])
def paper(request: pytest.FixtureRequest, page_of, demonstration) -> Page:
    page = page_of(demonstration, ADMINISTRATOR, {"width": INNER_WIDTH, "height": 700})
    page.goto(f"{PLAN}{request.param}?as-at=2027-06-30")
    page.emulate_media(media="print")
    return page


def test_address_and_date_stand_on_it(paper):
    foot = paper.get_by_role("contentinfo").locator(".print")
    expect(foot).to_be_visible()
    expect(foot).to_contain_text(paper.url)
    expect(foot).to_contain_text(re.compile(r"\d\d\.\d\d\.\d\d, \d\d:\d\d"))
    expect(paper.get_by_role("banner")).to_contain_text("Demonstration data: invented")


def test_what_is_for_the_screen_is_left_out(paper):
    for left_out in (".skip", "form.asat", ".who", "nav[aria-label='Main']", ".pg"):
        for each in paper.locator(left_out).all():
            expect(each).to_be_hidden()


def test_header_rows_repeat_and_nothing_is_cut_off(paper):
    heads = paper.locator("thead").evaluate_all("all => all.map(each => getComputedStyle(each).display)")
    assert set(heads) <= {"table-header-group"}
    assert paper.evaluate("document.documentElement.scrollWidth") <= INNER_WIDTH
    frames = paper.locator(".tw").evaluate_all("all => all.filter(each => each.scrollWidth > each.clientWidth).length")
    assert frames == 0


def test_it_is_a4(paper):
    sheets = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", paper.pdf(prefer_css_page_size=True))
    assert {(round(float(width)), round(float(height))) for width, height in sheets} == {A4_LANDSCAPE}
