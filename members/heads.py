"""Heads of the history as people write them, and files that keep them (``verify_history --kept``)."""

import re
from pathlib import Path

from django.core.exceptions import ValidationError

from members.chain import Head

HEAD = re.compile(r"([1-9][0-9]{0,17})[\s-]+([0-9a-f]{12,64})")


def parsed(text: str) -> Head:
    """``1234 ab12…``, as it is printed, or with the beginning of the digest alone, as the name of a file holds it.
    Raises ValidationError."""
    found = HEAD.fullmatch(text.strip())
    if not found:
        raise ValidationError("This is no head. Write its number, a space, and its letters and digits, 12 at least.")
    return Head(int(found[1]), found[2])


def read(file: Path) -> list[Head]:
    """A head in each line; a file that is not there yet has none. Raises ValidationError, with a sentence for each
    wrong line."""
    found, wrong = [], []
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    for row, line in enumerate(lines, start=1):
        try:
            found += [parsed(line)] if line.strip() else []
        except ValidationError as error:
            wrong.append(f"{file}, row {row}: {error.messages[0]}")
    if wrong:
        raise ValidationError(wrong)
    return found


def keep(file: Path, head: Head) -> None:
    with file.open("a", encoding="utf-8") as lines:
        lines.write(f"{head}\n")
