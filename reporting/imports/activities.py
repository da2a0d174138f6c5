"""Activities from a file. They were collected as having happened, so they are held."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from members.models import Organisation
from reporting import validators
from reporting.actions import ActivityRecord
from reporting.choices import ActivityKind
from reporting.models import ActivityLink, ActivityPart, ActivityVersion
from reporting.validators import refuse, shown
from workplan.choices import Source
from workplan.models import Plan, Reading
from workplan.queries import readings_of, valid_at

from .sheet import Layout, Refusals, Row, read_sheet

K = TypeVar("K")
T = TypeVar("T")
NEEDED = ("reference", "title", "kind", "start")
LISTS = ("organisers", "contributors", "kpis", "participants", "heads")
LAYOUT = Layout(columns=(*NEEDED, "end", *LISTS, "rating", "respondents"), needed=NEEDED, key=("reference",))
NOT_IN_FILES = ("place", "online")
"""What a version says for which a file has no column."""
COUNTING = frozenset({Source.ACTIVITIES, Source.PARTICIPATION})


@dataclass(frozen=True)
class Known:
    """What a file may name: organisations by code, and the readings of every KPI by its code, by date."""

    organisations: Mapping[str, Organisation]
    readings: Mapping[str, list[Reading]]


def what_is_known(plan: Plan) -> Known:
    return Known({each.code: each for each in Organisation.objects.all()}, readings_by_code(plan))


def readings_by_code(plan: Plan) -> dict[str, list[Reading]]:
    readings = defaultdict(list)
    for reading in readings_of(plan):
        readings[reading.kpi.code].append(reading)
    return dict(readings)


def read_activities(content: bytes, refusals: Refusals, plan: Plan) -> tuple[dict[int, ActivityRecord], list[str]]:
    """The activities by row, not stored yet, and notices about them. Raises Refused where anything is wrong."""
    known = what_is_known(plan)
    records = {row.number: read_activity(row, known) for row in read_sheet(content, refusals, LAYOUT)}
    refusals.check()
    return records, list(notices(records.values(), known))


def what(record: ActivityRecord) -> str:
    return record.reference


def read_activity(row: Row, known: Known) -> ActivityRecord:
    reference = row.need("reference", partial(validators.line, longest=100)) or ""
    version = read_version(row)
    parts = read_parts(row, known.organisations)
    links = read_list(row, "kpis", partial(link, readings=known.readings))
    return ActivityRecord(
        reference=reference,
        version=version,
        parts=parts,
        links=[ActivityLink(kpi=known.readings[code][0].kpi, items=items) for code, items in links.items()],
        keeps=NOT_IN_FILES,
    )


def read_version(row: Row) -> ActivityVersion:
    start = row.need("start", validators.day)
    version = ActivityVersion(
        title=row.need("title", partial(validators.line, longest=300)) or "",
        kind=row.need("kind", partial(validators.one_of, accepted=ActivityKind.values)) or "",
        end=row.read("end", validators.day),
        rating=row.read("rating", validators.rating),
        respondents=row.read("respondents", validators.at_least_one),
    )
    if start:
        version.start = start
    row.check(lambda: validators.in_order(start, version.end, "end", "the start"))
    return version


# ---------------------------------------------------------------- lists inside a cell


def read_list(row: Row, column: str, parse: Callable[[str], tuple[K, T]]) -> dict[K, T]:
    """The items of a cell; none may stand there twice."""
    found: dict[K, T] = {}
    for item in row.items(column):
        parsed = row.check(partial(parse, item), column)
        if parsed and parsed[0] in found:
            row.refuse(f"{shown(item)} names what stands there already.", column)
        elif parsed:
            found[parsed[0]] = parsed[1]
    return found


def link(text: str, readings: Mapping[str, list[Reading]]) -> tuple[str, int]:
    code, star, items = (part.strip() for part in text.partition("*"))
    validators.kpi(code, readings, "plan")
    return code, validators.at_least_one(items) if star else 1


def named(text: str, organisations: Mapping[str, Organisation]) -> tuple[Organisation, bool]:
    return validators.organisation(text, organisations), True


def tight(text: str) -> str:
    """Without the spaces around its parts."""
    return re.sub(r"\s*([:/])\s*", r"\1", text)


def numbers(text: str, organisations: Mapping[str, Organisation]) -> tuple[Organisation, tuple[int | None, int | None]]:
    match = re.fullmatch(r"([^:/]+)(?::([0-9]+)/([0-9]*))?", tight(text))
    if match is None:
        refuse(
            f"{shown(text)} is not how participants are written; accepted are AUS:3/1 (3 of whom 1 woman), "
            "AUS:3/ (women not stated) and AUS (numbers not stated)."
        )
    code, participants, women = match.groups()
    organisation = validators.organisation(code, organisations)
    stated = tuple(validators.head_count(number) if number else None for number in (participants, women))
    validators.women_among(stated[1], stated[0], code)
    return organisation, (stated[0], stated[1])


def head(text: str, organisations: Mapping[str, Organisation]) -> tuple[Organisation, str]:
    match = re.fullmatch(r"([^:]+):([fm])", tight(text))
    if match is None:
        refuse(f"{shown(text)} is not how a head is written; accepted are AUS:f (a woman) and AUS:m (a man).")
    return validators.organisation(match[1], organisations), match[2]


def read_parts(row: Row, organisations: Mapping[str, Organisation]) -> list[ActivityPart]:
    """One part for each organisation, whatever lists it stands in. One that has but a head takes part."""
    organisers = read_list(row, "organisers", partial(named, organisations=organisations))
    contributors = read_list(row, "contributors", partial(named, organisations=organisations))
    participants = read_list(row, "participants", partial(numbers, organisations=organisations))
    heads = read_list(row, "heads", partial(head, organisations=organisations))
    return [
        ActivityPart(
            organisation=organisation,
            organises=organisation in organisers,
            contributes=organisation in contributors,
            takes_part=organisation in participants or organisation not in (organisers | contributors),
            participants=participants.get(organisation, (None, None))[0],
            women=participants.get(organisation, (None, None))[1],
            head=heads.get(organisation, ""),
        )
        for organisation in {**organisers, **contributors, **participants, **heads}
    ]


# ---------------------------------------------------------------- what counts for nothing


def notices(records: Iterable[ActivityRecord], known: Known) -> Iterable[str]:
    """KPIs that are counted from something else at the date of an activity that is linked to them."""
    idle: Counter[str] = Counter()
    for record in records:
        day = record.version.end or record.version.start
        for each in record.links:
            reading = valid_at(day, known.readings[each.kpi.code], lambda row: row.kpi_id)[each.kpi.pk]
            if reading.source not in COUNTING:
                idle[each.kpi.code] += 1
    for code, times in idle.items():
        yield f"{code} is not counted from activities; links to it that count for nothing: {times}."
