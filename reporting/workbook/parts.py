"""What the parts of a workbook say that are no sheets: which sheets there are, the texts that cells share, and which
formats are of days. Read here, and no more of it, as programs differ in all the rest."""

import posixpath
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from xml.etree.ElementTree import Element, fromstring, iterparse

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format, is_timedelta_format
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH

from .package import DAMAGED, refuse

BOOK, LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
TRUE = ("1", "true", "on")


@dataclass(frozen=True)
class Parts:
    """``sheets``: title -> the part with its cells, hidden ones too. ``texts``: those that cells share. ``days``,
    ``spans``, ``shares``: the formats of cells, by number, that show a number as a day, as a length of time, or with
    %. ``beginning``: the day from which days are counted."""

    sheets: Mapping[str, bytes]
    texts: list[str]
    days: frozenset[int]
    spans: frozenset[int]
    shares: frozenset[int]
    beginning: datetime


def read_parts(parts: Mapping[str, bytes], most_sheets: int, too_many: str) -> Parts:
    """Raises ValidationError, and ValueError, SyntaxError or KeyError where the XML is not what it should be."""
    book = fromstring(parts[BOOK])  # noqa: S314 -- definitions are refused before
    links = dict(links_of(parts))
    sheets = [each for each in book.iter() if local(each) == "sheet"]
    if len(sheets) > most_sheets:
        refuse(too_many)
    codes = list(codes_of(only(parts, links, "styles")))
    return Parts(
        sheets=dict(sheets_of(sheets, parts, links)),
        texts=list(texts_of(only(parts, links, "sharedStrings"))),
        days=frozenset(number for number, code in enumerate(codes) if is_date_format(code)),
        spans=frozenset(number for number, code in enumerate(codes) if is_timedelta_format(code)),
        shares=frozenset(number for number, code in enumerate(codes) if "%" in NO_SIGN.sub("", code)),
        beginning=MAC_EPOCH if any(counts_from_1904(each) for each in book.iter()) else WINDOWS_EPOCH,
    )


def local(element: Element) -> str:
    """The name of an element, whatever its namespace: it differs with the version of the format."""
    return element.tag.rpartition("}")[2]


def attribute(element: Element, name: str) -> str:
    return next((said for key, said in element.attrib.items() if key.rpartition("}")[2] == name), "")


def counts_from_1904(element: Element) -> bool:
    return local(element) == "workbookPr" and element.get("date1904", "").casefold() in TRUE


# ---------------------------------------------------------------- which parts there are


def links_of(parts: Mapping[str, bytes]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Number of a link of the workbook -> its kind, and the name of the part."""
    for each in fromstring(parts[LINKS]):  # noqa: S314 -- definitions are refused before
        kind, target = each.get("Type", "").rpartition("/")[2], each.get("Target", "").replace("\\", "/")
        yield each.get("Id", ""), (kind, posixpath.normpath(posixpath.join("/xl", target)).lstrip("/"))


def named(parts: Mapping[str, bytes], name: str) -> bytes:
    """A part, in whatever letters it is named. Raises ValidationError where it is not there: nothing is left out
    unsaid."""
    if name not in parts:
        name = next((each for each in parts if each.casefold() == name.casefold()), "")
    return parts[name] if name else refuse(DAMAGED)


def only(parts: Mapping[str, bytes], links: Mapping[str, tuple[str, str]], kind: str) -> bytes:
    """The part of a kind that a workbook has once; empty where it has none."""
    found = [named(parts, name) for each, name in links.values() if each == kind]
    return found[0] if found else b""


def sheets_of(
    sheets: list[Element], parts: Mapping[str, bytes], links: Mapping[str, tuple[str, str]]
) -> Iterator[tuple[str, bytes]]:
    """Those with cells. Raises ValidationError where two are one, or have one name."""
    seen: set[str] = set()
    for sheet in sheets:
        title = attribute(sheet, "name")
        kind, name = links[sheet_link(sheet)]
        if kind == "worksheet":
            if {title, name.casefold()} & seen:
                refuse(DAMAGED)
            seen |= {title, name.casefold()}
            yield title, named(parts, name)


def sheet_link(sheet: Element) -> str:
    """``id`` in the namespace of links; the one without any, ``sheetId``, is something else."""
    return next((said for key, said in sheet.attrib.items() if key.endswith("}id")), "")


# ---------------------------------------------------------------- texts and formats


def texts_of(part: bytes) -> Iterator[str]:
    if part:
        for _, element in iterparse(BytesIO(part)):  # noqa: S314 -- definitions are refused before
            if local(element) == "si":
                yield shown(element)
                element.clear()


def shown(element: Element) -> str:
    """A text with or without formats in it, without what says only how it is spoken."""
    found = []
    for child in element:
        name = local(child)
        if name == "t":
            found.append(child.text or "")
        elif name == "r":
            found += [each.text or "" for each in child if local(each) == "t"]
    return "".join(found)


NO_SIGN = re.compile(r'"[^"]*"|\\.')
"""What a format shows as it stands."""
LOCAL = dict.fromkeys((*range(27, 37), *range(50, 59), *range(71, 82)), "yyyy-mm-dd") | {67: "0%", 68: "0.00%"}
"""Formats of China, Japan, Korea and Thailand that stand in no workbook: ECMA-376, part 1, 18.8.30. How they show days
is all one."""
KNOWN = LOCAL | BUILTIN_FORMATS


def codes_of(part: bytes) -> Iterator[str]:
    """How the cells of each format show a number; "" for one that is not known."""
    if part:
        root = fromstring(part)  # noqa: S314 -- definitions are refused before
        own = {each.get("numFmtId"): each.get("formatCode", "") for each in root.iter() if local(each) == "numFmt"}
        for each in next((each for each in root if local(each) == "cellXfs"), ()):
            which = each.get("numFmtId", "0")
            yield own[which] if which in own else KNOWN.get(int(which), "")
