"""A region in the middle of its plan, for the tests of pages.

Three rounds: the Baseline (closed and released), Interim 1 (closed, not released), Interim 2 (open, closes on
31.01.28). Comments and figures that only some may read hold the word CANARY and the Member's code.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from reporting.actions import publish_release
from reporting.inputs import Basis
from reporting.models import Answer, Release, Round
from workplan.models import Plan, Reading

from .region import (
    BASELINE,
    INTERIM,
    OPEN,
    Event,
    People,
    answer,
    arrangement,
    collect,
    enter,
    load_region,
    make_people,
    moment,
    org,
    record,
    said,
    standings,
)

STATUS, STATUS_4 = "1.1.1(b)", "4.1.1(a)"
"""KPIs of Focus Areas 1 and 4 with an answer, and a comment, of many Members."""
CODES = (
    "AFG", "AUS", "BGD", "BRN", "BTN", "CHN", "FJI", "HKG", "IDN", "IND", "IRN", "JPN", "KHM", "KOR", "LAO",
    "LKA", "MAC", "MDV", "MMR", "MNG", "MYS", "NPL", "NZL", "PAK", "PHL", "PLW", "PNG", "SGP", "SLB", "THA",
    "TLS", "TON", "VNM", "VUT", "WSM",
)  # fmt: skip
SILENT = ("TLS", "VUT")
IN_PLACE, OTHERS = CODES[:25], tuple(code for code in CODES[25:] if code not in SILENT)


@dataclass(frozen=True)
class World:
    plan: Plan
    people: People
    baseline: Round
    interim: Round
    current: Round
    release: Release


def make_world() -> World:
    plan = load_region()
    people = make_people()
    baseline = collect("baseline-2026", BASELINE, title="Baseline at 30.06.26")
    answer_baseline(baseline)
    arrangements()
    release = publish_release(
        plan=plan,
        title="The Baseline",
        as_at=BASELINE,
        basis=Basis.ACCEPTED,
        by=people.ada,
        now=moment(date(2026, 9, 1)),
    )
    interim = collect("interim-2027", INTERIM, title="Interim 1", opened=moment(date(2027, 7, 1)))
    answer_interim(interim)
    activities()
    current = collect(
        "interim-2028",
        OPEN,
        title="Interim 2",
        opened=moment(date(2028, 1, 1)),
        closed=False,
        closes=datetime(2028, 1, 31, 8, tzinfo=UTC),
        zone="Asia/Tokyo",
    )
    answer(current, "JPN", STATUS, standing="in_place", comment="CANARY-late-JPN")
    return World(plan, people, baseline, interim, current, release)


def answer_baseline(baseline: Round) -> None:
    enter(
        baseline,
        [
            *standings(STATUS, dict.fromkeys(IN_PLACE, "in_place"), comment="CANARY-old"),
            *standings(STATUS, dict.fromkeys(OTHERS, "planned"), comment="CANARY-old"),
            *standings(STATUS_4, dict.fromkeys(CODES[:9], "in_place"), comment="CANARY-old"),
            said("FJI", "4.2.1(f)", 2025, value=Decimal(3)),
            said("JPN", "4.2.1(f)", 2025, value=Decimal(4)),
            said("AUS", "4.2.1(f)", 2025, value=Decimal(5)),
            said("RILO", "2.1.1(b).1", 2025, value=Decimal(200)),
            said("FJI", "4.1.2(b)", 2025, participated=True),
        ],
    )


def answer_interim(interim: Round) -> None:
    """On 1.1.1(b): Fiji slips, Samoa gets there, Tonga has sent and waits; Timor-Leste and Vanuatu stay silent. A draft
    of Vanuatu counts nowhere."""
    at_interim = {"AUS": "in_place", "FJI": "planned", "WSM": "in_place", "PLW": "not_applicable"}
    enter(
        interim,
        [
            *standings(STATUS, at_interim, comment="CANARY-new"),
            *standings(STATUS_4, {"FJI": "in_place", "NPL": "in_place"}, comment="CANARY-new"),
            said("FJI", "4.2.1(a)", 2026, value=Decimal("7777.5"), comment="CANARY-figure-FJI"),
            said("FJI", "4.2.1(f)", 2026, value=Decimal(4)),
            said("JPN", "4.2.1(f)", 2026, value=Decimal(4)),
            said("WSM", "4.2.1(f)", 2026, value=Decimal(9)),
            said("RILO", "2.1.1(b).1", 2026, value=Decimal(211)),
            said("ROCB", "3.1.2(a)", 2026, numerator=Decimal(3), denominator=Decimal(8)),
            said("APVC", "3.4.1(a)", register_complete=True),
            said("AUS", "2.2.2(a).1", 2026, participated=True, comment="CANARY-yes-AUS"),
            said("FJI", "2.2.2(a).1", 2026, participated=True, comment="CANARY-yes-FJI"),
            said("NPL", "2.2.2(a).1", 2026, participated=False, comment="CANARY-yes-NPL"),
        ],
    )
    sent = standings(STATUS, {"TON": "in_place"}, comment="CANARY-sent")
    enter(interim, [*sent, said("JPN", "2.2.2(a).1", 2026, participated=True)], accept=False)
    store_draft(interim, "VUT", STATUS, standing="in_place", comment="CANARY-draft-VUT")


def store_draft(collection: Round, member: str, code: str, **says: Any) -> Answer:
    """As browsers will: saved without asking."""
    reading = Reading.objects.select_related("kpi").get(kpi__plan=collection.plan, kpi__code=code)
    return Answer.objects.create(
        submission=collection.submissions.get(organisation__code=member),
        organisation=org(member),
        round=collection,
        as_at=collection.as_at,
        kpi=reading.kpi,
        reading=reading,
        entered_at=moment(collection.as_at),
        **says,
    )


def activities() -> None:
    alerts = [
        Event(reference, day, {"2.1.1(a).2": items}, organisers=["RILO"], says={"kind": "alert"})
        for reference, day, items in (
            ("RILO-ALERTS-1", date(2026, 9, 30), 12),
            ("RILO-ALERTS-2", date(2026, 12, 31), 15),
            ("RILO-ALERTS-3", date(2027, 3, 31), 9),
            ("RILO-ALERTS-4", date(2027, 12, 15), 20),
        )
    ]
    fought = {"kind": "operation"}
    rating = {"rating": Decimal("4.5"), "respondents": 20}
    women = ["3.1.3(a)"]
    record(
        *alerts,
        Event("OP-DRAGON", date(2026, 11, 10), ["2.2.2(a).1"], ["RILO"], ["FJI"], ["CHN", "KOR", "FJI"], says=fought),
        Event("ROCB-W1", date(2026, 10, 1), women, participants={"AUS": (10, 4)}, heads={"AUS": "f"}),
        Event("ROCB-W2", date(2026, 11, 1), [*women, "3.1.3(b)"], participants={"JPN": (50, 30)}, heads={"JPN": "m"}),
        Event("ROCB-W3", date(2026, 12, 1), women, participants={"KOR": (20, None)}),
        Event("ROCB-R1", date(2026, 12, 2), ["3.2.1(c)"], ["ROCB"], says=rating),
        Event("ROCB-R2", date(2026, 12, 3), ["3.2.1(c)"], ["ROCB"]),
    )
    record(
        Event("RILO-ALERTS-X", date(2027, 4, 30), {"2.1.1(a).2": 7}, ["RILO"], says={"kind": "alert"}),
        Event("OP-TIGER", date(2027, 2, 10), ["2.2.2(a).1"], participants=["THA"]),
        Event("ROCB-PLANNED", date(2027, 5, 1), ["3.2.1(c)"], ["ROCB"], says={"status": "planned"}),
        accept=False,
    )


def arrangements() -> None:
    arrangement("JPN", "NZL", in_force=date(2020, 5, 1))
    arrangement("JPN", "KOR")
    arrangement("CHN", "SGP", in_force=date(2015, 1, 1), ended=date(2026, 1, 1))
    arrangement("AUS", "NZL", in_force=date(2026, 1, 1), accept=False)
