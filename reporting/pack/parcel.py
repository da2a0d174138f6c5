"""Files of a release as one archive: the same files give the same bytes."""

import zipfile
from collections.abc import Iterable
from io import BytesIO

from reporting.models import ReleaseFile

from .making import manifest

BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The first moment that an archive can name."""


def parcel(files: Iterable[ReleaseFile]) -> bytes:
    """A zip archive of the files and of a list of their checksums, which ``sha256sum --check`` reads."""
    found, content = list(files), BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        parts: list[tuple[str, bytes]] = [(each.name, bytes(each.content)) for each in found]
        for name, data in [*parts, ("SHA256SUMS", manifest(found).encode())]:
            about = zipfile.ZipInfo(name, BEGINNING)
            about.compress_type, about.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(about, data)
    return content.getvalue()
