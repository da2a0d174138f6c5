"""Office files that are the same, to the byte, whenever they are written: the clock is taken out of them. Pure."""

import re
from datetime import UTC, date, datetime, time
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(?=</)")
CORE = "docProps/core.xml"


def moment_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def steady(content: bytes, day: date) -> bytes:
    """The same Office file, every part of it dated from this day."""
    stamp, packed = f"{day}T00:00:00Z".encode(), BytesIO()
    with ZipFile(BytesIO(content)) as old, ZipFile(packed, "w", ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = old.read(name)
            info = ZipInfo(name, (max(day.year, 1980), day.month, day.day, 0, 0, 0))
            info.compress_type, info.external_attr = ZIP_DEFLATED, 0o600 << 16
            new.writestr(info, STAMP.sub(rb"\g<1>" + stamp, part) if name == CORE else part)
    return packed.getvalue()
