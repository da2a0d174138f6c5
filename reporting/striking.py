"""What people wrote, without the names of Members, where Members do not see each other by name.

Found is what can be told from the organisations: their names, also in short and as they are also known, however they
are broken over lines or joined by a sign or by nothing, and their codes of three letters. What else tells of a Member
(its capital, its people, a code of two letters) is for a person to read; the page of the setting says so."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from .documents.blocks import UNPRINTABLE
from .facts import OrganisationFact
from .report import Report

INSTEAD = "[a Member]"
NOT_SEEN = "\u00ad\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff"
"""Signs that show nothing, as they come along from other programs."""
BETWEEN = rf"(?:[\s{NOT_SEEN}{UNPRINTABLE.pattern[1:-1]}\u2010-\u2014_+.-]|%20)*"
"""What may stand between the words of a name, in what people write and in the names of their files."""
UNSEEN = f"[{NOT_SEEN}]*"
LETTER = r"[^\W\d_]"
FORM_OF_STATE = re.compile(r"\s+(Darussalam|PDR|P\.D\.R\.)$")
"""What one leaves out in speaking: Brunei, Lao."""


def struck(text: str, organisations: tuple[OrganisationFact, ...]) -> str:
    """The text with INSTEAD in place of each name and code of a Member."""
    return called(organisations).sub(INSTEAD, text)


def unnamed(report: Report) -> Report:
    """The report with its title, comments, narratives and rounds struck. (The plan's own wording stays as adopted.)"""
    organisations = report.organisations
    comments = {code: struck(text, organisations) for code, text in report.comments.items()}
    narratives = {code: struck(text, organisations) for code, text in report.narratives.items()}
    returns = report.returns and replace(report.returns, round=struck(report.returns.round, organisations))
    series = {
        code: tuple(replace(point, round=struck(point.round, organisations)) for point in points)
        for code, points in report.series.items()
    }
    title = struck(report.title, organisations)
    return replace(report, title=title, comments=comments, narratives=narratives, returns=returns, series=series)


@lru_cache(maxsize=4)
def called(organisations: tuple[OrganisationFact, ...]) -> re.Pattern[str]:
    """What Members are called, the longest first: by name however it is written, by code in capitals."""
    members = [each for each in organisations if each.member]
    names = sorted({name for each in members for name in names_of(each)}, key=lambda name: (-len(name), name))
    codes = [however_copied(each.code) for each in members]
    spoken = "|".join(map(however_broken, names)) or "(?!)"
    return re.compile(rf"(?<!{LETTER})(?:(?i:{spoken})|{'|'.join(codes) or '(?!)'})(?!{LETTER})")


def names_of(member: OrganisationFact) -> Iterator[str]:
    """Its name, the part before a comma, without the form of its state, and what it is also known as."""
    also = (each.strip() for each in member.also_known_as.split(";"))
    for name in (member.name, *filter(None, also)):
        yield from (name, name.partition(",")[0], FORM_OF_STATE.sub("", name))


def however_broken(name: str) -> str:
    """A pattern of the name, whatever stands between its words, also where it has a hyphen."""
    return BETWEEN.join(map(however_copied, re.split(r"[\s-]+", name)))


def however_copied(word: str) -> str:
    """A pattern of a word, also with signs in it that show nothing."""
    return UNSEEN.join(map(re.escape, word))
