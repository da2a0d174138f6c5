"""What the sheets of activities and of arrangements of a workbook that came back do."""

from datetime import date

import pytest

from reporting.actions.activities import OwnNumbers, state_numbers
from reporting.actions.statements import state_side
from reporting.actions.versions import seen_as
from reporting.choices import Decision, StatementKind
from reporting.models import Activity, Arrangement, SideStatement
from reporting.workbook.activity_rows import ActivitySays
from reporting.workbook.comparing import WORKBOOK, Effect
from reporting.workbook.layout import Part

from .region import NOW, activity, arrangement, org
from .test_workbook_in import compared, does, taken
from .workbooks import edited, filled, opened, saved, sent_out

NEW_ONE = {
    "title": "Workshop on valuation",
    "kind": "Workshop",
    "status": "Held",
    "start": date(2027, 11, 2),
    "end": "04.11.27",
    "place": "Suva, Fiji",
    "online": "Yes",
    "organisers": "FJI",
    "participants": "FJI:10/4; TON:2/",
    "heads": "FJI:f",
    "kpis": "1.1.3-2(a)",
    "rating": 4.25,
    "respondents": 9,
}


def new_row(content: bytes, part: Part, number: int = 0) -> str:
    """The key of an empty row."""
    with edited(content) as book:
        sheet = book.sheet_for(part)
        keys = [str(cell.value) for cell in sheet["A"] if str(cell.value).startswith("new:")]
    return keys[number]


def with_new(content: bytes, part: Part, number: int = 0, **says) -> bytes:
    return filled(content, **{new_row(content, part, number): says})


def newest(reference: str):
    return Activity.objects.get(reference=reference).versions.latest("number")


def test_a_new_activity_is_recorded_once(world):
    content = with_new(sent_out(world), Part.ACTIVITY, **NEW_ONE)
    found = compared(world, content)
    assert found.problems == []
    [(effect, words)] = does(found).values()
    assert effect is Effect.NEW
    assert "Title: “Workshop on valuation”" in words
    receipt = taken(world, content)
    assert (receipt.new, receipt.content[0]["name"]) == (1, "Workshop on valuation")
    made = newest(new_row(content, Part.ACTIVITY).removeprefix("new:"))
    assert (made.title, made.start, made.end, made.place, made.online, made.decision, made.entered_by) == (
        "Workshop on valuation", date(2027, 11, 2), date(2027, 11, 4), "Suva, Fiji", True, Decision.UNDECIDED,
        world.people.connie,
    )  # fmt: skip
    assert made.activity.recorded_by.code == "FJI"
    parts = {part.organisation.code: (part.organises, part.participants, part.women) for part in made.parts.all()}
    assert parts == {"FJI": (True, 10, 4), "TON": (False, 2, None)}
    assert does(compared(world, content)) == {}


def test_a_row_that_somebody_added_by_hand_is_recorded_once(world):
    with edited(sent_out(world)) as book:
        sheet = book.sheet_for(Part.ACTIVITY)
        row = sheet.max_row + 3
        for name, value in NEW_ONE.items():
            sheet.cell(row, book.names(sheet)[name]).value = value
    assert compared(world, book.content).counts[Effect.NEW] == 1
    taken(world, book.content)
    assert does(compared(world, book.content)) == {}


def test_what_is_wrong_with_an_activity_stands_at_its_cell(world):
    says = NEW_ONE | {"kind": "Party", "start": "soon", "kpis": "9.9", "participants": "FJI:3/4", "rating": 7}
    content = with_new(sent_out(world), Part.ACTIVITY, **says)
    with edited(content) as book:
        at = {name: book.at(new_row(content, Part.ACTIVITY), name) for name in says}
    found = {str(each.place): each.sentence.partition(";")[0] for each in compared(world, content).problems}
    assert found[at["kind"]].startswith("“Party” is none of what is offered: Workshop, Training")
    assert {name: found[at[name]] for name in ("start", "kpis", "participants", "rating")} == {
        "start": "“soon” is not a date",
        "kpis": "There is no KPI “9.9” in this plan",
        "participants": "FJI: 4 women are more than 3 participants.",
        "rating": "“7” is not a rating",
    }


