"""The outbox: a mail goes out with its change, never twice, and none is lost."""

import io
import smtplib
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.core.mail.backends import locmem
from django.core.management import CommandError, call_command
from django.db import transaction
from django.utils import timezone

from members.audit import OutsideTransaction
from members.mail import as_message, deliver, post
from members.models import OutgoingMail
from members.smtp import EmailBackend, Encrypted, Plain

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime(2027, 7, 1, 9, 0, tzinfo=UTC)


def posted(key: str = "round/1/AUS", now: datetime = NOW, **more) -> None:
    with transaction.atomic():
        post(key=key, to="ali@example.org", subject="Your answers\nare back", text="Look.", now=now, **more)


def stored(key: str = "round/1/AUS") -> OutgoingMail:
    return OutgoingMail.objects.get(key=key)


def state(item: OutgoingMail) -> tuple[bool, bool, int]:
    return (item.claimed_at is not None, item.sent_at is not None, item.attempts)


def run(*args: str) -> str:
    out = io.StringIO()
    call_command("deliver_mail", *args, stdout=out, stderr=out)
    return out.getvalue()


@pytest.fixture
def down(monkeypatch):
    """The mail server raises this; `calls` counts how often it was asked."""
    calls = []

    def go_down(error: Exception) -> list[str]:
        def send(backend, messages):
            calls.extend(message.to[0] for message in messages)
            raise error

        monkeypatch.setattr(locmem.EmailBackend, "send_messages", send)
        return calls

    return go_down


def test_it_goes_out_once_the_change_has_committed():
    with transaction.atomic():
        post(key="a", to="ali@example.org", subject="Your answers", text="Look.", now=NOW)
        assert mail.outbox == []
    [letter] = mail.outbox
    assert (letter.to, letter.subject, letter.body) == (["ali@example.org"], "Your answers", "Look.")
    assert state(stored("a")) == (True, True, 1)


def test_a_long_subject_is_shortened_to_what_is_stored():
    for key, length in (("fits", 200), ("long", 201)):
        with transaction.atomic():
            post(key=key, to="ali@example.org", subject="x" * length, text="Look.", now=NOW)
    assert stored("fits").subject == "x" * 200
    assert stored("long").subject == "x" * 199 + "…"


def test_it_goes_with_its_change():
    with transaction.atomic():
        post(key="a", to="ali@example.org", subject="Your answers", text="Look.", now=NOW)
        transaction.set_rollback(True)
    assert mail.outbox == []
    assert not OutgoingMail.objects.exists()


def test_it_needs_the_transaction_of_its_change():
    with pytest.raises(OutsideTransaction):
        post(key="a", to="ali@example.org", subject="Your answers", text="Look.", now=NOW)


def test_the_same_key_is_the_same_mail():
    posted()
    posted()
    assert len(mail.outbox) == 1
    with transaction.atomic():
        for _ in range(2):
            post(key="b", to="ali@example.org", subject="Again", text="Look.", now=NOW)
    assert [letter.subject for letter in mail.outbox] == ["Your answers are back", "Again"]


def test_the_message_id_comes_from_the_key():
    first, same, other = OutgoingMail(key="a"), OutgoingMail(key="a"), OutgoingMail(key="b")
    ids = [as_message(item).extra_headers["Message-ID"] for item in (first, same, other)]
    assert ids[0] == ids[1] != ids[2]
    assert ids[0].endswith("@localhost>")


def test_a_secret_is_forgotten_when_it_is_sent():
    posted("secret", secret=True)
    posted("open")
    assert [letter.body for letter in mail.outbox] == ["Look.", "Look."]
    assert (stored("secret").text, stored("open").text) == ("", "Look.")


TROUBLE = [
    ConnectionRefusedError("Connection refused"),
    TimeoutError("timed out"),
    smtplib.SMTPConnectError(421, b"Too busy"),
    smtplib.SMTPRecipientsRefused({"ali@example.org": (550, b"No such user")}),
    smtplib.SMTPDataError(451, b"Try later"),
    smtplib.SMTPServerDisconnected("Connection unexpectedly closed"),
    RuntimeError("anything"),
]


@pytest.mark.parametrize("error", TROUBLE, ids=[type(error).__name__ for error in TROUBLE])
def test_a_server_that_does_not_take_it_breaks_nothing_and_loses_nothing(down, monkeypatch, error):
    down(error)
    posted()
    assert state(stored()) == (False, False, 1)
    assert type(error).__name__ in stored().last_error

    monkeypatch.undo()
    assert run() == "1 of 1 sent.\n"
    assert run() == ""
    assert len(mail.outbox) == 1
    assert (state(stored()), stored().last_error) == ((True, True, 2), "")


