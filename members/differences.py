"""What became of a text, word by word. Pure."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

PIECES = re.compile(r"\s+|\w+|[^\w\s]")
MOST_COMPARED = 4000
"""Words, signs and spaces up to which two texts are compared word by word; longer ones stand in full, before and after.
It takes as long as their product is large: for two of 2,000 a quarter of a second."""
MOST_AT_ONCE = 4 * (MOST_COMPARED // 2) ** 2
"""The sum of such products on one page."""


@dataclass(frozen=True)
class Piece:
    """A stretch of a text; ``differs``: the other text has something else, or nothing, in its place."""

    text: str
    differs: bool


Side = tuple[Piece, ...]


def size(text: str) -> int:
    """Of how many words, signs and spaces between them it is."""
    return len(PIECES.findall(text))


def are_short(before: str, after: str) -> bool:
    return size(before) + size(after) <= MOST_COMPARED


def stretches(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Both texts from beginning to end: what stood there and what stands there now. Either may be empty, and both are
    the same where nothing changed. It takes long for long texts: see ``are_short``."""
    old, new = PIECES.findall(before), PIECES.findall(after)
    for _, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        yield "".join(old[a:b]), "".join(new[c:d])


def side_by_side(before: str, after: str) -> tuple[Side, Side]:
    """Both texts in full, each in stretches that are the same or differ."""
    pairs = list(stretches(before, after))
    left, right = ([Piece(pair[side], pair[0] != pair[1]) for pair in pairs if pair[side]] for side in (0, 1))
    return tuple(left), tuple(right)


class SideBySide:
    """Many pairs of texts as ``side_by_side``; from where that would take too long on, in full and without marks."""

    def __init__(self) -> None:
        self.left = MOST_AT_ONCE

    def __call__(self, before: str, after: str) -> tuple[Side, Side]:
        work = size(before) * size(after)
        if work and (work > self.left or not are_short(before, after)):
            return (Piece(before, differs=False),), (Piece(after, differs=False),)
        self.left -= work
        return side_by_side(before, after)


def in_one(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Both texts in one: stretches that are "same", "gone" or "new"."""
    for old, new in stretches(before, after):
        if old == new:
            yield "same", old
            continue
        if old:
            yield "gone", old
        if new:
            yield "new", new
