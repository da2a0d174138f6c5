"""The rounds, and how far each organisation's return has come."""

from datetime import UTC, datetime

import pytest

from members.models import Organisation
from reporting.models import Round
from reporting.report import build_report

from .looks import address, look, queries_of, stored
from .region import INTERIM, LIVE, NOW, OPEN, kpi, leave_only, on

READERS = (*LIVE, "connie", "ali", "cora", "olga")


def organisations_on(page) -> set[str]:
    codes = set(Organisation.objects.values_list("code", flat=True))
    return {row.split()[0] for row in page.rows() if row} & codes


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = look(client, "rounds")
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize("name", ["percy", "nobody"])
def test_it_is_not_for_observers(world, sign_in, name):
    assert look(sign_in(world.people[name]), "rounds").status == 403


@pytest.mark.parametrize("name", READERS)
def test_each_reader_sees_the_returns_that_are_theirs(world, sign_in, name):
    asked = set(build_report(on()).returns.asked)
    # No KPI of the focus area that Cora co-ordinates asks RILO A/P.
    wanted = {"connie": {"FJI"}, "ali": {"FJI"}, "olga": {"ROCB"}, "cora": asked - {"RILO"}}.get(name, asked)
    page = look(sign_in(world.people[name]), "rounds")
    assert page.status == 200
    assert organisations_on(page) == wanted
    assert "CANARY" not in page.html


def test_it_says_how_many_answers_were_sent_of_how_many(world, sign_in):
    returns = build_report(on()).returns
    page = look(sign_in(world.people.ada), "rounds")
    assert returns.sent == {"JPN": 1}
    assert page.row("JPN") == f"JPN Japan 1 {returns.asked['JPN']}"
    assert page.row("TON") == f"TON Tonga 0 {returns.asked['TON']}"


def test_rounds_say_their_state_and_when_they_close(world, sign_in):
    page = look(sign_in(world.people.connie), "rounds")
    assert page.heading == "Interim 2 is open"
    assert page.row("30.06.26").endswith("Closed")
    assert page.row("31.12.27") == (
        "31.12.27 Interim 2 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji) Open"
    )


def test_a_round_is_closed_by_its_moment(world, sign_in, clock):
    assert look(sign_in(world.people.ada), "rounds").heading == "Interim 2 is open"
    clock(datetime(2028, 1, 31, 7, 59, 59, tzinfo=UTC))
    assert look(sign_in(world.people.ada), "rounds").heading == "Interim 2 is open"
    clock(datetime(2028, 1, 31, 8, tzinfo=UTC))
    page = look(sign_in(world.people.ada), "rounds")
    assert page.heading == "No round is open"
    assert page.row("31.12.27").endswith("Closed")


def test_a_round_limited_to_some_kpis_asks_for_these_alone(world, sign_in):
    """ "A round may be limited to some KPIs." """
    round = Round.objects.get(code="interim-2028")
    round.kpis.set([kpi("1.1.1(b)")])
    page = look(sign_in(world.people.ada), "rounds")
    assert page.row("JPN") == "JPN Japan 1 1"
    assert page.row("TON") == "TON Tonga 0 1"
    assert "ROCB" not in organisations_on(page)


@pytest.mark.parametrize("asked", [{"as_at": "x"}, {"basis": "x"}, {"release": "x"}])
def test_an_address_with_what_does_not_exist_gets_a_plain_page(world, sign_in, asked):
    page = look(sign_in(world.people.ada), "rounds", **asked)
    assert (page.status, "You can go to" in page.main) == (404, True)


def test_it_is_only_read(world, sign_in):
    client = sign_in(world.people.ada)
    before = stored()
    assert client.post(address("rounds")).status_code in (200, 403, 405)
    assert stored() == before


@pytest.mark.parametrize("name", READERS)
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, sign_in, name):
    client = sign_in(world.people[name])
    counts = {35: queries_of(client, address("rounds"))}
    for number, codes in ((3, ("CHN", "FJI", "JPN")), (1, ("FJI",))):
        leave_only(*codes)
        counts[number] = queries_of(client, address("rounds"))
    assert counts[1] == counts[3] == counts[35] <= 12
    assert INTERIM < OPEN < NOW.date()
