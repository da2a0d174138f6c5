"""The file that somebody uploads as a Member's workbook: is it a workbook, does it do anything, and what of it has to
be read at all. A refusal is one sentence."""

import re
import zipfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import NoReturn

from django.core.exceptions import ValidationError

from members.imports.sheet import COMPOUND, ENTITIES, LARGEST_UNPACKED, MOST_PARTS, PROTECTED, WORKBOOK
from members.packages import opened
from reporting.evidence import ACTIVE_NAMES, ACTIVE_PARTS

LARGEST = 1_500_000
"""Bytes; a workbook filled in to the last row is far smaller."""
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
TOO_MUCH = (
    "The workbook holds far more than a questionnaire, such as thousands of formats, links, merged cells or rows. "
    "Download a new workbook, and copy what you filled in to that."
)
MACROS = "The workbook has macros or other parts that do something. Save it as xlsx, without them, then upload that."
DEFINITIONS = "The workbook holds definitions that no spreadsheet writes. Save it again as xlsx, then upload that."


def refuse(sentence: str) -> NoReturn:
    raise ValidationError(sentence)


def parts_of(content: bytes) -> dict[str, bytes]:
    """Name of a part -> its XML, sheets without what says nothing in them, so that rows that are only formatted cost
    nothing. Raises ValidationError where it is no workbook that can be read here, or one that costs too much."""
    check_kind(content)
    try:
        with opened(content) as package:
            check_parts(package)
            found = {name: lightened(text) if SHEET.fullmatch(name) else text for name, text in checked_parts(package)}
    except zipfile.BadZipFile as error:
        raise ValidationError(DAMAGED) from error
    check_weight(found.values())
    return found


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
    if len(set(map(str.casefold, names))) < len(names) or any(map(is_odd, parts)):
        refuse(DAMAGED)
    if "xl/workbook.bin" in names:
        refuse(BINARY)
    if "mimetype" in names and b"opendocument.spreadsheet" in package.read("mimetype"):
        refuse(OPEN_DOCUMENT)
    if TYPES not in names or "xl/workbook.xml" not in names:
        refuse(NO_WORKBOOK)
    if any(ACTIVE_NAMES.search(name.casefold()) for name in names):
        refuse(MACROS)


def is_odd(part: zipfile.ZipInfo) -> bool:
    """Is it locked, or packed in a way that no spreadsheet uses: some of these take far more memory than they fill."""
    return bool(part.flag_bits & 1) or part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


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


# ---------------------------------------------------------------- as it was saved

LINK = re.compile(rb"<(?:[^\s<>/!?]{1,50}:)?Relationship\s[^<>]*/>")
LOST = re.compile(rb"/(?:drawing|image)[\"']")
"""The end of what says that a link leads to pictures."""
STRICT_SHEETS = (
    b"http://purl.oclc.org/ooxml/spreadsheetml/main",
    b"http://schemas.openxmlformats.org/spreadsheetml/2006/main",
)
STRICT_LINKS = (
    b"http://purl.oclc.org/ooxml/officeDocument/relationships",
    b"http://schemas.openxmlformats.org/officeDocument/2006/relationships",
)
"""Names of the strict version of the format, and of the one that openpyxl knows."""


PICTURES = re.compile(r"xl/(?:media|charts|chartsheets)/[^/]+", re.I)
DRAWING = re.compile(r"xl/drawings/[^/]+\.xml", re.I)
DRAWN = re.compile(rb"<(?:[^\s<>/!?]{1,50}:)?(?:oneCellAnchor|twoCellAnchor|absoluteAnchor)[\s>]")
"""What is put on a sheet. Comments are drawn too, in parts of another kind (vml)."""


def has_pictures(content: bytes) -> bool:
    """Has it anything that ``bare`` leaves out, such as pictures, charts and shapes. To be called with a content that
    was read before."""
    with opened(content) as package:
        names = package.namelist()
        drawings = filter(DRAWING.fullmatch, names)
        return any(map(PICTURES.fullmatch, names)) or any(DRAWN.search(package.read(name)) for name in drawings)


def without_pictures(link: re.Match[bytes]) -> bytes:
    return b"" if LOST.search(link[0]) else link[0]


