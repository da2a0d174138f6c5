"""Mail that goes out with the change that it tells of: never without it, never twice, and none is lost.

An action posts a mail inside its transaction. Once that has committed, and the answer to the click has gone, one
attempt is made; where the server is down, the mail waits for `manage.py deliver_mail`. Whoever sends claims the row
first, in a statement that commits by itself, so two never send the same (docs/adr/0013).
"""

import hashlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F

from members.afterwards import afterwards
from members.audit import OutsideTransaction
from members.models import OutgoingMail
from members.secretariat import signed
from members.smtp import PerhapsSent

PAUSE = timedelta(minutes=1)
"""After a failure no click waits for the mail server; the command tries."""
UNDER_WAY = timedelta(minutes=5)
"""Longer than any delivery takes. A claim that is older was left behind."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Letter:
    """A mail to one address. The same ``key`` is the same mail, and goes out once. The text of a secret one, such as a
    link that opens something, is forgotten as soon as it is sent."""

    key: str
    to: str
    subject: str
    text: str
    secret: bool = False


def post(*, key: str, to: str, subject: str, text: str, now: datetime, secret: bool = False) -> None:
    """To be called in the transaction of the change, as ``post_all``."""
    post_all([Letter(key, to, subject, text, secret)], now)


def post_all(letters: Iterable[Letter], now: datetime) -> None:
    """To be called in the transaction of the change. In as many queries as one. A subject that is too long, of a round
    with a long title, ends in an ellipsis."""
    if not transaction.get_connection().in_atomic_block:
        raise OutsideTransaction("Post a mail inside transaction.atomic(), together with the change it tells of.")
    wanted = {each.key: each for each in letters}
    known = set(OutgoingMail.objects.filter(key__in=wanted).values_list("key", flat=True))
    fresh = [mail_of(each, now) for key, each in wanted.items() if key not in known]
    OutgoingMail.objects.bulk_create(fresh, ignore_conflicts=True)
    for pk in OutgoingMail.objects.filter(key__in=[each.key for each in fresh]).values_list("pk", flat=True):
        transaction.on_commit(partial(afterwards, partial(first_attempt, pk, now=now)), robust=True)


def mail_of(letter: Letter, now: datetime) -> OutgoingMail:
    return OutgoingMail(
        key=letter.key,
        to=letter.to,
        subject=shortened(" ".join(letter.subject.split())),
        text=signed(letter.text),
        queued_at=now,
        secret=letter.secret,
    )


def shortened(subject: str) -> str:
    longest = OutgoingMail.SUBJECT_LENGTH
    return subject if len(subject) <= longest else subject[: longest - 1] + "…"


def first_attempt(pk: int, *, now: datetime) -> None:
    if not OutgoingMail.objects.filter(sent_at=None, tried_at__gt=now - PAUSE).exclude(last_error="").exists():
        deliver(pk, now=now)


def deliver(pk: int, *, now: datetime) -> bool:
    """Whether it went out now. Not where somebody else has claimed it, and not where the server did not take it."""
    waiting = OutgoingMail.objects.waiting().filter(pk=pk)
    if not waiting.update(claimed_at=now, tried_at=now, attempts=F("attempts") + 1):
        return False
    mail = OutgoingMail.objects.get(pk=pk)
    try:
        as_message(mail).send()
    except Exception as error:
        # Whatever goes wrong is kept with the mail. Where the server may have taken it, the claim stays.
        claim = mail.claimed_at if isinstance(error, PerhapsSent) else None
        trouble = f"{type(error).__name__}: {error}"[: OutgoingMail.ERROR_LENGTH]
        OutgoingMail.objects.filter(pk=pk).update(claimed_at=claim, last_error=trouble)
        log.warning("Mail %s was not delivered: %s", pk, trouble)
        return False
    OutgoingMail.objects.filter(pk=pk).update(sent_at=now, last_error="", text="" if mail.secret else mail.text)
    return True


def release(pk: int, *, now: datetime) -> bool:
    """Gives up a claim that was left behind, because a person says that the mail shall go out (again)."""
    return bool(OutgoingMail.objects.doubtful(now - UNDER_WAY).filter(pk=pk).update(claimed_at=None))


def as_message(mail: OutgoingMail) -> EmailMessage:
    """With the same Message-ID each time, by which a mailbox knows what it has."""
    name = hashlib.sha256(mail.key.encode()).hexdigest()[:32]
    host = settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("> ")
    return EmailMessage(mail.subject, mail.text, to=[mail.to], headers={"Message-ID": f"<{name}@{host}>"})
