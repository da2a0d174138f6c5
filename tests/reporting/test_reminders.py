"""Whom a round still waits for, what the mail says, and the page from which the secretariat sends it."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from django.core import mail
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry, OutgoingMail, Role
from reporting.actions import close_round
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.entry import save_draft, send, send_to_approver, tokens
from reporting.actions.reminders import needs_of
from reporting.actions.rounds import admit_late
from reporting.models import UNSAID, Answer, Reminder, Round, Submission
from reporting.questions import questions_of
from reporting.reminders import letter
from reporting.threads import threads_of, token_of
from tests.conftest import person

from .looks import page_of, queries_of
from .region import NOW, PLAN, answer, kpi, org
from .trying import ended

KPIS = ("1.1.1(a)", "1.1.1(b)")
"""What the round asks in these tests: two answers of each Member."""
CLOSES = datetime(2028, 1, 31, 8, tzinfo=UTC)


@pytest.fixture
def current(world) -> Round:
    world.current.kpis.set([kpi(code) for code in KPIS])
    return Round.objects.with_kpis().select_related("plan").get(pk=world.current.pk)


def at(collection) -> str:
    return reverse("reminders", args=(PLAN, collection.code))


def log_of(collection) -> str:
    return reverse("reminders_sent", args=(PLAN, collection.code))


def submission_of(collection, code="FJI") -> Submission:
    return Submission.objects.select_related("round__plan", "organisation").get(
        round=collection, organisation__code=code
    )


def type_in(collection, by, *codes, **more):
    for code in codes:
        says = UNSAID | {"standing": "in_place", "comment": "", "evidence_url": ""} | more
        save_draft(
            submission=submission_of(collection),
            question=questions_of(collection)[code],
            plan_year=None,
            says=says,
            seen="0",
            by=by,
            now=NOW,
        )


def waiting(collection) -> dict[int, str]:
    return tokens(each.working for each in threads_of(submission_of(collection)).values() if each.working)


def give_back(collection, code, until, by):
    found = Answer.objects.get(round=collection, organisation__code="FJI", kpi__code=code)
    return return_answer(answer=found, seen=token_of(found), reason="Which law?", correct_by=until, by=by, now=NOW)


def need(collection, code="FJI", now=NOW):
    return needs_of(collection, now).get(code)


def counts(found) -> tuple[int, int, int, int]:
    return (found.missing, found.drafts, found.waiting, len(found.back))


def text(found, user, word="") -> str:
    return letter(found, user, word).text


# ---------------------------------------------------------------- who needs one, and what it says


def test_what_is_asked_and_not_sent_needs_one(world, current):
    found = needs_of(current, NOW)
    assert counts(found["FJI"]) == (2, 0, 0, 0)
    assert counts(found["JPN"]) == (1, 0, 0, 0)
    assert len(found) == 35
    assert [user.name for user in found["FJI"].people] == ["Ali", "Connie"]
    assert found["JPN"].people == ()


def test_the_mail_says_what_until_when_where_and_whom_to_ask(world, current, settings):
    settings.SECRETARIAT_EMAIL = "rsp@example.org"
    found = letter(need(current), world.people.connie, "Call us.")
    assert (found.to, found.subject) == ("connie@example.org", "Please send your answers: Interim 2")
    assert found.shown == (
        "Dear Connie,\n\n"
        "Fiji has not finished its return for Interim 2, progress as at 31.12.27.\n\n"
        "- 2 of 2 answers are not filled in yet.\n\n"
        "You can fill in and send until 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji).\n\n"
        "The secretariat adds: Call us.\n\n"
        f"Your return: {settings.SITE_ADDRESS}/plans/{PLAN}/rounds/interim-2028/returns/FJI/\n\n"
        "RSP Tracker\n\n"
        "Questions? Write to the secretariat (rsp@example.org).\n"
    )


def test_each_state_is_counted_where_it_belongs(world, current):
    people = world.people
    type_in(current, people.connie, "1.1.1(a)")
    assert counts(need(current)) == (1, 1, 0, 0)
    send_to_approver(submission=submission_of(current), seen=waiting(current), by=people.connie, now=NOW)
    assert counts(need(current)) == (1, 0, 1, 0)
    assert {user.name for user in need(current).people} == {"Ali", "Connie"}
    type_in(current, people.connie, "1.1.1(b)")
    send_to_approver(
        submission=submission_of(current),
        seen=tokens(each.working for each in threads_of(submission_of(current)).values() if each.state == "draft"),
        by=people.connie,
        now=NOW,
    )
    found = need(current)
    assert counts(found) == (0, 0, 2, 0)
    assert [user.name for user in found.people] == ["Ali"]
    assert "- 2 answers wait for you to send." in text(found, people.ali)
    send(submission=submission_of(current), seen=waiting(current), by=people.ali, now=NOW)
    assert need(current) is None


def test_where_there_is_no_approver_the_contributor_hears_of_it(world, current):
    people = world.people
    type_in(current, people.connie, *KPIS)
    send_to_approver(submission=submission_of(current), seen=waiting(current), by=people.connie, now=NOW)
    Role.objects.filter(user=people.ali).delete()
    found = need(current)
    assert [user.name for user in found.people] == ["Connie"]
    assert "- 2 answers wait for your approver to send." in text(found, people.connie)


def test_what_came_back_needs_one_until_its_own_day(world, current):
    people = world.people
    type_in(current, people.connie, *KPIS)
    send(submission=submission_of(current), seen=waiting(current), by=people.ali, now=NOW)
    give_back(current, "1.1.1(a)", date(2028, 2, 5), people.ed)
    found = need(current)
    assert counts(found) == (0, 0, 0, 1)
    assert letter(found, people.connie).subject == "Please correct your answers: Interim 2"
    said = text(found, people.connie)
    assert (
        "1 answer came back to be corrected. The return shows why:\n"
        "- KPI 1.1.1(a): until the end of 05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)"
    ) in said
    assert "Which law?" not in said
    close_round(collection=current, by=None, now=NOW)
    current.refresh_from_db()
    assert need(current, now=datetime(2028, 2, 5, 14, 59, tzinfo=UTC)) is not None
    assert need(current, now=datetime(2028, 2, 5, 15, 0, tzinfo=UTC)) is None


def test_a_draft_over_what_was_accepted_is_nobody_elses(world, current):
    people = world.people
    type_in(current, people.connie, *KPIS)
    send(submission=submission_of(current), seen=waiting(current), by=people.ali, now=NOW)
    rows = list(Answer.objects.filter(round=current, organisation__code="FJI"))
    accept_answers(seen=tokens(rows), by=people.ed, now=NOW)
    assert need(current) is None
    one = Answer.objects.get(round=current, organisation__code="FJI", kpi__code="1.1.1(a)")
    save_draft(
        submission=submission_of(current),
        question=questions_of(current)["1.1.1(a)"],
        plan_year=None,
        says=UNSAID | {"standing": "planned", "comment": "", "evidence_url": ""},
        seen=token_of(one),
        by=people.connie,
        now=NOW,
    )
    assert need(current) is None


def test_after_the_closing_it_says_to_ask_to_be_let_in(world, current, settings):
    settings.SECRETARIAT_EMAIL = "rsp@example.org"
    found = need(current, now=CLOSES)
    assert (found.open, found.ends) == (False, None)
    assert letter(found, world.people.connie).subject == "Interim 2 has closed without all your answers"
    assert (
        "The round closed on 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji), so you cannot "
        "fill in or send these now. If you still want to answer, ask the secretariat (rsp@example.org) to let you in "
        "late"
    ) in text(found, world.people.connie)


def test_who_is_let_in_late_has_their_own_deadline(world, current):
    close_round(collection=current, by=None, now=NOW)
    current.refresh_from_db()
    until = NOW + timedelta(days=3)
    admit_late(submission=submission_of(current), until=until, reason="A storm.", by=world.people.ada, now=NOW)
    found = need(current)
    assert (found.open, found.ends) == (True, until)
    assert "You are let in late: you can fill in and send until 13.01.28, 18:00 (Asia/Tokyo)" in text(
        found, world.people.connie
    )
    over = need(current, now=until)
    assert "Your late admission ended on 13.01.28, 18:00" in text(over, world.people.connie)


# ---------------------------------------------------------------- the page


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


def form_of(client, path) -> dict[str, object]:
    page = page_of(client.get(path))
    [once] = re.findall(r'name="once" value="([0-9a-f]{16})"', page.html)
    chosen = [value for value, ticked in re.findall(r'name="chosen" value="([^"]+)"( checked)?', page.html) if ticked]
    return {"once": once, "chosen": chosen, "word": ""}


def mails() -> list[tuple[str, str]]:
    return sorted(OutgoingMail.objects.filter(key__startswith="reminder/").values_list("to", "subject"))


def test_it_shows_who_why_and_the_exact_mail(world, current, ed):
    page = page_of(ed.get(at(current)))
    assert page.heading == "1 organisation to remind: Interim 2"
    row = page.row("Fiji")
    assert row.startswith("Fiji 2 of 2 not filled in To Ali, ali@example.org Please send your answers: Interim 2")
    assert "To Connie, connie@example.org" in row
    assert " ".join(text(need(current), world.people.connie).split()) in row
    assert "Nobody has an account to answer with at Afghanistan; Australia; Bangladesh" in page.main
    page = page_of(ed.get(log_of(current)))
    assert (page.heading, "No reminder was sent yet" in page.main) == ("No reminder was sent: Interim 2", True)


def test_the_board_leads_there_and_says_when_somebody_was_reminded(world, current, ed, sign_in):
    board = reverse("board", args=(PLAN, current.code))
    page = page_of(ed.get(board))
    assert f'<a class="btn" href="{at(current)}">Remind 1 organisation</a>' in page.html
    why = (
        "35 organisations have not finished. 1 of them can be reminded. Nobody at the other 34 has an account to answer"
    )
    assert why in page.main
    assert why in page_of(ed.get(at(current))).main
    ed.post(at(current), form_of(ed, at(current)))
    assert page_of(ed.get(board)).row("FJI").startswith("FJI Fiji reminded 10.01.28")
    for name in ("connie", "cora", "olga"):
        html = page_of(sign_in(world.people[name]).get(board)).html
        assert "Remind " not in html
        assert "reminded 10.01.28" not in html


def test_one_click_sends_to_each_and_notes_it(world, current, ed, django_capture_on_commit_callbacks):
    form = form_of(ed, at(current))
    assert [each.partition(".")[0] for each in form["chosen"]] == ["FJI"]
    with django_capture_on_commit_callbacks(execute=True):
        response = ed.post(at(current), form | {"word": "Call us\non Monday."})
    assert (response.status_code, response.url) == (302, log_of(current))
    subject = "Please send your answers: Interim 2"
    assert mails() == [("ali@example.org", subject), ("connie@example.org", subject)]
    assert sorted(each.to[0] for each in mail.outbox) == ["ali@example.org", "connie@example.org"]
    assert all("The secretariat adds: Call us on Monday." in each.body for each in mail.outbox)
    [one] = Reminder.objects.all()
    assert (one.submission.organisation.code, one.kind, one.sent_by, one.people) == (
        "FJI",
        "by_hand",
        world.people.ed,
        2,
    )
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name, entry.object_label, entry.reason) == (
        "reminded",
        "Ed",
        "Fiji, Interim 2",
        "Call us on Monday.",
    )
    page = page_of(ed.get(log_of(current)))
    assert page.heading == "1 reminder was sent: Interim 2"
    assert "1 organisation is reminded: 2 people get a mail." in page.main
    assert page.row("10.01.28, 17:00") == (
        "10.01.28, 17:00 Fiji By hand, by Ed ali@example.org: sent connie@example.org: sent"
    )


def test_who_was_reminded_in_the_last_day_is_not_ticked(world, current, ed, clock, sign_in):
    ed.post(at(current), form_of(ed, at(current)))
    assert form_of(ed, at(current))["chosen"] == []
    assert page_of(ed.get(at(current))).row("Fiji").endswith("10.01.28, 17:00")
    clock(NOW + timedelta(hours=24))
    form = form_of(sign_in(world.people.ed), at(current))
    assert [each[:3] for each in form["chosen"]] == ["FJI"]


def test_a_second_click_sends_nothing_and_says_so(world, current, ed):
    form = form_of(ed, at(current))
    for _ in range(2):
        assert ed.post(at(current), form).status_code == 302
    assert (len(mails()), Reminder.objects.count()) == (2, 1)
    assert AuditEntry.objects.filter(action="reminded").count() == 1
    assert "These reminders were sent before. Nothing was sent again." in page_of(ed.get(log_of(current))).main


def test_a_look_at_the_mails_with_the_own_line_sends_nothing(world, current, ed):
    form = form_of(ed, at(current))
    page = page_of(ed.post(at(current), form | {"word": "Call <us>.", "chosen": [], "look": "1"}))
    assert (page.status, mails()) == (200, [])
    assert "The secretariat adds: Call <us>." in page.row("Fiji")
    assert 'value="Call &lt;us&gt;."' in page.html
    assert " checked" not in page.html
    assert f'value="{form["once"]}"' in page.html


def test_what_changed_meanwhile_is_not_sent_and_the_choice_is_kept(world, current, ed):
    form = form_of(ed, at(current))
    type_in(current, world.people.connie, "1.1.1(a)")
    page = page_of(ed.post(at(current), form | {"word": "Call us."}))
    assert (page.status, mails()) == (409, [])
    assert (
        "What is missing changed meanwhile, or somebody else reminded them: FJI. Look at it again, then send."
        in page.main
    )
    assert page.row("Fiji").startswith("Fiji 1 of 2 not filled in; 1 filled in and not sent")
    assert 'value="Call us."' in page.html
    [again] = re.findall(r'value="(FJI\.[^"]+)" checked', page.html)
    assert ed.post(at(current), form | {"chosen": [again]}).status_code == 302
    assert len(mails()) == 2


def test_who_has_sent_all_meanwhile_gets_nothing(world, current, ed):
    form = form_of(ed, at(current))
    for code in KPIS:
        answer(current, "FJI", code, standing="in_place")
    assert page_of(ed.post(at(current), form)).status == 409
    assert mails() == []


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"chosen": []}, "Tick at least one organisation."),
        ({"once": "x"}, "This page is incomplete. Open it again, then send."),
        ({"once": ""}, "This page is incomplete. Open it again, then send."),
        ({"word": "x" * 501}, "Your line has 501 letters; 500 are the most."),
        ({"word": "a\x01b"}, "The text has a control character"),
    ],
)
def test_what_cannot_be_sent_is_said_in_a_sentence(world, current, ed, wrong, sentence):
    page = page_of(ed.post(at(current), form_of(ed, at(current)) | wrong))
    assert (page.status, mails()) == (422, [])
    assert sentence in page.main


@pytest.mark.parametrize("chosen", ["FJI", "FJI.", ".", "", "XXX.0123456789abcdef", "JPN.0123456789abcdef", "\u0661.x"])
def test_a_choice_that_was_made_up_sends_nothing(world, current, ed, chosen):
    page = page_of(ed.post(at(current), form_of(ed, at(current)) | {"chosen": [chosen]}))
    assert (page.status, mails()) == (409, [])


def test_who_has_no_account_is_said_and_not_mailed(world, current, ed):
    token = need(current, "JPN").token
    page = page_of(ed.post(at(current), form_of(ed, at(current)) | {"chosen": [f"JPN.{token}"]}))
    assert (page.status, mails()) == (422, [])
    assert "Nobody at Japan has an account, so a mail reaches nobody there." in page.main


def test_an_unopened_round_reminds_nobody(world, ed):
    planned = Round.objects.create(plan=world.plan, code="later", title="Later", as_at=date(2028, 6, 30))
    page = page_of(ed.get(at(planned)))
    assert (page.status, "Later is not open yet" in page.main) == (200, True)
    page = page_of(ed.post(at(planned), {"once": "0" * 16, "chosen": ["FJI.x"]}))
    assert (page.status, mails()) == (422, [])


def test_when_all_is_sent_it_says_so(world, current, ed):
    current.kpis.set([kpi("1.1.1(b)")])
    for code in needs_of(Round.objects.with_kpis().select_related("plan").get(pk=current.pk), NOW):
        answer(current, code, "1.1.1(b)", standing="in_place")
    page = page_of(ed.get(at(current)))
    assert page.heading == "Nobody needs a reminder: Interim 2"
    assert "Everything asked is sent" in page.main


@pytest.mark.parametrize("name", ["connie", "ali", "cora", "olga", "percy", "nobody"])
def test_it_is_the_secretariats_alone(world, current, sign_in, name):
    client = sign_in(world.people[name])
    for path in (at(current), log_of(current)):
        assert [ended(client, method, path) for method in ("get", "post")] == ["403", "403"]


def test_a_mail_that_the_server_refused_is_seen(world, current, ed):
    ed.post(at(current), form_of(ed, at(current)))
    sent = OutgoingMail.objects.filter(key__startswith="reminder/")
    sent.filter(to="ali@example.org").update(last_error="SMTPRecipientsRefused: no such user")
    sent.filter(to="connie@example.org").update(claimed_at=NOW)
    row = page_of(ed.get(log_of(current))).row("10.01.28, 17:00")
    assert "ali@example.org: waits, the mail server refused this address (SMTPRecipientsRefused: no such user)" in row
    assert "connie@example.org: nobody knows whether it arrived; it is not sent again by itself" in row


def test_as_many_queries_however_many_there_are(world, current, ed):
    asked = queries_of(ed, at(current))
    for code in ("JPN", "AUS", "NZL", "KOR"):
        person(f"Ann-{code}", RoleName.MEMBER_APPROVER, org(code))
        person(f"Bo-{code}", RoleName.MEMBER_CONTRIBUTOR, org(code))
    assert queries_of(ed, at(current)) == asked <= 12
    ed.post(at(current), form_of(ed, at(current)))
    assert Reminder.objects.count() == 5
    assert queries_of(ed, at(current)) == asked
    assert queries_of(ed, log_of(current)) <= 8
