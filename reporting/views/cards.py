"""Scorecards as a list: a row for each Member, some of them on a page, found by name or code."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.http import HttpRequest

FEW = 3
"""So many need no search and no page of their own."""
ON_A_PAGE = 50
LONGEST = 100


@dataclass(frozen=True)
class Card:
    """``code``: that of the Member; ``files``: text, href and, where it is known, size."""

    code: str
    title: str
    files: Sequence[dict[str, Any]]


@dataclass(frozen=True)
class Cards:
    """``count``: how many there are, found or not; ``words``: what was looked for."""

    count: int
    words: str
    part: Page[Card]

    @property
    def searched(self) -> bool:
        return self.count > FEW


def cards_of(request: HttpRequest, every: Iterable[Card]) -> Cards:
    """Those that the address asks for: ``member``, words that all stand in the title or the code, and ``page``."""
    cards, words = list(every), request.GET.get("member", "")[:LONGEST].strip()
    found = [each for each in cards if has(each, words)]
    return Cards(len(cards), words, Paginator(found, ON_A_PAGE).get_page(request.GET.get("page")))


def has(card: Card, words: str) -> bool:
    text = f"{card.title} {card.code}".casefold()
    return all(word in text for word in words.casefold().split())
