"""What somebody does who walks through the product, once without JavaScript and once on a phone."""

from collections.abc import Callable

from playwright.sync_api import Page

from .sites import ADMINISTRATOR, DEMONSTRATION

IsRight = Callable[[Page, str], None]


def press(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("button", name=name).first.click()


def follow(page: Page, name: str) -> None:
    page.get_by_role("main").get_by_role("link", name=name).first.click()


def signs_in_again(page: Page, is_right: IsRight) -> None:
    is_right(page, "^Sign in again$")
    page.get_by_label("Password", exact=True).fill(DEMONSTRATION[ADMINISTRATOR].password)
    press(page, "Go on")
