"""The first page: what is needed of each role, and nothing of anybody else's."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.urls import reverse

from members.choices import RoleName
from members.models import OutgoingMail, Role
from reporting.actions import close_round
from reporting.actions.behalf import contest_on_behalf
from reporting.actions.deciding import return_answer
from reporting.actions.entry import save_draft, send_to_approver, tokens
from reporting.actions.reminders import needs_of
from reporting.actions.rounds import admit_late, create_round
from reporting.actions.statements import state_part
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.choices import AnswerStatus, StatementKind
from reporting.models import UNSAID, Activity, Answer, AnswerWriter, Round, Submission
from reporting.questions import questions_of
from reporting.threads import threads_of, token_of
from tests.conftest import person
from workplan.models import FocusArea, Reading

from .amending import retire
from .looks import Page, page_of, queries_of, words
from .region import INTERIM, NOW, PLAN, activity, answer, arrangement, kpi, org
from .test_behalf import entered
from .world import CODES, STATUS, STATUS_4

KPIS = ("1.1.1(a)", "1.1.1(b)")


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, *more))


@pytest.fixture
def shown(world, sign_in):
    """The page of somebody, as somebody who has just come."""
    return lambda name: page_of(sign_in(world.people[name]).get(at("today")))


@pytest.fixture
def current(world):
    """Two answers are asked."""
    world.current.kpis.set([kpi(code) for code in KPIS])
    return world.current


def blocks(page: Page) -> dict[str, list[tuple[str, str]]]:
    """Heading -> its lines, as address and words."""
    found = re.findall(r"<section><h[23]>(.*?)</h[23]>(.*?)</section>", page.html, re.S)
    return {words(heading): lines(inner) for heading, inner in found}


def lines(html: str) -> list[tuple[str, str]]:
    rows = re.findall(r"<li>(.*?)</li>", html, re.S)
    return [("".join(re.findall(r'^<a href="([^"]*)"', row)), words(row)) for row in rows]


def submission_of(collection, code="FJI"):
    found = Submission.objects.select_related("round__plan", "organisation")
    return found.get(round=collection, organisation__code=code)


def type_in(collection, by, code, comment="", kpi_says=None, member="FJI"):
    says = kpi_says or {"standing": "in_place"}
    save_draft(
        submission=submission_of(collection, member),
        question=questions_of(collection)[code],
        plan_year=None,
        says=UNSAID | {"comment": comment, "evidence_url": ""} | says,
        seen="0",
        by=by,
        now=NOW,
    )


def give_back(collection, code, until, by, reason="Which law?", member="FJI"):
    found = Answer.objects.get(round=collection, organisation__code=member, kpi__code=code)
    return return_answer(answer=found, seen=token_of(found), reason=reason, correct_by=until, by=by, now=NOW)


# ---------------------------------------------------------------- the way there


@pytest.mark.parametrize("name", ["ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy"])
def test_the_front_door_leads_everybody_to_what_is_needed_of_them(world, sign_in, name):
    response = sign_in(world.people[name]).get("/")
    wanted = at("overview") if name == "percy" else at("today")
    assert (response.status_code, response.url) == (302, wanted)


def test_who_signs_in_from_the_address_of_the_site_comes_back_to_the_front_door(world, client):
    """Which then knows where to go; the page of one of them would be everybody's."""
    response = client.get("/")
    assert (response.status_code, response.url) == (302, "/accounts/login/?next=/")


def test_a_stranger_is_sent_to_sign_in_and_nobody_refused(world, client, sign_in):
    assert client.get(at("today")).url.startswith("/accounts/login/")
    assert sign_in(world.people.nobody).get(at("today")).status_code == 403
    assert sign_in(world.people.ada).get(reverse("today", args=("nothing",))).status_code == 404


def test_it_is_the_first_of_the_main_ways_for_who_takes_part(world, shown, sign_in):
    page = shown("connie")
    assert re.search(rf'<a href="{at("today")}" aria-current="page">Today</a>', page.html)
    assert "<title>Today: " in page.html
    assert ">Today</a>" not in sign_in(world.people.percy).get(at("overview")).content.decode()


