# ruff: noqa: INP001
"""Makes ``RSP-Missing.ttf``: one box for every character, so that a text in a script for which the server has no font
keeps its place in a PDF, and its characters. Needs fontTools, which nothing else here does."""

import sys

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import newTable
from fontTools.ttLib.tables._c_m_a_p import CmapSubtable

NAMES = {"familyName": "RSP Missing", "styleName": "Regular", "uniqueFontIdentifier": "RSP Missing 1",
         "fullName": "RSP Missing Regular", "psName": "RSPMissing-Regular", "version": "Version 1.0"}  # fmt: skip
FIRST, LAST, SURROGATES = 0x80, 0x10FFFF, range(0xD800, 0xE000)
OUTER, INNER = (60, 0, 540, 700), (110, 50, 490, 650)


def box():
    pen = TTGlyphPen(None)
    for (left, bottom, right, top), turned in ((OUTER, False), (INNER, True)):
        corners = [(left, bottom), (left, top), (right, top), (right, bottom)]
        first, *others = reversed(corners) if turned else corners
        pen.moveTo(first)
        for corner in others:
            pen.lineTo(corner)
        pen.closePath()
    return pen.glyph()


def every_character():
    """One range of characters for one glyph: format 13."""
    table = CmapSubtable.newSubtable(13)
    table.platformID, table.platEncID, table.language, table.reserved = 3, 10, 0, 0
    table.cmap = {code: "box" for code in range(FIRST, LAST + 1) if code not in SURROGATES}
    return table


def main(path):
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({0x25A1: "box"})
    builder.setupGlyf({".notdef": box(), "box": box()})
    builder.setupHorizontalMetrics({".notdef": (600, 60), "box": (600, 60)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable(NAMES)
    builder.setupOS2(sTypoAscender=800, sTypoDescender=-200, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    table = newTable("cmap")
    table.tableVersion, table.tables = 0, [every_character()]
    builder.font["cmap"] = table
    builder.font["head"].created = builder.font["head"].modified = 3_786_912_000
    builder.font.recalcTimestamp = False
    builder.save(path)


if __name__ == "__main__":
    main(sys.argv[1])
