import secrets
from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from members.models import Organisation, User
from members.permissions import may
from members.refusals import Stale
from reporting.actions.workbook import Brought, take_workbook, waiting
from reporting.looking import Missing
from reporting.management.base import acting, add_by, chosen_round
from reporting.management.writing import written
from reporting.models import Round
from reporting.returns import Return
from reporting.workbook.comparing import ANOTHER, BOTH, SITE, WORKBOOK, Compared, Line
from reporting.workbook.exporting import export
from reporting.workbook.layout import Stamp
from reporting.workbook.marking import marked
from reporting.workbook.opening import DOWNLOADS, OWN_PEOPLE, UPLOADS, return_by_command
from reporting.workbook.package import LARGEST
from reporting.workbook.reading import read_workbook
from reporting.workbook.receiving import compare, return_to_take

MEANWHILE = (
    "It was changed on the site after the workbook was made. Upload it in the browser and choose, or say {}. On "
    "the site: {}"
)
RACE = "Something changed on the site while it was compared. Nothing is taken over. Run the command again."


class Command(BaseCommand):
    help = "The Member's workbook: a round's questionnaire as an Excel file, to be filled in offline."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        exporting = verbs.add_parser("export", help="make the workbook of an organisation in a round")
        exporting.add_argument("--round", required=True, metavar="CODE")
        exporting.add_argument("--organisation", required=True, metavar="CODE", help="such as AUS")
        exporting.add_argument("--output", required=True, type=Path, metavar="FILE.xlsx")
        add_by(exporting)
        importing = verbs.add_parser("import", help="take over a workbook that came back: all of it or nothing")
        importing.add_argument("file", type=Path, metavar="FILE.xlsx")
        importing.add_argument("--dry-run", action="store_true", help="only report what would be done")
        importing.add_argument(
            "--report", type=Path, metavar="FILE.xlsx", help="where it is refused: the workbook with the cells marked"
        )
        importing.add_argument(
            "--keep",
            choices=(SITE, WORKBOOK, BOTH),
            help="what stands for each row that was changed in the workbook and on the site; both: put together, where "
            "different cells of one answer were changed",
        )
        add_by(importing)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            done = self.take(**options) if options["verb"] == "import" else getattr(self, options["verb"])(**options)
            self.stdout.write(done)
        except ValidationError as error:
            raise CommandError("\n".join(error.messages)) from error

    def take(self, **options: Any) -> str:
        """Refused rows, and without --keep those that were changed on both sides, are said on standard error; then
        nothing is written."""
        path, by, now = options["file"], acting(options["by"], UPLOADS), timezone.now()
        try:
            content = content_of(path)
            book = read_workbook(content)
            found = return_of(book.stamp, by, now)
            compared = compare(book, found, anybody=by is None)
        except ValidationError as error:
            raise ValidationError([f"{path}: {sentence}" for sentence in error.messages]) from error
        kept = {line.key: line.only or options["keep"] for line in compared.conflicts}
        choices = {line.key: kept[line.key] for line in compared.conflicts if kept[line.key] in line.choices}
        wrong = [f"{path}, {sentence}" for sentence in refusals(compared, choices)]
        if wrong:
            raise ValidationError(
                [*wrong, *(reported(options["report"], content, compared) if options["report"] else [])]
            )
        whose = f"{found.submission.organisation.code}, {found.round.code}"
        done = [*compared.notices, *lines_of(compared, choices)]
        if not compared.chosen(choices):
            return "\n".join([f"There is nothing to take over: {compared.summary}; {whose}.", *done])
        if options["dry_run"]:
            return "\n".join([f"Dry run, nothing is written: {compared.summary}; {whose}.", *done])
        # Each run is one of its own: what an earlier one did, the comparison knows.
        brought = Brought(path.name, content, compared.seen, choices, once=secrets.token_urlsafe())
        try:
            made = take_workbook(submission=found.submission, brought=brought, compared=compared, by=by, now=now)
        except Stale as stale:
            raise ValidationError(f"{path}: {RACE}") from stale
        return "\n".join([f"Taken over: {compared.summary}; {whose}. {waiting(made)}", *done])

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
        written(output, content, option="--output")
        return f"{output}: the workbook {name}, {found.answered} of {found.asked} answers filled in."


def content_of(path: Path) -> bytes:
    """No more of it than is looked at."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except OSError as error:
        raise ValidationError(f"The file cannot be read: {error.strerror}.") from error


def return_of(stamp: Stamp, by: User | None, now: datetime) -> Return:
    """The return that the workbook says it is of. Raises ValidationError where there is none, or not for ``by``."""
    collection = Round.objects.filter(code=stamp.round).select_related("plan").first()
    if collection is None:
        raise ValidationError(f"The workbook is of a round that is not here, {stamp.round[:50]}.")
    try:
        found = return_to_take(collection, stamp.organisation, by, now)
    except Missing as missing:
        if by and may(by, "submission.accept_answer") and (whose := asked_in(collection, stamp.organisation)):
            raise ValidationError(OWN_PEOPLE.format(whose.name)) from missing
        whom = f" that {by.email} may see" if by else ""
        raise ValidationError(f"{stamp.organisation[:20]} has no return in {collection.code}{whom}.") from missing
    if not found.own:
        raise ValidationError(OWN_PEOPLE.format(found.submission.organisation.name))
    return found


def asked_in(collection: Round, code: str) -> Organisation | None:
    """The organisation of a return."""
    return Organisation.objects.filter(code=code, submissions__round=collection).first()


def reported(path: Path, content: bytes, compared: Compared) -> list[str]:
    """Writes the marked workbook. Returns why it could not, in sentences: the errors themselves are to be said all the
    same."""
    try:
        written(path, marked(content, compared), option="--report")
    except ValidationError as error:
        return [f"--report: {path} is not written. {sentence}" for sentence in error.messages]
    except CommandError as error:
        return [str(error)]
    return []


def refusals(compared: Compared, choices: Mapping[str, str]) -> list[str]:
    """All that stands in the way of the whole."""
    undecided = [line for line in compared.conflicts if line.key not in choices]
    return [*map(str, compared.problems), *map(asked, undecided)]


def asked(line: Line) -> str:
    """That something is to be chosen for a row, and what can be."""
    ways = " or ".join(f"--keep {each}" for each in line.choices if each != ANOTHER)
    return f"{line.place}: {MEANWHILE.format(ways, '; '.join(line.theirs))}"


def lines_of(compared: Compared, choices: Mapping[str, str]) -> list[str]:
    """What each row does that does something, and which rows stay as they are on the site."""
    left = [line for line in compared.conflicts if choices.get(line.key) == SITE]
    return [
        *(
            f"{line.place}: {line.name}: {'; '.join(line.said(choices.get(line.key, '')))}"
            for line in compared.chosen(choices)
        ),
        *(f"{line.place}: {line.name}: left as on the site: {'; '.join(line.theirs)}" for line in left),
    ]
