"""Zip archives that somebody uploads, such as workbooks and documents of office programs."""

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO

DAMAGE = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)
"""What the reader of archives raises over one that is damaged, locked or of a make that it does not know."""


@contextmanager
def opened(content: bytes) -> Iterator[zipfile.ZipFile]:
    """The archive. Raises zipfile.BadZipFile, then or while it is read, whatever is wrong with it."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            yield package
    except DAMAGE as error:
        raise zipfile.BadZipFile(str(error)) from error
