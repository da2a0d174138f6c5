"""Comments and narratives, and the release from the browser."""

import re
from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from members.models import AuditEntry
from reporting.models import KpiComment, Narrative, Release
from reporting.report import from_json

from .looks import Page, address, look, page_of, queries_of
from .region import INTERIM, PLAN, enter, leave_only, standings
from .test_rights import recently
from .world import STATUS

ROUND = "interim-2027"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, ROUND, *more))


def post(client, path, **data) -> Page:
    return page_of(client.post(path, data))


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


@pytest.fixture
def ada(world, sign_in):
    return recently(sign_in(world.people.ada))


# ---------------------------------------------------------------- comments


def test_a_comment_stands_in_the_work_plan_and_on_the_page_of_the_kpi(world, ed):
    assert post(ed, at("kpi_comment", STATUS), text="Three more\r\nare close.", seen="0").location == at("round_words")
    assert KpiComment.objects.values_list("text", "edits").get() == ("Three more\nare close.", 1)
    assert "Three more are close." in look(ed, "work_plan").row(STATUS)
    assert "Comment Three more are close." in look(ed, "kpi", STATUS).main
    entry = AuditEntry.objects.latest("pk")
    assert (entry.actor_name, entry.changes) == ("Ed", {"text": ["", "Three more\nare close."]})


def test_it_is_released_before_members_read_it(world, ed, ada, sign_in):
    post(ed, at("kpi_comment", STATUS), text="Three more are close.", seen="0")
    connie = sign_in(world.people.connie)
    assert "Three more" not in look(connie, "work_plan").html + look(connie, "kpi", STATUS).html
    publish(ada)
    assert "Three more are close." in look(connie, "work_plan").row(STATUS)
    assert "Three more are close." in look(connie, "kpi", STATUS).main


def test_two_who_write_at_once_both_see_both_texts(world, ed, sign_in):
    post(ed, at("kpi_comment", STATUS), text="Mine.", seen="0")
    page = post(sign_in(world.people.cora), at("kpi_comment", STATUS), text="Mine, too.", seen="0")
    assert (page.status, "Mine. " in page.main, "Mine, too." in page.main) == (409, True, True)
    assert KpiComment.objects.get().text == "Mine."
    seen = re.search(r'name="seen" value="(\d+)"', page.html)[1]
    assert post(sign_in(world.people.cora), at("kpi_comment", STATUS), text="Ours.", seen=seen).status == 302
    assert KpiComment.objects.values_list("text", "edits").get() == ("Ours.", 2)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"text": "x" * 6000, "seen": "0"}, "up to 5000 are accepted"),
        ({"text": "a\0b", "seen": "0"}, "control character"),
    ],
)
def test_what_is_wrong_is_said_and_kept(world, ed, data, sentence):
    page = post(ed, at("kpi_comment", STATUS), **data)
    assert (page.status, sentence in page.main, "<title>Error: " in page.html) == (422, True, True)
    assert KpiComment.objects.count() == 0


def test_a_co_coordinator_writes_on_the_own_focus_area_alone(world, sign_in):
    cora = sign_in(world.people.cora)
    assert post(cora, at("kpi_comment", STATUS), text="Ours.", seen="0").status == 302
    assert post(cora, at("kpi_comment", "4.1.1(a)"), text="Theirs.", seen="0").status == 403
    assert "4.1.1(a)" not in page_of(cora.get(at("round_words"))).main


# ---------------------------------------------------------------- narratives


def test_a_narrative_is_approved_and_then_stands_above_the_figures(world, ed, sign_in):
    cora, path = sign_in(world.people.cora), at("narrative", "1")
    post(cora, path, text="We went far.", seen="0")
    assert "We went far." not in look(cora, "focus_area", "1").main
    assert post(cora, at("narrative_approve", "1"), seen="1").status == 403
    post(ed, at("narrative_approve", "1"), seen="0")
    assert Narrative.objects.get().approved_at is None
    post(ed, at("narrative_approve", "1"), seen="1")
    assert Narrative.objects.get().approved_by == world.people.ed
    assert "We went far." in look(cora, "focus_area", "1").main
    post(cora, path, text="We went further.", seen="1")
    assert Narrative.objects.get().approved_at is None
    assert "We went" not in look(cora, "focus_area", "1").main


@pytest.mark.parametrize("path", [at("round_words"), at("kpi_comment", STATUS), at("narrative", "1")])
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, ed, path):
    counts = [queries_of(ed, path)]
    leave_only("FJI")
    counts.append(queries_of(ed, path))
    assert counts == [counts[0]] * 2
    assert counts[0] <= 12


# ---------------------------------------------------------------- the release


def release_path() -> str:
    return reverse("release_new", args=(PLAN,))


def preview(client, query: str = "") -> tuple[Page, str]:
    page = page_of(client.get(release_path() + query))
    return page, re.search(r'name="seen" value="([0-9a-f]{64})"', page.html)[1]


def publish(client, title: str = "Heads of Customs") -> Page:
    return post(client, release_path(), title=title, seen=preview(client)[1])


def test_it_shows_what_would_be_released_and_what_moved(world, ada):
    page, _ = preview(ada)
    assert page.heading == "Release the figures as at 30.06.27"
    assert "moved since release 1" in page.main
    assert any(row.startswith(STATUS) for row in page.rows())
    assert "answers of Interim 1 are sent and not decided." in page.main


def test_then_it_stands_as_it_was_seen(world, ada):
    _, seen = preview(ada)
    assert post(ada, release_path(), title="Heads of Customs", seen=seen).location == address("documents")
    release = Release.objects.get(number=2)
    assert (release.title, release.as_at, release.published_by) == ("Heads of Customs", INTERIM, world.people.ada)
    assert from_json(release.content).title == "Heads of Customs"
    assert release.checksum in look(ada, "documents").main
    assert "Nothing moved since release 2" in preview(ada)[0].main


def test_nothing_is_released_unseen(world, ada):
    _, seen = preview(ada)
    enter(world.interim, standings(STATUS, {"TLS": "in_place"}))
    page = post(ada, release_path(), title="Heads of Customs", seen=seen)
    assert (page.status, Release.objects.count()) == (409, 1)
    assert "The figures changed after you opened this page." in page.main
    assert 'value="Heads of Customs"' in page.html
    assert preview(ada)[1] in page.html


@pytest.mark.parametrize("title", ["", " ", "x" * 300])
def test_a_release_needs_a_title(world, ada, title):
    page = post(ada, release_path(), title=title, seen=preview(ada)[1])
    assert (page.status, "<title>Error: " in page.html, Release.objects.count()) == (422, True, 1)


def test_provisional_figures_are_not_released(world, ada):
    page = page_of(ada.get(release_path() + "?as-at=2027-12-31"))
    assert ("These figures are provisional" in page.main, 'name="title"' in page.html) == (True, False)
    seen = preview(ada)[1]
    assert ada.post(release_path() + "?as-at=2027-12-31", {"title": "X", "seen": seen}).status_code in (409, 422)
    assert Release.objects.count() == 1


def test_a_double_click_releases_what_was_seen_and_says_so(world, ada):
    """Twice the same, one after the other, is one release."""
    _, seen = preview(ada)
    first = post(ada, release_path(), title="Heads of Customs", seen=seen)
    second = post(ada, release_path(), title="Heads of Customs", seen=seen)
    assert (first.status, second.status, Release.objects.count()) == (302, 302, 2)
    assert date(2027, 6, 30) == INTERIM
    assert datetime(2027, 1, 1, tzinfo=UTC)
