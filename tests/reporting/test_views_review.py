"""The secretariat decides, by Member and by KPI; what is odd is marked."""

import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.urls import reverse

from members.models import OutgoingMail
from reporting.actions import close_round
from reporting.actions.rounds import admit_late, end_late
from reporting.models import Answer, AnswerWriter, Submission
from reporting.review import Mark, marks
from reporting.views import listing
from tests.members.signing_in import recently
from workplan.choices import Standing

from .entering import YES_NO
from .looks import Page, page_of, queries_of
from .region import NOW, PLAN, Event, answer, arrangement, enter, leave_only, record, said, standings
from .world import STATUS, store_draft

PAIRS, WOMEN = "1.1.2(c)", "3.1.3(a)"

ROUND = "interim-2028"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, ROUND, *more))


def back(member: str, code: str) -> str:
    return at("review_return", member, code)


@pytest.fixture
def sent(world):
    """Fiji slips on one KPI and keeps another, Australia is as before; all were sent by nobody here."""
    enter(world.current, standings(STATUS, {"FJI": "not_started", "AUS": "in_place"}, comment="now"), accept=False)
    enter(world.current, [said("FJI", "4.1.1(a)", standing="in_place")], accept=False)
    answer(world.current, "FJI", "2.2.2(a).1", 2026, participated=False, accept=False)
    return world


@pytest.fixture
def ed(sent, sign_in):
    return sign_in(sent.people.ed)


def post(client, path, **data) -> Page:
    return page_of(client.post(path, data))


def newest(member: str, code: str) -> Answer:
    found = Answer.objects.filter(round__code=ROUND, organisation__code=member, kpi__code=code)
    return found.latest("version")


def token(row: Answer) -> str:
    return f"{row.pk}:{row.pk}.{row.edits}.{row.state[:2]}"


# ---------------------------------------------------------------- what is odd


@pytest.mark.parametrize(
    ("before", "now", "listed", "found"),
    [
        ({"standing": "in_place"}, {"standing": "planned"}, None, [Mark("slip", "Was in place last time")]),
        ({"standing": "planned"}, {"standing": "in_place"}, None, [Mark("jump", "2 levels up: was planned")]),
        ({"standing": "planned"}, {"standing": "in_progress"}, None, []),
        ({"standing": "in_place"}, {"standing": "not_applicable"}, None, [Mark("slip", "Was in place last time")]),
        ({"standing": "not_applicable"}, {"standing": "in_place"}, None, []),
        ({"participated": True}, {"participated": False}, 0, [Mark("slip", "Said yes last time")]),
        ({}, {"participated": False}, 2, [Mark("contradiction", "Says no, but the register has 2 records")]),
        ({}, {"participated": True}, 0, []),
        (
            {}, {"standing": "not_applicable"}, 1,
            [Mark("contradiction", "Says not applicable, but the register has 1 record")],
        ),
        ({"value": Decimal(10)}, {"value": Decimal(9)}, None, [Mark("slip", "Was 10 last time")]),
        ({"value": Decimal(10)}, {"value": Decimal("20.5")}, None, [Mark("jump", "Was 10")]),
        ({"value": Decimal(10)}, {"value": Decimal(20)}, None, []),
        (
            {"value": Decimal(10)}, {"value": Decimal(4)}, None,
            [Mark("slip", "Was 10 last time"), Mark("jump", "Was 10")],
        ),
        (
            {"numerator": Decimal(3), "denominator": Decimal(4)}, {"numerator": Decimal(1), "denominator": Decimal(4)},
            None, [Mark("slip", "Was 3 of 4 last time"), Mark("jump", "Was 3 of 4")],
        ),
    ],
)  # fmt: skip
def test_what_is_marked(before, now, listed, found):
    assert list(marks(Answer(**now), Answer(**before) if before else None, listed)) == found


