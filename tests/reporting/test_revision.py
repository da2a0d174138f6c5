"""Pages are kept until the data change, and not a moment longer; and nobody gets what was drawn for somebody else."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from members.choices import AttributeName
from members.models import Attribute, Membership, Organisation, Role, User
from reporting import looking
from reporting.actions import close_round, decide, move, publish_release
from reporting.choices import StatementKind
from reporting.inputs import Basis
from reporting.models import (
    Activity,
    ActivityVersion,
    Answer,
    Arrangement,
    KpiComment,
    Narrative,
    PartStatement,
    Release,
    Revision,
    Round,
    SideStatement,
)
from reporting.revision import EVENTS, UNRELATED, watched_tables
from tests.reporting.builders import run
from workplan.models import FocusArea, Plan, Reading, Wording

from .looks import address, look, page_of, queries_of
from .region import INTERIM, NOW, OPEN, activity, arrangement, enter, kpi, new_reading, org, said, standings
from .world import STATUS, World, make_world

MODELS = {
    model._meta.db_table: model
    for app in ("members", "workplan", "reporting")
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
}


# ---------------------------------------------------------------- the token


def test_everything_that_a_figure_depends_on_is_watched():
    assert set(watched_tables()) == set(MODELS) - UNRELATED
    assert set(MODELS) >= UNRELATED


def execute(sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def token() -> str | None:
    return Revision.objects.values_list("token", flat=True).first()


def revises(table: str, write: Callable[[], object]) -> bool:
    """Whether the write changes the token. On PostgreSQL that happens once, at the end of a transaction; so here the
    end is brought forward and the transaction forgotten."""
    postgres = connection.vendor == "postgresql"
    if postgres:
        names = ", ".join(f'"revise_{table}_{event}"' for event in EVENTS)
        execute(f"SET CONSTRAINTS {names} IMMEDIATE")
        Revision.objects.update(change=-1)
    before = token()
    write()
    return token() != before


@pytest.mark.parametrize("state", ["draft", "awaiting_approval"])
def test_a_draft_changes_the_token_only_when_it_is_sent(world, state):
    """Drafts save themselves every few seconds; nobody's page depends on them."""
    answer = Answer.objects.filter(round=world.current, plan_year=None).first()
    Answer.objects.filter(pk=answer.pk).update(state=state, sent_at=None, decided_at=None)
    chosen = Answer.objects.filter(pk=answer.pk)
    assert not revises("reporting_answer", lambda: chosen.update(comment="So far."))
    assert not revises("reporting_answer", lambda: chosen.update(state="draft"))
    assert revises("reporting_answer", lambda: chosen.update(state="submitted", sent_at=NOW))


@pytest.mark.parametrize("table", watched_tables())
def test_every_insert_update_and_delete_changes_the_token(world, table):
    world.current.kpis.add(kpi(STATUS))
    part = {"made_at": NOW, "kind": StatementKind.CONFIRMED}
    PartStatement.objects.create(activity=Activity.objects.first(), organisation=org("FJI"), **part)
    SideStatement.objects.create(arrangement=Arrangement.objects.first(), organisation=org("FJI"), **part)
    KpiComment.objects.create(round=world.current, kpi=kpi(STATUS), text="Well done.", changed_at=NOW)
    Narrative.objects.create(round=world.current, focus_area=FocusArea.objects.first(), changed_at=NOW)
    model = MODELS[table]
    names = [field.column for field in model._meta.concrete_fields if not field.generated]
    columns = ", ".join(f'"{name}"' for name in names)
    row = execute(f'SELECT {columns} FROM "{table}" ORDER BY id DESC LIMIT 1')[0]
    pk = row[names.index("id")]
    marks = ", ".join(["%s"] * len(names))
    writes = {
        "update": lambda: execute(f'UPDATE "{table}" SET id = id WHERE id = %s', (pk,)),
        "delete": lambda: execute(f'DELETE FROM "{table}" WHERE id = %s', (pk,)),
        "insert": lambda: execute(f'INSERT INTO "{table}" ({columns}) VALUES ({marks})', row),
    }
    assert {name: revises(table, write) for name, write in writes.items()} == dict.fromkeys(writes, True)


def test_what_no_figure_depends_on_changes_nothing(world):
    assert not revises("members_role", lambda: User.objects.update(name="Somebody else"))
    assert not revises("members_role", lambda: User.objects.create_user(email="new@example.org", name="New"))


