"""What the register knows is confirmed with a click: one word for each activity, for every question that it answers."""

import re
from datetime import date

import pytest

from reporting.actions.activities import newest_record, record_activities
from reporting.actions.statements import state_part
from reporting.choices import StatementKind
from reporting.listed import known, listed
from reporting.models import Activity, ActivityVersion, Answer, PartStatement, SideStatement

from .entering import REGISTER, YES_NO, address, brought, form_of, post, typed
from .looks import page_of, queries_of
from .region import NOW, activity, arrangement, org
from .test_returns import seen_by

PAGE = address("register")


@pytest.fixture
def connie(world, sign_in):
    return sign_in(world.people.connie)


def own(world, name="connie", member="FJI"):
    return listed(seen_by(world.people[name], member).submission, world.people[name])


def number(reference: str) -> str:
    """What the form carries of a record."""
    version = ActivityVersion.objects.get(activity__reference=reference, reported=True)
    return f"{version.activity_id}:{version.pk}"


def button(client, path: str, key: str) -> str:
    found = re.search(rf'name="register" value="({key} [^"]*)"', page_of(client.get(path)).html)
    return found[1] if found else f"{key} nothing"


def drafted(code: str = YES_NO, member: str = "FJI") -> list[tuple[int, bool | None, str]]:
    rows = Answer.objects.filter(round__code="interim-2028", kpi__code=code, organisation__code=member)
    return list(rows.order_by("plan_year").values_list("plan_year", "participated", "state"))


def said(member: str = "FJI") -> list[tuple[str, str]]:
    rows = PartStatement.objects.filter(organisation__code=member, settled_at=None)
    return sorted(rows.values_list("activity__reference", "kind"))


# ---------------------------------------------------------------- what it knows


def test_it_knows_parts_numbers_and_what_was_said(world):
    activity("W-1", date(2027, 3, 1), [YES_NO], participants={"FJI": (4, 3)}, accept=False, kind="workshop")
    state_part(
        activity=Activity.objects.get(reference="W-1"), organisation=org("FJI"), kind=StatementKind.CONFIRMED,
        reason="", by=world.people.ali, now=NOW,
    )  # fmt: skip
    first, second = own(world)
    assert (first.title, first.part, first.numbers, first.right) == (
        *("OP-DRAGON", "contributed, took part", "participants not stated", False),
    )
    assert (second.title, second.numbers, second.right, second.decided) == (
        "W-1",
        "4 participants, 3 women",
        True,
        False,
    )
    assert (first.decided, second.words) == (True, "01.03.27 W-1: took part")


def test_it_says_what_is_missing(world):
    activity("W-1", date(2027, 3, 1), [YES_NO], participants=["FJI"], accept=False)
    found = seen_by(world.people.connie)
    beside = known(found, found.item(YES_NO))
    assert beside[2025].missing == (
        "The register has nothing of yours for 2025/26. What is added counts wherever it serves.",
    )
    assert beside[2026].missing == (
        "Your participants, or how many of them are women, are not stated in 2 of them.",
        "The secretariat has not decided on 1 of them yet.",
    )
    assert (beside[2025].confirms, beside[2026].confirms) == ("", "Yes, as the register says for 2026/27")


def test_who_only_listened_where_that_does_not_count_is_told(world):
    found = seen_by(world.people.connie)
    item = next(each for each in found.items if each.reading.part == "contributing")
    activity("W-1", date(2027, 3, 1), [item.kpi.code], participants=["FJI"])
    beside = known(found, item)[2026]
    assert "In 1 activity you only took part, which does not count here." in beside.missing
    assert (beside.words, beside.confirms) == ("Nothing that the register has of you for 2026/27 counts here.", "")


def test_who_may_not_know_of_an_activity_does_not_find_it_beside_the_question(world):
    """The operation is for those involved; a co-coordinator sees the Member's answer and not that."""
    assert [each.title for each in own(world)] == ["OP-DRAGON"]
    submission = seen_by(world.people.connie).submission
    assert listed(submission, world.people.vera) == []
    assert [each.title for each in listed(submission, world.people.ed)] == ["OP-DRAGON"]


# ---------------------------------------------------------------- one click on a form


def test_one_click_says_yes_and_that_the_record_is_right(connie):
    path = form_of(YES_NO)
    pressed = {"register": button(connie, path, "y2026")}
    page = post(connie, path, typed(connie, path, y2026_comment="With two ships.") | pressed)
    assert (page.status, drafted()) == (302, [(2026, True, "draft")])
    assert said() == [("OP-DRAGON", "confirmed")]
    assert Answer.objects.get(kpi__code=YES_NO, plan_year=2026, state="draft").comment == "With two ships."
    assert 'name="register"' not in page_of(connie.get(path)).html