def test_a_share_is_also_compared_with_the_year_before():
    before = Answer(numerator=Decimal(1), denominator=Decimal(10), plan_year=2025)
    now = Answer(numerator=Decimal(9), denominator=Decimal(10), plan_year=2026)
    assert list(marks(now, None, None, before)) == [Mark("jump", "Was 1 of 10 in 2025/26")]


def test_a_figure_is_also_compared_with_the_year_before():
    before = Answer(value=Decimal(10), plan_year=2025)
    assert list(marks(Answer(value=Decimal(30), plan_year=2026), None, None, before)) == [
        Mark("jump", "Was 10 in 2025/26")
    ]


def test_a_figure_is_compared_with_both_at_once():
    """Little more than was said last time of the year, and three times the year before."""
    last, before = Answer(value=Decimal(2), plan_year=2026), Answer(value=Decimal(1), plan_year=2025)
    now = Answer(value=Decimal(3), plan_year=2026)
    assert list(marks(now, last, None, before)) == [Mark("jump", "Was 1 in 2025/26")]
    now.value = Decimal(9)
    assert list(marks(now, last, None, before)) == [Mark("jump", "Was 2"), Mark("jump", "Was 1 in 2025/26")]


@pytest.mark.parametrize(("factor", "found"), [("2", []), ("1.5", [Mark("jump", "Was 10")])])
def test_what_is_a_jump_is_a_setting(settings, factor, found):
    settings.JUMP_FACTOR = Decimal(factor)
    assert list(marks(Answer(value=Decimal(16)), Answer(value=Decimal(10)), None)) == found


# ---------------------------------------------------------------- the pages


def test_who_is_asked_and_sent_nothing_is_named_after_the_answers(sent, ed):
    """A draft is nobody else's, so who has one is named like who has none."""
    path = at("review_kpi", STATUS)
    before = page_of(ed.get(path)).main
    line = re.search(r"Nothing received from \d+ organisations ([^.]+)\.", before)
    assert line, before
    names = line[1].split("; ")
    assert (len(names), names) == (32, sorted(names, key=str.casefold))
    assert not {"Fiji", "Australia", "Japan"} & set(names)
    store_draft(sent.current, "BGD", STATUS, standing="in_place")
    assert "Bangladesh" in names
    assert page_of(ed.get(path)).main == before
    enter(sent.current, standings(STATUS, {"BGD": "in_place"}), accept=False)
    assert "Bangladesh;" not in page_of(ed.get(path)).main
    assert "Nothing received" not in page_of(ed.get(at("review_member", "FJI"))).main
    assert "Nothing received" in page_of(ed.get(f"{path}?show=marked")).main


def test_who_sent_nothing_is_named_for_each_plan_year(sent, ed):
    main = page_of(ed.get(at("review_kpi", YES_NO))).main
    found = dict(re.findall(r"Nothing received for (\d{4}/\d\d) from \d+ organisations ([^.]+)\.", main))
    assert list(found) == ["2025/26", "2026/27", "2027/28"]
    said = Answer.objects.filter(round=sent.current, organisation__code="FJI", kpi__code=YES_NO)
    assert [f"{each.plan_year}" for each in said] == ["2026"]
    assert {year: "Fiji" in names.split("; ") for year, names in found.items()} == {
        "2025/26": True, "2026/27": False, "2027/28": True,
    }  # fmt: skip


def test_a_link_leads_past_the_frame_to_the_answers(sent, ed):
    page = page_of(ed.get(at("review_kpi", STATUS)))
    assert '<a class="skip" href="#list">Go to the answers</a>' in page.html
    assert 'id="list"' in page.html
    assert "Go to the answers" not in page_of(ed.get(at("review_queue"))).html


def test_the_queue_says_who_waits(sent, ed):
    page = page_of(ed.get(at("review_queue")))
    assert page.heading == "4 answers to decide on: Interim 2"
    assert [row for row in page.rows() if row.startswith("FJI")] == ["FJI Fiji 3 3"]
    assert [row for row in page.rows() if row.startswith("JPN")] == ["JPN Japan 0 1"]
    assert any(row.startswith("1.1.1(b)") and row.endswith("2 3") for row in page.rows())


