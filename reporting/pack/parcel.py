"""Files as one archive: the same files give the same bytes."""

import tempfile
import zipfile
from collections.abc import Iterable
from contextlib import ExitStack
from typing import IO, Protocol

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can name."""


class Part(Protocol):
    """A file with the SHA-256 of its content."""

    @property
    def name(self) -> str: ...
    @property
    def content(self) -> bytes: ...
    @property
    def checksum(self) -> str: ...


def parcel(files: Iterable[Part]) -> IO[bytes]:
    """A zip archive of the files, in the order in which they come, and of a list of their checksums. It stands on the
    disk, as there may be a thousand of them, and is gone once it is closed; each file is let go of when it is in."""
    with ExitStack() as where_it_fails:
        packed, lines = where_it_fails.enter_context(tempfile.TemporaryFile()), list[str]()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for each in files:
                put(archive, each.name, bytes(each.content))
                lines.append(line_of(each))
            put(archive, "SHA256SUMS", "".join(lines).encode())
        packed.seek(0)
        where_it_fails.pop_all()  # whoever gets it closes it
    return packed


def put(archive: zipfile.ZipFile, name: str, content: bytes) -> None:
    about = zipfile.ZipInfo(name, BEGINNING)
    about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(about, content)


def line_of(file: Part) -> str:
    """As ``sha256sum`` writes and checks it."""
    return f"{file.checksum}  {file.name}\n"


def manifest(files: Iterable[Part]) -> str:
    return "".join(line_of(each) for each in sorted(files, key=lambda each: each.name))
