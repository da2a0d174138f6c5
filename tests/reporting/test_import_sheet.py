"""What every import refuses as a file, whatever stands in it; shown by the smallest one."""

import pytest

from reporting.imports import sheet
from reporting.models import ArrangementVersion
from tests.reporting.builders import refusal, run

HEADER = b"party_a,party_b\n"
ACCEPTED = "accepted are party_a, party_b, signed, in_force, ended, source and comment."

QUOTES = "a quote that opens must close, and inside a cell be doubled."


@pytest.fixture
def file(organisations, tmp_path):
    return tmp_path / "new.csv"


def said(file, content: bytes) -> list[str]:
    file.write_bytes(content)
    return [line.removeprefix(str(file)) for line in refusal("import_arrangements", str(file)).splitlines()]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", ": The file is empty."),
        (b"\xef\xbb\xbf \r\n", ": The file is empty."),
        (HEADER, ": The file has no rows below its header."),
        (HEADER + b",\n\n , \n", ": The file has no rows below its header."),
        (b"PK\x03\x04rest of a workbook", ": The file is a workbook or ZIP file; a CSV file is accepted."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", ": The file is an old workbook; a CSV file is accepted."),
        (b"%PDF-1.7", ": The file is a PDF file; a CSV file is accepted."),
        (HEADER + b"AUS,\0FJI\n", ": The file holds binary data; a CSV file is accepted."),
        (
            HEADER + "AUS,Curaçao\n".encode("latin-1"),
            ": The file is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”.",
        ),
        (
            "party_a,party_b\n".encode("utf-16"),
            ": The file is not UTF-8 text; in a spreadsheet, save it as “CSV UTF-8”.",
        ),
        (b"party_a;party_b\nAUS;FJI\n", ", row 1: The cells are not separated by commas, as they must be."),
        (b"party_a\tparty_b\n", ", row 1: The cells are not separated by commas, as they must be."),
        (b"party_a,signed\n", ", row 1: The column party_b is missing."),
        (b"party_a,party_b,\n", ", row 1: Column 3 has no name."),
        (b"party_a,party_b,party_a\n", ", row 1: The column party_a stands there twice."),
        (b"party_a,party_b,Signed\n", f", row 1: There is no column “Signed”; {ACCEPTED}"),
        (b"party_a,party_b,\x1b[1m\n", f", row 1: There is no column “\\x1b[1m”; {ACCEPTED}"),
        (
            HEADER + b'AUS,"FJI\n',
            f", row 2: The row cannot be read (unexpected end of data); {QUOTES}",
        ),
        (
            HEADER + b'AUS,FJI\n"AUS"x,FJI\n',
            f", row 3: The row cannot be read (',' expected after '\"'); {QUOTES}",
        ),
    ],
)  # fmt: skip
def test_what_is_no_such_file_is_refused(file, content, sentence):
    assert said(file, content) == [sentence]


def test_every_fault_of_a_header_is_named(file):
    assert said(file, b"x,y,y,signed\n") == [
        f", row 1: There is no column “x”; {ACCEPTED}",
        f", row 1: There is no column “y”; {ACCEPTED}",
        ", row 1: The column party_a is missing.",
        ", row 1: The column party_b is missing.",
    ]


def test_a_file_that_cannot_be_opened(file, tmp_path):
    assert refusal("import_arrangements", str(file)) == (f"{file}: The file cannot be read: No such file or directory.")
    assert refusal("import_arrangements", str(tmp_path)) == f"{tmp_path}: The file cannot be read: Is a directory."


def test_a_file_beyond_all_measure(file, monkeypatch):
    assert said(file, HEADER + b"x" * 20 * 1024 * 1024) == [": The file is larger than 20 MB; split it."]
    monkeypatch.setattr(sheet, "MOST_ROWS", 2)
    assert said(file, HEADER + b"AUS,XXX\n" + b"AUS,FJI\n" * 2) == [
        ", row 2, column party_b: There is no organisation “XXX”; one is named by its code, such as AUS.",
        ": The file has more than 2 rows; split it.",
    ]


def test_rows_are_numbered_as_in_a_spreadsheet(file):
    content = b'party_a,party_b,comment\nAUS,FJI,"two\nlines"\n\nAUS,XXX,\nAUS\n'
    assert said(file, content) == [
        ", row 4, column party_b: There is no organisation “XXX”; one is named by its code, such as AUS.",
        ", row 5, column party_b: The row has 1 cells; the header has 3.",
    ]


def test_text_comes_in_to_the_letter(file):
    file.write_text('party_a,party_b,source,comment\nAUS,FJI,Curaçao; "ABF","one\ntwo, ""three"""\n', encoding="utf-8")
    run("import_arrangements", str(file))
    assert ArrangementVersion.objects.values_list("source", "comment").get() == (
        'Curaçao; "ABF"', 'one\ntwo, "three"',
    )  # fmt: skip
