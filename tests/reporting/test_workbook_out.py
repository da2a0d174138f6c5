"""The Member's workbook goes out: what stands in it, what may be written, who may have it."""

import os
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from zipfile import ZipFile

import pytest
from django.core.cache import caches
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.choices import AuditAction, RoleName
from members.models import AuditEntry, Role
from reporting.actions import close_round
from reporting.models import Answer, Round
from reporting.workbook import layout
from reporting.workbook.layout import ABOUT, ACTIVITIES, ARRANGEMENTS, CODES, LISTS, READ_ME
from reporting.workbook.registers import ADD, ALL, OWN
from reporting.workbook.writing import workbook_of

from .builders import refusal, run
from .entering import FIGURES, GROWING, ROUND, SHARE, YES_NO, brought
from .looks import stored
from .region import NOW, PLAN, activity, answer, arrangement, more_members, org
from .workbook_opened import covered, downloaded, found, lines, made, names, path, values
from .world import STATUS

INPUT, GREY, WHITE = "FFFDF0D5", "FFEEF1F4", "00000000"


def filled(cell) -> str:
    return cell.fill.fgColor.rgb


# ---------------------------------------------------------------- what stands in it


def test_a_sheet_for_each_focus_area_and_for_the_registers(world):
    opened = made(world)
    areas = ["FA 1", "FA 2", "FA 3", "FA 4"]
    assert opened.book.sheetnames == [READ_ME, *areas, ACTIVITIES, ARRANGEMENTS, CODES, LISTS, ABOUT]
    hidden = {sheet.title: sheet.sheet_state for sheet in opened.book if sheet.sheet_state != "visible"}
    assert hidden == {LISTS: "veryHidden", ABOUT: "veryHidden"}
    assert opened.book.active.title == READ_ME


def test_every_question_of_the_return_stands_beside_the_plans_words(world):
    opened, there = made(world), found(world)
    wanted = {
        layout.answer_key(item.kpi.code, thread.plan_year): (
            item.kpi.code,
            layout.year_words(thread.plan_year) or None,
            item.reading.question,
            f"FA {item.area.code}",
        )
        for item in there.items
        for thread in item.threads
    }
    said = {
        key: (*values(cells, "code", "year", "question"), sheet.title)
        for sheet in opened.area_sheets
        for key, cells in lines(sheet).items()
    }
    assert said == wanted
    cells = opened.answers()
    for item in there.items:
        for thread in item.threads:
            told = cells[layout.answer_key(item.kpi.code, thread.plan_year)]
            for words in (item.kpi.milestone, item.kpi.text, f"Target: {item.kpi.target}"):
                assert words in told["plan"].value
            assert item.reading.guidance.strip() in told["counts"].value


def test_objectives_and_actions_stand_above_their_questions(world):
    sheet = made(world)["FA 1"]
    headings = [row[1].value for row in sheet.iter_rows(4) if not row[0].value]
    assert headings[0].startswith("Objective 1.1: ")
    assert headings[1].startswith("Specific action 1.1.1: ")
    assert headings[2].startswith("Specific action 1.1.2: ")


def test_last_times_answer_stands_beside_with_its_round(world):
    cells = made(world).answers()
    assert cells[STATUS]["last"].value == "Planned\nInterim 1\n“CANARY-new-FJI”"
    assert cells[f"{GROWING}@2026"]["last"].value == "4\nInterim 1"
    assert cells["4.1.1(b)"]["last"].value == "Nothing yet"


def test_what_was_said_with_last_times_figure_stands_beside_it(world):
    """As in the browser: whoever looks at the figure alone counts in another way."""
    told = {"figure_source": "Books", "figure_definition": "Without transit", "comment": "So."}
    answer(world.interim, "FJI", FIGURES, 2026, value=Decimal(7), **told)
    said = made(world).answers()[f"{FIGURES}@2026"]["last"].value
    assert said == "7\nInterim 1\n“So.”\nFrom: Books.\nCounted as: Without transit."