def test_an_observer_who_comes_has_nothing_to_do(world, shown):
    page = shown("percy")
    assert (page.heading, blocks(page)) == ("Nothing is needed of you now", {})
    assert "Interim 2 closes: 31.01.28, 17:00 (Asia/Tokyo)" in page.main


# ---------------------------------------------------------------- a Member


def test_a_member_sees_how_far_the_return_is_and_how_long_there_is(world, current, shown):
    page = shown("connie")
    assert blocks(page)["Fiji, Interim 2: 20 days left"] == [
        (
            at("return_tasks", current.code, "FJI"),
            (
                "0 of 2 answers are filled in "
                "Until 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji)."
            ),
        )
    ]
    type_in(current, world.people.connie, KPIS[0])
    assert blocks(shown("ali"))["Fiji, Interim 2: 20 days left"][1:] == [
        (at("return_check", current.code, "FJI"), "1 answer is filled in and not handed on")
    ]


def test_the_last_hours_are_said(world, current, clock, shown):
    clock(datetime(2028, 1, 30, 8, 0, 1, tzinfo=UTC))
    assert "Fiji, Interim 2: less than a day left" in blocks(shown("connie"))
    clock(datetime(2028, 1, 29, 8, tzinfo=UTC))
    assert "Fiji, Interim 2: 2 days left" in blocks(shown("connie"))
    clock(datetime(2028, 1, 31, 8, tzinfo=UTC))
    assert not any("Interim 2" in heading for heading in blocks(shown("connie")))


def test_what_came_back_stands_first_with_reason_and_date(world, current, shown):
    answer(current, "FJI", KPIS[0], standing="in_place", accept=False)
    give_back(current, KPIS[0], date(2028, 2, 5), world.people.ed)
    give_back(world.interim, STATUS, date(2028, 1, 20), world.people.ed, reason="Since when?")
    found = list(blocks(shown("connie")).items())
    assert found[:2] == [
        (
            "1 answer came back: Fiji, Interim 2",
            [
                (
                    at("return_kpi", current.code, "FJI", KPIS[0]),
                    (
                        f"KPI {KPIS[0]}: Which law? Until the end of "
                        "05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)."
                    ),
                )
            ],
        ),
        (
            "1 answer came back: Fiji, Interim 1",
            [
                (
                    at("return_kpi", world.interim.code, "FJI", STATUS),
                    (
                        f"KPI {STATUS}: Since when? Until the end of "
                        "20.01.28 (Asia/Hong_Kong); 21.01.28, 04:00 your time (Pacific/Fiji)."
                    ),
                )
            ],
        ),
    ]


def test_what_cannot_be_corrected_any_more_is_not_needed(world, shown, clock):
    give_back(world.interim, STATUS, date(2028, 1, 20), world.people.ed)
    clock(datetime(2028, 1, 20, 16, tzinfo=UTC))
    assert not any("came back" in heading for heading in blocks(shown("connie")))


def test_the_approver_sees_what_waits_for_them_and_the_contributor_does_not(world, current, shown):
    people = world.people
    type_in(current, people.connie, KPIS[0])
    seen = tokens(each.working for each in threads_of(submission_of(current)).values() if each.working)
    send_to_approver(submission=submission_of(current), seen=seen, by=people.connie, now=NOW)
    waits = "1 answer waits for you to send: Fiji, Interim 2"
    assert blocks(shown("ali"))[waits] == [
        (at("return_check", current.code, "FJI"), "Check them, then send them or give them back")
    ]
    assert waits not in blocks(shown("connie"))


def test_who_is_let_in_late_sees_until_when(world, current, shown):
    close_round(collection=current, by=None, now=NOW)
    until = NOW + timedelta(days=3, hours=1)
    admit_late(submission=submission_of(current), until=until, reason="A storm.", by=world.people.ada, now=NOW)
    found = blocks(shown("connie"))["Fiji, Interim 2: let in late, 3 days left"]
    assert "Until 13.01.28, 19:00 (Asia/Tokyo)" in found[0][1]


