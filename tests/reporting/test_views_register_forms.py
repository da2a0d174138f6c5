"""Activities and arrangements are added, changed, cancelled, decided on, confirmed and contested in the browser."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.core.cache import caches
from django.urls import reverse

from members.choices import RoleName
from members.models import AuditEntry
from reporting.models import (
    Activity,
    ActivityVersion,
    Answer,
    Arrangement,
    ArrangementVersion,
    PartStatement,
    SideStatement,
)
from workplan.models import Reading

from .looks import Page, address, look, page_of, queries_of, stored, words
from .region import NOW, PLAN, Event, arrangement, kpi, leave_only, org, record
from .world import store_draft

ALERTS, WOMEN, OPERATIONS = "2.1.1(a).2", "3.1.3(a)", "2.2.2(a).1"
PAIRS = "1.1.2(c)"


def at(name: str, *more: object) -> str:
    return reverse(name, args=(PLAN, *more))


def post(client, name: str, *where: object, **data: object) -> Page:
    return page_of(client.post(at(name, *where), data))


def token(page: Page) -> str:
    return re.search(r'name="token" value="(\d+)"', page.html)[1]


def value(page: Page, name: str) -> str | None:
    """What stands in a field of the page."""
    main = page.html[page.html.index("<main") :]  # the bar has a search of its own
    box = re.search(rf'<input[^>]*name="{re.escape(name)}"[^>]*>', main)
    if box:
        if 'type="checkbox"' in box[0]:
            return "on" if " checked" in box[0] else None
        found = re.search(r'value="([^"]*)"', box[0])
        return found and found[1]
    chosen = re.search(rf'<select[^>]*name="{re.escape(name)}".*?</select>', page.html, re.S)
    if chosen:
        found = re.search(r'<option value="([^"]*)" selected', chosen[0])
        return found[1] if found else ""
    area = re.search(rf'<textarea[^>]*name="{re.escape(name)}"[^>]*>\n?(.*?)</textarea>', page.html, re.S)
    return area[1] if area else None


def kept(page: Page, data: dict[str, object]) -> dict[str, object]:
    """What the page shows in the fields of what was sent."""
    return {name: value(page, name) for name in data}


def sentence_stands_twice(page: Page, sentence: str) -> bool:
    """On top and at the field; the title says that something is wrong."""
    summary = re.search(r'<div class="errs".*?</div>', page.html, re.S)
    fields = re.findall(r'class="invalid-feedback".*?</(?:p|div)>', page.html, re.S)
    assert page.html.count('id="errs"') == 1
    return (
        "<title>Error: " in page.html
        and sentence in words(summary[0])
        and any(sentence in words(each) for each in fields)
    )


FULL = {
    "token": "0",
    "reference": "FJI-20280110-ABCDE",
    "title": "Women in Customs",
    "kind": "workshop",
    "status": "held",
    "start": "01.12.27",
    "end": "03.12.27",
    "rating": "4.25",
    "respondents": "18",
    "part-TOTAL_FORMS": "3",
    "part-INITIAL_FORMS": "1",
    "part-0-organisation": "FJI",
    "part-0-organises": "on",
    "part-0-takes_part": "on",
    "part-0-participants": "10",
    "part-0-women": "4",
    "part-0-head": "f",
    "part-1-organisation": "ROCB",
    "part-1-contributes": "on",
    "kpi-TOTAL_FORMS": "3",
    "kpi-INITIAL_FORMS": "0",
    "kpi-0-kpi": WOMEN,
    "kpi-0-items": "1",
    "kpi-1-kpi": ALERTS,
    "kpi-1-items": "12",
}


def all_of(version: ActivityVersion) -> dict[str, object]:
    """All that a version says."""
    names = ("number", "title", "kind", "status", "start", "end", "rating", "respondents", "decision")
    parts = version.parts.order_by("organisation__code").values_list(
        "organisation__code", "organises", "contributes", "takes_part", "participants", "women", "head", "contested"
    )
    links = version.links.order_by("kpi__code").values_list("kpi__code", "items")
    return {name: getattr(version, name) for name in names} | {"parts": list(parts), "links": list(links)}


STORED = {
    "number": 1,
    "title": "Women in Customs",
    "kind": "workshop",
    "status": "held",
    "start": date(2027, 12, 1),
    "end": date(2027, 12, 3),
    "rating": Decimal("4.25"),
    "respondents": 18,
    "decision": "undecided",
    "parts": [("FJI", True, False, True, 10, 4, "f", False), ("ROCB", False, True, False, None, None, "", False)],
    "links": [(ALERTS, 12), (WOMEN, 1)],
}


@pytest.fixture
def connie(world, sign_in):
    return sign_in(world.people.connie)


@pytest.fixture
def ed(world, sign_in):
    return sign_in(world.people.ed)


@pytest.fixture
def made(connie) -> Activity:
    """Added by Connie of Fiji."""
    assert post(connie, "activity_add", **FULL).status == 302
    return Activity.objects.get(reference=FULL["reference"])


def newest(found: Activity) -> ActivityVersion:
    return found.versions.latest("number")


# ---------------------------------------------------------------- an activity is added


def test_an_activity_is_recorded_as_it_was_typed(connie, world):
    page = post(connie, "activity_add", **FULL)
    found = Activity.objects.get(reference=FULL["reference"])
    version = found.versions.get()
    assert page.location == at("activity", found.pk)
    assert all_of(version) == STORED
    assert (version.entered_by, version.entered_at) == (world.people.connie, NOW)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_name, entry.object_label) == ("created", "Connie", FULL["reference"])
    shown = page_of(connie.get(page.location)).main
    assert "Recorded. The secretariat decides whether it counts." in shown
    assert "Workshop, held, 01.12.27 to 03.12.27. Not decided yet." in shown


def test_the_blank_form_has_a_reference_of_its_own_and_the_own_organisation(connie):
    first, second = (page_of(connie.get(at("activity_add"))) for _ in range(2))
    assert re.fullmatch(r"FJI-20280110-[A-Z2-9]{5}", value(first, "reference"))
    assert value(first, "reference") != value(second, "reference")
    assert kept(first, {"part-0-organisation": 0, "part-0-takes_part": 0, "status": 0, "title": 0}) == {
        "part-0-organisation": "FJI", "part-0-takes_part": "on", "status": "held", "title": None,
    }  # fmt: skip


def test_from_a_kpi_its_link_is_chosen_already(connie):
    assert value(page_of(connie.get(at("activity_add") + f"?kpi={WOMEN}")), "kpi-0-kpi") == WOMEN


def test_kpis_are_offered_by_focus_area_with_what_they_ask(connie):
    page = page_of(connie.get(at("activity_add")))
    groups = re.findall(r'<optgroup label="([^"]*)">(.*?)</optgroup>', page.html, re.S)
    assert [name[:13] for name, _ in groups[:4]] == [f"Focus Area {number}" for number in ("1:", "2:", "3:", "4:")]
    alerts = next(line for line in groups[1][1].splitlines() if f'value="{ALERTS}"' in line)
    assert f"{ALERTS} Are all alerts on seizures" in alerts


FORM_OF_A_KPI = f"/plans/{PLAN}/rounds/interim-2/returns/FJI/kpis/2.1.1(a).2/"


def test_who_came_from_the_form_of_a_kpi_goes_back_there(connie):
    path = at("activity_add") + f"?kpi={WOMEN}&next={FORM_OF_A_KPI}"
    assert f'<a href="{FORM_OF_A_KPI}">Cancel</a>' in page_of(connie.get(path)).html
    page = page_of(connie.post(path, FULL))
    assert (page.status, page.location) == (302, FORM_OF_A_KPI)


@pytest.mark.parametrize(
    "elsewhere", ["https://example.org/", "//example.org/", "/\\example.org/", "javascript:alert(1)"]
)
def test_nobody_is_led_off_the_site(connie, elsewhere):
    page = page_of(connie.post(at("activity_add") + f"?next={quote(elsewhere)}", FULL))
    assert page.location == at("activity", Activity.objects.get(reference=FULL["reference"]).pk)


def test_who_records_for_two_organisations_says_for_which(connie, world):
    world.people.connie.roles.create(role=RoleName.REGIONAL_OFFICER, organisation=org("ROCB"))
    blank = page_of(connie.get(at("activity_add") + "?organisation=ROCB"))
    assert kept(blank, {"recorded_by": 0, "part-0-organisation": 0}) == {
        "recorded_by": "ROCB", "part-0-organisation": "ROCB",
    }  # fmt: skip
    assert post(connie, "activity_add", **FULL).status == 422
    wrong = post(connie, "activity_add", **FULL | {"recorded_by": "JPN"})
    assert sentence_stands_twice(wrong, "Choose one of your organisations.")
    assert post(connie, "activity_add", **FULL | {"recorded_by": "ROCB"}).status == 302
    assert Activity.objects.get(reference=FULL["reference"]).recorded_by == org("ROCB")


def test_what_somebody_recorded_stays_their_organisations_when_they_leave_it(connie, made, world, sign_in):
    unnamed = {name: text for name, text in FULL.items() if not name.startswith("part-0")}
    assert post(connie, "activity_edit", made.pk, **unnamed | {"token": str(newest(made).pk)}).status == 302
    world.people.connie.roles.update(organisation=org("JPN"))
    moved, colleague = sign_in(world.people.connie), sign_in(world.people.ali)
    assert moved.get(at("activity_edit", made.pk)).status_code == 403
    assert colleague.get(at("activity_edit", made.pk)).status_code == 200
    assert Activity.objects.get(pk=made.pk).recorded_by == org("FJI")


def test_a_second_click_makes_no_second_record(connie, made):
    page = post(connie, "activity_add", **FULL)
    assert (page.status, page.location) == (302, at("activity", made.pk))
    assert (ActivityVersion.objects.filter(activity=made).count(), newest(made).number) == (1, 1)
    assert AuditEntry.objects.filter(object_label=FULL["reference"]).count() == 1


@pytest.mark.parametrize("reference", ["", "  "])
def test_nothing_is_stored_without_a_reference(connie, reference):
    page = post(connie, "activity_add", **FULL | {"reference": reference})
    found = ActivityVersion.objects.get(title=FULL["title"]).activity
    assert (page.location, found.reference[:13]) == (at("activity", found.pk), "FJI-20280110-")


def test_what_another_organisation_recorded_is_not_changed_by_adding(connie, world):
    before = stored()
    assert post(connie, "activity_add", **FULL | {"reference": "ROCB-W1"}).status == 403
    assert stored() == before


@pytest.mark.parametrize(
    ("more", "prefix", "rows"), [("parts", "part", "6"), ("links", "kpi", "6"), ("nonsense", "part", "3")]
)
def test_more_rows_keep_what_was_typed_and_find_no_fault(connie, more, prefix, rows):
    before = stored()
    sent = FULL | {"title": "", "start": "never", "rating": "9", "part-1-contributes": ""}
    del sent["part-1-contributes"]
    page = post(connie, "activity_add", **sent, more=more)
    wanted = sent | {"title": None, f"{prefix}-TOTAL_FORMS": rows}
    assert (page.status, kept(page, wanted) | {"title": None}) == (200, wanted)
    assert not re.search(r'Error: |class="errs"|invalid-feedback|aria-invalid', page.html)
    assert stored() == before


def test_no_more_rows_than_can_be(connie):
    page = post(connie, "activity_add", **FULL | {"part-TOTAL_FORMS": "100"}, more="parts")
    assert (page.status, page.html.count('-organises"') > 0, 'name="part-100-' in page.html) == (200, True, False)


# ---------------------------------------------------------------- what is wrong is said

WRONG = [
    ({"title": ""}, "Give a title."),
    ({"title": "   "}, "Give a title."),
    ({"title": "x" * 400}, "The text has 400 characters; up to 300 are accepted."),
    ({"title": "a\0b"}, "The text has a control character"),
    ({"title": "Workshop \u202egnineve"}, "The text has a control character, U+202E;"),
    ({"kind": ""}, "Choose the kind."),
    ({"kind": "party"}, "Choose the kind."),
    ({"status": "perhaps"}, "Choose the state."),
    ({"start": ""}, "Give the day, such as 30.06.27."),
    ({"end": "11.01.28"}, "It is not held yet on 10.01.28: choose “Planned”."),
    ({"start": "05.08.28", "end": ""}, "It is not held yet on 10.01.28: choose “Planned”."),
    ({"start": "31.02.27"}, "Write day, month and year, such as 30.06.27."),
    ({"start": "01.12.0027"}, "A day is from 1990 to 2100."),
    ({"start": "1.12.27\0"}, "Write day, month and year, such as 30.06.27."),
    ({"end": "30.11.27"}, "It does not end before it starts."),
    ({"end": "9999-12-31"}, "A day is from 1990 to 2100."),
    ({"rating": "9"}, "“9” is not a rating; it is from 1 to 5 with up to two decimals, such as 4.25."),
    ({"rating": "NaN"}, "“NaN” is not a rating"),
    ({"respondents": "0"}, "“0” is too small; 1 or more is accepted."),
    ({"respondents": "9" * 30}, "is too large; up to 2147483647 is accepted."),
    ({"part-0-women": "11"}, "11 women are more than 10 participants."),
    ({"part-0-participants": "-1"}, "“-1” is negative; a whole number of 0 or more is accepted."),
    ({"part-0-participants": "²"}, "“²” is not a whole number"),
    ({"part-0-head": "x"}, "Say who headed it, or leave it blank."),
    ({"part-1-organisation": ""}, "Choose the organisation, or leave the whole row blank."),
    ({"part-1-organisation": "FJI"}, "This organisation stands in two rows."),
    ({"part-1-organisation": "XYZ"}, "Choose one of the organisations."),
    ({"part-1-organisation": "\0"}, "Choose one of the organisations."),
    ({"part-2-organisation": "JPN"}, "Say whether it organised, contributed or took part."),
    ({"part-2-participants": "5"}, "Choose the organisation, or leave the whole row blank."),
    ({"kpi-1-kpi": WOMEN}, "This KPI stands in two rows."),
    ({"kpi-1-kpi": "1.1.1(b)"}, "Choose one of the KPIs."),
    ({"kpi-1-kpi": "9.9.9(z)"}, "Choose one of the KPIs."),
    ({"kpi-1-items": "0"}, "“0” is too small; 1 or more is accepted."),
    ({"kpi-1-items": "many"}, "“many” is not a whole number"),
]
SELECTS = ("kind", "status", "organisation", "kpi", "head")


@pytest.mark.parametrize(("changes", "sentence"), WRONG, ids=[f"{each}"[:40] for each, _ in WRONG])
def test_what_is_wrong_is_said_on_top_and_at_the_field_and_all_is_kept(connie, changes, sentence):
    before, sent = stored(), FULL | changes
    page = post(connie, "activity_add", **sent)
    assert page.status == 422
    assert sentence_stands_twice(page, sentence)
    wanted = {name: text for name, text in sent.items() if name not in changes or not name.endswith(SELECTS)}
    assert {name: text or "" for name, text in kept(page, wanted).items()} == wanted
    assert stored() == before


def test_the_first_button_records_as_enter_presses_it(connie):
    page = page_of(connie.get(at("activity_add")))
    assert 'name="more"' not in re.search(r'<form method="post".*?<button[^>]*>', page.html, re.S)[0]


def test_all_that_is_wrong_is_said_in_one_place(connie):
    wrong = {"title": "", "part-0-women": "11", "kpi-1-items": "0"}
    page = post(connie, "activity_add", **FULL | wrong)
    for sentence in ("Give a title.", "11 women are more", "“0” is too small"):
        assert sentence_stands_twice(page, sentence)


@pytest.mark.parametrize("name", ["part-TOTAL_FORMS", "kpi-TOTAL_FORMS", "part-INITIAL_FORMS"])
@pytest.mark.parametrize("count", [None, "", "x", "-1", "999", "1000000000", "9" * 5000, "\0", "²"])
def test_odd_counts_of_rows_are_answered_and_nothing_is_stored_in_part(connie, name, count):
    sent = {**FULL, name: count}
    if count is None:
        del sent[name]
    before = stored()
    page = post(connie, "activity_add", **sent)
    if page.status == 302:  # how many rows were there before does not matter
        assert name == "part-INITIAL_FORMS"
        assert all_of(newest(Activity.objects.get(reference=FULL["reference"]))) == STORED
        return
    assert (page.status, "There is a problem" in page.main, "<title>Error: " in page.html) == (422, True, True)
    assert stored() == before
    assert post(connie, "activity_add", **sent, more="parts").status == 200


def test_nothing_at_all_is_answered(connie):
    page = post(connie, "activity_add")
    assert (page.status, "Give a title." in page.main) == (422, True)


# ---------------------------------------------------------------- an activity is changed


def edited(connie, made, **changes) -> Page:
    return post(connie, "activity_edit", made.pk, **FULL | {"token": str(newest(made).pk)} | changes)


def confirm(client, name: str, found, **data) -> Page:
    version = newest(found) if isinstance(found, Activity) else found.versions.latest("number")
    return post(client, name, found.pk, **{"token": str(version.pk), "decision": "confirm", "reason": ""} | data)


def test_the_form_holds_what_is_stored(connie, made):
    page = page_of(connie.get(at("activity_edit", made.pk)))
    wanted = FULL | {"token": str(newest(made).pk), "part-INITIAL_FORMS": "2", "part-TOTAL_FORMS": "4"}
    wanted |= {"kpi-INITIAL_FORMS": "2"}
    shown = kept(page, wanted)
    assert {shown["kpi-0-kpi"], shown["kpi-1-kpi"]} == {WOMEN, ALERTS}
    order = ("kpi-0-kpi", "kpi-1-kpi", "kpi-0-items", "kpi-1-items")
    assert {name: text for name, text in shown.items() if name not in order} == {
        name: text for name, text in wanted.items() if name not in order
    }


def test_a_change_is_another_version_and_the_confirmed_one_counts_meanwhile(connie, ed, made, world):
    assert confirm(ed, "activity_decide", made).status == 302
    assert edited(connie, made, title="Women at the top").location == at("activity", made.pk)
    rows = made.versions.order_by("number").values_list("title", "decision", "accepted", "reported", "entered_by__name")
    assert list(rows) == [
        ("Women in Customs", "confirmed", True, False, "Connie"),
        ("Women at the top", "undecided", False, True, "Connie"),
    ]
    assert all_of(newest(made)) == STORED | {"number": 2, "title": "Women at the top"}
    assert AuditEntry.objects.latest("pk").changes == {"title": ["Women in Customs", "Women at the top"]} | {
        "decision": ["confirmed", "undecided"]
    }
    assert "Version 1 counts meanwhile" in page_of(connie.get(at("activity", made.pk))).main
    both = page_of(ed.get(at("activity_decide", made.pk))).main
    assert "Stored: version 2" in both
    assert "Counts now: version 1" in both
    assert confirm(ed, "activity_decide", made, decision="refuse", reason="No.").status == 302
    assert "does not count. Version 1 counts." in page_of(connie.get(at("activity", made.pk))).main


def test_a_reference_is_never_changed(connie, made):
    edited(connie, made, reference="ROCB-W1", title="Mine")
    assert (newest(made).title, Activity.objects.get(pk=made.pk).reference) == ("Mine", FULL["reference"])
    assert ActivityVersion.objects.filter(activity__reference="ROCB-W1").count() == 1


def test_a_second_click_on_a_change_with_another_row_changes_nothing(connie, made):
    more = {"token": str(newest(made).pk), "part-2-organisation": "JPN", "part-2-takes_part": "on"}
    assert edited(connie, made, **more).status == 302
    assert edited(connie, made, **more).status == 302
    assert made.versions.count() == 2


def test_the_second_of_two_editors_sees_both_and_nothing_is_lost(connie, ed, made):
    seen = str(newest(made).pk)
    assert post(ed, "activity_edit", made.pk, **FULL | {"token": seen, "title": "Theirs"}).status == 302
    before = stored()
    page = edited(connie, made, token=seen, title="Mine")
    assert (page.status, stored()) == (409, before)
    assert "Somebody else changed this record after you opened it." in page.main
    assert (
        "Stored: version 2 by Ed, 10.01.28 Theirs: Workshop, held, 01.12.27 to 03.12.27; rated 4.25 by 18" in page.main
    )
    assert "Fiji: organised, took part; 10 participants; 4 women; headed by a woman" in page.main
    assert kept(page, FULL) == FULL | {"title": "Mine", "token": str(newest(made).pk)}
    assert edited(connie, made, token=token(page), title="Mine").status == 302
    assert [each.title for each in made.versions.order_by("number")] == ["Women in Customs", "Theirs", "Mine"]


def test_a_link_to_a_kpi_that_is_counted_otherwise_today_is_not_lost(connie, made, world):
    Reading.objects.filter(kpi=kpi(WOMEN)).update(
        source="status", measure="members", period="standing", counts_from="in_place", part=""
    )
    assert WOMEN in [value(page_of(connie.get(at("activity_edit", made.pk))), f"kpi-{each}-kpi") for each in (0, 1)]
    assert edited(connie, made, title="Mine").status == 302
    assert all_of(newest(made))["links"] == STORED["links"]


# ---------------------------------------------------------------- cancelled


def test_a_cancelled_activity_says_so_and_is_not_cancelled_twice(connie, made):
    page = page_of(connie.get(at("activity_cancel", made.pk)))
    assert page.heading == "Cancel Women in Customs"
    assert post(connie, "activity_cancel", made.pk, token=token(page)).location == at("activity", made.pk)
    assert all_of(newest(made)) == STORED | {"number": 2, "status": "cancelled"}
    assert AuditEntry.objects.latest("pk").action == "cancelled"
    again = post(connie, "activity_cancel", made.pk, token=str(newest(made).pk))
    assert (again.status, "This activity is cancelled already." in again.main) == (422, True)


def test_what_was_confirmed_counts_until_the_secretariat_agrees_that_it_was_cancelled(connie, ed, made):
    confirm(ed, "activity_decide", made)
    edited(connie, made, title="Again")
    confirm(ed, "activity_decide", made)
    counted = figure(ed, WOMEN)
    post(connie, "activity_cancel", made.pk, token=str(newest(made).pk))
    assert ("54.29 %" in counted, figure(ed, WOMEN)) == (True, counted)
    assert "It was cancelled" in page_of(ed.get(at("activity_decide", made.pk))).main
    assert confirm(ed, "activity_decide", made, reason="The host says so.").location == at("activity", made.pk)
    assert list(made.versions.order_by("number").values_list("status", "decision", "accepted", "reported")) == [
        ("held", "withdrawn", False, False),
        ("held", "withdrawn", False, False),
        ("cancelled", "undecided", False, True),
    ]
    assert "56.67 %" in figure(ed, WOMEN)
    assert AuditEntry.objects.filter(action="withdrawn", reason="The host says so.").count() == 2
    assert ">Decide<" not in page_of(ed.get(at("activity", made.pk))).html
    again = confirm(ed, "activity_decide", made)
    assert (again.status, "there is nothing to decide" in again.main) == (422, True)


def test_who_cancelled_does_not_agree_with_it(connie, ed, made):
    confirm(ed, "activity_decide", made)
    post(ed, "activity_cancel", made.pk, token=str(newest(made).pk))
    assert confirm(ed, "activity_decide", made).status == 422
    assert made.versions.get(number=1).decision == "confirmed"


def test_a_cancellation_that_is_not_right_changes_nothing_that_counts(connie, ed, made):
    confirm(ed, "activity_decide", made)
    post(connie, "activity_cancel", made.pk, token=str(newest(made).pk))
    assert confirm(ed, "activity_decide", made, decision="refuse", reason="It was held.").status == 302
    assert list(made.versions.order_by("number").values_list("decision", "accepted", "reported")) == [
        ("confirmed", True, True), ("refused", False, False),
    ]  # fmt: skip


def test_what_was_changed_meanwhile_is_not_cancelled_unseen(connie, made):
    old = str(newest(made).pk)
    edited(connie, made, title="Changed")
    page = post(connie, "activity_cancel", made.pk, token=old)
    assert (page.status, "Changed: Workshop" in page.main, newest(made).status) == (409, True, "held")
    assert post(connie, "activity_cancel", made.pk, token=token(page)).status == 302


@pytest.mark.parametrize("name", ["activity_cancel", "activity_decide"])
def test_a_form_without_its_token_is_no_form(ed, made, name):
    before = stored()
    page = post(ed, name, made.pk, decision="confirm")
    assert (page.status, "This form is not complete. Open the record again." in page.main) == (422, True)
    assert (post(ed, name, made.pk).status, post(ed, name, made.pk, token="\0").status) == (422, 422)
    assert stored() == before


# ---------------------------------------------------------------- decided


def test_the_secretariat_confirms(ed, made, world):
    page = page_of(ed.get(at("activity_decide", made.pk)))
    assert "Women in Customs: Workshop, held" in page.main
    done = post(ed, "activity_decide", made.pk, token=token(page), decision="confirm", reason="")
    assert done.location == at("activity", made.pk)
    version = newest(made)
    assert (version.decision, version.decided_by, version.decided_at) == ("confirmed", world.people.ed, NOW)
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.changes) == ("confirmed", {"decision": ["undecided", "confirmed"]})


def test_what_is_not_confirmed_needs_a_reason(ed, made):
    page = confirm(ed, "activity_decide", made, decision="refuse")
    assert (page.status, sentence_stands_twice(page, "Say why it is not confirmed.")) == (422, True)
    assert confirm(ed, "activity_decide", made, decision="refuse", reason="Held\nelsewhere.").status == 302
    assert (newest(made).decision, newest(made).decision_reason) == ("refused", "Held\nelsewhere.")
    assert "The reason: Held elsewhere." in page_of(ed.get(at("activity", made.pk))).main


@pytest.mark.parametrize("decision", ["", "perhaps", "\0"])
def test_a_decision_is_one_of_two(ed, made, decision):
    page = confirm(ed, "activity_decide", made, decision=decision, reason="Kept.")
    assert (page.status, value(page, "reason")) == (422, "Kept.")
    assert "Choose “Confirm” or “Do not confirm”." in page.main
    assert newest(made).decision == "undecided"


def test_nobody_decides_on_the_own_work(ed, made):
    post(ed, "activity_edit", made.pk, **FULL | {"token": str(newest(made).pk), "title": "Ed's"})
    page = confirm(ed, "activity_decide", made)
    assert (page.status, newest(made).decision) == (422, "undecided")
    assert "Nobody decides on what they entered or sent themselves" in page.main
    for name in ("activity", "activity_decide"):
        page = page_of(ed.get(at(name, made.pk)))
        assert ("You entered it. A colleague decides." in page.main, 'name="decision"' in page.html) == (True, False)


def test_what_is_only_planned_cannot_be_confirmed(connie, ed, made):
    edited(connie, made, status="planned")
    page = confirm(ed, "activity_decide", made)
    assert (page.status, newest(made).decision) == (422, "undecided")
    assert "Only an activity that was held can be confirmed." in page.main


def test_nobody_decides_on_what_they_did_not_see(connie, ed, made):
    old = str(newest(made).pk)
    edited(connie, made, title="Changed")
    page = confirm(ed, "activity_decide", made, token=old, reason="Mine.")
    assert (page.status, value(page, "reason"), "Changed: Workshop" in page.main) == (409, "Mine.", True)
    assert set(made.versions.values_list("decision", flat=True)) == {"undecided"}
    assert confirm(ed, "activity_decide", made, token=token(page)).status == 302
    again = confirm(ed, "activity_decide", made)
    assert (again.status, "cannot become" in again.main) == (422, True)


# ---------------------------------------------------------------- confirmed and contested by those who took part


def figure(client, code: str) -> str:
    """What the page of a KPI says on top; nothing is kept, as PostgreSQL changes no token within a test."""
    caches["pages"].clear()
    return look(client, "kpi", code, as_at="2027-12-31").heading


def test_a_contested_part_does_not_count_until_it_is_settled(connie, ed, made, world):
    confirm(ed, "activity_decide", made)
    before = figure(ed, WOMEN)
    assert "54.29 %" in before  # 38 of 70; without Fiji 34 of 60
    page = says_of_its_part(connie, made, organisation="FJI", kind="contested", reason="We were 12.")
    assert page.location == at("activity", made.pk)
    assert PartStatement.objects.values_list("organisation__code", "kind", "reason", "made_by__name").get() == (
        "FJI", "contested", "We were 12.", "Connie",
    )  # fmt: skip
    assert list(newest(made).parts.order_by("organisation__code").values_list("contested", flat=True)) == [True, False]
    assert "56.67 %" in figure(ed, WOMEN)
    assert "Contested: does not count until settled" in page_of(ed.get(at("activity", made.pk))).main
    page = page_of(ed.get(at("activity_settle", made.pk)))
    assert "Fiji contests it: We were 12." in page.main
    one = PartStatement.objects.get()
    blank = post(ed, "activity_settle", made.pk, statement=one.pk, settlement=" ")
    assert (blank.status, sentence_stands_twice(blank, "Say what was decided, and from which source.")) == (422, True)
    assert post(ed, "activity_settle", made.pk, statement=one.pk, settlement="The list.").location == page_back(made)
    one.refresh_from_db()
    assert (one.settled_by, one.settled_at, one.settlement) == (world.people.ed, NOW, "The list.")
    assert figure(ed, WOMEN) == before
    assert AuditEntry.objects.latest("pk").action == "settled"
    assert page_of(ed.get(at("activity_settle", made.pk))).location == page_back(made)


def says_of_its_part(client, made: Activity, **data: object) -> Page:
    """Sends the form of the own part as the page gives it, with what is said."""
    page = page_of(client.get(at("activity_part", made.pk)))
    given = {name: value(page, name) or "" for name in ("organisation", "token", "participants", "women", "head")}
    return post(client, "activity_part", made.pk, **given | data)


def page_back(made: Activity) -> str:
    return at("activity", made.pk)


def test_who_settles_before_the_change_is_decided_on_knows_what_counts_meanwhile(connie, ed, made, world, sign_in):
    ada = sign_in(world.people.ada)
    confirm(ed, "activity_decide", made)
    says_of_its_part(connie, made, organisation="FJI", kind="contested", reason="We were 12.")
    warning = "Version 2 waits for a decision. If you settle now, version 1 counts until then."
    assert warning not in page_of(ada.get(at("activity_settle", made.pk))).main
    edited(ed, made, title="Women at the top")
    assert warning in page_of(ada.get(at("activity_settle", made.pk))).main


def test_a_part_is_confirmed_and_a_contest_taken_back(connie, made):
    says = {"organisation": "FJI", "reason": ""}
    says_of_its_part(connie, made, **says | {"kind": "contested", "reason": "We were 12."})
    says_of_its_part(connie, made, **says | {"kind": "confirmed"})
    assert list(PartStatement.objects.order_by("pk").values_list("kind", "settlement")) == [
        ("contested", "Took it back."), ("confirmed", ""),
    ]  # fmt: skip
    assert set(newest(made).parts.values_list("contested", flat=True)) == {False}
    assert "Fiji : it is right" in page_of(connie.get(at("activity", made.pk))).main


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"organisation": "FJI", "kind": "contested", "reason": ""}, "Say what is wrong with the record."),
        ({"organisation": "FJI", "kind": "", "reason": "x"}, "Say whether it is right."),
        ({"organisation": "FJI", "kind": "odd", "reason": "x"}, "Say whether it is right."),
        ({"organisation": "FJI", "kind": "contested", "reason": "a\0b"}, "The text has a control character"),
        ({"organisation": "FJI", "kind": "contested", "reason": "x" * 5001}, "up to 5000 are accepted"),
        ({}, "Say whether it is right."),
    ],
)
def test_a_statement_that_is_wrong_is_kept(connie, made, data, sentence):
    page = says_of_its_part(connie, made, **data)
    assert (page.status, sentence_stands_twice(page, sentence)) == (422, True)
    assert value(page, "reason") == data.get("reason", "")
    assert PartStatement.objects.count() == 0


def test_nobody_speaks_for_another_organisation(connie, made):
    page = says_of_its_part(connie, made, organisation="ROCB", kind="confirmed", reason="")
    assert (page.status, PartStatement.objects.count()) == (422, 0)
    assert "Choose the organisation." in page.main


def test_who_took_part_states_its_own_numbers_and_changes_nothing_else(connie, ed, sign_in, world, made):
    confirm(ed, "activity_decide", made)
    olga, before = sign_in(world.people.olga), all_of(newest(made))
    page = says_of_its_part(olga, made, kind="confirmed", reason="", participants="7", women="3", head="m")
    assert page.location == page_back(made)
    parts = [*before["parts"][:1], ("ROCB", False, True, False, 7, 3, "m", False)]
    assert all_of(newest(made)) == before | {"number": 2, "decision": "undecided", "parts": parts}
    assert "The secretariat decides on your numbers." in page_of(olga.get(page.location)).main
    assert made.versions.get(accepted=True).number == 1
    assert says_of_its_part(olga, made, kind="confirmed", reason="").status == 302
    assert made.versions.count() == 2


def test_numbers_that_cannot_be_are_said_and_kept(connie, made):
    page = says_of_its_part(connie, made, kind="confirmed", reason="", women="11")
    assert (page.status, sentence_stands_twice(page, "11 women are more than 10 participants.")) == (422, True)
    assert value(page, "women") == "11"


def test_numbers_are_not_stated_over_a_change_that_was_not_seen(connie, made):
    old = token(page_of(connie.get(at("activity_part", made.pk))))
    edited(connie, made, title="Women at the top")
    page = says_of_its_part(connie, made, token=old, kind="confirmed", reason="", women="3")
    assert (page.status, value(page, "women"), made.versions.count()) == (409, "3", 2)
    assert token(page) == str(newest(made).pk)


def test_who_only_took_part_does_not_change_or_cancel_it(ed, sign_in, world, made):
    """ROCB contributes to what Fiji recorded and organises."""
    olga = sign_in(world.people.olga)
    page = page_of(olga.get(at("activity", made.pk))).main
    assert ("Is your part right?" in page, "Change" in page, "Cancel the activity" in page) == (True, False, False)
    for name in ("activity_edit", "activity_cancel"):
        assert olga.get(at(name, made.pk)).status_code == 403


def test_nobody_decides_on_what_they_wrote_any_part_of(connie, ed, world, sign_in, made):
    """Ed changes what Connie recorded, Ada changes a word of it: neither confirms it."""
    ada = sign_in(world.people.ada)
    edited(ed, made, title="Women at the top")
    edited(ada, made, title="Women at the very top")
    for client in (ed, ada):
        assert "You entered it. A colleague decides." in page_of(client.get(at("activity", made.pk))).main
        page = confirm(client, "activity_decide", made)
        assert (page.status, newest(made).decision) == (422, "undecided")


def test_nobody_settles_a_contest_of_what_they_entered(ed, connie, world, sign_in, made):
    edited(ed, made, title="Women at the top")
    says_of_its_part(connie, made, kind="contested", reason="We were 12.")
    statement = PartStatement.objects.get()
    assert "Settle" not in page_of(ed.get(at("activity", made.pk))).main
    page = page_of(ed.get(at("activity_settle", made.pk)))
    assert (page.status, page.location) == (302, at("activity", made.pk))
    assert "You entered this record. A colleague settles it." in page_of(ed.get(at("activity", made.pk))).html
    page = post(ed, "activity_settle", made.pk, statement=statement.pk, settlement="So it is.")
    assert (page.status, PartStatement.objects.get().settled_at) == (422, None)
    page = post(sign_in(world.people.ada), "activity_settle", made.pk, statement=statement.pk, settlement="So it is.")
    assert (page.status, PartStatement.objects.get().settled_by) == (302, world.people.ada)


def test_a_confirmation_is_taken_back_and_given_again(ed, made):
    confirm(ed, "activity_decide", made)
    page = page_of(ed.get(at("activity_decide", made.pk)))
    assert re.findall(r'name="decision" value="(\w+)"', page.html) == ["withdraw"]
    blank = confirm(ed, "activity_decide", made, decision="withdraw")
    assert sentence_stands_twice(blank, "Say why it is not confirmed.")
    assert confirm(ed, "activity_decide", made, decision="withdraw", reason="It was another one.").status == 302
    assert (newest(made).decision, newest(made).accepted) == ("withdrawn", False)
    assert "Change the decision" in page_of(ed.get(at("activity", made.pk))).main
    assert confirm(ed, "activity_decide", made).status == 302
    assert (newest(made).decision, newest(made).accepted) == ("confirmed", True)


def test_who_confirms_a_part_sees_what_is_recorded_of_it(connie, made, agreed):
    page = page_of(connie.get(at("activity_part", made.pk)))
    assert "Fiji : organised, took part; 10 participants; 4 women; headed by a woman" in page.main
    assert "ROCB" not in page.main.replace(FULL["title"], "")
    assert "In force from 01.10.26" not in page.main
    assert "in force from 01.10.26" in page_of(connie.get(at("arrangement_side", agreed.pk))).main


def test_a_contest_that_was_settled_meanwhile_is_not_settled_with_another_one(connie, ed, made, world, sign_in):
    says_of_its_part(connie, made, organisation="FJI", kind="contested", reason="We were 12.")
    settled = PartStatement.objects.get()
    olga = sign_in(world.people.olga)
    says_of_its_part(olga, made, organisation="ROCB", kind="contested", reason="Not us.")
    post(ed, "activity_settle", made.pk, statement=settled.pk, settlement="The list.")
    page = post(ed, "activity_settle", made.pk, statement=settled.pk, settlement="Mine.")
    assert (page.status, value(page, "settlement"), "contests it: Not us." in page.main) == (409, "Mine.", True)
    other = PartStatement.objects.get(organisation=org("ROCB"))
    assert (other.settled_at, value(page, "statement")) == (None, str(other.pk))
    odd = [post(ed, "activity_settle", made.pk, statement=each, settlement="x").status for each in ("x", "", "9" * 30)]
    assert odd == [422, 422, 409]


# ---------------------------------------------------------------- arrangements

PAIR = {
    "token": "0",
    "party_a": "FJI",
    "party_b": "AUS",
    "signed": "2026-05",
    "in_force": "01.10.26",
    "ended": "",
    "source": "Joint statement",
    "comment": "Signed in\nSuva.",
}


def pair() -> Arrangement:
    return Arrangement.objects.get(party_a__code__in=("FJI", "AUS"), party_b__code__in=("FJI", "AUS"))


def version_of(found: Arrangement) -> tuple[object, ...]:
    version = found.versions.latest("number")
    names = ("number", "signed", "in_force", "ended", "source", "comment", "decision")
    return tuple(getattr(version, name) for name in names)


AS_TYPED = (1, "2026-05", date(2026, 10, 1), None, "Joint statement", "Signed in\nSuva.", "undecided")


@pytest.fixture
def agreed(connie) -> Arrangement:
    assert post(connie, "arrangement_add", **PAIR).status == 302
    return pair()


def test_an_arrangement_is_recorded_as_it_was_typed(connie):
    page = post(connie, "arrangement_add", **PAIR)
    assert (page.location, version_of(pair())) == (at("arrangement", pair().pk), AS_TYPED)
    done = AuditEntry.objects.order_by("-pk").values_list("action", "object_type")[:2]
    assert list(done) == [("confirmed", "reporting.sidestatement"), ("created", "reporting.arrangement")]
    shown = page_of(connie.get(page.location)).main
    assert "Signed 05.26 In force from 01.10.26 Ended – Source Joint statement" in shown
    assert post(connie, "arrangement_add", **PAIR).location == page.location
    assert ArrangementVersion.objects.filter(arrangement=pair()).count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"party_b": "FJI"}, "An arrangement is between two different Members."),
        ({"party_b": ""}, "Choose a Member."),
        ({"party_b": "ROCB"}, "Choose a Member."),
        ({"party_a": "JPN"}, "One of the two parties must be your own administration."),
        ({"signed": "28.06.18"}, "2018, 2018-06 and 2018-06-28 are accepted."),
        ({"signed": "", "in_force": ""}, "Say when it was signed, or from when it is in force."),
        ({"in_force": "x"}, "Write day, month and year, such as 30.06.27."),
        ({"in_force": "01.01.0001"}, "A day is from 1990 to 2100."),
        ({"ended": "30.09.26"}, "It does not end before it is in force."),
        ({"source": "x" * 400}, "The text has 400 characters; up to 300 are accepted."),
        ({"source": "a\0b"}, "The text has a control character"),
        ({"comment": "x" * 5001}, "up to 5000 are accepted"),
    ],
)
def test_what_is_wrong_with_an_arrangement_is_said_and_kept(connie, changes, sentence):
    before, sent = stored(), PAIR | changes
    page = post(connie, "arrangement_add", **sent)
    assert (page.status, sentence_stands_twice(page, sentence)) == (422, True)
    wanted = {name: text or None for name, text in sent.items() if not (name in changes and name.startswith("party"))}
    assert {name: text or None for name, text in kept(page, wanted).items()} == wanted
    assert stored() == before


def test_nothing_at_all_is_answered_for_an_arrangement(connie):
    page = post(connie, "arrangement_add")
    assert (page.status, sentence_stands_twice(page, "Choose a Member.")) == (422, True)


def test_a_pair_that_is_recorded_already_is_shown_and_not_overwritten_unseen(connie):
    known = arrangement("AUS", "FJI", in_force=date(2020, 1, 1), source="Register")
    before = stored()
    page = post(connie, "arrangement_add", **PAIR)
    assert (page.status, stored()) == (409, before)
    assert "There is a record of these two Members already." in page.main
    assert "Signed 01.20; in force from 01.01.20; ended –; source: Register" in page.main
    assert (value(page, "comment"), value(page, "source")) == ("Signed in\nSuva.", "Joint statement")
    assert post(connie, "arrangement_add", **PAIR | {"token": token(page)}).status == 302
    assert version_of(known) == (2, *AS_TYPED[1:])


def test_its_parties_are_never_changed(connie, agreed):
    page = page_of(connie.get(at("arrangement_edit", agreed.pk)))
    assert re.findall(r'name="(party_.)"[^>]*disabled', page.html) == ["party_a", "party_b"]
    changed = PAIR | {"token": token(page), "party_a": "JPN", "party_b": "CHN", "ended": "01.01.28"}
    assert post(connie, "arrangement_edit", agreed.pk, **changed).location == at("arrangement", agreed.pk)
    assert version_of(agreed) == (2, *AS_TYPED[1:3], date(2028, 1, 1), *AS_TYPED[4:])
    assert not Arrangement.objects.filter(party_a=org("CHN"), party_b=org("JPN")).exists()


def test_the_second_of_two_who_change_an_arrangement_sees_both(connie, ed, agreed):
    seen = str(agreed.versions.get().pk)
    post(ed, "arrangement_edit", agreed.pk, **PAIR | {"token": seen, "source": "Theirs"})
    page = post(connie, "arrangement_edit", agreed.pk, **PAIR | {"token": seen, "source": "Mine"})
    assert (page.status, value(page, "source"), "source: Theirs" in page.main) == (409, "Mine", True)
    assert "Somebody else changed this record" in page.main
    mine = PAIR | {"token": token(page), "source": "Mine"}
    assert post(connie, "arrangement_edit", agreed.pk, **mine).status == 302
    assert list(agreed.versions.order_by("number").values_list("source", flat=True)) == [
        "Joint statement", "Theirs", "Mine",
    ]  # fmt: skip


def test_an_arrangement_counts_when_confirmed_and_not_while_contested(connie, ed, agreed):
    assert ": 1 MRA" in figure(ed, PAIRS)
    assert confirm(ed, "arrangement_decide", agreed).location == at("arrangement", agreed.pk)
    counted = figure(ed, PAIRS)
    assert ": 2 MRAs" in counted
    assert (
        post(connie, "arrangement_side", agreed.pk, organisation="FJI", kind="contested", reason="Not yet.").status
        == 302
    )
    said = SideStatement.objects.filter(settled_at=None)
    assert said.values_list("organisation__code", "kind", "reason").get() == (
        "FJI",
        "contested",
        "Not yet.",
    )
    assert (
        "A party contests it, so it does not count until that is settled."
        in page_of(ed.get(at("arrangement", agreed.pk))).main
    )
    assert ": 1 MRA" in figure(ed, PAIRS)
    assert "Contested" in page_of(ed.get(at("arrangements"))).row("Australia - Fiji")
    one = said.get()
    ruled = {"statement": one.pk, "ruling": "record", "settlement": "As recorded.", "source": "The gazette."}
    assert post(ed, "arrangement_settle", agreed.pk, **ruled).status == 302
    assert (figure(ed, PAIRS), Arrangement.objects.get(pk=agreed.pk).contested) == (counted, False)


def test_an_arrangement_is_not_confirmed_by_who_entered_it(ed):
    assert post(ed, "arrangement_add", **PAIR).status == 302
    page = confirm(ed, "arrangement_decide", pair())
    assert (page.status, "Nobody decides on what they entered or sent themselves" in page.main) == (422, True)
    assert confirm(ed, "arrangement_decide", pair(), decision="refuse").status == 422


# ---------------------------------------------------------------- who may


@pytest.mark.parametrize("name", ["activity", "activity_edit", "activity_decide", "arrangement", "arrangement_edit"])
@pytest.mark.parametrize("pk", [0, 999999, 2**31, 2**63, 10**30])
def test_what_does_not_exist_is_a_plain_page(ed, name, pk):
    assert page_of(ed.get(at(name, pk))).status == 404


@pytest.mark.parametrize("name", ["cora", "percy", "nobody"])
def test_who_may_not_add_stores_nothing(world, sign_in, name):
    client, before = sign_in(world.people[name]), stored()
    assert post(client, "activity_add", **FULL).status == 403
    assert post(client, "arrangement_add", **PAIR).status == 403
    assert stored() == before


def test_a_stranger_to_a_record_changes_nothing_of_it(world, sign_in, made, agreed):
    client, before = sign_in(world.people.vera), stored()
    for path in ("activity_edit", "activity_cancel", "activity_decide", "activity_part", "activity_settle"):
        assert post(client, path, made.pk, **FULL).status == 403
    for path in ("arrangement_edit", "arrangement_decide", "arrangement_side", "arrangement_settle"):
        assert post(client, path, agreed.pk, **PAIR).status == 403
    assert stored() == before


# ---------------------------------------------------------------- lists


JOINED, COMPARED = "businesses that joined an AEO programme in the plan year", "number, compared with the base year"


def figure_rows(client) -> list[str]:
    return [row for row in page_of(client.get(at("figures"))).rows() if not row.startswith("KPI")]


def test_figures_are_listed_for_whom_they_are(world, sign_in):
    mine = figure_rows(sign_in(world.people.connie))
    assert mine == [
        f"4.2.1(a) Fiji 2026/27 7,777.5 {JOINED} – – Interim 1 Accepted",
        f"4.2.1(f) Fiji 2025/26, base year 3 {COMPARED} – – Baseline at 30.06.26 Accepted",
        f"4.2.1(f) Fiji 2026/27 4 {COMPARED} – – Interim 1 Accepted",
    ]
    everything = figure_rows(sign_in(world.people.ada))
    assert set(mine) < set(everything)
    assert figure_rows(sign_in(world.people.olga)) == [row for row in everything if " ROCB" in row or "capacity" in row]
    assert figure_rows(sign_in(world.people.vera)) == [row for row in everything if row.startswith("4.")]
    assert page_of(sign_in(world.people.percy).get(at("figures"))).status == 403


def test_a_figure_stands_when_its_correction_was_refused(world, sign_in):
    client = sign_in(world.people.ada)
    before = figure_rows(client)
    first = Answer.objects.get(organisation__code="FJI", kpi__code="4.2.1(a)", plan_year=2026)
    says = {"value": Decimal(5), "correction_reason": "By telephone.", "version": 2}
    store_correction(first, state="returned", decided_at=NOW, decision_reason="No.", **says)
    assert figure_rows(client) == before


def store_correction(first: Answer, **says: object) -> None:
    correction = Answer.objects.get(pk=first.pk)
    correction.pk, correction._state.adding = None, True
    for name, said in says.items():
        setattr(correction, name, said)
    correction.save(force_insert=True)


def test_a_figure_that_is_not_sent_is_its_own_organisations_alone(world, sign_in):
    store_draft(world.current, "FJI", "4.2.1(f)", plan_year=2027, value=Decimal(8))
    draft = f"4.2.1(f) Fiji 2027/28 8 {COMPARED} – – Interim 2 Draft"
    assert draft in figure_rows(sign_in(world.people.connie))
    for name in ("ada", "vera", "olga"):
        assert draft not in figure_rows(sign_in(world.people[name]))


@pytest.mark.parametrize(
    ("query", "heading"),
    [
        ("q=dragon", "1 of 13 activities"),
        ("q=rilo+alerts", "5 of 13 activities"),
        ("q=op-", "2 of 13 activities"),
        ("q=alerts&state=undecided", "1 of 13 activities"),
        ("kind=operation", "1 of 13 activities"),
        ("kind=alert", "5 of 13 activities"),
        ("kind=nonsense&state=x", "The register holds 13 activities"),
        ("state=undecided", "3 of 13 activities"),
        ("state=contested", "0 of 13 activities"),
        ("q=%25", "0 of 13 activities"),
        ("q=" + "x" * 5000, "0 of 13 activities"),
        ("", "The register holds 13 activities"),
    ],
)
def test_activities_are_found(ed, query, heading):
    page = page_of(ed.get(address("register") + f"?{query}"))
    assert (page.status, page.heading) == (200, heading)
    if "q=" in query and "%" not in query:
        assert value(page, "q") == query.split("&")[0][2:].replace("+", " ")[:100]


def test_activities_are_found_by_what_is_contested_and_by_whom_they_name(connie, ed, made):
    def found(client, query: str) -> str:
        return page_of(client.get(address("register") + f"?{query}")).heading

    assert (found(connie, "ours=1"), found(ed, "ours=1")) == ("2 of 14 activities", "The register holds 14 activities")
    says_of_its_part(connie, made, organisation="FJI", kind="contested", reason="We were 12.")
    assert (found(connie, "state=contested"), found(ed, "state=contested")) == ("1 of 14 activities",) * 2
    assert "Only with us" not in page_of(ed.get(address("register"))).main


# ---------------------------------------------------------------- how much it asks of the database


def test_every_page_takes_at_most_12_queries_however_much_there_is(connie, ed, made, agreed, world):
    says_of_its_part(connie, made, organisation="FJI", kind="contested", reason="We were 12.")
    post(connie, "arrangement_side", agreed.pk, organisation="FJI", kind="contested", reason="Not yet.")
    paths = [
        (client, at(name, *where))
        for client, names, where in (
            (ed, ("register", "figures", "activity_add", "arrangement_add"), ()),
            (connie, ("register", "figures", "activity_add", "arrangement_add"), ()),
            (ed, ("activity", "activity_edit", "activity_cancel", "activity_decide", "activity_settle"), (made.pk,)),
            (connie, ("activity", "activity_edit", "activity_part"), (made.pk,)),
            (ed, ("arrangement", "arrangement_edit", "arrangement_decide", "arrangement_settle"), (agreed.pk,)),
            (connie, ("arrangement", "arrangement_edit", "arrangement_side"), (agreed.pk,)),
        )
        for name in names
    ]

    def counts() -> list[int]:
        return [queries_of(client, path) for client, path in paths]

    many = counts()
    assert max(many) <= 12, [path for (_, path), count in zip(paths, many, strict=True) if count > 12]
    leave_only("CHN", "FJI", "AUS")
    assert counts() == many
    leave_only("FJI")
    assert counts() == many
    everybody = ("AUS", "CHN", "JPN", "KOR", "THA")
    record(*(Event(f"M-{each}", date(2027, 8, 1), [WOMEN], ["ROCB"], participants=everybody) for each in range(300)))
    assert counts() == many
