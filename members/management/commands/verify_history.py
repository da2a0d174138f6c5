"""``verify_history``: is the history what it was."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from members import heads
from members.models import User
from members.permissions import may
from members.queries import acting_user
from members.verifying import Verified, verify


class Command(BaseCommand):
    help = (
        "Notices entries of the history that were altered, taken out, put in, or cut off at the end. Prints its head."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head",
            action="append",
            default=[],
            metavar='"NUMBER DIGEST"',
            help="a head that was printed before, with a release or an export; may be given several times",
        )
        parser.add_argument(
            "--kept", metavar="FILE", help="a file of heads, one in each line: all are compared, the new one is added"
        )
        parser.add_argument("--by", metavar="EMAIL", help="the acting person; default: nobody, the command line")

    def handle(self, *args: Any, **options: Any) -> None:
        check_right(options["by"])
        file = Path(options["kept"]) if options["kept"] else None
        try:
            kept = heads.read(file) if file else []
            found = verify([*kept, *map(heads.parsed, options["head"])])
            refuse(found)
            if file and found.head and found.head not in kept:
                heads.keep(file, found.head)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file}: it cannot be read or written ({error}).") from error
        stands = f"The history is as it was written. Entries: {found.number}."
        self.stdout.write(f"{stands} {found.unknown}".strip())
        self.stdout.write(str(found.head) if found.head else "Nothing is recorded yet.")


def check_right(email: str | None) -> None:
    if email is None:
        return
    try:
        user = acting_user(email)
    except User.DoesNotExist as error:
        raise CommandError(f"--by: there is no active account {email}.") from error
    if not may(user, "audit.verify"):
        raise CommandError(f"--by: {user.email} does not have the right audit.verify.")


def refuse(found: Verified) -> None:
    if found.wrong:
        more = found.wrong - len(found.faults)
        lines = [*found.faults, *([f"And {more} more."] if more else [])]
        raise CommandError("\n".join(["The history is not what it was.", *lines]))