def test_what_the_approver_asks_is_seen(world, current, shown):
    Submission.objects.filter(round=current, organisation__code="FJI").update(approver_note="Please look again.")
    assert any(
        "Your approver asks you to change something: Please look again." in text
        for _, text in blocks(shown("connie"))["Fiji, Interim 2: 20 days left"]
    )


def test_what_was_accepted_is_good_to_know_for_a_while(world, current, shown, clock):
    for code in KPIS:
        answer(current, "FJI", code, standing="in_place", now=NOW)
    found = blocks(shown("connie"))
    assert "2 answers were accepted in the last 14 days: Fiji, Interim 2" in found
    assert "Everything asked is handed on: Fiji, Interim 2" in found
    clock(NOW + timedelta(days=14))
    assert not any("accepted" in heading for heading in blocks(shown("connie")))


def test_the_parts_that_somebody_else_recorded_are_to_be_confirmed(world, shown):
    dragon = Activity.objects.get(reference="OP-DRAGON")
    found = blocks(shown("connie"))["1 activity names you: say whether your part is right"]
    assert found == [(at("activity_part", dragon.pk), "OP-DRAGON 10.11.26: contributed, took part.")]
    said = {"organisation": org("FJI"), "kind": StatementKind.CONFIRMED, "by": world.people.ali, "now": NOW}
    state_part(activity=dragon, reason="", **said)
    assert not any("names you" in heading for heading in blocks(shown("connie")))


def test_a_block_is_short_and_leads_to_all(world, shown):
    for number in range(10):
        activity(f"MANY-{number}", date(2027, 5, 1 + number), ["3.2.1(c)"], participants=["FJI"])
    page = shown("connie")
    assert len(blocks(page)["11 activities name you: say whether your part is right"]) == 8
    assert f'<a href="{at("register")}?ours=1">All 11</a>' in page.html


def test_when_nothing_is_needed_it_says_so_and_what_comes_next(world, current, shown, sign_in):
    Role.objects.filter(user=world.people.connie).delete()
    Role.objects.create(user=world.people.connie, organisation=org("TON"), role=RoleName.MEMBER_CONTRIBUTOR)
    for code in KPIS:
        answer(current, "TON", code, standing="in_place")
    create_round(
        plan=world.plan, code="final", title="Final", as_at=date(2028, 6, 30), time_zone="Asia/Tokyo", by=None,
        opens_at=datetime(2028, 7, 1, tzinfo=UTC), closes_at=None,
    )  # fmt: skip
    page = shown("connie")
    assert page.heading == "Nothing is needed of you now"
    assert "Final opens: 01.07.28, 09:00 (Asia/Tokyo); 01.07.28, 13:00 your time (Pacific/Tongatapu)" in page.main


# ---------------------------------------------------------------- the secretariat


def test_the_secretariat_sees_what_it_has_to_decide_the_longest_waiting_first(world, shown):
    found = blocks(shown("ed"))
    heading = next(heading for heading in found if "for your decision" in heading)
    assert heading == "2 answers wait for your decision, in 2 returns"
    assert sorted(found[heading]) == [
        (
            at("review_member", world.interim.code, code),
            f"{name}: 1 answer on 1 KPI Interim 1. The first waits for 194 days.",
        )
        for code, name in (("JPN", "Japan"), ("TON", "Tonga"))
    ]
    answer(world.current, "NZL", STATUS, standing="in_place", accept=False, now=NOW)
    found = blocks(shown("ed"))["3 answers wait for your decision, in 3 returns"]
    assert found[-1][1] == "New Zealand: 1 answer on 1 KPI Interim 2. Sent today."


