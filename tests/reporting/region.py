"""The real plan and its 35 Members, quickly, and what happens in the region in a few words: rounds, answers, activities
and arrangements made by the real actions, and people of every role."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from itertools import islice, product
from pathlib import Path
from string import ascii_uppercase
from typing import Any

from django.apps import apps
from django.db import models

from members.choices import Group, OrganisationKind, RoleName
from members.models import Membership, Organisation, User
from reporting.actions import (
    ActivityRecord,
    ArrangementRecord,
    close_round,
    create_round,
    enter_answers,
    open_round,
    record_activities,
    record_arrangements,
)
from reporting.choices import ActivityKind
from reporting.inputs import Basis
from reporting.models import (
    Activity,
    ActivityLink,
    ActivityPart,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    Round,
)
from reporting.occasion import Occasion
from reporting.queries import occasion
from tests.conftest import person
from workplan.models import Kpi, Plan, Reading

FIXTURES = Path(__file__).parents[2] / "fixtures"
PLAN = "rsp-2026-2028"
NOW = datetime(2028, 1, 10, 9, tzinfo=UTC)
"""When it is in these tests, unless one says otherwise."""
BASELINE, INTERIM, OPEN = date(2026, 6, 30), date(2027, 6, 30), date(2027, 12, 31)


# ---------------------------------------------------------------- the plan and the organisations


@cache
def entries() -> list[dict[str, Any]]:
    names = ("organisations", "rsp_2026_2028")
    return [each for name in names for each in json.loads((FIXTURES / f"{name}.json").read_text(encoding="utf-8"))]


def load_region() -> Plan:
    """What ``loaddata organisations rsp_2026_2028`` loads, in a few statements instead of thousands of look-ups."""
    by_model: dict[Any, list[dict[str, Any]]] = defaultdict(list)
    for each in entries():
        by_model[apps.get_model(each["model"])].append(each["fields"])
    known: dict[tuple[Any, tuple[Any, ...]], models.Model] = {}
    ours = [model for app in ("members", "workplan") for model in apps.get_app_config(app).get_models()]
    for model in ours:
        load_rows(model, by_model[model], known)
    return Plan.objects.get(code=PLAN)


def load_rows(model: Any, rows: list[dict[str, Any]], known: dict[Any, Any]) -> None:
    many = {field.name: field for field in model._meta.many_to_many}
    objects = []
    for fields in rows:
        single = {name: value for name, value in fields.items() if name not in many}
        for name, value in single.items():
            field = model._meta.get_field(name)
            if field.is_relation and value is not None:
                single[name] = known[field.related_model, tuple(value)]
            else:
                single[name] = field.to_python(value)
        objects.append(model(**single))
    model.objects.bulk_create(objects)
    for row in objects if hasattr(model, "natural_key") else ():
        known[model, tuple(row.natural_key())] = row
    for name, field in many.items():
        through = field.remote_field.through
        pairs = [
            {field.m2m_field_name(): row, field.m2m_reverse_field_name(): known[field.related_model, tuple(key)]}
            for row, fields in zip(objects, rows, strict=True)
            for key in fields.get(name, ())
        ]
        through.objects.bulk_create([through(**pair) for pair in pairs])


def leave_only(*codes: str) -> None:
    """All other Members are none any more, at any date."""
    Membership.objects.exclude(organisation__code__in=codes).delete()


def org(code: str) -> Organisation:
    return Organisation.objects.get(code=code)


def orgs(codes: Iterable[str]) -> list[Organisation]:
    found = {each.code: each for each in Organisation.objects.filter(code__in=list(codes))}
    return [found[code] for code in codes]


def kpi(code: str) -> Kpi:
    return Kpi.objects.get(plan__code=PLAN, code=code)


def new_reading(code: str, valid_from: date, reason: str = "A better reading.", **changes: Any) -> Reading:
    """A later version of a KPI's reading, with the same reporters."""
    reading = Reading.objects.filter(kpi__plan__code=PLAN, kpi__code=code).latest("valid_from")
    reporters = list(reading.reporters.all())
    reading.pk, reading._state.adding = None, True
    reading.valid_from, reading.reason = valid_from, reason
    for name, value in changes.items():
        setattr(reading, name, value)
    reading.full_clean()
    reading.save(force_insert=True)
    reading.reporters.set(reporters)
    return reading