def test_the_ways_past_save_change_it_too(world):
    answers = Answer.objects.filter(kpi=kpi(STATUS))
    writes: dict[str, Callable[[], object]] = {
        "update": lambda: answers.update(comment="x"),
        "bulk_update": lambda: Answer.objects.bulk_update(list(answers[:3]), ["comment"]),
        "delete": lambda: answers.filter(organisation__code="AUS").delete(),
    }
    assert {name: revises("reporting_answer", write) for name, write in writes.items()} == dict.fromkeys(writes, True)
    add = {"set": lambda: FocusArea.objects.first().co_coordinators.set([org("FJI")])}
    assert revises("workplan_focusarea_co_coordinators", add["set"])


# ---------------------------------------------------------------- what is kept


PLACES = (("overview", ""), ("focus_area", "1"), ("kpi", STATUS), ("work_plan", ""), ("rounds", ""), ("member", "FJI"))


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """Grows whenever a report is built."""
    built: list[str] = []
    build = looking.build_report

    def wrapped(occasion: Any) -> Any:
        built.append(str(occasion.as_of))
        return build(occasion)

    monkeypatch.setattr(looking, "build_report", wrapped)
    return built


@pytest.mark.parametrize(("name", "code"), PLACES)
def test_a_page_is_kept_while_nothing_changes(world, sign_in, counted, name, code):
    client = sign_in(world.people.ada)
    cold = queries_of(client, address(name, code))
    first = look(client, name, code)
    built = len(counted)
    with CaptureQueriesContext(connection) as asked:
        second = look(client, name, code)
    assert second.main == first.main
    assert len(counted) == built
    assert len(asked) <= min(cold, 4)


def test_a_second_reader_with_the_same_rights_gets_the_same_page(world, sign_in, counted):
    ada, ed = sign_in(world.people.ada), sign_in(world.people.ed)
    first = look(ada, "overview")
    assert look(ed, "overview").main == first.main
    assert len(counted) == 1


# ---------------------------------------------------------------- what must be seen at once


Change = tuple[str, tuple[str, str], Callable[[World], object]]


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


# ---------------------------------------------------------------- for whom


def test_nobody_gets_a_page_that_was_drawn_for_other_eyes(world, sign_in):
    """In every order, each reader gets what they would get alone."""
    names = ("ada", "percy", "cora", "vera", "connie")
    places = (
        ("overview", ""),
        ("focus_area", "1"),
        ("focus_area", "4"),
        ("kpi", STATUS),
        ("rounds", ""),
        ("member", "FJI"),
    )
    clients = {name: sign_in(world.people[name]) for name in names}
    alone = {}
    for name in names:
        for place in places:
            looking.caches["pages"].clear()
            alone[name, place] = look(clients[name], *place).main
    looking.caches["pages"].clear()
    for place in places:
        for name in (*names, *names):
            assert look(clients[name], *place).main == alone[name, place], (name, place)
    assert alone["ada", ("overview", "")] != alone["percy", ("overview", "")]
    assert alone["cora", ("overview", "")] != alone["vera", ("overview", "")]


def test_a_right_that_is_given_or_taken_shows_at_once(world, sign_in):
    client = sign_in(world.people.percy)
    assert look(client, "overview").heading.endswith("as at 30.06.26")
    given = Role.objects.create(user=world.people.percy, organisation=org("APVC"), role="secretariat_editor")
    assert "CANARY" in look(client, "kpi", STATUS).html
    assert look(client, "overview").heading.endswith("as at 30.06.27")
    given.delete()
    assert look(client, "overview").heading.endswith("as at 30.06.26")
    assert "CANARY" not in look(client, "kpi", STATUS).html


def test_who_may_no_longer_sign_in_sees_nothing(world, sign_in):
    client = sign_in(world.people.ada)
    look(client, "overview")
    User.objects.filter(pk=world.people.ada.pk).update(is_active=False)
    assert page_of(client.get(address("overview"))).status == 302


def test_a_page_of_one_date_basis_or_release_is_not_that_of_another(world, sign_in):
    client = sign_in(world.people.ada)
    asked: list[dict[str, Any]] = [
        {}, {"as_at": "2026-12-31"}, {"as_at": OPEN}, {"basis": "reported"}, {"release": 1},
        {"as_at": "2026-12-31", "basis": "reported"},
    ]  # fmt: skip
    first = [look(client, "focus_area", "1", **each).main for each in asked]
    assert [look(client, "focus_area", "1", **each).main for each in asked] == first
    assert len(set(first)) == len(asked)


def test_models_are_known():
    assert all(issubclass(model, Model) for model in MODELS.values())
    assert said("FJI", STATUS)[:2] == ("FJI", STATUS)
