"""A plan's structure from a file: looked at first, then into the draft of an amendment, all or nothing."""

import csv
from datetime import UTC, date, datetime
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.exports import csv_lines
from members.refusals import Stale
from tests.members.test_import_organisations import book_of, csv_of
from tests.reporting.looks import stored
from tests.reporting.region import make_people
from workplan import actions, imports
from workplan.actions import begin_amendment, change_element, publish_amendment
from workplan.choices import Kind
from workplan.models import Amendment
from workplan.outline import Outline
from workplan.queries import draft_of, plan_at

NOW, FROM = datetime(2026, 12, 1, 9, tzinfo=UTC), date(2027, 1, 1)
HEADER = imports.LAYOUT.columns
SHORT = ("kind", "code", "parent", "text")
KPI = {
    "kind": "kpi", "code": "1.1.1(a).2", "parent": "1.1.1(a)", "text": "Number of ports", "responsible": "Members",
    "target": "At least 5", "source": "status", "measure": "members", "period": "standing", "counts_from": "in_place",
    "target_value": "5", "denominator": "35", "unit": "Members", "question": "How far are your ports?",
}  # fmt: skip


@pytest.fixture
def ed(plan):
    return make_people().ed


@pytest.fixture
def amendment(plan, ed) -> Amendment:
    return begin_amendment(plan=plan, title="Mid-term", valid_from=FROM, reason="Agreed.", by=ed, now=NOW)


@pytest.fixture
def look(amendment, ed):
    return lambda content: imports.preview(content, amendment=amendment, by=ed)


@pytest.fixture
def take(amendment, ed):
    return lambda content: imports.apply(content, amendment=amendment, seen=amendment.edits, by=ed)


def kpi_row(**says: str) -> bytes:
    row = KPI | says
    return csv_of([row.get(name, "") for name in HEADER], header=HEADER)


def whole_plan(amendment: Amendment) -> list[list[str]]:
    lines = csv_lines(HEADER, imports.rows_of(draft_of(amendment).outline))
    return list(csv.reader(StringIO("".join(lines).removeprefix("\ufeff"))))


def test_the_plan_itself_changes_nothing(amendment, look):
    header, *rows = whole_plan(amendment)
    found = look("".join(csv_lines(header, rows)).encode())
    assert (found.sentences, dict(found.counts)) == ([], {"unchanged": 222})
    assert not found.does_something


def test_what_a_file_would_do_is_said_and_nothing_is_stored(amendment, look):
    before = stored()
    found = look(csv_of(["kpi", "1.1.1(b)", "At least 29/35", "29"], header=("kind", "code", "target", "target_value")))
    [line] = found.lines
    assert (line.number, line.effect) == (2, "changed")
    assert line.words == ["Target: “At least 28/35 Members” → “At least 29/35”", "Target value: “28” → “29”"]
    assert stored() == before


def test_then_it_stands_in_the_draft_and_not_in_the_plan(plan, amendment, take):
    before = plan_at(plan, FROM)
    take(csv_of(["kpi", "1.1.1(b)", "29"], header=("kind", "code", "target_value")))
    assert amendment.changes.get().says == {"target_value": "29"}
    assert plan_at(plan, FROM) == before


@pytest.mark.parametrize("text", ["28", "28.0", "28.00"])
def test_the_same_number_is_no_change(look, text):
    found = look(csv_of(["kpi", "1.1.1(b)", text], header=("kind", "code", "target_value")))
    assert [line.effect for line in found.lines] == ["unchanged"]


