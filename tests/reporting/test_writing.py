"""A file that a command writes is there whole, or as it was before."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.management import CommandError

from reporting.management.writing import written

LIMIT = 1_000
OLD, NEW = b"what stood there", b"x" * 500
TOO_LONG = b"x" * 2 * LIMIT


@pytest.fixture
def path(tmp_path) -> Path:
    found = tmp_path / "file.xlsx"
    found.write_bytes(OLD)
    return found


@pytest.fixture
def full() -> Iterator[None]:
    """No file may be longer than LIMIT, as where a disk is full."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)


def names(path: Path) -> list[str]:
    return [each.name for each in path.parent.iterdir()]


def test_it_takes_the_place_of_what_stood_there(path):
    os.link(path, path.with_name("other"))
    assert written(path, NEW, option="--output") is None
    assert path.read_bytes() == NEW
    assert path.with_name("other").read_bytes() == OLD  # whoever read the old one goes on reading it
    mask = os.umask(0o022)
    os.umask(mask)
    assert path.stat().st_mode & 0o777 == 0o666 & ~mask


@pytest.mark.usefixtures("full")
def test_on_a_full_disk_the_old_one_stays(path):
    with pytest.raises(CommandError, match=r"^--report: .*file\.xlsx cannot be written: File too large\.$"):
        written(path, TOO_LONG, option="--report")
    assert (path.read_bytes(), names(path)) == (OLD, [path.name])


def test_what_is_to_be_done_first_is_done_or_nothing_is_written(path):
    def refused() -> None:
        raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 -- ours, without words
        written(path, NEW, option="--output", first=refused)
    assert (path.read_bytes(), names(path)) == (OLD, [path.name])
    assert written(path, NEW, option="--output", first=lambda: "head") == "head"


@pytest.mark.parametrize("place", ["nowhere/file.xlsx", "."])
def test_where_it_cannot_be_written_it_says_so(tmp_path, place):
    with pytest.raises(CommandError, match=r"^--output: .* cannot be written: "):
        written(tmp_path / place, NEW, option="--output")
    assert list(tmp_path.iterdir()) == []
