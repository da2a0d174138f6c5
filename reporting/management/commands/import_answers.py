from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from members.models import User
from reporting.actions import enter_answers
from reporting.actions.refusals import Contested, contested_words
from reporting.imports.answers import read_answers, what
from reporting.imports.sheet import Refusals, Refused
from reporting.management.base import ImportCommand, chosen_round


class Command(ImportCommand):
    help = (
        "Enters answers that were collected elsewhere, from a CSV file, on behalf of the organisations. "
        "Figures have at most two decimals."
    )
    action = "import.answers"
    things = "Answers"
    taken = ("accepted at once", "sent, not decided yet")

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--round", required=True, metavar="CODE", help="planned, open or closed")

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
        collection = chosen_round(options["round"])
        answers = read_answers(content, refusals, collection)
        try:
            entered = list(answers.values())
            outcome = enter_answers(collection=collection, answers=entered, accept=accept, by=by, now=now)
        except Contested as contested:
            for number, answer in answers.items():
                if answer in contested.answers:
                    refusals.add(contested_words(answer), number)
            raise Refused(refusals.text()) from contested
        return self.report(answers, what, outcome, accept)
