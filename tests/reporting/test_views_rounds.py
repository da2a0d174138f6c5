"""The rounds, and how far each organisation's return has come."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from members.models import Organisation, User
from reporting.actions.deciding import return_answer
from reporting.actions.entry import save_draft, send
from reporting.models import UNSAID, Answer, Round, Submission
from reporting.questions import questions_of
from reporting.report import build_report
from reporting.seen import tokens
from reporting.threads import token_of

from .entering import brought
from .looks import address, look, queries_of, stored, words
from .region import INTERIM, LIVE, NOW, OPEN, PLAN, kpi, leave_only, on
from .world import STATUS, STATUS_4

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


# ---------------------------------------------------------------- what came back


def give_back(collection: Round, code: str, until: date, by: User) -> Answer:
    answer = Answer.objects.get(round=collection, organisation__code="FJI", kpi__code=code)
    back = {"reason": "Which law?", "correct_by": until, "by": by, "now": NOW}
    return return_answer(answer=answer, seen=token_of(answer), **back)


def own_lines(page) -> list[str]:
    """The lines under "Your return" with their links."""
    found = re.search(r"<h2>Your returns?</h2>\s*<ul.*?</ul>", page.html, re.S)
    return [f"{href} {words(line)}" for href, line in re.findall(r'<li><a href="([^"]+)">(.*?)</li>', found[0], re.S)]


def return_of(collection: str) -> str:
    return reverse("return_tasks", args=(PLAN, collection, "FJI"))


def test_what_came_back_in_an_earlier_round_is_seen_at_once(world, sign_in):
    """The round is closed, and another one is open; the answer can be corrected until its own day."""
    connie = sign_in(world.people.connie)
    current = f"{return_of('interim-2028')} Fiji, Interim 2 As at 31.12.27. Open."
    assert own_lines(look(connie, "rounds")) == [current]
    give_back(world.interim, STATUS, date(2028, 2, 5), world.people.ed)
    earlier = f"{return_of(world.interim.code)} Fiji, Interim 1 {{}} As at 30.06.27. Closed."
    page = look(connie, "rounds")
    until = "05.02.28 (Asia/Hong_Kong); 06.02.28, 04:00 your time (Pacific/Fiji)"
    assert own_lines(page) == [earlier.format(f"1 answer returned, correct by {until}."), current]
    assert connie.get(return_of(world.interim.code)).status_code == 200
    give_back(world.interim, STATUS_4, date(2028, 1, 20), world.people.ed)
    page = look(connie, "rounds")
    until = "20.01.28 (Asia/Hong_Kong); 21.01.28, 04:00 your time (Pacific/Fiji)"
    assert own_lines(page)[0] == earlier.format(f"2 answers returned, correct by {until}.")
    assert "returned, correct by" not in look(sign_in(world.people.ada), "rounds").main
    assert "returned, correct by" not in look(sign_in(world.people.olga), "rounds").main


def test_what_came_back_is_seen_until_it_is_sent_or_its_day_has_ended(world, sign_in, clock):
    """Also while the page is kept: neither a draft nor the end of a day changes the data that it is kept for."""

    def reads() -> str:
        return look(sign_in(world.people.connie), "rounds").main

    answer = give_back(world.interim, STATUS, date(2028, 1, 20), world.people.ed)
    clock(datetime(2028, 1, 20, 15, 59, 59, tzinfo=UTC))
    assert "1 answer returned, correct by 20.01.28" in reads()
    clock(datetime(2028, 1, 20, 16, tzinfo=UTC))
    assert "returned" not in reads()
    clock(NOW)
    assert "1 answer returned, correct by 20.01.28" in reads()
    submission = Submission.objects.select_related("round__plan").get(pk=answer.submission_id)
    corrected = save_draft(
        submission=submission,
        question=questions_of(submission.round)[STATUS],
        plan_year=None,
        says=UNSAID | {"standing": "planned", "comment": "Mended.", "evidence_url": ""},
        seen=token_of(answer),
        by=world.people.connie,
        now=NOW,
    )
    assert "1 answer returned, correct by 20.01.28" in reads()
    send(submission=submission, seen=tokens([corrected]), by=world.people.ali, now=NOW)
    assert "returned" not in reads()


def test_in_the_open_round_it_stands_at_its_return(world, sign_in):
    brought(world, "returned")
    until = "05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)"
    said = f"Fiji, Interim 2 1 answer returned, correct by {until}. As at 31.12.27. Open."
    assert own_lines(look(sign_in(world.people.connie), "rounds")) == [f"{return_of('interim-2028')} {said}"]


def test_it_takes_as_many_queries_for_many_that_came_back_as_for_one(world, sign_in):
    connie = sign_in(world.people.connie)
    give_back(world.interim, STATUS, date(2028, 2, 5), world.people.ed)
    one = queries_of(connie, address("rounds"))
    give_back(world.interim, STATUS_4, date(2028, 2, 5), world.people.ed)
    give_back(world.baseline, STATUS, date(2028, 2, 5), world.people.ed)
    assert queries_of(connie, address("rounds")) == one <= 12


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