def test_a_draft_is_filled_in_for_its_own_people_alone(world):
    brought(world, "draft", comment="Ours alone.")
    own, others, nobody = (made(world, who).answers()[STATUS] for who in (world.people.connie, world.people.ed, None))
    assert values(own, "answer", "comment", "state") == ["Planned", "Ours alone.", "Draft"]
    for cells in (others, nobody):
        assert values(cells, "answer", "comment", "state") == [None, None, "Not answered"]


def test_figures_are_numbers_and_what_else_was_said_stands_there(world):
    answer(world.current, "FJI", GROWING, 2026, value=Decimal("1250.5"), figure_source="Books.", comment="So.")
    answer(world.current, "ROCB", SHARE, 2026, numerator=Decimal(3), denominator=Decimal(8))
    cells = made(world).answers()[f"{GROWING}@2026"]
    assert values(cells, "value", "figure_source", "comment", "answer") == [1250.5, "Books.", "So.", None]
    assert cells["value"].data_type == "n"
    cells = made(world, member="ROCB").answers()[f"{SHARE}@2026"]
    assert values(cells, "numerator", "denominator") == [3, 8]


def test_each_kind_of_answer_is_said_as_its_drop_down_says_it(world):
    answer(world.current, "FJI", YES_NO, 2026, participated=True)
    answer(world.current, "FJI", "1.1.2(c)", register_complete=True)
    answer(world.current, "FJI", GROWING, 2027, standing="not_applicable", comment="None here.")
    cells = made(world).answers()
    assert cells[f"{YES_NO}@2026"]["answer"].value == "Yes"
    assert cells["1.1.2(c)"]["answer"].value == "Yes, the register is complete up to 31.12.27"
    assert cells[f"{GROWING}@2027"]["answer"].value == layout.DOES_NOT_APPLY


def test_what_came_back_says_why_and_until_when(world):
    brought(world, "returned")
    state = made(world, world.people.connie).answers()[STATUS]["state"].value
    assert state == "Returned: please correct by the end of 05.02.28 (Asia/Tokyo). Which law?"


def test_the_first_sheet_says_what_it_is_and_until_when(world):
    words = [cell for row in made(world, world.people.connie)[READ_ME].values for cell in row if cell]
    assert words[0] == "Fiji: Interim 2"
    deadline = words[words.index("Deadline") + 1]
    assert deadline == "Upload it before 31.01.28, 17:00 (Asia/Tokyo); 31.01.28, 20:00 your time (Pacific/Fiji)."
    assert words[words.index("Filled in so far") + 1].startswith("0 of ")
    assert {"Fill in", "Not asked", "To read", "Not now"} <= set(words)


# ---------------------------------------------------------------- what may be written


def test_only_input_cells_are_unlocked_and_coloured_each_by_what_its_row_asks(world):
    opened = made(world)
    wrong = []
    for item in found(world).items:
        asked = layout.INPUTS[layout.asks(item.reading.source, item.reading.measure)]
        for thread in item.threads:
            for name, cell in opened.answers()[layout.answer_key(item.kpi.code, thread.plan_year)].items():
                column = next(each for each in layout.ANSWER_COLUMNS if each.name == name)
                right = (False, INPUT) if name in asked else (True, GREY if column.input else WHITE)
                if (cell.protection.locked, filled(cell)) != right:
                    wrong.append((item.kpi.code, name, cell.protection.locked, filled(cell)))
    assert wrong == []
    for sheet in opened.book:
        if sheet.sheet_state == "visible":
            assert sheet.protection.sheet
            assert sheet.protection.password is None
            assert not any(getattr(sheet.protection, name) for name in ("formatColumns", "formatRows", "sort"))
    for sheet in opened.input_sheets:
        heads = [cell for row in sheet.iter_rows(1, 3) for cell in row]
        assert all(cell.protection.locked for cell in heads)