def test_what_somebody_wrote_themselves_waits_for_a_colleague(world, shown):
    mine = Answer.objects.filter(round=world.interim, state=AnswerStatus.SUBMITTED, organisation__code="JPN")
    for answer_ in mine:
        AnswerWriter.objects.create(answer=answer_, person=world.people.ed)
    found = blocks(shown("ed"))
    assert "1 answer waits for your decision, in 1 return" in found
    [(href, words)] = found["1 answer that you entered or sent waits for a colleague"]
    assert (href, words) == (at("review_queue", world.interim.code), "Review")
    mine.update(entered_by=world.people.ed)  # said twice is counted once
    Answer.objects.filter(round=world.interim, organisation__code="TON").update(sent_by=world.people.ed)
    found = blocks(shown("ed"))
    assert "2 answers that you entered or sent wait for a colleague" in found
    assert not any("for your decision" in heading for heading in found)
    assert "2 answers wait for your decision, in 2 returns" in blocks(shown("ada"))


def test_it_sees_who_has_sent_nothing_and_reminds_them(world, shown, sign_in):
    found = blocks(shown("ed"))["Interim 2: 1 of 38 have sent something, 20 days left"]
    assert found == [
        (at("board", world.current.code), ("Who has sent Closing: 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 16:00 your "
         "time (Asia/Hong_Kong).")),
        (at("reminders", world.current.code), ("Remind them: 37 organisations have sent nothing 2 of them can be "
         "reminded. Nobody at the other 35 has an account to answer with, so no mail reaches them: tell them in "
         "another way.")),
    ]  # fmt: skip
    board = page_of(sign_in(world.people.ed).get(at("board", world.current.code)))
    assert "Remind 2 organisations" in board.main
    assert "38 organisations have not finished. 2 of them can be reminded. Nobody at the other 36 has" in board.main


def test_what_came_back_and_was_not_corrected_stands_first(world, shown, clock):
    give_back(world.interim, STATUS, date(2028, 1, 12), world.people.ed)
    heading = "1 returned answer was not corrected in time"
    clock(datetime(2028, 1, 12, 15, 59, tzinfo=UTC))
    assert heading not in blocks(shown("ada"))
    clock(datetime(2028, 1, 12, 16, tzinfo=UTC))
    found = blocks(shown("ada"))
    assert next(iter(found)) == heading
    assert found[heading] == [
        (at("review_member", world.interim.code, "FJI"), "Fiji: 1 answer Interim 1. The first was due on 12.01.28.")
    ]


def test_a_round_that_should_be_open_is_said(world, shown):
    planned = {"plan": world.plan, "as_at": date(2028, 6, 30), "time_zone": "Asia/Tokyo", "by": None, "closes_at": None}
    create_round(code="late", title="Late", opens_at=NOW, **planned)
    create_round(code="soon", title="Soon", opens_at=NOW + timedelta(days=13), **planned)
    create_round(code="far", title="Far", opens_at=NOW + timedelta(days=15), **planned)
    found = blocks(shown("ed"))
    assert [heading for heading in found if "open" in heading] == [
        "Late should have been opened",
        "Soon is to be opened",
    ]


def test_the_register_the_words_the_readings_and_the_mails_are_counted(world, shown, monkeypatch):
    people = world.people
    dragon = Activity.objects.get(reference="OP-DRAGON")
    contest = {"kind": StatementKind.CONTESTED, "reason": "We were not there.", "by": people.ali, "now": NOW}
    state_part(activity=dragon, organisation=org("FJI"), **contest)
    area = FocusArea.objects.get(plan=world.plan, code="1")
    text = {"collection": world.current, "area": area, "text": "So it is.", "seen": 0, "by": people.cora, "now": NOW}
    write_narrative(**text)
    mail = {"to": "ali@example.org", "subject": "x", "text": "x", "queued_at": NOW}
    OutgoingMail.objects.create(key="a", last_error="TimeoutError: timed out", **mail)
    OutgoingMail.objects.create(key="b", last_error="PerhapsSent: x", claimed_at=NOW, **mail)
    found = blocks(shown("ed"))
    here = at("register")
    assert found["4 records wait in the register"] == [
        (f"{here}?state=undecided&amp;status=held", "2 activities were held and are not decided yet"),
        (f"{here}arrangements/?state=undecided", "1 arrangement is not decided yet"),
        (f"{here}?state=contested", "1 activity is contested: settle it"),
    ]
    assert "1 narrative waits for approval" in found
    assert [text for _, text in found["Some mail could not be delivered"]] == [
        "1 mail was not taken by the mail server They wait, and go out by themselves when it does.",
        (
            "Nobody knows whether 1 mail arrived They are not sent again by themselves. Whoever runs the site sees "
            "them by deliver_mail --list."
        ),
    ]
    many = Reading.objects.filter(kpi__plan=world.plan, decision_needed=True, confirmed_at=None).count()
    assert found[f"{many} readings of KPIs are not confirmed"] == [
        (at("readings"), "Look at them, and confirm or change them")
    ]
    approve_narrative(collection=world.current, area=area, text="So it is.", seen=1, by=people.ed, now=NOW)
    assert "1 narrative waits for approval" not in blocks(shown("ed"))


