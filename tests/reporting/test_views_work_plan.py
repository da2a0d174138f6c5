"""The work plan in its own words, whole or as a search finds it."""

from datetime import date

import pytest
from django.core.cache import caches

from tests.workplan.test_amendments import Desk
from workplan.choices import Kind
from workplan.models import StrategicSummary, Wording
from workplan.queries import plan_at

from .looks import address, look, queries_of, stored
from .region import PLAN, ROLES, kpi, leave_only


def codes_on(page) -> list[str]:
    starts = [row.split()[0] for row in page.rows() if row]
    return [start for start in starts if start.count(".") >= 2 and ("(" in start or start == "1.1.3-8")]


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "work_plan", q="risk")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


def test_somebody_without_a_role_is_refused(world, sign_in):
    assert look(sign_in(world.people.nobody), "work_plan").status == 403


@pytest.mark.parametrize("name", ROLES)
def test_everybody_reads_all_of_it(world, sign_in, name):
    page = look(sign_in(world.people[name]), "work_plan")
    assert page.heading == "The work plan: 4 focus areas, 84 milestones, 87 KPIs"
    assert codes_on(page) == [each.code for each in plan_at(world.plan, world.plan.starts).kpis]
    assert "CANARY" not in page.html


def test_every_word_of_it_stands_there(world, sign_in):
    main = look(sign_in(world.people.percy), "work_plan").main
    for each in plan_at(world.plan, world.plan.starts).kpis:
        for words in (each.milestone, each.text, each.target, each.responsible, each.theme):
            assert " ".join(words.split()) in main
    for summary in StrategicSummary.objects.prefetch_related("building_blocks"):
        assert " ".join(summary.text.split()) in main
        assert all(block.text in main for block in summary.building_blocks.all())


@pytest.mark.parametrize(
    ("words", "title"),
    [
        ("2.2.3(a)", "1 of 87 KPIs mention “2.2.3(a)”"),
        ("RISK MANAGEMENT", "2 of 87 KPIs mention “RISK MANAGEMENT”"),
        ("no such words", "0 of 87 KPIs mention “no such words”"),
        ("%C3%A9", "0 of 87 KPIs mention “é”"),
    ],
)
def test_a_search_finds_codes_and_words(world, sign_in, words, title):
    page = look(sign_in(world.people.percy), "work_plan", q=words)
    found = int(page.heading.split()[0])
    assert len(codes_on(page)) == found
    if words != "RISK MANAGEMENT":
        assert page.heading == title
    else:
        assert found >= 2
    if not found:
        assert "Nothing in the plan mentions this" in page.main


def test_a_search_is_not_markup(world, sign_in):
    page = look(sign_in(world.people.percy), "work_plan", q="<script>x</script>")
    assert "<script>x" not in page.html
    assert page.status == 200


def test_a_very_long_search_is_answered(world, sign_in):
    assert look(sign_in(world.people.percy), "work_plan", q="x" * 2000).status == 200


def test_it_reads_as_it_did_at_the_date(world, sign_in):
    Wording.objects.create(
        plan=world.plan, kpi=kpi("1.1.1(b)"), valid_from=date(2027, 1, 1), text="Amended words", target="30"
    )
    client = sign_in(world.people.ada)
    found = {day: "Amended words" in look(client, "work_plan", as_at=day).main for day in ("2026-12-31", "2027-01-01")}
    assert found == {"2026-12-31": False, "2027-01-01": True}


def test_it_says_what_changes_it_from_a_later_day_on(world, sign_in):
    """Published amendments alone, each with a way to it and to the plan as it reads then; before, nothing is said."""
    client = sign_in(world.people.percy)
    desk = Desk(world.plan, world.people.ada, date(2028, 6, 1))
    desk.change(Kind.KPI, "1.1.1(b)", text="Quokkas")
    assert "changes it" not in look(client, "work_plan").main
    made = desk.publish()
    caches["pages"].clear()  # PostgreSQL says at the end of a transaction that pages are out of date
    page = look(client, "work_plan")
    assert "Amendment 1 , valid from 01.06.28, changes it. The plan from that day on" in page.main
    assert f'href="/plans/{PLAN}/amendments/{made.number}/"' in page.html
    assert "Quokkas" in look(client, "work_plan", as_at="2028-06-01").main
    assert "changes it" not in look(client, "work_plan", as_at="2028-06-01").main
    assert queries_of(client, address("work_plan")) <= 12


@pytest.mark.parametrize("asked", [{"as_at": "x"}, {"basis": "x"}, {"release": "x"}])
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.percy), "work_plan", **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_it_is_only_read(world, sign_in):
    client = sign_in(world.people.ada)
    before = stored()
    assert client.post(address("work_plan"), {"q": "x"}).status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", ROLES)
def test_it_takes_at_most_12_queries(world, sign_in, name):
    client = sign_in(world.people[name])
    counts = [queries_of(client, address("work_plan", **asked)) for asked in ({}, {"q": "risk"})]
    leave_only("FJI")
    assert [queries_of(client, address("work_plan", **asked)) for asked in ({}, {"q": "risk"})] == counts
    assert max(counts) <= 12
