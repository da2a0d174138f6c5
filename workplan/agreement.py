"""Whether the target of a KPI, as the plan words it, and its reading say the same. Pure: it reads numbers, and nothing
else of what a text means, so what it finds is for people to judge."""

import re
from collections.abc import Iterator
from decimal import Decimal

from .choices import NAMES_MEMBERS, Measure, Period
from .tree import ReadingText

ONES = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
TEENS = ["ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"]
TENS = dict(
    zip(["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"], range(20, 100, 10), strict=True)
)
NUMBERS = {
    **{f"{ten}-{one}": tens + number for ten, tens in TENS.items() for number, one in enumerate(ONES, start=1)},
    **{word: number for number, word in enumerate(ONES + TEENS, start=1)},
    **TENS,
    "once": 1,
    "twice": 2,
}
"""Words for amounts, those of which another is the beginning first."""
HALF = re.compile(r"\b(?:(?:one|a)[ -])?half\b", re.I)
DAYS = re.compile(r"\b\d{1,2}\.\d{1,2}\.\d{2,4}\b|\b20\d\d/\d\d\b|\bby (?:the end of )?20\d\d\b", re.I)
"""Days and plan years, which are no amounts."""
SCALE = re.compile(r"\bout of \d+\b", re.I)
AMOUNT = re.compile(
    rf"\d{{1,3}}(?:[, ]\d{{3}})+(?!\d)|\d+(?:\.\d+)?|\b(?:{'|'.join(NUMBERS).replace('-', '[- ]')})\b", re.I
)
SHARE = re.compile(r"%|\bper ?cent\b", re.I)
YEARLY = re.compile(r"\b(?:per|an?|each|every) (?:plan )?years?\b|\bannual(?:ly)?\b|\byearly\b", re.I)


def differences(target: str, reading: ReadingText) -> tuple[str, ...]:
    """In what a target text and a reading differ, one sentence each; nothing where the text names no amount."""
    text = HALF.sub("50%", DAYS.sub("", target))
    if reading.measure is Measure.AVERAGE:
        text = SCALE.sub("", text)
    return tuple(found(text, reading)) if AMOUNT.search(text) else ()


def found(text: str, reading: ReadingText) -> Iterator[str]:
    words = [each.casefold() for each in AMOUNT.findall(text)]
    said = {amount(word): None for word in words if not (word == "once" and reading.measure in NAMES_MEMBERS)}
    known = numbers_of(reading)
    strange = [each for each in said if each not in known]
    if strange or reading.target not in said:
        yield f"The target says {listed(strange or list(said))}, the reading at least {read_as(reading)}."
    if SHARE.search(text) and reading.unit != "percent":
        yield f"The target is a percentage, the reading counts {reading.unit or 'something else'}."
    if reading.unit == "percent" and not SHARE.search(text):
        yield "The reading is a percentage, the target is none."
    yearly = YEARLY.search(text)
    if yearly and reading.period is not Period.EACH_YEAR:
        yield f"The target says “{yearly[0]}”, the reading counts {reading.period.label}."
    if not yearly and reading.period is Period.EACH_YEAR:
        yield f"The reading counts {reading.period.label}, the target does not say so."


def amount(word: str) -> Decimal:
    plain = word.replace(" ", "-")
    return Decimal(NUMBERS[plain]) if plain in NUMBERS else Decimal(re.sub(r"[, ]", "", word))


def numbers_of(reading: ReadingText) -> set[Decimal]:
    """The amounts that a target text can name: also how much is to be gained beside the baseline."""
    found = {reading.target}
    if reading.denominator is not None:
        found.add(Decimal(reading.denominator))
    if reading.baseline is not None:
        found |= {reading.baseline, reading.target - reading.baseline}
    return found


def read_as(reading: ReadingText) -> str:
    """28 of 35; 50 %"""
    number = in_words(reading.target)
    if reading.unit == "percent":
        return f"{number} %"
    return f"{number} of {reading.denominator}" if reading.denominator else number


def listed(numbers: list[Decimal]) -> str:
    return " and ".join(map(in_words, numbers)) or "no amount"


def in_words(number: Decimal) -> str:
    return f"{number.normalize():f}"