def test_codes_may_be_typed_in_small_letters(world):
    says = NEW_ONE | {"organisers": "fji", "participants": "fji:10/4; Ton:2/", "heads": "ton:f"}
    content = with_new(sent_out(world), Part.ACTIVITY, **says)
    content = with_new(content, Part.ARRANGEMENT, party="ton", signed="2027")
    found = compared(world, content)
    assert (found.problems, found.counts[Effect.NEW]) == ([], 2)
    [record] = [line.says.record for line in found.lines if isinstance(line.says, ActivitySays)]
    assert {part.organisation.code: part.head for part in record.parts} == {"FJI": "", "TON": "f"}


def test_a_day_out_of_range_is_said_with_its_whole_year(world):
    content = with_new(sent_out(world), Part.ACTIVITY, **NEW_ONE | {"start": date(1926, 9, 1)})
    sentences = [problem.sentence for problem in compared(world, content).problems]
    assert "“01.09.1926” is out of range; a date is from 1990 to 2100." in sentences


def test_what_is_still_to_come_is_not_held(world):
    content = with_new(sent_out(world), Part.ACTIVITY, **NEW_ONE | {"start": date(2028, 3, 1), "end": None})
    [problem] = compared(world, content).problems
    assert problem.sentence == "It is not held yet on 10.01.28: choose “Planned”."


@pytest.fixture
def own(world):
    return activity("OWN-1", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["FJI"], participants={"FJI": (4, 1)})


def test_an_own_activity_is_changed_and_a_conflict_is_chosen(world, own):
    content = filled(sent_out(world), **{"OWN-1": {"title": "Better words"}})
    assert does(compared(world, content)) == {
        "Better words": (Effect.CHANGED, ["Title: “OWN-1” → “Better words”"]),
    }
    says = {"title": "Other words", "organisers": ["FJI"], "participants": {"FJI": (5, 2)}, "accept": False}
    activity("OWN-1", date(2027, 3, 1), ["1.1.3-2(a)"], **says)
    [line] = compared(world, content).conflicts
    assert line.theirs == ["Title: Other words"]
    taken(world, content, {line.key: WORKBOOK})
    version = newest("OWN-1")
    assert (version.title, version.parts.get().participants) == ("Better words", 5)


@pytest.mark.parametrize(
    ("says", "shown"),
    [
        ({"title": "own-1."}, ["Title: “OWN-1” → “own-1.”"]),
        ({"title": "own_1", "place": "Suva"}, ["Title: “OWN-1” → “own_1”", "Place: blank → “Suva”"]),
        ({"heads": "FJI:f; TON:m"}, [
            "Participants: “FJI:4/1” → “FJI:4/1; TON”", "Heads of delegations: blank → “FJI:f; TON:m”",
        ]),
    ],
)  # fmt: skip
def test_what_is_stored_of_an_activity_is_shown(world, own, says, shown):
    content = filled(sent_out(world), **{"OWN-1": says})
    assert [each for _, each in does(compared(world, content)).values()] == [shown]
    taken(world, content)
    version = newest("OWN-1")
    stored = {"title": version.title, "place": version.place, "heads": "; ".join(
        f"{part.organisation.code}:{part.head}" for part in version.parts.order_by("organisation__code") if part.head
    )}  # fmt: skip
    assert {name: stored[name] for name in says} == says


def test_codes_choices_and_days_say_the_same_however_they_are_written(world, own):
    """Nothing is shown that storing would drop."""
    says = {"kind": "workshop.", "start": "1.3.2027", "participants": "FJI: 4 / 1", "kpis": "1.1.3-2(a)*1"}
    assert does(compared(world, filled(sent_out(world), **{"OWN-1": says}))) == {}


def test_the_title_of_what_others_recorded_is_not_changed_in_silence(world):
    activity("THEIRS", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["AUS"], participants=["FJI", "AUS"])
    [problem] = compared(world, filled(sent_out(world), THEIRS={"title": "theirs."})).problems
    assert problem.sentence.startswith("Only who recorded or organises it changes this.")


@pytest.mark.parametrize(
    ("name", "title", "before", "after"),
    [("source", "Source", "Invented", "INVENTED"), ("comment", "Comment", "first; second", "second; first")],
)
def test_what_is_stored_of_an_arrangement_is_shown_at_its_cell(world, name, title, before, after):
    arrangement("FJI", "NZL", signed="2019-05")
    taken(world, filled(sent_out(world), **{"FJI-NZL": {name: before}}))
    with edited(sent_out(world)) as book:
        book.put("FJI-NZL", **{name: after})
        place = book.at("FJI-NZL", name)
    [line] = [each for each in compared(world, book.content).lines if each.effect is Effect.CHANGED]
    assert (line.words, str(line.place)) == ([f"{title}: “{before}” → “{after}”"], place)
    taken(world, book.content)
    assert getattr(Arrangement.objects.get(party_a__code="FJI").versions.latest("number"), name) == after


