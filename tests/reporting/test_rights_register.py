"""Seven roles, somebody without one and a stranger, at every address of an activity and of an arrangement, in every
state that it can be in, on what is theirs in each way and on what is not (domain.md, "Who may do what")."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.choices import RoleName
from members.models import Organisation
from reporting.actions import record_activities, record_arrangements
from reporting.actions.activities import cancel_activity
from reporting.actions.arrangements import ArrangementRecord
from reporting.actions.statements import state_part, state_side
from reporting.actions.versions import decide, seen_as
from reporting.choices import Decision, StatementKind
from reporting.models import Activity, Arrangement, ArrangementVersion
from tests.conftest import person
from tests.members.signing_in import recently
from workplan.models import Kpi

from .browsing import Fields, forms_of
from .conftest import in_module
from .region import NOW, PLAN, Event, People, load_region, make_people, org
from .rights import ROLE_OF, letter
from .trying import attempted, came

pytestmark = [pytest.mark.matrix, pytest.mark.usefixtures("quiet")]

# ---------------------------------------------------------------- what is said of them

STATES = ("undecided", "confirmed", "changed", "refused", "withdrawn", "contested")
CANCELLED = ("cancelled", "called_off")
"""Before it was confirmed, and after."""
DECIDABLE = ("undecided", "changed", "refused", "withdrawn", "called_off")


@dataclass(frozen=True)
class Record:
    """Something in the register: who recorded it, and whom it names; of an activity as organisers, of an arrangement
    its first party."""

    recorded_by: str
    names: tuple[str, ...]

    def __str__(self) -> str:
        return f"{'-'.join(self.names)}, by {self.recorded_by}"


@dataclass(frozen=True, eq=False)
class Kind:
    """Activities, or arrangements. ``doors``: the end of each address -> its action, and the states in which a right to
    it does something."""

    name: str
    doors: dict[str, tuple[str, tuple[str, ...]]]
    states: tuple[str, ...]
    records: tuple[Record, ...]

    def tried(self) -> Iterator[tuple[str, Record]]:
        """Those with something of their own on everything; to all others it is all the same whose it is."""
        for name in (*ROLE_OF, "nobody", "stranger"):
            some = "o" in {letter(name, action) for action, _ in self.doors.values()}
            yield from ((name, record) for record in (self.records if some else self.records[:1]))


ACTIVITIES = Kind(
    "activity",
    {
        "": ("activity.list", ()),
        "_edit": ("activity.edit", (*STATES, *CANCELLED)),
        "_cancel": ("activity.cancel", STATES),
        "_decide": ("activity.confirm", DECIDABLE),
        "_part": ("activity.confirm_own_part", (*STATES, *CANCELLED)),
        "_settle": ("activity.confirm", ("contested",)),
    },
    (*STATES, *CANCELLED),
    (Record("JPN", ("FJI", "ROCB", "CHN")), Record("FJI", ("AUS",)), Record("ROCB", ("JPN",))),
)
ARRANGEMENTS = Kind(
    "arrangement",
    {
        "": ("arrangement.list", ()),
        "_edit": ("arrangement.edit", STATES),
        "_decide": ("arrangement.confirm", DECIDABLE),
        "_side": ("arrangement.confirm_own_side", STATES),
        "_settle": ("arrangement.confirm", ("contested",)),
    },
    STATES,
    (Record("APVC", ("FJI",)), Record("APVC", ("JPN",))),
)
KINDS = (ACTIVITIES, ARRANGEMENTS)
PARTNERS = ("AUS", "NZL", "KOR", "SGP", "THA", "IDN")
"""Two Members have one arrangement, so there is another partner for each state."""


def owns(name: str, action: str, record: Record) -> bool:
    """Own is what one's organisation recorded, organises or is a party to; its own part or side, where it has one."""
    about = action.endswith(("own_part", "own_side"))
    return ROLE_OF[name][1] in {*record.names, *((record.recorded_by,) if not about else ())}


def reaches(name: str, action: str, record: Record) -> bool:
    return {"-": False, "+": True}.get(letter(name, action), name in ROLE_OF and owns(name, action, record))


def wanted(kind: Kind, end: str, method: str, state: str, name: str, record: Record) -> str:
    action, does = kind.doors[end]
    if name == "stranger":
        return "sign in"
    if not reaches(name, action, record):
        return "403"
    if end == "_settle" and state not in does:
        return "302"  # nothing is contested here, which the page of the record says
    if method == "get":
        return "200"
    return "done" if state in does else "422"


def attempts(kind: Kind, state: str) -> Iterator[tuple[str, Record, str, str, str]]:
    """Everybody at every address, by both methods. A page that opens, which takes long, is drawn once for each letter
    of the table; what is sent to it is tried by everybody all the same, and so is every refusal."""
    drawn = set()
    for name, record in kind.tried():
        for end, (action, _) in kind.doors.items():
            for method in ("get", "post") if end else ("get",):
                right = wanted(kind, end, method, state, name, record)
                if right == "200" and (end, letter(name, action)) in drawn:
                    continue
                if right == "200":
                    drawn.add((end, letter(name, action)))
                yield name, record, end, method, right


# ---------------------------------------------------------------- the stage