def test_an_answer_that_was_sent_is_locked_and_a_returned_one_is_not(world):
    brought(world, "submitted")
    cells = made(world).answers()[STATUS]
    assert {(cells[name].protection.locked, filled(cells[name])) for name in ("answer", "comment")} == {(True, WHITE)}
    assert values(cells, "answer", "state") == ["Planned", "Sent, not decided yet"]


def test_in_a_closed_round_only_what_came_back_is_open(world):
    brought(world, "returned")
    close_round(collection=world.current, by=None, now=NOW)
    opened = made(world, world.people.connie)
    unlocked = {key for key, cells in opened.answers().items() if not cells["comment"].protection.locked}
    assert unlocked == {STATUS}
    assert "This round closed on" in opened.words()


def unlocked_in(opened) -> set[str]:
    return {sheet.title for sheet in opened.book for row in sheet for cell in row if not cell.protection.locked}


def test_what_waits_for_the_approver_is_locked_for_the_contributor_alone(world):
    brought(world, "awaiting_approval")
    for person, locked in ((world.people.connie, True), (world.people.ali, False), (None, False)):
        assert made(world, person).answers()[STATUS]["comment"].protection.locked == locked
    assert ACTIVITIES in unlocked_in(made(world, world.people.connie))


@pytest.mark.parametrize("person", ["connie", "ed", ""])
def test_the_workbook_of_a_closed_round_is_for_reading(world, person):
    """The page to upload it would refuse it, so nothing in it looks as if it were to be filled in."""
    close_round(collection=world.current, by=None, now=NOW)
    opened = made(world, world.people[person] if person else None)
    assert unlocked_in(opened) == set()
    assert not [key for key in lines(opened[ACTIVITIES]) if key.startswith(layout.NEW)]
    said = "\n".join(str(cell.value) for row in opened[READ_ME] for cell in row)
    assert "This workbook is for reading: all its cells are locked, and it cannot be uploaded now. This round" in said
    assert not any(words in said for words in ("upload it there", "How to fill it in", "You write here"))


def test_drop_downs_offer_what_the_form_offers(world):
    opened = made(world)
    for item in found(world).items:
        asked = layout.asks(item.reading.source, item.reading.measure)
        for thread in item.threads:
            cell = opened.answers()[layout.answer_key(item.kpi.code, thread.plan_year)]["answer"]
            offered = opened.offered(cell.parent)[cell.coordinate]
            assert offered == list(layout.choices(asked, date(2027, 12, 31)))


def test_numbers_days_and_lengths_are_limited_and_every_input_has_a_prompt(world):
    opened = made(world)
    for sheet in opened.input_sheets:
        limited = {cell for each in sheet.data_validations.dataValidation for cell in covered(each)}
        unlocked = {cell.coordinate for row in sheet for cell in row if not cell.protection.locked}
        assert limited == unlocked
        assert all(each.prompt and each.error for each in sheet.data_validations.dataValidation)
    told = {each.prompt for each in opened["FA 4"].data_validations.dataValidation if each.promptTitle == "Answer"}
    assert any(words.startswith("Choose from the list of the cell.") for words in told)
    assert any(words.startswith("Leave it empty and write the figure.") for words in told)
    kinds = {
        (each.promptTitle, each.type) for sheet in opened.input_sheets for each in sheet.data_validations.dataValidation
    }
    wanted = {("Figure", "decimal"), ("First day", "date"), ("Your participants", "whole"), ("Comment", "textLength")}
    assert kinds >= wanted


def test_headers_stay_names_are_hidden_and_it_prints_on_a4(world):
    for sheet in made(world).input_sheets:
        assert names(sheet)[0] == "key"
        assert sheet.row_dimensions[layout.NAMES_ROW].hidden
        assert sheet.column_dimensions["A"].hidden
        assert sheet.freeze_panes[1:] == "4"
        assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
        assert (sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight) == (1, 0)
        assert sheet.print_title_rows == "$2:$3"
        assert sheet.auto_filter.ref.startswith("A3:")
        assert sheet.calculate_dimension() == sheet.dimensions


# ---------------------------------------------------------------- the registers