def test_line_breaks_of_a_comment_stay_as_they_are_where_another_cell_changes(world):
    found = arrangement("FJI", "NZL", signed="2019-05")
    found.versions.update(comment="One.\r\nTwo.")
    taken(world, filled(sent_out(world), **{"FJI-NZL": {"in_force": date(2020, 1, 1)}}))
    assert found.versions.latest("number").comment == "One.\r\nTwo."


def test_who_changes_one_cell_leaves_what_others_changed_in_another(world, own):
    """The participants of a row are stated by several Members while its organiser corrects the place."""
    content = filled(sent_out(world), **{"OWN-1": {"place": "Nadi, Fiji"}})
    says = {"organisers": ["FJI"], "participants": {"FJI": (4, 1), "TON": (6, 2)}, "accept": False}
    activity("OWN-1", date(2027, 3, 1), ["1.1.3-2(a)"], **says)
    assert does(compared(world, content)) == {
        "OWN-1": (Effect.CHANGED, ["Place: blank → “Nadi, Fiji”"]),
    }
    taken(world, content)
    version = newest("OWN-1")
    assert version.place == "Nadi, Fiji"
    assert {part.organisation.code: part.participants for part in version.parts.all()} == {"FJI": 4, "TON": 6}


def test_what_cannot_be_read_in_an_empty_cell_is_said(world, own):
    content = filled(sent_out(world), **{"OWN-1": {"place": "=A1"}})
    [problem] = compared(world, content).problems
    assert "formula" in problem.sentence


def test_the_other_party_of_a_record_is_never_changed_in_silence(world):
    arrangement("FJI", "NZL", signed="2019-05")
    content = filled(sent_out(world), **{"FJI-NZL": {"party": "AUS: Australia"}})
    [problem] = compared(world, content).problems
    assert problem.sentence.startswith("The other party of a record never changes.")


def test_of_what_others_recorded_only_the_own_numbers_are_stated(world):
    activity("THEIRS", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["AUS"], participants=["FJI", "AUS"])
    content = filled(sent_out(world), THEIRS={"own_participants": 3, "own_women": "2", "own_head": "Headed by a woman"})
    assert does(compared(world, content)) == {
        "THEIRS": (Effect.CHANGED, [
            "Your participants: blank → “3”", "Of them women: blank → “2”",
            "Your delegation: blank → “Headed by a woman”",
        ]),
    }  # fmt: skip
    taken(world, content)
    part = newest("THEIRS").parts.get(organisation__code="FJI")
    assert (part.participants, part.women, part.head) == (3, 2, "f")
    content = filled(sent_out(world), THEIRS={"own_women": 9, "title": "Mine now"})
    assert {each.sentence for each in compared(world, content).problems} == {
        "FJI: 9 women are more than 3 participants.",
        "Only who recorded or organises it changes this. You may state your own numbers.",
    }


def test_what_others_state_of_the_same_activity_meanwhile_is_no_conflict(world):
    """And an own number that changed on the site meanwhile is one."""
    found = activity("THEIRS", date(2027, 3, 1), ["1.1.3-2(a)"], organisers=["AUS"], participants=["FJI", "AUS", "TON"])
    content = filled(sent_out(world), THEIRS={"own_participants": 3})

    def states(member: str, many: int) -> None:
        told = {"participants": many, "women": None, "head": ""}
        own = OwnNumbers(found, told, seen_as(found.versions.all()))
        state_numbers(organisation=org(member), said=[own], by=None, now=NOW)

    states("TON", 5)
    assert does(compared(world, content)) == {"THEIRS": (Effect.CHANGED, ["Your participants: blank → “3”"])}
    taken(world, content)
    parts = newest("THEIRS").parts
    assert {each.organisation.code: each.participants for each in parts.all()} == {"AUS": None, "FJI": 3, "TON": 5}
    again = filled(sent_out(world), THEIRS={"own_participants": 4})
    states("FJI", 7)
    assert does(compared(world, again))["THEIRS"][0] is Effect.CONFLICT


