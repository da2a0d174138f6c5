"""The secretariat amends the plan in the browser; everybody reads what was changed, when and why."""

import re
from datetime import date, timedelta
from decimal import Decimal
from difflib import SequenceMatcher
from html import unescape
from io import BytesIO

import pytest
from django.core.cache import caches
from django.urls import reverse
from openpyxl import load_workbook

from reporting.forms.plan import between
from reporting.models import Release
from reporting.movement import movements
from reporting.queries import occasion
from reporting.report import kpi_report
from tests.reporting.looks import queries_of, words
from tests.reporting.region import NOW, PLAN, kpi, on
from workplan.actions import add_element, begin_amendment, change_element, confirm_reading, publish_amendment
from workplan.choices import Kind
from workplan.models import Amendment, Reading, Wording
from workplan.queries import draft_of, plan_at
from workplan.validators import is_kept

from .browsing import forms_of
from .looks import page_of

FROM = date(2027, 1, 1)
INTERIM = "30.06.27"


def path(name: str, *args: object) -> str:
    return reverse(name, args=[PLAN, *args])


@pytest.fixture
def amendment(world) -> Amendment:
    facts = {"title": "Mid-term", "reason": "The conference decided so.", "by": world.people.ada, "now": NOW}
    return begin_amendment(plan=world.plan, valid_from=FROM, **facts)


@pytest.fixture
def desk(world, amendment):
    """Changes one element after the other, as somebody who has seen the latest state."""

    def change(kind: Kind, code: str, **says) -> None:
        amendment.refresh_from_db()
        asked = {"amendment": amendment, "seen": amendment.edits, "by": world.people.ed}
        change_element(**asked, kind=kind, code=code, says=says)

    return change


def publish(world, amendment: Amendment) -> None:
    amendment.refresh_from_db()
    publish_amendment(amendment=amendment, seen=amendment.edits, by=world.people.ada, now=NOW)
    caches["pages"].clear()  # in a test's transaction PostgreSQL does not change the token


def form_on(client, address: str) -> dict:
    return form_in(client.get(address).content.decode(), address)


def form_in(html: str, address: str) -> dict:
    """What stands in the form of a page about an amendment."""
    [form] = [each for each in forms_of(html, address) if "seen" in each.fields]
    return form.fields


def filled(client, address: str, button: str, **typed: str):
    """The page's form with what stands in it, some fields typed anew, sent by one of its buttons."""
    return client.post(address, {**form_on(client, address), **typed, button: "1"}, follow=True)


# ---------------------------------------------------------------- begun


def test_an_amendment_is_begun_and_leads_to_the_plan(world, sign_in):
    client = sign_in(world.people.ed)
    asked = {"title": "Mid-term", "valid_from": "01.01.27", "reason": "Agreed."}
    answer = client.post(path("amendment_new"), asked, follow=True)
    made = Amendment.objects.get()
    assert answer.redirect_chain == [(path("amendment_plan", 1), 302)]
    assert (made.title, made.valid_from, made.reason, made.begun_by) == ("Mid-term", FROM, "Agreed.", world.people.ed)
    assert "Amendment 1: Mid-term is begun." in words(answer.content.decode())


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"title": ""}, "Give the amendment a title."),
        ({"valid_from": ""}, "Give the first day, such as 01.07.27."),
        ({"valid_from": "31.12"}, "Write day, month and year, such as 30.06.27."),
        ({"valid_from": "01.07.29"}, "An amendment is valid from a day from 30.06.26 to 30.06.28."),
        ({"title": "x" * 201}, "200"),
    ],
)
def test_a_wrong_beginning_is_said_and_kept(world, sign_in, typed, sentence):
    asked = {"title": "Mid-term", "valid_from": "01.01.27", "reason": "Typed by hand"} | typed
    answer = sign_in(world.people.ed).post(path("amendment_new"), asked)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert "Typed by hand" in answer.content.decode()
    assert not Amendment.objects.exists()


# ---------------------------------------------------------------- changed


def test_the_draft_looks_like_the_plan_and_each_element_can_be_changed(world, amendment, sign_in):
    html = sign_in(world.people.ed).get(path("amendment_plan", 1)).content.decode()
    for node in draft_of(amendment).outline.nodes.values():
        assert f'href="{path("amendment_element", 1, node.kind.value, node.code)}"' in unescape(html)
    assert "Add a KPI under 1.1.1(b)" in words(html)


def test_words_are_changed_in_their_place(world, amendment, sign_in):
    answer = filled(
        sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)"), "save", text="Other words"
    )
    assert answer.redirect_chain == [(f"{path('amendment_plan', 1)}#kpi-1.1.1(b)", 302)]
    assert amendment.changes.get().says == {"text": "Other words"}
    assert "Other words" in words(answer.content.decode())


