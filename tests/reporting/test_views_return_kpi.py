"""The form of a KPI: it asks what the KPI asks, keeps what is typed, and never overwrites anybody silently."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.test import Client

from members.models import AuditEntry
from reporting.actions.deciding import accept_answers
from reporting.actions.entry import send, send_to_approver, tokens
from reporting.models import Answer
from reporting.threads import token_of as token
from reporting.views.guides import ASKED, section

from .entering import (
    FIGURES,
    GROWING,
    HTMX,
    REGISTER,
    SHARE,
    YES_NO,
    address,
    brought,
    corrected,
    drafts,
    form_of,
    inputs,
    only,
    opened,
    post,
    typed,
)
from .looks import page_of, queries_of, stored, words
from .region import NOW
from .world import STATUS, STATUS_4, store_draft

CLOSED = "31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji)"
UNTIL = "05.02.28 (Asia/Tokyo); 06.02.28, 03:00 your time (Pacific/Fiji)"
AFTER = datetime(2028, 1, 31, 8, tzinfo=UTC)
NOTHING = {"standing": "", "participated": None, "value": None, "comment": "", "evidence_url": ""}


@pytest.fixture
def connie(world, sign_in) -> Client:
    return sign_in(world.people.connie)


@pytest.fixture
def ali(world, sign_in) -> Client:
    return sign_in(world.people.ali)


@pytest.fixture
def later(world, clock):
    """It is another moment, at which somebody has signed in anew: sessions end."""

    def move(client, now):
        clock(now)
        client.force_login(world.people.connie)

    return move


def seen(client, code=STATUS, member="FJI"):
    return page_of(client.get(form_of(code, member)))


def errors(page) -> list[str]:
    """The sentences of the summary on top."""
    found = re.search(r'<div class="errs" role="alert".*?<ul>(.*?)</ul>', page.html, re.S)
    return [re.sub("<[^>]*>", "", each) for each in re.findall(r"<li>(.*?)</li>", found[1])] if found else []


# ---------------------------------------------------------------- who reaches it


def test_a_stranger_who_reads_is_sent_to_sign_in(world, client):
    page = seen(client)
    assert (page.status, page.location.partition("?")[0]) == (302, "/accounts/login/")


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ada", 200), ("ed", 200), ("connie", 200), ("ali", 200), ("cora", 200), ("vera", 404), ("olga", 404),
        ("percy", 404), ("nobody", 404),
    ],
)  # fmt: skip
def test_who_may_see_what_was_sent(world, sign_in, name, status):
    brought(world, "submitted")
    assert seen(sign_in(world.people[name])).status == status


@pytest.mark.parametrize(
    ("code", "member"), [(STATUS, "JPN"), ("9.9.9", "FJI"), (SHARE, "FJI"), (STATUS, "XYZ"), ("%00", "FJI")]
)
def test_what_is_not_asked_of_them_is_not_there(connie, code, member):
    before = stored()["Answer"]
    assert seen(connie, code, member).status == 404
    assert post(connie, form_of(code, member), {"answer-answer": "planned"}).status == 404
    assert stored()["Answer"] == before


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ed", 403), ("cora", 403), ("vera", 404), ("percy", 404)])
def test_others_save_nothing(world, sign_in, name, status):
    brought(world, "submitted")
    before = stored()["Answer"]
    data = {"answer-answer": "in_place", "answer-token": token(only())}
    assert post(sign_in(world.people[name]), form_of(), data).status == status
    assert stored()["Answer"] == before


def test_a_regional_officer_answers_for_their_entity(world, sign_in):
    client = sign_in(world.people.olga)
    path = form_of(SHARE, "ROCB")
    page = post(client, path, typed(client, path, y2026_numerator="3", y2026_denominator="8"))
    assert (page.status, page.location) == (302, path)
    [made] = Answer.objects.filter(round=world.current, organisation__code="ROCB")
    assert (made.numerator, made.denominator, made.plan_year, made.entered_by) == (3, 8, 2026, world.people.olga)


# ---------------------------------------------------------------- what it asks


def test_each_standing_says_what_it_means_for_this_kpi(connie):
    page = seen(connie)
    labels = re.findall(r"<label for=\"id_answer-answer_\d\"><b>([^<]+)</b><small>([^<]+)</small></label>", page.html)
    assert [label for label, _ in labels] == ["Not started", "Planned", "In progress", "In place", "Not applicable"]
    assert [label for label, meaning in labels if "Counts for this KPI." in meaning] == ["In place"]
    assert len({meaning for _, meaning in labels}) == 5


@pytest.mark.parametrize(("code", "name"), [(STATUS, "answer-answer"), (YES_NO, "y2026-answer")])
def test_a_wrong_click_is_taken_back_without_a_script(connie, code, name):
    """A radio button cannot be unticked, so the last one says that there is no answer yet."""
    path = form_of(code)
    offered = re.findall(rf'name="{name}" value="(\w*)"', seen(connie, code).html)
    assert (offered[-1], offered.count("")) == ("", 1)
    assert opened(connie, path)[name] == ""
    post(connie, path, opened(connie, path) | {name: "not_applicable"})
    assert only().standing == "not_applicable"
    post(connie, path, opened(connie, path) | {name: ""})
    assert (only().standing, only().participated) == ("", None)
    assert opened(connie, path)[name] == ""
    assert "0 of " in page_of(connie.get(address())).heading


def test_yes_or_no_for_each_plan_year_beside_what_the_register_says(connie):
    page = seen(connie, YES_NO)
    assert re.findall(r"<h2 id=\"y\d+-h\">([^<]+)</h2>", page.html) == [
        "Plan year 2025/26, the base year",
        "Plan year 2026/27",
        "Plan year 2027/28",
    ]
    line = "10.11.26 OP-DRAGON: contributed, took part; you have not said whether this is right"
    assert f"You are listed in 1 operation in 2026/27. {line}" in page.main
    assert re.findall(r'name="y2026-answer" value="(\w+)"', page.html) == ["yes", "no", "not_applicable"]
    assert "Not answered yet" in page.main


def test_a_figure_with_its_unit(connie):
    page = seen(connie, FIGURES)
    assert "Counted in: " in page.main
    assert {"y2025-value", "y2026-value", "y2027-value"} <= set(opened(connie, form_of(FIGURES)))


def test_two_figures_for_a_share(world, sign_in):
    found = opened(sign_in(world.people.olga), form_of(SHARE, "ROCB"))
    assert {"y2026-numerator", "y2026-denominator"} <= set(found)
    assert "y2026-value" not in found


def test_a_register_is_attested_up_to_the_date_of_the_round(world, sign_in):
    client = sign_in(world.people.olga)
    path = form_of(REGISTER, "ROCB")
    page = page_of(client.get(path))
    assert "Yes, the register is complete up to 31.12.27" in page.main
    assert "The register lists you in 2 workshops up to 31.12.27." in page.main
    post(client, path, typed(client, path, answer_answer="complete"))
    assert only("ROCB").register_complete is True


def test_the_kpis_before_and_after(connie):
    page = seen(connie)
    before = re.search(r'rel="prev" href="([^"]+/([^/"]+)/)">Previous: ([^<]+)</a>', page.html)
    after = re.search(r'rel="next" href="([^"]+/([^/"]+)/)">Next: ([^<]+)</a>', page.html)
    assert (before[2], after[2]) == (before[3], after[3])
    assert form_of(STATUS) in page_of(connie.get(before[1])).html
    assert page.heading.startswith("2 of ") or int(page.heading.split()[0]) > 1
    assert connie.get(after[1]).status_code == 200


# ---------------------------------------------------------------- saving


@pytest.mark.parametrize(
    ("code", "says", "stored_as"),
    [
        (STATUS, {"answer_answer": "in_progress"}, {"standing": "in_progress"}),
        (STATUS, {"answer_comment": "Not sure yet."}, {"comment": "Not sure yet."}),
        (YES_NO, {"y2026_answer": "no"}, {"participated": False}),
        (YES_NO, {"y2026_answer": "not_applicable", "y2026_comment": "No sea."},
         {"standing": "not_applicable", "comment": "No sea."}),
        (FIGURES, {"y2026_value": "1,250.50"}, {"value": Decimal("1250.50")}),
        (FIGURES, {"y2026_value": "1 250"}, {"value": Decimal(1250)}),
        (FIGURES, {"y2026_not_applicable": "on"}, {"standing": "not_applicable"}),
        (STATUS, {"answer_evidence_url": "https://example.org/law"}, {"evidence_url": "https://example.org/law"}),
    ],
)  # fmt: skip
def test_a_draft_is_kept_as_it_was_typed(world, connie, code, says, stored_as):
    path = form_of(code)
    page = post(connie, path, typed(connie, path, **says))
    assert (page.status, page.location) == (302, path)
    made = only()
    assert {name: getattr(made, name) for name in NOTHING} == NOTHING | stored_as
    assert (made.state, made.version, made.entered_by, made.entered_at) == ("draft", 1, world.people.connie, NOW)
    assert "Draft saved at 21:00:00 (Pacific/Fiji)." in page_of(connie.get(path)).main


def test_all_years_of_a_kpi_are_saved_at_once(connie):
    path = form_of(YES_NO)
    post(connie, path, typed(connie, path, y2025_answer="no", y2026_answer="yes", y2027_comment="Later."))
    assert drafts() == [
        (YES_NO, 2025, "draft", 1, ""), (YES_NO, 2026, "draft", 1, ""), (YES_NO, 2027, "draft", 1, "Later.")
    ]  # fmt: skip


def test_what_was_saved_stands_in_the_form(connie):
    path = form_of(FIGURES)
    post(connie, path, typed(connie, path, y2026_value="1250.5", y2026_comment="Two\r\nlines"))
    found = opened(connie, path)
    assert (found["y2026-value"], found["y2026-comment"]) == ("1,250.5", "Two\nlines")
    before = stored()["Answer"]
    post(connie, path, found)
    assert stored()["Answer"] == before


def test_saving_nothing_stores_nothing(connie):
    post(connie, form_of(), opened(connie, form_of()))
    assert drafts() == []


def test_save_and_go_on_leads_to_the_next_one_and_at_last_to_the_check(connie):
    html = connie.get(address()).content.decode()
    codes = re.findall(r"<li><a [^>]*><b>([^<]+)</b>", html)
    page = post(connie, form_of(), typed(connie, form_of(), answer_answer="planned", next="1") | {"next": "1"})
    assert page.location == form_of(codes[codes.index(STATUS) + 1])
    last = form_of(codes[-1])
    assert post(connie, last, opened(connie, last) | {"next": "1"}).location == address("check")


def test_a_draft_is_audited(world, connie):
    before = AuditEntry.objects.count()
    post(connie, form_of(), typed(connie, form_of(), answer_answer="planned"))
    assert AuditEntry.objects.count() == before + 1
    assert AuditEntry.objects.latest("pk").actor_name == "Connie"


# ---------------------------------------------------------------- nonsense


@pytest.mark.parametrize(
    ("code", "says", "sentence"),
    [
        (FIGURES, {"y2026_value": "many"}, "“many” is not a figure; it has digits and up to two decimals"),
        (FIGURES, {"y2026_value": "-3"}, "“-3” is negative"),
        (FIGURES, {"y2026_value": "9" * 40}, "is too large"),
        (FIGURES, {"y2026_value": "1e9"}, "“1e9” is not a figure"),
        (FIGURES, {"y2026_value": "٣"}, "“٣” is not a figure"),
        (FIGURES, {"y2026_value": "3", "y2026_not_applicable": "on"}, "Either give the figure, or say that it does"),
        (STATUS, {"answer_answer": "nearly"}, "Choose one of the answers that are offered."),
        (STATUS, {"answer_comment": "x" * 5001}, "The text has 5001 characters; up to 5000 are accepted."),
        (STATUS, {"answer_comment": "a\x00b"}, "control character"),
        (
            STATUS,
            {"answer_evidence_url": "javascript:alert(1)"},
            "is not a link; a link begins with https:// or http://.",
        ),
        (STATUS, {"answer_evidence_url": "https://example.org/" + "x" * 500}, "a link has up to 500"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"headers": HTMX}], ids=["button", "by-itself"])
def test_nonsense_is_refused_in_a_sentence_and_stays(connie, code, says, sentence, headers):
    path = form_of(code)
    data = typed(connie, path, **says)
    page = post(connie, path, data, **headers)
    assert page.status == 422
    assert sentence in page.words
    assert drafts() == []
    if headers:
        assert page.html.lstrip().startswith("Not saved: ")
        return
    assert page.html.count("<title>Error: ") == 1
    assert any(sentence in each for each in errors(page))


def test_everything_typed_stays_when_one_year_is_refused_and_the_others_are_saved(connie):
    path = form_of(FIGURES)
    page = post(connie, path, typed(connie, path, y2025_value="7", y2026_value="many", y2026_comment="Count it."))
    assert page.status == 422
    assert drafts() == [(FIGURES, 2025, "draft", 1, "")]
    assert 'name="y2026-value" value="many"' in page.html
    assert "Count it.</textarea>" in page.html
    again = re.search(r'name="y2025-token" value="([^"]+)"', page.html)
    assert again[1] == token(only())


def test_more_than_there_are_in_all(world, sign_in):
    client = sign_in(world.people.olga)
    path = form_of(SHARE, "ROCB")
    page = post(client, path, typed(client, path, y2026_numerator="9", y2026_denominator="8"))
    assert (page.status, errors(page)) == (422, ["9 is more than 8, the number in all."])


def test_hidden_fields_that_are_added_change_nothing(world, connie):
    more = {
        "state": "accepted", "answer-state": "accepted", "answer-version": "9", "organisation": "JPN",
        "answer-organisation": "JPN", "entered_by": "1", "answer-unchanged": "on", "y2026-answer": "yes",
        "answer-register_complete": "on", "answer-value": "3", "plan_year": "2026", "answer-late_until": "2099-01-01",
    }  # fmt: skip
    post(connie, form_of(), typed(connie, form_of(), answer_answer="planned") | more)
    made = only()
    found = {name: getattr(made, name) for name in ("state", "version", "unchanged", "register_complete", "value")}
    assert found == {"state": "draft", "version": 1, "unchanged": False, "register_complete": False, "value": None}
    assert (made.plan_year, made.entered_by, made.organisation.code) == (None, world.people.connie, "FJI")


# ---------------------------------------------------------------- last time's answer


def test_last_times_answer_stands_beside_the_field_with_who_attested_it(connie):
    assert "Last time (Interim 1): Planned. “CANARY-new-FJI”" in seen(connie).main
    assert "accepted on 30.06.27" in seen(connie).main
    assert "Last time" not in seen(connie, FIGURES).main.partition("Plan year 2027/28")[2]


def test_unchanged_is_one_click_and_says_who_attested_it(world, connie):
    page = post(connie, form_of(), opened(connie, form_of()) | {"unchanged": "answer"})
    assert page.status == 302
    made = only()
    assert (made.standing, made.comment, made.unchanged) == ("planned", "CANARY-new-FJI", True)
    assert "Unchanged since last time, attested by Connie on 10.01.28." in seen(connie).main
    post(connie, form_of(), opened(connie, form_of()))
    assert only().unchanged is True
    post(connie, form_of(), typed(connie, form_of(), answer_answer="in_place"))
    assert only().unchanged is False


def test_unchanged_drops_nothing_that_was_typed(world, connie):
    form = typed(connie, form_of(), answer_comment="A new law.") | {"unchanged": "answer"}
    page = post(connie, form_of(), form)
    assert (page.status, "You typed something else here." in page.main, "A new law." in page.html) == (422, True, True)
    assert not Answer.objects.filter(round=world.current, organisation__code="FJI").exists()


def test_unchanged_of_one_year_repeats_that_year_alone(connie):
    path = form_of(GROWING)
    post(connie, path, typed(connie, path, y2027_value="5") | {"unchanged": "y2026"})
    found = Answer.objects.filter(round__code="interim-2028", kpi__code=GROWING).order_by("plan_year")
    assert [(each.plan_year, each.value, each.unchanged) for each in found] == [(2026, 4, True), (2027, 5, False)]


def test_nothing_to_repeat_repeats_nothing(connie):
    path = form_of(YES_NO)
    post(connie, path, opened(connie, path) | {"unchanged": "y2027"})
    assert drafts() == []


# ---------------------------------------------------------------- drafts that save themselves


def test_a_draft_that_saved_itself_is_told_when_and_goes_on(connie):
    data = typed(connie, form_of(), answer_comment="One")
    response = connie.post(form_of(), data, headers=HTMX)
    html = response.content.decode()
    assert (response.status_code, response["X-Draft"], "HX-Request" in response["Vary"]) == (200, "saved", True)
    assert "Draft saved at 21:00:00 (Pacific/Fiji)." in html
    assert "<html" not in html
    again = re.search(r'name="answer-token" value="([^"]+)" hx-swap-oob="true"', html)
    assert again[1] == token(only())
    data |= {"answer-token": again[1], "answer-comment": "One, two"}
    assert connie.post(form_of(), data, headers=HTMX).status_code == 200
    assert only().comment == "One, two"


def test_it_is_told_at_the_field_what_is_wrong_and_when_it_is_right_again(connie):
    path = form_of(FIGURES)
    data = typed(connie, path, y2026_value="many")
    wrong = connie.post(path, data, headers=HTMX)
    assert wrong["X-Draft"] == "refused"
    at_field = r'<div class="invalid-feedback" id="id_y2026-value_now" hx-swap-oob="true">(.*?)</div>'
    assert "“many” is not a figure" in re.search(at_field, wrong.content.decode())[1]
    right = connie.post(path, data | {"y2026-value": "12"}, headers=HTMX)
    assert re.search(at_field, right.content.decode())[1] == ""
    assert 'id="id_y2026-value_now"' in connie.get(path).content.decode()


def test_the_page_loads_its_scripts_late_and_lets_them_evaluate_nothing(connie):
    html = seen(connie).html
    assert re.findall(r'<script src="[^"]*?(\w+)(?:\.\w+)*?\.js"(?: defer)>', html) == ["htmx", "rsp"]
    assert '"includeIndicatorStyles":false,"allowEval":false' in html
    assert 'role="status"' in html
    assert "<script" not in page_of(connie.get(address())).html


# ---------------------------------------------------------------- two people on one answer


def test_who_saves_second_sees_both_texts(world, connie, ali):
    mine = typed(ali, form_of(), answer_answer="planned", answer_comment="Mine.")
    post(connie, form_of(), typed(connie, form_of(), answer_answer="in_place", answer_comment="Theirs."))
    page = post(ali, form_of(), mine)
    assert page.status == 409
    assert "Saved by Connie on 10.01.28, 21:00:00: In place “Theirs.”" in page.main
    assert "Mine.</textarea>" in page.html
    assert only().comment == "Theirs."


def conflict(connie, ali, code=STATUS, **more):
    """Ali is shown both texts; what a browser would send of that page."""
    says = {"answer_comment": "Mine."} | more
    mine = typed(ali, form_of(code), **says)
    post(connie, form_of(code), typed(connie, form_of(code), **dict.fromkeys(says, "Theirs.")))
    page = post(ali, form_of(code), mine)
    assert page.status == 409
    return page


def choice(page, which, key="answer"):
    """The button that keeps mine or theirs."""
    found = re.search(rf'name="({key}-keep)" value="([^"]+)">Keep {which}<', page.html)
    return {found[1]: found[2]}


def test_keep_mine(connie, ali):
    page = conflict(connie, ali)
    assert post(ali, form_of(), inputs(page.html) | choice(page, "mine")).status == 302
    assert drafts() == [(STATUS, None, "draft", 1, "Mine.")]


def test_keep_theirs(connie, ali):
    page = conflict(connie, ali)
    assert post(ali, form_of(), inputs(page.html) | choice(page, "theirs")).status == 302
    assert drafts() == [(STATUS, None, "draft", 1, "Theirs.")]


@pytest.mark.parametrize("headers", [{}, {"headers": HTMX}], ids=["button", "by-itself"])
def test_without_a_choice_nothing_is_replaced(connie, ali, headers):
    page = conflict(connie, ali)
    assert post(ali, form_of(), inputs(page.html) | {"answer-comment": "Mine, longer."}, **headers).status == 409
    assert drafts() == [(STATUS, None, "draft", 1, "Theirs.")]
    assert "hx-post" not in page.html


def test_another_change_meanwhile_is_shown_again(connie, ali):
    page = conflict(connie, ali)
    post(connie, form_of(), typed(connie, form_of(), answer_comment="Theirs, newer."))
    again = post(ali, form_of(), inputs(page.html) | choice(page, "mine"))
    assert again.status == 409
    assert "“Theirs, newer.”" in again.main
    assert "Mine.</textarea>" in again.html
    assert drafts() == [(STATUS, None, "draft", 1, "Theirs, newer.")]


def test_it_is_chosen_for_each_answer_by_itself(connie, ali):
    page = conflict(connie, ali, YES_NO, y2026_comment="Mine.", y2027_comment="Mine.", answer_comment="")
    again = post(ali, form_of(YES_NO), inputs(page.html) | choice(page, "mine", "y2026"))
    assert again.status == 409
    assert [each[1::3] for each in drafts()] == [(2026, "Mine."), (2027, "Theirs.")]
    assert "y2026-keep" not in again.html
    assert post(ali, form_of(YES_NO), inputs(again.html) | choice(again, "theirs", "y2027")).status == 302
    assert [each[4] for each in drafts()] == ["Mine.", "Theirs."]


def test_theirs_stands_in_the_form_while_the_next_one_is_chosen(connie, ali):
    page = conflict(connie, ali, YES_NO, y2026_comment="Mine.", y2027_comment="Mine.", answer_comment="")
    again = post(ali, form_of(YES_NO), inputs(page.html) | choice(page, "theirs", "y2026"))
    found = inputs(again.html)
    assert (found["y2026-comment"], found["y2027-comment"]) == ("Theirs.", "Mine.")
    assert post(ali, form_of(YES_NO), found | choice(again, "mine", "y2027")).status == 302
    assert [each[4] for each in drafts()] == ["Theirs.", "Mine."]


def test_a_draft_that_saves_itself_never_overwrites(connie, ali):
    mine = typed(ali, form_of(), answer_comment="Mine.")
    post(connie, form_of(), typed(connie, form_of(), answer_comment="Theirs."))
    response = ali.post(form_of(), mine, headers=HTMX)
    assert (response.status_code, response["X-Draft"]) == (409, "conflict")
    assert "Not saved: somebody else changed this answer." in response.content.decode()
    assert 'name="answer-token"' not in response.content.decode()
    assert only().comment == "Theirs."


def test_the_same_text_twice_is_no_conflict(connie, ali):
    mine = typed(ali, form_of(), answer_answer="planned")
    post(connie, form_of(), typed(connie, form_of(), answer_answer="planned"))
    assert post(ali, form_of(), mine).status == 302


@pytest.mark.parametrize("wrong", ["", "999.1", "nonsense", "0" * 500])
def test_a_token_of_nothing_saves_nothing_and_says_so(connie, wrong):
    page = post(connie, form_of(), {"answer-comment": "Mine.", "answer-token": wrong})
    assert page.status == 422
    assert errors(page) == ["Somebody else changed this answer after you opened it."]
    assert "Mine.</textarea>" in page.html
    assert drafts() == []


# ---------------------------------------------------------------- a draft over what was sent

DISCARD = {"discard": "answer"}


def over(client, world, state):
    """A draft over what Fiji sent; the form of it."""
    brought(world, state, comment="Sent.")
    post(client, form_of(), typed(client, form_of(), answer_answer="in_place", answer_comment="Draft."))
    assert [each[2:] for each in drafts()] == [(state, 1, "Sent."), ("draft", 2, "Draft.")]
    return opened(client, form_of())


@pytest.mark.parametrize(("state", "words"), [("accepted", "Planned. Accepted."), ("returned", "Planned. Returned.")])
def test_a_draft_over_what_was_sent_is_discarded(world, connie, state, words):
    mine = over(connie, world, state)
    assert f"This is a draft. What was sent stands until you send the draft: {words}" in seen(connie).main
    data = mine | {"answer-evidence_url": "nonsense"} | DISCARD
    page = post(connie, form_of(), data)
    assert (page.status, page.location) == (302, form_of())
    assert [each[2:] for each in drafts()] == [(state, 1, "Sent.")]
    page = seen(connie)
    assert "draft discarded. What was sent stands again." in page.main
    assert "Discard this draft" not in page.html
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name) == ("discarded", "Connie")
    assert entry.changes == {"standing": ["in_place", ""], "comment": ["Draft.", ""]}
    post(connie, form_of(), typed(connie, form_of(), answer_comment="Again."))
    assert [each[2:] for each in drafts()] == [(state, 1, "Sent."), ("draft", 2, "Again.")]


def test_a_draft_that_a_colleague_changed_is_not_discarded_unseen(world, connie, ali):
    mine = over(connie, world, "accepted")
    post(ali, form_of(), typed(ali, form_of(), answer_comment="By Ali."))
    page = post(connie, form_of(), mine | DISCARD)
    sentence = "This draft was changed or discarded after you opened it. Look at the answer again."
    assert (page.status, errors(page)) == (409, [sentence])
    assert ("By Ali.</textarea>" in page.html, drafts()[-1][4]) == (True, "By Ali.")
    assert post(connie, form_of(), inputs(page.html) | DISCARD).status == 302
    again = post(connie, form_of(), mine | DISCARD)
    assert (again.status, errors(again)) == (409, [sentence])
    assert [each[2:] for each in drafts()] == [("accepted", 1, "Sent.")]


def test_only_a_draft_over_what_was_sent_is_discarded(world, connie, ali):
    post(connie, form_of(), typed(connie, form_of(), answer_comment="First."))
    assert "Discard this draft" not in seen(connie).html
    page = post(connie, form_of(), opened(connie, form_of()) | DISCARD)
    assert (page.status, errors(page)) == (422, ["Only a draft over an answer that was sent can be discarded."])
    assert drafts()[-1][4] == "First."


@pytest.mark.parametrize(("name", "status"), [("ada", 403), ("ed", 403), ("cora", 403), ("vera", 404)])
def test_others_discard_nothing(world, connie, sign_in, name, status):
    mine, client = over(connie, world, "accepted"), sign_in(world.people[name])
    assert "Discard this draft" not in seen(client).html
    assert post(client, form_of(), mine | DISCARD).status == status
    assert len(drafts()) == 2


def test_nothing_is_discarded_after_the_round_has_closed(world, connie, later):
    mine = over(connie, world, "accepted")
    later(connie, AFTER)
    assert "Discard this draft" not in seen(connie).html
    assert (post(connie, form_of(), mine | DISCARD).status, len(drafts())) == (403, 2)


def test_one_year_is_discarded_and_the_others_are_saved(world, connie):
    for year in (2026, 2027):
        store_draft(world.current, "FJI", YES_NO, participated=True, plan_year=year)
    send_all(world)
    post(connie, form_of(YES_NO), typed(connie, form_of(YES_NO), y2026_answer="no"))
    page = post(connie, form_of(YES_NO), typed(connie, form_of(YES_NO), y2027_answer="no") | {"discard": "y2026"})
    assert page.status == 302
    assert [each[1:4] for each in drafts()] == [(2026, "accepted", 1), (2027, "accepted", 1), (2027, "draft", 2)]


def send_all(world):
    """All drafts of Fiji are sent and accepted."""
    found = Answer.objects.filter(round=world.current, organisation__code="FJI")
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    send(submission=submission, seen=tokens(found), by=world.people.ali, now=NOW)
    accept_answers(seen=tokens(found.all()), by=world.people.ed, now=NOW)


# ---------------------------------------------------------------- what cannot be changed


def test_a_contributor_changes_nothing_that_waits_for_the_approver(world, connie, ali):
    """Another answer is still a draft, and the form of this one was opened before."""
    path = form_of()
    made = brought(world, "draft", comment="First.")
    mine = typed(connie, path, answer_comment="Changed.")
    send_to_approver(submission=made.submission, seen=tokens([made]), by=world.people.connie, now=NOW)
    brought(world, "draft", STATUS_4)
    for more in (mine, mine | {"answer-token": token(on(STATUS))}, mine | {"answer-keep": token(on(STATUS))}):
        for headers in ({}, {"headers": HTMX}):
            page = post(connie, path, more, **headers)
            assert page.status == 403
            assert "This answer waits for your approver, who can change it or send it back to you." in page.words
    assert on(STATUS).comment == "First."
    assert "Changed.</textarea>" in post(connie, path, mine).html
    assert post(ali, path, typed(ali, path, answer_comment="By Ali.")).status == 302
    assert (on(STATUS).comment, on(STATUS).state) == ("By Ali.", "awaiting_approval")


def on(code):
    return Answer.objects.get(round__code="interim-2028", organisation__code="FJI", kpi__code=code)


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        ("awaiting_approval", "This answer waits for your approver, who can change it or send it back to you."),
        ("submitted", "This answer was sent and is not decided yet. Your approver can take it back."),
    ],
)
def test_a_locked_answer_is_shown_with_the_reason(world, connie, state, sentence):
    brought(world, state, comment="Ours.")
    page = seen(connie)
    assert sentence in page.main
    assert "“Ours.”" in page.main
    assert "answer-comment" not in page.html
    assert "Save draft" not in page.html
    assert "htmx" not in page.html
    assert post(connie, form_of(), {}).status == 403


def test_a_locked_answer_that_nobody_can_take_back_says_why(world, connie):
    """One was sent; then the round is closed, and the secretariat corrects another."""
    brought(world, "submitted", STATUS_4)
    begins = "This answer was sent and is not decided yet."
    assert f"{begins} Your approver can take it back." in seen(connie, STATUS_4).main
    corrected(world)
    closed = "This round closed on 10.01.28, 18:00 (Asia/Tokyo); 10.01.28, 21:00 your time (Pacific/Fiji)."
    assert f"{begins} {closed} The secretariat can let you in late." in seen(connie, STATUS_4).main
    assert f"{begins} The secretariat entered this version and decides on it." in seen(connie).main


def test_a_correction_of_what_was_accepted_is_another_version(world, connie):
    brought(world, "accepted", comment="Old.")
    post(connie, form_of(), typed(connie, form_of(), answer_comment="New."))
    assert drafts() == [(STATUS, None, "accepted", 1, "Old."), (STATUS, None, "draft", 2, "New.")]


def test_a_returned_answer_is_corrected_until_its_date_though_the_round_has_closed(world, connie, later):
    brought(world, "returned")
    later(connie, AFTER)
    page = seen(connie)
    assert "The secretariat returned this answer: Which law?" in page.main
    assert f"You can correct it until the end of {UNTIL}." in page.main
    assert post(connie, form_of(), typed(connie, form_of(), answer_comment="This law.")).status == 302
    assert drafts()[-1] == (STATUS, None, "draft", 2, "This law.")
    other = post(connie, form_of(STATUS_4), {"answer-comment": "Too late.", "answer-token": "0"})
    assert other.status == 403
    mine = typed(connie, form_of(), answer_comment="Later.")
    later(connie, datetime(2028, 2, 5, 15, tzinfo=UTC))
    page = post(connie, form_of(), mine)
    assert page.status == 403
    assert f"This answer could be corrected until the end of {UNTIL}." in page.main
    assert len(drafts()) == 2


def test_the_round_closes_while_somebody_types(connie, later):
    mine = typed(connie, form_of(), answer_comment="Nearly.")
    later(connie, AFTER - timedelta(microseconds=1))
    assert post(connie, form_of(), mine).status == 302
    mine = typed(connie, form_of(), answer_comment="Too late.")
    later(connie, AFTER)
    sentence = f"This round closed on {CLOSED}. The secretariat can let you in late."
    page = post(connie, form_of(), mine)
    assert (page.status, errors(page)) == (403, [sentence])
    assert "Too late.</textarea>" in page.html
    by_itself = connie.post(form_of(), mine, headers=HTMX)
    assert (by_itself.status_code, by_itself["X-Draft"]) == (403, "refused")
    assert sentence in by_itself.content.decode()
    assert only().comment == "Nearly."


def test_who_was_let_in_late_goes_on(world, connie, later):
    world.current.submissions.filter(organisation__code="FJI").update(
        late_until=AFTER + timedelta(days=1), late_reason="A storm."
    )
    later(connie, AFTER)
    assert "You can fill in and send until 01.02.28, 17:00 (Asia/Tokyo)" in seen(connie).main
    assert post(connie, form_of(), typed(connie, form_of(), answer_answer="planned")).status == 302
    later(connie, AFTER + timedelta(days=1))
    assert post(connie, form_of(), {"answer-comment": "x", "answer-token": token(only())}).status == 403


def test_a_right_that_is_taken_away_is_gone_at_the_next_request(world, connie):
    mine = typed(connie, form_of(), answer_comment="Mine.")
    world.people.connie.roles.all().delete()
    assert post(connie, form_of(), mine).status == 404
    assert drafts() == []


# ---------------------------------------------------------------- signed out meanwhile


def test_the_session_ends_while_somebody_types(world, connie):
    mine = typed(connie, form_of(), answer_answer="planned", answer_comment="Long <b>work</b>.")
    connie.logout()
    page = post(connie, form_of(), mine)
    assert page.status == 403
    assert "You are signed out, or you signed in again after you opened the form. Nothing was saved." in page.main
    assert "Long &lt;b&gt;work&lt;/b&gt;.</textarea>" in page.html
    by_itself = connie.post(form_of(), mine, headers=HTMX)
    assert (by_itself.status_code, by_itself["X-Draft"]) == (403, "signed out")
    assert "Not saved: you are signed out." in by_itself.content.decode()
    assert drafts() == []


def test_signed_in_again_with_the_form_of_before(world, connie):
    """The proof of where the form comes from is an old one then."""
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(world.people.connie)
    mine = typed(connie, form_of(), answer_comment="Long work.") | {"csrfmiddlewaretoken": "x" * 64, "password": "no"}
    page = post(strict, form_of(), mine)
    assert page.status == 403
    assert "Long work.</textarea>" in page.html
    assert ">no</textarea>" not in page.html
    assert post(strict, address("send"), mine).status == 403


# ---------------------------------------------------------------- drafts are their own


def test_nobody_else_sees_a_draft_over_what_was_sent(world, sign_in, connie):
    brought(world, "accepted", comment="Sent.")
    post(connie, form_of(), typed(connie, form_of(), answer_comment="CANARY-draft"))
    for name in ("ada", "ed", "cora"):
        page = seen(sign_in(world.people[name]))
        assert page.status == 200
        assert "“Sent.”" in page.main
        assert "CANARY-draft" not in page.html
        assert "Only the people of Fiji enter this answer." in page.main


# ---------------------------------------------------------------- how much it asks of the database


@pytest.mark.parametrize("code", [STATUS, YES_NO, FIGURES])
def test_it_takes_few_queries(world, connie, code):
    queries_of(connie, form_of(code))
    few = queries_of(connie, form_of(code))
    assert few <= 12
    brought(world, "returned", STATUS)
    for year in (2025, 2026, 2027):
        store_draft(world.current, "FJI", YES_NO, participated=True, plan_year=year)
    assert queries_of(connie, form_of(code)) == few


# ---------------------------------------------------------------- help beside it


def help_on(page) -> list[str]:
    """The headings of the help beside the form."""
    found = re.search(r'<aside id="help".*?</aside>', page.html, re.S)
    return re.findall("<h3>(.*?)</h3>", found[0]) if found else []


@pytest.mark.parametrize(
    ("code", "asked"),
    [
        (STATUS, "A level"), (YES_NO, "Yes or no"), (FIGURES, "A figure"), (GROWING, "A figure"),
        ("1.3.1(c)", "A complete register"), ("1.1.2(c)", "A complete register"),
    ],
)  # fmt: skip
def test_help_for_this_kind_of_question_stands_beside_the_form(connie, code, asked):
    page = seen(connie, code)
    help_here = help_on(page)
    assert [each for each in help_here if each in ASKED.values()] == [asked]
    assert help_here[-3:] == ["Not applicable", "Comment and evidence", "Saved by itself"]
    assert words(section("members", asked)) in page.main
    assert 'href="#help"' in page.html


def test_help_is_about_what_one_can_do_here(world, connie):
    assert help_on(seen(connie)) == ["A level", "Unchanged", *help_on(seen(connie))[2:]]
    assert "Unchanged" not in help_on(seen(connie, "1.1.1(a)"))
    brought(world, "returned")
    assert help_on(seen(connie))[0] == "If an answer comes back"


def test_who_cannot_change_it_gets_no_help_with_the_form(world, connie, sign_in):
    brought(world, "submitted")
    for client in (connie, sign_in(world.people.ada)):
        page = seen(client)
        assert (page.status, help_on(page), 'href="#help"' in page.html) == (200, [], False)


def test_the_form_says_what_the_secretariat_corrected(world, connie, sign_in):
    corrected(world)
    said = "The secretariat corrected this answer. It said: Planned. It says now: In place . The reason: By telephone"
    assert said in page_of(connie.get(form_of())).main
    assert said not in page_of(sign_in(world.people.ed).get(form_of())).main
