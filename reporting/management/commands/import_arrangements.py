from datetime import datetime
from typing import Any

from members.models import User
from reporting.actions import record_arrangements
from reporting.imports.arrangements import read_arrangements, what
from reporting.imports.sheet import Refusals
from reporting.management.base import ImportCommand


class Command(ImportCommand):
    help = "Records arrangements between two Members, from a CSV file. The same pair again updates."
    action = "import.arrangements"
    things = "Arrangements"
    taken = ("confirmed at once", "not decided yet")

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
        records = read_arrangements(content, refusals)
        outcome = record_arrangements(records=list(records.values()), accept=accept, by=by, now=now)
        return self.report(records, what, outcome, accept)
