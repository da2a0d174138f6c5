"""What the documents say is what the report says; where Members are only counted, nobody is named."""

import re
from dataclasses import replace
from io import BytesIO
from itertools import cycle

import pytest
from docx import Document as read_document
from docx.oxml.ns import qn
from openpyxl import load_workbook
from pikepdf import open as open_pdf

from reporting.achievement import Status
from reporting.actions.releases import with_words
from reporting.because import Because, Reason
from reporting.commentary import Words
from reporting.documents import making, pdf, progress, questions, scorecard, word, work_plan
from reporting.documents.blocks import Chart, Heading, Row, Section, Table
from reporting.documents.figures import target_words, value_words
from reporting.documents.making import FORMATS
from reporting.documents.source import Source
from reporting.documents.wrapping import wrapped
from reporting.explanation import rule_in_words
from reporting.facts import rule_of
from reporting.inputs import Basis
from reporting.moves import moved, moves
from reporting.pack.tables import Head, Stamp
from reporting.pack.tables import tables as data_tables
from reporting.presentation import WORDS
from reporting.reasons import changes
from reporting.report import explained_report, from_json, to_json

from .papers import bare, text_of
from .region import BASELINE, INTERIM, NOW, on
from .test_workbook_office import converted
from .world import CODES, SILENT, STATUS

pytestmark = pytest.mark.django_db

NARRATIVE, COMMENT = "The region moves.\nTwo Members joined.", "Three workshops are planned; 海关."
CANARY = "ZEBRA"


@pytest.fixture(scope="module")
def report(stored_world, django_db_blocker):
    with django_db_blocker.unblock():
        found = explained_report(on(INTERIM))
    return with_words(found, Words({"1.1.1(b)": COMMENT}, {"1": NARRATIVE}, {}, {}))


@pytest.fixture(scope="module")
def before(stored_world, django_db_blocker):
    with django_db_blocker.unblock():
        return explained_report(on(BASELINE))


def source(report, *, named=True, **more):
    return Source(report, named, None, NOW.date(), **more)


def tables(document):
    return [each for each in document.blocks if isinstance(each, Table)]


def rows_of(table):
    return [each for each in table.rows if isinstance(each, Row)]


def texts(row):
    return [cell.text for cell in row.cells]


# ---------------------------------------------------------------- the work plan


def test_the_work_plan_has_its_published_columns_and_every_kpi_with_its_figures(report):
    *areas, _ = tables(work_plan.document(source(report)))
    assert [column.title for column in areas[0].columns] == [
        "Specific Actions", "Milestones", "Responsible", "All KPI", "Target", "Baseline / Deliverable", "Comments",
    ]  # fmt: skip
    rows = [row for table in areas for row in rows_of(table)]
    for row, kpi in zip(rows, report.plan.kpis, strict=True):
        said, result = texts(row), report.results[kpi.code]
        assert said[3:5] == [kpi.text, kpi.target]
        baseline = "unknown" if result.baseline is None else value_words(kpi, result.baseline)
        assert f"Baseline at 30.06.26: {baseline}" in said[5]
        shown = "no value" if result.value is None else f"{value_words(kpi, result.value)} of {target_words(kpi)}"
        assert shown in said[5]
        assert row.cells[5].status == result.status.value
        assert said[6] == report.comments.get(kpi.code, "")


def test_the_work_plan_is_printed_as_it_was_published(report):
    first = tables(work_plan.document(source(report)))[0]
    sections = [each.text for each in first.rows if isinstance(each, Section)]
    assert [text[:13] for text in sections] == ["Objective 1.1", "Objective 1.2", "Objective 1.3"]
    said = {texts(row)[1].split("\n")[0]: texts(row) for row in rows_of(first)}
    first_row = next(iter(said.values()))
    assert first_row[0].startswith("1.1.1 Identify and mitigate risk")
    assert first_row[1].startswith("(a) Implementation of Risk Management")
    assert "1. RKC (Revised Kyoto Convention)" in said
    assert any(name.startswith("8. Encourage and assist Members") for name in said)
    second = tables(work_plan.document(source(report)))[1]
    reports, alerts = rows_of(second)[:2]
    assert texts(reports)[1].startswith("(a) Evaluate seizure data")
    assert texts(alerts)[:4] == ["2.1.1", "2.1.1(a)", "RILO A/P", "Publish alerts"]
    assert all(texts(row)[0] and texts(row)[1] for row in every_row(report))