def test_an_arrangement_is_new_changed_and_in_conflict(world):
    arrangement("FJI", "NZL", signed="2019-05")
    sent = sent_out(world)
    content = with_new(
        sent, Part.ARRANGEMENT, party="AUS: Australia", signed=date(2018, 5, 31), in_force="01.02.19", source="Gazette"
    )
    content = filled(content, **{"FJI-NZL": {"in_force": date(2020, 1, 1)}})
    assert does(compared(world, content)) == {
        "FJI and NZL": (Effect.CHANGED, ["In force from: blank → “01.01.20”"]),
        "FJI and AUS": (
            Effect.NEW, ["Signed: “31.05.18”", "In force from: “01.02.19”", "Source: “Gazette”"],
        ),
    }  # fmt: skip
    receipt = taken(world, content)
    assert (receipt.new, receipt.changed) == (1, 1)
    made = Arrangement.objects.get(party_a__code__in=("AUS", "FJI"), party_b__code__in=("AUS", "FJI"))
    version = made.versions.latest("number")
    assert (version.signed, version.in_force, version.source) == ("2018-05-31", date(2019, 2, 1), "Gazette")
    assert SideStatement.objects.filter(arrangement=made, organisation__code="FJI").exists()
    assert does(compared(world, content)) == {}
    changed = filled(sent, **{"FJI-NZL": {"in_force": date(2021, 1, 1)}})
    [line] = compared(world, changed).conflicts
    assert "In force from: 01.01.20" in line.theirs
    assert line.whose.startswith("Connie, ")


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"party": "ROCB", "signed": "2018"}, "ROCB is not a Member; an arrangement is between two Members."),
        ({"party": "FJI", "signed": "2018"}, "Both parties are FJI; an arrangement is between two different Members."),
        ({"party": "X", "signed": "2018"}, "There is no organisation “X”; one is named by its code, such as AUS."),
        ({"party": "AUS", "comment": "Perhaps."}, "Say when it was signed, or from when it is in force."),
        ({"party": "AUS", "in_force": "soon"}, "“soon” is not a date; a date is written like 30.06.27."),
        ({"party": "AUS", "in_force": "2.3.2020", "ended": date(2020, 3, 1)},
         "01.03.20 is before the start, 02.03.20."),
        ({"signed": "2018"}, "It is blank, and must be stated."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_an_arrangement_is_said(world, says, sentence):
    content = with_new(sent_out(world), Part.ARRANGEMENT, **says)
    assert [each.sentence for each in compared(world, content).problems] == [sentence]


def test_days_are_previewed_as_the_plan_writes_them_and_words_as_they_stand(world):
    says = {"party": "\u200bAUS", "signed": "2018-5-1", "in_force": "1.10.2026", "comment": "From 1.10.2026"}
    content = with_new(sent_out(world), Part.ARRANGEMENT, **says)
    assert does(compared(world, content)) == {"FJI and AUS": (
        Effect.NEW, ["Signed: “01.05.18”", "In force from: “01.10.26”", "Comment: “From 1.10.2026”"],
    )}  # fmt: skip


def test_true_says_again_that_people_took_part_online(world):
    content = with_new(sent_out(world), Part.ACTIVITY, **NEW_ONE | {"organisers": "FJI\u200b"})
    taken(world, content)
    ticked = filled(sent_out(world), **{newest_reference(content): {"online": True}})
    assert does(compared(world, ticked)) == {}


def newest_reference(content: bytes) -> str:
    return new_row(content, Part.ACTIVITY).removeprefix("new:")


def test_a_pair_is_stated_once(world):
    content = with_new(sent_out(world), Part.ARRANGEMENT, party="AUS", signed="2018")
    content = with_new(content, Part.ARRANGEMENT, 1, party="AUS: Australia", signed="2019")
    [problem] = compared(world, content).problems
    assert problem.sentence.endswith("already records this pair. State it once.")


def test_a_new_row_of_a_pair_that_has_one_is_an_error(world):
    """Taking it over would have emptied what the other row says."""
    arrangement("FJI", "NZL", signed="2019-05", in_force=date(2020, 1, 1))
    content = with_new(sent_out(world), Part.ARRANGEMENT, party="NZL", signed="2018")
    with edited(content) as book:
        sheet, there = book.sheet_for(Part.ARRANGEMENT), book.row_of(book.sheet_for(Part.ARRANGEMENT), "FJI-NZL")
    [problem] = compared(world, content).problems
    assert problem.sentence == f"{sheet.title}, row {there} already records this pair. State it once."


def test_nothing_touched_is_nothing_done(world, own):
    """Saved again by another program, with days as days and numbers as numbers."""
    arrangement("FJI", "NZL", signed="2019-05", in_force=date(2020, 1, 1))
    assert does(compared(world, saved(opened(sent_out(world))))) == {}


def test_a_contest_is_not_taken_back_by_a_workbook(world):
    """Whoever changes a comment of the record says nothing about the contest that an approver stated meanwhile."""
    pair = arrangement("FJI", "NZL", signed="2019-05")
    sent = sent_out(world)
    contested = {"kind": StatementKind.CONTESTED, "reason": "Never signed.", "by": world.people.ali, "now": NOW}
    state_side(arrangement=pair, organisation=org("FJI"), **contested)
    content = filled(sent, **{"FJI-NZL": {"comment": "See the annex."}})
    [(_, words)] = does(compared(world, content)).values()
    assert words == ["Comment: blank → “See the annex.”", "The record is contested. That stays."]
    taken(world, content)
    pair.refresh_from_db()
    assert pair.contested
    assert pair.statements.get(settled_at=None).kind == "contested"


def by_hand(content: bytes, *rows: dict) -> bytes:
    """Rows below those that the workbook offers."""
    with edited(content) as book:
        sheet = book.sheet_for(Part.ACTIVITY)
        for place, says in enumerate(rows, sheet.max_row + 2):
            for name, value in says.items():
                sheet.cell(place, book.names(sheet)[name]).value = value
    return book.content


def test_two_added_rows_that_are_one_activity_are_an_error(world):
    content = by_hand(sent_out(world), NEW_ONE, NEW_ONE | {"place": "Nadi, Fiji"})
    [problem] = compared(world, content).problems
    assert "already says an activity with this title, kind and first day." in problem.sentence


def test_each_added_row_is_chosen_by_itself(world):
    rows = [NEW_ONE, NEW_ONE | {"title": "Another workshop"}]
    taken(world, by_hand(sent_out(world), *rows))
    found = compared(world, by_hand(sent_out(world), *(each | {"place": "Nadi, Fiji"} for each in rows)))
    assert len({line.key for line in found.conflicts}) == 2


def test_two_copies_that_use_one_empty_row_are_both_kept(world):
    """Several desks fill in copies of one workbook."""
    content = sent_out(world)
    key = new_row(content, Part.ACTIVITY)
    taken(world, filled(content, **{key: NEW_ONE}))
    copy = filled(content, **{key: NEW_ONE | {"title": "Seminar on origin", "start": date(2027, 11, 9), "end": None}})
    [line] = compared(world, copy).conflicts
    assert line.choices == ("site", "workbook", "another")
    receipt = taken(world, copy, {line.key: "another"})
    assert (receipt.new, receipt.changed, receipt.kept) == (1, 0, 0)
    assert receipt.content[0]["effect"] == "changed in the workbook and on the site, both are kept"
    titles = {each.versions.latest("number").title for each in Activity.objects.filter(recorded_by=org("FJI"))}
    assert {"Workshop on valuation", "Seminar on origin"} <= titles
    assert does(compared(world, copy)) == {}


def test_a_new_row_of_a_merged_activity_is_told_so(world, own):
    content = with_new(sent_out(world), Part.ACTIVITY, **NEW_ONE)
    taken(world, content)
    reference = new_row(content, Part.ACTIVITY).removeprefix("new:")
    Activity.objects.filter(reference=reference).update(merged_into=own)
    [problem] = compared(world, content).problems
    assert problem.sentence.startswith("This record is not there for you any more")


def test_what_is_not_said_of_a_new_activity_is_what_a_blank_means(world):
    says = {name: value for name, value in NEW_ONE.items() if name not in ("status", "online")}
    content = with_new(sent_out(world), Part.ACTIVITY, **says)
    taken(world, content)
    changed = filled(content, **{new_row(content, Part.ACTIVITY): {"place": "Nadi, Fiji"}})
    [line] = compared(world, changed).conflicts
    assert (line.theirs, line.words) == (["Place: Suva, Fiji"], ["Place: Nadi, Fiji"])
