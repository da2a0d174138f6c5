"""The pages of a release that names no Member: how many stand where, and each Member by name to itself alone."""

import re

import pytest
from django.urls import reverse

from members.choices import Group
from reporting.facts import load_organisations
from reporting.models import KpiComment, Narrative, Release, Round
from reporting.striking import INSTEAD, called
from workplan.models import FocusArea, Plan, Reading

from .looks import Page, look, page_of, words
from .region import NOW, PLAN, kpi, org
from .test_release import publish
from .test_views_kpi import GROWING, ONE_OF_EACH, PAIRS, SUM, YES
from .world import STATUS, STATUS_4

pytestmark = pytest.mark.django_db
OUTSIDE = ("connie", "ali", "olga", "percy")
"""They see released figures alone; two of them are of Fiji."""


@pytest.fixture
def unnamed(world) -> Release:
    Plan.objects.update(members_named=False)
    KpiComment.objects.create(round=world.interim, kpi=kpi(STATUS), text="Samoa joined, JPN too.", changed_at=NOW)
    for area in FocusArea.objects.filter(code__in=("1", "4")):
        told = f"Focus Area {area.code} thanks Tonga and Fiji."
        Narrative.objects.create(round=world.interim, focus_area=area, text=told, changed_at=NOW, approved_at=NOW)
    return publish(world)


def told_of(page: Page) -> set[str]:
    """What the main part calls Members by, beside what the plan itself says of them, and time zones."""
    main = page.html[page.html.index("<main") : page.html.index("</main>")]
    shown = re.sub(r"<aside.*?</aside>", "", main, flags=re.S)
    return set(called(load_organisations().all).findall(re.sub(r"Asia/\w+", "", words(shown))))


def co_coordinators() -> set[str]:
    return {each.name for area in FocusArea.objects.all() for each in area.co_coordinators.all()}


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_the_page_of_a_kpi_names_nobody_but_the_readers_own_member(unnamed, world, sign_in, name, code):
    own = {"Fiji"} if name in ("connie", "ali") else set()
    page = look(sign_in(world.people[name]), "kpi", code)
    assert (page.status, told_of(page) - own) == (200, set())
    assert 'class="sqg"' not in page.html


def test_it_still_says_how_many(unnamed, world, sign_in):
    named, hushed = (look(sign_in(world.people[name]), "kpi", STATUS, **asked)
                     for name, asked in (("ada", {"release": 2}), ("percy", {})))  # fmt: skip
    assert {"Japan", "Samoa"} <= told_of(named)
    assert named.heading == hushed.heading
    groups = [row for row in named.rows() if re.search(r": \d+ of \d+ count", row)]
    counted, members = (sum(int(re.findall(r"\d+", row)[place]) for row in groups) for place in (0, 1))
    assert len(groups) == len(Group)
    assert [row for row in hushed.rows() if "count" in row] == [f"{counted} of {members} Members count"]
    assert "Members see how many of them count, not which." in hushed.main
    assert "not which" not in named.main


def test_a_member_sees_itself(unnamed, world, sign_in):
    page = look(sign_in(world.people.connie), "kpi", STATUS)
    assert "Answered, does not count" in page.row("Fiji")
    assert len([row for row in page.rows() if row.startswith(("Fiji", "Japan", "Samoa"))]) == 1


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("code", ONE_OF_EACH)
def test_nothing_is_divided_by_group(unnamed, world, sign_in, name, code):
    """Of a group in which all count, or none, the number would tell of each."""
    client = sign_in(world.people[name])
    for page in (look(client, "kpi", code), look(client, "overview")):
        shown = re.sub(r"<aside.*?</aside>", "", page.html, flags=re.S)
        assert not re.search("|".join(rf"{re.escape(label)}\W+\d" for label in Group.labels), words(shown))


@pytest.mark.parametrize(("code", "row"), [
    (PAIRS, "Counts 1 –"), (PAIRS, "Not counted 1 It ended on 01.01.26."), (SUM, "Counts 1 –"),
    (YES, "Counts 1 –"),
])  # fmt: skip
def test_records_are_told_by_how_many_and_why(unnamed, world, sign_in, code, row):
    assert row in look(sign_in(world.people.percy), "kpi", code).rows()