class Stage:
    """Every record in every state, brought there by the real actions and by other people than those who are tried."""

    def __init__(self) -> None:
        load_region()
        self.people: People = make_people()
        codes = sorted({record.recorded_by for kind in KINDS for record in kind.records})
        roles = {"ROCB": RoleName.REGIONAL_OFFICER, "APVC": RoleName.SECRETARIAT_EDITOR}
        self.desks = {
            code: person(f"Desk-{code}", roles.get(code, RoleName.MEMBER_CONTRIBUTOR), org(code)) for code in codes
        }
        self.decider = person("Decider", RoleName.SECRETARIAT_EDITOR, org("APVC"))
        self.members = {each.code: each for each in Organisation.objects.all()}
        self.found = {
            (kind, state, record): self.brought(kind, state, record)
            for kind in KINDS
            for record in kind.records
            for state in kind.states
        }

    def brought(self, kind: Kind, state: str, record: Record) -> Any:
        desk = self.desks[record.recorded_by]
        found = self.recorded(kind, state, record, "First")
        decided = {"refused": [Decision.REFUSED], "withdrawn": [Decision.CONFIRMED, Decision.WITHDRAWN]}
        before = [Decision.CONFIRMED] if state in ("confirmed", "changed", "contested", "called_off") else []
        for to in decided.get(state, before):
            decide(found.versions.latest("number"), to=to, by=self.decider, now=NOW, reason="So it is.")
        if state == "changed":
            self.recorded(kind, state, record, "Second")
        elif state in CANCELLED:
            cancel_activity(activity=found, seen=seen_as(found.versions.all()), by=desk, now=NOW)
        elif state == "contested":
            statement = {"kind": StatementKind.CONTESTED, "reason": "It was not so.", "by": desk, "now": NOW}
            organisation = self.members[record.names[0]]
            if kind is ACTIVITIES:
                state_part(activity=found, organisation=organisation, **statement)
            else:
                state_side(arrangement=found, organisation=organisation, **statement)
        return found

    def recorded(self, kind: Kind, state: str, record: Record, words: str) -> Activity | Arrangement:
        stored = {"accept": False, "by": self.desks[record.recorded_by], "now": NOW}
        if kind is ACTIVITIES:
            reference = f"{state}-{record.recorded_by}"
            day = date(2026, 9, 1) + timedelta(weeks=Activity.objects.count())  # on one day they would be taken for one
            event = Event(reference, day, ["3.2.1(c)"], record.names, says={"title": words})
            kpis = {each.code: each for each in Kpi.objects.filter(plan__code=PLAN)}
            record_activities(records=[event.record(self.members, kpis)], **stored)
            Activity.objects.filter(reference=reference).update(recorded_by=self.members[record.recorded_by])
            return Activity.objects.get(reference=reference)
        parties = (self.members[record.names[0]], self.members[PARTNERS[kind.states.index(state)]])
        version = ArrangementVersion(signed="2020-01", source=words)
        record_arrangements(records=[ArrangementRecord(parties, version)], **stored)
        return Arrangement.objects.get(party_a__in=parties, party_b__in=parties)


@pytest.fixture(scope="module")
def stored_stage(django_db_setup, django_db_blocker):
    yield from in_module(django_db_blocker, Stage)


@pytest.fixture
def stage(stored_stage, db, clock) -> Stage:
    return stored_stage


def sent(stage: Stage, kind: Kind, end: str, found: Any, name: str, as_given: Fields) -> dict[str, Any]:
    """What does the thing where it may be done: nobody is refused for what they typed."""
    own = ROLE_OF[name][1] if name in ROLE_OF else ""
    token = seen_as(found.versions.all())
    contest = found.statements.first()
    return {
        "": {},
        "_edit": as_given | {"title": "Changed", "comment": "Changed"},
        "_cancel": {"token": token},
        "_decide": {"token": token, "decision": "confirm", "reason": ""},
        "_part": {"organisation": own, "kind": "confirmed", "token": token},
        "_side": {"organisation": own, "kind": "confirmed"},
        "_settle": {
            "statement": contest.pk if contest else 0,
            "settlement": "It was so.",
            "source": "The text.",
            "ruling": "record",
        },
    }[end]


@pytest.mark.parametrize(
    ("kind", "state"), [(kind, state) for kind in KINDS for state in kind.states],
    ids=lambda each: getattr(each, "name", each),
)  # fmt: skip
def test_every_address_of_a_record_answers_as_the_table_says(stage, sign_in, kind, state):
    clients = {name: recently(sign_in(stage.people[name])) for name in (*ROLE_OF, "nobody")} | {"stranger": Client()}
    wrong, paths, given = [], {}, {}
    for record in kind.records:
        found = stage.found[kind, state, record]
        paths[record] = {end: reverse(f"{kind.name}{end}", args=(PLAN, found.pk)) for end in kind.doors}
        path = paths[record]["_edit"]
        [form] = forms_of(clients["ed"].get(path).content.decode(), path)
        given[record] = form.fields
    for name, record, end, method, right in attempts(kind, state):
        data = sent(stage, kind, end, stage.found[kind, state, record], name, given[record])
        page, wrote = attempted(clients[name], method, paths[record][end], data if method == "post" else None)
        if came(page, wrote=wrote) != right:
            wrong.append((name, str(record), method, end, came(page, wrote=wrote), right))
    assert wrong == []