def test_what_changed_stands_beside_what_was(sent, ed):
    page = page_of(ed.get(at("review_member", "FJI")))
    assert page.heading == "Fiji: 3 of 3 answers to decide on, Interim 2"
    assert "“now-FJI” Slip : Was planned last time Sent" in page.row("1.1.1(b)")
    assert "(BCP)? In place “CANARY-new-FJI” In place " in page.row("4.1.1(a)")
    assert "Contradiction : Says no, but the register has 1 record" in page.row("2.2.2(a).1")
    assert "Accept the one answer without a mark" in page.main


MEETINGS = {"M-1": date(2026, 9, 1), "M-2": date(2027, 9, 1), "after the round": date(2028, 9, 1)}


def test_what_does_not_apply_and_is_in_the_register_is_marked(sent, ed):
    arrangement("FJI", "JPN", in_force=date(2026, 10, 1))
    arrangement("FJI", "AUS", in_force=date(2026, 10, 1), ended=date(2027, 2, 1))
    arrangement("FJI", "CHN")
    record(*(Event(name, day, [WOMEN], ["ROCB"], participants=("FJI",)) for name, day in MEETINGS.items()))
    for code in (PAIRS, WOMEN):
        enter(sent.current, [said("FJI", code, standing="not_applicable", comment="Not us.")], accept=False)
    page = page_of(ed.get(at("review_member", "FJI")))
    assert "Contradiction : Says not applicable, but the register has 1 record" in page.row(PAIRS)
    assert "Contradiction : Says not applicable, but the register has 2 records" in page.row(WOMEN)


def test_one_is_accepted_as_it_was_seen_and_counts(sent, ed):
    path, row = at("review_member", "FJI"), newest("FJI", STATUS)
    assert post(ed, path, accept=token(row)).location.partition("#")[0] == path
    row.refresh_from_db()
    assert (row.state, row.decided_by, row.decided_at) == ("accepted", sent.people.ed, NOW)
    page = post(ed, path, accept=token(row))
    assert page.status == 422


def test_after_one_is_accepted_one_stands_at_the_next_undecided(sent, ed):
    """In the order of the list, and of the list as it is filtered; after the last, at the first that is left."""
    path = at("review_member", "FJI")
    first, second, third = (newest("FJI", code) for code in (STATUS, YES_NO, "4.1.1(a)"))
    assert post(ed, f"{path}?show=undecided", accept=token(second)).location == f"{path}?show=undecided#a{third.pk}"
    page = page_of(ed.get(f"{path}?show=undecided"))
    assert f'id="a{third.pk}"' in page.html
    assert post(ed, path, accept=token(third)).location == f"{path}#a{first.pk}"
    assert post(ed, f"{path}?show=marked", accept=token(first)).location == f"{path}?show=marked"


def test_the_next_one_is_on_its_page(sent, ed, monkeypatch):
    monkeypatch.setattr(listing, "PER_PAGE", 1)
    path = at("review_member", "FJI")
    first, second, third = (newest("FJI", code) for code in (STATUS, YES_NO, "4.1.1(a)"))
    assert post(ed, path, accept=token(first)).location == f"{path}?page=2#a{second.pk}"
    assert f'id="a{second.pk}"' in page_of(ed.get(f"{path}?page=2")).html
    where = post(ed, f"{path}?show=undecided&page=1", accept=token(second)).location
    assert where == f"{path}?show=undecided#a{third.pk}"
    assert f'id="a{third.pk}"' in page_of(ed.get(where)).html


def test_the_next_kpi_is_shown_with_the_same_answers(sent, ed):
    """Who looks at what is undecided does so from KPI to KPI."""
    for query, shown in (("?show=undecided&page=3", "?show=undecided"), ("", "")):
        html = page_of(ed.get(at("review_kpi", STATUS) + query)).html
        ways = re.findall(r'href="[^"?]*/review/kpis/[^"/]*/([^"]*)"', html)
        assert set(ways) == {shown}


