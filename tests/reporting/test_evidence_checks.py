"""What may be uploaded as evidence, and the sentence with which each other thing is refused."""

import socket
import struct
import threading
import time
import zipfile
from contextlib import contextmanager, suppress
from io import BytesIO

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from reporting import scanning
from reporting.evidence import (
    ALWAYS_UNPACKED,
    DAMAGED,
    EMPTY,
    KINDS,
    LARGEST,
    LEADS_OUT,
    MACROS,
    OTHER_KIND,
    PATH,
    PDF_ACTS,
    PDF_WITHIN,
    TOO_LARGE,
    TWO_KINDS,
    UNPACKS,
    WITHIN,
    checked,
)

from .uploads import EICAR, GOOD, JPG, OLE, PNG, office, office_of, pdf, zeros

ENDINGS = "A file ends in one of these: pdf, docx, xlsx, pptx, png, jpg, csv, txt."
TYPE = '<Override ContentType="application/vnd.{}"/>'


def related(kind: str, target: str, encoding: str = "utf-8") -> bytes:
    """A document with a relation to something outside."""
    said = f'<Relationship Id="r" Type="http://x/relationships/{kind}" Target="{target}" TargetMode="External"/>'
    return office_of("docx", "", {"word/_rels/a.rels": f"<Relationships>{said}</Relationships>".encode(encoding)})


def refusal(name: str, content: bytes) -> list[str]:
    with pytest.raises(ValidationError) as refused:
        checked(name, content)
    return refused.value.messages


def of(kind: str, *names: str, what: str | bytes = "x") -> bytes:
    return office_of(kind, "", dict.fromkeys(names, what))


@pytest.mark.parametrize("kind", GOOD)
def test_what_people_have_is_taken(kind):
    assert set(GOOD) == set(KINDS)
    assert checked(f"Report.{kind.upper()}", GOOD[kind]) == (f"Report.{kind}", kind)


