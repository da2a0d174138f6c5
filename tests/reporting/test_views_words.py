"""Comments and narratives, and the release from the browser."""

import re

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import AuditEntry
from reporting.actions.deciding import accept_answers, return_answer
from reporting.actions.words import write_narrative
from reporting.models import Answer, KpiComment, Narrative, Release
from reporting.moves import Move
from reporting.report import from_json
from reporting.threads import token_of
from tests.members.signing_in import recently
from workplan.models import FocusArea

from .looks import Page, look, page_of, queries_of, words
from .region import INTERIM, NOW, PLAN, ROLES, enter, kpi, leave_only, standings
from .world import STATUS, STATUS_4, store_draft

ROUND = "interim-2027"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, ROUND, *more))


def post(client, path, **data) -> Page:
    caches["pages"].clear()  # in a test's transaction PostgreSQL does not change the token
    return page_of(client.post(path, data))


def seen_on(page: Page) -> str:
    return re.search(r'name="seen" value="(\d+)"', page.html)[1]


def typed_on(page: Page) -> str:
    """What stands in the form."""
    return words(re.search(r"<textarea[^>]*>(.*?)</textarea>", page.html, re.S)[1])


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
    caches["pages"].clear()
    assert "Three more are close." in look(connie, "work_plan").row(STATUS)
    assert "Three more are close." in look(connie, "kpi", STATUS).main


def test_two_who_write_at_once_both_see_both_texts(world, ed, sign_in):
    post(ed, at("kpi_comment", STATUS), text="Mine.", seen="0")
    page = post(sign_in(world.people.cora), at("kpi_comment", STATUS), text="Mine, too.", seen="0")
    assert (page.status, "Mine. " in page.main, "Mine, too." in page.main) == (409, True, True)
    assert KpiComment.objects.get().text == "Mine."
    assert post(sign_in(world.people.cora), at("kpi_comment", STATUS), text="Ours.", seen=seen_on(page)).status == 302
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


def test_what_a_round_does_not_ask_has_no_comment(world, ed, ada):
    world.interim.kpis.set([kpi(STATUS_4)])
    statuses = [page_of(ed.get(at("kpi_comment", code))).status for code in (STATUS, STATUS_4)]
    assert statuses == [404, 200]
    assert post(ed, at("kpi_comment", STATUS), text="Unasked.", seen="0").status == 404
    assert KpiComment.objects.count() == 0
    links = [f'href="{at("kpi_comment", code)}"' in look(ed, "kpi", code).html for code in (STATUS, STATUS_4)]
    assert links == [False, True]


def test_the_list_counts_what_it_shows(world, ed, sign_in):
    world.interim.kpis.set([kpi(STATUS), kpi(STATUS_4), kpi("1.1.1(a)")])

    def told(client) -> tuple[str, bool, bool]:
        page = page_of(client.get(at("round_words")))
        return (
            page.heading.removeprefix("Interim 1: "),
            "2 KPIs have no comment." in page.main,
            "1 KPI has no comment." in page.main,
        )

    assert told(ed)[0] == "no comments, no narratives"
    post(ed, at("kpi_comment", STATUS), text="One.", seen="0")
    post(ed, at("narrative", "1"), text="We went far.", seen="0")
    assert told(ed) == ("1 comment, 1 narrative", True, False)
    post(ed, at("kpi_comment", STATUS_4), text="Four.", seen="0")
    post(ed, at("narrative", "4"), text="Theirs.", seen="0")
    assert told(ed) == ("2 comments, 2 narratives", False, True)
    assert told(sign_in(world.people.cora)) == ("1 comment, 1 narrative", False, True)
    post(ed, at("kpi_comment", STATUS), text="", seen="1")
    post(ed, at("narrative", "1"), text="", seen="1")
    assert told(sign_in(world.people.cora)) == ("no comments, no narratives", True, False)
    post(ed, at("kpi_comment", STATUS), text="One.", seen="2")
    post(ed, at("kpi_comment", "1.1.1(a)"), text="All.", seen="0")
    assert "Every KPI has a comment." in page_of(ed.get(at("round_words"))).main


# ---------------------------------------------------------------- narratives


def test_a_narrative_is_approved_and_then_stands_above_the_figures(world, ed, sign_in):
    cora, path = sign_in(world.people.cora), at("narrative", "1")
    post(cora, path, text="We went far.", seen="0")
    assert "We went far." not in look(cora, "focus_area", "1").main
    assert post(cora, at("narrative_approve", "1"), text="We went far.", seen="1").status == 403
    assert post(ed, at("narrative_approve", "1"), text="We went far.", seen="1").location == path
    assert Narrative.objects.get().approved_by == world.people.ed
    assert "We went far." in look(cora, "focus_area", "1").main
    post(cora, path, text="We went further.", seen="1")
    assert Narrative.objects.get().approved_at is None
    assert "We went" not in look(cora, "focus_area", "1").main