def test_activities_of_the_organisation_with_what_it_may_change(world):
    people: dict = {"participants": {"FJI": (3, 1), "AUS": (2, None)}, "heads": {"AUS": "f"}}
    rated = {"rating": Decimal("4.25"), "respondents": 3}
    activity("FJI-OWN", date(2027, 3, 1), {"3.1.3(a)": 2}, organisers=["FJI"], title="Our own", **people, **rated)
    activity("NZL-NOT-OURS", date(2027, 3, 2), ["3.1.3(a)"], participants=["NZL"])
    opened = made(world, world.people.connie)
    rows = lines(opened[ACTIVITIES])
    own, others = rows["FJI-OWN"], rows["OP-DRAGON"]
    assert "NZL-NOT-OURS" not in rows
    assert values(own, "may", "title", "kind", "organisers", "participants") == [
        ALL, "Our own", "Workshop", "FJI", "AUS:2/; FJI:3/1"
    ]  # fmt: skip
    assert values(own, "heads", "kpis", "rating", "state") == ["AUS:f", "3.1.3(a)*2", 4.25, "Confirmed"]
    assert own["start"].value.date() == date(2027, 3, 1)
    assert own["start"].is_date
    assert values(others, "may", "organisers", "contributors", "participants") == [OWN, "RILO", "FJI", "CHN; FJI; KOR"]
    unlocked = {name for name, cell in others.items() if not cell.protection.locked}
    assert unlocked == set(layout.OWN_NUMBERS)
    unlocked = {name for name, cell in own.items() if not cell.protection.locked}
    assert unlocked == set(layout.ACTIVITY_INPUTS)


def test_what_a_reader_may_not_know_of_is_not_there(world):
    """Percy's organisation is no Customs; the ROCB is not involved in OP-DRAGON."""
    assert "OP-DRAGON" not in made(world, world.people.olga, member="ROCB").words()
    assert "OP-TIGER" not in made(world, world.people.connie).words()


def test_empty_rows_each_with_a_reference_of_its_own(world):
    opened = made(world)
    new = {key: cells for key, cells in lines(opened[ACTIVITIES]).items() if key.startswith(layout.NEW)}
    assert len(new) == layout.NEW_ACTIVITIES
    assert all(key.startswith("new:FJI-20280110-") for key in new)
    assert {cells["may"].value for cells in new.values()} == {ADD}
    for cells in new.values():
        unlocked = {name for name, cell in cells.items() if not cell.protection.locked}
        assert unlocked == set(layout.ACTIVITY_INPUTS)
    pairs = [key for key in lines(opened[ARRANGEMENTS]) if key.startswith(layout.NEW)]
    assert len(pairs) == layout.NEW_ARRANGEMENTS


def test_own_arrangements_and_only_members_have_the_sheet(world):
    arrangement("FJI", "NZL", in_force=date(2027, 5, 1), signed="2026-11", source="=Gazette")
    opened = made(world)
    rows = lines(opened[ARRANGEMENTS])
    assert [key for key in rows if not key.startswith(layout.NEW)] == ["FJI-NZL"]
    cells = rows["FJI-NZL"]
    assert values(cells, "party", "signed", "ended", "source", "state") == [
        "NZL: New Zealand", "2026-11", None, "=Gazette", "Confirmed"
    ]  # fmt: skip
    assert cells["in_force"].value.date() == date(2027, 5, 1)
    assert cells["signed"].number_format == "@"
    assert cells["party"].protection.locked
    assert not cells["signed"].protection.locked
    new = next(cells for key, cells in rows.items() if key.startswith(layout.NEW))
    offered = opened.offered(opened[ARRANGEMENTS])[new["party"].coordinate]
    assert "NZL: New Zealand" in offered
    assert not [text for text in offered if text.startswith(("FJI", "ROCB"))]
    assert ARRANGEMENTS not in made(world, member="ROCB").book.sheetnames


# ---------------------------------------------------------------- what it was made from