def test_what_the_reader_may_not_decide_on_is_not_the_next(sent, ed):
    AnswerWriter.objects.create(answer=newest("FJI", YES_NO), person=sent.people.ed)
    path = at("review_member", "FJI")
    page = post(ed, path, accept=token(newest("FJI", STATUS)))
    assert page.location == f"{path}#a{newest('FJI', '4.1.1(a)').pk}"


def linked_in(page: Page, row: int, begins: str) -> str:
    found = re.search(rf'id="a{row}".*?<a href="([^"]+)"[^>]*>{begins}', page.html, re.S)
    assert found, page.main
    return unescape(found[1])


@pytest.mark.parametrize(("name", "more"), [("review_member", "FJI"), ("review_kpi", STATUS)])
def test_who_returns_one_comes_back_to_the_list_that_they_came_from(sent, ed, name, more):
    path, row = at(name, more), newest("FJI", STATUS)
    form = linked_in(page_of(ed.get(f"{path}?show=undecided")), row.pk, "Return")
    page = page_of(ed.get(form))
    assert f'<a href="{path}?show=undecided#a{row.pk}">Cancel</a>' in page.html
    assert f'<a href="{path}">' in page.html
    says = {"token": token(row).partition(":")[2], "correct_by": "24.01.28"}
    assert f'<a href="{path}?show=undecided#a{row.pk}">Cancel</a>' in post(ed, form, reason=" ", **says).html
    following = newest("FJI", YES_NO) if name == "review_member" else newest("AUS", STATUS)
    assert post(ed, form, reason="Which law?", **says).location == f"{path}?show=undecided#a{following.pk}"


def test_who_corrects_one_comes_back_to_the_list_that_they_came_from(sent, ed, sign_in):
    post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    close_round(collection=sent.current, by=None, now=NOW)
    ada, path, first = recently(sign_in(sent.people.ada)), at("review_kpi", STATUS), newest("FJI", STATUS)
    form = linked_in(page_of(ada.get(path)), first.pk, "Correct")
    seen = token(first).partition(":")[2]
    page = post(ada, form, token=seen, answer="planned", comment="c", reason="By telephone.")
    assert page.location == f"{path}#a{newest('FJI', STATUS).pk}"


@pytest.mark.parametrize("asked", ["https://example.org/", "//example.org", "member", "KPI"])
def test_nobody_is_sent_elsewhere(sent, ed, asked):
    page = page_of(ed.get(f"{back('FJI', STATUS)}?from={asked}&show={asked}&page={asked}"))
    assert f'<a href="{at("review_member", "FJI")}#a{newest("FJI", STATUS).pk}">Cancel</a>' in page.html
    assert not re.search(r'href="(https?:)?//', page.html.partition("<main")[2].partition("</main")[0])


def test_who_corrects_reads_what_each_level_means(sent, ed, sign_in):
    """As the Member's own form says it."""
    post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    theirs = page_of(sign_in(sent.people.connie).get(reverse("return_kpi", args=(PLAN, ROUND, "FJI", STATUS))))
    close_round(collection=sent.current, by=None, now=NOW)
    page = page_of(recently(sign_in(sent.people.ada)).get(at("review_correct", "FJI", STATUS)))
    meanings = [re.findall(r"<b>([^<]+)</b><small>([^<]+)</small>", each.html) for each in (theirs, page)]
    assert meanings[0] == meanings[1]
    assert [label for label, _ in meanings[1]] == [each.label for each in Standing]
    assert "Counts for this KPI." in dict(meanings[1])["In place"]
    assert ("Not answered yet" in theirs.main, "Not answered yet" in page.main) == (True, False)


