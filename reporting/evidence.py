"""What may be uploaded as evidence: a few kinds of files, each checked by its content, and nothing that does anything.

Each check says in one sentence why it refuses, and where it can what to do instead.
"""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from io import BytesIO

from django.core.exceptions import ValidationError

from members.packages import DAMAGE

from .originals import known_as

LARGEST = 10 * 2**20
"""Bytes of a file."""
UNPACKED = 200 * 2**20
"""Bytes of all that a document of an office program, or the lists in a PDF, unpack to."""
ALWAYS_UNPACKED, MOST_FOLD = 20 * 2**20, 100
"""Bytes that any file may unpack to, and how many times its own size a larger one may."""
MOST_MEMBERS = 5_000
"""Files in one archive."""
CHUNK = 2**20

EMPTY = "This file is empty."
TOO_LARGE = f"This file is larger than {LARGEST // 2**20} MB."
OTHER_KIND = "The content of this file is not that of a {} file. Choose the file as it came."
TWO_KINDS = "This file is of two kinds at once. Save it again with the program that made it, then upload that."
DAMAGED = "This file is damaged or locked. Save it again without a password, then upload that."
UNPACKS = "This file unpacks to far more than it holds, so it is not opened. Save it again, then upload that."
LEADS = re.compile(r"^/|^[A-Za-z]:|(?:^|/)\.\.(?:/|$)")
"""The name of a part that would be put elsewhere."""
LEADS_OUT = (
    "This file has a part whose name leads out of it. Save it again with the program that made it, then upload that."
)
PATH = "The name of this file has a path in it. Give it a plain name, such as Report.pdf, then upload it."
MACROS = "This file has macros or other parts that do something. Save it without them, or as a PDF, then upload that."
WITHIN = "This file has another file inside it. Save it as a PDF, or upload both files by themselves."
PDF_ACTS = "This PDF has a script or another part that does something. Print it to a new PDF, then upload that."
PDF_WITHIN = "This PDF has another file inside it. Print it to a new PDF, then upload that."


def refuse(sentence: str) -> None:
    raise ValidationError(sentence)


def room(content: bytes) -> int:
    """Bytes that a file of this size may unpack to. What says the same again and again, as a long sheet does, packs to
    a thirtieth; a bomb to a thousandth."""
    return min(UNPACKED, max(ALWAYS_UNPACKED, MOST_FOLD * len(content)))


# ---------------------------------------------------------------- documents of office programs

ARCHIVE, ARCHIVE_ENDS = b"PK\3\4", b"PK\5\6"
OLE, PROGRAM = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"MZ"
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
ACTIVE_NAMES = re.compile(r"vbaproject|vbadata|activex|macrosheet|(?:^|/)dialogsheets/|\.(?:js|vbs|exe|dll|ps1|bat)$")
WITHIN_NAMES = re.compile(r"(?:^|/)embeddings/|oleobject")
ACTIVE_PARTS = re.compile(rb"vbaproject|macroenabled|activex|macrosheet|dialogsheet", re.I)
WITHIN_PARTS = re.compile(rb"/oleobject\b|relationships/package\b", re.I)
FETCHES = re.compile(rb"/(?:attachedtemplate|oleobject|frame|subdocument)[\"']", re.I)
FROM_AFAR = re.compile(rb"target\s*=\s*[\"']\s*(?!file:///[a-z]:)(?:[a-z][a-z0-9+.-]+:|\\\\|//)", re.I)
LONGEST_LIST = 5 * 2**20
"""Bytes of what an archive says of its parts."""


def check_office(kind: str, content: bytes) -> None:
    """An archive and nothing else, of the right program, without macros, objects and bombs. Names are no proof: a
    part of any name is looked at by how it begins, and what the parts say that they are is read, too."""
    if not content.startswith(ARCHIVE):
        refuse(OTHER_KIND.format(kind))
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            check_package(kind, package, room(content))
    except DAMAGE as error:
        raise ValidationError(DAMAGED) from error
    if content[-22:-18] != ARCHIVE_ENDS:
        refuse(TWO_KINDS)


