"""The real plan and its 35 Members, quickly, and what happens in the region in a few words: rounds, answers, activities
and arrangements made by the real actions, and people of every role."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models

from members.choices import RoleName
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
from reporting.counting import Basis
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
from reporting.queries import occasion
from reporting.report import Occasion
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


def said(member: str, code: str, plan_year: int | None = None, **says: Any) -> Answer:
    """An answer that is not stored yet, to the reading that is valid last."""
    reading = Reading.objects.filter(kpi__plan__code=PLAN, kpi__code=code).select_related("kpi").latest("valid_from")
    return Answer(organisation=org(member), kpi=reading.kpi, reading=reading, plan_year=plan_year, **says)


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
    one = said(member, code, plan_year, **says)
    enter_answers(collection=collection, answers=[one], accept=accept, by=by, now=now or moment(collection.as_at, 12))
    return one


def standings(collection: Round, code: str, says: Mapping[str, str], *, accept: bool = True, comment: str = "") -> None:
    """Members -> their standing; a comment is completed by the Member's code."""
    answers = [
        said(member, code, standing=standing, comment=comment and f"{comment}-{member}")
        for member, standing in says.items()
    ]
    enter_answers(collection=collection, answers=answers, accept=accept, by=None, now=moment(collection.as_at, 12))


def activity(
    reference: str,
    day: date,
    kpis: Iterable[str] | Mapping[str, int],
    *,
    organisers: Iterable[str] = (),
    contributors: Iterable[str] = (),
    participants: Mapping[str, tuple[int | None, int | None]] | Iterable[str] = (),
    heads: Mapping[str, str] | None = None,
    accept: bool = True,
    now: datetime | None = None,
    **says: Any,
) -> Activity:
    items = dict(kpis) if isinstance(kpis, Mapping) else dict.fromkeys(kpis, 1)
    numbers = dict(participants) if isinstance(participants, Mapping) else dict.fromkeys(participants, (None, None))
    organisers, contributors, heads = set(organisers), set(contributors), heads or {}
    parts = []
    for each in orgs(sorted({*organisers, *contributors, *numbers, *heads})):
        total, women = numbers.get(each.code, (None, None))
        part = ActivityPart(
            organisation=each,
            organises=each.code in organisers,
            contributes=each.code in contributors,
            takes_part=each.code in numbers or each.code in heads,
            participants=total,
            women=women,
            head=heads.get(each.code, ""),
        )
        parts.append(part)
    version = ActivityVersion(start=day, **({"title": reference, "kind": ActivityKind.WORKSHOP} | says))
    found = {each.code: each for each in Kpi.objects.filter(plan__code=PLAN, code__in=items)}
    links = [ActivityLink(kpi=found[code], items=number) for code, number in items.items()]
    record = ActivityRecord(reference, version, parts, links)
    record_activities(records=[record], accept=accept, by=None, now=now or moment(day))
    return Activity.objects.get(reference=reference)


def arrangement(a: str, b: str, *, accept: bool = True, now: datetime = NOW, **says: Any) -> Arrangement:
    first, second = orgs([a, b])
    version = ArrangementVersion(**({"signed": "2020-01"} | says))
    record_arrangements(records=[ArrangementRecord((first, second), version)], accept=accept, by=None, now=now)
    return Arrangement.objects.get(party_a__code__in=[a, b], party_b__code__in=[a, b])


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
