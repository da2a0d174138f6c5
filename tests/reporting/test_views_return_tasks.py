"""The task list of a return: what is needed, by focus area, KPI by KPI."""

import re
from datetime import UTC, date, datetime

import pytest

from members.models import Organisation
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.entry import send_back
from reporting.models import Answer, Submission
from reporting.seen import tokens
from reporting.threads import token_of

from .entering import ROUND, YES_NO, address, brought, corrected, form_of
from .looks import page_of, queries_of, stored
from .region import NOW, leave_only
from .world import STATUS, STATUS_4, store_draft

AFTER = datetime(2028, 1, 31, 8, tzinfo=UTC)
"""The round has closed."""


def tasks(client, member="FJI", collection=ROUND):
    return page_of(client.get(address(member=member, collection=collection)))


def lines(page) -> dict[str, str]:
    """KPI -> its state, as the list says it."""
    found = re.findall(r"<li><a [^>]*><b>([^<]+)</b>[^<]*</a> <span class=\"task [^\"]*\">([^<]+)</span>", page.html)
    return dict(found)


def lede(page) -> str:
    found = re.search(r'<p class="lede"><b>(.*?)</b>', page.html)
    return found[1] if found else ""


def test_a_stranger_is_sent_to_sign_in(world, client):
    page = tasks(client)
    assert (page.status, page.location) == (302, f"/accounts/login/?next={address()}")


@pytest.mark.parametrize(
    ("name", "nothing_sent", "sent"),
    [
        ("ada", 404, 200),
        ("ed", 404, 200),
        ("connie", 200, 200),
        ("ali", 200, 200),
        ("cora", 404, 200),
        ("vera", 404, 404),
        ("olga", 404, 404),
        ("percy", 404, 404),
        ("nobody", 404, 404),
    ],
)
def test_who_may_see_it(world, sign_in, name, nothing_sent, sent):
    client = sign_in(world.people[name])
    draft = brought(world, "draft")
    before = tasks(client).status
    brought(world, "submitted", comment="Sent.", seen=token_of(draft))
    assert (before, tasks(client).status) == (nothing_sent, sent)


@pytest.mark.parametrize(("member", "collection"), [("JPN", ROUND), ("XYZ", ROUND), ("FJI", "nothing")])
def test_what_is_not_theirs_is_like_what_does_not_exist(world, sign_in, member, collection):
    page = tasks(sign_in(world.people.connie), member, collection)
    assert page.status == 404
    assert "Japan" not in page.main


def test_reading_changes_nothing(world, sign_in):
    before = stored()
    client = sign_in(world.people.connie)
    before["Session"] = None
    tasks(client)
    now = stored() | {"Session": None}
    changed = {name for name, rows in now.items() if rows != before[name]} - {"User"}
    assert changed == set()


# ---------------------------------------------------------------- what it says


def test_it_says_first_what_is_needed(world, sign_in):
    page = tasks(sign_in(world.people.connie))
    asked = len(re.findall(r'<span class="task ', page.html))
    assert asked > 30
    assert re.fullmatch(r"\d+ answers are not filled in yet\.", lede(page))
    assert page.main.index("not filled in yet") < page.main.index("Check your answers")
    assert "31.01.28, 17:00 (Asia/Tokyo); " in page.main
    assert "your time (Pacific/Fiji)" in page.main


def test_how_many_of_how_many_are_answered_by_focus_area_and_in_all(world, sign_in):
    store_draft(world.current, "FJI", STATUS, standing="planned")
    store_draft(world.current, "FJI", YES_NO, participated=False, plan_year=2027)
    page = tasks(sign_in(world.people.connie))
    by_area = re.findall(r"(\d+) of (\d+) answers filled in</p>", page.html)
    assert sum(int(answered) for answered, _ in by_area) == 2
    assert page.heading.startswith(f"Fiji: 2 of {sum(int(asked) for _, asked in by_area)} answers filled in")
    assert [answered for answered, _ in by_area][:2] == ["1", "1"]
    assert (lines(page)[STATUS], lines(page)[YES_NO]) == ("Draft", "1 of 3 years answered")


@pytest.mark.parametrize(
    ("state", "connie", "ali"),
    [
        ("draft", "1 draft is not sent yet.", "1 draft is not sent yet."),
        ("awaiting_approval", "1 answer waits for your approver to send.", "1 answer waits for you to send."),
        ("submitted", "Nothing is left for you to do.", "Nothing is left for you to do."),
        ("accepted", "Nothing is left for you to do.", "Nothing is left for you to do."),
    ],
)
def test_what_is_left_for_whom(world, sign_in, state, connie, ali):
    world.current.kpis.add(brought(world, state).kpi)
    seen = [lede(tasks(sign_in(world.people[name]))) for name in ("connie", "ali")]
    assert seen == [connie, ali]


def test_what_was_returned_stands_on_top_with_its_reason_and_its_date(world, sign_in):
    brought(world, "returned")
    page = tasks(sign_in(world.people.connie))
    until = "until the end of 05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)."
    wanted = f"1 answer came back {STATUS} : Which law? You can correct it {until}"
    assert wanted in page.main
    assert lines(page)[STATUS] == "Returned: please correct"