APPROVE = "Approve the narrative"


def approves(page: Page) -> bool:
    """Is there the button that approves."""
    return any(APPROVE in button for button in re.findall(r"<button[^>]*>.*?</button>", page.html))


def test_only_who_may_approve_is_offered_it_and_only_for_what_is_saved(world, ed, sign_in):
    path, cora = at("narrative", "1"), sign_in(world.people.cora)
    assert approves(page_of(ed.get(path))) is False
    post(cora, path, text="We went far.", seen="0")
    assert [approves(page_of(client.get(path))) for client in (ed, cora)] == [True, False]
    post(ed, at("narrative_approve", "1"), text="We went far.", seen="1")
    page = page_of(ed.get(path))
    assert (approves(page), "This narrative is approved." in page.main) == (False, True)


def test_what_was_typed_and_not_saved_is_neither_approved_nor_lost(world, ed):
    path = at("narrative", "1")
    post(ed, path, text="We went\r\nfar.", seen="0")
    page = post(ed, at("narrative_approve", "1"), text="We went\r\nfurther.", seen="1")
    assert (page.status, typed_on(page), seen_on(page), approves(page)) == (422, "We went further.", "1", False)
    assert "You changed the text. Save it first, then approve it." in page.main
    assert "<title>Error: " in page.html
    assert Narrative.objects.values_list("text", "approved_at").get() == ("We went\nfar.", None)
    assert f'<form method="post" action="{path}"' in page.html, "Save does not approve"
    assert post(ed, at("narrative_approve", "1"), text="We went\r\nfar.", seen="1").status == 302
    assert Narrative.objects.get().approved_by == world.people.ed


@pytest.mark.parametrize("seen", ["1", "0"])
def test_what_was_changed_meanwhile_is_not_approved(world, ed, sign_in, seen):
    path = at("narrative", "1")
    post(ed, path, text="We went far.", seen="0")
    post(sign_in(world.people.cora), path, text="We went further.", seen="1")
    page = post(ed, at("narrative_approve", "1"), text="We went far.", seen=seen)
    assert (page.status, typed_on(page), seen_on(page), approves(page)) == (409, "We went further.", "2", False)
    assert "Saved by Cora" in page.main
    assert "What stood in your form: We went far." in page.main
    assert Narrative.objects.values_list("edits", "approved_at").get() == (2, None)


def test_there_must_be_something_to_approve(world, ed):
    page = post(ed, at("narrative_approve", "1"), text="", seen="0")
    assert (page.status, "There is no narrative to approve yet." in page.main) == (422, True)
    assert post(ed, at("narrative_approve", "9"), text="", seen="0").status == 404


def test_an_approval_is_posted(world, ed):
    response = ed.get(at("narrative_approve", "1"))
    assert (response.status_code, response.headers["Allow"]) == (405, "POST")


def test_two_who_write_a_narrative_at_once_both_see_both_texts(world, ed, sign_in):
    cora, path = sign_in(world.people.cora), at("narrative", "1")
    post(cora, path, text="We went far.", seen="0")
    page = post(ed, path, text="We went nowhere.", seen="0")
    assert (page.status, typed_on(page), seen_on(page), approves(page)) == (409, "We went nowhere.", "1", False)
    assert "Saved meanwhile by Cora: We went far." in page.main
    assert Narrative.objects.get().text == "We went far."


def test_who_is_refused_sees_the_newest_text(world, ed, monkeypatch):
    """Somebody saves between the look at the text and the writing of it."""
    area = FocusArea.objects.get(plan=world.plan, code="1")

    def interrupted(**asked):
        write_narrative(**asked | {"text": "Just now.", "seen": 0, "by": world.people.ada})
        return write_narrative(**asked)

    monkeypatch.setattr("reporting.views.words.write_narrative", interrupted)
    page = post(ed, at("narrative", area.code), text="Mine.", seen="0")
    assert (page.status, typed_on(page), seen_on(page)) == (409, "Mine.", "1")
    assert "Saved meanwhile by Ada: Just now." in page.main


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
    caches["pages"].clear()
    page = page_of(client.get(release_path() + query))
    return page, re.search(r'name="seen" value="([0-9a-f]{64})"', page.html)[1]


def publish(client, title: str = "Heads of Customs") -> Page:
    return post(client, release_path(), title=title, seen=preview(client)[1])


def test_it_shows_what_would_be_released_and_what_moved(world, ada):
    page, _ = preview(ada)
    assert page.heading == "Release the figures as at 30.06.27"
    assert "moved since release 1" in page.main
    assert any(row.startswith(STATUS) for row in page.rows())


def test_a_kpi_that_left_the_plan_is_shown_as_it_was(world, ada, monkeypatch):
    left = "reporting.views.documents.moves"
    monkeypatch.setattr(left, lambda before, now: [Move(STATUS, before.results[STATUS], None)])
    page = preview(ada)[0]
    assert "1 figure moved since release 1" in page.main
    row = page.row(STATUS)
    assert (row.endswith("– Left the plan"), " 25 " in row) == (True, True), row


