"""Chromium as Debian ships it, three sites, and people who are signed in there."""

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, expect

from members.choices import RoleName

from . import sites
from .accessibility import DESKTOP, LOOKS, PHONE, problems
from .sites import Person, Site

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


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
def base_url() -> None:
    """There are several sites; each context gets its own. (The fixture of the plugin warns with pytest 9.)"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("sites")


@pytest.fixture(scope="session")
def demonstration(folder: Path) -> Iterator[Site]:
    with sites.served(sites.set_up_demonstration(folder / "demonstration")) as site:
        yield site


@pytest.fixture(scope="session")
def between(folder: Path, demonstration: Site) -> Iterator[Site]:
    with sites.served(sites.set_up_between(demonstration.folder, folder / "between")) as site:
        yield site


@pytest.fixture(scope="session")
def empty(folder: Path) -> Iterator[Site]:
    """Where DEBUG is off, and nothing is entered yet."""
    where = sites.set_up_empty(folder / "empty")
    with sites.served(where, sites.REAL, "tests.browser.settings") as site:
        yield site


def sign_in(page: Page, person: Person) -> None:
    """On the sign-in page."""
    page.get_by_label(re.compile("^E-?mail")).fill(person.email)
    page.get_by_label("Password", exact=True).fill(person.password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    is_signed_in(page)


def is_signed_in(page: Page) -> None:
    """On a phone the menu hides it."""
    page.get_by_role("button", name="Sign out", include_hidden=True).wait_for(state="attached")


def opens_menu(page: Page) -> None:
    """There is one on a phone alone."""
    closed = page.locator("details.menu:not([open]) summary")
    if page.viewport_size == PHONE and closed.count():
        closed.click()


@pytest.fixture(scope="session")
def signed_in(browser: Browser) -> Callable[[Site, RoleName], dict]:
    """The cookies of somebody who signed in; everybody does so once for all tests."""
    states: dict[tuple[Site, RoleName], dict] = {}

    def state(site: Site, role: RoleName) -> dict:
        if (site, role) not in states:
            context = browser.new_context(base_url=site.address)
            page = context.new_page()
            page.goto("/accounts/login/")
            sign_in(page, site.people[role])
            states[site, role] = dict(context.storage_state())
            context.close()
        return states[site, role]

    return state


@pytest.fixture(scope="session")
def page_of(browser: Browser, signed_in: Callable[[Site, RoleName], dict]) -> Callable[..., Page]:
    """A page for tests that only look, one for each person: Chromium needs a second for a new one."""
    pages: dict[tuple[Site, RoleName | None], Page] = {}

    def page(site: Site, role: RoleName | None, viewport: ViewportSize = DESKTOP) -> Page:
        if (site, role) not in pages:
            state = signed_in(site, role) if role else None
            pages[site, role] = browser.new_context(base_url=site.address, storage_state=state).new_page()
        found = pages[site, role]
        found.set_viewport_size(viewport)
        found.emulate_media(media="screen", color_scheme="light")
        return found

    return page


@pytest.fixture
def context_of(
    new_context: Callable[..., BrowserContext], signed_in: Callable[[Site, RoleName], dict]
) -> Callable[..., BrowserContext]:
    """A browser of somebody's own, signed in or not, that ends with the test."""

    def make(site: Site, role: RoleName | None, **options: object) -> BrowserContext:
        if role:
            options["storage_state"] = signed_in(site, role)
        context = new_context(**({"base_url": site.address, "viewport": DESKTOP} | options))
        context.set_default_timeout(20_000)
        return context

    return make


# ---------------------------------------------------------------- walks through the product


@pytest.fixture
def site(folder: Path, demonstration: Site, request: pytest.FixtureRequest) -> Iterator[Site]:
    """The demonstration, for one walk alone."""
    walk = f"{request.module.__name__}-{request.node.callspec.id}"
    where = sites.copied(demonstration.folder, folder / walk)
    with sites.served(where) as site:
        yield site


@pytest.fixture(params=[(DESKTOP, False), (PHONE, True)], ids=["no-javascript", "phone"])
def window(request: pytest.FixtureRequest) -> dict:
    viewport, javascript = request.param
    return {"viewport": viewport, "java_script_enabled": javascript}


@pytest.fixture
def is_right(site: Site, window: dict, context_of: Callable) -> Callable[[Page, str], None]:
    """It is the page that it should be, and axe finds nothing on it as wide as it is. axe is a script itself, so it
    looks at the same page in a window that runs scripts."""
    looks = [look for look in LOOKS if look[1] == window["viewport"]]
    inspected = context_of(site, None).new_page()

    def check(page: Page, heading: str) -> None:
        expect(page.get_by_role("heading", level=1)).to_contain_text(re.compile(heading))
        page.wait_for_load_state()  # the heading stands there before the end of a long page has come
        html = page.content()
        inspected.unroute_all()
        inspected.route(page.url, lambda route: route.fulfill(body=html, content_type="text/html; charset=utf-8"))
        inspected.goto(page.url)
        assert problems(inspected, looks) == []

    return check