def test_a_target_is_not_saved_before_it_is_seen_what_it_moves(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    seen = filled(client, address, "save", target_value="20", target="At least 20/35 Members")
    html = seen.content.decode()
    assert not amendment.changes.exists()
    assert "Nothing is saved yet." in words(html)
    assert "1.1.1(b) 30.06.27 Interim 1" in words(html)
    assert "(target 28)" in words(html)
    assert "(target 20)" in words(html)
    client.post(address, {**form_in(html, address), "save": "1"})
    assert amendment.changes.get().says == {"target": "At least 20/35 Members", "target_value": "20"}


def test_what_is_typed_between_seeing_and_saving_is_seen_again(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    html = filled(client, address, "save", target_value="20").content.decode()
    answer = client.post(address, {**form_in(html, address), "target_value": "10", "save": "1"})
    assert "(target 10)" in words(answer.content.decode())
    assert not amendment.changes.exists()


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("1.1.1(b)", "The code of this KPI is written like 4.1.2(a).2."),
        ("9.9", "The code of this KPI is written like 4.1.2(a).2."),
        ("4.1.2(a)", "4.1.2(a) exists already."),
    ],
)
def test_a_wrong_code_is_told_before_any_figure_is_said_to_move(world, amendment, sign_in, code, sentence):
    more = {"text": "Number of ports", "target": "At least 5", "responsible": "Members", "question": "How many?"}
    address = path("amendment_add", 1, "kpi") + "?under=4.1.2(a)"
    answer = filled(sign_in(world.people.ed), address, "save", code=code, **more)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert "Nothing is saved yet" not in words(answer.content.decode())


def test_kpis_are_not_taken_to_another_focus_area_before_that_is_seen(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "specific_action", "1.1.2")
    html = filled(client, address, "save", place="2.1|2.1.1").content.decode()
    assert not amendment.changes.exists()
    assert "from Focus Area 1 to Focus Area 2: 1.1.2(a)" in words(html)
    assert "Save, and let these KPIs go there" in words(html)
    client.post(address, {**form_in(html, address), "save": "1"})
    assert amendment.changes.get().says["parent"] == "2.1"
    for name in ("amendment", "amendment_publish"):
        shown = sign_in(world.people.ada).get(path(name, 1)).content.decode()
        assert "from Focus Area 1 to Focus Area 2: 1.1.2(a)" in words(shown)


CONTRADICTION = "The target says 5, the reading at least 28 of 35."