def test_the_hidden_sheet_says_what_it_was_made_from(world):
    brought(world, "draft")
    arrangement("FJI", "NZL", in_force=date(2027, 5, 1))
    there = found(world, world.people.connie)
    stamp = made(world, world.people.connie).stamp
    assert (stamp.format, stamp.plan, stamp.amendment, stamp.round, stamp.organisation, stamp.made_at) == (
        layout.FORMAT, PLAN, 0, ROUND, "FJI", NOW
    )  # fmt: skip
    tokens = {
        layout.answer_key(item.kpi.code, thread.plan_year): thread.token
        for item in there.items
        for thread in item.threads
    }
    assert {key: token for key, (token, _) in stamp.answers.items()} == tokens
    assert tokens[STATUS] == f"{Answer.objects.get(round=world.current, organisation__code='FJI').pk}.1.dr"
    assert set(stamp.activities) == {"OP-DRAGON"}
    assert set(stamp.arrangements) == {"FJI-NZL"}


def test_the_digests_are_those_of_the_cells(world):
    brought(world, "draft", comment="So.\r\nAnd so.")
    answer(world.current, "FJI", GROWING, 2026, value=Decimal("7.50"))
    activity("FJI-OWN", date(2027, 3, 1), ["3.1.3(a)"], organisers=["FJI"], rating=Decimal("4.00"), respondents=2)
    opened = made(world, world.people.connie)
    rows = opened.answers() | lines(opened[ACTIVITIES]) | lines(opened[ARRANGEMENTS])
    answers, records = opened.stamp.answers, opened.stamp.activities | opened.stamp.arrangements
    there = answers | records
    open_ones = {key for key in there if any(not cell.protection.locked for cell in rows[key].values())}
    assert {STATUS, f"{GROWING}@2027", "FJI-OWN", "OP-DRAGON"} <= open_ones
    for key in open_ones:
        said = {name: cell.value for name, cell in rows[key].items() if not cell.protection.locked}
        written = layout.digests_in(there[key][1])
        assert {name: layout.cell_digest(value) for name, value in said.items() if value is not None} == {
            name: digest for name, digest in written.items() if name in said
        }, key


# ---------------------------------------------------------------- what people typed


HOSTILE = (
    '=HYPERLINK("http://x.example","Click")',
    "+1+1",
    "@SUM(A1)",
    "-2",
    " =1",
    "<script>&amp;]]>",
    '" s="1',
    "tab\there\x0b\x00\ud800\uffff",
    "_x0041_ \U0001f600 हिन्दी",
)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_people_typed_is_text_and_never_a_formula(world, text):
    draft = brought(world, "draft")
    stored_text = text.replace("\x00", "").replace("\ud800", "")
    Answer.objects.filter(pk=draft.pk).update(comment=stored_text)
    content = workbook_of(found(world, world.people.connie))
    opened = made(world, world.people.connie)
    cell = opened.answers()[STATUS]["comment"]
    assert cell.data_type == "s"
    kept = "".join(" " if sign in "\x0b\uffff" else sign for sign in stored_text)
    assert cell.value.replace("_x005F_", "_") == kept  # openpyxl leaves what is written by its number as it is
    assert cell.quotePrefix is stored_text.lstrip().startswith(("=", "+", "-", "@"))
    xml = b"".join(ZipFile(BytesIO(content)).read(f"xl/worksheets/sheet{number}.xml") for number in range(1, 11))
    assert b"<f>" not in xml
    assert b"<f " not in xml


def test_a_hostile_title_of_an_activity_is_text_too(world):
    activity("FJI-OWN", date(2027, 3, 1), ["3.1.3(a)"], organisers=["FJI"], title="=cmd|' /C calc'!A0")
    cell = lines(made(world)[ACTIVITIES])["FJI-OWN"]["title"]
    assert (cell.data_type, cell.value) == ("s", "=cmd|' /C calc'!A0")
    assert cell.quotePrefix


# ---------------------------------------------------------------- who may have it


