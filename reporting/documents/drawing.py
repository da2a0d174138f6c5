"""The drawings of the documents, as SVG: bars by status, the squares of the Members, bullets. They can be read without
colour, by their heights and marks. What somebody typed comes into none of them."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from reporting.presentation import Bullet

from .blocks import Chart

FONT = "Noto Sans"
INK, MUTED, GROUND, LINE = "#1b2733", "#51606f", "#eef1f4", "#8a97a5"
COLOURS = {
    "reached": "#0b6b4f",
    "achieved": "#0b6b4f",
    "on_track": "#1f5fa8",
    "at_risk": "#8a5300",
    "off_track": "#b3341c",
    "not_achieved": "#8c2411",
    "no_data": "#8a97a5",
    "not_begun": "#8a97a5",
}
SQUARE = 8.4
"""Millimetres from one square to the next."""
PER_ROW = 20


BARS = (
    "In each bar from left to right: reached (full height), on track, at risk, off track (lower and lower), no data or "
    "not begun (a line). The numbers stand in the table."
)
BULLETS = "Bar: value. Tick above: expected by now. Tick below: baseline. Line through: target."
SQUARES = "A square is a Member. Full: answered everything. Half: a part. Dotted: nothing yet."


def drawing(width: float, height: float, parts: Iterable[str], words: str, legend: str) -> Chart:
    """A drawing in millimetres."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
    return Chart(words, "".join([head, *parts, "</svg>"]), width, height, legend)


def rect(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none", dash: str = "") -> str:
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    where = f'x="{x:.2f}" y="{y:.2f}" width="{max(width, 0):.2f}" height="{height:.2f}"'
    return f'<rect {where} fill="{fill}" stroke="{stroke}" stroke-width="0.25"{dashes}/>'


def stroke(x1: float, y1: float, x2: float, y2: float, width: float = 0.4) -> str:
    return f'<path d="M{x1:.2f} {y1:.2f}L{x2:.2f} {y2:.2f}" stroke="{INK}" stroke-width="{width}"/>'


def label(x: float, y: float, text: str, *, anchor: str = "start", size: float = 3.1, fill: str = INK) -> str:
    look = f'font-family="{FONT}" font-size="{size}" fill="{fill}" text-anchor="{anchor}"'
    return f'<text x="{x:.2f}" y="{y:.2f}" {look}>{escape(text)}</text>'


# ---------------------------------------------------------------- bars by status

NAMES, BAR, BAR_HEIGHT, BAR_STEP = 32.0, 140.0, 6.0, 8.5


def bars(rows: Sequence[tuple[str, Mapping[str, Any]]], words: str) -> Chart:
    """One bar for each row: its name, and the parts of ``presentation.tally``; the number stands above a part."""
    parts: list[str] = []
    for number, (name, tally) in enumerate(rows):
        top = number * BAR_STEP
        parts.append(label(0, top + 4.6, name))
        parts += [status_part(part, top) for part in tally["parts"]]
    return drawing(NAMES + BAR, len(rows) * BAR_STEP, parts, words, BARS)


def status_part(part: Mapping[str, Any], top: float) -> str:
    """The lower, the worse: full for what is reached, a thin line for what has no data."""
    scale = BAR_HEIGHT / 20
    x, width = NAMES + part["x"] * BAR / 1000, part["width"] * BAR / 1000
    return rect(x, top + 1 + part["y"] * scale, width, part["height"] * scale, COLOURS[part["status"]])


# ---------------------------------------------------------------- bullets

CODES, TRACK, FIGURES, BULLET_STEP = 24.0, 110.0, 38.0, 6.4


def bullets(rows: Sequence[tuple[str, Bullet, str, str]], words: str) -> Chart:
    """One bullet for each row: (code, bullet, status, figure)."""
    parts: list[str] = []
    for number, (code, bullet, status, said) in enumerate(rows):
        parts += bullet_parts(number * BULLET_STEP, code, bullet, status, said)
    return drawing(CODES + TRACK + FIGURES, len(rows) * BULLET_STEP + 0.6, parts, words, BULLETS)


def bullet_parts(top: float, code: str, bullet: Bullet, status: str, said: str) -> list[str]:
    def x(place: int | None) -> float:
        return CODES + (place or 0) * TRACK / 1000

    parts = [label(0, top + 4.2, code), rect(CODES, top + 1.6, TRACK, 3, GROUND)]
    if bullet.value:
        parts.append(rect(CODES, top + 1.6, x(bullet.value) - CODES, 3, COLOURS[status]))
    if bullet.expected is not None:
        parts.append(stroke(x(bullet.expected), top + 0.1, x(bullet.expected), top + 1.6))
    if bullet.baseline is not None:
        parts.append(stroke(x(bullet.baseline), top + 4.6, x(bullet.baseline), top + 6))
    parts.append(stroke(x(bullet.target), top + 0.4, x(bullet.target), top + 5.8, 0.7))
    parts.append(label(CODES + TRACK + 2, top + 4.2, said))
    return parts


# ---------------------------------------------------------------- squares


def member_squares(groups: Sequence[Mapping[str, Any]], words: str, *, named: bool) -> Chart:
    """The squares of ``presentation.squares``, group by group; with two letters in each where Members are named, else
    those that are alike stand together."""
    parts: list[str] = []
    top = 0.0
    for group in groups:
        squares = group["squares"] if named else sorted(group["squares"], key=lambda each: "yhosx".index(each["state"]))
        parts.append(label(0, top + 5.6, group["name"]))
        for place, square in enumerate(squares):
            row, column = divmod(place, PER_ROW)
            parts += one_square(NAMES + column * SQUARE * 0.84, top + row * SQUARE, square, named=named)
        top += SQUARE * (1 + (len(squares) - 1) // PER_ROW)
    return drawing(NAMES + BAR, max(top, 1), parts, words, SQUARES)


def one_square(x: float, y: float, square: Mapping[str, Any], *, named: bool) -> list[str]:
    side, state = 6.4, square["state"]
    dark = state == "y"
    outline = {"s": "0.8,0.6"}.get(state, "")
    parts = [
        rect(x, y + 1, side, side, COLOURS["reached"] if dark else "#ffffff", LINE if not dark else "none", outline)
    ]
    if state == "h":
        parts.append(rect(x, y + 1 + side * 0.62, side, side * 0.38, COLOURS["at_risk"]))
    if state == "x":
        parts.append(stroke(x, y + 1 + side, x + side, y + 1, 0.25))
    if named:
        down = 4.1 if state == "h" else 5.2
        parts.append(
            label(x + side / 2, y + down, square["code"], anchor="middle", size=2.7, fill="#ffffff" if dark else INK)
        )
    return parts
