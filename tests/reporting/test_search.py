"""One search over the plan, the organisations, the answers and the register, within what one may see."""

import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.core.cache import caches
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from members.permissions import may
from reporting.actions.entry import save_draft
from reporting.models import UNSAID, Answer, Arrangement, ArrangementVersion, Plurilateral, Round, Submission
from reporting.questions import questions_of
from reporting.searching import MOST, Wanted, fold, marked, snippet
from tests.members.signing_in import recently
from tests.workplan.test_amendments import Desk, new_kpi
from workplan.choices import Kind

from .looks import Page, page_of, queries_of, words
from .region import NOW, PLAN, activity, answer, arrangement, collect, org
from .world import STATUS

READERS = ("ada", "ed", "connie", "ali", "cora", "vera", "olga", "percy")


def sought(client, text: str, **more) -> Page:
    return page_of(client.get(reverse("search", args=(PLAN,)), {"q": text} | more))


def kind(page: Page, name: str) -> list[tuple[str, str]]:
    """The hits of a kind: address and words."""
    found = re.search(rf'<section aria-labelledby="in-{name}">(.*?)</section>', page.html, re.S)
    rows = re.findall(r"<li>(.*?)</li>", found[1], re.S) if found else []
    return [("".join(re.findall(r'^<a href="([^"]*)"', row)), plain(row)) for row in rows]


def plain(html: str) -> str:
    """Words, those that are marked in part as one."""
    return words(re.sub(r"</?mark>", "", html))


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


# ---------------------------------------------------------------- words


def test_words_are_found_without_their_accents_and_capitals():
    assert Wanted.of("REUNION").found_in("La Réunion")
    assert Wanted.of("réunion").found_in("la reunion")
    assert Wanted.of("strasse").found_in("Straße")
    assert not Wanted.of("risk fish").found_in("risk")
    assert Wanted.of("  a   b ").text == "a b"
    assert not Wanted.of(" \t\n")


@given(st.text(max_size=60), st.text(max_size=60))
def test_marking_loses_no_letter(text, typed):
    wanted = Wanted.of(typed)
    parts = marked(text, wanted)
    assert "".join(part for part, _ in parts) == text
    assert all(part for part, _ in parts)
    for word in wanted.folded:
        assert any(found for _, found in parts) or word not in fold(text)


@given(st.text(), st.text(max_size=120))
def test_a_snippet_is_short_whatever_it_is_of(text, typed):
    assert sum(len(part) for part, _ in snippet(text, Wanted.of(typed))) <= 400


def test_a_snippet_stands_around_what_was_found():
    text = "x " * 200 + "a tiger came " + "y " * 200
    parts = snippet(text, Wanted.of("tiger"))
    assert ("tiger", True) in parts
    assert parts[0][0].startswith("…x x")
    assert parts[-1][0].endswith("…")


# ---------------------------------------------------------------- what is found


def test_a_code_jumps_to_the_top(world, ed):
    page = sought(ed, STATUS)
    [first, *_] = kind(page, "plan")
    assert first[0] == f"/plans/{PLAN}/kpis/{STATUS}/"
    assert first[1].startswith(f"KPI {STATUS}")
    assert f"KPI <mark>{STATUS}</mark>" in page.html
    assert kind(sought(ed, "2"), "plan")[0][1].startswith("Focus area 2")
    assert kind(sought(ed, "fji"), "organisations")[0][1].startswith("Fiji (FJI)")
    assert kind(sought(ed, "rocb-r1"), "activities")[0][1].startswith("ROCB-R1")


def test_every_kind_is_counted_and_leads_somewhere(world, ed):
    page = sought(ed, "Japan")
    assert re.fullmatch(r"“Japan”: 1 place in the plan, 1 organisation, \d+ answers, \d+ arrangements?", page.heading)
    assert kind(page, "organisations") == [(f"/plans/{PLAN}/members/JPN/", "Japan (JPN) Member")]
    addresses = [
        href for found in ("plan", "organisations", "answers", "arrangements") for href, _ in kind(page, found)
    ]
    assert len(addresses) > 3
    for href in addresses:
        assert ed.get(unescape(href)).status_code == 200, href


