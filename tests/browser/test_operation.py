"""A Member records an operation, another Member confirms its part with its numbers, the secretariat confirms it, the
figure moves and its page explains; once without JavaScript, once on a phone. axe finds nothing on the way."""

import re

import pytest
from playwright.sync_api import expect

from . import sites
from .conftest import sign_in
from .sites import APPROVER, EDITOR, PLAN, Person
from .walking import follow, press

pytestmark = pytest.mark.browser

KPI = f"{PLAN}kpis/2.2.2(b)/"
TITLE = "Operation Grey Heron"
TONGA = Person("tonga@example.org", "many-small-blue-boats")


def test_an_operation_counts_once_it_is_confirmed(site, window, context_of, is_right):
    told = (f"--email={TONGA.email}", "--name=Sione", "--role=member_approver", "--organisation=TON")
    sites.manage(site.folder, "account", "create", *told, "--password-stdin", typed=f"{TONGA.password}\n")
    desk = context_of(site, EDITOR, **window).new_page()
    desk.goto(KPI)
    is_right(desk, r"2\.2\.2\(b\): 10 ")

    fiji = context_of(site, APPROVER, **window).new_page()
    fiji.goto(f"{PLAN}register/activities/add/?kpi=2.2.2(b)")
    is_right(fiji, "^Add an activity$")
    fiji.get_by_label("Title").fill(TITLE)
    fiji.get_by_label("Kind").select_option("operation")
    fiji.get_by_label("First day").fill("20.11.26")
    fiji.locator("#id_part-0-organises").check()
    fiji.locator("#id_part-1-organisation").select_option("TON")
    fiji.locator("#id_part-1-takes_part").check()
    fiji.get_by_role("main").get_by_role("button", name="Record").last.click()
    is_right(fiji, f"^{TITLE}$")
    expect(fiji.get_by_role("main")).to_contain_text("Those involved, the secretariat and RILO A/P")
    desk.goto(KPI)
    expect(desk.get_by_role("heading", level=1)).to_contain_text("2.2.2(b): 10 ")

    tonga = context_of(site, None, **window).new_page()
    tonga.goto(f"/accounts/login/?next={PLAN}today/")
    sign_in(tonga, TONGA)
    follow(tonga, TITLE)
    is_right(tonga, f"^Your part in {TITLE}$")
    tonga.get_by_label("It is right").check()
    tonga.get_by_label("Your participants").fill("4")
    tonga.get_by_label("Of them women").fill("1")
    press(tonga, "Say so")
    is_right(tonga, f"^{TITLE}$")

    desk.goto(f"{PLAN}register/?q=heron")
    follow(desk, TITLE)
    is_right(desk, f"^{TITLE}$")
    follow(desk, "Decide")
    is_right(desk, "^Decide: Operation Grey Heron$")
    press(desk, "Confirm")
    expect(desk.get_by_role("status").first).to_contain_text("is confirmed: it counts from now on")
    desk.goto(KPI)
    is_right(desk, r"2\.2\.2\(b\): 12 ")
    row = desk.locator("tr", has=desk.locator("th, td", has_text=re.compile("^Tonga$")))
    expect(row.or_(desk.locator("tr", has_text="Tonga")).first).to_contain_text("took part in FJI-")
