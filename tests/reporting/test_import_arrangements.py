"""``import_arrangements``: all of a file or nothing; and what stands in the database afterwards."""

from datetime import date
from itertools import combinations
from pathlib import Path

import pytest
from django.core.management import call_command

from members.models import AuditEntry
from reporting.models import Arrangement, ArrangementVersion
from tests.reporting.builders import everything, make_members, refusal, run

ALL = "party_a,party_b,signed,in_force,ended,source,comment\n"
FULL = "FJI,AUS,2018-06,2019-02-22,2026-01-01,ABF,As stated\n"
PUBLIC = Path(__file__).parents[2] / "fixtures" / "source" / "arrangements_public.csv"


@pytest.fixture
def file(organisations, tmp_path):
    return tmp_path / "arrangements.csv"


def take(file, rows: str, *more: str, header: str = ALL) -> str:
    file.write_text(header + rows, encoding="utf-8")
    return run("import_arrangements", str(file), *more)


def refused(file, rows: str, *more: str) -> list[str]:
    file.write_text(ALL + rows, encoding="utf-8")
    sentences = refusal("import_arrangements", str(file), *more).splitlines()
    return [sentence.removeprefix(f"{file}, ") for sentence in sentences]


def speaking() -> list[tuple]:
    names = ("number", "signed", "decision", "accepted", "reported")
    return list(ArrangementVersion.objects.order_by("pk").values_list(*names))


def test_an_arrangement_is_stored_with_all_it_says(cast, organisations, file):
    said = take(file, FULL, "--by=ed@example.org")

    assert said == "Arrangements: 1 new, 0 changed, 0 unchanged; not decided yet.\nrow 2: FJI and AUS: new\n"
    pair = Arrangement.objects.get()
    assert (pair.party_a, pair.party_b) == (organisations.australia, organisations.fiji)
    stored = ArrangementVersion.objects.values().get()
    entered_at, pk = stored.pop("entered_at"), stored.pop("id")
    assert stored == {
        "arrangement_id": pair.pk,
        "number": 1,
        "signed": "2018-06",
        "in_force": date(2019, 2, 22),
        "ended": date(2026, 1, 1),
        "source": "ABF",
        "comment": "As stated",
        "plurilateral_id": None,
        "decision": "undecided",
        "accepted": False,
        "reported": True,
        "entered_by_id": cast.ed.pk,
        "decided_at": None,
        "decided_by_id": None,
        "decision_reason": "",
    }
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.object_type, entry.object_key, entry.object_label) == (
        "imported", "reporting.arrangement", "AUS-FJI", "Australia - Fiji",
    )  # fmt: skip
    assert entry.changes["in_force"] == [None, "2019-02-22"]
    assert entered_at <= entry.at
    assert pk == ArrangementVersion.objects.get().pk


def test_only_the_parties_are_needed_and_their_order_means_nothing(file):
    take(file, "AUS,FJI\n", header="party_a,party_b\n")
    assert "0 new, 0 changed, 1 unchanged" in take(file, "FJI,AUS\n", header="party_a,party_b\n")
    assert speaking() == [(1, "", "undecided", False, True)]


@pytest.mark.parametrize("more", [[], ["--accept"]])
def test_the_same_file_again_changes_nothing(file, more):
    take(file, FULL, *more)
    before = everything()
    assert take(file, FULL, *more).startswith("Arrangements: 0 new, 0 changed, 1 unchanged;")
    assert everything() == before


def test_over_a_confirmed_version_a_newer_one_waits(file):
    take(file, FULL)
    assert take(file, FULL, "--accept") == (
        "Arrangements: 0 new, 1 changed, 0 unchanged; confirmed at once.\n"
        "row 2: FJI and AUS: changed, decision undecided -> confirmed\n"
    )
    newer = FULL.replace("2018-06", "2018-06-28")
    assert take(file, newer) == (
        "Arrangements: 0 new, 1 changed, 0 unchanged; not decided yet.\n"
        "row 2: FJI and AUS: changed, signed 2018-06 -> 2018-06-28, decision confirmed -> undecided\n"
    )
    assert speaking() == [
        (1, "2018-06", "confirmed", True, False),
        (2, "2018-06-28", "undecided", False, True),
    ]
    take(file, newer, "--accept")
    assert speaking() == [
        (1, "2018-06", "confirmed", False, False),
        (2, "2018-06-28", "confirmed", True, True),
    ]