def test_all_without_a_mark_are_accepted_together_and_no_other(sent, ed):
    path = at("review_kpi", STATUS)
    page = page_of(ed.get(path))
    assert page.heading == f"{STATUS}: 2 of 3 answers to decide on, Interim 2"
    australia, fiji = newest("AUS", STATUS), newest("FJI", STATUS)
    assert f'value="{token(australia)}">Accept the one answer without a mark' in page.html
    post(ed, path, accept=token(australia))
    assert (newest("AUS", STATUS).state, newest("FJI", STATUS).state) == ("accepted", "submitted")
    assert fiji.state == "submitted"


def test_what_changed_meanwhile_is_not_accepted(sent, ed):
    row = newest("FJI", STATUS)
    seen = token(row)
    Answer.objects.filter(pk=row.pk).update(edits=row.edits + 1)
    page = post(ed, at("review_member", "FJI"), accept=seen)
    assert (page.status, newest("FJI", STATUS).state) == (409, "submitted")
    assert "An answer changed after you opened this page." in page.main


@pytest.mark.parametrize("seen", ["", "x", "1", "99999999:1"])
def test_nothing_is_accepted_by_a_forged_form(sent, ed, seen):
    assert post(ed, at("review_member", "FJI"), accept=seen).status in (409, 422)
    assert not Answer.objects.filter(round__code=ROUND, organisation__code="FJI", state="accepted").exists()


def test_nobody_decides_on_their_own_work(sent, ed):
    Answer.objects.filter(pk=newest("FJI", STATUS).pk).update(entered_by=sent.people.ed)
    page = page_of(ed.get(at("review_member", "FJI")))
    assert "You entered or sent it. A colleague decides." in page.row(STATUS)
    page = post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    assert (page.status, newest("FJI", STATUS).state) == (422, "submitted")
    assert "Nobody decides on what they entered or sent themselves." in page.main


@pytest.mark.parametrize(("name", "more"), [("review_member", "FJI"), ("review_kpi", STATUS)])
def test_who_wrote_into_it_before_a_colleague_is_told_so_and_accepts_it_not_together_either(sent, ed, name, more):
    for member in ("FJI", "AUS"):
        AnswerWriter.objects.create(answer=newest(member, STATUS), person=sent.people.ed)
    page = page_of(ed.get(at(name, more)))
    own = [row for row in page.rows() if "You entered or sent it. A colleague decides." in row]
    assert len(own) == (1 if name == "review_member" else 2)
    assert not any("Accept" in row or "Return " in row for row in own)
    assert token(newest("AUS", STATUS)) not in page.html


def test_one_goes_back_with_a_reason_a_day_and_a_mail(sent, ed):
    path, row = back("FJI", STATUS), newest("FJI", STATUS)
    assert "24.01.28" in page_of(ed.get(path)).html
    seen = token(row).partition(":")[2]
    page = post(ed, path, token=seen, reason=" ", correct_by="24.01.28")
    assert (page.status, page.main.count("Say why the answer is returned.")) == (422, 2)
    page = post(ed, path, token=seen, reason="Which law?", correct_by="01.01.28")
    assert (page.status, "01.01.28 has passed. Give a day from today on." in page.main) == (422, True)
    assert "Which law?" in page.html
    assert post(ed, path, token=seen, reason="Which law?", correct_by="24.01.28").status == 302
    row.refresh_from_db()
    assert (row.state, row.decision_reason, f"{row.correct_by}") == ("returned", "Which law?", "2028-01-24")
    assert sorted(OutgoingMail.objects.values_list("to", flat=True)) == ["ali@example.org", "connie@example.org"]
    assert all("Which law?" in mail.text for mail in OutgoingMail.objects.all())


@pytest.mark.parametrize(
    ("member", "says", "mails"),
    [
        ("FJI", "Its people get a mail.", 2),
        ("AUS", "Nobody there has an account yet, so nobody gets a mail: tell them.", 0),
    ],
)
def test_whether_anybody_hears_of_it_is_said(sent, ed, member, says, mails):
    seen = token(newest(member, STATUS)).partition(":")[2]
    form = {"token": seen, "reason": "Which law?", "correct_by": "24.01.28"}
    page = page_of(ed.post(back(member, STATUS), form, follow=True))
    name = {"FJI": "Fiji", "AUS": "Australia"}[member]
    assert f"The answer of {name} to {STATUS} is returned. {says}" in page.main
    assert OutgoingMail.objects.count() == mails


