"""The plan is amended from beginning to end: changed, seen, added to, published, read by others; once without
JavaScript, once on a phone. axe finds nothing on any page in any state."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from . import sites
from .conftest import sign_in
from .sites import ADMINISTRATOR, EDITOR, OBSERVER, PLAN, Site
from .walking import IsRight, follow, press, signs_in_again

pytestmark = pytest.mark.browser

AMENDMENT = f"{PLAN}amendments/1/"
MILESTONE = "1.1.1(d)"


def counts_what(page: Page, reading: str, *, shows: str, hides: str) -> None:
    """Chooses what is counted; a button shows the fields that it needs, where no script does."""
    page.get_by_label("What is counted").select_option(reading)
    button = page.get_by_role("button", name="Show the fields that this needs")
    if button.is_visible():
        button.click()
    expect(page.get_by_label(shows, exact=True)).to_be_visible()
    expect(page.get_by_label(hides, exact=True)).to_be_hidden()


def test_from_the_first_change_to_what_an_observer_reads(
    site: Site, window: dict, context_of: Callable, is_right: IsRight
):
    editor, admin, observer = (context_of(site, None, **window).new_page() for _ in range(3))
    for page, role in ((editor, EDITOR), (admin, ADMINISTRATOR), (observer, OBSERVER)):
        page.goto("/accounts/login/")
        sign_in(page, site.people[role])

    editor.goto(f"{PLAN}work-plan/")
    follow(editor, "Versions of the plan")
    is_right(editor, "^The plan is as it was adopted$")
    follow(editor, "Amend the plan")
    press(editor, "Begin")
    expect(editor).to_have_title(re.compile("^Error: "))
    is_right(editor, "^Amend the plan$")
    editor.get_by_label("Title").fill("Mid-term amendment")
    editor.get_by_label("Valid from").fill("01.01.27")
    editor.get_by_label(re.compile("^Reason")).fill("The conference decided so.")
    press(editor, "Begin")
    is_right(editor, r"^The plan from 01\.01\.27 on, with no changes$")

    editor.get_by_role("link", name="1.1.1(b) change this KPI").click()
    is_right(editor, r"^KPI 1\.1\.1\(b\): change$")
    editor.get_by_label("Target", exact=True).fill("At least 20/35 Members")
    editor.get_by_label("Target value").fill("36")
    press(editor, "Save in the draft")
    expect(editor).to_have_title(re.compile("^Error: "))
    is_right(editor, r"^KPI 1\.1\.1\(b\): change$")
    editor.get_by_label("Target value").fill("20")
    press(editor, "Save in the draft")
    expect(editor.get_by_text("Nothing is saved yet.")).to_be_visible()
    is_right(editor, r"^KPI 1\.1\.1\(b\): change$")
    press(editor, "Save, and let these figures move")
    is_right(editor, "with 1 change$")

    editor.get_by_role("link", name="1.1.2(d) change this KPI").click()
    editor.get_by_label("Target", exact=True).fill("At least 5/35 Members")
    press(editor, "Save in the draft")
    expect(editor.get_by_text("The target says 5, the reading at least 24 of 35.")).to_be_visible()
    is_right(editor, r"^KPI 1\.1\.2\(d\): change$")
    press(editor, "Save, although they differ")
    is_right(editor, "with 2 changes$")

    editor.get_by_role("link", name="Add a milestone under 1.1.1", exact=True).click()
    is_right(editor, "^Add a milestone$")
    editor.get_by_label("Milestone").fill("Connect ports")
    press(editor, "Save in the draft")
    editor.get_by_role("link", name=f"Add a KPI under {MILESTONE}").click()
    is_right(editor, "^Add a KPI$")
    for label, words in (("KPI", "Number of ports"), ("Responsible", "Members"), ("Target", "At least 5 Members")):
        editor.get_by_label(label, exact=True).fill(words)
    editor.get_by_label("Target value").fill("5")
    counts_what(editor, "participation/members/plan", shows="Part that counts", hides="Counts from")
    is_right(editor, "^Add a KPI$")
    counts_what(editor, "status/members/standing", shows="Counts from", hides="Part that counts")
    editor.get_by_label("Counts from", exact=True).select_option("in_place")
    editor.get_by_label("Question").fill("How far are your ports connected?")
    press(editor, "Save in the draft")
    press(editor, "Save, and let these figures move")
    editor.get_by_role("link", name="Objective 4.3 change").click()
    is_right(editor, r"^Objective 4\.3: change$")
    press(editor, "Retire from 01.01.27")
    is_right(editor, r"^Objective 4\.3: change$")
    press(editor, "Retire it, and let these figures move")
    is_right(editor, "with 5 changes$")
    follow(editor, "What changes, side by side")
    is_right(editor, "^Amendment 1: Mid-term amendment changes 5 elements")

    admin.goto(AMENDMENT)
    follow(admin, "Publish")
    if admin.get_by_role("heading", level=1).inner_text() == "Sign in again":
        signs_in_again(admin, is_right)
    is_right(admin, "^Publish Amendment 1")
    press(admin, "Publish the amendment")
    is_right(admin, "^Amendment 1: Mid-term amendment changes 5 elements")
    admin.goto(f"{PLAN}readings/")
    is_right(admin, "readings wait for a decision$")
    expect(admin.get_by_text("The target says 5, the reading at least 24 of 35.")).to_be_visible()
    admin.get_by_role("main").get_by_role("link", name=re.compile("^Decide on")).first.click()
    press(admin, "Confirm that it is counted so")
    expect(admin).to_have_title(re.compile("^Error: "))
    is_right(admin, "^Confirm how ")
    admin.get_by_label("Why it is to be counted so").fill("Agreed in Suva.")
    press(admin, "Confirm that it is counted so")
    expect(admin.get_by_text("Agreed in Suva.")).to_be_visible()

    observer.goto(f"{PLAN}amendments/")
    is_right(observer, "^The plan was amended once$")
    follow(observer, "Mid-term amendment")
    is_right(observer, "^Amendment 1: Mid-term amendment changes 5 elements")
    expect(observer.get_by_role("main").get_by_role("link", name="Change the plan")).to_have_count(0)
    observer.goto(f"{PLAN}work-plan/?as-at={sites.INTERIM}")
    is_right(observer, "87 KPIs|86 KPIs")
    expect(observer.get_by_text("Number of ports")).to_be_visible()