@pytest.mark.parametrize(
    ("name", "nothing_sent", "sent"),
    [
        ("ada", 200, 200),
        ("ed", 200, 200),
        ("connie", 200, 200),
        ("ali", 200, 200),
        ("cora", 404, 403),
        ("vera", 404, 404),
        ("olga", 404, 404),
        ("percy", 404, 404),
        ("nobody", 404, 404),
    ],
)
def test_who_may_download_it(world, sign_in, name, nothing_sent, sent):
    client = sign_in(world.people[name])
    before = client.get(path()).status_code
    brought(world, "submitted")
    assert (before, client.get(path()).status_code) == (nothing_sent, sent)


def test_a_stranger_is_sent_to_sign_in(world, client):
    response = client.get(path())
    assert (response.status_code, response.headers["Location"]) == (302, f"/accounts/login/?next={path()}")


@pytest.mark.parametrize(("member", "collection"), [("JPN", ROUND), ("XYZ", ROUND), ("FJI", "nothing")])
def test_what_is_not_theirs_is_like_what_does_not_exist(world, sign_in, member, collection):
    assert sign_in(world.people.connie).get(path(member, collection)).status_code == 404


def test_nothing_of_other_members_is_in_it(world, sign_in):
    words = downloaded(sign_in(world.people.connie)).words()
    assert "CANARY-late-JPN" not in words
    assert "CANARY-sent" not in words


def test_the_page_of_the_return_leads_to_it_for_those_who_may(world, sign_in):
    brought(world, "submitted")
    shown = {}
    for name in ("connie", "ali", "ed", "cora"):
        html = sign_in(world.people[name]).get(path().replace("workbook/", "")).content.decode()
        shown[name] = f'href="{path()}"' in html
    assert shown == {"connie": True, "ali": True, "ed": True, "cora": False}


def test_the_history_tells_who_took_it_and_nothing_else_changes(world, sign_in):
    client, before = sign_in(world.people.connie), stored()
    response = client.get(path())
    assert response["Content-Disposition"] == 'attachment; filename="interim-2028-FJI-2028-01-10.xlsx"'
    assert response["Cache-Control"] == "no-store"
    entry = AuditEntry.objects.latest("pk")
    assert (entry.action, entry.actor_email, entry.object_label) == (
        AuditAction.EXPORTED, world.people.connie.email, "Workbook of Fiji, Interim 2, xlsx"
    )  # fmt: skip
    changed = {name for name, rows in stored().items() if rows != before[name]}
    assert changed - {"AuditLink"} == {"AuditEntry"}  # linked at once, or when it commits
    assert str(entry.changes["address"][1]).endswith(path())


# ---------------------------------------------------------------- how long it takes


def queries_of(world, who) -> int:
    caches["pages"].clear()
    with CaptureQueriesContext(connection) as asked:
        workbook_of(found(world, who))
    return len(asked)


def test_the_same_queries_however_many_rows_there_are(world):
    connie = world.people.connie
    connie.held_roles  # noqa: B018 -- read before
    few = queries_of(world, connie)
    for number in range(12):
        activity(
            f"FJI-{number}", date(2027, 3, 1 + number), ["3.1.3(a)"], organisers=["FJI"], participants=["AUS", "NZL"]
        )
        brought_for = ("AUS", "JPN", "NZL", "CHN", "IND", "SGP")
        if number < len(brought_for):
            arrangement("FJI", brought_for[number], in_force=date(2027, 5, 1))
    for each in ("4.1.1(a)", "4.1.1(b)", STATUS):
        answer(world.current, "FJI", each, standing="planned")
    assert few == queries_of(world, connie) <= 12


def test_with_350_members_it_takes_as_many_queries(world):
    few = queries_of(world, world.people.connie)
    more_members(315)
    assert queries_of(world, world.people.connie) == few
    opened = made(world, world.people.connie)
    new = next(cells for key, cells in lines(opened[ARRANGEMENTS]).items() if key.startswith(layout.NEW))
    assert len(opened.offered(opened[ARRANGEMENTS])[new["party"].coordinate]) == 349


