"""A return is checked, handed to the approver, sent with a receipt, taken back; all versions stay readable."""

import re
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.urls import reverse

from reporting.actions import close_round
from reporting.models import Answer, Receipt
from reporting.seen import written

from .entering import FIGURES, REGISTER, SHARE, YES_NO
from .looks import Page, page_of, queries_of
from .region import NOW, PLAN, answer, leave_only
from .world import store_draft


def at(name: str, *more: object, member: str = "FJI") -> str:
    return reverse(name, args=(PLAN, "interim-2028", member, *more))


@pytest.fixture
def connie(world, sign_in):
    return sign_in(world.people.connie)


@pytest.fixture
def ali(world, sign_in):
    return sign_in(world.people.ali)


def fill_in(client, code: str, answer: str = "in_place", comment: str = "So it is.") -> None:
    path = at("return_kpi", code)
    token = re.search(r'name="answer-token" value="([^"]+)"', client.get(path).content.decode())
    data = {"answer-token": token[1], "answer-answer": answer, "answer-comment": comment}
    assert client.post(path, data).status_code == 302


def seen_on(client, button: str) -> str:
    """What the form of a button carries."""
    html = client.get(at("return_check")).content.decode()
    form = next(each for each in re.findall(r"<form.*?</form>", html, re.S) if button in each)
    return re.search(r'name="seen" value="([^"]*)"', form)[1]


def press(client, name: str, **data) -> Page:
    return page_of(client.post(at(name), data))


def stored(code: str) -> Answer:
    return Answer.objects.filter(round__code="interim-2028", organisation__code="FJI", kpi__code=code).latest("version")


def test_checking_shows_every_answer_and_says_what_is_missing(world, connie):
    fill_in(connie, "1.1.1(a)")
    page = page_of(connie.get(at("return_check")))
    assert sum("? Not answered Not answered" in row for row in page.rows()) == 120
    assert page.row("1.1.1(a)").endswith("In place “So it is.” Draft Change the answer to 1.1.1(a)")
    assert ("Send to the approver" in page.html, "Send to the secretariat" in page.html) == (True, False)