def test_a_child_may_stand_before_its_parent_in_the_same_file(plan, amendment, ed, take):
    rows = [
        {**KPI, "code": "4.9.1(a)", "parent": "4.9.1(a)"},
        {"kind": "milestone", "code": "4.9.1(a)", "parent": "4.9.1", "text": "A milestone"},
        {"kind": "specific action", "code": "4.9.1", "parent": "4.9", "text": "An action"},
        {"kind": "Objective", "code": "4.9", "parent": "4", "text": "An objective"},
    ]
    done = take(csv_of(*([row.get(name, "") for name in HEADER] for row in rows), header=HEADER))
    assert [(line.number, line.effect) for line in done.lines] == [(row, "new") for row in (2, 3, 4, 5)]
    amendment.refresh_from_db()
    publish_amendment(amendment=amendment, seen=amendment.edits, by=ed, now=NOW)
    last = plan_at(plan, FROM).focus_areas[-1].objectives[-1]
    assert (last.title, [kpi.text for kpi in last.kpis]) == ("An objective", ["Number of ports"])


@pytest.mark.parametrize(("parent", "beside"), [("1.1.1", "1.1.1(c)"), ("1.1.3-1", "1.1.3-1(b)")])
def test_a_new_element_stands_last_of_those_beside_it(amendment, take, parent, beside):
    """A milestone stands under a theme or under an action."""
    outline = draft_of(amendment).outline
    last = max(outline.siblings(outline.nodes[Kind.MILESTONE, beside]), key=lambda node: node.position)
    take(csv_of(["milestone", f"{parent}(x)", parent, "Another"], header=SHORT))
    assert amendment.changes.get().says["position"] == str(last.position + 1)


def test_a_whole_plan_can_be_changed_in_one_file(amendment, take):
    header, *rows = whole_plan(amendment)
    text = header.index("text")
    changed = [[*row[:text], f"{row[text]}, amended", *row[text + 1 :]] for row in rows if row[0] != "theme"]
    done = take("".join(csv_lines(header, changed)).encode())
    assert dict(done.counts) == {"changed": 210}
    assert amendment.changes.count() == 210


def test_another_source_takes_what_belonged_to_the_old_one_with_it(amendment, take):
    says = ("kpi", "1.1.1(b)", "participation", "members", "plan", "any")
    take(csv_of(says, header=("kind", "code", "source", "measure", "period", "part")))
    assert amendment.changes.get().says["counts_from"] is None


def test_a_new_kpi_asks_all_members_or_those_that_are_named(amendment, look):
    for says, asked in (
        ({}, "Group that is asked: “all Members”"),
        ({"reporters": "ROCB"}, "Organisations that are asked: “ROCB”"),
    ):
        words = look(kpi_row(code="1.1.1(a).2", **says)).lines[0].words
        assert [each for each in words if "asked: " in each] == [asked]


@pytest.mark.parametrize(
    ("says", "sentence"),
    [
        ({"kind": "kpis"}, "(kind): There is no “kpis”."),
        ({"code": ""}, "(code): It is blank, and must be stated."),
        ({"code": "7"}, "(code): The code of this KPI is written like"),
        ({"parent": ""}, "(parent): Say below which milestone it stands."),
        ({"parent": "9.9.9(a)"}, "(parent): There is no milestone 9.9.9(a) in this plan."),
        ({"text": ""}, "(text): Write the text as the plan is to say it."),
        ({"position": "first"}, "(position): “first” is no number. Write 28 or 4.5."),
        ({"target_value": "many"}, "(target_value): “many” is no number. Write 28 or 4.5."),
        ({"target_value": ""}, "(target_value): It is blank; a new KPI needs it."),
        ({"target_value": "0"}, "A target is more than 0 and not more than its denominator."),
        ({"target_value": "36"}, "A target is more than 0 and not more than its denominator."),
        ({"denominator": "half"}, "(denominator): “half” is no whole number from 1 on."),
        ({"source": "rumours"}, "(source): There is no “rumours”. Accepted are status,"),
        ({"measure": "items"}, "This combination of source, measure and period does not exist."),
        ({"counts_from": ""}, "Where a standing is asked for, and only there"),
        ({"part": "any"}, "Where participation is asked for, and only there"),
        ({"unit": ""}, "(unit): Say what is counted, such as Members."),
        ({"question": ""}, "(question): Write the question that is asked."),
        ({"reporters": "JPN;XXX"}, "(reporters): There is no organisation XXX."),
        ({"decision_needed": "maybe"}, "(decision_needed): “maybe” is neither yes nor no."),
        ({"co_coordinators": "JPN"}, "(co_coordinators): This is not said of a KPI."),
    ],
)
def test_a_row_that_cannot_be_is_refused_in_a_sentence(look, take, says, sentence):
    before = stored()
    found = look(kpi_row(**says))
    assert any(sentence in each and each.startswith("Row 2") for each in found.sentences), found.sentences
    with pytest.raises(ValidationError):
        take(kpi_row(**says))
    assert stored() == before