# ---------------------------------------------------------------- by command


def command(file, *more: str) -> tuple[str, ...]:
    return ("workbook", "export", "--round", ROUND, "--organisation", "FJI", "--output", str(file), *more)


def test_the_command_writes_the_same_file(world, tmp_path):
    brought(world, "draft", comment="Ours alone.")
    file = tmp_path / "fiji.xlsx"
    told = run(*command(file, "--by", world.people.connie.email))
    assert told.startswith(f"{file}: the workbook interim-2028-FJI-2028-01-10.xlsx, 1 of ")
    assert b"Ours alone." in ZipFile(file).read("xl/worksheets/sheet2.xml")
    assert AuditEntry.objects.latest("pk").actor_email == world.people.connie.email
    run(*command(file))
    assert b"Ours alone." not in ZipFile(file).read("xl/worksheets/sheet2.xml")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("--round", "nothing"), "There is no round nothing; there are: "),
        (("--organisation", "XYZ"), "--organisation: XYZ has no return in interim-2028."),
        (("--by", "percy@example.org"), "--by: percy@example.org does not have the right workbook.download."),
        (("--by", "ghost@example.org"), "--by: there is no active account ghost@example.org."),
        (("--organisation", "JPN", "--by", "connie@example.org"), "that connie@example.org may see."),
        (("--output", "fiji.xls"), "--output: fiji.xls does not end with .xlsx."),
    ],
)
def test_the_command_refuses_in_a_sentence(world, tmp_path, change, sentence):
    assert sentence in refusal(*command(tmp_path / "fiji.xlsx"), *change)


def test_a_place_that_cannot_be_written_is_named(world, tmp_path):
    file = tmp_path / "nothing" / "fiji.xlsx"
    with pytest.raises(Exception, match="cannot be written: No such file or directory"):
        run(*command(file))


def test_a_workbook_takes_the_place_of_the_old_one_at_once(world, tmp_path):
    file = tmp_path / "fiji.xlsx"
    file.write_bytes(b"what stood there")
    os.link(file, tmp_path / "read.xlsx")
    run(*command(file))
    assert (tmp_path / "read.xlsx").read_bytes() == b"what stood there"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["fiji.xlsx", "read.xlsx"]


def test_a_round_that_is_not_open_yet_has_no_workbook(world, tmp_path):
    run("round", "create", "--code", "later", "--title", "Later", "--as-at", "2028-06-30")
    words = refusal(*command(tmp_path / "fiji.xlsx"), "--round", "later")
    assert "There is one as soon as the round is open" in words


def test_other_organisations_have_theirs(world):
    assert org("ROCB").code in made(world, member="ROCB").stamp.organisation
    assert made(world, member="ROCB").answers().keys() != made(world).answers().keys()
    assert made(world, world.people.ed).stamp.made_at == datetime(2028, 1, 10, 9, tzinfo=UTC)


def test_who_sees_a_return_through_another_role_is_refused_and_not_told_that_there_is_none(world, sign_in):
    """Connie is also a co-coordinator of Focus Area 1: she reads what Japan sent, and takes no workbook of it out."""
    connie = world.people.connie
    Role.objects.create(user=connie, organisation=org("CHN"), role=RoleName.CO_COORDINATOR)
    assert sign_in(type(connie).objects.get(pk=connie.pk)).get(path("JPN")).status_code == 403
    assert sign_in(type(connie).objects.get(pk=connie.pk)).get(path()).status_code == 200


def test_long_and_odd_names_make_no_broken_footer(world):
    world.current.title = "A & B " * 30
    Round.objects.filter(pk=world.current.pk).update(title=world.current.title)
    opened = made(world)
    footer = opened["FA 1"].oddFooter
    assert len(f"&L{footer.left.text}&R{footer.right.text}") <= 255
    assert "A & B" in opened[READ_ME]["A1"].value
    Round.objects.filter(pk=world.current.pk).update(title="Interim 2")
    world.current.title = "Interim 2"