def test_the_whole_way_with_two_people(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    fill_in(connie, "1.1.1(b)", "planned")
    assert press(connie, "return_to_approver", seen=seen_on(connie, "Send to the approver")).status == 302
    assert stored("1.1.1(a)").state == "awaiting_approval"
    page = page_of(connie.get(at("return_check")))
    assert "wait for the approver" in page.main or "wait for your approver" in page.main
    page = press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat"))
    assert page.location == at("return_receipt", 1)
    receipt = page_of(ali.get(page.location))
    assert receipt.heading == "Receipt INTERIM-2028-FJI-1"
    assert "Fiji sent 2 answers for Interim 2, as at 31.12.27." in receipt.main
    assert "10.01.28, 18:00 (Asia/Tokyo); 10.01.28, 21:00 your time (Pacific/Fiji) by Ali" in receipt.main
    assert receipt.row("1.1.1(b)").endswith("Planned “So it is.”")


def test_a_second_click_finds_the_same_receipt(world, ali):
    fill_in(ali, "1.1.1(a)")
    seen = seen_on(ali, "Send to the secretariat")
    first, second = press(ali, "return_send", seen=seen), press(ali, "return_send", seen=seen)
    assert first.location == second.location == at("return_receipt", 1)
    assert Receipt.objects.count() == 1


def test_what_changed_meanwhile_is_not_sent_unseen(world, connie, ali):
    fill_in(ali, "1.1.1(a)")
    seen = seen_on(ali, "Send to the secretariat")
    fill_in(connie, "1.1.1(a)", "planned", "No, so.")
    page = press(ali, "return_send", seen=seen)
    assert (page.status, stored("1.1.1(a)").state) == (409, "draft")
    assert "The answers changed after you opened this page." in page.main
    assert "No, so." in page.main


@pytest.mark.parametrize("seen", ["", "nonsense", "1:2 3", "9" * 30 + ":x", "٣:1", "\0:1"])
def test_a_form_that_somebody_forged_sends_nothing(world, ali, seen):
    fill_in(ali, "1.1.1(a)")
    page = press(ali, "return_send", seen=seen)
    assert (page.status, stored("1.1.1(a)").state) == (409, "draft")


WHY = "Say in the comment why this does not apply."


def summary(page: Page) -> str:
    found = re.search(r'<div class="errs".*?</ul></div>', page.html, re.S)
    return found[0] if found else ""


def test_not_applicable_without_a_reason_is_not_sent(world, ali):
    fill_in(ali, "1.1.1(a)", "not_applicable", "")
    page = press(ali, "return_send", seen=written([stored("1.1.1(a)")]))
    assert (page.status, stored("1.1.1(a)").state) == (422, "draft")
    assert "<title>Error: " in page.html
    assert summary(page).count(f"1.1.1(a): {WHY}") == 1
    assert WHY in page.row("1.1.1(a)")


def test_each_fault_is_linked_to_the_form_where_it_is_mended(world, ali):
    """Already when the answers are checked, before anybody presses a button."""
    fill_in(ali, "1.1.1(a)", "not_applicable", "")
    fill_in(ali, "1.1.1(b)")
    store_draft(world.current, "FJI", YES_NO, plan_year=2027, standing="not_applicable")
    page = page_of(ali.get(at("return_check")))
    assert (page.status, "<title>Error: " in page.html) == (200, True)
    linked = re.findall(r'<a href="([^"]+)">([^<]+)</a>', summary(page))
    assert linked == [
        (f"{at('return_kpi', '1.1.1(a)')}#answer-wrong", f"1.1.1(a): {WHY}"),
        (f"{at('return_kpi', YES_NO)}#y2027-wrong", f"{YES_NO} for 2027/28: {WHY}"),
    ]
    for path, _ in linked:
        address, _, place = path.partition("#")
        assert f'id="{place}"' in ali.get(address).content.decode()


@pytest.mark.parametrize(
    ("code", "year", "says", "sentence"),
    [
        ("1.1.1(a)", None, {}, "Choose an answer."),
        (YES_NO, 2027, {}, "Choose an answer."),
        (REGISTER, None, {}, "Choose an answer."),
        (FIGURES, 2027, {}, "Give the figure."),
        (SHARE, 2027, {}, "Give both numbers."),
        (SHARE, 2027, {"denominator": 8}, "Give both numbers."),
        (SHARE, 2027, {"standing": "not_applicable", "comment": ""}, WHY),
        ("1.1.1(a)", None, {"participated": True}, "The question was changed after you answered it. Answer it again."),
    ],
)
def test_what_is_missing_is_said_in_plain_words(world, sign_in, code, year, says, sentence):
    """With the code once, and without the names that a file has."""
    member, who = ("ROCB", "olga") if code in (REGISTER, SHARE) else ("FJI", "ali")
    store_draft(world.current, member, code, plan_year=year, **({"comment": "Soon."} | says))
    page = page_of(sign_in(world.people[who]).get(at("return_check", member=member)))
    name = f"{code} for {year}/{year - 1999}" if year else code
    assert re.findall(r">([^<>]+)</a></li>", summary(page)) == [f"{name}: {sentence}"]


def test_a_comment_without_an_answer_stays_a_draft_too(world, ali):
    fill_in(ali, "1.1.1(a)", "", "Not sure yet.")
    page = page_of(ali.get(at("return_check")))
    assert "Not complete: 1.1.1(a). It stays a draft. There is nothing to send." in page.main
    fill_in(ali, "1.1.1(b)")
    page = page_of(ali.get(at("return_check")))
    assert "Not complete: 1.1.1(a). It stays a draft: you send the rest, and this one" in page.main


def test_what_was_taken_away_again_is_not_answered_and_not_wrong(world, connie):
    fill_in(connie, "1.1.1(a)")
    fill_in(connie, "1.1.1(a)", "", "")
    page = page_of(connie.get(at("return_check")))
    assert (stored("1.1.1(a)").state, summary(page)) == ("draft", "")
    assert "Not answered Not answered" in page.row("1.1.1(a)")


def test_what_is_not_complete_stays_a_draft_and_the_rest_is_sent(world, connie, ali):
    fill_in(ali, "1.1.1(a)", "not_applicable", "")
    for client, button in ((connie, "Send to the approver"), (ali, "Send to the secretariat")):
        page = page_of(client.get(at("return_check")))
        assert (
            "Not complete: 1.1.1(a). It stays a draft. There is nothing to send until an answer is complete."
            in page.main
        )
        assert button not in page.html
    fill_in(ali, "1.1.1(b)")
    page = page_of(ali.get(at("return_check")))
    assert (
        "Not complete: 1.1.1(a). It stays a draft: you send the rest, and this one when it is corrected." in page.main
    )
    assert press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat")).status == 302
    assert (stored("1.1.1(a)").state, stored("1.1.1(b)").state) == ("draft", "submitted")
    [line] = Receipt.objects.get().content
    assert line["kpi"] == "1.1.1(b)"


def test_what_a_colleague_begins_meanwhile_stays_a_draft(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    to_approver = seen_on(connie, "Send to the approver")
    fill_in(ali, "1.1.1(b)")
    assert press(connie, "return_to_approver", seen=to_approver).status == 302
    assert (stored("1.1.1(a)").state, stored("1.1.1(b)").state) == ("awaiting_approval", "draft")
    seen = seen_on(ali, "Send to the secretariat")
    fill_in(connie, "1.1.1(c)")
    first, second = press(ali, "return_send", seen=seen), press(ali, "return_send", seen=seen)
    assert first.location == second.location == at("return_receipt", 1)
    assert [stored(code).state for code in ("1.1.1(a)", "1.1.1(b)", "1.1.1(c)")] == ["submitted", "submitted", "draft"]


def test_what_the_approver_left_incomplete_can_still_go_back(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    press(connie, "return_to_approver", seen=seen_on(connie, "Send to the approver"))
    fill_in(ali, "1.1.1(a)", "not_applicable", "")
    assert press(ali, "return_send_back", note="Why?", seen=seen_on(ali, "Send back to the")).status == 302
    assert stored("1.1.1(a)").state == "draft"


def test_nothing_wrong_is_no_summary(world, ali):
    fill_in(ali, "1.1.1(a)")
    page = page_of(ali.get(at("return_check")))
    assert (summary(page), "<title>Error: " in page.html) == ("", False)


def test_one_looks_at_what_is_missing_or_wrong_alone(world, ali):
    fill_in(ali, "1.1.1(a)", "not_applicable", "")
    fill_in(ali, "1.1.1(b)")
    everything = page_of(ali.get(at("return_check")))
    many = len([row for row in everything.rows() if row])
    for show, words in (("missing", "Not answered"), ("faults", "To correct 1")):
        assert f'href="{at("return_check")}?show={show}"' in everything.html
        assert words in everything.main
    missing = page_of(ali.get(at("return_check") + "?show=missing"))
    assert {"1.1.1(a)", "1.1.1(b)"}.isdisjoint(row.split()[0] for row in missing.rows() if row)
    assert 100 < len([row for row in missing.rows() if row]) < many
    wrong = page_of(ali.get(at("return_check") + "?show=faults"))
    assert [row.split()[0] for row in wrong.rows() if row.split()[0] != "KPI"] == ["1.1.1(a)"]
    assert page_of(ali.get(at("return_check") + "?show=zebra")).rows() == everything.rows()


def test_one_sends_only_what_one_sees(world, ali):
    fill_in(ali, "1.1.1(a)")
    page = page_of(ali.get(at("return_check") + "?show=missing"))
    assert ('name="seen"' in page.html, "Show all answers to send them" in page.main) == (False, True)
    assert "Nothing here" in page_of(ali.get(at("return_check") + "?show=faults")).main


def test_nothing_to_send_says_so(world, ali):
    page = press(ali, "return_send", seen="")
    assert (page.status, "There is no answer to send. Fill in at least one." in page.main) == (422, True)


def test_the_approver_sends_back_with_a_note(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    press(connie, "return_to_approver", seen=seen_on(connie, "Send to the approver"))
    seen = seen_on(ali, "Send back to the contributor")
    for note, sentence in (
        (" ", "Say what the contributor should change."),
        ("long " * 2000, "up to 5000 are accepted"),
    ):
        page = press(ali, "return_send_back", note=note, seen=seen)
        assert (page.status, page.main.count(sentence)) == (422, 2)
        assert re.search(r'<a href="#note">[^<]*' + re.escape(sentence), summary(page))
        assert re.search(r'id="note_error">.*?' + re.escape(sentence), page.html, re.S)
        assert re.search(r'<textarea[^>]* id="note"[^>]*>\s*' + note.strip()[:9], page.html)
    assert press(ali, "return_send_back", note="Which law?", seen=seen).status == 302
    assert stored("1.1.1(a)").state == "draft"
    assert "Your approver asks you to change something: Which law?" in page_of(connie.get(at("return_tasks"))).main


def test_nothing_goes_back_that_changed_meanwhile_and_the_note_stays(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    press(connie, "return_to_approver", seen=seen_on(connie, "Send to the approver"))
    seen = seen_on(ali, "Send back to the contributor")
    fill_in(ali, "1.1.1(a)", "planned", "Other words.")
    page = press(ali, "return_send_back", note="Which law?", seen=seen)
    assert (page.status, stored("1.1.1(a)").state) == (409, "awaiting_approval")
    assert "The answers changed after you opened this page. Look at them again." in summary(page)
    assert ("Which law?</textarea>" in page.html, "Other words." in page.main) == (True, True)
    assert press(ali, "return_send_back", note="Which law?", seen=seen_on(ali, "Send back to the")).status == 302


def test_a_note_that_was_typed_while_the_session_ended_is_shown_again(world, connie, ali):
    fill_in(connie, "1.1.1(a)")
    press(connie, "return_to_approver", seen=seen_on(connie, "Send to the approver"))
    data = {"note": "Which law?\nSince when?", "seen": "SEEN", "csrfmiddlewaretoken": "PROOF"}
    ali.logout()
    check = f"http://testserver{at('return_check')}"
    page = page_of(ali.post(at("return_send_back"), data, headers={"Referer": check}))
    assert (page.status, stored("1.1.1(a)").state) == (403, "awaiting_approval")
    assert re.search(r"<label[^>]*>Note</label><textarea[^>]*>\s*Which law\?\nSince when\?</textarea>", page.html)
    assert ("SEEN" in page.html, "PROOF" in page.html) == (False, False)
    assert (f'href="{check}"' in page.html, 'href="/accounts/login/"' in page.html) == (True, True)
    page = page_of(ali.post(at("return_withdraw"), {"answer": "7"}, headers={"Referer": "http://elsewhere.test/"}))
    assert (page.status, page.heading, "<textarea" in page.html) == (403, "Nothing was saved", False)
    assert "elsewhere" not in page.html


def test_an_answer_is_taken_back_while_nobody_decided(world, ali):
    fill_in(ali, "1.1.1(a)")
    press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat"))
    assert press(ali, "return_withdraw").status == 422
    assert press(ali, "return_withdraw", answer="x").status == 422
    assert press(ali, "return_withdraw", answer="9" * 5000).status == 422
    assert press(ali, "return_withdraw", answer=str(stored("1.1.1(a)").pk)).status == 302
    assert stored("1.1.1(a)").state == "draft"


def test_after_the_closing_it_says_why_nothing_can_be_sent(world, ali, clock):
    fill_in(ali, "1.1.1(a)")
    seen = seen_on(ali, "Send to the secretariat")
    close_round(collection=world.current, by=None, now=NOW)
    page = page_of(ali.get(at("return_check")))
    closed = "10.01.28, 18:00 (Asia/Tokyo); 10.01.28, 21:00 your time (Pacific/Fiji)"
    assert f"This round closed on {closed}. The secretariat can let you in late." in page.main
    assert "Send to the secretariat" not in page.html
    page = press(ali, "return_send", seen=seen)
    assert (page.status, f"This round closed on {closed}." in page.main) == (403, True)
    assert stored("1.1.1(a)").state == "draft"


@pytest.mark.parametrize("name", ["return_send", "return_to_approver", "return_send_back", "return_withdraw"])
def test_what_changes_something_takes_a_post(world, ali, name):
    """Reading the address, such as that of a refusal once more, leads to the answers."""
    before = list(Answer.objects.values_list("pk", "state", "edits"))
    page = ali.get(at(name))
    assert (page.status_code, page["Location"]) == (302, at("return_check"))
    assert list(Answer.objects.values_list("pk", "state", "edits")) == before


def test_a_receipt_keeps_what_was_sent_whatever_comes_later(world, connie, ali, sign_in):
    fill_in(ali, "1.1.1(a)")
    press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat"))
    press(ali, "return_withdraw", answer=str(stored("1.1.1(a)").pk))
    fill_in(ali, "1.1.1(a)", "planned", "Other words.")
    page = page_of(connie.get(at("return_receipt", 1)))
    assert ("So it is." in page.main, "Other words." in page.main) == (True, False)
    assert connie.get(at("return_receipt", 2)).status_code == 404
    assert sign_in(world.people.vera).get(at("return_receipt", 1)).status_code == 404


def test_all_versions_stand_side_by_side(world, ali, sign_in):
    from reporting.actions.deciding import return_answer
    from reporting.threads import token_of

    fill_in(ali, "1.1.1(a)", comment="The law of 2019 says so.")
    press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat"))
    answer = stored("1.1.1(a)")
    back = {"reason": "Which law?", "correct_by": date(2028, 2, 1), "by": world.people.ed, "now": NOW}
    return_answer(answer=answer, seen=token_of(answer), **back)
    fill_in(ali, "1.1.1(a)", comment="The law of 2021 says so.")
    page = page_of(ali.get(at("return_versions", "1.1.1(a)")))
    assert "Version 1: Returned" in page.main
    assert "Version 2: Draft" in page.main
    assert "The reason: Which law?" in page.main
    assert ("gone: </span>2019</del>" in page.html, "new: </span>2021</ins>" in page.html) == (True, True)
    others = page_of(sign_in(world.people.ed).get(at("return_versions", "1.1.1(a)")))
    assert ("Version 1: Returned" in others.main, "2021" in others.main) == (True, False)


def test_it_takes_as_many_queries_for_many_drafts_as_for_one(world, ali):
    fill_in(ali, "1.1.1(a)")
    one = queries_of(ali, at("return_check"))
    for code in ("1.1.1(b)", "1.1.1(c)", "1.1.2(a)"):
        fill_in(ali, code)
    assert queries_of(ali, at("return_check")) == one <= 12


@pytest.mark.parametrize("name", ["return_check", "return_receipt", "return_versions"])
def test_it_takes_at_most_12_queries_however_many_members_there_are(world, ali, name):
    fill_in(ali, "1.1.1(a)")
    press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat"))
    more = {"return_receipt": (1,), "return_versions": ("1.1.1(a)",)}.get(name, ())
    counts = []
    for codes in ((), ("CHN", "FJI", "JPN"), ("FJI",)):
        if codes:
            leave_only(*codes)
        counts.append(queries_of(ali, at(name, *more)))
    assert counts == [counts[0]] * 3
    assert counts[0] <= 12
    assert datetime(2028, 1, 1, tzinfo=UTC) < NOW


# ---------------------------------------------------------------- figures that are asked about


@pytest.mark.parametrize(
    ("figures", "sentences"),
    [
        ({2025: 10, 2026: 25}, ["You said 10 in 2025/26. Is 25 right?"]),
        (
            {2025: 10, 2026: 4},
            [
                "You said 10 in 2025/26. Is 4 right?",
                "It is less than in 2025/26, the year before the plan (10). Is that right?",
            ],
        ),
        ({2025: 10, 2026: 9}, ["It is less than in 2025/26, the year before the plan (10). Is that right?"]),
        ({2025: 10, 2026: 20, 2027: 21}, []),
        ({2025: 0, 2026: 5}, ["You said 0 in 2025/26. Is 5 right?"]),
        ({2026: 500}, []),
    ],
)
def test_a_figure_that_jumps_or_falls_is_asked_about_before_it_is_sent(world, ali, figures, sentences):
    Answer.objects.filter(organisation__code="FJI", kpi__code=FIGURES).delete()
    for year, value in figures.items():
        store_draft(world.current, "FJI", FIGURES, plan_year=year, value=Decimal(value))
    page = page_of(ali.get(at("return_check")))
    assert re.findall(r'<span class="mark jump">([^<]*)</span>', page.html) == sentences
    seen = {"seen": seen_on(ali, "Send to the secretariat")}
    if sentences:
        refused = press(ali, "return_send", **seen)
        assert (refused.status, "tick that the figures are right" in refused.main) == (422, True)
        assert not Receipt.objects.exists()
        seen["looked"] = "1"
    assert press(ali, "return_send", **seen).status == 302
    assert Receipt.objects.get().submission.organisation.code == "FJI"


def test_a_figure_is_compared_with_what_was_said_of_its_year_before(world, ali):
    store_draft(world.current, "FJI", FIGURES, plan_year=2026, value=Decimal(25))
    assert "You said 7,777.5 last time. Is 25 right?" in page_of(ali.get(at("return_check"))).main


@pytest.mark.parametrize(
    ("value", "sentences"),
    [
        (3, ["You said 1 in 2025/26. Is 3 right?"]),
        (9, ["You said 2 last time and 1 in 2025/26. Is 9 right?"]),
        (2, []),
    ],
)
def test_a_figure_is_compared_with_its_own_year_and_with_the_year_before(world, ali, value, sentences):
    Answer.objects.filter(organisation__code="FJI", kpi__code=FIGURES).delete()
    answer(world.baseline, "FJI", FIGURES, 2025, value=Decimal(1))
    answer(world.interim, "FJI", FIGURES, 2026, value=Decimal(2))
    store_draft(world.current, "FJI", FIGURES, plan_year=2026, value=Decimal(value))
    page = page_of(ali.get(at("return_check")))
    assert re.findall(r'<span class="mark jump">([^<]*)</span>', page.html) == sentences


def test_the_figures_that_are_asked_about_stand_on_top_with_the_ways_to_their_rows(world, ali):
    Answer.objects.filter(organisation__code="FJI", kpi__code=FIGURES).delete()
    address = at("return_check")
    assert "asked about" not in page_of(ali.get(address)).main.replace("Asked about 0", "")
    for year, value in {2025: 10, 2026: 25, 2027: 4}.items():
        store_draft(world.current, "FJI", FIGURES, plan_year=year, value=Decimal(value))
    page = page_of(ali.get(address))
    assert "2 figures are asked about. Look at them before you send:" in page.main
    assert "Asked about 2" in page.main
    html = press(ali, "return_send", seen=seen_on(ali, "Send to the secretariat")).html
    both = f"{FIGURES} for 2026/27 and {FIGURES} for 2027/28"
    assert f'<a href="#looked">Look at {both} once more, and tick that the figures are right.</a>' in html
    assert 'id="looked"' in html
    anchors = re.findall(rf'<li><a href="(#a\d+-20\d\d)">{re.escape(FIGURES)}[^<]*</a>', page.html)
    assert len(anchors) == 2
    for each in anchors:
        assert page.html.count(f'<tr id="{each[1:]}">') == 1
    limited = page_of(ali.get(f"{address}?show=asked"))
    assert len(re.findall(r'<span class="mark jump">', limited.html)) == 3
    assert limited.html.count("<tr id=") == 2
    assert limited.html.count('<th class="c" scope="row">') == 2
    assert f'href="{address}?show=asked" aria-current="true"' in limited.html
    elsewhere = page_of(ali.get(f"{address}?show=missing"))
    assert [f'href="{address}?show=asked{each}"' in elsewhere.html for each in anchors] == [True, True]