def test_every_word_must_be_found(world, ed):
    page = sought(ed, "japan canary late")
    assert [text for _, text in kind(page, "answers")] == [
        f"Japan on KPI {STATUS} CANARY-late-JPN In place. Interim 2. Accepted."
    ]
    assert "<mark>CANARY</mark>-<mark>late</mark>-JPN" in page.html
    assert sought(ed, "japan zebra").heading == "“japan zebra”: nothing found"


TOO_MUCH = "A search takes at most 100 letters and 8 words. Not looked for: "


@pytest.mark.parametrize(
    ("typed", "text", "left_out"),
    [
        ("japan canary late a n e r y", "japan canary late a n e r y", ""),
        ("japan canary late a n e r y zebra Fiji zebra", "japan canary late a n e r y zebra Fiji zebra", "zebra Fiji"),
        ("a a a a a a a a japan canary late", "a a a a a a a a japan canary late", ""),
        ("japan " * 20 + "zebra", ("japan " * 16).strip(), "zebra"),
        ("japan " + "x" * 95, "japan", "x" * 59 + "…"),
        ("x" * 130, "x" * 100, "x" * 30),
    ],
)  # fmt: skip
def test_what_a_search_leaves_out_is_said(world, ed, typed, text, left_out):
    page = sought(ed, typed)
    assert page.heading.startswith(f"“{text}”: ")
    assert re.findall(f"{TOO_MUCH}“([^”]*)”", page.main) == ([left_out] if left_out else [])
    assert ("nothing found" in page.heading) == (text[0] == "x")


def test_a_page_that_is_not_there_is_said(world, ed):
    def notes(number: str) -> list[str]:
        return re.findall("There is no page[^.]*", sought(ed, "a", **{"in": "plan", "page": number}).main)

    assert (notes("99"), notes("2"), notes("")) == (["There is no page “99”, so page 4 of 4 is shown"], [], [])
    assert sought(ed, "a", page="99").main.count("There is no page") == 0


def test_an_answer_that_is_found_says_what_it_says(world, ed):
    answer(world.current, "NZL", "4.1.1(a)", standing="planned")
    answer(world.current, "NZL", "4.2.1(f)", 2027, value=Decimal("1250.5"))
    assert [text for _, text in kind(sought(ed, "new zealand 4."), "answers")][:2] == [
        "New Zealand on KPI 4.1.1(a) Planned. Interim 2. Accepted.",
        "New Zealand on KPI 4.2.1(f) for 2027/28 1,250.5. Interim 2. Accepted.",
    ]


def test_an_older_round_comes_later_and_an_older_version_not_at_all(world, ed):
    rounds = [text.rsplit(" Interim", 1)[-1] for _, text in kind(sought(ed, f"Fiji {STATUS}"), "answers")]
    assert len(rounds) == 2
    [found] = kind(sought(ed, f"Fiji {STATUS} CANARY-new"), "answers")
    assert "Interim 1" in found[1]


def test_an_activity_is_found_by_title_reference_and_organiser(world, ed):
    activity("REF-77", date(2027, 3, 3), ["3.2.1(c)"], organisers=["ROCB"], title="A tiger in the room")
    expected = (f"/plans/{PLAN}/register/activities/", "A tiger in the room REF-77 Held on 03.03.27.")
    for text in ("tiger", "ref-77", "TIGER room", "tiger ROCB"):
        [found] = [each for each in kind(sought(ed, text), "activities") if "REF-77" in each[1]]
        assert (found[0].rstrip("0123456789/") + "/", found[1]) == expected
    assert kind(sought(ed, "tiger RILO"), "activities") == []


def found_pairs(client, text: str) -> list[str]:
    return [re.sub(r"\d+/$", "", href) + " " + text for href, text in kind(sought(client, text), "arrangements")]