def test_what_is_said_of_a_figure_at_a_date_and_of_each_year(report):
    rows = {kpi.code: row for kpi, row in zip(report.plan.kpis, every_row(report), strict=True)}
    assert texts(rows["1.1.1(b)"])[5] == (
        "Baseline at 30.06.26: 25\nDeliverable for 30.06.28: 25 of 28 as at 30.06.27\nUp to 28: 1 pending, 2 silent"
    )
    assert "2026/27: 36 of 40, not met" in texts(rows["2.1.1(a).2"])[5]


def every_row(report):
    return [row for table in tables(work_plan.document(source(report)))[:-1] for row in rows_of(table)]


def test_the_workbook_has_every_figure_as_a_number(report):
    book = load_workbook(BytesIO(FORMATS["xlsx"].write(work_plan.document(source(report)))))
    rows = list(book["Figures"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 87
    for row, kpi in zip(rows, report.plan.kpis, strict=True):
        result = report.results[kpi.code]
        numbers = (kpi.reading.target, result.baseline, result.value, result.percent, result.expected, result.progress)
        assert row[0] == kpi.code
        assert [None if number is None else pytest.approx(float(number)) for number in numbers] == list(row[6:12])


def test_the_word_table_says_the_same(report):
    made = read_document(BytesIO(word.write(work_plan.document(source(report)))))
    assert [len(table.rows) for table in made.tables] == [len(each.rows) + 1 for each in tables(
        work_plan.document(source(report)))[:-1]]  # fmt: skip
    assert made.tables[0].rows[3].cells[6].text == COMMENT


# ---------------------------------------------------------------- the progress report


def test_the_progress_report_counts_as_the_overview_does(report):
    made = progress.document(source(report))
    [summary] = [each for each in tables(made) if each.sheet == "Summary"]
    for row, area in zip(rows_of(summary), report.plan.focus_areas, strict=False):
        counts = report.statuses(area.kpis)
        assert row.cells[1].value == sum(counts.values())
        assert [cell.value for cell in row.cells[2:]] == [
            sum(counts.get(status, 0) for status in group) for group in progress.GROUPS.values()
        ]
    assert sum(cell.value for cell in rows_of(summary)[-1].cells[2:]) == 87


def test_a_percent_sign_stays_on_the_line_of_its_number(report):
    for document in (progress.document(source(report)), work_plan.document(source(report))):
        shown = [cell.text for table in tables(document) for row in rows_of(table)
                 for cell, column in zip(row.cells, table.columns, strict=True)
                 if column.numbers or column.title == "Baseline / Deliverable"]  # fmt: skip
        assert any("\u00a0%" in text for text in shown)
        assert not [text for text in shown if " %" in text]


def test_every_table_of_a_word_document_has_a_name(report):
    for make in MAKE.values():
        made = read_document(BytesIO(word.write(make(source(report)))))
        names = [each.get(qn("w:val")) for each in made.element.body.iter(qn("w:tblCaption"))]
        assert len(names) == len(made.tables)
        assert all(names)
    made = read_document(BytesIO(word.write(progress.document(source(report)))))
    names = [each.get(qn("w:val")) for each in made.element.body.iter(qn("w:tblCaption"))]
    assert [name for name in names if name.startswith("Every target")] == ["Every target by its status"] * 4
    assert names[-1] == "Annex: every KPI"


def test_every_kpi_stands_in_the_group_of_its_status_and_in_the_annex(report):
    made = progress.document(source(report))
    by_status = [each for each in tables(made) if each.only == "paper"]
    assert sorted(texts(row)[0] for table in by_status for row in rows_of(table)) == sorted(report.results)
    for table in by_status:
        group = ()
        for row in table.rows:
            if isinstance(row, Section):
                group = progress.GROUPS[row.text.partition(":")[0]]
            else:
                assert report.results[texts(row)[0]].status in group
    annex = tables(made)[-1]
    assert [texts(row)[0] for row in rows_of(annex)] == [kpi.code for kpi in report.plan.kpis]
    for row, kpi in zip(rows_of(annex), report.plan.kpis, strict=True):
        assert row.cells[4].text == value_words(kpi, report.results[kpi.code].value)
        assert row.cells[6].status == report.results[kpi.code].status.value


@pytest.mark.parametrize("kind", FORMATS)
def test_the_narrative_stands_in_it(report, kind):
    text = text_of(FORMATS[kind].write(progress.document(source(report))), kind)
    assert bare("What the co-coordinators say") in text
    assert bare("The region moves.") in text
    assert bare("Two Members joined.") in text
    assert bare(COMMENT) in text


def test_what_moved_is_what_moved(report, before):
    made = progress.document(source(report, before=before, before_words="release 1, as at 30.06.26"))
    expected = list(moves(before, report))
    heading = next(each.text for each in made.blocks if isinstance(each, Heading) and "moved" in each.text)
    assert heading == f"{len(expected)} figures moved since release 1, as at 30.06.26"
    [table] = [each for each in tables(made) if each.sheet == "What moved"]
    assert {texts(row)[0] for row in rows_of(table)} == {each.code for each in expected}
    slipped = {texts(row)[0] for row in rows_of(table) if texts(row)[6].startswith("↓ less\n")}
    assert slipped == {each.code for each in expected if each.slipped}


def test_as_many_moved_in_the_report_as_on_the_pages_and_in_the_data(report, before):
    begun = next(code for code in report.results if code not in {each.code for each in moves(before, report)})
    asleep = replace(before.results[begun], value=None, status=Status.NOT_BEGUN)
    before = replace(before, results={**before.results, begun: asleep})
    made = progress.document(source(report, before=before, before_words="release 1"))
    told = [texts(row)[0] for each in tables(made) if each.sheet == "What moved" for row in rows_of(each)]
    head = Head(report, Stamp(2, report.as_of, ""), NOW.date())
    data = next(each for each in data_tables(head, changes(before, report)) if each.name == "moved")
    assert sorted(told) == sorted(row[0] for row in data.values())
    assert moved([to_json(before), to_json(report)], {1: 0}) == {1: len(told)}
    slept = {each.code for each in moves(before, report) if each.begun}
    assert set(told[-len(slept) :]) == slept
    said = [each.text for each in made.blocks if hasattr(each, "text")]
    last = "It stands last." if len(slept) == 1 else "They stand last."
    assert f"{len(slept)} of them had not begun then. {last}" in said


@pytest.mark.parametrize("covers", ["", "Focus Area 1"])
def test_a_retired_focus_area_is_told_and_what_a_part_does_not_cover_is_not(report, before, covers):
    """Also where the report before has more focus areas than there are now."""
    kept = [area for area in before.plan.focus_areas if (area.code == "1" if covers else area.code != "4")]
    codes = {kpi.code for area in kept for kpi in area.kpis} - {STATUS}
    after = replace(
        before.limited_to(area.code for area in kept),
        results={code: each for code, each in before.results.items() if code in codes},
    )
    gone = replace(after, plan=replace(after.plan, focus_areas=tuple(without(area, STATUS) for area in kept)))
    told = whys(progress.document(source(gone, before=before, before_words="release 1", covers=covers)))
    retired = {kpi.code for area in before.plan.focus_areas if area.code == "4" for kpi in area.kpis}
    assert told == dict.fromkeys({STATUS} | (set() if covers else retired), "No longer in the plan")


def without(area, code):
    """The focus area without a KPI."""
    objectives = []
    for objective in area.objectives:
        actions = (
            replace(each, kpis=tuple(kpi for kpi in each.kpis if kpi.code != code)) for each in objective.actions
        )
        objectives.append(replace(objective, actions=tuple(actions)))
    return replace(area, objectives=tuple(objectives))


def whys(document):
    """Code -> why it moved."""
    [table] = [each for each in tables(document) if each.sheet == "What moved"]
    place = [column.title for column in table.columns].index("Why")
    return {texts(row)[0]: texts(row)[place] for row in rows_of(table)}


def test_every_figure_that_moved_says_why_with_names_only_where_members_are_named(report, before):
    told, hushed = (
        whys(progress.document(source(report, named=named, before=before, before_words="release 1")))
        for named in (True, False)
    )
    assert told.keys() == hushed.keys()
    assert all(told.values())
    assert "New answer: 1 counts now (Samoa); 1 no longer counts, a slip (Fiji)" in told[STATUS]
    assert "New answer: 1 counts now; 1 no longer counts, a slip" in hushed[STATUS]
    names = [each.name for each in report.organisations if each.member]
    assert not [name for name in names if name in "\n".join(hushed.values())]


def test_an_amended_reading_is_told_as_a_reason(report):
    [kpi] = [each for each in report.plan.kpis if each.code == STATUS]
    result = report.results[STATUS]
    earlier = replace(kpi, reading=replace(kpi.reading, target=kpi.reading.target + 1))
    areas = replaced(report.plan.focus_areas, kpi, earlier)
    then = replace(
        report,
        plan=replace(report.plan, focus_areas=areas),
        results={**report.results, STATUS: replace(result, value=result.value + 1)},
    )
    made = progress.document(source(report, before=then, before_words="release 1"))
    assert whys(made) == {STATUS: "↓ less\nAmended reading: the target"}
    for kind, each in FORMATS.items():
        assert bare("Amended reading: the target") in text_of(each.write(made), kind)


def test_a_pair_is_told_by_the_names_of_both():
    reason = Reason(Because.NEW_RECORD, ("AUS - FJI", "A-1"), kind="arrangement")
    assert (
        reason.words(names={"AUS": "Australia", "FJI": "Fiji"}) == "New record: 2 arrangements (Australia - Fiji, A-1)"
    )


def test_what_is_missing_is_said(report):
    [notes] = [each.items for each in progress.document(source(report)).blocks if hasattr(each, "items")]
    told = "\n".join(notes)
    unconfirmed = [kpi.code for kpi in report.plan.kpis if kpi.reading.unconfirmed]
    without = [kpi.code for kpi in report.plan.kpis if report.results[kpi.code].value is None]
    assert f"{len(unconfirmed)} readings are not confirmed: {', '.join(unconfirmed)}." in told
    assert f"{len(without)} KPIs have no value: {', '.join(without)}." in told
    assert "Statuses that count and were not renewed as at 30.06.27" in told
    assert "1.1.1(b) (23)" in told
    assert "4.2.1(f): without a figure for the base year, so not counted: Samoa" in told


def test_charts_have_their_figures_in_words(report):
    charts = [each for each in progress.document(source(report)).blocks if isinstance(each, Chart)]
    assert len(charts) >= 3
    assert all(each.words and "<svg" in each.svg for each in charts)
    for area in report.plan.focus_areas:
        counts = report.statuses(area.kpis)
        said = ", ".join(f"{counts[status]} {WORDS[status]}" for status in WORDS if counts.get(status))
        assert f"Focus Area {area.code}: {said}" in charts[0].words


# ---------------------------------------------------------------- scorecards, open questions


def card(report, code="FJI", *, named=True):
    states = scorecard.states_of(report.results, code)
    return scorecard.document(source(report, named=named), code, states, report, "The region.")


def test_a_scorecard_says_where_the_member_stands(report):
    states = scorecard.states_of(report.results, "FJI")
    counted = [code for code, result in report.results.items() if "FJI" in result.counted]
    assert [code for code, state in states.items() if state == "counted"] == counted
    silent = [code for code, result in report.results.items() if "FJI" in result.unanswered]
    assert [code for code, state in states.items() if state == "unanswered"] == silent
    made = card(report)
    said = next(each.text for each in made.blocks if hasattr(each, "text"))
    assert said.startswith(f"Fiji counts for {len(counted)} of the {len(states)} KPIs that ask it, as at 30.06.27.")
    [table] = tables(made)
    assert {texts(row)[0]: row.cells[4].status for row in rows_of(table)} == states


def test_a_scorecard_says_beside_it_where_the_region_stands_in_words(report):
    kpis = {kpi.code: kpi for kpi in report.plan.kpis}
    [table] = tables(card(report))
    assert [column.title for column in table.columns] == ["KPI", "Milestone", "Region", "Region’s status", "Member"]
    for row in rows_of(table):
        code, result = texts(row)[0], report.results[texts(row)[0]]
        assert texts(row)[2] == f"{value_words(kpis[code], result.value)} of {target_words(kpis[code])}"
        assert row.cells[3].status == result.status.value
    for kind, each in FORMATS.items():
        assert bare("▲ At risk") in text_of(each.write(card(report)), kind)


def test_what_the_region_has_not_released_is_not_on_a_scorecard(report):
    """Also of a KPI that joined the plan since; what is beside is counted against the target of then."""
    states = scorecard.states_of(report.results, "FJI")
    [without] = tables(scorecard.document(source(report), "FJI", states, None, ""))
    assert {tuple(texts(row)[2:4]) for row in rows_of(without)} == {("–", "not released")}
    assert {row.cells[3].status for row in rows_of(without)} == {""}
    [kpi] = [each for each in report.plan.kpis if each.code == STATUS]
    then = replace(kpi, reading=replace(kpi.reading, target=kpi.reading.target + 7))
    areas = replaced(report.plan.focus_areas, kpi, then)
    released = replace(report, plan=replace(report.plan, focus_areas=areas))
    [beside] = tables(scorecard.document(source(report), "FJI", states, released, ""))
    assert {texts(row)[0]: texts(row)[2] for row in rows_of(beside)}[STATUS].endswith(f" of {target_words(then)}")


def test_before_the_plan_begins_nobody_has_answered_what_is_not_standing(world):
    report = from_json(world.release.content)
    states = scorecard.states_of(report.results, "VUT")
    begun = {code for code, result in report.results.items() if result.status is not Status.NOT_BEGUN}
    assert states
    assert states.keys() < begun
    assert set(states.values()) == {"unanswered"}


def test_a_scorecard_counts_by_focus_area(report):
    states = scorecard.states_of(report.results, "FJI")
    [table] = tables(card(report))
    told = [each.text for each in table.rows if isinstance(each, Section)]
    assert len(told) == len(report.plan.focus_areas)
    for text, area in zip(told, report.plan.focus_areas, strict=True):
        found = [states[kpi.code] for kpi in area.kpis if kpi.code in states]
        assert f"Focus Area {area.code}: {area.title}: counts for {found.count('counted')} of {len(found)}" in text
        for state, words in scorecard.SAID.items():
            said = f"; {found.count(state)} {words}"
            assert (said in text) == (state in found and state != "counted")


def test_no_milestone_of_the_real_plan_is_cut_on_a_scorecard(report):
    milestones = {kpi.code: scorecard.flat(kpi.milestone) for kpi in report.plan.kpis}
    for member in report.members():
        [table] = tables(card(report, member.code))
        assert [texts(row)[1] for row in rows_of(table)] == [milestones[texts(row)[0]] for row in rows_of(table)]


def test_what_is_cut_where_it_does_not_fit_is_what_loses_least():
    texts = [" ".join(["word"] * many) for many in (25, 15, 16, 40, 2)]
    needed = sum(wrapped(text, scorecard.LINE) for text in texts)
    for room, cut in ((needed, []), (needed - 1, [1]), (needed - 2, [1, 2]), (0, [0, 1, 2, 3])):
        shown = list(scorecard.fitting(texts, room))
        assert [place for place, text in enumerate(shown) if text != texts[place]] == cut
        assert all(shown[place].endswith("word …") for place in cut)
    assert max(map(len, shown)) <= scorecard.LINE + len(" …")


def full_card(report, many):
    """A scorecard of so many KPIs, whose head says all that one can say, at some length."""
    head = (("Head of the history", "ab" * 32),)
    long = replace(report, plan=replace(report.plan, title="Strategic Plan of the Region " * 5))
    about = source(long, invented=True, more=head)
    codes = [*report.results, *(f"{code}x" for code in report.results)][:many]
    states = dict(zip(codes, cycle(scorecard.ORDER), strict=False))
    return scorecard.document(about, "HKG", states, report, "Beside each KPI stands the region as in release 2.")


MANY = (54, 65, scorecard.MOST, scorecard.MOST + 1, 2 * scorecard.MOST)


def pages_of(content):
    with open_pdf(BytesIO(content)) as made:
        return len(made.pages)


def test_a_scorecard_is_one_page_whoever_it_is_about(report):
    for code in ("FJI", "JPN", *SILENT):
        assert pages_of(pdf.write(card(report, code))) == 1


@pytest.mark.parametrize("many", MANY)
def test_a_scorecard_of_a_plan_with_more_kpis_is_one_page(report, many):
    assert pages_of(pdf.write(full_card(report, many))) == 1


@pytest.mark.office
@pytest.mark.parametrize("kind", ["docx", "xlsx"])
def test_a_scorecard_is_one_page_in_libreoffice(report, kind, tmp_path):
    longest = max(report.members(), key=lambda each: len(each.name))
    for number, made in enumerate((card(report, longest.code), *(full_card(report, many) for many in MANY))):
        folder = tmp_path / f"{number}"
        folder.mkdir()
        assert pages_of(converted(FORMATS[kind].write(made), "pdf", folder, kind)) == 1


def test_a_workbook_of_a_scorecard_is_one_sheet_that_prints_on_one_page(report):
    made = card(report)
    [sheet] = load_workbook(BytesIO(FORMATS["xlsx"].write(made))).worksheets
    assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 1)
    rows = [[value or "" for value in row] for row in sheet.iter_rows(values_only=True)]
    [table] = tables(made)
    head = rows.index([column.title for column in table.columns])
    assert len(rows) == head + 1 + len(table.rows)
    for row, each in zip(rows[head + 1 :], table.rows, strict=True):
        words = [each.text, "", "", "", ""] if isinstance(each, Section) else [cell.lines for cell in each.cells]
        assert row == words
    assert "Sheet" not in "".join(str(value) for row in rows[:head] for value in row)


def test_no_rank_is_ever_shown(report):
    text = text_of(pdf.write(card(report)), "pdf").lower()
    assert not re.search(r"rank|place\d|\d(st|nd|rd|th)of", text)


def test_open_questions_are_the_unconfirmed_readings_with_their_notes(report):
    [table] = tables(questions.document(source(report)))
    wanted = [kpi for kpi in report.plan.kpis if kpi.reading.unconfirmed]
    assert wanted
    for row, kpi in zip(rows_of(table), wanted, strict=True):
        said = texts(row)
        assert [said[0], said[2], said[3]] == [kpi.code, kpi.target, rule_in_words(rule_of(kpi.reading))]
        assert kpi.reading.note in said[4]


def test_when_nothing_is_open_it_says_so(report):
    areas = tuple(replace(area, objectives=()) for area in report.plan.focus_areas)
    settled = replace(report, plan=replace(report.plan, focus_areas=areas), results={})
    assert "No question is open" in questions.document(source(settled)).blocks[0].text


# ---------------------------------------------------------------- Members that are not named


def with_canaries(report):
    """Every Member is called by a name that stands nowhere else, also in what people wrote."""
    renamed = tuple(
        replace(each, name=f"{CANARY}-{each.code}") if each.member else each for each in report.organisations
    )
    said = f"As {CANARY.lower()}-fji said, {CANARY}-TON and JPN too."
    plan = replace(report.plan, focus_areas=noted(report.plan.focus_areas, said))
    words = {"comments": {"1.1.1(b)": said}, "narratives": {"1": said}}
    return replace(report, plan=plan, organisations=renamed, **words)


def noted(areas, said):
    """The same focus areas, with a note on every reading."""
    return changed(areas, lambda kpi: replace(kpi, reading=replace(kpi.reading, note=said)))


def replaced(areas, old, new):
    """The same focus areas, with another KPI in one's place."""
    return changed(areas, lambda kpi: new if kpi == old else kpi)


def changed(areas, change):
    return tuple(replace(area, objectives=tuple(
        replace(objective, actions=tuple(
            replace(action, kpis=tuple(change(kpi) for kpi in action.kpis)) for action in objective.actions
        )) for objective in area.objectives
    )) for area in areas)  # fmt: skip


def codes_in(text):
    """Without white space "WTO" and "Number" hold the code of Tonga."""
    return [code for code in CODES if code in text.replace("WTON", "")]


MAKE = {"work-plan": work_plan.document, "progress": progress.document, "questions": questions.document}


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", MAKE)
def test_where_members_are_counted_nobody_is_named(report, before, name, kind):
    hidden = source(with_canaries(report), named=False, before=with_canaries(before), before_words="release 1")
    document = MAKE[name](hidden)
    text = text_of(FORMATS[kind].write(document), kind)
    assert CANARY not in text.upper()
    assert codes_in(text) == []
    assert bare("As [a Member] said, [a Member] and [a Member] too.") in text
    assert not re.search(r">[A-Z]{2}</text>", "".join(each.svg for each in document.blocks if isinstance(each, Chart)))
    named = text_of(FORMATS[kind].write(MAKE[name](replace(hidden, named=True))), kind)
    assert CANARY in named


@pytest.mark.parametrize("kind", FORMATS)
def test_a_scorecard_names_its_own_member_alone(report, kind):
    text = text_of(FORMATS[kind].write(card(with_canaries(report), named=False)), kind)
    assert set(re.findall(f"{CANARY}-([A-Z]{{3}})", text)) == {"FJI"}
    assert codes_in(text) == ["FJI"]


@pytest.mark.parametrize("named", [True, False])
def test_who_has_answered_is_told_by_group_only_where_members_are_named(report, named):
    """Of a group in which all have answered, or none, the number would tell of each."""
    document = progress.document(source(report, named=named))
    [answered] = [each for each in tables(document) if each.sheet == "Answers"]
    groups = {each.group_label for each in report.members()}
    assert {texts(row)[0] for row in rows_of(answered)} == (groups if named else {"All Members"})
    assert sum(row.cells[1].value for row in rows_of(answered)) == 35
    drawn = "".join(each.svg for each in document.blocks if isinstance(each, Chart))
    assert all((f">{group}<" in drawn) == named for group in groups)


def test_silent_members_are_counted_then(report):
    told = [each.text for each in progress.document(source(report, named=False)).blocks if hasattr(each, "text")]
    assert any(re.fullmatch(r"Nothing yet from \d+ Members\.", text) for text in told)


# ---------------------------------------------------------------- a release


def test_the_documents_of_a_release_are_the_same_after_everything_changed(world):
    from .test_release import change_everything

    kinds = making.KINDS.values()

    def made():
        release = world.release
        found = making.of_release(release, from_json(release.content))
        return [each.write(kind.make(found)) for kind in kinds for each in FORMATS.values()]

    first = made()
    change_everything(world)
    assert made() == first


def test_a_document_says_its_release_and_basis(report):
    shown = making.Released(7, "Interim", "c0ffee", NOW.date())
    about = Source(replace(report, basis=Basis.REPORTED, provisional=True), True, shown, NOW.date()).about()
    assert dict(about.lines()) == {
        "Plan": report.plan.title,
        "As at": "30.06.27, provisional",
        "Basis": "reported answers",
        "Plan version": "as adopted",
        "Release": "Release 7: Interim",
        "Checksum (SHA-256)": "c0ffee",
    }
    assert about.short == "As at 30.06.27, provisional · reported answers · plan as adopted · Release 7"


@pytest.mark.parametrize("kind", FORMATS)
def test_a_document_of_a_demonstration_says_so_on_every_page(report, kind):
    for invented in (True, False):
        made = questions.document(source(report, invented=invented))
        text = text_of(FORMATS[kind].write(made), kind)
        assert (bare("Demonstration data: invented.") in text) == invented
        assert (bare("Not released · demonstration data") in text) == invented
