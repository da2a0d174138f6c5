"""Evidence on a phone, and without JavaScript: a file is refused, another one added, downloaded and removed."""

import re

import pytest
from playwright.sync_api import expect

from tests.reporting.uploads import GOOD, office

from .sites import ADMINISTRATOR, PLAN

pytestmark = pytest.mark.browser


def test_a_file_is_added_opened_and_a_link_too(site, window, context_of, is_right):
    page = context_of(site, ADMINISTRATOR, **window).new_page()
    page.goto(f"{PLAN}register/activities/1/")
    expect(page.get_by_role("main")).to_contain_text("Nothing shows it yet.")
    page.get_by_role("link", name="Add a file or a link").click()
    is_right(page, "^Add evidence")
    macros = office("docx", **{"word/vbaProject.bin": b"x"})
    page.get_by_label("What it is").fill("Report of the meeting, signed by all who took part in it")
    page.get_by_label("A file").set_input_files({"name": "Report.docx", "mimeType": "", "buffer": macros})
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("alert").first).to_contain_text("This file has macros")
    is_right(page, "^Add evidence")
    page.get_by_label("A file").set_input_files({"name": "Report.docx", "mimeType": "", "buffer": GOOD["docx"]})
    page.get_by_role("button", name="Add").click()
    page.get_by_role("link", name="Add a file or a link").click()
    page.get_by_label("Or a link").fill("https://example.org/" + "a-very-long-address-of-a-report/" * 6)
    page.get_by_role("button", name="Add").click()
    is_right(page, ".")
    with page.expect_download() as download:
        page.get_by_role("link", name=re.compile("^Report of the meeting")).click()
    assert download.value.suggested_filename == "Report.docx"
    assert download.value.path().read_bytes() == GOOD["docx"]
    [kept] = (site.folder / "evidence" / "evidence").iterdir()
    assert "eport" not in kept.name
    assert kept.stat().st_mode & 0o777 == 0o600