def test_an_arrangement_is_found_by_both_members_its_source_and_its_name(world, ed):
    pair = arrangement("LKA", "JPN", in_force=date(2019, 5, 1), source="Gazette of tigers 7/2019")
    arrangement("LKA", "TON", accept=False, source="", in_force=None)
    at = f"/plans/{PLAN}/register/arrangements/"
    first = "Sri Lanka (LKA)", "Japan (JPN)"
    both = " and ".join(first if pair.party_a.code == "LKA" else first[::-1])
    expected = f"{at} {both} Gazette of tigers 7/2019 In force from 01.05.19. Confirmed."
    for text in ("Sri Lanka Japan", "japan lka", "JPN LKA", "tigers", "Sri gazette", "TIGERS 7/2019 japan"):
        assert found_pairs(ed, text) == [expected], text
    assert len(found_pairs(ed, "LKA")) == 2
    assert found_pairs(ed, "Sri Lanka Fiji tigers") == []
    assert "No date in force. Not decided yet." in " ".join(found_pairs(ed, "Tonga LKA"))
    named = Plurilateral.objects.create(name="Zebra Arrangement")
    ArrangementVersion.objects.filter(arrangement=pair).update(plurilateral=named)
    assert [each.split("(")[0] for each in found_pairs(ed, "zebra")] == [expected.split("(")[0]]
    assert "Zebra Arrangement. Gazette of tigers" in found_pairs(ed, "zebra japan")[0]
    page = ed.get(unescape(kind(sought(ed, "zebra"), "arrangements")[0][0]))
    assert page_of(page).status == 200


def test_an_arrangement_is_found_as_it_is_now_and_says_that_it_is_contested(world, ed):
    pair = arrangement("LKA", "JPN", source="CANARY-before")
    later = NOW + timedelta(days=1)
    arrangement("LKA", "JPN", source="CANARY-after", now=later)
    Arrangement.objects.filter(pk=pair.pk).update(contested=True)
    assert found_pairs(ed, "CANARY-before") == []
    [found] = found_pairs(ed, "CANARY-after")
    assert found.endswith("No date in force. Contested.")


def test_letters_beyond_english_are_found_on_both_databases(world, ed):
    answer(world.current, "NZL", STATUS, standing="in_place", comment="Āotearoa ÉLAN")
    for text in ("āotearoa", "ĀOTEAROA", "Āotearoa"):
        assert len(kind(sought(ed, text), "answers")) == 1, text


def test_the_plan_is_that_of_the_date(world, ed):
    page = sought(ed, STATUS, **{"as-at": "2026-06-30"})
    assert kind(page, "plan")[0][0].endswith("?as-at=2026-06-30")


def test_what_is_valid_later_is_found_and_says_from_when(world, ed):
    """What an amendment adds or rewords, beside what the plan says today."""
    desk = Desk(world.plan, world.people.ada, date(2028, 6, 1))
    desk.change(Kind.KPI, STATUS, text="Quokkas in force")
    desk.add(Kind.KPI, "1.1.1(b).9", **new_kpi(world.plan, "1.1.1(b)", text="Number of okapis"))
    assert kind(sought(ed, "okapis"), "plan") == []
    desk.publish()
    caches["pages"].clear()  # PostgreSQL says at the end of a transaction that pages are out of date
    at = f"/plans/{PLAN}/work-plan/?as-at=2028-06-01&amp;q="
    [new] = kind(sought(ed, "okapis"), "plan")
    assert new == (f"{at}1.1.1%28b%29.9", "KPI 1.1.1(b).9 Number of okapis from 01.06.28")
    [reworded] = kind(sought(ed, "quokkas"), "plan")
    assert reworded == (f"{at}1.1.1%28b%29", f"KPI {STATUS} Quokkas in force from 01.06.28")
    first, *_ = [each for each in kind(sought(ed, STATUS), "plan") if each[1].startswith("KPI")]
    assert (first[0], "from" in first[1]) == (f"/plans/{PLAN}/kpis/{STATUS}/", False)
    assert "Number of okapis" in page_of(ed.get(unescape(new[0]))).main
    answer(world.current, "FJI", "1.1.1(b).9", standing="in_place", comment="We keep an okapi.")
    [(_, text)] = kind(sought(ed, "keep"), "answers")
    assert text.startswith("Fiji on KPI 1.1.1(b).9")
    assert len(kind(sought(ed, "1.1.1(b).9"), "answers")) == 1


