"""What is needed of a person, whatever their roles, the most pressing first."""

from collections.abc import Iterator
from dataclasses import dataclass

from reporting.looking import Look
from reporting.moments import moment_words

from .areas import for_areas
from .blocks import Block, Line
from .member import for_member
from .register import for_register
from .secretariat import for_secretariat

FOR = (for_member, for_secretariat, for_areas, for_register)
"""For each role what is needed of it; nothing for who does not hold it."""


@dataclass(frozen=True)
class Today:
    """``needed``: what somebody waits for; ``known``: what is good to know; ``ahead``: what comes next."""

    needed: tuple[Block, ...]
    known: tuple[Block, ...]
    ahead: tuple[Line, ...]

    @property
    def title(self) -> str:
        many = len(self.needed)
        if not many:
            return "Nothing is needed of you now"
        return f"{many} thing{' needs' if many == 1 else 's need'} you"


def today_of(look: Look) -> Today:
    blocks = sorted((each for find in FOR for each in find(look)), key=lambda each: each.press)
    needed = tuple(each for each in blocks if each.needed)
    return Today(needed, tuple(each for each in blocks if not each.needed), tuple(ahead(look)))


def ahead(look: Look) -> Iterator[Line]:
    """When rounds open and close next."""
    now = look.occasion.now
    for each in look.occasion.rounds:
        state = each.state(now)
        if state == "open" and each.closes_at:
            yield Line(f"{each.title} closes", "", moment_words(each.closes_at, each.time_zone, look.time_zone))
        elif state == "planned" and each.opens_at and each.opens_at > now:
            yield Line(f"{each.title} opens", "", moment_words(each.opens_at, each.time_zone, look.time_zone))
