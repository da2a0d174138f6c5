"""Who may know of an activity: it holds in lists, details, searches, figures, exports and releases."""

from datetime import date

import pytest
from django.core.cache import caches
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry, Role, User
from reporting.actions import publish_release
from reporting.audience import shown_to
from reporting.choices import Audience
from reporting.inputs import NOT_SHOWN, Basis
from reporting.models import Activity, Answer
from reporting.report import explained_report

from .browsing import forms_of
from .looks import address, page_of
from .region import INTERIM, NOW, PLAN, activity, on, org

YES = "2.2.2(a).1"
CANARY = "NIGHT-HERON"
SEES = {
    Audience.EVERYBODY: {"ada", "ed", "connie", "ali", "cora", "vera", "olga", "rita"},
    Audience.CUSTOMS: {"ada", "ed", "connie", "ali", "cora", "vera", "olga", "rita"},
    Audience.INVOLVED: {"ada", "ed", "connie", "ali", "rita"},
}
"""Fiji takes part. Rita is RILO A/P. Pru is the private sector's officer, and sees what is for everybody alone."""


@pytest.fixture
def people(world) -> dict[str, User]:
    found = {name: world.people[name] for name in ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy")}
    for name, code in (("rita", "RILO"), ("pru", "RPSG")):
        found[name] = User.objects.create_user(email=f"{name}@example.org", name=name.capitalize())
        Role.objects.create(user=found[name], organisation=org(code), role=RoleName.REGIONAL_OFFICER)
    return found


@pytest.fixture
def heron(world):
    """An activity that counts, with Fiji's part in it."""

    def made(audience: str, kind: str = "workshop") -> Activity:
        found = activity(CANARY, date(2026, 11, 20), [YES], participants=["FJI"], title="Heron at night", kind=kind)
        Activity.objects.filter(pk=found.pk).update(audience=audience)
        caches["pages"].clear()
        return found

    return made


def expected(audience: str) -> set[str]:
    return SEES[Audience(audience)] | ({"pru"} if audience == Audience.EVERYBODY else set())


@pytest.mark.parametrize("audience", Audience.values)
def test_it_stands_in_lists_files_searches_and_its_own_page_for_those_alone(people, heron, sign_in, audience):
    found = heron(audience)
    ways = {
        "list": address("register"),
        "file": address("register") + "?format=csv",
        "search": reverse("search", args=[PLAN]) + "?q=heron",
        "page": reverse("activity", args=[PLAN, found.pk]),
    }
    for name, person in people.items():
        client, sees = sign_in(person), name in expected(audience)
        for way, path in ways.items():
            answer = client.get(path)
            body = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert (b"at night" in body) is (sees and answer.status_code == 200), (name, way)
            if way == "page" and name != "percy":
                assert answer.status_code == (200 if sees else 404), name


@pytest.mark.parametrize("verb", ["edit", "cancel", "decide", "part", "settle"])
def test_what_one_may_not_know_of_has_no_form_either(people, heron, sign_in, verb):
    path = reverse(f"activity_{verb}", args=[PLAN, heron(Audience.INVOLVED).pk])
    for name in ("cora", "olga", "pru"):
        assert sign_in(people[name]).get(path).status_code == 404, name


def test_the_count_of_a_list_says_nothing_of_it(people, heron, sign_in):
    before = page_of(sign_in(people["olga"]).get(address("register"))).heading
    heron(Audience.INVOLVED)
    assert page_of(sign_in(people["olga"]).get(address("register"))).heading == before


@pytest.mark.parametrize("audience", Audience.values)
def test_a_figure_counts_it_for_everybody_and_names_it_for_those_alone(people, heron, sign_in, audience):
    """Hana co-ordinates the focus area for Hong Kong, and so reads its figures; she is not involved."""
    hana = User.objects.create_user(email="hana@example.org", name="Hana")
    Role.objects.create(user=hana, organisation=org("HKG"), role=RoleName.CO_COORDINATOR)
    heron(audience)
    seen = page_of(sign_in(people["ada"]).get(address("kpi", YES)))
    hers = page_of(sign_in(hana).get(address("kpi", YES)))
    assert hers.heading == seen.heading
    assert "Heron at night" in seen.main
    assert "Heron at night" in hers.main if audience != Audience.INVOLVED else "Heron at night" not in hers.main
    assert ("ctivit" in hers.main and "not shown here" in hers.main) or audience != Audience.INVOLVED


def test_a_figure_tells_neither_days_nor_roles_nor_who_was_together_in_what_is_not_shown(people, heron, sign_in):
    heron(Audience.INVOLVED)
    Answer.objects.filter(kpi__code=YES).delete()
    lines = explained_report(on(INTERIM), shown_to(people["olga"], "version__activity")).explanations[YES].lines
    told = [line for line in lines if "not shown here" in line.said.lower()]
    assert {line.kind for line in told} == {"member", "activity"}
    assert {line.day for line in told} == {None}
    words = {line.said for line in told if line.kind == "member"}
    assert words == {"by the register, in what is not shown here"}
    assert {line.subject for line in told if line.kind == "activity"} == {NOT_SHOWN}


def test_a_release_names_only_what_everybody_may_know(world, heron):
    shown = heron(Audience.INVOLVED)
    whole = explained_report(on(INTERIM))
    asked = {"plan": world.plan, "as_at": INTERIM, "basis": Basis.ACCEPTED, "title": "Mid-term"}
    release = publish_release(**asked, by=world.people.ada, now=NOW)
    assert "Heron at night" in str(whole.explanations[YES])
    assert "Heron at night" not in release.content
    assert CANARY not in release.content
    assert "an activity not shown here" in release.content
    Activity.objects.filter(pk=shown.pk).update(audience=Audience.EVERYBODY)
    assert "Heron at night" in str(explained_report(on(INTERIM)).explanations[YES])


def test_an_operation_begins_with_those_involved(world):
    first = activity("OP-NEW", date(2026, 10, 1), [YES], participants=["FJI"], kind="operation")
    other = activity("WS-NEW", date(2026, 10, 1), [YES], participants=["FJI"], kind="workshop")
    assert (first.audience, other.audience) == (Audience.INVOLVED, Audience.EVERYBODY)
    entry = AuditEntry.objects.filter(object_key="OP-NEW", changes__has_key="audience").get()
    assert entry.changes["audience"] == ["everybody", "involved"]


def test_changing_the_audience_waits_for_no_decision(world, sign_in):
    found = activity("WS-NEW", date(2026, 10, 1), [YES], participants=["FJI"], kind="workshop", place="Suva")
    path = reverse("activity_edit", args=[PLAN, found.pk])
    client = sign_in(world.people.ada)
    [form] = [each.fields for each in forms_of(client.get(path).content.decode(), path) if "reference" in each.fields]
    client.post(path, form | {"audience": "customs"})
    found.refresh_from_db()
    assert (found.audience, found.versions.count()) == (Audience.CUSTOMS, 1)