def told(client) -> list[str]:
    """What is not settled yet."""
    found = re.search(r"Not settled yet:</b></p><ul>(.*?)</ul>", preview(client)[0].html, re.S)
    return [words(each) for each in re.findall(r"<li>(.*?)</li>", found[1], re.S)] if found else []


def test_it_says_what_is_not_settled_yet(world, ada):
    world.interim.kpis.set([kpi(STATUS)])
    Answer.objects.filter(round=world.interim).exclude(kpi=kpi(STATUS)).delete()
    assert told(ada) == [
        "1 answer of Interim 1 is sent and not decided.",
        "1 answer of Interim 1 is begun and not sent.",
        "29 answers of Interim 1 are not begun.",
    ]
    enter(world.interim, standings(STATUS, {"TLS": "in_place"}), accept=False)
    post(ada, at("narrative", "1"), text="We went far.", seen="0")
    caches["pages"].clear()
    assert told(ada) == [
        "2 answers of Interim 1 are sent and not decided.",
        "1 answer of Interim 1 is begun and not sent.",
        "28 answers of Interim 1 are not begun.",
        "The narrative of Focus Area 1 is not approved, so it is not released.",
    ]


def test_what_was_returned_and_corrected_is_not_returned_any_more(world, ada):
    [answer] = Answer.objects.filter(round=world.interim, kpi=kpi(STATUS), organisation__code="TON")
    return_answer(
        answer=answer, seen=token_of(answer), reason="Which law?", correct_by=None, by=world.people.ada, now=NOW
    )
    assert "1 answer of Interim 1 is returned." in told(ada)
    store_draft(world.interim, "TON", STATUS, standing="in_place", version=2)
    assert "1 answer of Interim 1 is returned." in told(ada), "a correction that is not sent corrects nothing yet"
    Answer.objects.filter(version=2).update(state="submitted", sent_at=NOW)
    assert [each for each in told(ada) if "returned" in each] == []
    again = Answer.objects.get(version=2, kpi=kpi(STATUS))
    accept_answers(seen={again.pk: token_of(again)}, by=world.people.ed, now=NOW)
    assert [each for each in told(ada) if "returned" in each] == []


def test_a_correction_that_was_refused_is_not_returned_to_anybody(world, ada):
    before = told(ada)
    [correction] = enter(world.interim, standings(STATUS, {"TON": "in_progress"}), accept=False)
    Answer.objects.filter(pk=correction.pk).update(correction_reason="By telephone.")
    correction.refresh_from_db()
    return_answer(
        answer=correction, seen=token_of(correction), reason="No.", correct_by=None, by=world.people.ada, now=NOW
    )
    assert told(ada) == before


def test_then_it_stands_as_it_was_seen(world, ada):
    _, seen = preview(ada)
    page = post(ada, release_path(), title="Heads of Customs", seen=seen)
    assert page.location == f"/plans/{PLAN}/documents/releases/2/"
    main = page_of(ada.get(page.location)).main
    assert "Release 2 stands." in main
    assert "Its pack is made now: the documents and the data. They appear below." in main
    assert "It begins in a moment." in main or "Other work goes first." in main
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
    assert first.location == second.location == f"/plans/{PLAN}/documents/releases/2/"


def test_a_preview_takes_at_most_12_queries_however_many_members_there_are(world, ada):
    def looks() -> list[int]:
        counts = [queries_of(ada, release_path())]
        with CaptureQueriesContext(connection) as asked:
            ada.get(release_path())
        return [*counts, len(asked)]

    first, again = looks()
    publish(ada)
    assert looks() == [first, again]
    leave_only("FJI")
    assert looks() == [first, again]
    assert (first <= 12, again < first) == (True, True), (first, again)


def test_a_release_of_an_older_date_takes_nobodys_front_page(world, ada, sign_in):
    publish(ada)
    newest = Release.objects.latest("number")
    page, seen = preview(ada, f"?as-at={world.baseline.as_at}")
    assert f"Release {newest.number} is as at {newest.as_at:%d.%m.%y}, which is later." in page.main
    assert "since release 1" in page.main
    page = post(ada, release_path() + f"?as-at={world.baseline.as_at}", title="Once more", seen=seen)
    assert (page.status, Release.objects.latest("number").as_at) == (302, world.baseline.as_at)
    for reader in (world.people.percy, world.people.connie):
        assert f"Release {newest.number}: " in look(sign_in(reader), "overview").main


@pytest.mark.parametrize("name", ROLES)
def test_who_may_release_finds_the_way(world, sign_in, name):
    page = look(sign_in(world.people[name]), "documents")
    assert (f'href="{release_path()}"' in page.html, "New release" in page.main) == ((name == "ada"),) * 2