def test_many_hits_are_shown_ten_at_first_and_all_by_themselves(world, ed):
    page = sought(ed, "canary-old")
    total = Answer.objects.filter(comment__contains="CANARY-old").count()
    assert len(kind(page, "answers")) == 10
    assert f'<a href="?q=canary-old&amp;in=answers">All {total} answers</a>' in page.html
    alone = sought(ed, "canary-old", **{"in": "answers"})
    assert len(kind(alone, "answers")) == min(total, 50)
    for number in ("2", "99", "x", "0"):
        assert sought(ed, "canary-old", **{"in": "answers", "page": number}).status == 200
    assert len(kind(sought(ed, "canary-old", **{"in": "nothing"}), "answers")) == 10


def test_no_kind_has_more_than_so_many(world, ed):
    for number in range(MOST + 5):
        row = Answer.objects.filter(organisation__code="AUS", kpi__code=STATUS).latest("pk")
        row.pk, row.version, row.plan_year, row.comment = None, 1, 2000 + number, "many tigers"
        row.save(force_insert=True)
    page = sought(ed, "many tigers")
    assert page.heading == f"“many tigers”: more than {MOST} answers"


# ---------------------------------------------------------------- odd input


def test_nothing_typed_explains(world, ed):
    for text in ("", "   ", "\t"):
        page = sought(ed, text)
        assert (page.status, page.heading) == (200, "Search the plan, Members, answers and the register")
        assert "Type one word or more" in page.main


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        "x " * 5_000,
        "%",
        "_",
        "\\",
        "'\"<b>&",
        "*",
        ".*",
        "(",
        "[",
        "\u202e",
        "\ud7ff",
        "ﷺ" * 60,
        "İ",
        "😀",
    ],
)
def test_odd_signs_are_harmless(world, ed, text):
    page = sought(ed, text)
    assert page.status == 200
    assert "<b>&" not in page.html


def test_a_sign_of_the_database_is_a_sign(world, ed):
    answer(world.current, "NZL", STATUS, standing="in_place", comment="fifty % of_all")
    assert len(kind(sought(ed, "%"), "answers")) == 1
    assert len(kind(sought(ed, "of_all"), "answers")) == 1
    assert kind(sought(ed, "of%all"), "answers") == []


def test_a_zero_byte_is_refused(world, ed):
    assert sought(ed, "a\0b").status == 404


def test_only_get_does_anything(world, ed, client):
    assert client.get(reverse("search", args=(PLAN,)), {"q": "x"}).status_code == 302


# ---------------------------------------------------------------- who sees what


def drafted(world):
    """A draft of Fiji over nothing, beside what the world has: Vanuatu's."""
    save_draft(
        submission=Submission.objects.get(round=world.current, organisation__code="FJI"),
        question=questions_of(world.current)[STATUS],
        plan_year=None,
        says=UNSAID | {"standing": "planned", "comment": "CANARY-mydraft-FJI", "evidence_url": ""},
        seen="0",
        by=world.people.connie,
        now=NOW,
    )


def test_each_finds_the_answers_that_are_theirs(world, sign_in):
    drafted(world)
    every = set(re.findall(r"CANARY-\w+-\w+", " ".join(Answer.objects.values_list("comment", flat=True))))
    drafts = {"CANARY-draft-VUT", "CANARY-mydraft-FJI"}
    fiji = {word for word in every if word.endswith("FJI")}
    first = set(Answer.objects.filter(kpi__code__startswith="1.").values_list("comment", flat=True)) - drafts
    fourth = set(Answer.objects.filter(kpi__code__startswith="4.").values_list("comment", flat=True)) - drafts
    expected = {
        "ada": every - drafts,
        "ed": every - drafts,
        "connie": fiji,
        "ali": fiji,
        "cora": first - {""},
        "vera": fourth - {""},
        "olga": set(),
        "percy": set(),
    }
    for name in READERS:
        client, found = recently(sign_in(world.people[name])), set()
        for number in (1, 2, 3, 4, 5):
            page = sought(client, "canary", **{"in": "answers", "page": number})
            hits = " ".join(text for _, text in kind(page, "answers"))
            found |= set(re.findall(r"CANARY-\w+-\w+", hits))
        assert found == expected[name], name


