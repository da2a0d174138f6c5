"""How many lines a text needs, where no program says so. Pure."""

from unicodedata import east_asian_width


def letters(text: str) -> int:
    """How many letters wide a text is; one of Chinese, Japanese or Korean is as wide as two."""
    return len(text) if text.isascii() else sum(2 if east_asian_width(letter) in "WF" else 1 for letter in text)


def wrapped(line: str, width: int) -> int:
    """On how many lines its words stand, so many letters on each; a word that is longer breaks."""
    many, used = 1, 0
    for word in line.split(" "):
        needed = letters(word)
        if used and used + 1 + needed > width:
            many, used = many + 1, 0
        used += needed + (1 if used else 0)
        while used > width:
            many, used = many + 1, used - width
    return many
