"""What a workbook that came back would do to the answers of a return, and what is stored of it."""

import pytest

from reporting.actions import close_round
from reporting.actions.entry import discard_draft, save_draft, send_to_approver, tokens
from reporting.actions.refusals import Stale
from reporting.actions.workbook import Brought, take_workbook
from reporting.models import Answer, WorkbookUpload
from reporting.questions import questions_of
from reporting.returns import open_return
from reporting.threads import thread_of
from reporting.workbook.comparing import BOTH, SITE, WORKBOOK, Compared, Effect
from reporting.workbook.layout import DOES_NOT_APPLY, Colour
from reporting.workbook.marking import marks
from reporting.workbook.opening import looked_at
from reporting.workbook.reading import read_workbook
from reporting.workbook.receiving import compare

from .entering import FIGURES, REGISTER, SHARE, YES_NO, brought
from .region import NOW
from .workbooks import edited, filled, sent_out

STATUS, OTHER, YEAR, FIGURE = "1.1.1(b)", "1.1.1(a)", f"{YES_NO}@2026", f"{FIGURES}@2026"


PERHAPS = (
    "“Perhaps” is none of the answers that are offered: Not started, Planned, In progress, In place or Not applicable."
)


def compared(world, content: bytes, person: str = "connie", organisation: str = "FJI") -> Compared:
    look = looked_at(world.current, world.people[person], NOW)
    return compare(read_workbook(content), open_return(look, world.current.code, organisation))


def does(found: Compared) -> dict[str, tuple[Effect, list[str]]]:
    return {line.name: (line.effect, line.words) for line in found.lines if line.effect is not Effect.UNCHANGED}


def taken(world, content: bytes, choices=None, seen=None, person="connie", once=""):
    found = compared(world, content, person)
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    offered = Brought("Fiji.xlsx", content, found.seen if seen is None else seen, choices or {}, once)
    return take_workbook(submission=submission, brought=offered, compared=found, by=world.people[person], now=NOW)


def stored() -> dict[str, Answer]:
    rows = Answer.objects.filter(round__code="interim-2028", organisation__code="FJI").order_by("version")
    return {f"{each.kpi.code}@{each.plan_year}" if each.plan_year else each.kpi.code: each for each in rows}


def test_a_workbook_that_nobody_touched_does_nothing(world):
    brought(world, "draft", OTHER)
    found = compared(world, sent_out(world))
    assert (does(found), found.problems, found.does_something) == ({}, [], False)
    assert found.counts[Effect.UNCHANGED] > 60


def test_what_was_filled_in_is_new_and_becomes_drafts(world):
    content = filled(sent_out(world), **{
        STATUS: {"answer": "In place", "comment": "Since 2027."},
        YEAR: {"answer": "Yes"},
        FIGURE: {"value": 1250.5, "figure_source": "Single window."},
    })  # fmt: skip
    found = compared(world, content)
    assert does(found) == {
        STATUS: (Effect.NEW, ["Answer: “In place”", "Comment: “Since 2027.”"]),
        f"{YES_NO} for 2026/27": (Effect.NEW, ["Answer: “Yes”"]),
        f"{FIGURES} for 2026/27": (
            Effect.NEW, ["Figure: “1,250.5”", "Where the figure comes from: “Single window.”"],
        ),
    }  # fmt: skip
    receipt = taken(world, content)
    assert (receipt.new, receipt.changed, receipt.kept, bytes(receipt.file)) == (3, 0, 0, content)
    rows = stored()
    assert set(rows) == {STATUS, YEAR, FIGURE}
    assert {row.state for row in rows.values()} == {"draft"}
    assert (rows[STATUS].standing, rows[STATUS].comment, rows[STATUS].entered_by) == (
        "in_place", "Since 2027.", world.people.connie,
    )  # fmt: skip
    assert (rows[YEAR].participated, str(rows[FIGURE].value)) == (True, "1250.50")
    assert compared(world, content).counts[Effect.NEW] == 0


def test_a_second_click_leads_to_the_same_receipt(world):
    content = filled(sent_out(world), **{STATUS: {"answer": "Planned"}})
    seen = compared(world, content).seen
    first = taken(world, content, seen=seen)
    assert taken(world, content, seen=seen) == first
    assert (WorkbookUpload.objects.count(), stored()[STATUS].edits) == (1, 1)


def discard(world, code):
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    question = questions_of(world.current)[code]
    seen = thread_of(submission, question.kpi.pk, None).token
    told = {"submission": submission, "kpi": question.kpi.pk, "plan_year": None}
    discard_draft(**told, seen=seen, by=world.people.connie, now=NOW)