def test_a_count_says_nothing_of_what_one_may_not_see(world, sign_in):
    drafted(world)
    for name in ("ada", "cora", "olga", "percy", "vera"):
        assert sought(sign_in(world.people[name]), "mydraft").heading == "“mydraft”: nothing found"
    assert sought(sign_in(world.people.connie), "mydraft").heading == "“mydraft”: 1 answer"
    assert sought(sign_in(world.people.connie), "draft-VUT").heading == "“draft-VUT”: nothing found"


def test_the_register_is_not_for_observers(world, sign_in):
    for name in READERS:
        found = kind(sought(sign_in(world.people[name]), "ROCB-W2"), "activities")
        assert bool(found) is (name != "percy"), name


def test_arrangements_are_found_by_who_may_list_them(world, sign_in):
    arrangement("LKA", "JPN", source="CANARY-gazette")
    for name in READERS:
        page = sought(sign_in(world.people[name]), "CANARY-gazette")
        seen = may(world.people[name], "arrangement.list")
        assert (seen, len(kind(page, "arrangements"))) == (name != "percy", int(seen)), name
        assert page.heading == f"“CANARY-gazette”: {'1 arrangement' if seen else 'nothing found'}", name


def test_a_member_page_is_linked_for_who_may_see_it(world, sign_in):
    for name in READERS:
        client = sign_in(world.people[name])
        [(href, text)] = kind(sought(client, "JPN"), "organisations")
        assert text.startswith("Japan (JPN)")
        assert bool(href) is (name in ("ada", "ed", "cora", "vera")), name
        assert not href or client.get(href).status_code == 200
    assert kind(sought(sign_in(world.people.connie), "FJI"), "organisations")[0][0] == f"/plans/{PLAN}/members/FJI/"


def test_a_stranger_is_sent_to_sign_in(world, client, sign_in):
    response = client.get(reverse("search", args=(PLAN,)), {"q": "x"})
    assert response.url.startswith("/accounts/login/")
    assert sought(sign_in(world.people.nobody), "x").status == 403


# ---------------------------------------------------------------- the box


def test_the_box_is_on_every_page_and_keeps_what_was_typed(world, ed):
    box = re.compile(r'<form class="seek" role="search" aria-label="Everything" method="get" action="([^"]+)">')
    for path in (f"/plans/{PLAN}/", f"/plans/{PLAN}/work-plan/", reverse("search", args=(PLAN,))):
        assert box.findall(ed.get(path).content.decode()) == [reverse("search", args=(PLAN,))]
    for path in ("/people/", "/accounts/", "/plans/nothing/"):
        assert box.findall(ed.get(path).content.decode()) == ["/search/"]
    assert (
        'name="q" type="search" maxlength="100" placeholder="Search" value="&lt;tiger&gt;"'
        in sought(ed, "<tiger>").html
    )
    response = ed.get("/search/", {"q": "1.1.1(b) tiger"})
    assert (response.status_code, response.url) == (302, f"/plans/{PLAN}/search/?q=1.1.1%28b%29+tiger")


def test_as_many_queries_however_much_is_found(world, ed):
    path = reverse("search", args=(PLAN,))
    asked = queries_of(ed, f"{path}?q=canary")
    later = collect("more", date(2028, 3, 31), opened=NOW, closed=False, closes=NOW + timedelta(days=9))
    for code in ("AUS", "NZL", "JPN"):
        answer(later, code, STATUS, standing="in_place", comment="canary")
        arrangement("LKA", code, source="canary")
    assert Round.objects.count() == 4
    assert org("AUS")
    assert queries_of(ed, f"{path}?q=canary") == asked <= 12
    assert queries_of(ed, f"{path}?q=tiger+fish") <= asked


def test_an_accent_alone_is_no_word():
    assert not Wanted.of("\u0301")
    assert Wanted.of("\u0301 law").words == ("law",)
