"""The checks of what comes in. Imports, forms and the workbook share them, so that no way in is
laxer than another.

Each raises ``ValidationError`` with a plain sentence: what was found, what is accepted. Checks of several
values raise one with the sentences by field. Texts come in stripped, and not blank.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import NoReturn, TypeVar
from zoneinfo import ZoneInfo

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from members.models import Organisation
from workplan.calendar import parse_year, year_label
from workplan.choices import YEARLY, Measure, Source, Standing
from workplan.models import Plan

from .models import GREATEST, THINGS, Answer
from .questions import AsRead, Question, years_begun
from .threads import blank

T = TypeVar("T")
GREATEST_IN_COLUMN = 2**31 - 1
"""What a column for whole numbers holds."""
LONGEST_LINK = 500
WHO_SIGNS_IN = re.compile(r"[^/?#]*[/\\]{2}[^/\\?#]*@")
SIGNS_IN = "This link has a name or a password before its address; give it without them."
TURNS = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A))))
LONGEST_COMMENT = 5000
FIRST_YEAR, LAST_YEAR = 1990, 2100


def refuse(sentence: str) -> NoReturn:
    raise ValidationError(sentence)


def shown(text: str) -> str:
    """What was found, fit to be printed: short, and without anything invisible. Signs without a shape, such as those
    that turn the words around them, are left out; one that stands alone is named."""
    if len(text) == 1 and unicodedata.category(text) == "Cf":
        return f"U+{ord(text):04X}"
    seen = [sign for sign in text[:60] if unicodedata.category(sign) != "Cf"]
    printable = "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in seen)
    return f"“{printable}{'…' if len(text) > 60 else ''}”"


def listed(words: Iterable[str], last: str = "or") -> str:
    *most, final = words
    return f"{', '.join(most)} {last} {final}" if most else final


# ---------------------------------------------------------------- dates


DAY = "a date is written like 2027-06-30"
PARTIAL_DAY = "2018, 2018-06 and 2018-06-28 are accepted"


def existing(text: str, found: str, accepted: str = DAY) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        refuse(f"{shown(found)} is not in the calendar; {accepted}.")
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        refuse(f"{shown(found)} is out of range; a date is from {FIRST_YEAR} to {LAST_YEAR}.")
    return day


def day(text: str) -> date:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        refuse(f"{shown(text)} is not a date; {DAY}.")
    return existing(text, text)


def earliest_day(partial: str) -> date:
    """The first day that a date, or only a month or a year, can mean."""
    return date.fromisoformat(f"{partial}-01-01"[:10])


def partial_day(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}){0,2}", text):
        refuse(f"{shown(text)} is not a date; {PARTIAL_DAY}.")
    existing(f"{text}-01-01"[:10], text, PARTIAL_DAY)
    return text


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A date with a time; in the zone where it states no offset."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(:[0-9]{2})?(Z|[+-][0-9]{2}:[0-9]{2})?", text):
        refuse(f"{shown(text)} is not a date with a time; one is written like 2027-06-30T18:00.")
    existing(text[:10], text)
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        refuse(f"{shown(text)} is not a time of the day; one is written like 2027-06-30T18:00.")
    return found if found.tzinfo else found.replace(tzinfo=zone)


TYPED_MOMENT = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{2}|\d{4}),? +(\d{1,2}):(\d{2})")


def local_moment(text: str, zone: ZoneInfo) -> datetime:
    """A day and a time as people type them, 31.01.28 17:00, in a time zone; 24:00 is the end of the day."""
    found = TYPED_MOMENT.fullmatch(text)
    if not found:
        refuse(f"{shown(text)} is not a day with a time; write it like 31.01.28 17:00.")
    day_of_month, month, year, hour, minute = (int(part) for part in found.groups())
    day = existing(
        f"{year + 2000 if year < 100 else year:04}-{month:02}-{day_of_month:02}", text, "write 31.01.28 17:00"
    )
    if minute > 59 or hour > 24 or (hour == 24 and minute):
        refuse(f"{shown(text)} is not a time of the day; the last one is 24:00.")
    wall = datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(hours=hour, minutes=minute)
    local = wall.replace(tzinfo=zone)
    if local.astimezone(UTC).astimezone(zone).replace(tzinfo=UTC) != wall:
        refuse(f"{shown(text)} does not exist in {zone.key}: clocks are put forward then. Choose another time.")
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        refuse(f"{shown(text)} comes twice in {zone.key}: clocks are put back then. Choose another time.")
    return local


def in_order(earlier: date | None, later: date | None, field: str, name: str) -> None:
    """``name``: what the earlier one is, such as "the start"."""
    if earlier and later and later < earlier:
        raise ValidationError({field: f"{later} is before {name}, {earlier}."})


def plan_year(text: str, plan: Plan, as_at: date) -> int:
    try:
        year = parse_year(text)
    except ValueError:
        refuse(f"{shown(text)} is not a plan year; a plan year is written like 2026/27.")
    years = years_begun(plan, plan.ends)
    if year not in years:
        refuse(f"{text} is not a year of this plan; its years are {listed(map(year_label, years), 'and')}.")
    if year not in years_begun(plan, as_at):
        refuse(f"{text} has not begun at the as-at date of the round, {as_at}.")
    return year


# ---------------------------------------------------------------- numbers


def whole(text: str, most: int = GREATEST) -> int:
    if re.fullmatch(r"-[0-9]+", text):
        refuse(f"{shown(text)} is negative; a whole number of 0 or more is accepted.")
    if not re.fullmatch(r"[0-9]+", text):
        refuse(f"{shown(text)} is not a whole number; it is written in digits, such as 1250.")
    if len(text.lstrip("0")) > len(str(most)) or int(text) > most:
        refuse(f"{shown(text)} is too large; up to {most} is accepted.")
    return int(text)


def head_count(text: str) -> int:
    return whole(text, GREATEST_IN_COLUMN)


def at_least_one(text: str) -> int:
    if head_count(text) == 0:
        refuse(f"{shown(text)} is too small; 1 or more is accepted.")
    return int(text)


def figure(text: str, typed: str = "") -> Decimal:
    """``typed``: as the person wrote it, to be quoted."""
    if re.fullmatch(r"-[0-9]+(\.[0-9]+)?", text):
        refuse(f"{shown(typed or text)} is negative; a figure of 0 or more is accepted.")
    if not re.fullmatch(r"[0-9]+(\.[0-9]{1,2})?", text):
        refuse(f"{shown(typed or text)} is not a figure; it has digits and up to two decimals, such as 1250.50.")
    if Decimal(text) > GREATEST:
        refuse(f"{shown(typed or text)} is too large; up to {GREATEST} is accepted.")
    return Decimal(text)


def rating(text: str) -> Decimal:
    if not re.fullmatch(r"[0-9](\.[0-9]{1,2})?", text) or not 1 <= Decimal(text) <= 5:
        refuse(f"{shown(text)} is not a rating; it is from 1 to 5 with up to two decimals, such as 4.25.")
    return Decimal(text)


def women_among(women: int | None, participants: int | None, code: str) -> None:
    if women is not None and participants is not None and women > participants:
        refuse(f"{code}: {women} women are more than {participants} participants.")


# ---------------------------------------------------------------- words


def one_of(text: str, accepted: Collection[str]) -> str:
    if text not in accepted:
        refuse(f"{shown(text)} is not accepted; say {listed(accepted)}.")
    return text


def yes_or_no(text: str) -> bool:
    return one_of(text.lower(), ("yes", "no")) == "yes"


def only_yes(text: str) -> bool:
    if text.lower() != "yes":
        refuse(f"{shown(text)} is not accepted; say yes, or leave it blank.")
    return True


def standing(text: str) -> str:
    return one_of(text, [each.value for each in Standing])


def link(text: str) -> str:
    if WHO_SIGNS_IN.match(text):
        refuse(SIGNS_IN)  # which is not repeated: a report of an import, or a screen, would show it
    try:
        URLValidator(schemes=["http", "https"])(text)
    except ValidationError:
        refuse(f"{shown(text)} is not a link; a link begins with https:// or http://.")
    if len(text) > LONGEST_LINK:
        refuse(f"{shown(text)} has {len(text)} signs; a link has up to {LONGEST_LINK}.")
    return text


def without_control_characters(text: str, longest: int, allowed: str = "") -> str:
    odd = next((sign for sign in text if is_control(sign) and sign not in allowed), None)
    if odd is not None:
        kind = "text and line breaks" if allowed else "one line of text"
        refuse(f"The text has a control character, {shown(odd)}; only {kind} may stand here.")
    if len(text) > longest:
        refuse(f"The text has {len(text)} characters; up to {longest} are accepted.")
    return text


def is_control(sign: str) -> bool:
    """Line breaks of all kinds, too, and what turns the direction of the words around it."""
    return unicodedata.category(sign) in ("Cc", "Zl", "Zp") or sign in TURNS


def line(text: str, longest: int) -> str:
    return without_control_characters(text, longest)


def words(text: str) -> str:
    """A text of several lines."""
    return without_control_characters(text, LONGEST_COMMENT, allowed="\n\r\t")


def round_code(text: str) -> str:
    if text in ("new", "list"):
        refuse(f"“{text}” cannot be a code: it has a meaning in addresses.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", text) or len(text) > 50:
        refuse(f"{shown(text)} is not a code; it has small letters, digits and hyphens, such as baseline-2026.")
    return text


def round_title(text: str) -> str:
    if not text.strip():
        refuse("The title is blank.")
    return line(text.strip(), 200)


def organisation(text: str, known: Mapping[str, T]) -> T:
    if text not in known:
        refuse(f"There is no organisation {shown(text)}; one is named by its code, such as AUS.")
    return known[text]


def member(text: str, known: Mapping[str, Organisation]) -> Organisation:
    found = organisation(text, known)
    if not found.is_member:
        refuse(f"{found.code} is not a Member; an arrangement is between two Members.")
    return found


def kpi(text: str, known: Mapping[str, T], place: str) -> T:
    if text not in known:
        refuse(f"There is no KPI {shown(text)} in this {place}; one is named by its code, such as 1.1.3-2(a).")
    return known[text]


# ---------------------------------------------------------------- answers

ASKED: dict[str, tuple[str, tuple[str, ...]]] = {
    Source.STATUS: ("a standing", ("standing",)),
    Source.PARTICIPATION: ("yes or no in participated", ("participated",)),
    Source.FIGURES: ("a value", ("value",)),
    Source.ACTIVITIES: ("yes in register_complete", ("register_complete",)),
    Source.ARRANGEMENTS: ("yes in register_complete", ("register_complete",)),
}
SHARE = ("a numerator and a denominator", ("numerator", "denominator"))
"""What an answer says to a reading: in words, and in fields."""
NOTHING = Answer()
LONGEST_SOURCE, LONGEST_DEFINITION = 200, 500
FIGURE_WORDS = ("figure_source", "figure_definition")
WHY_NOT = "Say in the comment why this does not apply."


def may_answer(organisation: Organisation, question: Question, *, attests: bool) -> None:
    """``attests``: says only that a register is complete, which the secretariat may say of every register."""
    if organisation.code in question.asked or (attests and organisation.secretariat):
        return
    some, more = sorted(question.asked)[:8], len(question.asked) - 8
    asked = listed([*some, f"{more} more"] if more > 0 else some or ["nobody"], "and")
    refuse(f"{organisation.code} is not asked about {question.kpi.code}; it asks {asked}.")


def says_what_is_asked(answer: Answer, question: AsRead) -> None:
    stated = [thing for thing in THINGS if getattr(answer, thing) != getattr(NOTHING, thing)]
    if blank(answer):
        refuse(f"Nothing is said; {question.kpi.code} asks for {asked_by(question)[0]}.")
    wrong = wrong_year(answer, question) | wrong_things(answer, stated, question)
    if answer.numerator is not None and answer.denominator is not None and answer.numerator > answer.denominator:
        wrong["numerator"] = f"{answer.numerator} is more than the denominator, {answer.denominator}."
    if wrong := wrong | wrong_words(answer, question):
        raise ValidationError(wrong)


def wrong_words(answer: Answer, question: AsRead) -> dict[str, str]:
    """Where a figure comes from and how it is counted is said of a figure alone."""
    if answer.value is not None or answer.numerator is not None:
        return {}
    said = [name for name in FIGURE_WORDS if getattr(answer, name)]
    return {name: f"{question.kpi.code} has no figure here; leave {name} blank." for name in said}


def lack_of(answer: Answer, question: AsRead) -> str:
    """The same in one sentence for those who fill in a form, where the code of the KPI stands before it; "" where
    nothing is wrong."""
    try:
        says_what_is_asked(answer, question)
    except ValidationError:
        return plain_lack(answer, question)
    return ""


def plain_lack(answer: Answer, question: AsRead) -> str:
    fields = asked_by(question)[1]
    if answer.standing == Standing.NOT_APPLICABLE and wrong_words(answer, question):
        return "Where it does not apply there is no figure: leave out where it comes from and how it is counted."
    if answer.standing == Standing.NOT_APPLICABLE:
        return WHY_NOT if not answer.comment else "Say that it does not apply, or answer: not both."
    others = [thing for thing in THINGS if thing not in fields and getattr(answer, thing) != getattr(NOTHING, thing)]
    if others or wrong_year(answer, question):
        return "The question was changed after you answered it. Answer it again."
    if question.reading.measure == Measure.SHARE:
        both = answer.numerator is not None and answer.denominator is not None
        return "The first number cannot be less than the second." if both else "Give both numbers."
    return "Give the figure." if question.reading.source == Source.FIGURES else "Choose an answer."


def asked_by(question: AsRead) -> tuple[str, tuple[str, ...]]:
    return SHARE if question.reading.measure == Measure.SHARE else ASKED[question.reading.source]


def wrong_year(answer: Answer, question: AsRead) -> dict[str, str]:
    code, yearly = question.kpi.code, question.reading.source in YEARLY
    if yearly and answer.plan_year is None:
        return {"plan_year": f"{code} is asked for each plan year; state one, such as 2026/27."}
    if not yearly and answer.plan_year is not None:
        return {"plan_year": f"{code} is not asked by plan year; leave plan_year blank."}
    return {}


def wrong_things(answer: Answer, stated: list[str], question: AsRead) -> dict[str, str]:
    code, (asks, fields) = question.kpi.code, asked_by(question)
    if answer.standing == Standing.NOT_APPLICABLE:
        return not_applicable_alone(answer, stated, code)
    surplus = {thing: f"{code} asks for {asks}; leave {thing} blank." for thing in stated if thing not in fields}
    if "standing" in surplus:
        surplus["standing"] = f"{code} asks for {asks}; only not_applicable is accepted here."
    return surplus | {thing: f"{code} asks for {asks}; {thing} is blank." for thing in fields if thing not in stated}


def not_applicable_alone(answer: Answer, stated: list[str], code: str) -> dict[str, str]:
    surplus = [thing for thing in stated if thing != "standing"]
    wrong = {thing: f"Where {code} is not applicable, leave {thing} blank." for thing in surplus}
    return wrong if answer.comment else {**wrong, "comment": WHY_NOT}
