"""The pack of a release, made step by step from what the release keeps, and nothing else: all of it is stored, or
nothing."""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import transaction

from members.audit import called, record
from members.choices import AuditAction
from members.models import AuditEntry, Organisation
from reporting.actions.jobs import finish
from reporting.demonstration import is_demonstration
from reporting.documents.blocks import Document
from reporting.documents.making import FORMATS, KINDS, of_release, release_before, scorecard_of_release
from reporting.models import Job, Release, ReleaseFile
from reporting.reasons import Change, changes
from reporting.report import Report, from_json

from .data import data_files
from .parcel import manifest
from .tables import Head, Stamp, tables

SCORECARDS = "scorecards/"
"""The folder of what tells of one organisation alone; a file is called by its code."""
CHECKSUM = "checksum_of_the_pack"
"""Under this the history keeps it."""
AT_A_TIME = 50
"""So many files, some 3 MB, are sent to the database in one statement."""


@dataclass(frozen=True)
class Made:
    """A file of a pack. ``organisation``: the code of the one that it tells of alone; "" where it is for everybody."""

    name: str
    title: str
    content: bytes
    organisation: str = ""

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Step:
    """``title``: what is being made, for who waits."""

    title: str
    make: Callable[[], list[Made]]


@dataclass(frozen=True)
class Sources:
    """What a pack is made from. ``changes``: what moved since the release before; none for the first."""

    release: Release
    report: Report
    before: Release | None
    changes: tuple[Change, ...]
    invented: bool = False
    """It holds demonstration data, which every document says."""

    @property
    def named(self) -> bool:
        return self.release.members_named


def sources_of(release: Release) -> Sources:
    """In one query."""
    report = from_json(release.content)
    before = before_of(release)
    moved = tuple(changes(from_json(before.content), report)) if before else ()
    return Sources(release, report, before, moved, is_demonstration(each.code for each in report.rounds))


def before_of(release: Release) -> Release | None:
    """The one that it is compared with: of those published before it, the latest as at its day or earlier."""
    return release_before(release.plan, release.as_at, release.number)


def steps_of(release: Release) -> Iterator[Step]:
    """Every step of the pack; data first, as they take the shortest."""
    sources = sources_of(release)
    yield Step("the data as CSV and JSON", lambda: data_of(sources))
    for name, kind in KINDS.items():
        yield Step(f"{kind.title.lower()} in every format", partial(document_of, sources, name))
    for member in sources.report.members():
        yield Step(f"the scorecard of {member.name}", partial(scorecard_of, sources, member.code, member.name))


def document_of(sources: Sources, name: str) -> list[Made]:
    """A document in every format."""
    kind = KINDS[name]
    document = kind.make(
        of_release(
            sources.release, sources.report, sources.before if kind.compares else None, invented=sources.invented
        )
    )
    return [
        Made(f"{name}.{ending}", f"{kind.title} ({each.title})", each.write(document))
        for ending, each in FORMATS.items()
    ]


def scorecard_of(sources: Sources, code: str, name: str) -> list[Made]:
    """One Member on one page, for that Member and who sees all."""
    document = scorecard_of_release(sources.release, sources.report, code, invented=sources.invented)
    return in_every_format(document, code, name)


def in_every_format(scorecard: Document, code: str, name: str) -> list[Made]:
    return [
        Made(f"{SCORECARDS}{code}.{ending}", f"Scorecard of {name} ({each.title})", each.write(scorecard), code)
        for ending, each in FORMATS.items()
    ]


def data_again(release: Release) -> dict[str, bytes]:
    """The data of a release, made anew from what it keeps: name -> content."""
    return {each.name: each.content for each in data_of(sources_of(release))}


def data_of(sources: Sources) -> list[Made]:
    found = tables(head_of(sources), sources.changes)
    says = {f"{table.name}.csv": table.says for table in found}
    says |= {"data_dictionary.csv": "What every column means.", "release.json": "All tables in one file, for programs."}
    return [Made(f"data/{name}", says[name], content) for name, content in data_files(found).items()]


def head_of(sources: Sources) -> Head:
    """Without names in what people wrote, where none shall stand."""
    release, before = sources.release, sources.before
    source = of_release(release, sources.report)
    earlier = stamp(before) if before else None
    return Head(source.report, stamp(release), source.made, earlier, sources.named, sources.invented)


def stamp(release: Release) -> Stamp:
    return Stamp(release.number, release.as_at, release.checksum)


@transaction.atomic
def keep(job: Job, release: Release, made: list[Made], now: datetime) -> None:
    """Stores the files with their release and ends the job. Raises Cancelled, and then nothing is stored."""
    codes = {each.code: each for each in Organisation.objects.filter(code__in={one.organisation for one in made})}
    rows = [
        ReleaseFile(
            release=release,
            name=each.name,
            title=each.title,
            organisation=codes.get(each.organisation),
            content=each.content,
            size=len(each.content),
            checksum=each.checksum,
            made_at=now,
        )
        for each in made
    ]
    ReleaseFile.objects.bulk_create(rows, batch_size=AT_A_TIME)
    finish(job=job, now=now)
    pack = {"pack": (None, f"{len(rows)} files"), CHECKSUM: (None, checksum_of_pack(rows))}
    record(by=job.asked_by, action=AuditAction.CREATED, obj=release, changes=pack)


def checksum_of_pack(files: Iterable[ReleaseFile]) -> str:
    return hashlib.sha256(manifest(files).encode()).hexdigest()


def checksum_in_history(release: Release) -> str:
    """What the history, which is a chain that can only be added to, keeps of the pack; "" where none was made."""
    about = {"object_type": release._meta.label_lower, "object_key": called(release).key}
    entry = AuditEntry.objects.filter(**about, changes__has_key=CHECKSUM).first()
    return str(entry.changes[CHECKSUM][1]) if entry else ""
