import sys
from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from members.actions import create_account
from members.choices import RoleName
from members.models import Organisation, User
from members.permissions import missing_to_invite
from members.queries import acting_user, organisation_by_code


class Command(BaseCommand):
    help = "Accounts. `account create` makes one with one role in one organisation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make an account")
        create.add_argument("--email", required=True)
        create.add_argument("--name", required=True)
        create.add_argument("--role", required=True, choices=RoleName.values)
        create.add_argument("--organisation", required=True, metavar="CODE")
        create.add_argument("--password-stdin", action="store_true", help="read it from standard input")
        create.add_argument("--by", metavar="EMAIL", help="the acting person; default: nobody, the command line")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            user = self.create(**options)
        except User.DoesNotExist as error:
            raise CommandError(f"--by: there is no active account {options['by']}.") from error
        except Organisation.DoesNotExist as error:
            raise CommandError(f"--organisation: there is no {options['organisation']}.") from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        self.stdout.write(f"{user.email} can sign in.")

    def create(self, **options: Any) -> User:
        role, organisation = RoleName(options["role"]), organisation_by_code(options["organisation"])
        by = acting_user(options["by"]) if options["by"] else None
        missing = missing_to_invite(by, role, organisation.code) if by else ""
        if by and missing:
            raise CommandError(f"--by: {by.email} does not have the right {missing} in {organisation.code}.")
        return create_account(
            email=options["email"],
            name=options["name"],
            role=role,
            organisation=organisation,
            by=by,
            password=self.password() if options["password_stdin"] else None,
        )

    def password(self) -> str:
        """Not an argument, since those stand in the process list and in the history of the shell."""
        password = sys.stdin.readline().rstrip("\n")
        validate_password(password)
        return password