BAD = [
    # nothing, too much, a name that says nothing
    ("a.pdf", b"", EMPTY),
    ("a.txt", b"x" * (LARGEST + 1), TOO_LARGE),
    ("a.exe", b"MZ", ENDINGS),
    ("a.docm", GOOD["docx"], ENDINGS),
    ("a.svg", b"<svg/>", ENDINGS),
    ("a.html", b"<html>", ENDINGS),
    ("a.zip", GOOD["docx"], ENDINGS),
    ("pdf", GOOD["pdf"], ENDINGS),
    # another content than the name says
    *((f"a.{kind}", b"MZ\0\0 a program", OTHER_KIND.format(kind)) for kind in KINDS),
    ("a.docx", GOOD["xlsx"], OTHER_KIND.format("docx")),
    ("a.pdf", PNG, OTHER_KIND.format("pdf")),
    ("a.txt", GOOD["pdf"], OTHER_KIND.format("txt")),
    ("a.txt", b"\xef\xbb\xbf <!DOCTYPE HTML><p>", OTHER_KIND.format("txt")),
    ("a.csv", b"a,b\n<script>alert(1)</script>", OTHER_KIND.format("csv")),
    ("a.txt", b"{\\rtf1", OTHER_KIND.format("txt")),
    # two kinds at once
    ("a.png", PNG + GOOD["docx"], TWO_KINDS),
    ("a.png", PNG + b"<html>", TWO_KINDS),
    ("a.jpg", JPG + GOOD["docx"], TWO_KINDS),
    ("a.jpg", JPG + b"<?php system", TWO_KINDS),
    ("a.jpg", b"\xff\xd8\xff\xe1%PDF-1.7" + JPG, TWO_KINDS),
    ("a.pdf", pdf() + GOOD["docx"] + b"\n%%EOF"[:0], TWO_KINDS),
    ("a.docx", GOOD["docx"] + b"%PDF-1.7 and more", TWO_KINDS),
    ("a.docx", b"%PDF-1.7\n" + GOOD["docx"], OTHER_KIND.format("docx")),
    # bombs
    ("a.xlsx", zeros(), UNPACKS),
    ("a.docx", of("docx", *(f"word/{number}.xml" for number in range(5_001))), UNPACKS),
    ("a.pdf", pdf(packed=b"0" * (60 * 2**20)), UNPACKS),
    ("a.docx", of("docx", "word/a.xml", what=b" " * (25 * 2**20)), UNPACKS),
    ("a.docx", of("docx", *(f"word/{number}.xml" for number in range(3)), what=b" " * (8 * 2**20)), UNPACKS),
    ("a.pdf", pdf(packed=b"0" * (25 * 2**20)), UNPACKS),
    # parts that would be put elsewhere
    *(("a.docx", of("docx", part), LEADS_OUT) for part in (
        "../../evil.xml", "word/../../evil.xml", "..\\evil.xml", "word/..", "/etc/x", "\\x", "//host/x", "C:\\x", "c:x",
    )),
    # damaged and locked
    ("a.docx", GOOD["docx"][:-30], DAMAGED),
    ("a.png", PNG[:-6], DAMAGED),
    ("a.jpg", JPG[:-2], DAMAGED),
    ("a.pdf", pdf()[:-6], DAMAGED),
    ("a.pdf", pdf(b"<< /Encrypt 3 0 R >>"), DAMAGED),
    # macros, and what else does something
    ("a.docx", of("docx", "word/vbaProject.bin"), MACROS),
    ("a.xlsx", of("xlsx", "xl\\VBAPROJECT.BIN"), MACROS),
    ("a.docx", of("docx", "word/activeX/activeX1.xml"), MACROS),
    ("a.xlsx", of("xlsx", "xl/macrosheets/sheet1.xml"), MACROS),
    ("a.docx", of("docx", "word/quiet.dat", what=OLE + b"hidden"), MACROS),
    ("a.docx", office("docx", types=TYPE.format("ms-word.document.macroEnabled.main+xml")), MACROS),
    ("a.docx", office("docx", types=TYPE.format("ms-office.vba&#80;roject")), MACROS),
    ("a.docx", related("vbaProject", "a.dat", "utf-16"), MACROS),
    ("a.docx", related("attachedTemplate", "https://evil.example/t.dotm"), MACROS),
    ("a.docx", related("attachedTemplate", "file://evil/share/t.dotm"), MACROS),
    ("a.docx", related('attachedTemplate" Id2=">', " //evil/t.dotm"), MACROS),
    ("a.docx", office("docx", types="<" * (6 * 2**20)), UNPACKS),
    ("a.docx", related("attachedTemplate", r"\\evil\t.dotm"), MACROS),
    ("a.docx", of("docx", "word/embeddings/oleObject1.bin"), WITHIN),
    ("a.pptx", of("pptx", "ppt/embeddings/sheet1.xlsx"), WITHIN),
    ("a.pptx", of("pptx", "ppt/media/quiet.dat", what=GOOD["xlsx"]), WITHIN),
    ("a.pdf", pdf(b"<< /OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> >>"), PDF_ACTS),
    ("a.pdf", pdf(b"<< /S /J#61vaScript >>"), PDF_ACTS),
    ("a.pdf", pdf(b"<< /S /Launch /F (cmd.exe) >>"), PDF_ACTS),
    ("a.pdf", pdf(packed=b"<< /S /JavaScript >>"), PDF_ACTS),
    ("a.pdf", pdf(packed=b"<< /S /Java#53cript >>"), PDF_ACTS),
    ("a.pdf", pdf(packed=b"<< >>", filters=b"/Filter [/ASCIIHexDecode /FlateDecode]"), PDF_ACTS),
    ("a.pdf", pdf(packed=b"<< >>", filters=b"/Filter 9 0 R"), PDF_ACTS),
    ("a.pdf", pdf(b"<< /Names << /EmbeddedFiles 4 0 R >> >>"), PDF_WITHIN),
    ("a.pdf", pdf(packed=b"<< /Type /EmbeddedFile >>"), PDF_WITHIN),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "sentence"), BAD, ids=[f"{n}-{name}" for n, (name, _, _) in enumerate(BAD)]
)
def test_what_may_do_harm_is_refused_with_a_sentence(name, content, sentence):
    assert refusal(name, content) == [sentence]


def test_a_template_of_the_writers_own_machine_is_no_harm():
    checked("a.docx", related("attachedTemplate", "file:///C:/Users/ana/Normal.dotm"))
    checked("a.docx", related("hyperlink", "https://www.wcoomd.org"))


@pytest.mark.parametrize(
    "name",
    ["../../etc/passwd.txt", "C:\\temp\\..\\Report.txt", "C:Report.txt", "/srv/media/x.txt", "a/b.txt", "..\\a.txt"],
)
def test_a_name_with_a_path_is_refused(name):
    assert refusal(name, b"Done.") == [PATH]


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("Report 1.2 - final..txt", "Report 1.2 - final.txt"),
        ("Part 2: Results.txt", "Part 2_ Results.txt"),
        ("a\r\nX\u202e.txt", "a__X_.txt"),
        (".txt", "evidence.txt"),
        ("a\0b.txt", "a_b.txt"),
    ],
)
def test_a_name_is_made_safe(name, known):
    assert checked(name, b"Done.") == (known, "txt")


