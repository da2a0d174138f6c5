"""All scorecards by one click: the page looks again by itself until the file is there."""

from collections.abc import Callable
from pathlib import Path
from zipfile import ZipFile

import pytest
from playwright.sync_api import Page, expect

from .accessibility import problems
from .sites import ADMINISTRATOR, PLAN, Site
from .watching import watched

pytestmark = pytest.mark.browser
A_MINUTE = 60_000


def test_all_scorecards_by_one_click(page_of: Callable[..., Page], demonstration: Site, tmp_path: Path):
    page = page_of(demonstration, ADMINISTRATOR)
    with watched(page) as seen:
        page.goto(f"{PLAN}documents/")
        page.get_by_role("button", name="Make all scorecards").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(
            "Scorecards of all Members as at 30.06.27, accepted answers"
        )
        expect(page.get_by_role("link", name="Download all (zip)")).to_be_visible(timeout=A_MINUTE)
        assert problems(page) == []
    assert seen.errors == []
    with page.expect_download() as coming:
        page.get_by_role("link", name="Download all (zip)").click()
    file = tmp_path / "all.zip"
    coming.value.save_as(file)
    with ZipFile(file) as archive:
        assert len(archive.namelist()) == 3 * 35 + 1