def test_one_wrong_row_lets_no_other_in(amendment, take):
    rows = (["kpi", "1.1.1(b)", "29"], ["kpi", "1.1.1(c)", "many"])
    with pytest.raises(ValidationError) as told:
        take(csv_of(*rows, header=("kind", "code", "target_value")))
    assert told.value.messages == ["Row 3, column C (target_value): “many” is no number. Write 28 or 4.5."]
    assert not amendment.changes.exists()


def test_the_traps_are_closed(look):
    with pytest.raises(ValidationError, match="There is no column “txet”"):
        look(csv_of(["kpi", "1.1.1(b)", "x"], header=("kind", "code", "txet")))
    twice = csv_of(["kpi", "1.1.1(b)", "", ""], ["KPI", "1.1.1(B)", "", ""], header=SHORT)
    assert "stands in row 2 already" in str(look(twice).sentences)
    spelt = csv_of(["specific action", "1.1.1", "", ""], ["specific_action", "1.1.1", "", ""], header=SHORT)
    assert "stands in row 2 already" in str(look(spelt).sentences)
    cover = book_of(Cover=[["Read me"]], Plan=[SHORT, ["kpi", "1.1.1(b)", "", ""]])
    assert [(line.number, line.effect) for line in look(cover).lines] == [(2, "unchanged")]
    formula = book_of(Plan=[("kind", "code", "target_value"), ["kpi", "1.1.1(b)", "=20+9"]])
    assert "It is a formula. Paste its value instead." in str(look(formula).sentences)


def test_what_changed_since_the_preview_is_looked_at_again(amendment, ed):
    content = csv_of(["kpi", "1.1.1(b)", "29"], header=("kind", "code", "target_value"))
    seen = int(imports.preview(content, amendment=amendment, by=ed).seen)
    change_element(amendment=amendment, seen=seen, kind=Kind.KPI, code="1.1.1(a)", says={"text": "Other"}, by=ed)
    with pytest.raises(Stale):
        imports.apply(content, amendment=amendment, seen=seen, by=ed)
    assert amendment.changes.get().code == "1.1.1(a)"


def test_the_plan_is_not_made_anew_for_every_row(amendment, look, monkeypatch):
    """That made 2,000 rows take 43 seconds."""
    calls = []
    whole, walk = Outline.with_changes, Outline.in_force.func
    monkeypatch.setattr(Outline, "with_changes", lambda *asked: calls.append("changes") or whole(*asked))
    monkeypatch.setattr(Outline, "in_force", property(lambda outline: calls.append("walk") or walk(outline)))
    header, *rows = whole_plan(amendment)
    calls.clear()
    text = header.index("text")
    done = look("".join(csv_lines(header, [[*row[:text], "Other", *row[text + 1 :]] for row in rows])).encode())
    assert dict(done.counts) == {"changed": 222}
    assert calls == ["changes"]


def test_who_only_looks_holds_nobody_up(amendment, look, monkeypatch):
    monkeypatch.setattr(actions, "hold", lambda plan: pytest.fail("The plan is held."))
    with CaptureQueriesContext(connection) as asked:
        look(csv_of(["kpi", "1.1.1(b)", "29"], header=("kind", "code", "target_value")))
    assert not [each["sql"] for each in asked if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]
