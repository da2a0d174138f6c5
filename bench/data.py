"""Made-up data of any size on the real plan, written in bulk: 28,000 answers take seconds instead of minutes.

What the actions settle row by row is worked out here for all rows at once, and compared with what they settle for a
sample; so a figure is measured on data as the site would hold them.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from itertools import combinations, cycle, islice
from operator import itemgetter
from random import Random
from typing import Any

from django.db import transaction
from django.db.models import Model

from members.audit import record_all
from members.choices import AuditAction, Group, OrganisationKind, RoleName
from members.models import Attribute, AuditEntry, Membership, Organisation, Role, User
from reporting.actions import publish_release, settle_answers, settle_versions
from reporting.actions.entry import receipt_line
from reporting.choices import ActivityKind, ActivityStatus, AnswerStatus, Decision, Head
from reporting.inputs import Basis
from reporting.models import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    Receipt,
    Round,
    Submission,
)
from workplan.choices import REGISTERS, YEARLY, Measure, ReporterGroup, Source, Standing
from workplan.models import Kpi, Plan, Reading, Wording

from .bulk import Row, write

FIXTURES = ("organisations", "rsp_2026_2028")
PLAN = "rsp-2026-2028"
SAMPLE = 200
DATES = tuple(
    date(year, month, day)
    for year, month, day in (
        (2026, 6, 30),
        (2026, 9, 30),
        (2026, 12, 31),
        (2027, 3, 31),
        (2027, 6, 30),
        (2027, 9, 30),
        (2027, 12, 31),
        (2028, 3, 31),
    )
)
RELEASED = (DATES[4], DATES[7])
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True)
class Size:
    """How much data: the rounds are eight, the answers are the accepted ones, the releases at most two."""

    members: int = 35
    copies: int = 1
    answers: int = 28_000
    activities: int = 2_000
    parts: int = 5
    arrangements: int = 40
    releases: int = 2


NORMAL = Size()
FEW_MEMBERS = Size(members=3, answers=3_000, activities=300)
MANY_MEMBERS = Size(members=350, answers=20_000, activities=2_000, arrangements=400, releases=1)
LARGE_REGISTER = Size(activities=5_000, parts=10)
MANY_KPIS = Size(copies=10, answers=20_000, activities=2_000, releases=1)
TENFOLD = Size(members=350, answers=280_000, activities=20_000, arrangements=400, releases=0)


@dataclass
class Site:
    """What was made, as those who measure need it."""

    plan: Plan
    administrator: User
    observer: User
    contributor: User
    rounds: list[Round]
    members: list[Organisation]
    random: Random = field(default_factory=lambda: Random(2026))  # noqa: S311 - the same data each time


def build(size: Size) -> Site:
    """Puts so much data behind the plan, which is there already."""
    with transaction.atomic():
        set_members(size.members)
        copy_kpis(size.copies)
        site = start(size)
        add_entries(site)
        add_answers(site, size.answers)
        add_activities(site, size.activities, size.parts)
        add_arrangements(site, size.arrangements)
    check()
    for day in RELEASED[: size.releases]:
        title = f"As at {day}"
        publish_release(plan=site.plan, title=title, as_at=day, basis=Basis.ACCEPTED, by=None, now=at(day, 60))
    return site


@cache
def at(day: date, days: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 9, tzinfo=UTC) + timedelta(days=days)


# ---------------------------------------------------------------- organisations, KPIs, people, rounds


def set_members(wanted: int) -> None:
    """Leaves so many Members, or adds invented ones."""
    members = list(Organisation.objects.filter(kind=OrganisationKind.MEMBER))
    left_out = members[wanted:]
    Membership.objects.filter(organisation__in=left_out).delete()
    Attribute.objects.filter(organisation__in=left_out).delete()
    groups = cycle(Group.values)
    made = [
        Organisation(
            code="Z" + LETTERS[n // 676] + LETTERS[n // 26 % 26] + LETTERS[n % 26],
            name=f"Invented Member {n}",
            kind=OrganisationKind.MEMBER,
            iso2=LETTERS[n // 26 % 26] + LETTERS[n % 26],
            group=next(groups),
            position=100 + n,
        )
        for n in range(wanted - len(members))
    ]
    Organisation.objects.bulk_create(made)
    Membership.objects.bulk_create(Membership(organisation=each) for each in made)


def copy_kpis(copies: int) -> None:
    """Puts copies of each KPI, with wording and reading, behind it."""
    if copies == 1:
        return
    kpis = list(Kpi.objects.prefetch_related("wordings", "readings__reporters"))
    for kpi in kpis:
        kpi.position *= copies
    Kpi.objects.bulk_update(kpis, ["position"], batch_size=100)
    for kpi in kpis:
        for number in range(1, copies):
            copy_kpi(kpi, number)


def copy_kpi(kpi: Kpi, number: int) -> None:
    copy = duplicate(kpi, code=f"{kpi.code}-{number}", position=kpi.position + number)
    for wording in kpi.wordings.all():
        duplicate(wording, kpi=copy)
    for reading in kpi.readings.all():
        duplicate(reading, kpi=copy).reporters.set(reading.reporters.all())


def duplicate(row: Any, **changes: Any) -> Any:
    values = {each.attname: getattr(row, each.attname) for each in row._meta.concrete_fields if not each.primary_key}
    copy = type(row)(**values)
    for name, value in changes.items():
        setattr(copy, name, value)
    copy.save(force_insert=True)
    return copy


def person(name: str, role: RoleName, organisation: Organisation) -> User:
    user = User.objects.create_user(email=f"{name.lower()}@example.org", name=name)
    Role.objects.create(user=user, organisation=organisation, role=role)
    return user


def start(size: Size) -> Site:
    plan = Plan.objects.get(code=PLAN)
    members = list(Organisation.objects.filter(memberships__isnull=False))
    secretariat = Organisation.objects.get(secretariat=True)
    rounds = [
        Round(
            plan=plan, code=f"round-{n}", title=f"Round {n}", as_at=day, opened_at=at(day, -20), closed_at=at(day, 20)
        )
        for n, day in enumerate(DATES, start=1)
    ]
    return Site(
        plan=plan,
        administrator=person("Ada", RoleName.SECRETARIAT_ADMINISTRATOR, secretariat),
        observer=person("Percy", RoleName.OBSERVER, Organisation.objects.get(code="RPSG")),
        contributor=person("Connie", RoleName.MEMBER_CONTRIBUTOR, members[0]),
        rounds=Round.objects.bulk_create(rounds),
        members=members,
    )


def add_entries(site: Site) -> None:
    """What the yardstick shows."""
    with transaction.atomic():
        record_all(
            AuditEntry(
                actor_email=site.administrator.email,
                actor_name=site.administrator.name,
                action=AuditAction.PUBLISHED,
                object_type="reporting.release",
                object_key=f"{PLAN}/{number}",
                object_label=f"As at the end of quarter {number}",
                about=f"workplan.plan/{PLAN}",
                reason="The figures were checked.",
            )
            for number in range(100)
        )


# ---------------------------------------------------------------- answers


def add_answers(site: Site, wanted: int) -> None:
    """So many accepted answers, spread over the rounds; a few more that wait or were returned in the last one."""
    submissions = give_submissions(site)
    readings = list(Reading.objects.select_related("kpi").prefetch_related("reporters").order_by("kpi__position"))
    keys = [key for reading in readings for key in keys_of(site, reading)]
    answers = list(versions(site, keys, submissions, wanted))
    settle(answers)
    write(Answer, answers)
    write(Answer, undecided(answers))
    add_receipt(submissions[site.rounds[-1].pk, site.members[0].pk])


def add_receipt(submission: int) -> None:
    """That of one Member's last return, which sent all its answers at once."""
    sent = Answer.objects.filter(submission=submission, version=1).select_related("kpi", "reading").order_by("pk")
    content = [receipt_line(answer) for answer in sent]
    Receipt.objects.create(submission_id=submission, number=1, sent_at=at(DATES[-1]), content=content)