def test_what_was_asked_on_a_kpi_that_left_the_plan_waits_for_nobody(world, shown, sign_in, clock):
    """Its pages exist no more. On another KPI of the same Members everything waits as before."""
    code, other, people = "1.1.2(a)", "1.1.2(b)", world.people
    for one in (code, other):
        for member in ("FJI", "TON"):
            answer(world.interim, member, one, standing="planned", accept=False, now=NOW)
        give_back(world.interim, one, date(2028, 1, 12), people.ed)
    retire(world, code)
    found = blocks(shown("ed"))
    assert "3 answers wait for your decision, in 2 returns" in found
    queue = page_of(sign_in(people.ed).get(at("review_queue", world.interim.code)))
    assert queue.heading == "3 answers to decide on: Interim 1"
    assert queue.row("TON") == "TON Tonga 2 2"
    came = blocks(shown("connie"))["1 answer came back: Fiji, Interim 1"]
    assert [href for href, _ in came] == [at("return_kpi", world.interim.code, "FJI", other)]
    assert "1 answer returned, correct by" in page_of(sign_in(people.connie).get(at("rounds"))).main
    need = needs_of(Round.objects.with_kpis().select_related("plan").get(pk=world.interim.pk), NOW)["FJI"]
    assert [each.kpi for each in need.back] == [other]
    clock(datetime(2028, 1, 13, tzinfo=UTC))
    assert "1 returned answer was not corrected in time" in blocks(shown("ada"))


def test_what_was_entered_on_a_kpi_that_left_the_plan_is_not_to_be_confirmed_or_settled(world, shown):
    made = entered(world, "1.1.2(a)")
    assert "1 answer was entered for you, please confirm: Fiji, Interim 2" in blocks(shown("ali"))
    reason = {"reason": "We said planned.", "by": world.people.ali, "now": NOW}
    contest_on_behalf(submission=made.submission, seen=tokens([made]), **reason)
    assert "1 answer entered for a Member is not what they said" in blocks(shown("ed"))
    entered(world, "1.1.2(b)")
    retire(world, "1.1.2(a)")
    assert not any("not what" in heading for heading in blocks(shown("ed")))
    retire(world, "1.1.2(b)")
    assert not any("please confirm" in heading for heading in blocks(shown("ali")))


def test_a_block_of_which_no_page_has_all_says_how_many_there_are_besides(world, shown, clock):
    for code in CODES[:10]:
        answer(world.interim, code, "1.1.2(a)", standing="planned", accept=False, now=NOW)
        give_back(world.interim, "1.1.2(a)", date(2028, 1, 12), world.people.ed, member=code)
    clock(datetime(2028, 1, 13, tzinfo=UTC))
    page = shown("ada")
    assert len(blocks(page)["10 returned answers were not corrected in time"]) == 8
    assert "The first was due on 12.01.28. And 2 more" in page.main


# ---------------------------------------------------------------- a co-coordinator


