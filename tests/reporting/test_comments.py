"""Comments on an answer: who reads them, who writes them, who hears of them."""

import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry, OutgoingMail, Role
from reporting.actions.comments import comment_on_answer
from reporting.models import Answer, AnswerComment, Submission
from workplan.models import FocusArea

from .entering import YES_NO, brought, form_of, post
from .looks import page_of, queries_of
from .region import NOW, PLAN, answer, kpi, leave_only, org
from .world import STATUS, STATUS_4

ROUND = "interim-2028"
INSIDE, SEEN = "ZEBRA between us", "Which law is it?"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, ROUND, *more))


PAGE = at("return_comments", "FJI", STATUS)
PLACES = {
    "own page": PAGE,
    "form": at("return_kpi", "FJI", STATUS),
    "versions": at("return_versions", "FJI", STATUS),
    "list of the KPI": at("review_kpi", STATUS),
    "list of the Member": at("review_member", "FJI"),
}


def writes(world, text, *, code="FJI", internal=False, by="ed", organisation="APVC", about=STATUS, year=None, now=NOW):
    submission = Submission.objects.select_related("round__plan", "organisation").get(
        round=world.current, organisation__code=code
    )
    said = {"kpi": kpi(about).pk, "plan_year": year, "text": text, "internal": internal}
    return comment_on_answer(submission=submission, organisation=organisation, by=world.people[by], now=now, **said)


@pytest.fixture
def sent(world):
    answer(world.current, "FJI", STATUS, standing="in_place", accept=False)
    return world


@pytest.fixture
def told(sent):
    writes(sent, INSIDE, internal=True)
    writes(sent, SEEN)
    return sent


# ---------------------------------------------------------------- who reads


READ = {
    "ed": dict.fromkeys(PLACES, (True, True)),
    "ada": dict.fromkeys(PLACES, (True, True)),
    "connie": {name: (False, not name.startswith("list")) for name in PLACES},
    "cora": {name: (False, name != "list of the Member") for name in PLACES},
    "vera": dict.fromkeys(PLACES, (False, False)),
    "olga": dict.fromkeys(PLACES, (False, False)),
    "percy": dict.fromkeys(PLACES, (False, False)),
}
"""Whether they read what stays inside, and what the Member reads."""


@pytest.mark.parametrize("name", READ)
def test_who_reads_what(told, sign_in, name):
    client = sign_in(told.people[name])
    pages = {place: page_of(client.get(path)) for place, path in PLACES.items()}
    assert {place: (INSIDE in page.main, SEEN in page.main) for place, page in pages.items()} == READ[name]
    assert {page.status for page in pages.values()} <= {200, 403, 404}


def test_a_draft_is_talked_about_among_its_own_people_until_it_is_sent(world, sign_in):
    brought(world, "draft")
    writes(world, "Ask the lab.", by="connie", organisation="FJI")
    seen = {name: page_of(sign_in(world.people[name]).get(PAGE)).status for name in ("connie", "ali", "ed", "cora")}
    assert seen == {"connie": 200, "ali": 200, "ed": 404, "cora": 404}


def test_a_draft_beside_a_year_that_was_sent_is_talked_about_among_its_own_people(world, sign_in):
    """And counted by nobody else."""
    for year in (2026, 2027):
        answer(world.current, "FJI", YES_NO, year, participated=True, accept=False)
        writes(world, f"ZEBRA on {year}", by="connie", organisation="FJI", about=YES_NO, year=year)
    Answer.objects.filter(organisation__code="FJI", round=world.current, plan_year=2027).update(
        state="draft", sent_at=None, sent_by=None
    )
    Role.objects.create(user=world.people.cora, organisation=org("VNM"), role=RoleName.CO_COORDINATOR)
    FocusArea.objects.get(plan=world.plan, code="2").co_coordinators.add(org("VNM"))
    read = {"connie": {"2026", "2027"}, "ali": {"2026", "2027"}, "ed": {"2026"}, "cora": {"2026"}}
    for name, years in read.items():
        client = sign_in(world.people[name])
        for page in ("return_kpi", "return_versions"):
            shown = page_of(client.get(at(page, "FJI", YES_NO)))
            assert (name, set(re.findall(r"ZEBRA on (\d+)", shown.main))) == (name, years)
    for name in ("ed", "cora"):
        row = page_of(sign_in(world.people[name]).get(at("review_queue"))).row(YES_NO)
        assert "1 new comment" in row or row.endswith(" 1"), row


