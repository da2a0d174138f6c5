"""``import_activities``: all of a file or nothing; and what stands in the database afterwards."""

import re
from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from members.models import AuditEntry
from reporting.actions import importing
from reporting.actions.bulk import array
from reporting.management import base
from reporting.models import Activity, ActivityLink, ActivityPart, ActivityVersion, PartStatement
from tests.reporting.builders import (
    ITEMS,
    NOW,
    STATUS,
    everything,
    make_everything,
    make_members,
    make_plan,
    make_reading,
    refusal,
    run,
)
from workplan.models import Kpi

ALL = "reference,title,kind,start,end,organisers,contributors,kpis,participants,heads,rating,respondents\n"
FULL = (
    "W-1,Workshop on risk,workshop,2026-09-01,2026-09-03,ROCB;AUS,AUS,2.1.1(a)*12;1.1.1(b),AUS:3/1;FJI:2/,"
    "AUS:f;RPSG:m,4.25,20\n"
)
BARE = "A-1,Alert,alert,2026-10-01,,,,,,,,\n"


@pytest.fixture
def plan(organisations):
    return make_everything(organisations)


@pytest.fixture
def file(plan, tmp_path):
    return tmp_path / "activities.csv"


def take(file, rows: str, *more: str, header: str = ALL) -> str:
    file.write_text(header + rows, encoding="utf-8")
    return run("import_activities", str(file), *more)


def refused(file, rows: str, *more: str) -> list[str]:
    file.write_text(ALL + rows, encoding="utf-8")
    sentences = refusal("import_activities", str(file), *more).splitlines()
    return [sentence.removeprefix(f"{file}, ") for sentence in sentences]


def parts() -> list[tuple]:
    names = ("organisation__code", "organises", "contributes", "takes_part", "participants", "women", "head")
    return list(ActivityPart.objects.order_by("organisation__code").values_list(*names))


def speaking() -> list[tuple]:
    return list(
        ActivityVersion.objects.order_by("pk").values_list("number", "title", "decision", "accepted", "reported")
    )


# ---------------------------------------------------------------- what is stored


def test_an_activity_is_stored_with_all_it_says(cast, file):
    said = take(file, FULL, "--by=ed@example.org")

    assert said == "Activities: 1 new, 0 changed, 0 unchanged; not decided yet.\nrow 2: W-1: new\n"
    version = ActivityVersion.objects.get()
    assert (version.activity.reference, version.title, version.kind, version.status) == (
        "W-1", "Workshop on risk", "workshop", "held",
    )  # fmt: skip
    assert (version.start, version.end, version.day) == (date(2026, 9, 1), date(2026, 9, 3), date(2026, 9, 3))
    assert (version.rating, version.respondents) == (Decimal("4.25"), 20)
    assert (version.number, version.decision, version.accepted, version.reported) == (1, "undecided", False, True)
    assert (version.entered_by, version.decided_at, version.decided_by) == (cast.ed, None, None)
    assert parts() == [
        ("AUS", True, True, True, 3, 1, "f"),
        ("FJI", False, False, True, 2, None, ""),
        ("ROCB", True, False, False, None, None, ""),
        ("RPSG", False, False, True, None, None, "m"),
    ]
    assert dict(ActivityLink.objects.values_list("kpi__code", "items")) == {"2.1.1(a)": 12, "1.1.1(b)": 1}


def test_only_four_columns_are_needed(file):
    take(file, "A-1,Alert,alert,2026-10-01\n", header="reference,title,kind,start\n")
    version = ActivityVersion.objects.get()
    assert (version.end, version.day, version.rating, version.respondents) == (None, date(2026, 10, 1), None, None)
    assert (parts(), ActivityLink.objects.count()) == ([], 0)


def test_participants_without_numbers_and_nobody_at_all(file):
    take(file, "A-1,Alert,alert,2026-10-01,,,,,AUS;FJI:0/0,,,\n")
    assert parts() == [("AUS", False, False, True, None, None, ""), ("FJI", False, False, True, 0, 0, "")]


def test_the_head_of_an_organiser_does_not_make_it_take_part(file):
    take(file, "A-1,Alert,alert,2026-10-01,,AUS,,,,AUS:m,,\n")
    assert parts() == [("AUS", True, False, False, None, None, "m")]


