"""Rounds are planned, changed, opened and closed in the browser; one organisation is let in late."""

from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from members.models import AuditEntry, OutgoingMail
from reporting.actions import close_round
from reporting.models import Round, Submission

from .looks import Page, page_of, queries_of
from .region import NOW, PLAN, leave_only
from .test_rights import recently

FORM = {
    "code": "final-2028", "title": "Final at 30.06.28", "as_at": "30.06.28", "time_zone": "Pacific/Fiji",
    "opens_at": "01.07.28 09:00", "closes_at": "31.07.28 24:00", "kpis": ["1.1.1(a)", "4.1.1(a)"],
}  # fmt: skip


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, *more))


def post(client, path, **data) -> Page:
    return page_of(client.post(path, data))


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


@pytest.fixture
def ada(world, sign_in):
    return recently(sign_in(world.people.ada))


def test_a_round_is_planned_with_all_it_says(world, ed):
    page = post(ed, at("round_new"), **FORM)
    assert (page.status, page.location) == (302, at("board", "final-2028"))
    made = Round.objects.get(code="final-2028")
    assert (made.title, f"{made.as_at}", made.time_zone, made.opened_at) == (
        "Final at 30.06.28", "2028-06-30", "Pacific/Fiji", None,
    )  # fmt: skip
    assert made.opens_at == datetime(2028, 6, 30, 21, tzinfo=UTC)
    assert made.closes_at == datetime(2028, 7, 31, 12, tzinfo=UTC)
    assert set(made.kpis.values_list("code", flat=True)) == {"1.1.1(a)", "4.1.1(a)"}
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_name, entry.action, entry.changes["kpis"]) == (
        "Ed",
        "created",
        [None, ["1.1.1(a)", "4.1.1(a)"]],
    )


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Give a title."),
        ({"code": "Final 2028"}, "“Final 2028” is not a code;"),
        ({"code": "new"}, "“new” cannot be a code"),
        ({"code": "interim-2028"}, "There is a round interim-2028 already."),
        ({"as_at": "31.06.28"}, "Write day, month and year, such as 30.06.27."),
        ({"closes_at": "30.06.28 10:00"}, "A round closes after it opens."),
        ({"closes_at": "soon"}, "is not a day with a time"),
        ({"time_zone": "Mars/Base"}, "Choose one of the time zones."),
        ({"kpis": ["9.9.9"]}, "9.9.9 is no KPI of this plan."),
        ({"title": "x" * 300}, "up to 200 are accepted"),
        ({"title": "a\0b"}, "The text has a control character"),
    ],
)
def test_what_is_wrong_is_said_on_top_and_at_the_field_and_all_is_kept(world, ed, wrong, sentence):
    before = Round.objects.count()
    page = post(ed, at("round_new"), **(FORM | wrong))
    assert (page.status, Round.objects.count()) == (422, before)
    assert "<title>Error: " in page.html
    assert page.main.count(sentence) >= (1 if "code" in wrong and wrong["code"] == "interim-2028" else 2)
    kept = {"title", "closes_at"} - set(wrong)
    assert all(FORM[name] in page.html for name in kept)
    assert page.html.count(" checked") == (0 if "kpis" in wrong else 2)


def test_a_round_that_is_open_changes_its_end_and_its_name_only(world, ed):
    path = at("round_edit", world.current.code)
    page = page_of(ed.get(path))
    assert "is open, so what it asks stays as it is" in page.main
    edits = {"title": "Interim two", "closes_at": "15.02.28 17:00", "edits": "0"}
    assert post(ed, path, as_at="30.06.28", kpis=["1.1.1(a)"], **edits).status == 302
    changed = Round.objects.get(pk=world.current.pk)
    assert (changed.title, changed.closes_at, changed.as_at, changed.kpis.count(), changed.edits) == (
        "Interim two", datetime(2028, 2, 15, 8, tzinfo=UTC), world.current.as_at, 0, 1,
    )  # fmt: skip


def test_two_who_change_a_round_do_not_overwrite_each_other(world, ed):
    path = at("round_edit", world.current.code)
    edits = {"closes_at": "15.02.28 17:00", "edits": "0"}
    assert post(ed, path, title="Mine", **edits).status == 302
    page = post(ed, path, title="Mine, too", **edits)
    assert (page.status, "Somebody else changed this round" in page.main, "Mine, too" in page.html) == (409, True, True)
    assert Round.objects.get(pk=world.current.pk).title == "Mine"


def test_a_closed_round_says_that_nothing_changes(world, ed):
    page = page_of(ed.get(at("round_edit", world.interim.code)))
    assert ("is closed. Its answers were given to what it asked" in page.main, "<form method" in page.main) == (
        True,
        False,
    )
    assert post(ed, at("round_edit", world.interim.code), title="X", edits="0").status == 422


def test_opening_says_first_what_it_asks_and_then_gives_everybody_their_return(world, ed, ada):
    post(ed, at("round_new"), **FORM)
    path = at("round_open", "final-2028")
    page = page_of(ada.get(path))
    assert "35 organisations are asked for 70 answers as at 30.06.28." in page.main
    assert Submission.objects.filter(round__code="final-2028").count() == 0
    assert post(ada, path).location == at("board", "final-2028")
    assert Submission.objects.filter(round__code="final-2028").count() == 35
    again = post(ada, path)
    assert (again.status, "is open already." in again.main) == (422, True)


def test_closing_says_who_has_sent_nothing(world, ada):
    page = page_of(ada.get(at("round_close", world.current.code)))
    assert "have sent nothing" in page.main
    assert post(ada, at("round_close", world.current.code)).status == 302
    assert Round.objects.get(pk=world.current.pk).closed_at == NOW


def test_one_is_let_in_late_by_name_with_a_reason_and_gets_a_mail(world, ada, sign_in):
    path = at("round_late", world.current.code, "FJI")
    assert "Only after a round has closed somebody is let in late." in page_of(ada.get(path)).main
    close_round(collection=world.current, by=None, now=NOW)
    assert post(ada, path, until="20.01.28 17:00", reason=" ").status == 422
    assert post(ada, path, until="01.01.28 17:00", reason="A cyclone.").status == 422
    assert post(ada, path, until="20.01.28 17:00", reason="A cyclone.").status == 302
    found = Submission.objects.get(round=world.current, organisation__code="FJI")
    assert (found.late_until, found.late_reason) == (datetime(2028, 1, 20, 8, tzinfo=UTC), "A cyclone.")
    assert {mail.to for mail in OutgoingMail.objects.all()} == {"connie@example.org", "ali@example.org"}
    form = {"answer-token": "0", "answer-answer": "planned"}
    answers = [
        sign_in(world.people.connie).post(at("return_kpi", world.current.code, code, "1.1.1(b)"), form).status_code
        for code in ("FJI", "JPN")
    ]
    assert answers == [302, 404]


def test_what_does_not_exist_is_not_found(world, ada):
    for path in (at("board", "nothing"), at("round_edit", "nothing"), at("round_late", world.interim.code, "XXX")):
        assert ada.get(path).status_code == 404


@pytest.mark.parametrize("name", ["board", "round_edit", "round_close"])
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, ada, name):
    counts = []
    for codes in ((), ("CHN", "FJI", "JPN"), ("FJI",)):
        if codes:
            leave_only(*codes)
        counts.append(queries_of(ada, at(name, world.current.code)))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 12


# ---------------------------------------------------------------- who has sent


def rows(page: Page) -> dict[str, str]:
    return {row.split()[0]: row for row in page.rows()[1:]}


def test_the_board_says_the_state_of_each_at_one_glance(world, ed, sign_in):
    page = page_of(ed.get(at("board", world.current.code)))
    assert page.heading == "Interim 2: 1 of 38 have sent"
    found = rows(page)
    assert found["JPN"].startswith("JPN Japan Partly sent 1 of ")
    assert found["TON"].endswith("Nothing yet 0 of 121")
    form = {"answer-token": "0", "answer-answer": "planned", "answer-comment": "CANARY-typed"}
    sign_in(world.people.connie).post(at("return_kpi", world.current.code, "FJI", "1.1.1(b)"), form)
    page = page_of(ed.get(at("board", world.current.code)))
    assert rows(page)["FJI"].startswith("FJI Fiji Being filled in 1 of 39")
    assert "CANARY" not in page.html


def test_its_filter_stands_in_the_address(world, ed):
    page = page_of(ed.get(at("board", world.current.code) + "?state=part"))
    assert set(rows(page)) == {"JPN"}
    assert set(rows(page_of(ed.get(at("board", world.current.code) + "?state=zebra")))) > {"JPN", "FJI"}


@pytest.mark.parametrize(("name", "seen"), [("connie", {"FJI"}), ("ali", {"FJI"}), ("olga", {"ROCB"})])
def test_others_see_their_own_row(world, sign_in, name, seen):
    page = page_of(sign_in(world.people[name]).get(at("board", world.current.code)))
    assert set(rows(page)) == seen


def test_a_co_coordinator_sees_what_was_sent_on_the_own_focus_area(world, sign_in):
    form = {"answer-token": "0", "answer-answer": "planned"}
    sign_in(world.people.connie).post(at("return_kpi", world.current.code, "FJI", "1.1.1(b)"), form)
    page = page_of(sign_in(world.people.cora).get(at("board", world.current.code)))
    assert (rows(page)["JPN"], rows(page)["FJI"]) == ("JPN Japan Partly sent 1 of 39", "FJI Fiji Nothing yet 0 of 39")


def test_what_came_back_and_what_is_accepted_is_told(world, ed):
    page = page_of(ed.get(at("board", world.interim.code)))
    assert "Partly sent" in rows(page)["TON"]
    assert NOW - timedelta(days=1) < NOW
