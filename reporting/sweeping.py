"""What is in the storage of evidence and in no row, and the other way round (docs/adr/0030)."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.core.files.storage import default_storage

from .models import EvidenceFile

FOLDER = "evidence"
GRACE = timedelta(days=1)
"""A file is written before its row, so one that no row names may have its row in a moment."""


def stored() -> set[str]:
    """The paths of all that is in the storage below the folder of evidence."""
    try:
        return {f"{FOLDER}/{name}" for name in default_storage.listdir(FOLDER)[1]}
    except FileNotFoundError:
        return set()


def left_behind(now: datetime) -> Iterator[str]:
    """Files that no row names, and did not name for a day. A path is given out once, so nothing will ever name them."""
    found = stored()
    for path in sorted(found - set(EvidenceFile.objects.values_list("path", flat=True))):
        if default_storage.get_modified_time(path) < now - GRACE:
            yield path


def lost() -> list[EvidenceFile]:
    """The files that rows name and the storage does not have."""
    found = stored()
    return [each for each in EvidenceFile.objects.order_by("pk") if each.path not in found]
