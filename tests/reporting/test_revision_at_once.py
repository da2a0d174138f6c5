"""Whatever is changed is seen with the next click; apart from other tests, because it needs transactions that end."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest

from members.choices import AttributeName
from members.models import Attribute, Membership, Organisation
from reporting.actions import close_round, decide, move, publish_release
from reporting.inputs import Basis
from reporting.models import (
    ActivityVersion,
    Answer,
    Release,
    Round,
)
from tests.reporting.builders import run
from workplan.models import FocusArea, Plan, Reading, Wording

from .looks import look
from .region import INTERIM, NOW, activity, arrangement, enter, kpi, new_reading, org, standings
from .world import STATUS, World, make_world

Change = tuple[str, tuple[str, str], Callable[[World], object]]
"""What happens, the page that must show it, and how it is done."""


def changes() -> Iterator[Change]:
    """What happens, the page that must show it, and how it is done."""
    status, items, rounds = ("kpi", STATUS), ("kpi", "2.1.1(a).2"), ("rounds", "")
    yield "an answer is accepted", status, lambda w: enter(w.interim, standings(STATUS, {"TLS": "in_place"}))
    yield "an answer is sent", status, lambda w: enter(w.interim, standings(STATUS, {"VUT": "planned"}), accept=False)
    yield "a sent answer is accepted", status, lambda w: move(sent_by("TON"), to="accepted", by=None, now=NOW)
    yield (
        "an accepted answer is returned",
        status,
        lambda w: move(accepted_of("WSM"), to="returned", by=None, now=NOW, reason="why"),
    )
    yield "a comment is mended", status, lambda w: Answer.objects.filter(kpi=kpi(STATUS)).update(comment="mended")
    yield "an activity is recorded", items, lambda w: activity("NEW", date(2026, 8, 1), {"2.1.1(a).2": 2})
    yield "an activity waits", items, lambda w: activity("NEW", date(2026, 8, 1), {"2.1.1(a).2": 3}, accept=False)
    yield (
        "an activity is confirmed",
        items,
        lambda w: decide(ActivityVersion.objects.get(title="RILO-ALERTS-X"), to="confirmed", by=None, now=NOW),
    )
    yield "an arrangement", ("kpi", "1.1.2(c)"), lambda w: arrangement("FJI", "NZL", in_force=date(2026, 8, 1))
    yield (
        "a Member leaves",
        status,
        lambda w: Membership.objects.filter(organisation__code="AUS").update(left=date(2027, 1, 1)),
    )
    yield "a Member is renamed", status, lambda w: Organisation.objects.filter(code="NPL").update(name="Nepal (new)")
    yield (
        "an attribute",
        rounds,
        lambda w: Attribute.objects.create(organisation=org("TON"), name=AttributeName.DEVELOPED),
    )
    yield "a reading", status, lambda w: new_reading(STATUS, date(2027, 1, 2), counts_from="planned")
    yield "a confirmed reading", status, lambda w: confirm(w)
    yield "a wording", ("work_plan", ""), lambda w: word("In other words")
    yield "a wording of a KPI", status, lambda w: word("In still other words", date(2026, 1, 1))
    yield "the plan's title", ("work_plan", ""), lambda w: Plan.objects.update(title="Amended plan")
    yield (
        "a co-coordinator",
        ("focus_area", "1"),
        lambda w: FocusArea.objects.get(code="1").co_coordinators.add(org("FJI")),
    )
    yield "a round is closed", rounds, lambda w: close_round(collection=w.current, by=None, now=NOW)
    yield "a release", ("documents", ""), lambda w: release(w)
    yield "another release", ("member", "FJI"), lambda w: release(w)


def first_area() -> FocusArea:
    return FocusArea.objects.get(code="1")


def sent_by(code: str) -> Answer:
    return Answer.objects.select_related("organisation", "kpi").get(
        kpi=kpi(STATUS), organisation__code=code, state="submitted"
    )


def accepted_of(code: str) -> Answer:
    answers = Answer.objects.select_related("organisation", "kpi")
    return answers.filter(kpi=kpi(STATUS), organisation__code=code, state="accepted").latest("as_at")


def confirm(world: World) -> None:
    Reading.objects.filter(kpi=kpi(STATUS)).update(confirmed_at=NOW, confirmed_by=world.people.ed)


def word(text: str, valid_from: date = date(2027, 1, 1)) -> None:
    Wording.objects.update_or_create(
        plan=Plan.objects.get(), kpi=kpi(STATUS), valid_from=valid_from, defaults={"text": text, "target": "28"}
    )


def release(world: World) -> Release:
    return publish_release(plan=world.plan, title="Next", as_at=INTERIM, basis=Basis.ACCEPTED, by=None, now=NOW)


@pytest.mark.django_db(transaction=True)
def test_every_change_is_seen_at_once(clock, sign_in, tmp_path):
    world = make_world()
    client = sign_in(world.people.ada)
    stale = []
    for what, place, change in changes():
        before = look(client, *place)
        assert look(client, *place).main == before.main
        change(world)
        if look(client, *place).html == before.html:
            stale.append(what)
    # "A wording" of an earlier date than the one that holds changes nothing that is shown.
    assert [what for what in stale if what != "a wording of a KPI"] == []
    see_an_import(client, tmp_path)
    see_the_closing_moment(clock, sign_in, world)


def see_an_import(client: Any, folder: Any) -> None:
    path = folder / "answers.csv"
    path.write_text("organisation,kpi,standing\nTLS,1.1.1(a),in_place\n", encoding="utf-8")
    before = look(client, "kpi", "1.1.1(a)")
    run("import_answers", str(path), "--round=interim-2027", "--accept")
    after = look(client, "kpi", "1.1.1(a)")
    assert (before.heading != after.heading, "In place" in after.row("Timor-Leste")) == (True, True)


def see_the_closing_moment(clock: Any, sign_in: Any, world: World) -> None:
    """Nobody writes anything when a round closes by its moment."""
    Round.objects.filter(pk=world.current.pk).update(closed_at=None)
    before = look(sign_in(world.people.ada), "overview")
    assert "as at 30.06.27" in before.heading
    clock(datetime(2028, 1, 31, 8, tzinfo=UTC))
    assert "as at 31.12.27" in look(sign_in(world.people.ada), "overview").heading