def give_submissions(site: Site) -> dict[tuple[int, int], int]:
    organisations = [*site.members, *Organisation.objects.filter(kind=OrganisationKind.REGIONAL_ENTITY)]
    rows = [Submission(round=each, organisation=one) for each in site.rounds for one in organisations]
    return {(row.round_id, row.organisation_id): row.pk for row in Submission.objects.bulk_create(rows)}


def keys_of(site: Site, reading: Reading) -> Iterator[tuple[Reading, int, int | None, Round]]:
    """Whom the reading asks, for which year, in which round."""
    asked = {each.pk for each in reading.reporters.all()}
    if reading.reporter_group == ReporterGroup.MEMBERS:
        asked |= {each.pk for each in site.members}
    known = {each.pk for each in site.members}
    known |= {each.pk for each in reading.reporters.all() if each.kind == OrganisationKind.REGIONAL_ENTITY}
    for organisation in sorted(asked & known):
        for collection in site.rounds:
            for year in years_of(reading, collection.as_at):
                yield reading, organisation, year, collection


def years_of(reading: Reading, day: date) -> Sequence[int | None]:
    if reading.source not in YEARLY:
        return (None,)
    first = 2025 if reading.source == Source.FIGURES else 2026
    return range(first, (day.year if day.month > 6 else day.year - 1) + 1)


