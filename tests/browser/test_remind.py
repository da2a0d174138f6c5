"""Those that a round waits for are reminded, without JavaScript; and a click that is repeated sends nothing."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from . import sites
from .conftest import DESKTOP, PHONE
from .sites import DEMONSTRATION, EDITOR, PLAN, Site

pytestmark = pytest.mark.browser

ROUND = f"{PLAN}rounds/demo-third/"
CONTRIBUTOR = DEMONSTRATION[sites.CONTRIBUTOR].email


@pytest.fixture
def site(folder: Path, demonstration: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demonstration, for one walk alone."""
    where = sites.copied(demonstration.folder, folder / f"remind-{request.node.callspec.id}")
    with sites.served(where) as site:
        yield site


def sent(site: Site) -> list[str]:
    return [mail for mail in site.mails if "Subject: Please send your answers" in mail and CONTRIBUTOR in mail]


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["wide", "phone"])
def test_from_the_board_to_the_mail(site: Site, viewport: dict, context_of: Callable):
    page = context_of(site, EDITOR, viewport=viewport, java_script_enabled=False).new_page()
    main = page.get_by_role("main")
    page.goto(ROUND)
    main.get_by_role("link", name="Remind 2 organisations").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("2 organisations to remind")
    expect(main.get_by_text("Nobody has an account to answer with at Afghanistan")).to_be_visible()
    main.get_by_label("Your own line").fill("Call us on Monday.")
    main.get_by_role("checkbox", name="RILO A/P").uncheck()
    main.get_by_role("button", name="Show the mails").click()
    expect(main.get_by_role("checkbox", name="RILO A/P")).not_to_be_checked()
    line = main.get_by_text("The secretariat adds: Call us on Monday.")
    expect(line.first).not_to_be_visible()
    main.get_by_text(CONTRIBUTOR).click()
    expect(line.locator("visible=true")).to_have_count(1)
    assert sent(site) == []
    main.get_by_role("button", name="Remind those that are ticked").first.click()
    expect(main.get_by_role("status")).to_contain_text("1 organisation is reminded: 2 people get a mail.")
    expect(main.get_by_text(f"{CONTRIBUTOR}: ")).to_be_visible()
    page.go_back()
    main.get_by_role("button", name="Remind those that are ticked").first.click()
    expect(main.get_by_role("status")).to_contain_text("Nothing was sent again.")
    page.reload()
    expect(main.get_by_text(f"{CONTRIBUTOR}: sent")).to_be_visible()
    assert len(sent(site)) == 1
    page.goto(f"{ROUND}reminders/")
    expect(main.get_by_role("checkbox", name="Fiji")).not_to_be_checked()
    expect(main.get_by_role("checkbox", name="RILO A/P")).to_be_checked()