def test_a_co_coordinator_sees_the_own_focus_area(world, shown):
    found = blocks(shown("cora"))
    assert any(heading.startswith("Focus Area 1: ") and "targets reached" in heading for heading in found)
    assert not any("Focus Area 4" in heading for heading in found)
    silent = next(found[heading] for heading in found if "have said nothing" in heading)
    assert len(silent) == 8
    many = [int(re.search(r": (\d+) Members? ", text)[1]) for _, text in silent]
    assert many == sorted(many, reverse=True)
    assert found["Comments and narratives of Interim 2"][0] == (
        at("narrative", world.current.code, "1"),
        "The narrative of Focus Area 1 is not written",
    )


def test_what_slipped_since_the_round_before_is_said(world, shown):
    """Vera's focus area: nobody slipped. Then nine in place become seven."""
    answer(world.interim, "AUS", STATUS_4, standing="planned")
    answer(world.interim, "FJI", STATUS_4, standing="planned")
    answer(world.interim, "NPL", STATUS_4, standing="planned")
    found = blocks(shown("vera"))
    heading = next(heading for heading in found if "slipped" in heading)
    assert heading == "Focus Area 4: 1 KPI slipped since 30.06.26"
    assert found[heading][0][0] == at("kpi", STATUS_4)
    assert found[heading][0][1].startswith(f"{STATUS_4}: 9, now 7")


def test_who_has_sent_nothing_on_it_and_what_is_to_be_written(world, shown):
    heading = re.compile(r"(\d+) organisations have sent nothing on Focus Area 1: Interim 2")
    before = next(int(match[1]) for each in blocks(shown("cora")) if (match := heading.fullmatch(each)))
    answer(world.current, "AUS", STATUS, standing="in_place", accept=False)
    answer(world.current, "NZL", STATUS_4, standing="in_place", accept=False)
    type_in(world.current, world.people.connie, STATUS)
    after = next(int(match[1]) for each in blocks(shown("cora")) if (match := heading.fullmatch(each)))
    assert after == before - 1
    text = {"collection": world.current, "seen": 0, "by": world.people.cora, "now": NOW}
    area = FocusArea.objects.get(plan=world.plan, code="1")
    total = sum(1 for _ in questions_of(world.current) if _.startswith("1."))
    write_narrative(area=area, text="So it is.", **text)
    write_comment(kpi=kpi(STATUS), text="Well done.", **text)
    assert [said for _, said in blocks(shown("cora"))["Comments and narratives of Interim 2"]] == [
        "The narrative of Focus Area 1 waits for approval",
        f"{total - 1} of {total} KPIs of Focus Area 1 have no comment",
    ]


# ---------------------------------------------------------------- a regional officer


def test_an_officer_sees_the_register_and_the_return(world, shown):
    planned = Activity.objects.get(reference="ROCB-PLANNED")
    found = blocks(shown("olga"))
    assert found["1 planned activity has passed: was it held?"] == [
        (at("activity_edit", planned.pk), "ROCB-PLANNED 01.05.27")
    ]
    attest = next(heading for heading in found if "say whether it is complete" in heading)
    assert attest.endswith("up to 31.12.27")
    assert found[attest][0][0].startswith(at("return_tasks", world.current.code, "ROCB"))
    assert any(heading.startswith("ROCB A/P, Interim 2: ") for heading in found)
    activity("ROCB-NEW", date(2027, 6, 1), ["3.2.1(c)"], organisers=["ROCB"], participants=["FJI"], accept=False)
    contest = {"kind": StatementKind.CONTESTED, "reason": "No.", "by": world.people.ali, "now": NOW}
    state_part(activity=Activity.objects.get(reference="ROCB-NEW"), organisation=org("FJI"), **contest)
    found = blocks(shown("olga"))
    assert "1 activity of yours is contested" in found
    assert [text for _, text in found["1 activity of yours waits for the secretariat"]] == ["ROCB-NEW 01.06.27"]
    assert not any("RILO" in text for texts in found.values() for _, text in texts)


def test_an_officers_activities_are_all_counted(world, shown):
    for number in range(161):
        activity(f"MANY-{number}", date(2027, 6, 1), ["3.2.1(c)"], organisers=["ROCB"], accept=False)
    found = blocks(shown("olga"))
    assert len(found["161 activities of yours wait for the secretariat"]) == 8
    assert "1 planned activity has passed: was it held?" in found  # older than all of these


