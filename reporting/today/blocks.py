"""What the first page is made of."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

MOST = 8
"""Lines of a block; the rest is behind a link, or counted where no page has all of it."""


class Press(IntEnum):
    """How pressing something is; the most pressing stands first."""

    OVERDUE = 0
    CAME_BACK = 1
    TO_SEND = 2
    ROUND = 3
    DECIDE = 4
    WRITE = 5
    REGISTER = 6
    SLIPPED = 7
    SILENT = 8
    KNOW = 9
    """Good to know, and nothing to do."""


@dataclass(frozen=True)
class Line:
    """``href``: "" where it leads nowhere."""

    text: str
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class Block:
    """Something that is needed of the reader. ``many``: how many lines there are, of which the first are shown;
    ``href``: all of them, "" where no page has them."""

    press: Press
    heading: str
    lines: tuple[Line, ...]
    many: int
    href: str = ""

    @property
    def more(self) -> int:
        """So many lines are not shown."""
        return self.many - len(self.lines)

    @property
    def needed(self) -> bool:
        return self.press is not Press.KNOW


def block(press: Press, heading: str, lines: Iterable[Line], *, href: str = "") -> Block:
    every = tuple(lines)
    return Block(press, heading, every[:MOST], len(every), href)


def days(number: int) -> str:
    """How long something waits or lasts."""
    return {0: "today", 1: "1 day"}.get(number, f"{number} days")