def test_a_new_preview_of_the_same_file_is_a_new_taking_over(world):
    """A draft that is discarded leaves the site as it was before, to the token."""
    brought(world, "accepted", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}})
    seen = compared(world, content).seen
    first = taken(world, content, once="the first preview")
    discard(world, OTHER)
    assert (compared(world, content).seen, stored()[OTHER].standing) == (seen, "planned")
    second = taken(world, content, once="the second preview")
    assert first != second
    assert (stored()[OTHER].standing, stored()[OTHER].state) == ("in_place", "draft")
    assert taken(world, content, seen=seen, once="the second preview") == second


def save_in_the_browser(world, code, standing, comment=""):
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    question = questions_of(world.current)[code]
    seen = thread_of(submission, question.kpi.pk, None).token
    says = {"standing": standing, "comment": comment}
    save_draft(
        submission=submission, question=question, plan_year=None, says=says, seen=seen, by=world.people.ali, now=NOW
    )


def test_a_cell_left_as_it_was_sent_out_over_a_change_is_no_change(world):
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{STATUS: {"answer": "In place"}})
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    found = compared(world, content)
    assert set(does(found)) == {STATUS}
    taken(world, content)
    assert stored()[OTHER].comment == "In the browser."


def test_what_was_changed_on_both_sides_is_shown_twice_and_chosen(world):
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In progress", "comment": "On paper."}})
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    found = compared(world, content)
    [line] = found.conflicts
    assert (line.words, line.theirs) == (
        ["Answer: In progress", "Comment: On paper."], ["Answer: In place", "Comment: In the browser."],
    )  # fmt: skip
    assert line.whose.startswith("Ali, ")
    with pytest.raises(Exception, match="choose what shall stand"):
        taken(world, content)
    left = taken(world, content, {line.key: SITE})
    assert (left.changed, left.kept, stored()[OTHER].comment) == (0, 1, "In the browser.")
    receipt = taken(world, content, {line.key: WORKBOOK})
    assert (receipt.changed, stored()[OTHER].comment) == (1, "On paper.")


def test_what_two_desks_changed_in_different_cells_can_stand_together(world):
    content = filled(sent_out(world), **{OTHER: {"comment": "On paper.", "evidence_url": "https://x.example/"}})
    save_in_the_browser(world, OTHER, "in_place")
    [line] = compared(world, content).conflicts
    assert line.theirs == ["Answer: In place", "Comment: blank", "Link to evidence: blank"]
    assert line.words[:3] == ["Answer: blank", "Comment: On paper.", "Link to evidence: https://x.example/"]
    assert (line.choices, line.together_words) == (
        (SITE, WORKBOOK, BOTH), ["Answer: In place", "Comment: On paper.", "Link to evidence: https://x.example/"],
    )  # fmt: skip
    receipt = taken(world, content, {line.key: BOTH})
    assert (receipt.changed, receipt.content[0]["words"]) == (1, line.together_words)
    assert receipt.content[0]["effect"].endswith(", both are put together")
    assert (stored()[OTHER].standing, stored()[OTHER].comment) == ("in_place", "On paper.")


def test_a_cell_in_which_both_desks_agree_is_no_conflict(world):
    sent = sent_out(world)
    save_in_the_browser(world, OTHER, "in_place", "In the browser.")
    same = filled(sent, **{OTHER: {"answer": "In place"}})
    found = compared(world, same)
    assert ([*does(found)], [line.name for line in found.changed_meanwhile]) == ([], [OTHER])
    more = filled(sent, **{OTHER: {"answer": "In place", "evidence_url": "https://x.example/"}})
    [line] = compared(world, more).conflicts
    assert (line.choices, line.column) == ((SITE, WORKBOOK, BOTH), "evidence_url")
    assert line.together_words == [
        "Answer: In place", "Comment: In the browser.", "Link to evidence: https://x.example/",
    ]  # fmt: skip


def test_what_lacks_something_alone_may_lack_nothing_together(world):
    content = filled(sent_out(world), **{OTHER: {"answer": "Not applicable"}})
    save_in_the_browser(world, OTHER, "", "No land border.")
    [line] = compared(world, content).conflicts
    assert line.words[-1].startswith("Before it can be sent: ")
    assert line.together_words == ["Answer: Not applicable", "Comment: No land border."]
    taken(world, content, {line.key: BOTH})
    assert (stored()[OTHER].standing, stored()[OTHER].comment) == ("not_applicable", "No land border.")


