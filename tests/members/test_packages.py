"""Archives that are damaged in every way are refused, and never break a page."""

import bz2
import zipfile
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from openpyxl import Workbook

from members.imports.organisations import LAYOUT
from members.imports.sheet import FARTHEST, Column, Layout, read
from members.packages import opened
from reporting.originals import check_content


def archive(name: str = "xl/workbook.xml", method: int = zipfile.ZIP_STORED, content: bytes = b"<x/>" * 100) -> bytes:
    made = BytesIO()
    with zipfile.ZipFile(made, "w", method) as package:
        package.writestr(name, content)
    return made.getvalue()


def with_a_name_that_is_no_text() -> bytes:
    return archive("xl/\u00e9.xml").replace("\u00e9".encode(), b"\xff\xfe")


def with_a_part_that_cannot_be_unpacked() -> bytes:
    return archive(method=zipfile.ZIP_BZIP2).replace(bz2.compress(b"<x/>" * 100)[4:20], b"\0" * 16)


def of_a_version_to_come() -> bytes:
    made = bytearray(archive())
    made[made.index(b"PK\x01\x02") + 6] = 99
    return bytes(made)


def that_says_it_began_before_its_beginning() -> bytes:
    made = bytearray(archive())
    end = made.index(b"PK\x05\x06")
    made[end + 12 : end + 16] = (2**31).to_bytes(4, "little")
    return bytes(made)


DAMAGED = {
    made.__name__: made()
    for made in (
        with_a_name_that_is_no_text,
        with_a_part_that_cannot_be_unpacked,
        of_a_version_to_come,
        that_says_it_began_before_its_beginning,
    )
}


def unpack(content: bytes) -> list[bytes]:
    with opened(content) as package:
        return [package.read(part) for part in package.infolist()]


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_all_that_can_be_wrong_with_an_archive_is_one_error(content):
    with pytest.raises(zipfile.BadZipFile):
        unpack(content)


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_such_a_workbook_is_refused_in_a_sentence(content):
    with pytest.raises(ValidationError, match="The workbook is damaged"):
        read(content, LAYOUT)


@pytest.mark.parametrize("name", [name for name in DAMAGED if name != "with_a_part_that_cannot_be_unpacked"])
def test_such_an_original_is_refused_in_a_sentence(name):
    with pytest.raises(ValidationError, match="not that of a xlsx file"):
        check_content("xlsx", DAMAGED[name])


def test_what_is_whole_is_opened():
    assert unpack(archive()) == [b"<x/>" * 100]
    check_content("xlsx", archive())


def test_a_row_far_below_all_others_is_not_left_out_unsaid():
    book, content = Workbook(), BytesIO()
    book.active.append(["code", "name"])
    book.active.append(["ABC", "First"])
    book.active.cell(FARTHEST + 10, 1, "XYZ")
    book.save(content)
    layout = Layout("Rows", (Column("code"), Column("name")), ("code",))
    with pytest.raises(ValidationError, match="goes on below row 50,000"):
        read(content.getvalue(), layout)
