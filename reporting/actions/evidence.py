"""Evidence: files and links, added to an activity, an arrangement or an answer, and removed with a reason."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from members.audit import record
from members.choices import AuditAction
from members.models import User
from reporting import evidence, rules, validators
from reporting.models import Activity, Arrangement, Evidence, EvidenceFile, Submission
from reporting.scanning import scan
from reporting.threads import thread_of
from workplan.models import Kpi

from .refusals import Stale

MERGED = "This record is merged into {}: add it there."
LONGEST_TITLE = 200


@dataclass(frozen=True)
class Beside:
    """What evidence stands with: one activity, one arrangement, or the answer of a return on a KPI, for a plan year
    where it asks for one."""

    activity: Activity | None = None
    arrangement: Arrangement | None = None
    submission: Submission | None = None
    kpi: Kpi | None = None
    plan_year: int | None = None
    hands: str | None = None
    """Of an answer that its own people show: whose hands it was in (``rules.hands_of``) when they looked at it."""

    @property
    def fields(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("activity", "arrangement", "submission", "kpi", "plan_year")}

    def hold(self, by: User, now: datetime) -> None:
        """Nobody else adds to it until the transaction ends. Raises Stale and ValidationError."""
        for each in (self.activity, self.arrangement, self.submission):
            if each is not None:
                type(each)._default_manager.select_for_update(of=("self",), no_key=True).get(pk=each.pk)
        if self.activity:
            self.activity.refresh_from_db(fields=["merged_into"])
            if self.activity.merged_into:
                raise ValidationError(MERGED.format(self.activity.merged_into.reference))
        self.check_hands(by, now)

    def check_hands(self, by: User, now: datetime) -> None:
        """An answer that was handed on meanwhile is shown by what went with it. The return is held. Raises Stale."""
        if self.submission is None or self.kpi is None or self.hands is None:
            return
        submission = Submission.objects.select_related("round").get(pk=self.submission.pk)
        thread = thread_of(submission, self.kpi.pk, self.plan_year)
        verdict = rules.showing(submission.round, submission, thread, self.hands, now, by.time_zone)
        if not verdict.allowed:
            raise Stale(verdict.reason)


def add_file(*, beside: Beside, name: str, content: bytes, title: str, by: User, now: datetime) -> Evidence:
    """Checks a file and keeps it, once for the same content. The same file with the same record once more, as of a
    second click, is the same evidence. Raises ValidationError."""
    try:
        name, kind = evidence.checked(name, content)
        scan(content)
    except ValidationError as error:
        raise ValidationError({"file": error.messages}) from error
    checksum = hashlib.sha256(content).hexdigest()
    described = {"kind": kind, "size": len(content), "uploaded_at": now, "uploaded_by": by}
    with written(checksum, content) as path, transaction.atomic():
        beside.hold(by, now)
        file, _ = EvidenceFile.objects.get_or_create(sha256=checksum, defaults=described | {"path": path})
        known = Evidence.objects.filter(**placed(beside), file=file, removed_at=None).first()
        return known or added(beside, {"file": file, "name": name, "title": titled(title, name)}, by, now)


@transaction.atomic
def add_link(*, beside: Beside, url: str, title: str, by: User, now: datetime) -> Evidence:
    """Keeps a link; nothing is fetched from there. The same once more is the same evidence. Raises ValidationError."""
    try:
        url = validators.link(url.strip())
    except ValidationError as error:
        raise ValidationError({"url": error.messages}) from error
    beside.hold(by, now)
    known = Evidence.objects.filter(**placed(beside), url=url, removed_at=None).first()
    return known or added(beside, {"url": url, "title": titled(title, url)}, by, now)


@transaction.atomic
def remove(*, piece: Evidence, reason: str, by: User, now: datetime, hands: str | None = None) -> None:
    """Nobody opens it any more; that it was there, and why it went, stays. ``hands``: as of ``Beside``. Raises Stale
    and ValidationError."""
    if piece.submission:
        Beside(submission=piece.submission, kpi=piece.kpi, plan_year=piece.plan_year, hands=hands).hold(by, now)
    found = Evidence.objects.select_for_update(of=("self",), no_key=True).get(pk=piece.pk)
    if found.removed_at:
        raise Stale("This is removed already.")
    if not reason.strip():
        raise ValidationError({"reason": "Say why."})
    found.removed_at, found.removed_by, found.removal_reason = now, by, reason.strip()
    found.save(update_fields=["removed_at", "removed_by", "removal_reason"])
    why, only_for = found.removal_reason, readers_of(found)
    record(by=by, action=AuditAction.WITHDRAWN, obj=found, changes={}, reason=why, only_for=only_for)


def readers_of(piece: Evidence) -> str:
    """Of whom the history alone is, as ``only_for``: what stands with a draft is as private as the draft."""
    if piece.submission is None or piece.kpi_id is None:
        return ""
    sent = thread_of(piece.submission, piece.kpi_id, piece.plan_year).sent
    return "" if sent else piece.submission.organisation.code


def placed(beside: Beside) -> dict[str, Any]:
    """The condition that evidence stands there."""
    return {name if value else f"{name}__isnull": value or True for name, value in beside.fields.items()}


def titled(title: str, otherwise: str) -> str:
    title = " ".join(title.split()) or otherwise[:LONGEST_TITLE]
    if len(title) > LONGEST_TITLE:
        raise ValidationError({"title": f"A title has at most {LONGEST_TITLE} characters."})
    return title


def added(beside: Beside, says: dict[str, Any], by: User, now: datetime) -> Evidence:
    made = Evidence.objects.create(**beside.fields, **says, added_at=now, added_by=by)
    file = made.file
    told = {"name": made.name, "sha256": file.sha256, "size": file.size} if file else {"url": made.url}
    changes = {name: (None, value) for name, value in (told | {"title": made.title}).items()}
    record(by=by, action=AuditAction.CREATED, obj=made, changes=changes, only_for=readers_of(made))
    return made


@contextmanager
def written(checksum: str, content: bytes) -> Iterator[str]:
    """The path of a content that is stored, before the row that names it is: a row never names what is not there. What
    no row names in the end, as somebody was faster or the transaction failed, is taken away again. Each writer has
    a path of its own, so nobody takes away what another's row names."""
    known = EvidenceFile.objects.filter(sha256=checksum).first()
    if known is not None and default_storage.exists(known.path):
        yield known.path
        return
    # A file that was lost, as with a disk, comes back under the name that its row has.
    wanted = known.path if known else f"evidence/{uuid4().hex}"
    path = default_storage.save(wanted, ContentFile(content))
    try:
        yield path
    finally:
        if not EvidenceFile.objects.filter(path=path).exists():
            default_storage.delete(path)
