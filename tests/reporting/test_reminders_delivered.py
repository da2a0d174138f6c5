"""A mail server that refuses, hangs, fails or hangs up costs nothing but time, and neither a click nor a crash sends
anything twice. The server is a real one, on this machine; on PostgreSQL two at once really are."""

import io
import time
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.utils import timezone

from members.choices import RoleName
from members.models import OutgoingMail
from reporting.actions import close_round
from reporting.actions.refusals import Stale
from reporting.actions.reminders import due_now, remind, remind_due
from reporting.models import Reminder, Round
from tests.conftest import person
from tests.members.mail_server import HANGS, HANGS_UP, mail_server

from . import races
from .region import leave_only, load_region, org
from .test_reminders import need

pytestmark = pytest.mark.django_db(transaction=True)
ONCE = "0123456789abcdef"


@pytest.fixture
def stage(db):
    """Australia has a contributor and an approver, Fiji a contributor; both are asked, and the round is open."""
    plan = load_region()
    leave_only("AUS", "FJI")
    ada = person("Ada", RoleName.SECRETARIAT_ADMINISTRATOR, org("APVC"))
    ed = person("Ed", RoleName.SECRETARIAT_EDITOR, org("APVC"))
    ali = person("Ali", RoleName.MEMBER_APPROVER, org("AUS"))
    for name, code in (("Connie", "AUS"), ("Fay", "FJI")):
        person(name, RoleName.MEMBER_CONTRIBUTOR, org(code))
    found = races.set_up(plan, ali, (ed, ada), ("1.1.1(a)",))
    Round.objects.filter(pk=found.round.pk).update(closes_at=races.NOW + timedelta(days=3))
    return found


@pytest.fixture
def server(settings):
    with mail_server(settings) as running:
        yield running


def collection(stage) -> Round:
    return Round.objects.with_kpis().select_related("plan").get(pk=stage.round.pk)


def click(stage, once: str = ONCE, seen: str = "", code: str = "AUS"):
    token = seen or need(collection(stage), code, races.NOW).token
    told = {"word": "", "by": stage.editors[0], "now": races.NOW}
    return remind(collection=stage.round, chosen={code: token}, once=once, **told)


def deliver() -> str:
    out = io.StringIO()
    call_command("deliver_mail", stdout=out, stderr=out)
    return out.getvalue()


def arrived(server) -> Counter[str]:
    """To -> how many mails."""
    lines = (line for text in server.kept for line in text.splitlines() if line.startswith("To: "))
    return Counter(line.removeprefix("To: ") for line in lines)


PEOPLE = {"ali@example.org": 1, "connie@example.org": 1}
REFUSALS = {
    "the server is too busy": ("hello", "421 Too busy"),
    "it refuses the site": ("mail", "550 Not you"),
    "it refuses the address for now": ("rcpt", "450 Try later"),
    "it refuses the address": ("rcpt", "550 No such user"),
    "it refuses the text before it has it": ("data", "554 No"),
    "it refuses the text for now": (".", "451 Try later"),
    "it refuses the text": (".", "554 Spam"),
    "it hangs at once": ("hello", HANGS),
    "it hangs before the text": ("rcpt", HANGS),
    "it hangs up at once": ("hello", HANGS_UP),
    "it hangs up before the text": ("rcpt", HANGS_UP),
}


@pytest.mark.parametrize("trouble", REFUSALS)
def test_what_the_server_does_not_take_waits_and_goes_out_once(stage, server, trouble):
    command, answer = REFUSALS[trouble]
    server.answers = {command: answer}
    began = time.monotonic()
    assert len(click(stage).now) == 1
    assert time.monotonic() - began < 5
    assert Reminder.objects.count() == 1
    waiting = OutgoingMail.objects.filter(sent_at=None, claimed_at=None)
    assert (waiting.count(), server.kept) == (2, [])
    assert waiting.exclude(last_error="").exists()
    deliver()
    server.answers = {}
    assert deliver() == "2 of 2 sent.\n"
    assert deliver() == ""
    assert arrived(server) == PEOPLE


@pytest.mark.parametrize("answer", [HANGS, HANGS_UP])
def test_where_nobody_knows_whether_it_arrived_it_is_not_sent_again(stage, server, answer):
    """The server had the text, and said nothing more."""
    server.answers = {".": answer}
    click(stage)
    deliver()
    server.answers = {}
    deliver()
    doubtful = OutgoingMail.objects.filter(sent_at=None).exclude(claimed_at=None)
    assert [each.last_error.partition(":")[0] for each in doubtful] == ["PerhapsSent"] * 2
    assert server.kept == []


