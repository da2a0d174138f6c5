"""``setup_site``: what a site needs once. ``make run`` calls it each time; it never touches what is there."""

import csv
import io
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from members.actions import create_account
from members.audit import record
from members.choices import AuditAction
from members.models import User
from members.queries import acting_user, organisation_by_code
from reporting.actions.entry import Typed, save_drafts
from reporting.actions.words import approve_narrative, write_comment, write_narrative
from reporting.demonstration import ACCOUNTS, PASSWORD, Account, demonstration_accounts, holds_demonstration_data
from reporting.management.base import acting, add_by
from reporting.models import Activity, Arrangement, Round, Submission
from reporting.questions import questions_of
from reporting.threads import token_of
from workplan.models import FocusArea, Plan

FIXTURES = ("organisations", "rsp_2026_2028")
PLAN = "rsp-2026-2028"
FOLDER = settings.BASE_DIR / "fixtures" / "demonstration"
ROUNDS = (
    ("demo-baseline-2026", "Baseline at 30.06.26 (demonstration)", "2026-06-30"),
    ("demo-interim-2027", "Interim at 30.06.27 (demonstration)", "2027-06-30"),
)
"""Code, title, as-at date; they are closed and released."""
OPEN_ROUND = ("demo-third", "Third round at 31.12.27 (demonstration)", "2027-12-31")
"""For who tries how answers are entered."""
ANSWERS = (
    ("baseline_answers", "demo-baseline-2026", True),
    ("interim_answers", "demo-interim-2027", True),
    ("interim_answers_undecided", "demo-interim-2027", False),
)
REGISTERS = (
    ("import_activities", "activities", True),
    ("import_activities", "activities_undecided", False),
    ("import_arrangements", "arrangements", True),
    ("import_arrangements", "arrangements_undecided", False),
)
"""Command, file, and whether it counts at once."""


def load_plan(by: User | None) -> bool:
    """Only where the plan is missing: one that was amended here stays as it is."""
    missing = not Plan.objects.filter(code=PLAN).exists()
    if missing:
        call_command("loaddata", *FIXTURES, verbosity=0)
        for plan in Plan.objects.filter(code=PLAN):
            record(by=by, action=AuditAction.IMPORTED, obj=plan, changes={"fixtures": (None, list(FIXTURES))})
    return missing


# ---------------------------------------------------------------- the demonstration


ADMINISTRATOR, EDITOR, CONTRIBUTOR = ACCOUNTS[:3]


def quietly(command: str, *args: str, by: Account = ADMINISTRATOR, **options: Any) -> None:
    """Acts for somebody of the demonstration, so that every record says who did it."""
    call_command(command, *args, by=by.email, stdout=io.StringIO(), **options)


def enter(command: str, file: str, *, accept: bool, **options: Any) -> None:
    """The administrator enters a file; what is to count, the editor decides on, as nobody decides on their own work."""
    path = str(FOLDER / f"{file}.csv")
    quietly(command, path, accept=False, **options)
    if accept:
        quietly(command, path, by=EDITOR, accept=True, **options)


def create_accounts(administrator: User | None) -> None:
    for account in ACCOUNTS:
        user = create_account(
            email=account.email,
            name=account.name,
            role=account.role,
            organisation=organisation_by_code(account.organisation),
            by=administrator,
        )
        administrator = administrator or user
    # Hashing takes a second on purpose; once is enough for a password that all of them share.
    demonstration_accounts().update(password=make_password(PASSWORD))


def begin_round(code: str, title: str, as_at: str, *more: str) -> None:
    quietly("round", "create", f"--code={code}", f"--title={title}", f"--as-at={as_at}", f"--plan={PLAN}", *more)
    quietly("round", "open", code)


def enter_data() -> None:
    for each in ROUNDS:
        begin_round(*each)
    for file, code, accept in ANSWERS:
        enter("import_answers", file, round=code, accept=accept)
    for command, file, accept in REGISTERS:
        enter(command, file, accept=accept)


