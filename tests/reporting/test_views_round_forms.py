"""Rounds are planned, changed, opened and closed in the browser; one organisation is let in late."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry, OutgoingMail, Role
from reporting.actions import close_round
from reporting.actions.deciding import accept_answers, correct_answer, return_answer
from reporting.actions.entry import save_draft, send_to_approver, tokens
from reporting.actions.rounds import admit_late, end_late
from reporting.board import pair_of
from reporting.models import UNSAID, Round, Submission
from reporting.questions import questions_of
from reporting.threads import thread_of, token_of
from tests.members.signing_in import recently

from .looks import Page, page_of, queries_of, words
from .region import NOW, PLAN, answer, collect, kpi, leave_only, more_members, org

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


def test_who_plans_it_twice_comes_to_the_board_of_the_one_round(world, ed):
    for _ in range(2):
        assert post(ed, at("round_new"), **FORM).location == at("board", "final-2028")
    assert AuditEntry.objects.filter(action="created", object_label=FORM["title"]).count() == 1
    for other in ({"title": "Final"}, {"kpis": []}, {"closes_at": ""}, {"time_zone": "Asia/Tokyo"}):
        page = post(ed, at("round_new"), **FORM | other)
        assert (page.status, "There is a round final-2028 already." in page.main) == (422, True)
    assert Round.objects.get(code="final-2028").title == FORM["title"]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"title": " "}, "Give a title."),
        ({"code": "Final 2028"}, "“Final 2028” is not a code;"),
        ({"code": "new"}, "“new” cannot be a code"),
        ({"code": "interim-2028"}, "There is a round interim-2028 already."),
        ({"as_at": "31.06.28"}, "Write day, month and year, such as 30.06.27."),
        ({"as_at": "31.12.99"}, "A round of this plan is as at a day from 30.06.26 to 30.06.28."),
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


def test_an_open_round_is_not_closed_by_a_moment_that_has_passed(world, ed):
    page = post(ed, at("round_edit", world.current.code), title="X", closes_at="01.01.27 17:00", edits="0")
    assert (page.status, page.main.count("This moment has passed.")) == (422, 2)
    assert Round.objects.get(pk=world.current.pk).state(NOW) == "open"


def test_two_who_change_a_round_do_not_overwrite_each_other(world, ed):
    path = at("round_edit", world.current.code)
    edits = {"closes_at": "15.02.28 17:00", "edits": "0"}
    assert post(ed, path, title="Mine", **edits).status == 302
    page = post(ed, path, title="Mine, too", **edits)
    assert (page.status, "Somebody else changed this round" in page.main) == (409, True)
    assert [row.split(" | ") for row in beside(page)] == [["Title", "Mine", "Mine, too"]]
    assert Round.objects.get(pk=world.current.pk).title == "Mine"
    assert re.findall(r'name="(title|edits)" value="([^"]*)"', page.html) == [("edits", "1"), ("title", "Mine, too")]
    assert post(ed, path, title="Mine, too", **(edits | {"edits": "1"})).status == 302
    assert Round.objects.get(pk=world.current.pk).title == "Mine, too"


def beside(page: Page) -> list[str]:
    """What is stored beside what was typed, by field."""
    return [
        " | ".join(words(cell) for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.S))
        for row in re.findall(r"<tr>.*?</tr>", page.html.partition("<tbody>")[2], re.S)
    ]


def test_of_a_planned_round_everything_that_differs_stands_beside_what_was_typed(world, ed):
    post(ed, at("round_new"), **FORM)
    path = at("round_edit", "final-2028")
    assert post(ed, path, **(FORM | {"edits": "0", "closes_at": "", "kpis": []})).status == 302
    page = post(ed, path, **(FORM | {"edits": "0", "as_at": "29.06.28", "time_zone": "Asia/Tokyo"}))
    assert (page.status, beside(page)) == (
        409,
        [
            "As-at date | 30.06.28 | 29.06.28",
            "Time zone | Pacific/Fiji | Asia/Tokyo",
            "Closing | Not set | 31.07.28 24:00",
            "KPIs that are asked | All | 1.1.1(a), 4.1.1(a)",
        ],
    )
    assert page.html.count(" checked") == 2


def test_a_round_keeps_a_time_zone_in_which_no_organisation_works(world, ed):
    Round.objects.filter(pk=world.current.pk).update(time_zone="Europe/Brussels")
    path = at("round_edit", world.current.code)
    page = page_of(ed.get(path))
    assert '<option value="Europe/Brussels" selected>' in page.html
    assert post(ed, path, title="Interim two", closes_at="15.02.28 17:00", edits="0").status == 302


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


def test_a_round_is_not_opened_after_its_closing_moment_until_that_is_changed(world, ed, ada):
    post(ed, at("round_new"), **FORM | {"opens_at": "", "closes_at": "10.01.28 08:00"})
    path, sentence = at("round_open", "final-2028"), "has passed: change it first."
    assert path in page_of(ada.get(at("board", "final-2028"))).html, "the page behind it says why not"
    page = page_of(ada.get(path))
    assert (sentence in page.main, "<form" in page.main) == (True, False)
    page = post(ada, path)
    assert (page.status, sentence in page.main) == (422, True)
    assert Round.objects.get(code="final-2028").opened_at is None
    assert post(ed, at("round_edit", "final-2028"), edits="0", **FORM).status == 302
    assert post(ada, path).location == at("board", "final-2028")


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


@pytest.mark.parametrize(
    ("member", "says", "mails"),
    [
        ("FJI", "Its people get a mail.", 2),
        ("TON", "Nobody there has an account yet, so nobody gets a mail: tell them.", 0),
    ],
)
def test_who_lets_in_learns_whether_anybody_hears_of_it(world, ada, member, says, mails):
    path = at("round_late", world.current.code, member)
    close_round(collection=world.current, by=None, now=NOW)
    assert says in page_of(ada.get(path)).main
    page = page_of(ada.post(path, {"until": "15.02.28 17:00", "reason": "A storm."}, follow=True))
    assert f"your time (Asia/Hong_Kong). {says}" in page.main
    assert OutgoingMail.objects.count() == mails


def test_being_let_in_late_can_be_ended(world, ada, sign_in):
    path = at("round_late", world.current.code, "FJI")
    close_round(collection=world.current, by=None, now=NOW)
    assert "End it now" not in page_of(ada.get(path)).main
    refused = post(ada, path, end="1")
    assert (refused.status, "Fiji is not let in now." in refused.main) == (422, True)
    post(ada, path, until="20.01.28 17:00", reason="A cyclone.")
    OutgoingMail.objects.all().delete()
    assert "You can end that now. Its people get a mail. End it now" in page_of(ada.get(path)).main
    ended = ada.post(path, {"end": "1"}, follow=True)
    assert ended.redirect_chain == [(at("board", world.current.code), 302)]
    assert "Fiji is not let in any more. Its people get a mail." in page_of(ended).main
    assert set(OutgoingMail.objects.values_list("to", "subject")) == {
        (f"{name}@example.org", "You cannot answer any more: Interim 2") for name in ("connie", "ali")
    }
    assert "ended the late admission of Fiji to Interim 2." in OutgoingMail.objects.first().text
    found = Submission.objects.get(round=world.current, organisation__code="FJI")
    assert (found.late_until, found.late_reason) == (NOW, "A cyclone.")
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_name, entry.action, set(entry.changes)) == ("Ada", "changed", {"late_until"})
    assert "was let in until 10.01.28, 18:00 (Asia/Tokyo)" in page_of(ada.get(at("board", world.current.code))).main
    assert "End it now" not in page_of(ada.get(path)).main
    form = {"answer-token": "0", "answer-answer": "planned"}
    entered = sign_in(world.people.connie).post(at("return_kpi", world.current.code, "FJI", "1.1.1(b)"), form)
    assert entered.status_code >= 400
    assert post(ada, path, end="1").status == 422
    assert OutgoingMail.objects.count() == 2


def test_each_admission_is_told_once_even_to_the_same_moment(world):
    close_round(collection=world.current, by=None, now=NOW)
    fiji = Submission.objects.get(round=world.current, organisation__code="FJI")
    until, by = NOW + timedelta(days=9), world.people.ada

    def told(minutes, reason="A storm."):
        admit_late(submission=fiji, until=until, reason=reason, by=by, now=NOW + timedelta(minutes=minutes))
        return OutgoingMail.objects.filter(key__startswith="late/", to="ali@example.org").count()

    assert [told(0), told(1)] == [1, 1], "pressed twice, it is one admission"
    assert AuditEntry.objects.filter(action="let_in").count() == 1
    end_late(submission=fiji, by=by, now=NOW + timedelta(minutes=2))
    assert told(3) == 2
    assert told(4, "A second storm.") == 3
    end_late(submission=fiji, by=by, now=NOW + timedelta(minutes=5))
    assert OutgoingMail.objects.filter(key__startswith="late-ended/", to="ali@example.org").count() == 2


def test_who_is_not_asked_is_not_let_in(world, ada):
    close_round(collection=world.current, by=None, now=NOW)
    path = at("round_late", world.current.code, "TON")
    Submission.objects.filter(round=world.current, organisation__code="TON").delete()
    board = page_of(ada.get(at("board", world.current.code)))
    assert ("Let in" in board.row("TON"), "Let in" in board.row("FJI")) == (False, True)
    sentence = "Tonga is not asked in this round, so there is nothing to let it in for."
    page = page_of(ada.get(path))
    assert (page.status, sentence in page.main, "<form method" in page.main) == (200, True, False)
    assert post(ada, path, until="20.01.28 17:00", reason="A cyclone.").status == 422


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


LINK = re.compile("Enter what came by e-mail from .+? (?=Nothing|Being|With|Partly|Sent|Accepted|–|Not shown)")
"""What stands in a row beside the states."""


def rows(page: Page) -> dict[str, str]:
    return {row.split()[0]: LINK.sub("", row) for row in page.rows()[1:]}


def test_the_board_says_the_state_of_each_at_one_glance(world, ed, sign_in):
    page = page_of(ed.get(at("board", world.current.code)))
    assert page.heading == "Interim 2: 1 of 38 have sent something"
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
    limited = collect("one-kpi", date(2027, 12, 30), opened=NOW, closed=False)
    limited.kpis.set([kpi("1.1.1(b)")])
    sent = {code: answer(limited, code, "1.1.1(b)", accept=False, standing="planned") for code in ("FJI", "TON", "JPN")}
    accept_answers(seen={sent["TON"].pk: token_of(sent["TON"])}, by=world.people.ed, now=NOW)
    returned(world, sent["JPN"])
    found = rows(page_of(ed.get(at("board", "one-kpi"))))
    assert {code: found[code] for code in ("AUS", "FJI", "JPN", "TON")} == {
        "AUS": "AUS Australia Nothing yet 0 of 1 – – – Nothing yet 0 of 1",
        "FJI": "FJI Fiji Sent 1 of 1 – – – Sent 1 of 1",
        "JPN": "JPN Japan Being corrected 1 of 1 – – – Being corrected 1 of 1",
        "TON": "TON Tonga Accepted 1 of 1 – – – Accepted 1 of 1",
    }
    assert set(rows(page_of(ed.get(at("board", "one-kpi") + "?state=accepted")))) == {"TON"}


def returned(world, one):
    return return_answer(
        answer=one, seen=token_of(one), reason="Which act?", correct_by=None, by=world.people.ed, now=NOW
    )


def correct(world, one):
    """Another version, which Fiji has typed and not sent."""
    question = next(each for each in questions_of(world.current).values() if each.kpi.code == "1.1.1(b)")
    says = {"standing": "in_progress", "participated": None, "value": None, "numerator": None, "denominator": None}
    return save_draft(
        submission=one.submission, question=question, plan_year=None, seen=token_of(one), by=world.people.connie,
        says=says | {"register_complete": False, "comment": "CANARY", "evidence_url": ""}, now=NOW,
    )  # fmt: skip


@pytest.fixture
def seen(world, sign_in):
    """What Fiji's row says to the secretariat, a co-coordinator and Fiji of the first focus area."""

    def states():
        pages = [page_of(sign_in(world.people[name]).get(at("board", world.current.code))) for name in BOARD_READERS]
        assert all("CANARY" not in page.html for page in pages)
        return [re.match(r"FJI Fiji (.*?) of 39", rows(page)["FJI"])[1] for page in pages]

    return states