def test_what_can_no_longer_be_corrected_is_no_work_to_do(world, sign_in, clock):
    answer = brought(world, "returned")
    world.current.kpis.add(answer.kpi)
    clock(datetime(2028, 2, 6, tzinfo=UTC))
    client = sign_in(world.people.connie)
    page, until = tasks(client), "until the end of 05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)."
    assert f"1 answer came back and was not corrected in time {STATUS} : Which law? It could be corrected {until}" in (
        page.main
    )
    assert ("1 answer came back " + STATUS in page.main, lede(page)) == (False, "Nothing is left for you to do.")
    form = page_of(client.get(form_of())).main
    assert (f"It could be corrected {until}" in form, "You can correct it" in form) == (True, False)


def test_a_date_that_has_passed_while_the_round_is_open_is_not_said(world, sign_in, clock):
    answer = brought(world, "returned")
    Answer.objects.filter(pk=answer.pk).update(correct_by=date(2028, 1, 20))
    clock(datetime(2028, 1, 25, tzinfo=UTC))
    page = tasks(sign_in(world.people.connie))
    assert f"1 answer came back {STATUS} : Which law?" in page.main
    assert ("20.01.28" in page.main, "You can fill in and send until" in page.main) == (False, True)


def test_what_the_secretariat_corrected_is_said_with_both_answers_who_when_and_why(world, sign_in):
    correction = corrected(world)
    versions = address("versions", STATUS)
    said = (
        f"The secretariat corrected 1 answer {STATUS} : It said: Planned. It says now: In place . The reason: "
        "By telephone on Monday. Corrected by Ada on 10.01.28. {} Both versions side by side"
    )
    for name, theirs in (("connie", True), ("ed", False)):
        page = tasks(sign_in(world.people[name]))
        assert (said.format("Not decided yet: until then the answer counts as it was.") in page.main) is theirs
    accept_answers(seen=tokens([correction]), by=world.people.ed, now=NOW)
    client = sign_in(world.people.ali)
    page = tasks(client)
    assert said.format("Accepted by Ed on 10.01.28.") in page.main
    assert f'href="{versions}"' in page.html
    side_by_side = page_of(client.get(versions)).main
    assert "Version 2: Accepted" in side_by_side
    assert "Corrected because: By telephone on Monday." in side_by_side
    assert "Version 1: Accepted" in side_by_side


def test_a_correction_of_the_comment_alone_says_so(world, sign_in):
    corrected(world, standing="planned", comment="Another comment.")
    page = tasks(sign_in(world.people.connie))
    assert f"{STATUS} : The comment or the link is changed. The reason: By telephone on Monday." in page.main


def test_a_correction_that_was_refused_is_none(world, sign_in):
    correction = corrected(world)
    back = {"reason": "Which law?", "correct_by": None, "by": world.people.ed, "now": NOW}
    return_answer(answer=correction, seen=token_of(correction), **back)
    client = sign_in(world.people.connie)
    page = tasks(client)
    assert ("The secretariat corrected" in page.main, "came back" in page.main) == (False, False)
    assert lines(page)[STATUS] == "Accepted"
    side_by_side = page_of(client.get(address("versions", STATUS))).main
    assert "Version 2: Correction refused" in side_by_side
    assert "Refused by Ed, " in side_by_side
    assert "The reason: Which law?" in side_by_side


def test_what_the_approver_asks_is_seen_until_it_is_done(world, sign_in):
    made = brought(world, "awaiting_approval")
    send_back(
        submission=made.submission, seen=tokens([made]), note="Say <b>which</b> law.", by=world.people.ali, now=NOW
    )
    client = sign_in(world.people.connie)
    assert "Your approver asks you to change something: Say <b>which</b> law." in tasks(client).main
    made.refresh_from_db()
    brought(world, "submitted", comment="This one.", seen=token_of(made))
    assert "Your approver asks" not in tasks(client).main


def test_the_approvers_note_is_not_for_others(world, sign_in):
    brought(world, "submitted")
    Submission.objects.filter(round=world.current).update(approver_note="CANARY-note")
    for name in ("ada", "cora"):
        assert "CANARY-note" not in tasks(sign_in(world.people[name])).html


def test_others_see_only_what_was_sent(world, sign_in):
    brought(world, "submitted")
    brought(world, "draft", STATUS_4, comment="CANARY-draft")
    for name in ("ada", "ed", "cora"):
        page = tasks(sign_in(world.people[name]))
        assert lines(page) == {STATUS: "Sent, not decided yet"}
        assert page.heading == "Fiji: 1 answers sent, Interim 2"
        assert "Check your answers" not in page.main
        assert lede(page) == ""


def test_once_the_round_has_closed_it_says_so(world, sign_in, clock):
    brought(world, "draft")
    clock(AFTER)
    page = tasks(sign_in(world.people.connie))
    closed = "31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji)"
    assert f"This round closed on {closed}. The secretariat can let you in late." in page.main
    assert "You can fill in" not in page.main


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_it_is_only_read(world, sign_in, method):
    before = stored()["Answer"]
    response = getattr(sign_in(world.people.connie), method)(address())
    assert response.status_code in (200, 405)
    assert stored()["Answer"] == before


# ---------------------------------------------------------------- how much it asks of the database


def test_it_takes_few_queries_however_many_there_are(world, sign_in):
    client = sign_in(world.people.connie)
    queries_of(client, address())
    few = queries_of(client, address())
    for code in (STATUS, STATUS_4):
        brought(world, "submitted", code)
    assert queries_of(client, address()) <= few <= 12
    leave_only("FJI")
    assert Organisation.objects.count() > 3
    assert queries_of(client, address()) <= few


def test_its_weight(world, sign_in):
    assert len(tasks(sign_in(world.people.connie)).html) < 60_000
