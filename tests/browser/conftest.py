"""Chromium as Debian ships it, three sites, and people who are signed in there."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from reporting.demonstration import PASSWORD, Account

from . import sites
from .sites import Site

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 375, "height": 812}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> Iterator[dict]:
    """Without Chromium the tests fail; they are never skipped."""
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if not chromium or not Path(chromium).exists():
        pytest.fail("These tests need Chromium: apt-get install chromium, or name the program in CHROMIUM.")
    # Playwright keeps an event loop in this thread, which Django takes for asynchronous code. Nothing here asks the
    # database from within it; the other tests that this process may run later do so outside of it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield {**browser_type_launch_args, "executable_path": chromium, "args": list(FLAGS)}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="session")
def demonstration(folder: Path) -> Iterator[Site]:
    with sites.served(sites.set_up_demonstration(folder / "demonstration")) as site:
        yield site


@pytest.fixture(scope="session")
def collecting(folder: Path, demonstration: Site) -> Iterator[Site]:
    with sites.served(sites.set_up_collecting(demonstration.folder, folder / "collecting")) as site:
        yield site


@pytest.fixture(scope="session")
def empty(folder: Path) -> Iterator[Site]:
    with sites.served(sites.set_up_empty(folder / "empty")) as site:
        yield site


def sign_in(page: Page, account: Account) -> None:
    """On the sign-in page."""
    page.get_by_label(re.compile("^E-?mail")).fill(account.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Site, Account], dict]:
    """The cookies of somebody who signed in; everybody does so once for all tests."""
    states: dict[tuple[Site, Account], dict] = {}

    def state(site: Site, account: Account) -> dict:
        if (site, account) not in states:
            context = browser.new_context(base_url=site.address)
            page = context.new_page()
            page.goto("/accounts/login/")
            sign_in(page, account)
            states[site, account] = dict(context.storage_state())
            context.close()
        return states[site, account]

    return state


@pytest.fixture
def context_of(
    new_context: Callable[..., BrowserContext], signed_in: Callable[[Site, Account], dict]
) -> Callable[..., BrowserContext]:
    """A browser of somebody's own, signed in or not, that ends with the test."""

    def make(site: Site, account: Account | None, **options: object) -> BrowserContext:
        if account:
            options["storage_state"] = signed_in(site, account)
        context = new_context(base_url=site.address, **({"viewport": DESKTOP} | options))
        context.set_default_timeout(20_000)
        return context

    return make