def versions(
    site: Site,
    keys: list[tuple[Reading, int, int | None, Round]],
    submissions: dict[tuple[int, int], int],
    wanted: int,
) -> Iterator[Row]:
    """Exactly so many answers: where the keys are too few, some are answered in several versions."""
    keys = sorted(keys, key=lambda _: site.random.random())[:wanted] if len(keys) > wanted else keys
    for number in range(wanted):
        version, place = divmod(number, len(keys))
        reading, organisation, year, collection = keys[place]
        moment = at(collection.as_at, version)
        yield {
            "submission_id": submissions[collection.pk, organisation],
            "organisation_id": organisation,
            "round_id": collection.pk,
            "as_at": collection.as_at,
            "kpi_id": reading.kpi_id,
            "reading_id": reading.pk,
            "plan_year": year,
            "version": version + 1,
            "state": AnswerStatus.ACCEPTED.value,
            "entered_at": moment,
            "sent_at": moment,
            "decided_at": moment,
            **says(site, reading, collection),
        }


def says(site: Site, reading: Reading, collection: Round) -> Row:
    """Something that the reading can count; the later the round, the further."""
    random = site.random
    number = DATES.index(collection.as_at) + 1
    progress = number / len(DATES)
    if reading.source == Source.STATUS:
        standing = Standing.IN_PLACE if random.random() < progress * 0.8 else random.choice(list(Standing))
        reason = "Does not apply here." if standing == Standing.NOT_APPLICABLE else "Adopted and published."
        return {"standing": standing.value, "comment": reason}
    if reading.source == Source.PARTICIPATION:
        return {"participated": random.random() < progress, "comment": "Two officers took part."}
    if reading.source in REGISTERS:
        return {"register_complete": True}
    if reading.measure == Measure.SHARE:
        return {"numerator": random.randrange(50, 100), "denominator": 100}
    return {"value": Decimal(random.randrange(10, 1000) * number)}


def settle(answers: list[Row]) -> None:
    """``replaced_from``, as ``settle_answers`` works it out."""
    later: dict[tuple[int, int, int | None], date] = {}
    for answer in sorted(answers, key=itemgetter("as_at", "version"), reverse=True):
        key = (answer["organisation_id"], answer["kpi_id"], answer["plan_year"])
        answer["replaced_from"] = later.get(key)
        later[key] = answer["as_at"]


def undecided(answers: list[Row]) -> Iterator[Row]:
    """One in a hundred of the last round's answers was corrected; the half of that was sent back."""
    last = [each for each in answers if each["as_at"] == DATES[-1] and each["replaced_from"] is None]
    for number, before in enumerate(last[::100]):
        if number % 2:
            change = {"state": AnswerStatus.RETURNED.value, "decision_reason": "Please name the law."}
        else:
            change = {"state": AnswerStatus.SUBMITTED.value, "decided_at": None}
        yield before | change | {"version": before["version"] + 1}


# ---------------------------------------------------------------- the registers


def add_activities(site: Site, wanted: int, parts: int) -> None:
    """Most are confirmed; one in twenty waits, one in twenty has a newer version that waits, and a few were refused,
    planned or cancelled."""
    activities = write(Activity, ({"reference": f"A-{n:06d}"} for n in range(wanted)))
    rows = write(
        ActivityVersion,
        (version for n, activity in enumerate(activities) for version in versions_of(site, n, activity["id"], wanted)),
    )
    sources = (Source.PARTICIPATION, Source.ACTIVITIES)
    kpis = list(Kpi.objects.filter(readings__source__in=sources).values_list("pk", flat=True))
    members = [each.pk for each in site.members]
    write(ActivityPart, (part for row in rows for part in parts_of(site, row["id"], members, parts)))
    write(
        ActivityLink,
        (
            {"version_id": row["id"], "kpi_id": kpi, "items": site.random.choice((1, 1, 1, 2))}
            for row in rows
            for kpi in site.random.sample(kpis, site.random.choice((1, 2)))
        ),
    )


