from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from members.models import User
from reporting.actions.importing import finished, import_activities
from reporting.imports.activities import read_activities, what
from reporting.imports.sheet import Refusals
from reporting.management.base import ImportCommand, add_plan, chosen_plan


class Command(ImportCommand):
    help = "Records activities that were held, from a CSV file. The same reference again updates."
    action = "import.activities"
    things = "Activities"
    taken = ("confirmed at once", "not decided yet")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        add_plan(parser)

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
        plan = chosen_plan(options["plan"])
        records, notices = read_activities(content, refusals, plan)
        steps = import_activities(records=list(records.values()), accept=accept, by=by, now=now, plan=plan)
        outcome = finished(steps, self.tells_of(len(records)))
        return [*self.report(records, what, outcome, accept), *notices]