def test_what_makes_up_one_answer_never_comes_from_two_desks(world):
    sent = sent_out(world)
    taken(world, filled(sent, **{FIGURE: {"value": 5}}))
    other = filled(sent, **{FIGURE: {"answer": DOES_NOT_APPLY, "comment": "We have no window."}})
    [line] = compared(world, other).conflicts
    assert line.choices == (SITE, WORKBOOK)
    third = filled(sent, **{FIGURE: {"comment": "Of the single window."}})
    [line] = compared(world, third).conflicts
    assert line.together_words[0] == "Figure: 5"


def test_the_same_change_on_both_sides_is_none(world):
    content = filled(sent_out(world), **{OTHER: {"answer": "In place", "comment": "Alike."}})
    save_in_the_browser(world, OTHER, "in_place", "Alike.")
    assert does(compared(world, content)) == {}


def test_what_changed_after_the_preview_is_noticed(world):
    content = filled(sent_out(world), **{STATUS: {"answer": "In place"}})
    seen = compared(world, content).seen
    save_in_the_browser(world, STATUS, "planned")
    with pytest.raises(Stale, match="after this preview"):
        taken(world, content, seen=seen)
    assert (WorkbookUpload.objects.count(), stored()[STATUS].standing) == (0, "planned")


def test_errors_name_sheet_and_cell_and_take_nothing(world):
    with edited(sent_out(world)) as book:
        book.put(STATUS, answer="In place")
        book.put(OTHER, answer="Perhaps")
        book.put(FIGURE, value="many")
        book.put(YEAR, answer="Yes", evidence_url="ftp://example.org")
    found = compared(world, book.content)
    assert [str(each) for each in found.problems] == [
        f"{book.at(OTHER, 'answer')}: {PERHAPS}",
        f"{book.at(YEAR, 'evidence_url')}: “ftp://example.org” is not a link; a link begins with https:// or http://.",
        f"{book.at(FIGURE, 'value')}: “many” is not a figure; it has digits and up to two decimals, such as 1250.50.",
    ]
    with pytest.raises(Exception, match="Perhaps"):
        taken(world, book.content)
    assert (stored(), WorkbookUpload.objects.count()) == ({}, 0)


def test_an_answer_that_was_sent_meanwhile_is_shown_and_not_changed(world):
    """It hinders nothing else of the workbook: both are shown, and what was sent stays."""
    content = sent_out(world)
    brought(world, "submitted", OTHER)
    said = filled(content, **{OTHER: {"answer": "Not started"}, STATUS: {"answer": "In place"}})
    found = compared(world, said)
    [line] = found.conflicts
    assert line.choices == (SITE,)
    assert line.theirs[-1].startswith("This answer was sent and is not decided yet")
    with pytest.raises(Exception, match="choose what shall stand"):
        taken(world, said, {line.key: WORKBOOK})
    receipt = taken(world, said, {line.key: SITE})
    assert (receipt.new, receipt.kept) == (1, 1)
    again = filled(sent_out(world), **{OTHER: {"answer": "Not started"}})
    assert [each.sentence.partition(".")[0] for each in compared(world, again).problems] == [
        "This answer was sent and is not decided yet"
    ]


def test_an_emptied_row_takes_a_draft_back(world):
    brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": None, "comment": None}})
    assert does(compared(world, content)) == {
        OTHER: (Effect.CHANGED, ["Answer: “Planned” → blank", "Comment: “Ours.” → blank"])
    }
    taken(world, content)
    assert (stored()[OTHER].standing, stored()[OTHER].comment) == ("", "")


# ---------------------------------------------------------------- every kind of question

SHARES, COMPLETE = f"{SHARE}@2026", REGISTER


def of_the_rocb(world, **rows) -> Compared:
    return compared(world, filled(sent_out(world, "olga", "ROCB"), **rows), "olga", "ROCB")