def test_a_click_where_the_register_knows_nothing_says_nothing(connie):
    path = form_of(YES_NO)
    post(connie, path, typed(connie, path) | {"register": "y2025 x"})
    assert (drafted(), said()) == ([], [])


def test_a_second_click_changes_nothing(connie):
    path = form_of(YES_NO)
    sent = typed(connie, path) | {"register": button(connie, path, "y2026")}
    first, second = post(connie, path, sent), post(connie, path, sent)
    assert (first.status, second.status, drafted()) == (302, 302, [(2026, True, "draft")])


def test_what_changed_since_the_page_was_opened_is_not_confirmed(world, connie):
    path = form_of(YES_NO)
    sent = typed(connie, path) | {"register": button(connie, path, "y2026")}
    activity("W-1", date(2027, 3, 1), [YES_NO], participants=["FJI"])
    page = post(connie, path, sent)
    assert (page.status, drafted(), said()) == (422, [], [])
    assert "The register changed after you opened this page." in page.main


def test_who_said_that_its_part_is_right_is_asked_again_when_somebody_changes_it(world, connie):
    connie.post(PAGE, {"right": [number("OP-DRAGON")]})
    found = Activity.objects.get(reference="OP-DRAGON")
    record = newest_record(found)
    next(each for each in record.parts if each.organisation.code == "FJI").participants = 40
    record_activities(records=[record], accept=False, by=world.people.ed, now=NOW)
    assert said() == []
    [part] = own(world)
    assert (part.told, part.numbers) == ("", "40 participants, women not stated")
    closed = PartStatement.objects.get(activity=found, organisation__code="FJI")
    assert (closed.settled_by, closed.settlement) == (world.people.ed, "The record changed, so it is asked again.")


def test_nobody_is_asked_again_where_only_others_changed(world, connie):
    connie.post(PAGE, {"right": [number("OP-DRAGON")]})
    record = newest_record(Activity.objects.get(reference="OP-DRAGON"))
    next(each for each in record.parts if each.organisation.code == "KOR").participants = 40
    record_activities(records=[record], accept=False, by=world.people.ed, now=NOW)
    assert said() == [("OP-DRAGON", "confirmed")]


def test_what_is_contested_is_not_told_as_missing(world, connie):
    found = Activity.objects.get(reference="OP-DRAGON")
    state_part(
        activity=found, organisation=org("FJI"), kind=StatementKind.CONTESTED, reason="Not us.", by=world.people.ali,
        now=NOW,
    )  # fmt: skip
    page = seen_by(world.people.connie)
    beside = known(page, page.item(YES_NO))[2026]
    assert beside.missing == ("You contest your part in 1 activity: it does not count until that is settled.",)
    assert (beside.lines, beside.confirms) == ((), "")
    shown = page_of(connie.get(PAGE)).main
    assert "You contest it: it does not count until that is settled." in shown


def test_one_click_says_of_arrangements_that_they_are_right_too(world, sign_in):
    found = arrangement("FJI", "AUS", in_force=date(2020, 1, 1))
    client, path = sign_in(world.people.connie), form_of("1.1.2(c)")
    html = page_of(client.get(path)).html
    assert f'arrangements/{found.pk}/">Australia and Fiji: in force from 01.01.20' in html
    post(client, path, typed(client, path) | {"register": button(client, path, "answer")})
    assert SideStatement.objects.get(arrangement=found, organisation__code="FJI").kind == "confirmed"


def test_one_click_says_that_the_register_is_complete(world, sign_in):
    client, path = sign_in(world.people.olga), form_of(REGISTER, "ROCB")
    assert "Yes, this is all up to 31.12.27" in page_of(client.get(path)).main
    post(client, path, typed(client, path) | {"register": button(client, path, "answer")})
    found = Answer.objects.get(kpi__code=REGISTER, round__code="interim-2028", organisation__code="ROCB")
    assert (found.register_complete, found.state) == (True, "draft")
    assert said("ROCB") == [("ROCB-R1", "confirmed"), ("ROCB-R2", "confirmed")]


# ---------------------------------------------------------------- all at once


def test_one_word_answers_every_question_that_the_activity_serves(world, connie):
    other = next(
        item.kpi.code
        for item in seen_by(world.people.connie).items
        if item.reading.source == "participation" and item.reading.part == "any" and item.kpi.code != YES_NO
    )
    activity("W-1", date(2027, 8, 1), [YES_NO, other], participants=["FJI"])
    page = page_of(connie.get(PAGE))
    assert "lists Fiji in 2 activities" in page.heading
    assert f"Serves {', '.join(sorted([YES_NO, other]))}" in page.main
    answer = connie.post(PAGE, {"right": [number("OP-DRAGON"), number("W-1")]})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    assert drafted() == [(2026, True, "draft"), (2027, True, "draft")]
    assert drafted(other) == [(2027, True, "draft")]
    assert said() == [("OP-DRAGON", "confirmed"), ("W-1", "confirmed")]
    told = page_of(connie.get(PAGE)).main
    assert "You said that 2 records are right. 2 KPIs have a draft that says yes" in told
    assert 'name="right"' not in page_of(connie.get(PAGE)).html


