"""``release``: results are released, listed and checked."""

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting import validators
from reporting.actions import publish_release
from reporting.inputs import Basis
from reporting.management.base import acting, add_by, add_plan, chosen_plan
from reporting.models import Release
from reporting.pack.worker import do_jobs
from reporting.report import checksum, from_json


def stands(release: Release) -> bool:
    """Is a release what it was: its content that of the checksum, and what stands beside it that of the content."""
    if checksum(release.content) != release.checksum:
        return False
    report = from_json(release.content)
    beside = (release.plan.code, release.as_at, release.basis, release.title)
    return beside == (report.plan.code, report.as_of, report.basis.value, report.title)


def line_of(release: Release) -> str:
    words = (f"{release.number}", f"{release.as_at:%d.%m.%y}", release.basis, release.checksum, release.title)
    return "  ".join((*words, *([f"history {release.history_head}"] if release.history_head else [])))


class Command(BaseCommand):
    help = "Results are released (frozen, with a checksum), listed, and checked against their checksums."

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        publish = verbs.add_parser("publish", help="freeze the results as at a date")
        publish.add_argument("--title", required=True)
        publish.add_argument("--as-of", metavar="DATE", help="default: the as-at date of the latest closed round")
        publish.add_argument("--basis", choices=[basis.value for basis in Basis], default=Basis.ACCEPTED.value)
        listing = verbs.add_parser("list", help="all releases of the plan")
        verify = verbs.add_parser("verify", help="compare every release with its checksum")
        for verb in (publish, listing, verify):
            add_plan(verb)
            add_by(verb)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(getattr(self, options["verb"])(**options))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def publish(self, **options: Any) -> str:
        release = publish_release(
            plan=chosen_plan(options["plan"]),
            title=options["title"],
            as_at=validators.day(options["as_of"]) if options["as_of"] else None,
            basis=Basis(options["basis"]),
            by=acting(options["by"], "release.publish"),
            now=timezone.now(),
        )
        said = f"Release {release.number}, as at {release.as_at:%d.%m.%y}, is published. SHA-256: {release.checksum}"
        do_jobs(timezone.now)
        return f"{said}\nHead of the history: {release.history_head}" if release.history_head else said

    def list(self, **options: Any) -> str:
        acting(options["by"], "release.view")
        releases = Release.objects.filter(plan=chosen_plan(options["plan"])).defer("content")
        lines = [line_of(each) for each in releases]
        return "\n".join(lines) or "Nothing is released yet."

    def verify(self, **options: Any) -> str:
        acting(options["by"], "release.view")
        releases = Release.objects.filter(plan=chosen_plan(options["plan"]))
        changed = [str(each.number) for each in releases if not stands(each)]
        if changed:
            raise CommandError(f"Changed since they were released: {', '.join(changed)}.")
        return f"{len(releases)} releases are as they were released."