BOARD_READERS = ("ed", "cora", "connie")


def test_what_was_sent_stays_sent_while_it_is_corrected(world, ed, seen):
    one = answer(world.current, "FJI", "1.1.1(b)", accept=False, standing="planned")
    assert seen() == ["Partly sent 1", "Partly sent 1", "Partly sent 1"]
    one = returned(world, one)
    assert seen() == ["Being corrected 1", "Being corrected 1", "Being corrected 1"]
    draft = correct(world, one)
    assert seen() == ["Being corrected 1", "Being corrected 1", "Being corrected 1"]
    send_to_approver(submission=one.submission, seen=tokens([draft]), by=world.people.connie, now=NOW)
    assert seen() == ["Being corrected 1", "Being corrected 1", "With the approver 1"]
    page = page_of(ed.get(at("board", world.current.code)))
    assert (page.heading, at("review_member", world.current.code, "FJI") in page.html) == (
        "Interim 2: 2 of 38 have sent something",
        True,
    )


def test_a_draft_over_what_was_accepted_is_seen_by_its_own_organisation_alone(world, seen):
    one = answer(world.current, "FJI", "1.1.1(b)", standing="planned")
    correct(world, one)
    assert seen() == ["Partly sent 1", "Partly sent 1", "Being filled in 1"]