def test_a_target_that_contradicts_its_reading_is_not_saved_before_that_is_seen(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    seen = filled(client, address, "save", target="At least 5/35 Members")
    html = seen.content.decode()
    assert not amendment.changes.exists()
    assert f"Target and reading differ: {CONTRADICTION}" in words(html)
    assert "Save, although they differ" in words(html)
    client.post(address, {**form_in(html, address), "save": "1"})
    assert amendment.changes.get().says == {"target": "At least 5/35 Members"}
    for name in ("amendment", "amendment_publish"):
        shown = words(sign_in(world.people.ada).get(path(name, 1)).content.decode())
        assert f"1.1.1(b): {CONTRADICTION}" in shown


def test_a_contradiction_that_was_saved_is_not_asked_at_every_other_change(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    filled(client, address, "save", guidance="Other guidance")
    assert amendment.changes.get().says == {"target": "At least 5/35 Members", "guidance": "Other guidance"}
    html = filled(client, address, "save", target_value="5").content.decode()  # figures move
    client.post(address, {**form_in(html, address), "save": "1"})
    assert "decision_needed" not in amendment.changes.get().says
    assert draft_of(amendment).contradicting == {}


def test_a_contradiction_is_confirmed_with_a_reason(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    publish(world, amendment)
    client = sign_in(world.people.ada)
    assert CONTRADICTION in words(client.get(path("readings")).content.decode())
    assert CONTRADICTION in words(client.get(path("reading_confirm", "1.1.1(b)")).content.decode())
    assert CONTRADICTION in words(client.get(f"{path('kpi', '1.1.1(b)')}?as-at=2027-06-30").content.decode())
    answer = client.post(path("reading_confirm", "1.1.1(b)"), {"why": "Printed wrongly."}, follow=True)
    assert "Confirmed on 10.01.28 by Ada Printed wrongly." in words(answer.content.decode())


# ---------------------------------------------------------------- the form of a KPI

PARTICIPATION = "participation/members/plan"


def hidden_on(html: str) -> set[str]:
    """The fields that the page hides."""
    wrapped = re.findall(r'<div data-for="[^"]*"( hidden)?>.*?name="(\w+)"', html, re.S)
    return {name for hidden, name in wrapped if hidden}


def test_a_reading_shows_the_fields_that_it_needs(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    assert hidden_on(client.get(address).content.decode()) == {"part", "pair_from", "plurilateral"}
    answer = filled(client, address, "choose", counted_as=PARTICIPATION, text="Typed")
    html = answer.content.decode()
    assert (answer.status_code, hidden_on(html)) == (200, {"counts_from", "pair_from", "plurilateral"})
    assert "Typed" in html
    assert "There is a problem" not in html
    assert hidden_on(filled(client, address, "choose", counted_as="activities/items/plan").content.decode()) == {
        *("counts_from", "part", "denominator", "pair_from", "plurilateral")
    }


def test_what_a_reading_does_not_need_is_not_kept(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    missing = filled(client, address, "save", counted_as=PARTICIPATION)
    assert missing.status_code == 422
    assert "Say which part in an activity counts." in words(missing.content.decode())
    html = filled(client, address, "save", counted_as=PARTICIPATION, part="any").content.decode()
    client.post(address, {**form_in(html, address), "save": "1"})
    says = amendment.changes.get().says
    assert says == {"source": "participation", "period": "plan", "counts_from": None, "part": "any"}


def test_which_arrangements_count_is_chosen_where_they_are_counted(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.2(c)")
    shown = client.get(address).content.decode()
    assert hidden_on(shown) == {"counts_from", "part", "denominator"}
    html = filled(client, address, "save", pair_from="signed", plurilateral="one").content.decode()
    client.post(address, {**form_in(html, address), "save": "1"})
    assert amendment.changes.get().says == {"pair_from": "signed", "plurilateral": "one"}
    page = page_of(sign_in(world.people.ada).get(path("amendment", 1)))
    assert "An arrangement counts from" in page.main
    assert "the day it is signed" in page.main


def test_no_field_that_says_something_reads_optional(world, amendment, sign_in):
    shown = words(sign_in(world.people.ed).get(path("amendment_element", 1, "kpi", "1.1.1(b)")).content.decode())
    for label in ("Counts from", "Part that counts", "Group that is asked", "Needs a decision"):
        assert label in shown
        assert f"{label} (optional)" not in shown


def test_the_published_text_stands_at_each_field_that_changes(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", text="Other words", guidance="", parent="1.1.1(a)", position="9")
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "kpi", "1.1.1(b)")
    shown = words(client.get(address).content.decode())
    assert shown.count("Until now:") == 3
    assert "Until now: Number of Members" in shown
    assert "Until now: under Milestone 1.1.1(b), first" in shown
    typed = filled(client, address, "save", counted_as="activities/items/plan", unit="events")
    assert "Until now: Members, from what each Member answers about its own standing; the state at the date" in words(
        typed.content.decode()
    )


def test_a_place_says_words_beside_the_code(world, amendment, sign_in):
    html = sign_in(world.people.ed).get(path("amendment_element", 1, "kpi", "1.1.1(b)")).content.decode()
    assert 'label="Milestone 1.1.1(b): Develop a National Risk Management Database (e.g. NCEN)"' in html
    assert "After 1.1.1(a): Number of implementing Members" in words(html)


def test_what_left_with_its_parent_says_so(world, amendment, desk, sign_in):
    desk(Kind.OBJECTIVE, "4.3", retired=True)
    client, element = sign_in(world.people.ed), ("kpi", "4.3.1(a)")
    drafted = words(client.get(path("amendment_element", 1, *element)).content.decode())
    with_it = ", with Objective 4.3, that it stands under."
    assert f"KPI 4.3.1(a) is retired from 01.01.27 on in this draft{with_it}" in drafted
    publish(world, amendment)
    begin_amendment(plan=world.plan, title="Next", valid_from=date(2027, 7, 1), reason="", by=world.people.ed, now=NOW)
    later = words(client.get(path("amendment_element", 2, *element)).content.decode())
    assert f"KPI 4.3.1(a) was retired on 01.01.27, by amendment 1{with_it}" in later
    itself = words(client.get(path("amendment_element", 2, "objective", "4.3")).content.decode())
    assert "Objective 4.3 was retired on 01.01.27, by amendment 1." in itself


def test_the_draft_says_each_milestone_once(world, amendment, sign_in):
    shown = words(sign_in(world.people.ed).get(path("amendment_plan", 1)).content.decode())
    assert shown.count("Develop a National Risk Management Database") == 1


def test_an_element_is_retired_and_taken_back(world, amendment, sign_in):
    client, address = sign_in(world.people.ed), path("amendment_element", 1, "objective", "4.3")
    assert "takes 2 KPIs out of the plan with it: 4.3.1(a), 4.3.1(b)" in words(client.get(address).content.decode())
    asked = words(filled(client, address, "retire").content.decode())
    assert "4.3.1(a) 30.06.27 Interim 1" in asked
    assert not amendment.changes.exists()
    filled(client, address, "retire", sure="1")
    assert amendment.changes.get().says == {"retired": True}
    bench = words(client.get(path("amendment_plan", 1)).content.decode())
    assert bench.count("Retired") == 6  # itself, its action, two milestones, two KPIs
    filled(client, address, "back")
    assert not amendment.changes.exists()


@pytest.mark.parametrize("element", [("kpi", "1.1.1(b)"), ("objective", "4.3")])
def test_a_form_without_a_known_button_does_nothing(world, amendment, desk, sign_in, element):
    """An element of the plan, and one that the draft retires."""
    desk(Kind.KPI, "1.1.1(b)", text="Other words")
    desk(Kind.OBJECTIVE, "4.3", retired=True)
    client, address = sign_in(world.people.ed), path("amendment_element", 1, *element)
    answer = client.post(address, {**form_on(client, address), "responsible": "Typed", "other": "1"})
    assert answer.status_code == 400
    assert "Nothing is changed: press one of the buttons below." in words(answer.content.decode())
    assert ("Typed" in answer.content.decode()) == (element[0] == "kpi")
    assert amendment.changes.count() == 2


def test_a_kpi_is_moved(world, amendment, sign_in):
    client = sign_in(world.people.ed)
    html = filled(client, path("amendment_element", 1, "kpi", "1.1.1(b)"), "save", place="1.1.1(a)|1.1.1(a)")
    assert "The draft is saved" in words(html.content.decode())
    assert amendment.changes.get().says["parent"] == "1.1.1(a)"
    filled(client, path("amendment_element", 1, "milestone", "1.1.1(b)"), "retire", sure="1")
    publish(world, amendment)
    codes = [each.code for each in plan_at(world.plan, FROM).kpis]
    assert codes[:3] == ["1.1.1(a)", "1.1.1(b)", "1.1.1(c)"]


def test_many_are_put_at_one_place_and_then_there_is_no_room(world, amendment, desk, sign_in):
    outline = draft_of(amendment).outline
    before, behind = Decimal(1), Decimal(2)
    for _ in range(40):
        behind = between(before, behind)
        assert is_kept(behind)
    first, moved = (outline.nodes[Kind.MILESTONE, code] for code in ("1.1.1(a)", "1.1.1(c)"))
    desk(Kind.MILESTONE, "1.1.1(b)", position=str(first.position + Decimal("1e-15")))
    client = sign_in(world.people.ed)
    address = path("amendment_element", 1, "milestone", moved.code)
    answer = filled(client, address, "save", place="1.1.1|1.1.1(a)")
    assert answer.status_code == 422
    assert "There is no room left between its neighbours." in words(answer.content.decode())


def test_a_milestone_and_its_kpi_are_added(world, amendment, sign_in):
    client = sign_in(world.people.ed)
    address = path("amendment_add", 1, "milestone") + "?under=1.1.1"
    filled(client, address, "save", text="Ports are connected", code="1.1.1(e)")
    address = path("amendment_add", 1, "kpi") + "?under=1.1.1(e)"
    more = {"text": "Number of ports", "target": "At least 5", "responsible": "Members", "question": "How many?"}
    html = filled(client, address, "save", **more).content.decode()
    client.post(address, {**form_in(html, address), "save": "1"})
    assert [str(each) for each in amendment.changes.all()] == ["Milestone 1.1.1(e)", "KPI 1.1.1(e)"]
    publish(world, amendment)
    assert "1.1.1(e)" in [each.code for each in plan_at(world.plan, FROM).kpis]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"text": ""}, "Write the text as the plan is to say it."),
        ({"target_value": "many"}, "Write a number, such as 28 or 2.5."),
        ({"target_value": "9" * 20}, "Write it with at most 13 digits before the point and 2 behind it."),
        ({"target_value": "36"}, "A target is more than 0 and not more than its denominator."),
        ({"reporters": "XXX"}, "There is no organisation XXX."),
        ({"place": "7.7.7|"}, "Choose one of the places."),
        ({"counted_as": "status/sum/plan"}, "Choose one of what can be counted."),
        ({"denominator": "0"}, "Write a whole number from 1 on, such as 35."),
        ({"text": "a\x00b"}, "control"),
    ],
)
def test_what_does_not_fit_is_said_and_what_was_typed_stays(world, amendment, sign_in, typed, sentence):
    client = sign_in(world.people.ed)
    answer = filled(client, path("amendment_element", 1, "kpi", "1.1.1(b)"), "save", responsible="Typed", **typed)
    assert answer.status_code == 422
    assert sentence in words(answer.content.decode())
    assert "Typed" in answer.content.decode()
    assert not amendment.changes.exists()


def test_two_at_once_do_not_overwrite_each_other(world, amendment, desk, sign_in):
    client, address = sign_in(world.people.ada), path("amendment_element", 1, "kpi", "1.1.1(b)")
    form = form_on(client, address)
    desk(Kind.KPI, "1.1.1(b)", text="By Ed")
    answer = client.post(address, {**form, "text": "By Ada", "save": "1"})
    html = answer.content.decode()
    assert answer.status_code == 409
    assert "Somebody else changed this element after you opened the page" in words(html)
    assert "By Ada" in html
    assert "In the draft now: By Ed Until now: Number of Members" in words(html)
    assert words(html).count("In the draft now:") == 1
    assert amendment.changes.get().says == {"text": "By Ed"}
    client.post(address, {**form_in(html, address), "save": "1"})  # she has seen it, and still means hers
    assert amendment.changes.get().says == {"text": "By Ada"}


@pytest.mark.parametrize("button", ["retire", "back"])
def test_a_button_on_an_element_that_somebody_changed_meanwhile_does_nothing(world, amendment, desk, sign_in, button):
    client, address = sign_in(world.people.ada), path("amendment_element", 1, "kpi", "1.1.1(b)")
    desk(Kind.KPI, "1.1.1(b)", text="By Ed")
    form = form_on(client, address)
    desk(Kind.KPI, "1.1.1(b)", text="By Ed, again")
    assert client.post(address, {**form, button: "1", "sure": "1"}).status_code == 409
    assert amendment.changes.get().says == {"text": "By Ed, again"}


def test_two_work_on_one_draft_each_on_other_elements(world, amendment, desk, sign_in):
    client, address = sign_in(world.people.ada), path("amendment_element", 1, "kpi", "1.1.1(b)")
    new = path("amendment_add", 1, "milestone") + "?under=1.1.1"
    form, added = form_on(client, address), form_on(client, new)
    desk(Kind.KPI, "1.1.1(c)", text="By Ed")
    assert client.post(address, {**form, "text": "By Ada", "save": "1"}).status_code == 302
    assert (
        client.post(new, {**added, "text": "Ports are connected", "code": "1.1.1(e)", "save": "1"}).status_code == 302
    )
    assert {change.code: change.says["text"] for change in amendment.changes.all()} == {
        "1.1.1(b)": "By Ada", "1.1.1(c)": "By Ed", "1.1.1(e)": "Ports are connected",
    }  # fmt: skip


# ---------------------------------------------------------------- read and published


def test_the_difference_stands_side_by_side(world, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 20/35 Members", target_value="20")
    html = sign_in(world.people.ada).get(path("amendment", 1)).content.decode()
    assert "At least <del>28</del>/35 Members" in html
    assert "At least <ins>20</ins>/35 Members" in html
    assert "1.1.1(b) 30.06.27 Interim 1" in words(html)


def test_the_difference_says_which_words_move_or_leave(world, desk, sign_in):
    desk(Kind.MILESTONE, "1.1.1(b)", parent="1.1.2")
    desk(Kind.KPI, "1.1.1(c)", retired=True)
    html = sign_in(world.people.ada).get(path("amendment", 1)).content.decode()
    said = words(re.sub("</?(del|ins)>", "", html))
    assert "Changed: Milestone 1.1.1(b): Develop a National Risk Management Database" in said
    assert "Stands under Specific action 1.1.1: Identify and mitigate risk" in said
    assert "Specific action 1.1.2: Promote enhanced trade security" in said
    assert "Retired: KPI 1.1.1(c): Number of Members KPI Number of Members" in said
    assert "Target 35/35 Members" in said


def test_a_new_kpi_is_told_without_what_it_does_not_say(world, desk, amendment, sign_in):
    new = {"parent": "1.1.1(b)", "position": "9", "text": "Number of ports", "target_value": "5", "source": "status",
           "measure": "members", "period": "standing", "counts_from": "in_place", "part": None, "denominator": None,
           "baseline": None, "baseline_origin": "", "baseline_reason": "", "reporter_group": "members",
           "reporters": [], "guidance": "", "note": "", "decision_needed": False, "responsible": "Members",
           "target": "5", "unit": "ports", "question": "Is it there?", "retired": False}  # fmt: skip
    add_element(amendment=amendment, seen=0, kind=Kind.KPI, code="1.1.1(b).2", says=new, by=world.people.ed)
    rows = page_of(sign_in(world.people.ada).get(path("amendment", 1))).rows()
    assert any(row.startswith("Target value") for row in rows)
    assert not any(row.startswith(("Baseline", "Guidance", "Out of")) for row in rows)


def moved_codes(world, amendment: Amendment) -> set[str]:
    return {each.code for each in movements(draft_of(amendment), occasion(world.plan, NOW))}


def test_words_move_no_figure(world, amendment, desk):
    """Nor do those of a reading that somebody confirmed, which a draft words anew and leaves unconfirmed."""
    confirmed = Reading.objects.filter(decision_needed=True).order_by("kpi__position").first()
    confirm_reading(reading=confirmed, why="Agreed.", by=world.people.ada, now=NOW)
    desk(Kind.KPI, confirmed.kpi.code, guidance="Other guidance", text="Other words")
    desk(Kind.KPI, "1.1.1(b)", unit="members", text="Other words", baseline_reason="A survey")
    assert moved_codes(world, amendment) == set()
    desk(Kind.KPI, "1.1.1(b)", target_value="20")
    assert moved_codes(world, amendment) == {"1.1.1(b)"}


def test_long_texts_stand_beside_each_other_without_marks(world, desk, sign_in, monkeypatch):
    desk(Kind.KPI, "1.1.1(b)", guidance="a " * 2499)
    amendment = Amendment.objects.get()
    amendment.changes.update(was={"guidance": "b " * 2499})
    monkeypatch.setattr(SequenceMatcher, "get_opcodes", lambda matcher: pytest.fail("That takes seconds."))
    html = sign_in(world.people.ada).get(path("amendment", 1)).content.decode()
    assert "a " * 2499 in html
    assert "b " * 2499 in html


def test_publication_shows_what_moves_and_then_everybody_reads_it(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 21/35 Members", target_value="21")
    client = sign_in(world.people.ada)
    html = client.get(path("amendment_publish", 1)).content.decode()
    assert "Interim 2, as at 31.12.27. It is open, and asks by the amended plan" in words(html)
    assert "Interim 1, as at 30.06.27. It is closed. Its answers stay as they are" in words(html)
    answer = filled(client, path("amendment_publish", 1), "go")
    assert answer.redirect_chain == [(path("amendment", 1), 302)]
    for person in (world.people.percy, world.people.connie):
        reader = sign_in(person)
        assert "The plan was amended once" in words(reader.get(path("amendments")).content.decode())
        shown = words(reader.get(path("amendment", 1)).content.decode())
        assert "The conference decided so." in shown
        assert "Published on 10.01.28 by Ada" in shown
    now, before = (f"{path('work_plan')}?as-at={day}" for day in ("2027-06-30", "2026-12-31"))
    reader = sign_in(world.people.ada)
    assert "At least 21/35 Members" in reader.get(now).content.decode()
    assert "as changed by amendment 1" in words(reader.get(now).content.decode())
    assert "At least 21/35 Members" not in reader.get(before).content.decode()
    assert "as it was adopted" in words(reader.get(before).content.decode())


def test_a_figure_says_by_which_version_it_was_counted(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target_value="20")
    publish(world, amendment)
    client = sign_in(world.people.ada)
    later, earlier = (client.get(f"{path('kpi', '1.1.1(b)')}?as-at={day}") for day in ("2027-06-30", "2026-06-30"))
    assert "Counted by the reading valid from 01.01.27, amendment 1" in words(later.content.decode())
    assert "Counted by the reading valid from 01.07.25, as the plan was adopted" in words(earlier.content.decode())


def test_what_was_published_still_says_what_left_and_what_moved(world, amendment, desk, sign_in):
    desk(Kind.OBJECTIVE, "4.3", retired=True)
    desk(Kind.KPI, "1.1.1(b)", target="At least 21/35 Members", target_value="21")
    client = sign_in(world.people.ada)
    drafted = words(client.get(path("amendment", 1)).content.decode())
    publish(world, amendment)
    published = words(client.get(path("amendment", 1)).content.decode())
    for said in ("These KPIs leave the plan: 4.3.1(a), 4.3.1(b)", "1.1.1(b) 30.06.27 Interim 1"):
        assert said in drafted
        assert said in published


@pytest.mark.parametrize(
    ("kind", "retired", "page", "code", "name"),
    [
        (Kind.OBJECTIVE, "4.3", "kpi", "4.3.1(a)", "KPI 4.3.1(a)"),
        (Kind.FOCUS_AREA, "4", "focus_area", "4", "Focus area 4"),
    ],
)
def test_what_is_retired_says_so_and_stands_at_earlier_dates(
    world, amendment, desk, sign_in, quiet, kind, retired, page, code, name
):
    desk(kind, retired, retired=True)
    publish(world, amendment)
    client = sign_in(world.people.ada)
    gone = client.get(path(page, code))
    assert gone.status_code == 404
    assert f"{name} was retired on 01.01.27, by amendment 1" in words(gone.content.decode())
    last = f"{path(page, code)}?as-at=2026-12-31"
    assert f'<a href="{last}">{name} as at 31.12.26</a>' in gone.content.decode()
    assert client.get(last).status_code == 200


def test_each_date_of_a_line_is_counted_by_the_version_of_that_date(world, amendment, desk, sign_in):
    before = kpi_report(on(date(2026, 6, 30)), "1.1.1(b)")[0]
    desk(Kind.KPI, "1.1.1(b)", target_value="20")
    publish(world, amendment)
    after = kpi_report(on(date(2027, 6, 30)), "1.1.1(b)")[0]
    assert after.series["1.1.1(b)"][0] == before.series["1.1.1(b)"][0]
    assert after.series["1.1.1(b)"][-1].percent == 100
    assert after.before["1.1.1(b)"].status == before.results["1.1.1(b)"].status


def test_what_hinders_publication_is_said(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", retired=True)
    client = sign_in(world.people.ada)
    html = client.get(path("amendment_publish", 1)).content.decode()
    assert "Milestone 1.1.1(b) has no KPI. Add one, or retire it." in words(html)
    amendment.refresh_from_db()
    answer = client.post(path("amendment_publish", 1), {"seen": amendment.edits})
    assert answer.status_code == 422
    assert not Wording.objects.filter(retired=True).exists()


def test_who_publishes_a_draft_of_which_the_plan_changed_is_shown_it_again(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", text="Ours")
    client, address = sign_in(world.people.ada), path("amendment_publish", 1)
    form = form_on(client, address)
    facts = {"title": "Other", "reason": "So.", "by": world.people.ada, "now": NOW}
    other = begin_amendment(plan=world.plan, valid_from=FROM, **facts)
    change_element(amendment=other, seen=0, kind=Kind.OBJECTIVE, code="4.3", says={"retired": True}, by=world.people.ed)
    publish(world, other)
    answer = client.post(address, form)
    assert answer.status_code == 409
    html = answer.content.decode()
    assert "This amendment or the plan was changed after you opened the page." in words(html)
    client.post(address, form_in(html, address))
    amendment.refresh_from_db()
    assert amendment.state == "published"


def test_a_draft_of_a_day_before_its_elements_is_still_shown(world, amendment, sign_in):
    """An element that is not there yet, and one under what is not there yet."""
    says = {"text": "Ports", "parent": "1.1.1(z)", "position": "1", "retired": False}
    amendment.changes.create(kind=Kind.KPI, code="9.9.9(a)", was={"target": "5"}, says={"target": "6"})
    amendment.changes.create(kind=Kind.MILESTONE, code="1.1.1(z)(a)", adds=True, says=says)
    client = sign_in(world.people.ada)
    for name in ("amendment", "amendment_plan", "amendment_publish"):
        assert client.get(path(name, 1)).status_code == 200
    shown = words(client.get(path("amendment", 1)).content.decode())
    assert "KPI 9.9.9(a) is not in the plan on 01.01.27 yet." in shown
    assert "Milestone 1.1.1(z)(a) stands under what is not in the plan on 01.01.27." in shown
    element = client.get(path("amendment_element", 1, "milestone", "1.1.1(z)(a)")).content.decode()
    assert "What Milestone 1.1.1(z)(a) stands under is not in the plan on 01.01.27." in words(element)


def test_that_co_coordinators_change_at_once_is_said_where_it_is_drafted_and_published(world, desk, sign_in):
    sentence = "Co-coordinators change as soon as this is published, and for earlier days too."
    client = sign_in(world.people.ada)

    def says_so(name: str, *args: object) -> bool:
        return sentence in words(client.get(path(name, 1, *args)).content.decode())

    desk(Kind.FOCUS_AREA, "1", text="Other words")
    assert says_so("amendment_element", "focus_area", "1")
    assert not says_so("amendment_element", "kpi", "1.1.1(b)")
    assert not says_so("amendment_publish")
    desk(Kind.FOCUS_AREA, "1", co_coordinators=["JPN"])
    assert says_so("amendment_publish")


def test_a_draft_is_seen_by_the_secretariat_alone(world, amendment, sign_in, quiet):
    for person in (world.people.connie, world.people.cora, world.people.olga, world.people.percy):
        client = sign_in(person)
        assert client.get(path("amendment", 1)).status_code == 404
        assert "Mid-term" not in client.get(path("amendments")).content.decode()
    assert sign_in(world.people.ed).get(path("amendment", 1)).status_code == 200


def test_a_retired_kpi_is_no_longer_asked(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", retired=True)
    desk(Kind.MILESTONE, "1.1.1(b)", retired=True)
    publish(world, amendment)
    client = sign_in(world.people.connie)
    current = world.current.code
    assert "1.1.1(b)" not in client.get(path("return_tasks", current, "FJI")).content.decode()
    assert client.get(path("return_kpi", current, "FJI", "1.1.1(b)")).status_code == 404
    assert sign_in(world.people.ada).get(path("board", current)).status_code == 200
    assert occasion(world.plan, NOW).plan == world.plan


def test_a_page_takes_as_many_queries_for_many_changes_as_for_one(
    world, amendment, desk, sign_in, django_assert_max_num_queries
):
    desk(Kind.KPI, "1.1.1(b)", target_value="20")
    client = sign_in(world.people.ada)
    one = queries_of(client, path("amendment", 1))
    for code in ("1.1.1(c)", "4.1.1(a)", "4.1.1(b)"):
        desk(Kind.KPI, code, target_value="3")
    assert queries_of(client, path("amendment", 1)) == one <= 12


# ---------------------------------------------------------------- readings


def test_readings_are_listed_and_decided_one_by_one(world, sign_in):
    client = sign_in(world.people.ada)
    waiting = Reading.objects.filter(decision_needed=True).count()
    first = Reading.objects.filter(decision_needed=True).order_by("kpi__position").first().kpi.code
    assert f"{waiting} of {waiting} readings wait for a decision" in words(
        client.get(path("readings")).content.decode()
    )
    refused = client.post(path("reading_confirm", first), {"why": " "})
    assert (refused.status_code, "Say why it is to be counted so." in words(refused.content.decode())) == (422, True)
    answer = client.post(path("reading_confirm", first), {"why": "Agreed in Suva."}, follow=True)
    shown = words(answer.content.decode())
    assert f"{waiting - 1} of {waiting} readings wait for a decision" in shown
    assert "Confirmed on 10.01.28 by Ada Agreed in Suva." in shown
    assert client.get(path("reading_confirm", "1.1.1(a)")).status_code == 404
    assert Reading.objects.get(kpi=kpi(first)).confirmed_by == world.people.ada


def test_the_readings_take_as_many_queries_for_many_amendments_as_for_one(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 5/35 Members")
    publish(world, amendment)
    client = sign_in(world.people.ada)
    one = queries_of(client, path("readings"))
    facts = {"title": "Next", "reason": "So.", "by": world.people.ada, "now": NOW}
    later = begin_amendment(plan=world.plan, valid_from=date(2028, 1, 1), **facts)
    asked = {"amendment": later, "seen": later.edits, "by": world.people.ed}
    change_element(**asked, kind=Kind.KPI, code="1.1.1(c)", says={"target": "7/35"})
    publish(world, later)
    assert queries_of(client, path("readings")) == one <= 12


def test_readings_of_retired_kpis_are_counted_nowhere(world, amendment, desk, sign_in):
    client = sign_in(world.people.ada)
    many = Reading.objects.filter(decision_needed=True).count()
    waiting = Reading.objects.filter(decision_needed=True).order_by("kpi__position").first().kpi
    desk(Kind.KPI, waiting.code, retired=True)
    desk(Kind.MILESTONE, waiting.milestone.code, retired=True)
    for number in (many, many - 1):
        assert f"{number} readings of KPIs are not confirmed" in words(client.get("/", follow=True).content.decode())
        assert f"{number} readings wait for a decision" in words(client.get(path("amendments")).content.decode())
        if number == many:
            publish(world, amendment)


def test_others_read_which_readings_wait(world, sign_in, quiet):
    client = sign_in(world.people.percy)
    assert "Waits for the secretariat" in words(client.get(path("readings")).content.decode())
    code = Reading.objects.filter(decision_needed=True).first().kpi.code
    assert client.get(path("reading_confirm", code)).status_code == 403


# ---------------------------------------------------------------- a page that shows the plan as it was


def test_each_figure_says_by_which_version_of_the_plan_it_is_counted(world, amendment, desk, sign_in):
    desk(Kind.KPI, "1.1.1(b)", target="At least 20/35 Members", target_value="20")
    publish(world, amendment)
    client = sign_in(world.people.ed)
    for name, args in (("overview", ()), ("focus_area", ("1",)), ("kpis", ())):
        address = reverse(name, args=[PLAN, *args])
        for day, version in (("2026-12-31", "as it was adopted"), ("2027-06-30", "as changed by amendment 1")):
            main = page_of(client.get(f"{address}?as-at={day}")).main.replace(" .", ".")
            assert f"by the plan {version}." in main, (name, day)
    address = f"{reverse('kpis', args=[PLAN])}?as-at=2027-06-30&columns=version"
    found = {row.split(" ")[0]: row for row in page_of(client.get(address)).rows()}
    assert found["1.1.1(b)"].endswith("As changed by amendment 1")
    assert found["1.1.1(a)"].endswith("As it was adopted")
    about = load_workbook(BytesIO(client.get(f"{address}&format=xlsx").content)).worksheets[1]
    assert ("Counted by", "The plan as changed by amendment 1") in list(about.iter_rows(values_only=True))


def test_who_sees_released_figures_is_told_that_the_kpi_was_amended_since(world, amendment, desk, sign_in):
    """Also by one that is valid from before the release, and was published after it."""
    desk(Kind.KPI, "1.1.1(b)", target="At least 20/35 Members", target_value="20")
    desk(Kind.KPI, "2.1.1(a).2", retired=True)
    desk(Kind.KPI, "4.1.1(a)", text="Other words")
    percy, ada = sign_in(world.people.percy), sign_in(world.people.ada)
    since = "The work plan was amended since this release: Amendment 1: Mid-term, valid from 01.01.27."

    def shown(client, code: str, query: str = "") -> str:
        return client.get(path("kpi", code) + query).content.decode()

    assert "was amended since" not in words(shown(percy, "1.1.1(b)")), "a draft is not the plan"
    publish(world, amendment)
    html = shown(percy, "1.1.1(b)")
    assert f"{since} The target is then: At least 20/35 Members." in words(html).replace(" ,", ",")
    assert f'<a href="{path("amendment", 1)}">Amendment 1: Mid-term</a>' in html
    assert f"{since} This KPI is retired then." in words(shown(percy, "2.1.1(a).2")).replace(" ,", ",")
    assert f"{since} The figures here" in words(shown(percy, "4.1.1(a)")).replace(" ,", ",")
    assert "was amended since" not in words(shown(percy, "1.1.1(a)"))
    assert "amended" not in words(shown(ada, "1.1.1(b)", "?as-at=2027-06-30")).replace("Amended", "")
    before = words(shown(ada, "1.1.1(b)", "?as-at=2026-06-30")).replace(" ,", ",")
    assert "The work plan is amended from a later day on: Amendment 1: Mid-term, valid from 01.01.27." in before


def test_an_amendment_published_after_a_release_of_a_later_date_is_told_too(world, amendment, desk, sign_in):
    Release.objects.update(as_at=date(2027, 6, 30), published_at=NOW - timedelta(days=1))
    desk(Kind.KPI, "1.1.1(b)", target="At least 20/35 Members", target_value="20")
    publish(world, amendment)
    percy = sign_in(world.people.percy)
    assert "was amended since this release" in words(percy.get(path("kpi", "1.1.1(b)")).content.decode())
    Release.objects.update(published_at=NOW + timedelta(days=1))
    caches["pages"].clear()
    assert "was amended since" not in words(percy.get(path("kpi", "1.1.1(b)")).content.decode())
