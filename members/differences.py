"""Two texts side by side, word by word. Pure."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECES = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; ``differs``: the other text has something else, or nothing, in its place."""

    text: str
    differs: bool


Side = tuple[Piece, ...]


def side_by_side(before: str, after: str) -> tuple[Side, Side]:
    """Both texts in full, each in stretches that are the same or differ."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    left: list[Piece] = []
    right: list[Piece] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        differs = kind != "equal"
        left += [Piece("".join(old[a:b]), differs)] if b > a else []
        right += [Piece("".join(new[c:d]), differs)] if d > c else []
    return tuple(left), tuple(right)