def test_a_draft_behind_a_correction_waits_on_the_board_as_in_the_return(world):
    one = answer(world.current, "FJI", "1.1.1(b)", standing="planned")
    correct(world, one)
    close_round(collection=world.current, by=None, now=NOW)
    correct_answer(
        answer=one, seen=token_of(one), question=questions_of(world.current)["1.1.1(b)"], reason="By telephone.",
        says=UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""}, by=world.people.ada, now=NOW,
    )  # fmt: skip
    found = thread_of(one.submission, one.kpi_id, None)
    states = [each.state for each in found.versions]
    assert states == ["accepted", "submitted", "draft"]
    assert pair_of(states) == (found.state, found.state_for_others) == ("submitted", "submitted")


def test_who_works_for_a_member_and_co_ordinates_sees_the_own_row_in_full(world, sign_in):
    connie = world.people.connie
    form = {"answer-token": "0", "answer-answer": "planned"}
    sign_in(connie).post(at("return_kpi", world.current.code, "FJI", "1.1.1(b)"), form)
    alone = rows(page_of(sign_in(connie).get(at("board", world.current.code))))["FJI"]
    Role.objects.create(user=connie, organisation=org("CHN"), role=RoleName.CO_COORDINATOR)
    answer(world.current, "TON", "4.1.1(a)", standing="planned")
    page = page_of(sign_in(connie).get(at("board", world.current.code)))
    found = rows(page)
    assert (found["FJI"], found["FJI"].startswith("FJI Fiji Being filled in 1 of 39")) == (alone, True)
    assert found["JPN"] == "JPN Japan Partly sent 1 of 39 Not shown Not shown Not shown Partly sent 1 of 39"
    assert found["TON"] == "TON Tonga Nothing yet 0 of 39 Not shown Not shown Not shown Nothing yet 0 of 39"


