"""Pages are kept until the data change, and not a moment longer; and nobody gets what was drawn for somebody else."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model
from django.test.utils import CaptureQueriesContext

from members.models import Role, User
from reporting import keeping, looking
from reporting.choices import StatementKind
from reporting.models import (
    Activity,
    Answer,
    Arrangement,
    Evidence,
    KpiComment,
    Narrative,
    PartStatement,
    Plurilateral,
    Revision,
    SideStatement,
    Suspicion,
)
from reporting.revision import EVENTS, OF_DATA, OF_FRAME, UNRELATED, watched_tables
from workplan.models import FocusArea

from .looks import address, look, page_of, queries_of
from .region import NOW, OPEN, kpi, org, said
from .world import STATUS

MODELS = {
    model._meta.db_table: model
    for app in ("members", "workplan", "reporting")
    for model in apps.get_app_config(app).get_models(include_auto_created=True)
}
SAID = {
    "members_role",
    "reporting_activity",
    "reporting_activitylink",
    "reporting_activitypart",
    "reporting_activityversion",
    "reporting_answer",
    "reporting_arrangement",
    "reporting_arrangementversion",
    "reporting_evidence",
    "reporting_kpicomment",
    "reporting_narrative",
    "reporting_partstatement",
    "reporting_plurilateral",
    "reporting_release",
    "reporting_sidestatement",
    "reporting_submission",
    "reporting_suspicion",
}


# ---------------------------------------------------------------- the token


def test_everything_that_a_figure_depends_on_is_watched():
    assert set(watched_tables()) == set(MODELS) - UNRELATED
    assert set(MODELS) >= UNRELATED


def execute(sql: str, values: tuple[Any, ...] = ()) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall() if cursor.description else []


def tokens() -> dict[int, str]:
    return dict(Revision.objects.values_list("pk", "token"))


def revised(table: str, write: Callable[[], object]) -> set[int]:
    """Which tokens the write changes. On PostgreSQL that happens once, at the end of a transaction; so here the end is
    brought forward and the transaction forgotten."""
    postgres = connection.vendor == "postgresql"
    if postgres:
        names = ", ".join(f'"revise_{table}_{event}"' for event in EVENTS)
        execute(f"SET CONSTRAINTS {names} IMMEDIATE")
        Revision.objects.update(change=-1)
        execute("SELECT set_config('reporting.revised', '', true)")
    before = tokens()
    write()
    return {row for row, token in tokens().items() if token != before.get(row)}


def revises(table: str, write: Callable[[], object]) -> bool:
    return OF_DATA in revised(table, write)


@pytest.mark.parametrize("state", ["draft", "awaiting_approval"])
def test_a_draft_changes_the_token_only_when_it_is_sent(world, state):
    """Drafts save themselves every few seconds; nobody's page depends on them."""
    answer = Answer.objects.filter(round=world.current, plan_year=None).first()
    Answer.objects.filter(pk=answer.pk).update(state=state, sent_at=None, decided_at=None)
    chosen = Answer.objects.filter(pk=answer.pk)
    assert not revises("reporting_answer", lambda: chosen.update(comment="So far."))
    assert not revises("reporting_answer", lambda: chosen.update(state="draft"))
    assert revises("reporting_answer", lambda: chosen.update(state="submitted", sent_at=NOW))


def show_an_answer(world, **beside):
    where = beside or {"submission": world.current.submissions.first(), "kpi": kpi(STATUS)}
    told = {"url": "https://example.org/a", "title": "A", "added_at": NOW, "added_by": world.people.ada}
    return Evidence.objects.create(**where, **told)


def test_what_shows_a_record_is_read_on_every_request_and_what_shows_an_answer_is_not(world):
    """The page of a KPI is kept, with what shows its answers."""
    assert not revises("reporting_evidence", lambda: show_an_answer(world, activity=Activity.objects.first()))
    assert revises("reporting_evidence", lambda: show_an_answer(world))
    assert revises("reporting_evidence", lambda: Evidence.objects.exclude(submission=None).update(title="B"))


@pytest.mark.parametrize("table", watched_tables())
def test_every_insert_update_and_delete_changes_the_token(world, table):
    """That of the data always, that of the frame unless the table holds what somebody said, or may do."""
    world.current.kpis.add(kpi(STATUS))
    part = {"made_at": NOW, "kind": StatementKind.CONFIRMED}
    PartStatement.objects.create(activity=Activity.objects.first(), organisation=org("FJI"), **part)
    SideStatement.objects.create(arrangement=Arrangement.objects.first(), organisation=org("FJI"), **part)
    Plurilateral.objects.create(name="Pacific")
    KpiComment.objects.create(round=world.current, kpi=kpi(STATUS), text="Well done.", changed_at=NOW)
    Narrative.objects.create(round=world.current, focus_area=FocusArea.objects.first(), changed_at=NOW)
    first, second = Activity.objects.order_by("pk")[:2]
    Suspicion.objects.create(first=first, second=second, noticed_at=NOW)
    show_an_answer(world)
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
    changed = {OF_DATA} if table in SAID else {OF_DATA, OF_FRAME}
    assert {name: revised(table, write) for name, write in writes.items()} == dict.fromkeys(writes, changed)


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
            keeping.caches["pages"].clear()
            alone[name, place] = look(clients[name], *place).main
    keeping.caches["pages"].clear()
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
