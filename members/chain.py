"""The chain of the history: each entry is linked to the one before, so that whatever is altered, taken out or put in
afterwards shows (docs/adr/0020). Guards in the database refuse such a thing to begin with (`members.guards`).

An entry has a fingerprint of all that it says. A link has a number without gaps, and a digest of the digest before it
and its entry's fingerprint. The digest with the highest number is the head: who has kept it also notices a cut end.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from members.models import AuditEntry, AuditLink

SAYS = (
    "at", "actor_email", "actor_name", "action", "object_type", "object_key", "object_label", "about", "only_for",
    "changes", "reason",
)  # fmt: skip
"""What a fingerprint is taken of. It never changes: a column that comes later is not in it."""

# ---------------------------------------------------------------- fingerprints and links


@dataclass(frozen=True)
class Head:
    """The last link: how many entries there are, and the digest of all."""

    number: int
    digest: str

    def __str__(self) -> str:
        return f"{self.number} {self.digest}"

    @property
    def short(self) -> str:
        """As the name of a file holds it."""
        return f"{self.number}-{self.digest[:12]}"


def plain(value: Any) -> Any:
    """As the database gives it back: an entry is taken the fingerprint of before it is stored, and after."""
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def fingerprint(said: Mapping[str, Any]) -> str:
    """SHA-256 of the names in ``SAYS`` as canonical JSON, the moment in full."""
    moment = said["at"].astimezone(UTC).isoformat(timespec="microseconds")
    text = json.dumps({**said, "at": moment}, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def fingerprint_of(entry: AuditEntry) -> str:
    return fingerprint({name: getattr(entry, name) for name in SAYS})


def digest_after(digest: str, of_entry: str) -> str:
    """The digest of a link, from the one before and the fingerprint of its entry. PostgreSQL makes the same."""
    return hashlib.sha256((digest + of_entry).encode()).hexdigest()


def head() -> Head | None:
    """The last link; None where nothing is linked yet. On PostgreSQL what this transaction wrote is not yet in it."""
    last = AuditLink.objects.order_by("-number").values_list("number", "digest").first()
    return Head(*last) if last else None


def link(entries: Sequence[AuditEntry]) -> None:
    """Links what was stored a moment ago, in the same transaction. PostgreSQL does so by itself at its end, so that
    nobody waits for somebody's open transaction; SQLite has one writer at a time."""
    if connection.vendor == "postgresql" or not entries:
        return
    last = head() or Head(0, "")
    number, digest, links = last.number, last.digest, []
    for entry in entries:
        number, digest = number + 1, digest_after(digest, entry.fingerprint)
        links.append(AuditLink(number=number, entry=entry, digest=digest))
    AuditLink.objects.bulk_create(links)