def test_who_returns_what_has_changed_sees_it_and_goes_on(sent, ed):
    path, row = back("FJI", STATUS), newest("FJI", STATUS)
    page = post(ed, path, token="1.1.su", reason="Which law?", correct_by="24.01.28")
    assert (page.status, "Which law?" in page.html, "Not started" in page.main) == (409, True, True)
    seen = token(row).partition(":")[2]
    assert f'value="{seen}"' in page.html
    assert post(ed, path, token=seen, reason="Which law?", correct_by="24.01.28").status == 302


def test_an_accepted_answer_is_corrected_by_one_and_decided_on_by_another(sent, ed, sign_in):
    post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    close_round(collection=sent.current, by=None, now=NOW)
    ada, first = recently(sign_in(sent.people.ada)), newest("FJI", STATUS)
    path, seen = at("review_correct", "FJI", STATUS), token(first).partition(":")[2]
    assert post(ada, path, token=seen, answer="planned", comment="c", reason=" ").status == 422
    assert post(ada, path, token=seen, answer="planned", comment="c", reason="By telephone.").status == 302
    second = newest("FJI", STATUS)
    assert (second.version, second.state, second.on_behalf, second.correction_reason) == (
        2, "submitted", True, "By telephone.",
    )  # fmt: skip
    assert post(ada, at("review_member", "FJI"), accept=token(second)).status == 422
    first.refresh_from_db()
    assert first.state == "accepted"
    assert post(ed, at("review_member", "FJI"), accept=token(second)).status == 302
    assert newest("FJI", STATUS).state == "accepted"


def test_a_colleague_refuses_a_correction_and_the_member_is_left_alone(sent, ed, sign_in):
    post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    close_round(collection=sent.current, by=None, now=NOW)
    board = reverse("board", args=(PLAN, ROUND))
    before = page_of(ed.get(board)).row("FJI")
    correction = corrects(sent, sign_in)
    form = linked_in(page_of(ed.get(at("review_member", "FJI"))), correction.pk, "Refuse the correction")
    page = page_of(ed.get(form))
    assert page.heading == f"Refuse the correction of the answer of Fiji to {STATUS}"
    assert ("correct_by" in page.html, "A colleague corrected what was accepted: “By telephone.”" in page.main) == (
        False,
        True,
    )
    seen = token(correction).partition(":")[2]
    page = post(ed, form, token=seen, reason=" ")
    assert (page.status, page.main.count("Say why the correction is refused.")) == (422, 2)
    page = page_of(ed.post(form, {"token": seen, "reason": "It is not in force."}, follow=True))
    assert f"The correction of {STATUS} for Fiji is refused. The answer stands as it was accepted." in page.main
    assert "Not started" in page.row(STATUS)
    assert re.search(r"Accepted Not confirmed by Fiji yet Return .* Versions", page.row(STATUS))
    assert page_of(ed.get(board)).row("FJI") == before
    assert "FJI Fiji 2 3" in page_of(ed.get(at("review_queue"))).rows()
    assert OutgoingMail.objects.count() == 0


def corrects(world, sign_in, code: str = STATUS) -> Answer:
    """Ada corrects what was accepted of Fiji."""
    path, seen = at("review_correct", "FJI", code), token(newest("FJI", code)).partition(":")[2]
    ada = recently(sign_in(world.people.ada))
    assert post(ada, path, token=seen, answer="planned", comment="c", reason="By telephone.").status == 302
    return newest("FJI", code)