def test_what_is_noted_of_a_reading_and_the_title_of_a_round_are_struck(world, sign_in):
    Reading.objects.filter(kpi=kpi(STATUS)).update(note="As Samoa asked.", baseline_reason="Said by Tonga.")
    Round.objects.filter(pk=world.interim.pk).update(title="Interim of Japan")
    Plan.objects.update(members_named=False)
    publish(world)
    hushed, named = (look(sign_in(world.people[name]), "kpi", STATUS, release=2).html for name in ("percy", "ada"))
    for said in ("As {}Samoa{} asked.", "Said by {}Tonga{}.", "Interim of {}Japan{}"):
        before, _, rest = said.partition("{}")
        who, _, after = rest.partition("{}")
        assert f"{before}{who}{after}" in named
        assert f"{before}{INSTEAD}{after}" in hushed


def test_what_people_wrote_is_struck(unnamed, world, sign_in):
    percy = sign_in(world.people.percy)
    assert f"{INSTEAD} joined, {INSTEAD} too." in look(percy, "kpi", STATUS).main
    assert f"{INSTEAD} joined, {INSTEAD} too." in look(percy, "work_plan").main
    for asked in ({}, {"release": 2}):
        assert f"thanks {INSTEAD} and {INSTEAD}." in look(percy, "focus_area", "1", **asked).main
    ada = sign_in(world.people.ada)
    assert "Samoa joined, JPN too." in look(ada, "kpi", STATUS, release=2).main
    assert "thanks Tonga and Fiji." in look(ada, "focus_area", "1", release=2).main
    assert f"{INSTEAD} joined" in look(percy, "kpi", STATUS).main  # each reader is drawn their own


@pytest.mark.parametrize("name", OUTSIDE)
def test_the_overview_and_what_moved_name_nobody(unnamed, world, sign_in, name):
    client = sign_in(world.people[name])
    overview = look(client, "overview")
    assert 'class="sqg"' not in overview.html
    own = {"Fiji"} if name in ("connie", "ali") else set()
    assert told_of(overview) - co_coordinators() - own == set()
    release = page_of(client.get(reverse("release", args=[PLAN, 2])))
    assert (release.status, told_of(release) - own) == (200, set())
    assert re.search(r"New answer: \d+ counts? now", release.main)


@pytest.mark.parametrize(("name", "title"), [
    *((name, f"What {INSTEAD} and {INSTEAD} did") for name in (*OUTSIDE, "cora")), ("ada", "What Samoa and JPN did"),
])  # fmt: skip
def test_the_title_of_a_release_is_struck_wherever_it_stands(unnamed, world, sign_in, name, title):
    Release.objects.filter(pk=unnamed.pk).update(title="What Samoa and JPN did")
    client = sign_in(world.people[name])
    assert f"Release 2: {title}." in look(client, "overview", release=2).main
    assert f"2. {title}" in look(client, "documents").main
    assert page_of(client.get(f"/plans/{PLAN}/documents/releases/2/")).heading.startswith(f"Release 2, {title}, as at")
    for page in (look(client, "overview"), look(client, "kpi", STATUS), look(client, "documents")):
        assert ("Samoa and JPN" in words(page.html)) <= (name == "ada")
    if name in OUTSIDE:
        assert f"30.06.27 {title}" in words(look(client, "overview").html)


def test_a_co_coordinator_sees_the_names_of_the_own_focus_area_alone(unnamed, world, sign_in):
    cora, vera = sign_in(world.people.cora), sign_in(world.people.vera)
    for asked in ({}, {"release": 2}):
        assert {"Japan", "Samoa"} <= told_of(look(cora, "kpi", STATUS, **asked))
    assert told_of(look(vera, "kpi", STATUS)) <= {"Viet Nam", "Vietnam"}
    assert "Nepal" in told_of(look(vera, "kpi", STATUS_4))


def test_a_release_from_before_keeps_its_names(unnamed, world, sign_in):
    assert "Japan" in told_of(look(sign_in(world.people.percy), "kpi", STATUS, release=1))


def test_members_without_a_base_figure_are_counted(unnamed, world, sign_in):
    ada, percy = (look(sign_in(world.people[name]), "kpi", GROWING, release=2).main for name in ("ada", "percy"))
    assert f"Without a base figure: {org('WSM').name}." in ada
    assert "Without a base figure: 1 Member." in percy
