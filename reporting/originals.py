"""What may be uploaded as the original of what came by e-mail: a few kinds of files, each recognised by its content."""

import re
import zipfile
from collections.abc import Callable, Iterable

from django.core.exceptions import ValidationError

from members.packages import opened

LARGEST = 10 * 2**20
"""Bytes."""
HEADER = re.compile(rb"\A(?:[!-9;-~]+:[^\n]*\n|[ \t][^\n]*\n)*?(?:from|received|date|subject|mime-version):", re.I)
"""How a stored e-mail begins: lines of a name and what it says."""


def begins(*signs: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signs)


def holds(folder: str) -> Callable[[bytes], bool]:
    """A document of an office program: an archive with such a folder."""

    def found(content: bytes) -> bool:
        try:
            with opened(content) as archive:
                return any(name.startswith(f"{folder}/") for name in archive.namelist())
        except zipfile.BadZipFile:
            return False

    return found


def is_text(content: bytes) -> bool:
    return b"\0" not in content


KINDS: dict[str, Callable[[bytes], bool]] = {
    "eml": lambda content: is_text(content) and bool(HEADER.match(content.replace(b"\r\n", b"\n")[:100_000])),
    "msg": begins(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "pdf": begins(b"%PDF-"),
    "docx": holds("word"),
    "xlsx": holds("xl"),
    "png": begins(b"\x89PNG\r\n\x1a\n"),
    "jpg": begins(b"\xff\xd8\xff"),
    "txt": is_text,
}
"""How a name ends, and whether a content is of that kind."""


def known_as(name: str, kinds: Iterable[str] = KINDS, plain_name: str = "original") -> tuple[str, str]:
    """A name that is safe to give to a browser, and its kind. Raises ValidationError."""
    stem, dot, ending = re.split(r"[\\/]", name)[-1].rpartition(".")
    kind = {"jpeg": "jpg"}.get(ending.lower(), ending.lower())
    if not dot or kind not in kinds:
        raise ValidationError(f"A file ends in one of these: {', '.join(kinds)}.")
    plain = re.sub(r"[^\w .()+-]", "_", stem).strip(" .")
    return f"{plain[:100] or plain_name}.{kind}", kind


def check_content(kind: str, content: bytes) -> None:
    """Raises ValidationError where a file is too large, empty, or another kind than its name says."""
    if not content:
        raise ValidationError("This file is empty.")
    if len(content) > LARGEST:
        raise ValidationError("This file is larger than 10 MB.")
    if not KINDS[kind](content):
        raise ValidationError(f"The content of this file is not that of a {kind} file. Choose the file as it came.")
