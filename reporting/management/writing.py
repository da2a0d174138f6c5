"""A file that a command writes: all of it is there, or what stood there before."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from django.core.management.base import CommandError

T = TypeVar("T")


def nothing() -> None:
    """Nothing is to be done before."""


def written(path: Path, content: bytes, *, option: str, first: Callable[[], T] = nothing) -> T:  # type: ignore[assignment]
    """Writes the file beside its place and puts it there once all of it is written and ``first`` is done, such as to
    keep that somebody takes it out. Returns what that said. Raises CommandError, with the ``option`` that named the
    path; then nothing is changed."""
    try:
        number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name[:50]}.")
    except OSError as error:
        raise refused(path, option, error) from error
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
        Path(name).chmod(0o666 & ~current_umask())
        said = first()
        Path(name).replace(path)
    except OSError as error:
        raise refused(path, option, error) from error
    finally:
        Path(name).unlink(missing_ok=True)
    return said


def current_umask() -> int:
    """What new files may not be: a temporary one is its owner's alone."""
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def refused(path: Path, option: str, error: OSError) -> CommandError:
    return CommandError(f"{option}: {path} cannot be written: {error.strerror}.")