def check_package(kind: str, package: zipfile.ZipFile, left: int) -> None:
    """``left``: bytes that it may unpack to."""
    members = package.infolist()
    names = [each.filename.replace("\\", "/").casefold() for each in members]
    if MAIN[kind] not in names or "[content_types].xml" not in names:
        refuse(OTHER_KIND.format(kind))
    if any(each.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for each in members):
        refuse(DAMAGED)
    if any(map(LEADS.search, names)):
        refuse(LEADS_OUT)
    if len(members) > MOST_MEMBERS or sum(each.file_size for each in members) > left:
        refuse(UNPACKS)
    if any(map(ACTIVE_NAMES.search, names)):
        refuse(MACROS)
    if any(map(WITHIN_NAMES.search, names)):
        refuse(WITHIN)
    for each, name in zip(members, names, strict=True):
        left -= check_member(package, each, name, left)


def check_member(package: zipfile.ZipFile, member: zipfile.ZipInfo, name: str, left: int) -> int:
    """Unpacks one part, and no more than is left; what an archive says of its sizes is not believed."""
    said, unpacked, begins = name.endswith(".rels") or name == "[content_types].xml", 0, b""
    text = bytearray()
    with package.open(member) as part:
        while chunk := part.read(CHUNK):
            begins = begins or chunk[:8]
            unpacked += len(chunk)
            if unpacked > (min(left, LONGEST_LIST) if said else left):
                refuse(UNPACKS)
            if said:
                text += chunk
    if begins.startswith((OLE, PROGRAM, ARCHIVE, b"%PDF-")):
        refuse(MACROS if begins.startswith((OLE, PROGRAM)) else WITHIN)
    check_said(plain_xml(bytes(text)))
    return unpacked


def plain_xml(text: bytes) -> bytes:
    """In one encoding, whichever it came in, and with its signs written as themselves."""
    for mark, encoding in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"<\0", "utf-16-le"),
        (b"\0<", "utf-16-be"),
    ):
        if text.startswith(mark):
            text = text.decode(encoding, "replace").encode()
            break
    return re.sub(rb"&#(x[0-9a-f]{1,6}|[0-9]{1,7});", written_sign, text, flags=re.I)


def written_sign(found: re.Match[bytes]) -> bytes:
    number = found[1].decode()
    code = int(number[1:], 16) if number[0] in "xX" else int(number)
    return chr(code).encode() if code < 128 else found[0]


def check_said(text: bytes) -> None:
    """What the list of contents and the relations between parts say: also what would be fetched and run unasked."""
    # An element ends where the next begins: a value may hold the sign with which one seems to end.
    fetched = any(FETCHES.search(each) and FROM_AFAR.search(each) for each in text.split(b"<"))
    if fetched or ACTIVE_PARTS.search(text):
        refuse(MACROS)
    if WITHIN_PARTS.search(text):
        refuse(WITHIN)


# ---------------------------------------------------------------- PDF

PDF_ACTIVE = re.compile(
    rb"/(?:JavaScript|Launch|RichMedia|GoToE|SubmitForm|ImportData|Rendition|Movie|XFA)(?![A-Za-z0-9])"
)
PDF_FILES = re.compile(rb"/EmbeddedFiles?(?![A-Za-z0-9])|/FileAttachment(?![A-Za-z0-9])")
PDF_SIGN = re.compile(rb"#([0-9A-Fa-f]{2})")
PDF_LOCKED = re.compile(rb"/Encrypt(?![A-Za-z0-9])")
PDF_PACKED = re.compile(rb"/(\w+Decode)\b")
PDF_STREAM = re.compile(rb"stream\r?\n")
INFLATED = 50 * 2**20


def check_pdf(kind: str, content: bytes) -> None:
    """Begins and ends as one, is nothing else, cannot be locked, and does nothing when opened."""
    if not content.startswith(b"%PDF-"):
        refuse(OTHER_KIND.format(kind))
    if b"%%EOF" not in content[-1024:]:
        refuse(DAMAGED)
    if zipfile.is_zipfile(BytesIO(content)):
        refuse(TWO_KINDS)
    left = min(INFLATED, room(content))
    check_pdf_words(content)
    for inner in object_streams(content):
        found = inflated(inner, left)
        left -= len(found)
        check_pdf_words(found)


