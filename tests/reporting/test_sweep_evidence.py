"""Files that no row names go after a day; files that a row names and that are missing are told."""

from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.core.management import CommandError, call_command

from reporting.actions.evidence import Beside, add_file, remove
from reporting.models import Activity, EvidenceFile

from .region import NOW


@pytest.fixture
def piece(world, empty_storage):
    told = {"name": "Law.txt", "content": b"Done.", "title": "", "by": world.people.olga, "now": NOW}
    return add_file(beside=Beside(activity=Activity.objects.get(reference="ROCB-R1")), **told)


def swept(*args: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("sweep_evidence", *args, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def kept(storage) -> set[str]:
    return {f"evidence/{name}" for name in storage.listdir("evidence")[1]}


@pytest.fixture
def days_later(clock):
    """Files are as old as the machine's clock says."""
    return lambda days: clock(datetime.now(UTC) + timedelta(days=days))


def test_what_no_row_names_goes_after_a_day(world, empty_storage, piece, days_later):
    empty_storage.save("evidence/orphan", ContentFile(b"x"))
    empty_storage.save("elsewhere/orphan", ContentFile(b"x"))
    days_later(0.9)
    assert swept() == ("Files that no row names, taken away: 0. Missing files: 0.\n", "")
    days_later(1.1)
    assert swept("--dry-run")[0] == "Files that no row names, would be taken away: 1. Missing files: 0.\n"
    assert kept(empty_storage) == {"evidence/orphan", piece.file.path}
    assert swept() == ("Files that no row names, taken away: 1. Missing files: 0.\n", "")
    assert kept(empty_storage) == {piece.file.path}
    assert empty_storage.exists("elsewhere/orphan")


def test_what_was_removed_with_a_reason_stays(world, empty_storage, piece, days_later):
    """The history says that it was there; whoever has to know can still find it."""
    remove(piece=piece, reason="Wrong.", by=world.people.olga, now=NOW)
    days_later(9)
    swept()
    assert kept(empty_storage) == {piece.file.path}


def test_a_missing_file_is_told_and_the_command_fails(world, empty_storage, piece, days_later):
    empty_storage.delete(piece.file.path)
    days_later(9)
    out, err = StringIO(), StringIO()
    with pytest.raises(CommandError, match="1 file of evidence cannot be opened"):
        call_command("sweep_evidence", stdout=out, stderr=err)
    assert out.getvalue() == "Files that no row names, taken away: 0. Missing files: 1.\n"
    assert err.getvalue() == f"{piece.file.path} is missing: txt, 5 bytes, SHA-256 {piece.file.sha256}.\n"


@pytest.mark.usefixtures("world", "empty_storage")
def test_where_nothing_was_ever_uploaded_there_is_nothing_to_do():
    assert not EvidenceFile.objects.exists()
    assert swept() == ("Files that no row names, taken away: 0. Missing files: 0.\n", "")
