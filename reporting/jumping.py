"""When a figure is so far from what was said before that somebody is asked whether it is right: one rule for the pages
where it is sent and decided on, and for what is found in the data."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Protocol, TypeVar

from django.conf import settings


class Stated(Protocol):
    """A stored answer, or a fact."""

    @property
    def value(self) -> Decimal | None: ...
    @property
    def numerator(self) -> Decimal | None: ...
    @property
    def denominator(self) -> Decimal | None: ...


Said = TypeVar("Said", bound=Stated)


def amount(answer: Stated) -> Decimal | None:
    """What an answer states as a figure or as a share."""
    if answer.value is not None:
        return answer.value
    return answer.numerator / answer.denominator if answer.numerator is not None and answer.denominator else None


def jumps_from(now: Stated, *earlier: Said | None) -> Iterator[Said]:
    """Those that a figure is too far from: it is more than so many times what they state, or less than that part of it.
    ``earlier``: what was said for the same year before, and for the year before; either may jump alone."""
    says, factor = amount(now), settings.JUMP_FACTOR
    for each in earlier:
        was = amount(each) if each is not None else None
        if each is not None and was is not None and says is not None and (says > factor * was or says * factor < was):
            yield each