def test_what_somebody_answered_stays_as_it_is(connie):
    path = form_of(YES_NO)
    post(connie, path, typed(connie, path, y2026_answer="no"))
    connie.post(PAGE, {"right": [number("OP-DRAGON")]})
    assert drafted() == [(2026, False, "draft")]
    assert said() == [("OP-DRAGON", "confirmed")]


@pytest.mark.parametrize(
    ("ticked", "status", "sentence"),
    [
        ([], 422, "Tick what is right about you."),
        (["nonsense"], 409, "The register changed after you opened this page."),
        (["999999999999999999999999:1"], 409, "The register changed after you opened this page."),
    ],
)
def test_what_cannot_be_said_is_refused(connie, ticked, status, sentence):
    page = page_of(connie.post(PAGE, {"right": ticked}))
    assert (page.status, sentence in page.main, said()) == (status, True, [])


def test_another_members_part_is_not_confirmed(connie):
    page = page_of(connie.post(PAGE, {"right": [number("OP-TIGER"), number("OP-DRAGON")]}))
    assert (page.status, said(), drafted()) == (409, [], [])


def test_the_task_list_says_what_waits_and_falls_silent(connie):
    tasks = address()
    assert "The register lists you in 1 operation." in page_of(connie.get(tasks)).main
    assert "1 question is answered by that with one click." in page_of(connie.get(tasks)).main
    connie.post(PAGE, {"right": [number("OP-DRAGON")]})
    assert "From the register" not in page_of(connie.get(tasks)).main


def test_it_names_the_questions_that_the_register_has_nothing_of(connie):
    page = page_of(connie.get(PAGE))
    assert "What the register has nothing of" in page.main
    assert f'href="{form_of(YES_NO)}"' in page.html


def test_who_only_reads_may_look_and_say_nothing(world, sign_in):
    client = sign_in(world.people.ed)
    assert client.get(PAGE).status_code == 404
    brought(world, "submitted")
    page = page_of(client.get(PAGE))
    assert (page.status, 'name="right"' in page.html) == (200, False)
    assert client.post(PAGE, {"right": [number("OP-DRAGON")]}).status_code == 403
    assert said() == []


def test_what_waits_stands_first_a_page_at_a_time_and_each_page_is_said_by_itself(world, connie, monkeypatch):
    for day in range(1, 4):
        activity(f"W-{day}", date(2027, 8, day), [YES_NO], participants=["FJI"], title=f"Workshop {day}")
    order = re.compile(r'name="right" value="([^"]*)"')
    everything = order.findall(page_of(connie.get(PAGE)).html)
    monkeypatch.setattr("reporting.views.listing.PER_PAGE", 2)
    first, second = (order.findall(page_of(connie.get(PAGE, {"page": number})).html) for number in (1, 2))
    assert (first, second) == (everything[:2], everything[2:4])
    assert connie.post(f"{PAGE}?page=2", {"right": second}).status_code == 302
    assert [ticked for _, ticked in said()] == ["confirmed"] * len(second)
    assert order.findall(page_of(connie.get(PAGE)).html) == first
    last = page_of(connie.get(PAGE, {"page": -(-len(everything) // 2)}))
    assert "What you have spoken of" in last.main
    refused = page_of(connie.post(f"{PAGE}?page=2", {}))
    assert (refused.status, "Page 2 of" in refused.main) == (422, True)


def test_of_many_records_beside_a_question_the_first_stand_there_and_the_others_behind_a_click(world, connie):
    for day in range(1, 17):
        activity(f"W-{day}", date(2027, 8, day), [YES_NO], participants=["FJI"], contributors=["FJI"])
    beside = known(seen_by(world.people.connie, "FJI"), seen_by(world.people.connie, "FJI").item(YES_NO))[2027]
    assert (len(beside.shown), (*beside.shown, *beside.folded)) == (12, beside.lines)
    assert f"<summary>{len(beside.folded)} more</summary>" in page_of(connie.get(form_of(YES_NO))).html


def test_the_number_of_queries_is_the_same_for_many(world, connie):
    few = queries_of(connie, PAGE), queries_of(connie, address()), queries_of(connie, form_of(YES_NO))
    for day in range(1, 21):
        activity(f"W-{day}", date(2027, 8, day), [YES_NO], participants=["FJI"])
    many = queries_of(connie, PAGE), queries_of(connie, address()), queries_of(connie, form_of(YES_NO))
    assert many == few
    assert max(many) <= 12
