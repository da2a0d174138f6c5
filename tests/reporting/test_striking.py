"""What people wrote names no Member in documents that name none, as far as that can be told from the organisations."""

from dataclasses import replace

import pytest

from reporting.documents.making import FORMATS, Released
from reporting.documents.progress import document
from reporting.documents.source import Source
from reporting.facts import load_organisations
from reporting.models import Release
from reporting.pack.making import data_again
from reporting.report import checksum, from_json, to_json
from reporting.striking import INSTEAD, struck

from .papers import bare, text_of
from .region import NOW, org

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def organisations(stored_world, django_db_blocker):
    with django_db_blocker.unblock():
        return load_organisations().all


@pytest.mark.parametrize("called", [
    "Hong Kong", "hong kong, china", "Hong Kong China", "Macao", "Brunei", "BRUNEI DARUSSALAM", "Viet Nam", "Vietnam",
    "Lao P.D.R.", "Lao PDR", "Lao", "I.R.Iran", "Hong\nKong", "New  Zealand", "New\u00a0Zealand", "Papua New\r\nGuinea",
    "New\u200bZealand", "Timor-Leste", "Timor\u2011Leste", "Timor-\nLeste", "Timor Leste", "FJI", "P.R.China",
    "Laos", "Lao People's Democratic Republic", "South Korea", "Republic of Korea", "Macau",
    "Hong Kong SAR", "Islamic Republic of Iran", "Hongkong", "Sri-Lanka", "Papua-New-Guinea", "New_Zealand",
    "New%20Zealand", "TimorLeste", "Viet.Nam", "New\u2014Zealand", "New\u00adZealand",
    "Hong \u00adKong", "Timor\u2060Leste", "Fi\ufeffji",
    "Fi\u00adji", "F\u200dJI",
])  # fmt: skip
def test_a_name_is_found_however_it_is_written(organisations, called):
    assert struck(f"With {called}, it began.", organisations) == f"With {INSTEAD}, it began."
    assert struck(f"{called}'s plan", organisations) == f"{INSTEAD}'s plan"


@pytest.mark.parametrize("written", [
    "FJI_2027.xlsx", "report_FJI.pdf", "FJI2", "2027FJI", "Fiji2027", "Fiji_Customs", "files/FJI_report", "FJI-2027",
])  # fmt: skip
def test_a_name_is_found_beside_what_is_no_letter(organisations, written):
    expected = written.replace("FJI", INSTEAD).replace("Fiji", INSTEAD)
    assert struck(f"See {written}.", organisations) == f"See {expected}."


@pytest.mark.parametrize("other", [
    "fji", "FJ", "Indiana", "New ways", "Zealand", "the Islands", "Singaporean", "ROCB A/P", "TONNES", "Darussalam",
    "AUSTRAC", "Newzealandish",
])  # fmt: skip
def test_what_is_no_name_of_a_member_stays(organisations, other):
    assert struck(f"With {other}, it began.", organisations) == f"With {other}, it began."


def test_the_secretariat_adds_names_that_nobody_can_derive(world):
    found = org("FJI")
    found.also_known_as = "Viti; The Fijis"
    found.save(update_fields=["also_known_as"])
    assert struck("Viti came, the Fijis too.", load_organisations().all) == f"{INSTEAD} came, {INSTEAD} too."


def test_a_release_keeps_the_other_names_and_one_from_before_has_none(world):
    kept = {each.code: each.also_known_as for each in from_json(world.release.content).organisations}
    assert (kept["VNM"], kept["FJI"]) == ("Viet Nam", "")
    old = world.release.content.replace(',"also_known_as":"Viet Nam"', "")
    assert old != world.release.content
    assert {each.code: each.also_known_as for each in from_json(old).organisations}["VNM"] == ""


TITLE = "The visit to Hong  Kong"


@pytest.mark.parametrize("kind", FORMATS)
def test_titles_name_nobody_either(world, kind):
    report = from_json(world.release.content)
    report = replace(report, title=TITLE, returns=replace(report.returns, round="Round of Viet Nam"))
    about = Released(2, TITLE, "c0ffee", NOW.date())
    for named in (True, False):
        text = text_of(FORMATS[kind].write(document(Source(report, named, about, NOW.date()))), kind)
        assert (bare("Hong Kong") in text.replace(bare("Hong Kong, China"), "")) == named
        if kind != "xlsx":  # it does not say the round
            assert (bare("Viet Nam") in text) == named
        assert (bare(f"The visit to {INSTEAD}") in text) == (not named)


def test_the_data_name_nobody_in_their_title(world):
    report = replace(from_json(world.release.content), title=TITLE)
    kept = ("plan", "as_at", "basis", "published_at")
    facts = {name: getattr(world.release, name) for name in kept} | {
        "number": 9,
        "members_named": False,
        "title": TITLE,
    }
    content = to_json(report)
    found = data_again(Release(**facts, content=content, checksum=checksum(content)))
    assert f'"title":"The visit to {INSTEAD}"'.encode() in found["data/release.json"]