def check_pdf_words(text: bytes) -> None:
    plain = plain_names(text)
    if PDF_LOCKED.search(plain):
        refuse(DAMAGED)
    if PDF_FILES.search(plain):
        refuse(PDF_WITHIN)
    if PDF_ACTIVE.search(plain):
        refuse(PDF_ACTS)


def object_streams(content: bytes) -> Iterator[bytes]:
    """The packed streams with objects in them; others are pictures, letters and pages. What stands between one stream
    and the next says what this one is; one that is packed in any other way is not looked into, so it is refused."""
    before = 0
    for found in PDF_STREAM.finditer(content):
        said, before = plain_names(content[before : found.start()]), found.end()
        if b"/ObjStm" not in said:
            continue
        if PDF_PACKED.findall(said) != [b"FlateDecode"]:
            refuse(PDF_ACTS)
        ends = content.find(b"endstream", before)
        yield content[before : ends if ends >= 0 else None]


def plain_names(text: bytes) -> bytes:
    """A name may be written with signs as numbers: /J#61vaScript."""
    return PDF_SIGN.sub(lambda found: bytes([int(found[1], 16)]), text)


def inflated(packed: bytes, left: int) -> bytes:
    unpacking = zlib.decompressobj()
    try:
        found = unpacking.decompress(packed, left + 1)
    except zlib.error as error:
        raise ValidationError(DAMAGED) from error
    if len(found) > left:
        refuse(UNPACKS)
    if not unpacking.eof:
        refuse(DAMAGED)
    return found


# ---------------------------------------------------------------- pictures and text

SOMETHING_ELSE = re.compile(rb"<script|<html|<\?php|<svg[\s>]|<!doctype\s+html|%PDF-", re.I)
PNG_BEGINS, PNG_ENDS = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"


def check_picture(kind: str, content: bytes) -> None:
    begins, ends = {"png": (PNG_BEGINS, PNG_ENDS), "jpg": (b"\xff\xd8\xff", b"\xff\xd9")}[kind]
    if not content.startswith(begins):
        refuse(OTHER_KIND.format(kind))
    if ends not in content:
        refuse(DAMAGED)
    # Telephones write more behind the end of a photograph; nothing writes behind a PNG.
    more = kind == "png" and not content.endswith(ends)
    if more or SOMETHING_ELSE.search(content) or zipfile.is_zipfile(BytesIO(content)):
        refuse(TWO_KINDS)


NO_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f]")
OTHER_BEGINNINGS = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:%PDF-|\{\\rtf|#!|<\?xml|<!)", re.I)


def check_text(kind: str, content: bytes) -> None:
    """Readable, and not the source of a page or a program: what begins so is run by who opens it."""
    if NO_TEXT.search(content) or OTHER_BEGINNINGS.match(content) or SOMETHING_ELSE.search(content):
        refuse(OTHER_KIND.format(kind))


KINDS: dict[str, Callable[[str, bytes], None]] = {
    "pdf": check_pdf,
    "docx": check_office,
    "xlsx": check_office,
    "pptx": check_office,
    "png": check_picture,
    "jpg": check_picture,
    "csv": check_text,
    "txt": check_text,
}
"""How a name ends, and what its content must pass."""


def checked(name: str, content: bytes) -> tuple[str, str]:
    """A name that is safe to give to a browser, and its kind, of a content that is of this kind and does nothing.
    Raises ValidationError."""
    if not content:
        refuse(EMPTY)
    if len(content) > LARGEST:
        refuse(TOO_LARGE)
    if re.search(r"[/\\]|^[A-Za-z]:", name):
        refuse(PATH)
    safe, kind = known_as(name, KINDS, "evidence")
    KINDS[kind](kind, content)
    return safe, kind