# ---------------------------------------------------------------- all together


def test_several_roles_are_one_page(world, current, shown):
    Role.objects.create(user=world.people.connie, organisation=org("CHN"), role=RoleName.CO_COORDINATOR)
    found = blocks(shown("connie"))
    assert "Fiji, Interim 2: 20 days left" in found
    assert any(heading.startswith("Focus Area 1: ") for heading in found)


def test_no_page_is_kept_for_somebody_else(world, sign_in):
    """Everybody looks twice, one after the other, and sees the same as alone."""
    names = ("ada", "connie", "cora", "olga", "vera", "percy")
    clients = {name: sign_in(world.people[name]) for name in names}
    alone = {name: blocks(page_of(clients[name].get(at("today")))) for name in names}
    assert len({str(found) for found in alone.values()}) == len(names)
    for name in reversed(names):
        assert blocks(page_of(clients[name].get(at("today")))) == alone[name]


def test_nobody_sees_a_word_that_is_not_theirs(world, shown):
    for name in ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy"):
        html = shown(name).html
        assert "CANARY" not in html, name
        assert "7777" not in html, name


def test_it_takes_few_queries_however_much_there_is(world, sign_in):
    names = ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy")
    before = {name: queries_of(sign_in(world.people[name]), at("today")) for name in names}
    assert max(before.values()) <= 12, before
    for code in ("KOR", "THA", "NPL", "AUS"):
        answer(world.current, code, STATUS, standing="in_place", accept=False)
        arrangement("PNG", code, accept=False)
        person(f"Person-{code}", RoleName.MEMBER_APPROVER, org(code))
    for number in range(4):
        activity(f"NEW-{number}", INTERIM, ["3.2.1(c)"], organisers=["ROCB"], participants=["FJI"], accept=False)
    after = {name: queries_of(sign_in(world.people[name]), at("today")) for name in names}
    assert after == before


# ---------------------------------------------------------------- what was entered from an e-mail


def test_the_approver_is_asked_to_confirm_what_was_entered_for_them(world, shown):
    entered(world)
    heading = "1 answer was entered for you, please confirm: Fiji, Interim 2"
    assert [href for href, _ in blocks(shown("ali"))[heading]] == [at("return_confirm", world.current.code, "FJI")]
    assert heading not in blocks(shown("connie"))


def test_the_secretariat_hears_that_it_is_not_what_was_said(world, shown):
    made = entered(world)
    by = {"by": world.people.ali, "now": NOW}
    seen = tokens([made])
    contest_on_behalf(submission=made.submission, seen=seen, reason="We said planned.", **by)
    found = blocks(shown("ed"))["1 answer entered for a Member is not what they said"]
    assert found == [(at("review_kpi", world.current.code, STATUS), f"Fiji, {STATUS}: We said planned.")]
    assert "We said planned." not in shown("cora").main


def test_what_somebody_contests_is_a_question_to_the_organising_member(world, shown):
    """Until it is settled; and a planned activity of theirs that has passed is asked about."""
    held = activity("FJI-1", date(2026, 11, 20), ["2.2.2(a).1"], organisers=["FJI"], participants=["TON"], title="Held")
    activity(
        "FJI-2", date(2027, 5, 1), ["2.2.2(a).1"], accept=False, organisers=["FJI"], title="Soon", status="planned"
    )
    contest = {"kind": StatementKind.CONTESTED, "reason": "Not us.", "by": world.people.ada, "now": NOW}
    assert "1 activity of yours is contested" not in blocks(shown("ali"))
    state_part(activity=held, organisation=org("TON"), **contest)
    found = blocks(shown("ali"))
    assert [text.split(" ")[0] for _, text in found["1 activity of yours is contested"]] == ["Held"]
    assert [text.split(" ")[0] for _, text in found["1 planned activity has passed: was it held?"]] == ["Soon"]
    assert "1 activity of yours is contested" not in blocks(shown("cora"))