def test_it_sums_what_was_sent(world, ed, sign_in):
    def asked(code):
        """Of how many answers, by focus area and together."""
        return [int(many) for many in re.findall(r"of (\d+)", code)]

    page = page_of(ed.get(at("board", world.current.code)))
    by_row = [asked(row) for code, row in rows(page).items() if "–" not in row and code != "Sum"]
    assert len(by_row) == 35
    sums = page.row("Sum")
    assert re.sub(r"of \d+", "of", sums) == "Sum 1 of sent 0 of sent 0 of sent 0 of sent 1 of sent"
    everything = sum(asked(row)[-1] for code, row in rows(page).items() if code != "Sum")
    assert asked(sums)[-1] == everything == sum(asked(sums)[:-1])
    cora = page_of(sign_in(world.people.cora).get(at("board", world.current.code)))
    assert cora.row("Sum") == f"Sum 1 of {asked(sums)[0]} sent"


def test_on_a_phone_each_state_has_the_code_of_its_focus_area(world, sign_in):
    page = page_of(sign_in(world.people.vera).get(at("board", world.current.code)))
    assert set(re.findall(r'data-l="([^"]*)"', page.html)) == {"FA 4"}


def test_who_is_not_asked_is_told(world, sign_in):
    world.current.kpis.set([kpi("1.1.1(b)")])
    page = page_of(sign_in(world.people.olga).get(at("board", world.current.code)))
    assert ("This round asks your organisation nothing" in page.main, page.status) == (True, 200)


@pytest.mark.parametrize("name", ["ed", "cora", "connie"])
def test_the_board_takes_as_many_queries_for_350_members(world, sign_in, name):
    client = sign_in(world.people[name])
    before = queries_of(client, at("board", world.current.code))
    more = more_members(315)
    Submission.objects.bulk_create(Submission(round=world.current, organisation=each) for each in more)
    after = queries_of(client, at("board", world.current.code))
    page = page_of(client.get(at("board", world.current.code)))
    members = sum(row.startswith("X") for row in page.rows())
    assert (members, after) == (0 if name == "connie" else 40, before)
    assert ("Page 1 of 9" in page.main) == (name != "connie")
    assert before <= 12
