"""What an answer says, in a few words. The same words as in explanations, for answers of any state."""

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.timezone import localtime

from workplan.choices import STANDING_ORDER, Measure, Standing

from .choices import MemberSays
from .models import Answer


def number(value: Decimal) -> str:
    """1,250 or 0.5: without zeros that say nothing."""
    text = f"{value:,.2f}"
    return text.rstrip("0").rstrip(".")


def unit_words(measure: str, unit: str) -> str:
    """What a figure is stated in. Only a sum is counted in what is asked for; what is worked out of others has a unit
    of its own."""
    return {
        Measure.SUM.value: unit,
        Measure.GROWTH.value: "number, compared in percent",
        Measure.SHARE.value: "part of a whole, in percent",
        Measure.MEMBERS_GROWING.value: "number, compared with the base year",
    }[measure]


def on_behalf_words(by: str, name: str, day: date | None, sender: str | None) -> str:
    """Both names of an answer that the secretariat entered for an organisation, and the e-mail that it was in."""
    words = f"Entered by {f'{by} (secretariat)' if by else 'the secretariat'} on behalf of {name}"
    return f"{words}, from an e-mail of {day:%d.%m.%y} by {sender}" if day else words


def entered_for(answer: Answer, name: str) -> str:
    """The same of a version as ``versions`` reads it; "" where its organisation entered it."""
    beside: Any = answer
    if not answer.on_behalf:
        return ""
    return on_behalf_words(beside.entered_by_name, name, beside.original_received_on, beside.original_received_from)


def member_says(answer: Answer, name: str, zone: ZoneInfo) -> str:
    """What the organisation says of a version that was entered for it; "" where it need not say anything. ``zone``: the
    reader's."""
    beside: Any = answer
    if not answer.on_behalf or answer.correction_reason:
        return ""
    if beside.member_kind is None:
        return f"Not confirmed by {name} yet"
    about = f"by {beside.member_name} on {localtime(beside.member_made_at, zone):%d.%m.%y}"
    if beside.member_kind == MemberSays.CONFIRMED:
        return f"Confirmed {about}"
    return f"Not what {name} said, {about}: {beside.member_reason}"


def said(answer: Answer) -> str:
    if answer.standing:
        return Standing(answer.standing).label
    if answer.participated is not None:
        return "Yes" if answer.participated else "No"
    if answer.value is not None:
        return number(answer.value)
    if answer.numerator is not None or answer.denominator is not None:
        return " of ".join("?" if each is None else number(each) for each in (answer.numerator, answer.denominator))
    return "The register is complete" if answer.register_complete else "Nothing yet"


# ---------------------------------------------------------------- what each level means for a KPI


@dataclass(frozen=True)
class Level:
    """A standing as one may choose it. ``counts``: a Member that says so counts for the KPI."""

    standing: Standing
    meaning: str
    counts: bool


MEANINGS = {
    Standing.NOT_STARTED: "Nothing has been done or decided yet.",
    Standing.PLANNED: "It is decided or has a date, and work has not begun.",
    Standing.IN_PROGRESS: "Work has begun and is not finished.",
    Standing.IN_PLACE: "It is finished and in use.",
    Standing.NOT_APPLICABLE: "It cannot concern you. Say why in the comment.",
}
SAID_OF_LEVEL = re.compile(rf"(?:^|(?<=\. ))({'|'.join(each.label for each in STANDING_ORDER)})(?: counts already)?: ")


def levels(counts_from: Standing | None, guidance: str) -> list[Level]:
    """What each standing means for a KPI: as its guidance says, else in general."""
    own = guidance_by_level(guidance)
    return [
        Level(
            each,
            own.get(each.label) or MEANINGS[each],
            counts_from is not None and each.rank >= counts_from.rank,
        )
        for each in Standing
    ]


def guidance_by_level(guidance: str) -> dict[str, str]:
    """The parts of a guidance that say "In place: ..." of a level; "" is the rest, such as which evidence helps."""
    said, _, helpful = guidance.partition("Helpful evidence:")
    before, *parts = SAID_OF_LEVEL.split(said)
    found = {label: capital(text) for label, text in zip(parts[::2], parts[1::2], strict=True)}
    rest = f"{before.strip()} Helpful evidence:{helpful}" if helpful else before
    return found | {"": rest.strip()}


def capital(text: str) -> str:
    return text[:1].upper() + text[1:].strip()