def test_no_kept_page_shows_what_another_may_read(told, sign_in):
    """Whoever looks first."""
    clients = {name: sign_in(told.people[name]) for name in ("ed", "cora", "connie")}
    for name in ("ed", "cora", "connie", "ed", "connie", "cora"):
        pages = [page_of(clients[name].get(path)).main for path in PLACES.values()]
        assert any(INSIDE in main for main in pages) is (name == "ed"), name


# ---------------------------------------------------------------- who writes


@pytest.mark.parametrize(
    ("name", "organisation", "mails"), [("ed", "APVC", 2), ("cora", "CHN", 2), ("connie", "FJI", 0), ("ali", "FJI", 0)]
)
def test_it_stands_there_with_the_name_and_for_whom(sent, sign_in, name, organisation, mails):
    path = f"{PAGE}?from={'form' if organisation == 'FJI' else 'kpi'}"
    more = {"audience": "member"} if name == "ed" else {}
    page = post(sign_in(sent.people[name]), path, {"text": SEEN, **more})
    made = AnswerComment.objects.get()
    assert (made.text, made.internal, made.by, made.organisation.code, made.at) == (
        SEEN, False, sent.people[name], organisation, NOW,
    )  # fmt: skip
    back = form_of() + "#comments" if organisation == "FJI" else at("review_kpi", STATUS)
    assert page.location.startswith(back)
    assert OutgoingMail.objects.filter(text__contains=SEEN).count() == mails
    assert (
        AuditEntry.objects.filter(object_type="reporting.answercomment", actor_email=f"{name}@example.org").count() == 1
    )


def test_the_secretariat_says_who_reads_it(sent, sign_in):
    ed = sign_in(sent.people.ed)
    assert "checked" not in page_of(ed.get(PAGE)).html
    for audience in ("", "everybody"):
        page = post(ed, PAGE, {"text": SEEN, "audience": audience})
        assert (page.status, page.main.count("Choose who reads it."), SEEN in page.html) == (422, 2, True)
    assert not AnswerComment.objects.exists()
    post(ed, PAGE, {"text": INSIDE, "audience": "inside"})
    assert AnswerComment.objects.get().internal
    assert not OutgoingMail.objects.exists()


@pytest.mark.parametrize("name", ["connie", "cora"])
def test_nobody_else_writes_inside(sent, sign_in, name):
    client = sign_in(sent.people[name])
    assert "audience" not in page_of(client.get(PAGE)).html
    post(client, PAGE, {"text": SEEN, "audience": "inside", "internal": "on"})
    assert not AnswerComment.objects.get().internal


def test_nothing_is_no_comment_and_the_same_twice_is_one(sent, sign_in):
    connie = sign_in(sent.people.connie)
    page = post(connie, PAGE, {"text": " \n "})
    assert (page.status, page.main.count("Write something.")) == (422, 2)
    for _ in range(2):
        assert post(connie, PAGE, {"text": SEEN}).status == 302
    assert AnswerComment.objects.count() == 1
    with pytest.raises(ValidationError):
        writes(sent, "")


@pytest.mark.parametrize("asked", ["https://example.org", "//example.org", "list", "zebra"])
def test_nobody_is_led_elsewhere(sent, sign_in, asked):
    assert post(sign_in(sent.people.connie), f"{PAGE}?from={asked}", {"text": SEEN}).location == PAGE


def test_who_came_from_a_review_that_has_the_answer_no_more_is_led_to_the_comments(sent, sign_in, monkeypatch):
    """As when it is taken back between the two reads of the page."""
    monkeypatch.setattr("reporting.views.comments.of_submission", lambda *_: [])
    page = post(sign_in(sent.people.ed), f"{PAGE}?from=kpi", {"text": SEEN, "audience": "member"})
    assert (page.status, page.location) == (302, PAGE)


def test_each_plan_year_is_talked_about_by_itself(world, sign_in):
    answer(world.current, "FJI", "2.2.2(a).1", 2026, participated=True, accept=False)
    ed, path = sign_in(world.people.ed), at("return_comments", "FJI", "2.2.2(a).1")
    assert ed.get(path).status_code == 404
    assert ed.get(f"{path}?year=2099").status_code == 404
    post(ed, f"{path}?year=2026", {"text": SEEN, "audience": "member"})
    assert AnswerComment.objects.get().plan_year == 2026


# ---------------------------------------------------------------- what waits for a reply


