"""``release``: results are released, listed and checked."""

from argparse import ArgumentParser
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from reporting import validators
from reporting.actions import publish_release
from reporting.choices import JobKind, JobState
from reporting.inputs import Basis
from reporting.management.base import acting, add_by, add_plan, chosen_plan
from reporting.models import Release
from reporting.pack.data import format_of
from reporting.pack.making import SCORECARDS, checksum_in_history, checksum_of_pack, data_again
from reporting.pack.tables import FORMAT
from reporting.pack.worker import do_jobs
from reporting.report import checksum, from_json


def stands(release: Release) -> bool:
    """Is a release what it was: its content that of the checksum, and what stands beside it that of the content."""
    if checksum(release.content) != release.checksum:
        return False
    report = from_json(release.content)
    beside = (release.plan.code, release.as_at, release.basis, release.title)
    return beside == (report.plan.code, report.as_of, report.basis.value, report.title)


def faults(release: Release) -> Iterator[str]:
    """What of a release is not as it was when it was made, in words."""
    if stands(release):
        yield from faults_of_pack(release)
    else:
        yield f"Release {release.number} is not what was released."


def faults_of_pack(release: Release) -> Iterator[str]:
    """The same of its files: each against its checksum, all of them against the history, the data against the figures
    where they are of the format in which they would be made now."""
    files = {each.name: each for each in release.files.select_related("organisation")}
    if not files:
        yield from missing(release)
        return
    for name, each in files.items():
        whose = each.organisation.code if each.organisation else ""
        if sha256(each.content).hexdigest() != each.checksum or whose != whose_file(name):
            yield f"{name} of release {release.number} is not what was stored."
    for name, content in (data_again(release) if not older_format(release) else {}).items():
        if name not in files:
            yield f"{name} of release {release.number} is missing."
        elif bytes(files[name].content) != content:
            yield f"{name} of release {release.number} is not what its figures give."
    kept = checksum_in_history(release)
    if not kept:
        yield f"The history keeps no checksum of the pack of release {release.number}."
    elif checksum_of_pack(files.values()) != kept:
        yield f"The files of release {release.number} are not those whose checksum the history keeps."


def whose_file(name: str) -> str:
    """The code of the organisation that a file is only for; "" where it is for everybody."""
    return Path(name).stem if name.startswith(SCORECARDS) else ""


def older_format(release: Release) -> int | None:
    """The format of the data that a pack was stored with, where that is an earlier one."""
    stored = release.files.filter(name="data/release.json").first()
    found = stored and format_of(bytes(stored.content))
    return found if found and found < FORMAT else None


def of_older_format(release: Release) -> str:
    older = older_format(release)
    words = f"\nThe data of release {release.number} are of format {older}: their checksums were compared."
    return words if older else ""


def missing(release: Release) -> Iterator[str]:
    if checksum_in_history(release):
        yield f"The pack of release {release.number} is missing: the history says that it was made."
    elif not why_none(release):
        yield f"The pack of release {release.number} is missing. Ask for it on the page of the release."


def why_none(release: Release) -> str:
    """Why there is rightly no pack of a release; "" where there should be one."""
    job = release.jobs.filter(kind=JobKind.PACK).last()
    if job and job.under_way:
        return "it waits or is being made"
    return "somebody cancelled it" if job and job.state == JobState.CANCELLED else ""


def without_pack(release: Release) -> str:
    return f"\nRelease {release.number} has no pack: {why_none(release)}."


def written(folder: Path, files: dict[str, bytes]) -> str:
    """All of them, or none: they are written beside and moved there at the end."""
    if folder.exists():
        raise CommandError(f"{folder} is there already. Name a folder that is not.")
    try:
        with TemporaryDirectory(dir=folder.parent) as beside:
            made = Path(beside) / folder.name
            made.mkdir()
            for name, content in files.items():
                (made / name).write_bytes(content)
            made.rename(folder)
    except OSError as error:
        raise CommandError(f"{folder} cannot be written: {error.strerror}.") from error
    return f"{len(files)} files are written to {folder}."


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
        verify = verbs.add_parser("verify", help="compare every release and its pack with what was kept of them")
        data = verbs.add_parser(
            "data", help="write the data of a release as CSV and JSON, made anew from what it keeps"
        )
        data.add_argument("number", type=int)
        data.add_argument("--output", metavar="FOLDER", required=True, type=Path, help="a folder that is not there yet")
        for verb in (publish, listing, verify, data):
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
        said += f"\nHead of the history: {release.history_head}" if release.history_head else ""
        do_jobs(timezone.now)
        if failed := release.jobs.filter(kind=JobKind.PACK, state=JobState.FAILED).last():
            raise CommandError(f"{said}\nIt has no pack: {failed.problem}")
        return said if release.files.exists() or not why_none(release) else said + without_pack(release)

    def list(self, **options: Any) -> str:
        acting(options["by"], "release.view")
        releases = Release.objects.filter(plan=chosen_plan(options["plan"])).defer("content")
        lines = [line_of(each) for each in releases]
        return "\n".join(lines) or "Nothing is released yet."

    def data(self, **options: Any) -> str:
        acting(options["by"], "release.view")
        plan, number = chosen_plan(options["plan"]), options["number"]
        release = Release.objects.filter(plan=plan, number=number).first()
        if release is None:
            raise CommandError(f"There is no release {number}; `release list` shows which there are.")
        files = data_again(release)
        return written(options["output"], {Path(name).name: content for name, content in files.items()})

    def verify(self, **options: Any) -> str:
        acting(options["by"], "release.view")
        releases = Release.objects.filter(plan=chosen_plan(options["plan"]))
        changed = [fault for each in releases for fault in faults(each)]
        if changed:
            raise CommandError("\n".join(changed))
        none = "".join(without_pack(each) for each in releases if not each.files.exists())
        older = "".join(of_older_format(each) for each in releases)
        return f"{len(releases)} releases are as they were released.{none}{older}"