def test_a_crash_after_the_click_was_saved_loses_nothing_and_doubles_nothing(stage, server, monkeypatch):
    """The process ends before the first attempt; the browser saw no answer, and sends the same form again."""
    seen = need(collection(stage), "AUS", races.NOW).token
    with monkeypatch.context() as crash:
        crash.setattr("members.mail.afterwards", lambda task: None)
        click(stage, seen=seen)
    assert (server.kept, OutgoingMail.objects.waiting().count()) == ([], 2)
    again = click(stage, seen=seen)
    assert (again.now, again.before) == ((), 1)
    assert deliver() == "2 of 2 sent.\n"
    assert arrived(server) == PEOPLE


def test_a_crash_before_the_click_was_saved_sends_nothing(stage, server, monkeypatch):
    def crash(rows):
        list(rows)
        raise RuntimeError("power cut")

    with monkeypatch.context() as broken:
        broken.setattr("reporting.actions.reminders.record_all", crash)
        with pytest.raises(RuntimeError, match="power cut"):
            click(stage)
    assert (Reminder.objects.count(), OutgoingMail.objects.count(), server.kept) == (0, 0, [])
    click(stage)
    assert arrived(server) == PEOPLE


def test_two_clicks_at_the_same_moment_send_once(stage, server):
    seen = need(collection(stage), "AUS", races.NOW).token
    outcomes = races.at_once(1, *[lambda: click(stage, seen=seen)] * 4)
    assert sorted(len(done.now) for fine, done in outcomes if fine) == [0, 0, 0, 1]
    assert (Reminder.objects.count(), arrived(server)) == (1, PEOPLE)


def test_two_runs_of_the_command_at_the_same_moment_send_once(stage, server):
    due = {"before": (7,), "after": (), "by": None, "now": races.NOW}
    outcomes = races.at_once(2, *[lambda: remind_due(collection=stage.round, **due)] * 3)
    assert sorted(len(done[0]) for fine, done in outcomes if fine) == [0, 0, 2]
    assert Reminder.objects.count() == 2
    assert arrived(server) == PEOPLE | {"fay@example.org": 1}
    assert due_now(collection(stage), (7,), (), races.NOW) == ([], [])


def test_a_click_and_a_run_at_the_same_moment_remind_nobody_twice(stage, server):
    """Whoever comes second sees what the first did."""
    seen = need(collection(stage), "AUS", races.NOW).token
    due = {"before": (7,), "after": (), "by": None, "now": races.NOW}
    for number in range(5):
        Reminder.objects.all().delete()
        OutgoingMail.objects.all().delete()
        races.at_once(
            number,
            lambda number=number: click(stage, f"{number:016x}", seen),
            lambda: remind_due(collection=stage.round, **due),
        )
        found = Counter(Reminder.objects.values_list("submission__organisation__code", flat=True))
        assert found == {"AUS": 1, "FJI": 1}


def test_what_is_sent_while_somebody_looks_is_noticed(stage, server):
    seen = need(collection(stage), "AUS", races.NOW).token
    stage.save("1.1.1(a)", "now", "0")
    with pytest.raises(Stale):
        click(stage, seen=seen)
    close_round(collection=stage.round, by=None, now=races.NOW)
    assert server.kept == []


def test_one_address_that_is_always_refused_is_in_nobodys_way(stage, server, settings):
    """A batch of many: the server refuses one address and takes the others."""
    others = [person(f"Other-{number}", RoleName.MEMBER_CONTRIBUTOR, stage.submission.organisation) for number in "12"]
    server.answers = {"rcpt": "550 No such user"}
    click(stage)
    server.answers = {}
    refused = OutgoingMail.objects.get(attempts=1)
    assert "SMTPRecipientsRefused" in refused.last_error
    assert OutgoingMail.objects.filter(attempts=0).count() == 3
    deliver()
    assert OutgoingMail.objects.filter(sent_at=None).count() == 0
    assert sum(arrived(server).values()) == 2 + len(others)
    assert timezone.now() >= OutgoingMail.objects.latest("sent_at").sent_at