def test_confirmed_at_once(cast, file):
    said = take(file, FULL + BARE, "--accept", "--by=ed@example.org")
    assert said.startswith("Activities: 2 new, 0 changed, 0 unchanged; confirmed at once.\n")
    assert speaking() == [
        (1, "Workshop on risk", "confirmed", True, True),
        (1, "Alert", "confirmed", True, True),
    ]
    assert set(ActivityVersion.objects.values_list("decided_by__name")) == {("Ed",)}


@pytest.mark.parametrize("more", [[], ["--accept"]])
def test_the_same_file_again_changes_nothing(file, more):
    take(file, FULL + BARE, *more)
    before = everything()
    assert take(file, FULL + BARE, *more).startswith("Activities: 0 new, 0 changed, 2 unchanged;")
    assert everything() == before


def test_confirming_what_waits_makes_no_new_version(file):
    take(file, FULL)
    assert take(file, FULL, "--accept") == (
        "Activities: 0 new, 1 changed, 0 unchanged; confirmed at once.\n"
        "row 2: W-1: changed, decision undecided -> confirmed\n"
    )
    assert speaking() == [(1, "Workshop on risk", "confirmed", True, True)]


def test_over_a_confirmed_version_a_newer_one_waits(file):
    take(file, BARE, "--accept")
    newer = BARE.replace("Alert,", "Two alerts,")
    assert take(file, newer) == (
        "Activities: 0 new, 1 changed, 0 unchanged; not decided yet.\n"
        "row 2: A-1: changed, title Alert -> “Two alerts”, decision confirmed -> undecided\n"
    )
    assert speaking() == [(1, "Alert", "confirmed", True, False), (2, "Two alerts", "undecided", False, True)]
    take(file, newer, "--accept")
    assert speaking() == [(1, "Alert", "confirmed", False, False), (2, "Two alerts", "confirmed", True, True)]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("2026-09-03", "2026-09-04", "end 2026-09-03 -> 2026-09-04"),
        ("AUS:3/1", "AUS:3/2", "parts AUS women 1 -> 2"),
        ("AUS:3/1", "AUS:3/", "parts AUS women 1 -> blank"),
        ("2.1.1(a)*12", "2.1.1(a)*13", "kpis 2.1.1(a) 12 -> 13"),
        (";1.1.1(b)", "", "kpis 1.1.1(b) 1 -> blank"),
        ("ROCB;AUS", "ROCB", "parts AUS organises yes -> no"),
        ("4.25,20", "4.25,21", "respondents 20 -> 21"),
        ("RPSG:m", "RPSG:f", "parts RPSG head m -> f"),
        ("ROCB;AUS", "AUS", "parts ROCB organises yes -> blank"),
        ("FJI:2/", "FJI:2/;APVC:0/", "parts APVC takes_part blank -> yes, parts APVC participants blank -> 0"),
    ],
)
def test_whatever_differs_makes_a_version(file, before, after, said):
    take(file, FULL)
    assert take(file, FULL.replace(before, after)).splitlines() == [
        "Activities: 0 new, 1 changed, 0 unchanged; not decided yet.",
        f"row 2: W-1: changed, {said}",
    ]


@pytest.mark.parametrize(("stated", "found"), [("4.25,", (Decimal("4.25"), None)), (",20", (None, 20))])
def test_a_rating_and_its_respondents_may_each_be_stated_alone(file, stated, found):
    take(file, BARE.replace(",,\n", f",{stated}\n"))
    assert ActivityVersion.objects.values_list("rating", "respondents").get() == found


def test_spaces_inside_a_list_mean_nothing(file):
    take(file, FULL)
    spaced = (
        FULL.replace("AUS:3/1;FJI:2/", " AUS : 3 / 1 ; FJI: 2/ ")
        .replace("AUS:f;RPSG:m", "AUS: f ;RPSG :m")
        .replace("2.1.1(a)*12;", "2.1.1(a) * 12 ; ")
        .replace("ROCB;AUS", "ROCB ; AUS")
    )
    assert "0 new, 0 changed, 1 unchanged" in take(file, spaced)


def test_the_trace_says_from_what_to_what(cast, file):
    take(file, BARE, "--accept")
    take(file, BARE.replace("2026-10-01,,,,,", "2026-10-01,,ROCB,,2.1.1(a),"), "--by=ed@example.org")
    [_, entry] = AuditEntry.objects.order_by("pk")
    assert (entry.actor_name, entry.action, entry.object_type, entry.object_label) == (
        "Ed", "imported", "reporting.activity", "A-1",
    )  # fmt: skip
    part = {"organises": True, "contributes": False, "takes_part": False}
    assert entry.changes == {
        "parts": [{}, {"ROCB": {**part, "participants": None, "women": None, "head": ""}}],
        "kpis": [{}, {"2.1.1(a)": 1}],
        "decision": ["confirmed", "undecided"],
    }


def test_a_contested_part_stays_contested_in_a_new_version(organisations, file):
    take(file, FULL, "--accept")
    PartStatement.objects.create(
        activity=Activity.objects.get(),
        organisation=organisations.fiji,
        kind="contested",
        reason="Nobody went.",
        made_at=NOW,
    )
    take(file, FULL.replace("risk", "risks"), "--accept")
    found = ActivityPart.objects.filter(version__number=2).values_list("organisation__code", "contested")
    assert dict(found) == {"AUS": False, "FJI": True, "ROCB": False, "RPSG": False}


def test_a_dry_run_reports_the_same_and_writes_nothing(file):
    before = everything()
    dry = take(file, FULL + BARE, "--accept", "--dry-run")
    assert everything() == before
    assert dry == "Dry run, nothing is written:\n" + take(file, FULL + BARE, "--accept")


def test_links_that_count_for_nothing_are_told(file):
    kpi = Kpi.objects.get(code="2.1.1(a)")
    make_reading(kpi, valid_from=date(2027, 1, 1), **STATUS)
    rows = (
        "A-1,Alert,alert,2026-10-01,,,,1.1.1(a);2.1.1(a),,,,\n"
        "A-2,Alert,alert,2026-10-02,2027-01-01,,,1.1.1(a);2.1.1(a),,,,\n"
    )
    said = take(file, rows)
    assert said.splitlines() == [
        "Activities: 2 new, 0 changed, 0 unchanged; not decided yet.",
        "row 2: A-1: new",
        "row 3: A-2: new",
        "1.1.1(a) is not counted from activities; links to it that count for nothing: 2.",
        "2.1.1(a) is not counted from activities; links to it that count for nothing: 1.",
    ]
    assert take(file, rows, "--dry-run").splitlines()[1:] == [
        "Activities: 0 new, 0 changed, 2 unchanged; not decided yet.",
        *said.splitlines()[3:],
    ]


def test_kpis_are_those_of_the_plan(file):
    older = make_plan("rsp-2024-2026", 2024)
    milestone = Kpi.objects.first().milestone
    kpi = Kpi.objects.create(plan=older, code="9.9", position=1, milestone=milestone)
    make_reading(kpi, **ITEMS)
    row = "A-1,Alert,alert,2026-10-01,,,,9.9,,,,\n"
    [said] = refused(file, row)
    assert said == (
        "row 2, column kpis: There is no KPI “9.9” in this plan; one is named by its code, such as 1.1.3-2(a)."
    )
    take(file, row, "--plan=rsp-2024-2026")
    assert ActivityLink.objects.get().kpi == kpi


def test_links_to_kpis_of_other_plans_stay(file):
    older = make_plan("rsp-2024-2026", 2024)
    kpi = Kpi.objects.create(plan=older, code="2.1.1(a)", position=1, milestone=Kpi.objects.first().milestone)
    make_reading(kpi, **ITEMS)
    row = "A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*{},,,,\n"
    take(file, row.format(3), "--plan=rsp-2024-2026")

    assert take(file, row.format(3)).splitlines()[1:] == ["row 2: A-1: changed, kpis 2.1.1(a) blank -> 3"]
    assert "1 unchanged" in take(file, row.format(3))
    assert take(file, row.format(5)).splitlines()[1:] == ["row 2: A-1: changed, kpis 2.1.1(a) 3 -> 5"]
    assert take(file, BARE).splitlines()[1:] == ["row 2: A-1: changed, kpis 2.1.1(a) 5 -> blank"]
    names = ("version__number", "kpi__plan__code", "items")
    assert sorted(ActivityLink.objects.values_list(*names)) == [
        (1, "rsp-2024-2026", 3),
        (2, "rsp-2024-2026", 3), (2, "rsp-2026-2028", 3),
        (3, "rsp-2024-2026", 3), (3, "rsp-2026-2028", 5),
        (4, "rsp-2024-2026", 3),
    ]  # fmt: skip


# ---------------------------------------------------------------- what is refused

FORM = (
    "is not how participants are written; accepted are AUS:3/1 (3 of whom 1 woman), AUS:3/ (women not stated) "
    "and AUS (numbers not stated)."
)
KINDS = (
    "workshop, training, meeting, dialogue, operation, survey, report, alert, publication, mission, exchange or other"
)


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (",Alert,alert,2026-10-01,,,,,,,,", "reference", "It is blank, and must be stated."),
        ("A-1,,alert,2026-10-01,,,,,,,,", "title", "It is blank, and must be stated."),
        ("A-1,Alert,,2026-10-01,,,,,,,,", "kind", "It is blank, and must be stated."),
        ("A-1,Alert,alert,,,,,,,,,", "start", "It is blank, and must be stated."),
        (
            f"{'a' * 101},Alert,alert,2026-10-01,,,,,,,,",
            "reference", "The text has 101 characters; up to 100 are accepted.",
        ),
        (
            f"A-1,{'a' * 301},alert,2026-10-01,,,,,,,,",
            "title", "The text has 301 characters; up to 300 are accepted.",
        ),
        (
            'A-1,"Alert\nor not",alert,2026-10-01,,,,,,,,',
            "title", "The text has a control character, “\\n”; only one line of text may stand here.",
        ),
        ("A-1,Alert,party,2026-10-01,,,,,,,,", "kind", f"“party” is not accepted; say {KINDS}."),
        (
            "A-1,Alert,alert,2027-02-29,,,,,,,,",
            "start", "“2027-02-29” is not in the calendar; a date is written like 2027-06-30.",
        ),
        ("A-1,Alert,alert,1989-12-31,,,,,,,,", "start", "“1989-12-31” is out of range; a date is from 1990 to 2100."),
        (
            "A-1,Alert,alert,2026-10-01,1.11.26,,,,,,,",
            "end", "“1.11.26” is not a date; a date is written like 2027-06-30.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,2026-09-30,,,,,,,",
            "end", "2026-09-30 is before the start, 2026-10-01.",
        ),
        *(
            (
                f"A-1,Alert,alert,2026-10-01,,{'XXX,,,,' if column == 'organisers' else ',XXX,,,'},,",
                column, "There is no organisation “XXX”; one is named by its code, such as AUS.",
            )
            for column in ("organisers", "contributors")
        ),
        ("A-1,Alert,alert,2026-10-01,,AUS;AUS,,,,,,", "organisers", "“AUS” names what stands there already."),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1(a);2.1.1(a)*2,,,,",
            "kpis", "“2.1.1(a)*2” names what stands there already.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1,,,,",
            "kpis", "There is no KPI “2.1.1” in this plan; one is named by its code, such as 1.1.3-2(a).",
        ),
        ("A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*0,,,,", "kpis", "“0” is too small; 1 or more is accepted."),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*x,,,,",
            "kpis", "“x” is not a whole number; it is written in digits, such as 1250.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*,,,,",
            "kpis", "“” is not a whole number; it is written in digits, such as 1250.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*-1,,,,",
            "kpis", "“-1” is negative; a whole number of 0 or more is accepted.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,,,,2.1.1(a)*2147483648,,,,",
            "kpis", "“2147483648” is too large; up to 2147483647 is accepted.",
        ),
        *(
            (f"A-1,Alert,alert,2026-10-01,,,,,{text},,,", "participants", f"“{text}” {FORM}")
            for text in ("AUS:/1", "AUS:3", "AUS:-3/1", "AUS:3/1/1", "AUS:3.5/1", ":3/1", "AUS:\u0663/1")
        ),
        ("A-1,Alert,alert,2026-10-01,,,,,AUS:3/4,,,", "participants", "AUS: 4 women are more than 3 participants."),
        (
            "A-1,Alert,alert,2026-10-01,,,,,AUS:99999999999/4,,,",
            "participants", "“99999999999” is too large; up to 2147483647 is accepted.",
        ),
        (
            "A-1,Alert,alert,2026-10-01,,,,,AUS:3/1;AUS,,,",
            "participants", "“AUS” names what stands there already.",
        ),
        *(
            (
                f"A-1,Alert,alert,2026-10-01,,,,,,{text},,", "heads",
                f"“{text}” is not how a head is written; accepted are AUS:f (a woman) and AUS:m (a man).",
            )
            for text in ("AUS", "AUS:w", "AUS:F", ":f")
        ),
        *(
            (
                f"A-1,Alert,alert,2026-10-01,,,,,,,{text},20", "rating",
                f"“{text}” is not a rating; it is from 1 to 5 with up to two decimals, such as 4.25.",
            )
            for text in ("0.99", "5.01", "6", "4.125", "NaN", "-1", "10")
        ),
        ("A-1,Alert,alert,2026-10-01,,,,,,,4,0", "respondents", "“0” is too small; 1 or more is accepted."),
        (
            "A-1,Alert,alert,2026-10-01,,,,,,,4,1.5", "respondents",
            "“1.5” is not a whole number; it is written in digits, such as 1250.",
        ),
        ("A-2,Alert,alert,2026-10-01,,,,,,,,", "reference", "“A-2” stands in row 2 already."),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_written(file, row, column, sentence):
    good = "A-2,Alert,alert,2026-10-01,,,,,,,,\n"
    assert refused(file, f"{good}{row}\n") == [f"row 3, column {column}: {sentence}"]