# ---------------------------------------------------------------- what happens


def moment(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


def collect(
    code: str,
    as_at: date,
    *,
    title: str = "",
    opened: datetime | None = None,
    closed: bool = True,
    closes: datetime | None = None,
    zone: str = "Asia/Hong_Kong",
    plan: str = PLAN,
) -> Round:
    """A round that was opened and, mostly, closed."""
    opened = opened or moment(as_at)
    made = create_round(
        plan=Plan.objects.get(code=plan),
        code=code,
        title=title or code,
        as_at=as_at,
        opens_at=None,
        closes_at=closes,
        time_zone=zone,
        by=None,
    )
    open_round(collection=made, by=None, now=opened)
    if closed:
        close_round(collection=made, by=None, now=opened + timedelta(days=5))
    return made


def said(member: str, code: str, plan_year: int | None = None, **says: Any) -> tuple[str, str, Answer]:
    """What a Member says on a KPI, for ``enter``."""
    return member, code, Answer(plan_year=plan_year, **says)


def enter(
    collection: Round,
    answers: Iterable[tuple[str, str, Answer]],
    *,
    accept: bool = True,
    by: User | None = None,
    now: datetime | None = None,
) -> list[Answer]:
    """Enters answers, each to the reading that is valid last."""
    rows = list(answers)
    readings = Reading.objects.filter(kpi__plan=collection.plan, kpi__code__in={code for _, code, _ in rows})
    found = {each.kpi.code: each for each in readings.select_related("kpi").order_by("valid_from")}
    members = {each.code: each for each in Organisation.objects.all()}
    for member, code, one in rows:
        one.organisation, one.kpi, one.reading = members[member], found[code].kpi, found[code]
    stored = [one for _, _, one in rows]
    enter_answers(collection=collection, answers=stored, accept=accept, by=by, now=now or moment(collection.as_at, 12))
    return stored


def answer(
    collection: Round,
    member: str,
    code: str,
    plan_year: int | None = None,
    *,
    accept: bool = True,
    by: User | None = None,
    now: datetime | None = None,
    **says: Any,
) -> Answer:
    [one] = enter(collection, [said(member, code, plan_year, **says)], accept=accept, by=by, now=now)
    return one


def standings(code: str, says: Mapping[str, str], *, comment: str = "") -> list[tuple[str, str, Answer]]:
    """Members -> their standing; a comment is completed by the Member's code."""
    return [
        said(member, code, standing=standing, comment=comment and f"{comment}-{member}")
        for member, standing in says.items()
    ]


@dataclass(frozen=True)
class Event:
    """What happened, in short; ``record`` records it. ``participants``: how many, and how many of them women."""

    reference: str
    day: date
    kpis: Iterable[str] | Mapping[str, int]
    organisers: Iterable[str] = ()
    contributors: Iterable[str] = ()
    participants: Mapping[str, tuple[int | None, int | None]] | Iterable[str] = ()
    heads: Mapping[str, str] = field(default_factory=dict)
    says: Mapping[str, Any] = field(default_factory=dict)

    def record(self, members: Mapping[str, Organisation], kpis: Mapping[str, Kpi]) -> ActivityRecord:
        items = self.kpis if isinstance(self.kpis, Mapping) else dict.fromkeys(self.kpis, 1)
        says = {"title": self.reference, "kind": ActivityKind.WORKSHOP, **self.says}
        links = [ActivityLink(kpi=kpis[code], items=number) for code, number in items.items()]
        return ActivityRecord(self.reference, ActivityVersion(start=self.day, **says), list(self.parts(members)), links)

    def parts(self, members: Mapping[str, Organisation]) -> Iterator[ActivityPart]:
        numbers = self.participants
        numbers = numbers if isinstance(numbers, Mapping) else dict.fromkeys(numbers, (None, None))
        for code in sorted({*self.organisers, *self.contributors, *numbers, *self.heads}):
            total, women = numbers.get(code, (None, None))
            yield ActivityPart(
                organisation=members[code],
                organises=code in self.organisers,
                contributes=code in self.contributors,
                takes_part=code in numbers or code in self.heads,
                participants=total,
                women=women,
                head=self.heads.get(code, ""),
            )


def record(*events: Event, accept: bool = True, now: datetime = NOW) -> None:
    members = {each.code: each for each in Organisation.objects.all()}
    kpis = {each.code: each for each in Kpi.objects.filter(plan__code=PLAN)}
    records = [event.record(members, kpis) for event in events]
    record_activities(records=records, accept=accept, by=None, now=now)


def activity(
    reference: str, day: date, kpis: Any, *, accept: bool = True, now: datetime = NOW, **more: Any
) -> Activity:
    """One event, recorded; what is no field of ``Event`` is said in its version."""
    own = {name: more.pop(name) for name in ("organisers", "contributors", "participants", "heads") if name in more}
    record(Event(reference, day, kpis, **own, says=more), accept=accept, now=now)
    return Activity.objects.get(reference=reference)


def arrangement(a: str, b: str, *, accept: bool = True, now: datetime = NOW, **says: Any) -> Arrangement:
    first, second = orgs([a, b])
    version = ArrangementVersion(**({"signed": "2020-01"} | says))
    record_arrangements(records=[ArrangementRecord((first, second), version)], accept=accept, by=None, now=now)
    return Arrangement.objects.get(party_a__code__in=[a, b], party_b__code__in=[a, b])


def more_members(many: int) -> list[Organisation]:
    """That many beside those of the region."""
    codes = islice(("X" + "".join(letters) for letters in product(ascii_uppercase, repeat=3)), many)
    like = {"kind": OrganisationKind.MEMBER, "group": Group.ASEAN}
    made = Organisation.objects.bulk_create(Organisation(code=code, name=code, **like) for code in codes)
    Membership.objects.bulk_create(Membership(organisation=each) for each in made)
    return made


def on(as_of: date | None = None, basis: Basis = Basis.ACCEPTED, now: datetime = NOW) -> Occasion:
    default = occasion(Plan.objects.get(code=PLAN), now)
    return Occasion(default.plan, default.rounds, now, basis, as_of)


# ---------------------------------------------------------------- people


@dataclass(frozen=True)
class People:
    """Ada and Ed are the secretariat. Connie and Ali are Fiji. Cora is China and so co-coordinates Focus Area 1, Vera
    Viet Nam and so Focus Area 4. Olga is the ROCB, Percy observes, and Nobody holds no role."""

    ada: User
    ed: User
    connie: User
    ali: User
    cora: User
    vera: User
    olga: User
    percy: User
    nobody: User

    def __getitem__(self, name: str) -> User:
        return getattr(self, name)  # type: ignore[no-any-return]


ROLES = ("ada", "ed", "connie", "ali", "cora", "olga", "percy")
"""One person of each role, in the order of the permission matrix."""
LIVE = ("ada", "ed")
"""Those who see unreleased figures of the whole region."""


def make_people() -> People:
    return People(
        ada=person("Ada", RoleName.SECRETARIAT_ADMINISTRATOR, org("APVC")),
        ed=person("Ed", RoleName.SECRETARIAT_EDITOR, org("APVC")),
        connie=person("Connie", RoleName.MEMBER_CONTRIBUTOR, org("FJI")),
        ali=person("Ali", RoleName.MEMBER_APPROVER, org("FJI")),
        cora=person("Cora", RoleName.CO_COORDINATOR, org("CHN")),
        vera=person("Vera", RoleName.CO_COORDINATOR, org("VNM")),
        olga=person("Olga", RoleName.REGIONAL_OFFICER, org("ROCB")),
        percy=person("Percy", RoleName.OBSERVER, org("RPSG")),
        nobody=User.objects.create_user(email="nobody@example.org", name="Nobody"),
    )
