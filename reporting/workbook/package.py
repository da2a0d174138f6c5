"""The file that somebody uploads as a Member's workbook: is it a workbook, does it do anything, and what of it has to
be read at all. A refusal is one sentence."""

import re
import zipfile
from collections.abc import Iterator
from io import BytesIO

from django.core.exceptions import ValidationError

from members.imports.sheet import COMPOUND, ENTITIES, LARGEST_UNPACKED, MOST_PARTS, PROTECTED, WORKBOOK
from members.packages import opened
from reporting.evidence import ACTIVE_NAMES, ACTIVE_PARTS

LARGEST = 1_500_000
"""Bytes. Between its preview and its confirmation a file goes with the form (``members.imports.held``)."""
TYPES = "[Content_Types].xml"
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.I)
WIDE = (b"\xff\xfe", b"\xfe\xff", b"<\0", b"\0<")
"""How XML in another encoding begins: no spreadsheet writes it, and words are not found in it."""
OTHER_ENCODING = re.compile(rb"\A(?:\xef\xbb\xbf)?\s*<\?xml[^>]*encoding\s*=\s*[\"'](?!utf-?8|us-ascii)", re.I)

EMPTY = "The file is empty."
TOO_LARGE = "The workbook is larger than 1.5 MB. Take pictures and sheets of your own out of it, then save it again."
PASSWORD = "The workbook is protected by a password. Take it off, save it as xlsx, then upload that."  # noqa: S105 -- a sentence
OLD = "The workbook is of the old kind (xls). Save it as xlsx, then upload that."
NO_WORKBOOK = "The file is not a workbook (xlsx). Upload the workbook that you downloaded here."
OPEN_DOCUMENT = "The workbook is of another kind (ods). Save it as xlsx, then upload that."
BINARY = "The workbook is of another kind (xlsb). Save it as xlsx, then upload that."
DAMAGED = "The workbook is damaged. Open it, save it again as xlsx, then upload that."
UNPACKS = "The workbook unpacks to far more than a questionnaire holds. Take out what is not ours, then save it again."
MACROS = "The workbook has macros or other parts that do something. Save it as xlsx, without them, then upload that."
DEFINITIONS = "The workbook holds definitions that no spreadsheet writes. Save it again as xlsx, then upload that."


def refuse(sentence: str) -> None:
    raise ValidationError(sentence)


def light(content: bytes) -> bytes:
    """The workbook without what says nothing in its sheets, so that rows that are only formatted cost nothing. Raises
    ValidationError where it is not one that can be read here."""
    check_kind(content)
    try:
        with opened(content) as package:
            check_parts(package)
            return repacked(package)
    except zipfile.BadZipFile as error:
        raise ValidationError(DAMAGED) from error


def check_kind(content: bytes) -> None:
    """By how it begins, whatever its name says."""
    if not content:
        refuse(EMPTY)
    if len(content) > LARGEST:
        refuse(TOO_LARGE)
    if content.startswith(COMPOUND):
        refuse(PASSWORD if PROTECTED in content else OLD)
    if not content.startswith(WORKBOOK):
        refuse(NO_WORKBOOK)


def check_parts(package: zipfile.ZipFile) -> None:
    """By what it says of its parts, before any is unpacked; none is read beyond that."""
    parts = package.infolist()
    names = [part.filename for part in parts]
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
        refuse(UNPACKS)
    if len(set(map(str.casefold, names))) < len(names) or any(part.flag_bits & 1 for part in parts):
        refuse(DAMAGED)
    if "xl/workbook.bin" in names:
        refuse(BINARY)
    if "mimetype" in names and b"opendocument.spreadsheet" in package.read("mimetype"):
        refuse(OPEN_DOCUMENT)
    if TYPES not in names or "xl/workbook.xml" not in names:
        refuse(NO_WORKBOOK)
    if any(ACTIVE_NAMES.search(name.casefold()) for name in names):
        refuse(MACROS)


def repacked(package: zipfile.ZipFile) -> bytes:
    """Not packed, as it is read at once."""
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_STORED) as made:
        for name, text in checked_parts(package):
            made.writestr(name, lightened(text) if SHEET.fullmatch(name) else text)
    return found.getvalue()


def checked_parts(package: zipfile.ZipFile) -> Iterator[tuple[str, bytes]]:
    """Only those that are read: pictures and the like stay behind."""
    for name in package.namelist():
        if not name.casefold().endswith((".xml", ".rels")):
            continue
        text = package.read(name)
        if text.startswith(WIDE) or OTHER_ENCODING.match(text) or any(each in text for each in ENTITIES):
            refuse(DEFINITIONS)
        if (name == TYPES or name.endswith(".rels")) and ACTIVE_PARTS.search(text):
            refuse(MACROS)
        yield name, text


# ---------------------------------------------------------------- what says nothing

CELL = re.compile(rb"<c(?:\s[^<>]*)?(?:/>|(?<!/)></c>)")
ROW = re.compile(rb"<row(?:\s[^<>]*)?(?:/>|(?<!/)>\s*</row>)")
UNNUMBERED = re.compile(rb"<(?:row|c)(?=[\s/>])(?![^<>]*\sr\s*=)")
"""A row or a cell that does not say which it is: it is the one after the one before."""


def lightened(sheet: bytes) -> bytes:
    """The text of a sheet without cells that hold nothing, and then without rows that hold no cell. An element that is
    not exactly such a one stays. Where any is counted by its place, or a text holds signs that look like an element,
    all stay."""
    if b"<![CDATA[" in sheet or b"<!--" in sheet or UNNUMBERED.search(sheet):
        return sheet
    return ROW.sub(b"", CELL.sub(b"", sheet))
