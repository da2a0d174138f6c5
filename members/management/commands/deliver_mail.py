from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.imports.held import forget_old
from members.mail import UNDER_WAY, deliver, release
from members.models import OutgoingMail

ENOUGH = 3
"""So many failures in a row, and the server is taken to be down; the rest waits for the next run."""


class Command(BaseCommand):
    help = (
        "Sends the mail that waits, and forgets the files that somebody looked at more than an hour ago and did not "
        "import. Run it every few minutes; two at once are no harm."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--list", action="store_true", help="show what waits and what is doubtful; send nothing")
        what.add_argument("--again", type=int, metavar="ID", help="send a doubtful one, though it may have arrived")

    def handle(self, *args: Any, **options: Any) -> None:
        now = timezone.now()
        if options["list"]:
            return self.show(now)
        if options["again"] is not None and not release(options["again"], now=now):
            raise CommandError(f"Mail {options['again']} is not doubtful. `deliver_mail --list` shows which are.")
        forget_old()
        return self.send(options["again"])

    def send(self, only: int | None) -> None:
        waiting = OutgoingMail.objects.waiting().values_list("pk", flat=True)
        found = [only] if only is not None else list(waiting)
        sent = failed = 0
        for pk in found:
            if deliver(pk, now=timezone.now()):
                sent, failed = sent + 1, 0
            else:
                failed += 1
            if failed == ENOUGH:
                break
        if found:
            self.stdout.write(f"{sent} of {len(found)} sent.")
        if left := OutgoingMail.objects.doubtful(timezone.now() - UNDER_WAY).count():
            self.stderr.write(f"Nobody knows whether {left} went out: `deliver_mail --list` shows them.")

    def show(self, now: datetime) -> None:
        kinds = {"waits": OutgoingMail.objects.waiting(), "doubtful": OutgoingMail.objects.doubtful(now - UNDER_WAY)}
        for kind, mails in kinds.items():
            for mail in mails:
                tried = f"tried {mail.attempts} times" if mail.attempts != 1 else "tried once"
                why = f": {mail.last_error}" if mail.last_error else ""
                self.stdout.write(f"{mail.pk} {kind}, {tried}, {mail} ({mail.queued_at:%d.%m.%y %H:%M}){why}")
