import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting import validators
from reporting.actions import close_round, create_round, open_round
from reporting.management.base import acting, add_by, add_plan, chosen_plan, chosen_round
from reporting.models import Round, known_time_zone

T = TypeVar("T")
COLUMNS = ("code", "title", "plan", "as_at", "opens", "closes", "time_zone", "state")


def read(option: str, text: str, parse: Callable[[str], T]) -> T:
    try:
        return parse(text)
    except ValidationError as error:
        raise CommandError(f"--{option}: {' '.join(error.messages)}") from error


class Command(BaseCommand):
    help = "Rounds are created, opened, closed and listed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="plan a round")
        create.add_argument("--code", required=True)
        create.add_argument("--title", required=True)
        create.add_argument("--as-at", required=True, metavar="DATE")
        create.add_argument("--opens", metavar="ISO-DATETIME", help="in the time zone, unless it states an offset")
        create.add_argument("--closes", metavar="ISO-DATETIME")
        create.add_argument("--time-zone", default="Asia/Hong_Kong")
        add_plan(create)
        opening = verbs.add_parser("open", help="open a round, and give everybody who is asked a return")
        closing = verbs.add_parser("close", help="end the Members' entry")
        for verb in (opening, closing):
            verb.add_argument("code", metavar="CODE")
        listing = verbs.add_parser("list", help="all rounds, in the order of their as-at dates")
        for verb in (create, opening, closing, listing):
            add_by(verb)
        listing.add_argument("--format", choices=("table", "json"), default="table")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(getattr(self, options["verb"])(**options))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def create(self, **options: Any) -> str:
        by = acting(options["by"], "round.edit")
        read("time-zone", options["time_zone"], known_time_zone)
        zone = ZoneInfo(options["time_zone"])
        opens_at, closes_at = (
            read(option, options[option], lambda text: validators.moment(text, zone)) if options[option] else None
            for option in ("opens", "closes")
        )
        created = create_round(
            plan=chosen_plan(options["plan"]),
            code=read("code", options["code"], validators.round_code),
            title=read("title", options["title"], validators.round_title),
            as_at=read("as-at", options["as_at"], validators.day),
            opens_at=opens_at,
            closes_at=closes_at,
            time_zone=options["time_zone"],
            by=by,
        )
        return f"Round {created.code} is planned."

    def open(self, **options: Any) -> str:
        by = acting(options["by"], "round.open_close")
        collection = chosen_round(options["code"])
        asked = open_round(collection=collection, by=by, now=timezone.now())
        return f"Round {collection.code} is open; organisations that are asked: {asked}."

    def close(self, **options: Any) -> str:
        by = acting(options["by"], "round.open_close")
        collection = chosen_round(options["code"])
        close_round(collection=collection, by=by, now=timezone.now())
        return f"Round {collection.code} is closed."

    def list(self, **options: Any) -> str:
        acting(options["by"], "plan.view_published")
        rounds = [as_data(each) for each in Round.objects.select_related("plan")]
        return json.dumps(rounds, indent=1) if options["format"] == "json" else as_table(rounds)


def as_data(collection: Round) -> dict[str, str | None]:
    zone = ZoneInfo(collection.time_zone)
    opens, closes = (
        moment.astimezone(zone).isoformat() if moment else None
        for moment in (collection.opens_at, collection.closes_at)
    )
    return {
        "code": collection.code,
        "title": collection.title,
        "plan": collection.plan.code,
        "as_at": collection.as_at.isoformat(),
        "opens": opens,
        "closes": closes,
        "time_zone": collection.time_zone,
        "state": collection.state(timezone.now()),
    }


def as_table(rounds: list[dict[str, str | None]]) -> str:
    rows = [COLUMNS, *(tuple(each[column] or "-" for column in COLUMNS) for each in rounds)]
    widths = [max(map(len, cells)) for cells in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )
