"""Workbooks whose hidden sheet or keys somebody forged: each is refused with a sentence, and none ends in an error of
the site."""

import pytest
from django.core.exceptions import ValidationError

from reporting.workbook.layout import Part
from reporting.workbook.reading import STAMP_CHANGED

from .looks import words
from .test_workbook_in import OTHER, STATUS, compared, save_in_the_browser
from .test_workbook_in_damaged import stamped
from .test_workbook_in_pages import UPLOAD, form_of, uploaded
from .test_workbook_in_records import NEW_ONE
from .workbooks import edited, filled, sent_out


@pytest.fixture
def sent(world) -> bytes:
    return filled(sent_out(world), **{STATUS: {"answer": "In place"}})


FORGED = {
    "a format of very many digits": ("format", "9" * 5_000),
    "an amendment of very many digits": ("amendment", "9" * 5_000),
    "an amendment below none": ("amendment", "-1"),
    "a moment without its zone": ("made_at", "2027-06-30T12:00:00"),
    "a moment before all": ("made_at", "0001-01-01T00:00:00+14:00"),
    "a moment after all": ("made_at", "9999-12-31T23:59:59-12:00"),
}


@pytest.mark.parametrize("trouble", FORGED)
def test_a_forged_stamp_is_said(world, sent, sign_in, trouble):
    name, said = FORGED[trouble]
    refused = uploaded(sign_in(world.people.connie), stamped(sent, name, said), path=UPLOAD)
    assert refused.status_code == 422
    assert STAMP_CHANGED in words(refused.content.decode())


@pytest.mark.parametrize("key", ["new:@x", "new:1.1.1(b)", "@2026", "1.1.1(b)@20x6", "new:", OTHER + "@2026"])
def test_a_forged_key_is_said_at_its_row(world, sent, key):
    with edited(sent) as book:
        about = book.book["_about"]
        about.append(["answer", key, "token", "digest"])
        book.put(STATUS, key=key)
    found = compared(world, book.content)
    assert len(found.problems) == 1
    assert not found.does_something


def test_a_key_that_the_stamp_has_no_state_of_is_compared_with_what_is_there(world, sent):
    save_in_the_browser(world, STATUS, "planned")
    with edited(sent) as book:
        about = book.book["_about"]
        row = next(row for row in about.iter_rows() if row[1].value == STATUS)
        row[2].value = row[3].value = None
    found = compared(world, book.content)
    assert found.problems == []
    assert [line.key for line in found.conflicts] == [f"answer:{STATUS}"]
    with pytest.raises(ValidationError):
        compared(world, stamped(sent, "round", ""))


NEW_KEYS = {
    "another's": ("new:ROCB-2028-W1", "is no key of this workbook"),
    "none": ("new:", "is no key of this workbook"),
    "very long": ("new:FJI-" + "x" * 5_000, "The text has 5004 characters; up to 100 are accepted."),
    "turned": ("new:FJI-\u202e<b>", "U+202E"),
}


def with_new_key(world, key: str) -> bytes:
    with edited(sent_out(world)) as book:
        sheet = book.sheet_for(Part.ACTIVITY)
        names = book.names(sheet)
        for name, said in (NEW_ONE | {"key": key}).items():
            sheet.cell(9, names[name]).value = said
    return book.content


@pytest.mark.parametrize("forged", NEW_KEYS)
def test_a_forged_reference_of_a_new_activity_is_refused(world, sign_in, forged):
    key, sentence = NEW_KEYS[forged]
    looked = uploaded(sign_in(world.people.connie), with_new_key(world, key), path=UPLOAD)
    assert looked.status_code == 422
    assert sentence in words(looked.content.decode())


@pytest.mark.parametrize("key", ["new:FJI-a/b?c#d", "new:FJI-a-b;c*d"])
def test_an_odd_reference_of_ones_own_does_no_harm(world, sign_in, key):
    client = sign_in(world.people.connie)
    looked = uploaded(client, with_new_key(world, key), path=UPLOAD)
    assert "Taken over: 1 new" in words(client.post(f"{UPLOAD}confirm/", form_of(looked), follow=True).content.decode())
