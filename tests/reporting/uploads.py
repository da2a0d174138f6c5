"""Files that people upload, good ones and bad ones, made here."""

import zipfile
import zlib
from collections.abc import Mapping
from io import BytesIO

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{}</Types>'
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR" + rb"-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
"""What every scanner takes for a virus; in two parts, so that none takes this file for one."""


def office(kind: str = "docx", types: str = "", **more: str | bytes) -> bytes:
    return office_of(kind, types, more)


def office_of(kind: str, types: str, more: Mapping[str, str | bytes]) -> bytes:
    """A document of an office program, with more parts than it needs."""
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in {"[Content_Types].xml": TYPES.format(types), MAIN[kind]: "<document/>", **more}.items():
            made.writestr(name, content)
    return found.getvalue()


def zeros(kind: str = "xlsx", size: int = 300 * 2**20) -> bytes:
    """A workbook whose sheet unpacks to far more than it is."""
    found = BytesIO()
    with zipfile.ZipFile(found, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("[Content_Types].xml", TYPES.format(""))
        made.writestr(MAIN[kind], "<workbook/>")
        with made.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            for _ in range(size // 2**20):
                sheet.write(b"\0" * 2**20)
    return found.getvalue()


def pdf(words: bytes = b"<< /Type /Catalog >>", packed: bytes = b"", filters: bytes = b"/Filter /FlateDecode") -> bytes:
    """``packed``: what stands in a stream of objects."""
    stream = zlib.compress(packed) if packed else b""
    objects = (
        b"2 0 obj << /Type /ObjStm /N 1 %s >>\nstream\n%s\nendstream endobj\n" % (filters, stream) if packed else b""
    )
    return b"%%PDF-1.7\n1 0 obj %s endobj\n%strailer << /Root 1 0 R >>\n%%%%EOF\n" % (words, objects)


def chunk(kind: bytes, data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0\0\0\1\0\0\0\1\x08\0\0\0\0") + chunk(
    b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")  # fmt: skip
JPG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0" + b"\xff\xd9"
GOOD = {
    "pdf": pdf(packed=b"3 0 << /Type /Page >>"),
    "docx": office("docx"),
    "xlsx": office("xlsx", **{"xl/printerSettings/printerSettings1.bin": b"printer"}),
    "pptx": office("pptx", **{"ppt/media/image1.png": PNG}),
    "png": PNG,
    "jpg": JPG + b"SEFH what a telephone writes behind",
    "csv": "Member,Women\nFiji,4\n".encode("utf-8-sig"),
    "txt": "Naïve: 3 < 4.\r\n\tDone.".encode(),
}