def test_a_comment_of_the_member_is_marked_until_somebody_replies(sent, sign_in):
    ed = sign_in(sent.people.ed)
    mark = "Comment : Fiji wrote, and nobody replied"
    assert mark not in page_of(ed.get(at("review_kpi", STATUS))).row("FJI")
    writes(sent, "We meant 2027.", by="connie", organisation="FJI")
    assert mark in page_of(ed.get(at("review_kpi", STATUS))).row("FJI")
    assert "1 new comment of the Member" in page_of(ed.get(at("review_queue"))).row("FJI")
    writes(sent, "Checked.", internal=True)
    assert mark not in page_of(ed.get(at("review_kpi", STATUS))).row("FJI")
    assert "new comment" not in page_of(ed.get(at("review_queue"))).main


def test_what_was_decided_since_waits_no_longer(sent, sign_in):
    writes(sent, "We meant 2027.", by="connie", organisation="FJI", now=NOW - timedelta(hours=1))
    ed = sign_in(sent.people.ed)
    row = AnswerComment.objects.get().submission.answers.get(kpi__code=STATUS)
    assert ed.post(at("review_kpi", STATUS), {"accept": f"{row.pk}:{row.pk}.{row.edits}.su"}).status_code == 302
    assert "nobody replied" not in page_of(ed.get(at("review_kpi", STATUS))).main
    assert "new comment" not in page_of(ed.get(at("review_queue"))).main


def test_each_plan_year_waits_by_itself(world, sign_in):
    """What was decided on one year is no reply on another."""
    for year in (2026, 2027):
        answer(world.current, "FJI", YES_NO, year, participated=True, accept=False)
    about = {"by": "connie", "organisation": "FJI", "about": YES_NO, "now": NOW - timedelta(hours=1)}
    writes(world, "We meant the second.", year=2027, **about)
    ed = sign_in(world.people.ed)
    row = Answer.objects.get(round=world.current, organisation__code="FJI", kpi__code=YES_NO, plan_year=2026)
    ed.post(at("review_kpi", YES_NO), {"accept": f"{row.pk}:{row.pk}.{row.edits}.su"})
    assert "Fiji wrote, and nobody replied" in page_of(ed.get(at("review_kpi", YES_NO))).main
    assert "1 new comment of the Member" in page_of(ed.get(at("review_queue"))).row("FJI")


# ---------------------------------------------------------------- co-coordinators read their focus area


def test_a_co_coordinator_reads_the_kpis_of_the_own_focus_area(told, sign_in):
    answer(told.current, "FJI", STATUS_4, standing="in_place", accept=False)
    cora = sign_in(told.people.cora)
    queue = page_of(cora.get(at("review_queue")))
    assert queue.heading == "Your focus area: 1 of 2 answers decided on, Interim 2"
    assert [row.split()[0] for row in queue.rows()[1:]] == [STATUS]
    assert queue.row(STATUS).endswith("1 2 1")
    page = page_of(cora.get(at("review_kpi", STATUS)))
    assert page.heading == f"{STATUS}: 2 answers sent, Interim 2"
    assert not any(word in page.html for word in ('name="accept"', ">Return", 'id="decide"', "Enter what"))
    assert "1 comment" in page.row("FJI")
    for board in ("board", "review_queue"):
        assert cora.get(at(board)).status_code == 200
    assert at("review_queue") in page_of(cora.get(at("board"))).html
    assert at("review_queue") in page_of(cora.get(reverse("rounds", args=(PLAN,)))).html


@pytest.mark.parametrize(("name", "status"), [("cora", 404), ("connie", 404), ("olga", 404), ("percy", 403)])
@pytest.mark.parametrize("code", [STATUS_4, "9.9.9"])
def test_what_is_not_of_it_does_not_exist_for_them(told, sign_in, name, status, code):
    answer(told.current, "FJI", STATUS_4, standing="in_place", accept=False)
    assert sign_in(told.people[name]).get(at("review_kpi", code)).status_code == status


def test_a_co_coordinator_decides_on_nothing(told, sign_in):
    row = AnswerComment.objects.first().submission.answers.get(kpi__code=STATUS)
    token = f"{row.pk}:{row.pk}.{row.edits}.su"
    assert sign_in(told.people.cora).post(at("review_kpi", STATUS), {"accept": token}).status_code == 403
    row.refresh_from_db()
    assert row.state == "submitted"


@pytest.mark.parametrize("name", ["ed", "cora"])
@pytest.mark.parametrize("path", [at("review_queue"), at("review_kpi", STATUS), PAGE], ids=["queue", "kpi", "page"])
def test_it_takes_at_most_12_queries_however_many_members_there_are(told, sign_in, name, path):
    client, found = sign_in(told.people[name]), []
    for codes in ((), ("AUS", "FJI", "JPN", "CHN"), ("FJI", "CHN")):
        if codes:
            leave_only(*codes)
        found.append(queries_of(client, path))
    assert found == [found[0]] * 3
    assert found[0] <= 12