def test_a_regional_officer_brings_shares_and_registers(world):
    found = of_the_rocb(world, **{
        SHARES: {"denominator": 8, "numerator": "3", "figure_source": "Ours."},
        COMPLETE: {"answer": "yes"},
    })  # fmt: skip
    assert does(found) == {
        f"{SHARE} for 2026/27": (
            Effect.NEW,
            ["How many in all: “8”", "Of these, how many as asked: “3”", "Where the figure comes from: “Ours.”"],
        ),
        COMPLETE: (Effect.NEW, ["Answer: “Yes, the register is complete up to 31.12.27”"]),
    }


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        ({"denominator": 3, "numerator": 8}, ["8 is more than 3, the number in all."]),
        (
            {"denominator": 3, "answer": "This does not apply to us"},
            ["Either give the figure, or say that it does not apply to you."],
        ),
        ({"answer": "This does not apply to us", "comment": "We have no laboratory."}, []),
        ({"answer": "not applicable", "comment": "We have no laboratory."}, []),
        ({"answer": "5"}, ["“5” is none of the answers that are offered: This does not apply to us."]),
        (
            {"answer": "not\u200b applicable\u202e", "comment": "None."},
            ["“not applicable” is none of the answers that are offered: This does not apply to us."],
        ),
        ({"answer": "\ufeffnot applicable\u2060\u200b", "comment": "We have no laboratory."}, []),
        (
            {"denominator": "about 40"},
            ["“about 40” is not a figure; it has digits and up to two decimals, such as 1250.50."],
        ),
        (
            {"denominator": 5, "comment": "Not \u202eso."},
            ["The text has a control character, U+202E; only text and line breaks may stand here."],
        ),
        ({"denominator": True}, ["“TRUE” is not a figure; it has digits and up to two decimals, such as 1250.50."]),
    ],
)
def test_a_figure_or_that_it_does_not_apply(world, says, wrong):
    assert [each.sentence for each in of_the_rocb(world, **{SHARES: says}).problems] == wrong


def test_what_will_stop_the_sending_is_said_and_taken_over(world):
    """A draft may be incomplete; who sends it would be told only then."""
    content = filled(sent_out(world), **{
        STATUS: {"answer": "Not applicable"}, OTHER: {"comment": "Later."}, YEAR: {"answer": "Yes"},
    })  # fmt: skip
    found = compared(world, content)
    assert {line.name: line.lack for line in found.lines if line.effect is Effect.NEW} == {
        STATUS: "Before it can be sent: say in the comment why this does not apply.",
        OTHER: "Before it can be sent: choose an answer.",
        f"{YES_NO} for 2026/27": "",
    }
    assert does(found)[STATUS][1] == [
        "Answer: “Not applicable”", "Before it can be sent: say in the comment why this does not apply.",
    ]  # fmt: skip
    assert taken(world, content).new == 3
    said = [(sentence, colour) for _, sentence, colour in marks(found)]
    assert said == [(line.lack, Colour.BOTH) for line in found.lines if line.lack]


def test_true_is_yes_where_that_is_offered(world):
    found = compared(world, filled(sent_out(world), **{YEAR: {"answer": True}}))
    assert does(found) == {f"{YES_NO} for 2026/27": (Effect.NEW, ["Answer: “Yes”"])}


def test_who_may_not_change_an_answer_is_told_so(world):
    """It waits for the approver: the contributor cannot change it, the approver can."""
    brought(world, "awaiting_approval", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}})
    [problem] = compared(world, content).problems
    assert problem.sentence.startswith("This answer waits for your approver")
    assert compared(world, content, "ali").counts[Effect.CHANGED] == 1


def test_a_closed_round_takes_nothing(world):
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}})
    close_round(collection=world.current, by=None, now=NOW)
    world.current.refresh_from_db()
    [problem] = compared(world, content).problems
    assert problem.sentence.startswith("This round closed on ")


# ---------------------------------------------------------------- several desks


def handed_on(world, *answers: Answer) -> None:
    """The contributor presses “Send to the approver”."""
    submission = world.current.submissions.select_related("round__plan", "organisation").get(organisation__code="FJI")
    send_to_approver(submission=submission, seen=tokens(answers), by=world.people.connie, now=NOW)


def test_an_answer_that_was_only_handed_on_is_no_conflict(world):
    """A contributor sends to the approver, who goes on in the workbook."""
    answers = brought(world, "draft", OTHER), brought(world, "draft", STATUS)
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}})
    before = compared(world, content, "ali")
    handed_on(world, *answers)
    found = compared(world, content, "ali")
    assert does(found) == {OTHER: (Effect.CHANGED, ["Answer: “Planned” → “In place”"])}
    assert [line.words for line in found.lines if line.name == STATUS] == [[]]
    with pytest.raises(Stale, match="after this preview"):
        taken(world, content, seen=before.seen, person="ali")


def test_who_may_not_change_it_any_more_keeps_what_was_handed_on(world):
    answer = brought(world, "draft", OTHER)
    content = filled(sent_out(world), **{OTHER: {"answer": "In place"}, STATUS: {"answer": "Planned"}})
    handed_on(world, answer)
    [line] = compared(world, content).conflicts
    assert (line.choices, line.only) == ((SITE,), SITE)
    assert line.theirs[-1].startswith("This answer waits for your approver")
    with pytest.raises(Exception, match="choose what shall stand"):
        taken(world, content, {line.key: WORKBOOK})
    receipt = taken(world, content)
    assert (receipt.new, receipt.kept) == (1, 1)