def test_honest_parts_have_dots_in_their_names():
    checked("a.docx", of("docx", "word/a..b.xml", "word/...", "docProps/.x", "word/c:x"))


def test_a_workbook_as_programs_write_it_is_taken():
    book, found = Workbook(), BytesIO()
    book.active.append(["Fiji", "=SUM(1,2)"])
    book.active["C1"].hyperlink = "https://www.wcoomd.org"
    book.save(found)
    checked("a.xlsx", found.getvalue())


def test_a_long_sheet_that_says_the_same_in_every_row_is_taken():
    """As honest as it gets, and more than any file may unpack to: the room that grows with the size is for it."""
    book, found = Workbook(write_only=True), BytesIO()
    sheet = book.create_sheet()
    for _ in range(40_000):
        sheet.append(["Fiji", 0, 0, 0, 0, "no", "no", "no", "no", None, 0, 0, 0, 0, 0, 0])
    book.save(found)
    content = found.getvalue()
    with zipfile.ZipFile(found) as package:
        assert sum(each.file_size for each in package.infolist()) > ALWAYS_UNPACKED
    checked("a.xlsx", content)


def test_no_text_takes_long():
    """What is read for what it says is read once, however it is written."""
    text = "<" * 4_000_000 + "&#65;" * 100_000
    start = time.monotonic()
    refusal("a.docx", office("docx", types=text, **{"word/vbaProject.bin": b"x"}))
    checked("a.docx", office("docx", types=text))
    refusal("a.pdf", pdf(b"#2f" * 300_000 + b"stream\n" * 300_000 + b"/Launch "))
    assert time.monotonic() - start < 5


@settings(max_examples=150)
@given(st.sampled_from(sorted(GOOD)), st.data())
def test_whatever_is_broken_in_a_file_it_is_taken_or_refused(kind, data):
    content = bytearray(GOOD[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(1, len(content)))]) if data.draw(st.booleans()) else bytes(content)
    with suppress(ValidationError):
        checked(f"a.{kind}", cut)


# ---------------------------------------------------------------- clamd


@contextmanager
def clamd(answer, family="tcp", folder=None):
    """A fake one: reads what comes, and gives what ``answer`` makes of it."""
    if family == "tcp":
        server = socket.create_server(("127.0.0.1", 0))
        where = ("tcp", "127.0.0.1", str(server.getsockname()[1]))
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(folder / "clamd"))
        server.listen()
        where = ("unix", str(folder / "clamd"))

    def serve():
        came, _ = server.accept()
        with came, came.makefile("rb") as stream:
            assert stream.read(10) == b"zINSTREAM\0"
            content = b""
            while size := struct.unpack("!I", stream.read(4))[0]:
                content += stream.read(size)
            if (reply := answer(content)) is not None:
                came.sendall(reply)
            else:
                stream.read()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield where
    finally:
        thread.join(5)
        server.close()


def found_or_not(content: bytes) -> bytes:
    return b"stream: Eicar-Test-Signature FOUND\0" if EICAR in content else b"stream: OK\0"


@pytest.mark.parametrize("family", ["tcp", "unix"])
def test_what_clamd_finds_is_refused_and_what_it_does_not_find_is_taken(settings, family, tmp_path):
    with clamd(found_or_not, family, tmp_path) as settings.CLAMD:
        scanning.scan(b"x" * 200_000)
    (tmp_path / "clamd").unlink(missing_ok=True)
    with clamd(found_or_not, family, tmp_path) as settings.CLAMD, pytest.raises(ValidationError) as refused:
        scanning.scan(b"x" * 100_000 + EICAR)
    assert refused.value.messages == ["A virus was found in this file, so it is not stored."]


@pytest.mark.parametrize(
    "reply", [None, b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK or not\0", b"x" * 9_000]
)
def test_what_clamd_does_not_clear_is_not_let_through(settings, monkeypatch, reply):
    monkeypatch.setattr(scanning, "TIMEOUT", 0.3)
    with clamd(lambda _: reply) as settings.CLAMD, pytest.raises(ValidationError) as refused:
        scanning.scan(b"x")
    assert refused.value.messages == [scanning.SILENT]


def test_where_nobody_listens_nothing_is_let_through(settings, tmp_path):
    for settings.CLAMD in (("tcp", "127.0.0.1", "1"), ("unix", str(tmp_path / "none"))):
        with pytest.raises(ValidationError, match="cannot be checked for viruses just now"):
            scanning.scan(b"x")
    settings.CLAMD = ()
    scanning.scan(EICAR)
