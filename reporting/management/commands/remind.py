from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.actions.reminders import Due, due_now, remind_due
from reporting.management.base import acting, add_by, chosen_round
from reporting.models import Round

MOST = 365


def days(text: str) -> tuple[int, ...]:
    """ "14,7,1" -> 14, 7, 1; "" is none."""
    parts = [each.strip() for each in text.split(",") if each.strip()]
    if not all(each.isascii() and each.isdigit() and 1 <= int(each) <= MOST for each in parts):
        raise ArgumentTypeError(f"{text!r} are no days: write whole numbers from 1 to {MOST}, such as 14,7,1.")
    return tuple(sorted({int(each) for each in parts}))


class Command(BaseCommand):
    help = (
        "Reminds the organisations that a round waits for, so many days before and after its deadline, or before their "
        "own. Run it once a day; more often, or two at once, are no harm: each step goes out once."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--before", type=days, default=days("14,7,1"), metavar="DAYS", help="default: 14,7,1")
        parser.add_argument("--after", type=days, default=days("1,7"), metavar="DAYS", help="default: 1,7")
        parser.add_argument("--round", metavar="CODE", help="default: every round that was opened")
        parser.add_argument("--dry-run", action="store_true", help="only say who would be reminded")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        by, now = acting(options["by"], "reminder.send"), timezone.now()
        steps = {"before": options["before"], "after": options["after"]}
        if options["dry_run"]:
            self.stdout.write("Dry run, nothing is sent:")
        many = 0
        for code in self.rounds(options["round"]):
            collection = Round.objects.with_kpis().select_related("plan").get(code=code)
            if options["dry_run"]:
                due, silent = due_now(collection, **steps, now=now)
            else:
                due, silent = remind_due(collection=collection, **steps, by=by, now=now)
            self.report(collection, due, silent)
            many += len(due)
        would = "that would be reminded" if options["dry_run"] else "reminded"
        self.stdout.write(f"Organisations {would}: {many}.")

    def rounds(self, code: str | None) -> list[str]:
        if code:
            return [chosen_round(code).code]
        return list(Round.objects.exclude(opened_at=None).values_list("code", flat=True))

    def report(self, collection: Round, due: Due, silent: Due) -> None:
        for need, step in due:
            people = ", ".join(user.email for user in need.people)
            self.stdout.write(f"{collection.code}: {need.organisation.name}, {step.words}, to {people}")
        if silent:
            names = "; ".join(need.organisation.name for need, _ in silent)
            self.stderr.write(f"{collection.code}: nobody has an account at {names}.")
