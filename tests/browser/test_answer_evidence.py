"""What shows an answer, on a phone and without JavaScript: what was typed is saved on the way to the file."""

import re

import pytest
from playwright.sync_api import expect

from tests.reporting.uploads import GOOD

from .sites import CONTRIBUTOR, PLAN

pytestmark = pytest.mark.browser


def test_an_answer_is_shown_and_nothing_typed_is_lost(site, window, context_of, is_right):
    """The button saves what was typed at once, before it leads to the file: the draft need not have saved itself."""
    page = context_of(site, CONTRIBUTOR, **window).new_page()
    page.goto(f"{PLAN}rounds/demo-third/returns/FJI/kpis/4.2.1(f)/")
    year = page.get_by_role("region", name="Plan year 2026/27")
    year.get_by_role("textbox", name="Figure", exact=True).fill("120")
    year.get_by_text("Where the figure comes from, and how it is counted").click()
    year.get_by_label("Where the figure comes from").fill("The register of the customs administration")
    year.get_by_role("button", name="Save, and add a file or a link").click()
    is_right(page, "^Add evidence: 4.2.1")
    page.get_by_label("A file").set_input_files({"name": "List.pdf", "mimeType": "", "buffer": GOOD["pdf"]})
    page.get_by_label("What it is").fill("List of all businesses, signed by the head of the programme for this year")
    page.get_by_role("button", name="Add").click()
    is_right(page, "4.2.1")
    expect(year.get_by_role("textbox", name="Figure", exact=True)).to_have_value("120")
    expect(year.get_by_label("Where the figure comes from")).to_have_value("The register of the customs administration")
    with page.expect_download() as download:
        year.get_by_role("link", name=re.compile("^List of all businesses")).click()
    assert download.value.path().read_bytes() == GOOD["pdf"]
    year.get_by_role("button", name="Remove").click()
    is_right(page, "^Remove List of all")
