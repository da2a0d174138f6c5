from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.permissions import may
from reporting.looking import Missing
from reporting.management.base import acting, add_by, chosen_round
from reporting.workbook.exporting import export
from reporting.workbook.opening import DOWNLOADS, return_by_command


class Command(BaseCommand):
    help = "The Member's workbook: a round's questionnaire as an Excel file, to be filled in offline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        exporting = verbs.add_parser("export", help="make the workbook of an organisation in a round")
        exporting.add_argument("--round", required=True, metavar="CODE")
        exporting.add_argument("--organisation", required=True, metavar="CODE", help="such as AUS")
        exporting.add_argument("--output", required=True, type=Path, metavar="FILE.xlsx")
        add_by(exporting)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(getattr(self, options["verb"])(**options))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def export(self, **options: Any) -> str:
        """With --by as that person may see it; without, with what was sent and no drafts."""
        by, organisation = acting(options["by"], DOWNLOADS), options["organisation"]
        collection, output = chosen_round(options["round"]), options["output"]
        if output.suffix.lower() != ".xlsx":
            raise CommandError(f"--output: {output} does not end with .xlsx.")
        try:
            found = return_by_command(collection, organisation, by, timezone.now())
        except Missing as missing:
            whom = f" that {by.email} may see" if by and not may(by, "submission.accept_answer") else ""
            raise CommandError(
                f"--organisation: {organisation} has no return in {collection.code}{whom}. "
                "There is one as soon as the round is open and asks it something."
            ) from missing
        name, content = export(found, by=by, address=f"workbook export --round {collection.code}")
        try:
            output.write_bytes(content)
        except OSError as error:
            raise CommandError(f"--output: {output} cannot be written: {error.strerror}.") from error
        return f"{output}: the workbook {name}, {found.answered} of {found.asked} answers filled in."
