"""What the commands that write have in common: for whom they act, and that a refusal is a sentence."""

from abc import ABC, abstractmethod
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from members.models import User
from members.permissions import Target, may
from members.queries import acting_user
from reporting import validators
from reporting.actions import Outcome
from reporting.actions.bulk import Effect
from reporting.imports.outcome import row_lines
from reporting.imports.sheet import Refusals, Refused, content_of
from reporting.models import Round
from reporting.report import Report
from workplan.models import Plan
from workplan.queries import current_plan
from workplan.tree import FocusAreaText

T = TypeVar("T")
MANY = 1_000
"""Rows from which on one waits so long that one wants to see that it goes on."""


def add_by(parser: ArgumentParser) -> None:
    parser.add_argument("--by", metavar="EMAIL", help="the acting person; default: nobody, the command line")


def add_plan(parser: ArgumentParser) -> None:
    parser.add_argument("--plan", metavar="CODE", help="default: the published plan that starts last")


def acting(email: str | None, action: str) -> User | None:
    """The acting person, who must have the right; whoever can run commands has all rights."""
    if email is None:
        return None
    try:
        user = acting_user(email)
    except User.DoesNotExist as error:
        raise CommandError(f"--by: there is no active account {email}.") from error
    if not may(user, action):
        raise CommandError(f"--by: {user.email} does not have the right {action}.")
    return user


def chosen_plan(code: str | None) -> Plan:
    try:
        return Plan.objects.get(code=code) if code else current_plan()
    except Plan.DoesNotExist as error:
        missing = f"There is no plan {code}." if code else "No plan is published; name one with --plan."
        raise CommandError(missing) from error


def chosen_round(code: str) -> Round:
    try:
        return Round.objects.select_related("plan").get(code=code)
    except Round.DoesNotExist as error:
        there = ", ".join(Round.objects.values_list("code", flat=True)) or "none yet"
        raise CommandError(f"There is no round {code}; there are: {there}.") from error


# ---------------------------------------------------------------- figures that are not released


def day_option(text: str | None) -> date | None:
    try:
        return validators.day(text) if text else None
    except ValidationError as error:
        raise CommandError(f"--as-of: {' '.join(error.messages)}") from error


def within_reach(report: Report, by: User | None) -> Report:
    """What the acting person may take out: all, or the focus areas that their organisation co-ordinates."""
    if by is None or may(by, "export.unreleased", Target()):
        return report
    own = [area for area in report.plan.focus_areas if may_take(by, area)]
    return report.limited_to(area.code for area in own)


def may_take(by: User, area: FocusAreaText) -> bool:
    owners = Target(focus_area_organisations=frozenset(area.co_coordinators), submitted=True)
    return may(by, "export.unreleased", owners)


class ImportCommand(BaseCommand, ABC):
    """Reads a file, and takes all of it or nothing. ``action``: the right that it needs."""

    action: str
    things: str
    taken: tuple[str, str]
    """What is said of the rows with and without ``--accept``."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE.csv")
        parser.add_argument("--accept", action="store_true", help=f"{self.taken[0]}, by the secretariat")
        parser.add_argument("--dry-run", action="store_true", help="only report what would be done")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        moment = {"by": acting(options["by"], self.action), "now": timezone.now()}
        refusals = Refusals(options["file"])
        try:
            content = content_of(options["file"], refusals)
            with transaction.atomic():
                lines = self.take(content, refusals, **(options | moment))
                transaction.set_rollback(options["dry_run"])
        except Refused as refused:
            raise CommandError(str(refused)) from refused
        if options["dry_run"]:
            self.stdout.write("Dry run, nothing is written:")
        for line in lines:
            self.stdout.write(line)

    @abstractmethod
    def take(
        self,
        content: bytes,
        refusals: Refusals,
        *,
        accept: bool,
        by: User | None,
        now: datetime,
        **options: Any,
    ) -> list[str]:
        """Reads and stores what the file says. Returns the lines of the report."""

    def tells_of(self, many: int) -> Callable[[int], None]:
        """Says how far a long file is, to somebody who looks on: scripts and files that keep errors hear nothing."""

        def told(so_far: int) -> None:
            if many > MANY and self.stderr.isatty():
                self.stderr.write(f"{so_far:,} of {many:,} rows", self.style.NOTICE)

        return told

    def report(self, rows: Mapping[int, T], what: Callable[[T], str], outcome: Outcome, accept: bool) -> list[str]:
        """How many rows did what, and what each did that did something."""
        done = ", ".join(f"{outcome.count(effect)} {effect.value}" for effect in Effect)
        total = f"{self.things}: {done}; {self.taken[0] if accept else self.taken[1]}."
        return [total, *row_lines(rows, what, outcome)]