def bare(content: bytes) -> bytes:
    """The workbook as it was saved, without pictures and charts: as an archive whose parts are not packed. To be called
    with a content that was read before. Raises ValidationError where it costs too much to open all of it."""
    with opened(content) as package:
        parts = dict(checked_parts(package))
    check_weight(parts.values())
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_STORED) as made:
        for name, text in parts.items():
            text = text.replace(*STRICT_LINKS).replace(*STRICT_SHEETS)
            made.writestr(name, LINK.sub(without_pictures, text) if name.endswith(".rels") else text)
    return found.getvalue()


# ---------------------------------------------------------------- what says nothing

CELL = re.compile(rb"<c(?:\s[^<>]{0,500})?(?:/>|(?<!/)></c>)")
ROW = re.compile(rb"<row(?:\s[^<>]{0,500})?(?:/>|(?<!/)>\s{0,100}</row>)")
UNNUMBERED = re.compile(rb"<(?:row|c)(?=[\s/>])(?![^<>]{0,500}\sr\s{0,9}=)")
"""A row or a cell that does not say which it is: it is the one after the one before."""


def lightened(sheet: bytes) -> bytes:
    """The text of a sheet without cells that hold nothing, and then without rows that hold no cell. An element that is
    not exactly such a one stays. Where any is counted by its place, or a text holds signs that look like an element,
    all stay."""
    if b"<![CDATA[" in sheet or b"<!--" in sheet or UNNUMBERED.search(sheet):
        return sheet
    return ROW.sub(b"", CELL.sub(b"", sheet))


# ---------------------------------------------------------------- what it costs to read

MOST_IN_CELLS = 500_000
"""Tags and attributes in the cells of all sheets: ten times what a questionnaire has."""
MOST_IN_TEXTS = 100_000
"""Those of the texts that cells share."""
MOST_BESIDE = 60_000
"""Those of all else: formats, lists, merged cells, comments. A questionnaire has some 6,000."""
MOST_PLACES = 100_000
"""Words beside the cells of sheets: one list may be said of very many places."""
CELLS = re.compile(rb"<(?:[^\s<>/!?]+:)?sheetData[\s>].*</(?:[^\s<>/!?]+:)?sheetData\s*>", re.S)
TEXTS = re.compile(rb"<(?:[^\s<>/!?]+:)?sst[\s>]")
SHEET_DATA = re.compile(rb"<(?:[^\s<>/!?]+:)?sheetData[\s/>]")
NOT_PLAIN = (b"<![CDATA[", b"<!--")


LONGEST_TAG = re.compile(rb"<[^<]{400000}")
"""With the text that follows it. Of a cell with as much as it can hold these are fewer."""
LARGEST_COMMENTED = 1_000_000
"""Bytes of a part with comments or instructions: the parser begins anew for each piece of a long one."""


def check_weight(parts: Iterable[bytes]) -> None:
    """Before they are parsed: what is made of a tag costs a thousand times as much as to count it. Raises
    ValidationError where they hold too much."""
    cells = texts = beside = places = 0
    for part in parts:
        if LONGEST_TAG.search(part) or (len(part) > LARGEST_COMMENTED and (b"<!--" in part or part.count(b"<?") > 1)):
            refuse(TOO_MUCH)
        if (inside := cells_in(part)) is not None:
            within = weight(part, *inside.span())
            cells += within
            beside += weight(part) - within
            places += part.count(b" ") - part.count(b" ", *inside.span())
        elif TEXTS.search(part, 0, 2_000):
            texts += weight(part)
        else:
            beside += weight(part)
    if cells > MOST_IN_CELLS or texts > MOST_IN_TEXTS or beside > MOST_BESIDE or places > MOST_PLACES:
        refuse(TOO_MUCH)


def weight(part: bytes, start: int = 0, end: int | None = None) -> int:
    return part.count(b"<", start, end) + part.count(b"=", start, end)


def cells_in(part: bytes) -> re.Match[bytes] | None:
    """Where the cells of a sheet stand. None where it is no sheet, or where signs may hide what are cells and what
    not."""
    if any(each in part for each in NOT_PLAIN) or len(SHEET_DATA.findall(part)) != 1:
        return None
    return CELLS.search(part)