def test_a_dry_run_reports_the_same_and_writes_nothing(file):
    before = everything()
    dry = take(file, FULL, "--accept", "--dry-run")
    assert everything() == before
    assert dry == "Dry run, nothing is written:\n" + take(file, FULL, "--accept")


@pytest.mark.django_db
def test_the_public_sample_comes_in():
    call_command("loaddata", "organisations", verbosity=0)
    said = run("import_arrangements", str(PUBLIC), "--accept")
    assert said.startswith("Arrangements: 43 new, 0 changed, 0 unchanged; confirmed at once.\n")
    assert ArrangementVersion.objects.filter(accepted=True, in_force__isnull=False).count() == 7


@pytest.mark.parametrize(
    "dates",
    ["2018,2018-01-01,", "2018-06,2018-06-15,", "2018-06-28,2018-06-28,2018-06-28", "2019,,2019-12-31", ",,2019-12-31"],
)
def test_dates_that_may_be_right_are_taken(file, dates):
    assert "1 new" in take(file, f"AUS,FJI,{dates},,\n")


@pytest.mark.parametrize(
    ("row", "column", "sentence"),
    [
        (",FJI,,,,,", "party_a", "It is blank, and must be stated."),
        ("AUS,,,,,,", "party_b", "It is blank, and must be stated."),
        ("XXX,FJI,,,,,", "party_a", "There is no organisation “XXX”; one is named by its code, such as AUS."),
        ("AUS,ROCB,,,,,", "party_b", "ROCB is not a Member; an arrangement is between two Members."),
        ("AUS,AUS,,,,,", "party_b", "Both parties are AUS; an arrangement is between two different Members."),
        (
            "AUS,FJI,June 2018,,,,", "signed",
            "“June 2018” is not a date; 2018, 2018-06 and 2018-06-28 are accepted.",
        ),
        (
            "AUS,FJI,2018-6,,,,", "signed",
            "“2018-6” is not a date; 2018, 2018-06 and 2018-06-28 are accepted.",
        ),
        (
            "AUS,FJI,2018-13,,,,", "signed",
            "“2018-13” is not in the calendar; 2018, 2018-06 and 2018-06-28 are accepted.",
        ),
        ("AUS,FJI,1889,,,,", "signed", "“1889” is out of range; a date is from 1990 to 2100."),
        ("AUS,FJI,,2018-06,,,", "in_force", "“2018-06” is not a date; a date is written like 2027-06-30."),
        ("AUS,FJI,2018-06,2018-05-31,,,", "in_force", "2018-05-31 is before the signing, 2018-06-01."),
        ("AUS,FJI,,2018-06-02,2018-06-01,,", "ended", "2018-06-01 is before the start, 2018-06-02."),
        ("AUS,FJI,2018-07,,2018-06-01,,", "ended", "2018-06-01 is before the start, 2018-07-01."),
        (f"AUS,FJI,,,,{'a' * 301},", "source", "The text has 301 characters; up to 300 are accepted."),
    ],
)  # fmt: skip
def test_a_bad_row_is_named_and_nothing_is_written(file, row, column, sentence):
    assert refused(file, f"{row}\n") == [f"row 2, column {column}: {sentence}"]


def test_the_same_pair_twice_names_both_rows(file):
    twice = "row 3, columns party_a and party_b: “AUS” and “FJI” stand in row 2 already."
    assert refused(file, FULL + "AUS,FJI,,,,,\n") == [twice]
    assert refused(file, FULL.replace("2018-06", "May") + "AUS,FJI,,,,,\n")[1:] == [twice]


def test_the_person_must_have_the_right(cast, file):
    assert refused(file, FULL, "--by=fay@example.org") == [
        "--by: fay@example.org does not have the right import.arrangements."
    ]


def test_many_rows_take_as_many_queries_as_one(file, django_assert_max_num_queries):
    pairs = [f"{a.code},{b.code}" for a, b in combinations(make_members(9), 2)]
    for number in (1, 3, 35):
        for year, more in (("2018", []), ("2018", ["--accept"]), ("2019", ["--accept"])):
            file.write_text(ALL + "".join(f"{pair},{year},,,,\n" for pair in pairs[:number]), encoding="utf-8")
            with django_assert_max_num_queries(26):
                run("import_arrangements", str(file), *more)