def test_all_that_is_wrong_with_a_row_is_said_at_once(file):
    assert refused(file, "A-1,,x,2026-13-01,,XXX;YYY,,9,AUS:1/2,AUS,9,\n") == [
        "row 2, column start: “2026-13-01” is not in the calendar; a date is written like 2027-06-30.",
        "row 2, column title: It is blank, and must be stated.",
        f"row 2, column kind: “x” is not accepted; say {KINDS}.",
        "row 2, column rating: “9” is not a rating; it is from 1 to 5 with up to two decimals, such as 4.25.",
        "row 2, column organisers: There is no organisation “XXX”; one is named by its code, such as AUS.",
        "row 2, column organisers: There is no organisation “YYY”; one is named by its code, such as AUS.",
        "row 2, column participants: AUS: 2 women are more than 1 participants.",
        "row 2, column heads: “AUS” is not how a head is written; accepted are AUS:f (a woman) and AUS:m (a man).",
        "row 2, column kpis: There is no KPI “9” in this plan; one is named by its code, such as 1.1.3-2(a).",
    ]


def test_the_person_must_have_the_right(cast, file):
    assert refused(file, BARE, "--by=olga@example.org") == [
        "--by: olga@example.org does not have the right import.activities."
    ]
    assert refused(file, BARE, "--plan=x") == ["There is no plan x."]


def test_many_rows_take_as_many_queries_as_one(file, django_assert_max_num_queries):
    codes = [member.code for member in make_members(35)]
    for number in (1, 3, 35):
        rows = "".join(
            f"B-{number}-{index},Alert,alert,2026-10-01,,{codes[index]},,2.1.1(a),{codes[index]}:2/1,,4,9\n"
            for index in range(number)
        )
        for title, more in (("Alert", []), ("Alert", ["--accept"]), ("Alerts", ["--accept"])):
            file.write_text(ALL + rows.replace("Alert", title), encoding="utf-8")
            with django_assert_max_num_queries(40):
                run("import_activities", str(file), *more)


# ---------------------------------------------------------------- a long file


@pytest.mark.parametrize("looks_on", [True, False])
def test_who_looks_on_sees_how_far_a_long_file_is(file, monkeypatch, looks_on):
    class Errors(StringIO):
        def isatty(self) -> bool:
            return looks_on

    monkeypatch.setattr(base, "MANY", 2)
    monkeypatch.setattr(importing, "BATCH", 2)
    file.write_text(ALL + "".join(BARE.replace("A-1", f"A-{n}") for n in range(5)), encoding="utf-8")
    errors, said = Errors(), StringIO()
    call_command("import_activities", str(file), stdout=said, stderr=errors)
    assert said.getvalue().startswith("Activities: 5 new, 0 changed, 0 unchanged; not decided yet.\n")
    told = ["2 of 5 rows", "4 of 5 rows", "5 of 5 rows"]
    assert re.findall(r"\d of \d rows", errors.getvalue()) == (told if looks_on else [])


def test_what_a_file_has_no_column_for_stays_as_it_is(file):
    take(file, BARE)
    ActivityVersion.objects.update(place="Suva, Fiji", online=True)
    assert "0 new, 0 changed, 1 unchanged" in take(file, BARE)
    take(file, BARE.replace("Alert,", "Two alerts,"))
    newest = ActivityVersion.objects.latest("number")
    assert (newest.number, newest.title, newest.place, newest.online) == (2, "Two alerts", "Suva, Fiji", True)


def test_texts_come_through_the_quick_way_as_they_are(file, plan):
    """A head is a text, and not stated is none."""
    take(file, FULL)
    assert set(ActivityPart.objects.values_list("head", "participants", "women")) == {
        ("f", 3, 1), ("", 2, None), ("", None, None), ("m", None, None),
    }  # fmt: skip
    assert array(['a"b', "c\\d", "", None, 3, True]) == '{"a\\"b","c\\\\d","",NULL,3,True}'