def versions_of(site: Site, number: int, activity: int, wanted: int) -> Iterator[Row]:
    first = Decision.UNDECIDED if number % 20 == 0 else Decision.REFUSED if number % 50 == 7 else Decision.CONFIRMED
    corrected = number % 20 == 1
    yield activity_version(site, number, wanted, first, reported=not corrected) | {"activity_id": activity, "number": 1}
    if corrected:
        waiting = activity_version(site, number, wanted, Decision.UNDECIDED, reported=True)
        yield waiting | {"activity_id": activity, "number": 2}


def activity_version(site: Site, number: int, wanted: int, decision: Decision, *, reported: bool) -> Row:
    start = date(2025, 7, 1) + timedelta(days=number * 1000 // wanted)
    held = ActivityStatus.HELD
    rated = number % 4 == 0
    unheld = decision != Decision.CONFIRMED and number % 40 == 0
    return {
        "decision": decision.value,
        "entered_at": at(start),
        "decided_at": None if decision == Decision.UNDECIDED else at(start, 10),
        "accepted": decision == Decision.CONFIRMED,
        "reported": reported and decision != Decision.REFUSED,
        "title": f"Regional workshop number {number}",
        "kind": ActivityKind.values[number % len(ActivityKind.values)],
        "status": (ActivityStatus.PLANNED if unheld else held).value,
        "start": start,
        "end": start + timedelta(days=number % 4) if number % 3 else None,
        "rating": Decimal(site.random.randrange(30, 50)) / 10 if rated else None,
        "respondents": site.random.randrange(5, 40) if rated else None,
    }


def parts_of(site: Site, version: int, members: list[int], about: int) -> Iterator[Row]:
    """About so many, of whom the first organises."""
    random = site.random
    many = random.randrange(about - 2, about + 3)
    those = random.sample(members, min(len(members), many))
    for place, organisation in enumerate(those):
        participants = random.randrange(1, 12)
        yield {
            "version_id": version,
            "organisation_id": organisation,
            "organises": place == 0,
            "contributes": place == 1,
            "takes_part": place > 0,
            "participants": participants,
            "women": random.randrange(participants + 1),
            "head": random.choice(Head.values),
        }


def add_arrangements(site: Site, wanted: int) -> None:
    ids = sorted(each.pk for each in site.members)
    pairs = list(islice(combinations(ids, 2), wanted))
    rows = Arrangement.objects.bulk_create([Arrangement(party_a_id=a, party_b_id=b) for a, b in pairs])
    ArrangementVersion.objects.bulk_create(
        ArrangementVersion(
            arrangement=row,
            decision=Decision.CONFIRMED,
            entered_at=at(DATES[0]),
            decided_at=at(DATES[0]),
            accepted=True,
            reported=True,
            signed="2025-03",
            in_force=date(2025, 6, 1) + timedelta(days=20 * n) if n % 8 else None,
        )
        for n, row in enumerate(rows)
    )


# ---------------------------------------------------------------- is it settled


def check() -> None:
    """What the actions settle for a sample must be what stands there already."""
    with transaction.atomic():
        keys = Answer.objects.order_by("-pk").values_list("organisation_id", "kpi_id", "plan_year")
        same(Answer, ("replaced_from",), lambda: settle_answers(list(keys[:SAMPLE])))
        owners = list(ActivityVersion.objects.order_by("-pk").values_list("activity_id", flat=True)[:SAMPLE])
        same(ActivityVersion, ("accepted", "reported"), lambda: settle_versions(ActivityVersion, owners))


def same(model: type[Model], columns: tuple[str, ...], settle: Callable[[], None]) -> None:
    rows = model._default_manager.order_by("pk").values_list("pk", *columns)
    before = list(rows.all())
    settle()
    if list(rows.all()) != before:
        raise AssertionError(f"{model.__name__}: {' and '.join(columns)} are not what the actions settle")


def tables() -> Iterable[tuple[str, int]]:
    """How many rows there are, for those who doubt the figures."""
    for model in (Kpi, Wording, Answer, ActivityVersion, ActivityPart, ActivityLink, ArrangementVersion):
        yield model._meta.verbose_name_plural, model.objects.count()