def close_and_publish() -> None:
    for code, title, as_at in ROUNDS:
        quietly("round", "close", code)
        quietly("release", "publish", f"--as-of={as_at}", f"--title={title}")


def rows_of(file: str) -> Iterator[dict[str, str]]:
    with (FOLDER / f"{file}.csv").open(encoding="utf-8", newline="") as opened:
        yield from csv.DictReader(opened)


def write_words(now: datetime) -> None:
    """What stands beside the figures of the later round, before these are released, so that the release has it, too."""
    collection = Round.objects.get(code=ROUNDS[-1][0])
    people = {each.box: acting_user(each.email) for each in ACCOUNTS}
    kpis = {code: question.kpi for code, question in questions_of(collection).items()}
    areas = {each.code: each for each in FocusArea.objects.filter(plan=collection.plan)}
    about: dict[str, Any] = {"collection": collection, "now": now}
    for row in rows_of("kpi_comments"):
        write_comment(kpi=kpis[row["kpi"]], text=row["text"], seen=0, by=people[row["by"]], **about)
    for row in rows_of("narratives"):
        about["area"] = areas[row["focus_area"]]
        written = write_narrative(text=row["text"], seen=0, by=people[row["by"]], **about)
        approve_narrative(seen=written.edits, by=people[ADMINISTRATOR.box], **about)


def deadline(today: date) -> date:
    """Far away, whenever the site is set up, and after the date that the round is about."""
    return max(date(2028, 1, 31), today + timedelta(days=365))


def open_next_round(now: datetime) -> None:
    begin_round(*OPEN_ROUND, f"--closes={deadline(timezone.localdate(now))}T17:00")
    submission = Submission.objects.get(round__code=OPEN_ROUND[0], organisation__code=CONTRIBUTOR.organisation)
    questions = questions_of(submission.round)
    typed = [Typed(questions[row.pop("kpi")], None, row, token_of(None)) for row in rows_of("drafts")]
    save_drafts(submission=submission, typed=typed, by=acting_user(CONTRIBUTOR.email), now=now)


def holds_real_data() -> bool:
    return any(model._default_manager.exists() for model in (Round, Activity, Arrangement))


def check_demonstration_fits() -> None:
    if not settings.DEBUG:
        raise CommandError("Demonstration accounts and data are only for a site where DEBUG is on.")
    if holds_real_data() and not holds_demonstration_data():
        raise CommandError("This site has rounds or records of its own; demonstration data is not mixed in.")


def set_up_demonstration(by: User | None) -> None:
    if not holds_demonstration_data():
        create_accounts(by)
        enter_data()
        write_words(timezone.now())
        close_and_publish()
        open_next_round(timezone.now())


# ---------------------------------------------------------------- what is said


def table(rows: Iterable[tuple[str, ...]]) -> list[str]:
    lines = list(rows)
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(str.ljust, cells, widths)).rstrip() for cells in lines]


def accounts_table() -> list[str]:
    heading = ("Sign in as", "Role", "Organisation", "Password")
    rows = [(each.email, str(each.role.label), each.organisation, PASSWORD) for each in ACCOUNTS]
    return table([heading, *rows])


class Command(BaseCommand):
    help = "Loads the plan and the organisations where they are missing. Keeps what is there."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="also demonstration accounts and data, only where DEBUG is on"
        )
        parser.add_argument("--port", default="8000", help="of the address that is printed")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        demo = options["demo"]
        by = acting(options["by"], "user.set_role" if demo else "import.plan")
        with transaction.atomic():
            if demo:
                check_demonstration_fits()
            loaded = load_plan(by)
            if demo:
                set_up_demonstration(by)
        self.stdout.write(f"The plan {PLAN} {'was loaded' if loaded else 'is there and was left as it is'}.")
        if demo:
            self.say_demonstration(options["port"])

    def say_demonstration(self, port: str) -> None:
        self.stdout.write("The rounds, answers, activities and accounts are a demonstration: all invented.\n\n")
        self.stdout.write("\n".join(accounts_table()))
        self.stdout.write(f"\nAddress: http://127.0.0.1:{port}/\n\n")