def test_whether_a_draft_was_left_is_seen_nowhere_and_stands_in_no_way(sent, ed, sign_in):
    """While its organisation can enter, nobody corrects for it; after that a draft makes no difference."""
    post(ed, at("review_member", "FJI"), accept=token(newest("FJI", STATUS)))
    ada = recently(sign_in(sent.people.ada))
    path, first = at("review_correct", "FJI", STATUS), newest("FJI", STATUS)
    form = {"token": token(first).partition(":")[2], "answer": "planned", "comment": "c", "reason": "By telephone."}
    sentence = "Its organisation can still change this answer. Return it with a reason instead."

    def read() -> list[str]:
        pages = (at("review_member", "FJI"), at("review_kpi", STATUS), back("FJI", STATUS), path)
        versions = reverse("return_versions", args=(PLAN, ROUND, "FJI", STATUS))
        return [page_of(ada.get(each)).main for each in (*pages, versions, at("review_queue"))]

    without = read()
    assert (sentence in without[3], " Correct " in without[0]) == (True, False)
    draft = store_draft(sent.current, "FJI", STATUS, standing="in_place", version=2, comment="ZEBRA")
    assert read() == without
    page = post(ada, path, **form)
    assert (page.status, sentence in page.main, "By telephone." in page.html) == (422, True, True)

    close_round(collection=sent.current, by=None, now=NOW)
    admit = {"submission": Submission.objects.get(round=sent.current, organisation__code="FJI"), "by": sent.people.ada}
    admit_late(until=NOW + timedelta(days=1), reason="A storm.", now=NOW, **admit)
    assert sentence in page_of(ada.get(path)).main
    end_late(now=NOW, **admit)
    assert linked_in(page_of(ada.get(at("review_member", "FJI"))), first.pk, "Correct")
    assert "Correct" not in page_of(ed.get(at("review_member", "FJI"))).row(STATUS), "the administrator does"
    assert post(ada, path, **form).status == 302
    found = Answer.objects.filter(round=sent.current, organisation__code="FJI", kpi__code=STATUS).order_by("version")
    assert [each.state for each in found] == ["accepted", "submitted", "draft"]
    assert (found[2].pk, found[2].comment) == (draft.pk, "ZEBRA")
    assert "ZEBRA" not in "".join(read())


def test_filters_stand_in_the_address(sent, ed):
    marked = page_of(ed.get(at("review_member", "FJI") + "?show=marked"))
    assert [row.split()[0] for row in marked.rows()[1:]] == ["1.1.1(b)", "2.2.2(a).1"]
    assert ed.get(at("review_member", "FJI") + "?show=zebra&page=x").status_code == 200


def test_what_does_not_exist_is_not_found(sent, ed):
    for path in (at("review_member", "XXX"), at("review_kpi", "9.9.9"), back("FJI", "9.9.9"), back("FJI", "1.1.1(a)")):
        assert ed.get(path).status_code == 404


@pytest.mark.parametrize("path", [at("review_queue"), at("review_member", "FJI"), at("review_kpi", STATUS)])
def test_it_takes_at_most_12_queries_however_many_members_there_are(sent, ed, path):
    counts = []
    for codes in ((), ("AUS", "FJI", "JPN"), ("FJI",)):
        if codes:
            leave_only(*codes)
        counts.append(queries_of(ed, path))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 12
    assert datetime(2028, 1, 1, tzinfo=UTC) < NOW


@pytest.mark.parametrize("name", ["review_queue", "board"])
def test_many_members_stand_on_several_pages(sent, ed, monkeypatch, name):
    monkeypatch.setattr(listing, "PER_PAGE", 2)
    first = page_of(ed.get(at(name)))
    second = page_of(ed.get(at(name) + "?page=2"))
    assert ("Page 1 of" in first.main, "Page 2 of" in second.main) == (True, True)
    assert 'rel="next" href="?page=2"' in first.html
    codes = [[row.split()[0] for row in page.rows() if row.split()[0] in ("AFG", "AUS", "BGD", "FJI", "JPN")]
             for page in (first, second)]  # fmt: skip
    assert codes[0]
    assert not set(codes[0]) & set(codes[1])
    assert first.heading == second.heading
    assert ed.get(at(name) + "?page=x").status_code == 200
