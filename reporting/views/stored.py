"""What was stored with its checksum is given out as it was stored, or not at all."""

import hashlib
import logging
from collections.abc import Iterable, Iterator

from reporting.looking import Missing
from reporting.models import Job, ReleaseFile

log = logging.getLogger(__name__)


def content_of(stored: ReleaseFile | Job) -> bytes:
    """Raises Missing where it is not what its checksum was taken of."""
    content = bytes(stored.content or b"")
    if hashlib.sha256(content).hexdigest() != stored.checksum:
        log.error("%s (%s %s) is not what was stored", stored.name, stored._meta.model_name, stored.pk)
        raise Missing(
            "The file is not given out",
            f"{stored.name} is not the file that was stored: its checksum differs. Whoever runs the site finds what "
            "else differs with the command “release verify”.",
            500,
        )
    return content


def intact(files: Iterable[ReleaseFile]) -> Iterator[ReleaseFile]:
    """The same files. Raises Missing at the first one that is not what was stored."""
    for each in files:
        content_of(each)
        yield each