def test_while_the_server_is_down_no_click_waits_for_it(down):
    calls = down(TimeoutError("timed out"))
    posted("a", now=NOW)
    posted("b", now=NOW + timedelta(seconds=59))
    assert len(calls) == 1
    posted("c", now=NOW + timedelta(seconds=61))
    assert len(calls) == 2
    assert [state(item)[2] for item in OutgoingMail.objects.all()] == [1, 0, 1]


def test_the_command_stops_where_the_server_is_down_and_begins_with_what_was_tried_least(down):
    calls = down(ConnectionRefusedError("Connection refused"))
    for number in range(5):
        OutgoingMail.objects.create(key=str(number), to=f"{number}@example.org", subject="S", text="T", queued_at=NOW)
    assert run() == "0 of 5 sent.\n"
    assert run() == "0 of 5 sent.\n"
    assert calls == [f"{number}@example.org" for number in (0, 1, 2, 3, 4, 0)]


def test_two_at_once_send_it_once(monkeypatch):
    """The second one comes while the first is in the middle of handing it over."""
    OutgoingMail.objects.create(key="a", to="ali@example.org", subject="S", text="T", queued_at=NOW)
    handing_over = locmem.EmailBackend.send_messages
    answers = []

    def send(backend, messages):
        answers.append(deliver(stored("a").pk, now=NOW))
        answers.append(run())
        return handing_over(backend, messages)

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", send)
    assert deliver(stored("a").pk, now=NOW)
    assert answers == [False, ""]
    assert len(mail.outbox) == 1


@pytest.fixture
def left_behind() -> OutgoingMail:
    """As a crash between claim and mark leaves it."""
    claimed = timezone.now() - timedelta(minutes=6)
    return OutgoingMail.objects.create(
        key="a", to="ali@example.org", subject="S", text="T", queued_at=NOW, claimed_at=claimed, attempts=1
    )


def test_what_may_have_been_sent_is_listed_and_never_sent_by_itself(left_behind):
    assert run() == "Nobody knows whether 1 went out: `deliver_mail --list` shows them.\n"
    assert mail.outbox == []
    assert run("--list") == f"{left_behind.pk} doubtful, tried once, S, to ali@example.org (01.07.27 09:00)\n"


def test_a_person_may_send_it_again(left_behind):
    assert run("--again", str(left_behind.pk)) == "1 of 1 sent.\n"
    assert len(mail.outbox) == 1
    with pytest.raises(CommandError, match="is not doubtful"):
        run("--again", str(left_behind.pk))


def test_what_is_under_way_is_not_doubtful(left_behind):
    OutgoingMail.objects.update(claimed_at=timezone.now())
    with pytest.raises(CommandError, match="is not doubtful"):
        run("--again", str(left_behind.pk))
    assert (run(), run("--list")) == ("", "")


def test_the_list_says_what_waits_and_why(down):
    down(TimeoutError("timed out"))
    posted()
    line = f"{stored().pk} waits, tried once, Your answers are back, to ali@example.org (01.07.27 09:00)"
    assert run("--list") == f"{line}: TimeoutError: timed out\n"


class Server:
    """A mail server that answers what it is told to, and hangs up at one command."""

    def __init__(self, hangs_up_at: str) -> None:
        self.hangs_up_at = hangs_up_at
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()

    def serve(self) -> None:
        connection, _ = self.listening.accept()
        answers = {"data": b"354 Go on\r\n", ".": b"250 Kept\r\n", "quit": b"221 Bye\r\n"}
        with connection, connection.makefile("rwb", buffering=0) as lines:
            lines.write(b"220 Here\r\n")
            talking = True
            for line in lines:
                word = line.decode().strip().lower()
                command = word.split(" ")[0]
                if command == self.hangs_up_at:
                    return
                if talking or word == ".":
                    lines.write(answers.get(command, b"250 Good\r\n"))
                talking = command not in {"data"} if talking else word == "."

    def close(self) -> None:
        self.thread.join(timeout=10)
        self.listening.close()


@pytest.mark.parametrize(
    ("hangs_up_at", "expected"),
    [("mail", (False, False, 1)), ("rcpt", (False, False, 1)), (".", (True, False, 1)), ("never", (True, True, 1))],
)
def test_only_where_the_server_had_the_text_is_it_doubtful(settings, hangs_up_at, expected):
    server = Server(hangs_up_at)
    settings.EMAIL_BACKEND = "members.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
    posted()
    server.close()
    assert state(stored()) == expected
    assert ("PerhapsSent" in stored().last_error) is (hangs_up_at == ".")


def test_an_encrypted_connection_is_as_careful():
    assert EmailBackend(use_ssl=True, use_tls=False).connection_class is Encrypted
    assert EmailBackend(use_ssl=False).connection_class is Plain
