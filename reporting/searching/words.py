"""The words of a search, and where a text holds them."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from unicodedata import combining, normalize

from django.db.models import Q

LONGEST, MOST_WORDS = 100, 8
"""What is longer, or has more words, is not looked for; the page says so."""
AROUND = 80
"""Letters of a long text that stand before and after what was found."""


def fold(text: str) -> str:
    """Small letters without accents."""
    if text.isascii():
        return text.lower()
    return "".join(letter for letter in normalize("NFKD", text.casefold()) if not combining(letter))


@dataclass(frozen=True)
class Wanted:
    """What somebody looks for. ``beyond``: what they typed behind it."""

    text: str
    beyond: str = ""

    @classmethod
    def of(cls, typed: str) -> "Wanted":
        """As many words as fit; of a single one that does not, its beginning."""
        text = " ".join(typed.split())
        if len(text) <= LONGEST:
            return cls(text)
        end = text.rfind(" ", 0, LONGEST + 1)
        end = end if end > 0 else LONGEST
        return cls(text[:end], text[end:].strip())

    def __bool__(self) -> bool:
        return bool(self.words)

    @cached_property
    def words(self) -> tuple[str, ...]:
        """As they were typed, each once; an accent alone is none."""
        return words_in(self.text)[:MOST_WORDS]

    @cached_property
    def left_out(self) -> str:
        """The words that are not looked for."""
        return " ".join(word for word in words_in(f"{self.text} {self.beyond}") if word not in self.words)

    @cached_property
    def folded(self) -> tuple[str, ...]:
        return tuple(map(fold, self.words))

    def found_in(self, *parts: str) -> bool:
        text = fold("\n".join(parts))
        return all(word in text for word in self.folded)

    def names(self, code: str) -> bool:
        """Is it this code, and nothing more."""
        return fold(self.text) == fold(code)

    def in_column(self, *columns: str) -> Callable[[str], Q]:
        """For one word: the condition that a column holds it. SQLite knows small and capital letters of English alone,
        so the forms of others are asked for one by one."""

        def condition(word: str) -> Q:
            forms = {word} if word.isascii() else {word, word.lower(), word.upper(), word.capitalize()}
            found = Q()
            for column in columns:
                for form in forms:
                    found |= Q(**{f"{column}__icontains": form})
            return found

        return condition


def words_in(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in text.split() if fold(word)))


Part = tuple[str, bool]
"""Some letters, and whether they were looked for."""


def marked(text: str, wanted: Wanted) -> list[Part]:
    """The text in parts, of which some are what was found."""
    shown = [False] * len(text)
    folded, places = folded_places(text)
    for word in wanted.folded:
        for match in re.finditer(re.escape(word), folded):
            first, last = places[match.start()], places[match.end() - 1]
            shown[first : last + 1] = [True] * (last + 1 - first)
    parts: list[Part] = []
    begin = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or shown[place] != shown[begin]:
            parts.append((text[begin:place], shown[begin]))
            begin = place
    return [part for part in parts if part[0]]


def folded_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each of its letters the place of the one that it comes from."""
    if text.isascii():
        return text.lower(), list(range(len(text)))
    letters = [(each, place) for place, letter in enumerate(text) for each in fold(letter)]
    return "".join(each for each, _ in letters), [place for _, place in letters]


def snippet(text: str, wanted: Wanted) -> list[Part]:
    """Of a long text the place where the first word was found."""
    text = " ".join(text.split())
    folded, places = folded_places(text)
    found = [at for word in wanted.folded if (at := folded.find(word)) >= 0]
    middle = places[min(found)] if found else 0
    begin, end = max(middle - AROUND, 0), middle + 2 * AROUND
    begin = 0 if begin < AROUND // 2 else begin
    cut = text[begin:end]
    return marked(f"{'…' if begin else ''}{cut}{'…' if end < len(text) else ''}", wanted)
