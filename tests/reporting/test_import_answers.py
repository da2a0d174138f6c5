"""``import_answers``: all of a file or nothing; and what stands in the database afterwards."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.management import load_command_class

from members.models import AuditEntry, Membership
from reporting.actions import move, open_round
from reporting.choices import AnswerStatus
from reporting.models import Answer, Confirmation
from tests.reporting.builders import (
    LATER,
    NOW,
    STATUS,
    answers_file,
    audited,
    everything,
    import_answers,
    make_everything,
    make_kpi,
    make_members,
    make_milestone,
    make_plan,
    make_reading,
    make_round,
    refusal,
    run,
)
from workplan.models import Kpi

ALL = (
    "organisation,kpi,plan_year,standing,participated,value,numerator,denominator,register_complete,comment,"
    "evidence_url\n"
)
GOOD = (
    ALL
    + "AUS,1.1.1(a),,in_place,,,,,,Since May,https://example.org/a\n"
    + "FJI,1.1.1(b),2025/26,,no,,,,,,\n"
    + "FJI,1.1.1(c),2025/26,,,0,,,,,\n"
    + "ROCB,2.1.1(b),2025/26,,,,3,4.5,,,\n"
    + "ROCB,2.1.1(a),,,,,,,yes,,\n"
    + "APVC,1.1.1(d),,,,,,,yes,,\n"
    + "AUS,1.1.1(b),2025/26,not_applicable,,,,,,No such office,\n"
)
SHORT = "organisation,kpi,standing\n"
STANDINGS = "“{}” is not accepted; say not_started, planned, in_progress, in_place or not_applicable."
SAID = (
    "organisation__code", "kpi__code", "plan_year", "standing", "participated", "value", "numerator",
    "denominator", "register_complete", "comment", "evidence_url",
)  # fmt: skip


@pytest.fixture
def plan(organisations):
    plan = make_everything(organisations)
    make_round(plan)
    return plan


def stored(*names: str) -> list[tuple]:
    return list(Answer.objects.order_by("pk").values_list(*names))


def import_refusal(folder, text, *more):
    """The refusals without the path before them."""
    file = answers_file(folder, text)
    sentences = refusal("import_answers", file, "--round=baseline", *more).splitlines()
    assert all(sentence.startswith((f"{file}, ", f"{file}: ", "and ")) for sentence in sentences)
    return [sentence.removeprefix(f"{file}, ").removeprefix(f"{file}: ") for sentence in sentences]


# ---------------------------------------------------------------- what is stored


def test_every_kind_of_answer_is_stored_as_it_stands(cast, plan, tmp_path):
    said = import_answers(tmp_path, GOOD, "--by=ed@example.org")

    assert said.startswith("Answers: 7 new, 0 changed, 0 unchanged; sent, not decided yet.\n")
    assert stored(*SAID) == [
        (
            "AUS",
            "1.1.1(a)",
            None,
            "in_place",
            None,
            None,
            None,
            None,
            False,
            "Since May",
            "https://example.org/a",
        ),
        ("FJI", "1.1.1(b)", 2025, "", False, None, None, None, False, "", ""),
        ("FJI", "1.1.1(c)", 2025, "", None, Decimal(0), None, None, False, "", ""),
        ("ROCB", "2.1.1(b)", 2025, "", None, None, Decimal(3), Decimal("4.5"), False, "", ""),
        ("ROCB", "2.1.1(a)", None, "", None, None, None, None, True, "", ""),
        ("APVC", "1.1.1(d)", None, "", None, None, None, None, True, "", ""),
        ("AUS", "1.1.1(b)", 2025, "not_applicable", None, None, None, None, False, "No such office", ""),
    ]
    first = Answer.objects.order_by("pk")[0]
    assert (first.submission.organisation, first.submission.round.code) == (first.organisation, "baseline")
    assert (first.as_at, first.version, first.state, first.on_behalf) == (
        date(2026, 6, 30),
        1,
        "submitted",
        True,
    )
    assert first.reading == first.kpi.readings.get()
    assert first.entered_by == first.sent_by == cast.ed
    assert first.entered_at == first.sent_at
    assert (first.decided_at, first.decided_by, first.replaced_from) == (None, None, None)


def test_each_answer_leaves_its_trace(cast, plan, tmp_path):
    import_answers(tmp_path, SHORT + "AUS,1.1.1(a),planned\n", "--by=ed@example.org")
    import_answers(tmp_path, SHORT + "AUS,1.1.1(a),in_place\nFJI,1.1.1(a),planned\n", "--accept")

    assert list(AuditEntry.objects.order_by("pk").values_list("actor_name", "action", "object_label", "changes")) == [
        (
            "Ed",
            "imported",
            "Australia, baseline, on 1.1.1(a), version 1",
            {"state": [None, "submitted"], "standing": ["", "planned"]},
        ),
        (
            "Command line",
            "imported",
            "Australia, baseline, on 1.1.1(a), version 2",
            {"state": ["submitted", "accepted"], "standing": ["planned", "in_place"]},
        ),
        (
            "Command line",
            "imported",
            "Fiji, baseline, on 1.1.1(a), version 1",
            {"state": [None, "accepted"], "standing": ["", "planned"]},
        ),
    ]


def test_accepted_answers_are_decided_at_once(cast, plan, tmp_path):
    said = import_answers(tmp_path, GOOD, "--accept", "--by=ed@example.org")
    assert said.startswith("Answers: 7 new, 0 changed, 0 unchanged; accepted at once.\n")
    assert set(stored("state", "decided_by__name")) == {("accepted", "Ed")}
    assert all(answer.decided_at == answer.entered_at for answer in Answer.objects.all())


@pytest.mark.parametrize("more", [[], ["--accept"]])
def test_the_same_file_again_changes_nothing(plan, tmp_path, more):
    import_answers(tmp_path, GOOD, *more)
    before = everything()
    assert import_answers(tmp_path, GOOD, *more).startswith("Answers: 0 new, 0 changed, 7 unchanged;")
    assert everything() == before


def test_accepting_what_was_sent_makes_no_new_version(plan, tmp_path):
    import_answers(tmp_path, GOOD)
    said = import_answers(tmp_path, GOOD, "--accept")
    assert said.splitlines()[:2] == [
        "Answers: 0 new, 7 changed, 0 unchanged; accepted at once.",
        "row 2: AUS on 1.1.1(a): changed, state submitted -> accepted",
    ]
    assert set(stored("version", "state")) == {(1, "accepted")}
    action, label, changes = audited()[-1]
    assert (action, label) == ("accepted", "Australia, baseline, on 1.1.1(b), 2025/26, version 1")
    assert changes["state"] == ["submitted", "accepted"]


def test_what_its_member_contested_is_not_accepted(cast, plan, tmp_path):
    """Neither as it waits, nor again once it was returned; what the Member says instead is."""
    import_answers(tmp_path, SHORT + "AUS,1.1.1(a),in_place\nFJI,1.1.1(a),planned\n")
    said = Answer.objects.get(organisation__code="FJI")
    Confirmation.objects.create(answer=said, kind="contested", reason="Not us.", made_at=NOW, made_by=cast.connie)
    sentence = "row 3: Fiji says that it did not say this, so it cannot be accepted."
    both = SHORT + "AUS,1.1.1(a),in_place\nFJI,1.1.1(a),planned\n"
    assert import_refusal(tmp_path, both, "--accept") == [sentence]
    assert "0 new, 0 changed, 2 unchanged" in import_answers(tmp_path, both)
    move(said, to=AnswerStatus.RETURNED, by=cast.ada, now=LATER, reason="They say that it is not theirs.")
    assert import_refusal(tmp_path, both, "--accept") == [sentence]
    import_answers(tmp_path, SHORT + "FJI,1.1.1(a),in_progress\n", "--accept")
    assert stored("organisation__code", "version", "state", "standing") == [
        ("AUS", 1, "submitted", "in_place"), ("FJI", 1, "returned", "planned"), ("FJI", 2, "accepted", "in_progress"),
    ]  # fmt: skip


def test_over_an_accepted_answer_a_newer_one_waits(plan, tmp_path):
    import_answers(tmp_path, SHORT + "AUS,1.1.1(a),in_place\n", "--accept")
    said = import_answers(tmp_path, SHORT + "AUS,1.1.1(a),planned\n")
    assert said == (
        "Answers: 0 new, 1 changed, 0 unchanged; sent, not decided yet.\n"
        "row 2: AUS on 1.1.1(a): changed, standing in_place -> planned, state accepted -> submitted\n"
    )
    assert stored("version", "state", "standing", "replaced_from") == [
        (1, "accepted", "in_place", None),
        (2, "submitted", "planned", None),
    ]
    import_answers(tmp_path, SHORT + "AUS,1.1.1(a),planned\n", "--accept")
    assert stored("version", "state", "standing", "replaced_from") == [
        (1, "accepted", "in_place", date(2026, 6, 30)),
        (2, "accepted", "planned", None),
    ]


def test_a_returned_answer_is_not_sent_again_by_running_the_file_again(cast, plan, tmp_path):
    text = SHORT + "AUS,1.1.1(a),in_place\n"
    import_answers(tmp_path, text)
    move(Answer.objects.get(), to=AnswerStatus.RETURNED, by=cast.ed, now=LATER, reason="Which one?")
    assert "1 unchanged" in import_answers(tmp_path, text)
    assert "1 changed" in import_answers(tmp_path, text, "--accept")
    assert stored("version", "state") == [(1, "returned"), (2, "accepted")]


def test_a_draft_stays_beside_what_is_entered_on_behalf(organisations, plan, tmp_path):
    text = SHORT + "AUS,1.1.1(a),in_place\n"
    import_answers(tmp_path, text)
    Answer.objects.update(state="draft", sent_at=None)
    assert "1 changed" in import_answers(tmp_path, text)
    assert stored("version", "state") == [(1, "draft"), (2, "submitted")]


def test_another_reading_asks_anew(plan, tmp_path):
    text = SHORT + "AUS,1.1.1(a),in_place\n"
    import_answers(tmp_path, text)
    newer = make_reading(Kpi.objects.get(code="1.1.1(a)"), group="members", valid_from=date(2026, 6, 30), **STATUS)
    make_reading(newer.kpi, group="members", valid_from=date(2026, 7, 1), **STATUS)
    said = import_answers(tmp_path, text)
    assert said.splitlines()[1:] == ["row 2: AUS on 1.1.1(a): changed, reading 2025-07-01 -> 2026-06-30"]
    assert Answer.objects.get(version=2).reading == newer
    assert audited()[-1][2] == {"state": ["submitted", "submitted"], "reading": ["2025-07-01", "2026-06-30"]}


def test_a_later_round_replaces_and_so_does_a_late_entry_of_an_earlier_one(plan, tmp_path):
    make_round(plan, "final", date(2028, 6, 30))
    make_round(plan, "middle", date(2027, 6, 30))
    for code, standing in (("final", "in_place"), ("baseline", "planned"), ("middle", "in_progress")):
        import_answers(tmp_path, SHORT + f"AUS,1.1.1(a),{standing}\n", "--accept", f"--round={code}")
    assert dict(stored("standing", "replaced_from")) == {
        "planned": date(2027, 6, 30),
        "in_progress": date(2028, 6, 30),
        "in_place": None,
    }


@pytest.mark.parametrize("state", ["planned", "open", "closed"])
def test_a_round_takes_bulk_entry_in_every_state(plan, tmp_path, state):
    collection = plan.rounds.get()
    if state != "planned":
        open_round(collection=collection, by=None, now=NOW)
    if state == "closed":
        collection.closed_at = LATER
        collection.save(update_fields=["closed_at"])
    assert import_answers(tmp_path, GOOD).startswith("Answers: 7 new")


def test_columns_in_any_order_with_spaces_a_mark_and_empty_rows(plan, tmp_path):
    text = "\ufeff kpi ,standing,organisation\r\n\r\n 1.1.1(a) , in_place ,AUS\r\n,,\r\n"
    assert import_answers(tmp_path, text).startswith("Answers: 1 new")
    assert stored("organisation__code", "standing") == [("AUS", "in_place")]


def test_a_dry_run_reports_the_same_and_writes_nothing(plan, tmp_path):
    before = everything()
    dry = import_answers(tmp_path, GOOD, "--accept", "--dry-run")
    assert everything() == before
    assert dry == "Dry run, nothing is written:\n" + import_answers(tmp_path, GOOD, "--accept")


def test_every_row_that_does_something_has_its_line(plan, tmp_path):
    header = "organisation,kpi,plan_year,standing,participated,value,comment,evidence_url\n"
    before = (
        "AUS,1.1.1(a),,planned,,,,\nFJI,1.1.1(a),,planned,,,,\nAUS,1.1.1(b),2025/26,,yes,,,\n"
        "AUS,1.1.1(c),2025/26,,,0,Old words,\n"
    )
    after = (
        "FJI,1.1.1(a),,planned,,,,\nAUS,1.1.1(a),,in_place,,,,https://example.org/a\nAUS,1.1.1(b),2025/26,,no,,,\n"
        'AUS,1.1.1(c),2025/26,,,7,"New\nwords",\nFJI,1.1.1(b),2025/26,,yes,,,\n'
    )
    import_answers(tmp_path, header + before, "--accept")
    lines = [
        "Answers: 1 new, 3 changed, 1 unchanged; accepted at once.",
        "row 3: AUS on 1.1.1(a): changed, standing planned -> in_place, evidence_url blank -> https://example.org/a",
        "row 4: AUS on 1.1.1(b) for 2025/26: changed, participated yes -> no",
        "row 5: AUS on 1.1.1(c) for 2025/26: changed, value 0 -> 7, comment “Old words” -> “New\\nwords”",
        "row 6: FJI on 1.1.1(b) for 2025/26: new",
    ]
    assert import_answers(tmp_path, header + after, "--accept", "--dry-run").splitlines()[1:] == lines
    assert import_answers(tmp_path, header + after, "--accept").splitlines() == lines
    assert import_answers(tmp_path, header + after, "--accept").splitlines() == [
        "Answers: 0 new, 0 changed, 5 unchanged; accepted at once."
    ]


def test_the_help_says_how_figures_are_written():
    command = load_command_class("reporting", "import_answers")
    assert "at most two decimals" in " ".join(
        command.create_parser("manage.py", "import_answers").format_help().split()
    )


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (",1.1.1(a),,in_place,,,,,,,", "organisation", "It is blank, and must be stated."),
        ("AUS,,,in_place,,,,,,,", "kpi", "It is blank, and must be stated."),
        (
            "aus,1.1.1(a),,in_place,,,,,,,",
            "organisation", "There is no organisation “aus”; one is named by its code, such as AUS.",
        ),
        (
            "AUS,9.9.9,,in_place,,,,,,,",
            "kpi", "There is no KPI “9.9.9” in this round; one is named by its code, such as 1.1.3-2(a).",
        ),
        ("AUS,1.1.1(a),,,,,,,,,", "", "Nothing is said; 1.1.1(a) asks for a standing."),
        ("AUS,1.1.1(a),,,,,,,,So so,", "standing", "1.1.1(a) asks for a standing; standing is blank."),
        (
            "AUS,1.1.1(a),,done,,,,,,,",
            "standing", STANDINGS.format("done"),
        ),
        (
            "AUS,1.1.1(a),2025/26,in_place,,,,,,,",
            "plan_year", "1.1.1(a) is not asked by plan year; leave plan_year blank.",
        ),
        (
            "AUS,1.1.1(b),,,yes,,,,,,",
            "plan_year", "1.1.1(b) is asked for each plan year; state one, such as 2026/27.",
        ),
        (
            "AUS,1.1.1(b),2025-26,,yes,,,,,,",
            "plan_year", "“2025-26” is not a plan year; a plan year is written like 2026/27.",
        ),
        (
            "AUS,1.1.1(b),2024/25,,yes,,,,,,",
            "plan_year", "2024/25 is not a year of this plan; its years are 2025/26, 2026/27 and 2027/28.",
        ),
        (
            "AUS,1.1.1(b),2026/27,,yes,,,,,,",
            "plan_year", "2026/27 has not begun at the as-at date of the round, 2026-06-30.",
        ),
        ("AUS,1.1.1(b),2025/26,,1,,,,,,", "participated", "“1” is not accepted; say yes or no."),
        (
            "AUS,1.1.1(b),2025/26,in_place,yes,,,,,,",
            "standing", "1.1.1(b) asks for yes or no in participated; only not_applicable is accepted here.",
        ),
        ("AUS,1.1.1(a),,in_place,,7,,,,,", "value", "1.1.1(a) asks for a standing; leave value blank."),
        (
            "AUS,1.1.1(c),2025/26,,,-1,,,,,",
            "value", "“-1” is negative; a figure of 0 or more is accepted.",
        ),
        *(
            (
                f"AUS,1.1.1(c),2025/26,,,{text},,,,,",
                "value", f"“{text}” is not a figure; it has digits and up to two decimals, such as 1250.50.",
            )
            for text in (
                "NaN", "Infinity", "-inf", "1e5", "1.234", ".5", "5.", "+5", "1 250", "\uff11", "\u0663", "0x1F",
            )
        ),
        (
            'AUS,1.1.1(c),2025/26,,,"1,250",,,,,',
            "value", "“1,250” is not a figure; it has digits and up to two decimals, such as 1250.50.",
        ),
        (
            "AUS,1.1.1(c),2025/26,,,1000000000000.01,,,,,",
            "value", "“1000000000000.01” is too large; up to 1000000000000 is accepted.",
        ),
        (
            "ROCB,2.1.1(b),2025/26,,,,5,4,,,",
            "numerator", "5 is more than the denominator, 4.",
        ),
        (
            "ROCB,2.1.1(b),2025/26,,,,5,,,,",
            "denominator", "2.1.1(b) asks for a numerator and a denominator; denominator is blank.",
        ),
        (
            "ROCB,2.1.1(a),,,,,,,no,,",
            "register_complete", "“no” is not accepted; say yes, or leave it blank.",
        ),
        ("AUS,1.1.1(a),,not_applicable,,,,,,,", "comment", "Say in the comment why this does not apply."),
        (
            "AUS,1.1.1(c),2025/26,not_applicable,,5,,,,None,",
            "value", "Where 1.1.1(c) is not applicable, leave value blank.",
        ),
        *(
            (
                f"AUS,1.1.1(a),,in_place,,,,,,,{text}",
                "evidence_url", f"“{text}” is not a link; a link begins with https:// or http://.",
            )
            for text in ("ftp://example.org", "javascript:alert(1)", "example.org", "https://")
        ),
        *(
            (
                f"AUS,1.1.1(a),,in_place,,,,,,,{text}",
                "evidence_url", "This link has a name or a password before its address; give it without them.",
            )
            for text in ("https://ana:s3cret@example.org/", "http://ana@example.org", "ftp://a:b@example.org")
        ),
        (
            f"AUS,1.1.1(a),,in_place,,,,,,,https://example.org/{'a' * 490}",
            "evidence_url", f"“https://example.org/{'a' * 40}…” has 510 signs; a link has up to 500.",
        ),
        (
            "AUS,1.1.1(a),,in_place,,,,,,a\x1bb,",
            "comment", "The text has a control character, “\\x1b”; only text and line breaks may stand here.",
        ),
        (
            f"AUS,1.1.1(a),,in_place,,,,,,{'a' * 5001},",
            "comment", "The text has 5001 characters; up to 5000 are accepted.",
        ),
        ("ROCB,1.1.1(a),,planned,,,,,,,", "organisation", "ROCB is not asked about 1.1.1(a); it asks AUS and FJI."),
        ("AUS,4.1.1(b),,in_place,,,,,,,", "organisation", "AUS is not asked about 4.1.1(b); it asks nobody."),
        ("FJI,2.1.1(a),,,,,,,yes,,", "organisation", "FJI is not asked about 2.1.1(a); it asks ROCB."),
        (
            "APVC,2.1.1(a),,not_applicable,,,,,,None,",
            "organisation", "APVC is not asked about 2.1.1(a); it asks ROCB.",
        ),
        ("AUS,1.1.1(a),,in_place", "participated", "The row has 4 cells; the header has 11."),
        ("AUS,1.1.1(a),,in_place,,,,,,,,", "12", "The row has 12 cells; the header has 11."),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_written(plan, tmp_path, row, column, sentence):
    [said] = import_refusal(tmp_path, f"{ALL}FJI,1.1.1(a),,in_place,,,,,,,\n{row}\n")
    assert said == f"row 3{f', column {column}' if column else ''}: {sentence}"


def test_the_bounds_are_accepted(plan, tmp_path):
    rows = "AUS,1.1.1(c),2025/26,,,1000000000000,,,,,\nROCB,2.1.1(b),2025/26,,,,4.50,4.5,,,\n"
    assert import_answers(tmp_path, ALL + rows).startswith("Answers: 2 new")


def test_a_long_list_of_those_asked_is_cut(plan, tmp_path):
    make_members(9)
    [said] = import_refusal(tmp_path, SHORT + "ROCB,1.1.1(a),planned\n")
    assert said == (
        "row 2, column organisation: ROCB is not asked about 1.1.1(a); "
        "it asks AUS, FJI, MAA, MAB, MAC, MAD, MAE, MAF and 3 more."
    )


def test_whoever_is_no_member_at_the_date_is_not_asked(organisations, plan, tmp_path):
    Membership.objects.filter(organisation=organisations.fiji).update(joined=date(2026, 7, 1))
    [said] = import_refusal(tmp_path, SHORT + "FJI,1.1.1(a),planned\n")
    assert said == "row 2, column organisation: FJI is not asked about 1.1.1(a); it asks AUS."


def test_a_kpi_that_the_round_does_not_ask_for_is_refused(plan, tmp_path):
    plan.rounds.get().kpis.set(Kpi.objects.filter(code="1.1.1(b)"))
    [said] = import_refusal(tmp_path, SHORT + "FJI,1.1.1(a),planned\n")
    assert said == (
        "row 2, column kpi: There is no KPI “1.1.1(a)” in this round; one is named by its code, such as 1.1.3-2(a)."
    )


def test_the_same_answer_twice_names_both_rows(plan, tmp_path):
    text = (
        "organisation,kpi,plan_year,standing,participated\nAUS,1.1.1(a),,planned,\nAUS,1.1.1(b),2025/26,,yes\n"
        "AUS,1.1.1(a),,planned,\nAUS,1.1.1(b),2025/26,,no\n"
    )
    assert import_refusal(tmp_path, text) == [
        "row 4, columns organisation and kpi: “AUS” and “1.1.1(a)” stand in row 2 already.",
        "row 5, columns organisation, kpi and plan_year: “AUS”, “1.1.1(b)” and “2025/26” stand in row 3 already.",
    ]


@pytest.mark.parametrize("faulty", ["AUS,1.1.1(a),x", "AUS,1.1.1(a)", "AUS,1.1.1(a),planned,"])
def test_a_row_is_a_duplicate_also_of_one_with_another_fault(plan, tmp_path, faulty):
    _, *said = import_refusal(tmp_path, SHORT + f"{faulty}\nAUS,1.1.1(a),planned\n")
    assert said == ["row 3, columns organisation and kpi: “AUS” and “1.1.1(a)” stand in row 2 already."]


def test_a_row_cut_within_its_key_is_no_duplicate(plan, tmp_path):
    text = "organisation,kpi,plan_year,participated\nAUS,1.1.1(b)\nAUS,1.1.1(b),,\n"
    assert import_refusal(tmp_path, text) == [
        "row 2, column plan_year: The row has 2 cells; the header has 4.",
        "row 3: Nothing is said; 1.1.1(b) asks for yes or no in participated.",
    ]


def test_all_that_is_wrong_with_a_row_is_said_at_once(plan, tmp_path):
    assert import_refusal(tmp_path, "organisation,kpi,value,standing\nXXX,9,-1,x\nAUS,1.1.1(a),3,\n") == [
        "row 2, column organisation: There is no organisation “XXX”; one is named by its code, such as AUS.",
        "row 2, column kpi: There is no KPI “9” in this round; one is named by its code, such as 1.1.3-2(a).",
        f"row 2, column standing: {STANDINGS.format('x')}",
        "row 2, column value: “-1” is negative; a figure of 0 or more is accepted.",
        "row 3, column value: 1.1.1(a) asks for a standing; leave value blank.",
        "row 3, column standing: 1.1.1(a) asks for a standing; standing is blank.",
    ]


@pytest.mark.parametrize(("rows", "more"), [(100, []), (101, ["and 1 more row"]), (103, ["and 3 more rows"])])
def test_a_hundred_rows_are_enough_each_with_all_its_sentences(plan, tmp_path, rows, more):
    said = import_refusal(tmp_path, SHORT + "XXX,,x\n" * rows)
    assert said[300:] == more
    assert [sentence.split(":")[0] for sentence in said[297:300]] == [
        f"row 101, column {column}" for column in ("organisation", "kpi", "standing")
    ]


def test_the_round_and_the_person_must_be_known(cast, plan, tmp_path):
    words = ("import_answers", answers_file(tmp_path, GOOD), "--round=baseline")
    assert refusal(*words, "--round=x") == "There is no round x; there are: baseline."
    assert refusal(*words, "--by=x@example.org") == "--by: there is no active account x@example.org."
    assert refusal(*words, "--by=ali@example.org") == "--by: ali@example.org does not have the right import.answers."


# ---------------------------------------------------------------- how much work it is


def test_many_rows_take_as_many_queries_as_one(organisations, django_assert_max_num_queries, tmp_path):
    plan = make_plan()
    make_kpi(make_milestone(plan), "1.1.1(a)", group="members", **STATUS)
    members = make_members(35)
    for number in (1, 3, 35):
        make_round(plan, f"round-{number}", date(2026, 6, number % 30 + 1))
        rows = "".join(f"{member.code},1.1.1(a),in_place\n" for member in members[:number])
        file = answers_file(tmp_path, SHORT + rows)
        for more in ([], ["--accept"], ["--accept"]):
            with django_assert_max_num_queries(34):
                run("import_answers", file, f"--round=round-{number}", *more)
